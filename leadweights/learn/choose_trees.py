"""Whether trees earn their place beside the weights, and how many: by folds."""

from __future__ import annotations

from collections.abc import Sequence
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

SIZES = (15, 30, 60)
# Where even the most are not enough, trees of depth 4.
_DEEPER = (60, 100)
# Rows times leaves times leaves: about a second for each solution.
_MOST_PRODUCTS = 2e10
C_LEAVES = (0.003, 0.01, 0.03, 0.1)
# What is measured on rows held back needs no more.
_TOLERANCE = 1e-7
_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """So many trees of such a depth, their leaves bound by `c_leaves`."""

    trees: int
    depth: int = 3
    c_leaves: float = 0.01

    @property
    def leaves(self) -> int:
        """Count the leaves, at most."""
        return self.trees << self.depth


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

    def describe(self) -> str:
        """Say in words what the chosen number of trees gains."""
        point, size = self.chosen, self.chosen.size
        return (
            f"{size.trees} trees of depth {size.depth} move the cross-validated log-loss from "
            f"{self.log_loss_without:.4f} to {point.log_loss:.4f}: a gain of {point.gain:.4f}, "
            f"{'more' if self.earned else 'not more'} than two standard errors "
            f"({point.standard_error:.4f})"
        )


def least_rows(rows: int) -> int:
    """Say how many rows a leaf has at least."""
    return max(20, rows // 2000)


def small(rows: int, depth: int = 3) -> Shape:
    """Shape small trees for so many rows."""
    return Shape(depth=depth, leaves=2**depth, least_rows=least_rows(rows))


def choose_trees(
    given: Given,
    known: Prepared,
    c: float,
    seed: int,
    by: By,
    limits: Limits,
    progress: Progress = say_nothing,
    sizes: Sequence[int] = SIZES,
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
        folds = _Folds(*rows)
        progress("cross-validating trees, none")
        without = folds.measure(1.0)
        losses: dict[Size, Floats] = {}
        before = folds.mean(without)
        plan = [Size(count) for count in sizes]
        if plan[-1].trees == SIZES[-1]:
            plan += [Size(count, 4) for count in _DEEPER]
        for size in plan:
            if len(some) * size.leaves**2 > _MOST_PRODUCTS and size.depth > plan[0].depth:
                break
            progress(f"cross-validating trees, {size.trees} of depth {size.depth}")
            if size.depth > folds.depth:
                folds = _Folds(*rows, depth=size.depth)
            folds.grow(size.trees)
            reached = _climb([replace(size, c_leaves=one) for one in bounds], folds, losses)
            if reached >= before:
                break
            before = reached
        points = [
            TreesPoint(size, folds.mean(loss), *folds.compare(without - loss))
            for size, loss in losses.items()
        ]
        best = min(points, key=lambda point: point.log_loss)
        chosen = best
        for count in sorted({point.size.leaves for point in points}, reverse=True):
            same = (point for point in points if point.size.leaves == count)
            least = min(same, key=lambda point: point.log_loss)
            mean, error = folds.compare(losses[least.size] - losses[best.size])
            if mean <= error:
                chosen = least
    earned = chosen.gain > _ERRORS * chosen.standard_error
    return TreesPath(folds.mean(without), tuple(points), chosen, earned)


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
        depth: int = 3,
    ) -> None:
        self.depth = depth
        columns = cut_columns(given.columns, known, given.design.levels)
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
                *(c, small(len(others), depth), _TOLERANCE),
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
            leaves = boosting.trees.find_leaves(self._codes[:, own])
            log_odds = predict(boosting.solve(c_leaves), asked, leaves)
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
