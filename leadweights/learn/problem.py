"""What is to be learnt from: options, the roles of columns, checks, and how rows are split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from leadweights.errors import DictionaryError, TableError, UnsupportedError
from leadweights.formula.texts import Texts
from leadweights.learn.in_engine.source import open_in_engine
from leadweights.learn.in_engine.table import TableInEngine, inspect_table
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.prepare.dictionary import Dictionary, MedianBy, read_dictionary
from leadweights.learn.recipe import (
    IN_MEMORY,
    USUAL,
    Forward,
    Groups,
    InMemory,
    Limits,
    Place,
    Progress,
    Random,
    Recipe,
    Warehouse,
)
from leadweights.learn.regression import Learnt, logistic_regression
from leadweights.learn.row_order import put_in_order
from leadweights.learn.row_weights import Weighing
from leadweights.learn.to_model import Context, Given
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import Kind
from leadweights.tables.held_back import HeldBack, PlacesHeldBack
from leadweights.tables.labelled import Rows, held_as, labelled_rows, positive_label
from leadweights.tables.open import Source, open_table
from leadweights.tables.split import By, Moments, Places, RowGroups, split
from leadweights.tables.table import Table


@dataclass(frozen=True, slots=True)
class TableInMemory:
    """A table whose rows are all at hand."""

    table: Table
    label: str
    source: Source | None = None
    rows_called: str = "training rows"
    split_at_random: str = "chosen by a hash of each row's content"
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

    def list_learnt(self, rows: Rows, _model: ScoringModel) -> tuple[Rows, float]:
        """Give the rows that a model is learnt from, and which share of them all they are."""
        return rows, 1.0

    def hold_back(self, parts: Sequence[Rows]) -> tuple[HeldBack, ...]:
        """Find the rows of every part but the first, as they stand in their table."""
        if self.source is None:
            return ()
        names = tuple(self.table.types)
        places = (part.places for part in parts[1:])
        return tuple(PlacesHeldBack(self.source, names, p) for p in places if p is not None)

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


@dataclass(frozen=True, slots=True)
class Problem:
    """The tables as they are, before anything is learnt.

    Of a table that stays where it is, `rows` are those of a sample.
    """

    recipe: Recipe
    limits: Limits
    dictionary: Dictionary
    training: TrainingTable
    tables: Mapping[str, Table]
    rows: Rows
    valid: Rows | None
    features: tuple[str, ...]
    aside: tuple[Decision, ...]
    keys: tuple[str, ...]
    positive: str
    weighing: Weighing

    @property
    def table(self) -> Table:
        """Give the table that is decided on."""
        return self.training.table


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, and which they are, in words."""

    words: str
    rows: Rows


@contextmanager
def open_problem(
    train: Source | None,
    recipe: Recipe,
    *,
    valid: Source | None = None,
    place: Place = IN_MEMORY,
    every: bool = False,
    progress: Progress | None = None,
    limits: Limits = USUAL,
) -> Iterator[Problem]:
    """Open and read the tables, and say what each of their columns is there for.

    With `every` row learnt from, there are no parts.

    Raises TableError, DictionaryError or UnsupportedError for what cannot be meant, EngineError.
    """
    if valid is not None and recipe.split != Random():
        raise UnsupportedError("rows to measure on come from a table of their own or from a split")
    known = read_dictionary(recipe.dictionary)
    if isinstance(place, InMemory):
        if train is None:
            raise TableError("a file name or a DataFrame is needed, or an engine with a table")
        table = open_table(train, [*recipe.keys, *_as_text(known)])
        in_memory = TableInMemory(table, table.require(recipe.label), train)
        yield pose(in_memory, recipe, known, valid=valid, limits=limits)
        return
    shares = [1.0] if every or valid is not None else recipe.shares
    scratch = isinstance(place, Warehouse) and place.scratch
    with open_in_engine(place, train, limits.threads) as there:
        training = inspect_table(
            there,
            recipe,
            shares=shares,
            scratch=scratch,
            progress=progress or (lambda _: None),
            limits=limits,
        )
        yield pose(training, recipe, known, valid=valid, limits=limits)


def _as_text(known: Dictionary) -> list[str]:
    return [name for name, entry in known.columns.items() if entry.kind == "category"]


