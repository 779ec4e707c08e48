"""Keys of two tables are compared, whatever types hold them: 7, 7.0 and "7.0" are one lead."""

from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pytest

import leadweights as lw
from leadweights.tables.joined import join_column
from leadweights.tables.keys import find_repeated_key, key_as_text, write_keys
from leadweights.tables.open import open_table

# What each text is, as one who knows the leads would say.
TEXTS = {
    "7": "7",
    "7.0": "7",
    "7.00": "7",
    "-7.0": "-7",
    "0.0": "0",
    "120.0": "120",
    "007": "007",
    "007.0": "007.0",
    "-0.0": "-0.0",
    "7.5": "7.5",
    "7.": "7.",
    ".0": ".0",
    "7.0.0": "7.0.0",
    " 7.0": " 7.0",
    "7.0\n": "7.0\n",
    "a7.0": "a7.0",
    "1e5": "1e5",
    "12345678901234567890.0": "12345678901234567890",
}

HOLDERS = {
    "whole numbers": "BIGINT",
    "small ones": "SMALLINT",
    "huge ones": "HUGEINT",
    "doubles": "DOUBLE",
    "floats": "FLOAT",
    "decimals": "DECIMAL(18, 2)",
    "decimals without places": "DECIMAL(38, 0)",
    "texts": "VARCHAR",
}


def write(folder: Path, held: str, rest: str) -> Path:
    """Write three keys as a type of a Parquet file, or as a spreadsheet writes them to CSV."""
    path = folder / f"{held} {rest}.{'csv' if held == 'written with a point' else 'parquet'}"
    if path.suffix == ".csv":
        duckdb.sql(
            f"COPY (SELECT id::DOUBLE AS id, {rest} FROM (VALUES (7001), (7002), (7003)) t(id)) "
            f"TO '{path}'"
        )
        assert "7001.0," in path.read_text()
    else:
        duckdb.sql(
            f"COPY (SELECT id::{HOLDERS[held]} AS id, {rest} "
            f"FROM (VALUES (7001), (7002), (7003)) t(id)) TO '{path}'"
        )
    return path


def test_a_whole_number_is_its_digits_in_python_and_in_the_engine() -> None:
    assert write_keys(TEXTS) == list(dict.fromkeys(TEXTS.values()))
    table = open_table({"id": np.array(list(TEXTS), dtype=object)})
    found = table.select(f"SELECT {key_as_text(table, 'id')} AS k FROM {table.view}")["k"]
    assert found.tolist() == list(TEXTS.values())


def test_what_is_no_number_and_what_is_empty_is_no_key() -> None:
    for keys in (
        np.array([1.0, np.nan]),
        np.array([1.0, np.inf]),
        np.array(["a", ""], dtype=object),
        np.array(["a", "  "], dtype=object),
        np.array(["a", None], dtype=object),
        np.array(["7", "7.0"], dtype=object),
        np.array([2.0**53, 2.0**53]),
    ):
        assert find_repeated_key(open_table({"id": keys}), ["id"]) is not None, keys
    for sound in (
        np.array([0.5, -0.5, 2.0**53, 2.0**53 - 1, 1e300]),
        np.array(["7", "007", "7.5", "A", "a", "a "], dtype=object),
    ):
        assert find_repeated_key(open_table({"id": sound}), ["id"]) is None, sound
    table = open_table({"id": np.array([2.0**53, -(2.0**53), 1e15])})
    found = table.select(f"SELECT {key_as_text(table, 'id')} AS k FROM {table.view}")["k"]
    assert found.tolist() == ["9007199254740992", "-9007199254740992", "1000000000000000"]


@pytest.mark.parametrize("held", [*HOLDERS, "written with a point"])
def test_leads_and_outcomes_know_each_other_whatever_holds_their_keys(
    held: str, tmp_path: Path
) -> None:
    for other in [*HOLDERS, "written with a point"]:
        leads = write(tmp_path, held, "1 AS x")
        outcomes = write(tmp_path, other, "id % 2 = 1 AS won")
        found = lw.merge_outcomes(leads, outcomes, tmp_path / "labelled.csv", key="id")
        assert (found.labelled, found.won) == (3, 2), other


def test_factors_of_another_table_are_joined_whatever_holds_their_keys(tmp_path: Path) -> None:
    for one, other in product(("whole numbers", "doubles", "texts"), ("doubles", "decimals")):
        table = open_table(write(tmp_path, one, "1 AS x"), ["id"])
        joined = join_column(table, write(tmp_path, other, "id * 0.5 AS factor"), ["id"], "factor")
        assert list(joined.values("factor")) == [3500.5, 3501.0, 3501.5], (one, other)


def test_an_outcome_may_be_written_with_a_point(tmp_path: Path) -> None:
    """As who has a table of numbers writes it, some of which are missing."""
    leads = {"id": ["a", "b", "c"]}
    texts = {"id": ["a", "b", "c"], "stage": ["1.0", "0.0", ""]}
    numbers = {"id": ["a", "b", "c"], "stage": [1.0, 0.0, float("nan")]}
    for outcomes in (texts, numbers):
        found = lw.merge_outcomes(leads, outcomes, tmp_path / "labelled.csv", key="id")
        assert (found.labelled, found.won, found.open) == (2, 1, 1)
