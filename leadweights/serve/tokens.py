"""Bearer tokens: a file has their names, roles and hashes; the token itself is shown once.

A token is 256 bits drawn at random, so its SHA-256 is enough: nobody can try 2^256 tokens until one
has a hash that was read. A slow hash (scrypt, argon2) is for passwords, which people choose and
others guess; here it would only make every request slow.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from leadweights.errors import OutputError, TokenError
from leadweights.files.manifest import lock
from leadweights.files.read import read_text
from leadweights.files.remote import RemotePath, as_path
from leadweights.files.write import replace_file
from leadweights.reports.layout import align_left

if TYPE_CHECKING:
    from leadweights.lifecycle.store.store import Store

ROLES = ("score", "read", "admin")
"""What a token may do: score leads; read the model and its state; change what is in service."""

PREFIX = "lw_"
"""How every token begins, so that scanners of secrets find one that was committed."""

_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_FORMAT = 1
_log = logging.getLogger("leadweights.serve")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: whose it is, what it may do, its hash, its last day (UTC)."""

    name: str
    roles: frozenset[str]
    sha256: str = field(repr=False)
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it may still be used on a day."""
        return self.until is None or day <= self.until


def hash_token(token: str) -> str:
    """Hash a token: SHA-256, hexadecimal."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def make_token() -> str:
    """Draw a token: 256 bits of the system's randomness, in letters that a URL may have."""
    return PREFIX + token_urlsafe(_BYTES)


def read_tokens(path: str | Path) -> tuple[Token, ...]:
    """Read a file of tokens. Raises TokenError for one that is not, or has a name twice."""
    text = read_text(_as_own_file(path), "JSON", TokenError)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise TokenError(f"{path} is no file of tokens: not JSON ({problem})") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise TokenError(f"{path} is no file of tokens of format {_FORMAT}")
    listed = document.get("tokens")
    if not isinstance(listed, list):
        raise TokenError(f"{path} is no file of tokens: it has no list of them")
    found = tuple(_read_token(path, place, told) for place, told in enumerate(listed, 1))
    if len({token.name for token in found}) < len(found):
        raise TokenError(f"{path} has a name twice")
    return found


def _read_token(path: str | Path, place: int, told: object) -> Token:
    where = f"{path}, token {place}"
    if not isinstance(told, dict) or not told.keys() <= {"name", "roles", "sha256", "until"}:
        raise TokenError(f"{where}: it has name, roles, sha256 and perhaps until")
    name, roles, digest, until = map(told.get, ("name", "roles", "sha256", "until"))
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise TokenError(f"{where}: sha256 is no SHA-256 in hexadecimal")
    try:
        day = None if until is None else date.fromisoformat(until)
    except (TypeError, ValueError):
        raise TokenError(f"{where}: until is no day such as 2026-12-31") from None
    return Token(_check_name(name), _check_roles(roles), digest, day)


def _check_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise TokenError(
            "a token's name has up to 64 letters, digits, dots, hyphens and underscores, "
            f"not {name!r}"
        )
    return name


def _check_roles(roles: object) -> frozenset[str]:
    if not isinstance(roles, list | tuple | set | frozenset) or not roles:
        raise TokenError(f"a token has one role or more of {', '.join(ROLES)}")
    for role in roles:
        if role not in ROLES:
            raise TokenError(f"{role!r} is no role; there are {', '.join(ROLES)}")
    return frozenset(roles)


def add_token(
    path: str | Path,
    name: str,
    roles: Iterable[str],
    *,
    until: date | None = None,
    store: Store | None = None,
) -> str:
    """Add a token to a file, which is made if it is not there; give the token, shown only now.

    With a `store` that has a line in its audit trail: the name, roles and last day. Raises
    TokenError for a name that is there, a role there is not; OutputError, StoreError, EngineError.
    """
    path = _as_own_file(path)
    token = make_token()
    made = Token(_check_name(name), _check_roles(tuple(roles)), hash_token(token), until)

    def add(found: tuple[Token, ...]) -> tuple[Token, ...]:
        if any(other.name == name for other in found):
            raise TokenError(f"{path} has a token {name} already: revoke it first, or name another")
        return (*found, made)

    told = {key: value for key, value in _as_document(made).items() if key != "sha256"}
    with _recorded(store, "token_add", told):
        _change(path, add)
    return token


def revoke_token(path: str | Path, name: str, *, store: Store | None = None) -> Token:
    """Take a token out of a file. With a `store` that has a line in its audit trail.

    Raises TokenError for a name that is not there; OutputError, StoreError, EngineError.
    """
    path = _as_own_file(path)
    gone: list[Token] = []

    def revoke(found: tuple[Token, ...]) -> tuple[Token, ...]:
        gone.extend(token for token in found if token.name == name)
        if not gone:
            there = ", ".join(token.name for token in found) or "none"
            raise TokenError(f"{path} has no token {name}: it has {there}")
        return tuple(token for token in found if token.name != name)

    if not path.exists():
        raise TokenError(f"no such file: {path}")
    with _recorded(store, "token_revoke", {"name": name}):
        _change(path, revoke)
    return gone[0]


