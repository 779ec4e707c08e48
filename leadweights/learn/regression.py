"""From labelled rows to models, by scikit-learn's logistic regression."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import ThreadpoolController

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.learn.boost.grow import GrownTrees
from leadweights.learn.prepare.design import Design, choose_knots, make_hats
from leadweights.learn.prepare.prepared import prepare, prepare_known
from leadweights.learn.recipe import Progress, say_nothing
from leadweights.learn.row_weights import Weights
from leadweights.learn.to_model import Context, Contributed, Given, Solution, write_model
from leadweights.model.model import ScoringModel
from leadweights.tables.labelled import Rows
from leadweights.tables.split import By, Fold, Moments, RowGroups, folds, taken

# From 0.0001 to 10,000, two a decade.
C_PATH = tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-8, 9))
_FOLDS = 5
# Forward in time, moments may be few; of fewer folds there is no standard error to speak of.
_LEAST_FOLDS = 3


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
    """A model, the pipeline it was learnt by, and what that complained about.

    `averages` are the means of what its categories contribute on the training rows.
    """

    model: ScoringModel
    pipeline: "Pipeline"
    design: "Design"
    averages: Mapping[str, float]
    warnings: tuple[str, ...]
    trees: GrownTrees | None = None

    def reference_log_odds(self, rows: Rows) -> Floats:
        """Ask scikit-learn's own pipeline for the log-odds of rows, shape (rows,).

        What it has never seen in a category adds nothing to them there, and in a model as much as
        the average row's does. Leaves of trees are columns of its matrix.
        """
        ready = prepare(rows, self.model.columns)
        matrix = self.design.matrix(ready)
        if self.trees is not None:
            known = prepare_known(rows, self.model.columns)
            matrix = np.hstack((matrix, self.trees.indicate(known)))
        found = np.asarray(self.pipeline.decision_function(matrix))
        for name, average in self.averages.items():
            found = found + np.where(self.design.find_unseen(ready, name), average, 0.0)
        return found


def column_losses(
    candidates: Mapping[str, tuple[Floats, bool | Floats]],
    y: Floats,
    seed: int,
    by: By = None,
    longest: int = 20_000,
) -> dict[str, Floats]:
    """Measure a column by itself on several scales: each row's log-loss out of five folds.

    A candidate is the column's values, shape (rows,), or what they are laid out as, shape (rows,
    columns), and whether it is learnt as a curve, or the knots of one: with a knot at each value it
    is learnt as levels; missing ones, NaN, have a weight of their own. Of a long table `longest`
    rows are drawn. Of groups, whose rows do not vary by themselves, each has one loss: the sum of
    its rows' over the mean rows of a group, so that the mean stays that of the rows. Where moments
    are too few to go forward in time the folds are at random; where rows or groups are too few all
    losses are 0.
    """
    chosen = np.arange(len(y))
    if len(y) > longest:
        drawn = np.random.RandomState(seed).permutation(len(y))[:longest]
        chosen = np.sort(drawn)
    y, by = y[chosen], taken(by, chosen)
    cuts = cut_folds(y, seed, by) or (cut_folds(y, seed, None) if isinstance(by, Moments) else [])
    if not cuts:
        return {name: np.zeros(len(y)) for name in candidates}
    measured = np.sort(np.concatenate([own for _, own in cuts]))
    losses = {}
    # Hundreds of small fits: the estimator alone, without a pipeline's bookkeeping.
    one = LogisticRegression(solver="newton-cholesky", tol=1e-6)
    for name, (values, curve) in candidates.items():
        matrix = _lay_out(values[chosen], curve)
        found = np.empty(len(y))
        with one_thread(), warnings.catch_warnings():
            # Where Newton's steps end in rounding errors scikit-learn goes on with L-BFGS.
            warnings.simplefilter("ignore")
            for others, own in cuts:
                if not matrix.any():  # nothing but the intercept
                    found[own] = y[others].mean()
                    continue
                found[own] = one.fit(matrix[others], y[others]).predict_proba(matrix[own])[:, 1]
        p, positive = np.clip(found[measured], 1e-15, 1 - 1e-15), y[measured]
        losses[name] = -(positive * np.log(p) + (1 - positive) * np.log(1 - p))
        if isinstance(by, RowGroups):
            sums = np.bincount(by.codes()[measured], weights=losses[name])
            losses[name] = sums * (len(sums) / len(measured))
    return losses


def _lay_out(column: Floats, curve: bool | Floats) -> Floats:
    """Lay a column out as a curve's hats or as it is, 0 where it is missing, which a flag says."""
    if column.ndim > 1:
        return _scale(column)
    known = ~np.isnan(column)
    held = column[known]
    if not len(held):  # of a long table a part is drawn
        return np.ones((len(column), 1))
    if curve is False:
        own = _scale(held[:, None])
    else:
        own = make_hats(held, choose_knots(held) if curve is True else np.asarray(curve))
    if known.all():
        return own
    matrix = np.zeros((len(column), own.shape[1] + 1))
    matrix[known, :-1] = own
    matrix[~known, -1] = 1.0
    return matrix


