"""What is to be learnt from: the tables as they are, checked, and how their rows are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from leadweights.errors import DictionaryError, TableError, UnsupportedError
from leadweights.formula.stages import RESERVED
from leadweights.formula.texts import Texts
from leadweights.learn.in_engine.sample import Place
from leadweights.learn.in_engine.table import Told, Whole, whole_of
from leadweights.learn.prepare.columns import Decision
from leadweights.learn.prepare.dictionary import Dictionary, MedianBy
from leadweights.learn.prepare.dictionary import dictionary as read_dictionary
from leadweights.learn.row_weights import EVERY_ROW_ONCE, Weighing, positive
from leadweights.model import names as naming
from leadweights.tables.labelled import Rows, held_as, labelled_rows, positive_label
from leadweights.tables.open import held, opened
from leadweights.tables.split import By, Groups, Moments, split
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

SPLIT = "80/20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller asked for, checked."""

    label: str
    keys: Sequence[str]
    exclude: Sequence[str]
    c: float | Literal["auto"]
    seed: int
    split: str = SPLIT
    time_column: str | None = None
    group: str | None = None
    weighing: Weighing = EVERY_ROW_ONCE
    scratch: bool = False

    def __post_init__(self) -> None:
        naming.name(self.label, "label")
        for optional, what in ((self.time_column, "time_column"), (self.group, "group")):
            if optional is not None:
                naming.name(optional, what)
        # What can be read only once, such as a generator, is read here.
        object.__setattr__(self, "keys", naming.keys(self.keys))
        object.__setattr__(self, "exclude", naming.names(self.exclude, "exclude"))
        for key in self.keys:
            if key.lower() in RESERVED:
                raise UnsupportedError(
                    f"key {key!r} has the name of a column of the result: "
                    "rename it in the table or leave it out"
                )
        if not (isinstance(self.c, str) and self.c == "auto"):
            object.__setattr__(self, "c", positive(self.c, "C"))
        object.__setattr__(self, "seed", seed(self.seed))
        self.shares()
        if self.time_column is not None and self.group is not None:
            raise UnsupportedError("split by a time column or by a group, not by both")

    def shares(self) -> list[float]:
        """Read the split: two or three shares."""
        try:
            found = [float(part) for part in self.split.split("/")]
        except (ValueError, AttributeError):
            found = []
        if "_" in str(self.split):  # Python's own way to write 1_000
            found = []
        if len(found) not in (2, 3) or not all(0 < share < 1000 for share in found):
            raise UnsupportedError(
                f"a split is two or three shares such as 80/20 or 70/15/15, not {self.split!r}"
            )
        return found


def _with_article(role: str) -> str:
    return f"an {role}" if role.startswith("e") else f"a {role}"


def seed(value: object) -> int:
    """Read a seed, which may be one of numpy's whole numbers. Raises UnsupportedError."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= int(value) < 2**32:
        raise UnsupportedError(f"the seed must be a whole number below 2**32, not {value!r}")
    return int(value)


@dataclass(frozen=True, slots=True)
class Task:
    """The tables as they are, before anything is learnt.

    Of a table that stays where it is, `rows` are those of a sample, and `whole` knows of all.
    """

    asked: Asked
    dictionary: Dictionary
    table: Table
    tables: Mapping[str, Table]
    rows: Rows
    valid: Rows | None
    features: tuple[str, ...]
    aside: tuple[Decision, ...]
    keys: tuple[str, ...]
    positive: str
    weighing: Weighing
    whole: Whole | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, and which they are, in words."""

    words: str
    rows: Rows


