"""What was learnt, in business words: columns, terms, a link and where they come from.

Every model is additive. `lead_score` is the sum of the terms' contributions, and the absolute
weights of the terms sum to 1. Constants are rounded once, when a model is learnt (`rounded`,
`shares`); the model *is* those constants, and every interpreter reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from itertools import pairwise
from math import floor, isfinite
from typing import assert_never

from leadweights.errors import ModelError
from leadweights.model.dates import MONTHS, WEEKDAYS, days_since_1970
from leadweights.model.rules import Decisions

SMALLEST_SPREAD, LARGEST_NUMBER = 1e-300, 1e300
# Beyond, a double has no digits left for what varies.
_FARTHEST = 1e16
# So that neither an intercept nor rounding leads beyond the largest double, 1.8e308.
_LARGEST_LOG_ODDS = 1e306
_MOST_ROWS = 10**15


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
    """Where a model comes from, without a clock or a path: the same rows give the same words.

    Rows counted as often as their column `weight` says; of the negative ones the share
    `negatives_kept` was there, for which the intercept is corrected.
    """

    made_by: str
    label: str
    positive: str
    rows: int
    positive_rows: int
    method: str
    rows_sha256: str
    weight: str = ""
    negatives_kept: float = 1.0

    def __post_init__(self) -> None:
        """Refuse counts that are none. Raises ModelError."""
        if not 1 <= self.rows <= _MOST_ROWS:
            raise ModelError(f"a model is learnt from 1 to {_MOST_ROWS:,} rows, not {self.rows}")
        if not 0 <= self.positive_rows <= self.rows:
            raise ModelError(f"of {self.rows:,} rows {self.positive_rows} cannot be positive")
        if not 0 < self.negatives_kept <= 1:
            raise ModelError(f"of the negatives {self.negatives_kept:g} cannot be kept")


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
            _check_values(part)
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
        _check_reach(self)
        weights = sum(abs(term.weight) for term in self.terms)
        if not abs(weights - 1) < 1e-6:
            raise ModelError(f"the absolute weights must sum to 1, not {weights:.10g}")


def _check_values(part: object, where: str = "") -> None:
    """Refuse numbers and texts that SQL cannot hold."""
    assert is_dataclass(part)
    own = getattr(part, "name", getattr(part, "column", type(part).__name__.lower()))
    where = where or repr(own)
    for field in fields(part):
        value = getattr(part, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item):
                _check_values(item, where)
            elif isinstance(item, float) and not (isfinite(item) and abs(item) <= LARGEST_NUMBER):
                raise ModelError(f"{field.name} of {where} must be a finite number, not {item}")
            elif isinstance(item, str) and "\0" in item:
                raise ModelError(f"{field.name} of {where} must not have a NUL character: {item!r}")


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
            if (
                any(abs(p.contribution) > _FARTHEST for p in points)
                or max(map(abs, slopes)) > 1e250
            ):
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
                _check_source(source.column, name)
                if bool(source.until_column) == bool(source.until_day):
                    raise ModelError(f"{name!r} counts days until a column or a day: one of them")
                if source.until_day:
                    days_since_1970(source.until_day, name)
                else:
                    _check_source(source.until_column, name)
            if column.segments is not None:
                _check_segments(column.segments, name)
        case Missing(name, other):
            if not isinstance(columns.get(other), Number):
                raise ModelError(f"{name!r} needs a number {other!r}, which the model lacks")
        case Flag(name, _, yes, no):
            if bool(yes) != bool(no):
                raise ModelError(f"{name!r} has words for {'yes' if yes else 'no'} only: both")
            both = [word for word in yes if word in no]
            if both:
                raise ModelError(f"{both[0]!r} means yes and no in {name!r}")
        case Weekday(name, source_column) | Month(name, source_column):
            _check_source(source_column, name)


def _check_source(column: str, name: str) -> None:
    if not column.strip():
        raise ModelError(f"{name!r} reads a column without a name")


def _check_segments(segments: Segments, name: str) -> None:
    _check_source(segments.column, name)
    levels = [segment.level for segment in segments.fills]
    if not levels:
        raise ModelError(f"{name!r} is filled by segments of {segments.column!r}, but has none")
    if len(set(levels)) < len(levels):
        raise ModelError(f"a segment of {name!r} stands twice")


def _check_reach(model: ScoringModel) -> None:
    """Refuse constants that a column could not hold, and a score that could overflow."""
    bounds = limits(model)
    for column in model.columns:
        constants: list[tuple[str, float | None]] = []
        if isinstance(column, Number):
            by_level = column.segments.fills if column.segments else ()
            constants = [("low", column.low), ("high", column.high)]
            constants += [(f"fill for {segment.level!r}", segment.fill) for segment in by_level]
        if isinstance(column, Number | Flag):
            constants.append(("fill", column.fill))
        for what, value in constants:
            if value is not None and abs(value) > bounds[column.name]:
                raise ModelError(
                    f"{what} of {column.name!r}, {value}, is out of all bounds: beyond "
                    f"{bounds[column.name]:g} its values count as missing"
                )
    if isinstance(model.link, Logit):
        reach = sum(_farthest(term, bounds[term.column]) for term in model.terms)
        if not reach * model.link.scale <= _LARGEST_LOG_ODDS:
            raise ModelError(f"log-odds of a scale of {model.link.scale} are out of all bounds")


def _farthest(term: Term, limit: float) -> float:
    """Bound what a term contributes, in absolute terms."""
    match term:
        case Standardized() | Ranged():
            return (limit / spread(term) + abs(zero(term)) / spread(term)) * abs(term.weight)
        case Levels(levels=levels, other=other, missing=missing):
            return max(abs(level.contribution) for level in (*levels, other, missing))
        case Curve(points=points):
            return max(abs(point.contribution) for point in points)
        case _:
            assert_never(term)


def limits(model: ScoringModel) -> dict[str, float]:
    """Bound what each column may hold: further from zero, a value counts as missing.

    A power of ten at least 1e50 spreads away, so no real value is near it, and so low that no
    step of the arithmetic can overflow: engines answer an overflow with an infinity or with an
    error that ends the whole query. It is 1e100 unless a column's own scale is extraordinary.
    """
    scale = model.link.scale if isinstance(model.link, Logit) else 1.0
    above_one = max(0, Decimal(scale).adjusted())
    room = {
        term.column: 150 + Decimal(spread(term)).adjusted() - above_one
        for term in model.terms
        if isinstance(term, Standardized | Ranged)
    }
    own = {name: float(f"1e{min(307, 100 * floor(r / 100))}") for name, r in room.items()}
    return {column.name: own.get(column.name, 1e100) for column in model.columns}


def zero(term: Standardized | Ranged) -> float:
    """Value of the column where the term contributes nothing."""
    match term:
        case Standardized():
            return term.mean
        case Ranged():
            return term.low if term.weight >= 0 else term.high
        case _:
            assert_never(term)


def spread(term: Standardized | Ranged) -> float:
    """Give the unit in which the term measures its column."""
    match term:
        case Standardized():
            return term.std
        case Ranged():
            return term.high - term.low
        case _:
            assert_never(term)


def slope(left: Point, right: Point) -> float:
    """Contribution per unit between two points of a curve."""
    return (right.contribution - left.contribution) / (right.at - left.at)
