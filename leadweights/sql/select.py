"""From stages of formulas to SQL text. Knows nothing about models."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType
from typing import Any, Literal, assert_never

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlglotDialect
from sqlglot.errors import ErrorLevel
from sqlglot.generator import Generator

from leadweights.errors import UnsupportedError
from leadweights.formula.nodes import (
    Abs,
    Case,
    Column,
    Constant,
    Difference,
    Floor,
    Formula,
    Named,
    Product,
    Stage,
    Text,
    TextCase,
    read_by,
)
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.expressions import expression
from leadweights.sql.idioms import TEMPLATE_MARKS, by_presence, order_by, quote

# One part of a table's name: quoted in one of three ways, or a word.
_PART = r"""(?:"((?:[^"]|"")+)"|\[((?:[^\]]|\]\])+)\]|`((?:[^`]|``)+)`|(\w[\w$-]*))"""
# More than any table has; the largest number that a LIMIT takes everywhere.
_MOST_ROWS = 2**63 - 1
# PostgreSQL plans and compiles so many in some hundredths of a second.
_MOST_READ = 1_000


def select(
    stages: Sequence[Stage],
    dialect: str,
    table: str,
    keys: Sequence[str] | Mapping[str, str] = (),
    header: str = "",
) -> str:
    """Write stages as one SELECT: a common table expression each, the last one the result.

    `keys` are columns of the source that pass through to the result; a mapping gives for their
    names in the result those in the source. `header` is a comment.

    Raises UnsupportedError for a dialect there is not, a table name that cannot be read as one,
    a name that is too long, or a key that would hide a computed column.
    """
    target = find_dialect(dialect)
    return write(build(stages, target, parse_table_name(table, target), keys), target, header)


def build(
    stages: Sequence[Stage],
    target: Dialect,
    source: exp.Table,
    keys: Sequence[str] | Mapping[str, str] = (),
) -> exp.Select:
    """Build the tree that `select` writes."""
    named = [column.name for stage in stages for column in stage.columns]
    computed = set(map(str.lower, named))
    for key in keys:
        if key.lower() in computed:
            raise UnsupportedError(
                f"key {key!r} has the name of a column of the result: "
                "rename it in the table or leave it out"
            )
    parts = [part.name for part in source.parts]
    own = keys if isinstance(keys, Mapping) else {key: key for key in keys}
    _check_names([*own, *own.values(), *_sources(tuple(stages)), *named, *parts], target)
    query: exp.Select = exp.Select()
    taken = source.name.lower()
    expressions: list[exp.CTE] = []
    kept = _choose_kept(stages)
    deepest = _depth_of_cases(tuple(stages)) if target.deepest_case else 0
    if deepest > target.deepest_case:
        raise UnsupportedError(
            f"{target.name} takes CASE in CASE {target.deepest_case} deep at most, and a tree or a "
            f"curve here needs {deepest}: learn shallower ones"
        )
    for position, stage in enumerate(stages):
        passed = [_pass(key, key if position else name) for key, name in own.items()]
        query = exp.Select(expressions=passed)
        for column in stage.columns:
            query.append("expressions", _projection(column, target))
        if target.prefers_aliases or target.prefers_rows:
            _qualify(query, source, every=target.prefers_aliases)
        query.set("from_", exp.From(this=source))
        if position < len(stages) - 1:
            # A step named like the table would read itself.
            name = quote(stage.name + "_" * (stage.name == taken))
            step = exp.CTE(this=query, alias=exp.TableAlias(this=name))
            if position in kept:
                _keep(step, target)
            expressions.append(step)
            source = exp.Table(this=name.copy())
    if expressions:
        query.set("with_", exp.With(expressions=expressions))
    return query


def to_steps(found: exp.Query, name: str, target: Dialect) -> list[exp.CTE]:
    """Take a SELECT for one step more, so that another can read it by its name."""
    with_ = found.args.pop("with_", None)
    step = exp.CTE(this=found, alias=exp.TableAlias(this=quote(name)))
    _keep(step, target)
    return [*(with_.expressions if with_ else []), step]


def select_from(
    found: exp.Query, name: str, columns: Sequence[str | exp.Expr], target: Dialect
) -> exp.Select:
    """Select columns, by name or as trees, from what a SELECT gives, which becomes a step."""
    return exp.Select(
        with_=exp.With(expressions=to_steps(found, name, target)),
        expressions=[exp.column(c, quoted=True) if isinstance(c, str) else c for c in columns],
        from_=exp.From(this=exp.Table(this=quote(name))),
    )


def no_rows(dialect: str, table: str) -> str:
    """Write a SELECT that gives the names of a table's columns, and no row."""
    target = find_dialect(dialect)
    never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
    found = exp.select("*").from_(parse_table_name(table, target)).where(never)
    return write(found, target)


Order = Literal["digits", "rising", "falling"]

_SHIFT = 2.0**20


