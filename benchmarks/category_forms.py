"""Measure in which form DuckDB looks a category's contribution up fastest, in ratios.

One column of text with 5, 20 and 100 levels, a few rows missing, a few of no known level, as a
VARCHAR and as an ENUM in a table in memory and as a VARCHAR in a Parquet file. Every form runs in
turn, summed; a ratio is the median over the rounds of the ratio within a round to the form that
leadweights renders. It is of CPU time on all cores, which neighbours on a shared machine move
less. Exits 1 if two forms give different sums.

Run ``python benchmarks/category_forms.py [--rows 5000000] [--rounds 3]``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
from rounds import in_random_order

SEED = 42
LEVELS = (5, 20, 100)
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
MISSING_SHARE, OTHER_SHARE = 0.1, 0.02
OTHER, MISSING = "1.25e-01", "(-2.5e-01)"
TOKENS = ("", "-", "?", "N/A", "NA", "NULL", "NaN", "None", "Select", "n/a", "nan", "none", "null")
SOURCES = {"varchar": "VARCHAR", "enum": "ENUM", "parquet": "Parquet"}
BASE = "searched CASE, by name"


def made_levels(count: int, rng: np.random.Generator) -> list[str]:
    """Draw texts of 4 to 30 letters, the most frequent first."""
    found: list[str] = []
    while len(found) < count:
        text = "".join(rng.choice(LETTERS, rng.integers(4, 31)))
        if text not in found:
            found.append(text)
    return found


def made_file(levels: list[str], rows: int, rng: np.random.Generator, folder: Path) -> Path:
    """Write the column to a file; shares fall as 1 / rank (Zipf)."""
    shares = 1 / np.arange(1, len(levels) + 1)
    texts = np.array([*levels, "none of them", ""], dtype=object)
    known = (1 - MISSING_SHARE - OTHER_SHARE) * shares / shares.sum()
    codes = rng.choice(len(texts), rows, p=[*known, OTHER_SHARE, MISSING_SHARE])
    file = folder / f"{len(levels)}.parquet"
    with duckdb.connect() as connection:
        connection.register("codes", {"code": codes})
        connection.register("texts", {"code": np.arange(len(texts)), "text": texts})
        connection.execute(
            "COPY (SELECT nullif(text, '') AS x FROM codes LEFT JOIN texts USING (code)) "
            f"TO '{file}' (FORMAT parquet)"
        )
    return file


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """Open the column as a table of text, one of an enumeration, and a view of the file."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE VIEW parquet AS SELECT x FROM read_parquet('{file}')")
    connection.execute("CREATE TABLE varchar AS SELECT x FROM parquet")
    connection.execute(
        "CREATE TYPE level AS ENUM (SELECT DISTINCT x FROM varchar WHERE x NOT NULL)"
    )
    connection.execute("CREATE TABLE enum AS SELECT x::level AS x FROM varchar")
    return connection


def searched(column: str, worth: Mapping[str, str], tokens: str = "") -> str:
    """Write the form that leadweights renders, with a condition for missing tokens or without."""
    cases = " ".join(f"WHEN {column} = '{level}' THEN {value}" for level, value in worth.items())
    tokens = f"WHEN {tokens} THEN {MISSING} " if tokens else ""
    return f"CASE {cases} {tokens}WHEN {column} IS NULL THEN {MISSING} ELSE {OTHER} END"


