"""From what was learnt to a model: every term with its weight, or all alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.columns import Prepared, entry_of
from leadweights.learn.prepare.design import Design
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.learn.row_weights import Weighing
from leadweights.model.model import Identity, InputColumn, Logit, Number, Provenance, ScoringModel
from leadweights.model.rounding import rounded, shares
from leadweights.model.terms import Curve, Level, Levels, Point, Ranged, Standardized, Term

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Context:
    """What the learners need to know besides the rows, to write a whole model."""

    keys: tuple[str, ...]
    label: str
    positive: str
    made_by: str
    rows_sha256: str
    weighing: Weighing

    def provenance(self, rows: int, positive: int, method: str) -> Provenance:
        """Say what a model was learnt from, and how."""
        return Provenance(
            self.made_by,
            self.label,
            self.positive,
            rows,
            positive,
            method,
            self.rows_sha256,
            self.weighing.column or "",
            self.weighing.negatives_kept,
        )


@dataclass(frozen=True, slots=True)
class Solution:
    """A logistic regression on a design's matrix, its numbers standardised by `means` and `stds`.

    For each feature: `parts` have its contributions, centred, with the rows' shares of each;
    `spreads` the standard deviation of what it contributes, signed for a number; `moved` its mean,
    which goes into the intercept.
    """

    intercept: float
    coefficients: Floats
    means: Sequence[float]
    stds: Sequence[float]
    parts: Sequence[tuple[Floats, Floats]]
    spreads: Sequence[float]
    moved: Sequence[float]


def written(
    columns: Sequence[InputColumn],
    design: Design,
    solution: Solution,
    keys: tuple[str, ...],
    provenance: Provenance,
) -> ScoringModel:
    """Write a solution as a model. Raises TableError where all coefficients are 0."""
    scale = float(sum(abs(spread) for spread in solution.spreads))
    if not scale > 0:
        raise TableError(
            "no column says anything about the label: every coefficient is 0; is C too small?"
        )
    terms: list[Term] = []
    for position, ((name, _), share) in enumerate(
        zip(design.widths(), shares(solution.spreads), strict=True)
    ):
        if position < len(design.numbers):
            std = rounded(float(solution.stds[position]))
            mean = rounded(float(solution.means[position]), std)
            terms.append(Standardized(name, mean, std, share))
            continue
        contributions, row_shares = solution.parts[position]
        heights = [rounded(float(part) / scale, _UNIT) for part in contributions]
        unseen = rounded(-solution.moved[position] / scale, _UNIT)
        if name in design.knots:
            at = design.knots[name].tolist()
            terms.append(Curve(name, share, tuple(map(Point, at, heights))))
        else:
            terms.append(_levels(design, name, share, heights, row_shares, unseen))
    intercept = solution.intercept + sum(solution.moved)
    terms.sort(key=lambda term: [column.name for column in columns].index(term.column))
    return ScoringModel(
        "logistic_regression",
        keys,
        tuple(columns),
        tuple(terms),
        Logit(rounded(intercept, 1.0), rounded(scale)),
        provenance,
    )


_UNIT = 0.1  # of a contribution, which is rounded to ten decimals


def _levels(
    design: Design, name: str, share: float, heights: Sequence[float], rows: Floats, unseen: float
) -> Levels:
    """Write a category's term; what no training row had counts as nothing but the intercept."""
    levels = design.levels[name]
    found = [Level(*item) for item in zip(levels, heights, map(_share, rows), strict=False)]
    rest = iter(zip(heights[len(levels) :], map(_share, rows[len(levels) :]), strict=True))
    none = (unseen, 0.0)
    other = next(rest, none) if design.others[name] else none
    missing = next(rest, none) if design.missing[name] else none
    return Levels(name, share, tuple(found), Level("", *other), Level("", *missing))


def _share(value: float) -> float:
    return rounded(float(value))


def equal_weights(
    columns: Sequence[InputColumn],
    design: Design,
    rows: Prepared,
    y: Floats,
    dictionary: Dictionary,
    context: Context,
) -> ScoringModel:
    """Weigh every column alike, on [0, 1] by its range, the better end up.

    Range and direction are the dictionary's; where it is silent, the range of the training rows
    and the sign of the correlation with the label. A category's levels are placed on [0, 1] by
    their positive rates.
    """
    terms: list[Term] = []
    for column in columns:
        entry = entry_of(column, dictionary)
        if column.name in rows.levels:
            terms.append(_placed(design, column.name, rows.levels[column.name], y, len(columns)))
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
            low, high = rounded(low, high - low), rounded(high, high - low)
        terms.append(Ranged(column.name, low, high, weight))
    return ScoringModel(
        "equal_weights",
        context.keys,
        tuple(columns),
        tuple(terms),
        Identity(),
        context.provenance(len(y), int(y.sum()), "equal weights on [0, 1]"),
    )


def _placed(design: Design, name: str, held: Texts, y: Floats, columns: int) -> Levels:
    levels = design.levels[name]
    groups = [held.among({level}) for level in levels]
    groups.append(~held.among(set(levels)) & ~held.missing())
    groups.append(held.missing())
    rates = [float(y[group].mean()) if group.any() else float(y.mean()) for group in groups]
    low, spread = min(rates), (max(rates) - min(rates)) or 1.0
    heights = [rounded((rate - low) / spread / columns, _UNIT) for rate in rates]
    row_shares = [_share(group.mean()) for group in groups]
    *own, other, missing = map(Level, (*levels, "", ""), heights, row_shares)
    return Levels(name, 1.0 / columns, tuple(own), other, missing)
