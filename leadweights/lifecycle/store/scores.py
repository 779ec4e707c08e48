"""Scores in the store: a row for each key and version, however often it is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadweights.decisions.apply import move_to_day
from leadweights.errors import StoreError, TableError, UnsupportedError
from leadweights.files.temporary import make_temporary_folder
from leadweights.formula.reasons import REASONS
from leadweights.formula.stages import outputs
from leadweights.lifecycle.store.store import Store, Version, find_version
from leadweights.model.names import check_name, quote
from leadweights.scoring.score import score_to_file
from leadweights.tables.keys import find_repeated_key, key_as_text
from leadweights.tables.open import Source, connect, open_table
from leadweights.tables.table import VIEW, Table

if TYPE_CHECKING:
    from leadweights.model.model import ScoringModel

TABLE, KEYS = "leadweights_scores", ("key_name", '"key"', "version")

_RESULTS: Mapping[str, str] = {
    **dict.fromkeys(("lead_score", "log_odds", "probability", "adjusted_probability"), "DOUBLE"),
    **dict.fromkeys(("score_100", "decision"), "BIGINT"),
    **dict.fromkeys(("band", "status"), "VARCHAR"),
}
COLUMNS = (*KEYS, *_RESULTS, "reasons", "scored_at")


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """What a run wrote: rows, by band and by decision, and rows that may not be scored."""

    version: int
    key: str
    rows: int
    bands: Mapping[str, int]
    decided: int | None
    no_consent: int


def score_to_store(
    store: Store,
    data: Source,
    *,
    version: int | None = None,
    key: str | None = None,
    as_of: str | None = None,
    progress: Callable[[float], object] | None = None,
) -> ScoreRun:
    """Score a table by a version, by default the active one, into the store's table of scores.

    `key` names the column that tells rows apart, by default the model's own. A key that has been
    scored by this version gets its new scores in the place of the old ones; those of other versions
    stay. Odds that decay do so until the day `as_of`.

    All rows are written or none; the audit trail has their counts, and no key.

    Raises what `lw.score` does, TableError for a key that stands twice or is missing, StoreError
    for a version there is not.
    """
    found = store.active_version() if version is None else store.version(version)
    number = found.version
    _refuse_retired(found)
    model = found.model if as_of is None else move_to_day(found.model, as_of)
    name = _find_key(model, key)
    with make_temporary_folder() as folder:
        # The store is not kept from others for so long.
        rows, counts = _score_rows(model, number, data, name, store.stamp(), folder, progress)
        run = ScoreRun(number, name, **counts)
        with store.writing() as change:
            _refuse_retired(find_version(change.database, number))
            change.database.load(TABLE, COLUMNS, rows, KEYS)
            change.append_audit("score", number, _counts(run, as_of))
    return run


def _find_key(model: ScoringModel, key: str | None) -> str:
    if key is not None:
        return check_name(key, "a key")
    if len(model.keys) != 1:
        many = f"the keys {', '.join(map(repr, model.keys))}" if model.keys else "no key"
        raise UnsupportedError(f"{model.name} has {many}: name the column that tells rows apart")
    return model.keys[0]


def _refuse_retired(found: Version) -> None:
    if found.retired_at is not None:
        raise StoreError(f"version {found.version} is retired: score by another one")


def _score_rows(
    model: ScoringModel,
    version: int,
    data: Source,
    key: str,
    at: str,
    folder: Path,
    progress: Callable[[float], object] | None,
) -> tuple[Path, dict[str, Any]]:
    """Score into a file that has the columns of the store's table; count what is in it."""
    there = outputs(model)
    reasons = [n for n in REASONS.results if n in there and not n.endswith("_effect")]
    named = [name for name in _RESULTS if name in there]
    scored, rows = folder / "scored.parquet", folder / "rows.parquet"
    score_to_file(*(model, data, scored), keys=[key], columns=[*named, *reasons], progress=progress)
    results = [
        f"{quote(name) if name in there else 'NULL'}::{kind} AS {name}"
        for name, kind in _RESULTS.items()
    ]
    listed = ", ".join(map(quote, reasons)) or "NULL::VARCHAR"
    kept = f"to_json(list_filter([{listed}], lambda reason: reason IS NOT NULL))::VARCHAR"
    with connect(folder / "spill") as connection:
        table = open_table(scored, (), connection)
        own = table.require(key)
        twice = find_repeated_key(table, [own])
        if twice is not None:
            raise TableError(
                f"the rows to score: key {key!r} must tell them apart, and {twice[0]!r} stands "
                "twice or is missing; nothing was changed"
            )
        name = "'" + key.replace("'", "''") + "'"
        chosen = ", ".join(
            [
                f"{name} AS key_name",
                f'{key_as_text(table, own)} AS "key"',
                f"{version}::BIGINT AS version",
                *results,
                f"{kept} AS reasons",
                f"'{at}' AS scored_at",
            ]
        )
        table.write_select(f"SELECT {chosen} FROM {VIEW}", rows, parquet=True)  # noqa: S608
        return rows, _count(open_table(rows, (), connection))


def _count(table: Table) -> dict[str, Any]:
    rows = table.select(
        f"SELECT band, decision, status, count(*) AS n FROM {VIEW} GROUP BY ALL ORDER BY ALL"  # noqa: S608
    )
    bands: dict[str, int] = {}
    decided, no_consent = None, 0
    columns = [np.ma.asarray(rows[name]).tolist() for name in ("band", "decision", "status", "n")]
    for band, decision, status, n in zip(*columns, strict=True):
        if band is not None:
            bands[str(band)] = bands.get(str(band), 0) + int(n)
        if decision is not None:
            decided = (decided or 0) + int(decision) * int(n)
        no_consent += int(n) * (status == "no_consent")
    return {"rows": table.rows, "bands": bands, "decided": decided, "no_consent": no_consent}


def _counts(run: ScoreRun, as_of: str | None) -> dict[str, Any]:
    return {
        "rows": run.rows,
        "bands": dict(run.bands),
        "decided": run.decided,
        "no_consent": run.no_consent,
        **({"as_of": as_of} if as_of else {}),
    }
