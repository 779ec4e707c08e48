"""Whether trees earn their place beside the weights, and how many: by folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import cut_columns, encode
from leadweights.learn.boost.boost import Boosting
from leadweights.learn.boost.grow import Shape
from leadweights.learn.boost.refit import predict
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.recipe import Limits, Progress, say_nothing
from leadweights.learn.regression import cut_folds, one_thread, standardize
from leadweights.learn.row_weights import Weights
from leadweights.learn.to_model import Given
from leadweights.tables.split import By, Fold, Places, RowGroups, taken

# Rows times leaves times leaves: about a second for each solution.
_MOST_PRODUCTS = 2e10
C_LEAVES = (0.003, 0.01, 0.03, 0.1)
# What is measured on rows held back needs no more.
_TOLERANCE = 1e-7
_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """So many trees of such a depth, their leaves bound by `c_leaves`.

    While they grow a leaf takes the share `rate` of its own best value. Those of `boosted` leaves,
    so many each, keep these values, and all weights are 0.
    """

    trees: int
    depth: int = 3
    c_leaves: float = 0.01
    boosted: int = 0
    rate: float = 0.4

    @property
    def leaves(self) -> int:
        """Count the leaves, at most."""
        return self.trees * self._leaves_each

    @property
    def _leaves_each(self) -> int:
        return self.boosted or 1 << self.depth

    def shape(self, rows: int) -> Shape:
        """Shape the trees for so many rows."""
        least = max(20, rows // 2000)
        return Shape(self.depth, self._leaves_each, self.rate, least, joint=not self.boosted)

    def __str__(self) -> str:
        trees = f"{self.trees} tree{'s' * (self.trees != 1)}"
        if self.boosted:
            return f"{trees} of {self.boosted} leaves"
        return f"{trees} of depth {self.depth}"

    @property
    def method(self) -> str:
        """Say how leaves that are not boosted have their values."""
        return f"learnt jointly, leaves' C={self.c_leaves:g}"


SMALL = tuple(Size(trees) for trees in (15, 30, 60))
"""What is tried first."""

LEAF_WISE = tuple(Size(trees, 8, boosted=16, rate=0.15) for trees in (15, 30, 60))
"""What is tried then: the leaf that gains most is split, up to eight deep, and keeps its value.

