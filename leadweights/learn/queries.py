"""What an engine is asked while a model is learnt, to be read before it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from leadweights.learn.in_engine.source import EngineTable, Query, open_in_engine
from leadweights.learn.in_engine.table import inspect_table
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.learn.problem import pose, split_rows
from leadweights.learn.recipe import USUAL, OnDisk, Recipe, RecipeOptions, make_recipe
from leadweights.learn.train import train_on
from leadweights.tables.engines.engine import Columns


def learning_queries(
    extract: str | Path,
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
    with open_in_engine(OnDisk(), extract) as there:
        training = inspect_table(
            record(there, dialect, table, found.append),
            recipe,
            shares=recipe.shares,
            scratch=False,
            progress=lambda _: None,
            limits=USUAL,
        )
        problem = pose(training, recipe, known)
        train_on(problem, split_rows(problem)[0].rows)
    return found


def record(
    there: EngineTable, dialect: str, table: str, write: Callable[[str], object]
) -> EngineTable:
    """Write down a table's questions for another engine, too, as they are asked."""

    def ask(query: Query) -> Columns:
        write(query(dialect, table))
        return there.ask(query)

    return replace(there, ask=ask)
