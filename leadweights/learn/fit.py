"""From a table of leads to a proven model: prepare, learn, compare, prove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from leadweights.decisions.baseline import keep_metrics, make_baseline, measure_performance
from leadweights.decisions.learnt_rows import LearntRows, make_learnt_rows
from leadweights.decisions.outcomes import compute_log_odds, score_by_formulas
from leadweights.errors import ParityError, TableError, UnsupportedError
from leadweights.learn.carried import carry_rules
from leadweights.learn.compare import (
    CHAMPION,
    Comparison,
    describe_absent,
    evaluate_scores,
    measure,
)
from leadweights.learn.contradictions import find_contradictions
from leadweights.learn.in_engine.source import Query, choose_place, open_in_engine
from leadweights.learn.in_engine.table import inspect_table
from leadweights.learn.in_memory import TableInMemory
from leadweights.learn.keys import mark_key
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.learn.prepare.leakage import (
    Suspect,
    add_suspect_lists,
    find_suspects,
    refuse_suspects,
)
from leadweights.learn.problem import Problem, list_absent, open_problem, pose, split_rows
from leadweights.learn.recipe import (
    USUAL,
    Forward,
    Limits,
    OnDisk,
    Place,
    Progress,
    Recipe,
    RecipeOptions,
    make_recipe,
)
from leadweights.learn.regression import CPath
from leadweights.learn.train import (
    Trained,
    add_decisions,
    decide_columns,
    survey,
    train_on,
    try_trees,
)
from leadweights.model.baseline import Baseline, Performance
from leadweights.model.model import Number, ScoringModel
from leadweights.model.personal import describe_personal, find_personal
from leadweights.model.shown import Shown
from leadweights.prove.parity import Parity, failure, parity
from leadweights.prove.reference import reference_check
from leadweights.tables.engines.engine import Columns
from leadweights.tables.file import File
from leadweights.tables.held_back import HeldBack
from leadweights.tables.label import LabelledTable
from leadweights.tables.labelled import Rows
from leadweights.tables.open import Source
from leadweights.tables.split import split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Fit(Shown):
    """A learnt model, the baselines beside it, the proofs and what a reader should know.

    `columns` says what became of each column; `suspects` which may give the outcome away. With
    three parts of the rows, `last` is measured on the third, which nothing else has seen.
    `parts_held_back` are the rows of the second part, and of the third, as they stand in their
    table, if they are to be had; `learnt_rows` knows those of the first again, `baseline` counts
    them, for `monitor`. `carried` says what of the rules of another model could not be carried
    over; the notes have it, too.
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
    learnt_rows: LearntRows
    baseline: Baseline
    parts_held_back: tuple[HeldBack, ...]
    carried: tuple[str, ...] = ()

    @property
    def held_back(self) -> pd.DataFrame | None:
        """Read the rows held back to measure on, as they stand in their table; None without any."""
        return self.parts_held_back[0].frame() if self.parts_held_back else None


def fit(
    train: Source | None = None,
    recipe: Recipe | None = None,
    *,
    valid: Source | None = None,
    place: Place | None = None,
    strict: bool = False,
    held_back: bool = True,
    decide_as: ScoringModel | None = None,
    progress: Progress | None = None,
    limits: Limits = USUAL,
    **options: Unpack[RecipeOptions],
) -> Fit:
    """Learn a scoring model from labelled rows, compare it with the baselines and prove its SQL.

    `train` and `valid` are file names or DataFrames; what is learnt, and how, says the `recipe`,
    or its fields as `options`. Without `valid` the rows are split as the recipe says; `valid` has
    the column of weights, too. With `strict`, columns whose values give the outcome away, and
    personal data in the SELECT, are an error. The rows that are split off are kept as they stand,
    but without `held_back`. The model decides as `decide_as` does: it has the bands, the threshold
    and the other rules of that model, moved to its own scores of the rows it is measured on.

    A large file stays where it is: DuckDB adds up what the weights are solved from, all rows of
    it, and a sample decides on the columns and measures. `place` says where to do that, or to read
    the file whatever its size. `progress` is called with a few words before each question that
    may take long. `limits` say how much is drawn, resampled and tried at most.

    Raises TableError, DictionaryError or UnsupportedError for what cannot be used or meant,
    EngineError for an engine that fails, and ParityError, with the first differing row, if SQL and
    Python disagree.
    """
    with open_problem(
        train,
        make_recipe(recipe, options),
        valid=valid,
        place=place or choose_place(train),
        progress=progress,
        limits=limits,
    ) as problem:
        rules = None if decide_as is None else (decide_as, valid)
        return solve(problem, strict=strict, held_back=held_back, rules=rules)


