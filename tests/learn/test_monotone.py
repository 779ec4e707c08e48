"""A column whose direction is kept: by its weight, by every tree, by all of them together."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.errors import DictionaryError
from leadweights.learn.choose_trees import LARGE, Size
from leadweights.learn.prepare.prepared import prepare_known
from leadweights.learn.problem import open_problem
from leadweights.learn.train import train_on
from leadweights.learn.with_trees import learn_with_trees
from leadweights.model.model import ScoringModel
from leadweights.model.trees import splits
from tests.support.learning import fit, learn
from tests.support.release import swept


def draw(seed: int = 0, rows: int = 1_200) -> pd.DataFrame:
    """Draw rows in which visits help, but not everywhere and not with every other column."""
    random = np.random.RandomState(seed)
    table = pd.DataFrame(
        {
            "visits": random.randint(0, 50, rows).astype(float),
            "age": random.randint(0, 50, rows).astype(float),
            "trial": random.randint(0, 2, rows).astype(float),
            "town": np.array(["Rome", "Oslo", "Bern"])[random.randint(0, 3, rows)],
        }
    )
    bent = np.sin(table["visits"] / 6) * 1.5 + table["visits"] / 30
    turned = np.where((table["age"] > 25) & (table["town"] == "Oslo"), -1.0, 1.0)
    odds = bent * turned + np.where(table["age"] > 30, 1, -1) * (1 - 2 * table["trial"]) - 0.5
    table["label"] = (random.uniform(size=rows) < 1 / (1 + np.exp(-odds))).astype(int)
    table.loc[random.permutation(rows)[:80], "visits"] = np.nan
    return table


def entry(direction: str = "higher", **more: Any) -> dict[str, object]:
    return {"visits": {"direction": direction, "monotone": True, **more}}


def learn_size(table: pd.DataFrame, size: Size, dictionary: dict[str, object]) -> ScoringModel:
    with open_problem(table, lw.Recipe(dictionary=dictionary)) as problem:
        trained = train_on(problem, problem.rows)
        known = prepare_known(problem.rows, trained.given.columns)
        return learn_with_trees(trained.given, known, 1.0, size, trained.context).model


@cache
def kept(size: Size) -> ScoringModel:
    return learn_size(draw(), size, entry())


SIZES = (Size(20), Size(20, 4, c_leaves=0.1), replace(LARGE[0], trees=15))
GRID = np.concatenate((np.arange(-2.0, 52.0, 0.5), [-1e9, 1e9]))
GRID.sort()

others = st.fixed_dictionaries(
    {
        "age": st.none() | st.floats(-10, 60),
        "trial": st.sampled_from([None, 0.0, 1.0]),
        "town": st.sampled_from([None, "Rome", "Oslo", "Bern", "Paris"]),
    }
)


def falls(model: ScoringModel, rows: list[dict[str, Any]]) -> int:
    """Count where a step up of visits lowers a score, in numbers of one bit and more."""
    table = pd.DataFrame([{**row, "visits": value} for row in rows for value in GRID])
    types = {"age": float, "trial": float, "town": object}
    scores = lw.score(model, table.astype(types))["lead_score"].to_numpy()
    return int((np.diff(scores.reshape(len(rows), -1)) < 0).sum())


@pytest.mark.parametrize(
    "size", [SIZES[0], *map(swept, SIZES[1:])], ids=["small", "deeper", "large"]
)
@settings(max_examples=15)
@given(st.lists(others, min_size=1, max_size=20))
def test_no_row_loses_by_a_step_in_the_direction(size: Size, rows: list[dict[str, Any]]) -> None:
    assert falls(kept(size), rows) == 0


@pytest.mark.parametrize("size", SIZES, ids=["small", "deeper", "large"])
def test_trees_still_read_the_column_and_would_go_against_its_direction(size: Size) -> None:
    rows = [{"age": a, "trial": t, "town": "Oslo"} for a in (10.0, 40.0) for t in (0.0, 1.0)]
    assert falls(learn_size(draw(), size, {}), rows) > 0
    trees = kept(size).trees
    assert trees is not None
    assert "visits" in {split.column for split in splits(trees)}


def test_a_lower_value_may_be_the_better_one() -> None:
    table = draw().assign(visits=lambda held: -held["visits"])
    model = learn_size(table, SIZES[0], entry("lower"))
    mirrored = [{"age": 40.0, "trial": 1.0, "town": "Oslo"}]
    down = pd.DataFrame([{**mirrored[0], "visits": value} for value in GRID])
    assert (np.diff(lw.score(model, down)["lead_score"].to_numpy()) <= 0).all()


@pytest.mark.sweep
def test_a_weight_against_the_direction_is_left_out_with_the_reason() -> None:
    found = fit(draw(), dictionary=entry("lower"))
    assert "visits" not in {column.name for column in found.model.columns}
    assert any("'visits' is left out: monotone: its weight" in note for note in found.notes)
    # Being missing is part of it.
    assert not any(column.name.startswith("visits") for column in found.model.columns)


@pytest.mark.sweep
def test_rows_that_stay_where_they_are_keep_directions_too(tmp_path: Path) -> None:
    draw().to_parquet(tmp_path / "leads.parquet")
    found = fit(tmp_path / "leads.parquet", place=lw.OnDisk(), dictionary=entry("lower"))
    assert not any(column.name.startswith("visits") for column in found.model.columns)
    found = fit(tmp_path / "leads.parquet", place=lw.OnDisk(), dictionary=entry())
    assert "visits" in {column.name for column in found.model.columns}


def test_a_monotone_column_has_no_curve() -> None:
    table = draw(rows=4_000)
    kinds = [
        {
            type(term).__name__
            for term in learn(table, dictionary=asked).terms
            if term.column == "visits"
        }
        for asked in ({}, entry())
    ]
    assert kinds == [{"Curve"}, {"Standardized"}]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"visits": {"monotone": True}}, "say in which direction"),
        (entry(transform="curve"), "a curve may turn"),
        ({"town": {"monotone": True}}, "monotone is for numbers and flags"),
    ],
)
def test_what_cannot_be_monotone_is_refused(asked: dict[str, object], said: str) -> None:
    with pytest.raises(DictionaryError, match=said):
        learn(draw(), dictionary=asked)