def forms(levels: list[str], rng: np.random.Generator) -> dict[str, str]:
    """Write every form as a SELECT of the sum from `source`."""
    worth = {
        level: f"{value:.16e}" for level, value in zip(levels, rng.random(len(levels)), strict=True)
    }
    named = dict(sorted(worth.items()))
    text = "CAST(x AS TEXT)"
    listed = ", ".join(f"'{level}'" for level in named)
    simple = " ".join(f"WHEN '{level}' THEN {value}" for level, value in named.items())
    frequent = " ".join(f"WHEN '{level}' THEN {value}" for level, value in worth.items())
    pairs = ", ".join(f"'{level}': {value}" for level, value in named.items())
    places = f"coalesce(list_position([{listed}], {text}), {len(named) + 1})"
    rows = ", ".join(f"('{level}', {value})" for level, value in named.items())

    def known(lookup: str) -> str:
        return f"CASE WHEN {text} IS NULL THEN {MISSING} ELSE {lookup} END"

    one_of = f"{text} IN ({', '.join(repr(token) for token in TOKENS)})"
    either = " OR ".join(f"{text} = {token!r}" for token in TOKENS)
    scalars = {
        BASE: searched(text, named),
        "searched CASE, most frequent first": searched(text, worth),
        "searched CASE, most frequent last": searched(text, dict(reversed(worth.items()))),
        "searched CASE, by name, no CAST": searched("x", named),
        "searched CASE, by name, 13 tokens: IN": searched(text, named, one_of),
        "searched CASE, by name, 13 tokens: OR": searched(text, named, either),
        "searched CASE, by name, NULL first": known(searched(text, named)),
        "searched CASE, frequent and NULL first": known(searched(text, worth)),
        "simple CASE, by name": f"CASE {text} {simple} ELSE {known(OTHER)} END",
        "simple CASE, by name, NULL first": known(f"CASE {text} {simple} ELSE {OTHER} END"),
        "simple CASE, frequent and NULL first": known(f"CASE {text} {frequent} ELSE {OTHER} END"),
        "MAP literal": known(f"coalesce(MAP {{{pairs}}}[{text}], {OTHER})"),
        "list_position and a list": known(f"[{', '.join(named.values())}, {OTHER}][{places}]"),
    }
    selects = {name: f"SELECT sum({scalar}) FROM source" for name, scalar in scalars.items()}
    selects["LEFT JOIN with VALUES"] = (
        f"SELECT sum({known(f'coalesce(worth, {OTHER})')}) FROM source "
        f"LEFT JOIN (VALUES {rows}) AS named(level, worth) ON {text} = level"
    )
    return selects


def measured(
    connection: duckdb.DuckDBPyConnection, selects: Mapping[str, str], rounds: int
) -> dict[str, list[float]]:
    """Run all SELECTs in each round, in an order of its own; the first time is not counted."""
    times: dict[str, list[float]] = {name: [] for name in selects}
    for turn in range(rounds + 1):
        sums = {}
        for name, sql in in_random_order(selects.items()):
            start = time.process_time()
            ((sums[name],),) = connection.execute(sql).fetchall()
            taken = time.process_time() - start
            if turn:
                times[name].append(taken)
        wrong = [name for name in sums if abs(sums[name] / sums[BASE] - 1) > 1e-9]
        if wrong:
            sys.exit(f"{wrong[0]} gives another sum than {BASE}")
    return times


def run(rows: int, rounds: int, folder: Path) -> None:
    """Make the rows, measure, print."""
    rng = np.random.default_rng(SEED)
    ratios: dict[tuple[str, str, int], float] = {}
    against_text = "the first line itself, vs VARCHAR"
    for count in LEVELS:
        levels = made_levels(count, rng)
        selects = forms(levels, rng)
        with opened(made_file(levels, rows, rng, folder)) as connection:
            times = {}
            for source in SOURCES:
                own = {
                    n: sql.replace("FROM source", f"FROM {source}") for n, sql in selects.items()
                }
                found = measured(connection, own, rounds)
                for name in found:
                    pairs = zip(found[name], found[BASE], strict=True)
                    ratios[name, source, count] = median(a / b for a, b in pairs)
                times[source] = median(found[BASE])
            for source in SOURCES:
                ratios[against_text, source, count] = times[source] / times["varchar"]
    print(f"{rows:,} rows, medians of {rounds} rounds; CPU time, vs {BASE}")
    print(f"{'':42}" + "".join(f"{words:>{7 * len(LEVELS)}}" for words in SOURCES.values()))
    print(f"{'levels':42}" + "".join(f"{count:>7}" for _ in SOURCES for count in LEVELS))
    for name in dict.fromkeys(name for name, _, _ in ratios):
        cells = [ratios[name, source, count] for source in SOURCES for count in LEVELS]
        print(f"{name:42}" + "".join(f"{cell:7.2f}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run(options.rows, options.rounds, Path(name))


if __name__ == "__main__":
    main()
