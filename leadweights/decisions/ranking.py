"""What a ranking is worth, in counts to draw and to play with.

Only counts leave this room: of rows and of positive ones. No row's values are among them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.guarantee import count_queues, measure_share
from leadweights.decisions.metrics import Interval
from leadweights.decisions.threshold import find_cut, keep_scored
from leadweights.formula.arrays import Floats
from leadweights.model.rules import Bands


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

    `calls` and `hits` begin at 0 and end at all rows and all positives; `cuts`, one fewer, says
    from which score on each step but the first calls. A step is a group of rows with one score,
    so between two steps a straight line is what calling tied rows in any order finds on average.
    `exact` is false if steps were left out.
    """

    cuts: tuple[float, ...]
    calls: tuple[int, ...]
    hits: tuple[int, ...]
    exact: bool = True

    @property
    def rows(self) -> int:
        """Count all rows."""
        return self.calls[-1]

    @property
    def positives(self) -> int:
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

    def nearest(self, share: float) -> int:
        """Name the step that calls nearest to a share of the rows."""
        return int(np.argmin(np.abs(np.array(self.calls) - share * self.rows)))

    def thin(self, most: int) -> "Ranking":
        """Keep at most so many steps, evenly spread over the calls, and both ends."""
        if len(self.calls) <= most:
            return self
        near = np.searchsorted(self.calls, np.linspace(0, self.rows, most))
        kept = np.unique(np.minimum(near, len(self.calls) - 1)).tolist()
        return Ranking(
            tuple(self.cuts[i - 1] for i in kept if i),
            tuple(self.calls[i] for i in kept),
            tuple(self.hits[i] for i in kept),
            exact=False,
        )


@dataclass(frozen=True, slots=True)
class Called:
    """What is found from a cut on; the interval of the precision is exact."""

    calls: int
    hits: int
    precision: Interval
    recall: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a histogram: rows by outcome with a probability from `low` to `high`."""

    low: float
    high: float
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True)
class BandRows:
    """What became of the rows of a band; `low` is the score it begins at, None for the lowest.

    The interval of the rate is exact (Clopper and Pearson 1934); of no rows there is no rate.
    """

    name: str
    action: str
    low: float | None
    rows: int
    positives: int
    rate: Interval
    lift: float | None
    share_of_positives: float


def rank(y: Floats, score: Floats, most: int, cut: float | None = None) -> Ranking:
    """Count along the scores, both of shape (rows,), in at most so many steps.

    Where there are more they are thinned evenly. A step that calls what `cut` does is among them,
    with this very cut. Raises TableError for rows that show nothing.
    """
    scores, rows, hits = count_queues(*keep_scored(y, score))
    places = np.arange(len(scores))
    if len(places) > most:
        places = np.unique(np.rint(np.linspace(0, len(places) - 1, most)).astype(np.int64))
    steps = {int(rows[at]): (find_cut(scores, at), int(hits[at])) for at in places.tolist()}
    if cut is not None and (own := count_called(y, score, cut)).calls:
        steps[own.calls] = (cut, own.hits)
    calls = sorted(steps)
    return Ranking(
        tuple(steps[rows][0] for rows in calls),
        (0, *calls),
        (0, *(steps[rows][1] for rows in calls)),
        exact=len(calls) == len(scores),
    )


def count_called(y: Floats, score: Floats, cut: float) -> Called:
    """Count what is found from a cut on."""
    chosen = score >= cut
    calls, hits = int(chosen.sum()), int(y[chosen].sum())
    return Called(calls, hits, measure_share(calls, hits), hits / float(y.sum()))


def count_slots(y: Floats, probability: Floats, count: int = 20) -> tuple[Slot, ...]:
    """Count rows by outcome in slots of equal width from 0 to 1."""
    edges = np.linspace(0, 1, count + 1)
    counted = (np.histogram(probability[own], edges)[0].tolist() for own in (y > 0, y <= 0))
    return tuple(map(Slot, edges[:-1].tolist(), edges[1:].tolist(), *counted))


def count_bands(y: Floats, score: Floats, own: Bands) -> tuple[BandRows, ...]:
    """Count the rows of each band of a model, the best first; a row on a cut is above it."""
    lows = [band.low for band in reversed(own.bands) if band.low is not None]
    place = len(lows) - np.searchsorted(lows, score, side="right")
    return tuple(
        _count_band(band.name, band.action, band.low, y, place == number)
        for number, band in enumerate(own.bands)
    )


def cut_fifths(y: Floats, score: Floats, names: str = "ABCDE") -> tuple[BandRows, ...]:
    """Cut the rows into bands of equal size by score, a letter each; ties stay together."""
    falling = np.sort(score)[::-1]
    wanted = np.linspace(0, len(falling), len(names) + 1)[1:-1].round().astype(int)
    starts = [float(falling[place - 1]) for place in np.maximum(wanted, 1).tolist()]
    lows = sorted({low for low in starts if low > falling[-1]}, reverse=True)
    edges = [np.inf, *lows, -np.inf]
    return tuple(
        _count_band(name, "", low if np.isfinite(low) else None, y, (low <= score) & (score < high))
        for name, (high, low) in zip(names, pairwise(edges), strict=False)
    )


def _count_band(
    name: str, action: str, low: float | None, y: Floats, inside: NDArray[np.bool_]
) -> BandRows:
    rows, positives = int(inside.sum()), int(y[inside].sum())
    rate, whole = measure_share(rows, positives), float(y.sum())
    lift = None if rate.value is None else rate.value / (whole / len(y))
    return BandRows(name, action, low, rows, positives, rate, lift, positives / whole)
