"""Rows that walk to every split of a model's trees, and to both neighbours of every cut."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf, nextafter
from typing import assert_never

from leadweights.model.model import Category, Flag, InputColumn, Number, Plain, ScoringModel
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, branches, splits

MOST_ROWS = 20_000
"""More say little more, and some engines read them cell by cell."""

_UNSEEN = "\u2260 any level"

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Way:
    """What a row must hold of a column to come to a node, and what it holds: None is missing.

    A number from `low` on and below `high`, or one of `levels`.
    """

    cell: str | None = None
    low: float = -inf
    high: float = inf
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways of the columns that lead to a node; others hold nothing."""

    columns: Mapping[str, InputColumn]
    levels: Mapping[str, tuple[str, ...]]
    own: Mapping[str, _Way] = field(default_factory=dict)


def walk_trees(model: ScoringModel) -> list[Cells]:
    """Give rows, by the table's columns, that come to each split and go on to all its sides.

    Of a number a row has the very cut and one the double below it, of a category there is a row for
    each level and for one that nobody has seen, of each a row is missing; all else leads there.
    Only columns that a table holds as they are read are walked through: plain numbers, flags and
    categories. Of more than `MOST_ROWS` rows some are left out, evenly.
    """
    if model.trees is None:
        return []
    columns = {
        column.name: column
        for column in model.columns
        if (isinstance(column, Number) and column.source == Plain())
        or (isinstance(column, Flag) and not column.yes)
        or isinstance(column, Category)
    }
    levels: dict[str, tuple[str, ...]] = {}
    for split in splits(model.trees):
        if isinstance(split, LevelSplit):
            known = (*levels.get(split.column, ()), *split.levels)
            levels[split.column] = tuple(dict.fromkeys(known))
    ways = _Ways(columns, levels)
    rows = {
        tuple(sorted(cells.items())): cells
        for tree in model.trees.trees
        for cells in _walk(tree, ways)
    }
    return list(rows.values())[:: max(1, -(-len(rows) // MOST_ROWS))]


def _walk(node: Node, ways: _Ways) -> Iterator[Cells]:
    if isinstance(node, Leaf):
        return
    if node.column not in ways.columns:
        for below in branches(node):
            yield from _walk(below, ways)
        return
    for below, way in _go_on(node, ways):
        there = replace(ways, own={**ways.own, node.column: way})
        cells = {name: way.cell for name, way in there.own.items()}
        every = isinstance(node, LevelSplit) and way.cell is not None
        for cell in way.levels if every else (way.cell,):
            yield {**cells, node.column: cell}
        yield from _walk(below, there)


def _go_on(node: NumberSplit | LevelSplit, ways: _Ways) -> Iterator[tuple[Node, _Way]]:
    """Give the sides to which a row that came here can still go, and what it holds there."""
    first = _Way(levels=(*ways.levels.get(node.column, ()), _UNSEEN))
    way = ways.own.get(node.column)
    others, upper = branches(node)
    if way is None or way.cell is None:
        up = node.missing_above if isinstance(node, NumberSplit) else node.missing_among
        yield (upper if up else others), first
    if way is not None and way.cell is None:
        return
    now = way or first
    match node:
        case NumberSplit(column, at):
            is_flag = isinstance(ways.columns[column], Flag)
            low, high = max(now.low, at), min(now.high, at)
            if low < now.high:
                yield upper, replace(now, low=low, cell="true" if is_flag else repr(low))
            if now.low < high:
                cell = "false" if is_flag else repr(nextafter(high, -inf))
                yield others, replace(now, high=high, cell=cell)
        case LevelSplit(_, levels):
            among = tuple(level for level in now.levels if level in levels)
            rest = tuple(level for level in now.levels if level not in levels)
            for side, kept in ((upper, among), (others, rest)):
                if kept:
                    yield side, replace(now, levels=kept, cell=kept[0])
        case _:
            assert_never(node)
