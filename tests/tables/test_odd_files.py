"""Files with odd names and damaged ones: exactly that file is read, or one line says why not."""

import gzip
import os
import random
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from leadweights.errors import DictionaryError, LeadweightsError, TableError
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.tables.open import connect, open_table, stage

NAMES = [
    *("[ab].csv", "a?.csv", "*.csv", "**.csv", "a*b.csv", "{a,b}.csv", "~.csv", "~root", "-x.csv"),
    *(
        "a 'b\".csv",
        "new\nline.csv",
        "s3:x.csv",
        "x.csv?x=1",
        "x%20y.csv",
        "é.csv",
        "#x.csv",
        "a;b",
    ),
    *("a\\b.csv", "a\\\\b.csv", "a\\", "s3:/x/y.csv", "http:/x/y.csv", "a=1/b=2.csv", "$HOME.csv"),
]
NOT_UTF8 = os.fsdecode(b"caf\xe9.csv")
REFUSED = ["a\\*b.csv", "a\\[b.csv", "[a\\b].csv", "a\\?.csv", "a\\/*.csv", NOT_UTF8]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["", ".parquet", ".jsonl"])
def test_exactly_the_file_that_is_named_is_read(name: str, ending: str, tmp_path: Path) -> None:
    for other in ("a.csv", "b.csv", "axxb.csv", "aa.csv", "x.csv"):
        write(tmp_path / f"{other}{ending}", "v,w\n9,9\n")
    path = tmp_path / f"{name}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"v": [1], "w": [2]})
    match ending:
        case "":
            frame.to_csv(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
        case _:
            frame.to_json(path, orient="records", lines=True)
    table = open_table(path)
    assert (list(table.types), table.all_values()) == (["v", "w"], [(1, 2)])


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_duckdb_would_take_for_another_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / "axxb.csv", "v\n9\n")
    with pytest.raises(TableError, match=r"its name .*; rename it"):
        open_table(write(tmp_path / name, "v\n1\n"))


@pytest.mark.parametrize("name", ["ftp://bucket/x.csv", "hf://datasets/x.csv", "/dev/null"])
def test_what_is_no_file_is_not_fetched(name: str) -> None:
    with pytest.raises(TableError, match=r"no such file|not a regular file"):
        open_table(name)


def damaged(whole: bytes) -> list[bytes]:
    chance = random.Random(13)
    found = [b"PAR1", b"PAR1" * 3, whole[4:], gzip.compress(whole)]
    found += [whole[: chance.randrange(1, len(whole))] for _ in range(20)]
    for _ in range(200):
        changed = bytearray(whole)
        for _ in range(chance.choice([1, 5, 30])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        found.append(bytes(changed))
    # A name of a column that is no text.
    return [*found, whole.replace(b"naming", b"nam\xff\xfeg")]


def test_damaged_parquet_gets_one_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    pd.DataFrame({"naming": ["x", "y"] * 20, "b": range(40)}).to_parquet(path)
    refused = 0
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        said = ""
        try:
            open_table(path).all_values()
        except LeadweightsError as problem:
            said = str(problem)
            refused += 1
        assert "\n" not in said
    assert refused > 50


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM outside()",
        "SELECT content FROM read_text('{file}')",
    ],
)
def test_a_view_in_a_database_reads_nothing_else(sql: str, tmp_path: Path) -> None:
    file = write(tmp_path / "other.csv", "a,label\n1,0\n")
    path = tmp_path / "leads.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE leads AS SELECT 1 AS a")
        made.execute("CREATE VIEW own AS FROM leads")
        made.execute(f"CREATE MACRO outside() AS TABLE SELECT * FROM read_csv('{file}')")
        made.execute(f"CREATE VIEW other AS {sql.format(file=file)}")
    for name in ("leads", "own"):
        with connect(tmp_path / "spill") as connection:
            assert stage(path, name, connection, tmp_path / "copy").all_values() == [(1,)]
    with (
        connect(tmp_path / "spill") as connection,
        pytest.raises(TableError, match=r"other in .* reads other files"),
    ):
        stage(path, "other", connection, tmp_path / "copy")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *(("0x10", "VARCHAR"), ("0X1F", "VARCHAR"), ("0b1", "VARCHAR"), ("1_000", "VARCHAR")),
        *(("-007", "VARCHAR"), ("00012", "VARCHAR"), ("-00.5", "VARCHAR"), ("00", "VARCHAR")),
        *(("+5", "VARCHAR"), ("١٢", "VARCHAR"), ("１２", "VARCHAR"), ("01e3", "VARCHAR")),
        *(
            ("-0", "BIGINT"),
            ("0", "BIGINT"),
            (" 0", "BIGINT"),
            ("-10", "BIGINT"),
            ("100", "BIGINT"),
        ),
        *((".5", "DOUBLE"), ("5.", "DOUBLE"), ("-0.5", "DOUBLE"), ("0e5", "DOUBLE")),
        *(("1e400", "DOUBLE"), ("nan", "DOUBLE")),
    ],
)
def test_a_number_in_a_text_file_is_written_as_one(cell: str, kind: str, tmp_path: Path) -> None:
    for other in ("1", "2.5"):
        expected = "DOUBLE" if kind == "BIGINT" and other == "2.5" else kind
        for rows in ([cell, other], [other, cell], [*[other] * 3000, cell]):
            text = "".join(f"{value}\tx\n" for value in ("a", *rows))
            assert open_table(write(tmp_path / "leads.csv", text)).types["a"] == expected


@pytest.mark.parametrize("digits", [309, 401, 5000])
@pytest.mark.parametrize("text", ["[a]\nmissing = {}", "[a]\nfill = {}", "[a]\nrange = [0, {}]"])
def test_a_number_too_long_for_a_double_is_refused(text: str, digits: int, tmp_path: Path) -> None:
    path = write(tmp_path / "dictionary.toml", text.format("9" * digits))
    with pytest.raises(DictionaryError) as refused:
        read_dictionary(path)
    assert "\n" not in str(refused.value)