def fit_model(
    train: Source | None = None,
    recipe: Recipe | None = None,
    *,
    place: Place | None = None,
    progress: Progress | None = None,
    **options: Unpack[RecipeOptions],
) -> ScoringModel:
    """Learn as `fit` does, from all rows, and nothing else: no comparison, no proof, no leaks.

    The recipe's split only says which column is not learnt from. Raises what `fit` does.
    """
    with open_problem(
        train,
        make_recipe(recipe, options),
        place=place or choose_place(train),
        every=True,
        progress=progress,
    ) as problem:
        model = train_on(problem, problem.rows).learnt.model
        return add_decisions(problem, model, problem.rows)


def solve(
    problem: Problem,
    *,
    strict: bool = False,
    held_back: bool = True,
    rules: tuple[ScoringModel, Source | None] | None = None,
    prove: Callable[..., Parity] = parity,
) -> Fit:
    """Do what `fit` does, once the tables are open; `rules` are those of a model to decide as."""
    parts = split_rows(problem)
    trained = train_on(problem, parts[0].rows)
    found = _find_suspects(problem, parts[0].rows)
    used = {decision.column for decision in trained.decisions if decision.used}
    learnt_from = [suspect for suspect in found if suspect.column in used]
    if strict:
        refuse_suspects(learnt_from)
    comparisons = [measure(problem, trained, parts[0], part) for part in parts[1:]]
    model = add_decisions(problem, trained.learnt.model, parts[0].rows)
    model, carried = carry_rules(problem, model, [part.rows for part in parts], rules)
    # What was read of the rows are the columns to learn from, without those of rules.
    plain = replace(model, decisions=model.decisions.without_other_columns())
    personal = describe_personal(find_personal(model))
    if strict and personal:
        raise TableError(
            "strict: the SELECT would publish personal data: exclude the columns that have it",
            details=personal,
        )
    problem.progress("proving that the SQL gives Python's numbers")
    valid = parts[1].rows
    reference = reference_check(
        plain,
        "scikit-learn",
        valid.values,
        trained.learnt.reference_log_odds(valid),
    )
    proof = prove(model, problem.tables, reference)
    # Both read the same columns in the same way, whatever their type.
    problem.progress("proving the SQL of equal weights")
    of_equal_weights = prove(trained.equal_weights, problem.tables, every_type=False)
    for one in (proof, of_equal_weights):
        if not one.holds:
            raise ParityError(failure(one))
    notes = [describe_left_out(d) for d in trained.decisions if d.kind == "left out"]
    notes += carried
    logged = [c.name for c in model.columns if isinstance(c, Number) and c.log]
    if logged:
        notes.append(
            f"the logarithm of {', '.join(map(repr, logged))} is taken by each engine's own LN: "
            "outside DuckDB, lead_score and log_odds may be a few units in the last place away, "
            "and a row as near to a cut in the next band"
        )
    if trained.path:
        chosen, best = trained.path.chosen, trained.path.best
        notes.append(
            f"C={chosen.c:g} is chosen by cross-validated log-loss: {chosen.log_loss:.4f}, within "
            f"one standard error ({best.standard_error:.4f}) of the best, {best.log_loss:.4f} at "
            f"C={best.c:g}"
        )
    notes += describe_trees(problem, parts[0].rows, trained)
    notes += [*problem.left_out, *problem.training.describe_learning(model)]
    if isinstance(problem.recipe.split, Forward):
        notes.append(_describe_gap(problem, comparisons[0], [len(part.rows.y) for part in parts]))
    notes += problem.weighing.notes()
    learnt, share = problem.training.list_learnt(parts[0].rows, model)
    baseline = make_baseline(
        plain,
        learnt.values,
        y=learnt.y,
        weights=problem.weighing.measuring(learnt),
        share=share,
        performance=_measure_performance(problem, plain, valid, comparisons[0]),
    )
    held: tuple[HeldBack, ...] = ()
    if held_back and problem.valid is None:
        held = problem.training.hold_back([part.rows for part in parts])
        if not held:
            notes.append(
                "the rows held back stay where they are: to choose a threshold, name labelled rows "
                "that the model has not learnt from"
            )
    warnings = [
        *describe_absent(problem),
        *trained.learnt.warnings,
        *find_contradictions(model, problem.dictionary),
        *map(describe_leak, learnt_from),
        *(f"the SELECT publishes personal data: {one}" for one in personal),
    ]
    return Fit(
        model,
        trained.equal_weights,
        tuple(mark_key(problem, trained.decisions)),
        comparisons[0],
        comparisons[1] if len(comparisons) > 1 else None,
        proof,
        of_equal_weights,
        trained.path,
        tuple(found),
        tuple(notes),
        tuple(warnings),
        make_learnt_rows(model, learnt, valid, share),
        baseline,
        held,
        carried,
    )


