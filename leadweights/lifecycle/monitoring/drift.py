"""How far two distributions are apart, and how far chance alone would put them.

Plain functions of counts and of samples: nothing here knows of models or tables.
"""

from collections.abc import Sequence
from functools import reduce
from math import log, sqrt
from operator import add

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.formula.nodes import LARGEST_SUM

EMPTY = 0.5
"""As how many rows a bin without a row counts, where the other side has some in it."""

PSI_WATCH, PSI_ACT, ALPHA = 0.1, 0.2, 0.05
"""The customary thresholds: of PSI (Siddiqi 2006, chapter 9, with 0.2 for his 0.25), and of KS."""


def psi(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Give the population stability index of counts in the same bins, shape (bins,) each.

    The sum of (a - e) ln(a / e) over the bins, a and e the shares of all rows (Lewis 1994; the
    symmetric divergence of Jeffreys 1946). An empty bin has no logarithm: where one side has no
    row in a bin it counts as `EMPTY`, half a row, and what has none on either side counts nothing.
    Half a row is little where there are many rows and no more than chance may do where there are
    few; a fixed share, such as 0.0001, would call 200 rows drifted for one bin they happen to miss.
    Shares are not made to add up to 1 again. Raises ValueError where a side has no row, or other
    bins.
    """
    parts = _psi_parts(expected, actual)
    while len(parts) > 1:  # `sum` compensates, which no engine does
        groups = [parts[i : i + LARGEST_SUM] for i in range(0, len(parts), LARGEST_SUM)]
        parts = [reduce(add, group) for group in groups]
    return parts[0]


def _psi_parts(expected: Sequence[float], actual: Sequence[float]) -> list[float]:
    """Give what each bin adds, in order."""
    rows_expected, rows_actual = sum(expected), sum(actual)
    if len(expected) != len(actual) or min(rows_expected, rows_actual) <= 0:
        raise ValueError("PSI needs rows on both sides, in the same bins")
    parts = []
    for there, here in zip(expected, actual, strict=True):
        e, a = (there or EMPTY) / rows_expected, (here or EMPTY) / rows_actual
        parts.append((a - e) * log(a / e) if there or here else 0.0)
    return parts


def count_bins(expected: Sequence[float]) -> int:
    """Count the bins that drift is looked for in: those with rows, and all others as one more.

    Two at least.
    """
    filled = sum(bool(there) for there in expected)
    return max(2, filled + (filled < len(expected)))


def psi_bound(n: float, m: float, bins: int, alpha: float = ALPHA) -> float:
    """Give the PSI that two samples of the same distribution exceed with probability `alpha`.

    PSI is about (1/n + 1/m) times chi-square with bins - 1 degrees of freedom (Yurdakul and
    Naranjo 2020, Journal of Risk Model Validation 14(4)). `n` and `m` are the rows of the samples;
    a sample of weighted rows has fewer (`effective_rows`). 0 for a single bin.
    """
    from scipy.special import chdtri  # 0.2 s, and most commands need none

    return (1 / n + 1 / m) * float(chdtri(bins - 1, alpha)) if bins > 1 else 0.0


def psi_p_value(value: float, n: float, m: float, bins: int) -> float:
    """Give the probability that chance alone makes PSI as large, as `psi_bound` has it."""
    from scipy.special import chdtrc

    return float(chdtrc(bins - 1, value / (1 / n + 1 / m))) if bins > 1 else 1.0


def effective_rows(weights: Floats) -> float:
    """Give how many rows alike in weight tell as much as these (Kish 1965, 11.7)."""
    return float(np.sum(weights) ** 2 / np.sum(np.square(weights)))


def ks(a: Floats, b: Floats) -> float:
    """Give the Kolmogorov-Smirnov distance of two samples, exactly; shape (rows,) each.

    The largest difference of their empirical distribution functions, which is reached at a value
    of one of them. Raises ValueError for a sample without a row and for NaN.
    """
    if not len(a) or not len(b) or np.isnan(a).any() or np.isnan(b).any():
        raise ValueError("KS needs two samples, without missing values")
    left, right = np.sort(a), np.sort(b)
    at = np.concatenate([left, right])
    below = [np.searchsorted(side, at, side="right") / len(side) for side in (left, right)]
    return float(np.max(np.abs(below[0] - below[1])))


def ks_of_counts(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Give the KS distance at the cuts between bins, from counts in rising bins, shape (bins,).

    The distribution functions are compared at the cuts alone, so it is a lower bound of `ks` of
    the samples: between two cuts they may be further apart. Raises ValueError as `psi` does.
    """
    if len(expected) != len(actual) or min(sum(expected), sum(actual)) <= 0:
        raise ValueError("KS needs rows on both sides, in the same bins")
    there, here = np.cumsum(expected, dtype=float), np.cumsum(actual, dtype=float)
    return float(np.max(np.abs(there / there[-1] - here / here[-1])))


def ks_p_value(distance: float, n: float, m: float) -> float:
    """Give the probability that two samples of one distribution are as far apart, or further.

    Kolmogorov's limit with the correction of Stephens (1970) for few rows, within 0.05 of the
    exact value where both samples have 50 rows or more, and 0.015 where that is below 0.1. For a
    lower bound of the distance it is an upper bound, so nothing is called drift that is none.
    """
    from scipy.special import kolmogorov

    rows = sqrt(n * m / (n + m))
    return float(kolmogorov((rows + 0.12 + 0.11 / rows) * distance))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Holm 1979): below alpha, the family-wise error is alpha.

    The k-th smallest of p is multiplied by p - k + 1, and none is smaller than one before it.
    """
    found = [0.0] * len(p_values)
    least = 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for place, number in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[number]))
        found[number] = least
    return found


def reject_by_holm(reached: Sequence[int]) -> list[bool]:
    """Say which hypotheses Holm's procedure rejects, by how often each could be tested more.

    `reached` says for each up to which k its p-value is below alpha / k; 0 for none. The same as
    `holm` below alpha, but in whole numbers, which SQL and Python have alike.
    """
    total = len(reached)
    least = 1
    for place in range(1, total + 1):
        if sum(one >= total - place + 1 for one in reached) < place:
            least = total - place + 2
            break
    return [one >= least for one in reached]


def quantiles(bins: int, most: int, alpha: float = ALPHA) -> list[float]:
    """Give what PSI over (1/n + 1/m) exceeds by chance with probability alpha / k, k = 1 ... most.

    They rise; see `psi_bound`.
    """
    from scipy.special import chdtri

    return [float(chdtri(bins - 1, alpha / k)) for k in range(1, most + 1)]
