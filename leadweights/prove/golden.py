"""Golden rows: inputs with what Python gives, to prove a SELECT where no driver can reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import PROBABILITIES, Shape, outputs, row_outputs, stages
from leadweights.formula.texts import Texts, texts
from leadweights.model.dates import days_since_1970
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.prove import hostile_rows
from leadweights.sql.dialects import Dialect, find_dialect
from leadweights.sql.golden import Cells, Expected, Golden, inline, script
from leadweights.tables.columns import IN_TEXT, Kind, open_for, read_columns, sources
from leadweights.tables.open import Source
from leadweights.tables.table import ROW

LARGEST_ULP = 2
"""How far a warehouse's own EXP may take the probability."""

TABLE = "leadweights_golden"

# Of each table of hostile rows: engines plan a UNION of hundreds slowly, if at all.
_HOSTILE = 50

# What every engine holds, and reads back from a text as it was: no NaN, no infinity, nothing so
# small that PostgreSQL ends the query, no day that ClickHouse cannot hold, no text nobody can read.
_SMALLEST, _LARGEST_TEXT = 1e-60, 100
_FIRST_DAY, _LAST_DAY = (days_since_1970(day, "") for day in ("1900-01-01", "2299-12-31"))


def golden_sql(
    model: ScoringModel,
    *,
    dialect: str,
    shape: Shape = "standardized",
    data: Source | None = None,
    rows: int = 50,
    table: bool = False,
) -> str:
    """Write golden rows and a query over them that gives no row where the warehouse agrees.

    The rows are some hostile ones, without what some engine cannot hold, and some
    `rows` of `data`. They are in the query itself, or, with `table`, in a table that the script
    makes before: some engines compute what is constant by other means than what is not.

    Raises UnsupportedError, and TableError for data that lacks a column of the model.
    """
    names = row_outputs(model, shape)
    found = gather_golden(model, dialect, names, shape=shape, data=data, rows=rows)
    header = (
        f"leadweights {model.name}, model {fingerprint(model)[:12]}, {shape}: {found.size} golden "
        "rows. No row in the result: the warehouse agrees with Python"
    )
    return script(found, dialect, header, TABLE) if table else inline(found, dialect, header)


def gather_golden(
    model: ScoringModel,
    dialect: str,
    names: Sequence[str],
    *,
    shape: Shape = "standardized",
    data: Source | None = None,
    rows: int = 50,
    key: str = ROW,
    unheld: Callable[[str], bool] = lambda _: False,
) -> Golden:
    """Gather golden rows, and what columns of the result must be for them.

    A column `key` tells them apart. Texts that are `unheld` are missing in them, beside those that
    the dialect cannot hold. Raises what `golden_sql` does.
    """
    target = find_dialect(dialect)
    given = [(case.values, _HOSTILE) for case in hostile_rows.cases(model, every_type=False)]
    if data is not None:
        leads = open_for(model, data, outputs(model))
        given.append((read_columns(leads, model), rows))
    read = sources(model, names)
    values = {
        name: _keep([_pick(part[name], most) for part, most in given], kind, target, unheld)
        for name, kind in read.items()
    }
    chain = stages(model, shape, names)
    expected = compute(chain, values)
    size = len(next(iter(expected.values())))
    return Golden(
        chain,
        {
            key: Cells("whole", range(1, size + 1)),
            **{name: _cells(values[name], kind) for name, kind in read.items()},
        },
        {name: _expect(name, column) for name, column in expected.items()},
        key,
    )


def _pick(column: Values, most: int) -> Values:
    """Take rows at even distances."""
    places = np.linspace(0, len(column) - 1, min(most, len(column))).astype(np.int64)
    return column[places]


def _keep(
    columns: list[Values], kind: Kind, target: Dialect, unheld: Callable[[str], bool]
) -> Values:
    """Join columns, without the values that some engine cannot hold."""
    if kind in IN_TEXT:
        held = [text for column in columns if isinstance(column, Texts) for text in column.values()]
        empty = {""} if target.empty_is_null else set[str]()
        known = {text for text in held if text is not None}
        odd = {text for text in known if len(text) > _LARGEST_TEXT or unheld(text)}
        return texts(held).without(empty | odd)
    found = np.concatenate([column for column in columns if not isinstance(column, Texts)])
    held_there = np.isfinite(found)
    if kind == "number":
        held_there &= (found == 0) | (np.abs(found) >= _SMALLEST)
    if kind == "date":
        held_there &= (found >= _FIRST_DAY) & (found <= _LAST_DAY)
    # A negative zero is written as a number like any other, but not kept by all.
    return np.where(held_there, found, np.nan) + 0.0


def _cells(column: Values, kind: Kind) -> Cells:
    if isinstance(column, Texts):
        return Cells("text", column.values())
    numbers = [None if np.isnan(value) else value for value in column.tolist()]
    if kind == "date":
        days = [None if n is None else str(np.datetime64(int(n), "D")) for n in numbers]
        return Cells("date", days)
    return Cells("whole" if kind == "flag" else "number", numbers)


def _expect(name: str, column: Values) -> Expected:
    cells = _cells(column, "number")
    if isinstance(column, Texts) or name not in PROBABILITIES:
        return Expected(cells)
    return Expected(cells, [LARGEST_ULP * float(np.spacing(v)) for v in np.nan_to_num(column)])
