"""Who may ask what: by role, at what rate, from which page, and by which name of the host."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.serve.access import Access, role_for
from leadweights.serve.guard import make_guards
from leadweights.serve.limits import Limits
from leadweights.serve.rates import Rates, name_address
from leadweights.serve.tokens import TokenFile, add_token

ROLES = ("score", "read", "admin")
NEEDED = {
    ("POST", "/v1/score"): "score",
    ("POST", "/v1/predict"): "score",
    ("GET", "/v1/model"): "read",
    ("GET", "/metrics"): "read",
    ("GET", "/openapi.json"): "read",
    ("GET", "/v1/score"): "read",
    ("PUT", "/what/is/not/there"): "read",
    ("POST", "/v1/admin/activate"): "admin",
    ("POST", "/v1/admin/rollback"): "admin",
    ("GET", "/v1/people/C1"): "admin",
    ("DELETE", "/v1/people/a/b"): "admin",
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/"): None,
    ("GET", "/assets/page.js"): None,
}


def make_client(access: Access, host: str = "127.0.0.1", **settings: Any) -> TestClient:
    """Guard an app that answers everything with the name of the token."""
    app = FastAPI(openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def answer(request: Request) -> dict[str, Any]:
        if request.url.path == "/v1/fault":
            raise ZeroDivisionError("S3cr3t")
        token = request.state.token
        return {"token": token and token.name}

    for guard in reversed(make_guards(access, settings.pop("limits", Limits()), **settings)):
        app.add_middleware(guard.cls, *guard.args, **guard.kwargs)
    return TestClient(app, f"http://{host}:8000", raise_server_exceptions=False)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    """Make a token for each role, and one that has two."""
    path = tmp_path / "tokens.json"
    made = {role: add_token(path, role, [role]) for role in ROLES}
    return {**made, "both": add_token(path, "both", ["score", "read"]), "path": str(path)}


def test_each_request_needs_its_role_and_no_other_will_do(tokens: dict[str, str]) -> None:
    client = make_client(Access(TokenFile(tokens["path"])))
    for (method, path), needed in NEEDED.items():
        assert role_for(method, path) == needed, path
        for role in ROLES:
            found = client.request(method, path, headers=bearer(tokens[role]))
            if needed in (None, role):
                assert (found.status_code, found.json()) == (200, {"token": role})
            else:
                assert found.status_code == 403
                assert found.json()["detail"] == f"the token {role} has not the role {needed}"
                said = f'Bearer realm="leadweights", error="insufficient_scope", scope="{needed}"'
                assert found.headers["www-authenticate"] == said
        assert client.request(method, path).status_code == (200 if needed is None else 401)
    assert client.get("/v1/model", headers=bearer(tokens["both"])).status_code == 200
    assert client.post("/v1/score", headers=bearer(tokens["both"])).status_code == 200


def test_no_token_and_a_wrong_one_are_told_apart_and_nothing_else(tokens: dict[str, str]) -> None:
    client = make_client(Access(TokenFile(tokens["path"])))
    found = client.get("/v1/model")
    assert found.headers["www-authenticate"] == 'Bearer realm="leadweights"'
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "a token is needed: Authorization: Bearer ...",
    }
    right = tokens["read"]
    wrong = (f"Bearer {right[:-1]}", f"Bearer {right} x", f"Basic {right}", right, "Bearer", "")
    answers = [client.get("/v1/model", headers={"Authorization": one}) for one in wrong]
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert 'error="invalid_token"' in answers[0].headers["www-authenticate"]
    assert client.get("/v1/model", headers={"Authorization": f"bearer  {right}"}).is_success
    assert right not in "".join(one.text for one in answers)
    assert client.get("/v1/model", params={"token": right}).status_code == 401


def test_without_tokens_all_is_open_but_what_changes_things() -> None:
    client = make_client(Access())
    for (method, path), needed in NEEDED.items():
        found = client.request(method, path)
        assert found.status_code == (403 if needed == "admin" else 200), path
    assert "without --tokens" in client.get("/v1/people/C1").json()["detail"]


def test_a_page_of_elsewhere_cannot_rebind_a_name_to_an_open_service() -> None:
    client = make_client(Access(only_loopback=True))
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8000"):
        assert client.get("/v1/model", headers={"Host": host}).is_success, host
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil:80", "", "[::2]:1"):
        found = client.get("/v1/model", headers={"Host": host})
        assert found.status_code == 421, host


def test_each_caller_has_a_rate_of_its_own(tokens: dict[str, str]) -> None:
    client = make_client(Access(TokenFile(tokens["path"]), Rates("3/hour")))

    def ask(token: str | None, path: str = "/v1/model") -> int:
        return client.get(path, headers=bearer(token) if token else {}).status_code

    assert [ask(tokens["read"]) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert [ask(tokens["both"]) for _ in range(4)] == [200, 200, 200, 429]
    assert [ask(f"lw_{n}") for n in range(5)] == [401, 401, 401, 429, 429]  # by address
    assert ask(None) == 429
    found = client.get("/v1/model", headers=bearer(tokens["read"]))
    assert 0 < int(found.headers["retry-after"]) <= 2 * 3600
    assert found.json()["title"] == "Too Many Requests"
    assert [ask(None, "/healthz") for _ in range(9)] == [200] * 9  # a probe is never refused


@pytest.mark.sweep
def test_a_rate_comes_back_with_time() -> None:
    rates = Rates("2/second")
    assert [bool(rates.count("a")) for _ in range(3)] == [False, False, True]
    assert rates.count("a") <= 2
    time.sleep(2.1)
    assert rates.count("a") == 0
    for text in ("", "fast", "0", "5/fortnight", "-1/second"):
        with pytest.raises(lw.UnsupportedError, match="is no rate, such as 200/second"):
            Rates(text)


def test_one_with_a_network_of_addresses_is_one_caller() -> None:
    def named(host: str) -> str:
        return name_address({"client": (host, 1)})

    assert named("2001:db8:1:2:3:4:5:6") == named("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert named("2001:db8:1:3::9") != named("2001:db8:1:2::9")
    assert named("::ffff:192.0.2.7") == named("192.0.2.7") == "192.0.2.7"
    assert named("fe80::1%eth0") == "fe80::/64"
    assert name_address({"client": None}) == ""


def test_answers_have_the_headers_that_browsers_heed(tokens: dict[str, str]) -> None:
    client = make_client(Access(TokenFile(tokens["path"])))
    page, data = client.get("/").headers, client.get("/v1/model").headers
    for headers in (page, data):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers
    policy = dict(part.strip().split(" ", 1) for part in page["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert data["cache-control"] == "no-store"
    assert data["content-security-policy"].startswith("default-src 'none'")
    client.base_url = "https://127.0.0.1"
    assert client.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_only_named_origins_may_read_answers(tokens: dict[str, str]) -> None:
    crm, other = "https://crm.example.com", "https://evil.example"
    client = make_client(Access(TokenFile(tokens["path"])), origins=[crm])
    asked = {"Access-Control-Request-Method": "POST", "Origin": crm}
    asked["Access-Control-Request-Headers"] = "authorization,content-type"
    before = client.options("/v1/score", headers=asked)
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == crm
    assert client.options("/v1/score", headers={**asked, "Origin": other}).status_code == 400
    for headers in ({}, bearer(tokens["score"])):  # a page must be able to read a refusal, too
        found = client.post("/v1/score", headers={**headers, "Origin": crm})
        assert found.headers["access-control-allow-origin"] == crm
        assert "access-control-allow-credentials" not in found.headers
        found = client.post("/v1/score", headers={**headers, "Origin": other})
        assert "access-control-allow-origin" not in found.headers
    for origin in ("*", "null", "crm.example.com", "https://a/b", "https://a b", "file://x"):
        with pytest.raises(lw.UnsupportedError, match="is no origin, such as https://"):
            make_guards(Access(), Limits(), origins=[origin])


def test_a_fault_shows_nothing_of_its_inside() -> None:
    found = make_client(Access()).get("/v1/fault")
    assert found.status_code == 500
    assert found.json()["title"] == "Internal Server Error"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert not [word for word in ("S3cr3t", "Zero", "Traceback", ".py") if word in found.text]


def test_a_mount_below_a_path_is_guarded_the_same() -> None:
    client = make_client(Access())
    client.app.root_path = "/leads"  # type: ignore[attr-defined]
    assert client.get("/leads/v1/people/C1").status_code == 403
    assert client.get("/leads/v1/model").status_code == 200
