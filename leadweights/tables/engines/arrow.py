"""Engines that take a table of Apache Arrow and give one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leadweights.errors import EngineError
from leadweights.tables.engines.dbapi import one_line
from leadweights.tables.engines.engine import Columns, Holding, columns
from leadweights.tables.table import VIEW, Table

if TYPE_CHECKING:
    import pyarrow as pa


STAGED = "staged"
"""The name of a table that came by Arrow, in the SELECT that gives it the engine's own types."""


def in_quotes(name: str, mark: str = '"') -> str:
    """Write a name as standard SQL has it."""
    return mark + name.replace(mark, mark * 2) + mark


class Arrows:
    """An engine behind two functions.

    `take` is given a table, and the SELECT that makes of it, called `STAGED`, the one to hold;
    `give` runs a SELECT. `problems` are what they raise; `quoted` writes a name.
    """

    table = VIEW

    def __init__(
        self,
        take: Callable[["pa.Table", str], object],
        give: Callable[[str], "pa.Table"],
        *,
        title: str,
        dialect: str,
        holding: Holding,
        problems: tuple[type[Exception], ...],
        largest_ulp: int = 0,
        signed_zero: bool = True,
        quoted: Callable[[str], str] = in_quotes,
    ) -> None:
        self.title, self.dialect, self.largest_ulp = title, dialect, largest_ulp
        self.signed_zero, self.holding = signed_zero, holding
        self._take, self._give, self._problems, self._quoted = take, give, problems, quoted

    def load(self, rows: Table) -> None:
        """Make the table anew, with the engine's own types."""
        arrow = rows.arrow()
        # Some engines change the names in a file.
        plain = [f"c{place}" for place in range(len(rows.types))]
        cast = ", ".join(
            f"CAST({column} AS {self.holding.type_of(kind)}) AS {self._quoted(name)}"
            for column, (name, kind) in zip(plain, rows.types.items(), strict=True)
        )
        with self._refusals():
            self._take(arrow.rename_columns(plain), f"SELECT {cast} FROM {STAGED}")  # noqa: S608

    def selected(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._refusals():
            found = self._give(sql)
        cells = [column.to_pylist() for column in found.columns]
        return columns(found.column_names, list(zip(*cells, strict=True)))

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except self._problems as problem:
            raise EngineError(f"{self.title} says: {one_line(problem)}") from None
