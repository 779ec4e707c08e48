"""DuckDB beside numpy, for tests that do not want a whole `Table`."""

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CONNECTION = duckdb.connect(config={"threads": 1})  # tables of a few rows


def duckdb_columns(
    sql: str,
    table: Mapping[str, Floats],
    flags: frozenset[str] = frozenset(),
    *,
    keep_nan: bool = False,
) -> dict[str, Floats]:
    """Run a SELECT over a table `leads` of doubles and flags; NULL becomes NaN.

    NaN goes in as NULL; with `keep_nan` only in even rows, and as NaN in odd ones.
    """
    texts = {
        name: np.array(
            [_text(v, keep_nan and row % 2 == 1, name in flags) for row, v in enumerate(values)],
            dtype=object,
        )
        for name, values in table.items()
    }
    relation = _CONNECTION.register("texts", texts).table("texts")
    casts = [
        duckdb.ColumnExpression(name).cast("BOOLEAN" if name in flags else "DOUBLE").alias(name)
        for name in table
    ]
    relation.select(*casts).create_view("leads", replace=True)
    columns: dict[str, np.ma.MaskedArray[Any, Any]] = {
        name: np.ma.asarray(values)
        for name, values in _CONNECTION.execute(sql).fetchnumpy().items()
    }
    for values in columns.values():
        assert not np.isnan(np.ma.getdata(values)[~np.ma.getmaskarray(values)]).any()
    return {
        name: np.ma.filled(values.astype(np.float64), np.nan) for name, values in columns.items()
    }


def same_bits(left: Floats, right: Floats) -> bool:
    """Compare two columns bit for bit, any NaN equal to any other."""
    a, b = (np.where(np.isnan(side), np.nan, side) for side in (left, right))
    return a.shape == b.shape and bool(np.array_equal(a.view(np.int64), b.view(np.int64)))


def _text(value: float, keep_nan: bool, flag: bool) -> str | None:
    if np.isnan(value) and (flag or not keep_nan):
        return None
    return str(bool(value)).lower() if flag else repr(float(value))
