"""A web server for tests, with the habits of others: no ranges, redirects, lies about lengths."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Web:
    """Files by their paths; what each path begins with says how it is answered.

    `/plain/` knows no ranges, `/moved/` leads to the file, `/circle/` to itself, `/short/` sends
    half of what it announces, `/unsized/` announces nothing, `/slow/` waits a little, `/503/`,
    `/401/` and so on refuse, `/signed/` wants `sig=S3cr3t` and refuses HEAD, as stores do.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, user: str = "") -> str:
        """Write the URL of a path."""
        return f"http://{user}127.0.0.1:{self.port}/{path}"


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have gone: what is told is the client's."""


@contextmanager
def serve() -> Iterator[Web]:
    """Serve files on a free port of the loopback address."""
    web = Web()
    server = _Server(("127.0.0.1", 0), _handler(web))
    server.daemon_threads = True
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            how, _, name = path.lstrip("/").partition("/")
            web.asked.append((self.path, self.headers.get("Range", "")))
            if how.isdigit():
                return self.give(int(how), b"")
            if how == "signed" and "sig=S3cr3t" not in query:
                return self.give(403, b"")
            if how in ("moved", "circle"):
                where = "/ranges/" if how == "moved" else "/circle/"
                return self.give(302, b"", {"Location": f"{where}{name}?{query}"})
            if how == "slow":
                time.sleep(0.3)
            content = web.files.get(name)
            if content is None:
                return self.give(404, b"")
            asked = self.headers.get("Range", "")
            if asked and how not in ("plain", "unsized"):
                start, _, end = asked.removeprefix("bytes=").partition("-")
                last = min(int(end), len(content) - 1)
                headers = {"Content-Range": f"bytes {start}-{last}/{len(content)}"}
                headers["ETag"] = f'"{hash(content)}"'
                if self.headers.get("If-Match", headers["ETag"]) != headers["ETag"]:
                    return self.give(412, b"")
                part = content[int(start) : last + 1]
                return self.give(206, part, headers, short=how == "short" and len(part) > 1)
            return self.give(200, content, short=how == "short", sized=how != "unsized")

        def do_HEAD(self) -> None:
            self.give(403, b"")

        def give(
            self,
            status: int,
            body: bytes,
            headers: dict[str, str] | None = None,
            *,
            short: bool = False,
            sized: bool = True,
        ) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if sized:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.close_connection = True
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if short else body)
            if short:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
