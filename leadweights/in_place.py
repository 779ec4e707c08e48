"""A proof on a table that already is in a warehouse: only a sample of its rows comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from leadweights.engines import warehouse
from leadweights.engines.engine import columns
from leadweights.errors import EngineError, TableError, UnsupportedError
from leadweights.model import ScoringModel
from leadweights.model_file import fingerprint
from leadweights.prove import Asked, Check, Difference, Parity, compared, sql_sha256
from leadweights.reading import Kind, sources
from leadweights.render_sql import Order, sampled
from leadweights.results import SHAPES, Shape, row_outputs, stages
from leadweights.texts import Texts, texts

Values = NDArray[np.float64] | Texts

_EXTREMES = 100
_PARTS: dict[Order, str] = {
    "digits": "a sample",
    "rising": "the lowest scores",
    "falling": "the highest scores",
}


def verify_in_place(
    model: ScoringModel, url: str, table: str, *, rows: int = 10_000, dialect: str = ""
) -> Parity:
    """Prove a model's SELECT on a table of a warehouse, which is only read.

    The SELECT runs there, over all rows. What comes back, with the columns the model reads, are
    `rows` of them chosen by the digits of their score, and the 100 with the highest and with the
    lowest; Python scores these again. `dialect` is for a database that speaks another than its URL
    says.

    Raises UnsupportedError for a URL or table that cannot be, EngineError for a database that does
    not answer, TableError for a table without rows.
    """
    checks: list[Check] = []
    with warehouse.opened(url, dialect) as database:
        for shape in SHAPES:
            names = row_outputs(model, shape)
            read = sources(model, names)
            clash = sorted(set(map(str.lower, read)) & set(map(str.lower, names)))
            if clash:
                raise UnsupportedError(f"column {clash[0]!r} has the name of a result; rename it")
            chain = stages(model, shape, names)
            for order, rows_of in _PARTS.items():
                most = rows if order == "digits" else _EXTREMES
                sql = sampled(chain, database.dialect, table, list(read), order, most)
                title = f"{rows_of} of {table}"
                checks.append(_check(model, title, shape, names, read, database, sql))
        hashes = sql_sha256(model, database.dialect)
        return Parity(
            database.title, database.dialect, fingerprint(model), hashes, tuple(checks), None
        )


def _check(
    model: ScoringModel,
    rows_of: str,
    shape: Shape,
    names: tuple[str, ...],
    read: dict[str, Kind],
    database: warehouse.Warehouse,
    sql: str,
) -> Check:
    try:
        _, rows = database.rows(sql)
    except EngineError as problem:
        refused = Difference("", 0, "a result", str(problem))
        return Check(rows_of, shape, names, 0, 0, refused, 0)
    if not rows:
        raise TableError(f"{rows_of}: there is no row")
    # By place: a warehouse may spell names its own way.
    cells = dict(zip((*read, *names), zip(*rows, strict=True), strict=True))
    values = {name: _values(kind, cells[name]) for name, kind in read.items()}
    given = columns(names, [row[len(read) :] for row in rows])
    asked: Asked = (rows_of, shape, names, len(rows), 0)
    return compared(asked, model, values, given, database)


def _values(kind: Kind, cells: Sequence[Any]) -> Values:
    """Read what a driver gives, each value converted here, not by the warehouse."""
    match kind:
        case "text":
            return texts(None if cell is None else str(cell) for cell in cells)
        case "date":
            return np.array([_days(cell) for cell in cells])
        case "number" | "flag":
            return np.array([np.nan if cell is None else float(cell) for cell in cells])
        case _:
            assert_never(kind)


def _days(cell: Any) -> float:
    match cell:
        case None:
            return float("nan")
        case datetime():
            day = cell.date()
        case date():
            day = cell
        case _:  # SQLite has no dates but texts
            day = date.fromisoformat(str(cell)[:10])
    return float((day - date(1970, 1, 1)).days)
