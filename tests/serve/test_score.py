"""Leads over HTTP have the bits of the SELECT: one at a time, in lists and as uploads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed, settings
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.files.temporary import make_temporary_folder
from leadweights.formula.columns import sources_of
from leadweights.formula.sources import sources
from leadweights.formula.stages import row_outputs
from leadweights.model.file import fingerprint, load
from leadweights.model.model import ScoringModel
from leadweights.prove import hostile_rows
from leadweights.serve.app import make_app
from leadweights.serve.service import Service
from tests.support import engine
from tests.support.every_kind import DICTIONARY
from tests.support.every_kind import make_leads as make_leads_of_every_kind
from tests.support.golden_files import crm_model, deciding_model, trees_model
from tests.support.leads import TYPES, assert_answers, in_json, make_leads, select_rows
from tests.support.release import RELEASE
from tests.support.strategies import Drawn, deciding_models_with_tables, models_with_tables

MODEL = "outputs/model.json"


@contextmanager
def client(model: ScoringModel) -> Iterator[TestClient]:
    with TestClient(make_app(Service.of_model(model))) as found:
        yield found


def score(asked: TestClient, body: object) -> Any:
    answer = asked.post("/v1/score", content=json.dumps(body))
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_same_as_the_select(drawn: Drawn) -> None:
    drawn = in_json(drawn)
    leads = make_leads(drawn.model, drawn.table)
    rows = select_rows(drawn)
    with client(drawn.model) as asked:
        answer = score(asked, {"leads": leads})
        assert answer["model"] == {"version": None, "sha256": fingerprint(drawn.model)}
        alone = [result for lead in leads for result in score(asked, lead)["results"]]
    assert answer["results"] == alone
    assert_answers(drawn.model, alone, rows)


@seed(15)
@settings(max_examples=300 if RELEASE else 15, database=None)
@given(models_with_tables())
def test_leads_of_random_models_have_the_bits_of_the_select(drawn: Drawn) -> None:
    assert_same_as_the_select(drawn)


@pytest.mark.sweep
@seed(16)
@settings(max_examples=300 if RELEASE else 15, database=None)
@given(deciding_models_with_tables())
def test_leads_of_random_models_that_decide_have_the_bits_of_the_select(drawn: Drawn) -> None:
    assert_same_as_the_select(drawn)


@pytest.mark.parametrize(
    "model", [crm_model("duckdb"), deciding_model(), trees_model()], ids=lambda model: model.name
)
def test_hostile_leads_have_the_bits_of_the_select(model: ScoringModel) -> None:
    kinds = sources(model, row_outputs(model, "standardized"))
    types = {name: TYPES[kind] for name, kind in kinds.items()}
    (case, *_) = hostile_rows.cases(model, every_type=False)
    table = {name: values[::3] for name, values in case.values.items()}
    assert_same_as_the_select(Drawn(model, table, types))


@seed(17)
@settings(max_examples=100 if RELEASE else 4, database=None)
@given(deciding_models_with_tables())
def test_an_upload_has_the_bits_of_the_select_and_of_leads(drawn: Drawn) -> None:
    drawn = in_json(drawn)
    own = row_outputs(drawn.model, "standardized")
    leads, rows = make_leads(drawn.model, drawn.table), select_rows(drawn)
    with client(drawn.model) as asked:
        assert_answers(drawn.model, score(asked, {"leads": leads})["results"], rows)
        answer = asked.post(
            "/v1/predict",
            content=as_parquet(),
            headers={"content-type": "application/vnd.apache.parquet", "accept": "text/csv, */*"},
            params={"format": "json"},
        )
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["rows"] == len(rows)
    wanted = [
        {"id": lead.get("id")} | {name: row[name] for name in own}
        for lead, row in zip(leads, rows, strict=True)
    ]
    assert document["results"] == wanted


def as_parquet() -> bytes:
    """Write the table that was loaded last as Parquet."""
    with make_temporary_folder() as folder:
        path = folder / "leads.parquet"
        engine.selected_values(f"COPY (SELECT * FROM leads) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def test_what_each_column_adds_is_told_when_asked_and_adds_up() -> None:
    model = load(MODEL)
    lead = {"recency_days": 3, "sentiment_score": -0.5}
    with client(model) as asked:
        (plain,) = score(asked, lead)["results"]
        told = asked.post("/v1/score?contributions=true", json=lead).json()["results"][0]
    parts = told.pop("contributions")
    assert told == plain
    assert {*parts} == {term.column for term in model.terms}
    term = next(term for term in model.terms if term.column == "recency_days")
    by_hand = (3 - term.mean) / term.std * term.weight  # type: ignore[union-attr]
    assert parts["recency_days"] == by_hand
    assert sum(parts.values()) == pytest.approx(plain["lead_score"], rel=1e-12)


def test_what_is_filled_is_told() -> None:
    lead = {"contact_id": "C1", "recency_days": 3, "sentiment_score": None}
    with client(load(MODEL)) as asked:
        (result,) = score(asked, lead)["results"]
    every = {"engagement_rate_30d", "fatigue_score", "mms_affinity", "opt_out_risk"}
    assert {*result["filled"]} == every | {"reply_rate_90d", "sentiment_score"}
    assert result["contact_id"] == "C1"


def test_what_counts_as_missing_is_filled_in_every_kind_of_column() -> None:
    model = crm_model("duckdb")
    names = {column.name for column in model.columns}
    with client(model) as asked:
        (nothing,) = score(asked, {})["results"]
        given = {
            "Source": " Chat ",
            "Do Not Call": "No",
            "Opted In": False,
            "Created": "2026-01-31",
            "Exported": "2026-02-28T10:00:00+02:00",
            "Revenue": "12.5",
            "Visits": 4,
        }
        (some,) = score(asked, given)["results"]
        (odd,) = score(asked, given | {"Source": "", "Revenue": "ten", "Visits": 1e101})["results"]
    assert {*some["filled"]} == names - read_of(model, given) - {"Visits is missing"}
    assert {*odd["filled"]} - {*some["filled"]} == {"Source", "Revenue", "Visits"}
    assert "Visits is missing" not in nothing["filled"]


def read_of(model: ScoringModel, given: dict[str, Any]) -> set[str]:
    """Name the columns that are made of what is given."""
    return {c.name for c in model.columns if {*sources_of(c, model.columns)} <= {*given}}


@pytest.mark.sweep
def test_values_that_no_training_row_had_are_told(tmp_path: Path) -> None:
    (tmp_path / "dictionary.toml").write_text(DICTIONARY)
    rows = make_leads_of_every_kind(900, 3)
    asked: dict[str, Any] = {"keys": ["lead"], "exclude": ["weight"]}
    fit = lw.fit(rows, dictionary=tmp_path / "dictionary.toml", **asked)
    lw.save(fit.model, tmp_path / "model.json")
    lw.save_baseline(fit.baseline, tmp_path / "baseline.json")
    usual = {"visits": 10.0, "age": 40.0, "region": "North", "tags": "a|b", "member": True}
    usual |= {"budget": "\u20ac1,500", "seen": "2026-01-15"}
    odd: list[tuple[dict[str, Any], list[str]]] = [
        ({}, []),
        ({"visits": rows["visits"].min(), "age": rows["age"].max()}, []),
        ({"visits": 1e6}, ["visits"]),
        ({"visits": -50.0, "age": 300}, ["age", "visits"]),
        ({"age": -999, "region": None, "visits": None}, []),  # missing
        ({"region": "Nowhere", "member": False, "tags": "z"}, ["region"]),
        ({"budget": "\u20ac9,000,000"}, ["budget"]),
        ({"seen": "1990-01-01"}, ["seen days"]),
        ({"visits": 1e101, "budget": "much"}, []),  # so far out that it counts as missing
    ]
    with TestClient(make_app(Service.of_model(tmp_path))) as asked_of:
        leads = [usual | own for own, _ in odd]
        results = score(asked_of, {"leads": leads})["results"]
    for (own, expected), result in zip(odd, results, strict=True):
        assert sorted(result["out_of_range"]) == expected, own


def test_without_a_baseline_nothing_is_said_of_what_was_seen() -> None:
    with client(load(MODEL)) as asked:
        (result,) = score(asked, {"recency_days": 1e9})["results"]
    assert "out_of_range" not in result
    with TestClient(make_app(Service.of_model(MODEL))) as asked:
        (result,) = score(asked, {"recency_days": 1e9, "mms_affinity": 0.5})["results"]
        assert result["out_of_range"] == ["recency_days"]
        (result,) = score(asked, {"recency_days": None})["results"]
        assert result["out_of_range"] == []


def test_a_lead_without_consent_has_no_score_and_is_counted() -> None:
    model = deciding_model()
    assert model.decisions.consent is not None
    column, yes = model.decisions.consent.column, model.decisions.consent.yes
    agreed = {column: yes[0] if yes else True}
    with client(model) as asked:
        body = {"leads": [{"id": "a"} | agreed, {"id": "b"}, {"id": "c", column: None}]}
        results = score(asked, body)["results"]
        counted = asked.get("/metrics").text
    assert [result["status"] for result in results] == ["ok", "no_consent", "no_consent"]
    assert {*results[1]} == {"status", "id", "filled"}
    assert 'leadweights_rows_total{status="no_consent"} 2.0' in counted
    assert 'leadweights_rows_total{status="scored"} 1.0' in counted


def test_doubles_of_json_are_read_to_the_last_bit() -> None:
    """Against Python's own reader: numbers of 17 digits, halves between doubles, tiny ones."""
    texts = ["0.1", "1e-310", "5e-324", "9007199254740993", "1.7976931348623157e99", "-0.0"]
    texts += ["2.2250738585072011e-308", "0.30000000000000004", "123456789012345678901234567890"]
    with client(load(MODEL)) as asked:
        for text in texts:
            given = asked.post("/v1/score", content=f'{{"recency_days": {text}}}').json()
            again = score(asked, {"recency_days": float(text)})
            assert given == again, text
