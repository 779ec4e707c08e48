"""A stranger's model, dictionary or plan gives what it says, or one line."""

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leadweights.decisions.plan import read_plan
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.model.file import as_document, from_json, to_json
from leadweights.model.model import ScoringModel
from leadweights.prove.parity import parity
from leadweights.sql.render import render
from tests.support.hostile import attempt, changed, everything, fuzz, harmed, toml_file
from tests.support.strategies import models

documents = st.one_of(
    st.just(json.loads(Path("outputs/model.json").read_text())), models().map(as_document)
)


def holds(model: ScoringModel) -> None:
    """Prove that a model that was read computes one thing, and stays what it is."""
    text = to_json(model)
    assert from_json(text) == model
    assert to_json(from_json(text)) == text
    if attempt(lambda: render(model)) is not None:
        assert attempt(lambda: parity(model, {}).holds) in (True, None)


@fuzz(150)
@given(changed(documents))
def test_a_changed_model_is_a_model_or_refused(document: Any) -> None:
    model = attempt(lambda: from_json(json.dumps(document)))
    if model is not None:
        holds(model)


@fuzz(75)
@given(data=harmed(documents.map(lambda document: json.dumps(document).encode())))
def test_a_harmed_model_file_is_a_model_or_refused(data: bytes) -> None:
    model = attempt(lambda: from_json(data.decode("utf-8", "replace")))
    if model is not None:
        holds(model)


DICTIONARY = tomllib.loads(Path("data/features.toml").read_text(encoding="utf-8"))
DICTIONARY["x"] = {
    "kind": "number",
    "fill": {"median_by": "seg"},
    "missing": ["none", 9],
    "cap": [1, 2.5],
    "levels": ["a", "b"],
    "trim": True,
}
PLAN: dict[str, Any] = {
    "bands": {"by": "probability", "A": [0.5, 1.0], "B": [0, 0.5]},
    "points": {"by": "points", "pdo": 20, "base_odds": 50, "base_points": 600},
    "consent": {"column": "may contact", "yes": ["yes", "it's"]},
    "decay": {"column": "last seen", "half_life_days": 30, "until": "2026-02-28"},
    "reasons": {"count": 3, "words": {"x": {"high": "much", "low": "little"}}},
    "trend": {"column": "before", "steady": 0.1},
}


@fuzz(300)
@given(st.data())
def test_a_changed_dictionary_or_plan_is_one_or_refused(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("toml")
    path = folder / "given.toml"
    document = data.draw(changed(st.sampled_from([DICTIONARY, PLAN])))
    text = toml_file(document).encode("utf-8", "surrogatepass")
    path.write_bytes(data.draw(harmed(st.just(text))))
    before = everything(folder)
    readers: list[Callable[[Path], object]] = [read_dictionary, read_plan]
    for read in readers:
        found = attempt(partial(read, path))
        if found is not None:
            assert read(path) == found
    assert everything(folder) == before
