"""A store in the cloud for tests: moto's S3 on the loopback address, and what can go wrong there.

All requests pass a small proxy, which writes them down and, if it is told to, answers some of them
itself: 403, 503 SlowDown, or half of a body and then nothing.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MOTO = "LEADWEIGHTS_MOTO"
"""The variable of the environment that names moto_server."""

ERRORS = {
    403: ("AccessDenied", "Access Denied"),
    500: ("InternalError", "We encountered an internal error."),
    503: ("SlowDown", "Please reduce your request rate."),
}
CUT = 1
"""What a fault gives instead of a status to send half of the body, and close the connection."""

DROP = 0
"""... and to close the connection before there is an answer, the request not passed on."""

_KEPT = ("content-type", "etag", "last-modified", "content-range", "accept-ranges", "location")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its method, the path with what follows, and the range it asks for."""

    method: str
    path: str
    range: str = ""

    @property
    def key(self) -> str:
        """What comes after the bucket, without the query."""
        return self.path.partition("?")[0].lstrip("/").partition("/")[2]


Fault = Callable[[Asked, int], int | None]
"""Says of a request, and of how many there were before, what goes wrong; None is nothing."""


@dataclass(slots=True)
class Bucket:
    """A bucket of its own for a test, seen through the proxy."""

    name: str
    port: int
    asked: list[Asked] = field(default_factory=list)
    fault: Fault | None = None

    @property
    def url(self) -> str:
        """Its URL."""
        return f"s3://{self.name}"

    def put(self, key: str, content: bytes | Path) -> str:
        """Make an object, past the proxy; return its URL."""
        body = content if isinstance(content, bytes) else content.read_bytes()
        self._ask("PUT", f"/{self.name}/{key}", body)
        return f"{self.url}/{key}"

    def get(self, key: str) -> bytes:
        """Read an object, past the proxy."""
        return self._ask("GET", f"/{self.name}/{key}")

    def list_keys(self) -> set[str]:
        """List the objects, past the proxy."""
        listed = self._ask("GET", f"/{self.name}?list-type=2").decode()
        return {part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]}

    def uploads(self) -> int:
        """Count the uploads in parts that were neither ended nor given up."""
        return self._ask("GET", f"/{self.name}?uploads").decode().count("<UploadId>")

    def all(self) -> dict[str, bytes]:
        """Read all objects."""
        return {key: self.get(key) for key in self.list_keys()}

    def break_at(self, number: int, answer: int, *, lasting: bool = True) -> None:
        """Let the request of that number, from 0 on, and those after it go wrong."""
        begun = len(self.asked)

        def fault(_: Asked, before: int) -> int | None:
            at = before - begun
            return answer if at == number or (lasting and at > number) else None

        self.fault = fault

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/x"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        assert answer.status < 300, (method, path, found)
        return found


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have gone: what is told is the client's."""


class Cloud:
    """Moto behind a proxy."""

    def __init__(self, moto_port: int) -> None:
        self.moto_port = moto_port
        self.buckets: dict[str, Bucket] = {}
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """What AWS_ENDPOINT_URL is for it."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def make_bucket(self) -> Bucket:
        """Make a bucket that no other test has."""
        made = Bucket(f"leads-{os.getpid()}-{len(self.buckets)}", self.moto_port)
        made._ask("PUT", f"/{made.name}")
        self.buckets[made.name] = made
        return made


def _handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            bucket = cloud.buckets.get(self.path.lstrip("/").split("/")[0].split("?")[0])
            asked = Asked(self.command, self.path, self.headers.get("Range", ""))
            answer: int | None = None
            if bucket is not None:
                answer = bucket.fault(asked, len(bucket.asked)) if bucket.fault else None
                bucket.asked.append(asked)
            if answer == DROP:
                self.close_connection = True
                return
            if answer in ERRORS:
                code, said = ERRORS[answer]
                text = f"<Error><Code>{code}</Code><Message>{said}</Message></Error>"
                self.give(answer, {"Content-Type": "application/xml"}, text.encode())
                return
            connection = http.client.HTTPConnection("127.0.0.1", cloud.moto_port, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
            connection.request(self.command, self.path, body, headers)
            found = connection.getresponse()
            content = found.read()
            kept = {k: v for k, v in found.getheaders() if k.lower() in _KEPT}
            kept |= {k: v for k, v in found.getheaders() if k.lower().startswith("x-amz")}
            length = found.getheader("Content-Length")
            connection.close()
            cut = answer == CUT and self.command == "GET"
            self.give(found.status, kept, content, cut=cut, length=length)

        def give(
            self,
            status: int,
            headers: dict[str, str],
            body: bytes,
            *,
            cut: bool = False,
            length: str | None = None,
        ) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            own = length if self.command == "HEAD" and length else str(len(body))
            self.send_header("Content-Length", own)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.close_connection = True

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def start_moto(folder: Path) -> Iterator[Cloud]:
    """Start moto's server on a free port, and the proxy before it."""
    log = folder / "moto.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [os.environ[MOTO], "-H", "127.0.0.1", "-p", "0"], stdout=said, stderr=said
        )
        try:
            yield Cloud(_wait_for_port(process, log))
        finally:
            process.terminate()
            process.wait(10)


def _wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    latest = time.monotonic() + 60
    while time.monotonic() < latest and process.poll() is None:
        said = log.read_text(errors="replace")
        if "Running on http://127.0.0.1:" in said:
            return int(said.partition("Running on http://127.0.0.1:")[2].split()[0])
        time.sleep(0.05)
    raise AssertionError(f"moto does not start: {log.read_text(errors='replace')}")
