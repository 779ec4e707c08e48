"""Wide tables: each query binds all columns, so what DuckDB is asked must not grow with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadweights.errors import TableError
from leadweights.tables.columns import Kind, check_column, read
from leadweights.tables.open import open_table
from leadweights.tables.table import Table
from tests.support.counting import Counted

CELLS = {
    "number": ["1", "-2.5"],
    "flag": ["true", "false"],
    "flag of numbers": ["1", "0"],
    "date": ["2024-01-31", "2024-02-01"],
    "day first": ["31/01/2024", "01/02/2024"],
    "code": ["007", "0x10"],
    "word": ["yes", "no"],
    "nothing": ["", ""],
}


def wide(cells: list[str], columns: int, folder: Path) -> Path:
    path = folder / f"{columns}.csv"
    rows = [[f"c{place}" for place in range(columns)], *([cell] * columns for cell in cells)]
    path.write_text(
        "".join("\t".join([*row, "1"]) + "\n" for row in rows).replace("1\n", "end\n", 1)
    )
    return path


def count(path: Path, ask: Callable[[Table], Any]) -> int:
    counted: Any = Counted()
    ask(open_table(path, connection=counted))
    return len(counted.calls)


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
def test_opening_a_text_file_asks_as_much_of_300_columns_as_of_3(
    cells: list[str], tmp_path: Path
) -> None:
    few, many = (count(wide(cells, columns, tmp_path), lambda _: None) for columns in (3, 300))
    assert few == many


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("number", "number"),
        ("nothing", "number"),
        ("flag", "flag"),
        ("flag of numbers", "flag"),
        ("nothing", "flag"),
        ("date", "date"),
        ("nothing", "date"),
        ("word", "text"),
        ("flag of numbers", "text"),
    ],
)
def test_reading_asks_as_much_of_300_columns_as_of_3(
    cells: str, kind: Kind, tmp_path: Path
) -> None:
    def ask(table: Table) -> None:
        names = [name for name in table.types if name != "end"]
        for name in names:
            check_column(table, name, kind)
        assert len(read(table, dict.fromkeys(names, kind))) == len(names)

    few, many = (count(wide(CELLS[cells], columns, tmp_path), ask) for columns in (3, 300))
    assert few == many


def test_looking_for_odd_numbers_asks_as_much_of_300_columns_as_of_3(tmp_path: Path) -> None:
    def ask(table: Table) -> None:
        table.find_grouped(table.types)
        table.find_beyond_doubles(table.types)

    few, many = (count(wide(["1", "2.5"], columns, tmp_path), ask) for columns in (3, 300))
    assert few == many


def test_a_column_in_another_case_or_not_there_is_found_or_told(tmp_path: Path) -> None:
    table = open_table(wide(["1", "2"], 300, tmp_path))
    assert table.require("C299") == "c299"
    with pytest.raises(TableError, match="has no column 'd'; it has: c0, c1, "):
        table.require("d")
