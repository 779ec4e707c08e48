"""From formulas to SQL text: the only room that speaks sqlglot. Knows nothing about models."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, reduce
from math import copysign
from typing import Any, Literal, assert_never

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlglotDialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.generator import Generator

from leadweights.dialects import Dialect, dialect_named
from leadweights.errors import UnsupportedError
from leadweights.formula import (
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
    Named,
    NumberColumn,
    NumberInText,
    OneOf,
    Place,
    Product,
    Quotient,
    RowsWith,
    Sign,
    Stage,
    Steps,
    Sum,
    Text,
    TextCase,
    TextColumn,
    TextSteps,
    Trimmed,
    Whole,
    Words,
    read_by,
)

# What `NumberInText` takes for a number, as far as all engines read it: no backslash, no overflow.
# `_end` ends it.
_NUMBER = "^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *"


# Letters whose lower case some engines find by the letters beside them.
_BY_LETTER = {"\u03a3": "\u03c3", "\u0130": "i"}

# More than any table has; the largest number that a LIMIT takes everywhere.
_MOST_ROWS = 2**63 - 1
_LARGEST = sys.float_info.max

# In a list of branches a reader sees all steps at once; a search by halves is faster for many.
_FEW_STEPS = 16


def select(
    stages: Sequence[Stage], dialect: str, table: str, keys: Sequence[str] = (), header: str = ""
) -> str:
    """Write stages as one SELECT: a common table expression each, the last one the result.

    `keys` are columns of the source that pass through to the result. `header` is a comment.

    Raises UnsupportedError for a dialect there is not, a table name that cannot be read as one,
    a name that is too long, or a key that would hide a computed column.
    """
    target = dialect_named(dialect)
    return printed(built(stages, target, _table(table, target), keys), target, header)


def built(
    stages: Sequence[Stage], target: Dialect, source: exp.Table, keys: Sequence[str] = ()
) -> exp.Select:
    """Do what `select` does, but do not write it."""
    _check_keys(stages, keys)
    named = (column.name for stage in stages for column in stage.columns)
    _check_names([*keys, *_sources(tuple(stages)), *named], target)
    key_columns = [_identified(key) for key in keys]
    query: exp.Select = exp.Select()
    _check_names([part.name for part in source.parts], target)
    taken = source.name.lower()
    expressions: list[exp.CTE] = []
    for position, stage in enumerate(stages):
        query = exp.Select(expressions=[exp.column(key) for key in key_columns])
        for column in stage.columns:
            query.append("expressions", _projection(column, target))
        if target.prefers_aliases or target.prefers_rows:
            _qualify(query, source, every=target.prefers_aliases)
        query.set("from_", exp.From(this=source))
        if position < len(stages) - 1:
            # A step named like the table would read itself.
            name = _identified(stage.name + "_" * (stage.name == taken))
            step = exp.CTE(this=query, alias=exp.TableAlias(this=name))
            if stage.once:
                _keep(step, target)
            expressions.append(step)
            source = exp.Table(this=name.copy())
    if expressions:
        query.set("with_", exp.With(expressions=expressions))
    return query


def as_steps(found: exp.Query, name: str, target: Dialect) -> list[exp.CTE]:
    """Take a SELECT for one step more, so that another can read it by its name."""
    with_ = found.args.pop("with_", None)
    step = exp.CTE(this=found, alias=exp.TableAlias(this=_identified(name)))
    _keep(step, target)
    return [*(with_.expressions if with_ else []), step]


Order = Literal["digits", "rising", "falling"]

_SHIFT = 2.0**20


def sampled(
    stages: Sequence[Stage], dialect: str, table: str, keys: Sequence[str], order: Order, most: int
) -> str:
    """Write stages as `select` does, for a few rows: by the digits of the score, or its ends."""
    target = dialect_named(dialect)
    found = built(stages, target, _table(table, target), keys)
    names = [_identified(column.name) for column in stages[-1].columns]
    score = Column("lead_score")
    tree = _expression(score, target)
    if order == "digits":
        shifted = Product(Abs(score), Constant(_SHIFT))
        tree = _expression(Difference(shifted, Floor(shifted)), target)
    chosen = exp.Select(
        expressions=[exp.column(name) for name in (*map(_identified, keys), *names)],
        from_=exp.From(this=exp.Table(this=_identified("scored"))),
        with_=exp.With(expressions=as_steps(found, "scored", target)),
        order=exp.Order(
            expressions=[
                _ordered(_by_presence(tree.copy(), 1, 0), target),
                _ordered(tree, target, falling=order == "falling"),
            ]
        ),
    )
    return printed(chosen.limit(most, copy=False), target)


def printed(tree: exp.Expr, target: Dialect, header: str = "") -> str:
    """Write a statement, after a comment if there is one."""
    generator = _generator(target)
    comment = f"/*{generator.sanitize_comment(header)}*/\n" if header else ""
    return comment + generator.generate(tree, copy=False) + "\n"


def scalar(formula: Formula | Text, dialect: str) -> str:
    """Write one formula as an expression to paste into somebody's own SELECT."""
    target = dialect_named(dialect)
    _check_names(_sources(formula), target)
    return _generator(target).generate(_tree(formula, target), copy=False) + "\n"


