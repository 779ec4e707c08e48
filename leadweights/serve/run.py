"""Running the service: uvicorn, a line of JSON for each thing that happens, an orderly end."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from leadweights.errors import UnsupportedError
from leadweights.serve.observe import LOG, JsonLines
from leadweights.serve.protocol import PatientProtocol

_GRACE_SECONDS = 10
_CONNECTIONS = 800
"""How many connections may be open; the system lets a process have 1,024 files as a rule."""

_LOGGERS = (LOG.name, "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio", "fastapi")


def run(app: FastAPI, host: str, port: int, **options: Any) -> None:
    """Serve an app until SIGTERM or Ctrl-C; requests under way get ten seconds to end.

    Port 0 takes one that is free; the log says which. `options` are uvicorn's. Raises
    UnsupportedError for an address that cannot be taken.
    """
    with _listening(host, port) as listener:
        write_logs()
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            limit_concurrency=_CONNECTIONS,
            **{"proxy_headers": False, **options},
        )
        _Server(config).run(sockets=[listener])


def write_logs() -> None:
    """Write what happens to stderr, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    LOG.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


class _Server(uvicorn.Server):
    """uvicorn's server, which says where it listens, and whose end by a signal is an end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._signal: signal.Signals | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        if sockets and not self.should_exit:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            LOG.info("listening", extra={"said": {"url": f"http://{shown}:{port}"}})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say why it ends, and let requests under way come to theirs."""
        if self._signal is not None:
            LOG.info("stopping", extra={"said": {"signal": self._signal.name}})
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop by a signal; unlike uvicorn's own, without raising it again at the end."""

        def stop(number: int, frame: FrameType | None) -> None:
            # No more than a note: a signal may come while a line is being written to stderr, and
            # what writes another one there fails.
            self._signal = signal.Signals(number)
            self.handle_exit(number, frame)

        before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take an address. Raises UnsupportedError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise UnsupportedError(f"{host} is no address of this machine: {_why(problem)}") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as problem:
            raise UnsupportedError(f"cannot listen on {host}:{port}: {_why(problem)}") from None
        yield listener


def _why(problem: OSError) -> str:
    return problem.strerror or str(problem)
