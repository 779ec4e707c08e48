"""Files that are whole or not there: the only room that writes to disk."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from leadweights.errors import OutputError


def write_text(texts: Mapping[Path, str]) -> None:
    """Write several files: every one under another name first, renamed when all are written.

    Raises OutputError; then no file is changed.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(21, "it is a directory", str(path))
            ready.append((_temporary(path), path))
            ready[-1][0].write_text(text, encoding="utf-8", newline="\n")
        for temporary, path in ready:
            temporary.replace(path)
    except OSError as problem:
        raise _output_error(path, problem) from None
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give the name of a new file that becomes `path` when the block ends well.

    Raises OutputError when the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "it is a directory", str(path))
        temporary = _temporary(path)
    except OSError as problem:
        raise _output_error(path, problem) from None
    try:
        yield temporary
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    # mkstemp makes a file only its owner may read; a result gets the usual permissions.
    mask = os.umask(0)
    os.umask(mask)
    temporary = Path(name)
    temporary.chmod(0o666 & ~mask)
    return temporary


def _output_error(path: Path, problem: OSError) -> OutputError:
    return OutputError(f"cannot write {path}: {problem.strerror or problem}")
