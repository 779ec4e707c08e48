"""What became of leads that a model scores: labelled rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import ranked_by, stages
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import Values, check_columns, columns_read, sources, texts_read
from leadweights.tables.labelled import Rows, labelled_rows
from leadweights.tables.open import opened
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A table, its labelled rows, and what ranks them, shape (rows,); NaN without a score.

    `learnt_from` tells whether these are the very rows the model was learnt from.
    """

    table: Table
    rows: Rows
    log_odds: Floats
    learnt_from: bool


def outcomes(model: ScoringModel, source: Source, label: str | None = None) -> Outcomes:
    """Read a labelled table and score it; the label is the one the model was learnt with.

    Raises TableError for a table that lacks the label or a column of the model.
    """
    table = opened(source, texts_read(model))
    check_columns(table, model)
    kinds = sources(model)
    wanted = {name: kinds[name] for name in sorted(kinds)}
    rows = labelled_rows(table, wanted, table.require(label or model.provenance.label))
    own = rows.sha256(sorted(sources(model, ["lead_score"])))
    return Outcomes(
        table,
        rows,
        deciding_log_odds(model, rows.values),
        own == model.provenance.rows_sha256,
    )


def cautions(model: ScoringModel) -> list[str]:
    """Say what rows that each count once may not tell of a model that was learnt otherwise."""
    found, origin = [], model.provenance
    if origin.negatives_kept != 1.0:
        found.append(
            f"the model is corrected for {origin.negatives_kept:g} of the negatives kept: where "
            "these rows have no more of them either, rates, calibration and thresholds are those "
            "of these rows and not of new leads; take a table with all negatives"
        )
    if origin.weight:
        found.append(f"these rows count once each; the model was learnt by {origin.weight!r}")
    return found


def list_warnings(model: ScoringModel, known: Outcomes) -> tuple[str, ...]:
    """List what speaks against trusting what these rows say of a model."""
    found = cautions(model)
    if known.learnt_from:
        found.append(
            "these are the rows the model was learnt from: on them it looks better than it is"
        )
    return tuple(found)


def unlabelled(model: ScoringModel, source: Source) -> Mapping[str, Values]:
    """Read the columns of a model from a table without outcomes. Raises TableError."""
    return columns_read(opened(source, texts_read(model)), model)


def deciding_log_odds(model: ScoringModel, values: Mapping[str, Values]) -> Floats:
    """Compute what ranks the rows, shape (rows,)."""
    by = ranked_by(model)
    return evaluate(stages(model, columns=[by]), values)[by]
