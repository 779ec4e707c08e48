"""A store that is followed: no answer by a wrong version, whatever becomes of the store."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.formula.scalar import compile_stages
from leadweights.formula.stages import stages
from leadweights.lifecycle.store.schema import TABLES
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.serve.app import make_app
from leadweights.serve.service import Service
from leadweights.tables.databases.open import file_of
from tests.support.databases import url_of
from tests.support.service import command, running
from tests.support.serving import serving
from tests.support.stores import other_model, run_sql
from tests.support.tools import each

LEAD = {"recency_days": 3}
SHIFTS = {1: 0.0, 2: 0.5, 3: 1.0}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Callable[[], str]]:
    """Start a server when it is first asked for; give its URL."""
    with ExitStack() as stack:
        urls: list[str] = []

        def find() -> str:
            if not urls:
                urls.append(stack.enter_context(url_of("postgres")))
            return urls[0]

        yield find


@pytest.fixture(params=each(["duckdb", "sqlite", "postgres"]))
def place(request: pytest.FixtureRequest, tmp_path: Path, postgres: Callable[[], str]) -> str:
    """Give a store of three versions, the first in force, in each database by turns."""
    match request.param:
        case "duckdb":
            place = str(tmp_path / "store.duckdb")
        case "sqlite":
            place = f"sqlite:///{tmp_path / 'store.sqlite'}"
        case _:
            place = postgres()
            run_sql(place, *(f"DROP TABLE IF EXISTS {name}" for name in TABLES))
    store = lw.init_store(place, who="ann")
    for shift in SHIFTS.values():
        lw.push(store, other_model(shift))
    lw.activate(store, 1, unproven=True)
    return place


@contextmanager
def asked_of(place: str) -> Iterator[TestClient]:
    with TestClient(make_app(Service.of_store(place, every_seconds=0.05))) as client:
        yield client


def log_odds_of(model: ScoringModel) -> float:
    """Compute the lead without the service."""
    found = compile_stages(stages(model, columns=["log_odds"]))(LEAD)["log_odds"]
    assert isinstance(found, float)
    return found


EXPECTED = {
    version: (fingerprint(other_model(shift)), log_odds_of(other_model(shift)))
    for version, shift in SHIFTS.items()
}


def check(answer: httpx.Response | Any) -> int:
    """Hold an answer against the version that it names; give that."""
    assert answer.status_code == 200, answer.text
    document = answer.json()
    version = int(document["model"]["version"])
    sha256, log_odds = EXPECTED[version]
    assert document["model"]["sha256"] == answer.headers["leadweights-model-sha256"] == sha256
    assert answer.headers["leadweights-model-version"] == str(version)
    assert document["results"][0]["log_odds"] == log_odds
    return version


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_another_version_is_answered_by_without_a_restart(place: str) -> None:
    store = lw.open_store(place, who="ann")
    with asked_of(place) as asked:
        assert check(asked.post("/v1/score", json=LEAD)) == 1
        lw.activate(store, 3, unproven=True)
        wait_for(lambda: check(asked.post("/v1/score", json=LEAD)) == 3)
        assert asked.get("/v1/model").json()["model"]["version"] == 3
        assert "leadweights_model_version 3.0" in asked.get("/metrics").text
        assert asked.get("/readyz").json() == {
            "ready": True,
            "model": {"version": 3, "sha256": EXPECTED[3][0]},
            "store": "followed",
        }
        lw.rollback(store)
        wait_for(lambda: check(asked.post("/v1/score", json=LEAD)) == 1)


def test_what_no_training_row_had_is_told_by_the_baseline_that_was_pushed(place: str) -> None:
    store = lw.open_store(place, who="ann")
    lw.activate(store, lw.push(store, "outputs").version, unproven=True)
    with asked_of(place) as asked:
        answer = asked.post("/v1/score", json={"recency_days": 9e9})
        assert answer.json()["results"][0]["out_of_range"] == ["recency_days"]
        lw.activate(store, 2, unproven=True)
        wait_for(lambda: check(asked.post("/v1/score", json=LEAD)) == 2)
        assert "out_of_range" not in asked.post("/v1/score", json=LEAD).json()["results"][0]


@pytest.mark.sweep
def test_under_load_each_answer_is_that_of_the_version_it_names(place: str) -> None:
    store = lw.open_store(place, who="ann")
    app = make_app(Service.of_store(place, every_seconds=0.02))
    seen, faults, stop = set[int](), list[str](), threading.Event()

    def load(port: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            while not stop.is_set():
                try:
                    seen.add(check(client.post("/v1/score", json=LEAD)))
                except Exception as problem:  # told by the test
                    faults.append(repr(problem))
                    return

    with serving(app, lifespan="on") as port:
        threads = [threading.Thread(target=load, args=(port,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for version in (2, 3, 1, 3):
            lw.activate(store, version, unproven=True)
            wait_for(lambda version=version: app.state.service.in_force.version == version)  # type: ignore[misc]
            wait_for(lambda version=version: version in seen or bool(faults))  # type: ignore[misc]
        stop.set()
        for thread in threads:
            thread.join(30)
    assert faults == []


class Switching:
    """Puts another version into force while a request is under way."""

    def __init__(self, app: Any, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            now = self._service.in_force
            assert now is not None
            assert self._service.store is not None
            lw.activate(self._service.store, 3 if now.version == 2 else 2, unproven=True)
            self._service.look()
            assert self._service.in_force is not now
        await self._app(scope, receive, send)


@pytest.mark.sweep
def test_a_version_that_comes_while_a_request_is_under_way_answers_the_next_one(
    tmp_path: Path,
) -> None:
    place = str(tmp_path / "store.duckdb")
    store = lw.init_store(place)
    for shift in SHIFTS.values():
        lw.push(store, other_model(shift))
    lw.activate(store, 1, unproven=True)
    service = Service.of_store(place, every_seconds=3600)
    app = make_app(service, guards=[Middleware(Switching, service=service)])
    with TestClient(app) as asked:
        found = [check(asked.post("/v1/score", json=LEAD)) for _ in range(4)]
        assert found == [1, 2, 3, 2]
        content = Path("data/valid.csv").read_bytes()
        answer = asked.post("/v1/predict", files={"file": ("leads.csv", content)})
        document = answer.json()
        assert answer.headers["leadweights-model-version"] == "3"
        assert document["model"] == {"version": 3, "sha256": EXPECTED[3][0]}
        by_sql = lw.score(other_model(SHIFTS[3]), "data/valid.csv")
        assert [row["log_odds"] for row in document["results"]] == by_sql["log_odds"].tolist()


@contextmanager
def away(place: str) -> Iterator[None]:
    """Let a store be away: its file moved, or of a server its first table."""
    file = file_of(place) or (Path(place.removeprefix("sqlite:///")) if "sqlite" in place else None)
    if file is None:
        run_sql(place, "ALTER TABLE leadweights_store RENAME TO elsewhere")
    else:
        moved = file.rename(file.with_name("moved"))
    try:
        yield
    finally:
        if file is None:
            run_sql(place, "ALTER TABLE elsewhere RENAME TO leadweights_store")
        else:
            moved.rename(file)


def test_a_store_that_goes_away_leaves_the_model_and_is_followed_again(place: str) -> None:
    store = lw.open_store(place, who="ann")
    with asked_of(place) as asked:

        def told() -> str:
            answer = asked.get("/readyz")
            assert answer.status_code == 200  # there is a model to answer by
            return str(answer.json()["store"])

        with away(place):
            wait_for(lambda: told() != "followed")
            assert check(asked.post("/v1/score", json=LEAD)) == 1
            assert "leadweights_store_reachable 0.0" in asked.get("/metrics").text
        wait_for(lambda: told() == "followed")
        assert "leadweights_store_reachable 1.0" in asked.get("/metrics").text
        lw.activate(store, 2, unproven=True)
        wait_for(lambda: check(asked.post("/v1/score", json=LEAD)) == 2)


def test_without_an_active_version_nothing_is_answered_until_there_is_one(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    store = lw.init_store(place)
    lw.push(store, other_model())
    with asked_of(place) as asked:
        for method, path in (("POST", "/v1/score"), ("GET", "/v1/model"), ("POST", "/v1/predict")):
            answer = asked.request(method, path, json=LEAD)
            assert answer.status_code == 503
            assert "no active version" in answer.json()["detail"]
        assert (asked.get("/readyz").status_code, asked.get("/healthz").status_code) == (503, 200)
        assert asked.get("/openapi.json").status_code == 200
        lw.activate(store, 1, unproven=True)
        wait_for(lambda: asked.get("/readyz").status_code == 200)
        assert asked.post("/v1/score", json=LEAD).status_code == 200


def test_a_model_that_cannot_be_read_leaves_the_one_before(tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = lw.init_store(place)
    for shift in SHIFTS.values():
        lw.push(store, other_model(shift))
    lw.activate(store, 1, unproven=True)
    with asked_of(place) as asked:
        lw.activate(store, 2, unproven=True)
        wait_for(lambda: check(asked.post("/v1/score", json=LEAD)) == 2)
        run_sql(place, "UPDATE leadweights_models SET model = '{}' WHERE version = 3")
        run_sql(place, "UPDATE leadweights_active SET version = 3")
        wait_for(lambda: "version 3" in asked.get("/readyz").json()["store"])
        assert check(asked.post("/v1/score", json=LEAD)) == 2


_ACTIVATE = """
import sys
import leadweights as lw
store = lw.open_store(sys.argv[1], who="killed")
print("begun", flush=True)
while True:
    for version in (2, 3, 1):
        lw.activate(store, version, unproven=True)