def sample(
    stages: Sequence[Stage],
    dialect: str,
    table: str,
    keys: Sequence[str] | Mapping[str, str],
    order: Order,
    most: int,
) -> str:
    """Write stages as `select` does, for a few rows: by the digits of the score, or its ends."""
    target = find_dialect(dialect)
    found = build(stages, target, parse_table_name(table, target), keys)
    names = [column.name for column in stages[-1].columns]
    score = Column("lead_score")
    tree = expression(score, target)
    if order == "digits":
        shifted = Product(Abs(score), Constant(_SHIFT))
        tree = expression(Difference(shifted, Floor(shifted)), target)
    chosen = select_from(found, "scored", [*keys, *names], target)
    last = order_by(by_presence(tree.copy(), 1, 0), target)
    ordered = [last, order_by(tree, target, falling=order == "falling")]
    chosen.set("order", exp.Order(expressions=ordered))
    return write(chosen.limit(most, copy=False), target)


def write(tree: exp.Expr, target: Dialect, header: str = "") -> str:
    """Write a statement, after a comment if there is one."""
    generator = make_generator(target)
    comment = f"/*{generator.sanitize_comment(_untemplated(header))}*/\n" if header else ""
    text = comment + generator.generate(tree, copy=False) + "\n"
    size = len(text.encode()) if target.longest_query else 0
    if size > target.longest_query:
        raise UnsupportedError(
            f"{target.name} reads statements of {target.longest_query:,} bytes at most, and this "
            f"one has {size:,}: ask for fewer columns of the result, or learn fewer trees"
        )
    return text


def scalar(formula: Formula | Text, dialect: str) -> str:
    """Write one formula as an expression to paste into somebody's own SELECT."""
    target = find_dialect(dialect)
    _check_names(_sources(formula), target)
    return write(expression(formula, target), target)


def _sources(part: Any) -> list[str]:
    """Name the columns of the source table that are read."""
    found = list(read_by(part))  # at once: one visit to the formulas
    return [read.name for read in found if not isinstance(read, Column)]


def _untemplated(comment: str) -> str:
    """Put a space into what dbt would run: it runs comments, too."""
    return TEMPLATE_MARKS.sub(" ", comment)


def _check_names(names: Iterable[str], target: Dialect) -> None:
    """Refuse names that dbt would run, an engine refuse, or cut without a word, as PostgreSQL does.

    Unlike a text, a name cannot be cut in two.
    """
    named = list(names)
    for name in named:
        if TEMPLATE_MARKS.search(name):
            raise UnsupportedError(
                f"the name {name!r} has {{{{, {{% or {{#, which dbt and other template engines "
                "would run in the SELECT: rename it"
            )
    for name in named if target.longest_name else ():
        size = len(name.encode() if target.counts_bytes else name)
        if size > target.longest_name:
            unit = "bytes" if target.counts_bytes else "characters"
            raise UnsupportedError(
                f"{target.name} takes names of {target.longest_name} {unit} at most, and "
                f"{name!r} has {size}: rename it"
            )


def _depth_of_cases(part: Any) -> int:
    """Count how deep CASE stands in CASE."""
    if isinstance(part, tuple):
        return max(map(_depth_of_cases, part), default=0)
    if not is_dataclass(part):
        return 0
    inside = max((_depth_of_cases(getattr(part, f.name)) for f in fields(part)), default=0)
    return inside + isinstance(part, Case | TextCase)


_LONGEST_SPLIT = 200


def make_generator(target: Dialect) -> Generator:
    """Make what writes a dialect's text: sqlglot's own, but for five kinds of node."""
    generator = SqlglotDialect.get_or_raise(target.sqlglot).generator_class(
        dialect=target.sqlglot,
        pretty=True,
        comments=True,
        unsupported_level=ErrorLevel.RAISE,
        max_text_width=96,
    )
    # No subclass: where the compiled sqlglot is installed, its classes cannot have any.
    own: dict[type[exp.Expr], Callable[..., str]] = {
        # On one line.
        exp.Paren: lambda generator, tree: f"({generator.sql(tree, 'this')})",
        exp.Add: _add_sql,
        exp.Case: _case_sql,
        exp.Sign: lambda generator, tree: generator.func(target.sign, tree.this),
    }
    if target.matches:
        own[exp.RegexpLike] = lambda generator, tree: generator.binary(tree, target.matches)
    generator._dispatch = {**generator._dispatch, **own}
    return generator


def _case_sql(generator: Generator, tree: exp.Case) -> str:
    """Write a tree's last split on one line: in four it is half of a SELECT with trees."""
    (split, *others), default = tree.args["ifs"], tree.args.get("default")
    is_last = not others and not {type(split.args["true"]), type(default)} & {exp.Case, NoneType}
    if is_last and isinstance(tree.parent, exp.If | exp.Case):
        when, then = generator.sql(split, "this"), generator.sql(split, "true")
        text = f"CASE WHEN {when} THEN {then} ELSE {generator.sql(default)} END"
        if len(text) <= _LONGEST_SPLIT and "\n" not in text:
            return text
    return generator.case_sql(tree)


