"""The approaches beside each other, on rows that none of them was learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.metrics import Evaluation, Price, Scored, evaluations, price
from leadweights.errors import UnsupportedError
from leadweights.formula.evaluate import evaluated
from leadweights.formula.stages import ranked_by, stages
from leadweights.learn.other_models import gradient_boosting, not_installed, probabilities
from leadweights.learn.prepare.prepared import prepared
from leadweights.learn.problem import SPLIT, Asked, Part, Task, absent, cut_by, parts, task_of
from leadweights.learn.row_weights import Weighing
from leadweights.learn.train import Attempt, attempted
from leadweights.model.model import ScoringModel
from leadweights.tables.labelled import Rows
from leadweights.tables.split import Groups, folds

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]

CHAMPION = "logistic_regression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The approaches, measured on rows none of them was learnt from.

    `measured_on` says in words which rows these are. The rest is there when all models are asked
    for: where a probability becomes a decision, what the SELECT gives up, and which libraries
    would add a model. `warnings` are what a reader should know who sees no `Fit`.
    """

    measured_on: str
    train_rows: int
    valid_rows: int
    valid_positive_rows: int
    models: Mapping[str, Evaluation]
    threshold: float | None = None
    price_of_sql: Price | None = None
    not_installed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folds:
    """The approaches, each learnt and measured as many times as there are folds.

    For each model and metric the mean over the folds and their standard deviation; a metric that
    is not defined in every fold, such as the precision of more rows than one has, is left out.
    """

    folds: int
    seed: int
    rows: int
    models: Mapping[str, Mapping[str, tuple[float, float]]]


def compare(
    train: Source,
    *,
    valid: Source | None = None,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
    split: str = SPLIT,
    time_column: str | None = None,
    group: str | None = None,
    weight: str | None = None,
    class_weight: float | Literal["balanced"] | None = None,
    negatives_kept: float = 1.0,
    models: bool = False,
    threshold: float | None = None,
) -> Comparison:
    """Compare equal weights, logistic regression and gradient boosting; see `fit`.

    With `models` compare decision tree, random forest, extra trees and histogram gradient
    boosting too, and XGBoost and LightGBM where they are installed, all learnt from the same
    matrix; measure decisions at `threshold`, a probability, 0.5 if it is not given, too, and the
    price of SQL: what the SELECT gives up against the best of the others. Raises what `fit` does.
    """
    if threshold is not None and not models:
        raise UnsupportedError("a threshold is for models=True: without, no decision is measured")
    threshold = 0.5 if threshold is None else threshold
    if not (isinstance(threshold, Real) and 0 <= threshold <= 1):
        raise UnsupportedError(f"a threshold is a probability from 0 to 1, not {threshold!r}")
    asked = Asked(
        label=label,
        keys=keys,
        exclude=exclude,
        c=c,
        seed=seed,
        split=split,
        time_column=time_column,
        group=group,
        weighing=Weighing(weight, class_weight, negatives_kept),
    )
    task = task_of(train, valid, asked, dictionary)
    cut = parts(task)
    attempt = attempted(task, cut[0].rows)
    if models:
        found = _contest(task, attempt, cut[0], cut[1], float(threshold))
    else:
        found = compared(task, attempt, cut[0], cut[1])
    return replace(found, warnings=(*words_of_absent(task), *task.weighing.notes()))


