"""The minimum of a convex function whose gradient is dear: Newton's steps, corrected on the way."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError

Floats = NDArray[np.float64]

_MOST_PASSES = 60
# Steps shrink by nearly the same rate.
_MARGIN = 10.0
_MOST_HALVINGS = 12
_FAST = 0.1


@dataclass(frozen=True, slots=True)
class Pass:
    """One gradient on the way: its number, from 1 on, and the step it led to, as a share."""

    number: int
    step: float


def minimum(
    start: Floats,
    gradient: Callable[[Floats, bool], Floats],
    hessian: Callable[[Floats], Floats],
    *,
    exact: Callable[[Floats], Floats] | None = None,
    cheap: bool = False,
    tolerance: float,
    told: Callable[[Pass], object] = lambda _: None,
) -> Floats:
    """Find where the gradient is zero; all arrays have shape (n,), the Hessian (n, n).

    `gradient` is told whether the step that comes of it will be the last one: the errors of those
    before shrink with the steps, its own stay.
    `hessian` may be a guess, such as that of a sample of rows: each gradient improves it (BFGS,
    Nocedal and Wright 2006, section 6.1), and where it misleads, `exact` is asked once in its
    place. Where it is `cheap` it is asked for at each step until these shrink fast. The end is a
    step, relative to the largest coefficient, after which the next one, as much smaller as the last
    two were, would be below `tolerance`.

    Raises EngineError where no step leads on.
    """
    at, slope, final = start, gradient(start, False), False
    inverse = _inverse(hessian(at))
    before, halvings = float("inf"), 0
    scale, slower = 1.0, 0.0
    for number in range(1, _MOST_PASSES + 1):
        step = -scale * (inverse @ slope)
        size = float(np.abs(step).max() / max(1.0, float(np.abs(at).max())))
        told(Pass(number, size))
        own = min(size / before, 1.0) if np.isfinite(before) else 1.0
        # One short step may hide a direction in which the next ones are not as short.
        rate = max(own, slower)
        if size * rate <= tolerance and scale == 1.0:
            if final:
                return np.asarray(at + step)
            slope, final = gradient(at, True), True
            continue
        reached = at + step
        expected = size * rate if np.isfinite(before) else 1.0
        last = expected * rate <= _MARGIN * tolerance
        found = gradient(reached, last)
        if not found @ inverse @ found < slope @ inverse @ slope:
            # The guess misleads, or the step is too long for any.
            if exact is not None:
                inverse, exact = _inverse(exact(at)), None
            elif halvings < _MOST_HALVINGS:
                scale, halvings = scale / 2, halvings + 1
            else:
                return np.asarray(at)
            continue
        if cheap and own > _FAST:
            inverse = _inverse(hessian(reached))
        else:
            inverse = _corrected(inverse, step, found - slope)
        slower = own if np.isfinite(before) else 0.0
        at, slope, before, final = reached, found, size, last
        scale, halvings = 1.0, 0
    raise EngineError(f"the weights still move by {size:.1g} after {_MOST_PASSES} passes")


def _inverse(matrix: Floats) -> Floats:
    inverse = np.linalg.inv(matrix)
    return np.asarray((inverse + inverse.T) / 2)


def _corrected(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """Make a guess of the inverse Hessian true in the direction of the last step."""
    along = float(step @ change)
    if not along > 0:
        return inverse
    left = np.eye(len(step)) - np.outer(step, change) / along
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / along)
