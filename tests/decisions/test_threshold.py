"""Thresholds against hand arithmetic, scipy, scikit-learn, laws, and known Bernoulli steps."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, binomtest
from sklearn.metrics import f1_score, precision_score, recall_score

from leadweights.decisions.asks import Ask, Capacity, Precision, Profit, QueueRate, Recall
from leadweights.decisions.guarantee import (
    find_proven,
    first_rows,
    measure_share,
    p_values,
    rows_needed,
)
from leadweights.decisions.ranking import rank
from leadweights.decisions.threshold import Choice, Unproven, choose_cut
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.arrays import Floats

Counts = NDArray[np.int64]

# Ten rows by hand; the two at 1.0 cannot be parted.
Y = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=float)
Z = np.array([3.2, 2.1, 1.0, 1.0, 0.4, 0.1, -0.3, -1.2, -2.0, -3.7])


def chosen(y: Floats, log_odds: Floats, ask: Ask) -> Choice:
    choice = choose_cut(y, log_odds, ask)
    assert isinstance(choice, Choice)
    return choice


def called(choice: Choice, log_odds: Floats) -> int:
    return int(np.sum(log_odds >= choice.cut))


@pytest.mark.parametrize(
    ("ask", "rows", "cut"),
    [
        (Capacity(1), 1, 3.0),
        (Capacity(2), 2, 2.0),
        (Capacity(3), 2, 2.0),
        (Capacity(4), 4, 1.0),
        (Capacity(5), 5, 0.2),
        (Capacity(10), 10, -4.0),
        (QueueRate(0.29), 2, 2.0),
        (QueueRate(0.6), 6, 0.0),
        (QueueRate(1.0), 10, -4.0),
        (Recall(0.5), 2, 2.0),
        (Recall(0.51), 4, 1.0),
        (Recall(1.0), 6, 0.0),
        # Profit by rows: 1 60, 2 120, 4 140, 5 100, 6 160 and then less.
        (Profit(100, 40), 6, 0.0),
        (Profit(100, 60), 2, 2.0),
        (Profit(100, 100), 0, 4.0),
        (Profit(100, 0), 6, 0.0),
    ],
)
def test_cuts_are_those_counted_by_hand(ask: Ask, rows: int, cut: float) -> None:
    choice = chosen(Y, Z, ask)
    assert choice.measures["contacted_rows"].value == rows
    assert choice.cut == cut
    assert called(choice, Z) == rows


def test_measures_are_scikit_learns_and_hand_arithmetics() -> None:
    choice = chosen(Y, Z, Capacity(5))
    decided = choice.cut <= Z
    value = {name: interval.value for name, interval in choice.measures.items()}
    assert value["hits"] == 3
    assert value["precision"] == precision_score(Y, decided)
    assert value["recall"] == recall_score(Y, decided)
    assert value["f1"] == f1_score(Y, decided)
    assert value["queue_rate"] == 0.5
    assert value["lift"] == pytest.approx(0.6 / 0.4, abs=1e-15)
    assert value["conversions_per_1000_contacted"] == 600
    assert value["conversions_per_1000_rows"] == 300
    assert "profit" not in value
    assert chosen(Y, Z, Profit(100, 40)).measures["profit"].value == 160


def test_a_table_to_be_left_alone_has_no_precision() -> None:
    measures = chosen(Y, Z, Profit(1, 5)).measures
    assert measures["precision"].value is None
    assert measures["lift"].value is None
    assert measures["profit"].value == 0


@settings(max_examples=60)
@given(st.integers(1, 300), st.floats(0, 1), st.floats(0.01, 0.99))
def test_intervals_and_tests_are_scipys_exact_ones(rows: int, share: float, other: float) -> None:
    hits = round(rows * share)
    expected = binomtest(hits, rows).proportion_ci(0.95, "exact")
    found = measure_share(rows, hits)
    assert found.low is not None
    assert found.high is not None
    assert np.allclose([found.low, found.high], [expected.low, expected.high], rtol=0, atol=1e-10)
    tail = p_values(np.array([rows]), np.array([hits]), other)
    expected_tail = binomtest(hits, rows, other, alternative="greater").pvalue
    assert np.allclose(tail, expected_tail, rtol=1e-8, atol=1e-12)


def test_the_intervals_of_shares_are_exact_ones() -> None:
    measures = chosen(Y, Z, Capacity(5)).measures
    expected = binomtest(3, 5).proportion_ci(0.95, "exact")
    precision = measures["precision"]
    ends = np.array([precision.low, precision.high], dtype=float)
    assert np.allclose(ends, [expected.low, expected.high], rtol=0, atol=1e-12)
    contacted = measures["contacted_rows"]
    expected = binomtest(5, 10).proportion_ci(0.95, "exact")
    ends = np.array([contacted.low, contacted.high], dtype=float)
    assert np.allclose(ends, [10 * expected.low, 10 * expected.high], rtol=0, atol=1e-11)


def test_the_bootstrap_is_that_of_drawing_rows() -> None:
    random = np.random.RandomState(4)
    z = random.normal(size=400)
    y = (random.uniform(size=400) < 1 / (1 + np.exp(-2 * z))).astype(float)
    choice = chosen(y, z, Profit(10, 4))
    draws = random.randint(0, 400, size=(4000, 400))
    decided, positive = (z >= choice.cut)[draws], y[draws]
    hits = np.sum(decided * positive, axis=1)
    count, all_positive = decided.sum(axis=1), positive.sum(axis=1)
    for name, values, noise in (
        ("f1", 2 * hits / (count + all_positive), 0.01),
        ("lift", hits / count / (all_positive / 400), 0.03),
        ("profit", 10 * hits - 4 * count, 25),
    ):
        interval = choice.measures[name]
        ends = np.array([interval.low, interval.high], dtype=float)
        assert np.allclose(ends, np.percentile(values, [2.5, 97.5]), rtol=0, atol=noise), name


def test_deciles_add_up_and_never_part_a_score() -> None:
    choice = chosen(Y, Z, Capacity(5))
    assert [part.rows for part in choice.deciles] == [1, 1, 2, 1, 1, 1, 1, 1, 1]
    assert [part.hits for part in choice.deciles] == [1, 1, 1, 0, 1, 0, 0, 0, 0]
    third = choice.deciles[2]
    assert (third.highest, third.lowest, third.precision, third.lift) == (1.0, 1.0, 0.5, 1.25)
    assert (third.cumulative_rows, third.cumulative_precision) == (4, 0.75)
    assert choice.deciles[-1].cumulative_recall == 1.0


def test_rows_without_a_score_are_left_out_and_counted() -> None:
    y, z = np.r_[Y, 1.0, 0.0], np.r_[Z, np.nan, np.nan]
    choice = chosen(y, z, Recall(1.0))
    assert (choice.rows, choice.unscored_rows, choice.positive_rows) == (10, 2, 4)
    assert choice.measures == chosen(Y, Z, Recall(1.0)).measures


tables = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n),
        st.lists(
            st.integers(-6, 6).map(lambda k: k / 3) | st.floats(-50, 50), min_size=n, max_size=n
        ),
        st.randoms(use_true_random=False),
    ).filter(lambda drawn: len(set(drawn[0])) == 2)
)


@pytest.mark.sweep
@given(tables, st.floats(0.01, 1), st.floats(0, 1))
def test_the_cut_contacts_what_is_said_and_the_order_of_rows_is_nothing(
    drawn: tuple[list[float], list[float], object], share: float, cost: float
) -> None:
    y, z = np.array(drawn[0]), np.array(drawn[1])
    shuffled = np.random.RandomState(len(y)).permutation(len(y))
    for ask in (QueueRate(share), Recall(share), Profit(1, cost), Precision(0.5, 0.6)):
        try:
            choice = choose_cut(y, z, ask)
        except UnsupportedError:
            continue
        assert choose_cut(y[shuffled], z[shuffled], ask) == choice
        if isinstance(choice, Choice):
            assert called(choice, z) == choice.measures["contacted_rows"].value
            hits = choice.measures["hits"].value
            assert np.sum(y[z >= choice.cut]) == pytest.approx(hits, abs=1e-9)
            if isinstance(ask, Recall):
                assert hits is not None
                assert hits >= share * y.sum() - 1e-6


@pytest.mark.sweep
@settings(max_examples=30)
@given(tables)
def test_more_capacity_never_raises_the_cut(drawn: tuple[list[float], list[float], object]) -> None:
    y, z = np.array(drawn[0]), np.array(drawn[1])
    cuts = []
    for rows in range(1, len(y) + 1):
        try:
            choice = chosen(y, z, Capacity(rows))
        except UnsupportedError:
            assert np.sum(z == z.max()) > rows
            continue
        assert called(choice, z) <= rows
        cuts.append(choice.cut)
    assert all(later <= earlier for earlier, later in pairwise(cuts))


@settings(max_examples=50)
@given(tables)
def test_a_queue_counts_every_distinct_cut(drawn: tuple[list[float], list[float], object]) -> None:
    y, z = np.array(drawn[0]), np.array(drawn[1])
    found = rank(y, z, 400)
    assert len(found.cuts) == len(set(z))
    for cut, rows, hits in zip(found.cuts, found.calls[1:], found.hits[1:], strict=True):
        assert rows == np.sum(z >= cut)
        assert hits == np.sum(y[z >= cut])


def test_a_long_queue_is_thinned_and_keeps_its_ends() -> None:
    z = np.random.RandomState(1).normal(size=5000)
    found = rank((z > 0.2).astype(float), z, 400)
    assert len(found.cuts) + 1 == len(found.calls) == len(found.hits) == 401
    assert (found.calls[1], found.calls[-1]) == (1, 5000)


def test_the_largest_proven_queue_is_the_one_found_one_by_one() -> None:
    random = np.random.RandomState(8)
    z = np.sort(random.normal(size=1000))[::-1]
    y = (random.uniform(size=1000) < 1 / (1 + np.exp(-1.5 * z))).astype(float)
    rows = start = first_rows(1000, 0.7, 0.9)
    while binomtest(int(y[:rows].sum()), rows, 0.7, alternative="greater").pvalue <= 0.1:
        rows += 1
    assert rows > start
    choice = chosen(y, z, Precision(0.7, 0.9))
    assert choice.measures["contacted_rows"].value == rows - 1
    assert choice.guarantee is not None
    assert (choice.guarantee.precision, choice.guarantee.confidence) == (0.7, 0.9)


def test_the_rows_needed_are_those_of_an_exact_test() -> None:
    """The textbook size is a normal approximation; the exact power is between 0.7 and 0.9."""
    for true, precision in ((0.9, 0.8), (0.83, 0.8), (0.3, 0.2), (0.06, 0.05), (0.6, 0.5)):
        rows = rows_needed(true, precision, 0.9)
        enough = binom.isf(0.1, rows, precision) + 1
        assert 0.7 < binom.sf(enough - 1, rows, true) < 0.9
    assert rows_needed(1.0, 0.8, 0.9) == 11  # 0.8 ** 10 is 0.107, 0.8 ** 11 is 0.086


# Five populations by hand: shares of the rows, by falling score, and how many of each convert.
STEPS = {
    "a slope": ((0.05, 0.1, 0.1, 0.25, 0.5), (0.95, 0.85, 0.7, 0.45, 0.2)),
    "a plateau just below": ((0.02, 0.6, 0.38), (0.85, 0.798, 0.3)),
    "never": ((0.5, 0.5), (0.799, 0.3)),
    "just below from the start": ((0.3, 0.3, 0.4), (0.795, 0.79, 0.2)),
    "a dip and a rise": ((0.08, 0.12, 0.1, 0.7), (0.9, 0.72, 0.95, 0.2)),
}
# Of 1,000 draws, each with a chance of 0.9, a smaller share holds about once in 1,000 times.
HOLDS = 0.87
Pick = Callable[[Counts, Counts], int | None]


def ours(rows: Counts, hits: Counts) -> int | None:
    return find_proven(rows, hits, 0.8, 0.9)


def naive(rows: Counts, hits: Counts) -> int | None:
    places = np.flatnonzero(hits[19:] / rows[19:] >= 0.8) + 19
    return int(places[-1]) if len(places) else None


def uncorrected(rows: Counts, hits: Counts) -> int | None:
    places = np.flatnonzero(p_values(rows, hits, 0.8) <= 0.1)
    return int(places[-1]) if len(places) else None


def held(pick: Pick, steps: tuple[tuple[float, ...], tuple[float, ...]], draws: int) -> float:
    """Give the share of draws of 800 rows in which the true precision of the cut is 0.8 or more."""
    shares, rates = map(np.array, steps)
    random = np.random.RandomState(11)
    ends = np.cumsum(shares)
    table = np.arange(1, 801)
    kept = 0
    for _ in range(draws):
        rank = np.sort(random.uniform(size=800))
        y = random.uniform(size=800) < rates[np.searchsorted(ends[:-1], rank)]
        place = pick(table, np.cumsum(y))
        if place is None:
            kept += 1
            continue
        inside = np.clip(rank[place] - (ends - shares), 0, shares)
        kept += bool(inside @ rates >= 0.8 * rank[place])
    return kept / draws


@pytest.mark.parametrize("population", STEPS)
def test_the_guarantee_holds_on_known_steps(population: str) -> None:
    assert held(ours, STEPS[population], 1000) >= HOLDS


@pytest.mark.parametrize(
    ("fault", "population"),
    [
        (naive, "a slope"),
        (naive, "a plateau just below"),
        (uncorrected, "a plateau just below"),
        (uncorrected, "never"),
    ],
)
def test_planted_faults_break_the_guarantee(fault: Pick, population: str) -> None:
    assert held(fault, STEPS[population], 1000) < HOLDS


def test_what_rows_cannot_prove_is_said_with_what_would_do() -> None:
    random = np.random.RandomState(0)
    z = np.sort(random.normal(size=400))[::-1]
    y = np.r_[np.ones(32), np.zeros(8), np.tile([1.0, 0.0], 180)]
    found = choose_cut(y, z, Precision(0.7, 0.99))
    assert isinstance(found, Unproven)
    tested = found.tested_rows
    hits = int(y[:tested].sum())
    bound = binomtest(hits, tested, alternative="greater").proportion_ci(0.99, "exact").low
    assert found.guarantee.precision == pytest.approx(bound, abs=1e-10)
    assert found.guarantee.precision < 0.7
    assert found.from_rows is not None
    assert found.more_rows is not None
    assert found.from_precision == y[: found.from_rows].mean()
    # In so large a table the first queue tested is that share of the rows, and large enough.
    assert found.from_precision is not None
    first = first_rows(400 + found.more_rows, 0.7, 0.99)
    assert first >= rows_needed(found.from_precision, 0.7, 0.99)
    assert first / (400 + found.more_rows) * 400 <= found.from_rows


def test_no_number_of_rows_helps_a_model_that_never_gets_there() -> None:
    y = np.tile([1.0, 0.0], 200)
    found = choose_cut(y, np.linspace(2, -2, 400), Precision(0.8))
    assert isinstance(found, Unproven)
    assert found.more_rows is None


@pytest.mark.parametrize("precision", [1e-9, 0.05, 0.5, 0.999, 1 - 1e-12])
@pytest.mark.parametrize("confidence", [1e-6, 0.3, 0.9, 1 - 1e-12])
@pytest.mark.parametrize("rows", [2, 11, 300])
def test_the_ends_of_what_can_be_asked_are_answered(
    precision: float, confidence: float, rows: int
) -> None:
    y = np.r_[np.ones(rows // 2), np.zeros(rows - rows // 2)]
    for labels in (y, y[::-1]):
        found = choose_cut(labels, np.linspace(3, -3, rows), Precision(precision, confidence))
        assert isinstance(found, Choice | Unproven)


def test_scores_next_to_each_other_are_parted() -> None:
    first = 0.1
    second = np.nextafter(first, -1)
    z = np.array([1e300, first, second, 1e-300, 0.0, -1e300])
    y = np.array([1.0, 0, 1, 0, 1, 0])
    found = rank(y, z, 400)
    assert [int(np.sum(z >= cut)) for cut in found.cuts] == [1, 2, 3, 4, 5, 6]
    assert not (z >= chosen(y, z, Profit(1, 9)).cut).any()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Precision(0.0), "a precision is above 0 and below 1, not 0"),
        (lambda: Precision(1.0), "no number of rows proves 1"),
        (lambda: Precision(0.8, 1.0), "a confidence is above 0 and below 1, not 1"),
        (lambda: Precision(float("nan")), "not nan"),
        (lambda: Capacity(0), "at least 1 row, not 0"),
        (lambda: QueueRate(0.0), "a queue rate is above 0 and at most 1, not 0"),
        (lambda: QueueRate(1.2), "not 1.2"),
        (lambda: Recall(-0.1), "a recall is above 0 and at most 1, not -0.1"),
        (lambda: Profit(0, 1), "the value of a conversion is above 0, not 0"),
        (lambda: Profit(1, -8), "the cost of a contact is 0 or more, not -8"),
        (lambda: Profit(float("inf"), 1), "not inf"),
        (lambda: choose_cut(Y, Z, Capacity(11)), "11 rows is more than the 10 scored rows"),
        (lambda: choose_cut(Y, np.ones(10), Capacity(4)), "no cut contacts 1 to 4 rows"),
        (lambda: choose_cut(Y, Z, QueueRate(0.01)), "less than one of the 10 scored rows"),
    ],
)
def test_what_has_no_answer_is_said_in_a_line(ask: Callable[[], object], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        ask()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("y", "z", "message"),
    [
        (np.ones(10), Z, "all 10 scored rows are positive"),
        (np.zeros(10), Z, "all 10 scored rows are negative"),
        (np.r_[Y[:2], np.zeros(8)], np.r_[np.nan, np.nan, Z[2:]], "all 8 scored rows are negative"),
        (Y, np.full(10, np.nan), "none of the 10 rows has a score"),
        (Y, np.r_[np.inf, Z[1:]], "must be finite"),
    ],
)
def test_rows_that_show_nothing_are_refused(y: Floats, z: Floats, message: str) -> None:
    with pytest.raises(TableError, match=message):
        choose_cut(y, z, Capacity(1))
    with pytest.raises(TableError, match=message):
        rank(y, z, 400)
