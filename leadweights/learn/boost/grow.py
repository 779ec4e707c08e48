"""Grow a tree on gradients: sums of whole numbers over codes, so that no order changes a bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import FIRST, MISSING, OTHERS, Binned, Codes, encode
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.trees import Leaf, Node

# Sums of so many parts of 1 are whole numbers below 2**53, which doubles hold, up to 2**33 rows.
UNIT = 2.0**20


@dataclass(frozen=True, slots=True)
class Shape:
    """How trees are grown: the `rate` is what a boosted leaf takes of its own best value.

    A leaf has `least_rows` at least. `l2` and `levels_l2`, the one where categories split, are the
    penalties of a leaf; `smooth` draws the rates by which a node's levels are sorted together.
    The leaves' values are those of one regression with the weights, where trees are `joint`.
    """

    depth: int = 3
    leaves: int = 8
    rate: float = 0.4
    least_rows: int = 20
    l2: float = 1.0
    levels_l2: float = 10.0
    smooth: float = 10.0
    least_gain: float = 1e-3
    joint: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A split of a column: the rows with codes that are `up` go to the second node below."""

    column: int
    up: NDArray[np.bool_]
    first: int
    second: int


def _may_move(a: Sequence[NDArray[np.bool_]], b: Sequence[NDArray[np.bool_]], column: int) -> bool:
    """Tell whether rows with codes `a` and `b` may differ in known values of one column alone."""
    both = [x & y for x, y in zip(a, b, strict=True)]
    alike = all(own.any() for place, own in enumerate(both) if place != column)
    return alike and bool(a[column][OTHERS:].any() and b[column][OTHERS:].any())


@dataclass(frozen=True, slots=True)
class Grown:
    """A tree: `parts` by number of node, the root 0; the other nodes are leaves, in order."""

    parts: dict[int, Part]
    leaves: tuple[int, ...]

    def find_leaves(self, codes: Codes) -> NDArray[np.int64]:
        """Say in which leaf rows end, shape (rows,), by their codes, shape (columns, rows)."""
        place = {node: own for own, node in enumerate(self.leaves)}
        found = np.zeros(codes.shape[1], np.int64)
        waiting = [(0, np.arange(codes.shape[1]))]
        while waiting:
            node, rows = waiting.pop()
            if node in place:
                found[rows] = place[node]
                continue
            part = self.parts[node]
            up = part.up[codes[part.column][rows]]
            waiting += [(part.first, rows[~up]), (part.second, rows[up])]
        return found

    def attribute(self, values: Floats, shares: Floats) -> dict[int, Floats]:
        """Part the values of leaves among columns: what each split changes in the expected value.

        `shares` of the rows come to the leaves; what a column's splits add is 0 at the root.
        """
        place = {node: own for own, node in enumerate(self.leaves)}
        means, below, held = dict[int, float](), dict[int, list[int]](), dict[int, float]()
        for node in sorted([*self.parts, *self.leaves], reverse=True):
            if node in place:
                own = [place[node]]
            else:
                own = [*below[self.parts[node].first], *below[self.parts[node].second]]
            below[node], held[node] = own, float(shares[own].sum())
            means[node] = float(shares[own] @ values[own]) / held[node] if held[node] else 0.0
        found = {part.column: np.zeros(len(values)) for part in self.parts.values()}
        for node, part in self.parts.items():
            for one in (part.first, part.second):
                found[part.column][below[one]] += means[one] - means[node]
        return found

    def keep_directions(self, columns: Sequence[Binned], values: Floats) -> Grown:
        """Make a leaf of each split below which values of leaves go against its column's direction.

        Two leaves are compared where a row may move from one to the other by that column alone. Of
        such splits on one way the lowest becomes a leaf: what it is worth then may change the rest.
        """
        place = {node: own for own, node in enumerate(self.leaves)}
        # Which codes of each column come to a node.
        codes = {0: [np.ones(column.size, bool) for column in columns]}
        for node, part in sorted(self.parts.items()):
            for one, own in ((part.first, ~part.up), (part.second, part.up)):
                codes[one] = list(codes[node])
                codes[one][part.column] = codes[node][part.column] & own
        below, wrong, settled = dict[int, list[int]](), set[int](), set[int]()
        for node in sorted([*self.parts, *self.leaves], reverse=True):
            if node in place:
                below[node] = [node]
                continue
            part = self.parts[node]
            lower, upper = below[part.first], below[part.second]
            below[node] = [*lower, *upper]
            if settled.intersection((part.first, part.second)):
                settled.add(node)
                continue
            direction = columns[part.column].direction
            pairs = ((a, b) for a in lower for b in upper) if direction else ()
            for a, b in pairs:
                against = direction * (values[place[b]] - values[place[a]]) < 0
                if against and _may_move(codes[a], codes[b], part.column):
                    wrong.add(node)
                    settled.add(node)
                    break
        parts, leaves, waiting = dict[int, Part](), list[int](), [0]
        while waiting:
            node = waiting.pop()
            if node in self.parts and node not in wrong:
                parts[node] = self.parts[node]
                waiting += [parts[node].first, parts[node].second]
            else:
                leaves.append(node)
        return Grown(parts, tuple(sorted(leaves)))

    def write(self, columns: Sequence[Binned], leaves: Sequence[Leaf], node: int = 0) -> Node:
        """Write down the node and all below it, with these leaves."""
        if node not in self.parts:
            return leaves[self.leaves.index(node)]
        part = self.parts[node]
        below = (self.write(columns, leaves, one) for one in (part.first, part.second))
        return columns[part.column].split(part.up, *below)


