"""What a database that is written to must do, whatever its driver."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]


class Database(Protocol):
    """A database inside one transaction, which is kept or undone as a whole at its end.

    SQL is written as PostgreSQL reads it, with `?` where a value goes and double quotes around a
    name that is a word of SQL. `dialect` is one of `dialects.DIALECTS`. Where `undoes_tables` is
    false, a statement that makes or drops a table or view ends the transaction, and keeps it.
    """

    title: str
    dialect: str
    undoes_tables: bool

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed. Raises StoreError, EngineError."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a SELECT. Raises StoreError, EngineError."""

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this plain name. Raises StoreError, EngineError."""

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        keys: Sequence[str] = (),
    ) -> None:
        """Add rows to a table; with `keys`, in the place of those with the same.

        Raises StoreError, EngineError.
        """

    def load(
        self, table: str, columns: Sequence[str], file: Path, keys: Sequence[str] = ()
    ) -> None:
        """Do what `insert` does with the rows of a Parquet file, which has these columns."""

    def replace_view(self, name: str, sql: str) -> None:
        """Make a view of a SELECT, in the place of the one that has this quoted name."""


def insert_sql(table: str, columns: Sequence[str], source: str = "") -> str:
    """Write the statement that adds a row, or what a `source` gives."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({names}) {source or f'VALUES ({marks})'}"


def replacing(columns: Sequence[str], keys: Sequence[str]) -> str:
    """Write what ends an INSERT that takes the place of rows with the same keys."""
    if not keys:
        return ""
    new = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {new}"
