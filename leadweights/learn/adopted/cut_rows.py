"""Rows at which a library and its twin could part: at every cut and next to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan, nextafter
from typing import Any, assert_never

import numpy as np

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.texts import texts
from leadweights.learn.adopted.reading import LARGEST_DOUBLE, Handed
from leadweights.model.model import Category, Number, ScoringModel
from leadweights.model.terms import Bins, Curve, Levels, Ranged, Standardized
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, splits

_MOST = 20_000
_DRAWN = 1_000
_LEVELS = 16
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
    is_text: bool = False


def make_rows(
    model: ScoringModel,
    known: Sequence[Handed] | None = None,
    largest: float = LARGEST_DOUBLE,
    seed: int = 0,
) -> tuple[dict[str, Values], int]:
    """Make rows that come to every split of a model, to both sides of it, and random ones.

    `known` says what a library takes, and `largest` how far out. Give the values of each column,
    shape (rows,), and how many rows were left out because there are too many.
    """
    random = np.random.default_rng(seed)
    handed = {column.column: column for column in (_usual(model) if known is None else known)}
    nulls = {column.name: column.missing for column in model.columns if isinstance(column, Number)}
    held = {name: _cells(model, own, name in nulls, largest) for name, own in handed.items()}
    held = {name: cells for name, cells in held.items() if cells}
    wholes = {name: _whole(cells, handed[name], largest) for name, cells in held.items()}
    grown = model.trees.trees if model.trees else ()
    rows = (row for tree in grown for row in _at_ends(tree, wholes, {}))
    wanted = list({tuple(row.items()): row for row in rows}.values())
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


def _usual(model: ScoringModel) -> list[Handed]:
    """Say what the columns of a model take where its library is not here."""
    terms = {term.column: term for term in model.terms}
    found = []
    for column in model.columns:
        term = terms[column.name]
        if isinstance(column, Category) and isinstance(term, Levels):
            objects = {level.value: level.value for level in term.levels}
            found.append(Handed(column.name, objects, None))
        elif isinstance(column, Number):
            found.append(Handed(column.name))
    return found


def _text(cell: Cell) -> str | None:
    assert not isinstance(cell, float)
    return cell


def _column(cells: Sequence[Cell], nulls: Sequence[float]) -> Floats:
    found = np.array(cells, dtype=np.float64)
    if 0.0 in nulls:
        # LightGBM takes what is near for 0, too: a note says so.
        found[np.abs(found) < 1e-34] = 0.0
    return found


def _cells(model: ScoringModel, handed: Handed, is_number: bool, largest: float) -> list[Cell]:
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
    end = min(handed.largest, largest if model.trees else min(largest, 1e6))
    near = {value for cut in cuts for value in (nextafter(cut, -inf), cut, nextafter(cut, inf))}
    usual = {0.0, 1.0, -1.0, 0.1, 16777217.0, 1e-40, -1e-40, 1e9 + 0.3, end, -end}
    return [
        *sorted(v for v in near | usual if handed.lowest <= v and abs(v) <= end),
        *_missing(handed, nan),
    ]


def _missing(handed: Handed, nothing: Cell) -> list[Cell]:
    return [nothing] if handed.takes_missing else []


def _whole(cells: Sequence[Cell], handed: Handed, largest: float) -> _Way:
    levels = frozenset(cell for cell in cells if isinstance(cell, str))
    missing = any(cell is None or (isinstance(cell, float) and isnan(cell)) for cell in cells)
    largest = min(largest, handed.largest)
    low, high = max(-largest, handed.lowest), nextafter(largest, inf)
    return _Way(low, high, levels, missing, handed.objects is not None)


def _at_ends(
    node: Node, wholes: Mapping[str, _Way], ways: Mapping[str, _Way]
) -> Iterator[dict[str, Cell]]:
    """Give the rows that come to each leaf, or just miss it, by each column on the way to it.

    Where a cut is a double away, or a direction another, not all of them keep their score.
    """
    branches: list[tuple[Node, _Way]]
    match node:
        case Leaf():
            for name, way in ways.items():
                cells = (*_ends(way), *_beyond(way, wholes[name]))
                yield from ({**_pick(ways), name: cell} for cell in cells)
            return
        case NumberSplit(column, at, below, above, missing_above):
            way = ways.get(column, wholes[column])
            up, down = way.missing and missing_above, way.missing and not missing_above
            branches = [
                (below, replace(way, high=min(way.high, at), missing=down)),
                (above, replace(way, low=max(way.low, at), missing=up)),
            ]
        case LevelSplit(column, levels, among, others, missing_among):
            way = ways.get(column, wholes[column])
            inside, missing = way.levels & set(levels), way.missing
            branches = [
                (among, replace(way, levels=inside, missing=missing and missing_among)),
                (others, replace(way, levels=way.levels - inside, missing=missing > missing_among)),
            ]
        case _:
            assert_never(node)
    for branch, own in branches:
        if _ends(own):
            yield from _at_ends(branch, wholes, {**ways, column: own})


def _ends(way: _Way) -> list[Cell]:
    """List cells that a column may hold at the ends of its way."""
    found: list[Cell] = []
    if way.is_text:
        known = sorted(map(str, way.levels))
        found += known[:: 1 + len(known) // _LEVELS]
    elif way.low < way.high:
        found += [way.low, nextafter(way.high, -inf)]
    return [*found, *([None if way.is_text else nan] if way.missing else [])]


def _beyond(way: _Way, whole: _Way) -> list[Cell]:
    """List cells of a column that just miss its way."""
    if way.is_text:
        missing = whole.missing and not way.missing
        return _ends(replace(whole, levels=whole.levels - way.levels, missing=missing))
    near = (nextafter(way.low, -inf), way.high)
    found: list[Cell] = [value for value in near if whole.low <= value < whole.high]
    return [*found, *([nan] if whole.missing and not way.missing else [])]


def _pick(ways: Mapping[str, _Way]) -> dict[str, Cell]:
    """Pick a cell of each column that comes to a node."""
    return {name: _ends(way)[0] for name, way in ways.items()}


def largest_of(values: Mapping[str, Values]) -> Floats:
    """Give the largest number of each row, in absolute terms; infinity where one is none."""
    size = len(next(iter(values.values())))
    numbers = [v for v in values.values() if isinstance(v, np.ndarray)]
    found: Any = np.zeros(size)
    for column in numbers:
        found = np.maximum(found, np.where(np.isnan(column), 0.0, np.abs(column)))
    return np.asarray(found)
