"""One L2 logistic regression of weights, curves, levels and the leaves of all trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.in_engine.newton import minimize

Leaves = NDArray[np.int64]
# A step, relative to the largest coefficient, beyond which ten digits do not move.
_TOLERANCE = 1e-12
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class Joint:
    """The rows of a joint regression: a matrix, and the leaf that each tree puts a row in.

    `matrix` has shape (rows, columns), its numbers standardised; `leaves` (rows, trees), counted
    from 0 through all trees up to `count`. `counts`, shape (rows,), weigh the rows in the loss.
    The matrix's own coefficients are bound by `c`, those of leaves by `c_leaves`.
    """

    matrix: Floats
    leaves: Leaves
    count: int
    y: Floats
    counts: Floats
    c: float
    c_leaves: float
    penalty: Floats = field(init=False)

    def __post_init__(self) -> None:
        own = np.full(self.matrix.shape[1], 1 / self.c)
        penalty = np.concatenate(([0.0], own, np.full(self.count, 1 / self.c_leaves)))
        object.__setattr__(self, "penalty", penalty)

    def solve(self, start: Floats | None = None) -> Floats:
        """Find intercept, coefficients and leaves, shape (1 + columns + leaves,)."""
        at = np.zeros(len(self.penalty))
        if start is None:
            rate = float(self.counts @ self.y / self.counts.sum())
            at[0] = np.log(rate / (1 - rate))
        else:
            at[: len(start)] = start
        return minimize(
            at,
            lambda at, _: self._gradient(at),
            self._hessian,
            exact=self._hessian,
            tolerance=_TOLERANCE,
        )

    def log_odds(self, at: Floats) -> Floats:
        """Give the log-odds of the rows, shape (rows,)."""
        return predict(at, self.matrix, self.leaves)

    def _probability(self, at: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-self.log_odds(at))))

    def _gradient(self, at: Floats) -> Floats:
        residual = self.counts * (self._probability(at) - self.y)
        found = np.empty(len(at))
        width = 1 + self.matrix.shape[1]
        found[0] = residual.sum()
        found[1:width] = residual @ self.matrix
        found[width:] = 0.0
        for tree in self.leaves.T:
            found[width:] += np.bincount(tree, residual, self.count)
        return np.asarray(found + self.penalty * at)

    def _hessian(self, at: Floats) -> Floats:
        """Add up products of all columns, of some rows at once: of all the matrix is too large."""
        p = self._probability(at)
        roots = np.sqrt(self.counts * p * (1 - p))
        width = 1 + self.matrix.shape[1]
        found = np.zeros((len(at), len(at)))
        for first in range(0, len(roots), _ROWS_AT_ONCE):
            some = slice(first, first + _ROWS_AT_ONCE)
            own, leaves = roots[some], self.leaves[some]
            block = np.zeros((len(own), len(at)))
            block[:, 0] = own
            block[:, 1:width] = self.matrix[some] * own[:, None]
            block[np.arange(len(own))[:, None], width + leaves] = own[:, None]
            found += block.T @ block
        found[np.diag_indices(len(at))] += self.penalty
        return found


def predict(at: Floats, matrix: Floats, leaves: Leaves) -> Floats:
    """Give log-odds of rows by a solution, shape (rows,)."""
    width = 1 + matrix.shape[1]
    found = at[0] + matrix @ at[1:width]
    for tree in leaves.T:
        found += at[width + tree]
    return np.asarray(found)


def number_leaves(leaves: Sequence[Leaves], counts: Sequence[int]) -> Leaves:
    """Count the leaves of trees, each from 0, through all trees, shape (rows, trees)."""
    starts = np.cumsum([0, *counts[:-1]])
    return np.column_stack([own + start for own, start in zip(leaves, starts, strict=True)])
