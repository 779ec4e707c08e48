"""From what was learnt to a model: every term with its weight, or all alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.columns import find_entry
from leadweights.learn.prepare.design import Design
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.row_weights import Weighing, Weights
from leadweights.model.model import (
    Identity,
    InputColumn,
    Logit,
    Number,
    ScoringModel,
)
from leadweights.model.provenance import Provenance
from leadweights.model.rounding import divide_shares, round_digits
from leadweights.model.terms import Curve, Level, Levels, Point, Ranged, Standardized, Term
from leadweights.model.trees import Leaf, Node, Trees, TreesShare, branches, with_branches


@dataclass(frozen=True, slots=True)
class Given:
    """Training rows, prepared, and the matrix that models are learnt from.

    `y`, shape (rows,), is 1 for a positive row; `weights` say what the rows count for. Where a
    column has one of the `directions`, 1 or -1, what it adds must never go against it.
    """

    columns: tuple[InputColumn, ...]
    design: Design
    rows: Prepared
    y: Floats
    weights: Weights | None = None
    directions: Mapping[str, float] = field(default_factory=dict)

    @property
    def signs(self) -> Floats:
        """Give the directions of the matrix's columns, 0 where there is none, shape (width,)."""
        found = np.zeros(self.design.width)
        numbers = self.design.numbers
        found[: len(numbers)] = [self.directions.get(name, 0.0) for name in numbers]
        return found


@dataclass(frozen=True, slots=True)
class Context:
    """What the learners need to know besides the rows, to write a whole model.

    `origin` lacks the method.
    """

    keys: tuple[str, ...]
    origin: Provenance
    weighing: Weighing


@dataclass(frozen=True, slots=True)
class Contributed:
    """What a curve or a category contributes: its mean, its standard deviation over the rows.

    `shares` are the mean of each of its columns.
    """

    mean: float
    spread: float
    shares: Floats


@dataclass(frozen=True, slots=True)
class JointTrees:
    """Trees in log-odds, the mean of each 0 on the training rows, which is `mean` for all.

    `spread` is the standard deviation of what they contribute, `shares` that of each column's part.
    """

    trees: tuple[Node, ...]
    mean: float
    spread: float
    shares: Mapping[str, float]

    def write(self, share: float, scale: float) -> Trees:
        """Write them as they are in a lead score of this scale, of which they have a share."""
        shares = tuple(TreesShare(n, round_digits(s / scale, UNIT)) for n, s in self.shares.items())
        return Trees(share, tuple(_scale(tree, scale) for tree in self.trees), shares)


def _scale(node: Node, scale: float) -> Node:
    if isinstance(node, Leaf):
        return Leaf(round_digits(node.contribution / scale, UNIT), _round_share(node.row_share))
    first, second = branches(node)
    return with_branches(node, _scale(first, scale), _scale(second, scale))


@dataclass(frozen=True, slots=True)
class Solution:
    """A logistic regression on a design's matrix, its numbers standardised by `means` and `stds`.

    For each curve and category, in the design's order, it says what they contribute.
    """

    intercept: float
    coefficients: Floats
    means: Sequence[float]
    stds: Sequence[float]
    contributed: Sequence[Contributed]
    trees: JointTrees | None = None

    def averages(self, design: Design) -> dict[str, float]:
        """Give the mean of what each category contributes on the training rows."""
        runs = zip(design.runs(), self.contributed, strict=True)
        return {name: own.mean for (name, _), own in runs if name in design.levels}


