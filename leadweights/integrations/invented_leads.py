"""Leads that never were, made of a model's constants: examples that tell nothing of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import copysign, expm1
from typing import assert_never

from leadweights.formula.columns import formats_of
from leadweights.formula.terms import view
from leadweights.model.date_formats import parse, write_date
from leadweights.model.dates import EPOCH, MONTHS, WEEKDAYS
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
    ScoringModel,
    Weekday,
)
from leadweights.model.terms import Bins, Curve, Levels, Ranged, Standardized, Term
from leadweights.tables.columns import IN_TEXT, sources

Cell = float | bool | str | date | None

SIDES = (1, 0, -1)
"""A strong lead, a middling one and a weak one, by what each column adds to the score."""

_DIGITS = 3
_TODAY = date(2024, 6, 30)
_FIRST, _LAST = date(1900, 1, 1), date(2299, 12, 31)
_MONDAY = date(2024, 6, 3)
_SPREADSHEET = date(1899, 12, 30)
# The signed logarithm of more is a number that no column of leads holds.
_LARGEST_LOG = 100.0


def invent_leads(model: ScoringModel) -> tuple[dict[str, Cell], ...]:
    """Invent a strong, a middling and a weak lead, each with every column that the model reads."""
    return tuple(_invent(model, side) for side in SIDES)


def _invent(model: ScoringModel, side: int) -> dict[str, Cell]:
    terms = {term.column: term for term in model.terms}
    written = formats_of(model.columns, model.decisions.decay)
    found: dict[str, Cell] = {}
    # What several columns are made of is set once, by the first of them.
    for column in model.columns:
        for name, cell in _cells(column, terms[column.name], side, written):
            found.setdefault(name, cell)
    for name, cell in _cells_of_rules(model, written):
        found.setdefault(name, cell)
    kinds = sources(model)
    for name in kinds.keys() - found.keys():
        found[name] = None if kinds[name] in IN_TEXT else 0.0
    return {name: found[name] for name in kinds}


def _cells(
    column: InputColumn, term: Term, side: int, written: Mapping[str, str]
) -> Iterator[tuple[str, Cell]]:
    """Give the cells that a column of the model is made of."""
    match column:
        case Number(name, _, source, segments=segments):
            value = _number(column, term, side)
            match source:
                case Plain():
                    yield name, value
                case InText(form):
                    yield name, f"{value:.10g}".replace(".", form.decimal)
                case DaysSince(start, until_column, until_day):
                    until = date.fromisoformat(until_day) if until_day else _TODAY
                    yield start, _write(_days_before(until, value), written[start])
                    if until_column:
                        yield until_column, _write(until, written[until_column])
                case _:
                    assert_never(source)
            if segments is not None:
                yield segments.column, segments.fills[0].level
        case Missing():
            pass
        case Flag(name, _, yes, no):
            is_set = (view(term).rise >= 0) == (side >= 0)
            yield name, ((yes if is_set else no)[0] if yes else is_set)
        case Listed(_, name, value):
            if (view(term).rise >= 0) == (side >= 0):
                yield name, value
        case Category(name):
            yield name, _level(term, side)
        case Weekday(_, name):
            yield name, _write(_MONDAY + _after(WEEKDAYS, _level(term, side)), written[name])
        case Month(_, name):
            month = 1 + _after(MONTHS, _level(term, side)).days
            yield name, _write(date(_TODAY.year, month, 1), written[name])
        case _:
            assert_never(column)


def _cells_of_rules(model: ScoringModel, written: Mapping[str, str]) -> Iterator[tuple[str, Cell]]:
    """Give the cells of the rules around the score: there is consent, and nothing is adjusted."""
    rules = model.decisions
    if rules.consent is not None:
        yield rules.consent.column, rules.consent.yes[0] if rules.consent.yes else True
    if rules.adjustment is not None:
        yield rules.adjustment.column, 1.0
    if rules.decay is not None:
        for name in filter(None, (rules.decay.column, rules.decay.until_column)):
            yield name, _write(_TODAY, written[name])


def _number(column: Number, term: Term, side: int) -> float:
    """Choose a number as the table has it, of few digits."""
    value = _measured(term, side)
    if column.log:
        value = copysign(expm1(min(abs(value), _LARGEST_LOG)), value)
    if column.low is not None:
        value = max(value, column.low)
    if column.high is not None:
        value = min(value, column.high)
    return float(f"{value:.{_DIGITS}g}") + 0.0


def _measured(term: Term, side: int) -> float:
    """Choose what a term measures: a spread beside its middle, or its best and worst part."""
    match term:
        case Standardized(_, mean, std, weight):
            return mean + side * copysign(std, weight)
        case Ranged(_, low, high, weight):
            return (low + high) / 2 + side * copysign((high - low) / 2, weight)
        case Curve(points=points):
            return points[_pick([point.contribution for point in points], side)].at
        case Bins(cuts=cuts, contributions=contributions):
            place = _pick(list(contributions), side)
            return cuts[place - 1] if place else cuts[0] - max(1.0, abs(cuts[0]))
        case Levels():
            raise AssertionError(term)
        case _:
            assert_never(term)


def _pick(contributions: list[float], side: int) -> int:
    """Choose the place of the largest for a strong lead, of the middle, or of the smallest."""
    order = sorted(range(len(contributions)), key=contributions.__getitem__)
    return order[{1: -1, 0: len(order) // 2, -1: 0}[side]]


def _level(term: Term, side: int) -> str | None:
    assert isinstance(term, Levels)
    if not term.levels:
        return None
    return term.levels[_pick([level.contribution for level in term.levels], side)].value


def _after(names: tuple[str, ...], name: str | None) -> timedelta:
    return timedelta(days=names.index(name) if name in names else 0)


def _days_before(until: date, days: float) -> date:
    most = (until - _FIRST).days
    least = (until - _LAST).days
    return until - timedelta(days=round(min(max(days, least), most)))


def _write(day: date, written: str) -> Cell:
    """Write a day as a column has it: a date by its type, a number, or a text."""
    days = float((day - EPOCH).days)
    match written:
        case "":
            return day
        case "unix":
            return days * 86_400
        case "unix ms":
            return days * 86_400_000
        case "excel":
            return float((day - _SPREADSHEET).days)
        case _:
            layout = next(parse(written).layouts())
            return write_date(layout, day.year, day.month, day.day).title()
