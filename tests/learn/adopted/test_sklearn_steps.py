from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Category, Missing, Number
from leadweights.model.terms import Bins, Curve, Levels, Standardized
from tests.support.adopting import check, draw

pytestmark = pytest.mark.tool("scikit-learn")

X, Y = draw()
_RANDOM = np.random.default_rng(3)


def _texts(levels: list[Any], shares: list[float]) -> Any:
    return np.array(levels, dtype=object)[_RANDOM.choice(len(levels), len(Y), p=shares)]


FRAME = pd.DataFrame(
    {
        "gaps": X[:, 0],
        "amount": np.exp(X[:, 1]),
        "whole": np.nan_to_num(X[:, 3]),
        "code": _RANDOM.integers(1, 7, len(Y)),
        "where": _texts(["north", "south", "o'er", "é", ""], [0.2] * 5),
        "rare": _texts([*"abcdef"], [0.5, 0.3, 0.1, 0.05, 0.03, 0.02]),
    }
)
FRAME.loc[_RANDOM.random(len(Y)) < 0.1, "where"] = None
LABEL = (Y | (FRAME["where"] == "south") | ((FRAME["rare"] == "b") & (FRAME["code"] > 3))).astype(
    int
)
TREES = GradientBoostingClassifier(n_estimators=12, max_depth=4, random_state=0)
FILLED = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
TEXTS = OneHotEncoder(handle_unknown="ignore")

STEPS = {
    "standard": (FILLED, ["gaps", "whole"]),
    "robust": (RobustScaler(), ["whole"]),
    "range": (MinMaxScaler((-1, 3)), ["whole"]),
    "largest": (MaxAbsScaler(), ["whole"]),
    "scaled twice": (make_pipeline(StandardScaler(), MinMaxScaler()), ["whole"]),
    "imputed after": (make_pipeline(StandardScaler(), SimpleImputer()), ["gaps"]),
    "marked": (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["gaps"]),
    "own null": (
        SimpleImputer(missing_values=0.0, strategy="constant", fill_value=2.5),
        ["whole"],
    ),
    "logarithm": (make_pipeline(FunctionTransformer(np.log1p), FILLED), ["amount"]),
    "one-hot": (TEXTS, ["where", "rare", "code"]),
    "dropped": (OneHotEncoder(drop="first", handle_unknown="ignore"), ["rare", "code"]),
    "if binary": (OneHotEncoder(drop="if_binary"), ["rare"]),
    "infrequent": (
        OneHotEncoder(min_frequency=70, handle_unknown="infrequent_if_exist", drop="first"),
        ["rare", "where"],
    ),
    "most": (OneHotEncoder(max_categories=3, handle_unknown="infrequent_if_exist"), ["rare"]),
    "strict": (OneHotEncoder(), ["rare"]),
    "filled texts": (
        make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), TEXTS),
        ["where"],
    ),
    "usual texts": (make_pipeline(SimpleImputer(strategy="most_frequent"), TEXTS), ["where"]),
    "scaled levels": (make_pipeline(TEXTS, StandardScaler(with_mean=False)), ["where"]),
    "ordinal": (
        OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
        ),
        ["where", "code"],
    ),
    "target": (TargetEncoder(cv=StratifiedKFold(3)), ["where", "rare"]),
    "selected": (
        make_pipeline(
            make_column_transformer((FILLED, ["gaps"]), (TEXTS, ["where", "rare"])),
            VarianceThreshold(0.01),
            SelectKBest(k=5),
        ),
        ["gaps", "where", "rare"],
    ),
    "nested": (
        Pipeline([("a", make_pipeline("passthrough", FILLED)), ("b", "passthrough")]),
        ["gaps"],
    ),
    "union": (make_union(FILLED, SimpleImputer(add_indicator=True)), ["gaps"]),
    "ordered bins": (
        KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
        ["whole"],
    ),
}


def fit(name: str, last: Any) -> Any:
    step, columns = STEPS[name]
    chosen = ColumnTransformer([("own", step, columns)], remainder="drop")
    return make_pipeline(chosen, last).fit(FRAME[columns], LABEL)


@pytest.mark.parametrize("name", STEPS)
def test_log_odds_behind_a_step_are_the_same(name: str) -> None:
    found, reference = check(fit(name, LogisticRegression(max_iter=1000)))
    assert reference.holds
    assert reference.largest_difference < 1e-8
    assert len({term.column for term in found.terms}) == len(found.terms)


@pytest.mark.parametrize("name", STEPS)
def test_trees_behind_a_step_keep_their_bits(name: str) -> None:
    _, reference = check(fit(name, TREES))
    assert reference.bound == reference.largest_difference == 0.0


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("standard", {Standardized}),
        ("one-hot", {Levels}),
        ("target", {Levels}),
        ("marked", {Standardized}),
        ("ordered bins", {Bins}),
    ],
)
def test_features_become_terms_of_their_kind(name: str, kinds: set[type]) -> None:
    found, _ = check(fit(name, LogisticRegression(max_iter=1000)))
    assert {type(term) for term in found.terms} == kinds


def test_an_imputer_is_the_fill_and_its_indicator_a_column() -> None:
    found, _ = check(fit("marked", LogisticRegression()))
    mean = float(np.nanmean(FRAME["gaps"]))
    assert found.columns == (
        Number("gaps", pytest.approx(mean)),  # type: ignore[arg-type]
        Missing("gaps_missing", "gaps"),
    )


