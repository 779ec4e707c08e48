"""Rows that Python holds: tables of Arrow and what can give one, lists of dicts, one dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

import duckdb
import numpy as np

from leadweights.errors import TableError

_CELLS = (bool, int, float, str, bytes, Decimal, date, time, timedelta, list, tuple, dict)
_NAME = "leadweights_rows"


@runtime_checkable
class ArrowStream(Protocol):
    """What gives its columns by Arrow's C interface: polars, pyarrow and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give the columns."""


class _Stream:
    """An Arrow stream and nothing else: DuckDB would import pyarrow for a polars DataFrame."""

    def __init__(self, source: ArrowStream) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)


def open_rows(
    connection: duckdb.DuckDBPyConnection, source: object, own: str = _NAME
) -> tuple[str, list[str], duckdb.DuckDBPyRelation] | None:
    """Open rows, with a name for them and those of their columns; None for what holds no rows.

    They are held under a name of their `own` on the connection. Raises TableError for a name or a
    value that a table cannot have.
    """
    if hasattr(source, "collect_schema") and hasattr(source, "collect"):
        source = source.collect()  # a LazyFrame
    elif hasattr(source, "read_all"):
        source = source.read_all()  # a stream that can be read once
    if hasattr(source, "to_frame"):
        return None  # one column, of pandas or polars
    if isinstance(source, ArrowStream):
        names = [str(name) for name in _arrow_names(source)]
        relation = connection.register(own, _Stream(source)).table(own)
        return "the DataFrame", names or relation.columns, relation
    if isinstance(source, Mapping):
        is_table = bool(source) and all(map(_is_column, source.values()))
        columns = source if is_table else {name: [value] for name, value in source.items()}
        where = "the dict of columns" if is_table else "the dict"
        return where, list(columns), relation_of(connection, columns, where, own)
    if isinstance(source, Sequence) and not isinstance(source, str | bytes):
        for place, row in enumerate(source):
            if not isinstance(row, Mapping):
                raise TableError(
                    f"a list of dicts is needed, one for each row, and item {place} is "
                    f"{full_name(row)}"
                )
        columns = {name: [row.get(name) for row in source] for row in source for name in row}
        return "the list", list(columns), relation_of(connection, columns, "the list", own)
    return None


def _arrow_names(source: object) -> Sequence[object]:
    return getattr(source, "column_names", None) or getattr(source, "columns", [])


def _is_column(value: object) -> bool:
    if isinstance(value, str | bytes | Mapping):
        return False
    return isinstance(value, Sequence) or (hasattr(value, "__len__") and hasattr(value, "__iter__"))


def full_name(value: object) -> str:
    """Name a value's class as it is imported."""
    return _name(type(value))


def _name(kind: type) -> str:
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def relation_of(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, Any],
    where: str,
    own: str = _NAME,
) -> duckdb.DuckDBPyRelation:
    """Make a relation of columns of Python's values; None, NaN, NA and NaT are NULL.

    Raises TableError for columns of different lengths, a name that is no text, and values that
    cannot be read.
    """
    arrays = {}
    if not columns:
        raise TableError(f"{where} has no columns")
    for name, values in columns.items():
        if not isinstance(name, str):
            raise TableError(f"{where}: column name {name!r} is not text; rename it")
        arrays[name] = np.empty(len(values), dtype=object)
        arrays[name][:] = [_read_cell(value, name, where) for value in values]
    lengths = {name: len(array) for name, array in arrays.items()}
    longest = max(lengths, key=lambda name: lengths[name])
    for name, length in lengths.items():
        if length != lengths[longest]:
            raise TableError(
                f"{where}: column {name!r} has {length} values, {longest!r} has {lengths[longest]}"
            )
    if not lengths[longest]:
        raise TableError(f"{where} has column names but no rows")
    for name, array in arrays.items():
        kinds = {type(value) for value in array if value is not None}
        if bool in kinds and len(kinds) > 1:
            raise TableError(
                f"{where}: column {name!r} holds {' and '.join(sorted(map(_name, kinds)))}, which "
                "cannot be read together; convert or drop it"
            )
    return connection.register(own, arrays).table(own)


def _read_cell(value: Any, name: str, where: str) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if not isinstance(value, _CELLS):
        raise TableError(
            f"{where}: column {name!r} holds {full_name(value)}, which cannot be read; convert or "
            "drop it"
        )
    return value
