"""From labelled rows to models: with `rivals` the only room that speaks scikit-learn."""

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from threadpoolctl import ThreadpoolController

from leadweights.dictionary import Dictionary
from leadweights.errors import TableError
from leadweights.model import (
    Curve,
    Identity,
    InputColumn,
    Level,
    Levels,
    Logit,
    Number,
    Point,
    Provenance,
    Ranged,
    ScoringModel,
    Standardized,
    Term,
)
from leadweights.rounding import rounded, shares
from leadweights.splitting import By, Fold, Groups, Moments, folds, taken
from leadweights.survey import Prepared, entry_of
from leadweights.texts import Texts
from leadweights.weighing import Weighing, Weights

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
            self.made_by, self.label, self.positive, rows, positive, method, self.rows_sha256
        )


# From 0.0001 to 10,000, two a decade.
C_PATH = tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-8, 9))
_FOLDS = 5
# Forward in time, moments may be few; of fewer folds there is no standard error to speak of.
_LEAST_FOLDS = 3
LONGEST_FOR_LOSSES = 20_000


@dataclass(frozen=True, slots=True)
class CPoint:
    """A value of C, its mean log-loss over the folds and the standard error of that mean."""

    c: float
    log_loss: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class CPath:
    """What was measured on the way to a C: every point, the best, and the one chosen."""

    points: tuple[CPoint, ...]
    best: CPoint
    chosen: CPoint


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model, the pipeline it was learnt by, and what that complained about."""

    model: ScoringModel
    pipeline: "Pipeline"
    design: "Design"
    warnings: tuple[str, ...]

    def reference_log_odds(self, rows: Prepared) -> Floats:
        """Ask scikit-learn's own pipeline for the log-odds of rows, shape (rows,)."""
        return np.asarray(self.pipeline.decision_function(self.design.matrix(rows)))


@dataclass(frozen=True, slots=True)
class Design:
    """What becomes a column of the matrix that is learnt from.

    First the numbers as they are, to be standardised. Then a curve's hats: each is 1 at its own
    knot and falls to 0 at the next ones, so that its coefficient is the curve's height there.
    Then 1 and 0 for each level of a category, for its other levels and for a missing one.
    """

    numbers: tuple[str, ...]
    knots: Mapping[str, Floats]
    levels: Mapping[str, tuple[str, ...]]
    others: Mapping[str, bool]
    missing: Mapping[str, bool]

    def matrix(self, rows: Prepared) -> Floats:
        """Lay rows out, shape (rows, columns)."""
        parts: list[NDArray[Any]] = [rows.numbers[name][:, None] for name in self.numbers]
        parts += [_hats(rows.numbers[name], knots) for name, knots in self.knots.items()]
        for name, levels in self.levels.items():
            held = rows.levels[name]
            parts += [held.among({level})[:, None] for level in levels]
            known = held.among(set(levels))
            if self.others[name]:
                parts.append((~known & ~held.missing())[:, None])
            if self.missing[name]:
                parts.append(held.missing()[:, None])
        return np.hstack(parts).astype(np.float64, copy=False)

    def without_curves(self) -> "Design":
        """Leave every number as it is: trees find their own steps."""
        numbers = (*self.numbers, *self.knots)
        return Design(numbers, {}, self.levels, self.others, self.missing)

    def widths(self) -> list[tuple[str, int]]:
        """Name what each run of columns belongs to, and how many they are."""
        found = [(name, 1) for name in self.numbers]
        found += [(name, len(knots)) for name, knots in self.knots.items()]
        for name, levels in self.levels.items():
            found.append((name, len(levels) + self.others[name] + self.missing[name]))
        return found


def design(rows: Prepared, curves: Collection[str], kept: Mapping[str, Sequence[str]]) -> Design:
    """Design a matrix for training rows: `curves` are numbers, `kept` the levels by category."""
    held = {name: set(column.levels) - set(kept[name]) for name, column in rows.levels.items()}
    return Design(
        tuple(name for name in rows.numbers if name not in curves),
        {name: _knots(rows.numbers[name]) for name in rows.numbers if name in curves},
        {name: tuple(kept[name]) for name in rows.levels},
        {name: bool(others) for name, others in held.items()},
        {name: bool(column.missing().any()) for name, column in rows.levels.items()},
    )


