"""The rules of another model around a score that was just learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leadweights.decisions.carry_over import carry_decisions
from leadweights.errors import TableError, UnsupportedError
from leadweights.files.temporary import make_temporary_folder
from leadweights.learn.problem import Problem
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import sources
from leadweights.tables.labelled import Rows
from leadweights.tables.open import Source


def carry_rules(
    problem: Problem,
    model: ScoringModel,
    parts: Sequence[Rows],
    rules: tuple[ScoringModel, Source | None] | None,
) -> tuple[ScoringModel, tuple[str, ...]]:
    """Give a learnt model the rules of another one; say what could not be carried over.

    They move to where as many rows lie as before, of a table to measure on if one is named with
    them, else of the second of the `parts`. Words for reasons are those of the dictionary, if it
    has any. Raises UnsupportedError where these rows stay in their database, TableError for rows
    that the other model cannot read.
    """
    if rules is None:
        return model, ()
    other, measured_on = rules
    problem.progress("carrying over what is decided by the score")
    with make_temporary_folder() as folder:
        if measured_on is None:
            held = problem.training.hold_back(list(parts))
            if not held:
                raise UnsupportedError(
                    "rules move by rows that both models score, and these stay in their database: "
                    "name rows to measure on with --valid"
                )
            measured_on = folder / f"rows{held[0].suffix}"
            held[0].write(measured_on)
        label = problem.recipe.asked_label
        found, notes = carry_decisions(other, model, measured_on, label)
    _check_tables(problem, found)
    own = model.decisions.wordings or found.decisions.wordings
    return replace(found, decisions=replace(found.decisions, wordings=own)), notes


def _check_tables(problem: Problem, model: ScoringModel) -> None:
    """Raise TableError for rows without a column that a rule reads: nothing is proven on them."""
    plain = replace(model, decisions=model.decisions.without_other_columns())
    for table in problem.tables.values():
        there = {name.lower() for name in table.types}
        for name in sources(model):
            if name not in sources(plain) and name.lower() not in there:
                raise TableError(
                    f"{table.name} has no column {name!r}, which a rule of the model to decide as "
                    "reads; without values it may be empty"
                )
