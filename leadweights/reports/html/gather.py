"""Gather what a report says: score, measure, prove, and take what the fit wrote with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from leadweights.decisions.fresh_rows import Measured, read_fresh_rows
from leadweights.decisions.metrics import evaluate_models
from leadweights.decisions.outcomes import list_cautions, score_by_formulas
from leadweights.decisions.ranking import (
    count_bands,
    count_called,
    count_slots,
    cut_fifths,
    rank,
)
from leadweights.decisions.reliability import logistic, measure_reliability
from leadweights.errors import ParityError, TableError
from leadweights.files.remote import as_path
from leadweights.formula.stages import default_outputs, row_outputs
from leadweights.learn.recipe import Progress, say_nothing
from leadweights.model.model import Logit, ScoringModel
from leadweights.prove.parity import failure, verify
from leadweights.reports.html.data import Report
from leadweights.reports.html.fit_folder import EQUAL, GIVEN, FitFolder
from leadweights.reports.html.libraries import explain_absent
from leadweights.reports.html.typical_leads import typical_leads
from leadweights.reports.rules import rules
from leadweights.reports.weights import weights
from leadweights.sql.render import render
from leadweights.tables.open import Source

# A page with all steps of 2,000 rows stays small, and is exact there.
_MOST_STEPS = 2000
_DIALECT = "duckdb"
_LEARNT_FROM = (
    "These are the rows the model was learnt from: on new leads expect less than is shown here."
)
_GIVEN = (
    "They are of a table that was given for this page: what is shown holds for new leads only if "
    "the model has learnt from none of its rows."
)


def report(
    model: ScoringModel,
    valid: Source | None,
    *,
    label: str | None = None,
    seed: int = 42,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    learnt_rows: bool = False,
) -> str:
    """Write a report on a model, measured on a labelled table, as one HTML page.

    The page opens offline and loads nothing; the same input gives the same bytes. `label` is by
    default the one the model was learnt with, `seed` drives the bootstrap. `folder` holds what
    `fit` wrote beside the model: the baseline, its comparison, what became of each column, the
    rows it held back, which are taken for None, and what tells rows that the model has learnt
    from, which are refused but for `learnt_rows`. What is not there is not shown, and the page
    says so. `progress` is told what is done, as in `fit`.

    Raises TableError for a table that lacks a column or the label, ParityError if SQL and Python
    disagree on it, and UnsupportedError without the libraries of `leadweights[report]`.
    """
    with explain_absent("report"):
        from leadweights.reports.html.page import page
    progress = progress or say_nothing
    options: dict[str, Any] = {"label": label, "seed": seed, "folder": folder}
    options |= {"learnt_rows": learnt_rows, "progress": progress}
    found = gather(model, valid, **options)
    progress("drawing the page")
    return page(found)


def gather(
    model: ScoringModel,
    valid: Source | None,
    *,
    label: str | None = None,
    seed: int = 42,
    folder: str | Path | None = None,
    learnt_rows: bool = False,
    most_sql_bytes: int = 60_000,
    progress: Progress = say_nothing,
) -> Report:
    """Compute all that `report` writes, as plain data. Raises what it raises.

    The SELECT of all decisions is there up to a length: more of it would be most of the page.
    """
    progress("reading and scoring the rows")
    fresh = read_fresh_rows(model, valid, label, folder, learnt_rows=learnt_rows)
    known = fresh.known
    every, scored = known.rows, ~np.isnan(known.log_odds)
    if not scored.any():
        raise TableError(
            f"none of the {len(every.y):,} rows has a score, for none has consent: there is "
            "nothing to measure"
        )
    rows = every if scored.all() else every.taken(np.flatnonzero(scored))
    kept = float(rows.y.sum())
    if kept in (0, len(rows.y)):
        raise TableError(
            f"all {len(rows.y):,} rows with a score are {'positive' if kept else 'negative'}: "
            "there is nothing to measure"
        )
    models = {model.name: score_by_formulas(model, rows)}
    beside = FitFolder(as_path(folder) if folder is not None else None, model)
    equal = beside.equal_weights()
    if equal is not None:
        models[EQUAL] = score_by_formulas(equal, rows)
    progress("resampling for intervals")
    measured = evaluate_models(rows.y, models, model.name, seed)
    measured_on, compared = beside.comparison(len(rows.y), int(kept), measured)
    progress("proving that the SQL gives Python's numbers")
    proof = verify(model, fresh.source)
    if not proof.holds:
        raise ParityError(failure(proof))
    progress("measuring how far probabilities can be believed")
    own = models[model.name]
    which_rows, cautions = _describe_rows(fresh, model, measured_on), list_cautions(model)
    beside.notes += [
        *filter(None, [known.left_out]),
        *cautions,
        *([which_rows] if which_rows == _LEARNT_FROM else []),
    ]
    rule = model.decisions.threshold
    cuts = {model.name: rule.log_odds if rule else None}
    own_bands = model.decisions.bands
    found = (
        count_bands(rows.y, own.score, own_bands) if own_bands else cut_fifths(rows.y, own.score)
    )
    columns, findings = beside.columns()
    everything = row_outputs(model, "standardized")
    sql = render(model, dialect=_DIALECT)
    all_sql = ""
    if everything != default_outputs(model, "standardized"):
        all_sql = render(model, dialect=_DIALECT, columns=everything)
    size = len(all_sql.encode())
    return Report(
        model,
        known.rows_sha256,
        measured_on,
        which_rows,
        tuple(cautions),
        len(rows.y),
        int(kept),
        len(every.y) - len(rows.y),
        compared,
        {n: rank(rows.y, s.score, _MOST_STEPS, cuts.get(n)) for n, s in models.items()},
        tuple(weights(model)),
        measure_reliability(rows.y, own.probability, seed),
        count_slots(rows.y, own.probability),
        rules(model),
        count_called(rows.y, own.score, rule.log_odds) if rule else None,
        _probability_at(model, rule.log_odds) if rule else None,
        found,
        tuple(None if band.low is None else _probability_at(model, band.low) for band in found),
        columns,
        findings,
        typical_leads(model, rows.values, own.score),
        proof,
        sql,
        all_sql if 0 < size <= most_sql_bytes else None,
        size,
        everything,
        tuple(beside.notes),
    )


def _describe_rows(fresh: Measured, model: ScoringModel, measured_on: str) -> str:
    """Say which rows a page is measured on, and what they are worth."""
    if fresh.learnt or fresh.known.rows_sha256 == model.provenance.rows_sha256:
        return _LEARNT_FROM
    if measured_on == GIVEN:
        return _GIVEN
    return f"Measured on {measured_on}, apart from the rows the model was learnt from."


def _probability_at(model: ScoringModel, score: float) -> float:
    """Say which probability belongs to a score that ranks."""
    if isinstance(model.link, Logit):
        return float(logistic(np.array(score)))
    return min(max(score, 0.0), 1.0)
