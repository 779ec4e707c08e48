"""Rows for trees meet whoever moves a cut by one double, or a level or NULL to the other side."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf, nextafter
from random import Random

import pytest

from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.model.model import Category, Identity, Number, ScoringModel
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.model.trees import Leaf, LevelSplit, Node, NumberSplit, Trees
from leadweights.prove.hostile_rows import cases
from leadweights.prove.hostile_trees import walk_trees
from tests.support.release import sweep
from tests.support.strategies import PROVENANCE

LEVELS = ("a", "b", "c", "d")


def model_of(tree: Node) -> ScoringModel:
    none = Level("", 0.0, 0.0)
    return ScoringModel(
        "m",
        (),
        (Number("x", 0.0), Category("c"), Number("y", 0.0)),
        (
            Standardized("x", 0.0, 1.0, 0.0),
            Levels("c", 0.0, (), none, none),
            Standardized("y", 0.0, 1.0, 0.0),
        ),
        Identity(),
        PROVENANCE,
        trees=Trees(1.0, (tree,)),
    )


def grow(random: Random, names: Iterator[int], depth: int = 0) -> Node:
    """Grow a tree whose leaves all differ, each split of another column or a nearer cut."""
    if depth == 3:
        return Leaf(float(next(names)))
    first, second = grow(random, names, depth + 1), grow(random, names, depth + 1)
    missing = random.random() < 0.5
    # A column is met once on a way, so that every side can be reached.
    match depth:
        case 1:
            return LevelSplit("c", tuple(random.sample(LEVELS, 2)), first, second, missing)
        case _:
            column = "x" if depth == 0 else "y"
            return NumberSplit(column, random.uniform(-5, 5), first, second, missing)


def changes(node: Node) -> Iterator[Node]:
    """Give the tree with one fault, for each that a renderer may have."""
    match node:
        case Leaf():
            return
        case NumberSplit(at=at, below=first, above=second, missing_above=up):
            yield replace(node, at=nextafter(at, inf))
            yield replace(node, at=nextafter(at, -inf))
            yield replace(node, missing_above=not up)
            yield from (replace(node, below=changed) for changed in changes(first))
            yield from (replace(node, above=changed) for changed in changes(second))
        case LevelSplit(levels=levels, among=first, others=second, missing_among=up):
            yield replace(node, levels=levels[:1])
            yield replace(node, levels=("unknown", *levels[1:]))
            yield replace(node, missing_among=not up)
            yield from (replace(node, among=changed) for changed in changes(first))
            yield from (replace(node, others=changed) for changed in changes(second))


@pytest.mark.parametrize("seed", sweep(range(6), 6))
def test_every_fault_of_a_split_changes_the_score_of_a_row(seed: int) -> None:
    tree = grow(Random(seed), iter(range(99)))
    model = model_of(tree)
    (case,) = (case for case in cases(model) if "trees" in case.rows_of)
    ours = evaluate(stages(model, columns=["lead_score"]), case.values)["lead_score"]
    assert {float(leaf) for leaf in range(8)} == set(ours.tolist())
    unseen = [
        changed
        for changed in changes(tree)
        if (
            evaluate(stages(model_of(changed), columns=["lead_score"]), case.values)["lead_score"]
            == ours
        ).all()
    ]
    assert unseen == []


def test_trees_of_columns_that_are_read_otherwise_have_no_rows_of_their_own() -> None:
    assert walk_trees(replace(model_of(Leaf(0.5)))) == []
