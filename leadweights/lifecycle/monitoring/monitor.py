"""The monitor: current rows against a baseline, and one verdict that a scheduler can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from leadweights.decisions.baseline import make_baseline
from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.formula.bins import SCORE, bin_stages, list_watched
from leadweights.learn.recipe import Progress, Warehouse, say_nothing
from leadweights.lifecycle.monitoring.alarms import Drift, Verdict, decide, judge_drift
from leadweights.lifecycle.monitoring.count import Counted, count_table
from leadweights.lifecycle.monitoring.drift import ks
from leadweights.lifecycle.monitoring.performance import OutcomesNow, measure_now
from leadweights.model.baseline import (
    Baseline,
    check_baseline,
    load_baseline,
)
from leadweights.model.file import fingerprint
from leadweights.model.model import Choice, ScoringModel
from leadweights.model.shown import Shown
from leadweights.sql.aggregates import select_where
from leadweights.tables.columns import check_columns, open_for, read_columns
from leadweights.tables.file import path_of
from leadweights.tables.open import Source

EXITS: Mapping[Verdict, int] = {"steady": 0, "too few rows": 0, "watch": 3, "act": 4}
"""What `leadweights monitor` ends with; 1 is for an error."""

_RANK: tuple[Verdict, ...] = ("steady", "too few rows", "watch", "act")


@dataclass(frozen=True, slots=True, repr=False)
class Monitor(Shown):
    """What became of a model's columns and scores since its baseline, and one verdict.

    `reason` says why in one sentence. `drifts` have the score first, then the columns by their
    share of it. `base_rate` is that of the training rows; the mean probabilities are the
    baseline's and the current rows'. `notes` are for a reader.
    """

    model: str
    model_sha256: str
    current: str
    against: str
    rows: int
    baseline_rows: float
    verdict: Verdict
    reason: str
    drifts: tuple[Drift, ...]
    base_rate: float | None
    mean_probability_before: float | None
    mean_probability: float | None
    outcomes: OutcomesNow | None
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """Give what a scheduler sees: 0, 3 for watch, 4 for act."""
        return EXITS[self.verdict]


def monitor(
    model: ScoringModel,
    current: Source | Warehouse,
    *,
    baseline: Baseline | str | Path | None = None,
    reference: Source | None = None,
    label: str | None = None,
    progress: Progress | None = None,
) -> Monitor:
    """Hold current rows against what a model's columns and scores were when it was learnt.

    `current` are rows, or a `Warehouse` with a table, which counts them itself in one pass. The
    `baseline` is that of `Fit.baseline`, or its file, or the folder that has it. With a
    `reference`, another table of rows, these take the baseline's place, in its bins if there is
    one; where both tables are at hand KS is exact. With a `label`, a column or an expression, the
    model is measured on the current rows, too.

    Raises ModelError for the baseline of another model, UnsupportedError where there is nothing to
    hold rows against, TableError, EngineError.
    """
    tell = progress or say_nothing
    held = _find(model, baseline)
    against = "its baseline"
    exact: Mapping[str, float] = {}
    if reference is not None:
        tell("the rows to hold the current ones against")
        held, against = _count_reference(model, held, reference), _name(reference)
    if held is None:
        raise UnsupportedError(
            "there is no baseline.json beside the model, as fit writes it: name rows to hold the "
            "current ones against with --reference"
        )
    tell("counting the rows")
    counted = count_table(model, held, current)
    if reference is not None and not isinstance(current, Warehouse):
        tell("the distances of both tables")
        exact = measure_distances(model, reference, current)
    outcomes = None
    if label is not None:
        tell("measuring on the labels")
        outcomes = measure_now(model, current, label, held.performance)
    return conclude(model, held, counted, _name(current), against, exact, outcomes)


def conclude(
    model: ScoringModel,
    baseline: Baseline,
    counted: Counted,
    current: str = "the rows",
    against: str = "its baseline",
    exact: Mapping[str, float] | None = None,
    outcomes: OutcomesNow | None = None,
) -> Monitor:
    """Judge rows that are counted already."""
    drifts = judge_drift(model, baseline, counted.bins, exact)
    verdict, reason = decide(baseline, drifts)
    if outcomes is not None and outcomes.alarm:
        worse = _RANK.index(outcomes.alarm) > _RANK.index(verdict)
        if worse:
            verdict, reason = outcomes.alarm, outcomes.reason
        elif verdict == outcomes.alarm:
            reason = f"{reason}; {outcomes.reason}"
    return Monitor(
        model.name,
        fingerprint(model),
        current,
        against,
        counted.rows,
        baseline.effective_rows,
        verdict,
        reason,
        drifts,
        baseline.base_rate,
        baseline.mean_probability,
        counted.mean_probability,
        outcomes,
        tuple(_notes(baseline, drifts, outcomes)),
    )


def _notes(
    baseline: Baseline, drifts: tuple[Drift, ...], outcomes: OutcomesNow | None
) -> list[str]:
    found = []
    if baseline.share < 1:
        found.append(f"the baseline counts a sample, {baseline.share:.0%} of the training rows")
    if baseline.effective_rows < 0.999 * baseline.rows:
        found.append(
            f"the baseline's {baseline.rows:,} rows are weighted: they tell as much as "
            f"{baseline.effective_rows:,.0f} alike"
        )
    if any(drift.ks is not None and not drift.ks_exact for drift in drifts):
        found.append("KS is measured at the frozen cuts alone: the true distance is this or larger")
    if outcomes is not None:
        found += filter(None, [outcomes.left_out])
        found += outcomes.cautions
    return found


def _find(model: ScoringModel, given: Baseline | str | Path | None) -> Baseline | None:
    if given is None:
        return None
    if isinstance(given, Baseline):
        check_baseline(model, given)
        return given
    found = load_baseline(given)
    check_baseline(model, found, str(given))
    return found


def _count_reference(model: ScoringModel, baseline: Baseline | None, reference: Source) -> Baseline:
    """Put the rows of a table in the place of a baseline's, in its bins or else in their own."""
    if baseline is None:
        table = open_for(model, reference, [SCORE])
        check_columns(table, model, [SCORE])
        return make_baseline(model, read_columns(table, model, [SCORE]))
    counted = count_table(model, baseline, reference)
    bins = {name: tuple(map(float, rows)) for name, rows in counted.bins.items()}
    return replace(
        baseline,
        rows=counted.rows,
        effective_rows=float(counted.rows),
        columns=tuple(replace(c, rows=bins[c.column]) for c in baseline.columns),
        score=replace(baseline.score, rows=bins[SCORE]),
        mean_probability=counted.mean_probability,
        share=1.0,
    )


def measure_distances(model: ScoringModel, before: Source, now: Source) -> dict[str, float]:
    """Measure KS of the score and of each number, exactly, column by column."""
    chain, names = bin_stages(model)
    limits = {one.name: one.limit for one in list_watched(model)}
    wanted = {
        one.name: names[one.name]
        for one in list_watched(model)
        if not (one.yes_or_no or isinstance(one.column, Choice))
    }
    found = dict[str, float]()
    tables = [open_for(model, source, [SCORE]) for source in (before, now)]
    for name, read in [*wanted.items(), (SCORE, SCORE)]:
        sides: list[Floats] = []
        for table in tables:
            (values,) = table.select(select_where(chain, [read], [], "duckdb", table.view)).values()
            side = np.ma.filled(values.astype(np.float64), np.nan)
            sides.append(side[np.abs(side) <= limits.get(name, np.inf)])
        if all(map(len, sides)):
            found[name] = ks(*sides)
    return found


def _name(source: object) -> str:
    if isinstance(source, Warehouse):
        return str(source.table)
    path = path_of(source)
    return "the table" if path is None else str(path)
