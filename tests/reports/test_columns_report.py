"""Decisions on columns written as a dictionary: read again, the model is the same."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.model.file import to_json
from leadweights.model.model import ScoringModel
from leadweights.model.provenance import Options
from leadweights.reports.columns import dictionary_text
from tests.support.real_tables import DATA

ROWS = 320


def bytes_but_for_its_origin(model: ScoringModel) -> str:
    origin = replace(model.provenance, rows_sha256="0" * 64, options=Options())
    return to_json(replace(model, provenance=origin))


def assert_the_same_again(table: Path | pd.DataFrame, label: str) -> dict[str, object]:
    written = tomllib.loads(dictionary_text(*lw.columns(table, label=label)))
    one, other = (lw.fit_model(table, label=label, dictionary=d) for d in (None, written))
    assert bytes_but_for_its_origin(one) == bytes_but_for_its_origin(other)
    return written


@pytest.mark.sweep
def test_the_campaign_is_learnt_the_same() -> None:
    written = assert_the_same_again(Path("data/train.csv"), "label")
    assert written["recency_days"] == {"kind": "number", "fill": "median", "transform": "none"}


@pytest.mark.sweep
@pytest.mark.skipif(not DATA.is_dir(), reason="needs the public tables beside the project")
def test_a_crm_export_is_learnt_the_same() -> None:
    written = assert_the_same_again(DATA / "xeducation/leads.csv", "Converted")
    assert {"category", "flag", "number"} <= {
        entry.get("kind") for entry in written.values() if isinstance(entry, dict)
    }


names = st.text(
    st.sampled_from("ab \"'.\\#[]=\n\t{}%\u00e9\U0001f600\u2028"), min_size=1, max_size=8
)


@pytest.mark.sweep
@settings(max_examples=8)
@given(
    st.lists(
        names.filter(lambda name: name.strip() and name != "label"),
        min_size=7,
        max_size=7,
        unique_by=str.lower,
    ),
    st.integers(0, 2**20),
)
def test_a_messy_table_is_learnt_the_same(columns: list[str], seed: int) -> None:
    chance = np.random.default_rng(seed)
    number = chance.normal(size=ROWS)
    cells = {
        columns[0]: np.where(chance.random(ROWS) < 0.2, np.nan, number),
        columns[1]: np.exp(3 * number),
        columns[2]: chance.choice(['a"b', "c\\d", " e ", "#f\n", "NA"], ROWS),
        columns[3]: [
            ";".join(v for v in ("x", "y'", '"z', "\\") if chance.random() < 0.4) for _ in number
        ],
        columns[4]: [f"id {place}" for place in range(ROWS)],
        columns[5]: chance.choice(["yes", "no", "?"], ROWS),
        columns[6]: pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(ROWS) % 90, unit="D"),
    }
    won = (number + chance.normal(size=ROWS) > 0).astype(int)
    written = assert_the_same_again(pd.DataFrame({**cells, "label": won}), "label")
    assert {*written} == {*columns, "missing"}
    one = written[columns[4]]
    assert isinstance(one, dict)
    assert "an id" in one["exclude"]
