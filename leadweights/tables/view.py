"""Many columns of a view asked at once: each query costs what binding all of its columns does.

SQL is written as text: of expressions made in Python, a long list takes time by its square.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from numpy.typing import NDArray

from leadweights.model.names import quote
from leadweights.tables.duckdb_errors import explain_reading

_FIRST = 2048  # rows that are looked at before all are
_VALUES = 2**22  # read at once


@dataclass(frozen=True, slots=True)
class View:
    """A view called `name`, over the table called `table` where a person reads it."""

    connection: duckdb.DuckDBPyConnection
    name: str
    table: str
    rows: int

    def aggregate(self, aggregates: Sequence[str], *values: object) -> tuple[Any, ...]:
        """Compute aggregates, written in SQL; `$1` is the first of the values."""
        return self._aggregate(aggregates, self.name, *values)

    def never(self, condition: str, columns: Sequence[str]) -> frozenset[str]:
        """Name the columns of which no row meets a condition, SQL with `{}` for the column.

        Most others do so in the first rows.
        """
        for rows in (f"(FROM {self.name} LIMIT {_FIRST})", self.name):
            tests = [f"bool_or({condition.format(quote(name))})" for name in columns]
            found = self._aggregate(tests, rows)
            columns = [name for name, met in zip(columns, found, strict=True) if not met]
        return frozenset(columns)

    def arrays(self, chosen: Mapping[str, str]) -> Iterator[tuple[str, NDArray[Any]]]:
        """Read expressions, written in SQL, by name; NULL is masked, where there is any."""
        for names, sql in self._selects(chosen):
            with explain_reading(self.table):
                found = self.connection.execute(sql).fetchnumpy()
            # By place: in its results DuckDB may spell a name its own way.
            yield from zip(names, found.values(), strict=True)

    def objects(self, columns: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """Read columns as Python objects."""
        for names, sql in self._selects({name: quote(name) for name in columns}):
            with explain_reading(self.table):
                rows = self.connection.execute(sql).fetchall()
            yield from zip(names, zip(*rows, strict=True), strict=True)

    def _aggregate(self, aggregates: Sequence[str], rows: str, *values: object) -> tuple[Any, ...]:
        if not aggregates:
            return ()
        with explain_reading(self.table):
            sql = f"SELECT {', '.join(aggregates)} FROM {rows}"  # noqa: S608
            return tuple(self.connection.execute(sql, values or None).fetchall()[0])

    def _selects(self, chosen: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
        """Write as few SELECTs as a bounded number of values allows, with the names in each."""
        names, most = list(chosen), max(1, _VALUES // max(1, self.rows))
        for first in range(0, len(names), most):
            some = names[first : first + most]
            listed = ", ".join(f"{chosen[name]} AS c{place}" for place, name in enumerate(some))
            yield some, f"SELECT {listed} FROM {self.name}"  # noqa: S608
