"""The difference of two models: none of equal ones, and no field that it does not see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from math import inf, nextafter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.model.calibration import Platt
from leadweights.model.file import as_document, from_json, to_json
from leadweights.model.model import ScoringModel, SegmentFill, Segments
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Promise,
    Scale,
    Threshold,
    Trend,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Curve, Level, Levels, Point
from leadweights.model.trees import Leaf, Trees, TreesShare
from leadweights.reports.diff import diff_document, diff_text
from tests.support.commands import invoke
from tests.support.deciding import deciding_model
from tests.support.golden_files import crm_model
from tests.support.strategies import deciding_models_with_tables, models


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the places of all that is no container, and of containers that hold nothing."""
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), (*place, field.name))
    elif isinstance(value, tuple) and value:
        for number, item in enumerate(value):
            yield from leaves(item, (*place, number))
    else:
        yield place


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """Give a copy with one thing replaced, checked by nobody: most changes make no model."""
    if not place:
        return new
    first, *rest = place
    if isinstance(value, tuple):
        return (*value[:first], put(value[first], tuple(rest), new), *value[first + 1 :])
    copy = object.__new__(type(value))
    for field in fields(value):
        own = getattr(value, field.name)
        if field.name == first:
            own = put(own, tuple(rest), new)
        object.__setattr__(copy, field.name, own)
    return copy


