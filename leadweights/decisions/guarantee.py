"""The largest queue that is proven to convert as often as promised: exact tests in a fixed order.

Rows are sorted by score; a queue is the rows above a cut. Of the rows above a fixed cut each is a
fresh draw from all leads above it, so the hits among `rows` of them are Bin(rows, true precision).
"""

from math import ceil, log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.metrics import Interval
from leadweights.formula.arrays import Floats

Counts = NDArray[np.int64]

# What the first queue tested is sized for: odds 2.25 times those promised, as 0.9 against 0.8,
# are to be proven in four tables of five. It decides what can be found, never what holds.
_ODDS_RATIO = 2.25
_POWER = 0.8
# An observed precision in fewer rows is no base for a forecast: it has a deviation of 0.1.
_FEWEST_ROWS = 20


def find_proven(rows: Counts, hits: Counts, precision: float, confidence: float) -> int | None:
    """Give the place of the largest queue that has the precision with the confidence, or None.

    `rows` and `hits`, shape (cuts,), count what lies above each distinct score, rising. The test
    of a queue is the exact binomial one: it passes where the one-sided lower bound of Clopper and
    Pearson (1934) is at least `precision`. Queues are tested from `first_rows` on, one distinct
    score after the other, each at the full level, until the first does not pass (fixed-sequence
    testing: Bauer 1991; for finding a cut, Angelopoulos et al. 2021, "Learn then Test").

    Nothing is paid for having looked at many cuts. Let c be the highest cut whose true precision
    falls short, above the first queue or not. If c lies below the first queue, then to choose any
    cut that low the very queue above c must have passed, and its hits are Bin(rows, at most
    `precision`). If not, the first queue itself falls short and must have passed (here, and here
    alone, it is taken that no cut from c down to it has a higher true precision than c). Either
    happens with probability 1 - confidence at most. Which cuts are tested depends on their order
    and the number of rows alone, never on labels.

    In simulation, where precision falls as the queue grows, this found larger queues than
    Bonferroni or Holm over a grid of sizes, several starts that share the level, the fallback
    procedure (Wiens and Dmitrienko 2005), one bound on the whole path, or choosing on one half and
    testing on the other: `benchmarks/threshold_guarantee.py`.
    """
    start = int(np.searchsorted(rows, first_rows(int(rows[-1]), precision, confidence)))
    passed = p_values(rows[start:], hits[start:], precision) <= 1 - confidence
    length = len(passed) if passed.all() else int(np.argmin(passed))
    return start + length - 1 if length else None


def first_rows(table_rows: int, precision: float, confidence: float) -> int:
    """Say how many rows the first queue tested has, in a table of so many.

    Too few prove nothing, and too many may already fall short. The geometric mean of the fewest
    that can be expected to prove it and of a tenth of the table found queues within a tenth of
    those of the best start in 15 of 17 simulated populations of 400 to 20,000 rows; in the other
    two the true queue was of some 100 rows, and every start found little.
    """
    higher = _ODDS_RATIO * precision / (1 - precision + _ODDS_RATIO * precision)
    fewest = rows_needed(higher, precision, confidence)
    start = max(fewest, ceil(sqrt(fewest * table_rows / 10)))
    # A small table is better tested with too small a chance than not at all.
    start = min(start, max(table_rows // 4, _all_hits(precision, confidence)))
    return min(start, table_rows)


def rows_needed(true_precision: float, precision: float, confidence: float) -> int:
    """Count the rows a queue needs to be proven in four tables of five.

    The textbook size of a one-sided test of one proportion (Fleiss, Levin and Paik 2003, 2.5),
    and no fewer than prove it when all of them are hits. `true_precision` is the higher one.
    """
    quantile = NormalDist().inv_cdf
    spread = quantile(confidence) * sqrt(precision * (1 - precision))
    spread += quantile(_POWER) * sqrt(true_precision * (1 - true_precision))
    size = ceil((max(spread, 0.0) / max(true_precision - precision, 1e-9)) ** 2)
    return max(size, _all_hits(precision, confidence))


def table_rows_needed(
    rows: Counts, hits: Counts, precision: float, confidence: float
) -> tuple[int, int] | None:
    """Forecast how many rows a table needs for `find_proven` to find something, and from what.

    Gives the rows and the place of the queue whose observed precision is taken for the true one:
    the share of the table that the first queue tested would be. None where no such queue, of 20
    rows or more, has a higher observed precision than asked for.
    """
    total = int(rows[-1])
    size = float(total)
    first = int(np.searchsorted(rows, first_rows(total, precision, confidence)))
    smallest = min(int(np.searchsorted(rows, _FEWEST_ROWS)), first)
    observed = hits / rows
    if not (observed[smallest : first + 1] > precision).any():
        return None
    while size < 1e12:
        size *= 1.01
        start = first_rows(int(size), precision, confidence)
        place = max(smallest, int(np.searchsorted(rows, ceil(start * total / size))))
        if observed[place] > precision and (
            rows_needed(float(observed[place]), precision, confidence) <= start
        ):
            return int(size), place
    return None


def p_values(rows: Counts, hits: Counts, precision: float) -> Floats:
    """Give P(Bin(rows, precision) >= hits) of each queue, shape (cuts,)."""
    # The binomial tail as an incomplete beta function (Abramowitz and Stegun 1964, 26.5.24).
    from scipy.special import betainc  # 0.2 s, and most commands need none of it

    tail = betainc(np.maximum(hits, 1), rows - hits + 1, precision)
    return np.where(hits > 0, tail, 1.0)


def lower_bound(rows: int, hits: int, confidence: float) -> float:
    """Give the exact one-sided lower bound of a share (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    return float(betaincinv(hits, rows - hits + 1, 1 - confidence)) if hits else 0.0


def measure_share(rows: int, hits: int, of: int = 1) -> Interval:
    """Give hits per `of` rows with an exact two-sided 95% interval (Clopper and Pearson 1934).

    Of no rows there is none.
    """
    if not rows:
        return Interval(None, None, None)
    low, high = lower_bound(rows, hits, 0.975), 1 - lower_bound(rows, rows - hits, 0.975)
    return Interval(of * hits / rows, of * low, of * high)


def _all_hits(precision: float, confidence: float) -> int:
    """Count the rows that prove the precision when all of them are hits."""
    return ceil(log(1 - confidence) / log(precision))


def count_queues(y: NDArray[Any], score: Floats) -> tuple[Floats, Counts, Counts]:
    """Give the distinct scores, falling, and the rows and hits at or above each of them.

    `y` (1 for positive) and `score` have shape (rows,), without NaN; the results (cuts,). Rows of
    one score are never parted.
    """
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    last = np.flatnonzero(np.r_[falling[1:] != falling[:-1], True])
    hits = np.cumsum(y[order] > 0)[last].astype(np.int64)
    return falling[last], (last + 1).astype(np.int64), hits
