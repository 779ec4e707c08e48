import contextlib
import re
import sys
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

from leadweights.errors import LeadweightsError, ModelError, UnsupportedError
from leadweights.learn.adopted.adopt import adopt, read_model, write_model
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
@pytest.mark.tool("skops")
@pytest.mark.telling
def test_a_file_of_skops_holds_the_same_model(model: Any, tmp_path: Path) -> None:
    io = pytest.importorskip("skops.io", reason="pip install 'leadweights[adopt]'")
    io.dump(model.fit(X, Y), tmp_path / "m.skops")
    found = read_file(tmp_path / "m.skops", NAMES)
    own = read_object(model, NAMES)
    assert replace(found, scores=None) == replace(own, scores=None)
    assert check_reading(found)[1].holds


def shout(_: Any) -> Any:
    raise AssertionError("a function of the file has run")


@pytest.mark.tool("skops")
def test_a_type_of_no_known_library_is_not_loaded(tmp_path: Path) -> None:
    io = pytest.importorskip("skops.io", reason="pip install 'leadweights[adopt]'")
    step = FunctionTransformer(np.abs)
    model = make_pipeline(step, LogisticRegression()).fit(X, Y)
    step.func = shout
    io.dump(model, tmp_path / "m.skops")
    with pytest.raises(UnsupportedError, match=r"holds a tests\.learn.*\.shout, which is not trus"):
        read_file(tmp_path / "m.skops", NAMES)


@pytest.mark.tool("skops")
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
        ("m.txt", "no whole text file of a LightGBM model"),
        ("m.json", "no model of LightGBM"),
        ("n.json", "not text in UTF-8"),
        ("o.json", "cannot read .*: No such file"),
    ):
        with pytest.raises(ModelError, match=message):
            read_file(tmp_path / name, None)
    with pytest.raises(UnsupportedError, match=r"ends in \.skops, \.onnx, \.json"):
        read_file(tmp_path / "m.h5", None)


def test_a_text_of_lightgbm_that_is_cut_short_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    own = pytest.importorskip("lightgbm", reason="pip install leadweights[boosting]")
    usual = {"objective": "binary", "verbose": -1, "num_threads": 1}
    text = own.train(usual, own.Dataset(X, Y), 3).model_to_string()
    end, path = text.index("end of trees"), tmp_path / "m.txt"
    between = [found.start() for found in re.finditer("\n\nTree=", text)]
    for place in (*between, *range(100, end + 5, 37)):
        path.write_text(text[:place], newline="")
        with pytest.raises(ModelError):
            adopt(path)
    path.write_text(text.replace("threshold=", "threshold=1 ", 1), newline="")
    with pytest.raises(ModelError, match="cut short or was changed"):
        adopt(path)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["m.txt", "m.json", "m.ubj"])
def test_a_damaged_file_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is cut off or changed, the file is refused in words, or read as another model."""
    library, path = "lightgbm" if name == "m.txt" else "xgboost", tmp_path / name
    own = pytest.importorskip(library, reason="pip install leadweights[boosting]")
    if library == "lightgbm":
        usual = {"objective": "binary", "verbose": -1, "num_threads": 1}
        own.train(usual, own.Dataset(X, Y), 2).save_model(path)
    else:
        own.XGBClassifier(n_estimators=2, n_jobs=1).fit(X, Y).save_model(path)
    whole = path.read_bytes()
    # Without the library, which may not take what is damaged: what is tested is the reading.
    monkeypatch.setitem(sys.modules, library, None)
    random = np.random.default_rng(0)
    for place in random.integers(0, len(whole), 60).tolist():
        path.write_bytes(whole[:place])
        # What follows LightGBM's trees says nothing of their scores.
        says_all = name == "m.txt" and b"\nend of trees" in whole[:place]
        with contextlib.nullcontext() if says_all else pytest.raises(LeadweightsError):
            read(path)
        for harmed in (b"7", bytes([whole[place] ^ 64])):
            path.write_bytes(whole[:place] + harmed + whole[place + 1 :])
            with contextlib.suppress(LeadweightsError):
                read(path)


def read(path: Path) -> None:
    write_model(read_model(path, None))


def test_without_the_library_a_note_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = pytest.importorskip("xgboost", reason="pip install leadweights[boosting]")
    model = own.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(X, Y)
    model.save_model(tmp_path / "m.json")
    monkeypatch.setitem(sys.modules, "xgboost", None)
    found = adopt(tmp_path / "m.json", columns=NAMES)
    assert found.parity.holds
    assert found.reference is None
    assert "its scores were not asked" in found.notes[-1]
    model.save_model(tmp_path / "m.ubj")
    assert adopt(tmp_path / "m.ubj", columns=NAMES).model == found.model
