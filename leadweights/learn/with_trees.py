"""Learn weights, curves, levels and the leaves of trees together, and write them as a model."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leadweights.formula.arrays import Floats
from leadweights.learn.boost.bins import cut_columns, encode
from leadweights.learn.boost.boost import Boosting
from leadweights.learn.boost.grow import GrownTrees
from leadweights.learn.boost.refit import predict
from leadweights.learn.choose_trees import Size
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.recipe import Progress, say_nothing
from leadweights.learn.regression import (
    SEPARATED,
    Learnt,
    build_pipeline,
    logistic_regression,
    measure_contributed,
    one_thread,
    standardize,
)
from leadweights.learn.to_model import Context, Given, JointTrees, Solution, write_model
from leadweights.model.trees import Leaf


def grow_trees(
    given: Given, known: Prepared, c: float, size: Size, progress: Progress = say_nothing
) -> Boosting:
    """Grow so many trees on rows, `known` as trees read them; they are solved with weights."""
    design, weights = given.design, given.weights
    counts = None if weights is None else weights.loss
    with one_thread():
        matrix, _, _ = standardize(design.matrix(given.rows), len(design.numbers), weights)
        columns = cut_columns(given.columns, known, design.levels, given.directions)
        made = columns, encode(columns, known), matrix, given.y, counts, c
        boosting = Boosting(*made, size.shape(len(given.y)), signs=given.signs)
        progress(f"growing {size}")
        boosting.grow(size.trees)
    return boosting


def learn_with_trees(
    given: Given,
    known: Prepared,
    c: float,
    size: Size,
    context: Context,
    progress: Progress = say_nothing,
) -> Learnt:
    """Learn as `logistic_regression` does, with the leaves of so many trees beside the columns.

    `known` are the rows as trees read them. All is solved to the last digits, on one thread.
    """
    design, y, weights = given.design, given.y, given.weights
    plain = design.matrix(given.rows)
    boosting = grow_trees(given, known, c, size, progress)
    with one_thread():
        matrix, means, stds = standardize(plain, len(design.numbers), weights)
        grown, ends, at = boosting.settle(size.c_leaves)
        if not grown.trees:  # nothing to split by
            return logistic_regression(given, c, context)
        fitted = predict(at, matrix, ends)
    width = 1 + design.width
    averages = np.full(len(y), 1 / len(y)) if weights is None else weights.rows / weights.rows.sum()
    trees = write_trees(grown, at[width:], ends, averages)
    solution = Solution(
        float(at[0]) + context.weighing.shift,
        at[1:width],
        means.tolist(),
        stds.tolist(),
        measure_contributed(design, matrix, at[1:width], weights),
        trees,
    )
    kept = replace(size, trees=len(grown.trees))
    method = f"L2 logistic regression, C={c:g}, with {kept} {size.method}"
    if size.boosted:
        method = f"{kept} as boosted, without weights"
    method += context.weighing.method()
    model = write_model(
        given.columns, design, solution, context.keys, replace(context.origin, method=method)
    )
    few = np.unique(y, return_index=True)[1]
    leaves = grown.indicate(known.taken(few))
    pipeline = build_pipeline(
        solution, np.hstack((plain[few], leaves)), y[few], at[width:].tolist()
    )
    said = (SEPARATED,) if bool(np.all((fitted > 0) == (y > 0))) else ()
    return Learnt(model, pipeline, design, solution.averages(design), said, grown)


def write_trees(
    grown: GrownTrees,
    values: Floats,
    leaves: NDArray[np.int64],
    averages: Floats,
    shares_of_all: Floats | None = None,
) -> JointTrees:
    """Write trees down with the values of their leaves, centred on rows that count `averages`.

    `leaves`, shape (trees, rows), say where these rows end; or, where these are a sample, it is
    known which `shares_of_all` rows end in each leaf.
    """
    total, mean, start = np.zeros(len(averages)), 0.0, 0
    parts = {name: np.zeros(len(averages)) for name in sorted(c.name for c in grown.columns)}
    nodes = []
    for tree, own in zip(grown.trees, leaves, strict=True):
        count = len(tree.leaves)
        if shares_of_all is None:
            shares = np.bincount(own - start, averages, count).astype(np.float64)
        else:
            shares = shares_of_all[start : start + count]
        heights = values[start : start + count]
        middle = float(shares @ heights)
        heights, mean = heights - middle, mean + middle
        total += heights[own - start]
        written = [Leaf(*both) for both in zip(heights.tolist(), shares.tolist(), strict=True)]
        nodes.append(tree.write(grown.columns, written))
        for column, added in tree.attribute(heights, shares).items():
            parts[grown.columns[column].name] += added[own - start]
        start += count
    spreads = {name: _spread(part, averages) for name, part in parts.items()}
    kept = {name: spread for name, spread in spreads.items() if spread > 0}
    return JointTrees(tuple(nodes), mean, _spread(total, averages), kept)


def _spread(values: Floats, averages: Floats) -> float:
    variance = float(averages @ (values - averages @ values) ** 2)
    return math.sqrt(variance)
