"""A SELECT that reads a model's constants from the table of weights, in the place of literals."""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from leadweights.formula.stored_weights import LevelJoin, Pivoted, StoredShape
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.idioms import comparable, quote, text_literal
from leadweights.sql.select import build, parse_table_name, to_steps, write

WEIGHTS = "leadweights_weights"
_READ, _PIVOTED = "leads_read", "weights"


def select_by_weights(
    shape: StoredShape,
    dialect: str,
    table: str,
    keys: Sequence[str] | Mapping[str, str],
    header: str = "",
    weights: str = WEIGHTS,
) -> str:
    """Write the SELECT over `table` and the active rows of `weights`.

    The weights become one row, which stands beside each lead's; a level's weight is joined by its
    text. Where no active row has the layout there is no score. Raises UnsupportedError.
    """
    target = find_dialect(dialect)
    leads = build([shape.read], target, parse_table_name(table, target), keys)
    stored = parse_table_name(weights, target)
    passed = [_of(_READ, name) for name in [*keys, *(c.name for c in shape.read.columns)]]
    joined = exp.Select(
        expressions=[
            *passed,
            *(_of(_PIVOTED, pivoted.name) for pivoted in shape.pivoted),
            *(
                exp.alias_(_of(f"levels_{place}", "weight"), quote(join.weight))
                for place, join in enumerate(shape.joins, 1)
            ),
        ],
        from_=exp.From(this=exp.Table(this=quote(_READ))),
        joins=[
            exp.Join(this=exp.Table(this=quote(_PIVOTED)), kind="CROSS"),
            *(
                _join(join, place, stored, shape.layout, target)
                for place, join in enumerate(shape.joins, 1)
            ),
        ],
    )
    steps = [
        *to_steps(leads, _READ, target),
        *to_steps(_pivot(shape.pivoted, stored, shape.layout, target), _PIVOTED, target),
        *to_steps(joined, "leads_weighed", target),
    ]
    found = build(shape.stages, target, exp.Table(this=quote("leads_weighed")), list(keys))
    found.args["with_"].set("expressions", [*steps, *found.args["with_"].expressions])
    return write(found, target, header)


def _pivot(
    pivoted: Sequence[Pivoted], stored: exp.Table, layout: str, target: Dialect
) -> exp.Select:
    """Make one row of the active weights."""
    columns = []
    for one in pivoted:
        found = [_is(None, "feature", one.feature, target), _is(None, "part", one.part, target)]
        value = exp.Case(ifs=[exp.If(this=exp.and_(*found), true=_of(None, one.value))])
        columns.append(exp.alias_(exp.Max(this=value), quote(one.name)))
    return exp.Select(
        expressions=columns,
        from_=exp.From(this=stored.copy()),
        where=exp.Where(this=exp.and_(*_active(None, layout, target))),
    )


def _join(join: LevelJoin, place: int, stored: exp.Table, layout: str, target: Dialect) -> exp.Join:
    """Find the weight of a level: there is one row for each text, or none."""
    name = f"levels_{place}"
    aliased = stored.copy()
    aliased.set("alias", exp.TableAlias(this=quote(name)))
    same = exp.EQ(
        this=comparable(_of(name, "level"), target),
        expression=comparable(_of(_READ, join.text), target),
    )
    wanted = [
        *_active(name, layout, target),
        _is(name, "feature", join.feature, target),
        _is(name, "part", "level", target),
        same,
    ]
    return exp.Join(this=aliased, side="LEFT", on=exp.and_(*wanted))


def _active(table: str | None, layout: str, target: Dialect) -> list[exp.Expr]:
    one = exp.EQ(this=_of(table, "is_active"), expression=exp.Literal.number(1))
    return [one, _is(table, "layout", layout, target)]


def _is(table: str | None, column: str, text: str, target: Dialect) -> exp.Expr:
    return exp.EQ(this=_of(table, column), expression=text_literal(text, target))


def _of(table: str | None, column: str) -> exp.Column:
    return exp.column(column, table=table, quoted=True)
