"""H2, a database in a Java machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadweights.tables.engines.engine import STANDARD_TYPES, Engine, Holding
from leadweights.tables.engines.jdbc import Jdbc, connect

JAR = "/usr/share/java/h2.jar"

_HOLDING = Holding(
    {
        **STANDARD_TYPES,
        "DOUBLE": "DOUBLE PRECISION",
        **dict.fromkeys(("UBIGINT", "HUGEINT"), "DECIMAL(39)"),
    },
    unheld=dict.fromkeys(("DOUBLE", "FLOAT"), "{0} = 0 AND signbit({0})"),
)
"""H2 has no -0.0: it becomes 0."""


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a database in memory."""
    with connect(JAR, "org.h2.Driver", "jdbc:h2:mem:") as connection:
        yield Jdbc(
            connection, "H2", dialect="h2", holding=_HOLDING, largest_ulp=2, signed_zero=False
        )
