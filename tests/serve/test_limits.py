"""What a request may cost: the size of its body, its time, and how many are worked on at once."""

from __future__ import annotations

import asyncio
import gzip
import random
import tracemalloc
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadweights.serve.limits import MEBIBYTE, Bounded, Limits
from leadweights.serve.refuse import Receive, Scope, Send

SMALL = Limits(body_bytes=1000, seconds=0.3, concurrency=3, bodies=2)


class Echo:
    """An app that answers with the body's length, after a gate that a test holds."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = self.ended = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        size, more = 0, scope["method"] == "POST"
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        await self.gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % size})
        self.ended += 1


def client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def pieces(count: int, size: int, pause: float = 0.0) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(pause)
        yield b"x" * size


def test_a_body_has_a_size_however_it_is_sent() -> None:
    async def run() -> None:
        app = Echo()
        async with client(Bounded(app, SMALL)) as own:
            assert (await own.post("/", content=b"x" * 1000)).text == "1000"
            assert (await own.post("/", content=pieces(10, 100))).text == "1000"
            assert (await own.get("/")).text == "0"
            for content in (b"x" * 1001, pieces(11, 100), pieces(1, 1001)):
                found = await own.post("/", content=content)
                assert found.status_code == 413
                assert found.json()["detail"] == "a body has at most 1,000 bytes"
            for length in ("1001", "9" * 30, "9" * 5000):
                found = await own.post("/", content=b"", headers={"Content-Length": length})
                assert found.status_code == 413
            assert app.begun == 3  # those that were refused never reached it

    asyncio.run(run())


def test_nothing_is_unpacked() -> None:
    async def run() -> None:
        app = Echo()
        async with client(Bounded(app, SMALL)) as own:
            bomb = gzip.compress(bytes(500_000))
            assert len(bomb) < 1000
            for encoding in ("gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP"):
                found = await own.post("/", content=bomb, headers={"Content-Encoding": encoding})
                assert found.status_code == 415
                assert found.headers["accept-encoding"] == "identity"
            plain = await own.post("/", content=b"ab", headers={"Content-Encoding": "identity"})
            assert (plain.text, app.begun) == ("2", 1)

    asyncio.run(run())


def test_who_sends_slowly_is_broken_off_and_takes_no_place_of_others() -> None:
    async def run() -> None:
        bounded = Bounded(Echo(), SMALL)
        async with client(bounded) as own:
            slow = [own.post("/", content=pieces(100, 1, 0.02)) for _ in range(9)]
            waiting = asyncio.gather(*slow)
            await asyncio.sleep(0.1)
            assert (await own.post("/", content=b"abc")).text == "3"
            for found in await waiting:
                assert found.status_code == 408
                assert found.json()["detail"] == "the body did not arrive within 0.3 seconds"
                assert found.headers["connection"] == "close"
            assert (await own.post("/", content=b"abc")).text == "3"

    asyncio.run(run())


def test_large_bodies_do_not_fill_the_memory_together() -> None:
    async def run() -> None:
        app = Echo()
        app.gate.clear()
        bounded = Bounded(app, Limits(body_bytes=1000, seconds=5, concurrency=9, bodies=2))
        async with client(bounded) as own:
            held = [asyncio.create_task(own.post("/", content=b"x" * 1000)) for _ in range(2)]
            await asyncio.sleep(0.05)
            found = await own.post("/", content=b"x")
            assert found.status_code == 503
            assert found.headers["retry-after"] == "1"
            app.gate.set()
            assert [(await one).text for one in held] == ["1000"] * 2
            assert (await own.post("/", content=b"x" * 1000)).text == "1000"

    asyncio.run(run())


async def taken(body: Receive) -> bytes:
    """Read a body as an app does."""
    found, more = b"", True
    while more:
        message = await body()
        found, more = found + message["body"], message["more_body"]
    return found


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE - 1, MEBIBYTE, 3 * MEBIBYTE, 3 * MEBIBYTE + 7])
@pytest.mark.parametrize("step", [1000, 65536, 5 * MEBIBYTE])
def test_a_body_comes_as_it_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, step: int
) -> None:
    """Large ones by way of a file in the place for temporary files, of which nothing stays."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    body = random.Random(size).randbytes(size)
    messages = [body[first : first + step] for first in range(0, max(size, 1), step)]
    found: list[bytes] = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        found.append(await taken(receive))
        assert (await receive())["type"] == "http.disconnect"

    async def run() -> None:
        left = deque(messages)

        async def receive() -> dict[str, Any]:
            if not left:
                return {"type": "http.disconnect"}
            piece = left.popleft()
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def send(message: Any) -> None:
            raise AssertionError(message)

        scope = {"type": "http", "method": "POST", "headers": [(b"transfer-encoding", b"chunked")]}
        await Bounded(app, Limits())(scope, receive, send)

    asyncio.run(run())
    assert found == [body]
    assert not [*tmp_path.iterdir()]


