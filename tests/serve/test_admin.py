"""What is changed over HTTP is what the store's functions change, by the name of the token."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.lifecycle.store.store import Store
from leadweights.serve.access import Access
from leadweights.serve.admin import make_admin
from leadweights.serve.app import make_app
from leadweights.serve.guard import make_guards
from leadweights.serve.limits import Limits
from leadweights.serve.service import Service
from leadweights.serve.tokens import TokenFile, add_token
from tests.support.stores import other_model

VALID, TRAIN, KEY = "data/valid.csv", "data/train.csv", "contact_id"
SECRET = b"a secret of more than sixteen bytes"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store of two versions, the first in force, where leads are scored."""
    path = tmp_path_factory.mktemp("made") / "store.duckdb"
    store = lw.init_store(str(path), who="ann")
    lw.push(store, "outputs")
    lw.push(
        store, other_model(0.5), remember=lw.TrainingKeys(KEY, lw.read_keys_of(TRAIN, KEY), SECRET)
    )
    lw.activate(store, 1)
    lw.score_to_store(store, VALID)
    lw.record_outcomes(store, KEY, [("C003501", 1, "2026-01-31")])
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    """Give a store that the test may change."""
    return lw.open_store(str(shutil.copy(made, tmp_path)), who="ann")


@pytest.fixture
def client(store: Store, tmp_path: Path) -> Iterator[TestClient]:
    path = tmp_path / "tokens.json"
    token = add_token(path, "ops", ["admin", "read", "score"])
    other = add_token(path, "crm", ["score", "read"])
    guards = make_guards(Access(TokenFile(path)), Limits())
    app = make_app(Service.of_store(store.place), guards=guards, routers=[make_admin(SECRET)])
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        client.other = {"Authorization": f"Bearer {other}"}  # type: ignore[attr-defined]
        yield client


def version_in_force(client: TestClient) -> int:
    found = client.post("/v1/score", json={})
    assert found.status_code == 200, found.text
    return int(found.json()["model"]["version"])


def last_line(store: Store) -> tuple[str, str, int | None, Any]:
    line = store.audit()[-1]
    return line.made_by, line.event, line.version, json.loads(line.details)


@pytest.mark.sweep
def test_a_version_is_activated_and_rolled_back(client: TestClient, store: Store) -> None:
    assert version_in_force(client) == 1
    body = {"version": 2, "unproven": True, "expected": 1, "note": "spring"}
    found = client.post("/v1/admin/activate", json=body)
    assert found.status_code == 200, found.text
    assert found.json()["active"]["version"] == 2
    assert version_in_force(client) == 2  # the next answer is the new one's
    who, event, version, told = last_line(store)
    assert (who, event, version, told["note"]) == ("token ops", "activate", 2, "spring")
    assert client.post("/v1/admin/rollback").json()["active"]["version"] == 1
    assert version_in_force(client) == 1
    assert last_line(store)[:3] == ("token ops", "rollback", 1)
    assert lw.verify_audit(store).holds


@pytest.mark.sweep
def test_what_is_held_on_a_person_is_given_and_erased(client: TestClient, store: Store) -> None:
    expected = lw.export_person(store, KEY, "C003501", secret=SECRET)
    assert client.get("/v1/people/C003501").json() == expected
    assert last_line(store)[:2] == ("token ops", "export_person")
    found = client.delete("/v1/people/C003501", params={"column": KEY})
    assert found.json() == {
        "keys": 1,
        "scores": 1,
        "outcomes": 1,
        "learnt": [],
        "versions_asked": [2],
        "versions_without_an_answer": [1],
    }
    who, event, _, told = last_line(store)
    assert (who, event, told["scores"]) == ("token ops", "erase", 1)
    assert lw.export_person(store, KEY, "C003501")["scores"] == []
    assert client.delete("/v1/people/C003501").json()["scores"] == 0
    refused = client.delete("/v1/people/C003502", params={"column": "id"})
    assert (refused.status_code, "knows nobody by 'id'" in refused.text) == (409, True)
    assert lw.export_person(store, KEY, "C003502")["scores"]
    assert client.get("/v1/people/a%2Fb%20c%25").json()["key"] == "a/b c%"


def test_a_role_less_changes_nothing(client: TestClient, store: Store) -> None:
    before = store.audit()
    for headers, status in ((client.other, 403), ({"Authorization": ""}, 401)):  # type: ignore[attr-defined]
        for method, path in (
            ("POST", "/v1/admin/activate"),
            ("POST", "/v1/admin/rollback"),
            ("GET", "/v1/people/C003501"),
            ("DELETE", "/v1/people/C003501"),
        ):
            body = {"version": 2, "unproven": True}
            assert client.request(method, path, json=body, headers=headers).status_code == status
    assert store.audit() == before
    assert version_in_force(client) == 1


def test_what_cannot_be_is_a_problem_and_changes_nothing(client: TestClient, store: Store) -> None:
    before = store.audit()
    for path, body, status in (
        ("activate", {"version": 9}, 409),
        ("activate", {"version": 2}, 409),  # not proven
        ("activate", {"version": 2, "unproven": True, "expected": 7}, 409),
        ("activate", {"version": "2"}, 422),
        ("activate", {"version": 2, "unproven": 1}, 422),
        ("activate", {"version": 0}, 422),
        ("activate", {"version": 10**30}, 422),
        ("activate", {"version": 2.5}, 422),
        ("activate", {"version": 2, "view": "leads"}, 422),
        ("activate", {"version": 2, "note": "\0"}, 422),
        ("activate", {"version": 2, "note": "x" * 1001}, 422),
        ("activate", [], 422),
        ("activate", None, 422),
        ("rollback", None, 409),  # nothing was before
        ("rollback", {"expected": -1}, 422),
    ):
        found = client.post(f"/v1/admin/{path}", json=body)
        assert found.status_code == found.json()["status"] == status, body
        assert found.headers["content-type"] == "application/problem+json"
    assert store.audit() == before


def test_odd_keys_are_keys_or_refused(client: TestClient, store: Store) -> None:
    before = len(store.audit())
    for key, status in (("%00", 422), ("x" * 1001, 422), ("%E2%80%AE", 200), ("'; --", 200)):
        assert client.get(f"/v1/people/{key}").status_code == status, key
    assert client.get("/v1/people/").status_code in (404, 422)
    assert client.get("/v1/people/C1", params={"column": "\0"}).status_code == 422
    assert len(store.audit()) == before + 2


def test_a_service_of_a_file_has_nothing_to_change(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    token = add_token(path, "ops", ["admin"])
    guards = make_guards(Access(TokenFile(path)), Limits())
    app = make_app(Service.of_model("outputs"), guards=guards, routers=[make_admin()])
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        for method, address in (("POST", "admin/rollback"), ("DELETE", "people/C1")):
            found = client.request(method, f"/v1/{address}")
            assert (found.status_code, found.json()["title"]) == (409, "Conflict")