def get(value: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        value = value[step] if isinstance(value, tuple) else getattr(value, step)
    return value


NEW: dict[Any, Any] = {
    "segments": Segments("s", (SegmentFill("a", 0.5),)),
    "calibration": Platt(0.0, 0.5),
    "consent": Consent("may"),
    "adjustment": Adjustment("factor"),
    "decay": Decay("seen", 30.0, until_day="2026-02-28"),
    "scale": Scale("probability", percent_cuts()),
    "bands": Bands("percentile", (Band("A", 1.0), Band("B"))),
    "threshold": Threshold(0.5, "by hand"),
    "promise": Promise(0.8, 0.9),
    "trend": Trend("before"),
    "trees": Trees(0.1, (Leaf(0.5),)),
    "wordings": (Wording("x0", "words"),),
    "shares": (TreesShare("x0", 0.5),),
    "levels": (Level("new", 0.5, 0.1),),
    "low": 0.5,
    "high": 0.5,
}
"""What is put where there is nothing, by the name of the field."""


def other_than(value: Any, place: tuple[Any, ...]) -> Any:
    match value:
        case None:
            return NEW[place[-1]]
        case ():
            shares = place[-1] == "shares"
            return NEW.get(place[-1], ("x",)) if shares or place[0] != "trees" else ("x",)
        case bool():
            return not value
        case float():
            return -0.0 if repr(value) == "0.0" else nextafter(value, inf)
        case int():
            return value + 1
        case str():
            return value + "x"
        case _:
            raise AssertionError(value)


any_model = models() | deciding_models_with_tables().map(lambda drawn: drawn.model)


@pytest.mark.sweep
@settings(max_examples=60, deadline=None)
@given(model=any_model, seed=st.integers(0, 2**32))
def test_whichever_field_of_a_model_changes_the_difference_has_it(
    model: ScoringModel, seed: int
) -> None:
    random = Random(seed)
    places = list(leaves(model))
    for place in random.sample(places, min(8, len(places))):
        changed = put(model, place, other_than(get(model, place), place))
        found = lw.diff(model, changed)
        assert found.changes, place
        assert diff_document(found)["changes"]
        assert json.dumps(diff_document(found))
        assert found.changes[0].place[0] == place[0]
        text = diff_text(found)
        assert "differ" in text
        assert len(text.splitlines()) >= 4


@pytest.mark.sweep
@settings(max_examples=50, deadline=None)
@given(model=any_model)
def test_a_model_that_was_written_and_read_differs_in_nothing(model: ScoringModel) -> None:
    found = lw.diff(model, from_json(to_json(model)))
    assert found.changes == ()
    assert found.computes_the_same
    assert diff_text(found) == "The two models are the same, in every field.\n"


@pytest.mark.sweep
@settings(max_examples=50, deadline=None)
@given(first=any_model, second=any_model)
def test_there_is_no_difference_only_where_the_files_are_the_same(
    first: ScoringModel, second: ScoringModel
) -> None:
    found = lw.diff(first, second)
    assert (found.changes == ()) == (to_json(first) == to_json(second))
    back = lw.diff(second, first)
    assert {change.place for change in back.changes} == {c.place for c in found.changes}


def test_every_list_of_the_examples_is_compared_item_by_item_and_by_name() -> None:
    model = deciding_model("points")
    terms = tuple(
        replace(term, weight=term.weight + 0.5) if term.column == "recency_days" else term
        for term in reversed(model.terms)
    )
    changed = put(model, ("terms",), terms)
    changed = put(changed, ("decisions", "bands", "bands", 1, "low"), -0.25)
    first, order, band = lw.diff(model, changed).changes
    assert first.place == ("terms", "recency_days", "weight")
    assert (order.place, order.kind) == (("terms",), "moved")
    assert (band.place, band.before, band.after) == (
        ("decisions", "bands", "bands", "it's warm", "low"),
        -0.5,
        -0.25,
    )


def test_words_name_the_column_the_level_and_as_many_digits_as_tell_numbers_apart() -> None:
    model = crm_model("duckdb")
    term = next(term for term in model.terms if isinstance(term, Levels))
    level = term.levels[0]
    own = model.terms.index(term)
    changed = put(
        model, ("terms", own, "levels", 0, "contribution"), nextafter(level.contribution, inf)
    )
    changed = put(changed, ("provenance", "rows"), model.provenance.rows + 1)
    text = diff_text(lw.diff(model, changed))
    assert f"{term.column}, level {level.value!r}" in text
    assert f"{level.contribution:.17g}" in text
    assert "weights, levels and curves 1, where it comes from 1" in text
    new = put(model, ("terms", own, "levels"), (*term.levels, Level("new", 0.5, 0.1)))
    (change,) = lw.diff(model, new).changes
    assert (change.kind, change.before, change.after) == ("added", None, Level("new", 0.5, 0.1))
    curve = put(model, ("terms", own), Curve(term.column, 0.1, (Point(0.0, 0.0), Point(1.0, 1.0))))
    (change,) = lw.diff(model, curve).changes
    assert change.place == ("terms", term.column)
    assert "curve: a curve of 2 points" in diff_text(lw.diff(model, curve))


def test_models_that_differ_in_where_they_come_from_alone_compute_the_same() -> None:
    model = deciding_model("percent")
    other = replace(model, provenance=replace(model.provenance, rows_sha256="1" * 64))
    assert lw.diff(model, other).computes_the_same
    assert "where they are from" in repr(lw.diff(model, other))
    label = replace(model, provenance=replace(model.provenance, label="sold"))
    assert "The label:" in diff_text(lw.diff(model, label))


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


def test_the_command_prints_words_or_json(tmp_path: Path) -> None:
    model = lw.load("outputs/model.json")
    decided = replace(model, decisions=replace(model.decisions, threshold=Threshold(0.5, "so")))
    lw.save(decided, tmp_path / "decided.json")
    code, text, said = ran("diff", "outputs", tmp_path / "decided.json")
    assert (code, said) == (0, "")
    assert "rules around the score 1" in text
    assert "threshold   -" in text
    code, text, _ = ran("diff", "outputs", tmp_path / "decided.json", "--json")
    (change,) = json.loads(text)["changes"]
    assert change["place"] == ["decisions", "threshold"]
    own = {"kind": "threshold", "promise": None}
    assert change["after"] == {**own, **as_document(decided)["decisions"]["threshold"]}
    code, text, _ = ran("diff", "outputs", "outputs", "--json")
    assert (code, json.loads(text)["same"]) == (0, True)


@pytest.mark.parametrize("wrong", ["no.json", "data/train.csv"])
def test_what_is_no_model_is_told_in_one_line(wrong: str) -> None:
    code, text, said = ran("diff", "outputs", wrong)
    assert (code, text) == (1, "")
    assert said.count("\n") == 1
    assert wrong in said
