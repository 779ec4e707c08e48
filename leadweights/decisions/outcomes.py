"""What became of leads that a model scores: labelled rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from leadweights.decisions.metrics import Scored
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import decided_probability, ranked_by, stages
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Decisions
from leadweights.tables.columns import Kind, check_columns, open_for, sources
from leadweights.tables.label import Label, label_table
from leadweights.tables.labelled import Rows, labelled_rows
from leadweights.tables.open import Source
from leadweights.tables.table import Table


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A table, its labelled rows, and what ranks them, shape (rows,); NaN without a score.

    `rows_sha256` is of the columns that the model was learnt from: the same for the same rows.
    """

    table: Table
    rows: Rows
    log_odds: Floats
    rows_sha256: str
    left_out: str = ""


def read_outcomes(
    model: ScoringModel,
    source: Source,
    label: str | Label | None = None,
    *,
    alike: bool = False,
) -> Outcomes:
    """Read a labelled table and score it; the label is the one the model was learnt with.

    With another label, a column or an expression, none of the model's named values counts. A
    `Label` is taken as it is. All outcomes may be `alike` if that is said.

    Raises TableError for a table that lacks the label or a column of the model.
    """
    table = open_for(model, source)
    check_columns(table, model)
    kinds = sources(model)
    wanted = {name: kinds[name] for name in sorted(kinds)}
    if not isinstance(label, Label):
        learnt = label_of(model)
        label = learnt if label in (None, learnt.text) else Label(str(label))
    found = label_table(table, label)
    rows = labelled_rows(found.table, wanted, found.column, alike=alike)
    rows_sha256 = rows.sha256(sorted(training_sources(model)))
    log_odds = compute_log_odds(model, rows.values)
    return Outcomes(found.table, rows, log_odds, rows_sha256, found.left_out)


def label_of(model: ScoringModel) -> Label:
    """Give the label that a model was learnt with."""
    origin = model.provenance
    return Label(origin.label, origin.positive_values, origin.negative_values)


def training_sources(model: ScoringModel) -> dict[str, Kind]:
    """Name the columns that a model learnt from, without those that rules around it read."""
    return sources(replace(model, decisions=Decisions()))


def list_cautions(model: ScoringModel) -> list[str]:
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


def compute_log_odds(model: ScoringModel, values: Mapping[str, Values]) -> Floats:
    """Compute what ranks the rows, shape (rows,)."""
    by = ranked_by(model)
    return evaluate(stages(model, columns=[by]), values)[by]


def score_by_formulas(model: ScoringModel, rows: Rows) -> Scored:
    """Let a model's own formulas score rows: by what ranks them, and the probability of that."""
    ranking, probability = ranked_by(model), decided_probability(model)
    found = evaluate(stages(model, columns=[ranking, probability]), rows.values)
    return Scored(found[ranking], found[probability])
