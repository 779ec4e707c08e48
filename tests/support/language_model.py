"""A language model's endpoint on 127.0.0.1: real sockets, OpenAI's protocol, any answer."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: the text of a completion, or another body, after so many seconds.

    With `breaks` the connection is reset before, or in the midst of, the answer.
    """

    content: str | None = ""
    status: int = 200
    body: bytes | None = None
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: str = ""


def judged(factor: object, why: object = "for a reason", **more: Any) -> Reply:
    """Answer with a factor, as the schema wants it or not."""
    return Reply(json.dumps({"factor": factor, "why": why}), **more)


@dataclass(slots=True)
class LanguageModel:
    """An endpoint, and what it has received: whole requests, header and body."""

    url: str
    received: list[bytes] = field(default_factory=list)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Give the JSON of each request."""
        return [json.loads(whole.split(b"\r\n\r\n", 1)[1]) for whole in self.received]

    @property
    def leads(self) -> list[dict[str, Any]]:
        """Give what was told of each lead."""
        return [json.loads(asked["messages"][-1]["content"]) for asked in self.questions]


@contextmanager
def serve(answer: Callable[[dict[str, Any], int], Reply]) -> Iterator[LanguageModel]:
    """Serve `POST /v1/chat/completions`; `answer` is told the question and its number, from 0."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            body = self.rfile.read(size)
            with lock:
                number = len(found.received)
                whole = f"{self.requestline}\r\n{self.headers}".encode().rstrip() + b"\r\n\r\n"
                found.received.append(whole + body)
            reply = answer(json.loads(body), number)
            time.sleep(reply.seconds)
            try:
                self.reply(reply)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def reply(self, reply: Reply) -> None:
            if self.path != "/v1/chat/completions":
                reply = Reply(status=404)
            if reply.breaks == "before":
                self.reset()
                return
            body = completion(reply.content) if reply.body is None else reply.body
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if reply.breaks == "within":
                self.wfile.write(body[: len(body) // 2])
                self.reset()
                return
            self.wfile.write(body)

        def reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.connection.close()

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):  # the connection that was reset
                self.close_connection = True

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True
        block_on_close = False

        def shutdown_request(self, request: Any) -> None:
            with suppress(OSError):
                super().shutdown_request(request)

    with Server(("127.0.0.1", 0), Handler) as server:
        found = LanguageModel(f"http://127.0.0.1:{server.server_port}/v1")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


def completion(content: str | None) -> bytes:
    """Write a completion as the protocol has it."""
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "judge",
            "choices": [choice],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    ).encode()


def told(asked: dict[str, Any]) -> dict[str, Any]:
    """Give what a question tells of its lead."""
    data: dict[str, Any] = json.loads(asked["messages"][-1]["content"])
    return data


def sensible(asked: dict[str, Any], _: int) -> Reply:
    """Judge by one fact, the same every time: a friendly tone speaks for a lead."""
    tone = told(asked)["lead"]["tone of what the contact wrote lately, from hostile to friendly"]
    if tone is None:
        return judged(1, "nothing is known of the tone")
    if tone > 1:
        return judged(1.1, "writes in a friendly tone")
    return judged(0.9, "writes in a hostile tone") if tone < -1 else judged(1, "an even tone")


def hostile(asked: dict[str, Any], _: int) -> Reply:
    """Answer by the lead's number: late, well, with an error, broken off, soon."""
    replies = (
        judged(1.1, seconds=5.0),
        judged(1.1),
        Reply(status=500),
        judged(1.1, breaks="within"),
        judged(1.1, seconds=0.05),
    )
    return replies[int(told(asked)["lead"]["number"]) % len(replies)]


@contextmanager
def serve_apart() -> Iterator[str]:
    """Serve `hostile` in a process of its own, which takes no time from who asks; give its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.language_model"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    with serve(hostile) as served:
        print(served.url, flush=True)  # noqa: T201
        sys.stdin.read()
