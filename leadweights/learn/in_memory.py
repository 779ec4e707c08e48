"""A table whose rows are all at hand: read, split, held back, learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadweights.learn.regression import Learnt, logistic_regression
from leadweights.learn.to_model import Context, Given
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import Kind
from leadweights.tables.held_back import HeldBack, PlacesHeldBack
from leadweights.tables.label import LabelledTable, find_kept
from leadweights.tables.labelled import Rows, labelled_rows, positive_label
from leadweights.tables.open import Source
from leadweights.tables.split import By, Places, split
from leadweights.tables.table import Table


@dataclass(frozen=True, slots=True)
class TableInMemory:
    """A table whose rows are all at hand; `raw`, as its source has it, before it was labelled."""

    labelled: LabelledTable
    source: Source | None = None
    raw: Table | None = None
    rows_called: str = "training rows"
    rows_apart: str = "the rows"
    split_at_random: str = "chosen by a hash of each row's content"
    split_by: Sequence[str] = ()
    shown_rows: str = "the rows"

    @property
    def table(self) -> Table:
        """Give the table, with a column for the label."""
        return self.labelled.table

    @property
    def label(self) -> str:
        """Name the column for the label."""
        return self.labelled.column

    @property
    def reads(self) -> tuple[str, ...]:
        """Name the columns that the label is made of."""
        return self.labelled.reads

    @property
    def left_out(self) -> str:
        """Say which rows are left out."""
        return self.labelled.left_out

    @property
    def shown_positive(self) -> str:
        """Show the label's value that counts as positive."""
        return self.labelled.positive or positive_label(self.table, self.label)

    def read(self, kinds: Mapping[str, Kind]) -> Rows:
        """Read all rows."""
        return labelled_rows(self.table, kinds, self.label)

    def split(self, rows: Rows, shares: Sequence[float], seed: int, by: By) -> list[Places]:
        """Split rows into parts of these shares."""
        return split(rows.y, shares, seed, by)

    def list_learnt(self, rows: Rows, _model: ScoringModel) -> tuple[Rows, float]:
        """Give the rows that a model is learnt from, and which share of them all they are."""
        return rows, 1.0

    def hold_back(self, parts: Sequence[Rows]) -> tuple[HeldBack, ...]:
        """Find the rows of every part but the first, as they stand in their table."""
        if self.source is None or self.raw is None:
            return ()
        names = tuple(self.raw.types)
        every = find_kept(self.raw, self.labelled.condition)
        places = (part.places for part in parts[1:])
        return tuple(PlacesHeldBack(self.source, names, every[p]) for p in places if p is not None)

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
