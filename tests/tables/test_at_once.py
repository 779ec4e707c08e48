"""A text file read in one pass holds what it holds when every value is looked at first."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

import leadweights as lw
from leadweights.formula.sources import Kind
from leadweights.formula.texts import Texts
from leadweights.tables.at_once import open_at_once
from leadweights.tables.columns import check_column, read
from leadweights.tables.open import open_table
from leadweights.tables.table import Table
from tests.support.release import sweep

MODEL = lw.load("outputs/model.json")
KINDS: dict[str, Kind] = {"n": "number", "m": "number", "f": "flag", "d": "date", "t": "text"}
NUMBERS = ["0", "7", "-7", "123456789012345", "999999999999999999", "0.5", "-0.5", "-0.0", "5."]
NUMBERS += ["0.1234567890123456789", "2.5e-07", "1e-05", "1.5E5", "1e400", "4.9e-324", "3.e2"]
NUMBERS += ["1234567890123456789.5", "-99999999999999999"]
ODD_NUMBERS = ["007", "-007", "00.5", "0x10", ".5", "+1", " 1", "1 ", "1.5 ", "1.5\t", "inf", "nan"]
ODD_NUMBERS += ["1_000", "1_0.5", "1,5", "12345678901234567890", "-0", "true", "x", '""', '" 3"']
ODD_NUMBERS += [
    '"1.5\n"',
    '"1.5\r"',
    "1.5\v",
    "1.5\f",
    "1.5.2",
    "\u0661",
    "1.5\u00a0",
    "2026-01-31",
]
DAYS = ["2026-01-31", "1999-12-31", "2024-02-29"]
ODD_DAYS = ["2026-02-30", "31.01.2026", "01/02/2026", "2026-01-31 10:00:00", "0099-01-01", "x", "1"]
ODD_DAYS += ["2026-1-31", " 2026-01-31", "infinity", "epoch"]
FLAGS = [["true", "false"], ["True", "FALSE"], ["0", "1"]]
ODD_FLAGS = ["yes", "t", "2", "1.0", "true", "0", " true", "-1"]
TEXTS = ["a", "b c", "007", '"x,y"', '"say ""so"""', "é", "NULL", '"two\nlines"', "a_b", "#", "0"]


def careful(path: Path, kinds: dict[str, Kind]) -> dict[str, object] | str:
    """Read a file as it is read where every value is looked at first."""
    as_text = ["id", *(name for name, kind in kinds.items() if kind == "text")]
    days = [name for name, kind in kinds.items() if kind == "date"]
    try:
        table = open_table(path, as_text, dates=days)
        for name, kind in kinds.items():
            check_column(table, name, kind)
        return bits(table, kinds)
    except lw.LeadweightsError as problem:
        return str(problem)


def bits(table: Table, kinds: dict[str, Kind]) -> dict[str, object]:
    found: dict[str, object] = {"id": table.values("id")}
    for name, values in read(table, kinds).items():
        if isinstance(values, Texts):
            found[name] = [*np.array([*values.levels, None], dtype=object)[values.codes]]
        else:
            found[name] = np.asarray(values, np.float64).tobytes()
    return found


def quick(path: Path, kinds: dict[str, Kind]) -> dict[str, object] | str | None:
    """Read a file in one pass; None where that is not done."""
    with duckdb.connect() as connection:
        copy = path.with_suffix(".parquet")
        try:
            rows = open_at_once(path, kinds, ["id"], connection)
        except lw.LeadweightsError as problem:
            return str(problem)
        written = 0 if rows is None else rows.write_select(f"FROM {rows.view}", copy, parquet=True)
        if rows is None or not written:
            return None
        assert written <= rows.count_most()
        table = open_table(copy)
        assert {name: table.types[name] for name in rows.types} == rows.types
        return bits(table, kinds)


def compare(path: Path, kinds: dict[str, Kind]) -> bool:
    """Hold the one pass against the careful way; tell whether it was taken."""
    found = quick(path, kinds)
    if found is not None:
        assert found == careful(path, kinds), path.read_bytes()[:500]
    return isinstance(found, dict)


def cells(chance: random.Random, usual: list[str], odd: list[str]) -> list[str]:
    """Draw a column, mostly of usual values, here and there none, or an odd one."""
    drawn = [chance.choice([*usual, *usual, ""]) for _ in range(chance.choice((1, 3, 30)))]
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        drawn[chance.randrange(len(drawn))] = chance.choice(odd)
    return drawn


