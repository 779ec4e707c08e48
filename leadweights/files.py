"""Text in, whole files out: the only room that writes to disk."""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import mkstemp
from typing import Any

from leadweights.errors import LeadweightsError, OutputError


def read_text(path: str | Path, what: str, error: type[LeadweightsError]) -> str:
    """Read a text file, without the mark that some editors put first. Raises `error`."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not {what}: not UTF-8 text") from None
    except (OSError, ValueError, RuntimeError) as problem:
        raise error(f"cannot read {path}: {getattr(problem, 'strerror', problem)}") from None


def read_toml(path: str | Path, error: type[LeadweightsError]) -> dict[str, Any]:
    """Read a TOML file. Raises `error`."""
    try:
        return tomllib.loads(read_text(path, "TOML", error))
    except RecursionError:
        raise error(f"{path} is not TOML that can be read: it is nested too deep") from None
    except ValueError as problem:  # also a number of thousands of digits
        raise error(f"{path} is not TOML: {problem}") from None


def write_text(texts: Mapping[Path, str]) -> None:
    """Write several files: every one under another name first, renamed when all are written.

    Raises OutputError; then every file is as it was.
    """
    with _replace(list(texts)) as made:
        for temporary, (path, text) in zip(made, texts.items(), strict=True):
            with _explain_errors(path):
                temporary.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give the name of a new file that becomes `path` when the block ends well.

    Raises OutputError when the place cannot be written; then `path` is as it was.
    """
    with _explain_errors(path), _replace([path]) as (temporary,):
        yield temporary


@contextmanager
def _replace(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Give the names of new files that become these when the block ends well, all or none."""
    folders: list[Path] = []
    ready: list[tuple[Path, Path]] = []
    kept: list[tuple[Path, Path]] = []
    try:
        for path in paths:
            with _explain_errors(path):
                ready.append((_make_temporary(path, folders), path.resolve()))
        yield [temporary for temporary, _ in ready]
        for temporary, path in ready:
            with _explain_errors(path):
                if len(ready) > 1 and path.exists():
                    kept.append((_make_temporary(path, folders), path))
                    path.replace(kept[-1][0])
                temporary.replace(path)
        for old, _ in kept:
            old.unlink()
        kept.clear()
        folders.clear()
    finally:
        for old, path in kept:
            old.replace(path)
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        for folder in reversed(folders):  # the deepest first
            with suppress(OSError):
                folder.rmdir()


def is_there(path: Path) -> bool:
    """Tell whether there is a file. Raises OutputError for a place that cannot be looked at."""
    with _explain_errors(path):
        return path.exists()


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two names lead to one place. Raises OutputError for links in a circle."""
    with _explain_errors(path):
        found = path.resolve()
    try:
        return found == other.resolve()
    except RuntimeError:  # links in a circle, which reading will tell
        return False


def make_scratch_folder(path: Path) -> Path:
    """Make a folder for its owner alone, on the device where a file will be written.

    Raises OutputError when the file cannot be written there.
    """
    with _explain_errors(path):
        above = next(above for above in _resolve(path).parents if above.is_dir())
        folder = above / f".leadweights-{token_hex(8)}.spill"
        folder.mkdir(mode=0o700)  # never one that is there already, nor where a link leads
    return folder


def _resolve(path: Path) -> Path:
    real = path.resolve()
    if real.is_dir():
        raise IsADirectoryError(21, "it is a directory")
    return real


def _make_temporary(path: Path, made: list[Path]) -> Path:
    """Make an empty file beside the one to write; add to `made` the folders that were not there."""
    real = _resolve(path)
    missing = []
    for folder in real.parents:
        if folder.exists():
            break
        missing.append(folder)
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        made.append(folder)
    real.parent.mkdir(exist_ok=True)
    handle, name = mkstemp(dir=real.parent, prefix=".leadweights-", suffix=real.suffix[:9])
    os.close(handle)
    # mkstemp makes a file only its owner may read; a result gets the usual permissions.
    mask = os.umask(0)
    os.umask(mask)
    temporary = Path(name)
    temporary.chmod(0o666 & ~mask)
    return temporary


@contextmanager
def _explain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as problem:
        raise OutputError(f"cannot write {path}: {problem.filename} is not a folder") from None
    except OSError as problem:
        raise OutputError(f"cannot write {path}: {problem.strerror or problem}") from None
    except RuntimeError as problem:
        if "Symlink loop" not in str(problem):
            raise
        raise OutputError(f"cannot write {path}: its links lead round in a circle") from None
