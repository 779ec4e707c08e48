"""A proof on a table that is in a warehouse or on a cluster: a sample of its rows comes back."""

from __future__ import annotations

from dataclasses import replace

from leadweights.errors import EngineError, TableError, UnsupportedError
from leadweights.formula.stages import SHAPES, rename_sources, row_outputs, stages
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.prove.case import GivenRows, RowsAtEnds
from leadweights.prove.check import Check, Difference, compare
from leadweights.prove.parity import Parity, sql_sha256
from leadweights.sql.select import Order, no_rows, sample
from leadweights.tables.columns import Kind, read_cells, sources
from leadweights.tables.engines.engine import HasTables, columns
from leadweights.tables.engines.registry import open_tables
from leadweights.tables.held import find_held

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
    lowest; Python scores these again. A column that the table holds as another kind than the model
    was learnt from is read as what it is. `dialect` is for a database that speaks another than its
    URL says.

    Raises UnsupportedError for a URL or table that cannot be, EngineError for a database that does
    not answer, TableError for a table without rows.
    """
    checks: list[Check] = []
    with open_tables(url, dialect) as database:
        found = database.rows(no_rows(database.dialect, table))[0]
        # SQLite takes the quoted name of a column that is not there for a text.
        there = dict.fromkeys(map(database.spell, found)) | database.held_in(table)
        held = find_held(model, there, table)
        for problem in held.problems.values():
            raise TableError(problem)
        model = held.model
        for shape in SHAPES:
            names = row_outputs(model, shape)
            read = sources(model, names)
            clash = sorted(set(map(str.lower, read)) & set(map(str.lower, names)))
            if clash:
                raise UnsupportedError(f"column {clash[0]!r} has the name of a result; rename it")
            chain = rename_sources(stages(model, shape, names), held.names)
            keys = {name: held.names.get(name, name) for name in read}
            for order, rows_of in _PARTS.items():
                most = rows if order == "digits" else _EXTREMES
                sql = sample(chain, database.dialect, table, keys, order, most)
                kind = GivenRows if order == "digits" else RowsAtEnds
                check = Check(kind(f"{rows_of} of {table}"), shape, names, 0, 0)
                checks.append(_check(check, model, read, database, sql))
        hashes = sql_sha256(model, database.dialect)
        return Parity(
            database.title, database.dialect, fingerprint(model), hashes, tuple(checks), None
        )


def _check(
    check: Check, model: ScoringModel, read: dict[str, Kind], database: HasTables, sql: str
) -> Check:
    try:
        _, rows = database.rows(sql)
    except EngineError as problem:
        return replace(check, difference=Difference("", 0, "a result", str(problem)))
    if not rows:
        raise TableError(f"{check.rows_of}: there is no row")
    # By place: a warehouse may spell names its own way.
    cells = dict(zip((*read, *check.columns), zip(*rows, strict=True), strict=True))
    values = {name: read_cells(name, kind, cells[name]) for name, kind in read.items()}
    given = columns(check.columns, [row[len(read) :] for row in rows])
    return compare(replace(check, rows=len(rows)), model, values, given, database)
