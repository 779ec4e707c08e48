from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.objects import read_object
from leadweights.model.model import Category
from leadweights.model.terms import Bins, Levels, Standardized
from tests.support.adopting import check, draw

glassbox = pytest.importorskip("interpret.glassbox", reason="pip install interpret-core")
# It warns of missing values, which its pictures do not show.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Missing values detected:UserWarning"),
    pytest.mark.tool("interpret-core"),
]
X, Y = draw()
FRAME = pd.DataFrame(X[:, :2], columns=["a", "b"])
FRAME["where"] = np.array(["n", "s", "é", ""], dtype=object)[np.arange(len(X)) % 4]
FRAME.loc[::17, "where"] = None
FRAME["code"] = np.arange(len(X)) % 5


def grow(**options: Any) -> Any:
    usual = {
        "outer_bags": 1,
        "max_rounds": 40,
        "n_jobs": 1,
        "max_bins": 24,
        "max_interaction_bins": 9,
    }
    model = glassbox.ExplainableBoostingClassifier(**{**usual, **options})
    return model.fit(FRAME, Y | ((FRAME["where"] == "s") & (FRAME["a"] > -0.5)))


@pytest.mark.parametrize(
    "options",
    [
        {"interactions": 0},
        {"interactions": 4},
        {"interactions": [("where", "code"), ("a", "where"), ("b", "a")]},
        {"interactions": 3, "feature_types": ["continuous", "continuous", "nominal", "nominal"]},
    ],
    ids=str,
)
@pytest.mark.telling
def test_log_odds_are_the_same(options: dict[str, Any]) -> None:
    found, reference = check(grow(**options))
    assert reference.holds
    assert reference.largest_difference < 1e-12
    assert {type(term) for term in found.terms} <= {Bins, Levels, Standardized}
    assert (found.trees is None) == (options["interactions"] == 0)
    if "feature_types" in options:
        assert Category("code", whole=True) in found.columns


def test_others_are_refused() -> None:
    other = glassbox.ExplainableBoostingRegressor(outer_bags=1, max_rounds=5, n_jobs=1)
    with pytest.raises(UnsupportedError, match="an ExplainableBoostingClassifier of two classes"):
        read_object(other.fit(FRAME, Y), None)
