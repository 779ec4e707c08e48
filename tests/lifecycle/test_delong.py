"""DeLong's comparison of two AUCs: its definition pair by pair, resampling, published figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from leadweights.decisions.metrics import Scored, evaluate_models
from leadweights.formula.arrays import Floats
from leadweights.lifecycle.challenger.delong import compare_aucs, measure_auc

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


# The 43 patients with all three measurements of DeLong, DeLong and Clarke-Pearson's own example
# (Biometrics 44, 1988): tenths of g/dl of albumin and of total protein, and the K-G score, of
# which less is better. By whether surgery was of benefit.
BENEFIT = """
    16 56 5, 21 48 7, 23 44 6, 26 47 6, 31 66 6, 32 51 5, 32 54 4, 32 58 3, 32 63 5, 33 57 6
    33 63 7, 35 58 6, 35 62 5, 36 57 5, 36 66 5, 37 61 5, 37 67 6, 37 69 5, 37 74 5, 38 57 5
    38 66 6, 38 68 7, 39 68 3, 40 70 7, 41 66 5, 41 82 6, 42 77 6, 43 65 4, 43 70 4, 43 70 5
    45 74 5
"""
NO_BENEFIT = """
    9 40 5, 17 40 7, 25 57 8, 28 48 6, 28 62 8, 29 57 9, 30 47 8, 30 58 10, 33 68 6, 36 67 4
    40 66 6, 42 76 4
"""
# What the documentation of SAS/STAT, PROC LOGISTIC, prints of them: an AUC and its limits; the
# difference to the K-G score's, its limits and the p-value.
PUBLISHED = {"albumin": (0.7366, 0.5549, 0.9182), "protein": (0.6478, 0.4518, 0.8439)}
PUBLISHED_SCORE = (0.7258, 0.5243, 0.9273)
PUBLISHED_DIFFERENCES = {
    "albumin": (0.0108, -0.1761, 0.1976, 0.9102),
    "protein": (-0.0780, -0.2830, 0.1271, 0.4561),
}


def patients() -> tuple[Floats, dict[str, Floats]]:
    """Give who had a benefit, and the three measurements; more of each is better."""
    rows = [
        [outcome, *map(int, patient.split())]
        for outcome, lines in ((1, BENEFIT), (0, NO_BENEFIT))
        for patient in lines.strip().replace("\n", ",").split(",")
    ]
    y, albumin, protein, score = np.array(rows, dtype=float).T
    return y, {"albumin": albumin, "protein": protein, "score": -score}


def test_the_example_of_its_authors_has_the_published_areas() -> None:
    y, tests = patients()
    assert (len(y), y.sum()) == (43, 31)
    for name, published in {**PUBLISHED, "score": PUBLISHED_SCORE}.items():
        found = measure_auc(y, tests[name])
        assert (found.value, found.low, found.high) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("name", PUBLISHED_DIFFERENCES)
def test_the_example_of_its_authors_has_the_published_differences(name: str) -> None:
    y, tests = patients()
    found = compare_aucs(y, tests["score"], tests[name])
    own = (found.difference.value, found.difference.low, found.difference.high, found.p_value)
    assert own == pytest.approx(PUBLISHED_DIFFERENCES[name], abs=5e-5)


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
