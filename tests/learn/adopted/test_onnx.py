from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler

from leadweights.errors import UnsupportedError
from leadweights.learn.adopted.files import read_file
from leadweights.model.model import Identity, Logit
from tests.support.adopting import check_reading, draw

onnx = pytest.importorskip("onnx", reason="pip install 'leadweights[adopt]'")
skl2onnx = pytest.importorskip("skl2onnx", reason="pip install skl2onnx")

pytestmark = [pytest.mark.tool("onnx"), pytest.mark.tool("skl2onnx")]
NAMES = ["a", "b", "c", "d"]
X, Y = draw(missing=0.0)


def save(model: Any, folder: Path, **options: Any) -> Path:
    found = skl2onnx.to_onnx(model.fit(X, Y), X[:1].astype(np.float32), **options)
    path = folder / "m.onnx"
    path.write_bytes(found.SerializeToString())
    return path


@pytest.mark.parametrize("options", [{}, {"options": {"zipmap": False}}], ids=["map", "matrix"])
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()),
        make_pipeline(SimpleImputer(), MinMaxScaler(), LogisticRegression()),
        RandomForestClassifier(4, max_depth=6, random_state=0),
        GradientBoostingClassifier(n_estimators=8, random_state=0),
        make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(3, max_depth=4)),
    ],
    ids=str,
)
@pytest.mark.telling
def test_probabilities_differ_by_the_rounding_of_single_precision(
    model: Any, options: dict[str, Any], tmp_path: Path
) -> None:
    found, reference = check_reading(read_file(save(model, tmp_path, **options), NAMES))
    assert reference.holds
    if found.trees:
        assert reference.largest_difference < 1e-6
    forest = "RandomForest" in str(model)
    assert isinstance(found.link, Identity if forest else Logit)


def test_what_cannot_be_carried_is_refused_by_name(tmp_path: Path) -> None:
    linear = LogisticRegression(max_iter=1000)
    path = save(make_pipeline(PolynomialFeatures(2), linear), tmp_path)
    with pytest.raises(UnsupportedError, match=r"ONNX's \w+ cannot be carried"):
        read_file(path, NAMES)
    with pytest.raises(UnsupportedError, match="reads 4 columns, and columns names no"):
        read_file(path, None)
