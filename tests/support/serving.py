"""A server that answers over a socket, and clients that say exactly what they are told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from leadweights.serve.protocol import PatientProtocol


@contextmanager
def serving(
    app: Any, protocol: type[PatientProtocol] = PatientProtocol, **settings: Any
) -> Iterator[int]:
    """Run an app in a thread behind uvicorn; give its port, which the system chose."""
    own = {"ws": "none", "lifespan": "off", "log_level": "critical", **settings}
    config = uvicorn.Config(app, host="127.0.0.1", port=0, http=protocol, **own)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not (server.started and server.servers):
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def connected(port: int, seconds: float = 20) -> Iterator[socket.socket]:
    """Open a connection."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side ends the connection. Raises TimeoutError if it does not."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)
