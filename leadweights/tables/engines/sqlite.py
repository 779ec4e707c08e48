"""SQLite: the one Python has, or one behind another connection."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from leadweights.tables.engines.dbapi import Rows
from leadweights.tables.engines.engine import Engine, Holding

_HOLDING = Holding(
    {
        **dict.fromkeys(("DOUBLE", "FLOAT", "DECIMAL"), "REAL"),
        **dict.fromkeys(("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "INTEGER"),
        **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "INTEGER"),
        **dict.fromkeys(("VARCHAR", "DATE", "TIMESTAMP"), "TEXT"),
    },
    unheld=dict.fromkeys(("DOUBLE", "FLOAT"), "{0} = 0 AND signbit({0})"),
)
"""SQLite has no DECIMAL: it holds the double that is nearest. NaN becomes NULL, and -0.0 is 0."""


def engine(connection: Any, version: str, problem: type[Exception]) -> Engine:
    """Give the engine behind a connection, whoever's it is; `problem` is what it raises."""
    return Rows(
        connection=connection,
        title=f"SQLite {version}",
        dialect="sqlite",
        holding=_HOLDING,
        problems=(problem,),
        cell=_cell,
    )


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a database in memory."""
    with closing(sqlite3.connect(":memory:")) as connection:
        yield engine(connection, sqlite3.sqlite_version, sqlite3.Error)


def _cell(value: Any) -> Any:
    """Give a value as SQLite stores it: dates are texts."""
    match value:
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return value
