"""Columns as trees see them: a small code a row, cut at quantiles, or a level's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.model import Flag, InputColumn, Number
from leadweights.model.trees import LevelSplit, Node, NumberSplit

Codes = NDArray[np.uint8]
MISSING, OTHERS, FIRST = 0, 1, 2
"""The codes of what is missing; of rare levels, or below all cuts; and the first of the rest."""

BINS = 64
# A level's code is a byte.
_MOST_LEVELS = 250


@dataclass(frozen=True, slots=True)
class Binned:
    """One column: what its codes mean. `cuts` are where a number's bins begin, from FIRST on.

    A category has `levels` in their place. `fill` is the code of what stands in for a missing
    value, None where missing rows were seen: they go where they say. With a `direction`, 1 or -1,
    what a number adds never goes against it.
    """

    name: str
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] | None = None
    fill: int | None = None
    direction: float = 0.0

    @property
    def size(self) -> int:
        """Count the codes."""
        return FIRST + len(self.cuts if self.levels is None else self.levels)

    def encode(self, rows: Prepared) -> Codes:
        """Code rows as trees read them, shape (rows,)."""
        if self.levels is None:
            values = rows.numbers[self.name]
            found = np.searchsorted(self.cuts, values, side="right") + OTHERS
            return np.where(np.isnan(values), MISSING, found).astype(np.uint8)
        held = rows.levels[self.name]
        place = {level: FIRST + code for code, level in enumerate(self.levels)}
        own = np.array([*(place.get(level, OTHERS) for level in held.levels), MISSING], np.uint8)
        return np.asarray(own[held.codes])

    def split(self, up: NDArray[np.bool_], first: Node, second: Node) -> Node:
        """Write down the split by which rows with these codes go to the `second` node."""
        if self.levels is None:
            at = self.cuts[int(np.argmax(up[FIRST:]))]
            return NumberSplit(self.name, at, first, second, bool(up[MISSING]))
        among = tuple(n for n, own in zip(self.levels, up[FIRST:], strict=True) if own)
        return LevelSplit(self.name, among, second, first, bool(up[MISSING]))


def cut_columns(
    columns: Sequence[InputColumn],
    rows: Prepared,
    kept: Mapping[str, Sequence[str]],
    directions: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Binned, ...]:
    """Cut columns for trees by training rows, as trees read them, sorted by name."""
    found = []
    for column in sorted(columns, key=lambda column: column.name):
        name = column.name
        if name in rows.levels:
            found.append(Binned(name, levels=tuple(sorted(kept[name])[:_MOST_LEVELS])))
            continue
        values = rows.numbers[name]
        known = values[~np.isnan(values)]
        cuts = cut_numbers(known) if len(known) else ()
        own = Binned(name, cuts, direction=directions.get(name, 0.0))
        if isinstance(column, Number | Flag) and len(known) == len(values):
            fill = np.searchsorted(own.cuts, column.fill, side="right") + OTHERS
            own = replace(own, fill=int(fill))
        found.append(own)
    return tuple(found)


def cut_numbers(known: Floats, count: int = BINS) -> tuple[float, ...]:
    """Say where about `count` bins of as many rows begin, the first at the lowest value.

    A value of more rows than a bin has one of its own, and takes none from the others.
    """
    values, rows = np.unique(known, return_counts=True)
    starts = np.ones(len(values), bool)
    if len(values) > count:
        often = np.zeros(len(values), bool)
        mean = len(known) / count
        while (more := ~often & (rows >= mean)).any():
            often |= more
            mean = rows[~often].sum() / max(count - often.sum(), 1)
        filled = np.where(often, 1.0, rows / max(mean, 1.0))
        places = np.floor(np.cumsum(filled) - filled / 2 + 1e-9)
        starts = np.diff(places, prepend=-1.0) > 0
        starts |= often
        starts[1:] |= often[:-1]
    below = np.concatenate(([-np.inf], values))
    return tuple(write_cut(float(below[at]), float(values[at])) for at in np.flatnonzero(starts))


def write_cut(below: float, value: float) -> float:
    """Write a number above `below`, up to `value`, in as few digits as there are."""
    middle = value if below == -np.inf else below / 2 + value / 2
    for digits in range(1, 17):
        for wanted in (middle, value):
            found = float(f"{wanted:.{digits}g}")
            if below < found <= value:
                return found
    return value


def encode(columns: Sequence[Binned], rows: Prepared) -> Codes:
    """Code rows as trees read them, shape (columns, rows)."""
    return np.stack([column.encode(rows) for column in columns])
