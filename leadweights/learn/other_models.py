"""Trees of every kind, learnt from a matrix: what a SELECT is held against."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.recipe import Progress, say_nothing
from leadweights.learn.to_model import Given

# The rounds and the learning rate of all three kinds of boosting on histograms.
_ROUNDS, _LEARNING_RATE = 200, 0.05
# 300 trees take three times as long; AUC 0.002 higher on the example data.
_FOREST_TREES, _FOREST_LEAF_ROWS = 100, 5
_MOST_ROUNDS, _ROWS_TO_STOP_BY = 500, 100
# 7 times as fast on the bank table, 60 times with 50 columns of normal numbers; AUC 0.002 and
# 0.005 higher.
_ROWS_FOR_QUANTILES = 10_000
# A single tree ranks by the rates of its leaves: each needs rows enough to have one.
_TREE_LEAF_SHARE = 0.01

OPTIONAL = ("xgboost", "lightgbm")


def not_installed() -> tuple[str, ...]:
    """Name the libraries that would add a learner: those of the extra `boosting`."""
    return tuple(name for name in OPTIONAL if find_spec(name) is None)


def predict_by_others(
    matrix: Floats,
    y: Floats,
    others: Floats,
    seed: int,
    weights: Floats | None = None,
    left_out: Collection[str] | None = None,
    progress: Progress = say_nothing,
) -> dict[str, Floats]:
    """Learn every installed kind from `matrix`, shape (rows, columns), and predict `others`.

    `weights`, shape (rows,), say what each row counts for; libraries `left_out`, those that are
    not installed if it is not given, are passed over.

    The settings are those a practitioner starts with, not tuned. `seed` and one thread for each
    sum make the same numbers on every run and any number of threads.

    Raises UnsupportedError where a library is installed but cannot be loaded.
    """
    rivals = _make_rivals(y, seed)
    classifiers = {
        "decision_tree": DecisionTreeClassifier(
            min_samples_leaf=_TREE_LEAF_SHARE, random_state=seed
        ),
        "random_forest": rivals["random_forest"],
        "extra_trees": rivals["extra_trees"],
        "hist_gradient_boosting": HistGradientBoostingClassifier(
            learning_rate=_LEARNING_RATE, max_iter=_ROUNDS, early_stopping=False, random_state=seed
        ),
        "early_stopping_boosting": rivals["early_stopping_boosting"],
    }
    boosting: dict[str, Any] = {
        "learning_rate": _LEARNING_RATE,
        "n_estimators": _ROUNDS,
        "random_state": seed % 2**31,
        "n_jobs": 1,
    }
    absent = not_installed() if left_out is None else left_out
    if "xgboost" not in absent:
        with _loading("xgboost"):
            from xgboost import XGBClassifier
        classifiers["xgboost"] = XGBClassifier(
            tree_method="hist", device="cpu", max_depth=5, verbosity=0, **boosting
        )
    if "lightgbm" not in absent:
        with _loading("lightgbm"):
            from lightgbm import LGBMClassifier
        classifiers["lightgbm"] = LGBMClassifier(
            deterministic=True, force_row_wise=True, verbose=-1, **boosting
        )
    return _learn(classifiers, matrix, y, others, weights, progress)


def _make_rivals(y: Floats, seed: int) -> dict[str, Any]:
    """Make the learners that `fit` holds a SELECT against where it can afford them.

    Boosting stops where a tenth of its rows, held back from it, get no better.
    """
    enough = bool(min(y.sum(), len(y) - y.sum()) >= _ROWS_TO_STOP_BY)
    forest = {"min_samples_leaf": _FOREST_LEAF_ROWS, "random_state": seed, "n_jobs": 1}
    return {
        "random_forest": RandomForestClassifier(_FOREST_TREES, **forest),
        "extra_trees": ExtraTreesClassifier(_FOREST_TREES, **forest),
        "early_stopping_boosting": HistGradientBoostingClassifier(
            learning_rate=_LEARNING_RATE,
            max_iter=_MOST_ROUNDS if enough else _ROUNDS,
            max_depth=3,
            early_stopping=enough,
            random_state=seed,
        ),
    }


def _learn(
    classifiers: Mapping[str, Any],
    matrix: Floats,
    y: Floats,
    others: Floats,
    weights: Floats | None,
    progress: Progress,
) -> dict[str, Floats]:
    """Learn each from rows in an order of their own: some draw rows, by their places."""
    order = np.lexsort((*matrix.T, y))
    # Some hold values in single precision: on a large raw scale rows run together.
    scaler = StandardScaler()
    given, asked = scaler.fit_transform(matrix[order]), scaler.transform(others)
    counts = None if weights is None else weights[order]
    found = {}
    with threadpool_limits(1):
        for name, one in classifiers.items():
            progress(name.replace("_", " "))
            values = one.fit(given, y[order], sample_weight=counts).predict_proba(asked)[:, 1]
            found[name] = np.asarray(values, dtype=np.float64)
    return found


@contextmanager
def _loading(name: str) -> Iterator[None]:
    try:
        yield
    except (ImportError, OSError, ValueError) as problem:
        lines = str(problem).strip().splitlines() or [type(problem).__name__]
        raise UnsupportedError(f"{name} is installed but cannot be loaded: {lines[0]}") from None


def list_rivals(given: Given, most_values: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the rivals that are learnt where `most_values` are what can be afforded, and the others.

    Values are rows times columns of the matrix. A forest takes ten times as long as boosting.
    """
    values = len(given.y) * given.design.without_curves().width
    most = dict.fromkeys(("random_forest", "extra_trees"), most_values)
    most["early_stopping_boosting"] = 10 * most_values
    afforded = tuple(name for name in most if values <= most[name])
    return afforded, tuple(name for name in most if name not in afforded)


