"""Folders of work in the place for temporary files, which the environment's TMPDIR names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EIO, ENOSPC, EROFS
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory, gettempdir
from weakref import WeakSet, finalize

from leadweights.errors import OutputError

ADVICE = "name in TMPDIR a folder that is there, can be written and has space"
_LEAST_BYTES = 2**20


@contextmanager
def make_temporary_folder() -> Iterator[Path]:
    """Make a folder for its owner alone, under a random name, which is removed at the end.

    Raises OutputError when it cannot be made, or its disk fails what is done in it.
    """
    with open_temporary_folder() as name, explain_disk(Path(name).parent):
        yield Path(name)


@contextmanager
def explain_disk(place: Path) -> Iterator[None]:
    """Raise OutputError where the disk of temporary files fails what is done on it."""
    try:
        yield
    except OSError as problem:
        if problem.errno not in (ENOSPC, EDQUOT, EIO, EROFS):
            raise
        raise OutputError(
            f"cannot hold temporary files in {place}: {problem.strerror}; {ADVICE}"
        ) from None


class HeldFolder:
    """A folder like these that is there as long as this object is. Raises OutputError."""

    def __init__(self) -> None:
        folder = open_temporary_folder()
        self.path = Path(folder.name)
        self.remove = finalize(self, folder.cleanup)
        _HELD.add(self)


_HELD: "WeakSet[HeldFolder]" = WeakSet()


def remove_held_folders() -> None:
    """Remove folders that are still held, before an end of the process that runs nothing else."""
    for folder in list(_HELD):
        folder.remove()


def open_temporary_folder() -> "TemporaryDirectory[str]":
    """Make such a folder for as long as this object is held. Raises OutputError."""
    place = find_temporary_place()
    try:
        # Engines that find a disk full while they start may take the process with them.
        if disk_usage(place).free < _LEAST_BYTES:
            raise OSError(ENOSPC, "no space left on the device")
        return TemporaryDirectory(prefix="leadweights-", dir=place, ignore_cleanup_errors=True)
    except OSError as problem:
        raise OutputError(
            f"cannot hold temporary files in {place}: {problem.strerror}; {ADVICE}"
        ) from None


def find_temporary_place() -> Path:
    """Find where temporary files go: never elsewhere than TMPDIR says. Raises OutputError."""
    try:
        place = Path(os.environ.get("TMPDIR") or gettempdir())
    except OSError as problem:
        raise OutputError(f"no place for temporary files: {problem.strerror}; {ADVICE}") from None
    if not place.is_dir():
        raise OutputError(f"cannot hold temporary files in {place}: it is no folder; {ADVICE}")
    return place
