"""Counting the rows of a table into a baseline's bins: one SELECT, one pass, wherever it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from leadweights.errors import EngineError, TableError
from leadweights.files.temporary import make_temporary_folder
from leadweights.formula.bins import (
    SCORE,
    Watched,
    bin_stages,
    list_conditions,
    list_watched,
    to_bins,
)
from leadweights.formula.nodes import Column, Stage
from leadweights.formula.stages import outputs, rename_sources
from leadweights.learn.recipe import Warehouse
from leadweights.model.baseline import Baseline, Counts
from leadweights.model.model import ScoringModel
from leadweights.sql.aggregates import Tally, Total, select_totals
from leadweights.sql.select import no_rows
from leadweights.tables.cancellable import finish
from leadweights.tables.columns import check_columns, open_for
from leadweights.tables.engines.engine import HasTables
from leadweights.tables.engines.registry import open_tables
from leadweights.tables.held import HeldTable, find_held
from leadweights.tables.open import Source, connect
from leadweights.tables.table import VIEW

ROWS, PROBABILITY = "rows", "probability"


@dataclass(frozen=True, slots=True)
class Bins:
    """A column's bins: what is watched of it, None for the score, and the tallies they are made of.

    `frame` is how the baseline cuts it.
    """

    watched: Watched | None
    frame: Counts
    tallies: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name the column."""
        return self.frame.column


@dataclass(frozen=True, slots=True)
class Counting:
    """What is asked of a table: the stages, the totals over the last one, and their bins.

    The score's bins come last.
    """

    stages: tuple[Stage, ...]
    wanted: tuple[Tally | Total, ...]
    bins: tuple[Bins, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a table has in each bin of each column and of the score, which comes last."""

    rows: int
    bins: Mapping[str, tuple[int, ...]]
    mean_probability: float | None = None


def plan_counting(model: ScoringModel, baseline: Baseline, *, probable: bool = False) -> Counting:
    """Say what is to be asked of a table; if `probable`, the sum of its probabilities, too."""
    beside = [PROBABILITY] if probable and PROBABILITY in outputs(model) else []
    stages, names = bin_stages(model, beside)
    frames = {counts.column: counts for counts in baseline.columns}
    bins: list[Bins] = []
    wanted: list[Tally | Total] = [Tally(ROWS)]
    columns: list[tuple[Watched | None, Counts, str]] = [
        (watched, frames[watched.name], names[watched.name]) for watched in list_watched(model)
    ]
    for watched, frame, read in [*columns, (None, baseline.score, SCORE)]:
        conditions = list_conditions(watched, frame, Column(read))
        made = [Tally(f"n{len(wanted) + k}", one) for k, one in enumerate(conditions)]
        wanted += made
        bins.append(Bins(watched, frame, tuple(tally.name for tally in made)))
    if beside:
        wanted.append(Total(PROBABILITY, "SUM", Column(PROBABILITY)))
    return Counting(stages, tuple(wanted), tuple(bins))


def keep_columns(asked: Counting, names: Collection[str]) -> Counting:
    """Ask about some columns only."""
    bins = tuple(own for own in asked.bins if own.name in names)
    kept = {ROWS}.union(*(own.tallies for own in bins))
    return replace(asked, wanted=tuple(w for w in asked.wanted if w.name in kept), bins=bins)


def count_table(model: ScoringModel, baseline: Baseline, table: Source | Warehouse) -> Counted:
    """Count the rows of a file, a DataFrame or a table of a warehouse, where it is.

    Raises TableError for a table that lacks a column of the model, or has no row, EngineError.
    """
    if isinstance(table, Warehouse):
        return _count_there(model, baseline, table)
    asked = plan_counting(model, baseline, probable=True)
    wanted = (SCORE, *(c for c in (PROBABILITY,) if c in outputs(model)))
    with make_temporary_folder() as folder, connect(folder / "spill") as connection:

        def count() -> Mapping[str, Any]:
            rows = open_for(model, table, wanted, connection=connection)
            check_columns(rows, model, wanted)
            found = rows.select(select_totals(asked.stages, asked.wanted, "duckdb", VIEW))
            return {name: values[0] for name, values in found.items()}

        return _make(asked, finish(count, connection.interrupt))


def _count_there(model: ScoringModel, baseline: Baseline, place: Warehouse) -> Counted:
    with open_there(model, place) as (database, table, held):
        asked = plan_counting(held.model, baseline, probable=True)
        stages = rename_sources(asked.stages, held.names)
        sql = select_totals(stages, asked.wanted, database.dialect, table)
        _, (row,) = database.rows(sql)
        # By place: a warehouse may spell names its own way.
        given = dict(zip((total.name for total in asked.wanted), row, strict=True))
        if not given[ROWS]:
            raise TableError(f"{table} has column names but no rows")
        return _make(asked, given)


@contextmanager
def open_there(model: ScoringModel, place: Warehouse) -> Iterator[tuple[HasTables, str, HeldTable]]:
    """Open a database, with the name of its table and how that holds what a model reads.

    Raises TableError for a table that lacks a column, EngineError, UnsupportedError.
    """
    if place.table is None:
        raise TableError("name the table to watch with --table")
    with open_tables(place.url) as database:
        names = database.rows(no_rows(database.dialect, place.table))[0]
        there = dict.fromkeys(map(database.spell, names)) | database.held_in(place.table)
        held = find_held(model, there, place.table)
        for problem in held.problems.values():
            raise TableError(problem)
        yield database, place.table, held


def _make(asked: Counting, given: Mapping[str, Any]) -> Counted:
    rows = int(given[ROWS])
    bins = {}
    for own in asked.bins:
        held = [int(given[name]) for name in own.tallies]
        counted = tuple(map(int, to_bins(own.watched, own.frame, held, rows)))
        if min(counted) < 0:
            raise EngineError(f"the counts of {own.name!r} contradict each other")
        bins[own.name] = counted
    scored = rows - bins[SCORE][-1] if asked.bins else 0
    summed = given.get(PROBABILITY)
    mean = None if summed is None or not scored else round(float(summed) / scored, 6)
    return Counted(rows, bins, mean)
