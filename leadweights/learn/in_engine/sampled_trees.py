"""Trees grown on a sample of rows, to be given values by all of them."""

from dataclasses import dataclass

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import encode
from leadweights.learn.boost.grow import GrownTrees
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.to_model import JointTrees
from leadweights.learn.with_trees import write_trees
from leadweights.model.trees import Leaf, Node


@dataclass(frozen=True, slots=True)
class SampledTrees:
    """Trees grown on a sample, whose leaves, bound by `c_leaves`, get their values from all rows.

    `told` says so in words.
    """

    grown: GrownTrees
    c_leaves: float
    told: str

    @property
    def leaves(self) -> int:
        """Count the leaves."""
        return sum(len(tree.leaves) for tree in self.grown.trees)

    def beside(self, matrix: Floats, known: Prepared) -> Floats:
        """Put a column for each leaf behind a matrix; rows are `known` as trees read them."""
        return np.hstack((matrix, self.grown.indicate(known)))

    def write(self, values: Floats, shares: Floats, known: Prepared, counts: Floats) -> JointTrees:
        """Write the trees down with the values of all leaves, in which such shares of rows end.

        How far columns and trees move the score is that of the sample, rows `known` that count so.
        """
        places = self.grown.find_leaves(encode(self.grown.columns, known))
        return write_trees(self.grown, values, places, counts, shares)

    def number(self) -> list[Node]:
        """Write the trees down with the number of each leaf for what it contributes."""
        return [
            tree.write(self.grown.columns, [Leaf(float(n)) for n in range(len(tree.leaves))])
            for tree in self.grown.trees
        ]
