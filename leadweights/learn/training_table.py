"""The table to learn from: in memory, or left where it is; both answer the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from leadweights.errors import TableError
from leadweights.learn.in_engine.source import open_in_engine
from leadweights.learn.in_engine.table import TableInEngine, inspect_table
from leadweights.learn.recipe import InMemory, Limits, Place, Progress, Recipe, Source, Warehouse
from leadweights.learn.regression import Given, Learnt, logistic_regression
from leadweights.learn.to_model import Context
from leadweights.model.model import ScoringModel
from leadweights.tables.labelled import Kind, Rows, labelled_rows, positive_label
from leadweights.tables.open import open_table
from leadweights.tables.split import By, Places, split
from leadweights.tables.table import Table


@dataclass(frozen=True, slots=True)
class TableInMemory:
    """A table whose rows are all at hand."""

    table: Table
    label: str
    rows_called: str = "training rows"
    split_at_random: str = "stratified"
    split_by: Sequence[str] = ()
    shown_rows: str = "the rows"

    @property
    def shown_positive(self) -> str:
        """Show the label's value that counts as positive."""
        return positive_label(self.table, self.label)

    def read(self, kinds: Mapping[str, Kind]) -> Rows:
        """Read all rows."""
        return labelled_rows(self.table, kinds, self.label)

    def split(self, rows: Rows, shares: Sequence[float], seed: int, by: By) -> list[Places]:
        """Split rows into parts of these shares."""
        return split(rows.y, shares, seed, by)

    def hash_rows(self, rows: Rows, columns: Sequence[str]) -> str:
        """Hash columns of rows."""
        return rows.sha256(columns)

    def learn(self, given: Given, c: float, context: Context) -> Learnt:
        """Learn from these rows."""
        return logistic_regression(given, c, context)

    def describe_learning(self, _model: ScoringModel) -> list[str]:
        """Say nothing: all is learnt from and measured on the same rows."""
        return []

    def describe_measuring(self, _model: ScoringModel) -> str:
        """Say nothing either."""
        return ""


TrainingTable = TableInMemory | TableInEngine
"""Both answer the same questions; the rows at hand are those of `table`."""


@contextmanager
def open_training_table(
    train: Source | None,
    recipe: Recipe,
    texts: Sequence[str],
    place: Place,
    *,
    shares: Sequence[float],
    progress: Progress,
    limits: Limits,
) -> Iterator[TrainingTable]:
    """Open the table where it is; `texts` are columns to be read as text where a file has a choice.

    Raises UnsupportedError, TableError or EngineError.
    """
    if isinstance(place, InMemory):
        if train is None:
            raise TableError("a file name or a DataFrame is needed, or an engine with a table")
        table = open_table(train, [*recipe.keys, *texts])
        yield TableInMemory(table, table.require(recipe.label))
        return
    scratch = isinstance(place, Warehouse) and place.scratch
    with open_in_engine(place, train, limits.threads) as there:
        yield inspect_table(
            there, recipe, shares=shares, scratch=scratch, progress=progress, limits=limits
        )
