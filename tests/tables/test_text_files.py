"""Text files as spreadsheets and CRMs export them: read as what they are, or refused by name."""

import csv
import gzip
import io
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.tables.open import open_table
from tests.support.hostile import fuzz

TEXT = "id;Straße;spend\n1;Köln;2.5\n2;Łódź;-3\n3;;4\n"
VALUES = [(1, "Köln", 2.5), (2, "Łódź", -3.0), (3, None, 4.0)]
WESTERN = TEXT.replace("Łódź", "Zürich")


def write(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\n\nsep=;\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_line_that_tells_the_delimiter_is_no_row(
    first: str, encoding: str, tmp_path: Path
) -> None:
    table = open_table(write(tmp_path, (first + TEXT).encode(encoding)))
    assert (list(table.types), table.all_values()) == (["id", "Straße", "spend"], VALUES)
    assert table.place(0) == f"line {first.count(chr(10)) + 2}"


@pytest.mark.parametrize("mark", "^:~\t|")
def test_a_delimiter_that_is_told_is_taken(mark: str, tmp_path: Path) -> None:
    text = f"sep={mark}\n" + "a;b;c,d\n1;2;x\n3;4;y\n".replace(";", mark)
    names, *rows = csv.reader(io.StringIO(text.split("\n", 1)[1]), delimiter=mark)
    table = open_table(write(tmp_path, text), names)
    assert table.all_values() == [tuple(row) for row in rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_what_tells_its_encoding_is_read(
    encoding: str, ending: str, tmp_path: Path, temporary: Path
) -> None:
    content = TEXT.encode(encoding)
    if ending == ".csv.gz":
        content = gzip.compress(content)
    table = open_table(write(tmp_path, content, f"leads{ending}"))
    assert table.all_values() == VALUES
    assert table.types == {"id": "BIGINT", "Straße": "VARCHAR", "spend": "DOUBLE"}
    del table
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1", "iso-8859-15", "cp850"])
def test_another_encoding_is_never_guessed_but_can_be_said(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path, WESTERN.encode(encoding))
    byte = "ß".encode(encoding)[0]
    with pytest.raises(
        lw.TableError, match=rf"byte {byte:#04x} on line 1\).*--encoding windows-1252"
    ):
        open_table(path)
    found = open_table(lw.File(path, encoding=encoding)).all_values()
    assert [row[1] for row in found] == ["Köln", "Zürich", None]


def test_a_byte_far_down_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, b"a;b\n" + b"1;x\r\n" * 300_000 + b"2;caf\xe9\n")
    with pytest.raises(lw.TableError, match=r"byte 0xe9 on line 300002\)"):
        open_table(path)


def test_an_encoding_that_is_not_that_of_the_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT)
    with pytest.raises(lw.TableError, match=r"is UTF-8 text, not windows-1252"):
        open_table(lw.File(path, encoding="windows-1252"))
    path = write(tmp_path, b"a;b\n1;\x81\n")
    with pytest.raises(lw.TableError, match=r"byte 0x81 on line 2"):
        open_table(lw.File(path, encoding="windows-1252"))
    marked = write(tmp_path, TEXT.encode("utf-16"))
    assert open_table(lw.File(marked, encoding="windows-1252")).all_values() == VALUES


@pytest.mark.parametrize("name", ["hex", "windows-9999", "", "idna2"])
def test_what_is_no_encoding_is_refused(name: str) -> None:
    with pytest.raises(lw.UnsupportedError, match="there is no encoding"):
        lw.File("leads.csv", encoding=name)


