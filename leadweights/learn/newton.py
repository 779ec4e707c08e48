"""The minimum of a convex function whose gradient is dear: Newton's steps, corrected on the way."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from leadweights.errors import EngineError
from leadweights.formula.arrays import Floats

_MOST_PASSES = 100
# Steps shrink by nearly the same rate.
_MARGIN = 3.0
# What is left of a step at the end is rounding errors of the gradient.
_ROUNDED = 10.0
# The error that the last gradient may have moves each weight by such a share of the tolerance.
_LEFT_TO_ERRORS = 0.25
_MOST_HALVINGS = 30
_FAST, _PATIENCE = 0.1, 2


@dataclass(frozen=True, slots=True)
class Pass:
    """One gradient on the way: its number, from 1 on, and the step it led to, as a share."""

    number: int
    step: float


def minimize(
    start: Floats,
    gradient: Callable[[Floats, Floats | None], Floats],
    hessian: Callable[[Floats], Floats],
    *,
    exact: Callable[[Floats], Floats],
    cheap: bool = False,
    off: float = 0.0,
    tolerance: float,
    told: Callable[[Pass], object] = lambda _: None,
) -> Floats:
    """Find where the gradient is zero; all arrays have shape (n,), the Hessian (n, n).

    `gradient` is told how far off each part of it may be, shape (n,), where the step that comes of
    it will be the last one: the errors of those before shrink with the steps, its own stay.
    `hessian` may be a guess, such as that of a sample of rows, by such a share `off` at most: it is
    asked again after the first step, then each gradient improves it (BFGS, Nocedal and Wright 2006,
    section 6.1), and where it misleads, or steps shrink slowly, `exact` is asked in its place, at
    the first slow step where it is `cheap`. The end is a step, relative to the largest coefficient,
    after which the next one would be below `tolerance`, if it is only as much smaller as any before
    was, or as a guess that is `off` makes it.

    Raises EngineError where no step leads on.
    """
    at, slope, final = start, gradient(start, None), False
    inverse = _inverse(hessian(at))
    before, halvings = float("inf"), 0
    scale, slowest = 1.0, off
    known, slow, doubted = cheap, 0, False
    for number in range(1, _MOST_PASSES + 1):
        step = -scale * (inverse @ slope)
        size = float(np.abs(step).max() / max(1.0, float(np.abs(at).max())))
        told(Pass(number, size))
        own = min(size / before, 1.0) if np.isfinite(before) else 1.0
        # Short steps may hide a direction in which the next ones are not as short.
        rate = max(own, slowest)
        if size * rate <= tolerance and scale == 1.0:
            if doubted and not known:
                # After a difficult way the last word is that of the second derivatives themselves.
                inverse, known = _inverse(exact(at)), True
                continue
            if final:
                return np.asarray(at + step)
            slope, final = gradient(at, _bearable(inverse, at, tolerance)), True
            continue
        reached = at + step
        expected = size * rate if np.isfinite(before) else 1.0
        last = expected * rate <= _MARGIN * tolerance
        found = gradient(reached, _bearable(inverse, at, tolerance) if last else None)
        if not found @ inverse @ found < slope @ inverse @ slope:
            # The guess misleads, or the step is too long for any.
            doubted = True
            if not known:
                inverse, known, doubted = _inverse(exact(at)), True, False
            elif halvings < _MOST_HALVINGS:
                scale, halvings = scale / 2, halvings + 1
            elif size / scale <= _ROUNDED * tolerance:
                return np.asarray(at)
            else:
                raise EngineError(f"no step leads on where the weights still move by {size:.1g}")
            continue
        slow = slow + 1 if own > _FAST else 0
        doubted = doubted or slow > _PATIENCE
        known = slow > (0 if cheap else _PATIENCE)
        slowest = rate if np.isfinite(before) else off
        if known:
            inverse, slowest = _inverse(exact(reached)), 0.0
        elif number == 1:
            # The way there may be longer than all that follow.
            inverse = _inverse(hessian(reached))
        else:
            inverse = _correct(inverse, step, found - slope)
        at, slope, before, final = reached, found, size, last
        scale, halvings = 1.0, 0
    raise EngineError(
        f"the weights still move by {size:.1g} after {_MOST_PASSES} passes; learn in memory"
    )


def _bearable(inverse: Floats, at: Floats, tolerance: float) -> Floats:
    """Say how far off each part of a gradient may be if it is to move no weight too far."""
    furthest = _LEFT_TO_ERRORS * tolerance * max(1.0, float(np.abs(at).max()))
    return np.asarray(furthest / np.abs(inverse).max(axis=0))


def _inverse(matrix: Floats) -> Floats:
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        raise EngineError("the columns are too much alike to tell their weights apart") from None
    return np.asarray((inverse + inverse.T) / 2)


def _correct(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """Make a guess of the inverse Hessian true in the direction of the last step."""
    along = float(step @ change)
    if not along > 0:
        return inverse
    moved = inverse @ change
    both = np.outer(step, moved)
    own = (1.0 + float(change @ moved) / along) / along
    return np.asarray(inverse - (both + both.T) / along + own * np.outer(step, step))
