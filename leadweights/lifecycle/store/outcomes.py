"""Outcomes in the store: a row for each key, the last that was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadweights.errors import TableError
from leadweights.files.temporary import make_temporary_folder
from leadweights.lifecycle.days import write_day
from leadweights.lifecycle.store.store import Store
from leadweights.model.names import check_name, quote
from leadweights.tables.keys import find_repeated_key, key_as_text
from leadweights.tables.open import Source, connect, open_table
from leadweights.tables.table import VIEW

TABLE = "leadweights_outcomes"
COLUMNS = ("key_name", '"key"', "outcome", "decided_at", "recorded_at")


Triples = Sequence[tuple[str, int, str | None]]


def record_outcomes(
    store: Store,
    key: str,
    outcomes: Source | Triples,
    *,
    label: str = "label",
    decided_at: str | None = None,
) -> int:
    """Write down what became of some keys, in one transaction; return how many.

    `outcomes` is a table with the column `key`, a `label` of 1 and 0, as `merge_outcomes` writes
    it, and a column of days, `decided_at`, if there is one; or triples of these. A key has one
    outcome, the last that was written. Raises TableError for a key that stands twice or is missing
    and for another outcome, StoreError, EngineError.
    """
    data: Any = outcomes
    if isinstance(outcomes, list) and outcomes and isinstance(outcomes[0], tuple):
        names = (key, label, decided_at or "decided_at")
        data, decided_at = [dict(zip(names, t, strict=True)) for t in outcomes], names[2]
    with make_temporary_folder() as folder:
        path = folder / "outcomes.parquet"
        with connect(folder / "spill") as connection:
            named = [check_name(key, "a key")]
            table = open_table(data, named, connection, dates=[decided_at] if decided_at else [])
            own, outcome = table.require(key), table.require(label)
            twice = find_repeated_key(table, [own])
            if twice is not None:
                raise TableError(
                    f"{table.name}: key {key!r} must tell outcomes apart, and {twice[0]!r} stands "
                    "twice or is missing; nothing was changed"
                )
            table.require_flag(outcome)
            empty = table.first_missing(outcome)
            if empty:
                raise TableError(f"{table.name}: an outcome is 1 or 0, and none is missing{empty}")
            day = "NULL"
            if decided_at is not None:
                day = write_day(table, table.require(decided_at))
            name = "'" + key.replace("'", "''") + "'"
            chosen = ", ".join(
                [
                    f"{name} AS key_name",
                    f'{key_as_text(table, own)} AS "key"',
                    f"{quote(outcome)}::BOOLEAN::BIGINT AS outcome",
                    f"{day}::VARCHAR AS decided_at",
                    f"'{store.stamp()}' AS recorded_at",
                ]
            )
            table.write_select(f"SELECT {chosen} FROM {VIEW}", path, parquet=True)  # noqa: S608
            rows = table.rows
        with store.writing() as change:
            change.database.load(TABLE, COLUMNS, path, COLUMNS[:2])
            change.append_audit("outcomes", None, {"rows": rows})
    return rows
