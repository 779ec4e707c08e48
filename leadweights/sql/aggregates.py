"""From formulas to SQL that adds them up over the rows of a table, or takes rows out of it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from sqlglot import exp

from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Column,
    Condition,
    Constant,
    Formula,
    Product,
    Stage,
    Sum,
    Text,
)
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.expressions import condition_tree, expression
from leadweights.sql.idioms import order_by, quote
from leadweights.sql.select import build, parse_table_name, select_from, to_steps, write

Aggregate = Literal["SUM", "MIN", "MAX", "COUNT"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows meet a condition; without one, how many there are."""

    name: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """One number for all rows: `what` is done with the values of a formula that are there."""

    name: str
    what: Aggregate
    formula: Formula


def select_totals(
    stages: Sequence[Stage], wanted: Sequence[Total | Tally], dialect: str, table: str
) -> str:
    """Write a SELECT of one row: totals over what the last stage gives.

    Without stages the formulas read the table itself.
    """
    target = find_dialect(dialect)
    return write(_total_up(stages, wanted, target, table), target)


def select_after_totals(
    stages: Sequence[Stage],
    wanted: Sequence[Total | Tally],
    after: Sequence[Stage],
    dialect: str,
    table: str,
    header: str = "",
) -> str:
    """Write a SELECT of one row: what further stages make of totals over the last of `stages`."""
    target = find_dialect(dialect)
    steps, read = _after_totals(stages, wanted, after[:-1], target, table)
    query = build(after[-1:], target, read)
    query.set("with_", exp.With(expressions=steps))
    return write(query, target, header)


def select_lines_after_totals(
    stages: Sequence[Stage],
    wanted: Sequence[Total | Tally],
    after: Sequence[Stage],
    lines: Sequence[Stage],
    most: int,
    dialect: str,
    table: str,
    header: str = "",
) -> str:
    """Write a SELECT of so many rows of what `after` makes of totals, each by its own number.

    That is the column `PLACE`, from 0, which the first of the stages `lines` reads; the last one
    passes it on, and the rows come in its order. No table is needed to count by: the numbers are
    the pairs of two short lists, so that no engine reads a UNION of hundreds.
    """
    target = find_dialect(dialect)
    steps, read = _after_totals(stages, wanted, after, target, table)
    root = 1
    while root * root < most:
        root += 1
    names = [column.name for column in after[-1].columns]
    for name in (_TENS, _ONES):
        steps += to_steps(_count_up(root, name, target), name, target)
    place = Sum((Product(Column(_TENS), Constant(float(root))), Column(_ONES)))
    counted = exp.Alias(this=expression(place, target), alias=quote(PLACE))
    columns = [exp.column(name, table=read.this.copy(), quoted=True) for name in names]
    paired = exp.Select(expressions=[*columns, counted], from_=exp.From(this=read))
    for name in (_TENS, _ONES):
        paired.append("joins", exp.Join(this=exp.Table(this=quote(name)), kind="CROSS"))
    steps += to_steps(paired, _PAIRED, target)
    read = exp.Table(this=quote(_PAIRED))
    for stage in lines[:-1]:
        steps += to_steps(build([stage], target, read), stage.name, target)
        read = exp.Table(this=quote(stage.name))
    query = build(lines[-1:], target, read)
    own = exp.column(PLACE, table=read.this.copy(), quoted=True)
    end = expression(Constant(float(most)), target)
    query.set("where", exp.Where(this=exp.LT(this=own, expression=end)))
    query.set("order", exp.Order(expressions=[order_by(own.copy(), target)]))
    query.set("with_", exp.With(expressions=steps))
    return write(query, target, header)


PLACE = "place"
_COUNTED, _TENS, _ONES, _PAIRED = "counted_rows", "tens", "ones", "numbered_lines"


def _after_totals(
    stages: Sequence[Stage],
    wanted: Sequence[Total | Tally],
    after: Sequence[Stage],
    target: Dialect,
    table: str,
) -> tuple[list[exp.CTE], exp.Table]:
    """Build the steps up to the last of `after`, and the name by which that is read."""
    taken = parse_table_name(table, target).name.lower()
    # A step named like the table would read itself.
    name = _COUNTED + "_" * (taken == _COUNTED)
    steps = to_steps(_total_up(stages, wanted, target, table), name, target)
    read = exp.Table(this=quote(name))
    for stage in after:
        name = stage.name + "_" * (stage.name == taken)
        steps += to_steps(build([stage], target, read), name, target)
        read = exp.Table(this=quote(name))
    return steps, read


