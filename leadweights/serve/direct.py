"""A route that reads and writes its own bytes, without FastAPI's way to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from starlette.routing import BaseRoute, Match

from leadweights.serve.refuse import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoute(BaseRoute):
    """One path and method, looked at before all others.

    FastAPI takes as long to find parameters that there are none of as a lead takes to be scored.
    The same endpoint is a route of the app, too, which describes it, and answers where the app is
    mounted below a path.
    """

    def __init__(self, method: str, path: str, endpoint: Endpoint) -> None:
        self.method, self.path, self.endpoint = method, path, endpoint

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """Tell whether a request is for this route."""
        if (
            scope.get("path") == self.path
            and scope.get("method") == self.method
            and not scope.get("root_path")
        ):
            return Match.FULL, {"endpoint": self.endpoint, "route": self, "path_params": {}}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)