@contextmanager
def _recorded(store: Store | None, event: str, told: Mapping[str, Any]) -> Iterator[None]:
    """Write a line of the audit trail in the transaction that ends after a change, or not at all.

    The store is asked first: what it refuses is not done. Where only its end fails, a token that
    was added is known to nobody, and a revoked one stays so: the error is told.
    """
    if store is None:
        yield
        return
    with store.writing() as change:
        change.append_audit(event, None, told)
        yield


def _as_own_file(path: str | Path) -> Path:
    """Give the path of a file of tokens. Raises TokenError for a URL."""
    found = as_path(path)
    if isinstance(found, RemotePath):
        raise TokenError(
            f"a file of tokens is on the machine that serves, where its mode keeps others from it, "
            f"not at {found}"
        )
    return found


def _change(path: Path, change: Callable[[tuple[Token, ...]], tuple[Token, ...]]) -> None:
    """Write a file anew, whole, readable by its owner (and its group, if it was) alone."""
    path = path.resolve()
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
    with lock(path.parent):  # of two who change it at once, the second sees what the first did
        found = read_tokens(path) if path.exists() else ()
        mode = stat.S_IMODE(path.stat().st_mode) & 0o640 if path.exists() else 0o600
        text = _to_text(change(found))
        with replace_file(path) as draft:
            draft.chmod(mode)
            draft.write_text(text, encoding="utf-8", newline="\n")


def _to_text(tokens: Iterable[Token]) -> str:
    listed = [_as_document(token) for token in tokens]
    return json.dumps({"format": _FORMAT, "tokens": listed}, indent=2) + "\n"


def _as_document(token: Token) -> Mapping[str, Any]:
    roles = [role for role in ROLES if role in token.roles]
    told: dict[str, Any] = {"name": token.name, "roles": roles, "sha256": token.sha256}
    return told if token.until is None else told | {"until": token.until.isoformat()}


def tokens_document(tokens: Iterable[Token]) -> dict[str, Any]:
    """Give tokens as plain data, without their hashes."""
    told = [{"until": None, **_as_document(token)} for token in tokens]
    return {"tokens": [{name: own[name] for name in ("name", "roles", "until")} for own in told]}


def tokens_text(tokens: Iterable[Token]) -> str:
    """List tokens: whose each is, what it may do, its last day."""
    listed = tokens_document(tokens)["tokens"]
    rows = [(own["name"], ", ".join(own["roles"]), own["until"] or "") for own in listed]
    return (
        "\n".join(line.rstrip() for line in align_left([("name", "roles", "until"), *rows])) + "\n"
    )


def warn_of_mode(path: str | Path) -> str | None:
    """Say that others may read a file of tokens, or change it; None where they may not."""
    if sys.platform == "win32":  # modes say nothing there
        return None
    try:
        mode = stat.S_IMODE(_as_own_file(path).stat().st_mode)
    except OSError:
        return None
    if mode & 0o022:
        return f"{path} can be written by others, who can add tokens of their own: chmod 600 {path}"
    if mode & 0o004:
        return f"{path} can be read by everyone on this machine: chmod 600 {path}"
    return None


class TokenFile:
    """The tokens of a file as it is now: it is looked at every `look_seconds`, when asked.

    A file that cannot be read any more lets nobody in, until it can be.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        look_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Read the file. Raises TokenError for one that cannot be used, and for one without any."""
        self.path, self._look_seconds = _as_own_file(path), look_seconds
        self._clock, self._now = clock, now
        self._mark = self._look()
        self._tokens = read_tokens(self.path)
        self._looked = clock()
        if not self._tokens:
            raise TokenError(f"{path} has no token: leadweights token add {path} NAME --role score")

    def find(self, token: str) -> Token | None:
        """Find whose a token is; None for one that is not in the file, or past its last day.

        Every hash is compared, each in constant time: the time tells nothing about the tokens.
        """
        self._renew()
        digest = hash_token(token)
        found = None
        for own in self._tokens:
            if hmac.compare_digest(own.sha256, digest):
                found = own
        return found if found is not None and found.holds(self._now().date()) else None

    def _renew(self) -> None:
        now = self._clock()
        if now - self._looked < self._look_seconds:
            return
        self._looked = now
        mark = self._look()
        if mark == self._mark:
            return
        try:
            self._tokens = read_tokens(self.path)
            _log.info("%s was read anew: %d tokens", self.path, len(self._tokens))
        except TokenError as problem:
            self._tokens = ()
            _log.error("no token is accepted: %s", problem)
        self._mark = mark

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
