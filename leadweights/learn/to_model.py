"""From what was learnt to a model: every term with its weight, or all alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.design import Design
from leadweights.learn.row_weights import Weighing
from leadweights.model.model import InputColumn, Logit, Provenance, ScoringModel
from leadweights.model.rounding import divide_shares, round_digits
from leadweights.model.terms import Curve, Level, Levels, Point, Standardized, Term


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
class Contributed:
    """What a curve or a category contributes: its mean, its standard deviation over the rows.

    `shares` are the mean of each of its columns.
    """

    mean: float
    spread: float
    shares: Floats


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
        design.runs(), shares[numbers:], solution.contributed, strict=True
    ):
        centred = solution.coefficients[run] - own.mean
        heights = [round_digits(float(part) / scale, UNIT) for part in centred]
        if name in design.knots:
            at = design.knots[name].tolist()
            terms.append(Curve(name, share, tuple(map(Point, at, heights))))
        else:
            unseen = round_digits(-own.mean / scale, UNIT)
            terms.append(_write_levels(design, name, share, heights, own.shares, unseen))
    intercept = solution.intercept + sum(c.mean for c in solution.contributed)
    terms.sort(key=lambda term: [column.name for column in columns].index(term.column))
    return ScoringModel(
        "logistic_regression",
        keys,
        tuple(columns),
        tuple(terms),
        Logit(round_digits(intercept, 1.0), round_digits(scale)),
        provenance,
    )


UNIT = 0.1
"""Of a contribution, which is rounded to ten decimals."""


def _write_levels(
    design: Design, name: str, share: float, heights: Sequence[float], rows: Floats, unseen: float
) -> Levels:
    """Write a category's term; what no training row had counts as nothing but the intercept."""
    levels = design.levels[name]
    found = [Level(*item) for item in zip(levels, heights, map(round_share, rows), strict=False)]
    rest = iter(zip(heights[len(levels) :], map(round_share, rows[len(levels) :]), strict=True))
    none = (unseen, 0.0)
    other = next(rest, none) if design.others[name] else none
    missing = next(rest, none) if design.missing[name] else none
    return Levels(name, share, tuple(found), Level("", *other), Level("", *missing))


def round_share(value: float) -> float:
    """Round a share of rows."""
    return round_digits(float(value))
