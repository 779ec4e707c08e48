"""From formulas to SQL that adds them up over the rows of a table, or takes rows out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from leadweights.formula.nodes import Condition, Formula, Stage, Text
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.expressions import condition_tree, expression
from leadweights.sql.idioms import order_by, quote
from leadweights.sql.select import build, parse_table_name, select_from, write

Aggregate = Literal["SUM", "MIN", "MAX", "COUNT"]


@dataclass(frozen=True, slots=True)
class Total:
    """One number for all rows: `what` is done with the values of a formula that are there."""

    name: str
    what: Aggregate
    formula: Formula


def select_totals(
    stages: Sequence[Stage], wanted: Sequence[Total], dialect: str, table: str
) -> str:
    """Write a SELECT of one row: totals over what the last stage gives.

    Without stages the formulas read the table itself.
    """
    target = find_dialect(dialect)
    expressions: list[exp.Expr] = []
    for total in wanted:
        made = _AGGREGATES[total.what](this=expression(total.formula, target))
        expressions.append(exp.Alias(this=made, alias=quote(total.name)))
    return write(_over(stages, expressions, target, table), target)


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
