"""A DuckDB file: it is one process's alone while it is open, so it is open for moments."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np

from leadweights.errors import EngineError, StoreError
from leadweights.tables.csv import literal
from leadweights.tables.databases.database import Row, insert_sql, replacing

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is loaded from the network; a file of another database is none of DuckDB's.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # The type of a column of Python objects comes from all of them, not from a sample.
    "pandas_analyze_sample": 2**62,
}
_LOOK_SECONDS = 0.02
_NEW = "leadweights_new_rows"
_NO_DATABASE = "not a valid DuckDB"
_BUSY = re.compile("lock on file|different configuration|Unique file handle conflict")

# In one process DuckDB opens a file several times: then its users take turns here.
_TURNS: dict[Path, Lock] = {}


class DuckDBFile:
    """A connection to a file, inside a transaction."""

    dialect = "duckdb"
    undoes_tables = True

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: str) -> None:
        self.title = f"DuckDB {duckdb.__version__}"
        self._connection, self._place = connection, place

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with _explain(self._place):
            found = self._connection.execute(sql, values).fetchall()
        return int(found[0][0]) if found and isinstance(found[0][0], int) else 0

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a SELECT."""
        with _explain(self._place):
            return self._connection.execute(sql, values).fetchall()

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this plain name."""
        sql = "SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND NOT temporary"
        return bool(self.rows(sql, [name]))

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        keys: Sequence[str] = (),
    ) -> None:
        """Add rows to a table, in the place of those with the same keys."""
        cells = list(rows)
        if not cells:
            return
        # Row by row it takes a thousand times as long.
        arrays = {
            f"c{place}": np.array([*values, None], dtype=object)[:-1]
            for place, values in enumerate(zip(*cells, strict=True))
        }
        source = f"SELECT {', '.join(arrays)} FROM {_NEW}"  # noqa: S608
        with _explain(self._place):
            self._connection.register(_NEW, arrays)
            self._connection.execute(insert_sql(table, columns, source) + replacing(columns, keys))
            self._connection.unregister(_NEW)

    def load(
        self, table: str, columns: Sequence[str], file: Path, keys: Sequence[str] = ()
    ) -> None:
        """Add the rows of a Parquet file, in the place of those with the same keys."""
        source = f"SELECT {', '.join(columns)} FROM read_parquet(?)"  # noqa: S608
        sql = insert_sql(table, columns, source) + replacing(columns, keys)
        self.run(sql, [literal(file)])

    def replace_view(self, name: str, sql: str) -> None:
        """Make a view of a SELECT, in the place of the one that has this name."""
        self.run(f"CREATE OR REPLACE VIEW {name} AS\n{sql}")


@contextmanager
def transact(
    place: Path, *, write: bool, create: bool, wait_seconds: float
) -> Iterator[DuckDBFile]:
    """Open a file for one transaction. Raises StoreError, EngineError."""
    if not place.exists() and not create:
        raise StoreError(f"there is no file {place}: leadweights registry init makes one")
    if place.exists() and not _is_database(place):
        raise _unusable(place, _NO_DATABASE)
    turn = _TURNS.setdefault(place.absolute(), Lock())
    latest = time.monotonic() + wait_seconds
    if not turn.acquire(timeout=max(wait_seconds, 0.0)):
        raise StoreError(_say_locked(place, "another thread of this process", wait_seconds))
    try:
        connection = _open(place, write, latest, wait_seconds)
        try:
            connection.execute("BEGIN TRANSACTION")
            yield DuckDBFile(connection, str(place))
            with _explain(str(place)):
                connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.close()
    finally:
        turn.release()


def _open(
    place: Path, write: bool, latest: float, wait_seconds: float
) -> duckdb.DuckDBPyConnection:
    """Open a file as soon as no other process has it, until a moment of the monotonic clock."""
    while True:
        try:
            return duckdb.connect(str(place), read_only=not write, config=_CONFIG)
        except duckdb.Error as problem:
            said = " ".join(str(problem).split())
            if not _BUSY.search(said):
                raise _unusable(place, said) from None
            if time.monotonic() >= latest:
                found = re.search(r"PID (\d+)", said)
                who = f"another process (PID {found[1]})" if found else "another connection"
                raise StoreError(_say_locked(place, who, wait_seconds)) from None
            time.sleep(_LOOK_SECONDS)


def _is_database(place: Path) -> bool:
    """Tell whether a file is one of DuckDB's, which takes some others for tables of its own."""
    try:
        with place.open("rb") as file:
            begin = file.read(12)
    except IsADirectoryError:
        return False
    except OSError as problem:
        raise StoreError(f"cannot read {place}: {problem.strerror}") from None
    return begin[8:] == b"DUCK" or not begin


def _say_locked(place: Path, who: str, waited: float) -> str:
    return (
        f"{place} is locked by {who}, after {waited:g} seconds of waiting; nothing was changed: "
        "try again when that is done"
    )


def _unusable(place: Path, said: str) -> StoreError:
    """Say why a file cannot be opened."""
    if _NO_DATABASE in said:
        return StoreError(
            f"{place} is no DuckDB database; another database is named by its URL, such as "
            f"sqlite:///{place}"
        )
    if "Permission denied" in said or "Read-only file system" in said:
        return StoreError(f"{place} is read-only, or may not be read: nothing was changed")
    return StoreError(f"cannot open {place}: {said.split('See also')[0].strip()}")


@contextmanager
def _explain(place: str) -> Iterator[None]:
    """Make one line of what DuckDB raises."""
    try:
        yield
    except duckdb.Error as problem:
        said = " ".join(str(problem).split())
        if "read-only" in said.lower():
            raise StoreError(f"{place} is read-only: nothing was changed") from None
        if "interrupted" in said.lower():
            raise KeyboardInterrupt from None
        raise EngineError(f"DuckDB says: {said}") from None
