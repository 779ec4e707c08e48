"""DuckDB, where every table is already: nothing is loaded."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadweights.tables.engines.engine import Columns, Engine, Holding
from leadweights.tables.table import Table, engine


class DuckDB:
    """The engine of this library."""

    dialect = "duckdb"
    largest_ulp = 0
    signed_zero = True
    holding = Holding({})

    def __init__(self) -> None:
        self.title = engine()

    def load(self, rows: Table) -> None:
        """Take the table as it is."""
        self._rows = rows

    @property
    def table(self) -> str:
        """Name the table that was taken."""
        return self._rows.view

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        return self._rows.select(sql)


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open what is open anyway."""
    yield DuckDB()