_Bounds = tuple[float, float]
_FREE: _Bounds = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class _Open:
    """A leaf that may be split: its rows, their sums by column and code, the best split.

    Its value is within `bounds`, low and high.
    """

    depth: int
    rows: NDArray[np.int64]
    sums: Floats
    gain: float
    column: int
    up: NDArray[np.bool_]
    bounds: _Bounds


@dataclass(frozen=True, slots=True)
class GrownTrees:
    """Trees, and what the codes mean that they part rows by."""

    columns: tuple[Binned, ...]
    trees: tuple[Grown, ...]

    @property
    def leaf_count(self) -> int:
        """Count the leaves of all trees."""
        return sum(len(tree.leaves) for tree in self.trees)

    def find_leaves(self, codes: Codes) -> NDArray[np.int64]:
        """Say in which leaves rows end, counted from 0 through all trees, shape (trees, rows)."""
        counts = [len(tree.leaves) for tree in self.trees]
        starts = np.cumsum([0, *counts[:-1]])
        found = [t.find_leaves(codes) + s for t, s in zip(self.trees, starts, strict=False)]
        return np.array(found, dtype=np.int64).reshape(len(found), codes.shape[1])

    def keep_directions(self, values: Floats) -> GrownTrees:
        """Keep of all trees what does not go against a direction, by the values of their leaves."""
        ends = np.cumsum([len(tree.leaves) for tree in self.trees])[:-1]
        both = zip(self.trees, np.split(values, ends), strict=True) if self.trees else ()
        kept = (tree.keep_directions(self.columns, own) for tree, own in both)
        return GrownTrees(self.columns, tuple(tree for tree in kept if tree.parts))

    def indicate(self, rows: Prepared) -> Floats:
        """Lay out 1 and 0 for each leaf of rows as trees read them, shape (rows, leaves)."""
        found = self.find_leaves(encode(self.columns, rows))
        matrix = np.zeros((found.shape[1], self.leaf_count))
        matrix[np.arange(found.shape[1]), found] = 1.0
        return matrix