def task_of(
    train: Source | None,
    valid: Source | None,
    asked: Asked,
    words: str | Path | Mapping[str, object] | None,
    place: Place | None = None,
    told: Told = lambda _: None,
    *,
    every: bool = False,
) -> Task:
    """Open and read the tables, and say what each of their columns is there for.

    With a `place` the rows stay there, but for a sample; `told` is called with a few words before
    each long question. With `every` row learnt from, there are no parts.

    Raises TableError, DictionaryError or UnsupportedError for what cannot be meant.
    """
    if valid is not None and (asked.split, asked.time_column, asked.group) != (SPLIT, None, None):
        raise UnsupportedError("rows to measure on come from a table of their own or from a split")
    known = read_dictionary(words)
    as_text = [name for name, entry in known.columns.items() if entry.kind == "category"]
    whole = None
    if place is not None:
        shares = asked.shares() if valid is None and not every else [1.0]
        whole = whole_of(
            place,
            label=asked.label,
            seed=asked.seed,
            shares=shares,
            time_column=asked.time_column,
            group=asked.group,
            weighing=asked.weighing,
            scratch=asked.scratch,
            told=told,
        )
        table = _sampled(whole)
    else:
        if asked.scratch:
            raise UnsupportedError("--scratch is for databases and Spark, not for rows in memory")
        assert train is not None
        table = opened(train, [*asked.keys, *as_text])
    roles = {table.require(asked.label): "label"}
    named = [(key, "key") for key in asked.keys]
    named += [(name, "excluded column") for name in asked.exclude]
    named += [(n, "time column") for n in (asked.time_column,) if n is not None]
    named += [(n, "group") for n in (asked.group,) if n is not None]
    named += [(n, "weight") for n in (asked.weighing.column,) if n is not None]
    for name, role in named:
        own = table.require(name)
        if roles.get(own) == "label":
            raise TableError(
                f"{table.name}: {own!r} is the label; it cannot be {_with_article(role)} too"
            )
        roles[own] = role
    label = table.require(asked.label)
    _check_references(known, roles)
    excluded = {name: known.entry(name).exclude for name in table.types if name not in roles}
    features = [name for name, why in sorted(excluded.items()) if not why]
    kinds = held_as(table, features)
    for name in as_text:
        own = table.require(name) if name.lower() in map(str.lower, table.types) else ""
        if kinds.get(own) == "number" and table.is_whole(own):
            kinds[own] = "text"
    for name, kind in kinds.items():
        entry = known.entry(name)
        if kind == "text" and entry.kind is None:
            table.refuse_odd_text(name, missing=known.missing_in(name)[0])
    aside = [
        *(Decision(name, role, "") for name, role in sorted(roles.items()) if name != label),
        *(
            Decision(name, "left out", f"the dictionary says: {why}")
            for name, why in excluded.items()
            if why
        ),
        *(
            Decision(name, "left out", f"it holds {table.kind(name)}")
            for name in features
            if name not in kinds
        ),
    ]
    if not kinds:
        raise TableError(f"{table.name} has no usable column to learn from")
    weighing, weight = asked.weighing, list[str]()
    if weighing.column is not None:
        weight = [table.require(weighing.column)]
        weighing = replace(weighing, column=weight[0])
    wanted = dict(kinds)
    for extra in (asked.time_column, asked.group, weighing.column):
        if extra is not None:
            wanted |= held_as(table, [table.require(extra)])
    if whole is not None:
        wanted |= held_as(table, whole.cut.columns)
    if whole is None or whole.sample.complete:
        rows = labelled_rows(table, wanted, label)
    else:
        rows = whole.rows_to_decide_by(wanted)
    _check_weights(table, weighing, rows)
    tables, valid_rows = {"training rows" if whole is None else "sampled rows": table}, None
    if valid is not None:
        texts = [name for name, kind in kinds.items() if kind == "text"]
        tables["validation rows"] = valid_table = opened(valid, [*asked.keys, *texts])
        measured = kinds | {name: wanted[name] for name in weight}
        valid_rows = labelled_rows(valid_table, measured, valid_table.require(asked.label))
        _check_weights(valid_table, weighing, valid_rows)
    return Task(
        asked,
        known,
        table,
        tables,
        rows,
        valid_rows,
        tuple(kinds),
        tuple(aside),
        tuple(table.require(key) for key in asked.keys),
        positive_label(table, label) if whole is None else whole.shown_positive,
        weighing,
        whole,
    )


