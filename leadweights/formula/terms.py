"""From a model to formulas: the only place where a term's arithmetic is written down."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import fsum
from typing import assert_never

from leadweights.formula.nodes import (
    Above,
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
    Product,
    Quotient,
    Stage,
    Sum,
    Text,
    TextColumn,
    Trimmed,
    total,
    within,
)
from leadweights.model.dates import MONTHS, WEEKDAYS, days_since_1970
from leadweights.model.model import (
    Category,
    Choice,
    Curve,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Levels,
    Missing,
    Month,
    Number,
    Plain,
    Ranged,
    ScoringModel,
    Standardized,
    Term,
    Weekday,
    limits,
    slope,
    spread,
    zero,
)
from leadweights.model.rules import MOST_REASONS

# 1970-01-01 was a Thursday, day 3 of a week that begins on Monday.
_MONDAY = 3.0

# A suffix must not push a name over an engine's limit (63 bytes in PostgreSQL).
_LONGEST_NAME = 40


def raw_weight(term: Standardized | Ranged) -> float:
    """Lead score per unit of the column."""
    return term.weight / spread(term)


def column_value(term: Standardized | Ranged, contribution: float) -> float:
    """Invert a term of a plain number: the value that contributes this much, but for rounding."""
    return zero(term) + contribution * spread(term) / term.weight


def _note(term: Term) -> str:
    match term:
        case Standardized():
            return f"mean {term.mean:.4g}, std {term.std:.4g}, weight {term.weight:.4g}"
        case Ranged():
            return f"range {term.low:.4g} to {term.high:.4g}, weight {term.weight:.4g}"
        case Levels():
            return f"{len(term.levels)} levels, weight {term.weight:.4g}"
        case Curve():
            return f"a curve of {len(term.points)} points, weight {term.weight:.4g}"
        case _:
            assert_never(term)


def _input(
    column: InputColumn, columns: Sequence[InputColumn], bounds: Mapping[str, float]
) -> Formula | Text:
    match column:
        case Number():
            return _number(column, bounds[column.name])
        case Missing(_, name):
            number = next(c for c in columns if isinstance(c, Number) and c.name == name)
            known = (within(_source(number), bounds[name]), Constant(0.0))
            one = _one(bounds[column.name], 0.0)
            return Case((*_missing_values(number, one), known), one)
        case Flag(name, fill, yes=()):
            flag = FlagColumn(name)
            return Case(((within(flag, bounds[name]), flag),), Constant(fill))
        case Flag(name, fill, yes, no):
            words = (OneOf(TextColumn(name), yes), OneOf(TextColumn(name), no))
            one = _one(bounds[name], fill)
            return Case(((words[0], one), (words[1], Constant(0.0))), Constant(fill))
        case Category(name, _, trim, casefold):
            text: Text = TextColumn(name)
            text = Trimmed(text) if trim else text
            return Lowered(text) if casefold else text
        case Weekday(_, name):
            days = Sum((DayColumn(name), Constant(_MONDAY)))
            weeks = Product(Constant(7.0), Floor(Quotient(days, Constant(7.0))))
            return Difference(days, weeks)
        case Month(_, name):
            return MonthColumn(name)
        case _:
            assert_never(column)


def _one(limit: float, fill: float) -> Constant:
    """Write 1, or what stands in for it where even that is out of all bounds."""
    return Constant(1.0 if limit >= 1 else fill)


def _number(column: Number, limit: float) -> Formula:
    source = _source(column)
    fill: Formula = Constant(column.fill)
    if column.segments:
        text = TextColumn(column.segments.column)
        by_level = ((OneOf(text, (s.level,)), Constant(s.fill)) for s in column.segments.fills)
        fill = Case(tuple(by_level), fill)
    low = -limit if column.low is None else column.low
    high = limit if column.high is None else column.high
    branches: list[tuple[Condition, Formula]] = [(Between(source, low, high), source)]
    if column.low is not None:
        branches.append((Between(source, -limit, low), Constant(low)))
    if column.high is not None:
        branches.append((Between(source, high, limit), Constant(high)))
    return Case((*_missing_values(column, fill), *branches), fill)


def _missing_values(column: Number, result: Formula) -> tuple[tuple[Condition, Formula], ...]:
    source = _source(column)
    return tuple((Between(source, value, value), result) for value in column.missing)


def _source(column: Number) -> Formula:
    match column.source:
        case Plain():
            return NumberColumn(column.name)
        case InText():
            return NumberInText(column.name)
        case DaysSince(name, until):
            end = (
                DayColumn(until)
                if until
                else Constant(days_since_1970(column.source.until_day, name))
            )
            return Difference(end, DayColumn(name))
        case _:
            assert_never(column.source)


def _measured(column: InputColumn, value: Column) -> Formula:
    """Write what a term measures: the cleaned value or its signed logarithm."""
    if not (isinstance(column, Number) and column.log):
        return value
    one, zero = Constant(1.0), Constant(0.0)
    above = Ln(Sum((one, value)))
    below = Difference(zero, Ln(Difference(one, value)))
    return Case(((AtLeast(value, zero), above),), below)


def leveled(term: Levels, column: Choice, value: Column) -> Formula:
    """Write what the level of a row contributes: the branches of most rows first, but NULL.

    That is what DuckDB runs fastest; no row meets two branches with different results.
    """
    missing, other = Constant(term.missing.contribution), Constant(term.other.contribution)
    frequent_first = sorted(term.levels, key=lambda level: -level.row_share)
    by_level = [(level.value, Constant(level.contribution)) for level in frequent_first]
    match column:
        case Category():
            texts = tuple((OneOf(value, (level,)), result) for level, result in by_level)
            tokens = ((OneOf(value, column.missing), missing),) if column.missing else ()
            return Case(((IsMissing(value), missing), *texts, *tokens), other)
        case Weekday() | Month():
            names, first = (WEEKDAYS, 0) if isinstance(column, Weekday) else (MONTHS, 1)
            numbers = ((float(names.index(level) + first), result) for level, result in by_level)
            branches = tuple((Between(value, n, n), result) for n, result in numbers)
            return Case((*branches, (within(value, 12.0), other)), missing)
        case _:
            assert_never(column)


def stage_names(columns: Sequence[str], suffix: str) -> dict[str, str]:
    """Name each column's own result in a stage: no stage ever reuses a name of another."""
    names: dict[str, str] = {}
    # A column `reason_1` has an effect, too.
    taken = {f"reason_{place}_effect" for place in range(1, MOST_REASONS + 1)}
    for position, column in enumerate(columns, start=1):
        short = len(column.encode()) <= _LONGEST_NAME
        name = f"{column if short else f'column_{position}'}_{suffix}"
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        names[column] = name
    return names


