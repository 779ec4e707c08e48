"""JSON lines: one object a line, and no guess at how a date is written."""

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables import csv
from leadweights.tables.encoding import MARKS, UTF_8, open_bytes

_MAY_BE_MISREAD = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


def relation(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """Open the file, every line considered for the types.

    On its own DuckDB takes 26-03-25 for the year 26: only what is written year first, as in CSV
    files, is a date.

    Raises TableError for lines that are no objects.
    """
    with open_bytes(path) as file:
        first = file.read(4)
    for mark, name in MARKS.items():
        if first.startswith(mark):
            what = "a byte order mark" if name == UTF_8 else f"{name.upper()} text"
            raise TableError(f"cannot read {path}: it has {what}; save it as plain UTF-8")
    try:
        found = _read(connection, path, {})
    except duckdb.InvalidInputException:
        _refuse_lines(path)
        raise
    if found.columns == ["json"]:
        _refuse_lines(path)
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


def _refuse_lines(path: Path) -> None:
    """Raise TableError for the first line that is no object: DuckDB says less of it."""
    with open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            if number == 1 and line.lstrip().startswith(b"["):
                raise TableError(
                    f"{path} must hold one JSON object a line, and is one list of them"
                )
            if not line.strip():
                continue
            try:
                is_object = isinstance(keys := json.loads(line), dict)
            except (ValueError, RecursionError):
                is_object = False
            if not is_object:
                raise TableError(
                    f"{path} must hold one JSON object a line, and line {number} is none"
                )
            if twice := _find_alike(keys):
                raise TableError(
                    f"{path}: columns {twice[0]!r} and {twice[1]!r} on line {number} differ in "
                    "case only, which SQL does not see; rename one"
                )


def _find_alike(keys: Iterable[str]) -> tuple[str, str] | None:
    """Find two names that differ in case only."""
    seen: dict[str, str] = {}
    for key in keys:
        other = seen.setdefault(key.lower(), key)
        if other != key:
            return other, key
    return None
