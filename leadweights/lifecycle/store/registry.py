"""The registry: versions of a model, of which one is in service."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from leadweights.errors import ModelError, StoreError, UnsupportedError
from leadweights.files.manifest import has_file
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.formula.stored_weights import StoredWeight, layout, stored_weights
from leadweights.lifecycle.store import views
from leadweights.lifecycle.store.baselines import keep_baseline, make_room
from leadweights.lifecycle.store.keys import TrainingKeys, remember_keys
from leadweights.lifecycle.store.store import (
    Active,
    Store,
    Version,
    Writing,
    find_active,
    find_same,
    find_version,
)
from leadweights.model.baseline import Baseline, check_baseline, find_baseline
from leadweights.model.file import find_model, fingerprint, load, to_json
from leadweights.model.model import ScoringModel
from leadweights.tables.databases.database import Database

METRICS, PROOFS = "metrics.json", ("parity.json", "engines.json")
"""Files beside a model, which `fit` and `verify --output` write."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found about a model beside it: its metrics, the proofs that hold, its baseline."""

    metrics: Mapping[str, Any]
    proofs: tuple[Mapping[str, Any], ...]
    baseline: Baseline | None


def read_evidence(
    model: ScoringModel, folder: Path | None, files: Sequence[str | Path] = ()
) -> Evidence:
    """Read metrics, proofs and the baseline in a model's folder, if any, and in other `files`.

    What is of another model there is passed over. Raises ModelError for a file that is none, and
    for one of `files` that is of another model.
    """
    metrics: Mapping[str, Any] = {}
    baseline = None
    found: list[Mapping[str, Any]] = []
    beside = [folder / name for name in PROOFS] if folder is not None else []
    for path in [*filter(has_file, beside), *map(as_path, files)]:
        document = _read(path)
        # A fit proves equal weights, too.
        both = [part for part in (document, document.get("equal_weights")) if part]
        own = [part for part in both if part.get("model_sha256") == fingerprint(model)]
        if not own and path not in beside:
            raise ModelError(f"{path} is the proof of another model")
        found += [p for part in own for p in part.get("engines", ()) if p.get("holds")]
    if folder is not None and has_file(folder / METRICS):
        metrics = _read(folder / METRICS)
    if folder is not None:
        baseline = find_baseline(model, folder, pass_over_others=True)
    told = ({name: proof[name] for name in _TOLD} for proof in found if proof.keys() >= {*_TOLD})
    return Evidence(metrics, tuple(told), baseline)


_TOLD = ("engine", "dialect", "sql_sha256")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(read_text(path, "JSON", ModelError))
    except (ValueError, RecursionError) as problem:
        raise ModelError(f"{path} is not JSON ({problem})") from None
    if not isinstance(document, dict):
        raise ModelError(f"{path} holds no proof: verify --output writes one")
    return document


def read_model(model: ScoringModel | str | Path) -> tuple[ScoringModel, Path | None]:
    """Give a model, or read its file or folder, and the folder it is in. Raises ModelError."""
    if isinstance(model, ScoringModel):
        return model, None
    return load(model), find_model(as_path(model)).parent


