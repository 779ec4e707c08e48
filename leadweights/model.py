"""What was learnt, in business words: columns, terms, a link and where they come from.

Every model is additive. `lead_score` is the sum of the terms' contributions, and the absolute
weights of the terms sum to 1. Constants are rounded once, when a model is learnt (`rounded`,
`shares`); the model *is* those constants, and every interpreter reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from math import isfinite

from leadweights.days import MONTHS, WEEKDAYS, days_since_1970
from leadweights.decisions import Decisions
from leadweights.errors import ModelError

SMALLEST_SPREAD, LARGEST_NUMBER = 1e-300, 1e300
# Beyond, a double has no digits left for what varies.
_FARTHEST = 1e16


@dataclass(frozen=True, slots=True)
class Plain:
    """The source's column of the same name, of numbers."""


@dataclass(frozen=True, slots=True)
class InText:
    """The source's column of the same name, of text; what is no number in it is missing."""


@dataclass(frozen=True, slots=True)
class DaysSince:
    """The days from a date `column` to another date column, or to a fixed `day`: the age of it."""

    column: str
    until_column: str = ""
    until_day: str = ""


@dataclass(frozen=True, slots=True)
class SegmentFill:
    """What stands in for a missing number in the rows of one segment."""

    level: str
    fill: float