# The ends and the eighths between; fewer where many rows have the same value.
_QUANTILES = (0.01, *(i / 8 for i in range(1, 8)), 0.99)


def _knots(values: Floats) -> Floats:
    found = np.quantile(values, _QUANTILES)
    between = float(found[-2] - found[1]) or float(np.ptp(found))
    return np.unique([rounded(float(q), between) for q in found])


def _hats(values: Floats, knots: Floats) -> Floats:
    """Give the linear B-splines at the knots, constant beyond the ends (de Boor 1978)."""
    if len(knots) < 2:
        return np.ones((len(values), len(knots)))
    splines = SplineTransformer(
        degree=1, knots=knots[:, None], extrapolation="constant", include_bias=True
    )
    return np.asarray(splines.fit(knots[:, None]).transform(values[:, None]))


def column_losses(
    candidates: Mapping[str, tuple[Floats, bool]], y: Floats, seed: int, by: By = None
) -> dict[str, Floats]:
    """Measure a column by itself on several scales: each row's log-loss out of five folds.

    A candidate is the column's values, shape (rows,), and whether it is learnt as a curve. Of a
    long table `LONGEST_FOR_LOSSES` rows are drawn. Of groups, whose rows do not vary by
    themselves, each has one loss: the sum of its rows' over the mean rows of a group, so that the
    mean stays that of the rows. Where moments are too few to go forward in time the folds are at
    random; where rows or groups are too few all losses are 0.
    """
    chosen = np.arange(len(y))
    if len(y) > LONGEST_FOR_LOSSES:
        drawn = np.random.RandomState(seed).permutation(len(y))[:LONGEST_FOR_LOSSES]
        chosen = np.sort(drawn)
    y, by = y[chosen], taken(by, chosen)
    cuts = _cuts(y, seed, by) or (_cuts(y, seed, None) if isinstance(by, Moments) else [])
    if not cuts:
        return {name: np.zeros(len(y)) for name in candidates}
    measured = np.sort(np.concatenate([own for _, own in cuts]))
    losses = {}
    # Hundreds of small fits: the estimator alone, without a pipeline's bookkeeping.
    one = LogisticRegression(solver="newton-cholesky", tol=1e-6)
    for name, (values, curve) in candidates.items():
        column = values[chosen]
        matrix = _hats(column, _knots(column)) if curve else _standardized(column)
        found = np.empty(len(y))
        with _one_thread(), warnings.catch_warnings():
            # Where Newton's steps end in rounding errors scikit-learn goes on with L-BFGS.
            warnings.simplefilter("ignore")
            for others, own in cuts:
                found[own] = one.fit(matrix[others], y[others]).predict_proba(matrix[own])[:, 1]
        p, positive = np.clip(found[measured], 1e-15, 1 - 1e-15), y[measured]
        losses[name] = -(positive * np.log(p) + (1 - positive) * np.log(1 - p))
        if isinstance(by, Groups):
            sums = np.bincount(by.codes()[measured], weights=losses[name])
            losses[name] = sums * (len(sums) / len(measured))
    return losses


def _cuts(y: Floats, seed: int, by: By) -> list[Fold]:
    """Cut five folds; where moments or groups are too few for them four, or three; or none."""
    for count in range(_FOLDS, (_FOLDS if by is None else _LEAST_FOLDS) - 1, -1):
        try:
            return folds(y, count, seed, by)
        except TableError:
            continue
    return []


def _standardized(values: Floats) -> Floats:
    # Of a long table a part is drawn, and in it a column may have one value only.
    scaled: Floats = (values - values.mean()) / (values.std() or 1.0)
    return scaled[:, None]


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # finding the libraries takes milliseconds


