"""Tables that stay where they are while a model is learnt: large files, databases, engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from leadweights.errors import TableError, UnsupportedError
from leadweights.learn.in_engine.sample import Place, Query
from leadweights.tables.cancellable import finished
from leadweights.tables.engines.engine import Columns, Engine, KeepsTables, KnowsTables, ReadsFiles
from leadweights.tables.engines.registry import opened as engine_opened
from leadweights.tables.labelled import Kind, held_as
from leadweights.tables.open import DATABASES, PARQUET, opened, staged, streaming
from leadweights.tables.table import Table, engine

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

LARGE_ROWS = 500_000
"""From so many rows on, and from `LARGE_BYTES` of file, a table is learnt from where it is."""

LARGE_BYTES = 200_000_000

IN_MEMORY = "memory"

# What Python itself takes, with a sample of the rows, is not DuckDB's to have.
_PYTHONS_SHARE = 700 * 2**20
_LEAST = 250 * 2**20
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B?)\s*", re.IGNORECASE)


def size(text: str) -> int:
    """Read a size of memory such as 2GB or 512 MiB, in bytes. Raises UnsupportedError."""
    found = _SIZE.fullmatch(text)
    unit = (found[2] or "B").upper() if found else "B"
    if found is None or not float(found[1]):
        raise UnsupportedError(f"a size of memory is written 2GB or 512MB, not {text!r}")
    base = 1024 if "I" in unit else 1000
    return int(float(found[1]) * base ** max(0, "BKMGT".find(unit[0])))


@contextmanager
def place_of(
    train: str | Path | pd.DataFrame | None,
    *,
    engine: str | None = None,
    table: str | None = None,
    memory: str | None = None,
    look: Callable[[], object] = lambda: None,
    written: Callable[[Place], Place] = lambda place: place,
) -> Iterator[Place | None]:
    """Open the table where it is; None for one that is small enough to be read.

    `engine` is a name or a URL, or "memory" to read it whatever its size. `table` is its name in
    a database. `memory`, such as 2GB, bounds what this process takes. `look` is called while
    something long is asked.

    Raises UnsupportedError, TableError or EngineError.
    """
    name = "" if engine is None else engine.lower()
    if name == IN_MEMORY or (not engine and not _is_large(train)):
        if table is not None:
            raise UnsupportedError("a table by name is for a database: name it, or its engine")
        if train is None:
            raise TableError("a file name or a DataFrame is needed, or an engine with a table")
        yield None
        return
    if train is not None and not isinstance(train, str | Path):
        raise UnsupportedError("a DataFrame is in memory: learn from it there, without engine")
    if engine is None or name == "duckdb":
        if train is None:
            raise UnsupportedError("name the file to learn from")
        with _in_duckdb(Path(train), table, memory, look) as place:
            yield written(place)
    else:
        with engine_opened(engine) as opened_engine:
            yield written(_in_engine(opened_engine, train, table))


def _is_large(train: object) -> bool:
    """Tell by a file alone whether it is one to leave where it is."""
    if not isinstance(train, str | Path):
        return False
    path = Path(train)
    if _is_pattern(path) or path.suffix.lower() in DATABASES:
        return True
    try:
        if path.stat().st_size >= LARGE_BYTES:
            return True
    except (OSError, ValueError):  # who reads it will say so
        return False
    return path.suffix.lower() in PARQUET and opened(path).rows >= LARGE_ROWS


def _is_pattern(path: Path) -> bool:
    return not path.exists() and any(mark in str(path) for mark in "*?[")


class _InDuckDB:
    """A table that DuckDB reads from files, as often as it is asked."""

    def __init__(
        self,
        table: Table,
        connection: duckdb.DuckDBPyConnection,
        look: Callable[[], object],
    ) -> None:
        self.title, self.name = engine(), table.name
        self.kinds: Mapping[str, Kind] = held_as(table, table.types)
        self._table, self._connection, self._look = table, connection, look

    def ask(self, query: Query) -> Columns:
        """Run a SELECT, in a thread that does not keep Ctrl-C waiting."""
        sql = query("duckdb", self._table.view)
        return finished(partial(self._table.selected, sql), self._connection.interrupt, self._look)


@contextmanager
def _in_duckdb(
    path: Path, table: str | None, memory: str | None, look: Callable[[], object]
) -> Iterator[Place]:
    limit = None if memory is None else size(memory) - _PYTHONS_SHARE
    if limit is not None and limit < _LEAST:
        raise UnsupportedError(f"learning takes 1GB of memory at least, not {memory}")
    with (
        TemporaryDirectory(prefix="leadweights-") as folder,
        streaming(Path(folder, "spill"), limit) as connection,
    ):

        def read() -> Table:
            return staged(path, table, connection, Path(folder, "rows.parquet"))

        rows = finished(read, connection.interrupt, look)
        yield _InDuckDB(rows, connection, look)


class _InEngine:
    """A table in any other engine."""

    def __init__(self, engine: Engine, name: str, table: str, kinds: Mapping[str, Kind]) -> None:
        self.title, self.name, self.kinds = engine.title, name, kinds
        self._engine, self._table = engine, table
        self.keeps = isinstance(engine, KeepsTables) and engine.keeps

    def ask(self, query: Query) -> Columns:
        """Run a SELECT there."""
        return self._engine.selected(query(self._engine.dialect, self._table))

    def kept(self, query: Query) -> Place:
        """Make a table there of what a SELECT gives."""
        assert isinstance(self._engine, KeepsTables)
        table = self._engine.keep(query(self._engine.dialect, self._table))
        return _InEngine(self._engine, self.name, table, {})


class Written:
    """A place whose questions are written down for another engine, too, as they are asked."""

    def __init__(self, place: Place, dialect: str, table: str, write: Callable[[str], object]):
        self.title, self.name, self.kinds = place.title, place.name, place.kinds
        self._place, self._dialect, self._table, self._write = place, dialect, table, write

    def ask(self, query: Query) -> Columns:
        """Write a SELECT, and run it where the rows are."""
        self._write(query(self._dialect, self._table))
        return self._place.ask(query)


def _in_engine(engine: Engine, train: str | Path | None, table: str | None) -> Place:
    """Find a table in an engine, or a file that the engine itself reads."""
    if table is None and train is not None:
        if not isinstance(engine, ReadsFiles):
            raise UnsupportedError(f"{engine.title} reads no files: name a table with --table")
        if Path(train).suffix.lower() not in PARQUET:
            raise UnsupportedError(f"{engine.title} is given Parquet files, not {train}")
        rows = opened(train)
        engine.read(Path(train))
        return _InEngine(engine, str(train), engine.table, held_as(rows, rows.types))
    if table is None:
        raise UnsupportedError("name the table to learn from with --table")
    if not isinstance(engine, KnowsTables):
        raise UnsupportedError(f"{engine.title} is for files: name one, without --table")
    kinds = engine.kinds_of(table)
    if not kinds:
        raise TableError(f"{table} has no column that can be read")
    return _InEngine(engine, table, table, kinds)
