"""A long table in pieces: each row is read once, wherever the piece stands in the table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from leadweights.files.temporary import make_temporary_folder
from leadweights.model.names import quote
from leadweights.tables.file import PARQUET, path_of
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import Table


def cut(table: Table, most: int, columns: Collection[str]) -> Iterator[tuple[int, Table]]:
    """Cut the rows into tables of at most so many, each after how many rows it begins.

    Each is in memory, with those of the `columns` that are there, until the next one is made: so
    however many queries ask for it, the rows are read once. A table of no more rows stays as it is.
    """
    if table.rows <= most:
        yield 0, table
        return
    names = _choose(table, columns)
    for first in range(0, table.rows, most):
        yield first, table.hold(names, first, most)


@contextmanager
def seekable(table: Table, source: Source, most: int, columns: Collection[str]) -> Iterator[Table]:
    """Give a table whose rows are found without reading those before them, if it has more rows.

    Of a text file each piece would be read from the file's beginning, which takes time by the
    square of the rows: it is read once, into a temporary copy in Parquet. What Parquet cannot hold
    stays where it is. Raises TableError for rows that cannot be read, OutputError.
    """
    path = path_of(source)
    if table.rows <= most or path is None or path.suffix.lower() in PARQUET:
        yield table
        return
    names = _choose(table, columns)
    with make_temporary_folder() as folder:
        copy = folder / "rows.parquet"
        chosen = ", ".join(map(quote, names))
        table.write_select(f"SELECT {chosen} FROM {table.view}", copy, parquet=True)  # noqa: S608
        kept = open_table(copy)
        kept.name = table.name
        yield kept if kept.types == {name: table.types[name] for name in names} else table


def _choose(table: Table, columns: Collection[str]) -> list[str]:
    wanted = {name.lower() for name in columns}
    return [name for name in table.types if name.lower() in wanted] or list(table.types)
