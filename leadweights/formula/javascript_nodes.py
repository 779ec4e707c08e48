"""From formulas to expressions of JavaScript; knows nothing about models.

Its numbers are IEEE 754 doubles and its operators those of C, so a formula has the bits of the
SELECT. A missing number is NaN, which arithmetic keeps and no comparison meets; a missing text is
null.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from leadweights.errors import UnsupportedError
from leadweights.formula import nodes
from leadweights.formula.dates import day_in_text
from leadweights.formula.javascript_text import Names, data, date_form, literal, number, number_form
from leadweights.formula.nodes import Condition, Formula, Stage, Text
from leadweights.model.form import PLAIN

# An expression of more branches in each other is too deep for parsers.
_MOST_BRANCHES = 16
TOO_LARGE = "the model's formulas are too large for a script: use its SELECT"


class Writer:
    """Writes stages as constants of a function, one after the other.

    `constants` are those of the module that they read; `lines` those of the function so far, which
    have so many bytes at `most`.
    """

    def __init__(self, most: int) -> None:
        self.names = Names()
        self._most = most
        self.constants: dict[str, str] = {}
        self.lines: list[str] = []
        self._declared: dict[str, str] = {}

    def write_stages(self, stages: Iterable[Stage]) -> dict[str, str]:
        """Write stages that follow each other; name what the last one computes.

        What was computed before, by the same expression, is not computed again.

        Raises UnsupportedError for what depends on other rows, and for too many formulas.
        """
        before: Mapping[str, str] = {}
        found: dict[str, str] = {}
        for stage in stages:
            written = _Expressions(self, before)
            found = {c.name: self._column(c, written) for c in stage.columns}
            before = found
        return found

    def _column(self, column: nodes.Named, written: "_Expressions") -> str:
        formula = column.formula
        if isinstance(formula, nodes.Column):
            return written.of(formula)
        return self.declare(column.name, written.of(formula), column.note)

    def declare(self, name: str, code: str, note: str = "") -> str:
        """Compute something once; give the constant that has it."""
        if code not in self._declared:
            self._most -= len(code)
            if self._most < 0:
                raise UnsupportedError(TOO_LARGE)
            self._declared[code] = own = self.names.find(name)
            self.lines.append(f"const {own} = {code};{f' // {note}' if note else ''}")
        return self._declared[code]

    def keep(self, name: str, code: str) -> str:
        """Put something beside the function, which is made once; give its name."""
        if code not in self.constants:
            self.constants[code] = self.names.find(name)
        return self.constants[code]


class _Expressions:
    """Writes formulas that read the columns of one stage."""

    def __init__(self, writer: Writer, columns: Mapping[str, str]) -> None:
        self._writer, self._columns = writer, columns

    def of(self, formula: Formula | Text) -> str:
        """Write a formula of numbers or of texts."""
        match formula:
            case nodes.Column(name):
                return self._columns[name]
            case _ if isinstance(formula, nodes.Text):
                return self.text(formula)
            case _:
                return self.number(formula)

    def text(self, text: Text | nodes.Null) -> str:
        """Write a formula of texts."""
        match text:
            case nodes.TextColumn(name):
                return self._source("readText", name)
            case nodes.Column(name):
                return self._columns[name]
            case nodes.Trimmed(inner):
                return f"trim({self.text(inner)})"
            case nodes.Lowered(inner):
                return f"lower({self.text(inner)})"
            case nodes.Without(inner, characters):
                return f"without({self.text(inner)}, {data(list(characters))})"
            case nodes.Words(words):
                return literal(words)
            case nodes.Null():
                return "null"
            case nodes.TextSteps(value, cuts, results):
                return self._steps(value, cuts, results, list(map(self.text, results)), "null")
            case nodes.TextCase(branches, otherwise):
                pairs = [(self.condition(held), self.text(result)) for held, result in branches]
                return _branches(pairs, self.text(otherwise))
            case _:
                assert_never(text)

    def number(self, formula: Formula) -> str:
        """Write a formula of numbers."""
        if isinstance(formula, nodes.NumberSource):
            return self._read(formula)
        if isinstance(formula, nodes.Arithmetic):
            return self._arithmetic(formula)
        match formula:
            case nodes.Column(name):
                return self._columns[name]
            case nodes.DatePart(text, written, part):
                own = self._writer.keep("dates", date_form(written))
                return f"datePart({self.text(text)}, {own}, {literal(part)})"
            case nodes.Constant(value) | nodes.Integer(value):
                return number(value)
            case nodes.Null():
                return "NaN"
            case nodes.AsInteger(value) | nodes.AsDouble(value):
                return self.number(value)
            case nodes.Steps(value, cuts, results):
                return self._steps(value, cuts, results, list(map(self.number, results)), "NaN")
            case nodes.Case(branches, otherwise):
                pairs = [(self.condition(held), self.number(result)) for held, result in branches]
                return _branches(pairs, self.number(otherwise))
            case nodes.RowNumber() | nodes.RowsWith():
                raise UnsupportedError("it depends on all rows, and a script sees one lead")
            case _:
                assert_never(formula)

    def _read(self, source: nodes.NumberSource) -> str:
        """Write what is read of the lead."""
        match source:
            case nodes.NumberColumn(name):
                return self._source("readNumber", name)
            case nodes.FlagColumn(name):
                return self._source("readFlag", name)
            case nodes.DayColumn(name):
                return self._source("readDay", name)
            case nodes.MonthColumn(name):
                return f"monthOf({self._source('readDay', name)})"
            case nodes.NumberInText(name, form):
                text = self._source("readText", name)
                if form == PLAIN:
                    return f"plainNumber({text})"
                return f"numberInForm({text}, {self._writer.keep('numbers', number_form(form))})"
            case nodes.TextHash(name):
                return f"hash({self._source('readText', name)})"
            case nodes.DayInText(name, written):
                return self.number(day_in_text(nodes.TextColumn(name), written))
            case _:
                assert_never(source)

    def _arithmetic(self, formula: nodes.Arithmetic) -> str:
        match formula:
            case nodes.Product(
                nodes.Constant(0.5),
                nodes.Sum((nodes.Sum((left, right)), nodes.Abs(nodes.Difference(one, other)))),
            ) if (left, right) == (one, other):
                return f"larger({self.number(left)}, {self.number(right)})"
            case nodes.Product(
                nodes.Constant(0.5),
                nodes.Difference(nodes.Sum((left, right)), nodes.Abs(nodes.Difference(one, other))),
            ) if (left, right) == (one, other):
                return f"smaller({self.number(left)}, {self.number(right)})"
            case nodes.Sum(items):
                return " + ".join(map(self._operand, items))
            case nodes.Difference(left, right):
                return f"{self._operand(left)} - {self._operand(right)}"
            case nodes.Product(left, right):
                return f"{self._operand(left)} * {self._operand(right)}"
            case nodes.Quotient(left, right):
                return f"{self._operand(left)} / {self._operand(right)}"
            case nodes.Exp(value):
                return f"Math.exp({self.number(value)})"
            case nodes.Ln(value):
                return f"ln({self.number(value)})"
            case nodes.Floor(value):
                return f"Math.floor({self.number(value)})"
            case nodes.Abs(value):
                return f"Math.abs({self.number(value)})"
            case nodes.Sign(value):
                return f"sign({self.number(value)})"
            case _:
                assert_never(formula)

    def condition(self, condition: Condition) -> str:
        """Write a condition."""
        match condition:
            case nodes.AtLeast(left, right):
                return f"{self._operand(left)} >= {self._operand(right)}"
            case nodes.Above(left, right):
                return f"{self._operand(left)} > {self._operand(right)}"
            case nodes.Between(value, low, high):
                return f"between({self.number(value)}, {number(low)}, {number(high)})"
            case nodes.OneOf(text, texts):
                if len(texts) == 1:
                    return f"{self._operand(text)} === {literal(texts[0])}"
                return f"{data(texts)}.includes({self.text(text)})"
            case nodes.Holds(text, part, delimiter):
                return f"holds({self.text(text)}, {literal(part)}, {literal(delimiter)})"
            case nodes.IsMissing(text):
                return f"{self._operand(text)} === null"
            case nodes.Either(conditions):
                return " || ".join(map(self.condition, conditions))
            case _:
                assert_never(condition)

    def _source(self, function: str, name: str) -> str:
        """Read a column of the lead once, whoever needs it."""
        return self._writer.declare(name, f"{function}(lead, {literal(name)})")

    def _operand(self, formula: Formula | Text) -> str:
        """Put what has an operator in parentheses: nothing is left to precedence."""
        code = self.of(formula)
        return f"({code})" if isinstance(formula, _OPERATORS) else code

    def _steps(
        self,
        value: Formula,
        cuts: Sequence[float],
        results: Sequence[Any],
        written: Sequence[str],
        missing: str,
    ) -> str:
        own = f"[{', '.join(written)}]"
        if all(isinstance(result, _FIXED) for result in results):
            own = self._writer.keep("results", own)
        rising = self._writer.keep("cuts", f"[{', '.join(map(number, cuts))}]")
        return f"{own}[step({self.number(value)}, {rising})] ?? {missing}"


_FIXED = (nodes.Constant, nodes.Integer, nodes.Words, nodes.Null)
_OPERATORS = (
    *(nodes.Sum, nodes.Difference, nodes.Product, nodes.Quotient),
    *(nodes.Case, nodes.Steps, nodes.TextCase, nodes.TextSteps),
)


def _branches(pairs: Sequence[tuple[str, str]], otherwise: str) -> str:
    if len(pairs) > _MOST_BRANCHES:
        found = " ".join(f"if ({condition}) return {value};" for condition, value in pairs)
        return f"(() => {{ {found} return {otherwise}; }})()"
    return " : ".join([*(f"{held} ? {value}" for held, value in pairs), otherwise])
