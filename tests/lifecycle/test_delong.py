"""DeLong's comparison of two AUCs, against its definition pair by pair and against resampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from leadweights.decisions.metrics import Scored, evaluate_models
from leadweights.formula.arrays import Floats
from leadweights.lifecycle.challenger.delong import compare_aucs

ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(-4, 4), st.integers(-4, 4)), min_size=8, max_size=60
).filter(lambda rows: 2 <= sum(row[0] for row in rows) <= len(rows) - 2)


def by_definition(y: Floats, scores: list[Floats]) -> tuple[Floats, Floats]:
    """Compare each positive row with each negative one, and take covariances of their means."""
    kernels = []
    for score in scores:
        pairs = score[y > 0][:, None] - score[y == 0][None, :]
        kernels.append((pairs > 0) + 0.5 * (pairs == 0))
    found = np.array([kernel.mean() for kernel in kernels])
    size = kernels[0].shape
    covariance = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            for axis, count in ((1, size[0]), (0, size[1])):
                left = kernels[i].mean(axis=axis) - found[i]
                right = kernels[j].mean(axis=axis) - found[j]
                covariance[i, j] += float(left @ right) / (count - 1) / count
    return found, covariance


@given(ROWS)
def test_it_is_what_its_definition_says_with_ties(rows: list[tuple[bool, int, int]]) -> None:
    y, first, second = np.array(rows, dtype=float).T
    aucs, covariance = by_definition(y, [first, second])
    found = compare_aucs(y, first, second)
    assert (found.first, found.second) == pytest.approx(aucs, abs=1e-12)
    assert found.first == pytest.approx(roc_auc_score(y, first))
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if variance < 1e-12:
        assert found.difference.low is None
        assert found.p_value is None
        return
    assert found.difference.low is not None
    error = (found.difference.value or 0.0) - found.difference.low
    assert error == pytest.approx(norm.ppf(0.975) * variance**0.5, rel=1e-6)
    z = (aucs[1] - aucs[0]) / variance**0.5
    assert found.p_value == pytest.approx(2 * norm.sf(abs(z)), rel=1e-6, abs=1e-12)


def test_its_interval_is_as_wide_as_that_of_resampled_rows() -> None:
    random = np.random.RandomState(5)
    y = (random.rand(3000) < 0.3).astype(float)
    first = y + random.normal(size=3000)
    second = 0.7 * first + 0.5 * random.normal(size=3000)
    scored = {"a": Scored(first, np.full(3000, 0.5)), "b": Scored(second, np.full(3000, 0.5))}
    differences = evaluate_models(y, scored, "a", seed=1)["b"].differences
    assert differences is not None
    resampled, found = differences["auc_roc"], compare_aucs(y, first, second).difference
    assert resampled.low is not None
    assert resampled.high is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(resampled.value, abs=1e-12)
    assert found.high - found.low == pytest.approx(resampled.high - resampled.low, rel=0.08)


def test_a_ranking_compared_with_itself_has_no_error() -> None:
    y, score = np.array([0.0, 1.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.2, 0.2, 0.9])
    found = compare_aucs(y, score, 2 * score + 1)
    assert found.difference.value == 0
    assert found.p_value is None
    alone = compare_aucs(np.array([0.0, 1.0, 0.0]), np.arange(3.0), np.arange(3.0)[::-1])
    assert alone.difference.low is None
