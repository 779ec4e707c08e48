"""Limits of a request: its body, its time, and how many are worked on at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

from leadweights.errors import OutputError
from leadweights.files.temporary import find_temporary_place
from leadweights.serve.refuse import App, Headers, Message, Receive, Scope, Send, refuse

MEBIBYTE = 1 << 20

Step = TypeVar("Step")
_PIECE = MEBIBYTE
"""So much of a body is in memory at most, and is given to the app at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost, and all of them together.

    `body_bytes` of one, of which `bodies` may be held at once; `seconds` to send a body,
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


class _Body:
    """A body that was read: in memory while it is small, else in a file that has no name.

    `size` is that of all of it, in bytes.
    """

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._file: IO[bytes] | None = None

    def add(self, piece: bytes) -> None:
        """Take what came."""
        self._pieces.append(piece)
        self._waiting += len(piece)
        self.size += len(piece)

    @property
    def is_full(self) -> bool:
        """Tell whether there is as much in memory as may be."""
        return self._waiting >= _PIECE

    async def put_by(self) -> None:
        """Write what is in memory to the file. Raises OutputError, OSError where none can be."""
        if self._file is None:
            self._file = await asyncio.to_thread(_make_file)
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        await asyncio.to_thread(self._file.writelines, pieces)

    def replay(self, receive: Receive) -> Receive:
        """Give the body in large pieces, each once; then what comes after it."""
        read = 0
        is_given = False

        async def replayed() -> Message:
            nonlocal read, is_given
            if is_given:
                return await receive()
            piece = b""
            if self._file is not None:
                if read == 0:
                    self._file.seek(0)
                piece = await asyncio.to_thread(self._file.read, _PIECE)
                read += len(piece)
            if not piece:
                piece, self._pieces = b"".join(self._pieces), []
                read += len(piece)
            is_given = read == self.size
            if is_given:
                self.close()
            return {"type": "http.request", "body": piece, "more_body": not is_given}

        return replayed

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


def _make_file() -> IO[bytes]:
    return TemporaryFile(dir=find_temporary_place())


class Bounded:
    """An app whose requests are held to limits.

    A body is read whole before the app sees the request, so who sends slowly holds no place of
    those who work. A request that is not answered in time is refused; what was begun goes on to its
    end, unheard, and keeps its place until then, so that late work cannot pile up.
    """

    def __init__(self, app: App, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._deadlines = _Deadlines(limits.seconds)
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
        request, body = _Request(send), _Body()
        self._deadlines.add(request)
        try:
            if not has_body:
                await self._work(scope, receive, request)
            elif await self._read(receive, body, request):
                self._deadlines.add(request)  # from now on the time of the answer counts
                await self._work(scope, body.replay(receive), request)
        except _TooLargeError as problem:
            await self._refuse_size(send, problem.status)
        finally:
            self._deadlines.remove(request)
            self._held_bytes -= body.size
            body.close()

    async def _read(self, receive: Receive, body: _Body, request: _Request) -> bool:
        """Read a body; tell whether it came to its end, in time and before its sender left."""
        most = self._limits.body_bytes
        while True:
            try:
                message = await request.wait(receive)
                if message["type"] == "http.disconnect":
                    return False
                piece = message.get("body", b"")
                body.add(piece)
                self._held_bytes += len(piece)
                if body.size > most:
                    raise _TooLargeError(413)
                if self._held_bytes > most * self._limits.bodies:
                    raise _TooLargeError(503)
                if body.is_full:
                    await request.wait(body.put_by)
            except (OutputError, OSError):  # a disk that is full, or is not there
                raise _TooLargeError(503) from None
            except _LateError:
                said = f"the body did not arrive within {self._limits.seconds:g} seconds"
                await refuse(request.refusing, 408, said, _CLOSE)
                return False
            if not message.get("more_body", False):
                return True

    async def _work(self, scope: Scope, receive: Receive, request: _Request) -> None:
        if self._working >= self._limits.concurrency:
            said = f"{self._limits.concurrency} requests are worked on already; try again"
            await refuse(request.refusing, 503, said, _SOON)
            return
        self._working += 1
        try:
            await self._app(scope, receive, request.send)
        finally:
            self._working -= 1
            await request.end()

    async def _refuse_size(self, send: Send, status: int) -> None:
        if status == 413:
            most = self._limits.body_bytes
            shown = f"{most / MEBIBYTE:g} MiB" if most >= MEBIBYTE else f"{most:,} bytes"
            await refuse(send, 413, f"a body has at most {shown}", _CLOSE)
        else:
            said = "there is no room for a large body beside those of others; try again"
            await refuse(send, 503, said, [*_SOON, *_CLOSE])


class _LateError(Exception):
    """A body was not there in time."""


class _Request:
    """A request whose time runs: while its body is read, and until its answer begins.

    `send` passes on the app's answer, or nothing once that is late and was refused; `refusing` is
    how a refusal is sent.
    """

    def __init__(self, send: Send) -> None:
        self.refusing = send
        self._reader: asyncio.Task[Any] | None = None
        self._begun = self._is_late = False
        self._refusal: asyncio.Task[None] | None = None

    async def wait(self, step: Callable[[], Awaitable[Step]]) -> Step:
        """Wait for the next piece of the body, or until it is put by. Raises _LateError."""
        self._reader = asyncio.current_task()
        try:
            return await step()
        except asyncio.CancelledError:
            if not self._is_late or self._reader is None:
                raise
            self._reader.uncancel()
            raise _LateError from None
        finally:
            self._reader = None

    async def send(self, message: Message) -> None:
        """Pass on what the app says, unless it is too late."""
        if self._refusal is None:
            self._begun = True
            await self.refusing(message)

    def expire(self, seconds: float) -> None:
        """Break off who waits for a body; refuse what is not answered yet."""
        if self._reader is not None:
            self._is_late = True
            self._reader.cancel()
        elif not self._begun:
            said = f"the answer took longer than {seconds:g} seconds"
            self._refusal = asyncio.create_task(refuse(self.refusing, 503, said, _SOON))

    async def end(self) -> None:
        """Wait until a refusal is on its way."""
        if self._refusal is not None:
            await self._refusal


class _Deadlines:
    """Requests whose time runs, in the order in which it began.

    They are looked through a few times in their span: a timer for each, which is all but never
    needed, would take longer than the rest of this file.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began: dict[_Request, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, request: _Request) -> None:
        """Let the time of a request begin, or begin anew."""
        loop = asyncio.get_running_loop()
        self._began.pop(request, None)
        self._began[request] = loop.time()
        if self._loop is not loop:
            self._loop = loop
            self._look_later(loop)

    def remove(self, request: _Request) -> None:
        """Forget a request that is done."""
        self._began.pop(request, None)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(min(1.0, self._seconds / 4), self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        last = loop.time() - self._seconds
        for request in [own for own, began in self._began.items() if began <= last]:
            del self._began[request]
            request.expire(self._seconds)
        if self._began:
            self._look_later(loop)
        else:
            self._loop = None


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
