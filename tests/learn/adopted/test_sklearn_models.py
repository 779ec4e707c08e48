from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Category, Identity, Logit, Number
from leadweights.model.terms import Standardized
from leadweights.model.trees import NumberSplit, splits
from tests.support.adopting import check, draw
from tests.support.release import sweep

pytestmark = pytest.mark.tool("scikit-learn")

NAMES = ["a", "b", "c", "d"]
X, Y = draw()
WHOLE, _ = draw(missing=0.0)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        LogisticRegressionCV(
            Cs=3, l1_ratios=(0.0,), scoring="neg_log_loss", use_legacy_attributes=False
        ),
        SGDClassifier(loss="log_loss", random_state=0),
        LinearDiscriminantAnalysis(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_linear_model_keeps_its_log_odds(model: Any) -> None:
    found, reference = check(make_pipeline(StandardScaler(), model).fit(WHOLE, Y), NAMES)
    assert reference.holds
    assert reference.largest_difference < 1e-8
    coefficients = model.coef_[0]
    assert isinstance(found.link, Logit)
    assert found.link.scale == pytest.approx(np.abs(coefficients).sum())
    for term, own in zip(found.terms, coefficients, strict=True):
        assert isinstance(term, Standardized)
        assert term.weight == own / found.link.scale


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(max_depth=7, random_state=0),
        RandomForestClassifier(9, random_state=0),
        ExtraTreesClassifier(9, max_depth=9, random_state=0),
        RandomForestClassifier(5, class_weight="balanced", criterion="entropy", random_state=1),
    ],
    ids=str,
)
@pytest.mark.parametrize("rows", [X, WHOLE], ids=["gaps", "whole"])
def test_a_forest_keeps_its_probabilities_bit_for_bit(model: Any, rows: Any) -> None:
    found, reference = check(model.fit(rows, Y), NAMES)
    assert reference.bound == reference.largest_difference == 0.0
    assert found.link == Identity(len(getattr(model, "estimators_", [0])))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"loss": "exponential"},
        {"init": "zero", "learning_rate": 0.37},
        {"max_depth": 6, "subsample": 0.7},
    ],
    ids=str,
)
def test_gradient_boosting_keeps_its_raw_scores_bit_for_bit(options: dict[str, Any]) -> None:
    model = GradientBoostingClassifier(n_estimators=20, random_state=0, **options)
    found, reference = check(model.fit(WHOLE, Y), NAMES)
    assert reference.bound == reference.largest_difference == 0.0
    assert found.link == Logit(0.0, 2.0 if "loss" in options else 1.0)
    notes = read_object(model, NAMES).notes
    assert "refuses rows in which 'a', 'b', 'c', 'd' is missing" in notes[0]


@pytest.mark.parametrize(
    "options", [{}, {"categorical_features": [2]}, {"max_leaf_nodes": 7, "max_bins": 20}], ids=str
)
@pytest.mark.parametrize("seed", sweep(range(3), 3))
def test_histogram_boosting_keeps_its_raw_scores_bit_for_bit(
    options: dict[str, Any], seed: int
) -> None:
    x, y = draw(seed=seed)
    model = HistGradientBoostingClassifier(max_iter=15, random_state=0, **options)
    found, reference = check(model.fit(x, y), NAMES)
    assert reference.bound == reference.largest_difference == 0.0
    columns = {column.name: column for column in found.columns}
    kind = Category if "categorical_features" in options else Number
    assert isinstance(columns["c"], kind)


def test_histogram_boosting_of_texts_sends_unknown_ones_where_missing_ones_go() -> None:
    random = np.random.default_rng(0)
    words = np.array(["north", "south", "east", "é"], dtype=object)[random.integers(0, 4, len(X))]
    frame = pd.DataFrame({"a": X[:, 0], "w": pd.Categorical(words)})
    y = Y | (words == "é")
    model = HistGradientBoostingClassifier(
        max_iter=10, categorical_features="from_dtype", random_state=0
    )
    _, reference = check(model.fit(frame, y))
    assert reference.largest_difference == 0.0


def test_a_label_does_not_flip_near_a_cut_of_single_precision() -> None:
    """scikit-learn rounds a row to single precision, so its cut is half-way to the next single."""
    model = DecisionTreeClassifier(max_depth=1).fit([[0.1], [0.2], [0.3]], [0, 0, 1])
    found, _ = check(model, ["x"])
    assert found.trees is not None
    (split,) = splits(found.trees)
    assert isinstance(split, NumberSplit)
    below, above = np.nextafter(split.at, -1), split.at
    assert model.predict([[below], [above]]).tolist() == [0, 1]
    # Where doubles are compared with its threshold, a row would be on the other side.
    assert split.at != np.nextafter(model.tree_.threshold[0], 1)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        LinearSVC(random_state=0),
        SGDClassifier(random_state=0),
        RandomForestClassifier(5, max_depth=4, random_state=0),
        GradientBoostingClassifier(n_estimators=5, random_state=0),
        make_pipeline(StandardScaler(), LinearDiscriminantAnalysis()),
    ],
    ids=str,
)
@pytest.mark.parametrize("frozen", [False, True])
def test_a_sigmoid_behind_a_model_is_its_link(model: Any, frozen: bool) -> None:
    if frozen:
        inner: Any = FrozenEstimator(model.fit(WHOLE, Y))
    else:
        inner = model
    calibrated = CalibratedClassifierCV(inner, ensemble=False).fit(WHOLE, Y)
    found, reference = check(calibrated, NAMES)
    assert reference.holds
    assert reference.largest_difference < 1e-12
    assert isinstance(found.link, Logit)


def test_the_second_class_is_the_positive_one() -> None:
    names = np.array(["lost", "won"])
    assert read_object(LogisticRegression().fit(WHOLE, names[Y]), NAMES).positive == "won"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (AdaBoostClassifier(), "a AdaBoostClassifier cannot be carried"),
        (GaussianNB(), "quadratic in each column"),
        (SGDClassifier(), "loss 'hinge' gives no probability"),
        (CalibratedClassifierCV(LinearSVC(), cv=2), "of 2 classifiers and method 'sigmoid'"),
        (
            CalibratedClassifierCV(LinearSVC(), ensemble=False, method="isotonic"),
            "method 'isotonic'",
        ),
        (GradientBoostingClassifier(init=LogisticRegression()), "begins with a LogisticRegress"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(model: Any, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        read_object(model.fit(WHOLE, Y), NAMES)


def test_several_classes_are_refused() -> None:
    model = LogisticRegression().fit(WHOLE[:, :2], WHOLE[:, 2] % 3)
    with pytest.raises(UnsupportedError, match="of 3 classes"):
        read_object(model, ["a", "b"])


def test_columns_without_names_must_be_named() -> None:
    model = LogisticRegression().fit(WHOLE, Y)
    with pytest.raises(UnsupportedError, match="knows no names of its 4 columns"):
        read_object(model, None)
    with pytest.raises(UnsupportedError, match="reads 4 columns, and columns names 1"):
        read_object(model, ["a"])
