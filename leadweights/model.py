"""What was learnt, in business words: columns, terms, a link and where they come from.

Every model is additive. `lead_score` is the sum of the terms' contributions, and the absolute
weights of the terms sum to 1. Constants are rounded once, when a model is learnt (`rounded`,
`shares`); the model *is* those constants, and every interpreter reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from math import floor, isfinite

from leadweights.errors import ModelError

# Ten digits: few enough to survive another order of summation (about 1e-14) and another CPU,
# enough for coefficients within 1e-9 of the optimum.
DIGITS = 10
SMALLEST_SPREAD, LARGEST_NUMBER = 1e-300, 1e300
# Beyond, a double has no digits left for what varies.
_FARTHEST = 1e16


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric column; `fill` stands in for NULL, NaN, infinities and values out of all bounds."""

    name: str
    fill: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A true/false column, read as 1 and 0; `fill` stands in for NULL."""

    name: str
    fill: float


InputColumn = Number | Flag


@dataclass(frozen=True, slots=True)
class Standardized:
    """Contribute `((x - mean) / std) * weight`: weight is the share per standard deviation."""

    column: str
    mean: float
    std: float
    weight: float


@dataclass(frozen=True, slots=True)
class Ranged:
    """Contribute x placed on [0, 1] by its range, times |weight|; 1 is the best end.

    The best end is `high` for a positive weight and `low` for a negative one.
    """

    column: str
    low: float
    high: float
    weight: float


Term = Standardized | Ranged


@dataclass(frozen=True, slots=True)
class Logit:
    """`log_odds = intercept + scale * lead_score`; the probability is its logistic function."""

    intercept: float
    scale: float


@dataclass(frozen=True, slots=True)
class Identity:
    """The lead score itself, cut to [0, 1], is taken for the probability."""


Link = Logit | Identity


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a model comes from, without a clock or a path: the same rows give the same words."""

    made_by: str
    label: str
    positive: str
    rows: int
    positive_rows: int
    method: str
    rows_sha256: str


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """A scoring model: frozen, checked when made, the same in memory and in its file."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[InputColumn, ...]
    terms: tuple[Term, ...]
    link: Link
    provenance: Provenance

    def __post_init__(self) -> None:
        """Refuse a model that could not be computed. Raises ModelError."""
        if not self.terms:
            raise ModelError("a model needs at least one term")
        for part in (*self.columns, *self.terms, self.link):
            _check_finite(part)
        names = [column.name for column in self.columns]
        read = [term.column for term in self.terms]
        _check_names(names, "column")
        _check_names(read, "term of column")
        _check_names(self.keys, "key")
        for term in self.terms:
            if term.column not in names:
                raise ModelError(f"a term reads column {term.column!r}, which the model lacks")
            _check_term(term)
        for name in names:
            if name not in read:
                raise ModelError(f"no term reads column {name!r}")
        if isinstance(self.link, Logit) and not 0 < self.link.scale <= LARGEST_NUMBER:
            raise ModelError(f"scale must be positive, not {self.link.scale}")
        weights = sum(abs(term.weight) for term in self.terms)
        if not abs(weights - 1) < 1e-6:
            raise ModelError(f"the absolute weights must sum to 1, not {weights:.10g}")


def _check_finite(part: InputColumn | Term | Link) -> None:
    where = getattr(part, "name", getattr(part, "column", type(part).__name__.lower()))
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, float) and not (isfinite(value) and abs(value) <= LARGEST_NUMBER):
            raise ModelError(f"{field.name} of {where!r} must be a finite number, not {value}")


def _check_names(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if not name.strip():
            raise ModelError(f"a {what} has no name")
        if name.lower() in seen:
            raise ModelError(f"{what} {name!r} stands twice in the model")
        seen.add(name.lower())


def _check_term(term: Term) -> None:
    match term:
        case Standardized(column, mean, std, _):
            if not std >= SMALLEST_SPREAD:
                raise ModelError(f"std of {column!r} must be positive, not {std}")
            if abs(mean) > _FARTHEST * std:
                raise ModelError(f"std of {column!r}, {std}, is nothing beside its mean, {mean}")
        case Ranged(column, low, high, _):
            if not SMALLEST_SPREAD <= high - low <= LARGEST_NUMBER:
                raise ModelError(f"range of {column!r} must rise from low to high: {low} to {high}")
            if max(abs(low), abs(high)) > _FARTHEST * (high - low):
                raise ModelError(f"range of {column!r} is nothing beside its ends: {low}, {high}")


def rounded(value: float, relative_to: float | None = None) -> float:
    """Round to ten significant digits of `relative_to`, or of the value itself.

    A mean is rounded relative to its standard deviation: ten digits of the mean alone would lose
    a column whose values are large and close together (a year, an epoch in seconds).
    """
    scale = Decimal(value if relative_to is None else relative_to)
    if not scale or abs(Decimal(value)) >= 10**16 * abs(scale):
        return value
    place = Decimal(1).scaleb(scale.adjusted() - DIGITS + 1)
    return float(Decimal(value).quantize(place))


def shares(values: Sequence[float]) -> tuple[float, ...]:
    """Divide by the sum of absolute values, in ten decimals whose absolute sum is exactly 1.

    The last decimals go to the largest remainders (Hamilton's method), ties to the earlier value.
    """
    unit = 10**DIGITS
    whole = sum(abs(value) for value in values)
    exact = [abs(value) / whole * unit for value in values]
    units = [floor(part) for part in exact]
    by_remainder = sorted(range(len(units)), key=lambda i: (units[i] - exact[i], i))
    for i in by_remainder[: unit - sum(units)]:
        units[i] += 1
    signs = (-1 if value < 0 else 1 for value in values)
    return tuple(sign * count / unit for sign, count in zip(signs, units, strict=True))
