"""The container: its file is linted, and each of its steps done here, where no engine runs it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import leadweights as lw
from leadweights.model.file import save
from leadweights.model.rules import Adjustment
from tests.support.container import Stage, build, read_instructions
from tests.support.databases import url_of
from tests.support.language_model import sensible, serve
from tests.support.tools import HADOLINT, needs

MEGABYTE = 10**6
MOST_MEGABYTES = 300
FILE, COMPOSE = Path("Dockerfile"), Path("compose.yaml")

pytestmark = needs(HADOLINT, "requirements-github.lock")


def test_the_file_is_linted() -> None:
    subprocess.run([os.environ[HADOLINT], "--failure-threshold", "style", FILE], check=True)


def test_the_services_are_of_the_compose_specification() -> None:
    tool = Path(os.environ[HADOLINT]).with_name("check-jsonschema")
    subprocess.run([tool, "--builtin-schema", "vendor.compose-spec", COMPOSE], check=True)


def test_the_last_stage_runs_nothing_and_is_nobody() -> None:
    words = read_instructions(FILE)
    last = words[max(place for place, (word, _) in enumerate(words) if word == "FROM") :]
    assert "RUN" not in [word for word, _ in last]
    assert ("USER", "10001:10001") in last
    assert "-slim" in last[0][1]
    assert re.search(r"^ +read_only: true$", COMPOSE.read_text(encoding="utf-8"), re.MULTILINE)


def test_its_versions_are_those_of_the_lock() -> None:
    own, all_of_it = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", Path(name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements-container.lock", "requirements.lock")
    )
    assert {name: all_of_it.get(name) for name in own} == own


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Do every step of the file in an empty folder."""
    return build(FILE, Path.cwd(), tmp_path_factory.mktemp("image"))


def files(stage: Stage) -> dict[str, tuple[int, str]]:
    found = {}
    for path in sorted(stage.root.rglob("*")):
        if path.is_file():
            own = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(stage.root))] = (path.stat().st_size, own)
    return found


def test_it_holds_what_the_service_needs_and_no_more(image: Stage) -> None:
    held = files(image)
    size = sum(size for size, _ in held.values()) / MEGABYTE
    assert size <= MOST_MEGABYTES
    print(f"{size:.0f} MB")  # noqa: T201
    packages = {name.split("/")[1] for name in held if name.startswith("app/")}
    assert {"leadweights", "fastapi", "openai", "psycopg", "redis"} <= packages
    assert not packages & {"pandas", "scipy", "sklearn", "pip", "setuptools"}
    assert not [name for name in held if name.endswith(".pyc") or "/tests/" in name]


def start(image: Stage, words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Run the image's command: its own packages alone, nothing of this environment."""
    python, *entry = image.entry
    assert python == "python"
    env = {
        name: value.replace("/app", str(image.root / "app")) for name, value in image.env.items()
    }
    return subprocess.Popen(
        [sys.executable, "-S", *entry, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "k3y", **env, "HOME": str(folder)},
    )


def run(image: Stage, folder: Path, *words: str) -> str:
    process = start(image, words, folder)
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return out


@contextmanager
def running(image: Stage, folder: Path, *words: str) -> Iterator[str]:
    """Start the service, give where it listens, stop it as an engine does."""
    process = start(image, ["serve", "--port", "0", *words], folder)
    try:
        said: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if '"listening"' in line:
                yield_to = json.loads(line)["url"]
                break
        else:
            raise AssertionError("".join(said))
        # What it logs is read on, so that it never waits for a reader.
        thread = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
        thread.start()
        yield yield_to
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        thread.join(5)
        assert not [line for line in said if '"fault"' in line], said
    finally:
        process.kill()
        process.communicate()


LEAD = {
    "engagement_rate_30d": 0.7,
    "fatigue_score": 0.4,
    "mms_affinity": 0.6,
    "opt_out_risk": 0.1,
    "recency_days": 7,
    "reply_rate_90d": 0.5,
    "sentiment_score": 1.9,
    "contact_id": "K1",
}


def test_it_starts_answers_by_its_store_and_stops(image: Stage, tmp_path: Path) -> None:
    """Each command of docs/container.md is the image's own, as is each library it imports."""
    model = lw.load("outputs/model.json")
    decisions = replace(model.decisions, adjustment=Adjustment("factor"))
    save(replace(model, decisions=decisions), tmp_path / "model.json")
    before = files(image)
    with url_of("postgres") as store, serve(sensible) as judge:
        run(image, tmp_path, "registry", "init", "--store", store)
        run(image, tmp_path, "registry", "push", "model.json", "--store", store)
        run(image, tmp_path, "registry", "activate", "1", "--unproven", "--store", store)
        roles = ("score", "read")
        asked = [word for role in roles for word in ("--role", role)]
        token = run(image, tmp_path, "token", "add", "tokens.json", "crm", *asked).strip()
        words = ["--store", store, "--tokens", "tokens.json", "--host", "0.0.0.0"]
        words += [
            "--adjust-endpoint",
            judge.url,
            "--adjust-llm",
            "sensible",
            "--adjust-limit",
            "60000",
        ]
        with running(image, tmp_path, *words) as url:
            url = url.replace("0.0.0.0", "127.0.0.1")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                ask_everything(client)
            check_health(image, url)
        assert judge.leads
    assert files(image) == before  # a file system that is read-only misses nothing


def ask_everything(client: httpx.Client) -> None:
    answer = client.post("/v1/score?adjust=true&contributions=true", json=LEAD)
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["version"] == 1
    expected = lw.score(lw.load("outputs/model.json"), [LEAD], columns=["log_odds"])
    (result,) = answer.json()["results"]
    assert result["log_odds"] == expected["log_odds"][0]
    assert result["adjustment"]["source"] == "asked"
    rows = Path("data/valid.csv").read_bytes()
    for kind in ("csv", "json", "parquet"):
        files_sent = {"file": ("valid.csv", rows, "text/csv")}
        answer = client.post(f"/v1/predict?format={kind}&columns=log_odds", files=files_sent)
        assert answer.status_code == 200, answer.text
    described: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    read = [path for path, methods in described.items() if "get" in methods and "{" not in path]
    assert {"/healthz", "/readyz", "/metrics", "/v1/model", "/v1/model/sql"} <= set(read)
    for path in read:
        # What may not be read with this token, or is not there, is said; no library is missed.
        assert client.get(path).status_code < 500, path


def check_health(image: Stage, url: str) -> None:
    command = [word.replace("http://127.0.0.1:8000", url) for word in image.health]
    assert command != image.health
    python, *words = command
    assert python == "python"
    subprocess.run([sys.executable, *words], check=True)
    port = url.rsplit(":", 1)[1]
    nobody = [word.replace(f":{port}/", ":1/") for word in words]
    assert subprocess.run([sys.executable, *nobody], capture_output=True, check=False).returncode
