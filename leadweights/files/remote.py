"""Paths that are URLs: of stores in the cloud, and of files behind https."""

from __future__ import annotations

import re
import stat
from collections.abc import Generator
from errno import EINVAL, ENOENT
from io import BytesIO
from os import stat_result
from pathlib import Path, PurePath
from typing import IO, Any, NoReturn

from leadweights.errors import CloudError, UnsupportedError
from leadweights.files.object_stores import LIBRARIES, Found, download, find, is_web, list_like

_URL = re.compile(rf"({'|'.join(LIBRARIES)})://(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?")
_CONTAINER = re.compile(r"[a-z0-9$-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
_NO_CREDENTIALS = (
    "credentials do not stand in a URL: they come from the environment, profile files or a managed "
    "identity"
)


def is_url(text: object) -> bool:
    """Tell whether a text is the URL of a file in the cloud, or means to be one."""
    return isinstance(text, str) and _URL.fullmatch(text) is not None


def as_path(place: str | PurePath) -> Path:
    """Take a file's name, or the URL of one in the cloud, for a path.

    Raises UnsupportedError for a URL that cannot be one.
    """
    if isinstance(place, Path):
        return place
    found = _URL.fullmatch(place) if isinstance(place, str) else None
    return Path(place) if found is None else _parse(found[1].lower(), found[2])


def _parse(scheme: str, rest: str) -> RemotePath:
    host, _, key = rest.partition("/")
    if scheme in ("https", "http"):
        return _parse_web(scheme, host, key)
    if "?" in rest:
        raise UnsupportedError(f"{_NO_CREDENTIALS}; a URL of {scheme}:// has no part after a ?")
    is_named = _CONTAINER if LIBRARIES[scheme] == "adlfs" and "@" in host else _HOST
    if not is_named.fullmatch(host):
        raise UnsupportedError(
            f"{scheme}:// is followed by the name of a bucket or container, and that by a path; "
            + _NO_CREDENTIALS
        )
    steps = key.removesuffix("/").split("/")
    if (key and any(step in ("", ".", "..") for step in steps)) or not key.isprintable():
        raise UnsupportedError(
            f"a URL of {scheme}:// has no empty steps, no . and .. and no line breaks: "
            f"{scheme}://{host}/path/file"
        )
    return RemotePath(f"{scheme}:", host, *filter(None, steps))


def _parse_web(scheme: str, host: str, key: str) -> RemotePath:
    user, at, place = host.rpartition("@")
    if not _HOST.fullmatch(place) or not key.isprintable():
        raise UnsupportedError("https:// is followed by a host, and that by a path")
    if scheme == "http" and not _LOOPBACK.fullmatch(place):
        raise UnsupportedError("http:// is not encrypted, and read from this machine alone: https")
    name, mark, query = key.partition("?")
    sheet = ""
    if mark and "#" in query:
        query, _, sheet = query.partition("#")
    made = RemotePath(f"{scheme}:", place, *filter(None, name.split("/")))
    if sheet:
        made = RemotePath(f"{made}#{sheet}".replace("://", ":/", 1))
    made._secret = (user + at, mark + query)
    return made


class RemotePath(type(Path())):  # type: ignore[misc]
    """A path that is a URL. What it is called in a message has no user, query or signature.

    It is looked at and read as a path of this machine is. Whatever would take it for a name on this
    machine fails.
    """

    __slots__ = ("_secret",)
    _secret: tuple[str, str]

    def __str__(self) -> str:
        return super().__str__().replace(":/", "://", 1)  # type: ignore[no-any-return]

    def __fspath__(self) -> NoReturn:
        raise OSError(EINVAL, "it is not on this machine")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_path, (self.url,)

    @property
    def url(self) -> str:
        """The URL with all its secrets, for the store alone."""
        user, query = getattr(self, "_secret", ("", ""))
        scheme, _, rest = str(self).partition("://")
        return f"{scheme}://{user}{rest}{query}"

    @property
    def is_web(self) -> bool:
        """Tell whether it is a file behind https, beside which there is nothing to look for."""
        return is_web(str(self))

    def beside(self, name: str) -> RemotePath:
        """Give the path of another name in the same folder, asked for in the same way."""
        made: RemotePath = self.with_name(name)
        made._secret = getattr(self, "_secret", ("", ""))
        return made

    def find(self) -> Found:
        """Look at what is there. Raises OSError."""
        return find(self.url)

    def stat(self, *, follow_symlinks: bool = True) -> stat_result:  # noqa: ARG002
        """Say what kind of thing it is, and its size. Raises OSError."""
        found = self.find()
        mode = stat.S_IFDIR if found.is_folder else stat.S_IFREG
        return stat_result((mode | 0o444, 0, 0, 1, 0, 0, max(found.size, 0), 0, 0, 0))

    def exists(self, **_: Any) -> bool:
        """Tell whether it is there. Raises CloudError where that cannot be told."""
        return self._look() is not None

    def is_file(self, **_: Any) -> bool:
        """Tell whether it is there and no folder. Raises CloudError."""
        found = self._look()
        return found is not None and not found.is_folder

    def is_dir(self, **_: Any) -> bool:
        """Tell whether there are objects under that name. Raises CloudError."""
        found = None if self.is_web else self._look()
        return found is not None and found.is_folder

    def _look(self) -> Found | None:
        try:
            return self.find()
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise CloudError(f"cannot read {self}: {problem.strerror}") from None

    def read_bytes(self) -> bytes:
        """Read it as a whole. Raises OSError."""
        found = self.find()
        if found.is_folder:
            raise IsADirectoryError(EINVAL, "it is a folder")
        made = BytesIO()
        download(self.url, found, made)
        return made.getvalue()

    def open(self, mode: str = "r", *_: Any, **__: Any) -> IO[Any]:
        """Open it to read bytes. Raises OSError."""
        if mode != "rb":
            raise OSError(EINVAL, "it is not on this machine")
        return BytesIO(self.read_bytes())

    def glob(self, pattern: str, **_: Any) -> Generator[RemotePath, None, None]:
        """Give what is there under names like this one. Raises OSError."""
        yield from self._list(f"{self}/{pattern}")

    def rglob(self, pattern: str, **_: Any) -> Generator[RemotePath, None, None]:
        """Give what is there under names like this one, at any depth. Raises CloudError."""
        yield from self._list(f"{self}/**/{pattern}")

    def _list(self, pattern: str) -> Generator[RemotePath, None, None]:
        try:
            urls = list_like(pattern)
        except OSError as problem:
            raise CloudError(f"cannot read {self}: {problem.strerror}") from None
        yield from (found for found in map(as_path, urls) if isinstance(found, RemotePath))

    def mkdir(self, *_: Any, **__: Any) -> None:
        """Make nothing: a store has no folders, only names."""

    def resolve(self, strict: bool = False) -> RemotePath:  # noqa: ARG002
        """Give it as it is: in a store no name leads to another."""
        return self

    def absolute(self) -> RemotePath:
        """Give it as it is."""
        return self

    def samefile(self, other: Any) -> bool:
        """Tell whether another path is the same."""
        return isinstance(other, RemotePath) and str(other) == str(self)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise OSError(ENOENT, "it is not on this machine")

    unlink = rename = replace = touch = write_bytes = write_text = rmdir = _refuse
    hardlink_to = symlink_to = iterdir = read_text = lstat = _refuse
