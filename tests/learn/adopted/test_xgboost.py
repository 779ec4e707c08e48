import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.cuts import find_cuts, single
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Category, Number
from leadweights.model.terms import Levels
from leadweights.model.trees import Leaf, LevelSplit, walk
from tests.support.adopting import check, check_reading, draw
from tests.support.release import sweep

xgboost = pytest.importorskip("xgboost", reason="pip install leadweights[boosting]")

pytestmark = pytest.mark.tool("xgboost")


def grow(seed: int = 0, **options: Any) -> Any:
    x, y = draw(seed=seed)
    usual = {"n_estimators": 12, "max_depth": 4, "n_jobs": 1, "random_state": seed}
    return xgboost.XGBClassifier(**{**usual, **options}).fit(x, y)


def boost(rounds: int = 12, **options: Any) -> Any:
    x, y = draw()
    data = xgboost.DMatrix(x, y, feature_types=["q", "q", "c", "q"], enable_categorical=True)
    return xgboost.train({"objective": "binary:logistic", "nthread": 1, **options}, data, rounds)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"booster": "dart", "rate_drop": 0.3},
        {"num_parallel_tree": 3, "subsample": 0.5, "colsample_bynode": 0.6},
        {"base_score": 0.2},
        {"tree_method": "exact"},
        {"missing": -1.0},
        {"scale_pos_weight": 5, "grow_policy": "lossguide", "max_leaves": 9},
        {"n_estimators": 200},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", sweep(range(3), 3))
@pytest.mark.telling
def test_margins_differ_by_the_rounding_of_single_precision(
    options: dict[str, Any], seed: int
) -> None:
    _, reference = check(grow(seed, **options))
    assert reference.holds
    # A row on the wrong side of a cut is a leaf away, not a rounding error.
    assert reference.largest_difference < 2e-5


@pytest.mark.parametrize("options", [{}, {"max_cat_to_onehot": 20}], ids=str)
def test_categories_are_its_codes(options: dict[str, Any], tmp_path: Path) -> None:
    booster = boost(**options)
    found, reference = check(booster, ["a", "b", "c", "d"])
    assert reference.holds
    assert any(column == Category("c", whole=True) for column in found.columns)
    assert found.trees is not None
    assert any(isinstance(node, LevelSplit) for tree in found.trees.trees for node in walk(tree))
    booster.save_model(tmp_path / "m.ubj")
    booster.save_model(tmp_path / "m.json")
    binary, text = (read_file(tmp_path / name, None) for name in ("m.ubj", "m.json"))
    assert replace(binary, scores=None) == replace(text, scores=None)
    assert check_reading(text)[1].holds


def test_pandas_categories_are_the_levels() -> None:
    x, y = draw()
    random = np.random.default_rng(1)
    words = np.array(["north", "", "'s", "a b"], dtype=object)[random.integers(0, 4, len(x))]
    frame = pd.DataFrame({"a": x[:, 0], "where": pd.Categorical(words)})
    frame["code"] = pd.Categorical(random.integers(3, 9, len(x)))
    y = y | (words == "a b") | (frame["code"].astype(int) == 4)
    model = xgboost.XGBClassifier(n_estimators=10, enable_categorical=True, n_jobs=1)
    found, reference = check(model.fit(frame, y))
    assert reference.holds
    terms = {term.column: term for term in found.terms}
    for name, known in (("where", ["", "'s", "a b", "north"]), ("code", list("345678"))):
        term = terms[name]
        assert isinstance(term, Levels)
        assert [level.value for level in term.levels] == known


def test_levels_that_xgboost_cuts_short_are_refused() -> None:
    _, y = draw()
    words = np.array(["€uro", "other"], dtype=object)[y]
    model = xgboost.XGBClassifier(n_estimators=1, enable_categorical=True, n_jobs=1)
    model.fit(pd.DataFrame({"w": pd.Categorical(words)}), y)
    with pytest.raises(UnsupportedError, match="letters beyond ASCII"):
        read_object(model, None)


def test_the_base_score_is_the_first_tree() -> None:
    found, _ = check(grow(base_score=0.2))
    assert found.trees is not None
    first = found.trees.trees[0]
    assert isinstance(first, Leaf)
    assert first.contribution == pytest.approx(np.log(0.2 / 0.8), abs=1e-7)


def test_a_classifier_stops_at_its_best_iteration_and_a_booster_does_not(tmp_path: Path) -> None:
    x, y = draw()
    model = xgboost.XGBClassifier(
        n_estimators=60, n_jobs=1, early_stopping_rounds=3, learning_rate=0.8
    )
    model.fit(x[:300], y[:300], eval_set=[(x[300:], y[300:])], verbose=False)
    found, reference = check(model)
    assert reference.holds
    assert found.trees is not None
    assert len(found.trees.trees) == 1 + model.best_iteration + 1 < 60
    model.save_model(tmp_path / "m.json")
    assert read_file(tmp_path / "m.json", None).trees == found.trees.trees
    whole = read_object(model.get_booster(), None)
    assert len(whole.trees) > len(found.trees.trees)
    assert "not the best" in whole.notes[0]
    assert check_reading(whole)[1].holds


def test_a_missing_value_of_its_own_is_missing() -> None:
    found, _ = check(grow(missing=-1.0))
    assert all(c.missing == (-1.0,) for c in found.columns if isinstance(c, Number))


def test_a_cut_lies_where_rounding_to_single_precision_turns() -> None:
    """Half-way between two singles, ties go to the even one: by hand."""
    even, odd = np.float32(1.0), np.nextafter(np.float32(1.0), np.float32(2.0))
    half = (float(even) + float(odd)) / 2
    above = float(np.nextafter(odd, np.float32(2.0)))
    cuts = find_cuts(single, np.array([float(odd), above]), rises=True)
    assert cuts.tolist() == [np.nextafter(half, 2.0), (float(odd) + above) / 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "binary:hinge"}, "objective 'binary:hinge'"),
        ({"objective": "reg:squarederror"}, "objective 'reg:squarederror'"),
        ({"objective": "binary:logistic", "booster": "gblinear"}, "booster 'gblinear'"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    x, y = draw()
    booster = xgboost.train({"nthread": 1, **options}, xgboost.DMatrix(x, y), 2)
    with pytest.raises(UnsupportedError, match=message):
        read_object(booster, None)


def test_a_document_without_names_calls_features_as_xgboost_does() -> None:
    document = json.loads(grow().get_booster().save_raw("json"))
    del document["learner"]["feature_names"]
    from leadweights.learn.adopted.xgboost_models import read_document

    assert {c.name for c in read_document(document, None).columns} <= {"f0", "f1", "f2", "f3"}