def _add_sql(generator: Generator, tree: exp.Add) -> str:
    """Give every item of a long sum a line of its own."""
    items: list[exp.Expr] = []
    item: exp.Expr = tree
    while isinstance(item, exp.Add):
        items.append(item.expression)
        item = item.this
    texts = [generator.sql(part) for part in (item, *reversed(items))]
    if any("\n" in text for text in texts) or generator.too_wide(texts):
        return generator.indent("\n+ ".join(texts), skip_first=True)
    return " + ".join(texts)


def _qualify(query: exp.Select, source: exp.Table, *, every: bool) -> None:
    """Say of columns that they are the source's, and not a result of the same SELECT, or a row."""

    def unclear(column: exp.Column) -> bool:
        return every or column.name.lower() == source.name.lower()

    for place, tree in enumerate(query.expressions):
        if isinstance(tree, exp.Column) and unclear(tree):
            # An engine may call an unnamed result by its table, too.
            query.expressions[place].replace(exp.alias_(tree.copy(), tree.this.copy()))
    for column in filter(unclear, query.find_all(exp.Column)):
        column.set("table", source.this.copy())


def _choose_kept(stages: Sequence[Stage]) -> set[int]:
    """Choose the stages that an engine must not put into their readers.

    It would write a column's formula wherever it is read, and that again a stage later. Where a
    stage would so read the source more than `_MOST_READ` times, the stage before it is kept, if
    that takes half of them away.
    """
    kept = {place for place, stage in enumerate(stages) if stage.once}
    before: dict[str, int] = {}
    for place, stage in enumerate(stages):
        reads = {
            column.name: [read.name for read in read_by(column.formula)] for column in stage.columns
        }
        own = {name: len(names) for name, names in reads.items()}
        folded = {name: sum(before.get(n, 1) for n in names) for name, names in reads.items()}
        if sum(folded.values()) > max(_MOST_READ, 2 * sum(own.values())):
            kept.add(place - 1)
            folded = own
        before = dict.fromkeys(own, 1) if place in kept else folded
    return kept


def _keep(step: exp.CTE, target: Dialect) -> None:
    """Keep an engine from putting a step into its reader."""
    match target.folds_steps:
        case "":
            pass
        case "MATERIALIZED":
            step.set("materialized", True)
        case "NO_MERGE":
            step.this.set("hint", exp.Hint(expressions=[exp.Var(this="NO_MERGE")]))
        case "LIMIT":
            step.this.set("limit", exp.Limit(expression=exp.Literal.number(_MOST_ROWS)))
        case _:
            assert_never(target.folds_steps)


def parse_table_name(name: str, target: Dialect) -> exp.Table:
    """Read a table's name, dots between its parts, and quote each as the dialect does.

    A part may be quoted as anywhere: "My Leads", [My Leads], `My Leads`. Raises UnsupportedError.
    """
    # To BigQuery a hyphen is part of a bare name, and one pair of marks may quote all parts.
    is_bigquery = target.sqlglot == "bigquery"
    found = re.fullmatch(rf"{_PART}(?:\.{_PART})*", name.strip())
    quoted = [part.groups() for part in re.finditer(_PART, name.strip())] if found else []
    parts: list[str] = []
    for double, brackets, backticks, bare in quoted:
        if backticks and is_bigquery:
            parts += backticks.split(".")
        elif bare:
            parts.append(bare if is_bigquery or "-" not in bare else "")
        else:
            unescaped = [(double, '"'), (brackets, "]"), (backticks, "`")]
            parts += [text.replace(mark * 2, mark) for text, mark in unescaped if text]
    if not 1 <= len(parts) <= 3 or not all(part.strip() and part.isprintable() for part in parts):
        raise UnsupportedError(
            f'{name!r} is not the name of a table, such as leads, crm.leads or "My Leads"'
        )
    return exp.Table(
        **{
            key: exp.to_identifier(part, quoted=True)
            for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False)
        }
    )


def quote_name(name: str, dialect: str) -> str:
    """Quote the parts of a table's or view's name as a dialect does. Raises UnsupportedError."""
    target = find_dialect(dialect)
    return make_generator(target).generate(parse_table_name(name, target))


def _pass(key: str, name: str) -> exp.Expr:
    read = exp.column(name, quoted=True)
    return read if key == name else exp.alias_(read, quote(key))


def _projection(column: Named, target: Dialect) -> exp.Expr:
    if column.formula == Column(column.name):
        return exp.column(column.name, quoted=True)
    alias = exp.Alias(this=expression(column.formula, target), alias=quote(column.name))
    if column.note:
        alias.add_comments([f" {_untemplated(column.note)} "])
    return alias
