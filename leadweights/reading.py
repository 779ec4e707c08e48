"""A model's columns in a table: are they there, are they of the right kind, what do they hold."""

from collections.abc import Callable
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import ModelError
from leadweights.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Missing,
    Month,
    Number,
    Plain,
    ScoringModel,
    Weekday,
)
from leadweights.table import Table
from leadweights.texts import Texts

Values = NDArray[np.float64] | Texts
Kind = Literal["number", "flag", "text", "date"]


def sources(model: ScoringModel) -> dict[str, Kind]:
    """Name the table's columns that a model reads, and as what.

    Raises ModelError for a column that is read as two different things.
    """
    found: dict[str, Kind] = {}
    for column in model.columns:
        for name, kind in _sources(column):
            if found.setdefault(name, kind) != kind:
                raise ModelError(f"the model reads {name!r} as {found[name]} and as {kind}")
    return found


def texts_read(model: ScoringModel) -> list[str]:
    """Name the columns a model reads as text: so a file's must be read, too."""
    return [name for name, kind in sources(model).items() if kind == "text"]


def _sources(column: InputColumn) -> list[tuple[str, Kind]]:
    match column:
        case Number(name, source=source, segments=segments):
            by: list[tuple[str, Kind]] = [(segments.column, "text")] if segments else []
            match source:
                case Plain():
                    return [(name, "number"), *by]
                case InText():
                    return [(name, "text"), *by]
                case DaysSince(start, end):
                    dates: list[tuple[str, Kind]] = [(day, "date") for day in (start, end) if day]
                    return [*dates, *by]
                case _:
                    assert_never(source)
        case Missing():
            return []
        case Flag(name, yes=()):
            return [(name, "flag")]
        case Flag(name) | Category(name):
            return [(name, "text")]
        case Weekday(_, name) | Month(_, name):
            return [(name, "date")]
        case _:
            assert_never(column)


def check_columns(table: Table, model: ScoringModel) -> None:
    """Raise TableError for a column of the model that the table lacks or holds as another kind."""
    checks: dict[Kind, Callable[[str], None]] = {
        "number": table.require_number,
        "flag": table.require_flag,
        "text": table.require_text,
        "date": table.require_date,
    }
    for name, kind in sources(model).items():
        checks[kind](table.require(name))


def columns_read(table: Table, model: ScoringModel) -> dict[str, Values]:
    """Read the model's columns of a table, shape (rows,) each. Raises TableError."""
    check_columns(table, model)
    found: dict[str, Values] = {}
    for name, kind in sources(model).items():
        own = table.require(name)
        match kind:
            case "number" | "flag":
                found[name] = table.numbers([own])[own]
            case "text":
                found[name] = table.texts(own)
            case "date":
                found[name] = table.days(own)
    return found
