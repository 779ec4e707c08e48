"""Rows in an engine cut into parts: by a hash, forward in time, or whole groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import nextafter

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import (
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    Formula,
    Named,
    Stage,
    read_by,
)
from leadweights.learn.in_engine.exact_sums import PART, Chain, Span
from leadweights.learn.in_engine.sample import (
    KINDS,
    Sample,
    list_telling,
    read_number,
    read_one_row,
    write_hash,
)
from leadweights.learn.in_engine.source import EngineTable
from leadweights.sql.aggregates import Total, select_totals
from leadweights.tables.labelled import LARGEST_VALUE

_TOLD_APART = 0.999
_MOMENTS, _MOST_LOOKS = 64, 8


@dataclass(frozen=True, slots=True)
class Cut:
    """How rows are split into parts: by a number of each, at these edges."""

    number: Chain
    edges: tuple[float, ...]

    @property
    def columns(self) -> list[str]:
        """Name the columns that the number is made of."""
        return sorted({read.name for read in read_by(self.number) if not isinstance(read, Column)})

    @property
    def first(self) -> Between | None:
        """Say which rows are in the first part; None for all."""
        if len(self.edges) < 3:
            return None
        return Between(Column(PART), self.edges[0], nextafter(self.edges[1], -np.inf))

    def places(self, values: Mapping[str, Values]) -> NDArray[np.int64]:
        """Tell for each row in which part it is, shape (rows,)."""
        number = compute_number(self.number, values)
        return np.searchsorted(self.edges[1:-1], number, side="right")


def cut_by_hash(
    place: EngineTable,
    spans: Mapping[str, Span],
    sample: Sample,
    label: str,
    seed: int,
    shares: Sequence[float],
) -> Cut:
    """Split rows by a hash of their content, of as few columns as tell the sample's rows apart."""
    salt = f"split {seed}"

    def told_apart(columns: Sequence[str]) -> int:
        number = write_hash(place, spans, columns, salt)
        return len(np.unique(compute_number(number, sample.values)))

    every: list[str] = []
    rows = len(next(iter(sample.values.values())))
    for every in list_telling(place, spans, label):
        if told_apart(every) >= KINDS * rows:
            break
    if not every:
        raise TableError(f"{place.name} has no column to split its rows by")
    best, counts = told_apart(every), {name: told_apart([name]) for name in every}
    chosen_columns: list[str] = []
    for name in sorted(every, key=lambda name: (-counts[name], name.lower())):
        chosen_columns.append(name)
        if told_apart(chosen_columns) >= _TOLD_APART * best:
            break
    return Cut(write_hash(place, spans, chosen_columns, salt), _find_edges(shares))


def _find_edges(shares: Sequence[float]) -> tuple[float, ...]:
    return tuple((np.cumsum([0.0, *shares]) / sum(shares)).tolist())


def compute_number(number: Chain, values: Mapping[str, Values]) -> Floats:
    """Compute the number that splits rows, shape (rows,)."""
    steps = [Stage("cut", (Named(PART, formula),)) for formula in number]
    return evaluate(steps, values)[PART]


def cut_by_time(
    place: EngineTable, spans: Mapping[str, Span], rows: int, column: str, shares: Sequence[float]
) -> Cut:
    """Split rows forward in time, rows of one moment never parted; a few queries find the moments.

    Raises TableError for a column that is no time of every row.
    """
    kind, span = place.kinds[column], spans.get(column)
    if kind not in ("number", "date") or span is None or not span.complete:
        raise TableError(
            f"{place.name}: time column {column!r} must hold a date or number in every row"
        )
    time = read_number(column, kind)
    wanted = [round(rows * float(share)) for share in np.cumsum(shares)[:-1] / sum(shares)]
    edges = (_find_moment(place, time, span, before) for before in wanted)
    return Cut((time, Column(PART)), (-LARGEST_VALUE, *edges, LARGEST_VALUE))


def _find_moment(place: EngineTable, time: Formula, span: Span, wanted: int) -> float:
    """Find a moment with as nearly as can be so many rows before it, closing in on it."""
    low, high = span.low, nextafter(span.high, np.inf)
    before: dict[float, int] = {}
    for _ in range(_MOST_LOOKS):
        asked = [float(at) for at in np.linspace(low, high, _MOMENTS) if float(at) not in before]
        later = (((AtLeast(time, Constant(at)), Constant(0.0)),) for at in asked)
        sums = [Total(f"n{k}", "SUM", Case(one, Constant(1.0))) for k, one in enumerate(later)]
        if sums:
            found = read_one_row(place.ask(partial(select_totals, [], sums)))
            before |= {at: int(found[f"n{k}"]) for k, at in enumerate(asked)}
        moments = sorted(before)
        under = max((at for at in moments if before[at] <= wanted), default=moments[0])
        over = min((at for at in moments if before[at] > wanted), default=moments[-1])
        if not asked or over <= under or before[over] - before[under] <= 1:
            break
        low, high = under, over
    return min((under, over), key=lambda at: abs(before[at] - wanted))


def cut_by_group(
    place: EngineTable, spans: Mapping[str, Span], group: str, seed: int, shares: Sequence[float]
) -> Cut:
    """Split whole groups by a hash of what they are called."""
    return Cut(write_hash(place, spans, [group], f"group {seed}"), _find_edges(shares))
