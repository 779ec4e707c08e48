"""What a library's model reads: numbers, each made of one column of the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import assert_never

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats

Compute = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Line:
    """`offset + slope * x`, where x is the column's value or, with `log`, its signed logarithm.

    `moments` are the mean and the standard deviation by which the library standardised it.
    """

    slope: float = 1.0
    offset: float = 0.0
    log: bool = False
    moments: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """A value for each bin: one more than there are `cuts`, at which bins begin."""

    cuts: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Knots:
    """A line from point to point; beyond the ends, what the ends say."""

    points: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bent:
    """What rises with the column, and is none of the others: trees read it, no term does."""

    step: str
    falls: bool = False


Shape = Line | Steps | Knots | Bent


@dataclass(frozen=True, slots=True)
class NumberFeature:
    """A number made of a column of numbers.

    `compute` does what the library does, in its own order, so that cuts can be found to the bit.
    `missing` is the feature where the column is missing, NaN if that is handed on; `fill` is then
    the column's value that was put there. The column's values in `nulls` are missing, too.
    """

    column: str
    shape: Shape = Line()
    compute: Compute = np.asarray
    missing: float = nan
    fill: float | None = None
    nulls: tuple[float, ...] = ()

    def rises(self) -> bool:
        """Tell whether the feature rises with its column, or falls.

        Raises UnsupportedError where it does both.
        """
        match self.shape:
            case Line(slope):
                return slope >= 0
            case Bent(falls=falls):
                return not falls
            case Steps(values=values) | Knots(values=values):
                steps = np.diff(values)
                if (steps < 0).any() and (steps > 0).any():
                    raise UnsupportedError(
                        f"trees that read a part of {self.column!r} that rises and falls cannot be "
                        "carried: encode its bins as ordinal"
                    )
                return not (steps < 0).any()
            case _:
                assert_never(self.shape)


@dataclass(frozen=True, slots=True)
class LevelFeature:
    """A number for each level of a column of text.

    `other` is that of levels the library does not know, NaN if they are missing to it. `whole`
    levels are codes of digits.
    """

    column: str
    values: Mapping[str, float]
    other: float
    missing: float
    whole: bool = False


Feature = NumberFeature | LevelFeature


def move(feature: Feature, compute: Compute, step: Line) -> Feature:
    """Apply a straight step of a library, in its arithmetic and in symbols."""
    slope, offset = step.slope, step.offset

    def apply(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(compute(np.array(values, dtype=np.float64)).tolist())

    (missing,) = apply([feature.missing])
    match feature:
        case LevelFeature(values=values):
            moved = dict(zip(values, apply(list(values.values())), strict=True))
            (other,) = apply([feature.other])
            return replace(feature, values=moved, other=other, missing=missing)
        case NumberFeature(shape=shape, compute=before):
            match shape:
                case Line(a, b, log, moments):
                    plain = a == 1 and b == 0 and not log
                    own = step.moments if plain else moments
                    shape = Line(a * slope, offset + b * slope, log, own)
                case Steps(values=heights) | Knots(values=heights):
                    shape = replace(shape, values=apply(heights))
                case Bent(name, falls):
                    shape = Bent(name, falls != (slope < 0))
                case _:
                    assert_never(shape)
            return replace(
                feature, shape=shape, compute=lambda x: compute(before(x)), missing=missing
            )
        case _:
            assert_never(feature)