def _sampled(whole: Whole) -> Table:
    """Make a table of the rows of a sample that are to decide by."""
    values = whole.sample.to_decide_by()
    columns = {name: (kind, values[name]) for name, kind in whole.place.kinds.items()}
    return held(columns, f"a sample of {whole.place.name}")


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


def absent(task: Task) -> list[str]:
    """List the columns that the dictionary names and the table does not have."""
    there = {column.lower() for column in task.table.types}
    return [name for name in task.dictionary.columns if name.lower() not in there]


def parts(task: Task) -> list[Part]:
    """Split the rows, or take the validation table for the second part."""
    if task.valid is not None:
        return [Part("", task.rows), Part("the validation table", task.valid)]
    asked, by = task.asked, cut_by(task, task.rows)
    whole = task.whole
    if whole is None:
        cut = split(task.rows.y, asked.shares(), asked.seed, by)
    else:
        number = whole.cut.places(task.rows.values)
        cut = [np.flatnonzero(number == place) for place in range(len(asked.shares()))]
        for places in cut:
            if len(np.unique(task.rows.y[places])) < 2:
                raise TableError(
                    f"{whole.place.name}: of {len(number):,} sampled rows a part would have "
                    f"{len(places):,}, {int(task.rows.y[places].sum()):,} of them positive; split "
                    "otherwise, or measure on a table of its own with --valid"
                )
    match by:
        case Moments():
            how = f"forward in time by {asked.time_column}"
        case Groups():
            how = f"whole groups by {asked.group}, seed {asked.seed}"
        case _:
            by_what = "stratified" if whole is None else "by a hash of their content"
            how = f"{by_what}, seed {asked.seed}"
    total = len(task.rows.y)
    of = "of the rows" if whole is None else f"of {total:,} sampled rows"
    words = [f"{len(places) / total:.0%} {of} held back, {how}" for places in cut]
    if len(words) > 2:
        last = f"the last {len(cut[-1]) / total:.0%} {of}, which nothing else has seen"
        words[-1] = f"{last}, {how}"
    found = [Part(w, task.rows.taken(places)) for w, places in zip(words, cut, strict=True)]
    for part in found:
        task.weighing.check(part.rows, f"{task.table.name}: a part of {len(part.rows.y):,} rows")
    return found


def cut_by(task: Task, rows: Rows) -> By:
    """Say by what rows of the task are cut into parts and folds. Raises TableError."""
    asked = task.asked
    if asked.time_column is not None:
        return _moments(task, rows, asked.time_column)
    if asked.group is not None:
        return _groups(task, rows, asked.group)
    return None


def _moments(task: Task, rows: Rows, name: str) -> Moments:
    own = task.table.require(name)
    values = rows.values.get(own)
    if values is None or isinstance(values, Texts) or rows.held_as[own] == "flag":
        raise TableError(
            f"{task.table.name}: time column {own!r} must hold dates or numbers, "
            f"not {task.table.kind(own)}"
        )
    if np.isnan(values).any():
        raise TableError(
            f"{task.table.name}: time column {own!r} is missing or infinite in "
            f"{int(np.isnan(values).sum())} rows{task.table.first_missing(own)}"
        )
    return Moments(own, values, rows.held_as[own] == "date")


def _groups(task: Task, rows: Rows, name: str) -> Groups:
    own = task.table.require(name)
    values = rows.values.get(own)
    if values is None:
        raise TableError(
            f"{task.table.name}: group {own!r} holds no values to group by, but "
            f"{task.table.kind(own)}; it must hold text, numbers, true and false, or dates"
        )
    return Groups(own, values)