def push(
    store: Store,
    model: ScoringModel | str | Path,
    *,
    proofs: Sequence[str | Path] = (),
    metrics: Mapping[str, Any] | None = None,
    baseline: Baseline | None = None,
    note: str = "",
    remember: TrainingKeys | None = None,
) -> Version:
    """Add a model to the registry as its next version; it is not in service by that.

    `model` is one, or its file or folder, where `metrics.json`, `parity.json`, `engines.json` and
    `baseline.json` are read, too; `proofs` are further files that `verify --output` wrote, and
    `baseline` is that of `Fit.baseline`. The very same model again is the version that it is, with
    the proofs that are new and the baseline. `remember` keeps hashes of the keys of the rows it has
    learnt from, so that `erase` can say of whom.

    Raises ModelError for what is no model and for a proof or baseline of another one, StoreError,
    EngineError.
    """
    model, folder = read_model(model)
    evidence = read_evidence(model, folder, proofs)
    metrics = evidence.metrics if metrics is None else metrics
    if baseline is not None:
        check_baseline(model, baseline)
    baseline = baseline or evidence.baseline
    if baseline is not None:
        make_room(store)
    text, sha256 = to_json(model), fingerprint(model)
    with store.writing() as change:
        database = change.database
        known = find_same(database, sha256, text)
        number = known.version if known else _next_version(database)
        older = known.proofs if known else ()
        added = _merge((), [proof for proof in evidence.proofs if proof not in older])
        if known is None:
            columns = ("version", "name", "model", "sha256", "rows_sha256", "metrics", "proof")
            told = (number, model.name, text, sha256, model.provenance.rows_sha256)
            database.insert(
                "leadweights_models",
                (*columns, "created_at", "created_by", "note"),
                [(*told, _json(metrics), "[]", change.at, change.who, note)],
            )
            _insert_weights(change, model, number)
            _tell_origin(change, model, number)
        if added:
            written = _json(_merge(older, added))
            sql = "UPDATE leadweights_models SET proof = ? WHERE version = ?"
            database.run(sql, [written, number])
            change.append_audit("proof", number, {"engines": added})
        if known is None:
            said = {"name": model.name, "sha256": sha256, "note": note}
            change.append_audit("push", number, said)
        if baseline is not None:
            keep_baseline(change, number, baseline, known.baseline_text if known else None)
        if remember is not None:
            remember_keys(change, number, remember)
        return find_version(database, number)


def find_pushed(store: Store, model: ScoringModel) -> Version:
    """Find the last version that computes what a model does. Raises StoreError if none does."""
    found = [v for v in store.models if v.sha256 == fingerprint(model) and v.retired_at is None]
    if not found:
        raise StoreError(f"the model is no version of {store.shown}: leadweights registry push it")
    return found[-1]


def _next_version(database: Database) -> int:
    ((last,),) = database.rows("SELECT MAX(version) FROM leadweights_models")
    return int(last or 0) + 1


