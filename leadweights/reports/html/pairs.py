"""Pairs of columns that a model's trees read together: what the trees add for both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from leadweights.formula.arrays import Floats
from leadweights.model.model import Choice, Logit, ScoringModel
from leadweights.model.trees import (
    Leaf,
    LevelSplit,
    Node,
    NumberSplit,
    Trees,
    branches,
    expect,
    splits,
    walk,
)

_PAIRS, _CANDIDATES, _STEPS, _LEVELS = 3, 12, 5, 6

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns, groups of their values by name, and what the trees add for both.

    `log_odds`, shape (groups of the first, of the second), are those of an average row with such
    values, less those of the average row itself. The largest pairs come first.
    """

    columns: tuple[str, str]
    groups: tuple[tuple[str, ...], tuple[str, ...]]
    log_odds: Floats


def find_pairs(model: ScoringModel) -> tuple[Pair, ...]:
    """Find the pairs of columns that trees treat as more than the sum of both."""
    if model.trees is None or not isinstance(model.link, Logit):
        return ()
    reads = [{n.column for n in walk(t) if not isinstance(n, Leaf)} for t in model.trees.trees]
    together = Counter(pair for read in reads for pair in combinations(sorted(read), 2))
    found = []
    for pair, _ in sorted(together.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES]:
        first, second = (_groups(model, name) for name in pair)
        chosen = [t for t, read in zip(model.trees.trees, reads, strict=True) if read & {*pair}]
        cells = [
            [
                sum(_expect_given(tree, dict(zip(pair, (a, b), strict=True))) for tree in chosen)
                for b in second.values()
            ]
            for a in first.values()
        ]
        mean = sum(expect(tree)[0] for tree in chosen)
        added = (np.array(cells) - mean) * model.link.scale
        alone = added.mean(axis=0) + added.mean(axis=1, keepdims=True) - added.mean()
        strength = float((added - alone).std())
        found.append((strength, Pair(pair, (tuple(first), tuple(second)), added)))
    found.sort(key=lambda one: (-one[0], one[1].columns))
    return tuple(pair for strength, pair in found[:_PAIRS] if strength > 0)


def _groups(model: ScoringModel, name: str) -> dict[str, Value]:
    """Name groups of a column's values that trees tell apart, each with one of its values."""
    assert model.trees is not None
    column = next(column for column in model.columns if column.name == name)
    groups: dict[str, Value] = {}
    if isinstance(column, Choice):
        groups = {level: level for level in _levels_of(model.trees, name)[:_LEVELS]}
    else:
        own = (split for split in splits(model.trees) if split.column == name)
        cuts = sorted({split.at for split in own if isinstance(split, NumberSplit)})
        if len(cuts) > _STEPS:
            places = np.linspace(0, len(cuts) - 1, _STEPS).round().astype(int)
            cuts = [cuts[place] for place in places]
        said = [f"{cut:.4g}" for cut in cuts]
        between = [f"{low} to {high}" for low, high in pairwise(said)]
        names = (f"below {said[0]}", *between, f"{said[-1]} or more")
        # Halfway: at its own lower end a group would be told apart from nothing.
        middles = [(low + high) / 2 for low, high in pairwise(cuts)]
        values = (np.nextafter(cuts[0], -np.inf), *middles, cuts[-1])
        groups = dict(zip(names, map(float, values), strict=True))
    return {**groups, "missing": None}


def _levels_of(trees: Trees, name: str) -> Sequence[str]:
    """List the levels that splits name, the most often named first."""
    named = Counter(
        level
        for split in splits(trees)
        if isinstance(split, LevelSplit) and split.column == name
        for level in split.levels
    )
    return sorted(named, key=lambda level: (-named[level], level))


def _expect_given(node: Node, known: Mapping[str, Value]) -> float:
    """Give the mean of what a tree contributes to rows of which some columns are known.

    Where a column is not known, both ways are followed, by the training rows that went each way
    (Friedman 2001, section 8.2).
    """
    if isinstance(node, Leaf):
        return node.contribution
    lower, upper = branches(node)
    if node.column in known:
        return _expect_given(upper if _goes_up(node, known[node.column]) else lower, known)
    (_, first), (_, second) = expect(lower), expect(upper)
    share = first / (first + second) if first + second > 0 else 0.5
    return share * _expect_given(lower, known) + (1 - share) * _expect_given(upper, known)


def _goes_up(node: NumberSplit | LevelSplit, value: Value) -> bool:
    match node:
        case NumberSplit(at=at, missing_above=missing):
            assert not isinstance(value, str)
            return missing if value is None else value >= at
        case LevelSplit(levels=levels, missing_among=missing):
            return missing if value is None else value in levels
