"""A table whose rows stay where they are: what is known of all of them, and a sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

import numpy as np

from leadweights.errors import TableError, UnsupportedError
from leadweights.errors.shown import show
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import (
    Between,
    Case,
    Column,
    Constant,
    FlagColumn,
    Formula,
    Named,
    NumberColumn,
    OneOf,
    Stage,
    TextColumn,
)
from leadweights.learn.in_engine.exact_sums import LABEL, PART, WEIGHT, Span
from leadweights.learn.in_engine.fit import learn_by_sums
from leadweights.learn.in_engine.sample import Sample, ask_spans, count_labels, draw_sample, take
from leadweights.learn.in_engine.source import EngineTable
from leadweights.learn.in_engine.split import Cut, cut_by_group, cut_by_hash, cut_by_time
from leadweights.learn.newton import Pass
from leadweights.learn.recipe import Forward, Groups, Limits, Progress, Random, Recipe
from leadweights.learn.regression import Learnt
from leadweights.learn.row_weights import Weighing
from leadweights.learn.to_model import Context, Given
from leadweights.model import names as naming
from leadweights.model.model import ScoringModel
from leadweights.sql.aggregates import select_where
from leadweights.tables.columns import Kind
from leadweights.tables.held_back import HeldBack
from leadweights.tables.label import choose_positive
from leadweights.tables.labelled import Rows, labelled_rows, positive_of
from leadweights.tables.open import make_table
from leadweights.tables.split import By, Places
from leadweights.tables.table import Table

_EXPRESSION = re.compile("[<>=()]| IS ", re.IGNORECASE)


@dataclass(slots=True)
class TableInEngine:
    """All rows of a table: what is known about them, and what the engine is to be asked.

    `named` shows the label's values that were named as positive, if any were; it `reads` columns.
    `progress` is called with a few words whenever something long begins; `passes` are the
    gradients that were asked for. What is decided, compared and proven is so on the `table` of the
    first rows of the sample.
    """

    place: EngineTable
    label: str
    positive: tuple[str, ...]
    spans: Mapping[str, Span]
    rows: int
    sample: Sample
    cut: Cut
    weighing: Weighing
    scratch: bool
    progress: Progress
    table: Table
    reads: tuple[str, ...] = ()
    named: str = ""
    left_out: str = ""
    passes: list[Pass] = field(default_factory=list)
    rows_called: str = "sampled rows"
    split_at_random: str = "by a hash of their content"

    @property
    def is_positive(self) -> Formula:
        """Write 1 for a positive row, 0 for another."""
        one, zero = Constant(1.0), Constant(0.0)
        match self.place.kinds[self.label]:
            case "text":
                return Case(((OneOf(TextColumn(self.label), self.positive), one),), zero)
            case "flag":
                return FlagColumn(self.label)
            case _:
                return Case(((Between(NumberColumn(self.label), 1.0, 1.0), one),), zero)

    @property
    def shown_positive(self) -> str:
        """Show the label's value that counts as positive."""
        if self.named:
            return self.named
        match self.place.kinds[self.label]:
            case "text":
                return repr(self.positive[0])
            case "flag":
                return "True"
            case _:
                return "1"

    @property
    def split_by(self) -> list[str]:
        """Name the columns that say into which part a row goes."""
        return self.cut.columns

    def read(self, kinds: Mapping[str, Kind]) -> Rows:
        """Give the rows to decide by, of these columns."""
        if self.sample.complete:
            return labelled_rows(self.table, kinds, self.label)
        values = self.sample.to_decide_by()
        return Rows({name: values[name] for name in kinds}, kinds, self.labels(values))

    def labels(self, values: Mapping[str, Values]) -> Floats:
        """Give 1 for each positive row, shape (rows,)."""
        return evaluate([Stage("labels", (Named(LABEL, self.is_positive),))], values)[LABEL]

    def split(self, rows: Rows, shares: Sequence[float], _seed: int, _by: By) -> list[Places]:
        """Say which rows of the sample the engine has in which part. Raises TableError."""
        number = self.cut.places(rows.values)
        found = [np.flatnonzero(number == place) for place in range(len(shares))]
        for places in found:
            if len(np.unique(rows.y[places])) < 2:
                raise TableError(
                    f"{self.place.name}: of {len(number):,} sampled rows a part would have "
                    f"{len(places):,}, {int(rows.y[places].sum()):,} of them positive; split "
                    "otherwise, or measure on a table of its own with --valid"
                )
        return found

    def list_learnt(self, _rows: Rows, model: ScoringModel) -> tuple[Rows, float]:
        """Give the rows at hand that a model is learnt from, and which share of them all they are.

        Rows that are alike are sampled together, so it is the share of other rows, too.
        """
        values = self.sample.values
        mine = take(values, np.flatnonzero(self.cut.places(values) == 0))
        rows = Rows(mine, self.place.kinds, self.labels(mine))
        return rows, min(1.0, len(rows.y) / model.provenance.rows)

    def hold_back(self, parts: Sequence[Rows]) -> tuple[HeldBack, ...]:
        """Write the rows of every part but the first, where the rows are in files."""
        hold_back = self.place.hold_back
        if hold_back is None:
            return ()
        self.progress("the rows held back")
        steps = [Stage("numbers", (Named(PART, formula),)) for formula in self.cut.number]
        query = partial(select_where, steps, [PART], [])
        ends = [*self.cut.edges[: len(parts) + 1][:-1], np.inf]
        return tuple(hold_back(query, PART, both) for both in pairwise(ends[1:]))

    def hash_rows(self, _rows: Rows, _columns: Sequence[str]) -> str:
        """Leave it to the sums to tell what was learnt from."""
        return ""

    def learn(self, given: Given, c: float, context: Context) -> Learnt:
        """Learn from all rows of the first part, by sums."""
        return learn_by_sums(self, given.columns, given.design, c, context)

    @property
    def rows_apart(self) -> str:
        """Say among which rows a key can be looked for."""
        return "the rows" if self.sample.complete else "the sampled rows"

    @property
    def shown_rows(self) -> str:
        """Say what shares of rows are shares of."""
        return f"{self.sample.deciding:,} sampled rows"

    def describe_learning(self, model: ScoringModel) -> list[str]:
        """Say what was learnt from which rows."""
        return [
            f"the weights are learnt from {model.provenance.rows:,} of {self.rows:,} rows in "
            f"{len(self.passes)} passes over them in {self.place.title}; a sample of "
            f"{self.sample.deciding:,} decides on the columns, learns the models beside it and "
            "measures all"
        ]

    def describe_measuring(self, model: ScoringModel) -> str:
        """Say which rows the model was learnt from where the others had fewer."""
        if self.sample.complete:
            return ""
        return (
            f" ({model.name} learnt on {model.provenance.rows:,} rows, the others on sampled ones)"
        )


