"""Scores and outcomes of a store as tables, by the column that its keys are of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadweights.errors import StoreError
from leadweights.lifecycle.store.store import Store, find_active

_SCORES = (
    *("lead_score", "log_odds", "probability", "adjusted_probability", "score_100", "band"),
    *("decision", "scored_at"),
)

StoredRows = list[dict[str, Any]]


def read_store_outcomes(store: Store, key: str) -> StoredRows:
    """Read the outcomes that a store holds for a key: 1 or 0, and the day they were decided.

    Raises StoreError where there are none.
    """
    sql = 'SELECT "key", outcome, decided_at FROM leadweights_outcomes WHERE key_name = ?'
    with store.reading() as database:
        rows = database.rows(f"{sql} ORDER BY 1", [key])
    if not rows:
        raise StoreError(f"{store.shown} holds no outcomes by {key!r}: name a table of outcomes")
    return _name(rows, (key, "outcome", "decided_at"))


def read_store_scores(store: Store, key: str) -> StoredRows:
    """Read the scores that the active version gave, with the day. Raises StoreError."""
    named = ", ".join(_SCORES)
    sql = f'SELECT "key", {named} FROM leadweights_scores WHERE key_name = ? AND version = ?'  # noqa: S608
    with store.reading() as database:
        active = find_active(database)
        version = 0 if active is None else active.version
        rows = database.rows(f"{sql} ORDER BY 1", [key, version])
    if not rows:
        raise StoreError(
            f"{store.shown} holds no scores of version {version} by {key!r}: score leads into it, "
            "or name a table of leads"
        )
    # A moment is a text that begins with its day.
    found = _name(rows, (key, *_SCORES))
    return [{**row, "scored_at": str(row["scored_at"])[:10]} for row in found]


def _name(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> StoredRows:
    return [dict(zip(names, row, strict=True)) for row in rows]
