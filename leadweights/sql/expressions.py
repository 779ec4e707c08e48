"""From formulas to syntax trees of SQL, as each dialect needs them; knows nothing about models."""

import sys
from collections.abc import Sequence
from functools import cache, reduce
from math import copysign
from typing import Any, assert_never

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlglotDialect

from leadweights.errors import UnsupportedError
from leadweights.formula.nodes import (
    Above,
    Abs,
    Absent,
    AsDouble,
    AsWhole,
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    DayColumn,
    Difference,
    Exp,
    FlagColumn,
    Floor,
    Formula,
    IsMissing,
    Ln,
    Lowered,
    MonthColumn,
    NumberColumn,
    NumberInText,
    OneOf,
    Place,
    Product,
    Quotient,
    RowsWith,
    Sign,
    Steps,
    Sum,
    Text,
    TextCase,
    TextColumn,
    TextHash,
    TextSteps,
    Trimmed,
    Whole,
    Words,
)
from leadweights.model.dates import EPOCH
from leadweights.sql.dialects import Dialect

# What `NumberInText` takes for a number, as far as all engines read it: no backslash, no overflow.
# `_end` ends it.
_NUMBER = "^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *"


# Letters whose lower case some engines find by the letters beside them.
_BY_LETTER = {"\u03a3": "\u03c3", "\u0130": "i"}

_LARGEST = sys.float_info.max

# In a list of branches a reader sees all steps at once; a search by halves is faster for many.
_FEW_STEPS = 16


def identified(name: str) -> exp.Identifier:
    """Quote a name: no engine then folds its case or takes it for a word of its own."""
    return exp.to_identifier(name, quoted=True)


def tree_of(formula: Formula | Text, target: Dialect) -> exp.Expr:
    """Write a formula of numbers or of texts."""
    match formula:
        case TextColumn() | Trimmed() | Lowered() | Words() | TextSteps() | TextCase():
            return _text(formula, target)
        case _:
            return expression(formula, target)


def expression(formula: Formula, target: Dialect) -> exp.Expr:
    """Write a formula of numbers."""
    match formula:
        case Column(name):
            return exp.column(identified(name))
        case NumberColumn(name):
            return _double(exp.column(identified(name)), target)
        case FlagColumn(name):
            # PostgreSQL and BigQuery cast true and false to an integer only.
            return _double(cast_as(exp.column(identified(name)), "INT", target), target)
        case NumberInText() | TextHash():
            return _out_of_text(formula, target)
        case DayColumn(name):
            return _double(_days(exp.column(identified(name)), target), target)
        case MonthColumn(name):
            return _double(_month(exp.column(identified(name)), target), target)
        case Constant(value):
            return double_literal(value, target)
        case Sum(items):
            operands = [_operand(item, target) for item in items]
            if target.folds_constants:
                # It reorders sums, but no differences. The parentheses keep `--` from being made.
                return reduce(_less_its_negative, operands)
            return reduce(lambda left, right: exp.Add(this=left, expression=right), operands)
        case Difference(left, right):
            return exp.Sub(**_sides(left, right, target))
        case Product(left, right):
            return exp.Mul(**_factors(left, right, target))
        case Quotient(left, right):
            divisor = _divisor(left, right) if target.inverts_divisors else right
            return exp.Div(**_sides(left, divisor, target), typed=True, safe=False)
        case Exp(value):
            return exp.Exp(this=expression(value, target))
        case Ln(value):
            return exp.Ln(this=expression(value, target))
        case Floor(value):
            return exp.Floor(this=expression(value, target))
        case Abs(value):
            return exp.Abs(this=expression(value, target))
        case Sign(value):
            return _sign(expression(value, target), target)
        case Absent():
            return exp.Null()
        case Whole(number):
            return exp.Literal.number(number)
        case AsWhole(value):
            return cast_as(expression(value, target), "INT", target)
        case AsDouble(value):
            return _double(expression(value, target), target)
        case Case(branches, otherwise):
            return exp.Case(
                ifs=[
                    exp.If(this=condition_tree(condition, target), true=expression(value, target))
                    for condition, value in branches
                ],
                default=None if isinstance(otherwise, Absent) else expression(otherwise, target),
            )
        case Steps(value, cuts, results):
            trees = [expression(result, target) for result in results]
            return _by_steps(_operand(value, target), cuts, trees, target)
        case Place():
            return _place(formula, target)
        case RowsWith(value):
            return exp.Window(this=_count(expression(value, target), target))
        case _:
            assert_never(formula)


