"""The same labelled rows scored by two models, none of which either has learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.fresh_rows import estimate_learnt
from leadweights.decisions.learnt_rows import MOST_LEARNT
from leadweights.decisions.metrics import Scored
from leadweights.decisions.outcomes import (
    Outcomes,
    label_of,
    list_cautions,
    read_outcomes,
    score_by_formulas,
)
from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import outputs, stages
from leadweights.formula.texts import Texts
from leadweights.model.model import ScoringModel
from leadweights.tables.label import Label
from leadweights.tables.open import Source


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two models says of each row, shape (rows,).

    `called` are the rows it calls: from its threshold on, or without one from even odds on. `bands`
    is None for a model without bands.
    """

    model: ScoringModel
    scored: Scored
    called: NDArray[np.bool_]
    bands: Texts | None
    unscored_rows: int


@dataclass(frozen=True, slots=True)
class PairedRows:
    """Rows that both models give a score, in an order that hangs on scores and labels alone."""

    table: str
    y: Floats
    champion: Side
    challenger: Side
    warnings: tuple[str, ...]


def read_paired_rows(
    champion: ScoringModel,
    challenger: ScoringModel,
    source: Source,
    label: str | Label | None,
    folders: tuple[Path | None, Path | None],
) -> PairedRows:
    """Read labelled rows and let both models score them.

    The folders that fit wrote have the hashes by which rows are known again that a model has
    learnt from. Raises TableError for these, for a label that is not the same for both, and for
    what a model cannot score.
    """
    asked = _choose_label(champion, challenger, label)
    read = []
    for role, model, folder in (
        ("champion", champion, folders[0]),
        ("challenger", challenger, folders[1]),
    ):
        try:
            known = read_outcomes(model, source, asked)
        except TableError as problem:
            raise TableError(f"the {role} cannot be measured: {problem}", problem.details) from None
        read.append((role, model, known, folder))
    warnings = [known.left_out for _, _, known, _ in read[:1] if known.left_out]
    for role, model, known, folder in read:
        warnings += _refuse_learnt(role, model, known, folder)
        warnings += [f"the {role}: {caution}" for caution in list_cautions(model)]
    return _pair(read[0][1:3], read[1][1:3], warnings)


def _choose_label(
    champion: ScoringModel, challenger: ScoringModel, label: str | Label | None
) -> Label:
    if isinstance(label, Label):
        return label
    first, second = label_of(champion), label_of(challenger)
    if label is not None:
        return next((own for own in (first, second) if own.text == label), Label(label))
    if first != second:
        told = " and ".join(
            f"{own.text!r}" + (f" ({', '.join(own.positive)})" if own.positive else "")
            for own in (first, second)
        )
        raise TableError(
            f"champion and challenger were learnt with other labels, {told}: name the label to "
            "measure both on with --label"
        )
    return first


def _refuse_learnt(
    role: str, model: ScoringModel, known: Outcomes, folder: Path | None
) -> list[str]:
    """Refuse rows a model has learnt from; warn where nothing tells."""
    share = estimate_learnt(model, known, folder)
    same = known.rows_sha256 == model.provenance.rows_sha256
    if same or (share is not None and share > MOST_LEARNT):
        told = "these rows" if same or share is None else f"{share:.0%} of these rows"
        raise TableError(
            f"{known.table.name}: the {role} has learnt from {told}: on them it looks better than "
            "it is; measure on rows that neither model has seen"
        )
    if share is None:
        return [
            f"nothing tells whether the {role} has learnt from these rows: learnt_rows.json, which "
            "fit writes, is not beside its model"
        ]
    if isnan(share):
        return [f"these rows do not tell whether the {role} has learnt from them"]
    return []


def _pair(
    champion: tuple[ScoringModel, Outcomes],
    challenger: tuple[ScoringModel, Outcomes],
    warnings: list[str],
) -> PairedRows:
    sides, labels = [], []
    for model, known in (champion, challenger):
        rows = known.rows
        assert rows.places is not None
        rows = rows.put_in_order(np.argsort(rows.places))
        scored = score_by_formulas(model, rows)
        labels.append(rows.y)
        bands = None
        if "band" in outputs(model) and model.decisions.bands is not None:
            found = compute(stages(model, columns=["band"]), rows.values)["band"]
            assert isinstance(found, Texts)
            bands = found
        unscored = int(np.isnan(scored.score).sum())
        sides.append(Side(model, scored, _call(model, scored), bands, unscored))
    assert np.array_equal(labels[0], labels[1])
    y, first, second = labels[0], sides[0], sides[1]
    both = ~np.isnan(first.scored.score) & ~np.isnan(second.scored.score)
    table = champion[1].table.name
    positive = int(y[both].sum())
    if positive in (0, int(both.sum())):
        raise TableError(
            f"{table}: all {int(both.sum()):,} rows that both models score have one outcome: "
            "models are told apart by rows of both kinds"
        )
    chosen = np.flatnonzero(both)
    order = chosen[np.lexsort((y[both], second.scored.score[both], first.scored.score[both]))]
    own = tuple(dict.fromkeys(warnings))
    return PairedRows(table, y[order], _take(first, order), _take(second, order), own)


def _call(model: ScoringModel, scored: Scored) -> NDArray[np.bool_]:
    own = model.decisions.threshold
    found = scored.probability >= 0.5 if own is None else scored.score >= own.log_odds
    return np.asarray(found)


def _take(side: Side, order: NDArray[np.int64]) -> Side:
    scored = Scored(side.scored.score[order], side.scored.probability[order])
    bands = None if side.bands is None else side.bands[order]
    return Side(side.model, scored, side.called[order], bands, side.unscored_rows)
