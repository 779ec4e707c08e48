"""How to compute: three dozen kinds of node, each with exactly one meaning.

Values are finite IEEE 754 doubles, texts, or missing. An operation on a missing value is missing; a
comparison with a missing value is false. An operation whose exact result is too large for a
double has no meaning here, because engines disagree about it (an infinity, an error): whoever
writes formulas bounds what they read, as `leadweights.formula.columns` does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

# Left-deep sums break engines from 90 items (nested parentheses, old SQLite) to 1,000 (DuckDB).
LARGEST_SUM = 32


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A numeric column of the source table, as a double; NaN and infinities stay what they are."""

    name: str


@dataclass(frozen=True, slots=True)
class FlagColumn:
    """A true/false column of the source table, as 1 or 0."""

    name: str


@dataclass(frozen=True, slots=True)
class NumberInText:
    """A text column of the source table, as a double where all of the text is a decimal number.

    At most 40 digits before and after a point, an exponent of two, signs, spaces around them;
    anything else is missing.
    """

    name: str


@dataclass(frozen=True, slots=True)
class TextHash:
    """The first seven hexadecimal digits of a text column's MD5 (RFC 1321, of UTF-8), as a double.

    From 0 to 2**28 - 1. It spreads texts evenly, and is no secret.
    """

    name: str


@dataclass(frozen=True, slots=True)
class DayColumn:
    """A date or timestamp of the source table, in whole days since 1970-01-01."""

    name: str


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """The month of a date or timestamp of the source table, 1 to 12."""

    name: str


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of the source table as text; of whole numbers as their decimal digits."""

    name: str


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A text without the spaces (U+0020) at its ends."""

    text: "Text"


@dataclass(frozen=True, slots=True)
class Lowered:
    """A text with each letter in lower case by itself (Unicode's simple mapping)."""

    text: "Text"


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


@dataclass(frozen=True, slots=True)
class Difference:
    """`left - right`."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class Product:
    """`left * right`."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class Quotient:
    """`left / right`; the right side is never zero."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class Exp:
    """e to the power of `value`: the C library's `exp`, or an engine's, 1 ulp from it at most."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Ln:
    """The natural logarithm of a `value` of 1 or more: the C library's `log`, or an engine's.

    An engine's own may be 1 ulp away (ClickHouse, Spark): the one node of a lead score that has not
    the same bits everywhere.
    """

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Floor:
    """The largest whole number that is not above `value`."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Abs:
    """The value without its sign."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Sign:
    """-1, 0 or 1: below zero, zero, above zero."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Null:
    """A missing value, of numbers or of texts; only as what a `Case` or `Steps` gives."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number that is the same in every row; SQL gives it an integer's type."""

    value: int


@dataclass(frozen=True, slots=True)
class AsInteger:
    """A double that is a whole number, of an integer type in SQL."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class AsDouble:
    """A whole number as a double."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Steps:
    """The result whose number, counted from 0, is how many of the rising `cuts` a value reaches.

    There is one result more than cuts; a missing value has none.
    """

    value: "Formula"
    cuts: tuple[float, ...]
    results: tuple["Formula", ...]

    def __post_init__(self) -> None:
        _check_steps(self.cuts, len(self.results))


@dataclass(frozen=True, slots=True)
class RowNumber:
    """The place of a row, from 1, among the rows that are the same `within`, highest `by` first.

    Rows alike in `by` come in the order of the texts in `then`, letter by letter; together they
    must tell rows apart. Rows without `by` come last.
    """

    by: "Formula"
    then: tuple["Text", ...]
    within: "Text | None" = None


@dataclass(frozen=True, slots=True)
class RowsWith:
    """How many rows of the whole table have a value."""

    value: "Formula"


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is the same in every row."""

    text: str


@dataclass(frozen=True, slots=True)
class TextSteps:
    """What `Steps` is, for texts."""

    value: "Formula"
    cuts: tuple[float, ...]
    results: tuple["Text | Null", ...]

    def __post_init__(self) -> None:
        _check_steps(self.cuts, len(self.results))


@dataclass(frozen=True, slots=True)
class TextCase:
    """What `Case` is, for texts."""

    branches: tuple[tuple["Condition", "Text"], ...]
    otherwise: "Text | Null"


def _check_steps(cuts: tuple[float, ...], results: int) -> None:
    if not cuts or any(not a < b for a, b in pairwise(cuts)) or results != len(cuts) + 1:
        raise ValueError(f"steps need rising cuts and a result more, not {cuts} and {results}")


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`left >= right`."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class Above:
    """`left > right`."""

    left: "Formula"
    right: "Formula"


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
class IsMissing:
    """A text is missing."""

    text: "Text"


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition holds; only that branch is computed."""

    branches: tuple[tuple["Condition", "Formula"], ...]
    otherwise: "Formula"


Condition = AtLeast | Above | Between | OneOf | IsMissing
NumberSource = NumberColumn | FlagColumn | NumberInText | TextHash | DayColumn | MonthColumn
Formula = (
    NumberSource
    | Column
    | Constant
    | Sum
    | Difference
    | Product
    | Quotient
    | Exp
    | Ln
    | Floor
    | Abs
    | Sign
    | Null
    | Integer
    | AsInteger
    | AsDouble
    | Case
    | Steps
    | RowNumber
    | RowsWith
)
SOURCES = NumberSource | TextColumn
"""What reads the source table."""

Text = TextColumn | Trimmed | Lowered | Column | Words | TextSteps | TextCase


@dataclass(frozen=True, slots=True)
class Named:
    """One column of a stage: its name, its formula and what a reader should know of it."""

    name: str
    formula: Formula | Text
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns computed side by side: each reads only the stage before, the first the source.

    What is read many times over is computed `once`: an engine that folds steps into one would
    double it with each step.
    """

    name: str
    columns: tuple[Named, ...]
    once: bool = False


def read_by(part: Any) -> Iterator[Any]:
    """List what a formula reads, however deep: columns of the stage before, or of the source."""
    if isinstance(part, SOURCES | Column):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from read_by(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from read_by(getattr(part, field.name))


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
