"""Two thousand requests that mean harm: none crashes the service, costs much, or sees another's.

A commit sends a part of them; a release all.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.hostile_requests import KINDS, LEAD, Hostile
from tests.support.hostile_uploads import COUNT, hostile_requests
from tests.support.release import some
from tests.support.serving import Served, connected, read_all, service

MARK = re.compile(rb"mark\d{5}q")
PROBLEM = "application/problem+json"
LIMITS = ("--max-body", 1, "--max-rows", 2000, "--timeout", 20, "--concurrency", 12)
GROWTH_MIB = 400
# Refusals that say "later" or "too slow" are no faults.
FINE = {*range(200, 500), 503}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with service(tmp_path_factory.mktemp("served"), "outputs", *LIMITS) as served:
        yield served


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield client


def score(client: httpx.Client, key: str) -> httpx.Response:
    return client.post("/v1/score", json={**LEAD, "contact_id": key})


@pytest.mark.sweep
def test_hostile_requests_harm_nobody(client: httpx.Client, served: Served) -> None:
    """Hold every answer against the rules, and between them that of a good lead to its bytes."""
    expected = score(client, "good").content
    before = served.resident_mib()
    cases = list(hostile_requests(some(range(COUNT), 13)))
    assert {case.name for case in cases} == {name for name, _ in KINDS}
    statuses: Counter[tuple[str, int]] = Counter()

    def send(case: Hostile) -> str:
        found = client.request(
            case.method, case.path, content=case.body, headers=[*case.headers.items()]
        )
        statuses[case.name, found.status_code] += 1
        own = score(client, f"good {case.mark}")
        wrong = list(complaints(case, found))
        if own.status_code == 200:
            if own.content != expected.replace(b'"good"', f'"good {case.mark}"'.encode()):
                wrong.append("a good lead has another answer")
        elif own.status_code != 503:
            wrong.append(f"a good lead has the status {own.status_code}")
        return f"{case.mark} {case!r}: {'; '.join(wrong)}" if wrong else ""

    with ThreadPoolExecutor(6) as pool:
        wrong = list(filter(None, pool.map(send, cases)))
    assert not wrong, f"{len(wrong)} of {len(cases)}: " + "\n".join(wrong[:20])
    assert score(client, "good").content == expected
    assert sum(n for (_, status), n in statuses.items() if status == 200) < len(cases) / 2
    assert served.resident_mib() - before < GROWTH_MIB
    said = served.log.read_bytes()
    assert not MARK.search(said)
    assert b"fault" not in said, re.findall(rb".*fault.*", said)[:5]
    assert b"Traceback" not in said


def complaints(case: Hostile, found: httpx.Response) -> Iterator[str]:
    """Say what is wrong with an answer."""
    if found.status_code not in FINE:
        yield f"the status {found.status_code}: {found.text[:200]}"
    if found.elapsed.total_seconds() > 30:
        yield f"{found.elapsed.total_seconds():.0f} seconds"
    if {*MARK.findall(found.content)} - {case.mark.encode()}:
        yield "another one's mark"
    if found.status_code >= 400 and case.method != "HEAD":
        if found.headers.get("content-type") != PROBLEM:
            yield f"an error of the type {found.headers.get('content-type')}"
        else:
            told = found.json()
            names = "".join(error.pop("pointer") for error in told.get("errors", ()))
            if told["status"] != found.status_code:
                yield "another status in the body"
            if MARK.search(json.dumps(told).encode()) or len(names) > 2**20:
                yield "a value repeated in an error"
    if re.search(rb"Traceback|site-packages|/tmp/|\.py\b|line \d+, in", found.content[:3000]):
        yield "an inside shown"
    if "nosniff" not in found.headers.get("x-content-type-options", ""):
        yield "no nosniff"


RAW = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\n\r\n",
    "no host": b"GET /v1/model HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
    b"Content-Length: 40\r\n\r\n{}",
    "a length and chunks": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nGET /v1/model HTTP/1.1\r\n\r\n",
    "odd chunks": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a chunk of 2^64": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}",
    "a length below 0": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "a length of 2^64": b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Length: 18446744073709551617\r\n\r\n",
    "a folded header": b"GET /v1/model HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
    "a name with a space": b"GET /v1/model HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "NUL": b"GET /\0 HTTP/1.1\r\nHost: loc\0alhost\r\n\r\n",
    "bytes": bytes(range(256)) * 20,
    "10,000 headers": b"GET /v1/model HTTP/1.1\r\nHost: localhost\r\n"
    + b"a:b\r\n" * 10_000
    + b"\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\n"
    b"Sec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "an absolute address": b"GET http://evil.example/v1/model HTTP/1.1\r\n"
    b"Host: evil.example\r\n\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
}


def test_what_is_no_request_is_refused(served: Served, client: httpx.Client) -> None:
    expected = score(client, "good").content
    for name, text in RAW.items():
        with connected(served.port, 15) as own:
            try:
                own.sendall(text)
                own.shutdown(1)
                said = read_all(own)
            except (BrokenPipeError, ConnectionResetError):
                said = b""
        status = said.split(b" ", 2)[1:2]
        allowed: tuple[bytes, ...] = (b"400", b"404", b"405", b"408", b"413", b"421", b"431")
        if name in ("upgrade", "a folded header", "10,000 headers"):
            allowed = (*allowed, b"200")
        assert not status or status[0] in allowed, (name, said[:300])
        # Nothing after a request that can be read in two ways is taken for another one.
        assert said.count(b"HTTP/1.1 200") <= 1, name
        assert score(client, "good").content == expected
    assert b"fault" not in served.log.read_bytes()


def test_limits_are_held_and_said(client: httpx.Client) -> None:
    found = client.post("/v1/score", content=b" " * (2**20 + 1))
    assert (found.status_code, found.json()["detail"]) == (413, "a body has at most 1 MiB")
    rows = "".join(f"C{n},1,0,0,0,0,0,0\n" for n in range(2001))
    text = ",".join(LEAD) + "\n" + rows
    for content, status in ((text, 413), (text[: text.rindex("C2000")], 200)):
        found = client.post("/v1/predict", content=content, headers={"Content-Type": "text/csv"})
        assert found.status_code == status
        if status == 413:
            assert "2,001 rows" in found.json()["detail"]
    many = json.dumps({"leads": [{}] * 2001})
    assert client.post("/v1/score", content=many).status_code == 413