def _check_keys(stages: Sequence[Stage], keys: Sequence[str]) -> None:
    computed = {column.name.lower() for stage in stages for column in stage.columns}
    seen: set[str] = set()
    for key in keys:
        if key.lower() in seen:
            raise UnsupportedError(f"key {key!r} is named twice")
        seen.add(key.lower())
        if key.lower() in computed:
            raise UnsupportedError(
                f"key {key!r} has the name of a column of the result: "
                "rename it in the table or leave it out"
            )


def _sources(part: Any) -> Iterator[str]:
    """Name the columns of the source table that are read."""
    return (read.name for read in read_by(part) if not isinstance(read, Column))


def _check_names(names: Iterable[str], target: Dialect) -> None:
    """Refuse names that an engine would refuse, or cut without a word, as PostgreSQL does."""
    for name in names if target.longest_name else ():
        size = len(name.encode() if target.counts_bytes else name)
        if size > target.longest_name:
            unit = "bytes" if target.counts_bytes else "characters"
            raise UnsupportedError(
                f"{target.name} takes names of {target.longest_name} {unit} at most, and "
                f"{name!r} has {size}: rename it"
            )


def _generator(target: Dialect) -> Generator:
    generator = SqlglotDialect.get_or_raise(target.sqlglot).generator_class(
        dialect=target.sqlglot,
        pretty=True,
        comments=True,
        unsupported_level=ErrorLevel.RAISE,
        max_text_width=96,
    )
    # No subclass: where the compiled sqlglot is installed, its classes cannot have any.
    own: dict[type[exp.Expr], Callable[..., str]] = {
        exp.Paren: _paren_sql,
        exp.Add: _add_sql,
        exp.Sign: lambda generator, tree: generator.func(target.sign, tree.this),
    }
    if target.matches:
        own[exp.RegexpLike] = lambda generator, tree: generator.binary(tree, target.matches)
    generator._dispatch = {**generator._dispatch, **own}
    return generator


def _paren_sql(generator: Generator, tree: exp.Paren) -> str:
    """Keep parentheses on one line."""
    return f"({generator.sql(tree, 'this')})"


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


def _identified(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _table(name: str, target: Dialect) -> exp.Table:
    """Read a table's name, dots between its parts, and quote each part."""
    try:
        table = exp.to_table(name, dialect=target.sqlglot)
        parts = table.parts if table.sql(target.sqlglot) == name.strip() else []
    except (SqlglotError, ValueError):
        parts = []
    # What does not come back as it went in is more than a name: an alias, a second statement, a
    # temporary table's mark, an empty part.
    again = ".".join(part.name for part in parts)
    known = all(isinstance(part, exp.Identifier) for part in parts)
    if not known or not 1 <= len(parts) <= 3 or again != re.sub(r'["`[\]]', "", name.strip()):
        raise UnsupportedError(f"{name!r} is not the name of a table, such as leads or crm.leads")
    return exp.Table(
        **{
            key: exp.to_identifier(part.name, quoted=True)
            for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False)
        }
    )


def _projection(column: Named, target: Dialect) -> exp.Expr:
    if column.formula == Column(column.name):
        return exp.column(_identified(column.name))
    alias = exp.Alias(this=_tree(column.formula, target), alias=_identified(column.name))
    if column.note:
        alias.add_comments([f" {column.note} "])
    return alias


def _tree(formula: Formula | Text, target: Dialect) -> exp.Expr:
    match formula:
        case TextColumn() | Trimmed() | Lowered() | Words() | TextSteps() | TextCase():
            return _text(formula, target)
        case _:
            return _expression(formula, target)


