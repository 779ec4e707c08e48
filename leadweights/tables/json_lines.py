"""JSON lines: one object a line, and no guess at how a date is written."""

from pathlib import Path

import duckdb

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables import csv

_MAY_BE_MISREAD = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


def relation(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """Open the file, every line considered for the types.

    On its own DuckDB takes 26-03-25 for the year 26: only what is written year first, as in CSV
    files, is a date.

    Raises TableError for lines that are no objects.
    """
    found = _read(connection, path, {})
    if found.columns == ["json"]:
        raise TableError(f"{path} must hold one JSON object a line")
    kinds = dict(zip(found.columns, map(str, found.types), strict=True))
    asked = [name for name, kind in kinds.items() if kind in _MAY_BE_MISREAD]
    if not asked:
        return found
    texts = _read(connection, path, kinds | dict.fromkeys(asked, "VARCHAR"))
    odd = ", ".join(f"bool_or(NOT regexp_matches({quote(name)}, '{csv.ISO}'))" for name in asked)
    (misread,) = texts.aggregate(odd).fetchall()
    as_text = [
        name
        for name, is_odd in zip(asked, misread, strict=True)
        if is_odd or kinds[name] not in ("DATE", "TIMESTAMP")
    ]
    return _read(connection, path, kinds | dict.fromkeys(as_text, "VARCHAR"))


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, types: dict[str, str]
) -> duckdb.DuckDBPyRelation:
    return connection.read_json(
        csv.literal(path),
        columns=types or None,
        format="newline_delimited",
        sample_size=-1,
        hive_partitioning=False,
        date_format="iso",
        timestamp_format="iso",
    )
