"""Debian's redis-server, as a process of its own, to be reached by a URL."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, by its URL and its process."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def run_redis() -> Iterator[Server]:
    """Start a server that keeps nothing on disk, on a socket in a folder of its own."""
    # A socket's path has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="lw") as folder:
        path = Path(folder, "redis.sock")
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(
            ["redis-server", *options], cwd=folder, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(path)
            yield Server(f"unix://{path}", process)
        finally:
            process.kill()
            process.wait()


def wait_for(path: Path) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with redis.Redis(unix_socket_path=str(path)) as connection:
                connection.ping()
            return
        except redis.RedisError:
            assert time.monotonic() < until
            time.sleep(0.02)
