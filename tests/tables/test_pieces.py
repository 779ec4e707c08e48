"""A long table is read once, however many pieces are made of it."""

from pathlib import Path

import duckdb
import pytest

from leadweights.errors import TableError
from leadweights.tables.open import open_table
from leadweights.tables.pieces import cut, seekable

COLUMNS = (
    "i, i / 7 AS x, 'n' || i AS name, DATE '2024-01-01' + i::INTEGER AS day, i % 2 = 0 AS flag"
)
WANTED = ("i", "X", "name", "day")


def written(folder: Path, ending: str) -> Path:
    path = folder / f"rows{ending}"
    with duckdb.connect() as connection:
        rows = connection.sql(f"SELECT {COLUMNS} FROM range(1000) AS t(i)")
        if ending == ".jsonl":
            rows.query("rows", f"COPY rows TO '{path}' (FORMAT json)")
        else:
            (rows.write_parquet if ending == ".parquet" else rows.write_csv)(str(path))
    return path


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_text_file_is_read_once_for_all_pieces(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, ending)
    table = open_table(path)
    expected = table.derive('"i", "x", "name", "day"').all_values()
    with seekable(table, path, 300, WANTED) as rows:
        path.unlink()
        assert (rows.name, rows.rows) == (str(path), 1000)
        found = [(after, piece.rows, piece.all_values()) for after, piece in cut(rows, 300, WANTED)]
    assert [(after, count) for after, count, _ in found] == [
        (0, 300),
        (300, 300),
        (600, 300),
        (900, 100),
    ]
    assert [row for _, _, values in found for row in values] == expected


def test_a_piece_of_a_parquet_file_is_read_once_for_all_that_is_asked(tmp_path: Path) -> None:
    path = written(tmp_path, ".parquet")
    table = open_table(path)
    with seekable(table, path, 300, WANTED) as rows:
        assert rows is table
    pieces = cut(table, 600, WANTED)
    _, first = next(pieces)
    path.unlink()
    assert list(first.types) == ["i", "x", "name", "day"]
    assert first.all_values()[599][0] == 599
    with pytest.raises(TableError):
        next(pieces)


def test_a_short_table_stays_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv")
    table = open_table(path)
    with seekable(table, path, 1000, WANTED) as rows:
        assert rows is table
        assert [piece for _, piece in cut(rows, 1000, WANTED)] == [table]
