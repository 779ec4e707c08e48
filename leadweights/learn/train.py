"""One go at learning: what becomes of each column, the weights, and what they decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.apply import first_decisions
from leadweights.errors import TableError
from leadweights.formula.evaluate import evaluated
from leadweights.formula.stages import stages
from leadweights.learn.in_engine.fit import learnt_by_sums
from leadweights.learn.prepare.columns import Decision, Survey, entry_of
from leadweights.learn.prepare.design import Design, design
from leadweights.learn.prepare.prepared import Prepared, prepared
from leadweights.learn.problem import Task, cut_by
from leadweights.learn.regression import CPath, Learnt, c_path, column_losses, logistic_regression
from leadweights.learn.row_weights import Weights
from leadweights.learn.to_model import Context, equal_weights
from leadweights.model.model import InputColumn, ScoringModel
from leadweights.model.rules import Wording
from leadweights.tables.labelled import Kind, Rows

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]

_PERCENTILE_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was learnt from training rows."""

    decisions: list[Decision]
    columns: tuple[InputColumn, ...]
    rows: Prepared
    y: Floats
    weights: Weights | None
    design: Design
    learnt: Learnt
    equal_weights: ScoringModel
    path: CPath | None


def surveyed(task: Task, rows: Rows) -> Survey:
    """Make ready to decide on columns by these rows."""
    values = {name: rows.values[name] for name in task.features}
    kinds: dict[str, Kind] = {name: rows.held_as[name] for name in task.features}
    losses = partial(column_losses, by=cut_by(task, rows))
    return Survey(Rows(values, kinds, rows.y), task.dictionary, losses, task.asked.seed)


def decided(task: Task, rows: Rows) -> list[Decision]:
    """Say what becomes of each column, sorted by name. Raises DictionaryError."""
    found = [*surveyed(task, rows).decisions(), *task.aside]
    return sorted(found, key=lambda decision: decision.column)


def attempted(task: Task, rows: Rows) -> Attempt:
    """Learn from training rows, or from all those for which they are a sample.

    Raises TableError where no column can be learnt from.
    """
    decisions = decided(task, rows)
    inputs = tuple(column for decision in decisions for column in decision.inputs)
    if not inputs:
        said = "; ".join(f"{d.column!r}: {d.reason}" for d in decisions if d.kind == "left out")
        raise TableError(f"{task.table.name} has no usable column; {said}")
    names = [column.name.lower() for column in inputs]
    twice = [column.name for column in inputs if names.count(column.name.lower()) > 1]
    if twice:
        raise TableError(
            f"{task.table.name}: two inputs would have the name {twice[0]!r}; rename the column"
        )
    ready = prepared(rows, inputs)
    curves = {d.inputs[0].name for d in decisions if d.curve}
    kept = {name: held.levels for name, held in ready.levels.items()}
    kept |= {d.inputs[0].name: d.levels for d in decisions if d.levels is not None}
    matrix = design(ready, curves, kept)
    read = [d.column for d in decisions if d.used]
    context = Context(
        task.keys,
        task.table.require(task.asked.label),
        task.positive,
        f"leadweights {version('leadweights')}",
        "" if task.whole else rows.sha256(read),
        task.weighing,
    )
    weights = task.weighing.learning(rows)
    c = task.asked.c
    path = None
    if c == "auto":
        path = c_path(matrix, ready, rows.y, task.asked.seed, cut_by(task, rows), weights)
    chosen = path.chosen.c if path else float(c)
    if task.whole is None:
        learnt = logistic_regression(inputs, matrix, ready, rows.y, chosen, context, weights)
    else:
        learnt = learnt_by_sums(task.whole, inputs, matrix, chosen, context)
    equal = equal_weights(inputs, matrix, ready, rows.y, task.dictionary, context)
    return Attempt(decisions, inputs, ready, rows.y, weights, matrix, learnt, equal, path)


def deciding(task: Task, model: ScoringModel, rows: Rows) -> ScoringModel:
    """Give a learnt model its first decisions, and the dictionary's words for reasons."""
    log_odds = evaluated(stages(model, columns=["log_odds"]), rows.values)["log_odds"]
    counted = task.weighing.measuring(rows)
    if counted is not None:
        # So many rows that count the same have the same percentiles.
        places = (np.arange(_PERCENTILE_POINTS) + 0.5) / _PERCENTILE_POINTS
        log_odds = np.quantile(log_odds, places, weights=counted, method="inverted_cdf")
    inputs = {column.name: column for column in model.columns}
    entries = [(t.column, entry_of(inputs[t.column], task.dictionary)) for t in model.terms]
    wordings = (Wording(n, e.description, e.reason_high, e.reason_low) for n, e in entries)
    said = tuple(w for w in wordings if w != Wording(w.column))
    return replace(model, decisions=first_decisions(log_odds, said))