def _count_up(most: int, name: str, target: Dialect) -> exp.Query:
    """Select the numbers from 0 to below `most`, as doubles, a row each."""
    rows = [
        exp.Select(
            expressions=[exp.Alias(this=expression(Constant(float(n)), target), alias=quote(name))]
        )
        for n in range(most)
    ]
    if target.rows_from:
        for row in rows:
            row.set("from_", exp.From(this=exp.Table(this=quote(target.rows_from))))
    found: exp.Query = rows[0]
    for row in rows[1:]:
        found = exp.Union(this=found, expression=row, distinct=False)
    return found


def _total_up(
    stages: Sequence[Stage], wanted: Sequence[Total | Tally], target: Dialect, table: str
) -> exp.Select:
    """Select totals; in DuckDB tallies of numbers are made of values none of which is missing.

    A comparison of a vector with a NULL in it goes through the rows one by one, four times as
    slowly as one without. What stands in for NULL reaches no constant.
    """
    expressions = _totals(wanted, target)
    compared = {
        tally.condition.left.name
        for tally in wanted
        if isinstance(tally, Tally)
        and isinstance(tally.condition, AtLeast | Above)
        and isinstance(tally.condition.left, Column)
        and isinstance(tally.condition.right, Constant)
        and tally.condition.right.value > _LOWEST
    }
    if not (compared and stages and target.sqlglot == "duckdb"):
        return _over(stages, expressions, target, table)
    lowest = expression(Constant(_LOWEST), target)
    filled: list[exp.Expr] = []
    for column in stages[-1].columns:
        own: exp.Expr = exp.column(column.name, quoted=True)
        if column.name in compared:
            own = exp.Coalesce(this=own, expressions=[lowest.copy()])
            own = exp.Alias(this=own, alias=quote(column.name))
        filled.append(own)
    return select_from(
        _over(stages, filled, target, table), "rows_without_gaps", expressions, target
    )


_LOWEST = -sys.float_info.max


def _totals(wanted: Sequence[Total | Tally], target: Dialect) -> list[exp.Expr]:
    return [exp.Alias(this=_aggregate(total, target), alias=quote(total.name)) for total in wanted]


def _aggregate(total: Total | Tally, target: Dialect) -> exp.Expr:
    match total:
        case Total(_, what, formula):
            return _AGGREGATES[what](this=expression(formula, target))
        case Tally(_, condition) if condition is not None:
            tree = condition_tree(condition, target)
            if target.sqlglot == "duckdb":
                # Half the time of a CASE; but NULL where the condition is so in every row.
                nothing = exp.Literal.number(0)
                return exp.Coalesce(this=exp.CountIf(this=tree), expressions=[nothing])
            one = exp.If(this=tree, true=exp.Literal.number(1))
            return exp.Count(this=exp.Case(ifs=[one]))
        case Tally():
            return exp.Count(this=exp.Star())
        case _:
            assert_never(total)


def select_where(
    stages: Sequence[Stage],
    names: Sequence[str],
    where: Sequence[Condition],
    dialect: str,
    table: str,
) -> str:
    """Write a SELECT of columns of the last stage, for the rows that are `where`."""
    target = find_dialect(dialect)
    columns: list[exp.Expr] = [exp.column(name, quoted=True) for name in names]
    return write(_over(stages, columns, target, table, where), target)


def select_all(stages: Sequence[Stage], dialect: str, table: str) -> str:
    """Write a SELECT of all that the last stage gives."""
    names = [column.name for column in stages[-1].columns]
    return select_where(stages, names, [], dialect, table)


def count_levels(text: Text, most: int, dialect: str, table: str) -> str:
    """Write a SELECT of the texts there are and the rows of each, the most frequent first."""
    target = find_dialect(dialect)
    tree, rows = expression(text, target), exp.Count(this=exp.Star())
    found = exp.Select(
        expressions=[
            exp.Alias(this=tree, alias=quote("level")),
            exp.Alias(this=rows, alias=quote("rows_with_it")),
        ],
        from_=exp.From(this=parse_table_name(table, target)),
        group=exp.Group(expressions=[tree.copy()]),
        order=exp.Order(expressions=[order_by(rows.copy(), target, falling=True)]),
    )
    return write(found.limit(most, copy=False), target)


_AGGREGATES: dict[Aggregate, type[exp.AggFunc]] = {
    "SUM": exp.Sum,
    "MIN": exp.Min,
    "MAX": exp.Max,
    "COUNT": exp.Count,
}


def _over(
    stages: Sequence[Stage],
    expressions: list[exp.Expr],
    target: Dialect,
    table: str,
    where: Sequence[Condition] = (),
) -> exp.Select:
    """Select expressions over what stages give."""
    source = parse_table_name(table, target)
    found = exp.Select(expressions=expressions, from_=exp.From(this=source))
    if stages:
        given = build(stages, target, source)
        found = select_from(given, "rows_to_add", expressions, target)
    if where:
        trees = [condition_tree(condition, target) for condition in where]
        found.set("where", exp.Where(this=exp.and_(*trees, copy=False)))
    return found