def _scale(columns: Floats) -> Floats:
    # In a part that is drawn a column may have one value only.
    spread = columns.std(axis=0)
    scaled: Floats = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def cut_folds(y: Floats, seed: int, by: By, weights: Weights | None = None) -> list[Fold]:
    """Cut five folds; where moments or groups are too few for them four, or three; or none.

    Rows that count for nothing make no fold.
    """
    for count in range(_FOLDS, (_FOLDS if by is None else _LEAST_FOLDS) - 1, -1):
        try:
            cuts = folds(y, count, seed, by)
        except TableError:
            continue
        if weights is None:
            return cuts
        return [cut for cut in cuts if all(_counts(y, weights, places) for places in cut)]
    return []


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()  # finding the libraries takes milliseconds


def one_thread() -> AbstractContextManager[object]:
    """Let linear algebra have one thread: the last digits depend on their number."""
    limited: AbstractContextManager[object] = _threads().limit(limits=1)
    return limited


def choose_c(given: Given, seed: int, by: By = None, progress: Progress = say_nothing) -> CPath:
    """Measure a path of C by cross-validated log-loss and choose by the one-standard-error rule.

    Five stratified folds. With `by`, folds as the rows are split: whole groups, or forward in
    time; where these are too few for five, four or three. Folds at random would promise what does
    not hold: in five drawn tables of 60 accounts with 20 rows each they promised 0.46 to 0.52 and
    had 0.70 to 0.90 on accounts held back; folds of groups promised 0.68 to 0.70, had 0.69 to 0.72.
    The choice is the smallest C, the strongest penalty, whose log-loss is within one standard
    error of the best (Breiman et al. 1984, section 3.4.3).

    Raises TableError where rows of a class, moments or groups are too few for the folds.
    """
    design, y, weights = given.design, given.y, given.weights
    fewest = int(min(y.sum(), len(y) - y.sum()))
    if fewest < _FOLDS:
        raise TableError(
            f"{fewest} training rows of one class are too few to choose C in {_FOLDS} folds; "
            "give C as a number"
        )
    cuts = cut_folds(y, seed, by, weights)
    if len(cuts) < _LEAST_FOLDS:
        kinds = {Moments: "moments", RowGroups: "groups"}
        what = kinds.get(type(by), "rows that count for something")
        raise TableError(
            f"the training rows have too few {what}, or too much alike in their outcomes, to "
            f"choose C in at least {_LEAST_FOLDS} folds; give C as a number"
        )
    matrix = design.matrix(given.rows)
    points = []
    with one_thread():
        for place, c in enumerate(C_PATH, start=1):
            progress(f"cross-validating C, {place} of {len(C_PATH)}")
            found = []
            for others, own in cuts:
                among = None if weights is None else weights.taken(others)
                fitted = _fit_pipeline(c, len(design.numbers), matrix[others], y[others], among)
                p = fitted.predict_proba(matrix[own])
                loss = None if weights is None else weights.loss[own]
                found.append(log_loss(y[own], p, labels=[0, 1], sample_weight=loss))
            scores = np.array(found)
            error = float(scores.std(ddof=1)) / len(cuts) ** 0.5
            points.append(CPoint(c, float(scores.mean()), error))
    best = min(points, key=lambda point: point.log_loss)
    within = best.log_loss + best.standard_error
    return CPath(tuple(points), best, next(point for point in points if point.log_loss <= within))


def _counts(y: Floats, weights: Weights, places: NDArray[np.int64]) -> bool:
    loss, positive = weights.loss[places], y[places] > 0
    return bool(loss[positive].sum() > 0 and loss[~positive].sum() > 0)


