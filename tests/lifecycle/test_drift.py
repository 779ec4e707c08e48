"""PSI, KS and their noise: scipy, hand arithmetic and published numbers on one side."""

import warnings
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leadweights.lifecycle.monitoring.drift import (
    count_bins,
    effective_rows,
    holm,
    ks,
    ks_of_counts,
    ks_p_value,
    psi,
    psi_bound,
    psi_p_value,
    quantiles,
    reject_by_holm,
)

# The table of a fitted scorecard in optbinning's tutorial "Scorecard monitoring" (HELOC data).
EXPECTED = (565, 803, 807, 729, 1015, 565, 417, 752, 823, 845)
ACTUAL = (236, 334, 331, 310, 416, 269, 185, 298, 407, 352)
COUNTS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=80
).filter(lambda pairs: min(map(sum, zip(*pairs, strict=True))) > 0)
SAMPLES = st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=40)


def test_psi_is_that_of_a_published_table() -> None:
    assert psi(EXPECTED, ACTUAL) == pytest.approx(0.004776, abs=5e-7)


def test_psi_by_hand_with_an_empty_bin() -> None:
    # A bin without a row counts as half a row; one without any on either side as nothing.
    by_hand = (0.5 - 0.25) * log(0.5 / 0.25) + (0.5 - 0.5) * log(1) + (0.005 - 0.25) * log(0.02)
    assert psi([25, 50, 25, 0], [50, 50, 0, 0]) == pytest.approx(by_hand, rel=1e-14)
    assert (count_bins([25, 50, 25, 0]), count_bins([25, 0, 0]), count_bins([3, 3])) == (4, 2, 2)
    assert psi([25, 50, 25, 0, 0], [50, 50, 0, 0, 0]) == psi([25, 50, 25], [50, 50, 0])


@given(COUNTS)
def test_psi_is_a_divergence(pairs: list[tuple[int, int]]) -> None:
    expected, actual = zip(*pairs, strict=True)
    value = psi(expected, actual)
    assert value >= 0
    assert psi(actual, expected) == pytest.approx(value, rel=1e-9, abs=1e-15)
    assert psi(expected, expected) == 0
    both = [(e, a) for e, a in pairs if e and a]
    if len(both) == len(pairs):
        e, a = (np.array(side) / sum(side) for side in (expected, actual))
        entropies = stats.entropy(e, a) + stats.entropy(a, e)  # Jeffreys: both ways of Kullback's
        assert value == pytest.approx(entropies, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("expected", "actual"), [([0, 0], [1, 1]), ([1], [0]), ([1, 2], [3])])
def test_no_drift_without_rows_or_the_same_bins(expected: list[int], actual: list[int]) -> None:
    with pytest.raises(ValueError, match="rows on both sides"):
        psi(expected, actual)
    with pytest.raises(ValueError, match="rows on both sides"):
        ks_of_counts(expected, actual)


def test_the_noise_of_psi_is_that_of_chi_square() -> None:
    for n, m, bins in ((3500, 200, 11), (100, 100, 2), (10**7, 2000, 30)):
        bound = (1 / n + 1 / m) * stats.chi2.ppf(0.95, bins - 1)
        assert psi_bound(n, m, bins) == pytest.approx(bound, rel=1e-12)
        assert psi_p_value(bound, n, m, bins) == pytest.approx(0.05, rel=1e-10)
    assert (psi_bound(9, 9, 1), psi_p_value(0.0, 9, 9, 1)) == (0.0, 1.0)


def test_samples_of_one_distribution_exceed_the_bound_as_often_as_it_says() -> None:
    random = np.random.RandomState(7)
    shares = np.full(10, 0.1)
    pairs = [
        (random.multinomial(3000, shares).tolist(), random.multinomial(2000, shares).tolist())
        for _ in range(2000)
    ]
    over = np.mean([psi(e, a) > psi_bound(3000, 2000, 10) for e, a in pairs])
    assert abs(over - 0.05) < 3 * (0.05 * 0.95 / 2000) ** 0.5


@given(SAMPLES, SAMPLES, st.lists(st.integers(-8, 8), unique=True, min_size=1).map(sorted))
def test_ks_is_that_of_scipy_and_counts_give_a_lower_bound(
    a: list[float], b: list[float], cuts: list[int]
) -> None:
    left, right = np.array(a), np.array(b)
    exact = ks(left, right)
    with warnings.catch_warnings(action="ignore"):  # scipy's p-value, which is not asked for
        scipy_says = stats.ks_2samp(a, b, method="asymp").statistic
    assert exact == pytest.approx(scipy_says, abs=1e-12)
    counts = [
        np.bincount(np.digitize(x, cuts), minlength=len(cuts) + 1).tolist() for x in (left, right)
    ]
    assert ks_of_counts(*counts) <= exact + 1e-12
    # Cut at every value there is, nothing is lost.
    every = np.arange(-8, 10)
    counts = [
        np.bincount(np.digitize(x, every), minlength=len(every) + 1).tolist() for x in (left, right)
    ]
    assert ks_of_counts(*counts) == pytest.approx(exact, abs=1e-12)


def test_the_p_value_of_ks_is_near_the_exact_one() -> None:
    random = np.random.RandomState(3)
    for n, m, shift in ((50, 50, 0.5), (200, 3000, 0.2), (60, 45, 0.0), (5000, 4000, 0.03)) * 5:
        found = stats.ks_2samp(random.normal(size=n), random.normal(shift, size=m))
        near = 0.015 if found.pvalue < 0.1 else 0.05
        assert ks_p_value(found.statistic, n, m) == pytest.approx(found.pvalue, abs=near)


def test_ks_refuses_missing_values_and_no_rows() -> None:
    for bad in ([], [1.0, float("nan")]):
        with pytest.raises(ValueError, match="without missing values"):
            ks(np.array(bad), np.array([1.0]))


def test_holm_is_that_of_its_paper_and_of_scipy_s_neighbour() -> None:
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    for p_values in (
        [0.01, 0.04, 0.03, 0.005],
        [0.5, 0.5, 1.0],
        [0.0],
        list(np.linspace(0, 0.2, 25)),
    ):
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 0.2), max_size=30))
def test_holm_in_whole_numbers_is_holm(p_values: list[float]) -> None:
    reached = [sum(p <= 0.05 / k for k in range(1, len(p_values) + 1)) for p in p_values]
    near = any(abs(adjusted - 0.05) < 1e-12 for adjusted in holm(p_values))
    assert near or reject_by_holm(reached) == [adjusted <= 0.05 for adjusted in holm(p_values)]


def test_quantiles_rise_with_the_tests_there_may_be() -> None:
    found = quantiles(11, 5)
    assert found == pytest.approx([stats.chi2.ppf(1 - 0.05 / k, 10) for k in range(1, 6)])
    assert found == sorted(found)


def test_weighted_rows_tell_as_much_as_fewer_alike() -> None:
    assert effective_rows(np.ones(50)) == 50
    assert effective_rows(np.array([1.0, 1.0, 10.0, 10.0])) == pytest.approx(22**2 / 202)