def _merge(
    older: Iterable[Mapping[str, Any]], newer: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Keep one proof of each engine and version, the newest."""
    found = {(proof["engine"], proof["dialect"]): proof for proof in [*older, *newer]}
    return list(found.values())


def _insert_weights(change: Writing, model: ScoringModel, number: int) -> None:
    try:
        laid_out = layout(model)
    except UnsupportedError:
        laid_out = ""  # no SELECT reads it from the table
    names = [f'"{f.name}"' if f.name == "offset" else f.name for f in fields(StoredWeight)]
    columns = ("version", "place", *names, "layout", "is_active", "created_at")
    rows = [
        (number, place, *astuple(weight), laid_out, 0, change.at)
        for place, weight in enumerate(stored_weights(model), 1)
    ]
    change.database.insert("leadweights_weights", columns, rows)


def _tell_origin(change: Writing, model: ScoringModel, number: int) -> None:
    """Write down what a model was learnt from, and its threshold."""
    origin = model.provenance
    told = {name: getattr(origin, name) for name in ("method", "label", "rows", "rows_sha256")}
    change.append_audit("fit", number, told | {"made_by": origin.made_by})
    threshold = model.decisions.threshold
    if threshold is not None:
        said = {"log_odds": threshold.log_odds, "reason": threshold.reason}
        change.append_audit("threshold", number, said)


def activate(
    store: Store,
    version: int,
    *,
    expected: int | None = None,
    unproven: bool = False,
    view: str | None = None,
    table: str = "leads",
    dialect: str | None = None,
    note: str = "",
) -> Active:
    """Put a version into service, in one transaction.

    `expected` is the version that must be active until then (0 for none), by default the one that
    is at the beginning: of two who ask at once, one wins. There must be a proof of that model on
    the store's engine, or on one that speaks `dialect`, unless it may be `unproven`, which is
    recorded. `view` names a view that is replaced by the SELECT over `table` of the active version,
    from now on with every activation.

    Raises StoreError for a version there is not, that is retired or not proven, or where another
    one than expected is active; UnsupportedError for a view that cannot be, EngineError.
    """
    asked = None if view is None else views.View(view, table)
    now = views.rehearse(store, asked, version)
    expected = now if expected is None else expected
    with store.writing() as change:
        return _activate(change, version, "activate", expected, unproven, asked, dialect, note)


def rollback(store: Store, *, expected: int | None = None, note: str = "") -> Active:
    """Put the version into service again that the active one replaced, with the very same bits.

    `expected` is as in `activate`. A version that was active unproven is so again. Raises what
    `activate` does.
    """
    with store.reading() as database:
        now = find_active(database)
        if now is None:
            raise StoreError("no version is active: there is nothing to roll back")
        target = find_version(database, now.version).replaced
    if target is None:
        raise StoreError(f"version {now.version} is the first that was active: none was before it")
    views.rehearse(store, None, target)
    before = now.version if expected is None else expected
    with store.writing() as change:
        return _activate(change, target, "rollback", before, True, None, None, note)


def _activate(
    change: Writing,
    number: int,
    event: str,
    expected: int,
    unproven: bool,
    asked: views.View | None,
    dialect: str | None,
    note: str,
) -> Active:
    database = change.database
    found, now = find_version(database, number), find_active(database)
    before = now.version if now else 0
    if before != expected:
        said = f"version {before} is active" if before else "no version is active"
        raise StoreError(f"{said}, not {expected or 'none'}: nothing was changed")
    if found.retired_at is not None:
        raise StoreError(f"version {number} is retired: push it anew, or activate another")
    wanted = dialect or database.dialect
    proven = found.is_proven_on(wanted)
    if not proven and not unproven:
        raise StoreError(
            f"version {number} is not proven on {wanted}: run leadweights verify on that engine "
            "with --output, and push the model again with --proof; or activate it --unproven"
        )
    view = asked or views.find_view(database)
    if now is not None and before == number and view == views.find_view(database):
        views.finish(database, found)
        return now
    sql = (
        "UPDATE leadweights_active SET version = ?, activated_at = ?, activated_by = ?, "
        "unproven = ?, view_name = ?, view_table = ?, view_version = NULL "
        "WHERE COALESCE(version, 0) = ?"
    )
    values = (number, change.at, change.who, int(not proven), *view.as_row())
    if database.run(sql, [*values, before]) != 1:
        raise StoreError("another version was activated meanwhile; nothing was changed")
    if event == "activate" and before != number:
        sql = "UPDATE leadweights_models SET replaced = ? WHERE version = ?"
        database.run(sql, [before or None, number])
    database.run(
        "UPDATE leadweights_weights SET is_active = CASE WHEN version = ? THEN 1 ELSE 0 END "
        "WHERE is_active = 1 OR version = ?",
        [number, number],
    )
    told = {"replaced": before or None, "proven_on": wanted if proven else None, "note": note}
    change.append_audit(event, number, told | ({"view": view.name} if view.name else {}))
    views.finish(database, found)
    active = find_active(database)
    assert active is not None
    return active


def retire(store: Store, version: int, *, note: str = "") -> Version:
    """Take a version out of the choice: it stays in the registry, and cannot be activated.

    Hashes of keys it had learnt from are forgotten. Raises StoreError for the active version.
    """
    with store.writing() as change:
        database = change.database
        found, now = find_version(database, version), find_active(database)
        if now is not None and now.version == version:
            raise StoreError(f"version {version} is active: activate another one first")
        if found.retired_at is None:
            sql = "UPDATE leadweights_models SET retired_at = ? WHERE version = ?"
            database.run(sql, [change.at, version])
            database.run("DELETE FROM leadweights_training_keys WHERE version = ?", [version])
            change.append_audit("retire", version, {"note": note})
        return find_version(database, version)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
