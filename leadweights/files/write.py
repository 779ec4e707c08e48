"""Whole files out: what cannot be written as a whole leaves everything as it was."""

import os
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from errno import EINVAL, ENOTSUP
from pathlib import Path
from secrets import token_hex

from leadweights.errors import OutputError
from leadweights.files import object_stores
from leadweights.files.manifest import (
    NAME,
    PREFIX,
    Manifest,
    digest,
    find_manifest,
    finish_moving,
    lock,
)
from leadweights.files.remote import RemotePath
from leadweights.files.temporary import find_temporary_place, make_temporary_folder
from leadweights.files.upload import put_all, put_belonging

if sys.platform != "win32":
    import fcntl

# A file just made by another process may be empty and not locked yet.
_YOUNG_SECONDS = 60


Content = str | Callable[[Path], object]
"""What a file is to hold: a text, or what writes it to the place it is given."""


def write_text(
    texts: Mapping[Path, Content], folder: Path | None = None, basis: str | None = None
) -> tuple[str, ...]:
    """Write several files, all or none; with `folder`, those in it belong together from now on.

    Then its manifest lists them. What it lists besides stays listed, unless the file `basis`
    changes: the names of files which are thereby of another run, and stay as they are, are
    returned. Raises OutputError; then every file is as it was.
    """
    if any(isinstance(path, RemotePath) for path in texts):
        return _write_there(texts, folder, basis)
    home = next(iter(texts)).parent if folder is None else folder
    manifest = home / NAME
    with _explain_errors(manifest):
        was_there, found = manifest.exists(), find_manifest(home)
        if folder is not None and was_there and found is None:
            raise OutputError(
                f"{manifest} is of another tool: write to another folder, or move that file"
            )
    if folder is None and not (found and any(path.name in found.files for path in texts)):
        with _replace(list(texts)) as drafts:
            _fill(drafts, texts.values())
        return ()
    with _replace([manifest, *texts, manifest], home) as drafts:
        first, *made, last = drafts
        digests = _fill(made, texts.values())
        listed = (find_manifest(home) or Manifest()).files
        places = (path.relative_to(home).as_posix() for path in texts)
        new = dict(zip(places, digests, strict=True))
        changed = basis is not None and listed.get(basis, new[basis]) != new[basis]
        outdated = tuple(name for name in listed if changed and name not in new)
        files = {name: value for name, value in {**listed, **new}.items() if name not in outdated}
        waiting = {
            name: draft.temporary.name
            for name, draft in zip(new, made, strict=True)
            if not draft.stream
        }
        _fill([first, last], [Manifest(files, left).to_text() for left in (waiting, {})])
    return tuple(name for name in outdated if (home / name).exists())


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give the name of a new file that becomes `path` when the block ends well.

    In the cloud the file is made here, and put there as a whole.

    Raises OutputError when the place cannot be written; then `path` is as it was.
    """
    if isinstance(path, RemotePath):
        with make_temporary_folder() as folder:
            place = folder / path.name
            yield place
            with _explain_errors(path):
                put_all({path: place})
        return
    with _explain_errors(path), _replace([path]) as (draft,):
        yield draft.temporary


def _write_there(
    texts: Mapping[Path, Content], folder: Path | None, basis: str | None
) -> tuple[str, ...]:
    """Do what `write_text` does in a store in the cloud: made here, then put there."""
    paths = [path for path in texts if isinstance(path, RemotePath)]
    if len(paths) < len(texts):
        raise OutputError("files that are written together are all in the cloud, or none is")
    home = paths[0].parent if folder is None else folder
    with _explain_errors(home / NAME), make_temporary_folder() as here:
        assert isinstance(home, RemotePath)
        object_stores.check_writable(home.url)
        found = find_manifest(home)
        if folder is not None and found is None and (home / NAME).exists():
            raise OutputError(
                f"{home / NAME} is of another tool: write to another folder, or move that file"
            )
        made = {path: here / f"{number}{path.suffix}" for number, path in enumerate(paths)}
        for path, content in texts.items():
            place = made[path]  # type: ignore[index]
            if isinstance(content, str):
                place.write_bytes(content.encode())
            else:
                content(place)
        if folder is None and not (found and any(path.name in found.files for path in paths)):
            put_all(made)
            return ()
        return put_belonging(made, home, basis)


@dataclass(slots=True)
class _Draft:
    """A file in the making: `path` as it was named, `real` where its links lead.

    `stream` is a device or a pipe, which is written into and never replaced. `lock` is held while
    the temporary file is in use.
    """

    path: Path
    real: Path
    temporary: Path
    stream: bool
    lock: int
    backup: Path | None = None
    moved: bool = False


def _fill(drafts: Iterable[_Draft], contents: Iterable[Content]) -> list[str]:
    """Write files; give the hash of each."""
    found = []
    for draft, content in zip(drafts, contents, strict=True):
        with _explain_errors(draft.path):
            if isinstance(content, str):
                draft.temporary.write_bytes(content.encode())
            else:
                content(draft.temporary)
            found.append(digest(draft.temporary))
    return found


@contextmanager
def _replace(paths: list[Path], home: Path | None = None) -> Iterator[list[_Draft]]:
    """Give new files that become these, in this order, when the block ends well, all or none."""
    folders: list[Path] = []
    drafts: list[_Draft] = []
    with ExitStack() as stack:
        stack.callback(_clean_up, drafts, folders)
        with _hold_signals():
            for path in paths:
                with _explain_errors(path):
                    drafts.append(_make_draft(path, folders))
        if home is not None:
            stack.enter_context(lock(home))
            finish_moving(home)
        yield drafts
        for draft in drafts:
            with _explain_errors(draft.path):
                _sync(draft.temporary)
        with _hold_signals():
            _move(drafts)
            folders.clear()
            _sweep({draft.real.parent for draft in drafts})


def _clean_up(drafts: list[_Draft], folders: list[Path]) -> None:
    with _hold_signals():
        for draft in drafts:
            with suppress(OSError):
                draft.temporary.unlink(missing_ok=True)
            os.close(draft.lock)
        for folder in reversed(folders):  # the deepest first
            with suppress(OSError):
                folder.rmdir()


def _move(drafts: list[_Draft]) -> None:
    """Put the new files in place; put the old ones back if one cannot be."""
    try:
        for draft in drafts:
            with _explain_errors(draft.path):
                if draft.stream:
                    with draft.temporary.open("rb") as made, draft.path.open("wb") as stream:
                        shutil.copyfileobj(made, stream)
                    continue
                if draft.real.exists():
                    draft.backup = _keep(draft.real)
                draft.temporary.replace(draft.real)
                draft.moved = True
        for draft in drafts:
            with _explain_errors(draft.path):
                if draft.moved:
                    _sync(draft.real.parent)
    except BaseException as problem:
        kept = [draft.backup for draft in reversed(drafts) if draft.moved and not _undo(draft)]
        if kept:
            places = ", ".join(map(str, kept))
            raise OutputError(f"{problem}; what was there before is now {places}") from None
        raise
    finally:
        for draft in drafts:
            if draft.backup is not None:
                with suppress(OSError):
                    draft.backup.unlink(missing_ok=True)


def _undo(draft: _Draft) -> bool:
    """Put back what was there; tell whether that went well."""
    try:
        if draft.backup is None:
            draft.real.unlink(missing_ok=True)
        else:
            draft.backup.replace(draft.real)
    except OSError:
        draft.backup = None  # not to be removed
        return False
    return True


def _keep(path: Path) -> Path:
    """Give a file a second name, or where a disk has no such thing, copy it."""
    backup = path.with_name(f"{PREFIX}{token_hex(4)}.old")
    try:
        backup.hardlink_to(path)
    except OSError:
        shutil.copy2(path, backup)
    return backup


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in (EINVAL, ENOTSUP):  # disks that cannot
            raise
    finally:
        os.close(handle)


def _sweep(folders: set[Path]) -> None:
    """Remove what processes that were killed have left unfinished."""
    if sys.platform == "win32":
        return
    for folder in folders:
        with suppress(OSError):
            left = [Path(entry) for entry in os.scandir(folder) if entry.name.startswith(PREFIX)]
            for path in left:
                if path.is_file() and not path.is_symlink() and _is_abandoned(path):
                    path.unlink()


def _is_abandoned(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(handle)
        return found.st_size > 0 or time.time() - found.st_mtime > _YOUNG_SECONDS
    finally:
        os.close(handle)


@contextmanager
def _hold_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait for a moment until a change is whole."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, lambda number, _: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for number in came:
            signal.raise_signal(number)


def is_there(path: Path) -> bool:
    """Tell whether there is a file. Raises OutputError for a place that cannot be looked at."""
    with _explain_errors(path):
        return path.exists()


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two names lead to one file. Raises OutputError for links in a circle."""
    if isinstance(path, RemotePath) or isinstance(other, RemotePath):
        return str(path) == str(other)
    with _explain_errors(path):
        found = path.resolve()
    try:
        return found == other.resolve() or path.samefile(other)
    except (OSError, RuntimeError):  # not there, or links in a circle, which reading will tell
        return False


