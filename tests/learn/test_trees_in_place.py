"""Trees whose values come from rows that stay where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.model.trees import Leaf, Node, NumberSplit
from tests.support.learning import QUICK, SMALL_SAMPLES, fit, learn


def crossed(rows: int, seed: int = 0) -> pd.DataFrame:
    """Draw leads of whom two columns say much together, and each alone nothing."""
    rng = np.random.default_rng(seed)
    drawn = pd.DataFrame({f"x{i}": rng.integers(0, 9, rows).astype(float) for i in range(3)})
    odd = (drawn["x0"] > 4) != (drawn["x1"] > 4)
    drawn.loc[rng.random(rows) < 0.1, "x2"] = np.nan
    rate = np.where(odd, 0.6, 0.2) + np.where(drawn["x2"].isna(), 0.15, 0.0)
    return drawn.assign(label=(rng.random(rows) < rate).astype(int))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leads.parquet"
    crossed(6_000).to_parquet(path)
    return path


@pytest.mark.sweep
def test_all_rows_in_place_give_the_model_that_they_give_in_memory(file: Path) -> None:
    there, here = (lw.fit_model(file, place=p, trees=15) for p in (lw.OnDisk(), lw.InMemory()))
    assert there.trees is not None
    same = replace(there, provenance=here.provenance)
    assert same == here


def place_of(tree: Node, row: pd.Series) -> Leaf:
    while isinstance(tree, NumberSplit):
        value = row[tree.column]
        up = tree.missing_above if np.isnan(value) else value >= tree.at
        tree = tree.above if up else tree.below
    assert isinstance(tree, Leaf)
    return tree


@pytest.mark.sweep
def test_the_values_are_those_of_all_rows_where_a_sample_grew_the_trees(file: Path) -> None:
    model = learn(file, place=lw.OnDisk(), every=True, trees=15, limits=SMALL_SAMPLES)
    assert model.trees is not None
    assert "grown on a sample" in model.provenance.method
    rows = pd.read_parquet(file)
    c_leaves = float(model.provenance.method.split("leaves' C=")[1].split(",")[0])
    # scikit-learn on the same columns: numbers, and 1 or 0 for each leaf, scaled so that its own
    # penalty is that of the leaves.
    numbers = [c.name for c in model.columns]
    filled = lw.score(model, rows, columns=["contributions"])
    own = filled[[f"{name}_contribution" for name in numbers]].to_numpy()
    varying = own[:, own.std(axis=0) > 0]
    ends = [[id(place_of(tree, row)) for _, row in rows.iterrows()] for tree in model.trees.trees]
    leaves = np.hstack([pd.get_dummies(pd.Series(one)).to_numpy(float) for one in ends])
    matrix = np.hstack((StandardScaler().fit_transform(varying), leaves * c_leaves**0.5))
    learnt = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=500)
    expected = learnt.fit(matrix, rows["label"]).decision_function(matrix)
    ours = lw.score(model, rows, columns=["log_odds"])["log_odds"].to_numpy()
    assert np.abs(ours - expected).max() < 1e-6


@pytest.mark.sweep
def test_trees_in_place_are_proven_and_large_ones_are_refused(file: Path) -> None:
    found = fit(file, place=lw.OnDisk(), trees=15, limits=SMALL_SAMPLES)
    assert found.parity.holds
    assert found.parity.reference is not None
    assert found.parity.reference.largest_difference < 1e-6
    with pytest.raises(UnsupportedError, match="large trees are learnt from rows in memory"):
        fit(file, place=lw.OnDisk(), trees="large", limits=SMALL_SAMPLES)


@pytest.mark.sweep
def test_leaves_whose_values_a_sample_would_tell_are_not_tried(file: Path) -> None:
    said: list[str] = []
    limits = replace(QUICK, deciding_rows=1500, sampled_rows=2500)
    found = fit(file, place=lw.OnDisk(), trees="auto", limits=limits, progress=said.append)
    assert "cross-validating 15 trees of depth 3" in said
    assert not any("of 16 leaves" in words for words in said)
    assert "learnt jointly" in found.model.provenance.method
