"""Databases for tests: servers to reach by a URL, and SQLite as Python has it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.stages import Shape, row_outputs
from leadweights.formula.texts import Texts, texts
from leadweights.model.model import ScoringModel
from leadweights.sql.render import render
from leadweights.tables.engines.registry import open_engine
from tests.support.engine import cells

_TYPES = {"DOUBLE": "REAL", "BOOLEAN": "INTEGER", "VARCHAR": "TEXT", "DATE": "TEXT"}


@contextmanager
def url_of(name: str) -> Iterator[str]:
    """Start a database, and give its URL; MariaDB with transactions."""
    from leadweights.tables.engines.mariadb import open_engine as open_mariadb

    with open_mariadb(transactions=True) if name == "mariadb" else open_engine(name) as engine:
        connection: Any = engine.connection  # type: ignore[attr-defined]
        if name == "postgres":
            info = connection.info
            place = f"host={info.host}&port={info.port}"
            yield f"postgresql+psycopg://{info.user}:{info.password}@/{info.dbname}?{place}"
        else:
            socket = connection.unix_socket
            yield f"mysql+pymysql://root@/leads?unix_socket={socket}&charset=utf8mb4"


def sqlite_columns(
    model: ScoringModel,
    shape: Shape,
    table: Mapping[str, Values],
    types: Mapping[str, str],
    columns: Sequence[str] = (),
    keys: Sequence[str] = (),
) -> dict[str, Values]:
    """Score a table in SQLite, all that a shape knows or some columns; it keeps a NaN as NULL."""
    names = columns or row_outputs(model, shape)
    kinds = {name: types.get(name, "DOUBLE") for name in table}
    with sqlite3.connect(":memory:") as connection:
        # Whatever a column's own collation, comparison is exact.
        columns = ", ".join(
            f'"{n}" {_TYPES[k]}{" COLLATE NOCASE" if k == "VARCHAR" else ""}'
            for n, k in kinds.items()
        )
        connection.execute(f"CREATE TABLE leads ({columns})")
        marks = ", ".join("?" * len(table))
        rows = zip(*(_cells(table[name], kind) for name, kind in kinds.items()), strict=True)
        connection.executemany(f"INSERT INTO leads VALUES ({marks})", rows)
        sql = render(model, dialect="sqlite", shape=shape, keys=keys, columns=names)
        found = connection.execute(sql).fetchall()
    connection.close()
    return {name: _column([row[i] for row in found]) for i, name in enumerate((*keys, *names))}


def _column(cells: list[Any]) -> Values:
    if any(isinstance(cell, str) for cell in cells):
        return texts(cells)
    return np.array(cells, float)


def _cells(values: Values, kind: str) -> Sequence[object]:
    if isinstance(values, Texts) or kind == "DATE":
        return cells(values, kind)
    if kind == "BOOLEAN":
        return [None if v != v else int(v) for v in values.tolist()]
    return [None if v != v else v for v in values.tolist()]
