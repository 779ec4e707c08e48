"""Rights of the people in the table: what is held on a key is erased, told, not kept too long."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leadweights.errors import StoreError, UnsupportedError
from leadweights.lifecycle.store.keys import hash_keys
from leadweights.lifecycle.store.outcomes import COLUMNS as OUTCOMES
from leadweights.lifecycle.store.scores import COLUMNS
from leadweights.lifecycle.store.store import Store, write_moment
from leadweights.model.file import from_json
from leadweights.model.names import check_name
from leadweights.tables.databases.database import Database
from leadweights.tables.keys import write_keys

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased for so many keys, and which versions had learnt from how many of them.

    `versions_asked` keep hashes of the keys they have learnt from, and were asked.
    """

    keys: int
    scores: int
    outcomes: int
    learnt: Mapping[int, int]
    versions_asked: tuple[int, ...]
    versions_silent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """How many rows were deleted because they were older than what is kept."""

    scores: int
    outcomes: int


def erase(
    store: Store, key: str, values: Sequence[str], *, secret: bytes | None = None, note: str = ""
) -> Erasure:
    """Remove people's rows from scores and outcomes, in one transaction, by the column `key`.

    With the `secret` their training keys were hashed under, say which versions had learnt from
    them. The audit trail gets counts and no key. Raises UnsupportedError for no keys at all,
    StoreError for a column by which the store knows nobody.
    """
    wanted = write_keys(values)
    if not wanted:
        raise UnsupportedError("name the keys to erase, or a file that has them")
    check_name(key, "a key")
    with store.writing() as change:
        database = change.database
        _require_known(database, key)
        scores, outcomes = (_delete(database, table, key, wanted) for table in _TABLES)
        asked, silent = _who_keeps_hashes(database, key, secret is not None)
        learnt = _find_learnt(database, key, wanted, secret) if secret is not None else {}
        found = Erasure(len(wanted), scores, outcomes, learnt, asked, silent)
        told: dict[str, Any] = {"keys": found.keys, "scores": scores, "outcomes": outcomes}
        told |= {"learnt": {str(v): n for v, n in learnt.items()}, "note": note}
        change.append_audit("erase", None, told)
    return found


_TABLES = ("leadweights_scores", "leadweights_outcomes")
_WITH_KEYS = (*_TABLES, "leadweights_training_keys")


def _require_known(database: Database, key: str) -> None:
    """Refuse a column by which the store knows nobody: nothing erased would read as all erased."""
    sql = " UNION ".join(f"SELECT key_name FROM {table}" for table in _WITH_KEYS)  # noqa: S608
    known = {str(name) for (name,) in database.rows(sql)}
    for (text,) in database.rows("SELECT model FROM leadweights_models"):
        known |= set(from_json(text).keys)
    if known and key not in known:
        names = ", ".join(map(repr, sorted(known)))
        raise StoreError(f"the store knows nobody by {key!r}; it knows people by {names}")


def _delete(database: Database, table: str, key: str, values: Sequence[str]) -> int:
    rows = 0
    for some in _pieces(values):
        marks = ", ".join("?" * len(some))
        sql = f'DELETE FROM {table} WHERE key_name = ? AND "key" IN ({marks})'  # noqa: S608
        rows += database.run(sql, [key, *some])
    return rows


def _who_keeps_hashes(
    database: Database, key: str, has_secret: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Name the versions that can be asked what they have learnt from, and those that cannot."""
    sql = "SELECT DISTINCT version FROM leadweights_training_keys WHERE key_name = ?"
    keeping = {int(v) for (v,) in database.rows(sql, [key])} if has_secret else set[int]()
    every = [int(v) for (v,) in database.rows("SELECT version FROM leadweights_models ORDER BY 1")]
    return tuple(v for v in every if v in keeping), tuple(v for v in every if v not in keeping)


def _find_learnt(
    database: Database, key: str, values: Sequence[str], secret: bytes
) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in _pieces(hash_keys(key, values, secret)):
        marks = ", ".join("?" * len(some))
        sql = (
            "SELECT version, COUNT(*) FROM leadweights_training_keys "  # noqa: S608
            f"WHERE key_name = ? AND key_hash IN ({marks}) GROUP BY version"
        )
        for version, rows in database.rows(sql, [key, *some]):
            found[int(version)] = found.get(int(version), 0) + int(rows)
    return dict(sorted(found.items()))


def _pieces(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def export_person(
    store: Store, key: str, value: str, *, secret: bytes | None = None
) -> dict[str, Any]:
    """Give all that the store holds on a key, as plain data; the audit trail counts it.

    With the `secret`, that is also which versions have learnt from it. Raises StoreError for a
    column by which the store knows nobody.
    """
    check_name(key, "a key")
    (value,) = write_keys([value])
    with store.writing() as change:
        database = change.database
        _require_known(database, key)
        where = 'WHERE key_name = ? AND "key" = ?'
        scores = _documents(
            *(database, "leadweights_scores", COLUMNS, f"{where} ORDER BY version", [key, value])
        )
        for row in scores:
            row["reasons"] = json.loads(row["reasons"] or "[]")
        outcomes = _documents(database, "leadweights_outcomes", OUTCOMES, where, [key, value])
        asked, silent = _who_keeps_hashes(database, key, secret is not None)
        learnt = _find_learnt(database, key, [value], secret) if secret is not None else {}
        told = {"scores": len(scores), "outcomes": len(outcomes), "learnt": len(learnt)}
        change.append_audit("export_person", None, told)
    return {
        "key_name": key,
        "key": value,
        "scores": scores,
        "outcomes": outcomes,
        "learnt_by_versions": list(learnt),
        "not_learnt_by_versions": [v for v in asked if v not in learnt],
        "versions_without_an_answer": list(silent),
    }


def _documents(
    database: Database, table: str, columns: Sequence[str], where: str, values: Sequence[Any]
) -> list[dict[str, Any]]:
    rows = database.rows(f"SELECT {', '.join(columns)} FROM {table} {where}", values)  # noqa: S608
    names = [name.strip('"') for name in columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def apply_retention(
    store: Store,
    *,
    scores_days: float | None = None,
    outcomes_days: float | None = None,
    note: str = "",
) -> Retention:
    """Delete scores and outcomes that are older than so many days, in one transaction.

    A score is as old as its run, an outcome as its decision, or as its record where no day is
    known. Raises UnsupportedError for nothing to do, and for less than no days.
    """
    if scores_days is None and outcomes_days is None:
        raise UnsupportedError("say for how many days scores are kept, or outcomes, or both")
    with store.writing() as change:
        removed = []
        for days, sql in ((scores_days, _OLD_SCORES), (outcomes_days, _OLD_OUTCOMES)):
            if days is not None and not 0 <= days <= _MOST_DAYS:
                raise UnsupportedError(f"rows are kept for 0 to {_MOST_DAYS:,} days, not {days:g}")
            last = "" if days is None else write_moment(store.now() - timedelta(days=days))
            removed.append(0 if days is None else change.database.run(sql, [last]))
        told: dict[str, Any] = {"scores_days": scores_days, "outcomes_days": outcomes_days}
        told |= {"scores": removed[0], "outcomes": removed[1], "note": note}
        change.append_audit("retention", None, told)
    return Retention(*removed)


_MOST_DAYS = 36_500
_OLD_SCORES = "DELETE FROM leadweights_scores WHERE scored_at < ?"
_OLD_OUTCOMES = "DELETE FROM leadweights_outcomes WHERE COALESCE(decided_at, recorded_at) < ?"
