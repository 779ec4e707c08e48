"""Who may ask what: roles of tokens, rates of callers, and names of the host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadweights.serve.rates import Rates, name_address
from leadweights.serve.refuse import App, Receive, Scope, Send, refuse
from leadweights.serve.tokens import Token, TokenFile

_HEALTH = ("/healthz", "/readyz")
_PAGES = ("/", "/docs", "/favicon.ico")
_ADMIN = ("/v1/admin", "/v1/people")
_SCORING = ("/v1/score", "/v1/predict")
_LOOPBACK = (b"localhost", b"127.0.0.1", b"[::1]")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask: those with a token of `tokens`; without it all, but for what changes things.

    `rates` count for each token, or address without one. With `only_loopback` the Host is a name
    of this machine: a page of elsewhere cannot reach an open service by a name of its own that
    leads here (DNS rebinding).
    """

    tokens: TokenFile | None = None
    rates: Rates | None = None
    only_loopback: bool = False


class Guarded:
    """An app that only those are let to who may ask.

    The token that a request was made with is `request.state.token`, None without one.
    """

    def __init__(self, app: App, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        authorization, host = _find_headers(scope)
        if self._access.only_loopback and not _is_loopback(host):
            await refuse(send, 421, "this service answers to localhost and 127.0.0.1 only")
            return
        role = role_for(scope["method"], _path(scope))
        token = self._find_token(authorization)
        scope.setdefault("state", {})["token"] = token
        rates = self._access.rates
        if rates is not None and _path(scope) not in _HEALTH:
            caller = f"token {token.name}" if token else f"address {name_address(scope)}"
            wait = rates.count(caller)
            if wait:
                said = f"too many requests; try again in {wait} s"
                await refuse(send, 429, said, [(b"retry-after", b"%d" % wait)])
                return
        if role is not None and not await self._may(role, token, authorization, send):
            return
        await self._app(scope, receive, send)

    def _find_token(self, authorization: bytes | None) -> Token | None:
        if authorization is None or self._access.tokens is None:
            return None
        scheme, _, given = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        return self._access.tokens.find(given.strip().decode("latin-1"))

    async def _may(
        self, role: str, token: Token | None, authorization: bytes | None, send: Send
    ) -> bool:
        """Tell whether a role's request may be made; refuse it if not (RFC 6750)."""
        if self._access.tokens is None:
            if role != "admin":
                return True
            await refuse(send, 403, "without --tokens nobody may change what is in service")
        elif token is None:
            known = b"" if authorization is None else b', error="invalid_token"'
            said = "a token is needed: Authorization: Bearer ..."
            if authorization is not None:
                said = "the token is not known, or past its last day"
            await refuse(send, 401, said, [(b"www-authenticate", _REALM + known)])
        elif role not in token.roles:
            scope = b', error="insufficient_scope", scope="%s"' % role.encode()
            said = f"the token {token.name} has not the role {role}"
            await refuse(send, 403, said, [(b"www-authenticate", _REALM + scope)])
        else:
            return True
        return False


_REALM = b'Bearer realm="leadweights"'


def role_for(method: str, path: str) -> str | None:
    """Name the role that a request needs; None for what everyone may see.

    That is whether the service is well, and the pages, which hold nothing of the model or of leads.
    """
    if path in _HEALTH or path in _PAGES or path.startswith("/assets/"):
        return None
    if path.startswith(_ADMIN):
        return "admin"
    return "score" if method == "POST" and path.startswith(_SCORING) else "read"


def _path(scope: Mapping[str, Any]) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path") or "")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _find_headers(scope: Mapping[str, Any]) -> tuple[bytes | None, bytes]:
    authorization, host = None, b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"host":
            host = value
    return authorization, host


def _is_loopback(host: bytes) -> bool:
    name, colon, port = host.rpartition(b":")
    bare = name if colon and port.isdigit() else host
    return bare.lower() in _LOOPBACK
