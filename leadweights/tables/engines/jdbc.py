"""Databases written in Java: one Java machine for all, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import jpype
from jpype import dbapi2

from leadweights.errors import EngineError
from leadweights.tables.engines.dbapi import Rows

_ABOVE_LONG = 2**63


class Jdbc(Rows):
    """An engine behind a driver of Java's."""

    def __init__(self, connection: dbapi2.Connection, name: str, **settings: Any) -> None:
        about = connection.connection.getMetaData()
        super().__init__(
            connection=connection,
            title=f"{name} {about.getDatabaseProductVersion()}".split(" (")[0],
            problems=(dbapi2.Error, jpype.JException),
            cell=_cell,
            **settings,
        )

    def _names(self, cursor: dbapi2.Cursor) -> list[str]:
        """Name the columns as the SELECT does, and not as those they were read from."""
        about = cursor.resultSet.getMetaData()
        return [str(about.getColumnLabel(i + 1)) for i in range(about.getColumnCount())]


@contextmanager
def connect(jar: str, driver: str, url: str) -> Iterator[dbapi2.Connection]:
    """Connect to a database in memory. The machine, once started, runs until Python ends."""
    try:
        if not jpype.isJVMStarted():
            jpype.startJVM(convertStrings=False, interrupt=False)
    except (OSError, RuntimeError) as problem:
        raise EngineError(f"Java does not start: {problem}") from None
    jpype.addClassPath(jar)
    connection = dbapi2.connect(url, driver=driver)
    try:
        yield connection
    finally:
        connection.close()


def _cell(value: Any) -> Any:
    """Give a value as every driver takes it: dates and numbers that are none of Java's as texts."""
    long = isinstance(value, int) and abs(value) >= _ABOVE_LONG
    return str(value) if long or isinstance(value, date | Decimal) else value