def _sign(value: exp.Expr, target: Dialect) -> exp.Expr:
    if target.sign:
        return exp.Sign(this=value)
    zero = double_literal(0.0, target)
    signs = {exp.GT: 1.0, exp.LT: -1.0, exp.EQ: 0.0}
    return exp.Case(
        ifs=[
            exp.If(
                this=compared(this=value.copy(), expression=zero.copy()),
                true=double_literal(sign, target),
            )
            for compared, sign in signs.items()
        ]
    )


def _by_steps(
    value: exp.Expr, cuts: Sequence[float], results: Sequence[exp.Expr], target: Dialect
) -> exp.Case:
    """Search the step of a value from the highest on, or by halves if there are many.

    A missing value meets no branch.
    """

    def reached(step: int) -> exp.Expr:
        return exp.GTE(this=value.copy(), expression=double_literal(cuts[step - 1], target))

    def searched(first: int, last: int) -> exp.Expr:
        if first == last:
            return results[first]
        middle = (first + last + 1) // 2
        higher = exp.If(this=reached(middle), true=searched(middle, last))
        return exp.Case(ifs=[higher], default=searched(first, middle - 1))

    if len(results) <= _FEW_STEPS:
        lowest, *rising = enumerate(results)
        found = [exp.If(this=reached(step), true=result) for step, result in reversed(rising)]
    else:
        half = len(results) // 2
        lowest = (half, searched(0, half - 1))
        found = [exp.If(this=reached(half), true=searched(half, len(cuts)))]
    if isinstance(lowest[1], exp.Null):
        return exp.Case(ifs=found)
    below = exp.LT(
        this=value.copy(), expression=double_literal(cuts[max(lowest[0], 1) - 1], target)
    )
    return exp.Case(ifs=[*found, exp.If(this=below, true=lowest[1])])


def _place(place: Place, target: Dialect) -> exp.Expr:
    by = expression(place.by, target)
    # Engines put NULL first or last as they please.
    last = by_presence(by.copy(), 1, 0)
    then = [ordered(_by_letters(text, target), target) for text in place.then]
    within = place.within and comparable(_text(place.within, target), target)
    return exp.Window(
        this=exp.RowNumber(),
        partition_by=[within] if within else None,
        order=exp.Order(
            expressions=[
                ordered(last, target),
                ordered(by, target, falling=True),
                *then,
            ]
        ),
    )


def _divisor(left: Formula, right: Formula) -> Formula:
    """Make a constant a number of the row it divides, the same."""
    return Sum((right, Product(left, Constant(0.0)))) if isinstance(right, Constant) else right


def _count(tree: exp.Expr, target: Dialect) -> exp.Expr:
    if target.counts_missing:
        return exp.Sum(this=by_presence(tree, 0, 1))
    return exp.Count(this=tree)


def by_presence(tree: exp.Expr, missing: int, present: int) -> exp.Case:
    """Give one number for NULL, another for a value."""
    is_missing = exp.Is(this=tree, expression=exp.Null())
    branch = exp.If(this=is_missing, true=exp.Literal.number(missing))
    return exp.Case(ifs=[branch], default=exp.Literal.number(present))


def ordered(tree: exp.Expr, target: Dialect, *, falling: bool = False) -> exp.Ordered:
    """Order by what is never NULL."""
    # Where NULL goes by itself, so that nothing is written about it: there is none to place.
    by_itself = {"nulls_are_small": not falling, "nulls_are_large": falling}
    ordering = SqlglotDialect.get_or_raise(target.sqlglot).NULL_ORDERING
    first = by_itself.get(ordering, False)
    return exp.Ordered(this=tree, desc=falling or None, nulls_first=first)


def _by_letters(text: Text, target: Dialect) -> exp.Expr:
    """Make an order see every letter, and not the language."""
    if target.ordered_as:
        return _filled(target.ordered_as, _text(text, target), target)
    tree = comparable(_text(text, target), target)
    if target.ordered_under:
        return exp.Collate(this=tree, expression=identified(target.ordered_under))
    return tree


def condition_tree(condition: Condition, target: Dialect) -> exp.Expr:
    """Write a condition."""
    match condition:
        case AtLeast(left, right):
            return exp.GTE(**_sides(left, right, target))
        case Above(left, right):
            return exp.GT(**_sides(left, right, target))
        case Between(value, low, high):
            return exp.Between(
                this=_operand(value, target),
                low=double_literal(low, target),
                high=double_literal(high, target),
            )
        case OneOf(text, texts):
            compared = comparable(_text(text, target), target)
            literals = [comparable(text_literal(item, target), target) for item in texts]
            # No IN: from five literals on DuckDB joins with a table of them, and rows that are
            # read from a file by several threads come back in another order.
            equal: list[exp.Expr] = [
                exp.EQ(this=compared.copy(), expression=literal) for literal in literals
            ]
            return reduce(lambda left, right: exp.Or(this=left, expression=right), equal)
        case IsMissing(text):
            return exp.Is(this=_text(text, target), expression=exp.Null())
        case _:
            assert_never(condition)