def columns(
    train: Source,
    recipe: Recipe | None = None,
    *,
    progress: Progress | None = None,
    **options: Unpack[RecipeOptions],
) -> tuple[list[Decision], list[Suspect]]:
    """Say what `fit` would make of each column of a table, and which may give the outcome away.

    Here all rows of the table decide; `fit` asks its training rows alone.
    """
    with open_problem(train, make_recipe(recipe, options), progress=progress) as problem:
        decisions = mark_key(problem, decide_columns(problem, problem.rows))
        decisions += [
            Decision(name, "left out", "the dictionary names it, but the table has no such column")
            for name in list_absent(problem)
        ]
        return decisions, _find_suspects(problem, problem.rows)


def learning_queries(
    extract: str | Path | File,
    recipe: Recipe | None = None,
    *,
    dialect: str,
    table: str = "leads",
    **options: Unpack[RecipeOptions],
) -> list[str]:
    """Write down what `fit` would ask an engine with this dialect about its table, in order.

    The answers come from the file `extract`, an extract of the table, in DuckDB: what is asked
    depends on what was answered before. Raises what `fit` does.
    """
    recipe = make_recipe(recipe, options)
    known = read_dictionary(recipe.dictionary)
    found: list[str] = []
    if recipe.positive:
        raise UnsupportedError("what is asked of another engine needs a label of two values")
    with open_in_engine(OnDisk(), extract, recipe.asked_label) as there:
        if there.labelled is not None and there.labelled.reads:
            raise UnsupportedError(
                "what is asked of another engine needs a label that is a column of its table"
            )

        def ask(query: Query) -> Columns:
            found.append(query(dialect, table))
            return there.ask(query)

        training = inspect_table(
            replace(there, ask=ask),
            recipe,
            shares=recipe.shares,
            scratch=False,
            progress=lambda _: None,
            limits=USUAL,
        )
        problem = pose(training, recipe, known)
        train_on(problem, split_rows(problem)[0].rows)
    return found


def describe_left_out(decision: Decision) -> str:
    """Say in a line that a column is left out, and why."""
    return f"column {decision.column!r} is left out: {decision.reason}"


def describe_trees(problem: Problem, rows: Rows, trained: Trained) -> list[str]:
    """Say what trees gain, or would gain where nobody has asked for them."""
    if problem.recipe.trees == "none":
        found = try_trees(problem, rows, trained)
        hint = 'add trees with --trees auto (in Python trees="auto")'
        return [f"{found.describe()}; {hint}"] if found is not None and found.earned else []
    if trained.trees is None:
        return ["there are too few rows to say what trees gain"]
    added = "they are added" if trained.learnt.trees is not None else "none is added"
    return [f"{trained.trees.describe()}; {added}"]


def describe_leak(suspect: Suspect) -> str:
    """Say in a line what speaks for a column being known only afterwards, and what would do."""
    return f"{suspect.question} {suspect.advice}"


def _find_suspects(problem: Problem, rows: Rows) -> list[Suspect]:
    """Look for columns that give the outcome away, understood as the survey does."""
    problem.progress("looking for columns that know the outcome")
    surveyed, seed = survey(problem, rows), problem.recipe.seed
    found = find_suspects(surveyed.understand(), rows.y, seed, rows.held_as)
    return add_suspect_lists(found, surveyed.read_lists(), rows.y, seed)


def _measure_performance(
    problem: Problem, model: ScoringModel, valid: Rows, comparison: Comparison
) -> Performance:
    """Keep what was measured, with the calibration and bands of rows that count once."""
    metrics = comparison.models[CHAMPION].metrics
    if problem.weighing.measuring(valid) is not None:
        return keep_metrics(valid.y, metrics)
    return measure_performance(model, valid.y, compute_log_odds(model, valid.values), metrics)


def _describe_gap(problem: Problem, comparison: Comparison, sizes: Sequence[int]) -> str:
    """Hold the forward split against a random one of the very same sizes."""
    learnt_on, measured_on, *_ = split(problem.rows.y, sizes, problem.recipe.seed)
    labelled = LabelledTable(problem.table, problem.training.label)
    here = replace(problem, training=TableInMemory(labelled))
    trained = train_on(here, problem.rows.taken(learnt_on))
    rows = problem.rows.taken(measured_on)
    scored = {CHAMPION: score_by_formulas(trained.learnt.model, rows)}
    measured = evaluate_scores(problem, scored, rows, resamples=0)
    random = measured[CHAMPION].metrics["auc_roc"]
    ahead = comparison.models[CHAMPION].metrics["auc_roc"]
    assert random.value is not None
    assert ahead.value is not None
    gap = ahead.value - random.value
    return (
        f"forward in time the AUC is {ahead.value:.4f}; split at random it would be "
        f"{random.value:.4f} ({gap:+.4f}): expect the first"
    )
