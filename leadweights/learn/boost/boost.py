"""Trees grown block by block on rows, each block on what weights and leaves say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import Binned, Codes
from leadweights.learn.boost.grow import UNIT, Grower, Grown, GrownTrees, Shape
from leadweights.learn.boost.refit import (
    EXACT,
    Joint,
    Leaves,
    base_log_odds,
    predict,
    to_probability,
)

BLOCK = 15
"""Trees between two joint regressions."""

# Of the leaves, while trees grow: on public tables the best, or as good.
_C_OF_STRUCTURE = 0.01


class Boosting:
    """Trees on training rows, more of them as they are asked for.

    `codes`, shape (columns, rows), are what trees read of the rows; `matrix`, shape (rows, width),
    what the weights are learnt from, standardised; `signs`, shape (width,), are the directions of
    its columns, 0 where there is none.
    """

    def __init__(
        self,
        columns: Sequence[Binned],
        codes: Codes,
        matrix: Floats,
        y: Floats,
        counts: Floats | None,
        c: float,
        shape: Shape,
        tolerance: float = EXACT,
        signs: Floats | None = None,
    ) -> None:
        self.trees = GrownTrees(tuple(columns), ())
        self._codes, self._matrix, self._y, self._c = codes, matrix, y, c
        self._counts = np.ones(len(y)) if counts is None else counts
        self._grower = Grower(columns, codes, shape)
        self._tolerance = tolerance
        self._signs = np.zeros(matrix.shape[1]) if signs is None else signs
        self._leaves: Leaves = np.zeros((0, len(y)), np.int64)
        self._joint: Joint | None = None
        self._solved: dict[float, Floats] = {}
        base = base_log_odds(y, self._counts)
        self._log_odds = np.full(len(y), base)
        # On the bank table trees beside weights that are there before them lose 0.006 of AUC.
        alone = np.concatenate(([base], np.zeros(matrix.shape[1])))
        self._boosted = np.zeros(0) if shape.joint else alone

    @property
    def leaves(self) -> Leaves:
        """Say in which leaves the training rows end, shape (trees, rows)."""
        return self._leaves

    def solve(self, c_leaves: float = _C_OF_STRUCTURE) -> Floats:
        """Give intercept, coefficients and leaves of the trees there are, leaves bound so.

        Trees that are not joint have the steps they were boosted by, and all weights are 0.
        """
        if len(self._boosted):
            return self._boosted
        if self._joint is None:
            self._joint = Joint(self._matrix, self._leaves, self._y, self._counts, self._c)
        found = self._joint.solve(c_leaves, self._solved.get(c_leaves), self._tolerance)
        self._solved[c_leaves] = found
        return found

    def settle(self, c_leaves: float) -> tuple[GrownTrees, Leaves, Floats]:
        """Give trees, the leaves the rows end in, and a solution that goes against no direction.

        A weight that does becomes 0 and a split that does a leaf, and all is solved again. Boosted
        leaves are within their bounds from the start.
        """
        trees, leaves, at = self.trees, self._leaves, self.solve(c_leaves)
        width, none = 1 + len(self._signs), np.zeros(len(self._signs), bool)
        while self._signs.any() and not len(self._boosted):
            wrong = self._signs * at[1:width] < 0
            kept = trees.keep_directions(at[width:])
            if not wrong.any() and kept.leaf_count == trees.leaf_count:
                break
            none |= wrong
            trees, leaves = kept, kept.find_leaves(self._codes)
            joint = Joint(np.where(none, 0.0, self._matrix), leaves, self._y, self._counts, self._c)
            at = joint.solve(c_leaves, tolerance=self._tolerance)
            at[1:width][none] = 0.0
        return trees, leaves, at

    def grow(self, count: int) -> None:
        """Grow trees up to this count: after each block their values are those of all together."""
        while len(self.trees.trees) < count:
            there = len(self.trees.trees)
            if there and there % BLOCK == 0 and not len(self._boosted):
                self._log_odds = predict(self.solve(), self._matrix, self._leaves)
            if not self._add(min(count, there - there % BLOCK + BLOCK) - there):
                break

    def _add(self, count: int) -> bool:
        """Boost so many trees; tell whether there is anything left to split by."""
        # Whole numbers add up to the same in any order; of weighted rows the mean counts one.
        counts = self._counts / self._counts.mean()
        grown: list[Grown] = []
        own: list[Leaves] = []
        start = int(self._leaves.max(initial=-1)) + 1
        for _ in range(count):
            p = to_probability(self._log_odds)
            gradients = np.rint(counts * (p - self._y) * UNIT)
            tree, steps = self._grower.grow(gradients, np.rint(counts * p * (1 - p) * UNIT))
            if not tree.parts:
                break
            leaves = tree.find_leaves(self._codes)
            self._log_odds = self._log_odds + steps[leaves]
            grown.append(tree)
            own.append(leaves + start)
            start += len(tree.leaves)
            if len(self._boosted):
                self._boosted = np.concatenate((self._boosted, steps))
        self._joint = None if own else self._joint
        self._leaves = np.vstack((self._leaves, *own))
        self.trees = GrownTrees(self.trees.columns, (*self.trees.trees, *grown))
        return len(own) == count
