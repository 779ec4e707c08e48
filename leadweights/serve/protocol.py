"""HTTP over a connection whose other side is slow on purpose, or says too much."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
HEADER_BYTES = 64 * 1024
READER_SECONDS = 30.0
"""How long a client may leave an answer unread."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which waits for ever for the end of the headers, with an end to that.

    Closed are connections whose headers take longer than `header_seconds` or more than
    `HEADER_BYTES`; that go on sending for as long after they were answered; or that do not read
    what they are sent for `READER_SECONDS`.
    """

    header_seconds = HEADER_SECONDS
    reader_seconds = READER_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sending = False  # a body is under way
        self._header_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the headers."""
        super().connection_made(transport)
        self._begin_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._end_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; wait for the rest of headers that have begun, and refuse too many of them."""
        self._header_bytes += len(data)
        super().data_received(data)
        if self._sending or not self._header_bytes:  # a body, or all that was asked is here
            return
        if self._header_bytes > HEADER_BYTES:
            self._break_off(b"431 Request Header Fields Too Large")
        elif self._deadline is None:
            self._begin_waiting()

    def on_headers_complete(self) -> None:
        """Wait no more: from here on the app counts the time and the bytes."""
        self._end_waiting()
        self._sending = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the next thing to come are headers."""
        self._sending = False
        self._header_bytes = 0
        self._end_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give who is still sending a moment to read that there is an answer already."""
        super().on_response_complete()
        if self._sending and self._deadline is None:
            self._begin_waiting()

    def pause_writing(self) -> None:
        """Wait for a client that does not read."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.reader_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting: it reads."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.flow is not None:
            super().resume_writing()

    def _begin_waiting(self) -> None:
        self._deadline = self.loop.call_later(
            self.header_seconds, self._break_off, b"408 Request Timeout"
        )

    def _end_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _break_off(self, status: bytes) -> None:
        self._end_waiting()
        if self.transport.is_closing():
            return
        if not self._sending:  # after a body that never ends there was an answer already
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()
