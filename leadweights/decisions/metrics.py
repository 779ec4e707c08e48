"""How well scores rank and predict, with bootstrap intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats

TOP_ROWS = (100, 200)
METRICS = ("auc_roc", "pr_auc", "brier", *(f"precision_at_{k}" for k in TOP_ROWS))
# What besides is measured where a threshold turns probabilities into decisions.
LOG_LOSS = "log_loss"
AT_THRESHOLD = ("accuracy", "precision", "recall", "f1")
TOP_SHARES = ("lift_top_10_percent", "conversions_top_20_percent", "capture_top_20_percent")

# 1,000 resamples give a 95% interval's ends to about a tenth of its width.
RESAMPLES = 1000
FEWEST_GROUPS = 10
FEWEST_OF_A_CLASS = 10
# From here on a wider interval would be wider by less than a hundredth.
_ENOUGH_OF_A_CLASS = 200
_OF_PAIRS = ("auc_roc", "pr_auc")
_OF_FEW = (*_OF_PAIRS, "brier")
# Arrays of this size stay in a core's cache; of 4,000,000 cells they took three times as long.
CELLS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Scored:
    """What one model says of each row: `score` ranks, `probability` predicts; shape (rows,)."""

    score: Floats
    probability: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its bootstrap 95% interval; None where it cannot be computed."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One model's metrics and their paired differences to the model all are compared with."""

    metrics: Mapping[str, Interval]
    differences: Mapping[str, Interval] | None


@dataclass(frozen=True, slots=True)
class Price:
    """What a model gives up against the best of the others by AUC-ROC: its value minus theirs.

    `conversions_top_20_percent` counts in the rows that were measured on, the next per 1,000 rows.
    The best is picked on the very rows it is measured on, and the intervals do not know of the
    picking. Of many models the luckiest is favoured so (the winner's curse: Cawley and Talbot
    2010), which makes a loss look larger than it is: read it as an upper estimate.
    """

    best: str
    auc_roc: Interval
    pr_auc: Interval
    conversions_top_20_percent: Interval
    conversions_top_20_percent_per_1000_rows: Interval


def compare_to_best(found: Mapping[str, Evaluation], rows: float) -> Price:
    """Hold the model that all others were compared with against the best of them.

    `found` is what `evaluate_models` gives with a threshold, `rows` how many it has measured on.
    """
    others = {n: model.differences for n, model in found.items() if model.differences is not None}
    best = max(others, key=lambda name: found[name].metrics["auc_roc"].value or 0.0)

    def lost(metric: str, factor: float = 1.0) -> Interval:
        own = others[best][metric]
        ends = (own.value, own.high, own.low)  # multiplied by a negative number they change places
        return Interval(*(None if end is None else 0.0 - factor * end for end in ends))

    top = "conversions_top_20_percent"
    return Price(best, lost("auc_roc"), lost("pr_auc"), lost(top), lost(top, 1000.0 / rows))


