"""Tables that stay where they are while a model is learnt: large files, databases, engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.download import as_local
from leadweights.files.remote import RemotePath, as_path
from leadweights.files.temporary import make_temporary_folder
from leadweights.learn.recipe import InMemory, OnDisk, Place, Warehouse
from leadweights.tables.cancellable import finish
from leadweights.tables.columns import Kind
from leadweights.tables.engines.engine import (
    Columns,
    Engine,
    HasTables,
    KeepsTables,
    ReadsFiles,
    kinds_in,
)
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.file import File, as_file, path_of
from leadweights.tables.held_back import FileHeldBack, find_suffix, hold_part_back
from leadweights.tables.label import Label, LabelledTable, label_table
from leadweights.tables.labelled import held_as
from leadweights.tables.open import DATABASES, PARQUET, Source, connect, open_table, stage
from leadweights.tables.table import Table, engine

LARGE_ROWS = 500_000
"""From so many rows on, and from `LARGE_BYTES` of file, a table is learnt from where it is."""

LARGE_BYTES = 200_000_000

Query = Callable[[str, str], str]
"""Writes a SELECT for a dialect and a table's name."""


@dataclass(frozen=True, slots=True)
class EngineTable:
    """A table that answers SELECTs: `kinds` says what its columns hold, as far as can be read.

    `ask` runs one; NULL is masked. `keep`, where the engine can, makes a table of what one gives,
    for as long as the engine is open. Both raise EngineError. Where DuckDB asks, it is `labelled`.
    `hold_back`, where the rows are in files, writes those whose number, which a query gives for
    each, lies between two ends.
    """

    title: str
    name: str
    kinds: Mapping[str, Kind]
    ask: Callable[[Query], Columns]
    keep: Callable[[Query], EngineTable] | None = None
    labelled: LabelledTable | None = None
    hold_back: Callable[[Query, str, tuple[float, float]], FileHeldBack] | None = None


def choose_place(
    train: Source | None, memory: str | None = None, table: str | None = None
) -> Place:
    """Read a table that is small enough; leave a large file, and a database, where it is.

    Raises UnsupportedError for a size of memory that is none.
    """
    on_disk = OnDisk(memory, table)
    return on_disk if _is_large(train) else InMemory()


def _is_large(train: object) -> bool:
    """Tell by a file alone whether it is one to leave where it is."""
    path = path_of(train)
    if path is None:
        return False
    pattern = not path.exists() and any(mark in str(path) for mark in "*?[")
    if pattern or path.suffix.lower() in DATABASES:
        return True
    try:
        if path.stat().st_size >= LARGE_BYTES:
            return True
    except (OSError, ValueError):  # who reads it will say so
        return False
    return path.suffix.lower() in PARQUET and open_table(path).rows >= LARGE_ROWS


@contextmanager
def open_in_engine(
    place: OnDisk | Warehouse, train: Source | None, label: Label, threads: int | None = None
) -> Iterator[EngineTable]:
    """Open the table where it is; on disk with so many threads, or all there are.

    Raises UnsupportedError, TableError or EngineError.
    """
    if train is not None and not isinstance(train, str | Path | File):
        raise UnsupportedError("a DataFrame is in memory: learn from it there, without engine")
    match place:
        case OnDisk():
            if train is None:
                raise UnsupportedError("name the file to learn from")
            with (
                make_temporary_folder() as folder,
                connect(folder / "spill", place.limit) as connection,
            ):
                if threads is not None:
                    connection.execute("SET threads = ?", [threads])
                copy = folder / "rows.parquet"
                read = partial(stage, as_file(train), place.table, connection, copy)
                find = partial(_read_labelled, read, label)
                labelled = finish(find, connection.interrupt)
                rows = labelled.table

                def ask(query: Query) -> Columns:
                    # As often as it is asked, in a thread that lets Ctrl-C through.
                    sql = query("duckdb", rows.view)
                    return finish(partial(rows.select, sql), connection.interrupt)

                def hold_back(query: Query, number: str, ends: tuple[float, float]) -> FileHeldBack:
                    given = (rows, query("duckdb", rows.view), number, ends, find_suffix(train))
                    return finish(partial(hold_part_back, *given), connection.interrupt)

                # What is in a stranger's database may not write files; and a label that was made
                # of other columns is not one of the file's.
                path = path_of(train)
                in_files = path is not None and path.suffix.lower() not in DATABASES
                as_it_is = not (label.positive or labelled.reads)
                yield EngineTable(
                    engine(),
                    rows.name,
                    held_as(rows, rows.types),
                    ask,
                    labelled=labelled,
                    hold_back=hold_back if in_files and as_it_is else None,
                )
        case Warehouse(url, name):
            with open_engine(url) as opened_engine:
                yield _find_in_engine(opened_engine, train, name)
        case _:  # from Python, where nobody checked types
            raise UnsupportedError(
                f"a place is InMemory(), OnDisk(...) or Warehouse(url, ...), not {place!r}"
            )


def _read_labelled(read: Callable[[], Table], label: Label) -> LabelledTable:
    return label_table(read(), label, learning=True)


def _find_in_engine(
    engine: Engine, train: str | Path | File | None, table: str | None
) -> EngineTable:
    """Find a table in an engine, or a file that the engine itself reads."""
    if table is None and train is not None:
        if not isinstance(engine, ReadsFiles):
            raise UnsupportedError(f"{engine.title} reads no files: name a table with --table")
        return _read_in_engine(engine, train)
    if table is None:
        raise UnsupportedError("name the table to learn from with --table")
    if not isinstance(engine, HasTables):
        raise UnsupportedError(f"{engine.title} is for files: name one, without --table")
    kinds = kinds_in(engine, table)
    if not kinds:
        raise TableError(f"{table} has no column that can be read")
    return _in_engine(engine, table, table, kinds)


def _read_in_engine(engine: ReadsFiles, train: str | Path | File) -> EngineTable:
    """Let an engine read Parquet files: one, those of a folder, or those like a pattern."""
    path = as_path(as_file(train).path)
    if isinstance(path, RemotePath) and not engine.is_here:
        raise UnsupportedError(
            f"{engine.title} reads a cloud by its own means: name a table of its catalogue"
        )
    path = as_local(path)
    if path.suffix.lower() not in ("", *PARQUET) and not path.is_dir():
        raise UnsupportedError(f"{engine.title} is given Parquet files, not {train}")
    if path.is_file() or not isinstance(engine, HasTables):
        rows = open_table(path)
        kinds = held_as(rows, rows.types)
        engine.read(path.absolute())
    else:
        engine.read(path.absolute())
        kinds = kinds_in(engine, engine.table)
    return _in_engine(engine, str(train), engine.table, kinds)


def _in_engine(engine: Engine, name: str, table: str, kinds: Mapping[str, Kind]) -> EngineTable:
    def ask(query: Query) -> Columns:
        return engine.select(query(engine.dialect, table))

    def keep(query: Query) -> EngineTable:
        assert isinstance(engine, KeepsTables)
        return _in_engine(engine, name, engine.keep(query(engine.dialect, table)), {})

    keeps = isinstance(engine, KeepsTables) and engine.keeps
    return EngineTable(engine.title, name, kinds, ask, keep if keeps else None)
