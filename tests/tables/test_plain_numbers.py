"""A text file of plain numbers is opened without a search for types, and holds the same."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.tables.open import open_table
from leadweights.tables.table import Table
from tests.support.release import sweep

PLAIN = [
    "0",
    "7",
    "-7",
    "123456789012345",
    "0.5",
    "-0.5",
    "-0.0",
    "0.1234567890123456789",
    "2.5e-07",
]
ODD = [
    *(
        "007",
        "0x10",
        "1e5",
        "1e999",
        "-0",
        ".5",
        "5.",
        "+1",
        " 1",
        "1 ",
        "inf",
        "nan",
        "1_000",
        "1,5",
    ),
    *("9007199254740993", "12345678901234567890", "true", "x", "2026-01-31", "NULL", '""', '" 3"'),
    *("1e-400", "0.5E-3", "-.5", "--1", "1.5.2", "1.234", "00.5", "-00", "\u0661"),
]


def read(path: Path, numbers: list[str]) -> Table | str:
    try:
        return open_table(path, ["id"], numbers=numbers)
    except lw.LeadweightsError as problem:
        return str(problem)


def bits(table: Table, name: str) -> list[bytes | str | None]:
    """Read a column as the bits of doubles, or as text."""
    as_number = table.is_number(name)
    values = table.values(name)
    return [v if v is None or not as_number else struct.pack("<d", float(v)) for v in values]


@pytest.mark.parametrize("seed", sweep(range(3), 3))
def test_a_table_holds_the_same_with_and_without_a_search(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "leads.csv"
    for _ in range(8):
        cells = [rng.choice(PLAIN) for _ in range(40)]
        for _ in range(rng.choice((0, 0, 1, 3))):
            cells[rng.randrange(40)] = rng.choice([*ODD, ""])
        others = [rng.choice(PLAIN) for _ in cells]
        text = "\n".join(
            f"k{n},{a},{b}" for n, (a, b) in enumerate(zip(cells, others, strict=True))
        )
        path.write_text(f"id,a,b\n{text}\n", encoding="utf-8")
        careful, quick = read(path, []), read(path, ["a", "B"])
        if isinstance(careful, str) or isinstance(quick, str):
            assert careful == quick
            continue
        assert [quick.is_number(name) for name in "ab"] == [
            careful.is_number(name) for name in "ab"
        ]
        for name in ("id", "a", "b"):
            assert bits(quick, name) == bits(careful, name), cells


@pytest.mark.sweep
def test_each_odd_number_is_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    for odd in ["", *ODD]:
        for column in ([odd], [odd, "0.5"], ["3", odd, "4"]):
            path.write_text("id,a\n" + "".join(f"k,{c}\n" for c in column), encoding="utf-8")
            careful, quick = read(path, []), read(path, ["a"])
            if isinstance(careful, str) or isinstance(quick, str):
                assert careful == quick, column
            else:
                assert bits(quick, "a") == bits(careful, "a"), column
                assert quick.is_number("a") == careful.is_number("a"), column


def test_what_is_no_table_is_told_the_same(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    for text in (
        *("id,a\nk,1\nk\n", "id,a\nk,1,2\n", 'id,a\n"k,1\n', "id,a\n", "id,a\nk,1\ntotal,\n"),
        *("id,a,c\nk,1,2\nk,1\n", "id,a,c\nk,1\n", "id,b\nk,1\n", "id;a\nk;1\nl;2,5\n"),
    ):
        path.write_text(text, encoding="utf-8")
        careful, quick = read(path, []), read(path, ["a"])
        if isinstance(careful, str):
            assert careful == quick, text
        else:
            assert not isinstance(quick, str)
            assert quick.rows == careful.rows
            assert quick.values("id") == careful.values("id")


def test_plain_numbers_are_found(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,a,day\nk1,1,2026-01-31\nk2,0.5,2026-02-28\n", encoding="utf-8")
    assert open_table(path, ["id"]).types["day"] == "DATE"
    quick = open_table(path, ["id"], numbers=["a"])
    assert (quick.types["a"], quick.types["day"]) == ("DOUBLE", "VARCHAR")
