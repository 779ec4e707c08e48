"""Rows to measure a model on: fresh ones, unless somebody asks for those it has learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leadweights.decisions.learnt_rows import MOST_LEARNT, find_learnt_rows, hash_as_read
from leadweights.decisions.outcomes import Outcomes, list_cautions, read_outcomes
from leadweights.errors import TableError
from leadweights.files.manifest import check_belonging, find_manifest, has_file
from leadweights.files.remote import as_path
from leadweights.model.model import ScoringModel
from leadweights.tables.open import Source

HELD_BACK = "held_back"
"""How the file of rows that a fit held back is called, but for its kind."""

_KINDS = (".csv", ".parquet")
_LOOKS_BETTER = "on them it looks better than it is"


@dataclass(frozen=True, slots=True)
class Measured:
    """Labelled rows a model is measured on, where they come from, and what speaks against them.

    `learnt` says that the model has learnt from them: nothing is to be promised.
    """

    source: Source
    known: Outcomes
    learnt: bool
    warnings: tuple[str, ...]


def read_fresh_rows(
    model: ScoringModel,
    source: Source | None,
    label: str | None = None,
    folder: str | Path | None = None,
    *,
    learnt_rows: bool = False,
) -> Measured:
    """Read labelled rows to measure on; without a source those that `fit` held back in a folder.

    A folder also has the hashes by which rows are known again that the model has learnt from.

    Raises TableError for these, unless `learnt_rows` asks for them, and for what cannot be used.
    """
    home = None if folder is None else as_path(folder)
    if source is None:
        source = find_held_back(home)
    known = read_outcomes(model, source, label)
    warnings = [*filter(None, [known.left_out]), *list_cautions(model)]
    same = known.rows_sha256 == model.provenance.rows_sha256
    share = estimate_learnt(model, known, home) or 0.0
    if share > MOST_LEARNT:
        if not learnt_rows:
            raise TableError(_refusal(known.table.name, share, home))
        warnings.append(
            f"the model has learnt from {share:.0%} of these rows: {_LOOKS_BETTER}, and nothing is "
            "promised"
        )
    elif same:
        warnings.append(f"these are the rows the model was learnt from: {_LOOKS_BETTER}")
    return Measured(source, known, learnt_rows or share > MOST_LEARNT, tuple(warnings))


def estimate_learnt(model: ScoringModel, known: Outcomes, folder: Path | None) -> float | None:
    """Estimate which share of rows a model has learnt from; None where nothing tells.

    NaN says that these rows are too few, or too much alike, to tell.
    """
    learnt = None if folder is None else find_learnt_rows(folder, model)
    if learnt is None:
        return None
    return learnt.estimate(hash_as_read(model, known.rows.values, known.rows.y))


def find_held_back(folder: Path | None) -> Path:
    """Find the rows that the fit of a folder held back. Raises TableError where there are none."""
    if folder is None:
        raise TableError("name labelled rows to measure on, or the folder that fit wrote")
    manifest = find_manifest(folder)
    for kind in _KINDS:
        path = folder / f"{HELD_BACK}{kind}"
        if has_file(path) and (manifest is None or path.name in manifest.files):
            return check_belonging(path)
    raise TableError(
        f"{folder} has no rows that its fit held back ({HELD_BACK}.csv): name labelled rows that "
        "the model has not learnt from"
    )


def _refusal(table: str, share: float, folder: Path | None) -> str:
    try:
        instead = f"measure on {find_held_back(folder)}, which it has not seen"
    except TableError:
        instead = "measure on rows it has not seen"
    return (
        f"{table}: the model has learnt from {share:.0%} of these rows: {_LOOKS_BETTER}; "
        f"{instead}, or say --learnt-rows to measure on them and promise nothing"
    )
