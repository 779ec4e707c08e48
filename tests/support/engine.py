"""DuckDB beside numpy, for tests that do not want a whole `Table`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.texts import Texts, texts

_CONNECTION = duckdb.connect(config={"threads": 1})  # tables of a few rows


def duckdb_columns(
    sql: str,
    table: Mapping[str, Values],
    types: Mapping[str, str] = MappingProxyType({}),
    *,
    keep_nan: bool = False,
) -> dict[str, Floats]:
    """Run a SELECT over a table `leads`, loaded as `load` does; NULL becomes NaN."""
    load(table, types, keep_nan=keep_nan)
    return selected(sql)


def load(
    table: Mapping[str, Values],
    types: Mapping[str, str] = MappingProxyType({}),
    *,
    keep_nan: bool = False,
) -> None:
    """Make a table `leads`, for `selected`.

    Columns are of `types`, DOUBLE where none is given; a DATE is in days since 1970-01-01. NaN
    goes in as NULL; with `keep_nan` only in even rows, and as NaN in odd ones.
    """
    kinds = {name: types.get(name, "DOUBLE") for name in table}
    written = {
        name: np.array(cells(values, kinds[name], keep_nan=keep_nan), dtype=object)
        for name, values in table.items()
    }
    relation = _CONNECTION.register("texts", written).table("texts")
    casts = [duckdb.ColumnExpression(name).cast(kinds[name]).alias(name) for name in table]
    relation.select(*casts).create_view("leads", replace=True)


def selected(sql: str) -> dict[str, Floats]:
    """Run a SELECT of numbers over the table that was loaded last; NULL becomes NaN."""
    found = selected_values(sql)
    return {name: values for name, values in found.items() if not isinstance(values, Texts)}


def selected_values(sql: str) -> dict[str, Values]:
    """Run a SELECT over the table that was loaded last; NULL becomes NaN, or a missing text."""
    found = _CONNECTION.execute(sql).fetchnumpy()
    return {name: _values(np.ma.asarray(values)) for name, values in found.items()}


def _values(column: "np.ma.MaskedArray[Any, Any]") -> Values:
    missing = np.ma.getmaskarray(column)
    if column.dtype == object:
        listed = np.ma.getdata(column).tolist()
        return texts(None if gone else v for v, gone in zip(listed, missing, strict=True))
    assert not np.isnan(np.ma.getdata(column)[~missing]).any()
    return np.ma.filled(column.astype(np.float64), np.nan)


def cells(values: Values, sql_type: str, *, keep_nan: bool = False) -> list[str | None]:
    """Write a column's values as text that its SQL type reads, None for NULL."""
    if isinstance(values, Texts):
        return values.values()
    return [
        _text(float(value), sql_type, keep_nan and row % 2 == 1) for row, value in enumerate(values)
    ]


def numbers_in(part: object) -> list[float]:
    """List the numbers in a model, a formula or a stage, however deep."""
    if isinstance(part, float):
        return [part]
    if isinstance(part, tuple):
        return [value for item in part for value in numbers_in(item)]
    if is_dataclass(part) and not isinstance(part, type):
        return [value for f in fields(part) for value in numbers_in(getattr(part, f.name))]
    return []


def same(left: Values, right: Values) -> bool:
    """Compare two columns: numbers bit for bit, texts letter by letter."""
    if isinstance(left, Texts) or isinstance(right, Texts):
        both = isinstance(left, Texts) and isinstance(right, Texts)
        return both and left.values() == right.values()  # type: ignore[union-attr]
    return same_bits(left, right)


def same_bits(left: Floats, right: Floats) -> bool:
    """Compare two columns bit for bit, any NaN equal to any other."""
    a, b = (np.where(np.isnan(side), np.nan, side) for side in (left, right))
    return a.shape == b.shape and bool(np.array_equal(a.view(np.int64), b.view(np.int64)))


def _text(value: float, sql_type: str, keep_nan: bool) -> str | None:
    if np.isnan(value) and not (keep_nan and sql_type == "DOUBLE"):
        return None
    match sql_type:
        case "BOOLEAN":
            return str(bool(value)).lower()
        case "DATE":
            return str(np.datetime64(int(value), "D"))
        case _:
            return repr(value)