@pytest.mark.sweep
@pytest.mark.parametrize("seed", sweep(range(4), 4))
def test_columns_hold_the_same_in_one_pass(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path, taken = tmp_path / "leads.csv", 0
    for _ in range(40):
        name = chance.choice(list(KINDS))
        usual, odd = {
            "f": (chance.choice(FLAGS), ODD_FLAGS),
            "d": (DAYS, ODD_DAYS),
            "t": (TEXTS, TEXTS),
        }.get(name, (chance.sample(NUMBERS, chance.randint(1, 9)), ODD_NUMBERS))
        column = cells(chance, usual, odd)
        others = [chance.choice(NUMBERS) for _ in column]
        rows = zip(column, others, strict=True)
        lines = (f"{chance.choice(TEXTS)},{own},{other}" for own, other in rows)
        path.write_text(f"id,{name},o\n" + "\n".join([*lines, ""]), encoding="utf-8", newline="")
        taken += compare(path, {name: KINDS[name]})
    assert taken > 12


@pytest.mark.parametrize("odd", [*ODD_NUMBERS, *NUMBERS])
def test_each_number_is_read_as_it_is_or_looked_at(tmp_path: Path, odd: str) -> None:
    path, taken = tmp_path / "leads.csv", 0
    for column in ([odd], [odd, "0.5"], ["3", odd, "4"], ["", odd, "0.5"], ["1"] * 3000 + [odd]):
        path.write_text(
            "id,n\n" + "".join(f"k,{c}\n" for c in column), encoding="utf-8", newline=""
        )
        taken += compare(path, {"n": "number"})
    assert bool(taken) == (odd in NUMBERS or odd == '""')


FILES: dict[str, Callable[[list[str]], bytes]] = {
    "as it is": lambda lines: "\n".join(lines).encode(),
    "returns and feeds": lambda lines: "\r\n".join(lines).encode(),
    "returns": lambda lines: "\r".join(lines).encode(),
    "mixed ends": lambda lines: "\n".join([lines[0] + "\r", *lines[1:], ""]).encode(),
    "a mark of UTF-8": lambda lines: "\n".join(lines).encode("utf-8-sig"),
    "UTF-16": lambda lines: "\n".join(lines).encode("utf-16"),
    "windows-1252": lambda lines: "\n".join([*lines, "Zürich,1,2,x"]).encode("cp1252"),
    "no UTF-8 in a column that is not read": lambda lines: "\n".join(
        [*lines, "k,1,2,Zürich"]
    ).encode("cp1252"),
    "semicolons": lambda lines: "\n".join(lines).replace(",", ";").encode(),
    "tabs": lambda lines: "\n".join(lines).replace(",", "\t").encode(),
    "a line that tells the delimiter": lambda lines: "\n".join(["sep=,", *lines]).encode(),
    "blank lines": lambda lines: "\n\n".join(["", *lines, "", ""]).encode(),
    "a short line": lambda lines: "\n".join([*lines, "k,1", *lines[1:] * 30]).encode(),
    "a long line": lambda lines: "\n".join([*lines, "k,1,2,3,4", *lines[1:]]).encode(),
    "a total": lambda lines: "\n".join([*lines, "Total,12,,"]).encode(),
    "a remark": lambda lines: "\n".join([*lines, "", "Generated by Ann"]).encode(),
    "a quote that does not end": lambda lines: "\n".join([*lines, 'k,1,2,"x', "k,1,2,y"]).encode(),
    "text behind a quote": lambda lines: "\n".join([*lines, 'k,1,2,"x"y']).encode(),
    "quotes all over": lambda lines: "\n".join(
        '"' + '","'.join(line.split(",")) + '"' for line in lines
    ).encode(),
    "comments": lambda lines: "\n".join([*lines, "#k,1,2,x"]).encode(),
    "no rows": lambda lines: lines[0].encode(),
    "nothing": lambda _: b"",
    "only blank lines": lambda _: b"\n\n\n",
    "names twice": lambda lines: "\n".join([lines[0].replace("o", "n"), *lines[1:]]).encode(),
    "names in capitals": lambda lines: "\n".join([lines[0].upper(), *lines[1:]]).encode(),
    "no name": lambda lines: "\n".join([lines[0].replace("o", ""), *lines[1:]]).encode(),
    "a column less": lambda lines: "\n".join(line[: line.rindex(",")] for line in lines).encode(),
    "no such column": lambda lines: "\n".join([lines[0].replace("m", "p"), *lines[1:]]).encode(),
    "a NUL": lambda lines: "\n".join([*lines, "k,1\0,2,x"]).encode(),
    "HTML": lambda lines: b"<html><table>" + "\n".join(lines).encode(),
}
TAKEN = {"as it is", "returns and feeds", "returns", "a mark of UTF-8", "semicolons", "tabs"}
TAKEN |= {"quotes all over", "names in capitals", "comments", "blank lines", "a column less"}


@pytest.mark.parametrize("name", FILES)
def test_files_of_all_kinds_are_read_or_refused_alike(tmp_path: Path, name: str) -> None:
    chance, path, taken = random.Random(7), tmp_path / "leads.csv", 0
    for rows in (1, 2, 40, 5000):
        lines = ["id,n,m,o", *(f"k{n},{n % 7},{chance.random()},x y" for n in range(rows))]
        path.write_bytes(FILES[name](lines))
        taken += compare(path, {"n": "number", "m": "number"})
    assert bool(taken) == (name in TAKEN)


def described(score: Callable[[], object]) -> str:
    try:
        score()
    except lw.LeadweightsError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_scored_or_refused_in_the_same_words(tmp_path: Path, name: str) -> None:
    """The frame is scored from a table whose values were looked at; the file in one pass."""
    path, target = tmp_path / "leads.csv", tmp_path / "scores.csv"
    names = [*MODEL.keys, *(column.name for column in MODEL.columns)]
    lines = [",".join(["o", *names])]
    chance = random.Random(11)
    lines += [
        ",".join(["x", f"k{n}", *(str(chance.random()) for _ in names[1:])]) for n in range(9)
    ]
    path.write_bytes(FILES[name](lines))
    said = described(lambda: lw.score_to_file(MODEL, path, target))
    assert said == described(lambda: lw.score(MODEL, path))
    if not said:
        expected = lw.score(MODEL, path)
        found = duckdb.read_csv(str(target)).df()
        for column in expected:
            assert found[column].tolist() == expected[column].tolist()


@pytest.mark.parametrize("odd", ["x", "007", "1.5 ", "nan", ""])
def test_a_value_in_the_last_row_is_told_as_ever(tmp_path: Path, odd: str) -> None:
    path, target = tmp_path / "leads.csv", tmp_path / "scores.parquet"
    names = [*MODEL.keys, *(column.name for column in MODEL.columns)]
    rows = [",".join([f"k{n}", *(["0.5"] * (len(names) - 1))]) for n in range(3000)]
    rows.append(",".join(["last", odd, *(["0.5"] * (len(names) - 2))]))
    path.write_text("\n".join([",".join(names), *rows]), encoding="utf-8")
    said = described(lambda: lw.score_to_file(MODEL, path, target))
    assert said == described(lambda: lw.score(MODEL, path))
    assert target.exists() == (not said)
    assert not [*tmp_path.glob(".leadweights-*")]


def test_rows_are_counted_before_where_there_may_be_too_many(tmp_path: Path) -> None:
    path, target = tmp_path / "leads.csv", tmp_path / "scores.csv"
    names = [*MODEL.keys, *(column.name for column in MODEL.columns)]
    row = ",".join(["k", *(["0.5"] * (len(names) - 1))])
    path.write_text("\n".join([",".join(names), *[row] * 5, "", ""]), encoding="utf-8")
    asked: list[int] = []

    def check(rows: int) -> None:
        asked.append(rows)
        if rows > 5:
            raise ZeroDivisionError

    assert lw.score_to_file(MODEL, path, target, check_rows=check) == 5
    assert asked == [7, 5]
    asked.clear()
    path.write_text("\n".join([",".join(names), *[row] * 4]), encoding="utf-8")
    assert lw.score_to_file(MODEL, path, target, check_rows=check) == 4
    assert asked == [4]


def test_a_key_that_is_read_as_a_number_is_found_out_first(tmp_path: Path) -> None:
    """It is written as what it is found to be: 7 and not 7.0."""
    path, target = tmp_path / "leads.csv", tmp_path / "scores.csv"
    names = [column.name for column in MODEL.columns]
    path.write_text(",".join(names) + "\n" + ",".join(["7"] * len(names)) + "\n", encoding="utf-8")
    with duckdb.connect() as connection:
        kinds: dict[str, Kind] = dict.fromkeys(names, "number")
        assert open_at_once(path, kinds, names[:1], connection) is None
        assert open_at_once(path, kinds, [], connection) is not None
    lw.score_to_file(MODEL, path, target, keys=names[:1], columns=["probability"])
    frame = lw.score(MODEL, path, keys=names[:1], columns=["probability"])
    assert duckdb.read_csv(str(target)).fetchall() == [tuple(frame.values.tolist()[0])]
