"""What is to be learnt from: options, the roles of columns, checks, and how rows are split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from leadweights.errors import DictionaryError, TableError, UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.texts import Texts
from leadweights.learn.in_engine.source import open_in_engine
from leadweights.learn.in_engine.table import TableInEngine, inspect_table
from leadweights.learn.in_memory import TableInMemory
from leadweights.learn.prepare import numerals
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.prepare.dates import find_formats, read_all_days, read_days
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
    say_nothing,
)
from leadweights.learn.row_order import put_in_order
from leadweights.learn.row_weights import Weighing
from leadweights.model.date_formats import is_of_texts
from leadweights.model.form import Form
from leadweights.tables.label import label_table
from leadweights.tables.labelled import Rows, held_as, labelled_rows
from leadweights.tables.open import Source, open_table
from leadweights.tables.split import By, Moments, RowGroups
from leadweights.tables.table import Table

TrainingTable = TableInMemory | TableInEngine
"""Both answer the same questions; the rows at hand are those of `table`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The tables as they are, before anything is learnt.

    Of a table that stays where it is, `rows` are those of a sample. `formats` say how dates are
    written that have not the type of one, `forms` how the columns of text that hold numbers write
    them.
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
    formats: Mapping[str, str]
    forms: Mapping[str, Form]
    progress: Progress = say_nothing
    left_out: tuple[str, ...] = ()

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
    known, progress = read_dictionary(recipe.dictionary), progress or say_nothing
    if isinstance(place, InMemory):
        if train is None:
            raise TableError("a file name or a DataFrame is needed, or an engine with a table")
        progress("reading the rows")
        table = open_table(train, [*recipe.keys, *_as_text(known)])
        found = label_table(table, recipe.asked_label, learning=True)
        in_memory = TableInMemory(found, train, table)
        yield pose(in_memory, recipe, known, valid=valid, limits=limits, progress=progress)
        return
    shares = [1.0] if every or valid is not None else recipe.shares
    scratch = isinstance(place, Warehouse) and place.scratch
    with open_in_engine(place, train, recipe.asked_label, limits.threads) as there:
        training = inspect_table(
            there,
            recipe,
            shares=shares,
            scratch=scratch,
            progress=progress,
            limits=limits,
        )
        yield pose(training, recipe, known, valid=valid, limits=limits, progress=progress)


def _as_text(known: Dictionary) -> list[str]:
    """Name the columns whose texts matter: codes, and dates and numbers as the dictionary says."""
    return [
        name
        for name, entry in known.columns.items()
        if entry.kind in ("category", "list")
        or is_of_texts(entry.format or "")
        or entry.decimal == ","
        or entry.thousands is not None
    ]


def pose(
    training: TrainingTable,
    recipe: Recipe,
    known: Dictionary,
    *,
    valid: Source | None = None,
    limits: Limits = USUAL,
    progress: Progress = say_nothing,
) -> Problem:
    """Say what the columns of a table are there for, and read its rows.

    Raises what `open_problem` does.
    """
    table = training.table
    label = training.label
    roles = dict.fromkeys((label, *training.reads), "label")
    named = [(key, "key") for key in recipe.keys]
    named += [(name, "excluded column") for name in recipe.exclude]
    named += [(name, role) for role, name in recipe.set_aside.items()]
    for name, role in named:
        own = table.require(name)
        if role == "excluded column" and own in training.reads:
            continue
        if roles.get(own) == "label":
            raise TableError(
                f"{table.name}: {own!r} is {'' if own == label else 'read by '}the label; it "
                f"cannot be {_with_article(role)} too"
            )
        roles[own] = role
    _check_references(known, roles)
    excluded = {name: known.entry(name).exclude for name in table.types if name not in roles}
    features = [name for name, why in sorted(excluded.items()) if not why]
    kinds = held_as(table, features)
    # As text: what is a level, and digits that are a date.
    categories = {
        name
        for name in kinds
        if known.entry(name).kind == "category" or is_of_texts(known.entry(name).format or "")
    }
    free = [name for name in kinds if known.entry(name).kind is None]
    for own in categories.union(table.find_beyond_doubles(free)):
        if kinds[own] == "number" and table.is_whole(own):
            kinds[own] = "text"
    numerals.refuse_grouped(table, [n for n, kind in kinds.items() if kind == "number"], known)
    left_out = {name: f"the dictionary says: {why}" for name, why in excluded.items() if why}
    left_out |= {n: f"it holds {table.kind(n)}" for n in features if n not in kinds}
    why = dict.fromkeys(training.reads, f"the label {label!r} reads it")
    aside = [
        Decision(name, role, why.get(name, ""))
        for name, role in sorted(roles.items())
        if name != label
    ]
    aside += [Decision(name, "left out", why) for name, why in left_out.items()]
    if not kinds:
        raise TableError(f"{table.name} has no usable column to learn from")
    weighing, weight = recipe.weighing, list[str]()
    if weighing.column is not None:
        weight = [table.require(weighing.column)]
        weighing = replace(weighing, column=weight[0])
    beside = [table.require(name) for name in recipe.set_aside.values()]
    wanted = kinds | held_as(table, [*beside, *training.split_by])
    rows = training.read(wanted)
    _check_weights(table, weighing, rows)
    formats = find_formats(
        table, rows, [name for name in wanted if name != label], known, recipe.time_zone
    )
    forms = numerals.find_forms(
        table, {name: rows.values[name] for name in kinds if name not in formats}, known
    )

    def read_texts(rows: Rows) -> dict[str, Values]:
        """Read the numbers and days that texts stand for, as if the types said so."""
        return {**numerals.read_numbers(rows, forms), **read_all_days(rows, formats)}

    rows = put_in_order(rows, table, label, known, recipe.seed, read_texts(rows))
    tables, valid_rows = {training.rows_called: table}, None
    rows_left_out = [training.left_out]
    if valid is not None:
        texts = [name for name, kind in kinds.items() if kind == "text"]
        found = label_table(open_table(valid, [*recipe.keys, *texts]), recipe.asked_label)
        tables["validation rows"] = valid_table = found.table
        rows_left_out.append(found.left_out)
        measured = kinds | {name: wanted[name] for name in weight}
        for name in texts:
            if name not in (*forms, *formats) and known.entry(name).kind != "category":
                valid_table.require_text(valid_table.require(name))
        valid_rows = labelled_rows(valid_table, measured, found.column)
        _check_weights(valid_table, weighing, valid_rows)
        valid_rows = valid_rows.sorted_by(read_texts(valid_rows))
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
        formats,
        forms,
        progress,
        tuple(filter(None, rows_left_out)),
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
            if own in problem.formats:
                values = read_days(rows, own, problem.formats[own])
            where = f"{table.name}: time column {own!r}"
            if values is None or isinstance(values, Texts) or rows.held_as[own] == "flag":
                raise TableError(f"{where} must hold dates or numbers, not {table.kind(own)}")
            dates = own in problem.formats or rows.held_as[own] == "date"
            missing = int(np.isnan(values).sum())
            if missing:
                raise TableError(
                    f"{where} is missing or infinite in {missing} rows{table.first_missing(own)}"
                )
            return Moments(own, values, dates)
