"""Which of a model's columns a row has no value for, so that the model's own stands in."""

from collections.abc import Iterator
from typing import assert_never

from leadweights.formula.columns import input_names, inputs, known, spell
from leadweights.formula.dates import read_dates_once
from leadweights.formula.nodes import (
    Case,
    Condition,
    Constant,
    Either,
    Formula,
    IsMissing,
    Named,
    OneOf,
    Stage,
    Text,
    TextColumn,
    within,
)
from leadweights.model.model import (
    Category,
    Flag,
    InputColumn,
    Listed,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
    limits,
)

_ONE, _ZERO = Constant(1.0), Constant(0.0)


def filled_inputs(model: ScoringModel) -> tuple[Stage, ...]:
    """Write for each of a model's columns 1 where a row's value is missing to it, else 0.

    Each has the column's own name; there is none for an input that only says what is missing.
    """
    bounds, names = limits(model), input_names(model.columns)
    cleaned = {column.name: column.formula for column in inputs(model.columns, bounds).columns}
    found = [
        Named(column.name, Case(((condition, then),), otherwise))
        for column in model.columns
        for condition, then, otherwise in _branches(
            column, cleaned[names[column.name]], bounds[column.name]
        )
    ]
    return read_dates_once((Stage("filled", tuple(found)),)) if found else ()


def _branches(
    column: InputColumn, value: Formula | Text, limit: float
) -> Iterator[tuple[Condition, Constant, Constant]]:
    """Write when a column is filled: a condition, what follows from it, and what else."""
    match column:
        case Number() | Flag():
            yield within(known(column, limit), limit), _ZERO, _ONE
        case Weekday() | Month():
            yield within(value, 12.0), _ZERO, _ONE  # type: ignore[arg-type]
        case Category(_, missing):
            absent = IsMissing(value)  # type: ignore[arg-type]
            tokens = tuple(spelled for token in missing for spelled in spell(column, token))
            any_of = Either((absent, OneOf(absent.text, tokens))) if tokens else absent
            yield any_of, _ONE, _ZERO
        case Listed(_, name):
            yield IsMissing(TextColumn(name)), _ONE, _ZERO
        case Missing():
            return
        case _:
            assert_never(column)
