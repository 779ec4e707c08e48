"""Gather what a report says: score, measure, prove, and take what the fit wrote with the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leadweights.beside import EQUAL, Beside
from leadweights.errors import ParityError, UnsupportedError
from leadweights.evaluate import evaluated
from leadweights.metrics import Scored, evaluations
from leadweights.model import Logit, ScoringModel
from leadweights.model_file import fingerprint
from leadweights.opening import opened
from leadweights.prove import failure, verify
from leadweights.ranking import bands, calibration_error, ranking, reliability, slots
from leadweights.reading import check_columns, sources, texts_read
from leadweights.report_data import Origin, Report
from leadweights.results import decided_probability, ranked_by, stages
from leadweights.statement import render
from leadweights.training import Rows, labelled_rows
from leadweights.typical import typical_leads
from leadweights.weight_list import weights

if TYPE_CHECKING:
    import pandas as pd

# A page with all steps of 2,000 rows stays small, and is exact there.
_MOST_STEPS = 2000
_DIALECT = "duckdb"
_LEARNT_FROM = (
    "These are the rows the model was learnt from: on new leads expect less than is shown here."
)


def report(
    model: ScoringModel,
    valid: str | Path | pd.DataFrame,
    *,
    label: str | None = None,
    seed: int = 42,
    folder: str | Path | None = None,
) -> str:
    """Write a report on a model, measured on a labelled table, as one HTML page.

    The page opens offline and loads nothing; the same input gives the same bytes. `label` is by
    default the one the model was learnt with, `seed` drives the bootstrap. `folder` holds what
    `fit` wrote beside the model: the baseline, its comparison, what became of each column. What
    is not there is not shown, and the page says so.

    Raises TableError for a table that lacks a column or the label, ParityError if SQL and Python
    disagree on it, and UnsupportedError without the libraries of `leadweights[report]`.
    """
    try:
        from leadweights.report_page import page
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in ("jinja2", "matplotlib"):
            raise
        raise UnsupportedError(
            f'the report needs {problem.name}: pip install "leadweights[report]"'
        ) from None
    return page(gathered(model, valid, label=label, seed=seed, folder=folder))


def gathered(
    model: ScoringModel,
    valid: str | Path | pd.DataFrame,
    *,
    label: str | None = None,
    seed: int = 42,
    folder: str | Path | None = None,
) -> Report:
    """Compute all that `report` writes, as plain data. Raises what it raises."""
    rows = _rows(model, valid, label or model.provenance.label)
    scored = {model.name: _scored(model, rows)}
    beside = Beside(Path(folder) if folder is not None else None, model)
    equal = beside.equal_weights()
    if equal is not None:
        scored[EQUAL] = _scored(equal, rows)
    measured = evaluations(rows.y, scored, model.name, seed)
    measured_on, models = beside.comparison(len(rows.y), int(rows.y.sum()), measured)
    proof = verify(model, valid)
    if not proof.holds:
        raise ParityError(failure(proof))
    measured_sha256 = rows.sha256(sorted(sources(model)))
    if measured_sha256 == model.provenance.rows_sha256:
        beside.notes.append(_LEARNT_FROM)
    own = scored[model.name]
    bins = reliability(rows.y, own.probability)
    columns, findings = beside.columns()
    return Report(
        _origin(model, measured_sha256),
        measured_on,
        len(rows.y),
        int(rows.y.sum()),
        models,
        {
            name: ranking(rows.y, s.score, s.probability).thinned(_MOST_STEPS)
            for name, s in scored.items()
        },
        tuple(weights(model)),
        bins,
        calibration_error(bins),
        slots(rows.y, own.probability),
        bands(rows.y, own.score, own.probability),
        columns,
        findings is not None,
        findings,
        typical_leads(model, rows.values, own.score),
        proof,
        render(model, dialect=_DIALECT),
        _DIALECT,
        tuple(beside.notes),
    )


def _rows(model: ScoringModel, valid: str | Path | pd.DataFrame, label: str) -> Rows:
    table = opened(valid, texts_read(model))
    check_columns(table, model)
    kinds = sources(model)
    return labelled_rows(table, {name: kinds[name] for name in sorted(kinds)}, table.require(label))


def _scored(model: ScoringModel, rows: Rows) -> Scored:
    ranking, probability = ranked_by(model), decided_probability(model)
    found = evaluated(stages(model, columns=[ranking, probability]), rows.values)
    return Scored(found[ranking], found[probability])


def _origin(model: ScoringModel, measured_sha256: str) -> Origin:
    made, link = model.provenance, model.link
    return Origin(
        model.name,
        made.method,
        made.made_by,
        made.label,
        made.positive,
        made.rows,
        made.positive_rows,
        made.rows_sha256,
        fingerprint(model),
        measured_sha256,
        link.intercept if isinstance(link, Logit) else None,
        link.scale if isinstance(link, Logit) else None,
    )
