from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from leadweights.errors import ModelError, UnsupportedError
from leadweights.learn.adopted.files import read_file
from leadweights.learn.adopted.objects import read_object
from tests.support.adopting import check_reading, draw

NAMES = ["a", "b", "c", "d"]
X, Y = draw(missing=0.0)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        GradientBoostingClassifier(n_estimators=3, random_state=0),
        HistGradientBoostingClassifier(max_iter=3, categorical_features=[2]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_file_of_skops_holds_the_same_model(model: Any, tmp_path: Path) -> None:
    io = pytest.importorskip("skops.io", reason="pip install 'leadweights[adopt]'")
    io.dump(model.fit(X, Y), tmp_path / "m.skops")
    found = read_file(tmp_path / "m.skops", NAMES)
    own = read_object(model, NAMES)
    assert replace(found, scores=None) == replace(own, scores=None)
    assert check_reading(found)[1].holds


def shout(_: Any) -> Any:
    raise AssertionError("a function of the file has run")


def test_a_type_of_no_known_library_is_not_loaded(tmp_path: Path) -> None:
    io = pytest.importorskip("skops.io", reason="pip install 'leadweights[adopt]'")
    step = FunctionTransformer(np.abs)
    model = make_pipeline(step, LogisticRegression()).fit(X, Y)
    step.func = shout
    io.dump(model, tmp_path / "m.skops")
    with pytest.raises(UnsupportedError, match=r"holds a tests\.learn.*\.shout, which is not trus"):
        read_file(tmp_path / "m.skops", NAMES)


def test_a_file_that_is_none_of_skops_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("skops.io", reason="pip install 'leadweights[adopt]'")
    (tmp_path / "m.skops").write_bytes(b"PK\x03\x04 hello")
    with pytest.raises(ModelError, match="no model that skops can load"):
        read_file(tmp_path / "m.skops", NAMES)


@pytest.mark.parametrize("name", ["m.pkl", "m.pickle", "m.joblib"])
def test_a_pickle_is_not_even_opened(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="a pickle runs whatever code is in it"):
        read_file(tmp_path / name, NAMES)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("hello")
    (tmp_path / "m.json").write_text("{}")
    (tmp_path / "n.json").write_bytes(b"\xff\xfe")
    for name, message in (
        ("m.txt", "no text file of a LightGBM model"),
        ("m.json", "no model of LightGBM"),
        ("n.json", "not text in UTF-8"),
        ("o.json", "cannot read .*: No such file"),
    ):
        with pytest.raises(ModelError, match=message):
            read_file(tmp_path / name, None)
    with pytest.raises(UnsupportedError, match=r"ends in \.skops, \.onnx, \.json"):
        read_file(tmp_path / "m.h5", None)
