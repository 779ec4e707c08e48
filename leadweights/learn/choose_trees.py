"""Whether trees earn their place beside the weights, and how many: by folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import cut_columns, encode
from leadweights.learn.boost.boost import Boosting
from leadweights.learn.boost.grow import Shape
from leadweights.learn.boost.refit import predict
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.recipe import Limits, Progress, say_nothing
from leadweights.learn.regression import cut_folds, one_thread, standardize
from leadweights.learn.to_model import Given
from leadweights.tables.split import By, Places, RowGroups, taken

SIZES = (15, 30, 60)
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
    return max(20, rows // 1000)


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

    Folds are cut as the rows are split. Of the numbers of trees the smallest is chosen that is
    within one standard error of the best; they are earned where their gain exceeds two. Of a long
    table a part is drawn. None where there are too few rows for folds.
    """
    some = np.arange(len(given.y))
    most = min(limits.deciding_rows, limits.sampled_values // given.design.width)
    if len(some) > most:
        some = np.sort(np.random.RandomState(seed).permutation(len(some))[:most])
    y, by = given.y[some], taken(by, some)
    weights = None if given.weights is None else given.weights.taken(some)
    counts = None if weights is None else weights.loss
    cuts = cut_folds(y, seed, by, weights)
    if not cuts:
        return None
    columns = cut_columns(given.columns, known, given.design.levels)
    codes = encode(columns, known)[:, some]
    plain = given.design.matrix(given.rows)[some]
    with one_thread():
        folds = []
        for others, own in cuts:
            among = None if weights is None else weights.taken(others)
            matrix, means, stds = standardize(plain[others], len(given.design.numbers), among)
            asked = plain[own]
            asked[:, : len(means)] = (asked[:, : len(means)] - means) / stds
            boosting = Boosting(
                *(columns, codes[:, others], matrix, y[others]),
                *(None if counts is None else counts[others], c, small(len(others)), _TOLERANCE),
            )
            folds.append((boosting, own, asked))
        measured = np.sort(np.concatenate([own for _, own in cuts]))

        def measure(c_leaves: float) -> Floats:
            found = np.zeros(len(y))
            for boosting, own, asked in folds:
                leaves = boosting.trees.find_leaves(codes[:, own])
                log_odds = predict(boosting.solve(c_leaves), asked, leaves)
                found[own] = np.logaddexp(0.0, np.where(y[own] > 0, -log_odds, log_odds))
            return np.asarray(found[measured])

        heavy = np.ones(len(measured)) if counts is None else counts[measured]
        groups = by.codes()[measured] if isinstance(by, RowGroups) else None
        progress("cross-validating trees, none")
        without = measure(1.0)
        losses: dict[Size, Floats] = {}

        def total(size: Size) -> float:
            if size not in losses:
                losses[size] = measure(size.c_leaves)
            return float(heavy @ losses[size])

        def climb(trees: int) -> float:
            """Find the bound that is best: from the second on, as long as the next is better."""
            ladder = [Size(trees, c_leaves=c_leaves) for c_leaves in bounds]
            place = min(1, len(bounds) - 1)
            for step in (1, -1):
                while 0 <= place + step < len(ladder) and total(ladder[place + step]) < total(
                    ladder[place]
                ):
                    place += step
            return total(ladder[place])

        before = float(heavy @ without)
        for size in sizes:
            progress(f"cross-validating trees, {size} of at most {sizes[-1]}")
            for boosting, *_ in folds:
                boosting.grow(size)
            reached = climb(size)
            if reached >= before:
                break
            before = reached
    points = tuple(
        TreesPoint(
            size, float(heavy @ loss / heavy.sum()), *_compare(without - loss, heavy, groups)
        )
        for size, loss in losses.items()
    )
    best = min(points, key=lambda point: point.log_loss)
    chosen = best
    for count in sorted({point.size.trees for point in points}, reverse=True):
        same = (point for point in points if point.size.trees == count)
        least = min(same, key=lambda point: point.log_loss)
        mean, error = _compare(losses[least.size] - losses[best.size], heavy, groups)
        if mean <= error:
            chosen = least
    earned = chosen.gain > _ERRORS * chosen.standard_error
    return TreesPath(float(heavy @ without / heavy.sum()), points, chosen, earned)


def _compare(gains: Floats, counts: Floats, groups: Places | None) -> tuple[float, float]:
    """Give the mean of gains, shape (rows,), and its standard error over rows or groups."""
    mean = float(counts @ gains / counts.sum())
    apart: Floats = counts * (gains - mean)
    if groups is not None:
        apart = np.bincount(groups, apart).astype(np.float64)
    return mean, float((apart @ apart) ** 0.5 / counts.sum())
