"""The table to learn from: in memory, or left where it is; both answer the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.learn.in_engine.source import open_in_engine
from leadweights.learn.in_engine.table import inspect_table
from leadweights.learn.prepare.columns import Prepared
from leadweights.learn.prepare.design import Design
from leadweights.learn.recipe import InMemory, Limits, Place, Progress, Recipe, Warehouse
from leadweights.learn.regression import Learnt, logistic_regression
from leadweights.learn.row_weights import Weights
from leadweights.learn.to_model import Context
from leadweights.model.model import InputColumn, ScoringModel
from leadweights.tables.labelled import Kind, Rows, labelled_rows, positive_label
from leadweights.tables.open import opened
from leadweights.tables.split import By, Places, split
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]


class TrainingTable(Protocol):
    """Labelled rows, wherever they are, or a sample of them: in `table` these are at hand.

    `rows_called` says what they are, `split_at_random` how that is done; `split_by` are columns
    that must be read to split them.
    """

    @property
    def table(self) -> Table:
        """Give what is decided, compared and proven on."""

    @property
    def rows_called(self) -> str:
        """Say what its rows are."""

    @property
    def split_at_random(self) -> str:
        """Say how rows are split that neither moments nor groups keep together."""

    @property
    def split_by(self) -> Sequence[str]:
        """Name columns that must be read to split the rows."""

    @property
    def shown_positive(self) -> str:
        """Show the label's value that counts as positive."""

    def read(self, kinds: Mapping[str, Kind], /) -> Rows:
        """Read the rows with their label. Raises TableError."""

    def split(self, rows: Rows, shares: Sequence[float], seed: int, by: By, /) -> list[Places]:
        """Split rows into parts of about these shares. Raises TableError."""

    def hash_rows(self, rows: Rows, columns: Sequence[str], /) -> str:
        """Tell by a hash of columns what was learnt from, if that is known by these rows."""

    def learn(
        self,
        columns: Sequence[InputColumn],
        design: Design,
        rows: Prepared,
        y: Floats,
        c: float,
        context: Context,
        weights: Weights | None,
        /,
    ) -> Learnt:
        """Learn from training rows, or all those for which they are a sample."""

    def show_rows(self, count: int, /) -> str:
        """Say what shares of rows are shares of."""

    def describe_learning(self, model: ScoringModel, deciding: int, /) -> list[str]:
        """Say what a reader of a fit should know of where it was learnt."""

    def describe_measuring(self, model: ScoringModel, /) -> str:
        """Say the same beside a comparison."""


@dataclass(frozen=True, slots=True)
class TableInMemory:
    """All rows are at hand."""

    table: Table
    label: str
    rows_called: str = "training rows"
    split_at_random: str = "stratified"
    split_by: Sequence[str] = ()

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

    def learn(
        self,
        columns: Sequence[InputColumn],
        design: Design,
        rows: Prepared,
        y: Floats,
        c: float,
        context: Context,
        weights: Weights | None,
    ) -> Learnt:
        """Learn from these rows."""
        return logistic_regression(columns, design, rows, y, c, context, weights)

    def show_rows(self, _count: int) -> str:
        """Say what shares of rows are shares of."""
        return "the rows"

    def describe_learning(self, _model: ScoringModel, _deciding: int) -> list[str]:
        """Say nothing: all is learnt from and measured on the same rows."""
        return []

    def describe_measuring(self, _model: ScoringModel) -> str:
        """Say nothing either."""
        return ""


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
        table = opened(train, [*recipe.keys, *texts])
        yield TableInMemory(table, table.require(recipe.label))
        return
    scratch = isinstance(place, Warehouse) and place.scratch
    with open_in_engine(place, train) as there:
        yield inspect_table(
            there, recipe, shares=shares, scratch=scratch, progress=progress, limits=limits
        )
