"""Rows at which a library and its twin could part: at every cut and next to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan, nextafter
from typing import Any, assert_never

import numpy as np

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.texts import texts
from leadweights.learn.adopted.reading import Handed, Scores
from leadweights.model.model import Number, ScoringModel
from leadweights.model.terms import Bins, Curve, Levels, Ranged, Standardized
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, splits

_MOST = 20_000
_DRAWN = 1_000
UNSEEN = "no level of this model"
UNSEEN_CODE = "987654"

Cell = float | str | None
"""None is a missing text, NaN a missing number."""


@dataclass(frozen=True, slots=True)
class _Way:
    """What a column may hold on the way to a node: numbers from `low` below `high`, or levels."""

    low: float
    high: float
    levels: frozenset[Cell]
    missing: bool


def make_rows(model: ScoringModel, scores: Scores, seed: int = 0) -> tuple[dict[str, Values], int]:
    """Make rows that come to every split of a model, to both sides of it, and random ones.

    Give the values of each column, shape (rows,), and the number of splits that have none because
    there are too many.
    """
    random = np.random.default_rng(seed)
    handed = {column.column: column for column in scores.handed}
    nulls = {column.name: column.missing for column in model.columns if isinstance(column, Number)}
    held = {name: _cells(model, own, name in nulls, scores) for name, own in handed.items()}
    held = {name: cells for name, cells in held.items() if cells}
    wholes = {name: _whole(cells, handed[name], scores) for name, cells in held.items()}
    wanted: list[dict[str, Cell]] = []
    for tree in model.trees.trees if model.trees else ():
        wanted += _at_splits(tree, wholes)
    step = max(1, -(-len(wanted) // _MOST))
    chosen = wanted[::step]
    size = _DRAWN + len(chosen)
    found: dict[str, Values] = {}
    for name, cells in held.items():
        drawn = [cells[place] for place in random.integers(0, len(cells), size)]
        for row, own in enumerate(chosen, start=_DRAWN):
            drawn[row] = own.get(name, drawn[row])
        found[name] = _column(drawn, nulls[name]) if name in nulls else texts(map(_text, drawn))
    return found, len(wanted) - len(chosen)


def _text(cell: Cell) -> str | None:
    assert not isinstance(cell, float)
    return cell


def _column(cells: Sequence[Cell], nulls: Sequence[float]) -> Floats:
    found = np.array(cells, dtype=np.float64)
    if 0.0 in nulls:
        # LightGBM takes what is near for 0, too: a note says so.
        found[np.abs(found) < 1e-34] = 0.0
    return found


def _cells(model: ScoringModel, handed: Handed, is_number: bool, scores: Scores) -> list[Cell]:
    """List what a column may hold: its cuts, their neighbours, levels, nothing."""
    name = handed.column
    read = {column.name for column in model.columns}
    if name not in read:
        return []
    term = next(term for term in model.terms if term.column == name)
    if not is_number:
        known = sorted(map(str, handed.objects or ()))
        unseen = UNSEEN_CODE if all(level.isdigit() for level in known) else UNSEEN
        return [*known, *([unseen] if handed.takes_other else []), *_missing(handed, None)]
    cuts: set[float] = set()
    if model.trees is not None:
        own = (s for s in splits(model.trees) if isinstance(s, NumberSplit) and s.column == name)
        cuts = {split.at for split in own}
    match term:
        case Standardized(_, mean, std):
            cuts |= {mean, mean + std, mean - 2 * std, mean + 3.7 * std}
        case Ranged(_, low, high):
            cuts |= {low, high}
        case Curve(points=points):
            cuts |= {point.at for point in points}
        case Bins(cuts=own_cuts):
            cuts |= set(own_cuts)
        case Levels():
            pass
        case _:
            assert_never(term)
    # A sum of terms is only as exact as the largest of them.
    end = scores.largest if model.trees else min(scores.largest, 1e6)
    near = {value for cut in cuts for value in (nextafter(cut, -inf), cut, nextafter(cut, inf))}
    usual = {0.0, 1.0, -1.0, 0.1, 16777217.0, 1e-40, -1e-40, 1e9 + 0.3, end, -end}
    return [
        *sorted(v for v in near | usual if handed.lowest <= v and abs(v) <= end),
        *_missing(handed, nan),
    ]


def _missing(handed: Handed, nothing: Cell) -> list[Cell]:
    return [nothing] if handed.takes_missing else []


def _whole(cells: Sequence[Cell], handed: Handed, scores: Scores) -> _Way:
    levels = frozenset(cell for cell in cells if isinstance(cell, str))
    missing = any(cell is None or (isinstance(cell, float) and isnan(cell)) for cell in cells)
    return _Way(
        max(-scores.largest, handed.lowest), nextafter(scores.largest, inf), levels, missing
    )


def _at_splits(node: Node, ways: Mapping[str, _Way]) -> Iterator[dict[str, Cell]]:
    """Give for each split below a node the rows that come to it, one for each way out of it."""
    match node:
        case Leaf():
            return
        case NumberSplit(column, at, below, above, missing_above):
            if column not in ways:
                return
            way = ways[column]
            under = _Way(way.low, min(way.high, at), way.levels, way.missing and not missing_above)
            over = _Way(max(way.low, at), way.high, way.levels, way.missing and missing_above)
            for branch, own, cell in (
                (below, under, nextafter(under.high, -inf)),
                (above, over, over.low),
            ):
                inner = {**ways, column: own}
                if own.low < own.high:
                    yield {**_pick(ways), column: cell}
                if own.low < own.high or own.missing:
                    yield from _at_splits(branch, inner)
            if way.missing:
                yield {**_pick(ways), column: nan}
        case LevelSplit(column, levels, among, others, missing_among):
            if column not in ways:
                return
            way = ways[column]
            inside = way.levels & set(levels)
            for branch, own in (
                (among, _Way(way.low, way.high, inside, way.missing and missing_among)),
                (
                    others,
                    _Way(way.low, way.high, way.levels - inside, way.missing and not missing_among),
                ),
            ):
                for level in sorted(map(str, own.levels)):
                    yield {**_pick(ways), column: level}
                if own.levels or own.missing:
                    yield from _at_splits(branch, {**ways, column: own})
            if way.missing:
                yield {**_pick(ways), column: None}
        case _:
            assert_never(node)


def _pick(ways: Mapping[str, _Way]) -> dict[str, Cell]:
    """Pick a cell of each column that comes to a node, if not any would."""
    found: dict[str, Cell] = {}
    for name, way in ways.items():
        if way.levels:
            found[name] = min(map(str, way.levels))
        elif abs(way.low) < 1e30 or abs(way.high) < 1e30:
            if way.low < way.high:
                found[name] = way.low if abs(way.low) < 1e30 else nextafter(way.high, -inf)
            else:
                found[name] = nan
    return found


def largest_of(values: Mapping[str, Values]) -> Floats:
    """Give the largest number of each row, in absolute terms; infinity where one is none."""
    size = len(next(iter(values.values())))
    numbers = [v for v in values.values() if isinstance(v, np.ndarray)]
    found: Any = np.zeros(size)
    for column in numbers:
        found = np.maximum(found, np.where(np.isnan(column), 0.0, np.abs(column)))
    return np.asarray(found)
