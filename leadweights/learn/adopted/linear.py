"""A sum of features times coefficients, as terms: one for each column."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.features import (
    Bent,
    Feature,
    LevelFeature,
    Line,
    Steps,
)
from leadweights.model.model import Category, InputColumn, Logit, Missing, Number
from leadweights.model.terms import Bins, Curve, Level, Levels, Point, Standardized, Term

Scaled = Callable[[float], Term]
"""A term once it is known by what to divide."""

Parts = list[tuple[InputColumn, float, Scaled]]
"""Columns, each with how far its term spreads, and the term."""


def combine(
    features: Sequence[Feature],
    coefficients: Sequence[float],
    intercept: float,
    spread_of_trees: float = 0.0,
) -> tuple[tuple[InputColumn, ...], tuple[Term, ...], Logit]:
    """Write a linear model of features as terms of columns. Raises UnsupportedError.

    A term's share in the score is its coefficient times the deviation by which the library
    standardised the column, 1 where it did not; of levels, bins and curves it is the deviation of
    what they contribute, all alike.
    """
    if len(features) != len(coefficients):
        raise UnsupportedError(
            f"the model has {len(coefficients)} coefficients for {len(features)} features"
        )
    own: dict[str, list[tuple[Feature, float]]] = {}
    for feature, coefficient in zip(features, coefficients, strict=True):
        own.setdefault(feature.column, []).append((feature, float(coefficient)))
    names = set(own)
    parts: Parts = []
    for name, pairs in own.items():
        if not any(coefficient for _, coefficient in pairs):
            continue
        if all(isinstance(feature, LevelFeature) for feature, _ in pairs):
            parts.append(_levels(name, pairs))
            continue
        found, added = _numbers(name, pairs, names)
        parts += found
        intercept += added
    scale = sum(abs(spread) for _, spread, _ in parts) + spread_of_trees
    if not scale > 0:
        raise UnsupportedError("every coefficient of the model is 0: it gives one score to all")
    terms = tuple(write(scale) for *_, write in parts)
    return tuple(column for column, *_ in parts), terms, Logit(float(intercept), scale)


def _levels(name: str, pairs: Sequence[tuple[Any, float]]) -> tuple[InputColumn, float, Scaled]:
    known = dict.fromkeys(level for feature, _ in pairs for level in feature.values)
    whole = any(feature.whole for feature, _ in pairs)
    heights = {
        level: sum(c * feature.values.get(level, feature.other) for feature, c in pairs)
        for level in known
    }
    other = sum(c * _or_zero(feature.other) for feature, c in pairs)
    missing = sum(c * _or_zero(feature.missing) for feature, c in pairs)
    spread = float(np.std(list(heights.values()) or [other, missing]))

    def write(scale: float) -> Term:
        levels = tuple(Level(level, height / scale, 0.0) for level, height in heights.items())
        rest = (Level("", value / scale, 0.0) for value in (other, missing))
        return Levels(name, spread / scale, levels, *rest)

    return Category(name, whole=whole), spread, write


def _or_zero(value: float) -> float:
    """Take what the library refuses for what adds nothing."""
    return 0.0 if isnan(value) else value


def _numbers(name: str, pairs: Sequence[tuple[Any, float]], names: set[str]) -> tuple[Parts, float]:
    """Merge the features of a column of numbers into a term, and one for missing values."""
    nulls = next((feature.nulls for feature, _ in pairs if feature.nulls), ())
    marks = [(f, c) for f, c in pairs if isinstance(f.shape, Steps) and not f.shape.cuts]
    rest = [pair for pair in pairs if pair not in marks]
    extra = sum(c * (_or_zero(f.missing) - f.shape.values[0]) for f, c in marks)
    added = sum(c * f.shape.values[0] for f, c in marks)
    kinds = {type(feature.shape) for feature, _ in rest}
    if len(kinds) > 1:
        known = " and ".join(sorted(kind.__name__.lower() for kind in kinds))
        raise UnsupportedError(f"{name!r} is read in two ways, as {known}: one can be carried")
    fills = {feature.fill for feature, _ in rest if not isnan(feature.missing)}
    missing = sum(c * f.missing for f, c in rest if not isnan(f.missing))
    parts: Parts = []
    if not rest:
        parts.append((Number(name, 0.0, missing=nulls), 0.0, lambda _: Standardized(name, 0, 1, 0)))
    elif kinds == {Line}:
        part, own, gap = _line(name, rest, nulls, fills, missing)
        parts.append(part)
        added += own
        extra += gap
    elif kinds == {Bent}:
        raise UnsupportedError(f"{rest[0][0].shape.step} of {name!r} is no term of a linear model")
    else:
        part, gap = _heights(name, rest, nulls, missing)
        parts.append(part)
        extra += gap
    if extra:
        mark = f"{name}_missing"
        while mark in names:
            mark += "_"
        parts.append(
            (Missing(mark, name), abs(extra), lambda s: Standardized(mark, 0.0, 1.0, extra / s))
        )
    return parts, float(added)


def _line(
    name: str,
    pairs: Sequence[tuple[Any, float]],
    nulls: tuple[float, ...],
    fills: set[float | None],
    missing: float,
) -> tuple[tuple[InputColumn, float, Scaled], float, float]:
    shapes = [feature.shape for feature, _ in pairs]
    if len({shape.log for shape in shapes}) > 1:
        raise UnsupportedError(f"{name!r} is read with its logarithm taken and without")
    mean, std = next((s.moments for s in shapes if s.moments is not None), (0.0, 1.0))
    slope = sum(c * f.shape.slope for f, c in pairs)
    offset = sum(c * f.shape.offset for f, c in pairs)
    # Of one feature that was standardised, the coefficient is the spread, as it is.
    standardised = len(pairs) == 1 and shapes[0].slope == 1 / std
    spread = pairs[0][1] if standardised else slope * std
    filled = any(not isnan(feature.missing) for feature, _ in pairs)
    log = shapes[0].log
    fill, gap = (0.0 if log else mean), 0.0
    if filled:
        known = next(iter(fills)) if len(fills) == 1 else None
        if known is not None:
            fill = known
        else:
            at = np.sign(fill) * np.log1p(abs(fill)) if log else fill
            gap = missing - (offset + slope * float(at))
    column = Number(name, fill, missing=nulls, log=log)
    write = lambda scale: Standardized(name, mean, std, spread / scale)  # noqa: E731
    return (column, spread, write), offset + slope * mean, gap


def _heights(
    name: str, pairs: Sequence[tuple[Any, float]], nulls: tuple[float, ...], missing: float
) -> tuple[tuple[InputColumn, float, Scaled], float]:
    """Add up bins, or curves, of a column at all their cuts, or points."""
    binned = isinstance(pairs[0][0].shape, Steps)
    at = sorted({x for f, _ in pairs for x in (f.shape.cuts if binned else f.shape.points)})
    inside = [at[0] - 1.0, *at] if binned else at
    heights = np.zeros(len(inside))
    for feature, coefficient in pairs:
        shape = feature.shape
        if binned:
            heights += (
                coefficient
                * np.array(shape.values)[np.searchsorted(shape.cuts, inside, side="right")]
            )
        else:
            heights += coefficient * np.interp(inside, shape.points, shape.values)
    spread = float(np.std(heights))
    filled = any(not isnan(feature.missing) for feature, _ in pairs)
    nearest = int(np.argmin(np.abs(heights - missing))) if filled else 0
    gap = float(missing - heights[nearest]) if filled else 0.0
    fill = inside[nearest]
    if binned and nearest == 0:
        fill = at[0] - max(1.0, abs(at[0]))
    known = next((f.fill for f, _ in pairs if f.fill is not None), None)
    if filled and known is not None:
        fill, gap = known, 0.0

    def write(scale: float) -> Term:
        own = [height / scale for height in heights.tolist()]
        if binned:
            return Bins(name, spread / scale, tuple(at), tuple(own))
        return Curve(name, spread / scale, tuple(map(Point, at, own)))

    assert all(a < b for a, b in pairwise(at))
    return (Number(name, fill, missing=nulls), spread, write), gap
