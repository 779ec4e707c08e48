"""The rows of a sample, standing for all: laid out, and their loss with its derivatives."""

from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.design import Design
from leadweights.learn.prepare.prepared import Prepared

# What varies less than its mean is rounded.
_CONSTANT = 1e-13
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class StandardizedSample:
    """The matrix of a sample, shape (rows, 1 + columns), the intercept's ones first.

    From each number its middle was taken, and the rest divided by its unit, shape (numbers,):
    their own mean and standard deviation, or 1 for those that are not `varying`.
    """

    matrix: Floats
    middles: Floats
    units: Floats
    varying: NDArray[np.bool_]


def standardize(design: Design, rows: Prepared, counting: Floats) -> StandardizedSample:
    """Lay a sample out; rows count as often as `counting` says, shape (rows,)."""
    matrix = np.empty((len(counting), 1 + design.width), order="F")
    matrix[:, 0] = 1.0
    shares = counting / counting.sum()
    middles, units = np.zeros((2, len(design.numbers)))
    for place, name in enumerate(design.numbers):
        own = matrix[:, 1 + place]
        middles[place] = shares @ rows.numbers[name]
        np.subtract(rows.numbers[name], middles[place], out=own)
        units[place] = (shares @ own**2) ** 0.5
    varying = units > _CONSTANT * np.abs(middles)
    units[~varying] = 1.0
    numbers = matrix[:, 1 : 1 + len(design.numbers)]
    numbers /= units
    if design.knots or design.levels:
        others = replace(design, numbers=())
        matrix[:, 1 + len(design.numbers) :] = others.matrix(rows)
    return StandardizedSample(matrix, middles, units, varying)


@dataclass(frozen=True, slots=True)
class SampledLoss:
    """The loss of a sample's rows, each counted as many times as it stands for rows."""

    matrix: Floats
    y: Floats
    times: Floats
    penalty: Floats

    def start(self) -> Floats:
        """Begin with no column and the positive rate."""
        rate = float(np.average(self.y, weights=self.times))
        return np.array([log(rate / (1 - rate)), *[0.0] * (len(self.penalty) - 1)])

    def gradient(self, at: Floats) -> Floats:
        """Give the gradient, the intercept first."""
        residual = self._probability(at) - self.y
        return (self.times * residual) @ self.matrix + self.penalty * at

    def hessian(self, at: Floats) -> Floats:
        """Give the Hessian."""
        weights = self._curvature(at)
        found = np.diag(self.penalty)
        for first in range(0, len(weights), _BLOCK):
            block = self.matrix[first : first + _BLOCK]
            found += block.T @ (block * weights[first : first + _BLOCK, None])
        return found

    def off(self, at: Floats) -> float:
        """Say by which share the Hessian may differ from that of all rows, in any direction.

        That is what random rows' second moments do (Bai and Yin 1993), each counted as many times
        as its curvature says (Kish 1965).
        """
        weights = self._curvature(at)
        weights /= weights.max()  # squares of tiny ones would be 0
        rows = float(weights.sum()) ** 2 / float(weights @ weights)
        return float((1 + (len(at) / rows) ** 0.5) ** 2 - 1)

    def _curvature(self, at: Floats) -> Floats:
        p = self._probability(at)
        return np.asarray(self.times * p * (1 - p))

    def _probability(self, at: Floats) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.matrix @ at, -700, 700))))
