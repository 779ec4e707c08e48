"""Engines that take rows of Python values through a cursor, as PEP 249 has it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from leadweights.errors import EngineError
from leadweights.tables.engines.engine import Columns, Holding, columns
from leadweights.tables.table import VIEW, Table

_AT_ONCE = 500


class Rows:
    """An engine behind a connection of PEP 249; `quote` are the marks around a name.

    `problems` are what its driver raises; `cell` makes of a value one that the driver takes;
    `create` begins the statement that makes a table.
    """

    table = VIEW

    def __init__(
        self,
        connection: Any,
        *,
        title: str,
        dialect: str,
        holding: Holding,
        problems: tuple[type[Exception], ...],
        largest_ulp: int = 0,
        signed_zero: bool = True,
        quote: str = '"',
        placeholder: str = "?",
        create: str = "CREATE TABLE",
        after: str = "",
        cell: Callable[[Any], Any] | None = None,
    ) -> None:
        self.title, self.dialect, self.largest_ulp = title, dialect, largest_ulp
        self.signed_zero, self.holding = signed_zero, holding
        self._connection, self._problems = connection, problems
        self._quote, self._placeholder, self._cell = quote, placeholder, cell
        self._create, self._after = create, after

    def load(self, rows: Table) -> None:
        """Make the table anew, and fill it."""
        names = [self._quoted(name) for name in rows.types]
        kinds = [self.holding.type_of(kind) for kind in rows.types.values()]
        described = ", ".join(f"{n} {kind}" for n, kind in zip(names, kinds, strict=True))
        own = self._quoted(self.table)
        cells = rows.all_values()
        if self._cell is not None:
            cells = [tuple(map(self._cell, row)) for row in cells]
        with self._cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {own}")
            cursor.execute(f"{self._create} {own} ({described}){self._after}")
            self._fill(cursor, cells)

    def _fill(self, cursor: Any, cells: Sequence[tuple[Any, ...]]) -> None:
        """Put rows into the table that was just made."""
        for start in range(0, len(cells), _AT_ONCE):
            some = cells[start : start + _AT_ONCE]
            row = ", ".join([self._placeholder] * len(some[0]))
            cursor.executemany(f"INSERT INTO {self._quoted(self.table)} VALUES ({row})", some)  # noqa: S608

    def selected(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._cursor() as cursor:
            cursor.execute(sql)
            return columns(self._names(cursor), cursor.fetchall())

    def _names(self, cursor: Any) -> list[str]:
        """Name the columns of a result."""
        return [described[0] for described in cursor.description]

    def _quoted(self, name: str) -> str:
        return self._quote + name.replace(self._quote, self._quote * 2) + self._quote

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        except self._problems as problem:
            raise EngineError(f"{self.title} says: {one_line(problem)}") from None
        finally:
            cursor.close()


def one_line(problem: Exception, most: int = 300) -> str:
    """Keep the beginning of what an engine says, on one line."""
    said = " ".join(str(problem).split())
    return said if len(said) <= most else said[:most] + "..."
