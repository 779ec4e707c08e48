"""Counts along a ranking, against counting by hand."""

import numpy as np
import pytest

from leadweights.ranking import (
    bands,
    calibration_error,
    ranking,
    rate,
    reliability,
    slots,
)

Y = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
SCORE = np.array([3.0, 2.0, 2.0, 1.0, 1.0, 0.5])
PROBABILITY = np.array([0.9, 0.6, 0.6, 0.4, 0.4, 0.2])


def test_a_ranking_steps_over_groups_of_equal_scores() -> None:
    found = ranking(Y, SCORE, PROBABILITY)
    assert found.calls == (0, 1, 3, 5, 6)
    assert found.hits == (0, 1, 2, 3, 3)
    assert found.least_probability == (0.9, 0.9, 0.6, 0.4, 0.2)
    assert found.exact


def test_rows_tied_at_the_end_of_the_calls_count_in_proportion() -> None:
    found = ranking(Y, SCORE, PROBABILITY)
    assert found.hits_in(2) == 1.5
    step = found.step(0.5)
    assert (step.calls, step.hits, step.recall) == (3, 2, 2 / 3)
    assert (step.lift, step.false_share) == (4 / 3, 1 / 3)


def test_the_order_of_rows_does_not_matter() -> None:
    turned = slice(None, None, -1)
    assert ranking(Y[turned], SCORE[turned], PROBABILITY[turned]) == ranking(Y, SCORE, PROBABILITY)


def test_a_thinned_ranking_keeps_its_ends_and_says_so() -> None:
    random = np.random.RandomState(0)
    score = random.normal(size=5000)
    y = (random.normal(size=5000) < score).astype(float)
    whole = ranking(y, score, score)
    thin = whole.thinned(400)
    assert len(thin.calls) <= 400
    assert (thin.calls[0], thin.calls[-1], thin.hits[-1]) == (0, 5000, y.sum())
    assert not thin.exact
    assert set(zip(thin.calls, thin.hits, strict=True)) <= set(
        zip(whole.calls, whole.hits, strict=True)
    )


@pytest.mark.parametrize(
    ("positives", "rows", "low", "high"),
    # scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    [
        (0, 10, 0.0, 0.277533),
        (5, 10, 0.236593, 0.763407),
        (10, 10, 0.722467, 1.0),
        (81, 263, 0.255289, 0.366210),
    ],
)
def test_the_interval_of_a_rate_is_wilsons(
    positives: int, rows: int, low: float, high: float
) -> None:
    found = rate(np.r_[np.ones(positives), np.zeros(rows - positives)])
    assert (round(found.low, 6), round(found.high, 6)) == (low, high)


def test_bins_and_bands_never_part_equal_values() -> None:
    assert [b.rate.rows for b in reliability(Y, PROBABILITY, 3)] == [1, 2, 3]
    assert [b.rate.rows for b in bands(Y, SCORE, PROBABILITY, "ABC")] == [1, 2, 3]
    flat = np.full(6, 0.5)
    assert [b.rate.rows for b in reliability(Y, flat)] == [6]
    assert [b.name for b in bands(Y, flat, flat)] == ["A"]


def test_the_calibration_error_is_the_average_distance_by_rows() -> None:
    bins = reliability(Y, PROBABILITY, 3)
    by_hand = (abs(0.2 - 0) * 1 + abs(0.4 - 0.5) * 2 + abs(0.7 - 2 / 3) * 3) / 6
    assert calibration_error(bins) == pytest.approx(by_hand, abs=1e-15)


def test_every_row_is_in_one_slot() -> None:
    found = slots(Y, np.array([0.0, 1.0, 0.05, 0.5, 0.999, 0.3]), 20)
    assert sum(slot.positives for slot in found) == 3
    assert sum(slot.negatives for slot in found) == 3
    assert (found[0].positives, found[-1].negatives) == (1, 2)
