"""Files of strangers, damaged on purpose, and the proof that each is read rightly or refused.

Each `check_` raises AssertionError, or whatever came through, for a finding.
"""

import csv
import io
import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import strategies as st

import leadweights as lw
from leadweights.decisions.plan import read_plan
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.model.file import as_document, from_json, to_json
from leadweights.model.model import ScoringModel
from leadweights.prove.parity import parity
from leadweights.sql.render import render
from leadweights.tables.open import open_table
from tests.support.hostile import attempt, changed, everything, harmed, odd_texts, toml_file
from tests.support.strategies import models

documents = st.one_of(
    st.just(json.loads(Path("outputs/model.json").read_text())), models().map(as_document)
)
model_files = st.one_of(
    changed(documents).map(lambda document: json.dumps(document).encode()),
    harmed(documents.map(lambda document: json.dumps(document).encode())),
)


def check_model(_: Path, data: bytes) -> None:
    """Read a model; what is read computes one thing, and stays what it is."""
    model = attempt(lambda: from_json(data.decode("utf-8", "replace")))
    if model is not None:
        _holds(model)


def _holds(model: ScoringModel) -> None:
    """Prove that a model that was read computes one thing, and stays what it is."""
    text = to_json(model)
    assert from_json(text) == model
    assert to_json(from_json(text)) == text
    if attempt(lambda: render(model)) is not None:
        assert attempt(lambda: parity(model, {}).holds) in (True, None)


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

toml_files = changed(st.sampled_from([DICTIONARY, PLAN])).flatmap(
    lambda document: harmed(st.just(toml_file(document).encode("utf-8", "surrogatepass")))
)


def check_toml(folder: Path, data: bytes) -> None:
    """Read a dictionary and a plan, twice the same, and change nothing."""
    path = folder / "given.toml"
    path.write_bytes(data)
    before = everything(folder)
    readers: list[Callable[[Path], object]] = [read_dictionary, read_plan]
    for read in readers:
        found = attempt(partial(read, path))
        if found is not None:
            assert read(path) == found
    assert everything(folder) == before


cells = st.one_of(
    odd_texts, st.sampled_from(["1", "-2.5", "1e400", "0x10", "00012", "2026-01-02", "true", "no"])
).map(lambda text: text.encode("utf-8", "replace").decode())


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """Write rows with csv, in one of the ways that people have."""
    width = draw(st.integers(1, 4))
    names = draw(st.lists(cells, min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5))
    with io.StringIO(newline="") as file:
        end = draw(st.sampled_from(["\n", "\r\n"]))
        csv.writer(file, delimiter=draw(st.sampled_from(",;\t|")), lineterminator=end).writerows(
            [names, *rows]
        )
        return file.getvalue().encode()


def check_csv(folder: Path, data: bytes) -> None:
    """Open a text file, and read as many rows and columns as it tells; leave nothing beside it."""
    path = folder / "leads.csv"
    path.write_bytes(data)
    table = attempt(lambda: open_table(path))
    if table is not None:
        names = list(table.types)
        texts = attempt(lambda: open_table(path, names).all_values())
        if texts is not None:
            assert len(texts) == table.rows
            assert all(len(row) == len(names) for row in texts)
    assert {Path(name).name for name in everything(folder)} == {"leads.csv"}
    assert path.read_bytes() == data


PARQUET = io.BytesIO()
pd.read_csv("data/valid.csv", nrows=20).to_parquet(PARQUET)


def check_parquet(folder: Path, data: bytes) -> None:
    """Score a Parquet file."""
    path = folder / "leads.parquet"
    path.write_bytes(data)
    attempt(lambda: lw.score(lw.load("outputs/model.json"), path))
