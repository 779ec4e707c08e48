"""A model file gives back the model, and refuses to be anything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from leadweights.errors import ModelError, OutputError
from leadweights.model import ScoringModel
from leadweights.model_file import FORMAT, fingerprint, from_json, load, save, to_json
from tests.strategies import models

COMMITTED = Path("outputs/model.json")


@settings(max_examples=300)
@given(models())
def test_a_model_comes_back_from_its_document_as_it_was(model: ScoringModel) -> None:
    text = to_json(model)
    again = from_json(text)
    assert again == model
    assert to_json(again) == text


def test_save_and_load_are_each_others_inverse(tmp_path: Path) -> None:
    save(load(COMMITTED), tmp_path / "deep" / "model.json")
    assert (tmp_path / "deep" / "model.json").read_bytes() == COMMITTED.read_bytes()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["model.json"]


def test_the_fingerprint_is_of_what_is_computed_not_of_where_it_comes_from() -> None:
    document = json.loads(COMMITTED.read_text())
    document["provenance"]["made_by"] = "another version"
    assert fingerprint(from_json(json.dumps(document))) == fingerprint(load(COMMITTED))
    document["terms"][0]["mean"] += 1e-9
    assert fingerprint(from_json(json.dumps(document))) != fingerprint(load(COMMITTED))


def changed(**values: Any) -> str:
    """Change the committed document: `terms__0__std=0` sets terms[0].std."""
    document = json.loads(COMMITTED.read_text())
    for path, value in values.items():
        *parents, last = path.split("__")
        part = document
        for step in parents:
            part = part[int(step)] if step.isdigit() else part[step]
        if value is KeyError:
            del part[last]
        else:
            part[int(last) if last.isdigit() else last] = value
    return json.dumps(document)


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "m.json is not a model: not JSON (Expecting value"),
        ("{", "m.json is not a model: not JSON"),
        ("[]", "m.json is not a model: it has no 'format'"),
        ("3", "m.json is not a model: it has no 'format'"),
        ("{}", "m.json is not a model: it has no 'format'"),
        (changed(format=FORMAT + 1), "m.json has format 2, this reads 1: upgrade leadweights"),
        (changed(format="x"), "m.json has format 'x', this reads 1: it was not written"),
        (changed(format=True), "m.json has format True"),
        (changed(terms__0__std=NAN), "not JSON (NaN is not a number JSON has)"),
        (changed(link__scale=INF), "not JSON (Infinity is not a number JSON has)"),
        (changed(terms__0__std=0), "m.json: std of 'engagement_rate_30d' must be positive, not 0"),
        (changed(terms__0__std=-1.0), "std of 'engagement_rate_30d' must be positive, not -1.0"),
        (changed(terms__0__std="a"), "m.json: terms[0].std must be a number, not 'a'"),
        (changed(terms__0__std=True), "terms[0].std must be a number, not True"),
        (changed(terms__0__std=None), "terms[0].std must be a number, not None"),
        (changed(terms__0__mean=10**400), "terms[0].mean must be a number"),
        (changed(terms__0__mean=1e301), "mean of 'engagement_rate_30d' must be a finite number"),
        (changed(terms__0__std=KeyError), "m.json: terms[0].std is missing"),
        (changed(terms__0__note="x"), "m.json: terms[0].note is not a field of a model"),
        (changed(terms__0__kind="spline"), "terms[0].kind must be one of standardized, ranged"),
        (changed(terms__0__column="x"), "a term reads column 'x', which the model lacks"),
        (
            changed(terms__1__column="engagement_rate_30d"),
            "term of column 'engagement_rate_30d' st",
        ),
        (changed(columns__1__name="engagement_rate_30d"), "column 'engagement_rate_30d' stands"),
        (changed(terms={}), "m.json: terms must be a list, not {}"),
        (changed(terms=[]), "m.json: a model needs at least one term"),
        (changed(terms__0=7), "terms[0].kind must be one of"),
        (changed(link__scale=0), "scale must be positive, not 0"),
        (changed(link__scale=-2.0), "scale must be positive, not -2.0"),
        (changed(link=3), "link.kind must be one of logit, identity, not None"),
        (changed(name=3), "m.json: name must be a text, not 3"),
        (changed(provenance__rows=1.5), "provenance.rows must be a whole number, not 1.5"),
        (changed(provenance=[]), "provenance must be an object, not []"),
        (changed(keys="id"), "keys must be a list, not 'id'"),
        (changed(terms__0__weight=0.5), "the absolute weights must sum to 1, not 1.33"),
        (changed(columns__0__fill=1e301), "fill of 'engagement_rate_30d' must be a finite number"),
    ],
)
def test_what_is_not_a_model_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        from_json(text, "m.json")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such file: .*nowhere\.json"):
        load(tmp_path / "nowhere.json")
    with pytest.raises(ModelError, match=r"cannot read .*: Is a directory"):
        load(tmp_path)
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="not UTF-8 text"):
        load(tmp_path / "latin.json")


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=r"cannot write .*model\.json"):
        save(load(COMMITTED), tmp_path / "file" / "model.json")
    (tmp_path / "model.json").mkdir()
    with pytest.raises(OutputError, match="it is a directory"):
        save(load(COMMITTED), tmp_path / "model.json")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "model.json"}