def predict_by_rivals(
    given: Given,
    others: Prepared,
    seed: int,
    afforded: Sequence[str],
    progress: Progress = say_nothing,
) -> dict[str, Floats]:
    """Learn the rivals named beside gradient boosting, and predict `others`, shape (rows,)."""
    plain, made = given.design.without_curves(), _make_rivals(given.y, seed)
    loss = None if given.weights is None else given.weights.loss
    matrix = plain.matrix(given.rows)
    asked = plain.matrix(others)
    return _learn({n: made[n] for n in afforded}, matrix, given.y, asked, loss, progress)


def predict_by_boosting(
    given: Given,
    others: Prepared,
    seed: int,
    trees: int = 100,
    progress: Progress = say_nothing,
) -> Floats:
    """Learn scikit-learn's gradient boosting, and predict `others`, shape (rows,).

    The `trees` have depth 3; in tables of 10,000 rows and more, as scikit-learn advises, they
    split between 255 quantiles of a column.
    """
    plain = given.design.without_curves()
    matrix, loss = plain.matrix(given.rows), None if given.weights is None else given.weights.loss
    # Which of two equal splits is taken hangs on the order of the rows: so it is that of content.
    order = np.lexsort((given.y, *matrix.T[::-1]))
    matrix, y, loss = matrix[order], given.y[order], None if loss is None else loss[order]
    learner = (
        GradientBoostingClassifier(n_estimators=trees, random_state=seed)
        if len(y) < _ROWS_FOR_QUANTILES
        else HistGradientBoostingClassifier(
            max_iter=trees, max_depth=3, early_stopping=False, random_state=seed
        )
    )
    # Trees in single precision: on a large raw scale (a time in seconds) rows run together.
    scaler = StandardScaler()
    progress("gradient boosting")

    def tell(grown: int, *_: object) -> bool:
        progress(f"gradient boosting, tree {grown + 1:,} of {trees:,}")
        return False  # True would end it here

    told = {"monitor": tell} if isinstance(learner, GradientBoostingClassifier) else {}
    with threadpool_limits(1):
        learner.fit(scaler.fit_transform(matrix), y, loss, **told)
        found = learner.predict_proba(scaler.transform(plain.matrix(others)))
    return np.asarray(found[:, 1])
