"""H2, a database in a Java machine, which runs in this process."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import jpype
from jpype import dbapi2

from leadweights.errors import EngineError
from leadweights.tables.engines.dbapi import Rows
from leadweights.tables.engines.engine import STANDARD_TYPES, Engine, Holding

JAR = "/usr/share/java/h2.jar"
_ABOVE_LONG = 2**63

_HOLDING = Holding(
    {
        **STANDARD_TYPES,
        "DOUBLE": "DOUBLE PRECISION",
        **dict.fromkeys(("UBIGINT", "HUGEINT"), "DECIMAL(39)"),
    },
    unheld=dict.fromkeys(("DOUBLE", "FLOAT"), "{0} = 0 AND signbit({0})"),
)
"""H2 has no -0.0: it becomes 0."""


class H2(Rows):
    """H2 behind its driver of Java's."""

    def _names(self, cursor: dbapi2.Cursor) -> list[str]:
        """Name the columns as the SELECT does, and not as those they were read from."""
        about = cursor.resultSet.getMetaData()
        return [str(about.getColumnLabel(i + 1)) for i in range(about.getColumnCount())]


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a database in memory. The machine, once started, runs until Python ends."""
    try:
        if not jpype.isJVMStarted():
            # Signals are Python's: the machine would end the process by its own means.
            jpype.startJVM("-Xrs", convertStrings=False, interrupt=False)
    except (OSError, RuntimeError) as problem:
        raise EngineError(f"Java does not start: {problem}") from None
    jpype.addClassPath(JAR)
    with closing(dbapi2.connect("jdbc:h2:mem:", driver="org.h2.Driver")) as connection:
        version = connection.connection.getMetaData().getDatabaseProductVersion()
        yield H2(
            connection=connection,
            title=f"H2 {version}".split(" (")[0],
            dialect="h2",
            holding=_HOLDING,
            problems=(dbapi2.Error, jpype.JException),
            largest_ulp=2,
            signed_zero=False,
            cell=_cell,
        )


def _cell(value: Any) -> Any:
    """Give a value as every driver takes it: dates and numbers that are none of Java's as texts."""
    long = isinstance(value, int) and abs(value) >= _ABOVE_LONG
    return str(value) if long or isinstance(value, date | Decimal) else value
