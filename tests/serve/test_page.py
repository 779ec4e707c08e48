"""The page's files, which are all in the package, and what it asks the service beside scores."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import leadweights as lw
from leadweights.reports.monitor_files import monitor_files
from leadweights.serve.access import Access
from leadweights.serve.app import make_app
from leadweights.serve.guard import make_guards
from leadweights.serve.limits import Limits
from leadweights.serve.page import list_assets
from leadweights.serve.service import Service

SVG = "http://www.w3.org/2000/svg"


@pytest.fixture(scope="module")
def client() -> TestClient:
    guards = make_guards(Access(), Limits())
    return TestClient(make_app(Service.of_model("outputs/model.json"), guards=guards))


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data


def test_the_page_and_its_files_are_sent_with_their_types(client: TestClient) -> None:
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert {"page.js", "page.css", "report.css", "worker.js", "formula.js"} <= list_assets()
    for name in list_assets():
        sent = client.get(f"/assets/{name}")
        assert sent.status_code == 200
        assert sent.headers["content-type"].partition(";")[0] == kinds[name.rpartition(".")[2]]
        assert sent.headers["x-content-type-options"] == "nosniff"


def test_files_are_those_of_the_package(client: TestClient) -> None:
    room = files("leadweights.serve").joinpath("page")
    assert client.get("/").content == room.joinpath("index.html").read_bytes()
    assert client.get("/assets/page.js").content == room.joinpath("page.js").read_bytes()
    report = files("leadweights.reports.html").joinpath("files", "report.css").read_bytes()
    assert client.get("/assets/report.css").content == report


@pytest.mark.parametrize("path", ["/", "/assets/page.css"])
def test_a_browser_that_has_a_file_is_told_so(client: TestClient, path: str) -> None:
    etag = client.get(path).headers["etag"]
    for known in (etag, f'W/{etag}, "other"', '"other", ' + etag, "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.headers["etag"], head.content) == (200, etag, b"")


@pytest.mark.parametrize(
    "name", ["no.js", "index.html", "..%2fpage.py", "%2e%2e/page.py", "page/page.js", "page.js%00"]
)
def test_no_other_file_is_sent(client: TestClient, name: str) -> None:
    sent = client.get(f"/assets/{name}")
    assert sent.status_code == 404
    assert sent.headers["content-type"] == "application/problem+json"


def test_the_policy_is_strict_but_for_the_worker_that_computes(client: TestClient) -> None:
    policies = {
        name: client.get(f"/assets/{name}").headers["content-security-policy"]
        for name in list_assets()
    }
    loose = {name for name, policy in policies.items() if "blob:" in policy}
    assert loose == {"formula.js"}
    assert "unsafe" not in "".join(policies.values())
    assert "connect-src" not in policies["formula.js"]
    assert "default-src 'none'" in policies["formula.js"]
    assert "script-src 'self';" in client.get("/").headers["content-security-policy"]


def test_nothing_stands_in_the_page_that_the_policy_forbids(client: TestClient) -> None:
    page = Elements(client.get("/").text)
    for (tag, attributes), text in zip(page.found, page.texts, strict=True):
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        assert tag != "style"
        if tag == "script":
            assert attributes["src"]
            assert not text.strip()


def test_all_that_is_loaded_is_of_the_service(client: TestClient) -> None:
    texts = {name: client.get(f"/assets/{name}").text for name in list_assets()}
    loaded = {
        str(attributes.get("src") or attributes.get("href")).removeprefix("assets/")
        for tag, attributes in Elements(client.get("/").text).found
        if tag in ("script", "link", "img")
    }
    for text in texts.values():
        loaded |= set(re.findall(r'from "\./([^"]+)"', text))
        loaded |= set(re.findall(r'startWorker\("\./([^"]+)"\)', text))
    # What there is is used, and what is used is there.
    assert loaded == list_assets()
    every = "".join([*texts.values(), client.get("/").text]).replace(SVG, "")
    assert not re.findall(r"https?://|//[a-z]+\.[a-z]|@import|url\(", every)


def test_the_card_says_what_the_report_says(client: TestClient) -> None:
    card = client.get("/v1/model/card").json()
    assert card["ranked_by"] == "log_odds"
    assert card["probability"] == "probability"
    names = [rule["name"] for rule in card["rules"]]
    assert names == ["Score 0 to 100", "Bands", "Rank", "Reasons"]
    assert card["rules"][0]["words"].endswith("the probability in percent, rounded.")
    assert card["model"] == client.get("/v1/model").json()["model"]


def watching(monitor: Path | None) -> TestClient:
    return TestClient(make_app(Service.of_model("outputs/model.json"), monitor=monitor))


@pytest.mark.sweep
def test_what_the_monitor_wrote_last_is_shown(tmp_path: Path) -> None:
    assert watching(None).get("/v1/monitor").json()["monitor"] is None
    client = watching(tmp_path)
    assert client.get("/v1/monitor").json()["monitor"] is None
    model = lw.load("outputs/model.json")
    found = lw.monitor(model, "data/valid.csv", baseline="outputs")
    for name, text in monitor_files(found).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for place in (client, watching(tmp_path / "monitor.json")):
        told = place.get("/v1/monitor").json()
        assert told["is_of_model"] is True
        assert told["monitor"] == json.loads((tmp_path / "monitor.json").read_text("utf-8"))
    other = make_app(Service.of_model("outputs/equal_weights.json"), monitor=tmp_path)
    assert TestClient(other).get("/v1/monitor").json()["is_of_model"] is False


@pytest.mark.parametrize("text", ["", "{", "[]", '{"verdict": "steady"}', "[" * 100_000, "\ud800"])
def test_a_file_that_the_monitor_did_not_write_is_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "monitor.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    sent = watching(tmp_path).get("/v1/monitor")
    assert sent.status_code == 503
    assert str(tmp_path) not in sent.text