"""


@pytest.mark.sweep
def test_killed_while_activating_the_store_is_whole_and_followed(place: str) -> None:
    """SIGKILL to who activates while leads are scored: a version is active, whole or not at all."""
    with asked_of(place) as asked:
        seen = set()
        for delay in (0.05, 0.3):
            killed = [sys.executable, "-c", _ACTIVATE, place]
            process = subprocess.Popen(killed, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            with process, process.stdout:
                assert process.stdout.readline() == "begun\n"
                end = time.monotonic() + delay
                while time.monotonic() < end:
                    seen.add(check(asked.post("/v1/score", json=LEAD)))
                process.send_signal(signal.SIGKILL)
            store = lw.open_store(place, who="ann")
            assert lw.verify_audit(store).holds
            active = store.active()
            assert active is not None
            now = active.version
            wait_for(lambda now=now: check(asked.post("/v1/score", json=LEAD)) == now)  # type: ignore[misc]
            assert [v.sha256 for v in store.models] == [sha256 for sha256, _ in EXPECTED.values()]
        assert seen <= {1, 2, 3}


@pytest.mark.sweep
def test_a_service_that_is_killed_harms_no_store(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    store = lw.init_store(place)
    lw.push(store, other_model(0.0))
    lw.push(store, other_model(0.5))
    lw.activate(store, 1, unproven=True)
    with running(tmp_path, command("--store", place)) as service:
        body = json.dumps(LEAD).encode()
        assert json.loads(service.ask("POST", "/v1/score", body)[1])["model"]["version"] == 1
        lw.activate(store, 2, unproven=True)
        assert service.stop(signal.SIGKILL) == -signal.SIGKILL
    assert lw.verify_audit(store).holds
    lw.activate(store, 1, unproven=True)
