"""The estimator passes scikit-learn's own checks, and predicts with the SELECT's bits."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import leadweights as lw
from leadweights import LeadScorer

pytestmark = pytest.mark.tool("scikit-learn")

TRAIN = pd.read_csv("data/train.csv")
VALID = pd.read_csv("data/valid.csv")
NUMBERS = ["engagement_rate_30d", "opt_out_risk", "recency_days", "sentiment_score"]

FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "arrow": pa.Table.from_pandas,
}


def mixed(rows: int = 400) -> pd.DataFrame:
    """Make leads with numbers, texts, flags and dates, all with gaps, and their outcome."""
    random = np.random.default_rng(7)
    value = random.normal(size=rows)
    frame = pd.DataFrame(
        {
            "visits": np.where(random.random(rows) < 0.1, np.nan, np.exp(value)),
            "source": random.choice(np.array(["web", "fair", None]), rows),
            "customer": random.choice([True, False], rows),
            "seen": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 90, rows), "D"),
            "asked": pd.Timestamp("2026-05-01") + pd.to_timedelta(random.integers(0, 9, rows), "D"),
        }
    )
    chance = 1 / (1 + np.exp(-value - (frame["source"] == "web") + frame["customer"]))
    frame["won"] = random.random(rows) < chance
    return frame


@pytest.mark.sweep
@pytest.mark.telling
def test_scikit_learns_own_checks_all_pass() -> None:
    found = check_estimator(LeadScorer(), on_fail=None, on_skip=None)
    assert len(found) > 55
    # An array interface of other libraries, which scipy has where an environment variable says so.
    others = [one for one in found if one["status"] != "passed"]
    assert [(one["check_name"], one["status"]) for one in others] in (
        [],
        [("check_array_api_input", "skipped")],
    )


@pytest.mark.sweep
@pytest.mark.parametrize("kind", FRAMES)
def test_a_model_is_the_one_that_fit_model_learns(kind: str) -> None:
    rows = FRAMES[kind](TRAIN.drop(columns="label"))
    found = LeadScorer(keys=["contact_id"]).fit(rows, TRAIN["label"])
    assert found.model_ == lw.fit_model("data/train.csv", keys=["contact_id"])
    assert found.feature_names_in_.tolist() == list(TRAIN.columns.drop("label"))
    assert found.n_features_in_ == 8
    assert found.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("kind", FRAMES)
def test_probabilities_have_the_bits_of_the_select(kind: str) -> None:
    frame = mixed()
    rows, labels = frame.drop(columns="won"), frame["won"]
    found = LeadScorer(dictionary={"seen": {"since": "asked"}}).fit(FRAMES[kind](rows), labels)
    assert len(found.model_.columns) >= 4
    with duckdb.connect() as connection:
        connection.register("leads", rows)
        # Probabilities of rows in their order: DuckDB keeps that of a DataFrame.
        scored = connection.sql(found.sql("duckdb")).fetchnumpy()
    predicted = found.predict_proba(FRAMES[kind](rows))
    assert predicted[:, 1].tobytes() == scored["probability"].tobytes()
    assert predicted[:, 0].tolist() == [1.0 - one for one in predicted[:, 1].tolist()]
    assert found.decision_function(FRAMES[kind](rows)).tobytes() == scored["log_odds"].tobytes()
    assert found.predict(FRAMES[kind](rows)).tolist() == (scored["log_odds"] > 0).tolist()


def test_weights_are_those_of_scikit_learns_own_regression() -> None:
    """A column that is standardised and one weight each: what LogisticRegression learns."""
    ours = LeadScorer().fit(TRAIN[NUMBERS].to_numpy(), TRAIN["label"])
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-10))
    theirs.fit(TRAIN[NUMBERS].to_numpy(), TRAIN["label"])
    rows = VALID[NUMBERS].to_numpy()
    assert ours.decision_function(rows) == pytest.approx(theirs.decision_function(rows), abs=1e-6)
    assert ours.score(rows, VALID["label"]) == theirs.score(rows, VALID["label"])


def test_an_array_has_columns_by_their_places() -> None:
    found = LeadScorer().fit(TRAIN[NUMBERS].to_numpy(), TRAIN["label"])
    assert [column.name for column in found.model_.columns] == ["x0", "x1", "x2", "x3"]
    assert not hasattr(found, "feature_names_in_")
    # A text in an array is one, with levels.
    words = np.array([["web", 1.0], ["fair", 2.0]] * 50, dtype=object)
    levels = LeadScorer(dictionary={"x0": {"kind": "category"}}).fit(words, [0, 1] * 50)
    assert levels.predict(words[:2]).tolist() == [0, 1]


def test_it_stands_in_a_pipeline() -> None:
    steps = ColumnTransformer([("keep", "passthrough", NUMBERS)], verbose_feature_names_out=False)
    piped = make_pipeline(steps.set_output(transform="pandas"), LeadScorer())
    piped.fit(TRAIN.drop(columns="label"), TRAIN["label"])
    alone = LeadScorer().fit(TRAIN[NUMBERS], TRAIN["label"])
    assert piped[-1].model_ == alone.model_
    assert piped.predict_proba(VALID).tobytes() == alone.predict_proba(VALID[NUMBERS]).tobytes()


@pytest.mark.sweep
def test_it_is_cross_validated_searched_and_calibrated() -> None:
    rows, labels = TRAIN[NUMBERS][:1000], TRAIN["label"][:1000]
    own = LeadScorer()
    folds = cross_val_score(own, rows, labels, cv=3, scoring="roc_auc")
    assert folds.min() > 0.7
    grid = GridSearchCV(own, {"c": [1e-4, 1.0]}, cv=2, scoring="neg_log_loss")
    grid.fit(pl.from_pandas(rows), labels)
    assert grid.best_params_ == {"c": 1.0}
    assert grid.best_estimator_.model_.provenance.method.endswith("C=1")
    calibrated = CalibratedClassifierCV(own, cv=2).fit(rows, labels)
    assert calibrated.predict_proba(rows)[:, 1].mean() == pytest.approx(labels.mean(), abs=0.03)


def test_a_weight_counts_as_often_as_so_many_rows() -> None:
    rows, labels = TRAIN[NUMBERS][:300], TRAIN["label"][:300]
    times = np.arange(300) % 3
    weighted = LeadScorer().fit(rows, labels, sample_weight=times)
    places = np.repeat(np.arange(300), times)
    repeated = LeadScorer().fit(rows.iloc[places], labels.iloc[places])
    assert weighted.decision_function(VALID[NUMBERS]) == pytest.approx(
        repeated.decision_function(VALID[NUMBERS]), abs=1e-6
    )


def test_classes_are_weighed_as_scikit_learn_does() -> None:
    rows, labels = TRAIN[NUMBERS], TRAIN["label"]
    heavier = LeadScorer(class_weight={0: 1, 1: 3}).fit(rows, labels)
    by_rows = LeadScorer().fit(rows, labels, sample_weight=np.where(labels == 1, 3.0, 1.0))
    assert heavier.decision_function(rows).tobytes() == by_rows.decision_function(rows).tobytes()
    balanced = LeadScorer(class_weight="balanced").fit(rows, labels)
    theirs = LogisticRegression(class_weight="balanced", tol=1e-10)
    scaled = StandardScaler().fit(rows)
    theirs.fit(scaled.transform(rows), labels)
    assert balanced.decision_function(rows) == pytest.approx(
        theirs.decision_function(scaled.transform(rows)), abs=1e-6
    )


def test_classes_may_be_words() -> None:
    labels = np.where(TRAIN["label"] == 1, "won", "lost")
    found = LeadScorer(label="outcome").fit(TRAIN[NUMBERS], labels)
    assert found.classes_.tolist() == ["lost", "won"]
    assert found.model_.provenance.label == "outcome"
    assert set(found.predict(VALID[NUMBERS])) == {"lost", "won"}


def test_the_select_is_that_of_render() -> None:
    found = LeadScorer(keys=["contact_id"]).fit(TRAIN.drop(columns="label"), TRAIN["label"])
    written = found.sql("snowflake", table="crm.leads", columns=["lead_score"])
    expected = lw.render(
        found.model_, dialect="snowflake", table="crm.leads", columns=["lead_score"]
    )
    assert written == expected
    with pytest.raises(NotFittedError):
        LeadScorer().sql()


def test_a_fitted_one_can_be_kept(tmp_path: Path) -> None:
    found = LeadScorer().fit(TRAIN[NUMBERS], TRAIN["label"])
    again = pickle.loads(pickle.dumps(found))
    assert again.predict_proba(VALID[NUMBERS]).tobytes() == (
        found.predict_proba(VALID[NUMBERS]).tobytes()
    )
    lw.save(found.model_, tmp_path / "model.json")
    assert lw.load(tmp_path / "model.json") == found.model_


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(lw.TableError, match="has a column 'label' already"):
        LeadScorer().fit(TRAIN, TRAIN["label"])
    with pytest.raises(ValueError, match="X has 3500 rows, y has 3499"):
        LeadScorer().fit(TRAIN[NUMBERS], TRAIN["label"][1:])
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        LeadScorer().fit(TRAIN[NUMBERS], np.arange(len(TRAIN)) % 3)


def test_leadweights_is_imported_without_scikit_learn() -> None:
    code = "import sys, leadweights; leadweights.load; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
