"""The nightly line: outcomes, a challenger by the champion's recipe, gates, and what follows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadweights.decisions import learnt_rows
from leadweights.decisions.outcomes import training_sources
from leadweights.errors import DictionaryError, ParityError, StoreError, TableError
from leadweights.files.read import read_toml
from leadweights.files.remote import as_path
from leadweights.files.write import write_text
from leadweights.lifecycle.challenger.challenge import Challenge, challenge
from leadweights.lifecycle.challenger.gates import Gates, read_gates
from leadweights.lifecycle.outcomes.merge import Merged, merge_outcomes
from leadweights.lifecycle.store import registry
from leadweights.lifecycle.store.audit import append_audit
from leadweights.lifecycle.store.store import Store, Version
from leadweights.model import baseline
from leadweights.model.file import NAME, fingerprint, to_json
from leadweights.model.model import ScoringModel
from leadweights.model.shown import Shown
from leadweights.prove.parity import failure, verify
from leadweights.tables.databases.open import file_of
from leadweights.tables.label import Label
from leadweights.tables.open import Source, open_table

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit
    from leadweights.learn.recipe import Progress, Recipe

Packet = Callable[[Challenge], Mapping[str, str]]
"""Writes what is left for somebody to approve: texts by the names of their files."""

LABELLED, HELD_BACK, MODELS, PROOF = "labelled.parquet", "held_back", "models", "engines.json"
_PLAIN_NAME = re.compile(r"\w[\w .-]*")
_KEPT = ("c", "seed", "class_weight", "time_zone", "trees", "weight", "negatives_kept")


@dataclass(frozen=True, slots=True, repr=False)
class Retrained(Shown):
    """What a night's retraining came to.

    `version` is the challenger's in the registry: where the gates say promote, or it is the
    champion itself, learnt anew; None where the champion is kept. `promoted` says that it is in
    service now.
    """

    champion: int
    merged: Merged
    challenge: Challenge
    version: int | None
    promoted: bool
    notes: tuple[str, ...]


def retrain(
    store: Store,
    leads: Source,
    outcomes: Source | None = None,
    output: str | Path = "retrain",
    *,
    key: str | None = None,
    merge: Mapping[str, Any] | None = None,
    gates: str | Path | Mapping[str, object] | Gates | None = None,
    promote: bool = False,
    champion_folder: str | Path | None = None,
    packet: Packet | None = None,
    note: str = "",
    progress: Progress | None = None,
    **options: Any,
) -> Retrained:
    """Learn the active version of a store anew, and let the gates say whether to promote it.

    `leads` are what was scored, with the columns the champion reads; `outcomes` what became of
    them, by default those the store holds; `merge` are more of what `merge_outcomes` takes. The
    challenger is learnt from the champion's columns by its recipe: what it was learnt with as far
    as the registry knows, and `options`, fields of a `Recipe`, that are to be different. It gets
    the champion's rules around the score. Rows held back, which neither may have learnt from, are
    what it is challenged on; in the `champion_folder` that fit wrote are hashes of those the
    champion has learnt from.

    A challenger that passes all gates is pushed, proven on the store's engine, and with `promote`
    activated, if the champion is still the active one. Everything else stays as it was, and
    `packet` writes into the folder `output` what there is to approve. Every step is in the audit
    trail; it may be repeated, and killed at any moment.

    Raises StoreError, TableError and what `fit`, `challenge` and `activate` raise.
    """
    say = progress or (lambda _: None)
    asked, home = read_gates(gates), as_path(output)
    if isinstance(options.get("dictionary"), str | Path):  # before anything is written
        read_toml(options["dictionary"], DictionaryError)
    version, champion, key = _find_champion(store, key)
    label = champion.provenance.label
    label = label if _PLAIN_NAME.fullmatch(label) else "label"
    say("merging outcomes")
    known = store if outcomes is None else outcomes
    labelled = home / LABELLED
    more = {"label": label, "model": champion, **(merge or {})}
    home.mkdir(parents=True, exist_ok=True)
    merged = merge_outcomes(leads, known, labelled, key=key, **more)
    counts = {name: getattr(merged, name) for name in _COUNTS}
    append_audit(store, "merge", version=version.version, details=counts)
    recipe = find_recipe(version, champion, labelled, merged_label(more), key, options)
    found = learn_alone(labelled, recipe, champion, say)
    if not found.parts_held_back:
        raise TableError(f"{labelled} has no rows to hold back: there are too few outcomes")
    part = found.parts_held_back[0]
    held_back = home / f"{HELD_BACK}{part.suffix}"
    write_text({held_back: part.write})
    own = Label(merged_label(more))
    challenger, notes = found.model, found.carried
    place = home / MODELS / fingerprint(challenger)[:12]
    beside = {
        NAME: to_json(challenger),
        learnt_rows.NAME: learnt_rows.learnt_rows_json(found.learnt_rows),
        baseline.NAME: baseline.baseline_json(found.baseline),
    }
    write_text({place / name: text for name, text in beside.items()})
    say("challenging the champion")
    before = home / MODELS / version.sha256[:12] if champion_folder is None else champion_folder
    result = challenge(
        champion, challenger, held_back, label=own, gates=asked, folders=(before, place)
    )
    if packet is not None:
        write_text({home / name: text for name, text in packet(result).items()}, home)
    told = _tell(result, challenger)
    append_audit(store, "challenge", version=version.version, details=told)
    number, promoted = None, False
    if fingerprint(challenger) == version.sha256:
        number = version.version
        notes = (*notes, "the challenger computes what the champion does: nothing is promoted")
    elif result.verdict == "promote":
        say("proving the challenger on the store's engine")
        number = _push(store, challenger, place, held_back, recipe, result, note)
        if promote:
            said = note or f"promoted over version {version.version} by the gates"
            registry.activate(store, number, expected=version.version, note=said)
            promoted = True
    return Retrained(version.version, merged, result, number, promoted, notes)


_COUNTS = ("leads", "outcomes", "labelled", "won", "young", "open", "unmatched_leads")


def learn_alone(labelled: Path, recipe: Recipe, champion: ScoringModel, progress: Progress) -> Fit:
    """Learn as `fit` does, with a champion's rules around the score, and it alone as a rival."""
    from leadweights.learn.fit import solve
    from leadweights.learn.in_engine.source import choose_place
    from leadweights.learn.problem import open_problem
    from leadweights.learn.recipe import USUAL

    limits = replace(USUAL, boosted_trees=1, rival_values=0, values_for_trees=0)
    with open_problem(
        *(labelled, recipe), place=choose_place(labelled), progress=progress, limits=limits
    ) as problem:
        return solve(problem, rules=(champion, None))


