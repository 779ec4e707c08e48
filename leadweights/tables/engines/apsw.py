"""SQLite through APSW, which brings a newer one than Python has."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import apsw

from leadweights.tables.engines import sqlite
from leadweights.tables.engines.engine import Engine


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a database in memory."""
    with closing(apsw.Connection(":memory:")) as connection:
        yield sqlite.engine(connection, apsw.sqlite_lib_version(), apsw.Error)
