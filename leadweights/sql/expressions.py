"""From formulas to syntax trees of SQL, as each dialect needs them; knows nothing about models."""

import sys
from collections.abc import Sequence
from functools import reduce
from typing import Any, assert_never

from sqlglot import exp

from leadweights.formula import nodes
from leadweights.formula.dates import day_in_text
from leadweights.formula.nodes import SOURCES, Condition, Formula, Text
from leadweights.sql import idioms
from leadweights.sql.dates import date_part
from leadweights.sql.dialects import Dialect
from leadweights.sql.numbers import number_in

_FUNCTIONS = {nodes.Exp: exp.Exp, nodes.Ln: exp.Ln, nodes.Floor: exp.Floor, nodes.Abs: exp.Abs}

_LARGEST = sys.float_info.max

# In a list of branches a reader sees all steps at once; a search by halves is faster for many.
_FEW_STEPS = 16


def expression(formula: Formula | Text, target: Dialect) -> exp.Expr:
    """Write a formula of numbers or of texts."""
    if isinstance(formula, SOURCES):
        return _source(formula, target)
    match formula:
        case nodes.Column(name):
            return exp.column(name, quoted=True)
        case nodes.DatePart(text, written, part):
            return date_part(expression(text, target), written, part, target)
        case nodes.Constant(value):
            return idioms.double_literal(value, target)
        case nodes.Sum(items):
            return _sum([_operand(item, target) for item in items], target)
        case nodes.Difference(left, right):
            return exp.Sub(**_sides(left, right, target))
        case nodes.Product(left, right):
            return exp.Mul(**_factors(left, right, target))
        case nodes.Quotient(left, right):
            if target.inverts_divisors and isinstance(right, nodes.Constant):
                # A constant becomes a number of the row it divides, the same.
                right = nodes.Sum((right, nodes.Product(left, nodes.Constant(0.0))))
            return exp.Div(**_sides(left, right, target), typed=True, safe=False)
        case nodes.Exp(value) | nodes.Ln(value) | nodes.Floor(value) | nodes.Abs(value):
            return _FUNCTIONS[type(formula)](this=expression(value, target))
        case nodes.Sign(value):
            return idioms.sign(expression(value, target), target)
        case nodes.Null():
            return exp.Null()
        case nodes.Integer(number):
            return exp.Literal.number(number)
        case nodes.AsInteger(value):
            return idioms.cast(expression(value, target), "INT", target)
        case nodes.AsDouble(value):
            return idioms.cast_double(expression(value, target), target)
        case nodes.Case(branches, otherwise) | nodes.TextCase(branches, otherwise):
            ifs = [
                exp.If(this=condition_tree(condition, target), true=expression(value, target))
                for condition, value in branches
            ]
            last = None if isinstance(otherwise, nodes.Null) else expression(otherwise, target)
            return exp.Case(ifs=ifs, default=last)
        case nodes.Filled(left, right):
            return exp.Coalesce(
                this=expression(left, target), expressions=[expression(right, target)]
            )
        case nodes.Steps(value, cuts, results) | nodes.TextSteps(value, cuts, results):
            trees = [expression(result, target) for result in results]
            return _steps(_operand(value, target), cuts, trees, target)
        case nodes.RowNumber():
            return _place(formula, target)
        case nodes.RowsWith(value):
            return idioms.count_present(expression(value, target), target)
        case nodes.Trimmed(text):
            return idioms.trim(expression(text, target), target)
        case nodes.Lowered(text):
            return idioms.lower(expression(text, target), target)
        case nodes.Without(text, characters):
            return idioms.without(expression(text, target), characters, target)
        case nodes.Words(words):
            return idioms.text_literal(words, target)
        case _:
            assert_never(formula)


def _source(source: SOURCES, target: Dialect) -> exp.Expr:
    """Read a column of the source table."""
    column = exp.column(source.name, quoted=True)
    match source:
        case nodes.NumberColumn():
            return idioms.cast_double(column, target)
        case nodes.FlagColumn():
            # PostgreSQL and BigQuery cast true and false to an integer only.
            return idioms.cast_double(idioms.cast(column, "INT", target), target)
        case nodes.NumberInText(_, form):
            return number_in(column, form, target)
        case nodes.TextHash(name):
            return idioms.hash_of(idioms.cast(column, target.text, target), name, target)
        case nodes.DayColumn():
            return idioms.cast_double(idioms.days_since_1970(column, target), target)
        case nodes.MonthColumn():
            return idioms.cast_double(idioms.month_of(column, target), target)
        case nodes.DayInText(name, written):
            return expression(day_in_text(nodes.TextColumn(name), written), target)
        case nodes.TextColumn():
            return idioms.cast(column, target.text, target)
        case _:
            assert_never(source)


def _sum(items: Sequence[exp.Expr], target: Dialect) -> exp.Expr:
    if target.folds_constants:
        # It reorders sums, but no differences. The parentheses keep `--` from being made.
        return reduce(
            lambda left, right: exp.Sub(this=left, expression=exp.Paren(this=exp.Neg(this=right))),
            items,
        )
    return reduce(lambda left, right: exp.Add(this=left, expression=right), items)


