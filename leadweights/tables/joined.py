"""A column of another table beside the rows that have the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables.duckdb_errors import explain_reading
from leadweights.tables.keys import find_repeated_key, key_as_text
from leadweights.tables.open import Source, open_table
from leadweights.tables.table import Table

_OTHER, _FOUND, _JOINED = "rows_to_join", "what_was_joined", "joined_leads"
_ROW = "leadweights_row"


def join_column(table: Table, other: Source, keys: Sequence[str], column: str) -> Table:
    """Give a table with a number of another one where the keys are the same, NULL elsewhere.

    Keys are compared as text: 7 is 7.0 and "7", and "007" another one. Rows keep their order.
    Eight bytes a row are taken for it.

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
    twice = find_repeated_key(joined, theirs)
    if twice is not None:
        raise TableError(
            f"{joined.name}: {', '.join(map(repr, twice))} stands twice or is missing, so its "
            f"{column!r} belongs to no one row"
        )
    same = " AND ".join(
        f"{key_as_text(table, mine, 'numbered')} = {key_as_text(joined, their, _OTHER)}"
        for mine, their in zip(own, theirs, strict=True)
    )
    connection = table._connection
    numbered = f"SELECT *, row_number() OVER () AS {_ROW} FROM {table.view}"  # noqa: S608
    # A join keeps no order, so its result is sorted; and put beside the rows, which keep theirs.
    sql = (
        f"SELECT {_OTHER}.{quote(value)}::DOUBLE AS found FROM ({numbered}) AS numbered "  # noqa: S608
        f"LEFT JOIN {_OTHER} ON {same} ORDER BY {_ROW}"
    )
    with explain_reading(table.name):
        held: Any = connection.execute(sql).fetchnumpy()["found"]
        found = np.ma.filled(held.astype(np.float64), np.nan)
        if np.isnan(found).all():
            raise TableError(
                f"{joined.name} and {table.name} have no {', '.join(keys)} in common: is it the "
                "same table, with the same keys?"
            )
        connection.register(_FOUND, {_ROW: found})
        beside = f"CASE WHEN NOT isnan({_ROW}) THEN {_ROW} END AS {quote(column)}"
        chosen = f"{table.view}.*, {beside} FROM {table.view} POSITIONAL JOIN {_FOUND}"
        relation = connection.sql(f"SELECT {chosen}")
    return Table(connection, relation, table.name, table._origin, _JOINED)