def _one_thread() -> AbstractContextManager[Any]:
    """Keep linear algebra to one thread: the last digits depend on their number."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1)
    return limited


def c_path(
    design: Design,
    rows: Prepared,
    y: Floats,
    seed: int,
    by: By = None,
    weights: Weights | None = None,
) -> CPath:
    """Measure a path of C by cross-validated log-loss and choose by the one-standard-error rule.

    Five stratified folds. With `by`, folds as the rows are split: whole groups, or forward in
    time; where these are too few for five, four or three. Folds at random would promise what does
    not hold: in five drawn tables of 60 accounts with 20 rows each they promised 0.46 to 0.52 and
    had 0.70 to 0.90 on accounts held back; folds of groups promised 0.68 to 0.70, had 0.69 to 0.72.
    The choice is the smallest C, the strongest penalty, whose log-loss is within one standard
    error of the best (Breiman et al. 1984, section 3.4.3).

    Raises TableError where rows of a class, moments or groups are too few for the folds.
    """
    fewest = int(min(y.sum(), len(y) - y.sum()))
    if fewest < _FOLDS:
        raise TableError(
            f"{fewest} training rows of one class are too few to choose C in {_FOLDS} folds; "
            "give C as a number"
        )
    cuts = _cuts(y, seed, by)
    if not cuts:
        what = "moments" if isinstance(by, Moments) else "groups"
        raise TableError(
            f"the training rows have too few {what}, or too much alike in their outcomes, to "
            f"choose C in at least {_LEAST_FOLDS} folds; give C as a number"
        )
    matrix = design.matrix(rows)
    points = []
    with _one_thread():
        for c in C_PATH:
            found = []
            for others, own in cuts:
                among = None if weights is None else weights.taken(others)
                fitted = _fitted(c, len(design.numbers), matrix[others], y[others], among)
                p = fitted.predict_proba(matrix[own])
                loss = None if weights is None else weights.loss[own]
                found.append(log_loss(y[own], p, labels=[0, 1], sample_weight=loss))
            scores = np.array(found)
            error = float(scores.std(ddof=1)) / len(cuts) ** 0.5
            points.append(CPoint(c, float(scores.mean()), error))
    best = min(points, key=lambda point: point.log_loss)
    within = best.log_loss + best.standard_error
    return CPath(tuple(points), best, next(point for point in points if point.log_loss <= within))


def _pipeline(c: float, numbers: int) -> Pipeline:
    """Standardise the first columns, the numbers; hats and levels are on one scale already."""
    return make_pipeline(
        ColumnTransformer(
            [("numbers", StandardScaler(), list(range(numbers)))], remainder="passthrough"
        ),
        LogisticRegression(C=c, solver="newton-cholesky", tol=1e-10, max_iter=1000),
    )


def _fitted(c: float, numbers: int, matrix: Floats, y: Floats, weights: Weights | None) -> Pipeline:
    made = _pipeline(c, numbers)
    if weights is None:
        return made.fit(matrix, y)
    with config_context(enable_metadata_routing=True):
        made[0].transformers[0][1].set_fit_request(sample_weight="of_rows")
        made[-1].set_fit_request(sample_weight="in_loss")
        return made.fit(matrix, y, of_rows=weights.rows, in_loss=weights.loss)


def logistic_regression(
    columns: Sequence[InputColumn],
    design: Design,
    rows: Prepared,
    y: Floats,
    c: float,
    context: Context,
    weights: Weights | None = None,
) -> Learnt:
    """Learn an L2 logistic regression on standardised numbers, curves and levels.

    Newton's method, solved to the last digits: the default solver stops where the fourth digit
    of a coefficient still depends on the order of the rows. One thread, for the same reason.
    """
    matrix = design.matrix(rows)
    with warnings.catch_warnings(record=True) as complaints, _one_thread():
        warnings.simplefilter("always")
        pipeline = _fitted(c, len(design.numbers), matrix, y, weights)
    separated = bool(np.all((pipeline.decision_function(matrix) > 0) == (y > 0)))
    regression, scaler = pipeline[-1], pipeline[0].named_transformers_["numbers"]
    coefficients = np.asarray(regression.coef_[0], dtype=np.float64)
    regression.intercept_ += context.weighing.shift
    solution = Solution(
        float(regression.intercept_[0]),
        coefficients,
        scaler.mean_.tolist() if design.numbers else [],
        scaler.scale_.tolist() if design.numbers else [],
        *_parts(design, matrix, coefficients, weights),
    )
    method = f"L2 logistic regression, C={c:g}{context.weighing.method()}"
    said = [str(w.message).strip() for w in complaints]
    if separated:
        said.append(SEPARATED)
    model = written(columns, design, solution, context.keys, _provenance(y, method, context))
    return Learnt(model, pipeline, design, tuple(said))


SEPARATED = (
    "the columns tell the positive rows from the others without one mistake: what holds the "
    "weights is the penalty alone, and a column may know the outcome"
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


def pipeline_of(solution: Solution, design: Design, rows: Prepared, y: Floats) -> Pipeline:
    """Make scikit-learn's pipeline of a solution that was found without it.

    It is fitted on one row of each class, and given the numbers of the solution.
    """
    two = np.array([np.flatnonzero(y == 0)[0], np.flatnonzero(y == 1)[0]])
    made = _pipeline(1.0, len(design.numbers)).fit(design.matrix(rows)[two], y[two])
    if design.numbers:
        scaler = made[0].named_transformers_["numbers"]
        scaler.mean_, scaler.scale_ = np.array(solution.means), np.array(solution.stds)
    made[-1].coef_ = solution.coefficients[None, :]
    made[-1].intercept_ = np.array([solution.intercept])
    return made


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


def _parts(
    design: Design, matrix: Floats, coefficients: Floats, weights: Weights | None
) -> tuple[list[tuple[Floats, Floats]], list[float], list[float]]:
    """Split coefficients by feature: centred contributions, row shares; spreads; what was moved.

    A number's spread is its coefficient, for it is standardised; that of a curve or a category is
    the standard deviation of what it contributes on the training rows, and its mean is moved into
    the intercept, so that an average lead has lead score 0.
    """
    parts, spreads, moved = [], [], []
    first = 0
    for position, (_, width) in enumerate(design.widths()):
        own = coefficients[first : first + width]
        columns = matrix[:, first : first + width]
        first += width
        if position < len(design.numbers):
            parts.append((own, np.ones(1)))
            spreads.append(float(own[0]))
            moved.append(0.0)
            continue
        added = columns @ own
        if weights is None:
            mean, spread, row_shares = added.mean(), added.std(), columns.mean(axis=0)
        else:
            counted = weights.rows
            mean = np.average(added, weights=counted)
            spread = np.average((added - mean) ** 2, weights=counted) ** 0.5
            row_shares = np.average(columns, axis=0, weights=counted)
        parts.append((own - mean, row_shares))
        spreads.append(float(spread))
        moved.append(float(mean))
    return parts, spreads, moved


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
        _provenance(y, "equal weights on [0, 1]", context),
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


def gradient_boosting(
    design: Design, rows: Prepared, y: Floats, seed: int, weights: Weights | None = None
) -> Callable[[Prepared], Floats]:
    """Learn scikit-learn's gradient boosting; return what gives the probability of rows."""
    plain = design.without_curves()
    # Its trees are in single precision: on a large raw scale (a time in seconds) rows run together.
    boosting = make_pipeline(StandardScaler(), GradientBoostingClassifier(random_state=seed))
    loss = {} if weights is None else {"gradientboostingclassifier__sample_weight": weights.loss}
    boosting.fit(plain.matrix(rows), y, **loss)
    return lambda other: np.asarray(boosting.predict_proba(plain.matrix(other))[:, 1])


def _provenance(y: Floats, method: str, context: Context) -> Provenance:
    return context.provenance(len(y), int(y.sum()), method)
