"""A model file gives back the model, and refuses to be anything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from leadweights.errors import DictionaryError, ModelError, OutputError
from leadweights.learn.prepare.dictionary import read_dictionary
from leadweights.model.checks import check_values
from leadweights.model.file import FORMAT, fingerprint, from_json, load, save, to_json
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    Identity,
    InputColumn,
    Number,
    ScoringModel,
    SegmentFill,
    Segments,
)
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Bins, Curve, Level, Levels, Point, Ranged, Standardized, Term
from tests.support.strategies import models

COMMITTED = Path("outputs/model.json")


@pytest.mark.sweep
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
        (changed(terms__0__note="x"), "m.json: terms[0] has no field 'note'; it has: column, mean"),
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
        (changed(columns__0__fill=-1e101), "fill of 'engagement_rate_30d', -1e+101, is out of al"),
        (changed(columns__0__low=1e101), "low of 'engagement_rate_30d', 1e+101, is out of all bo"),
        (changed(columns__0__high=1e101), "beyond 1e+100 its values count as missing"),
        (changed(link__scale=1e300), "m.json: fill of 'engagement_rate_30d', 0."),
        (changed(provenance__rows=-1), "m.json: a model is learnt from 0 to 1,000,000,000,000,000"),
        (changed(provenance__rows=-5), "a model is learnt from 0 to 1,000,000,000,000,000 rows, n"),
        (changed(provenance__rows=10**400), "a model is learnt from 0 to 1,000,000,000,000,000 ro"),
        (changed(provenance__positive_rows=-1), "-1 cannot be positive"),
        (changed(provenance__positive_rows=10**6), "1000000 cannot be positive"),
    ],
)
def test_what_is_not_a_model_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        from_json(text, "m.json")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "twice"),
    [
        ('{"format": 1', '{"format": 1, "format": 1', "format"),
        ('"std": ', '"std": 1.0, "std": ', "std"),
        ('"scale": ', '"scale": 1.0, "scale": ', "scale"),
    ],
)
def test_a_field_that_stands_twice_is_refused(old: str, new: str, twice: str) -> None:
    text = json.dumps(json.loads(COMMITTED.read_text())).replace(old, new, 1)
    with pytest.raises(ModelError, match=rf"not JSON \('{twice}' stands twice in one object\)"):
        from_json(text)


BY_HAND = Provenance("by hand", "label", "1", 2, 1, "by hand", "0" * 64)


def one_term(term: Term, column: InputColumn | None = None) -> ScoringModel:
    columns = (column or Number(term.column, 0.0),)
    return ScoringModel("by hand", (), columns, (term,), Identity(), BY_HAND)


def test_a_model_of_ranges_comes_back_as_it_was() -> None:
    model = one_term(Ranged("x", -2.5, 1e-7, -1.0), Number("x", -2.0, missing=(9.0,)))
    again = from_json(to_json(model))
    assert again == model
    assert json.loads(to_json(model))["terms"] == [
        {"kind": "ranged", "column": "x", "low": -2.5, "high": 1e-7, "weight": -1.0}
    ]
    equal = Path("outputs/equal_weights.json")
    assert to_json(load(equal)) == equal.read_text()


@pytest.mark.parametrize(
    "term",
    [
        Standardized("x", 0.0, 1e-300, 1.0),
        Standardized("x", 1e300, 1e300, 1.0),
        Standardized("x", 1e16, 1.0, 1.0),
        Standardized("x", -1e16, 1.0, -1.0),
        Ranged("x", 0.0, 1e-300, 1.0),
        Ranged("x", -5e299, 5e299, 1.0),
        Ranged("x", 1e16, 1e16 + 2, 1.0),
    ],
)
def test_numbers_at_the_limits_are_a_model(term: Term) -> None:
    assert from_json(to_json(one_term(term))).terms == (term,)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (Standardized("x", 0.0, 9.9e-301, 1.0), "std of 'x' must be positive, not 9.9e-301"),
        (Standardized("x", 0.0, 1.1e300, 1.0), "std of 'x' must be a finite number"),
        (Standardized("x", 1.1e300, 1e300, 1.0), "mean of 'x' must be a finite number"),
        (Standardized("x", 1.0001e16, 1.0, 1.0), "std of 'x', 1.0, is nothing beside its mean"),
        (Standardized("x", -1.0001e16, 1.0, 1.0), "std of 'x', 1.0, is nothing beside its mean"),
        (Ranged("x", 0.0, 9.9e-301, 1.0), "range of 'x' must rise from low to high"),
        (Ranged("x", 1.0, 1.0, 1.0), "range of 'x' must rise from low to high: 1.0 to 1.0"),
        (Ranged("x", 2.0, 1.0, 1.0), "range of 'x' must rise from low to high: 2.0 to 1.0"),
        (Ranged("x", -6e299, 6e299, 1.0), "range of 'x' must rise from low to high"),
        (Ranged("x", -1.1e300, 0.0, 1.0), "low of 'x' must be a finite number"),
    ],
)
def test_numbers_beyond_the_limits_are_none(term: Term, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        one_term(term)
    assert message in str(refused.value)


SEGMENT = SegmentFill("a", 0.0)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Number("x", 0.0, segments=Segments("seg", ())), "'x' is filled by segments of 'seg', bu"),
        (Number("x", 0.0, segments=Segments("s", (SEGMENT, SEGMENT))), "a segment of 'x' stands"),
        (Number("x", 0.0, segments=Segments(" ", (SEGMENT,))), "reads a column without a name"),
        (
            Number("x", 0.0, segments=Segments("s", (SegmentFill("a", 1e200),))),
            "fill for 'a' of 'x', 1e+200, is out of all bounds",
        ),
        (
            Number("x", 0.0, segments=Segments("s", (SegmentFill("a\0", 0.0),))),
            "level of 'x' must not have a NUL character: 'a\\x00'",
        ),
        (Number("x", 0.0, DaysSince("", until_day="2026-01-01")), "reads a column without a name"),
        (Number("x", 0.0, DaysSince("day", until_column=" ")), "reads a column without a name"),
        (Flag("x", 0.0, ("yes",)), "'x' has words for yes only"),
        (Flag("x", 0.0, (), ("no",)), "'x' has words for no only"),
        (Flag("x", 0.0, ("yes", "n"), ("n",)), "'n' means yes and no in 'x'"),
        (Flag("x", 1e200), "fill of 'x', 1e+200, is out of all bounds"),
    ],
)
def test_a_column_that_could_not_be_computed_is_refused(column: InputColumn, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        one_term(Standardized("x", 0.0, 1.0, 1.0), column)
    assert message in str(refused.value)


def test_a_level_or_a_curve_out_of_bounds_is_refused() -> None:
    rest = (Level("", 0.0, 0.0), Level("", 0.0, 0.0))
    with pytest.raises(ModelError, match="must not have a NUL character"):
        one_term(Levels("x", 1.0, (Level("a\0", 1.0, 0.5),), *rest), Category("x"))
    for high in (1e10, -1e10):
        steep = Curve("x", 1.0, (Point(0.0, 0.0), Point(1e-250, high)))
        with pytest.raises(ModelError, match="a contribution of 'x' is out of all bounds"):
            one_term(steep)
    document = json.loads(to_json(one_term(Levels("x", 1.0, (), *rest), Category("x"))))
    document["terms"][0]["other"]["contribution"] = 1e10
    document["link"] = {"kind": "logit", "intercept": 0.0, "scale": 1e299}
    with pytest.raises(ModelError, match=r"log-odds of a scale of 1e\+299 are out of all bounds"):
        from_json(json.dumps(document))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such file: .*nowhere\.json"):
        load(tmp_path / "nowhere.json")
    with pytest.raises(ModelError, match=r"no such file: .*model\.json"):
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


@pytest.mark.parametrize(
    ("name", "most"), [("missing", 1_000), ("points", 10_000), ("cuts", 10_000)]
)
def test_a_list_that_is_too_long_is_refused_by_name(name: str, most: int) -> None:
    def made(count: int) -> object:
        values = tuple(map(float, range(count)))
        match name:
            case "missing":
                return Number("a", 0.0, missing=values)
            case "points":
                return Curve("a", 1.0, tuple(Point(value, value) for value in values))
            case _:
                return Bins("a", 1.0, values, (*values, 0.0))

    check_values(made(most))
    with pytest.raises(ModelError, match=rf"^{name} of 'a' are {most + 1:,}, of {most:,} at most$"):
        check_values(made(most + 1))


def test_a_dictionary_takes_a_thousand_missing_values(tmp_path: Path) -> None:
    for place in ("", "[a]\n"):
        for count, refused in ((1000, False), (1001, True)):
            path = tmp_path / "d.toml"
            path.write_text(f"{place}missing = {list(range(count))}\n")
            if refused:
                with pytest.raises(DictionaryError, match=r"1,001 values, of 1,000 at most"):
                    read_dictionary(path)
            else:
                read_dictionary(path)
