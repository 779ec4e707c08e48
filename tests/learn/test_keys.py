"""The column that looks like a key is suggested, and no other."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from tests.support.commands import invoke

ROWS = 60


def leads(**columns: Sequence[object]) -> pd.DataFrame:
    random = np.random.RandomState(3)
    y = np.arange(ROWS) % 2
    return pd.DataFrame({**columns, "age": (y + random.normal(0, 3, ROWS)).round(1), "label": y})


def suggested(frame: pd.DataFrame, **options: Sequence[str]) -> list[str]:
    decisions, _ = lw.columns(frame, **options)  # type: ignore[arg-type]
    return [decision.column for decision in decisions if decision.apart]


WORDS = [f"C{row:05}" for row in range(ROWS)]
NUMBERS = [3000 + 7 * row for row in range(ROWS)]


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"lead_id": WORDS}, "lead_id"),
        ({"leadId": NUMBERS}, "leadId"),
        ({"Lead Number": [float(number) for number in NUMBERS]}, "Lead Number"),
        ({"e-mail": [f"p{row}@example.org" for row in range(ROWS)]}, "e-mail"),
        ({"who": WORDS, "contact_id": WORDS[::-1]}, "contact_id"),
        ({"record id": WORDS, "contact_id": WORDS}, "record id"),
        ({"lead_id": [*WORDS[:-1], None]}, None),
        ({"lead_id": [*WORDS[:-1], WORDS[0]]}, None),
        ({"lead_id": [*NUMBERS[:-1], NUMBERS[0]]}, None),
        ({"lead_id": [*map(float, NUMBERS[:-1]), float("nan")]}, None),
        ({"note": [f"they called us on day {row} or so" for row in range(ROWS)]}, None),
        ({"name": [f"Ann Smith {row}" for row in range(ROWS)]}, None),
        ({"amount": [row + 0.5 for row in range(ROWS)]}, None),
        ({"at": pd.date_range("2024-01-01", periods=ROWS)}, None),
        ({}, None),
    ],
)
def test_a_key_is_what_every_row_has_another_word_or_whole_number_in(
    columns: dict[str, Sequence[object]], key: str | None
) -> None:
    assert suggested(leads(**columns)) == ([] if key is None else [key])


@pytest.mark.sweep
@given(st.lists(st.integers(0, 80), min_size=ROWS, max_size=ROWS))
def test_what_is_suggested_is_what_pandas_finds_distinct(numbers: list[int]) -> None:
    frame = leads(lead_id=[f"L{number}" for number in numbers])
    assert bool(suggested(frame)) == frame["lead_id"].is_unique


def test_none_is_suggested_where_one_is_named_or_the_column_is_kept_out() -> None:
    frame = leads(lead_id=WORDS)
    assert suggested(frame, keys=["lead_id"]) == []
    assert suggested(frame, exclude=["lead_id"]) == []


def test_uuids_that_no_rule_reads_are_seen(tmp_path: Path) -> None:
    frame = leads(row=range(ROWS), lead=[str(UUID(int=row)) for row in range(ROWS)])
    path = str(tmp_path / "leads.parquet")
    duckdb.from_df(frame).select("* REPLACE (lead::UUID AS lead)").write_parquet(path)
    assert suggested(frame) == ["lead"]
    decisions, _ = lw.columns(path)
    assert [d.column for d in decisions if d.apart] == ["lead"]


@pytest.mark.sweep
def test_the_flag_to_type_is_said_and_scores_come_out_with_it(tmp_path: Path) -> None:
    path, out = tmp_path / "leads.csv", tmp_path / "out"
    leads(**{"Lead Id": WORDS}).to_csv(path, index=False)
    done = invoke(["columns", str(path)])
    said = "'Lead Id' tells the rows apart: --key 'Lead Id', and scores come out with it\n"
    assert done.stderr == said
    done = invoke(["fit", str(path), "--output", str(out)])
    assert done.stderr.endswith(said)
    done = invoke(["fit", str(path), "--key", "Lead Id", "--output", str(out), "--json"])
    assert "tells the rows apart" not in done.output
    scored = invoke(["score", str(out / "model.json"), str(path)])
    assert scored.stdout.startswith("Lead Id,lead_score,log_odds,probability\nC00000,")
