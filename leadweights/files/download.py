"""Copies on this machine of what is in the cloud and cannot be read there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from threading import Lock

from leadweights.errors import OutputError
from leadweights.files.object_stores import Found, download
from leadweights.files.remote import RemotePath
from leadweights.files.temporary import ADVICE, HeldFolder, explain_disk

_KEPT = 8
_LEFT_FREE = 0.05
_copies: OrderedDict[tuple[str, Found], Copied] = OrderedDict()
_lock = Lock()
_listeners: list[Callable[[str], object]] = []


class Copied(type(Path())):  # type: ignore[misc]
    """A file on this machine that is called in messages what it was copied from."""

    __slots__ = ("_held", "_shown")
    _held: HeldFolder
    _shown: str

    def __str__(self) -> str:
        return str(getattr(self, "_shown", "") or super().__str__())

    def __fspath__(self) -> str:
        return str(super().__str__())

    def absolute(self) -> Path:
        """Give the plain path of the file."""
        return Path(super().__str__())

    def resolve(self, strict: bool = False) -> Path:
        """Give the plain path of the file."""
        return self.absolute().resolve(strict)


@contextmanager
def tell_copies(listener: Callable[[str], object]) -> Iterator[None]:
    """Tell a listener, in a line, of each copy before it is made."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def copy_here(path: RemotePath, found: Found | None = None) -> Copied:
    """Copy what a path leads to into the place for temporary files, once as long as it stays so.

    The copy is there for as long as the path of it is held, and at least until so many others
    were made that it is not among the latest.

    Raises OSError, OutputError where there is no space for it.
    """
    found = path.find() if found is None else found
    key = (path.url, found)
    with _lock:
        if known := _copies.get(key):
            _copies.move_to_end(key)
            return known
    made = _copy(path, found)
    with _lock:
        # Without a tag another content of the same size would be taken for this one: then it is
        # only kept for what reads it now.
        _copies[key if found.tag else (str(made.absolute()), found)] = made
        while len(_copies) > _KEPT:
            _copies.popitem(last=False)
    return made


def _copy(path: RemotePath, found: Found) -> Copied:
    held = HeldFolder()
    free = disk_usage(held.path).free
    if found.size > free * (1 - _LEFT_FREE):
        raise OutputError(
            f"cannot hold a copy of {path}, {_megabytes(found.size)}, in {held.path.parent}, which "
            f"has {_megabytes(free)} free; write the table as Parquet, which is read where it is, "
            f"or {ADVICE}"
        )
    size = f" ({_megabytes(found.size)})" if found.size >= 0 else ""
    for listener in _listeners:
        listener(f"{path}{size} is copied into {held.path.parent} to be read; Parquet would not be")
    made = Copied(held.path / path.name)
    made._held, made._shown = held, str(path)
    with explain_disk(held.path.parent), open(made, "wb") as file:  # noqa: PTH123
        download(path.url, found, file)
    return made


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def as_local(path: Path) -> Path:
    """Give a path on this machine: a copy's where it is in the cloud.

    Raises OSError, OutputError.
    """
    return copy_here(path) if isinstance(path, RemotePath) else path
