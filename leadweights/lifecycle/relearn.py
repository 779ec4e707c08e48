"""A version learnt again without the rows of people who were erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadweights.errors import ParityError, TableError
from leadweights.files.temporary import make_temporary_folder
from leadweights.lifecycle.retrain import find_recipe, learn_alone
from leadweights.lifecycle.store import registry
from leadweights.lifecycle.store.keys import TrainingKeys, read_keys_of
from leadweights.lifecycle.store.store import Store, Version
from leadweights.prove.parity import failure, verify
from leadweights.tables.databases.open import file_of
from leadweights.tables.keys import key_as_text, write_keys
from leadweights.tables.open import Source, connect, open_table
from leadweights.tables.table import VIEW

if TYPE_CHECKING:
    from leadweights.learn.recipe import Progress
    from leadweights.model.model import ScoringModel


def relearn(
    store: Store,
    version: int,
    train: Source,
    key: str,
    erased: Sequence[str],
    secret: bytes,
    *,
    progress: Progress | None = None,
) -> Version:
    """Learn a version again, by its own recipe, from labelled rows without those of some keys.

    `train` has the label and the columns the version reads, and the column `key`. The new version
    has the old one's rules around the score, a proof on the store's engine, and hashes of the keys
    it has learnt from under the `secret`; it is not activated. Raises TableError for a table that
    cannot be learnt from, ParityError, StoreError.
    """
    say = progress or (lambda _: None)
    found = store.version(version)
    old = found.model
    origin = old.provenance
    values: dict[str, Any] = {}
    if origin.positive_values or origin.negative_values:
        values = {"positive": origin.positive_values, "negative": origin.negative_values}
    with make_temporary_folder() as folder:
        rows = folder / "rows.parquet"
        left_out = _leave_out(train, key, erased, rows, folder)
        recipe = find_recipe(found, old, rows, origin.label, key, values)
        fit = learn_alone(rows, recipe, old, say)
        if not fit.parts_held_back:
            raise TableError("too few rows are left to hold some back and learn from the others")
        part = fit.parts_held_back[0]
        held_back = folder / f"held_back{part.suffix}"
        part.write(held_back)
        proof = _prove(store, fit.model, held_back, folder)
        known = TrainingKeys(key, read_keys_of(rows, key), secret)
        note = f"version {version} learnt again without {left_out} rows of erased keys"
        return registry.push(
            *(store, fit.model),
            proofs=[proof],
            metrics=found.metrics,
            baseline=fit.baseline,
            note=note,
            remember=known,
        )


def _leave_out(train: Source, key: str, erased: Sequence[str], path: Path, folder: Path) -> int:
    """Write the rows without those of some keys; return how many these were."""
    gone = np.array([*write_keys(erased), None], dtype=object)[:-1]
    with connect(folder / "spill") as connection:
        table = open_table(train, [key], connection)
        connection.register("erased", {"k": gone})
        own = key_as_text(table, table.require(key))
        kept = f"({own} IN (SELECT k FROM erased)) IS NOT TRUE"  # noqa: S608
        table.write_select(f"SELECT * FROM {VIEW} WHERE {kept}", path, parquet=True)  # noqa: S608
        left_out: int = table.rows - open_table(path, (), connection).rows
    return left_out


def _prove(store: Store, model: ScoringModel, rows: Path, folder: Path) -> Path:
    """Prove a model on the store's engine; write the proof as `push` reads it."""
    engine = "duckdb" if file_of(store.place) is not None else store.place
    proof = verify(model, rows, engine=engine)
    if not proof.holds:
        raise ParityError(failure(proof))
    told = {
        "engine": proof.engine,
        "dialect": proof.dialect,
        "holds": True,
        "sql_sha256": dict(proof.sql_sha256),
    }
    path = folder / registry.PROOFS[1]
    path.write_text(json.dumps({"model_sha256": proof.model_sha256, "engines": [told]}))
    return path
