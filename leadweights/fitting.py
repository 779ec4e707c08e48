"""From a table of leads to a proven model: prepare, learn, compare, prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.attempt import Attempt, attempted, decided, deciding, surveyed
from leadweights.dictionary import Dictionary
from leadweights.errors import ParityError, TableError, UnsupportedError
from leadweights.evaluate import evaluated
from leadweights.in_engine import Told, Whole
from leadweights.leakage import Suspect, suspects
from leadweights.learn import (
    CPath,
    gradient_boosting,
)
from leadweights.metrics import Evaluation, Price, Scored, evaluations, price
from leadweights.model import Curve, Levels, Number, ScoringModel, Term
from leadweights.places import place_of as placed
from leadweights.prove import Parity, failure, parity
from leadweights.reference import reference_check
from leadweights.results import ranked_by, stages
from leadweights.rivals import not_installed, probabilities
from leadweights.splitting import Groups, folds, split
from leadweights.survey import Decision, entry_of, prepared
from leadweights.task import SPLIT, Asked, Part, Task, absent, cut_by, parts, task_of
from leadweights.training import Rows

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


@dataclass(frozen=True, slots=True)
class Fit:
    """A learnt model, the baselines beside it, the proofs and what a reader should know.

    `columns` says what became of each column; `suspects` which may give the outcome away. With
    three parts of the rows, `last` is measured on the third, which nothing else has seen.
    """

    model: ScoringModel
    equal_weights: ScoringModel
    columns: tuple[Decision, ...]
    comparison: Comparison
    last: Comparison | None
    parity: Parity
    equal_weights_parity: Parity
    c_path: CPath | None
    suspects: tuple[Suspect, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def fit(
    train: Source | None = None,
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
    strict: bool = False,
    engine: str | None = None,
    table: str | None = None,
    memory: str | None = None,
    scratch: bool = False,
    told: Told | None = None,
    look: Callable[[], object] | None = None,
) -> Fit:
    """Learn a scoring model from labelled rows, compare it with the baselines and prove its SQL.

    `train` and `valid` are file names or DataFrames; without `valid` the rows are split by the
    shares in `split`, at random and stratified, or forward in time by `time_column`, or whole
    groups by `group`. `keys` pass through the SELECT; they, `exclude`, `time_column` and `group`
    are not learnt from. `dictionary` is a TOML file that says what the columns mean and how to
    prepare them, or the same as a mapping. `c` is the inverse strength of the L2 penalty, or
    "auto" to choose it by cross-validation; `seed` drives the split, the folds, the bootstrap and
    gradient boosting. With `strict`, columns that may give the outcome away are an error.

    A row counts as often as the column `weight` says. In learning alone, a positive row counts
    `class_weight` times, or as often as makes the classes "balanced". Where of the negative rows
    only the share `negatives_kept` is there, the intercept and all that is measured are corrected.

    A large file stays where it is: DuckDB adds up what the weights are solved from, all rows of
    it, and a sample decides on the columns and measures. `engine` says where to do that: a
    database's URL with a `table` in it, "spark", "duckdb", or "memory" to read the file whatever
    its size. `memory`, such as "2GB", bounds what this process takes. With `scratch` the database
    keeps the prepared rows in a table until the end, which makes passes cheaper; otherwise nothing
    is made in it. `told` is called with a few words before each question that may take long, `look`
    ten times a second meanwhile.

    Raises TableError or DictionaryError for input that cannot be used, and ParityError, with the
    first differing row, if SQL and Python disagree.
    """
    asked = Asked(
        label,
        keys,
        exclude,
        c,
        seed,
        split,
        time_column,
        group,
        weight,
        class_weight,
        negatives_kept,
        scratch,
    )
    with placed(
        train, engine=engine, table=table, memory=memory, look=look or (lambda: None)
    ) as place:
        task = task_of(train, valid, asked, dictionary, place, told or (lambda _: None))
        return _fitted(task, strict=strict)


def _fitted(task: Task, *, strict: bool) -> Fit:
    cut = parts(task)
    attempt = attempted(task, cut[0].rows)
    found = _suspects(task, cut[0].rows)
    used = {decision.column for decision in attempt.decisions if decision.used}
    if strict and any(suspect.column in used for suspect in found):
        raise TableError(
            "strict: " + "; ".join(_leak(suspect) for suspect in found if suspect.column in used)
        )
    comparisons = [_comparison(task, attempt, cut[0], part) for part in cut[1:]]
    model = deciding(task, attempt.learnt.model, cut[0].rows)
    held = cut[1].rows
    reference = reference_check(
        model,
        "scikit-learn",
        held.values,
        attempt.learnt.reference_log_odds(prepared(held, attempt.columns)),
    )
    proof = parity(model, task.tables, reference)
    # Both read the same columns in the same way, whatever their type.
    of_equal_weights = parity(attempt.equal_weights, task.tables, every_type=False)
    for one in (proof, of_equal_weights):
        if not one.holds:
            raise ParityError(failure(one))
    notes = [
        f"column {decision.column!r} is left out: {decision.reason}"
        for decision in attempt.decisions
        if decision.kind == "left out"
    ]
    logged = [c.name for c in model.columns if isinstance(c, Number) and c.log]
    if logged:
        notes.append(_logarithms(logged))
    if attempt.path:
        notes.append(_choice_of_c(attempt.path))
    if task.whole is not None:
        notes.append(_by_sums(task.whole, model, len(task.rows.y)))
    if task.asked.time_column is not None and task.valid is None:
        notes.append(_forward(task, comparisons[0], [len(part.rows.y) for part in cut]))
    notes += task.weighing.notes()
    warnings = [
        *_absent(task),
        *attempt.learnt.warnings,
        *_contradictions(model, task.dictionary),
        *(_leak(suspect) for suspect in found if suspect.column in used),
    ]
    return Fit(
        model,
        attempt.equal_weights,
        tuple(attempt.decisions),
        comparisons[0],
        comparisons[1] if len(comparisons) > 1 else None,
        proof,
        of_equal_weights,
        attempt.path,
        tuple(found),
        tuple(notes),
        tuple(warnings),
    )


def _by_sums(whole: Whole, model: ScoringModel, deciding: int) -> str:
    return (
        f"the weights are learnt from {model.provenance.rows:,} of {whole.rows:,} rows in "
        f"{len(whole.passes)} passes over them in {whole.place.title}; a sample of {deciding:,} "
        "decides on the columns, learns the models beside it and measures all"
    )


def _absent(task: Task) -> tuple[str, ...]:
    return tuple(f"dictionary: the table has no column {name!r}" for name in absent(task))


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
    price of SQL: what the SELECT gives up against the best of the others.
    """
    if threshold is not None and not models:
        raise UnsupportedError("a threshold is for models=True: without, no decision is measured")
    threshold = 0.5 if threshold is None else threshold
    if not (isinstance(threshold, Real) and 0 <= threshold <= 1):
        raise UnsupportedError(f"a threshold is a probability from 0 to 1, not {threshold!r}")
    asked = Asked(
        label,
        keys,
        exclude,
        c,
        seed,
        split,
        time_column,
        group,
        weight,
        class_weight,
        negatives_kept,
    )
    task = task_of(train, valid, asked, dictionary)
    cut = parts(task)
    attempt = attempted(task, cut[0].rows)
    if models:
        found = _contest(task, attempt, cut[0], cut[1], float(threshold))
    else:
        found = _comparison(task, attempt, cut[0], cut[1])
    return replace(found, warnings=_absent(task))


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
    """Compare as `compare` does, in `count` stratified folds, everything learnt anew in each."""
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise UnsupportedError(f"the count of folds is a whole number, not {count!r}")
    count = int(count)
    if count < 2:
        raise UnsupportedError(f"at least 2 folds are needed, not {count}")
    asked = Asked(
        label,
        keys,
        exclude,
        c,
        seed,
        weight=weight,
        class_weight=class_weight,
        negatives_kept=negatives_kept,
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


def columns(
    train: Source,
    *,
    label: str = "label",
    keys: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dictionary: str | Path | Mapping[str, object] | None = None,
    seed: int = 42,
) -> tuple[list[Decision], list[Suspect]]:
    """Say what `fit` would make of each column of a table, and which may give the outcome away.

    Here all rows of the table decide; `fit` asks its training rows alone.
    """
    task = task_of(train, None, Asked(label, keys, exclude, 1.0, seed), dictionary)
    decisions = decided(task, task.rows)
    decisions += [
        Decision(name, "left out", "the dictionary names it, but the table has no such column")
        for name in absent(task)
    ]
    return decisions, _suspects(task, task.rows)


def _scored(task: Task, attempt: Attempt, rows: Rows) -> dict[str, Scored]:
    boosting = gradient_boosting(
        attempt.design, attempt.rows, attempt.y, task.asked.seed, attempt.weights
    )
    boosted = task.weighing.corrected(boosting(prepared(rows, attempt.columns)))
    return {
        "equal_weights": _by_formulas(attempt.equal_weights, rows),
        CHAMPION: _by_formulas(attempt.learnt.model, rows),
        "gradient_boosting": Scored(boosted, boosted),
    }


def _by_formulas(model: ScoringModel, rows: Rows) -> Scored:
    ranking = ranked_by(model)
    found = evaluated(stages(model, columns=[ranking, "probability"]), rows.values)
    return Scored(found[ranking], found["probability"])


def _comparison(task: Task, attempt: Attempt, learnt_on: Part, part: Part) -> Comparison:
    return Comparison(
        part.words,
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


def _suspects(task: Task, rows: Rows) -> list[Suspect]:
    """Look for columns that give the outcome away, understood as the survey does."""
    return suspects(surveyed(task, rows).understood(), rows.y, task.asked.seed)


def _leak(suspect: Suspect) -> str:
    return (
        f"{suspect.column!r} may be known only after the outcome: "
        f"{'; '.join(suspect.evidence)}. {suspect.advice}"
    )


def _forward(task: Task, comparison: Comparison, sizes: Sequence[int]) -> str:
    """Hold the forward split against a random one of the very same sizes."""
    cut = split(task.rows.y, sizes, task.asked.seed)
    attempt = attempted(replace(task, whole=None), task.rows.taken(cut[0]))
    held = task.rows.taken(cut[1])
    scored = {CHAMPION: _by_formulas(attempt.learnt.model, held)}
    counted = task.weighing.measuring(held)
    measured = evaluations(held.y, scored, CHAMPION, task.asked.seed, resamples=0, weights=counted)
    random = measured[CHAMPION].metrics["auc_roc"]
    ahead = comparison.models[CHAMPION].metrics["auc_roc"]
    assert random.value is not None
    assert ahead.value is not None
    gap = ahead.value - random.value
    return (
        f"forward in time the AUC is {ahead.value:.4f}; split at random it would be "
        f"{random.value:.4f} ({gap:+.4f}): expect the first"
    )


def _contradictions(model: ScoringModel, known: Dictionary) -> list[str]:
    """Say where a learnt sign is not the one people expect."""
    found = []
    inputs = {column.name: column for column in model.columns}
    for term in model.terms:
        direction = entry_of(inputs[term.column], known).direction
        rise = _rise(term)
        learnt = "higher" if rise > 0 else "lower"
        if direction is not None and rise != 0 and direction != learnt:
            found.append(
                f"{term.column!r} has weight {rise:+.4f}, but the dictionary says "
                f"{direction} is better"
            )
    return found


def _rise(term: Term) -> float:
    """Say how far a term rises from low to high: a weight, or a curve from end to end."""
    match term:
        case Levels():
            return 0.0
        case Curve(points=points):
            return points[-1].contribution - points[0].contribution
        case _:
            return term.weight


def _logarithms(columns: Sequence[str]) -> str:
    named = ", ".join(map(repr, columns))
    return (
        f"the logarithm of {named} is taken by each engine's own LN: outside DuckDB, lead_score "
        "and log_odds may be a few units in the last place away, and a row as near to a cut in "
        "the next band"
    )


def _choice_of_c(path: CPath) -> str:
    chosen, best = path.chosen, path.best
    return (
        f"C={chosen.c:g} is chosen by cross-validated log-loss: {chosen.log_loss:.4f}, within one "
        f"standard error ({best.standard_error:.4f}) of the best, {best.log_loss:.4f} at "
        f"C={best.c:g}"
    )
