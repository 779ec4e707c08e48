"""Baselines in the store: what columns and scores of versions were when these were learnt."""

from __future__ import annotations

from hashlib import sha256

from leadweights.errors import EngineError, StoreError
from leadweights.lifecycle.store.schema import BASELINES, create_statements
from leadweights.lifecycle.store.store import Store, Version, Writing
from leadweights.model.baseline import Baseline, baseline_json


def make_room(store: Store) -> None:
    """Make the table of baselines in a store that was made before there was one.

    It is a change of its own: some databases keep whatever was done before a table is made. Raises
    StoreError for who may make no table there.
    """
    with store.reading() as database:
        if database.has_table(BASELINES):
            return
    try:
        with store.writing() as change:
            for statement in create_statements(change.database.dialect):
                change.database.run(statement)
    except EngineError as problem:
        raise StoreError(
            f"{store.shown} was made without a table of baselines, and it cannot be made now: let "
            f"somebody who may run leadweights registry init there ({problem})"
        ) from None


def keep_baseline(change: Writing, version: int, baseline: Baseline, known: str | None) -> None:
    """Keep the baseline of a version, in a change under way; `known` is the text kept so far."""
    text = baseline_json(baseline)
    if text == known:
        return
    columns = ("version", "baseline")
    change.database.insert(BASELINES, columns, [(version, text)], columns[:1])
    told = {"rows": baseline.rows, "sha256": sha256(text.encode()).hexdigest()}
    change.append_audit("baseline", version, told)


def need_baseline(store: Store, version: Version) -> Baseline:
    """Give the baseline of a version. Raises StoreError where none is kept, ModelError."""
    found = version.baseline
    if found is None:
        raise StoreError(
            f"{store.shown} keeps no baseline of version {version.version}: push the folder that "
            "fit wrote, which has baseline.json, once more"
        )
    return found
