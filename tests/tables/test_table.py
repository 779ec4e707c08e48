"""Reading tables: every row arrives, as the double Python would make of it."""

import gzip
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadweights.errors import TableError
from leadweights.tables.open import check_names, open_table, parse_table
from leadweights.tables.table import Table


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


def read(path: Path, content: str, keys: tuple[str, ...] = ()) -> Table:
    path.write_bytes(content.encode())
    return open_table(path, keys)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter: str, path: Path) -> None:
    table = read(path, "id,b c,d\n1,2.5,x\n".replace(",", delimiter))
    assert table.types == {"id": "BIGINT", "b c": "DOUBLE", "d": "VARCHAR"}


def test_rows_that_look_like_comments_are_rows(path: Path) -> None:
    table = read(path, "id,a\n#1,1\n#2,2\n3,3\n")
    assert table.values("id") == ["#1", "#2", "3"]


def test_a_file_of_one_column_keeps_its_blank_lines_as_missing(path: Path) -> None:
    table = read(path, "a\n1\n\n2\nx\n")
    assert table.values("a") == ["1", None, "2", "x"]
    assert table.place(3) == "line 5"


def test_line_ends_byte_order_marks_and_quotes_are_understood(path: Path) -> None:
    table = read(path, '\ufeff"a ""b"""' + ',c\r\n1,"x\r\ny"\r\n\r\n2,z\r\n')
    assert list(table.types) == ['a "b"', "c"]
    assert table.values("c") == ["x\r\ny", "z"]
    assert table.place(1) == "line 5"


def test_only_the_words_true_and_false_are_flags(path: Path) -> None:
    table = read(path, "a,b,c,d\ntrue,yes,t,1\nFALSE,no,f,0\n,,,2\n")
    assert table.types == {"a": "BOOLEAN", "b": "VARCHAR", "c": "VARCHAR", "d": "BIGINT"}
    assert np.array_equal(table.numbers(["a"])["a"], [1, 0, np.nan], equal_nan=True)


def test_keys_are_text_in_text_files(path: Path) -> None:
    table = read(path, "id,a\n007,1\n08,2\n", keys=("id",))
    assert table.values("id") == ["007", "08"]


@settings(max_examples=100)
@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=20))
def test_doubles_arrive_bit_for_bit(values: list[float | None]) -> None:
    frame = pd.DataFrame({"a": pd.array(values, dtype=object)})
    found = open_table(frame.astype({"a": "Float64"})).numbers(["a"])["a"]
    expected = np.array([np.nan if v is None else v for v in values])
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    assert same.all()
    zero = found == 0
    assert np.array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize(
    ("sql_type", "text", "expected"),
    [
        ("TINYINT", "-128", -128.0),
        ("UTINYINT", "255", 255.0),
        ("BIGINT", "9007199254740993", 9007199254740992.0),
        ("UBIGINT", "18446744073709551615", 18446744073709551616.0),
        ("HUGEINT", "9007199254740993", 9007199254740992.0),
        ("DECIMAL(18,4)", "0.1", 0.1),
        ("DECIMAL(38,10)", "9007199254740993.0000000001", 9007199254740994.0),
        ("FLOAT", "0.1", float(np.float32(0.1))),
        ("DOUBLE", "0.1", 0.1),
        ("BOOLEAN", "true", 1.0),
    ],
)
def test_every_numeric_type_becomes_the_nearest_double(
    sql_type: str, text: str, expected: float, tmp_path: Path
) -> None:
    path = tmp_path / "leads.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT CAST(v AS {sql_type}) AS a FROM (VALUES ('{text}'), (NULL)) AS t(v)) "
        f"TO '{path}' (FORMAT parquet)"
    )
    found = open_table(path).numbers(["a"])["a"]
    assert found[0] == expected
    assert np.isnan(found[1])


def test_rows_keep_their_order_and_number(path: Path) -> None:
    count = 300_000
    path.write_text("a\n" + "\n".join(map(str, range(count))) + "\n")
    table = open_table(path)
    assert table.rows == count
    assert np.array_equal(table.numbers(["a"])["a"], np.arange(count))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", ""], "column 2 has no name"),
        (["a", "b", "a"], "column 'a' stands twice"),
        (["É", "é"], "columns 'É' and 'é' differ in case only"),
    ],
)
def test_names_that_sql_cannot_tell_apart_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        check_names(names, "t")


@pytest.mark.parametrize("name", ["leads.parquet", "leads.csv.gz", "leads.jsonl"])
def test_a_broken_file_gets_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8bnot what it says")
    with pytest.raises(TableError) as refused:
        open_table(tmp_path / name)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_with_a_line_break_of_another_kind_is_named(path: Path) -> None:
    with pytest.raises(TableError, match=r"the column name 'a\\nb' holds a line break"):
        read(path, '"a\nb",c\r\n1,2\r\n3,4\r\n')


def test_scoring_is_not_told_of_a_dictionary(path: Path) -> None:
    table = read(path, "a\n1\nx\n3\n")
    with pytest.raises(TableError) as refused:
        table.require_number("a")
    assert str(refused.value).endswith("line 3; mend the value or leave it empty")


def test_a_number_where_text_is_needed_is_told_what_would_do(path: Path) -> None:
    with pytest.raises(TableError, match="must hold text, not DOUBLE; cast it to text, or learn"):
        read(path, "a\n1.5\n").require_text("a")


@pytest.mark.parametrize(("place", "word"), [(-8, "CRC"), (-4, "length")])
def test_a_gzip_file_with_a_wrong_checksum_or_length_is_refused(
    place: int, word: str, tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv.gz"
    whole = bytearray(gzip.compress(b"a,b\n1,2\n"))
    whole[place] ^= 1
    path.write_bytes(whole)
    with pytest.raises(TableError, match=f"leads.csv.gz: the gzip file is damaged .*{word}"):
        open_table(path)


def test_tables_open_at_the_same_time_do_not_see_each_other(tmp_path: Path) -> None:
    one = open_table(pd.DataFrame({"a": [1.5]}))
    two = read(tmp_path / "two.csv", "a,b\n2,x\n")
    three = parse_table({"a": ("FLOAT", ["0.1"])}, "three")
    tables = (one, two, three)
    found = [table.select("SELECT a FROM leads")["a"].tolist() for table in tables]
    assert found == [[1.5], [2], [float(np.float32(0.1))]]
    assert [table.types["a"] for table in tables] == ["DOUBLE", "BIGINT", "FLOAT"]
