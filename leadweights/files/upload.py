"""Whole files into a store in the cloud, where a name is given to an object and to nothing else.

Of one object a store shows what was there before until all of the new one has come. Several that
belong together go there under names of their own first; then the manifest, one object, says which
count. From then on whoever reads finds each by the manifest, under its own name or the one it
waits under. Copying them to their own names is for people and for other tools, and whoever writes
there next does it if it was broken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from leadweights.errors import CloudError, OutputError
from leadweights.files import object_stores
from leadweights.files.manifest import NAME, PREFIX, Manifest, digest, read_manifest
from leadweights.files.remote import RemotePath

_KEPT_BYTES = 2**28


def put_belonging(
    made: Mapping[RemotePath, Path], home: RemotePath, basis: str | None = None
) -> tuple[str, ...]:
    """Put files in a folder, all or none; its manifest lists them from now on.

    What it lists besides stays listed, unless the file `basis` changes: the names of those that are
    thereby of another run are returned. Raises OSError; then every file is as it was.
    """
    listed = (finish_copying(home) or Manifest()).files
    new = {path.relative_to(home).as_posix(): digest(place) for path, place in made.items()}
    changed = basis is not None and listed.get(basis, new[basis]) != new[basis]
    outdated = tuple(name for name in listed if changed and name not in new)
    files = {name: value for name, value in {**listed, **new}.items() if name not in outdated}
    token = token_hex(8)
    waiting = {
        name: f"{PREFIX}{token}-{number}{path.suffix[:9]}"
        for number, (name, path) in enumerate(zip(new, made, strict=True))
    }
    asked = False
    try:
        for name, place in zip(new, made.values(), strict=True):
            object_stores.upload(place, (home / waiting[name]).url)
        # With this one they count.
        asked = True
        _put_text(Manifest(files, waiting).to_text(), home / NAME)
    except BaseException as problem:
        is_open = asked and not isinstance(problem, PermissionError)
        counts = _counts(home, waiting) if is_open else False
        if counts is None and isinstance(problem, OSError):
            raise OutputError(
                f"cannot write {home / NAME}: {problem.strerror}; whether the new files count "
                "is not known, as the store does not tell: run it again"
            ) from None
        if not counts:
            _remove(home / name for name in waiting.values())
            raise
    with suppress(OSError):  # they are there, and whoever comes next goes on
        finish_copying(home)
    return tuple(name for name in outdated if _may_be_there(home / name))


def _may_be_there(path: Path) -> bool:
    try:
        return path.exists()
    except CloudError:  # the new files count already: nothing fails any more
        return True


def _counts(home: RemotePath, waiting: Mapping[str, str]) -> bool | None:
    """Tell whether a manifest came through of which nobody said so; None where nobody tells."""
    try:
        found = read_manifest(home)
    except OSError:
        return None  # nothing of what it may list is removed
    return found is not None and found.waiting == waiting


def finish_copying(home: RemotePath) -> Manifest | None:
    """Copy what waits in a folder to where it belongs; return its manifest then. Raises OSError."""
    manifest = read_manifest(home)
    if manifest is None or not manifest.waiting:
        return manifest
    for name, waiting in manifest.waiting.items():
        with suppress(FileNotFoundError):
            object_stores.copy((home / waiting).url, (home / name).url)
    now = read_manifest(home)
    if now != manifest:  # another wrote meanwhile, and its files count
        return now
    done = Manifest(manifest.files)
    _put_text(done.to_text(), home / NAME)
    _remove(home / waiting for waiting in manifest.waiting.values())
    return done


def put_all(made: Mapping[RemotePath, Path]) -> None:
    """Put files that no manifest lists, all or none.

    Raises OSError, and OutputError where some are there and could not be taken back.
    """
    before: dict[RemotePath, bytes | None] = {}
    try:
        for path, place in made.items():
            if len(made) > 1:
                before[path] = _read_before(path)
            object_stores.upload(place, path.url)
    except BaseException as problem:
        left = [path for path, content in before.items() if not _take_back(path, content)]
        if left and isinstance(problem, OSError):
            raise OutputError(
                f"cannot write {path}: {problem.strerror}; of this run are now "
                f"{', '.join(map(str, left))}"
            ) from None
        raise


def _read_before(path: RemotePath) -> bytes | None:
    try:
        found = path.find()
        if found.is_folder:
            return None
        if found.size > _KEPT_BYTES:
            raise OutputError(f"{path} is there already, and too large to be put back: remove it")
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _take_back(path: RemotePath, content: bytes | None) -> bool:
    """Put back what was there; tell whether that went well."""
    try:
        if content is None:
            object_stores.remove(path.url)
        else:
            object_stores.put(content, path.url)
    except OSError:
        return False
    return True


def _put_text(text: str, path: Path) -> None:
    assert isinstance(path, RemotePath)
    object_stores.put(text.encode(), path.url)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        assert isinstance(path, RemotePath)
        with suppress(OSError):
            object_stores.remove(path.url)
