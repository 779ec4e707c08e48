"""SQLite: the one Python has, or a newer one through APSW."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from leadweights.engines.engine import Engine, Holding
from leadweights.engines.rows import Rows

HOLDING = Holding(
    {
        **dict.fromkeys(("DOUBLE", "FLOAT", "DECIMAL"), "REAL"),
        **dict.fromkeys(("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "INTEGER"),
        **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "INTEGER"),
        **dict.fromkeys(("VARCHAR", "DATE", "TIMESTAMP"), "TEXT"),
    },
    unheld=dict.fromkeys(("DOUBLE", "FLOAT"), "{0} = 0 AND signbit({0})"),
)
"""SQLite has no DECIMAL: it holds the double that is nearest. NaN becomes NULL, and -0.0 is 0."""


@contextmanager
def opened() -> Iterator[Engine]:
    """Open a database in memory."""
    connection = sqlite3.connect(":memory:")
    try:
        yield Rows(
            connection,
            title=f"SQLite {sqlite3.sqlite_version}",
            dialect="sqlite",
            holding=HOLDING,
            problems=(sqlite3.Error,),
            cell=cell,
        )
    finally:
        connection.close()


def cell(value: Any) -> Any:
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
