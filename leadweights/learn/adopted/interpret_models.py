"""InterpretML: an explainable boosting machine, its curves as bins, its pairs as trees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.cuts import FURTHEST
from leadweights.learn.adopted.features import Feature, LevelFeature, NumberFeature, Steps
from leadweights.learn.adopted.frames import make_matrix
from leadweights.learn.adopted.levels import are_codes
from leadweights.learn.adopted.linear import combine
from leadweights.learn.adopted.placing import write_columns
from leadweights.learn.adopted.reading import Handed, Reading, Scores
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit

_BELOW = -FURTHEST
"""A cut below all numbers: what is known goes above it."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """How a column is binned: bin 0 is for missing values, the last for unknown levels."""

    column: str
    cuts: tuple[float, ...] = ()
    levels: Mapping[str, int] | None = None


def read_object(model: Any, names: Sequence[str] | None) -> Reading:
    """Read a fitted classifier of two classes. Raises UnsupportedError."""
    kind = type(model).__name__
    if kind != "ExplainableBoostingClassifier" or len(model.classes_) != 2:
        raise UnsupportedError(
            f"a {kind} of InterpretML cannot be carried: an ExplainableBoostingClassifier of two "
            "classes is"
        )
    known = list(model.feature_names_in_)
    if names is not None and len(names) != len(known):
        raise UnsupportedError(
            f"the model reads {len(known)} columns, and columns names {len(names)}"
        )
    own = list(map(str, known if names is None else names))
    features: list[Feature] = []
    grown: list[Node] = []
    spread = 0.0
    for read, scores in zip(model.term_features_, model.term_scores_, strict=True):
        axes = [_axis(own[place], model.bins_[place], len(read)) for place in read]
        if len(axes) == 1:
            features.append(_feature(axes[0], scores.tolist()))
        elif len(axes) == 2:
            grown.append(_grow(axes, scores))
            spread += float(np.std(scores))
        else:
            raise UnsupportedError(f"a term of {len(axes)} columns cannot be carried: two are")
    intercept = float(np.ravel(model.intercept_)[0])
    columns, terms, link = combine(features, [1.0] * len(features), intercept, spread)
    trees = tuple(_divide(tree, link.scale) for tree in grown)
    there = {column.name for column in columns}
    others = [feature for feature in features if feature.column not in there]
    if trees and others:
        more, zero = write_columns(trees, others)
        columns, terms = (*columns, *more), (*terms, *zero)
    reading = Reading(
        "interpret",
        f"InterpretML, {kind}",
        columns,
        terms,
        trees,
        link,
        positive=str(model.classes_[1]),
    )
    return replace(reading, scores=_ask(model, own, features))


def _axis(name: str, bins: Sequence[Any], size: int) -> _Axis:
    """Give the bins of a column for a term of so many columns: pairs may have coarser ones."""
    own = bins[min(len(bins), size) - 1]
    if isinstance(own, dict):
        return _Axis(name, levels=own)
    return _Axis(name, cuts=tuple(map(float, own)))


def _feature(axis: _Axis, scores: Sequence[float]) -> Feature:
    missing, *known, unknown = scores
    if axis.levels is None:
        cuts, values = axis.cuts, tuple(known)
        if not cuts:
            return NumberFeature(axis.column, Steps((_BELOW,), (values[0],) * 2), missing=missing)
        return NumberFeature(axis.column, Steps(cuts, values), missing=missing)
    heights = {level: scores[place] for level, place in axis.levels.items()}
    return LevelFeature(axis.column, heights, unknown, missing, are_codes(axis.levels))


def _grow(axes: Sequence[_Axis], scores: Any) -> Node:
    """Say a table of scores as a tree: first by one column, then by the other."""
    if not axes:
        return Leaf(float(scores))
    axis, *rest = axes
    branches = [_grow(rest, own) for own in scores]
    if axis.levels is not None:
        places = sorted(set(axis.levels.values()))
        node = _by_levels(axis, axis.levels, places, branches)
        unknown = LevelSplit(axis.column, tuple(axis.levels), node, branches[-1])
        return _joined(LevelSplit(axis.column, (), branches[0], unknown, missing_among=True))
    known = _by_cuts(axis.column, axis.cuts, branches[1:-1])
    return _joined(NumberSplit(axis.column, _BELOW, branches[0], known))


def _by_cuts(column: str, cuts: Sequence[float], branches: Sequence[Node]) -> Node:
    """Halve the bins until one is left."""
    if not cuts:
        return branches[0]
    half = len(cuts) // 2
    below = _by_cuts(column, cuts[:half], branches[: half + 1])
    above = _by_cuts(column, cuts[half + 1 :], branches[half + 1 :])
    return _joined(NumberSplit(column, cuts[half], below, above))


def _by_levels(
    axis: _Axis, levels: Mapping[str, int], places: Sequence[int], branches: Sequence[Node]
) -> Node:
    """Halve the levels until those of one bin are left."""
    if len(places) == 1:
        return branches[places[0]]
    half = len(places) // 2
    first = tuple(level for level, place in levels.items() if place in places[:half])
    among = _by_levels(axis, levels, places[:half], branches)
    others = _by_levels(axis, levels, places[half:], branches)
    return _joined(LevelSplit(axis.column, first, among, others))


def _joined(node: NumberSplit | LevelSplit) -> Node:
    """Leave out a split whose branches are the same."""
    first, second = (
        (node.below, node.above) if isinstance(node, NumberSplit) else (node.among, node.others)
    )
    return first if first == second else node


def _divide(node: Node, scale: float) -> Node:
    match node:
        case Leaf(contribution):
            return replace(node, contribution=contribution / scale)
        case NumberSplit(below=below, above=above):
            return replace(node, below=_divide(below, scale), above=_divide(above, scale))
        case LevelSplit(among=among, others=others):
            return replace(node, among=_divide(among, scale), others=_divide(others, scale))


def _ask(model: Any, own: Sequence[str], features: Sequence[Feature]) -> Scores:
    import interpret

    objects = {
        feature.column: {level: level for level in feature.values}
        for feature in features
        if isinstance(feature, LevelFeature)
    }
    score_rows: Callable[[Any], Any] = model.decision_function

    def score(rows: Mapping[str, NDArray[Any]]) -> Floats:
        size = len(next(iter(rows.values())))
        usual = {name: next(iter(known), None) for name, known in objects.items()}
        empty = (np.full(size, usual.get(n, 0.0), dtype=object) for n in own)
        return np.asarray(
            score_rows(make_matrix([rows.get(n, e) for n, e in zip(own, empty, strict=True)]))
        )

    handed = tuple(
        Handed(name, objects.get(name), None if name in objects else np.nan) for name in own
    )
    slack = (16 + 4 * len(model.term_features_)) * 2.0**-52
    return Scores(f"InterpretML {interpret.__version__}", "log_odds", score, handed, slack)
