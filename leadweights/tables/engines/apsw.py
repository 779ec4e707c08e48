"""SQLite through APSW, which brings a newer one than Python has."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from leadweights.tables.engines import sqlite
from leadweights.tables.engines.engine import Engine


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a database in memory."""
    connection = apsw.Connection(":memory:")
    try:
        yield sqlite.engine(connection, apsw.sqlite_lib_version(), apsw.Error)
    finally:
        connection.close()
