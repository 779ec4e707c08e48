"""Values and ranges with one outcome are named, with their counts; honest columns are not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts, texts
from leadweights.learn.prepare.leakage import find_suspects
from leadweights.learn.prepare.one_sided import find_one_sided

ROWS = 20_000


def outcomes(seed: int, rate: float, rows: int = ROWS) -> Floats:
    return (np.random.RandomState(seed).uniform(size=rows) < rate).astype(float)


def sentence(values: Floats | Texts, y: Floats, kind: Any = "number") -> str | None:
    found = find_one_sided(values, y, kind)
    return None if found is None else found.sentence


@pytest.mark.parametrize("rate", [0.05, 0.37, 0.8])
def test_a_count_whose_rows_of_one_and_more_were_never_won_is_named(rate: float) -> None:
    y = outcomes(1, rate, 60_000)
    random = np.random.RandomState(2)
    refunds = np.where(y > 0, 0, random.poisson(0.1, len(y)))
    rows = int((refunds >= 1).sum())
    assert sentence(refunds * 1.0, y) == f"is 1 or more in {rows:,} rows, none of them positive"
    (suspect,) = find_suspects({"refund_count": refunds * 1.0}, y, 42)
    assert suspect.by_values
    assert suspect.question == (
        f"'refund_count' is 1 or more in {rows:,} rows, none of them positive: "
        "is it known before the outcome?"
    )


def test_a_flag_is_named_that_is_578_times_positive_of_578() -> None:
    y = outcomes(3, 0.3, 7000)
    flag = np.zeros(len(y))
    flag[np.flatnonzero(y)[:578]] = 1
    assert sentence(flag, y) == "is 1 in 578 rows, all of them positive"
    assert sentence(flag, y, "flag") == "is true in 578 rows, all of them positive"
    words = texts("Yes" if own else "No" for own in flag)
    assert sentence(words, y) == "is 'Yes' in 578 rows, all of them positive"
    there = np.where(flag > 0, np.random.RandomState(0).uniform(size=len(y)), np.nan)
    assert sentence(there, y) == "has a value in 578 rows, all of them positive"


def test_a_few_mistakes_do_not_hide_it_and_are_counted() -> None:
    y = outcomes(4, 0.4)
    flag = np.zeros(ROWS)
    flag[np.flatnonzero(y)[:3000]] = 1
    flag[np.flatnonzero(y == 0)[:7]] = 1
    assert sentence(flag, y) == "is 1 in 3,007 rows, all but 7 of them positive"
    assert sentence(flag, 1 - y) == "is 1 in 3,007 rows, 7 of them positive"


def test_ranges_in_the_middle_and_at_the_ends_are_found_whatever_their_scale() -> None:
    y = outcomes(5, 0.4)
    random = np.random.RandomState(50)
    honest = random.uniform(0, 100, ROWS)
    for low, high in ((0, 20), (40, 60), (90, 100)):
        inside = (y > 0) & (random.uniform(size=ROWS) < 0.3)
        outside = np.where((honest >= low) & (honest < high), np.nan, honest)
        column = np.where(inside, random.uniform(low, high, ROWS), outside)
        found = find_one_sided(column, y)
        assert found is not None
        # Ranges end at hundredths of the rows.
        assert 0.9 * inside.sum() < found.positive_rows == found.rows


def test_a_date_stands_as_a_date() -> None:
    y = outcomes(6, 0.4)
    days = np.where((y == 0) & (np.arange(ROWS) % 3 == 0), 20567.0, 20000.0 + np.arange(ROWS) % 300)
    rows = int((days == 20567).sum())
    assert sentence(days, y, "date") == f"is 2026-04-24 in {rows:,} rows, none of them positive"


@pytest.mark.parametrize("rate", [0.03, 0.4, 0.7])
@pytest.mark.parametrize("apart", [0.5, 1.0, 1.3])
def test_tails_of_honest_numbers_are_not_named_however_many_rows(rate: float, apart: float) -> None:
    y = outcomes(7, rate, 200_000)
    random = np.random.RandomState(70)
    normal = random.normal(apart * y)
    for values in (normal, np.exp(normal), np.round(normal, 1), np.floor(np.exp(normal))):
        assert find_one_sided(values, y) is None, values[:3]


@pytest.mark.parametrize("rows", [200, 2000, 20_000])
@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5])
def test_noise_is_never_named(rows: int, rate: float) -> None:
    y = outcomes(rows, rate, rows)
    random = np.random.RandomState(rows + 1)
    for _ in range(15):
        columns: list[Floats | Texts] = [
            random.normal(size=rows),
            random.poisson(random.choice([0.02, 0.3, 4]), rows).astype(float),
            np.where(random.uniform(size=rows) < random.choice([0.01, 0.1, 0.4]), 1.0, 0.0),
            np.where(random.uniform(size=rows) < 0.7, np.nan, random.normal(size=rows)),
            texts(random.choice([*"abcdefghijkl"], rows)),
        ]
        assert [find_one_sided(column, y) for column in columns] == [None] * 5


@settings(max_examples=200)
@given(st.integers(1, 3000), st.integers(0, 40), st.floats(0.02, 0.9))
def test_a_value_is_named_by_the_exact_bound_of_its_rows(n: int, k: int, rate: float) -> None:
    k = min(k, n)
    y = np.zeros(10_000)
    y[: round(rate * 10_000)] = 1
    positives, negatives = np.flatnonzero(y), np.flatnonzero(y == 0)
    if len(positives) < k or len(negatives) < n - k:
        return
    flag = np.zeros(10_000)
    flag[positives[:k]] = flag[negatives[: n - k]] = 1
    found = find_one_sided(texts("yes" if own else "no" for own in flag), y)
    named = found is not None and found.positive_rows == k and "'yes'" in found.words
    # Two levels, and whether there is a value or not; both outcomes of each.
    bound = beta.ppf(1 - 1e-4 / 8, k + 1, n - k) if n > k else 1.0
    share = y.mean()
    assert named == (n * share >= 10 and k <= n * share / 50 and bound <= share / 10)
