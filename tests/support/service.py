"""`leadweights serve` as a process, and how to ask it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass
class Running:
    """A service that runs: its process, its port, and its log so far."""

    process: subprocess.Popen[str]
    port: int
    log: IO[str]

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def lines(self) -> list[dict[str, Any]]:
        self.log.flush()
        text = Path(self.log.name).read_text()
        return [json.loads(line) for line in text.splitlines()]


@contextmanager
def running(folder: Path, command: list[str], place: Path | None = None) -> Iterator[Running]:
    """Start a service on a port of its own, and wait until it listens."""
    environment = {**os.environ, "TMPDIR": str(place or folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log, text=True, env=environment)
        try:
            yield Running(process, _find_port(process, folder / "log"), log)
        finally:
            process.kill()
            process.wait(30)


def _find_port(process: subprocess.Popen[str], log: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and '"listening"' in line:
                return int(json.loads(line)["url"].rpartition(":")[2])
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    raise AssertionError(log.read_text())


def command(*given: str) -> list[str]:
    return [sys.executable, "-m", "leadweights", "serve", "--port", "0", *given]