def _pipeline(c: float, numbers: int) -> Pipeline:
    """Standardise the first columns, the numbers; hats and levels are on one scale already."""
    return make_pipeline(
        ColumnTransformer(
            [("numbers", StandardScaler(), list(range(numbers)))], remainder="passthrough"
        ),
        LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000),
    )


def _fit_pipeline(
    c: float, numbers: int, matrix: Floats, y: Floats, weights: Weights | None
) -> Pipeline:
    made = _pipeline(c, numbers)
    if weights is None:
        return made.fit(matrix, y)
    with config_context(enable_metadata_routing=True):
        made[0].transformers[0][1].set_fit_request(sample_weight="of_rows")
        made[-1].set_fit_request(sample_weight="in_loss")
        return made.fit(matrix, y, of_rows=weights.rows, in_loss=weights.loss)


def logistic_regression(given: Given, c: float, context: Context) -> Learnt:
    """Learn an L2 logistic regression on standardised numbers, curves and levels.

    Newton's method, solved to the last digits: the default solver stops where the fourth digit
    of a coefficient still depends on the order of the rows. One thread, for the same reason.
    """
    design, y, weights = given.design, given.y, given.weights
    matrix = design.matrix(given.rows)
    with warnings.catch_warnings(record=True) as complaints, one_thread():
        warnings.simplefilter("always")
        pipeline = _fit_pipeline(c, len(design.numbers), matrix, y, weights)
    separated = bool(np.all((pipeline.decision_function(matrix) > 0) == (y > 0)))
    regression, scaler = pipeline[-1], pipeline[0].named_transformers_["numbers"]
    coefficients = np.asarray(regression.coef_[0], dtype=np.float64)
    regression.intercept_ += context.weighing.shift
    solution = Solution(
        float(regression.intercept_[0]),
        coefficients,
        scaler.mean_.tolist() if design.numbers else [],
        scaler.scale_.tolist() if design.numbers else [],
        measure_contributed(design, matrix, coefficients, weights),
    )
    method = f"L2 logistic regression, C={c:g}{context.weighing.method()}"
    said = [str(w.message).strip() for w in complaints]
    if separated:
        said.append(SEPARATED)
    provenance = replace(context.origin, method=method)
    model = write_model(given.columns, design, solution, context.keys, provenance)
    return Learnt(model, pipeline, design, solution.averages(design), tuple(said))


SEPARATED = (
    "the columns tell the positive rows from the others without one mistake: what holds the "
    "weights is the penalty alone, and a column may know the outcome"
)


def build_pipeline(
    solution: Solution, matrix: Floats, y: Floats, leaves: Sequence[float] = ()
) -> Pipeline:
    """Make scikit-learn's pipeline of a solution that was found without it.

    It is fitted on a few rows of both classes, and given the numbers of the solution; behind the
    matrix of the design there may be columns of `leaves`, with these coefficients.
    """
    made = _pipeline(1.0, len(solution.means)).fit(matrix, y)
    if solution.means:
        scaler = made[0].named_transformers_["numbers"]
        scaler.mean_, scaler.scale_ = np.array(solution.means), np.array(solution.stds)
    made[-1].coef_ = np.concatenate((solution.coefficients, leaves))[None, :]
    made[-1].intercept_ = np.array([solution.intercept])
    return made


def standardize(
    matrix: Floats, numbers: int, weights: Weights | None
) -> tuple[Floats, Floats, Floats]:
    """Standardise the first columns as the pipeline does; give their means and deviations, too."""
    found = matrix.copy()
    if not numbers:
        return found, np.zeros(0), np.ones(0)
    scaler = StandardScaler()
    counted = None if weights is None else weights.rows
    found[:, :numbers] = scaler.fit_transform(found[:, :numbers], sample_weight=counted)
    return found, scaler.mean_, scaler.scale_


def measure_contributed(
    design: Design, matrix: Floats, coefficients: Floats, weights: Weights | None
) -> list[Contributed]:
    """Measure on the training rows what curves and categories contribute."""
    found = []
    for _, run in design.runs():
        columns = matrix[:, run]
        added = columns @ coefficients[run]
        average = partial(np.average, axis=0, weights=None if weights is None else weights.rows)
        mean = average(added)
        spread = float(average((added - mean) ** 2)) ** 0.5
        found.append(Contributed(float(mean), spread, average(columns)))
    return found
