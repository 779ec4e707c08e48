"""From a model's columns to formulas: each is read, cleaned and brought to what a term measures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from leadweights.formula.dates import day_of, month_of
from leadweights.formula.nodes import (
    AtLeast,
    Between,
    Case,
    Column,
    Condition,
    Constant,
    Difference,
    FlagColumn,
    Floor,
    Formula,
    Holds,
    Ln,
    Lowered,
    MonthColumn,
    Named,
    Null,
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
    Without,
    within,
)
from leadweights.model.dates import days_since_1970
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Missing,
    Month,
    Number,
    Plain,
    Weekday,
)
from leadweights.model.rules import MOST_REASONS, Decay

# 1970-01-01 was a Thursday, day 3 of a week that begins on Monday.
_MONDAY = 3.0

# A suffix must not push a name over an engine's limit (63 bytes in PostgreSQL).
_LONGEST_NAME = 40


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


def input_names(columns: Sequence[InputColumn]) -> dict[str, str]:
    """Name what is read of each column: all values of a list read the same text."""
    names = stage_names([c.name for c in columns if not isinstance(c, Listed)], "input")
    lists = [column for column in columns if isinstance(column, Listed)]
    texts = stage_names(list(dict.fromkeys(column.column for column in lists)), "list")
    return names | {column.name: texts[column.column] for column in lists}


def known_names(columns: Sequence[InputColumn]) -> dict[str, str]:
    """Name each number and flag as it is known: not filled, capped or its logarithm taken."""
    return stage_names([c.name for c in columns if isinstance(c, Number | Flag)], "known")


def known(column: InputColumn, limit: float) -> Formula:
    """Write a number or flag where it is known, missing elsewhere."""
    match column:
        case Number():
            within_bounds = (within(_source(column), limit), _source(column))
            return Case((*_missing_values(column, Null()), within_bounds), Null())
        case Flag(name, _, yes=()):
            return Case(((within(FlagColumn(name), limit), FlagColumn(name)),), Null())
        case Flag(name, _, yes, no):
            text, one, zero = TextColumn(name), Constant(1.0), Constant(0.0)
            return Case(((OneOf(text, yes), one), (OneOf(text, no), zero)), Null())
        case _:
            raise AssertionError(column)


def inputs(columns: Sequence[InputColumn], bounds: Mapping[str, float]) -> Stage:
    """Write the stage that reads and cleans the columns; `bounds` are `limits`."""
    names = input_names(columns)
    first = {names[column.name]: column for column in reversed(columns)}
    kept = (column for column in columns if first[names[column.name]] is column)
    return Stage("inputs", tuple(Named(names[c.name], _input(c, columns, bounds)) for c in kept))


def measures(columns: Sequence[InputColumn], bounds: Mapping[str, float]) -> tuple[Stage, ...]:
    """Write the stages up to what the terms read, each under its column's own name.

    `bounds` are `limits`, for each number.
    """
    read = input_names(columns)
    found = (Named(c.name, measure(c, Column(read[c.name]), bounds[c.name])) for c in columns)
    return (inputs(columns, bounds), Stage("measures", tuple(found)))


def spell(column: Category, text: str) -> tuple[str, ...]:
    """List how a level of a category, or what means missing in it, may be written in a table.

    A code is itself in text and whole numbers; in doubles 7001 is 7001, 7001.0 or 7.001E3.
    """
    if not (column.whole and text.isdecimal() and text.isascii()):
        return (text,)
    digits = text.rstrip("0")
    power = f"{digits[:1] or '0'}.{digits[1:] or '0'}E{len(text) - 1}"
    return text, f"{text}.0", power.lower() if column.casefold else power


def sources_of(column: InputColumn, columns: Sequence[InputColumn]) -> tuple[str, ...]:
    """Name the table's columns that a model's column is made of; not that of its segments."""
    match column:
        case Number(source=DaysSince(start, end)):
            return (start, end) if end else (start,)
        case Missing(_, name):
            return sources_of(next(c for c in columns if c.name == name), columns)
        case Listed(_, name):
            return (name,)
        case Weekday(_, day, _) | Month(_, day, _):
            return (day,)
        case Number(name) | Flag(name) | Category(name):
            return (name,)
        case _:
            assert_never(column)


def formats_of(columns: Iterable[InputColumn], decay: Decay | None) -> dict[str, str]:
    """Say for each of the table's columns of dates in what format it is; "" is by its type."""
    found: dict[str, str] = {}
    for column in columns:
        match column:
            case Weekday(_, name, written) | Month(_, name, written):
                found[name] = written
            case Number(source=DaysSince() as source):
                found |= _formats(source)
            case _:
                pass
    return found | _formats(decay) if decay else found


def _formats(source: DaysSince | Decay) -> dict[str, str]:
    until = {source.until_column: source.until_format} if source.until_column else {}
    return {source.column: source.format, **until}


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
        case Category(name, trim=trim, casefold=casefold):
            text: Text = TextColumn(name)
            text = Trimmed(text) if trim else text
            return Lowered(text) if casefold else text
        case Listed(_, name, _, _, ignored, casefold):
            text = Lowered(TextColumn(name)) if casefold else TextColumn(name)
            return Without(text, ignored) if ignored else text
        case Weekday(_, name, written):
            days = Sum((day_of(name, written), Constant(_MONDAY)))
            weeks = Product(Constant(7.0), Floor(Quotient(days, Constant(7.0))))
            return Difference(days, weeks)
        case Month(_, name, written):
            return month_of(day_of(name, written)) if written else MonthColumn(name)
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
        case InText(form):
            return NumberInText(column.name, form)
        case DaysSince():
            return days_since(column.source)
        case _:
            assert_never(column.source)


def days_since(source: DaysSince | Decay) -> Formula:
    """Write the days from a date to another one, or to a fixed day."""
    if source.until_column:
        end = day_of(source.until_column, source.until_format)
    else:
        end = Constant(days_since_1970(source.until_day, source.column))
    return Difference(end, day_of(source.column, source.format))


def measure(column: InputColumn, value: Column, limit: float) -> Formula:
    """Write what a term measures: the cleaned value, its signed logarithm, if a list holds it."""
    if isinstance(column, Listed):
        held = Holds(value, column.spelled, column.delimiter)
        return Case(((held, _one(limit, 0.0)),), Constant(0.0))
    if not (isinstance(column, Number) and column.log):
        return value
    one, zero = Constant(1.0), Constant(0.0)
    above = Ln(Sum((one, value)))
    below = Difference(zero, Ln(Difference(one, value)))
    return Case(((AtLeast(value, zero), above),), below)
