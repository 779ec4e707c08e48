"""The file system that DuckDB is given: objects in the cloud, read by ranges.

DuckDB sets a place in a file and reads there, both in one step of one thread, but reads one open
file in several threads. So each thread has a place of its own here; with a place that all share, as
the files of fsspec have it, threads would get each other's bytes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import PurePosixPath
from threading import local
from typing import Any, NoReturn

from fsspec import AbstractFileSystem

from leadweights.files.object_stores import Found, StoreReadError, read
from leadweights.files.remote import RemotePath

PROTOCOL = "leadweights"
SMALL = 2**23
"""Bytes up to which an object is fetched as a whole, and kept for whoever reads it next."""


class RangeFiles(AbstractFileSystem):  # type: ignore[misc]
    """Objects under names that have nothing of their URLs; each as it was when it was added."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, tuple[RemotePath, Found]] = {}
        self._names: dict[tuple[str, Found], str] = {}
        self._numbers = count(1)

    def add(self, path: RemotePath, found: Found) -> str:
        """Give the name by which DuckDB reads an object."""
        # Under its old name DuckDB has parts of it already; without a tag it may be another.
        name = self._names.get((path.url, found)) if found.tag else None
        if name is None:
            name = f"{PROTOCOL}://{next(self._numbers)}/{_plain(path.name)}"
            self._files[name] = (path, found)
            self._names[path.url, found] = name
        return name

    def open(self, path: str, mode: str = "rb", **_: Any) -> RangeFile:
        """Open an object to read it."""
        if "r" not in mode:
            _refuse()
        return RangeFile(*self._files[self._named(path)])

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Say how large an object is."""
        name = self._named(path)
        return {"name": name, "size": self._files[name][1].size, "type": "file"}

    def modified(self, path: str) -> datetime:  # noqa: ARG002
        """Say when it changed: never, or a range of it would have been refused."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def glob(self, path: str, **_: Any) -> list[str]:
        """Give the one object of that name."""
        name = self._named(path)
        return [name] if name in self._files else []

    def exists(self, path: str, **_: Any) -> bool:
        """Tell whether there is an object of that name."""
        return self._named(path) in self._files

    def isfile(self, path: str) -> bool:
        """Tell whether there is an object of that name."""
        return self.exists(path)

    def _named(self, path: str) -> str:
        return path if "://" in path else f"{PROTOCOL}://{path}"


class RangeFile:
    """An object that is open, with a place to read at for each thread."""

    def __init__(self, path: RemotePath, found: Found) -> None:
        self._path, self._found, self._places = path, found, local()

    def seek(self, place: int, whence: int = 0) -> int:
        """Set the place where this thread reads next."""
        base = {0: 0, 1: self.tell(), 2: self._found.size}[whence]
        self._places.place = base + place
        return base + place

    def tell(self) -> int:
        """Say where this thread reads next."""
        return int(getattr(self._places, "place", 0))

    def read(self, length: int = -1) -> bytes:
        """Read bytes, all that are left if none are named. Raises StoreReadError."""
        start = self.tell()
        end = self._found.size if length < 0 else min(start + length, self._found.size)
        if end <= start:
            return b""
        try:
            if self._found.size <= SMALL and self._found.tag:
                content = _read_whole(self._path.url, self._found)[start:end]
            else:
                content = read(self._path.url, self._found, start, end)
        except OSError as problem:
            raise StoreReadError(problem.strerror or type(problem).__name__) from None
        self._places.place = end
        return content

    def close(self) -> None:
        """Do nothing: what is open is here alone."""


@lru_cache(maxsize=4)
def _read_whole(url: str, found: Found) -> bytes:
    return read(url, found, 0, found.size)


def _plain(name: str) -> str:
    """Leave of a name what no pattern is made of."""
    return re.sub(r"[^\w.-]", "_", PurePosixPath(name).name)


def _refuse() -> NoReturn:
    raise StoreReadError("files in the cloud are not written so")
