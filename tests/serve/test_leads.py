"""What a lead may be: what is refused names the field, and repeats no value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadweights.model.file import load
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.serve.app import MOST_LEADS, make_app
from leadweights.serve.service import Service
from tests.support.golden_files import crm_model
from tests.support.strategies import PROVENANCE

SECRET = "S3cr3t"


@pytest.fixture(scope="module")
def asked() -> Iterator[TestClient]:
    with TestClient(make_app(Service.of_model(crm_model("duckdb")))) as client:
        yield client


@pytest.mark.parametrize(
    ("lead", "pointer", "wanted"),
    [
        ('{"Visits": "4"}', "/Visits", "a number"),
        ('{"Visits": true}', "/Visits", "a number"),
        ('{"Visits": [4]}', "/Visits", "a number"),
        ('{"Visits": {"x": 4}}', "/Visits", "a number"),
        ('{"Visits": NaN}', "/Visits", "a number"),
        ('{"Visits": -Infinity}', "/Visits", "a number"),
        ('{"Visits": 1e999}', "/Visits", "a number"),
        (f'{{"Visits": {"9" * 400}}}', "/Visits", "a number"),
        ('{"Source": 4}', "/Source", "a text"),
        ('{"Source": false}', "/Source", "a text"),
        ('{"Revenue": true}', "/Revenue", "a text or a number"),
        ('{"Revenue": NaN}', "/Revenue", "a text or a number"),
        ('{"Opted In": "yes"}', "/Opted In", "true or false"),
        ('{"Opted In": 2}', "/Opted In", "true or false"),
        ('{"Do Not Call": true}', "/Do Not Call", "a text"),
        ('{"Created": "31.01.2026"}', "/Created", "a date"),
        ('{"Created": "2026-02-30"}', "/Created", "a date"),
        ('{"Created": "20260131"}', "/Created", "a date"),
        ('{"Created": "2026-01-31T25:00"}', "/Created", "a date"),
        ('{"Created": 20260131}', "/Created", "a date"),
        ('{"visits": 4}', "/visits", "no field of this name"),
        ('{"a/b~c": 4}', "/a~1b~0c", "no field of this name"),
        ('{"": 4}', "/", "no field of this name"),
    ],
)
def test_what_is_no_value_of_a_field_is_refused_by_its_pointer(
    asked: TestClient, lead: str, pointer: str, wanted: str
) -> None:
    for body, place in ((lead, ""), (f'{{"leads": [{{}}, {lead}]}}', "/leads/1")):
        answer = asked.post("/v1/score", content=body)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert {*problem} == {"type", "title", "status", "detail", "errors"}
        assert problem["status"] == 422
        (error,) = problem["errors"]
        assert error["pointer"] == place + pointer
        assert wanted in error["detail"]


def test_every_field_that_is_wrong_is_named_at_once(asked: TestClient) -> None:
    body = {"leads": [{"Visits": "x", "Source": 1}, {}, {"nope": 1}, 5]}
    errors = asked.post("/v1/score", json=body).json()["errors"]
    pointers = sorted(error["pointer"] for error in errors)
    assert pointers == ["/leads/0/Source", "/leads/0/Visits", "/leads/2/nope", "/leads/3"]


def test_no_problem_repeats_a_value(asked: TestClient) -> None:
    leads: list[dict[str, Any]] = [{name: SECRET} for name in ("Visits", "Opted In", "Created")]
    leads += [{"Source": [SECRET]}, {"Source": {SECRET: SECRET}}, {"Visits": [SECRET]}]
    for lead in leads:
        answer = asked.post("/v1/score", json=lead)
        assert answer.status_code == 422
        assert SECRET not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"Visits": 1} x', b"{'Visits': 1}"])
def test_a_body_that_is_not_json_is_refused(asked: TestClient, body: bytes) -> None:
    answer = asked.post("/v1/score", content=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, "the body is not JSON")


@pytest.mark.parametrize("body", ["5", "null", '"a"', "[]", "[{}]", '{"leads": 5}'])
def test_json_that_is_no_lead_is_refused(asked: TestClient, body: str) -> None:
    answer = asked.post("/v1/score", content=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] in ("", "/leads")


def test_json_nested_without_end_is_refused(asked: TestClient) -> None:
    for opening in ("[", '{"leads":', '{"Visits":['):
        answer = asked.post("/v1/score", content=opening * 50_000)
        assert answer.status_code == 400


def test_a_list_has_an_end(asked: TestClient) -> None:
    answer = asked.post("/v1/score", json={"leads": [{}] * (MOST_LEADS + 1)})
    assert answer.status_code == 413
    assert "/v1/predict" in answer.json()["detail"]
    assert asked.post("/v1/score", json={"leads": []}).json()["results"] == []


def test_fewer_rows_may_be_allowed() -> None:
    with TestClient(make_app(Service.of_model(load("outputs/model.json")), max_rows=2)) as asked:
        assert asked.post("/v1/score", json={"leads": [{}] * 2}).status_code == 200
        assert asked.post("/v1/score", json={"leads": [{}] * 3}).status_code == 413


def score(asked: TestClient, lead: dict[str, Any]) -> float:
    answer = asked.post("/v1/score", json=lead)
    assert answer.status_code == 200, answer.text
    found: float = answer.json()["results"][0]["lead_score"]
    return found


def test_values_are_the_same_however_they_may_be_written(asked: TestClient) -> None:
    alike: list[list[dict[str, Any]]] = [
        [{"Visits": 4}, {"Visits": 4.0}],
        [{"Opted In": True}, {"Opted In": 1}, {"Opted In": 1.0}],
        [{"Revenue": "12.5"}, {"Revenue": 12.5}, {"Revenue": " +1.25e1 "}],
        [{"Revenue": 12}, {"Revenue": "12"}, {"Revenue": 12.0}],
        [{}, {"Visits": None}, {"Source": None, "Created": None, "Opted In": None}],
        [
            {"Created": "2026-01-31"},
            {"Created": "2026-01-31T00:30:00"},
            {"Created": "2026-01-31 23:59:59.999"},
            {"Created": "2026-02-01T01:00+02:00"},
            {"Created": "2026-01-30T23:30:00-01:00"},
            {"Created": "2026-01-31T12:00:00Z"},
        ],
    ]
    ways: list[dict[str, Any]]
    for ways in alike:
        assert len({score(asked, way) for way in ways}) == 1, ways
    different: list[dict[str, Any]] = [
        {"Visits": 4},
        {"Visits": 5},
        {"Revenue": 12},
        {"Created": "2026-01-31"},
    ]
    assert len({score(asked, lead) for lead in different}) == len(different)


def test_a_field_may_be_called_leads() -> None:
    terms = (Standardized("leads", 1.0, 2.0, 1.0),)
    model = ScoringModel("m", (), (Number("leads", 1.0),), terms, Logit(0.0, 1.0), PROVENANCE)
    with TestClient(make_app(Service.of_model(model))) as asked:
        assert score(asked, {"leads": 5}) == 2.0
        found = asked.post("/v1/score", json={"leads": [{"leads": 5}, {}]}).json()["results"]
        assert [one["lead_score"] for one in found] == [2.0, 0.0]


def test_keys_are_passed_through_as_they_are() -> None:
    model = replace(load("outputs/model.json"), keys=("id", "region"))
    with TestClient(make_app(Service.of_model(model))) as asked:
        for key in ("a", "007", 7, None, "\U0001f600", 2**60):
            (result,) = asked.post("/v1/score", json={"id": key}).json()["results"]
            assert (result["id"], result["region"]) == (key, None)
        odd: object
        for odd in (True, 1.5, [], {}):
            assert asked.post("/v1/score", json={"id": odd}).status_code == 422


def test_the_fields_are_told_with_their_levels_and_bounds(asked: TestClient) -> None:
    told = asked.get("/v1/model").json()
    fields = {field["name"]: field for field in told["fields"]}
    model = crm_model("duckdb")
    assert told["keys"] == list(model.keys)
    assert fields["Visits"]["kind"] == "number"
    assert fields["Visits"]["fill"] is None  # it is filled by segment
    assert fields["Visits"]["range"][0] < fields["Visits"]["range"][1]
    assert fields["Opted In"]["fill"] == 1.0
    assert fields["Created"]["kind"] == "date"
    assert fields["Source"]["levels"]
    assert fields["Do Not Call"]["levels"] == ["Yes", "No"]
    assert {*fields} >= {"Visits", "Revenue", "Opted In", "Exported"}
    schema = asked.get("/openapi.json").json()["components"]["schemas"]["Lead"]
    assert {*schema["properties"]} == {*fields}
    assert schema["additionalProperties"] is False
