"""From labelled rows to models: with `rivals` the only room that speaks scikit-learn."""

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupShuffleSplit,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
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
from leadweights.survey import Prepared
from leadweights.texts import Texts
from leadweights.training import Rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Context:
    """What the learners need to know besides the rows, to write a whole model."""

    keys: tuple[str, ...]
    label: str
    positive: str
    made_by: str
    rows_sha256: str


# From 0.0001 to 10,000, two a decade.
C_PATH = tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-8, 9))
_FOLDS = 5


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
        return np.hstack(parts).astype(np.float64)

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
    candidates: Mapping[str, tuple[Floats, bool]], y: Floats, seed: int
) -> dict[str, Floats]:
    """Measure a column by itself on several scales: each row's log-loss out of five folds.

    A candidate is the column's values, shape (rows,), and whether it is learnt as a curve. Of a
    long table `LONGEST_FOR_LOSSES` rows are drawn.
    """
    chosen = np.arange(len(y))
    if len(y) > LONGEST_FOR_LOSSES:
        drawn = np.random.RandomState(seed).permutation(len(y))[:LONGEST_FOR_LOSSES]
        chosen = np.sort(drawn)
    y = y[chosen]
    if min(y.sum(), len(y) - y.sum()) < _FOLDS:
        return {name: np.zeros(len(y)) for name in candidates}
    cuts = folds(y, _FOLDS, seed)
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
        p = np.clip(found, 1e-15, 1 - 1e-15)
        losses[name] = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return losses


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


LONGEST_FOR_LOSSES = 20_000


def split(
    rows: Rows,
    shares: Sequence[float],
    seed: int,
    *,
    time: Floats | None = None,
    group: NDArray[np.int64] | None = None,
) -> list[NDArray[np.int64]]:
    """Split rows into parts of these shares: at random, stratified by the label.

    With `time`, shape (rows,), forward in time instead, rows of one moment on one side; with
    `group`, shape (rows,), a group's rows stay together and nothing is stratified.

    Raises TableError where a part would lack a class.
    """
    rest = np.arange(len(rows.y))
    parts = []
    for position in range(len(shares) - 1):
        share = shares[position] / sum(shares[position:])
        first, rest = _cut(rows, rest, share, seed, time, group)
        parts.append(first)
    for part in (*parts, rest):
        if len(np.unique(rows.y[part])) < 2:
            raise _too_few(rows, time, group)
    return [*parts, rest]


