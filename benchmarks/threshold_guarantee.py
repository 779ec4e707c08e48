"""Measure how often the precision asked of a threshold holds among fresh leads.

A population of which the true conversion rate at every score is known; many validation tables
drawn from it; a cut chosen on each for a precision of 0.8 with 90% confidence; and the true
precision above that cut, among 1,000,000 fresh rows. Exits 1 if leadweights' own cut holds the
precision in less than 90% of the tables, less what chance alone does once in 1,000 times.

Run ``python benchmarks/threshold_guarantee.py [--draws 2000] [--rows 1386]``.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leadweights.decisions.asks import Precision
from leadweights.decisions.guarantee import count_queues, find_proven, first_rows, p_values
from leadweights.decisions.threshold import Choice, choose_cut
from leadweights.formula.arrays import Floats

Counts = NDArray[np.int64]

PRECISION, CONFIDENCE = 0.8, 0.9
LEVEL = 1 - CONFIDENCE
FRESH = 1_000_000
FEWEST = 20  # rows of the smallest queue that the methods without a start of their own look at
DATA: Mapping[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "data" / "generate.py"))


class Population(NamedTuple):
    """Fresh rows by falling score, and the true conversion rate of each."""

    score: Floats
    rate: Floats


class Table(NamedTuple):
    """One validation table by falling score: hits among the first 1, 2, ... rows, and tests."""

    y: Floats
    score: Floats
    rows: Counts
    hits: Counts
    p: Floats


# Of how many rows the queue is, 0 for none.
Method = Callable[[Table], int]


def campaign() -> Population:
    """Train once on 3,500 rows of data/generate.py's process, and score fresh ones."""
    random = np.random.RandomState(1)

    def draw(rows: int) -> tuple[Floats, Floats]:
        features = DATA["draw_features"](random, rows)
        rate = DATA["response_probability"](features)
        return np.column_stack(list(features.values())), rate

    x, rate = draw(3500)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(x, DATA["draw_labels"](random, rate))
    x, rate = draw(FRESH)
    return _falling(model.decision_function(x), rate)


def normal(mean: float, deviation: float) -> Population:
    """Give log-odds that are normal and true."""
    log_odds = np.random.RandomState(2).normal(mean, deviation, FRESH)
    return _falling(log_odds, 1 / (1 + np.exp(-log_odds)))


def steps(shares: Sequence[float], rates: Sequence[float]) -> Population:
    """Give a score that is any, and rates that fall in steps."""
    score = np.random.RandomState(3).uniform(size=FRESH)
    ends = np.cumsum(shares)[:-1]
    return _falling(score, np.array(rates)[np.searchsorted(ends, 1 - score)])


def _falling(score: Floats, rate: Floats) -> Population:
    order = np.argsort(-score, kind="stable")
    return Population(score[order], rate[order])


