"""Columns of one's own put beside those of a table, whatever holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables.open import Source, open_table
from leadweights.tables.python_rows import ArrowStream

_BESIDE = "leadweights_beside"


def put_beside(
    source: Source, columns: Mapping[str, NDArray[Any]], counting: str | None = None
) -> ArrowStream:
    """Put columns of numbers, shape (rows,), beside those of a table, in the order of its rows.

    Of the column `counting`, rows with 0 are left out. The types of the table stay as they are.

    Raises TableError for another number of rows, and for a name that the table has.
    """
    connection = duckdb.connect()
    table = open_table(source, connection=connection)
    for name, values in columns.items():
        if len(values) != table.rows:
            raise TableError(f"{table.name} has {table.rows} rows, {name!r} has {len(values)}")
        if name.lower() in {own.lower() for own in table.types}:
            raise TableError(f"{table.name} has a column {name!r} already; rename it")
    connection.register(_BESIDE, {name: np.array(values) for name, values in columns.items()})
    where = f" WHERE {quote(counting)} > 0" if counting else ""
    found = connection.sql(f"FROM {table.view} POSITIONAL JOIN {_BESIDE}{where}")
    stream: ArrowStream = found
    return stream
