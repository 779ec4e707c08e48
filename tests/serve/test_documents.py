"""What docs/serve.md shows is what the service answers."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.serve.app import make_app
from leadweights.serve.service import Service

PAGE = Path("docs/serve.md")
SHOWN = re.findall(r"^```text\n\$ (curl .+)\n((?:.*\n)*?)```", PAGE.read_text(), flags=re.MULTILINE)


def ask(client: TestClient, words: list[str]) -> str:
    """Do what curl would."""
    assert words[:2] == ["curl", "-s"]
    url = next(word for word in words[2:] if word.startswith("localhost:8000"))
    path = url.removeprefix("localhost:8000")
    if "-d" in words:
        answer = client.post(path, content=words[words.index("-d") + 1])
    else:
        name, file = words[words.index("-F") + 1].split("=@")
        answer = client.post(path, files={name: (file, Path(file).read_bytes())})
    if "json" in answer.headers["content-type"]:
        return json.dumps(answer.json(), indent=2) + "\n"
    return answer.text


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_page_shows_what_is_answered(command: str, shown: str) -> None:
    with TestClient(make_app(Service.of_model("outputs"))) as client:
        found = ask(client, shlex.split(command))
    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
        for line in shown.splitlines(keepends=True)
    )
    assert re.fullmatch(pattern, found), found


def test_the_page_shows_each_way_to_send_leads() -> None:
    assert len(SHOWN) == 3


def test_every_route_is_described_with_examples_and_shown_on_a_page_of_ours() -> None:
    with TestClient(make_app(Service.of_model("outputs"))) as client:
        api = client.get("/openapi.json").json()
        page = client.get("/docs").text
        for operations in api["paths"].values():
            for operation in operations.values():
                assert operation["description"]
                assert operation["responses"]["default"]["content"].keys() == {
                    "application/problem+json"
                }
        score = api["paths"]["/v1/score"]["post"]
        content = score["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            assert client.post("/v1/score", json=example["value"]).status_code == 200
        lead = content["examples"]["a lead"]["value"]
        answered = score["responses"]["200"]["content"]["application/json"]["example"]
        assert client.post("/v1/score", json=lead).json() == answered
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert loaded
        assert not [link for link in loaded if "//" in link]
        for link in loaded:
            assert client.get(f"/{link}").status_code == 200


def test_an_app_that_is_mounted_in_another_answers_there() -> None:
    around = FastAPI()
    around.mount("/scores", lw.make_app(lw.Service.of_model("outputs")))
    with TestClient(around) as client, TestClient(make_app(Service.of_model("outputs"))) as alone:
        for path in ("/v1/score", "/v1/score?contributions=true"):
            lead = {"recency_days": 3}
            found = client.post(f"/scores{path}", json=lead)
            assert found.json() == alone.post(path, json=lead).json()
        assert client.post("/scores/v1/score", json={"x": 1}).status_code == 422
        assert client.get("/scores/docs").status_code == 200
        assert 'route="/v1/score",status="200"' in client.get("/scores/metrics").text
        assert client.get("/v1/score").status_code == 404
