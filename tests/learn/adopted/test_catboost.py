import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Logit
from leadweights.model.trees import depth
from tests.support.adopting import check, check_reading, draw

catboost = pytest.importorskip("catboost", reason="pip install catboost")
NAMES = ["a", "b", "c", "d"]


def grow(**options: Any) -> Any:
    x, y = draw()
    usual = {"iterations": 20, "depth": 4, "verbose": 0, "thread_count": 1}
    model = catboost.CatBoostClassifier(
        **{**usual, "allow_writing_files": False, "random_seed": 0, **options}
    )
    return model.fit(x, y)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"nan_mode": "Max", "depth": 6},
        {"boost_from_average": True},
        {"grow_policy": "Lossguide", "max_leaves": 12},
        {"grow_policy": "Depthwise"},
    ],
    ids=str,
)
def test_raw_scores_are_the_same_but_for_the_order_of_the_sum(options: dict[str, Any]) -> None:
    found, reference = check(grow(**options), NAMES)
    assert reference.holds
    assert reference.largest_difference < 1e-13
    assert isinstance(found.link, Logit)


def test_a_json_file_says_the_same(tmp_path: Path) -> None:
    model = grow()
    model.save_model(str(tmp_path / "m.json"), format="json")
    found = read_file(tmp_path / "m.json", NAMES)
    assert replace(found, scores=None) == replace(read_object(model, NAMES), scores=None)
    assert check_reading(found)[1].holds


def test_branches_that_no_row_comes_to_are_left_out(tmp_path: Path) -> None:
    grow(depth=8, iterations=3).save_model(str(tmp_path / "m.json"), format="json")
    document = json.loads((tmp_path / "m.json").read_text())
    found = read_file(tmp_path / "m.json", NAMES)
    for tree, own in zip(document["oblivious_trees"], found.trees, strict=True):
        assert depth(own) <= len(tree["splits"])


def test_categories_and_other_losses_are_refused() -> None:
    x, y = draw(missing=0.0)
    frame = pd.DataFrame({"a": x[:, 0], "w": x[:, 2].astype(int).astype(str)})
    model = catboost.CatBoostClassifier(
        iterations=2, verbose=0, allow_writing_files=False, cat_features=["w"]
    ).fit(frame, y)
    with pytest.raises(UnsupportedError, match="with categorical_features cannot be carried"):
        read_object(model, None)
    other = catboost.CatBoostRegressor(iterations=2, verbose=0, allow_writing_files=False)
    with pytest.raises(UnsupportedError, match=r"of loss .*RMSE.* cannot be carried"):
        read_object(other.fit(x, y), None)