class Grower:
    """Grows trees on rows given by their codes, shape (columns, rows)."""

    def __init__(self, columns: Sequence[Binned], codes: Codes, shape: Shape) -> None:
        self._columns, self._codes, self._shape = columns, codes, shape
        self._width = max(column.size for column in columns)
        leveled = np.array([column.levels is not None for column in columns])
        self._numbers, self._categories = np.flatnonzero(~leveled), np.flatnonzero(leveled)
        self._directions = np.array([columns[place].direction for place in self._numbers.tolist()])

    def grow(self, gradients: Floats, hessians: Floats) -> tuple[Grown, Floats]:
        """Grow a tree on whole numbers, shape (rows,); give the step of each leaf, too.

        The leaf that gains most is split first; of two that gain the same the one made first.
        """
        shape, parts = self._shape, dict[int, Part]()
        every = np.arange(len(gradients))
        values = gradients, hessians
        found = {0: self._open(0, every, self._add_up(every, *values), _FREE)}
        while len(found) < shape.leaves:
            node = max(found, key=lambda one: (found[one].gain, -one))
            own = found[node]
            if own.gain <= 0:
                break
            up = own.up[self._codes[own.column][own.rows]]
            both = own.rows[~up], own.rows[up]
            smaller = int(len(both[1]) <= len(both[0]))
            sums = self._add_up(both[smaller], *values)
            below = [own.sums - sums, own.sums - sums]
            below[smaller] = sums
            first = 2 * len(parts) + 1
            parts[node] = Part(own.column, own.up, first, first + 1)
            del found[node]
            bounds = self._bound(own, below)
            for place in (0, 1):
                made = own.depth + 1, both[place], below[place], bounds[place]
                found[first + place] = self._open(*made)
        leaves = tuple(sorted(found))
        totals = np.array([found[node].sums[:2, 0].sum(axis=1) for node in leaves])
        steps = -shape.rate * totals[:, 0] / (totals[:, 1] + shape.l2 * UNIT)
        low, high = shape.rate * np.array([found[node].bounds for node in leaves]).T
        return Grown(parts, leaves), np.clip(steps, low, high)

    def _bound(self, own: _Open, below: Sequence[Floats]) -> tuple[_Bounds, _Bounds]:
        """Bound the values of both sides of a split by what is half-way, if it has a direction."""
        direction, (low, high) = self._columns[own.column].direction, own.bounds
        if not direction:
            return own.bounds, own.bounds
        totals = (sums[:2, 0].sum(axis=1) for sums in below)
        values = [-float(g) / (float(h) + self._shape.l2 * UNIT) for g, h in totals]
        middle = sum(min(max(value, low), high) for value in values) / 2
        sides = (low, middle), (middle, high)
        return sides if direction > 0 else sides[::-1]

    def _add_up(self, rows: NDArray[np.int64], gradients: Floats, hessians: Floats) -> Floats:
        """Add up gradients, Hessians and rows by column and code, shape (3, columns, codes)."""
        width, whole = self._width, len(rows) == len(gradients)
        found = np.empty((3, len(self._columns), width))
        own = (gradients, hessians) if whole else (gradients[rows], hessians[rows])
        for place, column in enumerate(self._codes):
            codes = (column if whole else column[rows]).astype(np.int64)
            found[0, place] = np.bincount(codes, own[0], width)
            found[1, place] = np.bincount(codes, own[1], width)
            found[2, place] = np.bincount(codes, minlength=width)
        return found

    def _open(self, depth: int, rows: NDArray[np.int64], sums: Floats, bounds: _Bounds) -> _Open:
        if depth == self._shape.depth or len(rows) < 2 * self._shape.least_rows:
            return _Open(depth, rows, sums, 0.0, 0, np.zeros(0, bool), bounds)
        gains, ups = np.zeros(len(self._columns)), np.zeros((len(self._columns), self._width), bool)
        numbers, categories = self._numbers, self._categories
        if len(numbers):
            gains[numbers], ups[numbers] = self._part(sums[:, numbers], bounds)
        if len(categories):
            gains[categories], ups[categories] = self._gather(sums[:, categories])
        column = int(np.argmax(gains))
        binned = self._columns[column]
        up = ups[column, : binned.size]
        if binned.levels is None and sums[2, column, MISSING] == 0:
            # Without a missing row here they go where their fill goes, or with the most rows.
            held = sums[2, column, : binned.size]
            low = held[~up].sum() < held[up].sum()
            up[MISSING] = low if binned.fill is None else up[binned.fill]
        gain = float(gains[column])
        gain = gain if gain > self._shape.least_gain else 0.0
        return _Open(depth, rows, sums, gain, column, up, bounds)

    def _part(self, sums: Floats, bounds: _Bounds) -> tuple[Floats, NDArray[np.bool_]]:
        """Find the best cut of each number, the missing rows below it or above.

        Those that go against the number's direction, both sides within `bounds`, gain nothing.
        """
        above = np.cumsum(sums[:, :, : FIRST - 1 : -1], axis=2)[:, :, ::-1]
        both = np.stack((above, above + sums[:, :, MISSING : MISSING + 1]), axis=2)
        gains = self._gains(both, sums.sum(axis=2), self._shape.l2)
        if self._directions.any():
            up, down = (
                np.clip(-s[0] / np.maximum(s[1] + self._shape.l2 * UNIT, 1.0), *bounds)
                for s in (both, sums.sum(axis=2)[:, :, None, None] - both)
            )
            gains = np.where(self._directions[:, None, None] * (up - down) < 0, 0.0, gains)
        flat = gains.reshape(len(gains), -1)
        best = np.argmax(flat, axis=1)
        missing, cut = np.divmod(best, gains.shape[2])
        up = np.arange(self._width) >= (cut + FIRST)[:, None]
        up[:, MISSING] = missing > 0
        return np.take_along_axis(flat, best[:, None], 1)[:, 0], up

    def _gather(self, sums: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Find the best set of levels of each category: those with the highest, or lowest, rates.

        Other levels stay apart; those without a row here stay with them.
        """
        rates = sums[0] / np.maximum(sums[1] + self._shape.smooth * UNIT, 1.0)
        absent = sums[2] == 0
        absent[:, OTHERS] = True
        both = np.stack((rates, -rates), axis=1)
        both[np.repeat(absent[:, None], 2, axis=1)] = np.inf
        order = np.argsort(both, axis=2, kind="stable")
        spread = np.repeat(np.where(absent, 0.0, sums)[:, :, None], 2, axis=2)
        among = np.cumsum(np.take_along_axis(spread, order[None], axis=3), axis=3)
        gains = self._gains(among, sums.sum(axis=2), self._shape.levels_l2)
        flat = gains.reshape(len(gains), -1)
        best = np.argmax(flat, axis=1)
        side, last = np.divmod(best, self._width)
        chosen = order[np.arange(len(order)), side]
        up = np.zeros(absent.shape, bool)
        np.put_along_axis(up, chosen, np.arange(self._width) <= last[:, None], axis=1)
        return np.take_along_axis(flat, best[:, None], 1)[:, 0], up & ~absent

    def _gains(self, up: Floats, whole: Floats, l2: float) -> Floats:
        """Say what splits gain: sums of the upper side, shape (3, columns, sides, places)."""
        down = whole[:, :, None, None] - up
        allowed = np.minimum(up[2], down[2]) >= self._shape.least_rows

        def reach(sums: Floats) -> Floats:
            return np.asarray(sums[0] ** 2 / np.maximum(sums[1] + l2 * UNIT, 1.0))

        gain = reach(up) + reach(down) - reach(whole)[:, None, None]
        return np.where(allowed, gain / UNIT, 0.0)