def cross_validated(
    train: Source,
    *,
    count: int = 5,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    c: float | Literal["auto"] = 1.0,
    seed: int = 42,
    weight: str | None = None,
    class_weight: float | Literal["balanced"] | None = None,
    negatives_kept: float = 1.0,
) -> Folds:
    """Compare as `compare` does, in `count` stratified folds, everything learnt anew in each.

    Raises what `fit` does.
    """
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise UnsupportedError(f"the count of folds is a whole number, not {count!r}")
    count = int(count)
    if count < 2:
        raise UnsupportedError(f"at least 2 folds are needed, not {count}")
    asked = Asked(
        label=label,
        keys=keys,
        exclude=exclude,
        c=c,
        seed=seed,
        weighing=Weighing(weight, class_weight, negatives_kept),
    )
    task = task_of(train, None, asked, dictionary)
    drawn: dict[str, dict[str, list[float]]] = {}
    for others, own in folds(task.rows.y, count, seed):
        held = task.rows.taken(own)
        scored = _scored(task, attempted(task, task.rows.taken(others)), held)
        counted = task.weighing.measuring(held)
        measured = evaluations(held.y, scored, CHAMPION, seed, resamples=0, weights=counted)
        for name, evaluation in measured.items():
            for metric, interval in evaluation.metrics.items():
                if interval.value is not None:
                    drawn.setdefault(name, {}).setdefault(metric, []).append(interval.value)
    return Folds(
        count,
        seed,
        len(task.rows.y),
        {
            name: {
                m: (float(np.mean(v)), float(np.std(v, ddof=1)))
                for m, v in by_metric.items()
                if len(v) == count
            }
            for name, by_metric in drawn.items()
        },
    )


def _scored(task: Task, attempt: Attempt, rows: Rows) -> dict[str, Scored]:
    boosting = gradient_boosting(
        attempt.design, attempt.rows, attempt.y, task.asked.seed, attempt.weights
    )
    boosted = task.weighing.corrected(boosting(prepared(rows, attempt.columns)))
    return {
        "equal_weights": by_formulas(attempt.equal_weights, rows),
        CHAMPION: by_formulas(attempt.learnt.model, rows),
        "gradient_boosting": Scored(boosted, boosted),
    }


def by_formulas(model: ScoringModel, rows: Rows) -> Scored:
    """Let a model's own formulas score rows."""
    ranking = ranked_by(model)
    found = evaluated(stages(model, columns=[ranking, "probability"]), rows.values)
    return Scored(found[ranking], found["probability"])


def compared(task: Task, attempt: Attempt, learnt_on: Part, part: Part) -> Comparison:
    """Measure the three approaches on a part of the rows."""
    words = part.words
    if task.whole is not None and not task.whole.sample.complete:
        rows = attempt.learnt.model.provenance.rows
        words += f" ({CHAMPION} learnt on {rows:,} rows, the others on sampled ones)"
    return Comparison(
        words,
        len(learnt_on.rows.y),
        len(part.rows.y),
        int(part.rows.y.sum()),
        evaluations(
            part.rows.y,
            _scored(task, attempt, part.rows),
            CHAMPION,
            task.asked.seed,
            groups=_groups(task, part.rows),
            weights=task.weighing.measuring(part.rows),
        ),
    )


def _groups(task: Task, rows: Rows) -> NDArray[np.int64] | None:
    """Give the rows their groups to be resampled by, None unless rows are cut by groups."""
    by = cut_by(task, rows)
    return by.codes() if isinstance(by, Groups) else None


def _contest(
    task: Task, attempt: Attempt, learnt_on: Part, part: Part, threshold: float
) -> Comparison:
    """Compare all the models there are."""
    trees, seed, y = attempt.design.without_curves(), task.asked.seed, part.rows.y
    rows = prepared(part.rows, attempt.columns)
    weights = None if attempt.weights is None else attempt.weights.loss
    found = probabilities(trees.matrix(attempt.rows), attempt.y, trees.matrix(rows), seed, weights)
    found = {name: task.weighing.corrected(values) for name, values in found.items()}
    scored = _scored(task, attempt, part.rows)
    scored |= {name: Scored(values, values) for name, values in found.items()}
    groups = _groups(task, part.rows)
    counted = task.weighing.measuring(part.rows)
    measured = evaluations(
        y, scored, CHAMPION, seed, threshold=threshold, groups=groups, weights=counted
    )
    total = len(y) if counted is None else float(counted.sum())
    return Comparison(
        part.words,
        len(learnt_on.rows.y),
        len(y),
        int(y.sum()),
        measured,
        threshold,
        price({n: m for n, m in measured.items() if n != "equal_weights"}, total),
        not_installed(),
    )


def words_of_absent(task: Task) -> tuple[str, ...]:
    """Say which columns the dictionary names in vain."""
    return tuple(f"dictionary: the table has no column {name!r}" for name in absent(task))
