"""From formulas to a Python function of one row: the bits of `evaluate`, without arrays.

Stages are written once as the text of a function and compiled. A row then takes microseconds, where
arrays of one value take milliseconds, and numpy is not needed. The order of operations is that of
`evaluate`, and Python's floats are the same IEEE 754 doubles; of a branch only the one that is
taken is computed.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log, nan
from typing import Any, assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula import marks, nodes
from leadweights.formula.dates import day_in_text, month_of
from leadweights.formula.nodes import Condition, Formula, Stage, Text
from leadweights.formula.one_value import LARGEST_EXPONENT, hash_text, lower
from leadweights.model.date_formats import parse, read_parts

Cell = float | str | None
"""A value of one row: a number, a text, or missing."""

Compute = Callable[[Mapping[str, Any]], dict[str, Cell]]

_TEXTS = (
    *(nodes.TextColumn, nodes.Trimmed, nodes.Lowered, nodes.Without, nodes.Words),
    *(nodes.TextSteps, nodes.TextCase),
)


def compile_stages(stages: Iterable[Stage]) -> Compute:
    """Make a function that computes the last stage's columns of one row.

    It is given the source's columns by name, dates as days since 1970-01-01; one that is absent or
    None is missing. It gives None for a missing value, an int for a whole number by its type.

    Raises UnsupportedError for what depends on other rows.
    """
    writer = _Writer()
    for stage in stages:
        writer.add(stage)
    given = ", ".join(writer.result(name) for name in writer.columns)
    lines = ["def compute(row):", "    get = row.get", *writer.lines, f"    return {{{given}}}"]
    names: dict[str, Any] = dict(writer.constants)
    # The text is made of numbers, of names that are counted here, and of quoted column names.
    exec(compile("\n".join(lines), "<formulas>", "exec"), names)  # noqa: S102
    found: Compute = names["compute"]
    return found


def _exp(value: float) -> float:
    return inf if value > LARGEST_EXPONENT else exp(value)


def _ln(value: float) -> float:
    return log(value) if value > 0 else nan


def _sign(value: float) -> float:
    return 1.0 if value > 0 else -1.0 if value < 0 else value + 0.0


def _constants() -> dict[str, Any]:
    return {
        "nan": nan,
        "exp": _exp,
        "ln": _ln,
        "sign": _sign,
        "bisect": bisect_right,
        "lower": lower,
        "hash_text": hash_text,
        "read_number": marks.read,
        "read_parts": read_parts,
    }


@dataclass(slots=True)
class _Writer:
    """The text of a function as far as it is written, and what its names stand for."""

    lines: list[str] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=_constants)
    columns: dict[str, str] = field(default_factory=dict)
    """The variable of each column of the last stage that was added."""
    _texts: set[str] = field(default_factory=set)
    _whole: set[str] = field(default_factory=set)
    _read: dict[tuple[str, ...], str] = field(default_factory=dict)
    _count: int = 0

    def add(self, stage: Stage) -> None:
        """Write a stage: a line for each column that is more than one passed on."""
        columns: dict[str, str] = {}
        for column in stage.columns:
            formula = column.formula
            if isinstance(formula, nodes.Column):
                columns[column.name] = self.columns[formula.name]
                continue
            is_text, is_whole = isinstance(formula, _TEXTS), _is_whole(formula)
            text = self.text(formula) if is_text else self.number(formula)  # type: ignore[arg-type]
            name = self._assign(text)
            columns[column.name] = name
            if is_text:
                self._texts.add(name)
            if is_whole:
                self._whole.add(name)
        self.columns = columns

    def result(self, name: str) -> str:
        """Write one item of the result."""
        own = self.columns[name]
        if own in self._texts:
            return f"{name!r}: {own}"
        known = f"int({own})" if own in self._whole else own
        return f"{name!r}: {known} if {own} == {own} else None"

    def number(self, formula: Formula) -> str:
        """Write an expression for a number, NaN where it is missing."""
        match formula:
            case nodes.NumberColumn(name) | nodes.FlagColumn(name) | nodes.DayColumn(name):
                return self._source(name, "number")
            case nodes.Column(name):
                return self.columns[name]
            case nodes.NumberInText(name, form):
                text = self._source(name, "text")
                return self._once(
                    ("number in text", name, repr(form)),
                    f"nan if {text} is None else read_number({text}, {self._constant(form)})",
                )
            case nodes.TextHash(name):
                text = self._source(name, "text")
                return f"(nan if {text} is None else float(hash_text({text})))"
            case nodes.MonthColumn(name):
                return self.number(month_of(nodes.DayColumn(name)))
            case nodes.DayInText(name, written):
                return self.number(day_in_text(nodes.TextColumn(name), written))
            case nodes.DatePart(text, written, part):
                said = self.text(text)
                own = self._once(("text of a date", said), said)
                parts = self._once(
                    ("parts", own, written),
                    f"{{}} if {own} is None else "
                    f"read_parts({own}, {self._constant(parse(written))})",
                )
                return f"float({parts}.get({part!r}, nan))"
            case nodes.Constant(value) | nodes.Integer(value):
                return f"({float(value)!r})"
            case nodes.Sum(items):
                return f"({' + '.join(map(self.number, items))})"
            case nodes.Difference(left, right):
                return f"({self.number(left)} - {self.number(right)})"
            case nodes.Product(left, right):
                return f"({self.number(left)} * {self.number(right)})"
            case nodes.Quotient(left, right):
                return f"({self.number(left)} / {self.number(right)})"
            case nodes.Exp(value):
                return f"exp({self.number(value)})"
            case nodes.Ln(value):
                return f"ln({self.number(value)})"
            case nodes.Floor(value):
                return f"({self.number(value)} // 1.0)"
            case nodes.Abs(value):
                return f"abs({self.number(value)})"
            case nodes.Sign(value):
                return f"sign({self.number(value)})"
            case nodes.Null():
                return "nan"
            case nodes.AsInteger(value) | nodes.AsDouble(value):
                return self.number(value)
            case nodes.Steps(value, cuts, results):
                return self._steps(value, cuts, results, self.number, "nan")
            case nodes.Case(branches, otherwise):
                return self._case(branches, otherwise, self.number)
            case nodes.RowNumber() | nodes.RowsWith():
                raise UnsupportedError("a rank depends on the other rows: score a table")
            case _:
                assert_never(formula)

    def text(self, text: Text | nodes.Null) -> str:
        """Write an expression for a text, None where it is missing."""
        match text:
            case nodes.TextColumn(name):
                return self._source(name, "text")
            case nodes.Column(name):
                return self.columns[name]
            case nodes.Trimmed(inner):
                return self._changed(inner, "{}.strip(' ')")
            case nodes.Lowered(inner):
                return self._changed(inner, "lower({})")
            case nodes.Without(inner, characters):
                gone = self._constant(str.maketrans("", "", characters))
                return self._changed(inner, f"{{}}.translate({gone})")
            case nodes.Words(words):
                return self._constant(words)
            case nodes.Null():
                return "None"
            case nodes.TextSteps(value, cuts, results):
                return self._steps(value, cuts, results, self.text, "None")
            case nodes.TextCase(branches, otherwise):
                return self._case(branches, otherwise, self.text)
            case _:
                assert_never(text)

    def condition(self, condition: Condition) -> str:
        """Write an expression for a condition; NaN and None meet none."""
        match condition:
            case nodes.AtLeast(left, right):
                return f"{self.number(left)} >= {self.number(right)}"
            case nodes.Above(left, right):
                return f"{self.number(left)} > {self.number(right)}"
            case nodes.Between(value, low, high):
                return f"{low!r} <= {self.number(value)} <= {high!r}"
            case nodes.OneOf(text, texts):
                return f"{self.text(text)} in {self._constant(frozenset(texts))}"
            case nodes.Holds(text, part, delimiter):
                own, ends = self._name(), self._constant(delimiter)
                wanted = self._constant(f"{delimiter}{part}{delimiter}")
                held = f"{wanted} in {ends} + {own} + {ends}"
                return f"(({own} := {self.text(text)}) is not None and {held})"
            case nodes.IsMissing(text):
                return f"{self.text(text)} is None"
            case nodes.Either(conditions):
                return f"({' or '.join(map(self.condition, conditions))})"
            case _:
                assert_never(condition)

    def _case(
        self,
        branches: Sequence[tuple[Condition, Any]],
        otherwise: Any,
        write: Callable[[Any], str],
    ) -> str:
        """Write branches; those that tell the same text by constants are one look into a table."""
        found, by_text = list[str](), dict[str, Any]()
        for place, (condition, result) in enumerate(branches):
            told = _told_by_text(condition, result)
            if told is None:
                found.append(f"{write(result)} if {self.condition(condition)} else ")
                continue
            text, texts, value = told
            for one in texts:  # the first branch that holds counts
                by_text.setdefault(one, value)
            following = branches[place + 1 : place + 2]
            if following and (_told_by_text(*following[0]) or (None,))[0] == text:
                continue
            table, own = self._constant(by_text), self.text(text)
            found.append(f"{table}[{own}] if {own} in {table} else ")
            by_text = {}
        return f"({''.join(found)}{write(otherwise)})"

    def _steps(
        self,
        value: Formula,
        cuts: tuple[float, ...],
        results: Sequence[Any],
        write: Callable[[Any], str],
        missing: str,
    ) -> str:
        own, computed = self._name(), self.number(value)
        constant = [_constant_of(result) for result in results]
        if all(found for found in constant):
            table = self._constant(tuple(found[0] for found in constant if found))
            chosen = f"{table}[bisect({self._constant(cuts)}, {own})]"
        else:
            chosen = self._halve(own, cuts, results, write)
        return f"({chosen} if ({own} := {computed}) == {own} else {missing})"

    def _halve(
        self,
        own: str,
        cuts: Sequence[float],
        results: Sequence[Any],
        write: Callable[[Any], str],
    ) -> str:
        if not cuts:
            return write(results[0])
        half = len(cuts) // 2
        below = self._halve(own, cuts[:half], results[: half + 1], write)
        above = self._halve(own, cuts[half + 1 :], results[half + 1 :], write)
        return f"({below} if {own} < {cuts[half]!r} else {above})"

    def _changed(self, inner: Text, change: str) -> str:
        own = self._name()
        return f"(None if ({own} := {self.text(inner)}) is None else {change.format(own)})"

    def _source(self, name: str, kind: str) -> str:
        """Read a column of the source once, as a number or as a text."""
        read = f"get({name!r})"
        if kind == "text":
            return self._once((kind, name), read)
        raw = self._once(("raw", name), read)
        return self._once((kind, name), f"nan if {raw} is None else float({raw})")

    def _once(self, key: tuple[str, ...], expression: str) -> str:
        """Give the variable of what is read once, before all branches; it cannot fail."""
        if key not in self._read:
            self._read[key] = self._assign(expression)
        return self._read[key]

    def _assign(self, expression: str) -> str:
        name = self._name()
        self.lines.append(f"    {name} = {expression}")
        return name

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _constant(self, value: object) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


def _constant_of(result: Any) -> tuple[Cell] | None:
    """Give what a result always is, in a tuple; None for what is computed."""
    match result:
        case nodes.Constant(value) | nodes.Integer(value):
            return (float(value),)
        case nodes.Words(text):
            return (text,)
        case _:
            return None


def _told_by_text(
    condition: Condition, result: Any
) -> tuple[nodes.Column | nodes.TextColumn, tuple[str, ...], Cell] | None:
    """Take apart a branch that gives a constant where a column is one of some texts."""
    constant = _constant_of(result)
    match condition:
        case nodes.OneOf((nodes.Column() | nodes.TextColumn()) as text, texts) if constant:
            return text, texts, constant[0]
        case _:
            return None


def _is_whole(formula: Any) -> bool:
    """Tell whether a result is of a whole number's type, missing or not."""
    match formula:
        case nodes.Integer() | nodes.AsInteger() | nodes.RowNumber() | nodes.RowsWith():
            return True
        case nodes.Steps(_, _, results):
            found = [result for result in results if not isinstance(result, nodes.Null)]
            return bool(found) and all(map(_is_whole, found))
        case nodes.Case(branches, otherwise):
            every = (*(result for _, result in branches), otherwise)
            found = [result for result in every if not isinstance(result, nodes.Null)]
            return bool(found) and all(map(_is_whole, found))
        case _:
            return False
