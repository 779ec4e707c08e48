"""Clients that are slow on purpose, over real connections, while others are answered."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from leadweights.serve.limits import Bounded, Limits
from leadweights.serve.protocol import PatientProtocol
from leadweights.serve.refuse import Receive, Scope, Send
from tests.support.serving import connected, read_all, serving

ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
LARGE = 64 * 1024 * 1024


class Impatient(PatientProtocol):
    header_seconds = 0.5
    reader_seconds = 0.5


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body, or with much."""
    body, more = b"", scope["method"] == "POST"
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    body = body or b"well"
    if scope["path"] == "/large":
        body = bytes(LARGE)
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Bounded(answer, Limits(seconds=0.5, body_bytes=1000))
    with serving(app, Impatient, timeout_keep_alive=1) as port:
        yield port


def ask(port: int) -> bytes:
    with connected(port) as own:
        own.sendall(ASK + b"Connection: close\r\n\r\n")
        return read_all(own)


def trickle(own: socket.socket, text: bytes) -> bytes:
    """Send one letter after the other, until the other side has enough."""
    for letter in text:
        try:
            own.sendall(bytes([letter]))
        except (BrokenPipeError, ConnectionResetError):
            break
        time.sleep(0.02)
    return read_all(own)


SLOW = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "no end of the headers": ASK,
    "empty lines": b"\r\n" * 3,
    "a second request that does not end": ASK + b"\r\n" + ASK,
    "empty lines after a request": ASK + b"\r\n\r\n\r\n",
    "no body": POST + b"\r\n",
    "half a body": POST + b"\r\nab",
    "chunks that do not end": POST.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked")
    + b"\r\n2\r\nab\r\n",
}


@pytest.mark.parametrize("name", SLOW)
def test_who_says_nothing_more_is_left(port: int, name: str) -> None:
    with connected(port) as own:
        own.sendall(SLOW[name])
        begun = time.monotonic()
        said = read_all(own)
        assert 0.3 < time.monotonic() - begun < 5
    if "second" in name or "after" in name:
        assert said.startswith(b"HTTP/1.1 200")
        assert b"well" in said
    else:
        assert said.startswith(b"HTTP/1.1 408")
    assert ask(port).startswith(b"HTTP/1.1 200")


def test_letter_by_letter_is_too_slow(port: int) -> None:
    for text in (ASK + b"X: " + b"y" * 500, POST + b"\r\n" + b"ab" * 300):
        with connected(port) as own:
            begun = time.monotonic()
            assert trickle(own, text)[:12] in (b"HTTP/1.1 408", b"")
            assert time.monotonic() - begun < 5


def test_many_who_wait_do_not_keep_others_waiting(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(port)).sendall(ASK)
        begun = time.monotonic()
        assert b"well" in ask(port)
        assert time.monotonic() - begun < 5


def test_headers_have_an_end(port: int) -> None:
    for text in (ASK + b"X: " + b"y" * 400_000, b"GET /" + b"y" * 400_000):
        with connected(port) as own:
            try:
                own.sendall(text)
                said = read_all(own)
            except (BrokenPipeError, ConnectionResetError):
                said = b""
            assert said[:12] in (b"HTTP/1.1 431", b"")
    assert b"well" in ask(port)


def test_who_sends_on_after_a_refusal_is_left(port: int) -> None:
    with connected(port) as own:
        own.sendall(POST.replace(b" 5", b" 5000000") + b"\r\n" + b"x" * 10)
        said = own.recv(1000)
        assert said.startswith(b"HTTP/1.1 413")
        own.settimeout(5)
        assert read_all(own) in (b"", b'{"type"')
    assert b"well" in ask(port)


@pytest.mark.sweep
def test_who_does_not_read_is_left(port: int) -> None:
    with connected(port) as own:
        own.sendall(ASK.replace(b"GET /", b"GET /large") + b"\r\n")
        time.sleep(1.5)
        assert len(read_all(own)) < LARGE
    assert b"well" in ask(port)


def test_who_reads_steadily_gets_all(port: int) -> None:
    with connected(port) as own:
        own.sendall(ASK.replace(b"GET /", b"GET /large") + b"Connection: close\r\n\r\n")
        assert len(read_all(own).partition(b"\r\n\r\n")[2]) == LARGE


def test_requests_of_one_connection_are_answered_in_turn(port: int) -> None:
    with connected(port) as own:
        own.sendall((POST + b"\r\nhello") * 3 + POST + b"\r\nhe")
        time.sleep(0.1)
        own.sendall(b"llo" + ASK + b"Connection: close\r\n\r\n")
        said = read_all(own)
        assert (said.count(b"HTTP/1.1 200"), said.count(b"hello")) == (5, 4)
        assert said.endswith(b"well")
