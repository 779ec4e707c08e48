"""Trees grown block by block on rows, each block on what weights and leaves say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import Binned, Codes
from leadweights.learn.boost.grow import UNIT, Grower, Grown, GrownTrees, Shape
from leadweights.learn.boost.refit import EXACT, Joint, Leaves, base_log_odds, to_probability

BLOCK = 15
"""Trees between two joint regressions."""

# Of the leaves, while trees grow: on public tables the best, or as good.
_C_OF_STRUCTURE = 0.01


class Boosting:
    """Trees on training rows, more of them as they are asked for.

    `codes`, shape (columns, rows), are what trees read of the rows; `matrix`, shape (rows, width),
    what the weights are learnt from, standardised.
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
    ) -> None:
        self.trees = GrownTrees(tuple(columns), ())
        self._codes, self._matrix, self._y, self._c = codes, matrix, y, c
        self._counts = np.ones(len(y)) if counts is None else counts
        self._grower = Grower(columns, codes, shape)
        self._tolerance = tolerance
        self._leaves: Leaves = np.zeros((0, len(y)), np.int64)
        self._joint: Joint | None = None
        self._solved: dict[float, Floats] = {}
        self._log_odds = np.full(len(y), base_log_odds(y, self._counts))

    @property
    def leaves(self) -> Leaves:
        """Say in which leaves the training rows end, shape (trees, rows)."""
        return self._leaves

    def solve(self, c_leaves: float = _C_OF_STRUCTURE) -> Floats:
        """Give intercept, coefficients and leaves of the trees there are, leaves bound so."""
        if self._joint is None:
            self._joint = Joint(self._matrix, self._leaves, self._y, self._counts, self._c)
        found = self._joint.solve(c_leaves, self._solved.get(c_leaves), self._tolerance)
        self._solved[c_leaves] = found
        return found

    def grow(self, count: int) -> None:
        """Grow trees up to this count: after each block their values are those of all together."""
        while len(self.trees.trees) < count:
            there = len(self.trees.trees)
            if there and there % BLOCK == 0:
                at = self.solve()
                assert self._joint is not None
                self._log_odds = self._joint.log_odds(at)
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
        self._joint = None if own else self._joint
        self._leaves = np.concatenate(
            (self._leaves, np.array(own).reshape(-1, len(counts))), dtype=np.int64, casting="unsafe"
        )
        self.trees = GrownTrees(self.trees.columns, (*self.trees.trees, *grown))
        return len(own) == count
