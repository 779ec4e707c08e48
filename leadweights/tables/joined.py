"""A column of another table beside the rows that have the same keys."""

from __future__ import annotations

from collections.abc import Sequence

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import Table

_OTHER = "rows_to_join"


def join_column(table: Table, other: Source, keys: Sequence[str], column: str) -> Table:
    """Give a table with a number of another one where the keys are the same, NULL elsewhere.

    Keys are compared as text: 7 is "7", and "007" another one. Rows keep their order.

    Raises TableError for another table that lacks the keys or the column, or has the same keys
    twice; for one that has none of the keys, and for a column that is there already.
    """
    joined = open_table(other, keys, table._connection, view=_OTHER)
    own = [table.require(key) for key in keys]
    theirs = [joined.require(key) for key in keys]
    value = joined.require(column)
    joined.require_number(value)
    if column.lower() in map(str.lower, table.types):
        raise TableError(
            f"{table.name} has a column {column!r} itself: leave it out, or {joined.name}"
        )
    twice = joined.find_repeated(theirs)
    if twice is not None:
        raise TableError(
            f"{joined.name}: {', '.join(map(repr, twice))} stands twice or is missing, so its "
            f"{column!r} belongs to no one row"
        )
    same = " AND ".join(
        f"{table.view}.{quote(mine)}::VARCHAR = {_OTHER}.{quote(their)}::VARCHAR"
        for mine, their in zip(own, theirs, strict=True)
    )
    found = f"FROM {_OTHER} WHERE {same}"
    if not table.derive("1 AS one", f"EXISTS (SELECT 1 {found})").rows:
        raise TableError(
            f"{joined.name} and {table.name} have no {', '.join(keys)} in common: is it the same "
            "table, with the same keys?"
        )
    return table.derive(f"*, (SELECT {quote(value)} {found}) AS {quote(column)}")
