"""The approaches beside each other, on rows that none of them was learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Unpack

import numpy as np

from leadweights.decisions.metrics import (
    Evaluation,
    Price,
    Scored,
    compare_to_best,
    evaluate_models,
)
from leadweights.decisions.outcomes import score_by_formulas
from leadweights.errors import UnsupportedError
from leadweights.learn.in_memory import TableInMemory
from leadweights.learn.other_models import (
    list_rivals,
    not_installed,
    predict_by_boosting,
    predict_by_others,
    predict_by_rivals,
)
from leadweights.learn.prepare.prepared import prepare
from leadweights.learn.problem import Part, Problem, find_by, list_absent, open_problem, split_rows
from leadweights.learn.recipe import (
    USUAL,
    Asked,
    Limits,
    Progress,
    Random,
    Recipe,
    RecipeOptions,
    make_recipe,
)
from leadweights.learn.train import Trained, add_decisions, add_trees, train_on
from leadweights.model.shown import Shown
from leadweights.model.trees import depth
from leadweights.sql.render import render
from leadweights.tables.labelled import Rows
from leadweights.tables.open import Source
from leadweights.tables.split import RowGroups, folds

CHAMPION = "logistic_regression"
WITH_TREES = "small_trees"
LARGE_TREES = "large_trees"
ABSENT = "dictionary: the table has no column"


@dataclass(frozen=True, slots=True)
class SelectSize:
    """How large a model's SELECT is, written for DuckDB; `depth` is that of its deepest tree."""

    bytes: int
    trees: int
    depth: int


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Shown):
    """The approaches, measured on rows none of them was learnt from.

    `measured_on` says in words which rows these are; `not_afforded` names the rivals that would
    take too long, and that `models` adds. The rest is there when all models are asked
    for: where a probability becomes a decision, what the SELECT gives up, which libraries would
    add a model, and how large the SELECT is of each model that ships as one. `warnings` are what
    a reader should know who sees no `Fit`.
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
    not_afforded: tuple[str, ...] = ()
    selects: Mapping[str, SelectSize] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Folds(Shown):
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
    recipe: Recipe | None = None,
    *,
    valid: Source | None = None,
    models: bool = False,
    threshold: float | None = None,
    progress: Progress | None = None,
    limits: Limits = USUAL,
    **options: Unpack[RecipeOptions],
) -> Comparison:
    """Compare equal weights, logistic regression and the rivals that can be afforded; see `fit`.

    These are gradient boosting and, where the table is not too large, a random forest, extra trees
    and boosting that stops early. With `models` compare all of them whatever the size, decision
    tree and histogram gradient boosting too, and XGBoost and LightGBM where they are installed,
    all learnt from the same matrix; measure decisions at `threshold`, a probability, 0.5 if it is
    not given, too, and the price of SQL: what the SELECT gives up against the best of the others.
    The weights alone are then compared with those beside which trees are added: small ones, or as
    many as the recipe asks for, and large ones if it does.
    `progress` and `limits` are those of `fit`. Raises what `fit` does.
    """
    if threshold is not None and not models:
        raise UnsupportedError("a threshold is for models=True: without, no decision is measured")
    threshold = 0.5 if threshold is None else threshold
    if not (isinstance(threshold, Real) and 0 <= threshold <= 1):
        raise UnsupportedError(f"a threshold is a probability from 0 to 1, not {threshold!r}")
    recipe = make_recipe(recipe, options)
    with open_problem(train, recipe, valid=valid, progress=progress, limits=limits) as problem:
        parts = split_rows(problem)
        alone = replace(problem, recipe=replace(recipe, trees="none")) if models else problem
        trained = train_on(alone, parts[0].rows)
        found = measure(problem, trained, parts[0], parts[1], float(threshold) if models else None)
        notes = (*describe_absent(problem), *problem.left_out, *problem.weighing.notes())
    return replace(found, warnings=(*found.warnings, *notes))


def cross_validate(
    train: Source,
    recipe: Recipe | None = None,
    *,
    count: int = 5,
    progress: Progress | None = None,
    **options: Unpack[RecipeOptions],
) -> Folds:
    """Compare as `compare` does, in `count` stratified folds, everything learnt anew in each.

    Raises what `fit` does, and UnsupportedError for a recipe that splits the rows otherwise.
    """
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise UnsupportedError(f"the count of folds is a whole number, not {count!r}")
    count = int(count)
    if count < 2:
        raise UnsupportedError(f"at least 2 folds are needed, not {count}")
    recipe = make_recipe(recipe, options)
    if recipe.split != Random():
        raise UnsupportedError("folds split the rows themselves: leave out the recipe's split")
    found: dict[str, dict[str, list[float]]] = {}
    with open_problem(train, recipe, progress=progress) as whole:
        cuts = folds(whole.rows.y, count, recipe.seed)
        for place, (others, own) in enumerate(cuts, start=1):
            problem = replace(whole, progress=_in_fold(whole.progress, place, count))
            trained = train_on(problem, problem.rows.taken(others))
            rows = problem.rows.taken(own)
            measured = evaluate_scores(problem, _score(problem, trained, rows), rows, resamples=0)
            for name, evaluation in measured.items():
                for metric, interval in evaluation.metrics.items():
                    if interval.value is not None:
                        found.setdefault(name, {}).setdefault(metric, []).append(interval.value)
    return Folds(
        count,
        recipe.seed,
        len(whole.rows.y),
        {
            name: {
                m: (float(np.mean(v)), float(np.std(v, ddof=1)))
                for m, v in by_metric.items()
                if len(v) == count
            }
            for name, by_metric in found.items()
        },
    )


def _in_fold(progress: Progress, place: int, count: int) -> Progress:
    return lambda words: progress(f"{words}, fold {place} of {count}")


def _score(problem: Problem, trained: Trained, rows: Rows) -> dict[str, Scored]:
    given, trees = trained.given, problem.limits.boosted_trees
    others = prepare(rows, given.columns)
    found = predict_by_boosting(given, others, problem.recipe.seed, trees, problem.progress)
    boosted = problem.weighing.correct(found)
    return {
        "equal_weights": score_by_formulas(trained.equal_weights, rows),
        CHAMPION: score_by_formulas(trained.learnt.model, rows),
        "gradient_boosting": Scored(boosted, boosted),
    }


def evaluate_scores(
    problem: Problem,
    scored: Mapping[str, Scored],
    rows: Rows,
    resamples: int,
    threshold: float | None = None,
) -> dict[str, Evaluation]:
    """Measure scores by what the rows count for, resampled by the groups they are split by."""
    by = find_by(problem, rows) if resamples else None
    return evaluate_models(
        rows.y,
        scored,
        CHAMPION,
        problem.recipe.seed,
        resamples=resamples,
        threshold=threshold,
        groups=by.codes() if isinstance(by, RowGroups) else None,
        weights=problem.weighing.measuring(rows),
    )


def measure(
    problem: Problem,
    trained: Trained,
    learnt_on: Part,
    part: Part,
    threshold: float | None = None,
) -> Comparison:
    """Measure the approaches on a part of the rows, beside the rivals that can be afforded.

    With a threshold beside all models there are.
    """
    rows, resamples = part.rows, problem.limits.resamples
    scored = _score(problem, trained, rows)
    with_trees, shipped = dict[str, Trained](), {CHAMPION: trained}
    given, weighing = trained.given, problem.weighing
    afforded, not_afforded = list_rivals(given, problem.limits.rival_values)
    if threshold is None:
        others = prepare(rows, given.columns)
        found = predict_by_rivals(given, others, problem.recipe.seed, afforded, problem.progress)
    else:
        not_afforded, trees = (), given.design.without_curves()
        found = predict_by_others(
            trees.matrix(given.rows),
            given.y,
            trees.matrix(prepare(rows, given.columns)),
            problem.recipe.seed,
            None if given.weights is None else given.weights.loss,
            progress=problem.progress,
        )
        with_trees = _learn_trees(problem, learnt_on.rows, trained)
        for name, one in with_trees.items():
            if one.learnt.trees is not None:
                shipped[name], scored[name] = one, score_by_formulas(one.learnt.model, rows)
    corrected = {name: weighing.correct(values) for name, values in found.items()}
    scored |= {name: Scored(values, values) for name, values in corrected.items()}
    problem.progress("resampling for intervals")
    measured = evaluate_scores(problem, scored, rows, resamples, threshold)
    priced = None
    if threshold is not None:
        counted = problem.weighing.measuring(rows)
        total = len(rows.y) if counted is None else float(counted.sum())
        ours = ("equal_weights", WITH_TREES, LARGE_TREES)
        priced = compare_to_best({n: m for n, m in measured.items() if n not in ours}, total)
    return Comparison(
        part.words + problem.training.describe_measuring(trained.learnt.model),
        len(learnt_on.rows.y),
        len(rows.y),
        int(rows.y.sum()),
        measured,
        threshold,
        priced,
        not_installed() if priced else (),
        not_afforded=not_afforded,
        warnings=tuple(t.trees.describe() for t in (trained, *with_trees.values()) if t.trees),
        selects={n: _measure_select(problem, one, learnt_on.rows) for n, one in shipped.items()}
        if priced
        else {},
    )


def _learn_trees(problem: Problem, rows: Rows, trained: Trained) -> dict[str, Trained]:
    """Learn trees beside the weights: small ones, or as many as are asked for; large ones, too."""
    asked = problem.recipe.trees
    if asked == "none" and not isinstance(problem.training, TableInMemory):
        return {}
    small: Asked = asked if isinstance(asked, int) else "auto"
    found = {WITH_TREES: add_trees(problem, rows, trained, small, earned=True)}
    if asked == "large":
        found[LARGE_TREES] = add_trees(problem, rows, trained, asked, earned=True)
    return found


def _measure_select(problem: Problem, trained: Trained, rows: Rows) -> SelectSize:
    """Measure the SELECT that `fit` would write."""
    model = add_decisions(problem, trained.learnt.model, rows)
    trees = model.trees.trees if model.trees else ()
    deepest = max(map(depth, trees), default=0)
    return SelectSize(len(render(model, dialect="duckdb").encode()), len(trees), deepest)


def describe_absent(problem: Problem) -> tuple[str, ...]:
    """Say which columns the dictionary names in vain."""
    return tuple(f"{ABSENT} {name!r}" for name in list_absent(problem))
