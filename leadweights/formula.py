"""How to compute: a dozen kinds of node, each with exactly one meaning.

Values are finite IEEE 754 doubles or missing. An operation on a missing value is missing; a
comparison with a missing value is false. An operation whose exact result is too large for a
double has no meaning here, because engines disagree about it (an infinity, an error): whoever
writes formulas bounds what they read, as `leadweights.formulate` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import assert_never

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
class Column:
    """A column of the stage before."""

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
class Within:
    """`-limit <= value <= limit`: false for a missing value, a NaN and an infinity."""

    value: "Formula"
    limit: float


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition holds; only that branch is computed."""

    branches: tuple[tuple["Condition", "Formula"], ...]
    otherwise: "Formula"


Condition = AtLeast | Above | Within
Formula = (
    NumberColumn
    | FlagColumn
    | Column
    | Constant
    | Sum
    | Difference
    | Product
    | Quotient
    | Exp
    | Case
)


@dataclass(frozen=True, slots=True)
class Named:
    """One column of a stage: its name, its formula and what a reader should know of it."""

    name: str
    formula: Formula
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns computed side by side: each reads only the stage before, the first the source."""

    name: str
    columns: tuple[Named, ...]


def total(items: Sequence[Formula]) -> Formula:
    """Add any number of items, in groups of 32, the groups' sums in groups of 32, and so on."""
    if len(items) == 1:
        return items[0]
    if len(items) <= LARGEST_SUM:
        return Sum(tuple(items))
    groups = [items[i : i + LARGEST_SUM] for i in range(0, len(items), LARGEST_SUM)]
    return total([total(group) for group in groups])


def substituted(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    """Replace every column of the stage before by its formula."""

    def inner(part: Formula) -> Formula:
        return substituted(part, values)

    match formula:
        case Column(name):
            return values[name]
        case NumberColumn() | FlagColumn() | Constant():
            return formula
        case Sum(items):
            return Sum(tuple(map(inner, items)))
        case Difference(left, right):
            return Difference(inner(left), inner(right))
        case Product(left, right):
            return Product(inner(left), inner(right))
        case Quotient(left, right):
            return Quotient(inner(left), inner(right))
        case Exp(value):
            return Exp(inner(value))
        case Case(branches, otherwise):
            return Case(
                tuple((_substituted_condition(c, values), inner(f)) for c, f in branches),
                inner(otherwise),
            )
        case _:
            assert_never(formula)


def _substituted_condition(condition: Condition, values: Mapping[str, Formula]) -> Condition:
    match condition:
        case AtLeast(left, right):
            return AtLeast(substituted(left, values), substituted(right, values))
        case Above(left, right):
            return Above(substituted(left, values), substituted(right, values))
        case Within(value, limit):
            return Within(substituted(value, values), limit)
        case _:
            assert_never(condition)


def flattened(stages: Iterable[Stage]) -> Stage:
    """Fold stages into the last one, which then reads the source alone."""
    values: dict[str, Formula] = {}
    folded = Stage("empty", ())
    for stage in stages:
        columns = tuple(
            Named(column.name, substituted(column.formula, values), column.note)
            for column in stage.columns
        )
        values = {column.name: column.formula for column in columns}
        folded = Stage(stage.name, columns)
    return folded
