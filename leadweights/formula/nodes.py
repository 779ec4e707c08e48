"""How to compute: three dozen kinds of node, each with exactly one meaning.

Values are finite IEEE 754 doubles, texts, or missing. An operation on a missing value is missing; a
comparison with a missing value is false. An operation whose exact result is too large for a
double has no meaning here, because engines disagree about it (an infinity, an error): whoever
writes formulas bounds what they read, as `leadweights.formula.columns` does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import pairwise
from math import isfinite
from typing import Any, Generic, TypeVar, get_args

from leadweights.model.date_formats import Part
from leadweights.model.form import PLAIN, Form

# Left-deep sums break engines from 90 items (nested parentheses, old SQLite) to 1,000 (DuckDB).
LARGEST_SUM = 32

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Read:
    name: str


@dataclass(frozen=True, slots=True)
class _OfOne:
    value: "Formula"


@dataclass(frozen=True, slots=True)
class _OfTwo:
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class _OfText:
    text: "Text"


class NumberColumn(_Read):
    """A numeric column of the source table, as a double; NaN and infinities stay what they are."""


class FlagColumn(_Read):
    """A true/false column of the source table, as 1 or 0."""


@dataclass(frozen=True, slots=True)
class NumberInText(_Read):
    """A text column of the source table, as a double where all of the text is a decimal number.

    At most 40 digits before and after a point, an exponent of two, signs, spaces around them, or
    what is written so in a `form`; anything else is missing.
    """

    form: Form = PLAIN


class TextHash(_Read):
    """The first seven hexadecimal digits of a text column's MD5 (RFC 1321, of UTF-8), as a double.

    From 0 to 2**28 - 1. It spreads texts evenly, and is no secret.
    """


class DayColumn(_Read):
    """A date or timestamp of the source table, in whole days since 1970-01-01."""


class MonthColumn(_Read):
    """The month of a date or timestamp of the source table, 1 to 12."""


@dataclass(frozen=True, slots=True)
class DayInText(_Read):
    """A date that stands in a text column of the source table, in whole days since 1970-01-01.

    It is written in a format, or year first as a date is cast to text; what is neither, or no day
    of the calendar, is missing. `leadweights.formula.dates` says of what it is made.
    """

    format: str


class TextColumn(_Read):
    """A column of the source table as text; of whole numbers as their decimal digits."""


class Trimmed(_OfText):
    """A text without the spaces (U+0020) at its ends."""


class Lowered(_OfText):
    """A text with each letter in lower case by itself (Unicode's simple mapping)."""


@dataclass(frozen=True, slots=True)
class DatePart:
    """The year, month or day of a date written in a format, or year first, as it begins a text.

    Month names are told by their first three letters. The minutes are those from the beginning of
    that day to the moment behind it, in UTC: 0 where there is none. It is no part of the calendar:
    31 February has a day.
    """

    text: "Text"
    format: str
    part: Part


@dataclass(frozen=True, slots=True)
class Without:
    """A text without these characters, wherever they stand in it."""

    text: "Text"
    characters: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the stage before, of numbers or of texts."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that is the same in every row."""

    value: float

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise ValueError(f"a constant must be finite, not {self.value}")


@dataclass(frozen=True, slots=True)
class Sum:
    """Two to 32 items, added from left to right; `total` adds more."""

    items: tuple["Formula", ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.items) <= LARGEST_SUM:
            raise ValueError(f"a sum has 2 to {LARGEST_SUM} items, not {len(self.items)}")


class Difference(_OfTwo):
    """`left - right`."""


class Product(_OfTwo):
    """`left * right`."""


class Quotient(_OfTwo):
    """`left / right`; the right side is never zero."""


class Exp(_OfOne):
    """e to the power of `value`: the C library's `exp`, or an engine's, 1 ulp from it at most."""


class Ln(_OfOne):
    """The natural logarithm of a `value` above 0: the C library's `log`, or an engine's.

    An engine's own may be 1 ulp away (ClickHouse, Spark): the one node of a lead score that has not
    the same bits everywhere.
    """


class Floor(_OfOne):
    """The largest whole number that is not above `value`."""


class Abs(_OfOne):
    """The value without its sign."""


class Sign(_OfOne):
    """-1, 0 or 1: below zero, zero, above zero."""


@dataclass(frozen=True, slots=True)
class Null:
    """A missing value, of numbers or of texts; only as what a `Case` or `Steps` gives."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number that is the same in every row; SQL gives it an integer's type."""

    value: int


class AsInteger(_OfOne):
    """A double that is a whole number, of an integer type in SQL."""


class AsDouble(_OfOne):
    """A whole number as a double."""


@dataclass(frozen=True, slots=True)
class _Steps(Generic[Result]):
    value: "Formula"
    cuts: tuple[float, ...]
    results: tuple[Result, ...]

    def __post_init__(self) -> None:
        cuts, results = self.cuts, len(self.results)
        if not cuts or any(not a < b for a, b in pairwise(cuts)) or results != len(cuts) + 1:
            raise ValueError(f"steps need rising cuts and a result more, not {cuts} and {results}")


class Steps(_Steps["Formula"]):
    """The result whose number, counted from 0, is how many of the rising `cuts` a value reaches.

    There is one result more than cuts; a missing value has none.
    """


class TextSteps(_Steps["Text | Null"]):
    """What `Steps` is, for texts."""


@dataclass(frozen=True, slots=True)
class RowNumber:
    """The place of a row, from 1, among the rows that are the same `within`, highest `by` first.

    Rows alike in `by` come in the order of the texts in `then`, letter by letter; together they
    must tell rows apart. Rows without `by` come last.
    """

    by: "Formula"
    then: tuple["Text", ...]
    within: "Text | None" = None


class RowsWith(_OfOne):
    """How many rows of the whole table have a value."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is the same in every row."""

    text: str


class Filled(_OfTwo):
    """`left`, and `right` where that is missing; a NaN and an infinity must not be there."""


class AtLeast(_OfTwo):
    """`left >= right`."""


class Above(_OfTwo):
    """`left > right`."""


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= value <= high`: false for a missing value, a NaN and an infinity."""

    value: "Formula"
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text is one of these, letter by letter: case, accents and spaces at its end count."""

    text: "Text"
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """A text, put between two delimiters, has the part between two of them, letter by letter."""

    text: "Text"
    part: str
    delimiter: str


class IsMissing(_OfText):
    """A text is missing."""


@dataclass(frozen=True, slots=True)
class Either:
    """Two conditions or more, of which one holds at least."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class _Case(Generic[Result]):
    branches: tuple[tuple["Condition", Result], ...]
    otherwise: Result


class Case(_Case["Formula"]):
    """The value of the first branch whose condition holds; only that branch is computed."""


class TextCase(_Case["Text | Null"]):
    """What `Case` is, for texts."""


Condition = AtLeast | Above | Between | OneOf | Holds | IsMissing | Either
NumberSource = (
    NumberColumn | FlagColumn | NumberInText | TextHash | DayColumn | MonthColumn | DayInText
)
Arithmetic = Sum | Difference | Product | Quotient | Exp | Ln | Floor | Abs | Sign
Chosen = Null | Case | Filled | Steps
Counted = Integer | AsInteger | AsDouble | RowNumber | RowsWith
Formula = NumberSource | DatePart | Column | Constant | Arithmetic | Chosen | Counted
SOURCES = NumberSource | TextColumn
"""What reads the source table."""

Text = TextColumn | Trimmed | Lowered | Without | Column | Words | TextSteps | TextCase


@dataclass(frozen=True, slots=True)
class Named:
    """One column of a stage: its name, its formula and what a reader should know of it."""

    name: str
    formula: Formula | Text
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns computed side by side: each reads only the stage before, the first the source.

    What is read many times over is computed `once`, also by an engine that folds steps into one.
    """

    name: str
    columns: tuple[Named, ...]
    once: bool = False


_READ = frozenset((*get_args(SOURCES), Column))


def read_by(part: Any) -> Iterator[Any]:
    """List what a formula reads, however deep: columns of the stage before, or of the source."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting += reversed(part)
        elif type(part) in _READ:
            yield part
        else:
            waiting += [getattr(part, name) for name in reversed(_fields(part.__class__))]


def change(part: Any, exchange: Callable[[Any], Any]) -> Any:
    """Put what `exchange` gives in the place of each part, however deep; None leaves it."""
    found = exchange(part)
    if found is not None:
        return found
    if isinstance(part, tuple):
        return tuple(change(item, exchange) for item in part)
    names = _fields(part.__class__)
    return type(part)(*[change(getattr(part, name), exchange) for name in names]) if names else part


@cache  # asked for every part of every formula
def _fields(kind: type) -> tuple[str, ...]:
    """Name what a kind of part consists of: nothing, of what is no formula."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def total(items: Sequence[Formula]) -> Formula:
    """Add any number of items, in groups of 32, the groups' sums in groups of 32, and so on."""
    if len(items) == 1:
        return items[0]
    if len(items) <= LARGEST_SUM:
        return Sum(tuple(items))
    groups = [items[i : i + LARGEST_SUM] for i in range(0, len(items), LARGEST_SUM)]
    return total([total(group) for group in groups])


def within(value: Formula, limit: float) -> Between:
    """Bound a value on both sides alike."""
    return Between(value, -limit, limit)