def evaluate_models(
    y: Floats,
    models: Mapping[str, Scored],
    against: str,
    seed: int,
    resamples: int = RESAMPLES,
    threshold: float | None = None,
    groups: NDArray[np.int64] | None = None,
    weights: Floats | None = None,
    cells_at_once: int = CELLS_AT_ONCE,
) -> dict[str, Evaluation]:
    """Measure models on the same rows and the same resamples of them.

    `y` has shape (rows,), 1 for positive. Intervals are percentile bootstrap (Efron 1979); a
    difference is taken within each resample, so what two models share cancels. Without
    `resamples` an interval has no ends. With `threshold` the metrics are more: see `measure`.

    With `groups`, shape (rows,), numbers from 0, whole groups are drawn: rows of one group are
    alike, and drawn singly they would count as more than they know. Measured on 200 drawn tables
    of 40 groups with 20 rows each, intervals of AUC-ROC hold the truth in 94.5% by groups, in 57%
    by rows; of 20 groups in 93%, of 10 in 90.5%. Fewer than `FEWEST_GROUPS` give no interval.

    With `weights`, shape (rows,), a row counts as so many, in every metric and resample.

    With fewer than `FEWEST_OF_A_CLASS` positive or negative rows there is no interval: resamples
    know of no other rows than these. From there on see `find_interval`.
    """
    rarer = int(min(np.sum(y), len(y) - np.sum(y)))
    if rarer < FEWEST_OF_A_CLASS or (groups is not None and groups.max() + 1 < FEWEST_GROUPS):
        resamples = 0
    names = METRICS if threshold is None else (*METRICS, LOG_LOSS, *AT_THRESHOLD, *TOP_SHARES)
    drawn: dict[str, dict[str, list[Floats]]] = {n: {m: [] for m in names} for n in models}
    whole = np.ones((1, len(y)))
    measures = {name: _Measures(y, scored, threshold) for name, scored in models.items()}
    for counts in chain([whole], resample(len(y), seed, resamples, groups, cells_at_once)):
        weighed = counts.astype(np.float64)
        if weights is not None:
            weighed *= weights
        for name, one in measures.items():
            for metric, values in one.of(weighed).items():
                drawn[name][metric].append(values)
    found = {
        name: {metric: np.concatenate(parts) for metric, parts in by_metric.items()}
        for name, by_metric in drawn.items()
    }

    def interval(metric: str, values: Floats, *, is_share: bool = False) -> Interval:
        if rarer >= _ENOUGH_OF_A_CLASS or metric not in _OF_FEW:
            return find_interval(values)
        few = rarer if metric in _OF_PAIRS else None
        return find_interval(values, few, is_skewed=is_share)

    return {
        name: Evaluation(
            {metric: interval(metric, values, is_share=True) for metric, values in own.items()},
            None
            if name == against
            else {m: interval(m, values - found[against][m]) for m, values in own.items()},
        )
        for name, own in found.items()
    }


def measure(
    y: Floats, scored: Scored, counts: NDArray[Any], threshold: float | None = None
) -> dict[str, Floats]:
    """Measure one model on resamples at once.

    `counts`, shape (resamples, rows), says how much each row counts: how often it was drawn,
    times its weight if it has one. Every metric has shape
    (resamples,), NaN where it is not defined.

    `auc_roc`: the share of positive-negative pairs in the right order, ties half (Hanley and
    McNeil 1982). `pr_auc`: average precision, the sum over distinct scores of precision times the
    gain in recall. `brier`: mean squared difference of probability and outcome (Brier 1950).
    `precision_at_k`: the positive share of the k highest scores; rows tied at the end of the k
    count in proportion, so that the order of rows does not matter.

    With `threshold`, besides: `log_loss`, the mean of -log of the probability of what was, which
    counts as a double's epsilon at least, as in scikit-learn; `accuracy`, `precision`, `recall` and
    `f1` of calling a row positive where its probability is the threshold or more;
    `lift_top_10_percent`, the positive share of the tenth of the rows with the highest scores, over
    that of all rows; `conversions_top_20_percent`, the positives among the highest fifth, and
    `capture_top_20_percent`, their share of all positives. Ties count in proportion here too.
    """
    return _Measures(y, scored, threshold).of(counts)


