"""Rows without a value do not shape a curve, wherever they are filled."""

import numpy as np
import pandas as pd
import pytest

from leadweights.learn.fit import Fit
from leadweights.model.terms import Curve
from tests.support.learning import fit
from tests.support.release import sweep


def leads(seed: int, rows: int = 20_000) -> pd.DataFrame:
    """Draw leads whose log-odds rise by x; about 30% do not tell it, most of them unlikely ones."""
    random = np.random.RandomState(seed)
    x = random.normal(size=rows)
    y = (x + random.logistic(size=rows) > 0).astype(int)
    untold = random.uniform(size=rows) < np.where(y == 1, 0.1, 0.5)
    return pd.DataFrame(
        {"x": np.where(untold, np.nan, x), "z": random.normal(size=rows), "label": y}
    )


def heights(fitted: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Give where a curve has its points, and its log-odds there."""
    (term,) = (term for term in fitted.model.terms if isinstance(term, Curve))
    scale = fitted.model.link.scale  # type: ignore[union-attr]
    points = [(point.at, point.contribution * scale) for point in term.points]
    at, risen = np.array(points).T
    return at, risen


@pytest.mark.sweep
@pytest.mark.parametrize("seed", sweep(range(3), 3))
def test_a_straight_effect_is_no_curve_for_the_rows_without_a_value(seed: int) -> None:
    frame = leads(seed)
    assert 0.25 < frame["x"].isna().mean() < 0.35
    reasons = {d.column: d.reason for d in fit(frame, valid=frame.head(500)).columns}
    assert "curve" not in reasons["x"]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", sweep(range(3), 3))
def test_a_curve_is_that_of_the_rows_that_have_a_value(seed: int) -> None:
    frame = leads(seed)
    asked = {"x": {"transform": "curve"}, "z": {"transform": "none"}}
    gaps = fit(frame, valid=frame.head(500), dictionary=asked)
    told = frame.dropna()
    whole = fit(told, valid=told.head(500), dictionary=asked)
    (at, risen), (expected_at, expected) = heights(gaps), heights(whole)
    assert at == pytest.approx(expected_at, abs=1e-9)
    assert np.diff(risen) == pytest.approx(np.diff(expected), abs=0.03)
    # The effect is 1 per unit of x; at the fill a hole of 1.8 stood below the line before.
    apart = risen - at
    assert np.abs(apart - np.median(apart)).max() < 0.5
    assert any(column.name == "x is missing" for column in gaps.model.columns)
    assert gaps.parity.holds


@pytest.mark.sweep
def test_few_gaps_have_no_weight_of_their_own() -> None:
    frame = leads(0).dropna().reset_index(drop=True)
    frame.loc[:20, "x"] = np.nan
    fitted = fit(frame, valid=frame, dictionary={"x": {"transform": "curve"}})
    assert [column.name for column in fitted.model.columns] == ["x", "z"]