def write_model(
    columns: Sequence[InputColumn],
    design: Design,
    solution: Solution,
    keys: tuple[str, ...],
    provenance: Provenance,
) -> ScoringModel:
    """Write a solution as a model. Raises TableError where all coefficients are 0.

    A number's spread is its coefficient, for it is standardised. The mean of what a curve or a
    category contributes is moved into the intercept, so that an average lead has lead score 0.
    """
    numbers = len(design.numbers)
    spreads = [*solution.coefficients[:numbers].tolist(), *(c.spread for c in solution.contributed)]
    width = len(spreads)
    trees = solution.trees
    if trees is not None:
        spreads.append(trees.spread)
    scale = float(sum(map(abs, spreads)))
    if not scale > 0:
        raise TableError(
            "no column says anything about the label: every coefficient is 0; is C too small?"
        )
    shares = divide_shares(spreads)
    terms: list[Term] = []
    for name, share, mean, std in zip(
        design.numbers, shares[:numbers], solution.means, solution.stds, strict=True
    ):
        rounded = round_digits(std)
        terms.append(Standardized(name, round_digits(mean, rounded), rounded, share))
    for (name, run), share, own in zip(
        design.runs(), shares[numbers:width], solution.contributed, strict=True
    ):
        centred = solution.coefficients[run] - own.mean
        heights = [round_digits(float(part) / scale, UNIT) for part in centred]
        if name in design.knots:
            at = design.knots[name].tolist()
            terms.append(Curve(name, share, tuple(map(Point, at, heights))))
        else:
            terms.append(_write_levels(design, name, share, heights, own.shares))
    intercept = solution.intercept + sum(c.mean for c in solution.contributed)
    if trees is not None:
        intercept += trees.mean
    terms.sort(key=lambda term: [column.name for column in columns].index(term.column))
    return ScoringModel(
        "logistic_regression",
        keys,
        tuple(columns),
        tuple(terms),
        Logit(round_digits(intercept, 1.0), round_digits(scale)),
        provenance,
        trees=None if trees is None else trees.write(shares[-1], scale),
    )


UNIT = 0.1
"""Of a contribution, which is rounded to ten decimals."""


def _write_levels(
    design: Design, name: str, share: float, heights: Sequence[float], rows: Floats
) -> Levels:
    """Write a category's term; what no training row had counts as the average row: 0."""
    levels = design.levels[name]
    found = [Level(*item) for item in zip(levels, heights, map(_round_share, rows), strict=False)]
    rest = iter(zip(heights[len(levels) :], map(_round_share, rows[len(levels) :]), strict=True))
    none = (0.0, 0.0)
    other = next(rest, none) if design.others[name] else none
    missing = next(rest, none) if design.missing[name] else none
    return Levels(name, share, tuple(found), Level("", *other), Level("", *missing))


def _round_share(value: float) -> float:
    return round_digits(float(value))


def equal_weights(given: Given, dictionary: Dictionary, context: Context) -> ScoringModel:
    """Weigh every column alike, on [0, 1] by its range, the better end up.

    Range and direction are the dictionary's; where it is silent, the range of the training rows
    and the sign of the correlation with the label. A category's levels are placed on [0, 1] by
    their positive rates.
    """
    columns, rows, y = given.columns, given.rows, given.y
    terms: list[Term] = []
    for column in columns:
        entry = find_entry(column, dictionary)
        if column.name in rows.levels:
            terms.append(_place_levels(given, column.name))
            continue
        values = rows.numbers[column.name]
        low, high = float(values.min()), float(values.max())
        apart, labels = values - values.mean(), y - y.mean()
        # A covariance of zero is a rounding error of either sign.
        none = 1e-12 * float(np.linalg.norm(apart) * np.linalg.norm(labels))
        higher = entry.direction == "higher" if entry.direction else apart @ labels >= -none
        weight = (1.0 if higher else -1.0) / len(columns)
        if entry.range and not (isinstance(column, Number) and column.log):
            low, high = entry.range
        else:
            low, high = round_digits(low, high - low), round_digits(high, high - low)
        terms.append(Ranged(column.name, low, high, weight))
    return ScoringModel(
        "equal_weights",
        context.keys,
        columns,
        tuple(terms),
        Identity(),
        replace(context.origin, method="equal weights on [0, 1]"),
    )


def _place_levels(given: Given, name: str) -> Levels:
    levels, held, y = given.design.levels[name], given.rows.levels[name], given.y
    groups = [held.among({level}) for level in levels]
    groups.append(~held.among(set(levels)) & ~held.missing())
    groups.append(held.missing())
    rates = [float(y[group].mean()) if group.any() else float(y.mean()) for group in groups]
    low, spread = min(rates), (max(rates) - min(rates)) or 1.0
    heights = [round_digits((rate - low) / spread / len(given.columns), UNIT) for rate in rates]
    row_shares = [_round_share(group.mean()) for group in groups]
    *own, other, missing = map(Level, (*levels, "", ""), heights, row_shares)
    return Levels(name, 1.0 / len(given.columns), tuple(own), other, missing)
