"""From splits of a library's features to splits of the table's columns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import isnan
from statistics import median_low
from typing import assert_never

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.cuts import find_cuts
from leadweights.learn.adopted.features import Compute, Feature, LevelFeature, NumberFeature
from leadweights.model.checks import FARTHEST
from leadweights.model.model import Category, InputColumn, Number
from leadweights.model.terms import Level, Levels, Standardized, Term
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, walk


def place_trees(
    trees: Sequence[Node], features: Sequence[Feature], precision: Compute = np.asarray
) -> tuple[Node, ...]:
    """Say trees in the table's columns.

    What is given names features by their number, and codes for levels; `precision` is what the
    library does to a feature before it compares. A feature that is missing goes where the split
    says, one with something in its place where that goes. Raises UnsupportedError.
    """
    cuts = _cuts(trees, features, precision)

    def place(node: Node) -> Node:
        match node:
            case Leaf():
                return node
            case NumberSplit(number, at, below, above, missing_above):
                feature = features[int(number)]

                def reaches(value: float) -> bool:
                    if isnan(value):
                        return missing_above
                    return bool(precision(np.array([value]))[0] >= at)

                first, second = place(below), place(above)
                if isinstance(feature, LevelFeature):
                    return _split_levels(feature, reaches, first, second)
                own, missing = cuts[number, at], reaches(feature.missing)
                if feature.rises():
                    return NumberSplit(feature.column, own, first, second, missing)
                return NumberSplit(feature.column, own, second, first, not missing)
            case LevelSplit(number, codes, among, others, missing_among):
                feature = features[int(number)]
                if not isinstance(feature, LevelFeature):
                    raise UnsupportedError(
                        f"a tree reads {feature.column!r} as a category, but it is a number here"
                    )
                known = set(codes)

                def is_among(value: float) -> bool:
                    return missing_among if isnan(value) else f"{value:.0f}" in known

                return _split_levels(feature, is_among, place(others), place(among))
            case _:
                assert_never(node)

    return tuple(map(place, trees))


def _cuts(
    trees: Iterable[Node], features: Sequence[Feature], precision: Compute
) -> dict[tuple[str, float], float]:
    """Find the cuts of each feature, all at once."""
    wanted: dict[str, dict[float, None]] = defaultdict(dict)
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, NumberSplit):
                wanted[node.column][node.at] = None
    found: dict[tuple[str, float], float] = {}
    for number, cuts in wanted.items():
        feature = features[int(number)]
        if isinstance(feature, NumberFeature):
            compute = feature.compute
            at = np.array(list(cuts), dtype=np.float64)
            own = find_cuts(lambda x: precision(compute(x)), at, rises=feature.rises())  # noqa: B023
            found.update(zip(((number, cut) for cut in cuts), own.tolist(), strict=True))
    return found


def _split_levels(
    feature: LevelFeature, goes_above: Callable[[float], bool], below: Node, above: Node
) -> Node:
    """Part levels by their numbers; the side that unknown ones go to has no list."""
    unknown, missing = goes_above(feature.other), goes_above(feature.missing)
    listed = tuple(level for level, value in feature.values.items() if goes_above(value) != unknown)
    among, others = (below, above) if unknown else (above, below)
    if not listed and missing == unknown:
        return others
    return LevelSplit(feature.column, listed, among, others, missing != unknown)


def write_columns(
    trees: Iterable[Node], features: Sequence[Feature]
) -> tuple[tuple[InputColumn, ...], tuple[Term, ...]]:
    """Give the columns that placed trees read, in the features' order, and terms of no weight.

    A number counts as high above the middle one of its cuts, in the words of reasons.
    """
    splits = [node for tree in trees for node in walk(tree) if not isinstance(node, Leaf)]
    read, cuts = {split.column for split in splits}, dict[str, list[float]]()
    for split in splits:
        if isinstance(split, NumberSplit) and abs(split.at) < FARTHEST:
            cuts.setdefault(split.column, []).append(split.at)
    first: dict[str, Feature] = {}
    for feature in features:
        if feature.column in read or (not read and not first):
            first.setdefault(feature.column, feature)
    columns: list[InputColumn] = []
    terms: list[Term] = []
    for name, feature in first.items():
        match feature:
            case NumberFeature(fill=fill, nulls=nulls):
                own = 0.0 if fill is None else fill
                columns.append(Number(name, own, missing=nulls))
                terms.append(Standardized(name, median_low(cuts.get(name, [own])), 1.0, 0.0))
            case LevelFeature(values=values, whole=whole):
                none = Level("", 0.0, 0.0)
                columns.append(Category(name, whole=whole))
                levels = tuple(Level(value, 0.0, 0.0) for value in values)
                terms.append(Levels(name, 0.0, levels, none, none))
            case _:
                assert_never(feature)
    return tuple(columns), tuple(terms)