def test_levels_of_whole_numbers_are_codes() -> None:
    found, _ = check(fit("one-hot", LogisticRegression(max_iter=1000)))
    assert Category("code", whole=True) in found.columns


def test_a_null_of_its_own_is_missing() -> None:
    found, _ = check(fit("own null", LogisticRegression()))
    assert found.columns == (Number("whole", 2.5, missing=(0.0,)),)


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense"])
def test_bins_of_a_linear_model_are_bins(encode: str) -> None:
    step = KBinsDiscretizer(5, encode=encode, quantile_method="averaged_inverted_cdf")
    model = make_pipeline(SimpleImputer(), step, LogisticRegression())
    found, reference = check(model.fit(FRAME[["gaps"]], LABEL))
    assert reference.holds
    assert isinstance(found.terms[0], Bins)


@pytest.mark.parametrize("bias", [True, False])
def test_splines_of_degree_1_are_curves(bias: bool) -> None:
    step = SplineTransformer(6, degree=1, knots="quantile", include_bias=bias)
    model = make_pipeline(SimpleImputer(), step, LogisticRegression())
    found, reference = check(model.fit(FRAME[["gaps", "amount"]], LABEL))
    assert reference.holds
    assert all(isinstance(term, Curve) for term in found.terms)


def test_the_remainder_passes_and_unread_columns_are_not_asked_for() -> None:
    chosen = ColumnTransformer(
        [("t", TEXTS, ["rare"]), ("no", "drop", ["where"])], remainder="passthrough"
    )
    frame = FRAME.drop(columns=["gaps", "amount"])
    found, reference = check(make_pipeline(chosen, LogisticRegression()).fit(frame, LABEL))
    assert reference.holds
    assert [column.name for column in found.columns] == ["rare", "whole", "code"]


def test_a_model_of_an_array_is_named_by_columns() -> None:
    array = FRAME[["where", "whole"]].to_numpy(dtype=object)
    chosen = ColumnTransformer([("t", TEXTS, [0]), ("n", StandardScaler(), slice(1, 2))])
    model = make_pipeline(chosen, RandomForestClassifier(5, random_state=0)).fit(array, LABEL)
    found, reference = check(model, ["Where", "Size"])
    assert reference.largest_difference == 0.0
    assert [column.name for column in found.columns] == ["Where", "Size"]


@pytest.mark.parametrize("last", ["lightgbm", "xgboost"])
def test_boosters_stand_behind_steps_too(last: str) -> None:
    library = pytest.importorskip(last, reason="pip install leadweights[boosting]")
    usual = {"n_estimators": 8, "n_jobs": 1}
    booster = (
        library.LGBMClassifier(verbose=-1, **usual)
        if last == "lightgbm"
        else library.XGBClassifier(**usual)
    )
    chosen = ColumnTransformer([("t", TEXTS, ["rare", "where"]), ("n", FILLED, ["gaps"])])
    model = make_pipeline(chosen, booster)
    frame = FRAME[["rare", "where", "gaps"]]
    with _quiet():
        if last == "xgboost":
            with pytest.raises(UnsupportedError, match="takes their zeros for missing"):
                read_object(model.fit(frame, LABEL), None)
            chosen.set_params(sparse_threshold=0)
        _, reference = check(model.fit(frame, LABEL))
    assert reference.holds
    assert reference.largest_difference < 1e-5


def _quiet() -> Any:
    import warnings

    return warnings.catch_warnings(action="ignore")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (PolynomialFeatures(2), "a step PolynomialFeatures cannot be carried"),
        (PowerTransformer(), "a step PowerTransformer cannot be carried"),
        (KNNImputer(), "a step KNNImputer cannot be carried"),
        (SplineTransformer(degree=3), "a SplineTransformer of degree 3"),
        (FunctionTransformer(np.sqrt), "a FunctionTransformer of sqrt"),
        (MinMaxScaler(clip=True), "a MinMaxScaler that clips"),
        (
            make_pipeline(StandardScaler(), FunctionTransformer(np.log1p)),
            "log1p behind other steps",
        ),
        (
            make_union(StandardScaler(), KBinsDiscretizer(3, quantile_method="linear")),
            "'amount' is read in two ways, as line and steps",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(step: Any, message: str) -> None:
    amounts = FRAME[["code"]].rename(columns={"code": "amount"})
    with _quiet():
        model = make_pipeline(step, SimpleImputer(), LogisticRegression()).fit(amounts, LABEL)
    with pytest.raises(UnsupportedError, match=message):
        read_object(model, None)


def test_a_scale_that_single_precision_does_not_reach_is_no_obstacle() -> None:
    tiny = FRAME[["whole"]] * 1e-12
    model = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0))
    _, reference = check(model.fit(tiny, LABEL))
    assert reference.largest_difference == 0.0


def test_a_step_of_another_library_is_refused() -> None:
    class Own(StandardScaler):  # type: ignore[misc]
        pass

    model = make_pipeline(Own(), LogisticRegression()).fit(FRAME[["whole"]], LABEL)
    with pytest.raises(UnsupportedError, match=r"a step .*\.Own cannot be carried"):
        read_object(model, None)


def test_levels_that_are_no_texts_or_codes_are_refused() -> None:
    frame = pd.DataFrame({"half": FRAME["code"] / 2})
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, LABEL)
    with pytest.raises(UnsupportedError, match=r"level 0\.5 of 'half' cannot be carried"):
        read_object(model, None)