def _text(text: Text, target: Dialect) -> exp.Expr:
    match text:
        case TextColumn(name):
            return cast_as(exp.column(identified(name)), target.text, target)
        case Column(name):
            return exp.column(identified(name))
        case Trimmed(inner):
            return _trimmed(_text(inner, target), target)
        case Lowered(inner):
            if not target.lower:
                raise UnsupportedError(
                    f"{target.name} does not give every letter beyond A to Z its lower case: learn "
                    "without casefold, or take another dialect"
                )
            tree = _text(inner, target)
            if target.lowers_words:
                for capital, small in _BY_LETTER.items():
                    letter, other = exp.Literal.string(capital), exp.Literal.string(small)
                    tree = exp.Replace(this=tree, expression=letter, replacement=other)
            if target.lowered_under:
                tree = exp.Collate(this=tree, expression=exp.Var(this=target.lowered_under))
            if target.lower == "LOWER":
                return exp.Lower(this=tree)
            return exp.Anonymous(this=target.lower, expressions=[tree])
        case Words(words):
            return text_literal(words, target)
        case TextSteps(value, cuts, results):
            trees = [_text_or_null(result, target) for result in results]
            return _by_steps(_operand(value, target), cuts, trees, target)
        case TextCase(branches, otherwise):
            return exp.Case(
                ifs=[
                    exp.If(this=condition_tree(condition, target), true=_text(result, target))
                    for condition, result in branches
                ],
                default=None if isinstance(otherwise, Absent) else _text(otherwise, target),
            )
        case _:
            assert_never(text)


def _trimmed(text: exp.Expr, target: Dialect) -> exp.Trim:
    space = None if target.trims_alone else exp.Literal.string(" ")
    both = "BOTH" if target.trims_both else None
    return exp.Trim(this=text, expression=space, position=both)


def _text_or_null(text: Text | Absent, target: Dialect) -> exp.Expr:
    return exp.Null() if isinstance(text, Absent) else _text(text, target)


def text_literal(text: str, target: Dialect) -> exp.Expr:
    """Write a text, in every letter that Unicode has."""
    return exp.National(this=text) if target.national else exp.Literal.string(text)


