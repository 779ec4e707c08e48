"""Calibration against scikit-learn, scipy and the laws it must keep."""

from collections.abc import Callable
from itertools import pairwise
from math import inf, log, nan
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import StratifiedKFold

from leadweights.decisions.calibrate import (
    calibrate_log_odds,
    choose_calibration,
    learn_isotonic,
    learn_platt,
)
from leadweights.decisions.reliability import (
    find_bins,
    fit_likeliest,
    logistic,
    measure_reliability,
)
from leadweights.errors import ModelError, TableError
from leadweights.formula.arrays import Floats
from leadweights.model.calibration import Calibration, Isotonic, Knot, Platt


def drawn(rows: int, seed: int, truth: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Draw labels and log-odds; `truth` turns those a score gives into the true ones."""
    random = np.random.RandomState(seed)
    log_odds = random.normal(size=rows) * 1.5 - 0.3
    labels = random.uniform(size=rows) < 1 / (1 + np.exp(-truth(log_odds)))
    return labels.astype(np.float64), log_odds


def as_it_is(log_odds: Floats) -> Floats:
    return log_odds


def stretched(log_odds: Floats) -> Floats:
    return log_odds / 2


def a_step(log_odds: Floats) -> Floats:
    return np.where(log_odds > 0.5, 1.5, -1.5)


SMALL = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n).map(np.array),
        st.lists(st.integers(-8, 8).map(lambda k: k / 2), min_size=n, max_size=n).map(np.array),
    )
)


# The table.


def test_bins_of_distinct_probabilities_are_those_of_scikit_learn() -> None:
    y, z = drawn(1000, 1, as_it_is)
    p = logistic(z)
    found = measure_reliability(y, p, 0)
    observed, predicted = calibration_curve(y, p, n_bins=10, strategy="quantile")
    assert [b.rows for b in found.bins] == [100] * 10
    assert np.allclose([b.observed for b in found.bins], observed, rtol=0, atol=1e-14)
    assert np.allclose([b.predicted for b in found.bins], predicted, rtol=0, atol=1e-14)
    by_hand = np.mean(np.abs(observed - predicted))
    assert np.isclose(found.ece, by_hand, rtol=0, atol=1e-14)
    assert np.isclose(found.brier.value or 0, brier_score_loss(y, p), rtol=0, atol=1e-14)


def test_the_interval_of_a_bin_is_wilsons() -> None:
    y = np.r_[np.ones(3), np.zeros(17), np.zeros(20), np.ones(20)]
    p = np.r_[np.full(20, 0.5), np.full(20, 0.1), np.full(20, 0.999)]
    some, none, every = sorted(
        measure_reliability(y, p, 0, bins=3).bins, key=lambda b: b.predicted
    )[:3]
    some, none = none, some
    for found, hits in ((some, 3), (none, 0), (every, 20)):
        expected = binomtest(hits, 20).proportion_ci(method="wilson")
        assert found.positive_rows == hits
        assert np.isclose(found.low, expected.low, rtol=0, atol=1e-12)
        assert np.isclose(found.high, expected.high, rtol=0, atol=1e-12)
    assert (none.low, every.high) == (0.0, 1.0)
    assert some.off
    assert not none.off
    assert not every.off


def test_ties_are_never_split() -> None:
    p = np.r_[np.full(35, 0.1), np.full(5, 0.2), np.full(60, 0.3)]
    y = np.r_[np.ones(100)[:40], np.zeros(60)]
    found = measure_reliability(y, p, 0).bins
    assert [(b.rows, round(b.predicted, 6)) for b in found] == [(35, 0.1), (5, 0.2), (60, 0.3)]


@settings(max_examples=60)
@given(SMALL, st.integers(1, 12))
def test_bins_hold_every_row_once_in_order_and_no_tie_in_two(
    rows: tuple[Floats, Floats], bins: int
) -> None:
    p = np.sort(logistic(rows[1]))
    starts = find_bins(p, bins)
    assert starts[0] == 0
    assert len(starts) <= bins
    assert all(p[start - 1] < p[start] for start in starts[1:])


@settings(max_examples=25)
@given(SMALL, st.randoms(use_true_random=False))
def test_errors_are_between_0_and_1_and_the_order_of_rows_changes_nothing(
    rows: tuple[Floats, Floats], random: Random
) -> None:
    y, z = rows
    found = measure_reliability(y, logistic(z), 3)
    assert 0 <= found.ece <= 1
    for interval in (found.ece_if_calibrated, found.ece_debiased, found.brier):
        assert interval.low is not None
        assert interval.high is not None
        assert 0 <= interval.low <= interval.high <= 1
    order = list(range(len(y)))
    random.shuffle(order)
    assert measure_reliability(y[order], logistic(z)[order], 3) == found


def test_rows_without_a_score_are_left_out_and_counted() -> None:
    y, z = drawn(400, 2, as_it_is)
    p = logistic(z)
    more = measure_reliability(np.r_[y, 1, 0], np.r_[p, nan, nan], 0)
    assert more.left_out == 2
    assert more.bins == measure_reliability(y, p, 0).bins
    assert choose_calibration(np.r_[y, 1.0], np.r_[z, nan], 0).left_out == 1
    with pytest.raises(TableError, match="no row has a score"):
        measure_reliability(np.ones(2), np.full(2, nan), 0)


@pytest.mark.sweep
def test_perfect_scores_are_within_what_perfect_scores_show_in_19_tables_of_20() -> None:
    within = 0
    for seed in range(60):
        y, z = drawn(300, seed, as_it_is)
        found = measure_reliability(y, logistic(z), seed)
        low, high = found.ece_if_calibrated.low, found.ece_if_calibrated.high
        assert low is not None
        assert high is not None
        within += low <= found.ece <= high
    assert 51 <= within <= 60  # 57 expected, standard deviation 1.7
    y, z = drawn(300, 0, stretched)
    found = measure_reliability(y, logistic(z), 0)
    assert found.ece > (found.ece_if_calibrated.high or 1)


def test_ece_if_calibrated_is_that_of_drawn_labels() -> None:
    p = np.array([0.3, 0.8])
    found = measure_reliability(np.array([0.0, 1.0]), p, 0, bins=2)
    # Of each bin, its one row: |label - p| has mean 2 p (1 - p).
    expected = (2 * 0.3 * 0.7 + 2 * 0.8 * 0.2) / 2
    assert abs((found.ece_if_calibrated.value or 0) - expected) < 4 * 0.18 / 1000**0.5


def test_bootstrap_intervals_are_those_of_rows_drawn_again() -> None:
    y, z = drawn(100, 12, stretched)
    y, p = y[np.argsort(z)], logistic(np.sort(z))
    found = measure_reliability(y, p, 5, bins=4)
    again = np.random.RandomState(5)
    eces, briers = [], []
    for _ in range(1000):
        rows = again.randint(0, 100, size=100)
        own = [rows[rows // 25 == place] for place in range(4)]  # four bins of 25 sorted rows
        eces.append(sum(abs(y[part].sum() - p[part].sum()) for part in own) / 100)
        briers.append(brier_score_loss(y[rows], p[rows]))
    low, high = np.percentile(eces, [2.5, 97.5])
    expected = [2 * found.ece - np.mean(eces), 2 * found.ece - high, 2 * found.ece - low]
    debiased, brier = found.ece_debiased, found.brier
    got = np.array([debiased.value, debiased.low, debiased.high], dtype=float)
    assert np.allclose(got, np.maximum(expected, 0), rtol=0, atol=1e-12)
    got = np.array([brier.low, brier.high], dtype=float)
    assert np.allclose(got, np.percentile(briers, [2.5, 97.5]), rtol=0, atol=1e-12)


def test_coxs_line_is_scikit_learns_unpenalised_regression() -> None:
    y, z = drawn(500, 4, stretched)
    found = measure_reliability(y, logistic(z), 0).cox
    expected = LogisticRegression(C=inf, tol=1e-12, solver="newton-cholesky").fit(z[:, None], y)
    assert np.isclose(found.slope.value or 0, expected.coef_[0, 0], rtol=0, atol=1e-7)
    assert np.isclose(found.intercept.value or 0, expected.intercept_[0], rtol=0, atol=1e-7)
    assert found.slope.high is not None
    assert found.slope.high < 1
    # At slope 1 the likeliest intercept makes the mean probability the observed rate.
    moved = logistic(z + (found.in_the_large.value or 0))
    assert np.isclose(moved.mean(), y.mean(), rtol=0, atol=1e-9)


def test_the_standard_error_of_one_rate_is_the_textbooks() -> None:
    y = np.r_[np.ones(30), np.zeros(70)]
    found, errors = fit_likeliest(np.ones((100, 1)), np.zeros(100), y)
    assert np.isclose(found[0], np.log(3 / 7), rtol=0, atol=1e-12)
    assert np.isclose(errors[0], (1 / 30 + 1 / 70) ** 0.5, rtol=0, atol=1e-12)


@pytest.mark.parametrize("p", [[0.0, 0.0, 1.0, 1.0], [0.9, 0.8, 0.2, 0.1], [0.5, 0.5, 0.5, 0.5]])
def test_coxs_line_is_unknown_where_the_classes_are_apart(p: list[float]) -> None:
    found = measure_reliability(np.array([0.0, 0.0, 1.0, 1.0]), np.array(p), 0).cox
    assert found.slope.value is None
    assert found.in_the_large.value is not None
    assert measure_reliability(np.ones(4), np.array(p), 0).cox.in_the_large.value is None


def test_coxs_line_is_unknown_where_probabilities_hardly_differ() -> None:
    y, z = drawn(1000, 11, as_it_is)
    found = measure_reliability(y, logistic(1 + 1e-13 * z), 0).cox
    assert found.slope.value is None
    assert abs(found.in_the_large.value or 0) > 0.1


# The maps.


def sigmoid(y: Floats, log_odds: Floats) -> CalibratedClassifierCV:
    """Calibrate a frozen classifier whose decision function is its only column."""
    given = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    given.coef_, given.intercept_ = np.ones((1, 1)), np.zeros(1)
    whole = CalibratedClassifierCV(FrozenEstimator(given), method="sigmoid")
    return whole.fit(log_odds[:, None], y)


def test_platts_line_is_scikit_learns() -> None:
    y, z = drawn(600, 5, lambda v: 0.6 * v - 0.4)
    found = learn_platt(y, z)
    assert found is not None
    expected = sigmoid(y, z).predict_proba(z[:, None])[:, 1]
    # scikit-learn's solver stops at a gradient of 1e-6.
    assert np.allclose(logistic(calibrate_log_odds(found, z)), expected, rtol=0, atol=1e-5)


def test_platts_line_is_the_optimum_of_his_smoothed_targets() -> None:
    y, z = drawn(200, 6, stretched)
    found = learn_platt(y, z)
    assert found is not None
    high, low = (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2)
    target = np.where(y == 1, high, low)
    twice = LogisticRegression(C=inf, tol=1e-12, solver="newton-cholesky").fit(
        np.r_[z, z][:, None],
        np.r_[np.ones(200), np.zeros(200)],
        sample_weight=np.r_[target, 1 - target],
    )
    assert np.isclose(found.slope, twice.coef_[0, 0], rtol=0, atol=1e-7)
    assert np.isclose(found.intercept, twice.intercept_[0], rtol=0, atol=1e-7)


def test_platts_line_is_finite_where_the_classes_are_apart() -> None:
    y = np.r_[np.zeros(50), np.ones(50)]
    found = learn_platt(y, np.linspace(-3, 3, 100) * 1e6)
    assert found is not None
    assert 0 < found.slope < 1


def test_a_score_that_ranks_backwards_or_not_at_all_has_no_map() -> None:
    y, z = drawn(500, 7, as_it_is)
    assert learn_platt(y, -z) is None
    assert learn_isotonic(y, -z) is None
    assert learn_platt(y, np.full(500, 0.1)) is None
    assert learn_isotonic(y, np.full(500, 0.1)) is None
    found = choose_calibration(y, -z, 0)
    assert found.calibrator is None
    assert found.why == (
        "left as it is: Platt cannot be learnt: too few rows, or a higher score is no better; "
        "isotonic cannot be learnt: too few rows, or a higher score is no better"
    )


def test_an_isotonic_curve_of_three_scores_is_laplaces_rates() -> None:
    z = np.repeat([-1.0, 0.0, 2.0], 50)
    y = np.r_[np.ones(5), np.zeros(45), np.ones(20), np.zeros(30), np.ones(50)]
    assert learn_isotonic(y, z) == Isotonic(
        (
            Knot(-1.0, round(log(6 / 46), 9)),
            Knot(0.0, round(log(21 / 31), 9)),
            Knot(2.0, round(log(51 / 1), 9)),
        )
    )


def test_an_isotonic_curve_stays_near_scikit_learns_on_many_rows() -> None:
    y, z = drawn(20_000, 8, lambda v: np.maximum(v, -1.0))
    found = learn_isotonic(y, z)
    assert found is not None
    expected = IsotonicRegression().fit(z, y).predict(z)
    difference = logistic(calibrate_log_odds(found, z)) - expected
    assert np.sqrt(np.mean(np.square(difference))) < 0.02


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(40, 400), st.integers(0, 3), st.floats(-2, 2))
def test_calibrated_log_odds_never_fall_and_points_are_few(
    seed: int, rows: int, decimals: int, slope: float
) -> None:
    y, z = drawn(rows, seed, lambda v: slope * v)
    z = np.round(z, decimals)
    grid = np.r_[-1e9, np.linspace(-6, 6, 500), 1e9]
    maps: list[Calibration | None] = [learn_platt(y, z), learn_isotonic(y, z)]
    for found in maps:
        if found is None:
            continue
        assert (np.diff(calibrate_log_odds(found, grid)) >= 0).all()
        if isinstance(found, Isotonic):
            assert 2 <= len(found.points) <= 12
            lows, highs = zip(*((a.at, b.at) for a, b in pairwise(found.points)), strict=True)
            assert min(lows) >= z.min() - 1e-9
            assert max(highs) <= z.max() + 1e-9


# The choice.


def test_out_of_fold_numbers_are_scikit_learns() -> None:
    y, z = drawn(700, 9, stretched)
    order = np.lexsort((y, z))
    y, z = y[order], z[order]
    found = choose_calibration(y, z, 3)
    none, line, _ = found.candidates
    expected = np.empty(700)
    for others, own in StratifiedKFold(5, shuffle=True, random_state=3).split(z, y):
        inner = sigmoid(y[others], z[others])
        expected[own] = inner.predict_proba(z[own, None])[:, 1]
    p = 1 / (1 + np.exp(-z))
    assert np.isclose(none.log_loss or 0, log_loss(y, p), rtol=0, atol=1e-12)
    assert np.isclose(none.brier or 0, brier_score_loss(y, p), rtol=0, atol=1e-12)
    assert np.isclose(line.log_loss or 0, log_loss(y, expected), rtol=0, atol=1e-5)
    assert np.isclose(line.brier or 0, brier_score_loss(y, expected), rtol=0, atol=1e-5)
    # What one row gains is the logarithm of its own outcome's probabilities, one over the other.
    before, after = np.where(y == 1, p, 1 - p), np.where(y == 1, expected, 1 - expected)
    difference = np.log(after / before)
    (gain,) = line.gains
    assert gain.over == "none"
    assert np.isclose(gain.log_loss, difference.mean(), rtol=0, atol=1e-5)
    expected_error = difference.std(ddof=1) / 700**0.5
    assert np.isclose(gain.standard_error, expected_error, rtol=0, atol=1e-5)


def chosen(rows: int, truth: Callable[[Floats], Floats], seeds: int) -> list[str]:
    return [choose_calibration(*drawn(rows, seed, truth), seed).choice for seed in range(seeds)]


@pytest.mark.sweep
def test_a_calibrated_score_is_left_alone_in_most_tables() -> None:
    assert chosen(300, as_it_is, 40).count("none") >= 34
    assert chosen(2000, as_it_is, 30).count("none") >= 27


def test_a_score_stretched_by_2_gets_platts_line_of_slope_a_half() -> None:
    assert chosen(1200, stretched, 12).count("platt") >= 10
    found = choose_calibration(*drawn(5000, 0, stretched), 0)
    assert isinstance(found.calibrator, Platt)
    assert 0.45 < found.calibrator.slope < 0.55
    assert found.tied_share == 0
    assert found.why.startswith("Platt: gains 0.0")
    assert "isotonic would lose" in found.why


def test_a_score_distorted_by_a_step_gets_an_isotonic_curve_and_its_ties_are_told() -> None:
    assert chosen(1200, a_step, 12) == ["isotonic"] * 12
    y, z = drawn(1200, 0, a_step)
    found = choose_calibration(y, z, 0)
    assert isinstance(found.calibrator, Isotonic)
    after = calibrate_log_odds(found.calibrator, z)
    assert np.isclose(found.tied_share, 1 - np.isin(after, _once(after)).mean(), rtol=0, atol=0)
    assert f"{found.tied_share:.1%} of the rows get a tie they did not have" in found.why
    assert " over Platt (standard error " in found.why


def _once(values: Floats) -> Floats:
    distinct, counts = np.unique(values, return_counts=True)
    return np.asarray(distinct[counts == 1])


def test_the_order_of_rows_does_not_change_the_choice() -> None:
    y, z = drawn(500, 10, stretched)
    order = np.random.RandomState(0).permutation(500)
    assert choose_calibration(y[order], z[order], 4) == choose_calibration(y, z, 4)


def test_too_few_rows_of_a_class_are_refused() -> None:
    with pytest.raises(TableError, match="too few for 5 folds"):
        choose_calibration(np.r_[np.ones(3), np.zeros(90)], np.linspace(-1, 1, 93), 0)


# What a map may be.


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Platt(0.0, 0.0), "slope of a Platt calibration must be positive, not 0.0"),
        (lambda: Platt(0.0, -1.0), "must be positive"),
        (lambda: Platt(nan, 1.0), "intercept of a Platt calibration must be a finite number"),
        (lambda: Platt(0.0, inf), "slope of a Platt calibration must be a finite number"),
        (lambda: Isotonic((Knot(0.0, 1.0),)), "two points or more, not 1"),
        (lambda: Isotonic((Knot(0.0, 1.0), Knot(0.0, 2.0))), "must rise: 0.0 comes after 0.0"),
        (lambda: Isotonic((Knot(0.0, 1.0), Knot(1.0, 0.9))), "never fall: 0.9 comes after 1.0"),
        (lambda: Isotonic((Knot(0.0, 1.0), Knot(1.0, inf))), "must be a finite number, not inf"),
        (lambda: Isotonic((Knot(0.0, 0.0), Knot(5e-324, 1.0))), "too steep at 0.0"),
    ],
)
def test_what_is_no_rising_map_is_refused(made: Callable[[], Calibration], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        made()


def test_a_flat_piece_and_a_missing_score_are_kept() -> None:
    curve = Isotonic((Knot(-1.0, -2.0), Knot(0.0, 0.0), Knot(1.0, 0.0)))
    found = calibrate_log_odds(curve, np.array([-5.0, -0.5, 0.7, 9.0, nan]))
    assert found[:4].tolist() == [-2.0, -1.0, 0.0, 0.0]
    assert np.isnan(found[4])
