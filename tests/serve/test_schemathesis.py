"""Schemathesis reads the service's own description, and finds no answer that it does not allow.

Left out is what a schema cannot say: that a file holds leads, that a text names a table; and that
who may not ask is told so before what there is.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import httpx
import pytest

import leadweights as lw
from tests.support.release import RELEASE
from tests.support.serving import service

SCHEMATHESIS = "LEADWEIGHTS_SCHEMATHESIS"
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance", "negative_data_rejection"),
    *("missing_required_header", "ignored_auth", "use_after_free"),
)
EXAMPLES = 200 if RELEASE else 8

pytestmark = pytest.mark.tool("schemathesis")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lw.Store:
    store = lw.init_store(str(tmp_path_factory.mktemp("store") / "store.duckdb"))
    lw.push(store, "outputs")
    lw.activate(store, 1)
    return store


def run_schemathesis(place: str, folder: Path, *words: str) -> str:
    """Let it ask what it wants to; give what it says. Fails where it finds anything."""
    done = subprocess.run(
        [
            *(os.environ[SCHEMATHESIS], "run", place, "--no-color", "--seed", "42"),
            *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES), "--workers", "2"),
            *words,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.telling
def test_with_a_token_that_may_everything(store: lw.Store, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    bearer = f"Bearer {lw.add_token(tokens, 'all', ['score', 'read', 'admin'])}"
    limits = ("--max-body", 1, "--max-rows", 2000, "--rate", "none")
    with service(tmp_path, "--store", store.place, "--tokens", tokens, *limits) as served:
        place = f"{served.url}/openapi.json"
        paths = httpx.get(place, headers={"Authorization": bearer}).json()["paths"]
        said = run_schemathesis(place, tmp_path, "-H", f"Authorization: {bearer}")
        assert b"fault" not in served.log.read_bytes()
    assert paths.keys() >= {"/v1/score", "/v1/predict", "/v1/admin/activate", "/v1/people/{key}"}
    operations = sum(map(len, paths.values()))
    assert f"{operations} selected / {operations} total" in said
    assert lw.verify_audit(store).holds


def test_without_a_token_nothing_is_given(store: lw.Store, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    token = lw.add_token(tokens, "reader", ["read"])
    before = store.audit()
    with service(tmp_path, "--store", store.place, "--tokens", tokens, "--rate", "none") as served:
        described = httpx.get(
            f"{served.url}/openapi.json", headers={"Authorization": f"Bearer {token}"}
        )
        schema = tmp_path / "openapi.json"
        schema.write_bytes(described.content)
        phases = ("--phases", "examples,fuzzing", "--url", served.url)
        run_schemathesis(str(schema), tmp_path, *phases)
        for path, methods in described.json()["paths"].items():
            for method, operation in methods.items():
                found = httpx.request(method, served.url + path)
                assert (found.status_code == 401) == ("security" in operation), path
    assert store.audit() == before
