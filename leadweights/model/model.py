"""What was learnt, in business words: columns, terms, a link and where they come from.

Every model is additive. `lead_score` is the sum of the terms' contributions, and the absolute
weights of the terms sum to 1. Constants are rounded once, when a model is learnt (`rounded`,
`shares`); the model *is* those constants, and every interpreter reads them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import floor

from leadweights.errors import ModelError
from leadweights.model.checks import LARGEST_NUMBER, check_names, check_values
from leadweights.model.dates import MONTHS, WEEKDAYS, check_format, days_since_1970
from leadweights.model.form import PLAIN, Form
from leadweights.model.provenance import MOST_ROWS, Provenance
from leadweights.model.rules import Decisions
from leadweights.model.terms import Curve, Levels, Ranged, Standardized, Term, check_term, farthest
from leadweights.model.trees import LevelSplit, Trees, check_trees, farthest_of_trees, splits

# So that neither an intercept nor rounding leads beyond the largest double, 1.8e308.
_LARGEST_LOG_ODDS = 1e306
# As many digits as every engine writes of a double without an exponent, or less.
_CODE = re.compile("0|[1-9][0-9]{0,14}")


@dataclass(frozen=True, slots=True)
class Plain:
    """The source's column of the same name, of numbers."""


@dataclass(frozen=True, slots=True)
class InText:
    """The source's column of the same name, of text; what is no number in it is missing.

    Where `form` has another decimal mark, a plain number is read, too, unless it has the form.
    """

    form: Form = PLAIN


@dataclass(frozen=True, slots=True)
class DaysSince:
    """The days from a date `column` to another date column, or to a fixed `day`: the age of it.

    A column of texts or numbers is read by its format; one without is of dates by its type.
    """

    column: str
    until_column: str = ""
    until_day: str = ""
    format: str = ""
    until_format: str = ""


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
    a text is compared, so `missing` and the levels are written as they are afterwards. `whole`
    levels are codes of digits, and the same in a column of numbers or with `.0` behind.
    """

    name: str
    missing: tuple[str, ...] = ()
    trim: bool = False
    casefold: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether a text `column`, a list of values between delimiters, holds `value`, as 1 and 0.

    A missing list holds nothing. Characters in `ignored` count neither in the list nor in the
    value: spaces, or the brackets and quotes of a list that is written with them. `casefold` takes
    off the difference of upper and lower case; the value is written as it is afterwards.
    """

    name: str
    column: str
    value: str
    delimiter: str
    ignored: str = " "
    casefold: bool = False

    @property
    def spelled(self) -> str:
        """Write the value in the characters that count."""
        return "".join(letter for letter in self.value if letter not in self.ignored)


@dataclass(frozen=True, slots=True)
class Weekday:
    """The day of the week of a date `column`, one of WEEKDAYS; read as `DaysSince` does."""

    name: str
    column: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """The month of a date `column`, one of MONTHS; read as `DaysSince` does."""

    name: str
    column: str
    format: str = ""


Measure = Number | Missing | Flag | Listed
"""Inputs that are numbers once they are cleaned."""

Choice = Category | Weekday | Month
"""Inputs that are one of a few levels."""

InputColumn = Measure | Choice


@dataclass(frozen=True, slots=True)
class Logit:
    """`log_odds = intercept + scale * lead_score`; the probability is its logistic function."""

    intercept: float
    scale: float


@dataclass(frozen=True, slots=True)
class Identity:
    """The lead score itself, cut to [0, 1], is taken for the probability.

    Of a sum of probabilities, as a forest gives one, it is divided by their number, `parts`.
    """

    parts: int = 1


Link = Logit | Identity

_NO_DECISIONS = Decisions()


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
    trees: Trees | None = None

    def __post_init__(self) -> None:
        """Refuse a model that could not be computed. Raises ModelError."""
        if not self.terms:
            raise ModelError("a model needs at least one term")
        trees = () if self.trees is None else (self.trees,)
        for part in (*self.columns, *self.terms, self.link, self.decisions, *trees):
            check_values(part)
        read = [term.column for term in self.terms]
        check_names([column.name for column in self.columns], "column")
        check_names(read, "term of column")
        check_names(self.keys, "key")
        columns = {column.name: column for column in self.columns}
        known = set(read)
        for term in self.terms:
            if term.column not in columns:
                raise ModelError(f"a term reads column {term.column!r}, which the model lacks")
            _check_pair(term, columns[term.column])
            check_term(term)
        for column in self.columns:
            if column.name not in known:
                raise ModelError(f"no term reads column {column.name!r}")
            _check_column(column, columns)
        if isinstance(self.link, Logit) and not 0 < self.link.scale <= LARGEST_NUMBER:
            raise ModelError(f"scale must be positive, not {self.link.scale}")
        if isinstance(self.link, Identity) and not 1 <= self.link.parts <= MOST_ROWS:
            raise ModelError(f"a score is the sum of 1 part at least, not {self.link.parts}")
        for wording in self.decisions.wordings:
            if wording.column not in columns:
                raise ModelError(f"there are words for {wording.column!r}, which the model lacks")
        if self.decisions != _NO_DECISIONS and isinstance(self.link, Identity):
            raise ModelError("a model without log-odds cannot decide")
        for own in trees:
            check_trees(own)
            _check_splits(own, columns)
        _check_reach(self)
        weights = sum(abs(term.weight) for term in self.terms) + sum(t.weight for t in trees)
        if not abs(weights - 1) < 1e-6:
            raise ModelError(f"the absolute weights must sum to 1, not {weights:.10g}")