def inputs(columns: Sequence[InputColumn], bounds: Mapping[str, float]) -> Stage:
    """Write the stage that reads and cleans the columns; `bounds` are `limits`."""
    names = stage_names([column.name for column in columns], "input")
    return Stage("inputs", tuple(Named(names[c.name], _input(c, columns, bounds)) for c in columns))


def measures(columns: Sequence[InputColumn], bounds: Mapping[str, float]) -> tuple[Stage, ...]:
    """Write the stages up to what the terms read, each under its column's own name.

    `bounds` are `limits`, for each number.
    """
    read = stage_names([column.name for column in columns], "input")
    found = (Named(c.name, _measured(c, Column(read[c.name]))) for c in columns)
    return (inputs(columns, bounds), Stage("measures", tuple(found)))


def measured_terms(model: ScoringModel) -> Iterator[tuple[Term, Formula]]:
    """Give each term with what it reads: a number as it is measured, or a level."""
    read = stage_names([column.name for column in model.columns], "input")
    columns = {column.name: column for column in model.columns}
    for term in model.terms:
        yield term, _measured(columns[term.column], Column(read[term.column]))


def _terms(model: ScoringModel) -> Iterator[tuple[Term, Formula]]:
    """Give each term with the number it measures or, for levels and curves, its contribution."""
    columns = {column.name: column for column in model.columns}
    for term, value in measured_terms(model):
        match term:
            case Levels():
                column = columns[term.column]
                assert isinstance(column, Choice)
                assert isinstance(value, Column)
                yield term, leveled(term, column, value)
            case Curve():
                yield term, _on_curve(term, value)
            case Standardized() | Ranged():
                yield term, value
            case _:
                assert_never(term)


def _on_curve(curve: Curve, value: Formula) -> Formula:
    first, last = curve.points[0], curve.points[-1]
    pieces: list[tuple[Condition, Formula]] = [
        (AtLeast(value, Constant(last.at)), Constant(last.contribution))
    ]
    for left, right in reversed(list(pairwise(curve.points))):
        risen = Product(Difference(value, Constant(left.at)), Constant(slope(left, right)))
        above = AtLeast(value, Constant(left.at))
        pieces.append((above, Sum((Constant(left.contribution), risen))))
    return Case(tuple(pieces), Constant(first.contribution))


def contribution_names(model: ScoringModel) -> dict[str, str]:
    """Name what each term contributes."""
    return stage_names([term.column for term in model.terms], "contribution")


def contributions(model: ScoringModel) -> tuple[Stage, ...]:
    """Write the stages up to what each term contributes, in the order of the terms."""
    added = contribution_names(model)
    parts = []
    for term, value in _terms(model):
        part = value
        if isinstance(term, Standardized | Ranged):
            centred = Difference(value, Constant(zero(term)))
            part = Product(Quotient(centred, Constant(spread(term))), Constant(term.weight))
        parts.append(Named(added[term.column], part, _note(term)))
    return (inputs(model.columns, limits(model)), Stage("contributions", tuple(parts)))


def raw_lead_score(model: ScoringModel) -> Formula:
    """Write the lead score with one multiplication a column and one offset."""
    straight = [term for term in model.terms if isinstance(term, Standardized | Ranged)]
    offset = -fsum(zero(term) * raw_weight(term) for term in straight)
    parts = [
        Product(value, Constant(raw_weight(term)))
        if isinstance(term, Standardized | Ranged)
        else value
        for term, value in _terms(model)
    ]
    return total([Constant(offset), *parts])


def odds(log_odds: Formula) -> Case:
    """Write `exp(log_odds)`, bounded.

    Beyond 708 exp overflows, and below -708 it loses its digits: both are errors in PostgreSQL.
    The bounds stand for a probability of 1 and 0, which it is there to the last bit, or within
    1e-307.
    """
    return Case(
        (
            (within(log_odds, 708.0), Exp(log_odds)),
            (Above(log_odds, Constant(0.0)), Constant(1e100)),
        ),
        Constant(0.0),
    )


def share(odds: Formula) -> Formula:
    """Write `odds / (1 + odds)`: a probability.

    An engine whose exp is 1 ulp from the C library's ends within 2 ulp of Python, which
    `1 / (1 + exp(-log_odds))` does not (4 ulp).
    """
    return Quotient(odds, Sum((Constant(1.0), odds)))
