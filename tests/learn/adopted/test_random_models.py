"""Random models of each library on numbers of any scale, held against it at every cut."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.support.adopting import check
from tests.support.release import MODELS

Random = np.random.Generator


def draw(random: Random) -> tuple[Any, Any, list[int]]:
    """Draw numbers of any scale, of which some are codes, and a label of the first."""
    size, width = int(random.integers(60, 300)), int(random.integers(1, 6))
    x = random.normal(size=(size, width))
    y = (random.random(size) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(int)
    y[:2] = 0, 1
    codes = [place for place in range(width) if random.random() < 0.3]
    x *= 10.0 ** random.integers(-12, 12, width)
    x[:, codes] = np.abs(np.round(4 * random.normal(size=(size, len(codes)))))
    return x, y, codes


def some(random: Random, most: int) -> int:
    return int(random.integers(1, most))


def tree(random: Random, _: list[int]) -> Any:
    return DecisionTreeClassifier(max_depth=some(random, 12), random_state=0)


def forest(random: Random, _: list[int]) -> Any:
    kind = random.choice([RandomForestClassifier, ExtraTreesClassifier])
    return kind(some(random, 6), max_depth=some(random, 9), random_state=0)


def histograms(random: Random, codes: list[int]) -> Any:
    return HistGradientBoostingClassifier(
        max_iter=some(random, 8), min_samples_leaf=2, categorical_features=codes or None
    )


def scaled(random: Random, _: list[int]) -> Any:
    steps = [StandardScaler(), MinMaxScaler((-0.3, 3)), RobustScaler()]
    last = GradientBoostingClassifier(n_estimators=some(random, 6), random_state=0)
    return make_pipeline(SimpleImputer(), steps[some(random, 4) - 1], last)


def xgboost(random: Random, _: list[int]) -> Any:
    library = pytest.importorskip("xgboost", reason="pip install leadweights[boosting]")
    method = str(random.choice(["hist", "exact", "approx"]))
    usual = {"n_jobs": 1, "min_child_weight": 0, "tree_method": method}
    return library.XGBClassifier(n_estimators=some(random, 12), max_depth=some(random, 8), **usual)


class LightGBM:
    """A booster of codes, grown by `fit` as the others are."""

    def __init__(self, random: Random, codes: list[int]) -> None:
        self.library = pytest.importorskip("lightgbm", reason="pip install leadweights[boosting]")
        self.rounds, self.codes = some(random, 12), codes
        self.options = {
            "objective": "binary",
            "verbose": -1,
            "num_threads": 1,
            "cat_smooth": 0,
            "num_leaves": 1 + some(random, 31),
            "min_data_in_leaf": some(random, 20),
            "zero_as_missing": bool(random.random() < 0.2),
            "use_missing": bool(random.random() < 0.8),
            "max_cat_to_onehot": int(random.choice([1, 4, 40])),
        }

    def fit(self, x: Any, y: Any) -> Any:
        data = self.library.Dataset(x, y, categorical_feature=self.codes)
        return self.library.train(self.options, data, self.rounds)


KINDS: list[Callable[[Random, list[int]], Any]] = [
    *(tree, forest, histograms, scaled, xgboost, LightGBM)
]


@pytest.mark.parametrize("seed", range(max(1, MODELS // 12)))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_random_models_keep_their_scores(kind: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(5):
        x, y, codes = draw(random)
        x[random.random(x.shape) < random.choice([0.0, 0.15])] = np.nan
        model = kind(random, codes).fit(x, y)
        _, reference = check(model, [f"c{place}" for place in range(x.shape[1])])
        assert reference.holds
        assert reference.bound == 0.0 or kind is xgboost