def inspect_table(
    place: EngineTable,
    recipe: Recipe,
    *,
    shares: Sequence[float],
    scratch: bool,
    progress: Progress,
    limits: Limits,
) -> TableInEngine:
    """Ask what must be known of a table before anything is learnt from it.

    `shares` are those of the parts its rows are split into; one is for all rows.

    Raises TableError for a table, label or column that cannot be meant, EngineError.
    """
    found = place.labelled
    if found is None and _EXPRESSION.search(recipe.label) and recipe.label not in place.kinds:
        raise UnsupportedError(
            f"{place.title} is asked for a label that is a column: name a view of {place.name} "
            f"where {show(recipe.label)} is one"
        )
    own = _own(place, recipe.label) if found is None else found.column
    for name in place.kinds:
        if name.lower() in (LABEL, PART, WEIGHT):
            raise TableError(f"{place.name}: learning needs the name {name!r} itself; rename it")
    for what, other in recipe.set_aside.items():
        if _own(place, other) == own:
            raise TableError(f"{place.name}: {own!r} is the label; it cannot be a {what} too")
    if scratch and place.keep is None:
        raise UnsupportedError(
            f"--scratch is for databases and Spark; {place.title} keeps no table"
        )
    progress(f"what the table holds, {place.name} in {place.title}")
    labels = count_labels(place, own)
    if not labels:
        raise TableError(f"{place.name} has column names but no rows")
    where = f"{place.name}: label {own!r}"
    if found is None and recipe.positive:
        positive = choose_positive(labels, recipe.asked_label, where)
    else:
        positive = positive_of(labels, where)
    spans, rows = ask_spans(place, own)
    weighing = recipe.weighing
    if weighing.column is not None:
        column = _own(place, weighing.column)
        _check_weights(place, spans, column)
        weighing = replace(weighing, column=column)
    progress("a sample of the rows")
    sample = draw_sample(place, spans, rows, own, recipe.seed, limits)
    match recipe.split:
        case _ if len(shares) == 1:
            cut = Cut((Constant(0.0), Column(PART)), (0.0, 1.0))
        case Forward(column):
            cut = cut_by_time(place, spans, rows, _own(place, column), shares)
        case Groups(column):
            cut = cut_by_group(place, spans, _own(place, column), recipe.seed, shares)
        case Random():
            cut = cut_by_hash(place, spans, sample, own, recipe.seed, shares)
    values = sample.to_decide_by()
    table = make_table(
        {name: (kind, values[name]) for name, kind in place.kinds.items()},
        f"a sample of {place.name}",
    )
    return TableInEngine(
        *(place, own, positive, spans, rows, sample, cut, weighing, scratch, progress, table),
        reads=() if found is None else found.reads,
        named=found.positive if found is not None else " or ".join(map(repr, recipe.positive)),
        left_out="" if found is None else found.left_out,
    )


def _own(place: EngineTable, name: str) -> str:
    return naming.find_own(name, list(place.kinds), place.name)


def _check_weights(place: EngineTable, spans: Mapping[str, Span], name: str) -> None:
    """Raise TableError for a column that is no weight of every row."""
    if place.kinds[name] != "number":
        raise TableError(f"{place.name}: weight {name!r} must hold numbers")
    if name not in spans or not spans[name].complete or spans[name].low < 0:
        raise TableError(
            f"{place.name}: weight {name!r} is missing, infinite or below 0 in some rows"
        )
