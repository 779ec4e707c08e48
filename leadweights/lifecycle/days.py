"""Days of leads and outcomes: of a type of dates, or texts in the one format of them all."""

from __future__ import annotations

from leadweights.errors import TableError
from leadweights.formula.dates import day_of
from leadweights.model.names import quote
from leadweights.sql.select import scalar
from leadweights.tables.dates import Undecided, decide_format
from leadweights.tables.table import Table

_WRITE = "write days year first, such as 2026-12-31"


def write_day(table: Table, column: str) -> str:
    """Write, in DuckDB's SQL, the day of a column, in UTC where it has offsets; NULL is missing.

    The format of texts is decided by all of them, as a column to learn from has it. Raises
    TableError for a column that holds anything else, and for texts that could be read in two ways.
    """
    if not table.is_text(column) or table.is_empty(column):
        table.require_date(column)
        return f"{quote(column)}::DATE"
    held = table.texts([column])[column]
    counts = dict(zip(held.levels, map(int, held.counts()), strict=True))
    known = {text: rows for text, rows in counts.items() if text.strip()}
    if not known:
        return "NULL::DATE"
    decided = decide_format(known)
    match decided:
        case None:
            table.require_date(column)
        case Undecided(words, None):
            raise TableError(f"{table.name}: column {column!r} {words}: {_WRITE}")
        case Undecided(words, str(text)):
            place = table.place_of(column, text)
            raise TableError(f"{table.name}: column {column!r} {words} {text!r} on {place}")
    days = scalar(day_of(column, str(decided)), "duckdb").strip()
    return f"(DATE '1970-01-01' + ({days})::INTEGER)"
