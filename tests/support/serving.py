"""A server that answers over a socket, and clients that say exactly what they are told to."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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


@contextmanager
def service(folder: Path, *words: object) -> Iterator[Served]:
    """Run `leadweights serve` as a process of its own; it must end in order, by a signal."""
    log = folder / "serve.log"
    run = [sys.executable, "-X", "faulthandler", "-m", "leadweights"]
    command = [*run, "serve", *map(str, words), "--port", "0"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, stderr=written)
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(r"http://[^\"]+", log.read_text(encoding="utf-8"))):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield Served(found[0], process, log)
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # writes where each of its threads is
            process.wait(30)
        assert process.returncode == 0, log.read_text(encoding="utf-8")[-20_000:]
    finally:
        process.kill()
        process.wait(30)


@dataclass(frozen=True, slots=True)
class Served:
    """A service that runs: its URL, its process, what it has logged."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        """Give the port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def resident_mib(self) -> float:
        """Read how much memory the process has now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024