def test_a_large_body_is_not_in_memory_while_it_is_sent_or_waits() -> None:
    """Of 48 MiB that came, Python holds two at most."""
    held: list[int] = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        held.append(tracemalloc.get_traced_memory()[0])
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        assert size == 48 * MEBIBYTE

    async def run() -> None:
        left = 48 * 16

        async def receive() -> dict[str, Any]:
            nonlocal left
            left -= 1
            return {"type": "http.request", "body": bytes(65536), "more_body": left > 0}

        async def send(message: Any) -> None:
            raise AssertionError(message)

        scope = {"type": "http", "method": "POST", "headers": [(b"transfer-encoding", b"chunked")]}
        await Bounded(app, Limits())(scope, receive, send)
        held.append(tracemalloc.get_traced_memory()[1])

    tracemalloc.start()
    try:
        asyncio.run(run())
    finally:
        tracemalloc.stop()
    assert max(held) < 6 * MEBIBYTE


def test_where_nothing_can_be_put_by_large_bodies_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))

    async def run() -> None:
        async with client(Bounded(Echo(), Limits())) as own:
            found = await own.post("/", content=bytes(2 * MEBIBYTE))
            assert (found.status_code, found.headers["retry-after"]) == (503, "1")
            assert "no room" in found.json()["detail"]
            assert (await own.post("/", content=bytes(1000))).text == "1000"

    asyncio.run(run())


def test_more_than_can_be_worked_on_are_refused_at_once() -> None:
    async def run() -> None:
        app = Echo()
        app.gate.clear()
        async with client(Bounded(app, SMALL)) as own:
            busy = [asyncio.create_task(own.get("/")) for _ in range(3)]
            await asyncio.sleep(0.05)
            found = await own.get("/")
            assert (found.status_code, found.headers["retry-after"]) == (503, "1")
            app.gate.set()
            assert [(await one).status_code for one in busy] == [200] * 3
            assert (await own.get("/")).status_code == 200

    asyncio.run(run())


def test_late_work_is_refused_and_keeps_its_place_until_it_ends() -> None:
    async def run() -> None:
        app = Echo()
        app.gate.clear()
        bounded = Bounded(app, SMALL)
        answers: list[list[Any]] = [[], [], []]
        scope = {"type": "http", "method": "GET", "headers": []}

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        def sender(to: list[Any]) -> Send:
            async def send(message: Any) -> None:
                to.append(message)

            return send

        late = [asyncio.create_task(bounded(scope, receive, sender(to))) for to in answers]
        await asyncio.sleep(0.5)
        assert [to[0]["status"] for to in answers] == [503] * 3
        assert not any(task.done() for task in late)
        async with client(bounded) as own:
            assert (await own.get("/")).status_code == 503  # they still work: no place
            app.gate.set()
            await asyncio.gather(*late)
            assert app.ended == 3
            assert [len(to) for to in answers] == [2, 2, 2]  # a refusal, and nothing after it
            assert (await own.get("/")).status_code == 200

    asyncio.run(run())


def test_a_fault_frees_its_place() -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        async with client(Bounded(fail, SMALL)) as own:
            for _ in range(10):
                with pytest.raises(ZeroDivisionError):
                    await own.post("/", content=b"x" * 900)

    asyncio.run(run())