On the bank table the leaves of the same trees, learnt with the weights, lose 0.0007 of log-loss.
"""

DEEPER = tuple(Size(trees, 4) for trees in (60, 100))
"""What is tried where even the most of the small ones are not enough, and are the best."""

LARGE = tuple(Size(trees, 10, boosted=31, rate=0.06) for trees in (50, 100, 200, 300))
"""For whoever wants the last hundredth."""


@dataclass(frozen=True, slots=True)
class TreesPoint:
    """Trees of some size: log-loss, and the gain over none.

    The standard error of the gain is over the rows, or the groups, that vary by themselves.
    """

    size: Size
    log_loss: float
    gain: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class TreesPath:
    """What was measured on the way to a number of trees; `earned` if they are worth having."""

    log_loss_without: float
    points: tuple[TreesPoint, ...]
    chosen: TreesPoint
    earned: bool

    def choose_best(self, sizes: Sequence[Size]) -> TreesPath:
        """Choose the best of these sizes, whatever others do."""
        least = min((p for p in self.points if p.size in sizes), key=lambda point: point.log_loss)
        return replace(self, chosen=least, earned=_is_earned(least))

    def describe(self) -> str:
        """Say in words what the chosen number of trees gains."""
        point, size = self.chosen, self.chosen.size
        return (
            f"{size} move the cross-validated log-loss from "
            f"{self.log_loss_without:.4f} to {point.log_loss:.4f}: a gain of {point.gain:.4f}, "
            f"{'more' if self.earned else 'not more'} than two standard errors "
            f"({point.standard_error:.4f})"
        )


def choose_trees(
    given: Given,
    known: Prepared,
    c: float,
    seed: int,
    by: By,
    limits: Limits,
    progress: Progress = say_nothing,
    plans: Sequence[Sequence[Size]] = (SMALL, LEAF_WISE, DEEPER),
    bounds: Sequence[float] = C_LEAVES,
) -> TreesPath | None:
    """Measure trees by cross-validated log-loss, beside none on the same rows.

    Folds are cut as the rows are split. The fewest leaves are chosen that are within one standard
    error of the best; they are earned where their gain exceeds two. Of a long table a part is
    drawn. None where there are too few rows for folds.
    """
    some = np.arange(len(given.y))
    most = min(limits.deciding_rows, limits.sampled_values // given.design.width)
    if len(some) > most:
        some = np.sort(np.random.RandomState(seed).permutation(len(some))[:most])
    weights = None if given.weights is None else given.weights.taken(some)
    cuts = cut_folds(given.y[some], seed, taken(by, some), weights)
    if not cuts:
        return None
    with one_thread():
        rows = given, known, c, some, weights, taken(by, some), cuts
        folds = _Folds(*rows, plans[0][0])
        progress("cross-validating trees, none")
        without = folds.measure(1.0)
        losses: dict[Size, Floats] = {}
        for place, plan in enumerate(plans):
            if plan == DEEPER:
                best = _find_best(folds, losses)
                if best.boosted or best.trees < SMALL[-1].trees:
                    continue
            if place:
                folds = _Folds(*rows, plan[0])
            before = folds.mean(without)
            for size in plan:
                if plan == DEEPER and len(some) * size.leaves**2 > _MOST_PRODUCTS:
                    break
                progress(f"cross-validating {size}")
                folds.grow(size.trees)
                ladder = [replace(size, c_leaves=one) for one in bounds]
                reached = _climb([size] if size.boosted else ladder, folds, losses)
                if reached >= before:
                    break
                before = reached
        points = [
            TreesPoint(size, folds.mean(loss), *folds.compare(without - loss))
            for size, loss in losses.items()
        ]
        best = _find_best(folds, losses)
        for count in sorted({point.size.leaves for point in points}, reverse=True):
            same = (point for point in points if point.size.leaves == count)
            least = min(same, key=lambda point: point.log_loss)
            mean, error = folds.compare(losses[least.size] - losses[best])
            if mean <= error:
                chosen = least
    return TreesPath(folds.mean(without), tuple(points), chosen, _is_earned(chosen))


def _is_earned(point: TreesPoint) -> bool:
    return point.gain > _ERRORS * point.standard_error


def _find_best(folds: _Folds, losses: Mapping[Size, Floats]) -> Size:
    return min(losses, key=lambda size: folds.mean(losses[size]))


def _climb(ladder: Sequence[Size], folds: _Folds, losses: dict[Size, Floats]) -> float:
    """Measure from the second bound on, up and down, as long as the next is better."""
    place = min(1, len(ladder) - 1)

    def total(place: int) -> float:
        if ladder[place] not in losses:
            losses[ladder[place]] = folds.measure(ladder[place].c_leaves)
        return folds.mean(losses[ladder[place]])

    for step in (1, -1):
        while 0 <= place + step < len(ladder) and total(place + step) < total(place):
            place += step
    return total(place)


class _Folds:
    """Rows in folds, and the trees that grow on all but one of them."""

    def __init__(
        self,
        given: Given,
        known: Prepared,
        c: float,
        some: Places,
        weights: Weights | None,
        by: By,
        cuts: Sequence[Fold],
        size: Size,
    ) -> None:
        columns = cut_columns(given.columns, known, given.design.levels, given.directions)
        self._codes = encode(columns, known)[:, some]
        self._y = given.y[some]
        plain, numbers = given.design.matrix(given.rows)[some], len(given.design.numbers)
        self._parts: list[tuple[Boosting, Places, Floats]] = []
        for others, own in cuts:
            among = None if weights is None else weights.taken(others)
            matrix, means, stds = standardize(plain[others], numbers, among)
            asked = plain[own]
            asked[:, :numbers] = (asked[:, :numbers] - means) / stds
            boosting = Boosting(
                *(columns, self._codes[:, others], matrix, self._y[others]),
                None if among is None else among.loss,
                *(c, size.shape(len(others)), _TOLERANCE, given.signs),
            )
            self._parts.append((boosting, own, asked))
        self._measured = np.sort(np.concatenate([own for _, own in cuts]))
        counts = np.ones(len(some)) if weights is None else weights.loss
        self._counts = counts[self._measured]
        self._groups = by.codes()[self._measured] if isinstance(by, RowGroups) else None

    def grow(self, count: int) -> None:
        """Grow trees up to this count, for each fold."""
        for boosting, *_ in self._parts:
            boosting.grow(count)

    def measure(self, c_leaves: float) -> Floats:
        """Give the loss of each row that is held back once, leaves bound so."""
        found = np.zeros(len(self._y))
        for boosting, own, asked in self._parts:
            trees, _, at = boosting.settle(c_leaves)
            log_odds = predict(at, asked, trees.find_leaves(self._codes[:, own]))
            found[own] = np.logaddexp(0.0, np.where(self._y[own] > 0, -log_odds, log_odds))
        return np.asarray(found[self._measured])

    def mean(self, values: Floats) -> float:
        """Give the mean over the rows, as they count."""
        return float(self._counts @ values / self._counts.sum())

    def compare(self, gains: Floats) -> tuple[float, float]:
        """Give the mean of gains, and its standard error over rows, or over groups."""
        mean = self.mean(gains)
        apart: Floats = self._counts * (gains - mean)
        if self._groups is not None:
            apart = np.bincount(self._groups, apart).astype(np.float64)
        return mean, float((apart @ apart) ** 0.5 / self._counts.sum())
