"""Files that are whole or not there: the only room that writes to disk."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import mkstemp

from leadweights.errors import OutputError


def write_text(texts: Mapping[Path, str]) -> None:
    """Write several files: every one under another name first, renamed when all are written.

    Raises OutputError; then every file is as it was.
    """
    ready: list[tuple[Path, Path]] = []
    kept: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            with _told(path):
                ready.append((_temporary(path), path.resolve()))
                ready[-1][0].write_text(text, encoding="utf-8", newline="\n")
        for temporary, path in ready:
            with _told(path):
                if path.exists():
                    kept.append((_temporary(path), path))
                    path.replace(kept[-1][0])
                temporary.replace(path)
        for old, _ in kept:
            old.unlink()
        kept.clear()
    finally:
        for old, path in kept:
            old.replace(path)
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give the name of a new file that becomes `path` when the block ends well.

    Raises OutputError when the place cannot be written; then `path` is as it was.
    """
    with _told(path):
        temporary = _temporary(path)
        try:
            yield temporary
            temporary.replace(path.resolve())
        finally:
            temporary.unlink(missing_ok=True)


def scratch_beside(path: Path) -> Path:
    """Name a new folder, not made yet, on the device where a file will be written.

    Raises OutputError when the file cannot be written there.
    """
    with _told(path):
        folder = next(above for above in _real(path).parents if above.is_dir())
    return folder / f".leadweights-{token_hex(4)}.spill"


def _real(path: Path) -> Path:
    real = path.resolve()
    if real.is_dir():
        raise IsADirectoryError(21, "it is a directory")
    return real


def _temporary(path: Path) -> Path:
    """Make an empty file beside the one to write."""
    real = _real(path)
    real.parent.mkdir(parents=True, exist_ok=True)
    handle, name = mkstemp(dir=real.parent, prefix=".leadweights-", suffix=real.suffix[:9])
    os.close(handle)
    # mkstemp makes a file only its owner may read; a result gets the usual permissions.
    mask = os.umask(0)
    os.umask(mask)
    temporary = Path(name)
    temporary.chmod(0o666 & ~mask)
    return temporary


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as problem:
        raise OutputError(f"cannot write {path}: {problem.filename} is not a folder") from None
    except OSError as problem:
        raise OutputError(f"cannot write {path}: {problem.strerror or problem}") from None