def _cut(
    rows: Rows,
    places: NDArray[np.int64],
    share: float,
    seed: int,
    time: Floats | None,
    group: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if time is not None:
        moments = np.sort(time[places])
        cut = moments[min(len(moments) - 1, round(share * len(moments)))]
        return places[time[places] < cut], places[time[places] >= cut]
    try:
        if group is not None:
            whole = GroupShuffleSplit(1, train_size=share, random_state=seed)
            first, second = next(whole.split(places, groups=group[places]))
        else:
            first, second = train_test_split(
                np.arange(len(places)),
                # 1 - 0.7 is a little more than 0.3, and the size is rounded up.
                test_size=round(1 - share, 12),
                stratify=rows.y[places],
                random_state=seed,
            )
    except ValueError:
        raise _too_few(rows, time, group) from None
    return places[np.sort(first)], places[np.sort(second)]


def _too_few(rows: Rows, time: Floats | None, group: NDArray[np.int64] | None) -> TableError:
    held = f"{len(rows.y)} rows with {int(rows.y.sum())} positive"
    if time is None and group is None:
        return TableError(
            f"{held} are too few to hold a part back by these shares; give more rows, larger "
            "shares, or a table of its own with --valid"
        )
    named = "group" if time is None else "moment"
    count = len(np.unique(time if time is not None else np.asarray(group)))
    return TableError(
        f"{held} in {count} {named}{'s' * (count != 1)}, which stay whole, cannot be split so that "
        f"each part has both classes; take another column for the {named}s, other shares "
        "or a table of its own with --valid"
    )


def folds(y: Floats, count: int, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Split rows into stratified folds: for each, the others and its own.

    Raises TableError where a class has fewer rows than there are folds.
    """
    fewest = int(min(y.sum(), len(y) - y.sum()))
    if fewest < count:
        raise TableError(f"{fewest} rows of one class are too few for {count} folds")
    return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(y, y))


def c_path(design: Design, rows: Prepared, y: Floats, seed: int) -> CPath:
    """Measure a path of C by cross-validated log-loss and choose by the one-standard-error rule.

    Five stratified folds. The choice is the smallest C, the strongest penalty, whose log-loss is
    within one standard error of the best (Breiman et al. 1984, section 3.4.3).

    Raises TableError where a class has fewer rows than there are folds.
    """
    fewest = int(min(y.sum(), len(y) - y.sum()))
    if fewest < _FOLDS:
        raise TableError(
            f"{fewest} training rows of one class are too few to choose C in {_FOLDS} folds; "
            "give C as a number"
        )
    cuts = folds(y, _FOLDS, seed)
    matrix = design.matrix(rows)
    points = []
    with _one_thread():
        for c in C_PATH:
            pipeline = _pipeline(c, len(design.numbers))
            scores = cross_val_score(pipeline, matrix, y, scoring="neg_log_loss", cv=cuts)
            points.append(CPoint(c, -float(scores.mean()), float(scores.std(ddof=1)) / _FOLDS**0.5))
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


def logistic_regression(
    columns: Sequence[InputColumn],
    design: Design,
    rows: Prepared,
    y: Floats,
    c: float,
    context: Context,
) -> Learnt:
    """Learn an L2 logistic regression on standardised numbers, curves and levels.

    Newton's method, solved to the last digits: the default solver stops where the fourth digit
    of a coefficient still depends on the order of the rows. One thread, for the same reason.
    """
    pipeline = _pipeline(c, len(design.numbers))
    matrix = design.matrix(rows)
    with warnings.catch_warnings(record=True) as complaints, _one_thread():
        warnings.simplefilter("always")
        pipeline.fit(matrix, y)
    regression = pipeline[-1]
    coefficients = np.asarray(regression.coef_[0], dtype=np.float64)
    parts, spreads, moved = _parts(design, matrix, coefficients)
    scale = float(sum(abs(spread) for spread in spreads))
    if not scale > 0:
        raise TableError(
            "no column says anything about the label: every coefficient is 0; is C too small?"
        )
    scaler = pipeline[0].named_transformers_["numbers"]
    terms: list[Term] = []
    for position, ((name, _), share) in enumerate(
        zip(design.widths(), shares(spreads), strict=True)
    ):
        if position < len(design.numbers):
            std = rounded(float(scaler.scale_[position]))
            mean = rounded(float(scaler.mean_[position]), std)
            terms.append(Standardized(name, mean, std, share))
            continue
        contributions, row_shares = parts[position]
        heights = [rounded(float(part) / scale, _UNIT) for part in contributions]
        unseen = rounded(-moved[position] / scale, _UNIT)
        if name in design.knots:
            at = design.knots[name].tolist()
            terms.append(Curve(name, share, tuple(map(Point, at, heights))))
        else:
            terms.append(_levels(design, name, share, heights, row_shares, unseen))
    intercept = float(regression.intercept_[0]) + sum(moved)
    terms.sort(key=lambda term: [column.name for column in columns].index(term.column))
    model = ScoringModel(
        "logistic_regression",
        context.keys,
        tuple(columns),
        tuple(terms),
        Logit(rounded(intercept, 1.0), rounded(scale)),
        _provenance(y, f"L2 logistic regression, C={c:g}", context),
    )
    said = tuple(str(w.message).strip() for w in complaints)
    return Learnt(model, pipeline, design, said)


_UNIT = 0.1  # of a contribution, which is rounded to ten decimals


def _parts(
    design: Design, matrix: Floats, coefficients: Floats
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
        mean = float(added.mean())
        parts.append((own - mean, columns.mean(axis=0)))
        spreads.append(float(added.std()))
        moved.append(mean)
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
        entry = dictionary.entry(column.name)
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
    design: Design, rows: Prepared, y: Floats, seed: int
) -> Callable[[Prepared], Floats]:
    """Learn scikit-learn's gradient boosting; return what gives the probability of rows."""
    plain = design.without_curves()
    # Its trees are in single precision: on a large raw scale (a time in seconds) rows run together.
    boosting = make_pipeline(StandardScaler(), GradientBoostingClassifier(random_state=seed))
    boosting.fit(plain.matrix(rows), y)
    return lambda other: np.asarray(boosting.predict_proba(plain.matrix(other))[:, 1])


def _provenance(y: Floats, method: str, context: Context) -> Provenance:
    return Provenance(
        context.made_by,
        context.label,
        context.positive,
        len(y),
        int(y.sum()),
        method,
        context.rows_sha256,
    )
