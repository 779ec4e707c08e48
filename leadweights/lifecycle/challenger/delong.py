"""The difference of two AUCs on the same rows, with the errors that pairing takes away."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from leadweights.decisions.metrics import Interval
from leadweights.formula.arrays import Floats

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class AucDifference:
    """Two AUCs, the second less the first with a 95% interval, and the p-value of no difference.

    Without an interval, and with a p-value of None, where no error can be told: two rankings that
    are the same, or one positive or negative row.
    """

    first: float
    second: float
    difference: Interval
    p_value: float | None


def compare_aucs(y: Floats, first: Floats, second: Floats) -> AucDifference:
    """Compare the AUCs of two scores by the method of DeLong, DeLong and Clarke-Pearson (1988).

    All have shape (rows,), `y` is 1 for positive; both kinds are there. An AUC is the mean over
    positive rows of the share of negative rows that score lower, ties half, and as well the mean
    over negative rows; the covariance of two AUCs comes from how these shares go together. They
    are found by ranks (Sun and Xu 2014), in time of a sort.
    """
    positive = y > 0
    shares = [_find_shares(score, positive) for score in (first, second)]
    of_positive = np.array([own[0] for own in shares])
    of_negative = np.array([own[1] for own in shares])
    aucs = of_positive.mean(axis=1)
    value = float(aucs[1] - aucs[0])
    counts = of_positive.shape[1], of_negative.shape[1]
    if min(counts) < 2:
        return AucDifference(float(aucs[0]), float(aucs[1]), Interval(value, None, None), None)
    covariance = np.cov(of_positive) / counts[0] + np.cov(of_negative) / counts[1]
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    error = sqrt(max(variance, 0.0))
    # Of two rankings that are the same, all that is left is rounding.
    if error <= 1e-12:
        return AucDifference(float(aucs[0]), float(aucs[1]), Interval(value, None, None), None)
    ends = Interval(value, value - _NORMAL_95 * error, value + _NORMAL_95 * error)
    return AucDifference(float(aucs[0]), float(aucs[1]), ends, erfc(abs(value) / error / sqrt(2)))


def measure_auc(y: Floats, score: Floats) -> Interval:
    """Give the AUC of a score, shape (rows,), with its 95% interval, cut to 0 and 1."""
    below, above = _find_shares(score, y > 0)
    value = float(below.mean())
    if min(len(below), len(above)) < 2:
        return Interval(value, None, None)
    error = sqrt(
        float(np.var(below, ddof=1)) / len(below) + float(np.var(above, ddof=1)) / len(above)
    )
    ends = value - _NORMAL_95 * error, value + _NORMAL_95 * error
    return Interval(value, max(ends[0], 0.0), min(ends[1], 1.0))


def _find_shares(score: Floats, positive: np.ndarray) -> tuple[Floats, Floats]:
    """Give for each positive row the share of negatives below it, for each negative of positives.

    ... above it; ties count half.
    """
    from scipy.stats import rankdata  # 0.2 s, and most commands need none

    yes, no = score[positive], score[~positive]
    among_all = rankdata(score)
    below = (among_all[positive] - rankdata(yes)) / len(no)
    above = 1 - (among_all[~positive] - rankdata(no)) / len(yes)
    return np.asarray(below), np.asarray(above)
