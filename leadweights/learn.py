"""From labelled rows to models: the only room that speaks scikit-learn."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from leadweights.dictionary import Dictionary
from leadweights.errors import TableError
from leadweights.model import (
    Flag,
    Identity,
    InputColumn,
    Logit,
    Number,
    Provenance,
    Ranged,
    ScoringModel,
    Standardized,
    rounded,
    shares,
)
from leadweights.training import Rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Context:
    """What the learners need to know besides the rows, to write a whole model."""

    keys: tuple[str, ...]
    flags: frozenset[str]
    label: str
    positive: str
    made_by: str


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
    """A model, scikit-learn's own log-odds for rows x, and what it complained about."""

    model: ScoringModel
    reference_log_odds: Callable[[Floats], Floats]
    warnings: tuple[str, ...]


def split(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Split 80/20, stratified by the label. Raises TableError where a class has too few rows."""
    try:
        parts = train_test_split(
            np.arange(len(rows.y)), test_size=0.2, stratify=rows.y, random_state=seed
        )
    except ValueError:
        raise TableError(
            f"{len(rows.y)} rows with {int(rows.y.sum())} positive are too few to hold a fifth "
            "back; give more rows, or a table of its own with --valid"
        ) from None
    return rows.taken(parts[0]), rows.taken(parts[1])


def c_path(rows: Rows, seed: int) -> CPath:
    """Measure a path of C by cross-validated log-loss and choose by the one-standard-error rule.

    Five stratified folds. The choice is the smallest C, the strongest penalty, whose log-loss is
    within one standard error of the best (Breiman et al. 1984, section 3.4.3).

    Raises TableError where a class has fewer rows than there are folds.
    """
    fewest = int(min(rows.y.sum(), len(rows.y) - rows.y.sum()))
    if fewest < _FOLDS:
        raise TableError(
            f"{fewest} training rows of one class are too few to choose C in {_FOLDS} folds; "
            "give C as a number"
        )
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    points = []
    with threadpool_limits(1):
        for c in C_PATH:
            scores = cross_val_score(_pipeline(c), rows.x, rows.y, scoring="neg_log_loss", cv=folds)
            points.append(CPoint(c, -float(scores.mean()), float(scores.std(ddof=1)) / _FOLDS**0.5))
    best = min(points, key=lambda point: point.log_loss)
    within = best.log_loss + best.standard_error
    return CPath(tuple(points), best, next(point for point in points if point.log_loss <= within))


def _pipeline(c: float) -> Pipeline:
    return make_pipeline(
        # A column that is empty in one fold is all mean there.
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=c, solver="newton-cholesky", tol=1e-10, max_iter=1000),
    )


def logistic_regression(rows: Rows, c: float, context: Context) -> Learnt:
    """Learn an L2 logistic regression on standardised columns, missing values at the mean.

    Newton's method, solved to the last digits: the default solver stops where the fourth digit
    of a coefficient still depends on the order of the rows. One thread, for the same reason.
    """
    pipeline = _pipeline(c)
    with warnings.catch_warnings(record=True) as complaints, threadpool_limits(1):
        warnings.simplefilter("always")
        pipeline.fit(rows.x, rows.y)
    scaler, regression = pipeline[1], pipeline[2]
    coefficients = [float(value) for value in regression.coef_[0]]
    scale = float(np.abs(coefficients).sum())
    if not scale > 0:
        raise TableError(
            "no column says anything about the label: every coefficient is 0; is C too small?"
        )
    stds = [rounded(float(std)) for std in scaler.scale_]
    means = [rounded(float(m), s) for m, s in zip(scaler.mean_, stds, strict=True)]
    terms = tuple(map(Standardized, rows.columns, means, stds, shares(coefficients)))
    link = Logit(rounded(float(regression.intercept_[0]), 1.0), rounded(scale))
    model = ScoringModel(
        "logistic_regression",
        context.keys,
        _columns(rows, means, context),
        terms,
        link,
        _provenance(rows, f"L2 logistic regression, C={c:g}", context),
    )
    return Learnt(
        model, pipeline.decision_function, tuple(str(w.message).strip() for w in complaints)
    )


def equal_weights(rows: Rows, dictionary: Dictionary, context: Context) -> ScoringModel:
    """Weigh every column alike, on [0, 1] by its range, the better end up.

    Range and direction are the dictionary's; where it is silent, the range of the training rows
    and the sign of the correlation with the label.
    """
    filled = SimpleImputer().fit_transform(rows.x)
    terms = []
    for name, column in zip(rows.columns, filled.T, strict=True):
        entry = dictionary.get(name)
        low, high = (entry and entry.range) or (float(column.min()), float(column.max()))
        together = float(np.dot(column - column.mean(), rows.y - rows.y.mean()))
        higher = entry.direction == "higher" if entry and entry.direction else together >= 0
        weight = (1.0 if higher else -1.0) / len(rows.columns)
        if not (entry and entry.range):
            low, high = rounded(low, high - low), rounded(high, high - low)
        terms.append(Ranged(name, low, high, weight))
    spreads = [term.high - term.low for term in terms]
    means = [rounded(float(m), s) for m, s in zip(filled.mean(axis=0), spreads, strict=True)]
    return ScoringModel(
        "equal_weights",
        context.keys,
        _columns(rows, means, context),
        tuple(terms),
        Identity(),
        _provenance(rows, "equal weights", context),
    )


def gradient_boosting(rows: Rows, seed: int) -> Callable[[Floats], Floats]:
    """Learn scikit-learn's gradient boosting; give its probability of rows x."""
    boosting = make_pipeline(SimpleImputer(), GradientBoostingClassifier(random_state=seed))
    boosting.fit(rows.x, rows.y)
    return lambda x: np.asarray(boosting.predict_proba(x)[:, 1])


def _columns(rows: Rows, fills: Sequence[float], context: Context) -> tuple[InputColumn, ...]:
    return tuple(
        (Flag if name in context.flags else Number)(name, fill)
        for name, fill in zip(rows.columns, fills, strict=True)
    )


def _provenance(rows: Rows, method: str, context: Context) -> Provenance:
    return Provenance(
        context.made_by,
        context.label,
        context.positive,
        len(rows.y),
        int(rows.y.sum()),
        method,
        rows.sha256(),
    )
