"""Check a table before anybody scores it: which rules of the model its rows hit, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from leadweights.errors import TableError
from leadweights.formula.arrays import Values
from leadweights.formula.columns import sources_of
from leadweights.formula.promises import Promise
from leadweights.formula.texts import texts
from leadweights.model.model import Number, ScoringModel
from leadweights.model.names import quote
from leadweights.scoring.hits import Hit, Rule, column_hits, rule_hits
from leadweights.tables.columns import (
    IN_TEXT,
    check_column,
    numbers_in_text,
    open_for,
    read,
    sources,
)
from leadweights.tables.open import Source
from leadweights.tables.table import VIEW, Table

RULES = ("consent", "adjustment", "decay", "trend")
"""Kinds of a check that is of a rule around the score, not of a column of it."""


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """What the model's column `column` meets in the columns of the table that it `reads`.

    With `problems`, in the words of the error that scoring would raise, there are no hits.
    """

    column: str
    kind: str
    reads: tuple[str, ...]
    problems: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def differs(self) -> bool:
        """Tell whether some share is clearly not that of the training rows."""
        return any(hit.differs for hit in self.hits)

    def rows(self, rule: Rule, level: str | None = None) -> int:
        """Count the rows that a rule decides; 0 for a rule that the column does not have."""
        return sum(h.rows for h in self.hits if (h.rule, h.level) == (rule, level))


@dataclass(frozen=True, slots=True)
class InputCheck:
    """What a table holds for a model, column by column, in the model's order.

    Columns that a table in a warehouse has `held_otherwise` than the rows learnt from are said
    with as what: the SELECT must be rendered for that table.
    """

    table: str
    rows: int
    training_rows: int
    columns: tuple[ColumnCheck, ...]
    held_otherwise: Mapping[str, str] = field(default_factory=dict)

    @property
    def scorable(self) -> bool:
        """Tell whether every column is there and of a usable kind."""
        return not self.problems

    @property
    def problems(self) -> tuple[str, ...]:
        """List what keeps the table from being scored, each problem once."""
        return tuple(dict.fromkeys(p for column in self.columns for p in column.problems))


def check_input(
    model: ScoringModel, data: Source, promised: Mapping[str, Promise] | None = None
) -> InputCheck:
    """Count the rows of a file or DataFrame that hit each fill, cap, token and unseen level.

    Columns that are not there or hold another kind are listed, not raised: ask the result whether
    it is `scorable`. So are those that break what a SELECT that was rendered with `promised` relies
    on.

    Raises TableError for a table that cannot be opened or has no rows.
    """
    kinds = sources(model)
    table = open_for(model, data)
    problems: dict[str, str] = {}
    either = numbers_in_text(model)
    for name, kind in kinds.items():
        try:
            check_column(table, name, kind, or_number=name in either)
        except TableError as problem:
            problems[name] = str(problem)
    broken = find_broken(table, promised or {})
    problems |= {name: broken[name.lower()] for name in kinds if name.lower() in broken}
    values = read(table, {name: kind for name, kind in kinds.items() if name not in problems})
    return count_hits(model, table.name, table.rows, values, problems)


def find_broken(table: Table, promised: Mapping[str, Promise]) -> dict[str, str]:
    """Say of columns, by their names in lower case, that hold what their declared types exclude."""
    there = {name.lower(): name for name in table.types}
    found: dict[str, str] = {}
    for name, promise in promised.items():
        own = there.get(name.lower())
        if own is None:
            continue
        missing = outside = "0"
        if promise.required:
            missing = f"COUNT(*) - COUNT({quote(own)})"
        if table.is_number(own):
            ends = f"-1.0 * {promise.largest!r} AND {promise.largest!r}"
            outside = f"COUNT_IF(CAST({quote(own)} AS DOUBLE) NOT BETWEEN {ends})"
        counts = table.select(f"SELECT {missing} AS missing, {outside} AS outside FROM {VIEW}")  # noqa: S608
        for count, what in (("missing", "NULL"), ("outside", "NaN, infinite or too large")):
            rows = int(counts[count][0])
            if rows:
                found[own.lower()] = (
                    f"column {own!r} is {what} in {rows:,} of {table.rows:,} rows, which the type "
                    "that the SELECT was rendered for excludes"
                )
    return found


def count_hits(
    model: ScoringModel,
    table: str,
    rows: int,
    values: Mapping[str, Values],
    problems: Mapping[str, str],
) -> InputCheck:
    """Count the rows that hit each rule, by the values of the columns that have no problem."""
    # Others get a stand-in, so that the rest can be computed.
    nothing: dict[str, Values] = {
        name: texts([None] * rows) if kind in IN_TEXT else np.full(rows, np.nan)
        for name, kind in sources(model).items()
        if name in problems
    }
    values = {**values, **nothing}
    hits = column_hits(model, values, rows)
    checks = []
    for column in model.columns:
        by = (column.segments.column,) if isinstance(column, Number) and column.segments else ()
        reads = tuple(dict.fromkeys((*sources_of(column, model.columns), *by)))
        own = hits[column.name]
        checks.append(_check(column.name, type(column).__name__.lower(), reads, problems, own))
    for rule, reads, own in rule_hits(model, values, rows):
        checks.append(_check(reads[0], rule, reads, problems, own))
    return InputCheck(table, rows, model.provenance.rows, tuple(checks))


def _check(
    column: str, kind: str, reads: tuple[str, ...], problems: Mapping[str, str], hits: Sequence[Hit]
) -> ColumnCheck:
    own = tuple(problems[name] for name in reads if problems.get(name))
    return ColumnCheck(column, kind, reads, own, () if own else tuple(hits))
