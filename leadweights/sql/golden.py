"""From rows of values to SQL text: a table of golden rows, and the query that compares them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from sqlglot import exp

from leadweights.formula.nodes import Stage
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.idioms import (
    cast,
    comparable,
    day_literal,
    double_literal,
    parse_type,
    quote,
    text_literal,
)
from leadweights.sql.select import build, select_from, to_steps, write

Kind = Literal["whole", "number", "text", "date"]

GOLDEN, SCORED = "golden", "scored"
EXPECTED = "expected_"
"""Begins the names of the columns with what Python gives."""

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of golden rows: doubles, texts, or days such as 2026-02-28; None is NULL."""

    kind: Kind
    values: Sequence[float | str | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a column of the result must be; `within` is how far a number may be away, each."""

    cells: Cells
    within: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Golden:
    """Stages with rows they read and what they must give; `key`, of `given`, tells rows apart."""

    stages: Sequence[Stage]
    given: Mapping[str, Cells]
    expected: Mapping[str, Expected]
    key: str

    @property
    def size(self) -> int:
        """Count the rows."""
        return len(self.given[self.key].values)

    @property
    def passed(self) -> dict[str, Cells]:
        """Columns that go through all stages, beside the key, to be compared with."""
        found: dict[str, Cells] = {}
        for name, column in self.expected.items():
            found[EXPECTED + name] = column.cells
            if column.within is not None:
                found[f"{EXPECTED}{name}_within"] = Cells("number", column.within)
        return found


def inline(golden: Golden, dialect: str, header: str) -> str:
    """Write one query with the rows in it: it gives no row where the engine agrees."""
    target = find_dialect(dialect)
    (rows,) = to_steps(_union(golden, target, named=True), GOLDEN, target)
    found = _select_disagreeing(golden, target, exp.Table(this=quote(GOLDEN)))
    found.args["with_"].expressions.insert(0, rows)
    return write(found, target, header)


def script(golden: Golden, dialect: str, header: str, table: str) -> str:
    """Write statements that make a table of the rows, and the query of `inline` over it."""
    target = find_dialect(dialect)
    name = exp.Table(this=quote(table))
    columns = [
        exp.ColumnDef(this=quote(column), kind=parse_type(_kind(cells, target)).copy())
        for column, cells in {**golden.given, **golden.passed}.items()
    ]
    described = exp.Schema(this=name.copy(), expressions=columns)
    create = write(exp.Create(this=described, kind="TABLE"), target, header).rstrip()
    statements = [f"{create}\n{target.table_ending}" if target.table_ending else create]
    size = golden.size
    for start in range(0, size, _AT_ONCE):
        rows = _union(golden, target, range(start, min(start + _AT_ONCE, size)))
        statements.append(write(exp.Insert(this=name.copy(), expression=rows), target).rstrip())
    statements.append(write(_select_disagreeing(golden, target, name), target).rstrip())
    return ";\n\n".join(statements) + ";\n"


def _select_disagreeing(golden: Golden, target: Dialect, source: exp.Table) -> exp.Select:
    scored = build(golden.stages, target, source, [golden.key, *golden.passed])
    names = [golden.key, *(n for column in golden.expected for n in (column, EXPECTED + column))]
    tests = [_differs(name, column, target) for name, column in golden.expected.items()]
    found = select_from(scored, SCORED, names, target)
    found.set("where", exp.Where(this=exp.or_(*tests, wrap=False)))
    return found


def compare(golden: Golden, dialect: str, rows: str, scored: str) -> str:
    """Write a SELECT of the golden rows that have another result, or none.

    `rows` and `scored` are SELECTs themselves, put in as they are: of the golden rows with their
    expected results, and of what is computed for them.
    """
    target = find_dialect(dialect)
    tests = [_differs(n, c, target, SCORED, GOLDEN) for n, c in golden.expected.items()]
    own, other = (exp.column(golden.key, table, quoted=True) for table in (SCORED, GOLDEN))
    columns: list[exp.Expr] = [other.copy()]
    for name in golden.expected:
        columns.append(exp.column(name, SCORED, quoted=True))
        columns.append(exp.column(EXPECTED + name, GOLDEN, quoted=True))
    joined = exp.Join(
        this=exp.Table(this=quote(SCORED)), side="LEFT", on=exp.EQ(this=own, expression=other)
    )
    found = exp.Select(
        expressions=columns,
        from_=exp.From(this=exp.Table(this=quote(GOLDEN))),
        joins=[joined],
        where=exp.Where(this=exp.or_(own.copy().is_(exp.Null()), *tests, wrap=False)),
    )
    first, second = (quote(name).sql(target.sqlglot) for name in (GOLDEN, SCORED))
    return f"WITH {first} AS (\n{rows}\n), {second} AS (\n{scored}\n)\n{write(found, target)}"


def name_type(cells: Cells, dialect: str) -> str:
    """Name the type of a column of golden rows in a dialect."""
    target = find_dialect(dialect)
    return parse_type(_kind(cells, target)).sql(target.sqlglot)


def _differs(
    name: str,
    column: Expected,
    target: Dialect,
    scored: str | None = None,
    rows: str | None = None,
) -> exp.Expr:
    """Tell that a value is another, where NULL is only like NULL."""
    own = exp.column(name, scored, quoted=True)
    other = exp.column(EXPECTED + name, rows, quoted=True)
    neither = exp.and_(own.is_(exp.Null()), other.is_(exp.Null()))
    same: exp.Expr
    if column.within is not None:
        gap = exp.Abs(this=exp.Sub(this=own, expression=other))
        within = exp.column(f"{EXPECTED}{name}_within", rows, quoted=True)
        same = exp.LTE(this=gap, expression=within)
    elif column.cells.kind == "text":
        same = exp.EQ(this=comparable(own, target), expression=comparable(other, target))
    else:
        same = exp.EQ(this=own, expression=other)
    one, zero = (exp.Literal.number(number) for number in (1, 0))
    told = exp.Case(
        ifs=[exp.If(this=same, true=zero), exp.If(this=neither, true=zero.copy())], default=one
    )
    return exp.EQ(this=told, expression=one.copy())


def _union(
    golden: Golden, target: Dialect, rows: range | None = None, *, named: bool = False
) -> exp.Query:
    """Write rows as SELECTs of constants, the first of them with the columns' names."""
    columns = {**golden.given, **golden.passed}
    rows = rows or range(golden.size)
    if target.lists_rows:
        return _list_rows(columns, rows, target)
    found: exp.Query | None = None
    for row in rows:
        cells: list[exp.Expr] = [_cell(c, c.values[row], target) for c in columns.values()]
        if named and found is None:
            cells = [exp.alias_(c, quote(n)) for n, c in zip(columns, cells, strict=True)]
        one = exp.Select(expressions=cells)
        if target.rows_from:
            one.set("from_", exp.From(this=exp.Table(this=exp.to_identifier(target.rows_from))))
        found = exp.Union(this=found, expression=one, distinct=False) if found else one
    assert found is not None
    return found


def _list_rows(columns: Mapping[str, Cells], rows: range, target: Dialect) -> exp.Select:
    """Write rows as the arguments of a table function, after the names and types of columns."""
    kinds = {
        name: parse_type(_kind(cells, target)).sql(target.sqlglot)
        for name, cells in columns.items()
    }
    described = ", ".join(
        f"{quote(name).sql(target.sqlglot)} {kind}" for name, kind in kinds.items()
    )
    listed = [
        exp.Tuple(expressions=[_plain(c, c.values[row], target) for c in columns.values()])
        for row in rows
    ]
    function = exp.Anonymous(this="VALUES", expressions=[exp.Literal.string(described), *listed])
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=exp.Table(this=function)))


def _kind(column: Cells, target: Dialect) -> str:
    """Name the type of a column in a dialect."""
    kinds = {"whole": "INT", "number": target.double, "text": target.text, "date": target.date}
    return kinds[column.kind]


def _cell(column: Cells, value: float | str | None, target: Dialect) -> exp.Expr:
    """Write a value with its type: an engine takes a column's from the first row, or from all."""
    if column.kind == "number" and value is not None and target.casts_literals:
        return double_literal(float(value), target)
    return cast(_plain(column, value, target), _kind(column, target), target)


def _plain(column: Cells, value: float | str | None, target: Dialect) -> exp.Expr:
    match column.kind:
        case _ if value is None:
            return exp.Null()
        case "whole":
            return exp.Literal.number(int(value))
        case "number":
            return double_literal(float(value), target)
        case "text":
            return text_literal(str(value), target)
        case "date":
            return day_literal(str(value), target)
        case _:
            assert_never(column.kind)
