"""Files of one folder that belong together, by their hashes: `manifest.json`.

Several files cannot be renamed at once. So the manifest goes first: it names the hashes of the new
files and the names under which they wait. From then on the new ones count, and whoever finds some
still waiting, after a power cut say, moves them. A file that is not the one listed is refused.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from errno import ENOENT
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from leadweights.errors import CloudError, OutputError
from leadweights.files.download import as_local
from leadweights.files.remote import RemotePath

if sys.platform != "win32":
    import fcntl

NAME = "manifest.json"
PREFIX = ".leadweights-"
"""How the name of every file begins that is not finished."""

_HEAD = b'{\n  "made_by": "leadweights",\n'


@dataclass(frozen=True, slots=True)
class Manifest:
    """The SHA-256 of each file, by its place in the folder; and what still waits to be moved."""

    files: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)

    def to_text(self) -> str:
        """Write it as JSON; the same files give the same bytes."""
        document = {"made_by": "leadweights", "files": dict(sorted(self.files.items()))}
        if self.waiting:
            document["waiting"] = dict(self.waiting)
        return json.dumps(document, indent=2) + "\n"


def find_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder; None where there is none of this kind.

    Raises CloudError where a store does not tell.
    """
    if isinstance(folder, RemotePath):
        try:
            return read_manifest(folder)
        except OSError as problem:
            raise CloudError(f"cannot read {folder / NAME}: {problem.strerror}") from None
    path = folder / NAME
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            # Other tools have a manifest.json, too, and some are large.
            if file.read(len(_HEAD)) != _HEAD:
                return None
            content = _HEAD + file.read()
    except (OSError, ValueError):
        return None
    return _parse(content)


def read_manifest(folder: RemotePath) -> Manifest | None:
    """Read the manifest of a folder in the cloud; None where there is none of this kind.

    Raises OSError: only a store that says there is none is believed.
    """
    if folder.is_web or len(folder.parts) < 2:  # no folder, or above all buckets
        return None
    try:
        content = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    return _parse(content) if content.startswith(_HEAD) else None


def _parse(content: bytes) -> Manifest | None:
    try:
        document = json.loads(content)
        found = Manifest(document["files"], document.get("waiting", {}))
    except (ValueError, RecursionError, KeyError):
        return None
    return found if _is_sound(found) else None


def _is_sound(manifest: Manifest) -> bool:
    """Tell whether it names nothing outside its folder."""
    parts = (manifest.files, manifest.waiting)
    if not all(isinstance(part, dict) and _are_texts(part.values()) for part in parts):
        return False
    places = [PurePosixPath(name) for name in manifest.files]
    return (
        not any(place.is_absolute() or ".." in place.parts for place in places)
        and manifest.waiting.keys() <= manifest.files.keys()
        and all(name.startswith(PREFIX) and "/" not in name for name in manifest.waiting.values())
    )


def _are_texts(values: object) -> bool:
    return all(isinstance(value, str) for value in values)  # type: ignore[attr-defined]


def digest(path: Path) -> str:
    """Hash the content of a file: SHA-256, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keep other processes and threads from changing the files of a folder meanwhile."""
    if sys.platform == "win32":  # no such locks: there the last one to write wins
        yield
        return
    with ExitStack() as stack:
        with suppress(OSError):  # some network disks know no locks
            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_belonging(path: Path) -> bytes:
    """Read a file which is the one that the manifest of its folder lists, if it lists it.

    Raises OSError; OutputError for another file than the one listed.
    """
    if isinstance(path, RemotePath):
        return _read_there(path)
    manifest = find_manifest(path.parent)
    if manifest is None or path.name not in manifest.files:
        return path.read_bytes()
    if not manifest.waiting:
        content = path.read_bytes()
        if sha256(content).hexdigest() == manifest.files[path.name]:
            return content
    with lock(path.parent):  # it may just be written
        manifest = finish_moving(path.parent)
        content = path.read_bytes()
    expected = None if manifest is None else manifest.files.get(path.name)
    if expected not in (None, sha256(content).hexdigest()):
        raise _changed(path)
    return content


def _read_there(path: RemotePath) -> bytes:
    """Read a file in the cloud: under its own name, or the one it still waits under."""
    folder = path.parent
    for _ in range(2):  # while it is read, another run may be written
        manifest = find_manifest(folder)
        expected = None if manifest is None else manifest.files.get(path.name)
        if manifest is None or expected is None:
            return path.read_bytes()
        names = [path.name, manifest.waiting.get(path.name)]
        for name in filter(None, names):
            with suppress(FileNotFoundError):
                content: bytes = (folder / name).read_bytes()
                if sha256(content).hexdigest() == expected:
                    return content
    if not path.exists():
        raise FileNotFoundError(ENOENT, "it is not there")
    raise _changed(path)


def has_file(path: Path) -> bool:
    """Tell whether there is a file beside another; in the cloud it may still wait elsewhere.

    Raises CloudError where a store does not tell.
    """
    if isinstance(path, RemotePath):
        if path.is_web:
            return False
        manifest = find_manifest(path.parent)
        return path.name in (manifest.waiting if manifest else ()) or path.is_file()
    return path.is_file()


def check_belonging(path: Path) -> Path:
    """Check a file, however large, as `read_belonging` does; return where it is.

    In the cloud that may still be another name, and it is copied here to be checked. Raises what
    `read_belonging` raises.
    """
    if isinstance(path, RemotePath):
        manifest = find_manifest(path.parent)
        expected = None if manifest is None else manifest.files.get(path.name)
        waiting = None if manifest is None else manifest.waiting.get(path.name)
        for place in (path, path.parent / (waiting or path.name)):
            with suppress(FileNotFoundError):
                if expected is None or digest(as_local(place)) == expected:
                    return place
        raise _changed(path)
    with lock(path.parent):
        manifest = finish_moving(path.parent)
        expected = None if manifest is None else manifest.files.get(path.name)
        if expected is not None and digest(path) != expected:
            raise _changed(path)
    return path


def _changed(path: Path) -> OutputError:
    return OutputError(
        f"{path} is not the file that {path.with_name(NAME)} lists: it was changed, or is of "
        f"another run; run the command again that wrote it, or remove {NAME} to use it as it is"
    )


def finish_moving(folder: Path) -> Manifest | None:
    """Move what was left waiting in a folder, which is locked; return its manifest then.

    Raises OutputError if it cannot be moved.
    """
    manifest = find_manifest(folder)
    if manifest is None or not manifest.waiting:
        return manifest
    try:
        for name, waiting in manifest.waiting.items():
            place = (folder / name).resolve()
            made = place.with_name(waiting)
            if made.is_file() and digest(made) == manifest.files[name]:
                made.replace(place)
        done = Manifest(manifest.files)
        temporary = folder / f"{PREFIX}{os.getpid()}.{NAME}"
        temporary.write_text(done.to_text(), encoding="utf-8", newline="\n")
        temporary.replace(folder / NAME)
    except OSError as problem:
        raise OutputError(
            f"{folder} was left half written and cannot be finished: {problem.strerror}"
        ) from None
    return done