def comparable(tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Make a comparison see every letter, and spaces at the end."""
    if target.compared_as:
        return cast_as(tree, target.compared_as, target)
    if target.compared_by:
        return exp.func(target.compared_by, tree, dialect=target.sqlglot)
    if target.collation and not isinstance(tree, exp.Literal):
        return exp.Collate(this=tree, expression=exp.Var(this=target.collation))
    return tree


def _out_of_text(column: NumberInText | TextHash, target: Dialect) -> exp.Expr:
    match column:
        case NumberInText():
            return _number_in_text(column, target)
        case TextHash():
            return _text_hash(column, target)


def _text_hash(column: TextHash, target: Dialect) -> exp.Expr:
    if not target.text_hash:
        raise UnsupportedError(
            f"a number made of the texts of {column.name!r} is needed to choose or to part rows, "
            f"and none is known for {target.name}: give it a number, a date or a flag instead"
        )
    text = _text(TextColumn(column.name), target)
    return _double(_filled(target.text_hash, text, target), target)


def _number_in_text(column: NumberInText, target: Dialect) -> exp.Expr:
    text = _text(TextColumn(column.name), target)
    if not target.pattern:
        raise UnsupportedError(
            f"{target.name} cannot read every number in the texts of {column.name!r}: "
            "give it a column of numbers, or exclude it"
        )
    # Not every engine's CAST reads past spaces.
    trimmed = _trimmed(text, target)
    number = _double(trimmed, target, fails=not target.tries_casts)
    pattern = exp.Literal.string(_NUMBER + _end(target))
    like: exp.Expr = exp.RegexpLike(this=text.copy(), expression=pattern)
    if target.matching:
        matched = exp.Anonymous(this=target.matching, expressions=[text.copy(), pattern])
        like = exp.EQ(this=matched, expression=exp.Literal.number(1))
    return exp.Case(ifs=[exp.If(this=like, true=number)])


def _end(target: Dialect) -> str:
    """End a pattern where a text ends, and not before a newline there."""
    if not target.newline_ends:
        return "$"
    return "$(?![^0])" if target.looks_ahead else r"\z"


def _days(column: exp.Expr, target: Dialect) -> exp.Expr:
    day, epoch = cast_as(column, target.date, target), exp.Literal.string(str(EPOCH))
    first: exp.Expr = cast_as(epoch, target.date, target)
    if target.dates_by_session:
        form = exp.Literal.string("YYYY-MM-DD")
        first = exp.Anonymous(this="TO_DATE", expressions=[epoch, form])
    match target.days:
        case "function":
            return exp.DateDiff(this=day, expression=first, unit=exp.Var(this="DAY"))
        case "subtraction":
            return exp.Paren(this=exp.Sub(this=day, expression=first))
        case "truncation":
            whole = exp.Anonymous(this="TRUNC", expressions=[day])
            return exp.Paren(this=exp.Sub(this=whole, expression=first))
        case "cast":
            return cast_as(day, "INT", target)
        case _:
            assert_never(target.days)


def _month(column: exp.Expr, target: Dialect) -> exp.Expr:
    day = cast_as(column, target.date, target)
    if target.month_by_format:
        text = exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string("%m"), day])
        return cast_as(text, "INT", target)
    return exp.Extract(this=exp.Var(this="MONTH"), expression=day)


def cast_as(tree: exp.Expr, name: str, target: Dialect, *, fails: bool = True) -> exp.Expr:
    """Cast; unless it `fails`, what cannot be read becomes NULL."""
    if target.casts_by_operator and isinstance(tree, exp.Binary | exp.Neg):
        tree = exp.Paren(this=tree)
    cast = (exp.Cast if fails else exp.TryCast)(this=tree, to=type_named(name).copy())
    return exp.Paren(this=cast) if target.casts_by_operator else cast


@cache
def type_named(name: str) -> exp.DataType:
    """Parse a type once; a tree takes a copy."""
    if name in ("DATE", "DOUBLE", "INT"):
        return exp.DataType.build(exp.DType[name])
    if "CHARACTER SET" in name:
        # sqlglot would lose the character set.
        return exp.DataType(this=exp.DType.USERDEFINED, kind=name)
    return exp.DataType.build(name, udt=True)


def _sides(left: Formula, right: Formula, target: Dialect) -> dict[str, Any]:
    return {"this": _operand(left, target), "expression": _operand(right, target)}


def _less_its_negative(left: exp.Expr, right: exp.Expr) -> exp.Sub:
    return exp.Sub(this=left, expression=exp.Paren(this=exp.Neg(this=right)))


def _factors(left: Formula, right: Formula, target: Dialect) -> dict[str, Any]:
    """Keep two constants with a column between them apart: no engine looks into a CASE."""
    sides = _sides(left, right, target)
    if (
        target.folds_constants
        and isinstance(left, Constant)
        and isinstance(right, Column | Product)
    ):
        bounds = {
            "low": double_literal(-_LARGEST, target),
            "high": double_literal(_LARGEST, target),
        }
        value = sides["expression"]
        finite = exp.If(this=exp.Between(this=value, **bounds), true=value.copy())
        sides["expression"] = exp.Case(ifs=[finite])
    return sides


def _operand(formula: Formula, target: Dialect) -> exp.Expr:
    """Put parentheses around everything that has an operator: sqlglot adds none by itself."""
    tree = expression(formula, target)
    match formula:
        case Sum() | Difference() | Product() | Quotient():
            return exp.Paren(this=tree)
        case _:
            return tree


def double_literal(value: float, target: Dialect) -> exp.Expr:
    """Write a double in 17 digits and an exponent: every engine reads it back as the same one."""
    if target.casts_literals:
        return _double(exp.Literal.string(f"{value:.16e}"), target)
    number = exp.Literal.number(f"{abs(value):.16e}{target.double_mark}")
    negative = copysign(1.0, value) < 0
    return exp.Paren(this=exp.Neg(this=number)) if negative else number


def _double(tree: exp.Expr, target: Dialect, *, fails: bool = True) -> exp.Expr:
    return cast_as(tree, target.double, target, fails=fails)


def _filled(template: str, tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Put a tree where a piece of SQL has `{}`."""
    whole = _parsed(template, target.sqlglot).copy()
    (place,) = whole.find_all(exp.Column)
    place.replace(tree)
    return whole


@cache
def _parsed(template: str, dialect: str) -> exp.Expr:
    return exp.maybe_parse(template.format("place"), dialect=dialect)
