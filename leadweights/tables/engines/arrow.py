"""Engines that take a table of Apache Arrow and give one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadweights.model.names import quote
from leadweights.tables.engines.engine import Columns, DrivenEngine, columns
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


STAGED = "staged"
"""The name of a table that came by Arrow, in the SELECT that gives it the engine's own types."""


@dataclass(kw_only=True, eq=False)
class Arrows(DrivenEngine):
    """An engine behind two functions.

    `take` is given a table, and the SELECT that makes of it, called `STAGED`, the one to hold;
    `give` runs a SELECT; `quote` writes a name.
    """

    take: Callable[["pa.Table", str], object]
    give: Callable[[str], "pa.Table"]
    quote: Callable[[str], str] = quote

    def load(self, rows: Table) -> None:
        """Make the table anew, with the engine's own types."""
        arrow = rows.arrow()
        # Some engines change the names in a file.
        plain = [f"c{place}" for place in range(len(rows.types))]
        cast = ", ".join(
            f"CAST({column} AS {self.holding.type_of(kind)}) AS {self.quote(name)}"
            for column, (name, kind) in zip(plain, rows.types.items(), strict=True)
        )
        with self._refusals():
            self.take(arrow.rename_columns(plain), f"SELECT {cast} FROM {STAGED}")  # noqa: S608

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._refusals():
            found = self.give(sql)
        cells = [column.to_pylist() for column in found.columns]
        return columns(found.column_names, list(zip(*cells, strict=True)))