class _Measures:
    """One model's metrics on resamples of the same rows, which are put in order once.

    Sums over rows in their order are products of a sparse matrix, a line a sum, and the counts:
    no resample is put in order itself.
    """

    def __init__(self, y: Floats, scored: Scored, threshold: float | None) -> None:
        from scipy.sparse import csr_array  # 0.1 s, and most commands need none

        def add(ends: NDArray[np.int64], values: Floats) -> Any:
            """Make a matrix whose lines add up the rows up to each end, from the last one."""
            last = ends[-1]
            parts = (values[order[:last]], order[:last], np.r_[0, ends])
            return csr_array(parts, shape=(len(ends), len(y)))

        self.y, self.scored, self.threshold = y, scored, threshold
        order = np.argsort(-scored.score, kind="stable")
        ranked = scored.score[order]
        ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True]) + 1
        # A line for each distinct score.
        self.drawn, self.positive = add(ends, np.ones(len(y))), add(ends, y)
        # Those with positive rows, one at least; a line for all between one and the next, too.
        converted = self.positive.sum(axis=1)
        at = np.flatnonzero(converted) if converted.any() else np.array([0])
        self.own_drawn, self.own_positive = self.drawn[at], self.positive[at]
        self.own_positive.eliminate_zeros()
        self.between = add(ends[at], np.ones(len(y)))

    def of(self, counts: NDArray[Any]) -> dict[str, Floats]:
        """Measure on resamples, shape (resamples, rows)."""
        each = np.ascontiguousarray(counts.T, dtype=np.float64)
        y, probability = self.y, self.scored.probability
        rows, positives = each.sum(axis=0), _sum_up(y, each)
        own = self.own_positive @ each
        reached, hits = np.cumsum(self.between @ each, axis=0), np.cumsum(own, axis=0)
        below = (rows - positives) - (reached - hits) + (self.own_drawn @ each - own) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            result = {
                "auc_roc": np.einsum("ij,ij->j", own, below) / (positives * (rows - positives)),
                "pr_auc": np.nansum(own * (hits / reached), axis=0) / positives,
                "brier": _sum_up(np.square(probability - y), each) / rows,
            }
            for k in TOP_ROWS:
                hits = np.where(rows < k, np.nan, self._hits_in_top(k, each))
                result[f"precision_at_{k}"] = hits / k
            if self.threshold is not None:
                of_outcome = np.where(y > 0, probability, 1 - probability)
                losses = -np.log(np.maximum(of_outcome, np.finfo(np.float64).eps))
                result[LOG_LOSS] = _sum_up(losses, each) / rows
                result |= _measure_calls(y, probability >= self.threshold, counts)
                tenth = self._hits_in_top(rows / 10, each)
                fifth = self._hits_in_top(rows / 5, each)
                result["lift_top_10_percent"] = tenth / (rows / 10) / (positives / rows)
                result["conversions_top_20_percent"] = fifth
                result["capture_top_20_percent"] = fifth / positives
        return result

    def _hits_in_top(self, k: int | Floats, each: Floats) -> Floats:
        """Count the positives among the k highest scores, k for all resamples or for each."""
        enough = max(1, 2 * int(np.max(k)))
        while True:
            drawn = self.drawn[:enough] @ each
            reached = np.cumsum(drawn, axis=0)
            if enough >= self.drawn.shape[0] or np.all(reached[-1] >= k):
                break
            enough *= 2
        positive = self.positive[:enough] @ each
        last = np.argmax(reached >= k, axis=0)
        resample = np.arange(each.shape[1])
        own, own_hits = drawn[last, resample], positive[last, resample]
        before_rows = reached[last, resample] - own
        before_hits = np.cumsum(positive, axis=0)[last, resample] - own_hits
        return np.asarray(before_hits + (k - before_rows) * (own_hits / own))


def _sum_up(values: Floats, each: Floats) -> Floats:
    """Add up values, shape (rows,), as often as rows were drawn; BLAS would start threads."""
    return np.asarray(np.einsum("i,ij->j", values, each))


def _measure_calls(y: Floats, called: NDArray[np.bool_], counts: NDArray[Any]) -> dict[str, Floats]:
    """Measure decisions, shape (rows,). To call nothing positive has no precision, and F1 0."""
    sums = counts @ np.column_stack([y * called, called, y, np.ones(len(y))])
    right, called_rows, positives, rows = sums.T
    return {
        "accuracy": (rows - called_rows - positives + 2 * right) / rows,
        "precision": right / called_rows,
        "recall": right / positives,
        "f1": 2 * right / (called_rows + positives),
    }


