"""One go at learning: what becomes of each column, the weights, and what they decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version

import numpy as np

from leadweights.decisions.apply import make_first_decisions
from leadweights.decisions.outcomes import compute_log_odds
from leadweights.errors import TableError, UnsupportedError
from leadweights.learn.choose_trees import (
    C_LEAVES,
    DEEPER,
    LARGE,
    LEAF_WISE,
    SMALL,
    Size,
    TreesPath,
    choose_trees,
)
from leadweights.learn.in_engine.fit import learn_by_sums
from leadweights.learn.in_engine.sampled_trees import SampledTrees
from leadweights.learn.in_engine.table import TableInEngine
from leadweights.learn.in_memory import TableInMemory
from leadweights.learn.prepare.columns import Decision, Survey, find_entry
from leadweights.learn.prepare.design import make_design
from leadweights.learn.prepare.numbers import sort_known
from leadweights.learn.prepare.prepared import prepare, prepare_known, read_known
from leadweights.learn.problem import Problem, find_by
from leadweights.learn.recipe import Asked, list_options, say_nothing
from leadweights.learn.regression import CPath, Learnt, choose_c, column_losses
from leadweights.learn.to_model import Context, Given, equal_weights
from leadweights.learn.with_trees import grow_trees, learn_with_trees
from leadweights.model.model import (
    InputColumn,
    Listed,
    Number,
    ScoringModel,
)
from leadweights.model.provenance import Provenance
from leadweights.model.rules import Wording
from leadweights.tables.columns import Kind
from leadweights.tables.labelled import Rows

_PERCENTILE_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt from training rows, at this `c`.

    `trees` say what trees would gain, where that was measured.
    """

    decisions: list[Decision]
    given: Given
    learnt: Learnt
    equal_weights: ScoringModel
    path: CPath | None
    c: float
    context: Context
    trees: TreesPath | None = None


def survey(problem: Problem, rows: Rows) -> Survey:
    """Make ready to decide on columns by these rows."""
    values = {name: rows.values[name] for name in problem.features}
    kinds: dict[str, Kind] = {name: rows.held_as[name] for name in problem.features}
    losses = partial(
        column_losses, by=find_by(problem, rows), longest=problem.limits.rows_for_losses
    )
    return Survey(
        Rows(values, kinds, rows.y),
        problem.dictionary,
        losses,
        problem.recipe.seed,
        {name: written for name, written in problem.formats.items() if name in kinds},
        problem.forms,
        problem.progress,
    )


def decide_columns(problem: Problem, rows: Rows) -> list[Decision]:
    """Say what becomes of each column, sorted by name. Raises DictionaryError."""
    found = [*survey(problem, rows).decide(), *problem.aside]
    return sorted(found, key=lambda decision: decision.column)


def train_on(problem: Problem, rows: Rows) -> Trained:
    """Learn from training rows, or from all those for which they are a sample.

    A monotone column whose weight would go against its direction is left out. Raises TableError
    where no column can be learnt from.
    """
    trained = _learn(problem, rows, decide_columns(problem, rows))
    while against := _find_against(trained):
        said = "monotone: its weight would go against its direction"
        decisions = [
            Decision(d.column, "left out", said) if against.intersection(d.inputs) else d
            for d in trained.decisions
        ]
        trained = _learn(problem, rows, decisions)
    asked = problem.recipe.trees
    return trained if asked == "none" else add_trees(problem, rows, trained, asked)


def _find_against(trained: Trained) -> set[InputColumn]:
    """Find the columns whose weight is against their direction."""
    given = trained.given
    signs = {t.column: t.weight for t in trained.learnt.model.terms}
    return {c for c in given.columns if given.directions.get(c.name, 0.0) * signs[c.name] < 0}


def _learn(problem: Problem, rows: Rows, decisions: list[Decision]) -> Trained:
    """Learn the weights once."""
    inputs = tuple(column for decision in decisions for column in decision.inputs)
    if not inputs:
        said = "; ".join(f"{d.column!r}: {d.reason}" for d in decisions if d.kind == "left out")
        raise TableError(f"{problem.table.name} has no usable column; {said}")
    names = [column.name.lower() for column in inputs]
    twice = [column.name for column in inputs if names.count(column.name.lower()) > 1]
    if twice:
        raise TableError(
            f"{problem.table.name}: two inputs would have the name {twice[0]!r}; rename the column"
        )
    ready = prepare(rows, inputs)
    bent = [d.inputs[0] for d in decisions if d.curve]
    curves = {n.name: sort_known(read_known(rows, n)) for n in bent if isinstance(n, Number)}
    kept = {name: held.levels for name, held in ready.levels.items()}
    kept |= {d.inputs[0].name: d.levels for d in decisions if d.levels is not None}
    matrix = make_design(ready, curves, kept)
    entries = ((column.name, find_entry(column, problem.dictionary)) for column in inputs)
    signs = {n: 1.0 if e.direction == "higher" else -1.0 for n, e in entries if e.monotone}
    given = Given(inputs, matrix, ready, rows.y, problem.weighing.learning(rows), signs)
    read = [d.column for d in decisions if d.used]
    origin = Provenance(
        f"leadweights {version('leadweights')}",
        problem.training.label,
        problem.positive,
        len(rows.y),
        int(rows.y.sum()),
        "",
        problem.training.hash_rows(rows, read),
        problem.weighing.column or "",
        problem.weighing.negatives_kept,
        tuple(problem.recipe.positive),
        tuple(problem.recipe.negative),
        list_options(problem.recipe),
    )
    context = Context(problem.keys, origin, problem.weighing)
    path = None
    if problem.recipe.c == "auto":
        path = choose_c(given, problem.recipe.seed, find_by(problem, rows), problem.progress)
    c = path.chosen.c if path else float(problem.recipe.c)
    problem.progress("learning the weights")
    learnt = problem.training.learn(given, c, context)
    equal = equal_weights(given, problem.dictionary, context)
    return Trained(decisions, given, learnt, equal, path, c, context)


