"""Formulas of a model as those of a cell, which Excel and LibreOffice compute alike.

What is missing is an empty text. Numbers are written so that a parser of fifteen digits, as Excel
has one, reads every bit of them. LibreOffice takes 30 arguments of CHOOSE, and wildcards for more
than Excel does: both are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula import nodes
from leadweights.formula.nodes import Condition, Formula, Text

_LONGEST, _LONGEST_TEXT, _DEEPEST, _MOST = 8192, 255, 60, 30
"""Of a formula, in characters; of a text in it; of calls in calls; of what one call is given."""

_1970 = 25569
"""The serial number of 1970-01-01 where 1900 begins with 1, as in both programs."""

_TINY = 1e-290
"""Below, the digits that are left would be beneath what a program reads."""

_EMPTY = '""'
ROW = "\0"
"""Stands for the number of the row, in the formula of each row."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Where formulas find what they read: columns of the stage before, and of the source.

    `nullable` are those cells that may hold nothing.
    """

    columns: Mapping[str, str]
    sources: Mapping[str, str]
    nullable: frozenset[str]

    def cell_of(self, part: nodes.Column | nodes.SOURCES) -> str:
        """Name the cell that a formula reads."""
        return (self.columns if isinstance(part, nodes.Column) else self.sources)[part.name]

    def may_be_missing(self, formula: Any, present: frozenset[str] = frozenset()) -> bool:
        """Tell whether a cell may hold nothing: sometimes of one that does not, never else.

        `present` are cells that are known to hold something where it is computed.
        """
        match formula:
            case nodes.Null():
                return True
            case nodes.Case(branches, otherwise) | nodes.TextCase(branches, otherwise):
                # What a condition compares is there where it holds.
                return self.may_be_missing(otherwise, present) or any(
                    self.may_be_missing(value, present | self._compared(condition))
                    for condition, value in branches
                )
            case nodes.Filled(_, otherwise):
                return self.may_be_missing(otherwise, present)
            case nodes.Steps(value, _, results) | nodes.TextSteps(value, _, results):
                return any(self.may_be_missing(one, present) for one in (value, *results))
            case nodes.TextColumn() | nodes.Column() if self.cell_of(formula) in present:
                return False
            case _ if isinstance(formula, nodes.Text):
                return any(map(self.cell_of, nodes.read_by(formula)))
            case _:
                return bool(self.needed(formula) - present)

    def _compared(self, condition: Condition) -> frozenset[str]:
        match condition:
            case nodes.AtLeast(left, right) | nodes.Above(left, right):
                return self.needed(left) | self.needed(right)
            case nodes.Between(value):
                return self.needed(value)
            case _:
                return frozenset()

    def needed(self, formula: Formula | Text) -> frozenset[str]:
        """Name the cells that may hold nothing, and without which arithmetic has no result."""
        found, chosen = set[str](), list[Any]()
        waiting: list[Any] = [formula]
        while waiting:
            part = waiting.pop()
            match part:
                case tuple():
                    waiting += part
                case nodes.Case() | nodes.Filled() | nodes.Null():
                    chosen.append(part)
                case nodes.Steps(value, _, results):
                    waiting.append(value)
                    chosen += results
                case _ if isinstance(part, nodes.Column | nodes.SOURCES):
                    found.add(self.cell_of(part))
                case _ if is_dataclass(part):
                    waiting += [getattr(part, own.name) for own in fields(part)]
        there = frozenset(found & self.nullable)
        if any(self.may_be_missing(part, there) for part in chosen):
            raise UnsupportedError("in the midst of it, something may be missing")
        return there

    def write(self, name: str, formula: Formula | Text) -> str:
        """Write a formula, without the sign of equality. Raises UnsupportedError, with its name."""
        try:
            text = _Writer(self).cell(formula)
        except UnsupportedError as problem:
            raise UnsupportedError(f"no cell can hold {name!r}: {problem}") from None
        if len(text) > _LONGEST or _depth(text) > _DEEPEST:
            raise UnsupportedError(
                f"no cell can hold {name!r}: it takes {len(text):,} letters and calls "
                f"{_depth(text)} deep, of which {_LONGEST:,} and {_DEEPEST} are possible"
            )
        return text


def number(value: float) -> str:
    """Write a number: of more than fifteen digits as a sum of two, which rounds to it."""
    short = float(f"{value:.14e}")
    text = f"{short:.15g}".upper()
    if short != value and abs(value) > _TINY:
        rest = f"{value - short:.15g}".upper()
        text = f"({text}{'' if rest.startswith('-') else '+'}{rest})"
        assert short + float(f"{value - short:.15g}") == value
    return f"({text})" if text.startswith("-") else text


def text(value: str) -> str:
    """Write a text, in pieces that are short enough."""
    pieces = [value[i : i + _LONGEST_TEXT] for i in range(0, len(value), _LONGEST_TEXT)] or [""]
    written = "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
    return f"({written})" if len(pieces) > 1 else written


def _depth(formula: str) -> int:
    deepest = level = 0
    in_text = False
    for letter in formula:
        in_text ^= letter == '"'
        if not in_text:
            level += (letter == "(") - (letter == ")")
            deepest = max(deepest, level)
    return deepest


@dataclass(frozen=True, slots=True)
class _Writer:
    cells: Cells

    def cell(self, formula: Formula | Text) -> str:
        """Write what a cell holds: a number, a text, or nothing."""
        match formula:
            case nodes.Column(name):
                return self.cells.columns[name]
            case nodes.Null():
                return _EMPTY
            case nodes.Case(branches, otherwise) | nodes.TextCase(branches, otherwise):
                found = self.cell(otherwise)
                for condition, value in reversed(branches):
                    found = f"IF({self.holds(condition)},{self.cell(value)},{found})"
                return found
            case nodes.Filled(left, right):
                return self.guard(left, self.value(left), self.cell(right))
            case nodes.Steps(value, cuts, results) | nodes.TextSteps(value, cuts, results):
                return self.guard(value, self.steps(self.value(value), cuts, results), _EMPTY)
            case _ if isinstance(formula, Text):
                return self.text(formula)
            case _:
                return self.guard(formula, self.value(formula), _EMPTY)

    def steps(self, value: str, cuts: Sequence[float], results: Sequence[Formula | Any]) -> str:
        """Write a search by halves: no call has an argument for each step, nor is one so deep."""
        if not cuts:
            return self.cell(results[0])
        half = len(cuts) // 2
        below = self.steps(value, cuts[:half], results[: half + 1])
        above = self.steps(value, cuts[half + 1 :], results[half + 1 :])
        return f"IF({value}<{number(cuts[half])},{below},{above})"

    def guard(self, formula: Formula | Text, found: str, otherwise: str) -> str:
        """Put something else in the place of a result that reads what is missing."""
        read = sorted(self.cells.needed(formula))
        if not read:
            return found
        return f"IF(COUNT({','.join(read)})={len(read)},{found},{otherwise})"

    def value(self, formula: Formula) -> str:
        """Write arithmetic whose cells hold numbers, as what calls it takes care of."""
        match formula:
            case nodes.Column(name):
                return self.cells.columns[name]
            case nodes.NumberColumn(name) | nodes.FlagColumn(name) | nodes.NumberInText(name):
                return self.cells.sources[name]
            case nodes.DayColumn(name):
                return f"(INT({self.cells.sources[name]})-{_1970})"
            case nodes.MonthColumn(name):
                return f"MONTH({self.cells.sources[name]})"
            case nodes.DayInText() | nodes.DatePart():
                raise UnsupportedError("it is a date in a text, which cells read as they like")
            case nodes.TextHash():
                raise UnsupportedError("it is a hash of a text")
            case nodes.RowNumber() | nodes.RowsWith():
                raise UnsupportedError("it depends on the other rows")
            case nodes.Constant(value):
                return number(value)
            case nodes.Integer(value):
                return str(value)
            case nodes.Sum(items):
                return f"({'+'.join(map(self.value, items))})"
            case nodes.Difference(left, right):
                return f"({self.value(left)}-{self.value(right)})"
            case nodes.Product(left, right):
                return f"({self.value(left)}*{self.value(right)})"
            case nodes.Quotient(left, right):
                return f"({self.value(left)}/{self.value(right)})"
            case nodes.Exp(value):
                return f"EXP({self.value(value)})"
            case nodes.Ln(value):
                return f"LN({self.value(value)})"
            case nodes.Floor(value):
                return f"INT({self.value(value)})"
            case nodes.Abs(value):
                return f"ABS({self.value(value)})"
            case nodes.Sign(value):
                return f"SIGN({self.value(value)})"
            case nodes.AsInteger(value) | nodes.AsDouble(value):
                return self.value(value)
            case nodes.Null() | nodes.Case() | nodes.Filled() | nodes.Steps():
                return f"({self.cell(formula)})"
            case _:
                assert_never(formula)

    def text(self, formula: Any) -> str:
        match formula:
            case nodes.Column(name):
                return self.cells.columns[name]
            case nodes.TextColumn(name):
                return self.cells.sources[name]
            case nodes.Words(words):
                return text(words)
            case nodes.Lowered(inner):
                return f"LOWER({self.text(inner)})"
            case nodes.Trimmed(inner):
                return _trim(self.text(inner))
            case nodes.Without(inner, characters):
                found = self.text(inner)
                for character in characters:
                    found = f"SUBSTITUTE({found},{text(character)},{_EMPTY})"
                return found
            case _:
                return self.cell(formula)

    def holds(self, condition: Condition) -> str:
        match condition:
            case nodes.AtLeast(left, right):
                test = f"{self.value(left)}>={self.value(right)}"
                return self.guard_both(left, right, test)
            case nodes.Above(left, right):
                return self.guard_both(left, right, f"{self.value(left)}>{self.value(right)}")
            case nodes.Between(value, low, high):
                own = self.value(value)
                test = f"AND({own}>={number(low)},{own}<={number(high)})"
                return self.guard(value, test, "FALSE")
            case nodes.OneOf(inner, texts):
                own = self.text(inner)
                return _any([f"EXACT({own},{text(one)})" for one in texts if one])
            case nodes.Holds(inner, part, delimiter):
                ends = text(delimiter)
                within = f"{ends}&{self.text(inner)}&{ends}"
                found = f"FIND({text(f'{delimiter}{part}{delimiter}')},{within})"
                return f"ISNUMBER({found})"
            case nodes.IsMissing(inner):
                return f"({self.text(inner)}={_EMPTY})"
            case nodes.Either(conditions):
                return _any([self.holds(one) for one in conditions])
            case _:
                assert_never(condition)

    def guard_both(self, left: Formula, right: Formula, test: str) -> str:
        read = nodes.Sum((left, right))
        return self.guard(read, test, "FALSE")


def _any(tests: Sequence[str]) -> str:
    """Write that one of some tests holds."""
    if not tests:
        return "FALSE"
    groups = [f"OR({','.join(tests[i : i + _MOST])})" for i in range(0, len(tests), _MOST)]
    return groups[0] if len(groups) == 1 else _any(groups)


def _trim(own: str) -> str:
    """Write a text from its first letter that is no space to the last: TRIM closes gaps, too."""
    trimmed = f"TRIM({own})"
    last = f"RIGHT({trimmed},1)"
    many = f"LEN({own})-LEN(SUBSTITUTE({own},{last},{_EMPTY}))"
    start = f"FIND(LEFT({trimmed},1),{own})"
    end = f"FIND(CHAR(1),SUBSTITUTE({own},{last},CHAR(1),{many}))"
    return f"IF({trimmed}={_EMPTY},{_EMPTY},MID({own},{start},{end}-{start}+1))"