def _steps(
    value: exp.Expr, cuts: Sequence[float], results: Sequence[exp.Expr], target: Dialect
) -> exp.Case:
    """Search the step of a value from the highest on, or by halves if there are many.

    A missing value meets no branch.
    """

    def is_reached(step: int) -> exp.Expr:
        return exp.GTE(this=value.copy(), expression=idioms.double_literal(cuts[step - 1], target))

    def search(first: int, last: int) -> exp.Expr:
        if first == last:
            return results[first]
        middle = (first + last + 1) // 2
        higher = exp.If(this=is_reached(middle), true=search(middle, last))
        return exp.Case(ifs=[higher], default=search(first, middle - 1))

    if len(results) <= _FEW_STEPS:
        lowest, *rising = enumerate(results)
        found = [exp.If(this=is_reached(step), true=result) for step, result in reversed(rising)]
    else:
        half = len(results) // 2
        lowest = (half, search(0, half - 1))
        found = [exp.If(this=is_reached(half), true=search(half, len(cuts)))]
    if isinstance(lowest[1], exp.Null):
        return exp.Case(ifs=found)
    below = exp.LT(
        this=value.copy(), expression=idioms.double_literal(cuts[max(lowest[0], 1) - 1], target)
    )
    return exp.Case(ifs=[*found, exp.If(this=below, true=lowest[1])])


def _place(place: nodes.RowNumber, target: Dialect) -> exp.Expr:
    by = expression(place.by, target)
    # Engines put NULL first or last as they please.
    last = idioms.by_presence(by.copy(), 1, 0)
    then = [
        idioms.order_by(idioms.orderable(expression(t, target), target), target) for t in place.then
    ]
    within = place.within and idioms.comparable(expression(place.within, target), target)
    ordered = [idioms.order_by(last, target), idioms.order_by(by, target, falling=True), *then]
    return exp.Window(
        this=exp.RowNumber(),
        partition_by=[within] if within else None,
        order=exp.Order(expressions=ordered),
    )


def condition_tree(condition: Condition, target: Dialect) -> exp.Expr:
    """Write a condition."""
    match condition:
        case nodes.AtLeast(left, right):
            return exp.GTE(**_sides(left, right, target))
        case nodes.Above(left, right):
            return exp.GT(**_sides(left, right, target))
        case nodes.Between(value, low, high):
            return exp.Between(
                this=_operand(value, target),
                low=idioms.double_literal(low, target),
                high=idioms.double_literal(high, target),
            )
        case nodes.OneOf(text, texts):
            compared = idioms.comparable(expression(text, target), target)
            literals = [
                idioms.comparable(idioms.text_literal(item, target), target) for item in texts
            ]
            # No IN: from five literals on DuckDB joins with a table of them, and rows that are
            # read from a file by several threads come back in another order.
            equal: list[exp.Expr] = [
                exp.EQ(this=compared.copy(), expression=literal) for literal in literals
            ]
            return reduce(lambda left, right: exp.Or(this=left, expression=right), equal)
        case nodes.Holds(text, part, delimiter):
            whole = idioms.surround(expression(text, target), delimiter, target)
            wanted = idioms.text_literal(f"{delimiter}{part}{delimiter}", target)
            return idioms.has_part(whole, wanted, target)
        case nodes.IsMissing(text):
            return exp.Is(this=expression(text, target), expression=exp.Null())
        case nodes.Either(conditions):
            trees = [condition_tree(one, target) for one in conditions]
            return reduce(lambda left, right: exp.Or(this=left, expression=right), trees)
        case _:
            assert_never(condition)


def _sides(left: Formula, right: Formula, target: Dialect) -> dict[str, Any]:
    return {"this": _operand(left, target), "expression": _operand(right, target)}


def _factors(left: Formula, right: Formula, target: Dialect) -> dict[str, Any]:
    """Keep two constants with a column between them apart: no engine looks into a CASE."""
    sides = _sides(left, right, target)
    if (
        target.folds_constants
        and isinstance(left, nodes.Constant)
        and isinstance(right, nodes.Column | nodes.Product)
    ):
        value, ends = sides["expression"], (-_LARGEST, _LARGEST)
        low, high = (idioms.double_literal(end, target) for end in ends)
        inside = exp.Between(this=value, low=low, high=high)
        finite = exp.If(this=inside, true=value.copy())
        sides["expression"] = exp.Case(ifs=[finite])
    return sides


def _operand(formula: Formula, target: Dialect) -> exp.Expr:
    """Put parentheses around everything that has an operator: sqlglot adds none by itself."""
    tree = expression(formula, target)
    match formula:
        case nodes.Sum() | nodes.Difference() | nodes.Product() | nodes.Quotient():
            return exp.Paren(this=tree)
        case _:
            return tree
