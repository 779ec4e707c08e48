"""One L2 logistic regression of weights, curves, levels and the leaves of all trees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError
from leadweights.formula.arrays import Floats
from leadweights.learn.newton import minimize

Leaves = NDArray[np.int64]
EXACT = 1e-12
"""A step, relative to the largest coefficient, beyond which ten digits do not move."""

_ROWS_AT_ONCE = 4_096
# A Hessian at other penalties may be so far off.
_OFF = 0.5
_MOST_STEPS = 200


class Joint:
    """A regression of labels `y` on a matrix, and on the leaf that each tree puts a row in.

    `matrix` has shape (rows, columns), its numbers standardised; `leaves` (trees, rows), counted
    from 0 through all trees. `counts`, shape (rows,), weigh the rows in the loss. The matrix's own
    coefficients are bound by `c`.
    """

    def __init__(self, matrix: Floats, leaves: Leaves, y: Floats, counts: Floats, c: float) -> None:
        self._matrix, self._leaves, self._y, self._counts, self._c = matrix, leaves, y, counts, c
        self._leaf_count = int(leaves.max(initial=-1)) + 1
        self._curvature: Floats | None = None

    def solve(
        self, c_leaves: float, start: Floats | None = None, tolerance: float = EXACT
    ) -> Floats:
        """Find intercept, coefficients and leaves, shape (1 + columns + leaves,).

        Leaves are bound by `c_leaves`. It may `start` from a solution with fewer leaves.
        """
        own = np.full(self._matrix.shape[1], 1 / self._c)
        penalty = np.concatenate(([0.0], own, np.full(self._leaf_count, 1 / c_leaves)))
        at = np.zeros(len(penalty))
        if start is None:
            at[0] = base_log_odds(self._y, self._counts)
        else:
            at[: len(start)] = start
        known = self._curvature

        def exact(at: Floats) -> Floats:
            self._curvature = self._curve(at)
            return np.asarray(self._curvature + np.diag(penalty))

        def slope(at: Floats, _: object = None) -> Floats:
            return np.asarray(self._slope(at) + penalty * at)

        try:
            return minimize(
                at,
                slope,
                exact if known is None else lambda _: known + np.diag(penalty),
                exact=exact,
                off=0.0 if known is None else _OFF,
                tolerance=tolerance,
            )
        except EngineError:  # its steps are too long where rows are told apart without a mistake
            return self._descend(at, slope, exact, penalty, tolerance)

    def _descend(
        self,
        at: Floats,
        slope: Callable[[Floats], Floats],
        exact: Callable[[Floats], Floats],
        penalty: Floats,
        tolerance: float,
    ) -> Floats:
        """Go by Newton's steps that are halved until they lead down: slow, and sure."""

        def loss(at: Floats) -> float:
            odds = predict(at, self._matrix, self._leaves)
            rows = np.logaddexp(0.0, odds) - self._y * odds
            return float(self._counts @ rows + penalty @ at**2 / 2)

        for _ in range(_MOST_STEPS):
            found = slope(at)
            step = np.linalg.solve(exact(at), found)
            size = float(np.abs(step).max() / max(1.0, float(np.abs(at).max())))
            here, down, share = loss(at), float(found @ step), 1.0
            # At the end the loss itself is rounding errors.
            while down > 1e-10 * here and loss(at - share * step) > here - share * down / 1e4:
                share /= 2
            at = at - share * step
            if size <= tolerance:
                break
        return at

    def _predict(self, at: Floats) -> Floats:
        return to_probability(predict(at, self._matrix, self._leaves))

    def _slope(self, at: Floats) -> Floats:
        residual = self._counts * (
            to_probability(predict(at, self._matrix, self._leaves)) - self._y
        )
        leaves = np.zeros(self._leaf_count)
        for tree in self._leaves:
            leaves += np.bincount(tree, residual, self._leaf_count)
        return np.concatenate(([residual.sum()], residual @ self._matrix, leaves))

    def _curve(self, at: Floats) -> Floats:
        """Add up products of all columns, of some rows at once: of all the matrix is too large."""
        p = self._predict(at)
        roots = np.sqrt(self._counts * p * (1 - p))[:, None]
        width = 1 + self._matrix.shape[1]
        found = np.zeros((len(at), len(at)))
        for first in range(0, len(roots), _ROWS_AT_ONCE):
            some = slice(first, first + _ROWS_AT_ONCE)
            own = roots[some]
            block = np.zeros((len(own), len(at)))
            block[:, :1] = own
            block[:, 1:width] = self._matrix[some] * own
            block[np.arange(len(own))[:, None], width + self._leaves[:, some].T] = own
            found += block.T @ block
        return found


def predict(at: Floats, matrix: Floats, leaves: Leaves) -> Floats:
    """Give log-odds of rows by a solution, shape (rows,)."""
    width = 1 + matrix.shape[1]
    found = at[0] + matrix @ at[1:width]
    for tree in leaves:
        found += at[width:][tree]
    return np.asarray(found)


def to_probability(log_odds: Floats) -> Floats:
    """Give the probabilities of log-odds."""
    small = np.exp(-np.abs(log_odds))  # exp of a large number would overflow
    return np.asarray(np.where(log_odds < 0, small, 1.0) / (1.0 + small))


def base_log_odds(y: Floats, counts: Floats) -> float:
    """Give the log-odds of all rows alike."""
    rate = float(counts @ y / counts.sum())
    return float(np.log(rate / (1 - rate)))