@dataclass(frozen=True, slots=True)
class Segments:
    """Fills by the levels of another column of text; elsewhere the number's own fill holds."""

    column: str
    fills: tuple[SegmentFill, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, cleaned: `fill` stands in for NULL, NaN, infinities and values out of all bounds.

    So it does for the values in `missing`. Then values below `low` and above `high` are moved
    there (winsorised), and with `log` the result is the signed logarithm, `sign(x) ln(1 + |x|)`.
    """

    name: str
    fill: float
    source: Plain | InText | DaysSince = Plain()
    missing: tuple[float, ...] = ()
    segments: Segments | None = None
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Whether the model's number `column` is missing, as 1 and 0."""

    name: str
    column: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A true/false column, read as 1 and 0; `fill` stands in for NULL.

    With `yes` and `no` it is a column of text that holds these words; any other is missing.
    """

    name: str
    fill: float
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A column of text; NULL and the texts in `missing` are its missing level.

    `trim` takes off spaces at the ends, `casefold` the difference of upper and lower case: before
    a text is compared, so `missing` and the levels are written as they are afterwards.
    """

    name: str
    missing: tuple[str, ...] = ()
    trim: bool = False
    casefold: bool = False


@dataclass(frozen=True, slots=True)
class Weekday:
    """The day of the week of a date `column`, one of WEEKDAYS."""

    name: str
    column: str


@dataclass(frozen=True, slots=True)
class Month:
    """The month of a date `column`, one of MONTHS."""

    name: str
    column: str


Measure = Number | Missing | Flag
"""Inputs that are numbers once they are cleaned."""

Choice = Category | Weekday | Month
"""Inputs that are one of a few levels."""

InputColumn = Measure | Choice


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


Term = Standardized | Ranged | Levels | Curve


@dataclass(frozen=True, slots=True)
class Logit:
    """`log_odds = intercept + scale * lead_score`; the probability is its logistic function."""

    intercept: float
    scale: float


@dataclass(frozen=True, slots=True)
class Identity:
    """The lead score itself, cut to [0, 1], is taken for the probability."""


Link = Logit | Identity

_NO_DECISIONS = Decisions()


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
    decisions: Decisions = _NO_DECISIONS

    def __post_init__(self) -> None:
        """Refuse a model that could not be computed. Raises ModelError."""
        if not self.terms:
            raise ModelError("a model needs at least one term")
        for part in (*self.columns, *self.terms, self.link, self.decisions):
            _check_finite(part)
        read = [term.column for term in self.terms]
        _check_names([column.name for column in self.columns], "column")
        _check_names(read, "term of column")
        _check_names(self.keys, "key")
        columns = {column.name: column for column in self.columns}
        for term in self.terms:
            if term.column not in columns:
                raise ModelError(f"a term reads column {term.column!r}, which the model lacks")
            _check_term(term, columns[term.column])
        for column in self.columns:
            if column.name not in read:
                raise ModelError(f"no term reads column {column.name!r}")
            _check_column(column, columns)
        if isinstance(self.link, Logit) and not 0 < self.link.scale <= LARGEST_NUMBER:
            raise ModelError(f"scale must be positive, not {self.link.scale}")
        for wording in self.decisions.wordings:
            if wording.column not in columns:
                raise ModelError(f"there are words for {wording.column!r}, which the model lacks")
        if self.decisions != _NO_DECISIONS and isinstance(self.link, Identity):
            raise ModelError("a model without log-odds cannot decide")
        weights = sum(abs(term.weight) for term in self.terms)
        if not abs(weights - 1) < 1e-6:
            raise ModelError(f"the absolute weights must sum to 1, not {weights:.10g}")


def _check_finite(part: object, where: str = "") -> None:
    assert is_dataclass(part)
    own = getattr(part, "name", getattr(part, "column", type(part).__name__.lower()))
    where = where or repr(own)
    for field in fields(part):
        value = getattr(part, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item):
                _check_finite(item, where)
            elif isinstance(item, float) and not (isfinite(item) and abs(item) <= LARGEST_NUMBER):
                raise ModelError(f"{field.name} of {where} must be a finite number, not {item}")


def _check_names(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if not name.strip():
            raise ModelError(f"a {what} has no name")
        if name.lower() in seen:
            raise ModelError(f"{what} {name!r} stands twice in the model")
        seen.add(name.lower())


def _check_term(term: Term, column: InputColumn) -> None:
    if isinstance(term, Levels) != isinstance(column, Choice):
        kind = type(term).__name__
        raise ModelError(f"a term {kind} cannot read {column.name!r}, a {type(column).__name__}")
    straight = isinstance(column, Number) and not column.log and column.low == column.high is None
    if isinstance(term, Curve) and not straight:
        raise ModelError(f"a curve reads a number without caps and logarithm, not {column.name!r}")
    match term:
        case Standardized(name, mean, std, _):
            if not std >= SMALLEST_SPREAD:
                raise ModelError(f"std of {name!r} must be positive, not {std}")
            if abs(mean) > _FARTHEST * std:
                raise ModelError(f"std of {name!r}, {std}, is nothing beside its mean, {mean}")
        case Ranged(name, low, high, _):
            if not SMALLEST_SPREAD <= high - low <= LARGEST_NUMBER:
                raise ModelError(f"range of {name!r} must rise from low to high: {low} to {high}")
            if max(abs(low), abs(high)) > _FARTHEST * (high - low):
                raise ModelError(f"range of {name!r} is nothing beside its ends: {low}, {high}")
        case Levels():
            _check_levels(term, column)
        case Curve(name, weight, points):
            if not weight >= 0:
                raise ModelError(f"weight of {name!r} must not be negative, not {weight}")
            steps = [b.at - a.at for a, b in pairwise(points)]
            if len(points) < 2 or min(steps) < SMALLEST_SPREAD or max(steps) > LARGEST_NUMBER:
                raise ModelError(f"the points of {name!r} must be two or more, and rise")
            slopes = [slope(a, b) for a, b in pairwise(points)]
            if any(abs(p.contribution) > _FARTHEST for p in points) or max(slopes) > 1e250:
                raise ModelError(f"a contribution of {name!r} is out of all bounds")


def _check_levels(term: Levels, column: InputColumn) -> None:
    name, levels = term.column, term.levels
    values = [level.value for level in levels]
    tokens = column.missing if isinstance(column, Category) else ()
    both = [value for value in values if value in tokens]
    if both:
        raise ModelError(f"{both[0]!r} is a level of {name!r} and means missing there")
    if len(set(values)) < len(values):
        raise ModelError(f"a level of {name!r} stands twice")
    if not term.weight >= 0:
        raise ModelError(f"weight of {name!r} must not be negative, not {term.weight}")
    if any(abs(level.contribution) > _FARTHEST for level in (*levels, term.other, term.missing)):
        raise ModelError(f"a contribution of {name!r} is out of all bounds")
    known = {Weekday: WEEKDAYS, Month: MONTHS}.get(type(column))
    odd = [value for value in values if known is not None and value not in known]
    if odd:
        raise ModelError(f"{name!r} has no level {odd[0]!r}")


def _check_column(column: InputColumn, columns: Mapping[str, InputColumn]) -> None:
    match column:
        case Number(name, _, source, low=low, high=high):
            if low is not None and high is not None and not low <= high:
                raise ModelError(f"low of {name!r}, {low}, must not be above high, {high}")
            if isinstance(source, DaysSince):
                if bool(source.until_column) == bool(source.until_day):
                    raise ModelError(f"{name!r} counts days until a column or a day: one of them")
                if source.until_day:
                    days_since_1970(source.until_day, name)
        case Missing(name, other):
            if not isinstance(columns.get(other), Number):
                raise ModelError(f"{name!r} needs a number {other!r}, which the model lacks")


def slope(left: Point, right: Point) -> float:
    """Contribution per unit between two points of a curve."""
    return (right.contribution - left.contribution) / (right.at - left.at)
