"""A model's columns in a table: are they there, are they of the right kind, what do they hold."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np

from leadweights.errors import TableError
from leadweights.formula.arrays import Values
from leadweights.formula.sources import IN_TEXT as IN_TEXT
from leadweights.formula.sources import Kind as Kind
from leadweights.formula.sources import numbers_in_text as numbers_in_text
from leadweights.formula.sources import sources as sources
from leadweights.formula.stages import RANKED, outputs
from leadweights.formula.texts import texts
from leadweights.model.dates import EPOCH
from leadweights.model.model import ScoringModel
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import Table


def open_for(
    model: ScoringModel,
    data: Source,
    columns: Sequence[str] | None = None,
    *,
    keys: Sequence[str] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
    alone: bool = False,
) -> Table:
    """Open a table so that a file's columns are what a model reads them as, and keys are text.

    `alone` says that no other column is looked at: others of a text file may then be text, which
    spares the search for their types. Raises TableError.
    """
    kinds = sources(model, columns)
    as_text = [key for key in keys if key not in kinds]
    as_text += [name for name, kind in kinds.items() if kind in IN_TEXT]
    dates = [name for name, kind in kinds.items() if kind == "date"]
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    if not alone or len(numbers) + sum(kind in IN_TEXT for kind in kinds.values()) < len(kinds):
        numbers = []
    return open_table(data, as_text, connection, dates=dates, numbers=numbers)


def check_columns(table: Table, model: ScoringModel, columns: Sequence[str] | None = None) -> None:
    """Raise TableError for a column of the model that the table lacks or holds as another kind."""
    either = numbers_in_text(model)
    for name, kind in sources(model, columns).items():
        check_column(table, name, kind, or_number=name in either)


def check_column(table: Table, name: str, kind: Kind, *, or_number: bool = False) -> None:
    """Raise TableError for a column that the table lacks or holds as another kind."""
    if or_number and table.is_number(table.require(name)):
        return
    checks: dict[Kind, Callable[[str], None]] = {
        "number": table.require_number,
        "flag": table.require_flag,
        "text": table.require_text,
        "date": table.require_date,
        "date in text": table.require_text_or_date,
    }
    checks[kind](table.require(name))


def can_rank(table: Table, model: ScoringModel) -> bool:
    """Tell whether rows of a table can be ranked: keys and the owner are there, keys tell apart."""
    if RANKED[0] not in outputs(model):
        return False
    try:
        check_columns(table, model, RANKED)
        require_distinct(table, model.keys)
    except TableError:
        return False
    return True


def require_distinct(table: Table, keys: Sequence[str]) -> None:
    """Raise TableError for rows with the same keys, or without: they could not be ranked."""
    names = [table.require(key) for key in keys]
    twice = table.find_repeated(names)
    if twice is not None:
        raise TableError(
            f"{table.name}: to rank rows, their keys must tell them apart, and "
            f"{', '.join(map(repr, twice))} stands twice or is missing"
        )


def read_columns(
    table: Table, model: ScoringModel, columns: Sequence[str] | None = None
) -> dict[str, Values]:
    """Read the model's columns of a table, shape (rows,) each. Raises TableError."""
    check_columns(table, model, columns)
    return read(table, sources(model, columns))


def read(table: Table, kinds: Mapping[str, Kind]) -> dict[str, Values]:
    """Read columns as these kinds, shape (rows,) each. Raises TableError for one of another."""
    own = {name: table.require(name) for name in kinds}

    def chosen(*wanted: Kind) -> list[str]:
        return [own[name] for name, kind in kinds.items() if kind in wanted]

    # At once: each query costs what binding all of a table's columns does.
    found: dict[str, Values] = {
        **table.numbers(chosen("number", "flag")),
        **table.texts(chosen("text")),
        **table.texts_or_dates(chosen("date in text")),
        **table.days(chosen("date")),
    }
    return {name: found[own[name]] for name in kinds}


def read_cells(name: str, kind: Kind, cells: Sequence[Any]) -> Values:
    """Read what a driver gives, shape (rows,), each value converted here, not by the warehouse.

    Raises TableError for a value of another kind.
    """
    if kind in IN_TEXT:
        return texts(None if cell is None else str(cell) for cell in cells)
    read, what = (_days, "date") if kind == "date" else (float, "number")
    found = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        try:
            found[row] = np.nan if cell is None else read(cell)
        except (ValueError, TypeError):
            raise TableError(f"column {name!r} has {cell!r}, which is no {what}") from None
    return found


def _days(cell: Any) -> float:
    # A date, a moment or, from SQLite, a text: all begin with the day.
    return float((date.fromisoformat(str(cell)[:10]) - EPOCH).days)
