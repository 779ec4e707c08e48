"""Counts along a ranking and by band, against counting by hand."""

import numpy as np
import pytest

from leadweights.decisions.ranking import count_bands, count_called, count_slots, cut_fifths, rank
from leadweights.model.rules import Band, Bands

Y = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
SCORE = np.array([3.0, 2.0, 2.0, 1.0, 1.0, 0.5])
MOST = 100


def test_a_ranking_steps_over_groups_of_equal_scores() -> None:
    found = rank(Y, SCORE, MOST)
    assert found.calls == (0, 1, 3, 5, 6)
    assert found.hits == (0, 1, 2, 3, 3)
    assert found.exact
    for cut, calls, hits in zip(found.cuts, found.calls[1:], found.hits[1:], strict=True):
        assert int(np.sum(cut <= SCORE)) == calls
        assert Y[cut <= SCORE].sum() == hits


def test_rows_tied_at_the_end_of_the_calls_count_in_proportion() -> None:
    found = rank(Y, SCORE, MOST)
    assert found.hits_in(2) == 1.5
    step = found.step(0.5)
    assert (step.calls, step.hits, step.recall) == (3, 2, 2 / 3)
    assert (step.lift, step.false_share) == (4 / 3, 1 / 3)


def test_the_order_of_rows_does_not_matter() -> None:
    turned = slice(None, None, -1)
    assert rank(Y[turned], SCORE[turned], MOST) == rank(Y, SCORE, MOST)


def test_a_ranking_in_few_steps_keeps_its_ends_and_says_so() -> None:
    random = np.random.RandomState(0)
    score = random.normal(size=5000)
    y = (random.normal(size=5000) < score).astype(float)
    whole = rank(y, score, 5000)
    assert whole.exact
    for thin in (rank(y, score, 400), whole.thin(400)):
        assert len(thin.calls) <= 401
        assert len(thin.cuts) == len(thin.calls) - 1
        assert (thin.calls[0], thin.calls[-1], thin.hits[-1]) == (0, 5000, y.sum())
        assert not thin.exact
        assert set(zip(thin.calls, thin.hits, strict=True)) <= set(
            zip(whole.calls, whole.hits, strict=True)
        )


@pytest.mark.parametrize(("cut", "calls"), [(4.0, 0), (2.5, 1), (2.0, 3), (0.1, 6)])
def test_a_cut_that_is_asked_for_is_a_step_with_this_very_number(cut: float, calls: int) -> None:
    found = rank(Y, SCORE, 2, cut)
    assert calls in found.calls
    assert found.calls == tuple(sorted(set(found.calls)))
    if calls:
        assert found.cuts[found.calls.index(calls) - 1] == cut
    assert count_called(Y, SCORE, cut).calls == calls


@pytest.mark.parametrize(
    ("positives", "rows", "low", "high"),
    # scipy.stats.binomtest(k, n).proportion_ci(method="exact")
    [
        (0, 10, 0.0, 0.308497),
        (5, 10, 0.187086, 0.812914),
        (10, 10, 0.691503, 1.0),
        (81, 263, 0.252737, 0.367622),
    ],
)
def test_the_interval_of_a_rate_is_exact(
    positives: int, rows: int, low: float, high: float
) -> None:
    y = np.r_[np.ones(positives), np.zeros(rows - positives), 1]
    found = count_called(y, np.r_[np.ones(rows), 0], 1)
    assert (round(found.precision.low or 0, 6), round(found.precision.high or 0, 6)) == (low, high)


def test_a_cut_that_calls_nobody_has_no_precision() -> None:
    assert count_called(Y, SCORE, 4.0).precision.value is None


def test_a_row_on_the_cut_of_a_band_is_in_it_and_an_empty_band_has_no_rate() -> None:
    own = Bands(
        "points", (Band("hot", 3.0), Band("none", 2.5), Band("warm", 1.0, "call"), Band("cold"))
    )
    found = count_bands(Y, SCORE, own)
    assert [(b.name, b.action, b.rows, b.positives) for b in found] == [
        ("hot", "", 1, 1),
        ("none", "", 0, 0),
        ("warm", "call", 4, 2),
        ("cold", "", 1, 0),
    ]
    assert [b.rate.value for b in found] == [1, None, 0.5, 0]
    assert [b.lift for b in found] == [2, None, 1, 0]
    assert [b.share_of_positives for b in found] == [1 / 3, 0, 2 / 3, 0]


def test_bands_of_equal_size_never_part_equal_values() -> None:
    assert [(b.rows, b.low) for b in cut_fifths(Y, SCORE, "ABC")] == [(3, 2.0), (2, 1.0), (1, None)]
    assert [b.name for b in cut_fifths(Y, np.full(6, 0.5))] == ["A"]
    assert [b.rows for b in cut_fifths(np.ones(100), np.arange(100.0))] == [20] * 5


def test_every_row_is_in_one_slot() -> None:
    found = count_slots(Y, np.array([0.0, 1.0, 0.05, 0.5, 0.999, 0.3]), 20)
    assert sum(slot.positives for slot in found) == 3
    assert sum(slot.negatives for slot in found) == 3
    assert (found[0].positives, found[-1].negatives) == (1, 2)