def merged_label(options: Mapping[str, Any]) -> str:
    """Name the column that a merge writes."""
    return str(options["label"])


def _find_champion(store: Store, key: str | None) -> tuple[Version, ScoringModel, str]:
    active = store.active()
    if active is None:
        raise StoreError(
            f"{store.shown} has no active version to retrain: push a first one and activate it"
        )
    version = store.version(active.version)
    champion = version.model
    if key is None and len(champion.keys) != 1:
        raise TableError("name the key by which leads and outcomes know each other with --key")
    return version, champion, champion.keys[0] if key is None else key


def find_recipe(
    version: Version,
    champion: ScoringModel,
    labelled: Path,
    label: str,
    key: str,
    options: Mapping[str, Any],
) -> Recipe:
    """Make the recipe by which a champion is learnt anew: its own, but for what is asked for.

    Only the columns it reads are learnt from. Raises TableError for one that is not there.
    """
    from leadweights.learn.recipe import Recipe, recall_options

    origin = champion.provenance
    known: dict[str, Any] = {"weight": origin.weight or None}
    known["negatives_kept"] = origin.negatives_kept
    if champion.trees is not None:
        known["trees"] = min(len(champion.trees.trees), 300)
    known |= recall_options(origin.options)
    known |= dict(version.metrics.get("recipe", {}))
    known |= options
    read = {name.lower() for name in training_sources(champion)}
    there = list(open_table(labelled).types)
    absent = sorted(read - {name.lower() for name in there})
    if absent:
        raise TableError(f"the leads lack {', '.join(map(repr, absent))}, which the champion reads")
    kept = {*read, label.lower(), key.lower(), str(known.get("weight") or "").lower()}
    asked = tuple(known.pop("exclude", ()))
    exclude = [name for name in there if name.lower() not in kept or name in asked]
    keys = champion.keys if key in champion.keys else (key,)
    keys = tuple(name for name in keys if name.lower() in {n.lower() for n in there})
    exclude = [name for name in exclude if name.lower() not in {k.lower() for k in keys}]
    return Recipe(**{**known, "label": label, "keys": keys, "exclude": exclude})


def _push(
    store: Store,
    challenger: ScoringModel,
    place: Path,
    held_back: Path,
    recipe: Recipe,
    result: Challenge,
    note: str,
) -> int:
    """Prove a challenger on the store's engine, and add it to the registry."""
    engine = "duckdb" if file_of(store.place) is not None else store.place
    proof = verify(challenger, held_back, engine=engine)
    if not proof.holds:
        raise ParityError(failure(proof))
    told = {
        "model_sha256": proof.model_sha256,
        "engines": [
            {
                "engine": proof.engine,
                "dialect": proof.dialect,
                "holds": True,
                "sql_sha256": dict(proof.sql_sha256),
            }
        ],
    }
    write_text({place / PROOF: json.dumps(told, indent=2) + "\n"})
    metrics = {name: own.value for name, own in result.challenger.metrics.items()}
    kept = {name: getattr(recipe, name) for name in _KEPT}
    kept["dictionary"] = _read_dictionary(recipe)
    recipe_said = {name: value for name, value in kept.items() if value is not None}
    said = {"challenge": metrics, "recipe": recipe_said}
    return registry.push(store, place / NAME, metrics=said, note=note).version


def _read_dictionary(recipe: Recipe) -> Mapping[str, object] | None:
    own = recipe.dictionary
    return own if own is None or isinstance(own, Mapping) else read_toml(own, DictionaryError)


def _tell(result: Challenge, challenger: ScoringModel) -> dict[str, Any]:
    return {
        "challenger_sha256": fingerprint(challenger),
        "verdict": result.verdict,
        "rows": result.rows,
        "gates": {gate.gate: gate.outcome for gate in result.gates},
        "psi": round(result.shift.psi, 6),
    }