def measure_decisions(
    y: Floats, called: NDArray[np.bool_], seed: int, won: float, cost: float
) -> dict[str, Interval]:
    """Measure decisions, shape (rows,), with bootstrap intervals as in `evaluate_models`.

    `precision`, `recall` and `f1` as in `measure`; `lift` is the positive share of the called
    rows over that of all, `profit` what hits bring (`won` each) less what calls `cost`. To draw
    rows with replacement is to draw how many fall into each of four cells: called or not,
    positive or not.
    """
    positive, calls = np.array([1.0, 0.0, 1.0, 0.0]), np.array([True, True, False, False])
    cells = np.array(
        [[np.sum((y == p) & (called == c)) for p, c in zip(positive, calls, strict=True)]]
    )
    random = np.random.RandomState(seed)
    drawn = random.multinomial(len(y), cells[0] / len(y), size=RESAMPLES)
    counts = np.vstack([cells, drawn])
    with np.errstate(invalid="ignore", divide="ignore"):
        found = _measure_calls(positive, calls, counts)
        found["lift"] = found["precision"] / (counts @ positive / len(y))
        found["profit"] = won * (counts @ (positive * calls)) - cost * (counts @ calls)
    names = ("precision", "recall", "f1", "lift", "profit")
    return {name: find_interval(found[name]) for name in names}


def resample(
    rows: int,
    seed: int,
    resamples: int,
    groups: NDArray[np.int64] | None = None,
    cells_at_once: int = CELLS_AT_ONCE,
) -> Iterator[NDArray[Any]]:
    """Draw rows with replacement, as counts of shape (some resamples, rows), portion by portion.

    With `groups`, shape (rows,), numbers from 0, as many groups are drawn as there are, and each
    row as often as its group (Davison and Hinkley 1997, section 3.8).
    RandomState's stream is frozen by numpy's policy.
    """
    random = np.random.RandomState(seed)
    units = rows if groups is None else int(groups.max()) + 1
    at_once = max(1, min(resamples, cells_at_once // rows))
    for first in range(0, resamples, at_once):
        size = min(at_once, resamples - first)
        drawn = random.randint(0, units, size=(size, units))
        drawn *= size
        drawn += np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * units).reshape(units, size)
        yield (counts if groups is None else counts[groups]).T


def find_interval(values: Floats, few: int | None = None, *, is_skewed: bool = False) -> Interval:
    """Take the percentiles of a resampled value; it comes first, shape (1 + resamples,).

    NaN is not defined. With `few`, how many rows the rarer class has, what hangs on pairs of rows
    of both gets a wider interval, as resamples of few rows are too much alike: by as much as
    Student's t is wider than a normal distribution, and a variance too small by 1 / n (Hesterberg
    2015, section 3.2). A value between 0 and 1 of few rows is skewed: with `is_skewed` its interval
    is symmetric in its log-odds. `benchmarks/intervals.py` counts how often they hold.
    """
    value, defined = float(values[0]), values[1:][~np.isnan(values[1:])]
    if np.isnan(value):
        return Interval(None, None, None)
    if not len(defined):
        return Interval(value, None, None)
    if few is None and not is_skewed:
        low, high = np.percentile(defined, [2.5, 97.5])
        return Interval(value, float(low), float(high))
    from scipy.special import expit, logit, ndtr, ndtri, stdtrit  # 0.2 s, and most need none

    wide = float(
        ndtri(0.975) if few is None else (few / (few - 1)) ** 0.5 * stdtrit(few - 1, 0.975)
    )
    if is_skewed and 0 < value < 1:
        spread = wide * float(np.std(defined)) / (value * (1 - value))
        low, high = expit(logit(value) + np.array([-spread, spread]))
    else:
        low, high = np.percentile(defined, 100 * ndtr([-wide, wide]))
    return Interval(value, float(low), float(high))
