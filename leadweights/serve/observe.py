"""What is known of a service from outside: a line of log for each request, and counts."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic_core import to_json

from leadweights.serve.service import Service

LOG = logging.getLogger("leadweights.serve")
VERSION_HEADER, HASH_HEADER = "leadweights-model-version", "leadweights-model-sha256"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_METHODS = frozenset(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"))


class Metrics:
    """The counts of one service, apart from those of any other in the process."""

    MEDIA_TYPE: ClassVar = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        asked = ("method", "route", "status")
        self.requests = Counter(
            "leadweights_requests", "Requests answered.", asked, registry=self.registry
        )
        self.seconds = Histogram(
            "leadweights_request_seconds",
            "How long a request took.",
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.rows = Counter(
            "leadweights_rows", "Leads by what became of them.", ("status",), registry=self.registry
        )
        version = Gauge(
            "leadweights_model_version", "The version in force; 0: none.", registry=self.registry
        )
        version.set_function(lambda: (service.in_force and service.in_force.version) or 0)
        there = Gauge(
            "leadweights_store_reachable",
            "Whether the store answered when it was last asked.",
            registry=self.registry,
        )
        there.set_function(lambda: float(not service.state.problem))

        self._asked: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._scored, self._refused = map(self.rows.labels, ("scored", "no_consent"))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer, and how long it took."""
        asked = method, route, status
        known = self._asked.get(asked)
        if known is None:  # finding them by their labels takes longer than counting
            known = self.requests.labels(method, route, str(status)), self.seconds.labels(route)
            self._asked[asked] = known
        requests, times = known
        requests.inc()
        times.observe(seconds)

    def count_rows(self, rows: int, refused: int) -> None:
        """Count leads, and how many of them without consent."""
        self._scored.inc(rows - refused)
        if refused:
            self._refused.inc(refused)

    def write(self) -> bytes:
        """Write them as Prometheus reads them."""
        return generate_latest(self.registry)


class Observed:
    """Takes the model in force once for each request; counts and logs it when it is answered.

    Nothing of what was sent is logged: no value, no key, no query, no name of a file.
    """

    def __init__(self, app: App, service: Service, metrics: Metrics) -> None:
        self.app, self.service, self.metrics = app, service, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = perf_counter(), 500
        state = scope.setdefault("state", {})
        own = state["in_force"] = self.service.in_force
        stamp: list[tuple[bytes, bytes]] = []
        if own is not None:
            stamp.append((HASH_HEADER.encode(), own.sha256.encode()))
            if own.version is not None:
                stamp.append((VERSION_HEADER.encode(), str(own.version).encode()))

        async def send_stamped(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *stamp]
            await send(message)

        try:
            await self.app(scope, receive, send_stamped)
        finally:
            seconds = perf_counter() - begun
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "other")
            rows, refused = state.get("rows", 0), state.get("refused", 0)
            self.metrics.count(method, route, status, seconds)
            if rows:
                self.metrics.count_rows(rows, refused)
            if LOG.isEnabledFor(logging.INFO):
                said = {
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": round(1000 * seconds, 3),
                    "rows": rows,
                    "version": own.version if own else None,
                    "sha256": own.sha256[:12] if own else None,
                }
                # Without a look at who calls, which takes as long as writing the line.
                found = LOG.makeRecord(LOG.name, logging.INFO, __file__, 0, "request", (), None)
                found.said = said
                LOG.handle(found)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON; of an error its kind and place, never its message."""

    _second, _written = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {"at": self._moment(record.created)}
        line["level"] = record.levelname.lower()
        line["event"] = record.getMessage() if record.exc_info is None else "fault"
        if (said := getattr(record, "said", None)) is not None:
            return to_json(line | said).decode()
        if record.exc_info and record.exc_info[1] is not None:
            line |= _place(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)

    def _moment(self, at: float) -> str:
        second = int(at)
        if second != self._second:
            self._written = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second
        return f"{self._written}.{int(1000 * (at - second)):03}+00:00"


def _place(problem: BaseException) -> dict[str, str]:
    trace, where = problem.__traceback__, ""
    while trace is not None:
        where = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return {"error": type(problem).__name__, "where": where}