@fuzz(60)
@given(data=st.data())
def test_lines_may_end_in_any_way(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cells = st.text("ab1 ;\"'ä\n\r", min_size=1, max_size=5)
    rows = data.draw(st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
    text = ""
    for row in [("first", "second"), *rows]:
        with io.StringIO(newline="") as file:
            end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
            csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator=end).writerow(row)
            text += file.getvalue()
    path = write(tmp_path_factory.mktemp("ends"), text)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert open_table(path, expected[0]).all_values() == [tuple(row) for row in expected[1:]]


FOOTERS = [
    ("Total;;1234\n", 1),
    ("Summe:;;1.234,50\n", 1),
    ("Grand Total;;$ 1,234\n", 1),
    (";Total;99\n", 1),
    ("Total;;1234\nGenerated by Ann on 2026-01-02;;\n", 2),
    ("Rows: 3\n", 1),
    ("\nRows: 3\nGenerated by Ann\n", 2),
    ("Generated by Ann;;\n", 1),
    ("3 records\n", 1),
    ("\n\nConfidential Information - Do Not Distribute\nCopyright (c) 2026 Acme\n", 2),
]


@pytest.mark.parametrize(("footer", "lines"), FOOTERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_footer_is_named_and_skipped(
    footer: str, lines: int, encoding: str, tmp_path: Path
) -> None:
    path = write(tmp_path, (TEXT + footer).encode(encoding))
    line = 5 + len(footer) - len(footer.lstrip("\n"))
    with pytest.raises(lw.TableError, match=rf"line {line} .*--skip-footer {lines} \("):
        open_table(path)
    assert open_table(lw.File(path, skip_footer=lines)).all_values() == VALUES


@pytest.mark.parametrize(
    "last",
    [
        "4;Total;5\n",  # a place called so
        "4;Summe der Teile;5\n",
        "Totally;Köln;5\n",
        "Total;Köln;5\n",
        "3;Rows: 4;5\n",
    ],
)
def test_a_row_of_the_table_is_no_footer(last: str, tmp_path: Path) -> None:
    assert open_table(write(tmp_path, TEXT + last)).rows == 4


def test_a_level_that_other_rows_have_is_no_total(tmp_path: Path) -> None:
    rows = "plan;visits\nTotal;1\nBasic;2\nTotal;3\n"
    assert open_table(write(tmp_path, rows)).rows == 3
    with pytest.raises(lw.TableError, match="line 3 "):
        open_table(write(tmp_path, "plan;visits\nBasic;2\nTotal;3\n"))


def test_a_row_too_short_in_the_middle_is_no_footer(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b;c\n1;2;3\n4;5\n" + "6;7;8\n" * 30)
    with pytest.raises(lw.TableError, match=r"line 3 has 2 values, the header has 3$"):
        open_table(path)


CONTENTS: list[tuple[bytes, str]] = [
    (b"<html><body><table><tr><td>1</td></tr></table>", "an HTML page"),
    (b"\xef\xbb\xbf\n <!DOCTYPE html><table>", "an HTML page"),
    ("<table>".encode("utf-16"), "an HTML page"),
    (b"%PDF-1.7\n", "a PDF document"),
    (b"PAR1" + bytes(20), "a Parquet file; rename it to end in .parquet"),
    (b'{"visits": 1}\n{"visits": 2}\n', "JSON lines; rename it to end in .jsonl"),
    (b'[{"visits": 1}]', "JSON; write one object a line"),
    (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "a table of Excel 2003 in XML",
    ),
]


@pytest.mark.parametrize(("content", "what"), CONTENTS)
@pytest.mark.parametrize("ending", ["csv", "xls", "xlsx"])
def test_a_file_that_is_another_is_named_as_what_it_is(
    content: bytes, what: str, ending: str, tmp_path: Path
) -> None:
    with pytest.raises(lw.TableError, match=rf"leads\.{ending}: by its content it is {what}"):
        open_table(write(tmp_path, content, f"leads.{ending}"))


def test_text_that_is_called_a_workbook_is_named(tmp_path: Path) -> None:
    with pytest.raises(lw.TableError, match=r"it is text; rename it to end in \.csv"):
        open_table(write(tmp_path, "a\tb\n1\t2\n", "leads.xls"))


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_what_has_no_footer_has_none_to_skip(ending: str, tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n', f"leads.{ending}")
    with pytest.raises(lw.UnsupportedError, match="has no footer to skip"):
        open_table(lw.File(path, skip_footer=1))


@pytest.mark.parametrize("cut", [None, -1])
def test_no_copy_stays_after_an_error(cut: int | None, tmp_path: Path, temporary: Path) -> None:
    path = write(tmp_path, "a;b\n1;2\n3;4;5\n".encode("utf-16")[:cut])
    said = ""
    try:
        open_table(path)
    except lw.TableError as problem:
        said = str(problem)
    assert "leads.csv" in said
    assert not list(temporary.iterdir())


def test_a_command_that_is_ended_leaves_no_copy(tmp_path: Path, temporary: Path) -> None:
    write(tmp_path, "a;b\n1;2\n".encode("utf-16"))
    code = (
        "import os; from leadweights.tables.open import open_table; "
        "from leadweights.files.temporary import remove_held_folders; "
        f"table = open_table({str(tmp_path / 'leads.csv')!r}); "
        f"print(len(os.listdir({str(temporary)!r}))); remove_held_folders(); os._exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, list(temporary.iterdir())) == (3, [])


@pytest.mark.parametrize(
    ("footer", "lines"),
    [(",,,\n", 1), (" , ,,\n,,,\n", 2), (",,,\nTotal,,9,3\n", 2), ("Total,,9,3\n,,,\n", 2)],
)
def test_rows_of_delimiters_alone_at_the_end_are_no_rows(
    footer: str, lines: int, tmp_path: Path
) -> None:
    path = write(tmp_path, "a,b,c,d\nx,1,2,3\ny,4,5,6\n" + footer)
    with pytest.raises(lw.TableError, match=rf"line 4 is no row .*--skip-footer {lines} \("):
        open_table(path)
    assert open_table(lw.File(path, skip_footer=lines)).rows == 2
    # Before other rows, and in a narrow table, it is a row of missing values.
    assert open_table(write(tmp_path, "a,b,c,d\nx,1,2,3\n,,,\ny,4,5,6\n")).rows == 3
    assert open_table(write(tmp_path, "a,b\nx,1\n,\n")).rows == 2


@pytest.mark.parametrize("title", ["Leads of March\n", "# exported by Ann\n", "Leads of March,,\n"])
def test_a_title_above_the_names_is_named(title: str, tmp_path: Path) -> None:
    path = write(tmp_path, title + "a,b,c\nx,1,2\n")
    with pytest.raises(lw.TableError, match=r"title.* delete it, as the .* names"):
        open_table(path)


LINES = '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "y"}\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" + LINES.strip().replace("\n\n", ",\n").encode() + b"]", "and is one list of them"),
        (b'[\n  {"a": 1},\n  {"a": 2}\n]\n', "and is one list of them"),
        (LINES.encode() + b'{"a": \n', "and line 4 is none"),
        (LINES.encode() + b'{"a": 1} {"a": 2}\n', "and line 4 is none"),
        (LINES.encode() + b'{"a": 3, "A": 4}\n', "columns 'a' and 'A' on line 4 differ in case"),
        (b"\xef\xbb\xbf" + LINES.encode(), "it has a byte order mark; save it as plain UTF-8"),
        (LINES.encode("utf-16"), "it has UTF-16 text; save it as plain UTF-8"),
    ],
)
def test_lines_that_are_no_json_are_told_by_their_line(
    content: bytes, said: str, tmp_path: Path
) -> None:
    assert open_table(write(tmp_path, LINES, "leads.jsonl")).rows == 2
    with pytest.raises(lw.TableError, match=said):
        open_table(write(tmp_path, content, "leads.jsonl"))


def test_a_database_of_duckdb_called_otherwise_is_named(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "leads.duckdb")).close()
    (tmp_path / "leads.duckdb").rename(tmp_path / "leads.csv")
    with pytest.raises(lw.TableError, match=r"it is a database of DuckDB; .*--table"):
        open_table(tmp_path / "leads.csv")