def tables(population: Population, rows: int, draws: int) -> list[Table]:
    """Draw validation tables from the population."""
    random = np.random.RandomState(4)
    found = []
    counted = np.arange(1, rows + 1)
    for _ in range(draws):
        # Without the few that are drawn twice: only leadweights' own method minds ties.
        distinct = np.unique(random.randint(0, FRESH, size=rows + rows // 10 + 10))
        place = np.sort(random.permutation(distinct)[:rows])
        y = (random.random_sample(rows) < population.rate[place]).astype(np.float64)
        hits = np.cumsum(y).astype(np.int64)
        score = population.score[place]
        found.append(Table(y, score, counted, hits, p_values(counted, hits, PRECISION)))
    return found


def ours(table: Table) -> int:
    """Test from the first queue on, until one does not pass."""
    _, rows, hits = count_queues(table.y, table.score)
    place = find_proven(rows, hits, PRECISION, CONFIDENCE)
    return 0 if place is None else int(rows[place])


def naive(table: Table) -> int:
    """Take the largest queue whose observed precision is high enough."""
    return _last(table.hits >= PRECISION * table.rows)


def uncorrected(table: Table) -> int:
    """Take the largest queue whose own bound is high enough, as if it were the only one."""
    return _last(table.p <= LEVEL)


def grid(table: Table, ratio: float = 1.2) -> Counts:
    """Give geometric queue sizes."""
    sizes = FEWEST * ratio ** np.arange(200)
    return np.unique(np.rint(sizes[sizes <= len(table.y)]).astype(np.int64))


def bonferroni(table: Table) -> int:
    """Share the level evenly over a grid of sizes."""
    sizes = grid(table)
    return _largest(sizes, table.p[sizes - 1] <= LEVEL / len(sizes))


def holm(table: Table) -> int:
    """Share the level over the sizes not rejected so far (Holm 1979)."""
    sizes = grid(table)
    order = np.argsort(table.p[sizes - 1])
    allowed = LEVEL / (len(sizes) - np.arange(len(sizes)))
    passed = np.cumprod(table.p[sizes - 1][order] <= allowed).astype(bool)
    return _largest(sizes, np.isin(np.arange(len(sizes)), order[passed]))


def starts(table: Table) -> int:
    """Test in sequence from three starts, each with a third of the level."""
    return max(_sequence(table, start, LEVEL / 3) for start in (50, 100, 200))


def fallback(table: Table) -> int:
    """Do as `starts`, but hand the level on to the next start (Wiens and Dmitrienko 2005)."""
    level, best = 0.0, 0
    for start, end in ((50, 100), (100, 200), (200, len(table.y) + 1)):
        level += LEVEL / 3
        reached = min(_sequence(table, start, level), end - 1)
        best = max(best, reached)
        level = level if reached == end - 1 else 0.0
    return best


def fixed_50(table: Table) -> int:
    """Test in sequence from 50 rows."""
    return _sequence(table, 50, LEVEL)


def fixed_200(table: Table) -> int:
    """Test in sequence from 200 rows."""
    return _sequence(table, 200, LEVEL)


def path_bound(table: Table) -> int:
    """Take the largest queue above one boundary, that a walk at the precision crosses in 10%.

    Valid only where the conversion rate never rises as the score falls.
    """
    rows = len(table.y)
    if rows not in _BOUNDARY:
        random = np.random.RandomState(5)
        walks = np.cumsum(random.random_sample((2000, rows)) < PRECISION, axis=1)
        least = [p_values(table.rows, walk, PRECISION)[FEWEST - 1 :].min() for walk in walks]
        _BOUNDARY[rows] = float(np.quantile(least, LEVEL))
    return _last(table.p < _BOUNDARY[rows])


_BOUNDARY: dict[int, float] = {}


def halves(table: Table) -> int:
    """Choose the naive cut on every other row, a bit above it to be safe, and test on the rest."""
    hits = np.cumsum(table.y[::2]).astype(np.int64)
    rows = table.rows[: len(hits)]
    # Where the other half would pass with an even chance, if its precision were the same.
    slack = 1.28 * sqrt(PRECISION * (1 - PRECISION)) / np.sqrt(rows)
    good = np.flatnonzero(hits / rows >= PRECISION + slack)
    if not len(good):
        return 0
    end = 2 * int(good[-1]) + 1
    rest = table.y[1 : end + 1 : 2]
    p = p_values(np.array([len(rest)]), np.array([int(rest.sum())]), PRECISION)
    return end if p[0] <= LEVEL else 0


def _sequence(table: Table, start: int, level: float) -> int:
    passed = table.p[start - 1 :] <= level
    length = len(passed) if passed.all() else int(np.argmin(passed))
    return start + length - 1 if length else 0


def _last(good: NDArray[np.bool_]) -> int:
    places = np.flatnonzero(good[FEWEST - 1 :])
    return FEWEST + int(places[-1]) if len(places) else 0


def _largest(sizes: Counts, good: NDArray[np.bool_]) -> int:
    return int(sizes[good].max()) if good.any() else 0


METHODS: Mapping[str, Method] = {
    "leadweights": ours,
    "naive: observed precision": naive,
    "each queue's own bound, uncorrected": uncorrected,
    "Bonferroni, grid of sizes": bonferroni,
    "Holm, grid of sizes": holm,
    "sequences from 50, 100, 200 rows": starts,
    "the same, level handed on (fallback)": fallback,
    "sequence from 50 rows": fixed_50,
    "sequence from 200 rows": fixed_200,
    "one bound on the whole path": path_bound,
    "choose on one half, test on the other": halves,
}


def report(name: str, population: Population, rows: int, draws: int) -> float:
    """Print a line a method; give the share of tables in which leadweights' precision holds."""
    precision_above = np.cumsum(population.rate) / np.arange(1, FRESH + 1)
    # The very highest of the fresh rows are too few to know a precision by.
    enough = np.flatnonzero(precision_above[FRESH // 1000 :] >= PRECISION)
    largest = (FRESH // 1000 + int(enough[-1]) + 1) / FRESH * rows if len(enough) else 0
    print(
        f"\n{name}: {draws:,} tables of {rows:,} rows; the true precision is {PRECISION:g}\n"
        f"down to {largest:,.0f} rows; the first queue tested has "
        f"{first_rows(rows, PRECISION, CONFIDENCE)}"
    )
    print(f"{'':40}{'holds':>8}{'mean rows':>11}{'median':>8}{'no queue':>10}")
    drawn = tables(population, rows, draws)
    held_by_ours = 0.0
    for method, pick in METHODS.items():
        sizes = np.array([pick(table) for table in drawn])
        # The shipped cut lies between the last row contacted and the next.
        cuts = [
            (table.score[size - 1] + table.score[size]) / 2 if 0 < size < rows else -np.inf
            for size, table in zip(sizes, drawn, strict=True)
        ]
        if pick is ours:
            cuts = [
                shipped(table, cut, int(size))
                for table, cut, size in zip(drawn, cuts, sizes, strict=True)
            ]
        fresh = np.searchsorted(-population.score, -np.array(cuts), side="right")
        held = (sizes == 0) | (precision_above[np.maximum(fresh, 1) - 1] >= PRECISION)
        if pick is ours:
            held_by_ours = float(held.mean())
        print(
            f"{method:40}{held.mean():>8.1%}{sizes.mean():>11.1f}{np.median(sizes):>8.0f}"
            f"{np.mean(sizes == 0):>10.1%}"
        )
    return held_by_ours


def shipped(table: Table, cut: float, size: int) -> float:
    """Give the very cut that `choose` gives; `cut` where there is none."""
    choice = choose_cut(table.y, table.score, Precision(PRECISION, CONFIDENCE))
    if not isinstance(choice, Choice):
        assert size == 0
        return cut
    assert choice.measures["contacted_rows"].value == size
    return choice.cut


def main() -> int:
    """Print a table a population."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=1386)
    options = parser.parse_args()
    populations = {
        "data/generate.py": campaign(),
        "a better model (log-odds normal, deviation 2.5)": normal(-0.5, 2.5),
        "a plateau at 0.799": steps((0.6, 0.4), (0.799, 0.2)),
        "a dip to 0.78 and a rise": steps((0.06, 0.09, 0.1, 0.75), (0.9, 0.7, 0.95, 0.2)),
    }
    held = [
        report(name, population, options.rows, options.draws)
        for name, population in populations.items()
    ]
    bar = CONFIDENCE - 3.1 * sqrt(LEVEL * CONFIDENCE / options.draws)
    print(f"\nleast {min(held):.1%}; goal {CONFIDENCE:.0%}, by chance down to {bar:.1%}")
    return int(min(held) < ceil(bar * 1000) / 1000)


if __name__ == "__main__":
    sys.exit(main())