def make_scratch_folder(path: Path) -> Path:
    """Make a folder for its owner alone, on the device where a file will be written.

    Raises OutputError when the file cannot be written there.
    """
    with _explain_errors(path):
        if isinstance(path, RemotePath):
            object_stores.check_writable(path.url)
            above = find_temporary_place()
        elif _is_stream(path):
            above = find_temporary_place()
        else:
            above = next(above for above in path.resolve().parents if above.is_dir())
        folder = above / f"{PREFIX}{token_hex(8)}.spill"
        folder.mkdir(mode=0o700)  # never one that is there already, nor where a link leads
    return folder


def _is_stream(path: Path) -> bool:
    """Tell whether a place is written into, not replaced. Raises OSError for what is no file."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "it is a directory")
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
        return True
    if not stat.S_ISREG(mode):
        raise OSError(EINVAL, "it is no file")
    return False


def _make_draft(path: Path, made: list[Path]) -> _Draft:
    """Make an empty file beside the one to write; add to `made` the folders that were not there."""
    stream, real = _is_stream(path), path.resolve()
    folder = find_temporary_place() if stream else real.parent
    missing = []
    for above in (folder, *folder.parents):
        if above.exists():
            break
        missing.append(above)
    for above in reversed(missing):
        above.mkdir(exist_ok=True)
        made.append(above)
    folder.mkdir(exist_ok=True)
    temporary = folder / f"{PREFIX}{token_hex(8)}{real.suffix[:9]}"
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if stream else 0o666)
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not stream and real.exists():
            _take_after(real, temporary)
    return _Draft(path, real, temporary, stream, handle)


def _take_after(old: Path, new: Path) -> None:
    """Give a file the owner, the mode and the attributes of the one it will replace."""
    found = old.stat()
    for owner in ((found.st_uid, found.st_gid), (-1, found.st_gid)):
        with suppress(PermissionError):  # only an administrator gives files away
            os.chown(new, *owner)
            break
    shutil.copystat(old, new)


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