def _expression(formula: Formula, target: Dialect) -> exp.Expr:
    match formula:
        case Column(name):
            return exp.column(_identified(name))
        case NumberColumn(name):
            return _double(exp.column(_identified(name)), target)
        case FlagColumn(name):
            # PostgreSQL and BigQuery cast true and false to an integer only.
            return _double(_cast(exp.column(_identified(name)), "INT", target), target)
        case NumberInText():
            return _number_in_text(formula, target)
        case DayColumn(name):
            return _double(_days(exp.column(_identified(name)), target), target)
        case MonthColumn(name):
            return _double(_month(exp.column(_identified(name)), target), target)
        case Constant(value):
            return _literal(value, target)
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
            return exp.Exp(this=_expression(value, target))
        case Ln(value):
            return exp.Ln(this=_expression(value, target))
        case Floor(value):
            return exp.Floor(this=_expression(value, target))
        case Abs(value):
            return exp.Abs(this=_expression(value, target))
        case Sign(value):
            return _sign(_expression(value, target), target)
        case Absent():
            return exp.Null()
        case Whole(number):
            return exp.Literal.number(number)
        case AsWhole(value):
            return _cast(_expression(value, target), "INT", target)
        case AsDouble(value):
            return _double(_expression(value, target), target)
        case Case(branches, otherwise):
            return exp.Case(
                ifs=[
                    exp.If(this=_condition(condition, target), true=_expression(value, target))
                    for condition, value in branches
                ],
                default=None if isinstance(otherwise, Absent) else _expression(otherwise, target),
            )
        case Steps(value, cuts, results):
            trees = [_expression(result, target) for result in results]
            return _by_steps(_operand(value, target), cuts, trees, target)
        case Place():
            return _place(formula, target)
        case RowsWith(value):
            return exp.Window(this=_count(_expression(value, target), target))
        case _:
            assert_never(formula)


