import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.adopt import adopt
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Logit, Number
from leadweights.model.trees import NumberSplit, splits
from tests.support.adopting import check, check_reading, draw
from tests.support.release import sweep

lightgbm = pytest.importorskip("lightgbm", reason="pip install leadweights[boosting]")

pytestmark = pytest.mark.tool("lightgbm")

QUIET = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}


def grow(rounds: int = 12, seed: int = 0, **options: Any) -> Any:
    x, y = draw(seed=seed)
    data = lightgbm.Dataset(x, y, categorical_feature=[2])
    return lightgbm.train({**QUIET, "seed": seed, **options}, data, rounds)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"sigmoid": 2.5},
        {"is_unbalance": True},
        {"boosting": "dart"},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        {"boost_from_average": False, "max_cat_to_onehot": 20},
        {"num_leaves": 2, "data_sample_strategy": "goss"},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", sweep(range(3), 3))
@pytest.mark.telling
def test_a_booster_keeps_its_raw_scores_bit_for_bit(options: dict[str, Any], seed: int) -> None:
    _, reference = check(grow(seed=seed, **options))
    assert reference.bound == reference.largest_difference == 0.0


def test_the_sigmoid_is_the_scale_and_a_random_forest_is_averaged() -> None:
    assert check(grow(sigmoid=2.5))[0].link == Logit(0.0, 2.5)
    forest = grow(8, boosting="rf", bagging_freq=1, bagging_fraction=0.5)
    assert check(forest)[0].link == Logit(0.0, 1 / 8)


def test_zeros_that_are_missing_are_missing() -> None:
    found, _ = check(grow(zero_as_missing=True))
    numbers = [column for column in found.columns if isinstance(column, Number)]
    assert numbers
    assert all(column.missing == (0.0,) for column in numbers)
    assert "0 is missing" in read_object(grow(zero_as_missing=True), None).notes[0]


def test_pandas_categories_are_the_levels() -> None:
    x, y = draw()
    words = np.array(["north", "south", "o'er", "", "é"], dtype=object)
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"a": x[:, 0], "where": words[random.integers(0, 5, len(x))]})
    frame["code"] = pd.Categorical(random.integers(3, 9, len(x)))
    frame["where"] = frame["where"].where(random.random(len(x)) > 0.1).astype("category")
    y = y | (frame["where"] == "south") | (frame["code"].astype(int) == 4)
    model = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1, n_jobs=1, min_child_samples=3)
    found, reference = check(model.fit(frame, y))
    assert reference.largest_difference == 0.0
    assert {column.name for column in found.columns} == {"a", "where", "code"}


def test_a_classifier_stops_at_its_best_iteration() -> None:
    x, y = draw()
    model = lightgbm.LGBMClassifier(n_estimators=80, verbose=-1, n_jobs=1, learning_rate=0.5)
    stop = lightgbm.early_stopping(3, verbose=False)
    model.fit(x[:300], y[:300], eval_X=x[300:], eval_y=y[300:], callbacks=[stop])
    found, reference = check(model, ["a", "b", "c", "d"])
    assert found.trees is not None
    assert len(found.trees.trees) == model.best_iteration_ < 80
    assert reference.largest_difference == 0.0


def test_a_text_file_and_a_dump_say_the_same(tmp_path: Path) -> None:
    booster = grow(sigmoid=1.5)
    booster.save_model(tmp_path / "m.txt")
    (tmp_path / "m.json").write_text(json.dumps(booster.dump_model()))
    text, dump = (read_file(tmp_path / name, None) for name in ("m.txt", "m.json"))
    own = read_object(booster, None)
    assert check_reading(text)[1].largest_difference == 0.0
    assert replace(text, scores=None) == replace(own, scores=None)
    assert dump.trees == own.trees
    assert dump.columns == own.columns
    assert (dump.link, dump.rows) == (own.link, own.rows)


def test_a_cut_moves_only_where_rows_are_read_otherwise() -> None:
    booster = grow()
    found, _ = check(booster)
    assert found.trees is not None
    cuts = {s.at for s in splits(found.trees) if isinstance(s, NumberSplit)}
    text = booster.model_to_string()
    known = [line for line in text.splitlines() if line.startswith("threshold=")]
    own = {float(t) for line in known for t in line.partition("=")[2].split(" ")}
    assert {np.nextafter(cut, -np.inf) for cut in cuts if abs(cut) > 1e-34} <= own


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "regression"}, "objective 'regression'"),
        ({"objective": "cross_entropy"}, "objective 'cross_entropy'"),
        ({"linear_tree": True}, "linear trees"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    x, y = draw(missing=0.0)
    booster = lightgbm.train({**QUIET, **options}, lightgbm.Dataset(x, y), 3)
    with pytest.raises(UnsupportedError, match=message):
        read_object(booster, None)


def test_columns_must_be_as_many_as_the_model_reads() -> None:
    with pytest.raises(UnsupportedError, match="reads 4 columns, and columns names 2"):
        read_object(grow(1), ["a", "b"])


def test_the_sql_is_proven_too() -> None:
    x, _ = draw()
    rows = pd.DataFrame(x[:50], columns=["Column_0", "Column_1", "Column_2", "Column_3"])
    found = adopt(grow(5, num_leaves=7), rows=rows)
    assert found.parity.holds
    assert found.reference is not None
    assert found.reference.bound == 0.0
    assert found.model.trees is not None
    shares = {share.column: share.weight for share in found.model.trees.shares}
    assert max(shares, key=lambda name: shares[name]) == "Column_0"
    assert {str(c.rows_of) for c in found.parity.checks} >= {"your rows", "rows at every cut"}


def test_a_reason_says_high_of_a_number_above_the_middle_cut() -> None:
    rows = pd.DataFrame({"days": np.arange(400.0) + 1000.0})
    label = (rows["days"] < 1100).astype(int)
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 2, "verbose": -1}, lightgbm.Dataset(rows, label), 1
    )
    model = adopt(booster, rows=rows).model
    scored = lw.score(model, rows.iloc[[0, 399]], columns=["reason_1"])
    assert scored["reason_1"].tolist() == ["days: low", "against: days: high"]
