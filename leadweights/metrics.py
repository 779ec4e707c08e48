"""How well scores rank and predict, with bootstrap intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOP_ROWS = (100, 200)
METRICS = ("auc_roc", "pr_auc", "brier", *(f"precision_at_{k}" for k in TOP_ROWS))

# 1,000 resamples give a 95% interval's ends to about a tenth of its width.
RESAMPLES = 1000
_CELLS_AT_ONCE = 4_000_000


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


def evaluations(
    y: Floats, models: Mapping[str, Scored], against: str, seed: int
) -> dict[str, Evaluation]:
    """Measure models on the same rows and the same resamples of them.

    `y` has shape (rows,), 1 for positive. Intervals are percentile bootstrap (Efron 1979); a
    difference is taken within each resample, so what two models share cancels.
    """
    whole = {name: metrics(y, scored, np.ones((1, len(y)))) for name, scored in models.items()}
    drawn: dict[str, dict[str, list[Floats]]] = {n: {m: [] for m in METRICS} for n in models}
    for counts in _resamples(len(y), seed):
        for name, scored in models.items():
            for metric, values in metrics(y, scored, counts).items():
                drawn[name][metric].append(values)
    resampled = {
        name: {metric: np.concatenate(parts) for metric, parts in by_metric.items()}
        for name, by_metric in drawn.items()
    }
    return {
        name: Evaluation(
            {m: _interval(whole[name][m], resampled[name][m]) for m in METRICS},
            None
            if name == against
            else {
                m: _interval(
                    whole[name][m] - whole[against][m], resampled[name][m] - resampled[against][m]
                )
                for m in METRICS
            },
        )
        for name in models
    }


def metrics(y: Floats, scored: Scored, counts: NDArray[Any]) -> dict[str, Floats]:
    """Measure one model on resamples at once.

    `counts`, shape (resamples, rows), says how often each row was drawn. Every metric has shape
    (resamples,), NaN where it is not defined.

    `auc_roc`: the share of positive-negative pairs in the right order, ties half (Hanley and
    McNeil 1982). `pr_auc`: average precision, the sum over distinct scores of precision times the
    gain in recall. `brier`: mean squared difference of probability and outcome (Brier 1950).
    `precision_at_k`: the positive share of the k highest scores; rows tied at the end of the k
    count in proportion, so that the order of rows does not matter.
    """
    order = np.argsort(-scored.score, kind="stable")
    sorted_score = scored.score[order]
    starts = np.flatnonzero(np.r_[True, sorted_score[1:] != sorted_score[:-1]])
    drawn = counts[:, order].astype(np.float64)
    positive = drawn * y[order]
    if len(starts) < len(y):
        drawn = np.add.reduceat(drawn, starts, axis=1)
        positive = np.add.reduceat(positive, starts, axis=1)
    cumulated = np.cumsum(drawn, axis=1)
    hits = np.cumsum(positive, axis=1)
    rows, positives = cumulated[:, -1], hits[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        in_order = np.sum((drawn - positive) * (hits - positive / 2), axis=1)
        result = {
            "auc_roc": in_order / (positives * (rows - positives)),
            "pr_auc": np.nansum(positive * (hits / cumulated), axis=1) / positives,
            "brier": counts @ np.square(scored.probability - y) / rows,
        }
        for k in TOP_ROWS:
            result[f"precision_at_{k}"] = _precision_at(k, drawn, positive, cumulated, hits)
    return result


def _precision_at(
    k: int, drawn: Floats, positive: Floats, cumulated: Floats, hits: Floats
) -> Floats:
    if cumulated[0, -1] < k:
        return np.full(len(drawn), np.nan)
    last = np.argmax(cumulated >= k, axis=1)
    row = np.arange(len(drawn))
    before_rows = cumulated[row, last] - drawn[row, last]
    before_hits = hits[row, last] - positive[row, last]
    share = positive[row, last] / drawn[row, last]
    return np.asarray((before_hits + (k - before_rows) * share) / k)


def _resamples(rows: int, seed: int) -> Iterator[NDArray[Any]]:
    """Draw with replacement, as counts. RandomState's stream is frozen by numpy's policy."""
    random = np.random.RandomState(seed)
    at_once = max(1, min(RESAMPLES, _CELLS_AT_ONCE // rows))
    for first in range(0, RESAMPLES, at_once):
        size = min(at_once, RESAMPLES - first)
        drawn = random.randint(0, rows, size=(size, rows))
        flat = drawn + np.arange(size)[:, None] * rows
        yield np.bincount(flat.ravel(), minlength=size * rows).reshape(size, rows)


def _interval(value: Floats, resampled: Floats) -> Interval:
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(value[0]) or not len(defined):
        return Interval(None, None, None)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Interval(float(value[0]), float(low), float(high))
