"""Headers that keep browsers from doing harm, and the last net under every error."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from leadweights.errors import UnsupportedError
from leadweights.serve.refuse import App, Message, Receive, Scope, Send, refuse

_log = logging.getLogger("leadweights.serve")

_ALL = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_DATA = [
    *_ALL,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
_PAGE = [
    *_ALL,
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'",
    ),
]
_NAMES = frozenset(name for name, _ in (*_DATA, *_PAGE))
_HTTPS = (b"strict-transport-security", b"max-age=31536000")


class Secured:
    """An app whose answers have the headers that browsers heed, and show no error's inside.

    What the app sets itself stays. HSTS is said behind https only: elsewhere it means nothing.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_data = scope["path"].startswith(f"{scope.get('root_path') or ''}/v1/")
        own = _DATA if is_data else _PAGE
        if scope.get("scheme") == "https":
            own = [*own, _HTTPS]
        begun = False

        async def send_secured(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = list(message.get("headers", ()))
                there = {name.lower() for name, _ in given}
                if there.isdisjoint(_NAMES):
                    message["headers"] = given + own
                else:
                    added = [header for header in own if header[0] not in there]
                    message["headers"] = given + added
            await send(message)

        try:
            await self._app(scope, receive, send_secured)
        except Exception:
            if begun:  # too late to say so: the server breaks the connection off
                raise
            _log.exception("a request failed")
            said = "the service failed at this request; its log says how"
            await refuse(send_secured, 500, said)


_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)


def check_origins(origins: Sequence[str]) -> list[str]:
    """Write origins as browsers do. Raises UnsupportedError for what is none, as * is."""
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise UnsupportedError(f"{origin!r} is no origin, such as https://crm.example.com")
    return [origin.lower() for origin in origins]
