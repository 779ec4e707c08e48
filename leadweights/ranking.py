"""What a ranking is worth, in counts to draw and to play with: nothing here needs an interval.

Only counts leave this room: of rows and of positive ones. No row's values are among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Of a standard normal variable 95% lie within so many standard deviations.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Step:
    """What so many calls find; `false_share` is the share of the negatives among them."""

    calls: float
    hits: float
    precision: float
    recall: float
    lift: float
    false_share: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many positives are among the first calls, the highest scores first.

    `calls` and `hits` begin at 0 and end at all rows and all positives; each step is a group of
    rows with one score, so between two steps a straight line is what calling tied rows in any
    order finds on average. `exact` is false if steps were left out. `least_probability` is the
    lowest probability among those called; before the first call it is that of the first row.
    """

    calls: tuple[float, ...]
    hits: tuple[float, ...]
    least_probability: tuple[float, ...]
    exact: bool = True

    @property
    def rows(self) -> float:
        """Count all rows."""
        return self.calls[-1]

    @property
    def positives(self) -> float:
        """Count all positive rows."""
        return self.hits[-1]

    def hits_in(self, calls: float) -> float:
        """Say how many positives so many calls find; ties count in proportion."""
        return float(np.interp(calls, self.calls, self.hits))

    def step(self, share: float) -> Step:
        """Measure what a share of the rows, more than none, finds."""
        calls = share * self.rows
        hits = self.hits_in(calls)
        recall = hits / self.positives
        false_share = (calls - hits) / (self.rows - self.positives)
        return Step(calls, hits, hits / calls, recall, recall / share, false_share)

    def thinned(self, most: int) -> "Ranking":
        """Keep at most so many steps, evenly spread over the calls, and both ends."""
        if len(self.calls) <= most:
            return self
        calls = np.array(self.calls)
        near = np.searchsorted(calls, np.linspace(0, calls[-1], most))
        kept = np.unique(np.minimum(near, len(calls) - 1)).tolist()
        return Ranking(
            tuple(self.calls[i] for i in kept),
            tuple(self.hits[i] for i in kept),
            tuple(self.least_probability[i] for i in kept),
            exact=False,
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some rows are positive; `low` and `high` are Wilson's 95% interval (1927)."""

    rows: int
    positives: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of nearly one probability: what was predicted of them and what came."""

    mean_probability: float
    rate: Rate


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a histogram: rows by outcome with a probability from `low` to `high`."""

    low: float
    high: float
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True)
class Band:
    """Rows next to one another in the ranking, the best band first."""

    name: str
    least_probability: float
    rate: Rate
    lift: float
    share_of_positives: float


def ranking(y: Floats, score: Floats, probability: Floats) -> Ranking:
    """Count along the scores, all of shape (rows,), from the highest down."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.r_[score[order][1:] != score[order][:-1], True])
    hits = np.cumsum(y[order])[ends]
    least = np.minimum.accumulate(probability[order])[ends]
    return Ranking(
        (0.0, *(ends + 1.0).tolist()),
        (0.0, *hits.tolist()),
        (float(probability[order][0]), *least.tolist()),
    )


def rate(y: Floats) -> Rate:
    """Count the positives of some rows, at least one."""
    rows, positives = len(y), int(y.sum())
    share = positives / rows
    middle = (share + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    half = _Z / (1 + _Z**2 / rows) * np.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2))
    return Rate(rows, positives, share, max(0.0, float(middle - half)), float(middle + half))


def reliability(y: Floats, probability: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """Cut the rows into bins of equal size by probability; rows of one probability stay together.

    So there are fewer bins where many rows share a probability.
    """
    order = np.argsort(probability, kind="stable")
    found = []
    for places in _parts(probability[order], bins):
        own = order[places]
        found.append(Bin(float(probability[own].mean()), rate(y[own])))
    return tuple(found)


def calibration_error(bins: Sequence[Bin]) -> float:
    """Average how far a bin's rate is from its probability, by rows (ECE: Naeini et al. 2015)."""
    rows = sum(found.rate.rows for found in bins)
    return sum(abs(b.rate.value - b.mean_probability) * b.rate.rows for b in bins) / rows


def slots(y: Floats, probability: Floats, count: int = 20) -> tuple[Slot, ...]:
    """Count rows by outcome in slots of equal width from 0 to 1."""
    edges = np.linspace(0, 1, count + 1)
    positive, _ = np.histogram(probability[y > 0], edges)
    negative, _ = np.histogram(probability[y <= 0], edges)
    return tuple(
        Slot(float(edges[i]), float(edges[i + 1]), int(positive[i]), int(negative[i]))
        for i in range(count)
    )


def bands(y: Floats, score: Floats, probability: Floats, names: str = "ABCDE") -> tuple[Band, ...]:
    """Cut the rows into bands of equal size by score, a letter each; ties stay together."""
    order = np.argsort(-score, kind="stable")
    average, whole = y.mean(), y.sum()
    found = []
    for name, places in zip(names, _parts(-score[order], len(names)), strict=False):
        own = order[places]
        counted = rate(y[own])
        found.append(
            Band(
                name,
                float(probability[own].min()),
                counted,
                float(counted.value / average),
                float(counted.positives / whole),
            )
        )
    return tuple(found)


def _parts(rising: Floats, count: int) -> list[slice]:
    """Cut sorted values into parts of nearly equal size, never between two equal values."""
    wanted = np.linspace(0, len(rising), count + 1)[1:-1].round().astype(int)
    cuts = np.searchsorted(rising, rising[np.minimum(wanted, len(rising) - 1)])
    edges = np.unique([0, *cuts.tolist(), len(rising)]).tolist()
    return [slice(low, high) for low, high in pairwise(edges)]