def add_trees(
    problem: Problem, rows: Rows, trained: Trained, asked: Asked, *, earned: bool = False
) -> Trained:
    """Learn anew with as many trees as are asked for, or as are worth having, if any.

    Without `earned`, those that are not worth having are left away unless they are asked for by
    their number; with it large ones are large even where small ones are as good. Raises
    UnsupportedError where the rows are not at hand.
    """
    given = trained.given
    in_memory = isinstance(problem.training, TableInMemory)
    if given.directions and not in_memory:
        raise UnsupportedError(
            "trees that keep the direction of a monotone column are learnt from rows in memory: "
            "learn there, from a sample of the rows if they are too many, or leave trees away"
        )
    known = prepare_known(rows, given.columns)
    by = find_by(problem, rows)
    plans: Sequence[Sequence[Size]] = (SMALL, LEAF_WISE, DEEPER) if in_memory else (SMALL, DEEPER)
    if isinstance(asked, int):
        plans = ((Size(asked),),)
    elif asked == "large":
        if not in_memory:
            raise UnsupportedError(
                "large trees are learnt from rows in memory: learn there, from a sample of the "
                "rows if they are too many, or ask for --trees auto"
            )
        plans = (*plans, LARGE)
    path = choose_trees(
        given, known, trained.c, problem.recipe.seed, by, problem.limits, problem.progress, plans
    )
    if path and earned and asked == "large":
        path = path.choose_best(LARGE)
    size = path.chosen.size if path else plans[0][0]
    wanted = isinstance(asked, int) or (path is not None and (earned or path.earned))
    if not wanted:
        return replace(trained, trees=path)
    if isinstance(problem.training, TableInEngine):
        grown = grow_trees(given, known, trained.c, size, problem.progress)
        if not grown.trees.trees:
            return replace(trained, trees=path)
        told = f", with {size} grown on a sample and {size.method}"
        sampled = SampledTrees(grown.trees, size.c_leaves, told)
        rows_of = problem.training, given.columns, given.design, trained.c, trained.context
        learnt = learn_by_sums(*rows_of, sampled)
    else:
        learnt = learn_with_trees(given, known, trained.c, size, trained.context, problem.progress)
    return replace(trained, learnt=learnt, trees=path)


def try_trees(problem: Problem, rows: Rows, trained: Trained) -> TreesPath | None:
    """Measure what a few trees would gain, where that takes no time to speak of."""
    given = trained.given
    few = len(rows.y) * len(given.columns) <= problem.limits.values_for_trees
    if not (few and isinstance(problem.training, TableInMemory)):
        return None
    known, by = prepare_known(rows, given.columns), find_by(problem, rows)
    bounds = C_LEAVES[1:2]
    seed = problem.recipe.seed
    problem.progress("trying a few trees")
    return choose_trees(
        given, known, trained.c, seed, by, problem.limits, say_nothing, (SMALL[:2],), bounds
    )


def add_decisions(problem: Problem, model: ScoringModel, rows: Rows) -> ScoringModel:
    """Give a learnt model its first decisions, and the dictionary's words for reasons."""
    log_odds = compute_log_odds(model, rows.values)
    counted = problem.weighing.measuring(rows)
    if counted is not None:
        # So many rows that count the same have the same percentiles.
        places = (np.arange(_PERCENTILE_POINTS) + 0.5) / _PERCENTILE_POINTS
        log_odds = np.quantile(log_odds, places, weights=counted, method="inverted_cdf")
    inputs = {column.name: column for column in model.columns}
    entries = [(t.column, find_entry(inputs[t.column], problem.dictionary)) for t in model.terms]
    wordings = (Wording(n, e.description, e.reason_high, e.reason_low) for n, e in entries)
    wordings = (_name_value(w, inputs[w.column]) for w in wordings)
    said = tuple(w for w in wordings if w != Wording(w.column))
    return replace(model, decisions=make_first_decisions(log_odds, said))


def _name_value(words: Wording, column: InputColumn) -> Wording:
    """Say of a list's description which of its values is meant."""
    if not (isinstance(column, Listed) and words.description):
        return words
    return replace(words, description=f"{words.description}: {column.value}")
