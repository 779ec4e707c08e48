"""What a SQL engine must do to be proven on: hold a table, run a SELECT, give its columns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError, UnheldError
from leadweights.model.held import Held
from leadweights.tables.columns import Kind
from leadweights.tables.table import ROW, VIEW, Table

KEPT = "leadweights_features"
Columns = dict[str, "np.ma.MaskedArray[Any, Any]"]

STANDARD_TYPES = {
    **{name: name for name in ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT")},
    **{name: name for name in ("DOUBLE", "VARCHAR", "DATE", "TIMESTAMP")},
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "FLOAT": "REAL",
    "DECIMAL": "DECIMAL(",
}
"""Types as most engines call them; a whole number without a sign is held by the next larger."""

UNSIGNED_TYPES = {
    f"U{name}": f"{name} UNSIGNED" for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
}


@dataclass(frozen=True, slots=True)
class Holding:
    """What a table of an engine can hold, in the words of DuckDB, where the rows come from.

    `types` gives for the name of a type, or for its name before the parenthesis, the engine's own;
    what is not in it the engine cannot hold. `unheld` gives for such a name the condition of
    values it cannot hold either, with `{}` for the column; the proof has NULL in their place.
    """

    types: Mapping[str, str]
    unheld: Mapping[str, str] = field(default_factory=dict)

    def type_of(self, kind: str) -> str:
        """Say what an engine calls a type of DuckDB's. Raises UnheldError if it has none such."""
        name, *size = kind.split("(", 1)
        found = self.types.get(kind, self.types.get(name))
        if found is None:
            raise UnheldError(f"no type {kind}")
        return found + size[0] if size and found.endswith("(") else found

    def conditions(self, table: Table, columns: Mapping[str, str]) -> dict[str, str]:
        """Give for columns, by their new names, the condition of values that cannot be held."""
        kinds = {name: table.types[own].split("(")[0] for name, own in columns.items()}
        return {name: self.unheld[kind] for name, kind in kinds.items() if kind in self.unheld}


class Engine(Protocol):
    """An engine that is open. It holds one table at a time, called `table` in a SELECT.

    `title` is its name and version; `dialect` one of `dialects.DIALECTS`. Its EXP may be
    `largest_ulp` units in the last place away from the C library's. Where it has no `signed_zero`,
    the sign of a zero is lost or left over, and not compared.
    """

    title: str
    dialect: str
    largest_ulp: int
    signed_zero: bool
    holding: Holding

    @property
    def table(self) -> str:
        """Name the table in a SELECT."""

    def load(self, rows: Table) -> None:
        """Hold this table, in place of the last one. Raises EngineError."""

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table; rows in any order, NULL is masked. Raises EngineError."""


@runtime_checkable
class HasTables(Engine, Protocol):
    """An engine that has tables of its own, which stay where they are and answer SELECTs.

    Each method raises EngineError.
    """

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a SELECT; give the names of its columns, and its rows as the driver gives them."""

    def held_in(self, table: str) -> dict[str, Held]:
        """Say what the columns of a table hold, by their names there; others are left out."""

    def declared_in(self, table: str) -> dict[str, tuple[str, bool]]:
        """Give the types of numbers and flags in a table, as SQL, and whether they are NOT NULL."""

    def spell(self, name: str) -> str:
        """Spell a name of a result as the table does."""


def kinds_in(engine: HasTables, table: str) -> dict[str, Kind]:
    """Say what is learnt from the columns of a table: moments with a time zone are left out."""
    held = engine.held_in(table).items()
    return {name: kind for name, kind in held if kind != "moment"}


@runtime_checkable
class ReadsFiles(Engine, Protocol):
    """An engine that reads files by itself: this machine's if it `is_here`."""

    is_here: bool

    def read(self, file: Path) -> None:
        """Take a file for the table, in place of the last one. Raises EngineError."""


@runtime_checkable
class KeepsTables(Protocol):
    """An engine that can make a table of what a SELECT gives, if it `keeps` any."""

    keeps: bool

    def keep(self, sql: str) -> str:
        """Make one, called `KEPT`; it ends with the engine. Raises EngineError."""


@dataclass(kw_only=True, eq=False)
class DrivenEngine:
    """What engines behind a driver have in common; `problems` are what it raises."""

    title: str
    dialect: str
    holding: Holding
    problems: tuple[type[Exception], ...]
    largest_ulp: int = 0
    signed_zero: bool = True
    table: str = VIEW

    def _refusals(self) -> AbstractContextManager[None]:
        return explain(f"{self.title} says", *self.problems)


@contextmanager
def explain(what: str, *problems: type[Exception]) -> Iterator[None]:
    """Raise EngineError for what a driver raises: `what`, and the beginning of what it says."""
    try:
        yield
    except problems as problem:
        raise EngineError(f"{what}: {one_line(problem)}") from None


def one_line(said: object, most: int = 300) -> str:
    """Keep the beginning of what an engine says, on one line."""
    line = " ".join(str(said).split())
    return line if len(line) <= most else line[:most] + "..."


def in_order(found: Columns, rows: Table) -> Columns:
    """Put the rows of a result that has the column `ROW` in the order of a table that has it.

    Raises EngineError for a result with other rows.
    """
    (expected,) = rows.numbers([ROW]).values()
    places = np.ma.filled(np.ma.asarray(found[ROW]).astype(np.float64), np.nan)
    order = np.argsort(places, kind="stable")
    if not np.array_equal(places[order], expected):
        raise EngineError(f"{len(places)} rows for {len(expected)}, or others")
    return {name: values[order] for name, values in found.items() if name != ROW}


def comparable(values: Any, engine: Engine) -> Any:
    """Give an array of numbers without what an engine does not tell: it may be the sign of zero."""
    return values if engine.signed_zero else values + 0.0


def columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    """Make columns from rows of Python values: numbers as doubles, texts as objects, None masked.

    A number that is not a double already is one of an engine's own types; each is converted
    here, exactly where that can be.
    """
    return {name: _column([row[place] for row in rows]) for place, name in enumerate(names)}


def _column(cells: Sequence[Any]) -> "np.ma.MaskedArray[Any, Any]":
    missing = np.array([cell is None for cell in cells], bool)
    values: NDArray[Any]
    if any(isinstance(cell, str) for cell in cells):
        values = np.array([*cells, None], dtype=object)[:-1]
    else:
        values = np.array([np.nan if c is None else float(c) for c in cells], np.float64)
    return np.ma.MaskedArray(values, missing)
