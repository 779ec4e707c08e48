"""Engines that take rows of Python values through a cursor, as PEP 249 has it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from leadweights.model.names import quote
from leadweights.tables.engines.engine import Columns, DrivenEngine, columns
from leadweights.tables.table import Table

_AT_ONCE = 500


@dataclass(kw_only=True, eq=False)
class Rows(DrivenEngine):
    """An engine behind a connection of PEP 249; `quote` is the mark around a name.

    `cell` makes of a value one that the driver takes; `create` begins the statement that makes a
    table.
    """

    connection: Any
    quote: str = '"'
    placeholder: str = "?"
    create: str = "CREATE TABLE"
    cell: Callable[[Any], Any] | None = None

    def load(self, rows: Table) -> None:
        """Make the table anew, and fill it."""
        names = [quote(name, self.quote) for name in rows.types]
        kinds = [self.holding.type_of(kind) for kind in rows.types.values()]
        described = ", ".join(f"{n} {kind}" for n, kind in zip(names, kinds, strict=True))
        own = quote(self.table, self.quote)
        cells = rows.all_values()
        if self.cell is not None:
            cells = [tuple(map(self.cell, row)) for row in cells]
        with self._cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {own}")
            cursor.execute(f"{self.create} {own} ({described})")
            self._fill(cursor, cells)

    def _fill(self, cursor: Any, cells: Sequence[tuple[Any, ...]]) -> None:
        """Put rows into the table that was just made."""
        for start in range(0, len(cells), _AT_ONCE):
            some = cells[start : start + _AT_ONCE]
            row = ", ".join([self.placeholder] * len(some[0]))
            cursor.executemany(f"INSERT INTO {quote(self.table, self.quote)} VALUES ({row})", some)  # noqa: S608

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._cursor() as cursor:
            cursor.execute(sql)
            return columns(self._names(cursor), cursor.fetchall())

    def _names(self, cursor: Any) -> list[str]:
        """Name the columns of a result."""
        return [described[0] for described in cursor.description]

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._refusals(), closing(self.connection.cursor()) as cursor:
            yield cursor
