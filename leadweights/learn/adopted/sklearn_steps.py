"""What scikit-learn's steps make of a table's columns, feature by feature."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isnan, nan
from typing import Any

import numpy as np
from sklearn.utils import check_array

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.adopted.features import (
    Compute,
    Feature,
    Knots,
    LevelFeature,
    Line,
    NumberFeature,
    Steps,
    move,
)
from leadweights.learn.adopted.levels import write_levels

UNSEEN, UNSEEN_CODE = "no level of this model", 987654


@dataclass(frozen=True, slots=True)
class Raw:
    """A column as it comes; whether of numbers or of texts says the first step that reads it."""

    column: str
    fill: Any = None
    absent: Any = nan


Slot = Raw | Feature


@dataclass(slots=True)
class Walk:
    """What was found on the way: the own objects of texts, the lowest number that has a log.

    `sparse` says that zeros are left out of what was made.
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    absent: dict[str, Any] = field(default_factory=dict)
    lowest: dict[str, float] = field(default_factory=dict)
    sparse: bool = False


Step = Callable[[Any, Sequence[Slot], Walk], list[Slot]]


def follow(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    """Give what a fitted step makes of features. Raises UnsupportedError, by its name."""
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return list(slots)
    if isinstance(step, str) and step == "drop":
        return []
    name, kind = type(step).__name__, type(step).__module__
    if not kind.startswith("sklearn."):
        raise UnsupportedError(f"a step {kind}.{name} cannot be carried")
    if name in _STEPS:
        return _STEPS[name](step, slots, walk)
    if hasattr(step, "get_support"):
        kept = step.get_support(indices=True)
        return [slots[place] for place in kept]
    raise UnsupportedError(f"a step {name} cannot be carried")


def as_features(slots: Sequence[Slot]) -> list[Feature]:
    """Take columns that no step has read for numbers."""
    return [_number(slot) if isinstance(slot, Raw) else slot for slot in slots]


def _number(slot: Slot) -> NumberFeature:
    if isinstance(slot, NumberFeature):
        return slot
    if isinstance(slot, LevelFeature) or slot.fill is not None:
        raise UnsupportedError(f"{slot.column!r} is read as texts and as numbers")
    return NumberFeature(slot.column)


def _feature(slot: Slot) -> Feature:
    return _number(slot) if isinstance(slot, Raw) else slot


def _pipeline(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    found = list(slots)
    for _, inner in step.steps:
        found = follow(inner, found, walk)
    return found


def _union(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    if step.transformer_weights:
        raise UnsupportedError("a FeatureUnion with weights cannot be carried")
    return [slot for _, inner in step.transformer_list for slot in follow(inner, slots, walk)]


def _by_columns(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    found: list[Slot] = []
    for name, inner, _ in step.transformers_:
        chosen = [slots[place] for place in step._transformer_to_input_indices[name]]
        found += follow(inner, chosen, walk) if chosen else []
    walk.sparse = step.sparse_output_
    return found


def _straight(
    slopes: Any, offsets: Any, compute: Callable[[int], Compute], moments: Any
) -> Callable[[Sequence[Slot]], list[Slot]]:
    def apply(slots: Sequence[Slot]) -> list[Slot]:
        return [
            move(
                _feature(slot),
                compute(i),
                Line(float(slopes[i]), float(offsets[i]), moments=moments(i)),
            )
            for i, slot in enumerate(slots)
        ]

    return apply


def _standard(step: Any, slots: Sequence[Slot], _: Walk) -> list[Slot]:
    size = len(slots)
    means = step.mean_ if step.with_mean else np.zeros(size)
    scales = step.scale_ if step.scale_ is not None else np.ones(size)
    return _centre(means, scales, slots)


def _robust(step: Any, slots: Sequence[Slot], _: Walk) -> list[Slot]:
    size = len(slots)
    centres = step.center_ if step.with_centering else np.zeros(size)
    return _centre(centres, step.scale_ if step.with_scaling else np.ones(size), slots)


def _largest(step: Any, slots: Sequence[Slot], _: Walk) -> list[Slot]:
    if getattr(step, "clip", False):
        raise UnsupportedError("a MaxAbsScaler that clips cannot be carried")
    return _centre(np.zeros(len(slots)), step.scale_, slots)


def _centre(means: Any, scales: Any, slots: Sequence[Slot]) -> list[Slot]:
    def compute(i: int) -> Compute:
        return lambda x: (x - means[i]) / scales[i]

    def moments(i: int) -> tuple[float, float]:
        return float(means[i]), float(scales[i])

    return _straight(1 / scales, -means / scales, compute, moments)(slots)


def _range(step: Any, slots: Sequence[Slot], _: Walk) -> list[Slot]:
    if step.clip:
        raise UnsupportedError("a MinMaxScaler that clips cannot be carried")
    scales, lows = step.scale_, step.min_

    def compute(i: int) -> Compute:
        return lambda x: x * scales[i] + lows[i]

    def moments(i: int) -> tuple[float, float]:
        return float(step.data_min_[i]), 1 / float(scales[i])

    return _straight(scales, lows, compute, moments)(slots)


def _impute(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    found: list[Slot] = []
    marks = set(step.indicator_.features_.tolist()) if step.indicator_ is not None else set()
    absent = step.missing_values
    no_number = absent is None or isinstance(absent, str) or str(absent) == "<NA>"
    for slot, value in zip(slots, step.statistics_, strict=True):
        if isinstance(slot, Raw) and isinstance(value, str):
            if isinstance(absent, str):
                raise UnsupportedError(f"missing_values={absent!r} of a SimpleImputer of texts")
            found.append(replace(slot, fill=value, absent=absent))
            continue
        if no_number:
            raise UnsupportedError(f"missing_values={absent!r} of a SimpleImputer of numbers")
        if isnan(float(value)) and not step.keep_empty_features:
            continue
        found.append(_fill(_nulls(_feature(slot), float(absent)), float(value)))
    for place in sorted(marks):
        slot = slots[place]
        if isinstance(slot, Raw) and isinstance(step.statistics_[place], str):
            found.append(LevelFeature(slot.column, {}, 0.0, 1.0))
            walk.absent[slot.column] = absent
            walk.objects.setdefault(slot.column, {})
            continue
        feature = _nulls(_feature(slot), float(absent))
        assert isinstance(feature, NumberFeature)
        found.append(
            replace(feature, shape=Steps((), (0.0,)), compute=np.zeros_like, missing=1.0, fill=None)
        )
    return found


def _nulls(feature: Feature, absent: float) -> Feature:
    """Let a value of its own mean missing, as an imputer has it."""
    if isnan(absent):
        return feature
    if not isinstance(feature, NumberFeature) or feature.shape != Line():
        raise UnsupportedError(f"missing_values={absent!r} of a SimpleImputer behind other steps")
    return replace(feature, nulls=(absent,))


def _fill(feature: Feature, value: float) -> Feature:
    match feature:
        case NumberFeature(shape=shape, missing=missing) if isnan(missing):
            return replace(feature, missing=value, fill=value if shape == Line() else None)
        case LevelFeature(other=other, missing=missing):
            return replace(
                feature,
                other=value if isnan(other) else other,
                missing=value if isnan(missing) else missing,
            )
        case _:
            return feature


def _encode(step: Any, slots: Sequence[Slot], walk: Walk, widths: Sequence[int]) -> list[Slot]:
    """Ask an encoder what it makes of each level, of one that is unknown and of a missing one."""
    base = [own[0] for own in step.categories_]
    found: list[Slot] = []
    first = 0

    def ask(place: int, values: Sequence[Any]) -> Floats:
        matrix = np.empty((len(values), len(base)), dtype=object)
        matrix[:] = base
        matrix[:, place] = np.array([*values, None], dtype=object)[:-1]
        with warnings.catch_warnings(action="ignore"):
            try:
                answer = step.transform(matrix)
            except ValueError:
                # It knows no such level; as zeros or missing it does no harm.
                unknown = 0.0 if type(step).__name__ == "OneHotEncoder" else nan
                return np.full((len(values), widths[place]), unknown)
        dense = answer.toarray() if hasattr(answer, "toarray") else np.asarray(answer)
        return np.asarray(dense[:, first : first + widths[place]], dtype=np.float64)

    for place, (slot, width) in enumerate(zip(slots, widths, strict=True)):
        known, absent = _known(slot, step.categories_[place], walk)
        levels = list(known.values())
        whole = not any(isinstance(level, str) for level in levels)
        unseen: Any = UNSEEN_CODE if whole else UNSEEN
        if isinstance(slot, LevelFeature):
            unseen = slot.other
        at_levels = ask(place, levels) if levels else np.empty((0, width))
        at_unseen, at_missing = ask(place, [unseen])[0], ask(place, [absent])[0]
        for i in range(width):
            values = dict(zip(known, at_levels[:, i].tolist(), strict=True))
            is_whole = slot.whole if isinstance(slot, LevelFeature) else whole
            others = float(at_unseen[i]), float(at_missing[i])
            found.append(LevelFeature(slot.column, values, *others, is_whole))
        first += width
    return found


def _known(slot: Slot, categories: Any, walk: Walk) -> tuple[dict[str, Any], Any]:
    """Give the object of each level of a column, and what stands in for a missing one."""
    if isinstance(slot, LevelFeature):
        return dict(slot.values), slot.missing
    if isinstance(slot, NumberFeature):
        if slot.shape != Line():
            raise UnsupportedError(f"{slot.column!r} is encoded behind other steps")
        slot = Raw(slot.column, slot.fill)
    plain = [value for value in categories.tolist() if not _is_missing(value)]
    gaps = [value for value in categories.tolist() if _is_missing(value)]
    absent = gaps[0] if gaps else slot.absent
    levels, _ = write_levels(plain, slot.column)
    objects = dict(zip(levels, plain, strict=True))
    walk.objects.setdefault(slot.column, {}).update(objects)
    walk.absent[slot.column] = absent
    return objects, absent if slot.fill is None else slot.fill


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def _one_hot(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    rare = getattr(step, "infrequent_categories_", None) or [None] * len(slots)
    widths = []
    for place, (categories, few) in enumerate(zip(step.categories_, rare, strict=True)):
        width = len(categories) - (len(few) - 1 if few is not None else 0)
        dropped = step.drop_idx_ is not None and step.drop_idx_[place] is not None
        widths.append(width - dropped)
    walk.sparse |= step.sparse_output
    return _encode(step, slots, walk, widths)


def _one_each(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    if getattr(step, "target_type_", "binary") == "multiclass":
        raise UnsupportedError("a TargetEncoder of several classes cannot be carried")
    return _encode(step, slots, walk, [1] * len(slots))


def _bins(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    found: list[Slot] = []
    walk.sparse |= step.encode == "onehot"
    for slot, edges in zip(slots, step.bin_edges_, strict=True):
        feature = _plain(slot, "KBinsDiscretizer")
        cuts = tuple(map(float, edges[1:-1]))
        ordinal = tuple(map(float, range(len(cuts) + 1)))
        if step.encode == "ordinal":
            found.append(_stepped(feature, cuts, ordinal))
            continue
        each = (tuple(float(one == own) for one in ordinal) for own in ordinal)
        found += [_stepped(feature, cuts, values) for values in each]
    return found


def _stepped(
    feature: NumberFeature, cuts: tuple[float, ...], values: tuple[float, ...]
) -> NumberFeature:
    def compute(x: Floats) -> Floats:
        return np.array(values)[np.searchsorted(cuts, x, side="right")]

    missing = nan if isnan(feature.missing) else float(compute(np.array(feature.missing)))
    return replace(feature, shape=Steps(cuts, values), compute=compute, missing=missing)


def _spline(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    walk.sparse |= step.sparse_output
    if step.degree != 1 or step.extrapolation != "constant":
        raise UnsupportedError(
            f"a SplineTransformer of degree {step.degree} and extrapolation "
            f"{step.extrapolation!r} cannot be carried: only 1 and 'constant' are"
        )
    found: list[Slot] = []
    for slot, spline in zip(slots, step.bsplines_, strict=True):
        feature = _plain(slot, "SplineTransformer")
        points = tuple(map(float, spline.t[1:-1]))
        for place in range(len(points) - (not step.include_bias)):
            values = tuple(float(i == place) for i in range(len(points)))

            compute = _line_through(points, values)
            missing = nan if isnan(feature.missing) else float(compute(np.array(feature.missing)))
            shape = Knots(points, values)
            found.append(replace(feature, shape=shape, compute=compute, missing=missing))
    return found


def _line_through(points: Sequence[float], values: Sequence[float]) -> Compute:
    return lambda x: np.asarray(np.interp(x, points, values))


def _plain(slot: Slot, step: str) -> NumberFeature:
    feature = _number(slot)
    if feature.shape != Line():
        raise UnsupportedError(f"a {step} behind other steps cannot be carried")
    return feature


def _function(step: Any, slots: Sequence[Slot], walk: Walk) -> list[Slot]:
    func = step.func
    if isinstance(func, partial) and func.func is check_array:
        func = None  # as HistGradientBoosting has it
    if func is None:
        return list(slots)
    if func is not np.log1p or step.kw_args:
        name = getattr(func, "__name__", type(func).__name__)
        raise UnsupportedError(f"a FunctionTransformer of {name} cannot be carried")
    found: list[Slot] = []
    for slot in slots:
        if isinstance(slot, LevelFeature) or (
            isinstance(slot, NumberFeature) and isinstance(slot.shape, Steps)
        ):
            found.append(move(slot, np.log1p, Line()))
            continue
        feature = _plain(slot, "FunctionTransformer of log1p")
        walk.lowest[feature.column] = 0.0
        missing = float(np.log1p(feature.missing))
        found.append(replace(feature, shape=Line(log=True), compute=np.log1p, missing=missing))
    return found


_STEPS: dict[str, Step] = {
    "Pipeline": _pipeline,
    "FeatureUnion": _union,
    "ColumnTransformer": _by_columns,
    "StandardScaler": _standard,
    "RobustScaler": _robust,
    "MinMaxScaler": _range,
    "MaxAbsScaler": _largest,
    "SimpleImputer": _impute,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _one_each,
    "TargetEncoder": _one_each,
    "KBinsDiscretizer": _bins,
    "SplineTransformer": _spline,
    "FunctionTransformer": _function,
}
