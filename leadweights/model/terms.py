"""What a term is: how one column of a model contributes to the lead score."""

from dataclasses import dataclass
from itertools import pairwise
from typing import assert_never

from leadweights.errors import ModelError
from leadweights.model.checks import FARTHEST, LARGEST_NUMBER, SMALLEST_SPREAD, STEEPEST


@dataclass(frozen=True, slots=True)
class Standardized:
    """Contribute `(x - mean) * (weight / std)`: weight is the share per standard deviation.

    `weight / std`, the weight per unit of x, is one constant: a division for each row would cost a
    sixth of the SELECT's time (measured in DuckDB).
    """

    column: str
    mean: float
    std: float
    weight: float

    @property
    def zero(self) -> float:
        """Value of the column where the term contributes nothing."""
        return self.mean

    @property
    def spread(self) -> float:
        """Give the unit in which the term measures its column."""
        return self.std


@dataclass(frozen=True, slots=True)
class Ranged:
    """Contribute x placed on [0, 1] by its range, times |weight|; 1 is the best end.

    The best end is `high` for a positive weight and `low` for a negative one.
    """

    column: str
    low: float
    high: float
    weight: float

    @property
    def zero(self) -> float:
        """Value of the column where the term contributes nothing."""
        return self.low if self.weight >= 0 else self.high

    @property
    def spread(self) -> float:
        """Give the unit in which the term measures its column."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a category: what it contributes, and its share of the training rows."""

    value: str
    contribution: float
    row_share: float


@dataclass(frozen=True, slots=True)
class Levels:
    """Contribute what belongs to the level of the row.

    `other` holds for levels that are rare or were never seen, `missing` for a missing one; their
    own values are not matched. `weight`, never negative, is the share of the column in the score:
    the standard deviation of its contributions on the training rows (of equal weights, their
    range).
    """

    column: str
    weight: float
    levels: tuple[Level, ...]
    other: Level
    missing: Level


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: a value of the column and what it contributes."""

    at: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Contribute what a line from point to point says; beyond the ends, what the ends say.

    `weight`, never negative, is the share of the column in the score: the standard deviation of
    its contributions on the training rows.
    """

    column: str
    weight: float
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Bins:
    """Contribute what belongs to the bin of the value, as a scorecard does.

    The first bin lies below the first of the rising `cuts`; each further one begins at a cut, so
    there is one contribution more than there are cuts. `weight`, never negative, is the share of
    the column in the score.
    """

    column: str
    weight: float
    cuts: tuple[float, ...]
    contributions: tuple[float, ...]


Term = Standardized | Ranged | Levels | Curve | Bins


def check_term(term: Term) -> None:
    """Refuse constants by which a term could not be computed. Raises ModelError."""
    name = term.column
    match term:
        case Standardized(_, mean, std):
            if not std >= SMALLEST_SPREAD:
                raise ModelError(f"std of {name!r} must be positive, not {std}")
            if abs(mean) > FARTHEST * std:
                raise ModelError(f"std of {name!r}, {std}, is nothing beside its mean, {mean}")
        case Ranged(_, low, high):
            if not SMALLEST_SPREAD <= high - low <= LARGEST_NUMBER:
                raise ModelError(f"range of {name!r} must rise from low to high: {low} to {high}")
            if max(abs(low), abs(high)) > FARTHEST * (high - low):
                raise ModelError(f"range of {name!r} is nothing beside its ends: {low}, {high}")
        case Levels(_, weight, levels):
            if len({level.value for level in levels}) < len(levels):
                raise ModelError(f"a level of {name!r} stands twice")
            _check_bounds(term, weight)
        case Curve(_, weight, points):
            steps = [b.at - a.at for a, b in pairwise(points)]
            if len(points) < 2 or min(steps) < SMALLEST_SPREAD or max(steps) > LARGEST_NUMBER:
                raise ModelError(f"the points of {name!r} must be two or more, and rise")
            steepest = max(abs(slope(a, b)) for a, b in pairwise(points))
            _check_bounds(term, weight, steepest)
        case Bins(_, weight, cuts, contributions):
            if not cuts or any(a >= b for a, b in pairwise(cuts)):
                raise ModelError(f"the cuts of {name!r} must be one or more, and rise")
            if len(contributions) != len(cuts) + 1:
                raise ModelError(f"{name!r} needs a contribution more than the {len(cuts)} cuts")
            _check_bounds(term, weight)
        case _:
            assert_never(term)


def _check_bounds(term: Levels | Curve | Bins, weight: float, steepest: float = 0.0) -> None:
    if not weight >= 0:
        raise ModelError(f"weight of {term.column!r} must not be negative, not {weight}")
    if farthest(term, 0.0) > FARTHEST or steepest > STEEPEST:
        raise ModelError(f"a contribution of {term.column!r} is out of all bounds")


def farthest(term: Term, limit: float) -> float:
    """Bound what a term contributes, in absolute terms, to a value of its `limit` at most."""
    match term:
        case Standardized() | Ranged():
            return (limit / term.spread + abs(term.zero) / term.spread) * abs(term.weight)
        case Levels(levels=levels, other=other, missing=missing):
            return max(abs(level.contribution) for level in (*levels, other, missing))
        case Curve(points=points):
            return max(abs(point.contribution) for point in points)
        case Bins(contributions=contributions):
            return max(map(abs, contributions))
        case _:
            assert_never(term)


def slope(left: Point, right: Point) -> float:
    """Contribution per unit between two points of a curve."""
    return (right.contribution - left.contribution) / (right.at - left.at)


def weight_per_unit(line: Standardized | Ranged) -> float:
    """Contribution per unit of the column of a line."""
    return line.weight / line.spread
