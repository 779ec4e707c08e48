"""From a table of leads to a proven model: prepare, learn, compare, prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.metrics import evaluations
from leadweights.errors import ParityError, TableError
from leadweights.formula.terms import view
from leadweights.learn.compare import CHAMPION, Comparison, by_formulas, compared, words_of_absent
from leadweights.learn.in_engine.source import place_of as placed
from leadweights.learn.in_engine.table import Told, Whole
from leadweights.learn.prepare.columns import Decision, entry_of, prepared
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.learn.prepare.leakage import Suspect, suspects
from leadweights.learn.problem import SPLIT, Asked, Task, absent, parts, task_of
from leadweights.learn.regression import CPath
from leadweights.learn.row_weights import Weighing
from leadweights.learn.train import attempted, decided, deciding, surveyed
from leadweights.model.model import Number, ScoringModel
from leadweights.prove.parity import Parity, failure, parity
from leadweights.prove.reference import reference_check
from leadweights.tables.labelled import Rows
from leadweights.tables.split import split

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]


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
    groups by `group`. `keys` pass through the SELECT; they, `exclude`, `time_column`, `group` and
    `weight` are not learnt from. `dictionary` is a TOML file that says what the columns mean and
    how to prepare them, or the same as a mapping. `c` is the inverse strength of the L2 penalty, or
    "auto" to choose it by cross-validation; `seed` drives the split, the folds, the bootstrap and
    gradient boosting. With `strict`, columns that may give the outcome away are an error.

    A row counts as often as the column `weight` says, which `valid` has too. In learning alone, a
    positive row counts `class_weight` times, or as often as makes the classes "balanced". Where of
    the negative rows only the share `negatives_kept` is there, the intercept and all that is
    measured are corrected.

    A large file stays where it is: DuckDB adds up what the weights are solved from, all rows of
    it, and a sample decides on the columns and measures. `engine` says where to do that: a
    database's URL with a `table` in it, "spark", "duckdb", or "memory" to read the file whatever
    its size. `memory`, such as "2GB", bounds what this process takes. With `scratch` the database
    keeps the prepared rows in a table until the end, which makes passes cheaper; otherwise nothing
    is made in it. `told` is called with a few words before each question that may take long, `look`
    ten times a second meanwhile.

    Raises TableError, DictionaryError or UnsupportedError for what cannot be used or meant,
    EngineError for an engine that fails, and ParityError, with the first differing row, if SQL and
    Python disagree.
    """
    asked = Asked(
        label=label,
        keys=keys,
        exclude=exclude,
        c=c,
        seed=seed,
        split=split,
        time_column=time_column,
        group=group,
        scratch=scratch,
        weighing=Weighing(weight, class_weight, negatives_kept),
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
    comparisons = [compared(task, attempt, cut[0], part) for part in cut[1:]]
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
        *words_of_absent(task),
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

    Here all rows of the table decide; `fit` asks its training rows alone. Exclude what would be
    its time column, group or weight.
    """
    task = task_of(
        train, None, Asked(label=label, keys=keys, exclude=exclude, c=1.0, seed=seed), dictionary
    )
    decisions = decided(task, task.rows)
    decisions += [
        Decision(name, "left out", "the dictionary names it, but the table has no such column")
        for name in absent(task)
    ]
    return decisions, _suspects(task, task.rows)


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
    scored = {CHAMPION: by_formulas(attempt.learnt.model, held)}
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
        rise = view(term).rise
        learnt = "higher" if rise > 0 else "lower"
        if direction is not None and rise != 0 and direction != learnt:
            found.append(
                f"{term.column!r} has weight {rise:+.4f}, but the dictionary says "
                f"{direction} is better"
            )
    return found


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
