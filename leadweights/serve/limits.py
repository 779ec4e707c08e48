"""Limits of a request: its body, its time, and how many are worked on at once."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from leadweights.serve.refuse import App, Headers, Message, Receive, Scope, Send, refuse

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost, and all of them together.

    `body_bytes` of one, of which `bodies` may be held in memory at once; `seconds` to send a body,
    and again to be answered; `concurrency`, the requests that are worked on at once.
    """

    body_bytes: int = 64 * MEBIBYTE
    seconds: float = 60.0
    concurrency: int = 64
    bodies: int = 4


class _TooLargeError(Exception):
    """A body is larger than one may be, or than there is room for now."""

    def __init__(self, status: int) -> None:
        self.status = status


@dataclass(slots=True)
class _Body:
    """A body that was read: its pieces, until they are taken, and how many bytes it had."""

    pieces: deque[bytes] = field(default_factory=deque)
    size: int = 0

    def replay(self, receive: Receive) -> Receive:
        """Give the pieces, each once; then what comes after them."""

        async def replayed() -> Message:
            if not self.pieces:
                return await receive()
            piece = self.pieces.popleft()
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

        return replayed


class Bounded:
    """An app whose requests are held to limits.

    A body is read whole before the app sees the request, so who sends slowly holds no place of
    those who work. A request that is not answered in time is refused; what was begun goes on to its
    end, unheard, and keeps its place until then, so that late work cannot pile up.
    """

    def __init__(self, app: App, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._working = 0
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length, has_body, is_encoded = _describe_body(scope)
        if is_encoded:
            # What is packed can be a thousand times as large as what was sent.
            said = "a body is sent as it is, without a Content-Encoding"
            await refuse(send, 415, said, [(b"accept-encoding", b"identity")])
            return
        if length > self._limits.body_bytes:
            await self._refuse_size(send, 413)
            return
        if not has_body:
            await self._work(scope, receive, send)
            return
        body = _Body()
        try:
            async with asyncio.timeout(self._limits.seconds):
                whole = await self._read(receive, body)
            if whole:
                await self._work(scope, body.replay(receive), send)
        except TimeoutError:
            said = f"the body did not arrive within {self._limits.seconds:g} seconds"
            await refuse(send, 408, said, _CLOSE)
        except _TooLargeError as problem:
            await self._refuse_size(send, problem.status)
        finally:
            self._held_bytes -= body.size

    async def _read(self, receive: Receive, body: _Body) -> bool:
        """Read a body; tell whether it came to its end before its sender left."""
        most = self._limits.body_bytes
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            piece = message.get("body", b"")
            body.pieces.append(piece)
            body.size += len(piece)
            self._held_bytes += len(piece)
            if body.size > most:
                raise _TooLargeError(413)
            if self._held_bytes > most * self._limits.bodies:
                raise _TooLargeError(503)
            if not message.get("more_body", False):
                return True

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._working >= self._limits.concurrency:
            said = f"{self._limits.concurrency} requests are worked on already; try again"
            await refuse(send, 503, said, _SOON)
            return
        self._working += 1
        answer = _Answer(send, self._limits.seconds)
        timer = asyncio.get_running_loop().call_later(self._limits.seconds, answer.expire)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            timer.cancel()
            self._working -= 1
            await answer.end()

    async def _refuse_size(self, send: Send, status: int) -> None:
        if status == 413:
            most = self._limits.body_bytes
            shown = f"{most / MEBIBYTE:g} MiB" if most >= MEBIBYTE else f"{most:,} bytes"
            await refuse(send, 413, f"a body has at most {shown}", _CLOSE)
        else:
            said = "large bodies of others are in memory already; try again"
            await refuse(send, 503, said, [*_SOON, *_CLOSE])


class _Answer:
    """The answer to one request: the app's, or once that is late, a refusal."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send, self._seconds = send, seconds
        self._begun = False
        self._refusal: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Pass on what the app says, unless it is too late."""
        if self._refusal is None:
            self._begun = True
            await self._send(message)

    def expire(self) -> None:
        """Refuse the request, unless it is being answered."""
        if not self._begun:
            said = f"the answer took longer than {self._seconds:g} seconds"
            self._refusal = asyncio.create_task(refuse(self._send, 503, said, _SOON))

    async def end(self) -> None:
        """Wait until a refusal is on its way."""
        if self._refusal is not None:
            await self._refusal


_CLOSE: Headers = ((b"connection", b"close"),)
_SOON: Headers = ((b"retry-after", b"1"),)


def _describe_body(scope: Scope) -> tuple[int, bool, bool]:
    """Tell how long a body says it is, whether there is one, and whether it is packed."""
    length, has_body, is_encoded = 0, False, False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value[:19]) if value.isdigit() else 0
            has_body = has_body or length > 0
        elif name == b"transfer-encoding":
            has_body = True
        elif name == b"content-encoding":
            is_encoded = is_encoded or value.strip().lower() not in (b"", b"identity")
    return length, has_body, is_encoded