def _sign(value: exp.Expr, target: Dialect) -> exp.Expr:
    if target.sign:
        return exp.Sign(this=value)
    zero = _literal(0.0, target)
    signs = {exp.GT: 1.0, exp.LT: -1.0, exp.EQ: 0.0}
    return exp.Case(
        ifs=[
            exp.If(
                this=compared(this=value.copy(), expression=zero.copy()),
                true=_literal(sign, target),
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
        return exp.GTE(this=value.copy(), expression=_literal(cuts[step - 1], target))

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
    below = exp.LT(this=value.copy(), expression=_literal(cuts[max(lowest[0], 1) - 1], target))
    return exp.Case(ifs=[*found, exp.If(this=below, true=lowest[1])])


def _place(place: Place, target: Dialect) -> exp.Expr:
    by = _expression(place.by, target)
    # Engines put NULL first or last as they please.
    last = _by_presence(by.copy(), 1, 0)
    then = [_ordered(_by_letters(text, target), target) for text in place.then]
    within = place.within and _compared(_text(place.within, target), target)
    return exp.Window(
        this=exp.RowNumber(),
        partition_by=[within] if within else None,
        order=exp.Order(
            expressions=[
                _ordered(last, target),
                _ordered(by, target, falling=True),
                *then,
            ]
        ),
    )


def _divisor(left: Formula, right: Formula) -> Formula:
    """Make a constant a number of the row it divides, the same."""
    return Sum((right, Product(left, Constant(0.0)))) if isinstance(right, Constant) else right


def _count(tree: exp.Expr, target: Dialect) -> exp.Expr:
    if target.counts_missing:
        return exp.Sum(this=_by_presence(tree, 0, 1))
    return exp.Count(this=tree)


def _by_presence(tree: exp.Expr, missing: int, present: int) -> exp.Case:
    is_missing = exp.Is(this=tree, expression=exp.Null())
    branch = exp.If(this=is_missing, true=exp.Literal.number(missing))
    return exp.Case(ifs=[branch], default=exp.Literal.number(present))


def _ordered(tree: exp.Expr, target: Dialect, *, falling: bool = False) -> exp.Ordered:
    # Where NULL goes by itself, so that nothing is written about it: there is none to place.
    by_itself = {"nulls_are_small": not falling, "nulls_are_large": falling}
    ordering = SqlglotDialect.get_or_raise(target.sqlglot).NULL_ORDERING
    first = by_itself.get(ordering, False)
    return exp.Ordered(this=tree, desc=falling or None, nulls_first=first)


def _by_letters(text: Text, target: Dialect) -> exp.Expr:
    """Make an order see every letter, and not the language."""
    if target.ordered_as:
        return _filled(target.ordered_as, _text(text, target), target)
    tree = _compared(_text(text, target), target)
    if target.ordered_under:
        return exp.Collate(this=tree, expression=_identified(target.ordered_under))
    return tree


def _condition(condition: Condition, target: Dialect) -> exp.Expr:
    match condition:
        case AtLeast(left, right):
            return exp.GTE(**_sides(left, right, target))
        case Above(left, right):
            return exp.GT(**_sides(left, right, target))
        case Between(value, low, high):
            return exp.Between(
                this=_operand(value, target),
                low=_literal(low, target),
                high=_literal(high, target),
            )
        case OneOf(text, texts):
            compared = _compared(_text(text, target), target)
            literals = [_compared(_text_literal(item, target), target) for item in texts]
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
            return _cast(exp.column(_identified(name)), target.text, target)
        case Column(name):
            return exp.column(_identified(name))
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
            return _text_literal(words, target)
        case TextSteps(value, cuts, results):
            trees = [_text_or_null(result, target) for result in results]
            return _by_steps(_operand(value, target), cuts, trees, target)
        case TextCase(branches, otherwise):
            return exp.Case(
                ifs=[
                    exp.If(this=_condition(condition, target), true=_text(result, target))
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


def _text_literal(text: str, target: Dialect) -> exp.Expr:
    return exp.National(this=text) if target.national else exp.Literal.string(text)


def _compared(tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Make a comparison see every letter, and spaces at the end."""
    if target.compared_as:
        return _cast(tree, target.compared_as, target)
    if target.compared_by:
        return exp.func(target.compared_by, tree, dialect=target.sqlglot)
    if target.collation and not isinstance(tree, exp.Literal):
        return exp.Collate(this=tree, expression=exp.Var(this=target.collation))
    return tree


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
    day, epoch = _cast(column, target.date, target), exp.Literal.string("1970-01-01")
    first: exp.Expr = _cast(epoch, target.date, target)
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
            return _cast(day, "INT", target)
        case _:
            assert_never(target.days)


def _month(column: exp.Expr, target: Dialect) -> exp.Expr:
    day = _cast(column, target.date, target)
    if target.month_by_format:
        text = exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string("%m"), day])
        return _cast(text, "INT", target)
    return exp.Extract(this=exp.Var(this="MONTH"), expression=day)


def _cast(tree: exp.Expr, name: str, target: Dialect, *, fails: bool = True) -> exp.Expr:
    """Cast; unless it `fails`, what cannot be read becomes NULL."""
    if target.casts_by_operator and isinstance(tree, exp.Binary | exp.Neg):
        tree = exp.Paren(this=tree)
    cast = (exp.Cast if fails else exp.TryCast)(this=tree, to=_type(name).copy())
    return exp.Paren(this=cast) if target.casts_by_operator else cast


@cache
def _type(name: str) -> exp.DataType:
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
        bounds = {"low": _literal(-_LARGEST, target), "high": _literal(_LARGEST, target)}
        value = sides["expression"]
        finite = exp.If(this=exp.Between(this=value, **bounds), true=value.copy())
        sides["expression"] = exp.Case(ifs=[finite])
    return sides


def _operand(formula: Formula, target: Dialect) -> exp.Expr:
    """Put parentheses around everything that has an operator: sqlglot adds none by itself."""
    tree = _expression(formula, target)
    match formula:
        case Sum() | Difference() | Product() | Quotient():
            return exp.Paren(this=tree)
        case _:
            return tree


def _literal(value: float, target: Dialect) -> exp.Expr:
    """Write a double in 17 digits and an exponent: every engine reads it back as the same one."""
    if target.casts_literals:
        return _double(exp.Literal.string(f"{value:.16e}"), target)
    number = exp.Literal.number(f"{abs(value):.16e}{target.double_mark}")
    negative = copysign(1.0, value) < 0
    return exp.Paren(this=exp.Neg(this=number)) if negative else number


def _double(tree: exp.Expr, target: Dialect, *, fails: bool = True) -> exp.Expr:
    return _cast(tree, target.double, target, fails=fails)


def _filled(template: str, tree: exp.Expr, target: Dialect) -> exp.Expr:
    """Put a tree where a piece of SQL has `{}`."""
    whole = _parsed(template, target.sqlglot).copy()
    (place,) = whole.find_all(exp.Column)
    place.replace(tree)
    return whole


@cache
def _parsed(template: str, dialect: str) -> exp.Expr:
    return exp.maybe_parse(template.format("place"), dialect=dialect)