def _check_pair(term: Term, column: InputColumn) -> None:
    """Refuse a term that cannot read its column."""
    name = column.name
    if isinstance(term, Levels) != isinstance(column, Choice):
        kind = type(term).__name__
        raise ModelError(f"a term {kind} cannot read {name!r}, a {type(column).__name__}")
    straight = isinstance(column, Number) and not column.log and column.low == column.high is None
    if isinstance(term, Curve) and not straight:
        raise ModelError(f"a curve reads a number without caps and logarithm, not {name!r}")
    for level in term.levels if isinstance(term, Levels) else ():
        _check_level(level.value, column)


def _check_level(level: str, column: InputColumn) -> None:
    name = column.name
    if isinstance(column, Category):
        if column.whole and not _CODE.fullmatch(level):
            raise ModelError(f"{level!r} is no level of {name!r}, whose levels are digits")
        if level in column.missing:
            raise ModelError(f"{level!r} is a level of {name!r} and means missing there")
    elif level not in (WEEKDAYS if isinstance(column, Weekday) else MONTHS):
        raise ModelError(f"{name!r} has no level {level!r}")


def _check_splits(trees: Trees, columns: Mapping[str, InputColumn]) -> None:
    """Refuse splits that cannot read their columns."""
    for split in splits(trees):
        column = columns.get(split.column)
        if column is None:
            raise ModelError(f"a tree reads column {split.column!r}, which the model lacks")
        if isinstance(split, LevelSplit) != isinstance(column, Choice):
            kind = type(split).__name__
            raise ModelError(f"a {kind} cannot read {column.name!r}, a {type(column).__name__}")
        for level in split.levels if isinstance(split, LevelSplit) else ():
            _check_level(level, column)
    for share in trees.shares:
        if share.column not in columns or not share.weight >= 0:
            raise ModelError(f"a share of the trees is none: {share}")


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
                for written in (source.format, source.until_format):
                    check_format(written, name)
            if column.segments is not None:
                other, levels = column.segments.column, [s.level for s in column.segments.fills]
                _check_source(other, name)
                if not levels:
                    raise ModelError(f"{name!r} is filled by segments of {other!r}, but has none")
                if len(set(levels)) < len(levels):
                    raise ModelError(f"a segment of {name!r} stands twice")
        case Missing(name, other):
            if not isinstance(columns.get(other), Number):
                raise ModelError(f"{name!r} needs a number {other!r}, which the model lacks")
        case Flag(name, _, yes, no):
            if bool(yes) != bool(no):
                raise ModelError(f"{name!r} has words for {'yes' if yes else 'no'} only: both")
            both = set(yes).intersection(no)
            if both:
                raise ModelError(f"{min(both)!r} means yes and no in {name!r}")
        case Listed(name, source_column):
            _check_source(source_column, name)
            _check_listed(column, columns)
        case Weekday(name, source_column, written) | Month(name, source_column, written):
            _check_source(source_column, name)
            check_format(written, name)


def _check_listed(column: Listed, columns: Mapping[str, InputColumn]) -> None:
    if not column.spelled:
        raise ModelError(f"{column.name!r} looks for a value that has no characters that count")
    if not column.delimiter or set(column.delimiter) & set(column.ignored):
        raise ModelError(f"{column.name!r} needs a delimiter of characters that count")
    for other in columns.values():
        if not isinstance(other, Listed) or other.column != column.column:
            continue
        if replace(other, name=column.name, value=column.value) != column:
            raise ModelError(f"{other.name!r} and {column.name!r} read the same list in two ways")


def _check_source(column: str, name: str) -> None:
    if not column.strip():
        raise ModelError(f"{name!r} reads a column without a name")


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
        reach = sum(farthest(term, bounds[term.column]) for term in model.terms)
        reach += farthest_of_trees(model.trees) if model.trees else 0.0
        if not reach * model.link.scale <= _LARGEST_LOG_ODDS:
            raise ModelError(f"log-odds of a scale of {model.link.scale} are out of all bounds")


def limits(model: ScoringModel) -> dict[str, float]:
    """Bound what each column may hold: further from zero, a value counts as missing.

    A power of ten at least 1e50 spreads away, so no real value is near it, and so low that no
    step of the arithmetic can overflow: engines answer an overflow with an infinity or with an
    error that ends the whole query. It is 1e100 unless a column's own scale is extraordinary.
    """
    scale = model.link.scale if isinstance(model.link, Logit) else 1.0
    above_one = max(0, Decimal(scale).adjusted())
    room = {
        term.column: 150 + Decimal(term.spread).adjusted() - above_one
        for term in model.terms
        if isinstance(term, Standardized | Ranged)
    }
    own = {name: float(f"1e{min(307, 100 * floor(r / 100))}") for name, r in room.items()}
    return {column.name: own.get(column.name, 1e100) for column in model.columns}