def pose(
    training: TrainingTable,
    recipe: Recipe,
    known: Dictionary,
    *,
    valid: Source | None = None,
    limits: Limits = USUAL,
) -> Problem:
    """Say what the columns of a table are there for, and read its rows.

    Raises what `open_problem` does.
    """
    table = training.table
    roles = {table.require(recipe.label): "label"}
    named = [(key, "key") for key in recipe.keys]
    named += [(name, "excluded column") for name in recipe.exclude]
    named += [(name, role) for role, name in recipe.set_aside.items()]
    for name, role in named:
        own = table.require(name)
        if roles.get(own) == "label":
            raise TableError(
                f"{table.name}: {own!r} is the label; it cannot be {_with_article(role)} too"
            )
        roles[own] = role
    label = table.require(recipe.label)
    _check_references(known, roles)
    excluded = {name: known.entry(name).exclude for name in table.types if name not in roles}
    features = [name for name, why in sorted(excluded.items()) if not why]
    kinds = held_as(table, features)
    for name in _as_text(known):
        own = table.require(name) if name.lower() in map(str.lower, table.types) else ""
        if kinds.get(own) == "number" and table.is_whole(own):
            kinds[own] = "text"
    guessed = [n for n, kind in kinds.items() if kind == "text" and known.entry(n).kind is None]
    table.refuse_odd_texts({name: known.missing_in(name)[0] for name in guessed}, share=2 / 3)
    left_out = {name: f"the dictionary says: {why}" for name, why in excluded.items() if why}
    left_out |= {n: f"it holds {table.kind(n)}" for n in features if n not in kinds}
    aside = [Decision(name, role, "") for name, role in sorted(roles.items()) if name != label]
    aside += [Decision(name, "left out", why) for name, why in left_out.items()]
    if not kinds:
        raise TableError(f"{table.name} has no usable column to learn from")
    weighing, weight = recipe.weighing, list[str]()
    if weighing.column is not None:
        weight = [table.require(weighing.column)]
        weighing = replace(weighing, column=weight[0])
    beside = [table.require(name) for name in recipe.set_aside.values()]
    wanted = kinds | held_as(table, [*beside, *training.split_by])
    rows = put_in_order(training.read(wanted), table, recipe.label, known, recipe.seed)
    _check_weights(table, weighing, rows)
    tables, valid_rows = {training.rows_called: table}, None
    if valid is not None:
        texts = [name for name, kind in kinds.items() if kind == "text"]
        tables["validation rows"] = valid_table = open_table(valid, [*recipe.keys, *texts])
        measured = kinds | {name: wanted[name] for name in weight}
        valid_rows = labelled_rows(valid_table, measured, valid_table.require(recipe.label))
        _check_weights(valid_table, weighing, valid_rows)
    return Problem(
        recipe,
        limits,
        known,
        training,
        tables,
        rows,
        valid_rows,
        tuple(kinds),
        tuple(aside),
        tuple(table.require(key) for key in recipe.keys),
        training.shown_positive,
        weighing,
    )


def _with_article(role: str) -> str:
    return f"an {role}" if role.startswith("e") else f"a {role}"


def _check_references(known: Dictionary, roles: Mapping[str, str]) -> None:
    """Raise DictionaryError where a column is prepared by one that is not learnt from."""
    aside = {name.lower(): _with_article(role) for name, role in roles.items()}
    aside |= {name.lower(): "excluded" for name, entry in known.columns.items() if entry.exclude}
    for name, entry in known.columns.items():
        by = entry.fill.column if isinstance(entry.fill, MedianBy) else None
        for field, column in (("fill median_by", by), ("since", entry.since)):
            if isinstance(column, str) and column.lower() in aside:
                raise DictionaryError(
                    f"dictionary: [{name}] {field} {column!r} is {aside[column.lower()]}; it must "
                    "be a column that is learnt from"
                )


def _check_weights(table: Table, weighing: Weighing, rows: Rows) -> None:
    """Raise TableError for a column of weights that are none, or that leave a class without."""
    name = weighing.column
    if name is None:
        return
    values = rows.values.get(name)
    if values is None or isinstance(values, Texts) or rows.held_as[name] != "number":
        own = table.require(name)
        raise TableError(f"{table.name}: weight {own!r} must hold numbers, not {table.kind(own)}")
    odd = int((~(values >= 0)).sum())
    if odd:
        raise TableError(
            f"{table.name}: weight {name!r} is missing, infinite or below 0 in {odd:,} rows"
        )
    weighing.check(rows, table.name)


def list_absent(problem: Problem) -> list[str]:
    """List the columns that the dictionary names and the table does not have."""
    there = {column.lower() for column in problem.table.types}
    return [name for name in problem.dictionary.columns if name.lower() not in there]


def split_rows(problem: Problem) -> list[Part]:
    """Split the rows, or take the validation table for the second part."""
    if problem.valid is not None:
        return [Part("", problem.rows), Part("the validation table", problem.valid)]
    recipe, training, rows = problem.recipe, problem.training, problem.rows
    cut = training.split(rows, recipe.shares, recipe.seed, find_by(problem, rows))
    match recipe.split:
        case Forward(column):
            how = f"forward in time by {column}"
        case Groups(column):
            how = f"whole groups by {column}, seed {recipe.seed}"
        case Random():
            how = f"{training.split_at_random}, seed {recipe.seed}"
    total = len(rows.y)
    of = f"of {training.shown_rows}"
    words = [f"{len(places) / total:.0%} {of} held back, {how}" for places in cut]
    if len(words) > 2:
        last = f"the last {len(cut[-1]) / total:.0%} {of}, which nothing else has seen"
        words[-1] = f"{last}, {how}"
    found = [Part(w, rows.taken(places)) for w, places in zip(words, cut, strict=True)]
    for part in found:
        problem.weighing.check(
            part.rows, f"{problem.table.name}: a part of {len(part.rows.y):,} rows"
        )
    return found


def find_by(problem: Problem, rows: Rows) -> By:
    """Say by what rows of the problem are split into parts and folds. Raises TableError."""
    table = problem.table
    match problem.recipe.split:
        case Random():
            return None
        case Groups(name):
            own = table.require(name)
            if own not in rows.values:
                raise TableError(
                    f"{table.name}: group {own!r} holds no values to group by, but "
                    f"{table.kind(own)}; it must hold text, numbers, true and false, or dates"
                )
            return RowGroups(own, rows.values[own])
        case Forward(name):
            own = table.require(name)
            values = rows.values.get(own)
            where = f"{table.name}: time column {own!r}"
            if values is None or isinstance(values, Texts) or rows.held_as[own] == "flag":
                raise TableError(f"{where} must hold dates or numbers, not {table.kind(own)}")
            missing = int(np.isnan(values).sum())
            if missing:
                raise TableError(
                    f"{where} is missing or infinite in {missing} rows{table.first_missing(own)}"
                )
            return Moments(own, values, rows.held_as[own] == "date")
