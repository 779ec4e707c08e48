"""Small decision trees beside a model's terms: what columns add together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import assert_never

from leadweights.errors import ModelError
from leadweights.model.checks import FARTHEST

MOST_TREES, DEEPEST = 5_000, 64
"""More trees take minutes to plan; deeper ones no engine reads."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the rows that end here are given, and their share of the training rows."""

    contribution: float
    row_share: float = 0.0


@dataclass(frozen=True, slots=True)
class NumberSplit:
    """Part rows by a number: from `at` on they go `above`; missing ones do if `missing_above`.

    The number is as its column is read, before it is filled, capped or its logarithm taken.
    """

    column: str
    at: float
    below: Node
    above: Node
    missing_above: bool = False


@dataclass(frozen=True, slots=True)
class LevelSplit:
    """Part rows by a category: these `levels` go `among`; missing ones do if `missing_among`.

    All other levels, unseen ones too, go to `others`.
    """

    column: str
    levels: tuple[str, ...]
    among: Node
    others: Node
    missing_among: bool = False


Split = NumberSplit | LevelSplit
Node = Leaf | NumberSplit | LevelSplit


@dataclass(frozen=True, slots=True)
class TreesShare:
    """The share of a column in a score that it has by the trees.

    It is the standard deviation of what its splits add on the training rows.
    """

    column: str
    weight: float


@dataclass(frozen=True, slots=True)
class Trees:
    """Contribute the sum of one leaf of each tree, added in their order.

    `weight`, never negative, is the share of the trees in the score: the standard deviation of
    what they contribute on the training rows. `shares` part it among the columns, whose parts are
    not independent: they need not sum to it.
    """

    weight: float
    trees: tuple[Node, ...]
    shares: tuple[TreesShare, ...] = ()


def branches(split: Split) -> tuple[Node, Node]:
    """Give the two nodes below a split: the lower, or others; the upper, or those among."""
    match split:
        case NumberSplit(below=below, above=above):
            return below, above
        case LevelSplit(others=others, among=among):
            return others, among
        case _:
            assert_never(split)


def with_branches(split: Split, first: Node, second: Node) -> Split:
    """Put other nodes below a split, in the order of `branches`."""
    match split:
        case NumberSplit():
            return replace(split, below=first, above=second)
        case LevelSplit():
            return replace(split, others=first, among=second)
        case _:
            assert_never(split)


def walk(node: Node) -> Iterator[Node]:
    """List a node and all below it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if not isinstance(found, Leaf):
            waiting += reversed(branches(found))


def leaves(node: Node) -> list[Leaf]:
    """List the leaves, in the order of `branches`."""
    return [found for found in walk(node) if isinstance(found, Leaf)]


def splits(trees: Trees) -> Iterator[Split]:
    """List the splits of all trees."""
    for tree in trees.trees:
        yield from (node for node in walk(tree) if not isinstance(node, Leaf))


def depth(node: Node) -> int:
    """Count the splits on the longest way to a leaf."""
    deepest, waiting = 0, [(node, 0)]
    while waiting:
        found, own = waiting.pop()
        deepest = max(deepest, own)
        if not isinstance(found, Leaf):
            waiting += [(below, own + 1) for below in branches(found)]
    return deepest


def expect(node: Node) -> tuple[float, float]:
    """Give the mean contribution of the training rows that come to a node, and their share.

    Where no leaf below has a share, leaves count alike.
    """
    below = leaves(node)
    share = sum(leaf.row_share for leaf in below)
    if share > 0:
        return sum(leaf.contribution * leaf.row_share for leaf in below) / share, share
    return sum(leaf.contribution for leaf in below) / len(below), 0.0


def part_of(column: str, tree: Node) -> Node | None:
    """Give the tree of what a column's splits add: the changes of the expected value on the way.

    The parts of all columns add up to a leaf's contribution less the tree's own mean (Saabas 2014).
    None where the column has no split; splits that say nothing more are left out.
    """
    if all(isinstance(node, Leaf) or node.column != column for node in walk(tree)):
        return None

    def follow(node: Node, added: float) -> Node:
        if isinstance(node, Leaf):
            return Leaf(added, node.row_share)
        mean, share = expect(node)
        own = node.column == column
        first, second = (
            follow(below, added + (expect(below)[0] - mean if own else 0.0))
            for below in branches(node)
        )
        both = [leaf.contribution for leaf in (first, second) if isinstance(leaf, Leaf)]
        if len(both) == 2 and both[0] == both[1]:
            return Leaf(both[0], share)
        return with_branches(node, first, second)

    return follow(tree, 0.0)


def check_trees(trees: Trees) -> None:
    """Refuse constants by which trees could not be computed. Raises ModelError."""
    if not trees.weight >= 0:
        raise ModelError(f"weight of the trees must not be negative, not {trees.weight}")
    if not 1 <= len(trees.trees) <= MOST_TREES:
        raise ModelError(f"there are {len(trees.trees):,} trees, of {MOST_TREES:,} at most")
    for number, tree in enumerate(trees.trees, start=1):
        if depth(tree) > DEEPEST:
            raise ModelError(f"tree {number} is deeper than {DEEPEST} splits")
        for leaf in leaves(tree):
            if not (isfinite(leaf.contribution) and 0 <= leaf.row_share <= 1):
                raise ModelError(f"a leaf of tree {number} is none: {leaf}")
    if farthest_of_trees(trees) > FARTHEST:
        raise ModelError("what the trees contribute is out of all bounds")
    for split in splits(trees):
        match split:
            case NumberSplit(column, at):
                if not isfinite(at):
                    raise ModelError(f"a split of {column!r} must be at a number, not {at}")
            case LevelSplit(column, levels, missing_among=missing):
                if not (levels or missing) or len(set(levels)) < len(levels):
                    raise ModelError(f"a split of {column!r} needs levels, each of them once")
            case _:
                assert_never(split)


def farthest_of_trees(trees: Trees) -> float:
    """Bound what the trees contribute together, in absolute terms."""
    return sum(max(abs(leaf.contribution) for leaf in leaves(tree)) for tree in trees.trees)
