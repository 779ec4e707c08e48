"""Faults of a disk, and signals, at a chosen call to the system; what is left is seen from outside.

``python -m tests.support.disk_faults CALL NUMBER FAULT COMMAND...`` runs a command of leadweights
with the NUMBERth CALL failing; `inject_everywhere` does so with a function, at each of its calls.
"""

import errno
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from leadweights.errors import ModelError
from leadweights.files.manifest import NAME, PREFIX
from leadweights.files.read import read_text
from leadweights.files.write import write_text

CALLS = ("replace", "link", "fsync", "open", "unlink", "write")
ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EPERM", "EBUSY")
SIGNALS = ("SIGINT", "SIGTERM", "SIGKILL")


def plant(call: str, number: int, fault: str, made: dict[str, int] | None = None) -> None:
    """Let the `number`th call in this process fail, or be hit by a signal before it is done."""
    counts = dict.fromkeys(CALLS, 0) if made is None else made

    def wrap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*arguments: Any, **options: Any) -> Any:
            counts[name] += 1
            if name == call and counts[name] == number:
                if fault.startswith("SIG"):
                    signal.raise_signal(getattr(signal, fault))
                else:
                    code = getattr(errno, fault)
                    raise OSError(code, os.strerror(code), *map(str, arguments[:1]))
            return real(*arguments, **options)

        return faulty

    for name in CALLS[:-1]:
        setattr(os, name, wrap(name, getattr(os, name)))
    Path.write_bytes = wrap("write", Path.write_bytes)  # type: ignore[method-assign]


def run_in_child(work: Callable[[], object], call: str, number: int, fault: str) -> dict[str, int]:
    """Run a function in a copy of this process with a fault planted; return the calls it made."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        made = dict.fromkeys(CALLS, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        with suppress(BaseException):
            plant(call, number, fault, made)
            work()
        os.write(writer, json.dumps(made).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        answer = said.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else {}


OLD = {name: f"the old {name}\n" for name in ("a.json", "deep/b.csv", "c.sql")}
NEW = {**{name: f"the new {name}\n" for name in OLD}, "d.json": "the new d.json\n"}


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files that belong together."""
    write_text({folder / name: text for name, text in texts.items()}, folder)


def write_one(folder: Path, texts: Mapping[str, str]) -> None:
    """Write one file that belongs to no others."""
    write_text({folder / "a.json": texts["a.json"]})


def inject_everywhere(
    write: Callable[[Path, Mapping[str, str]], None], faults: Sequence[str]
) -> Iterator[tuple[str, str, bool]]:
    """Write the new files over the old ones, with each fault at each call to the system there is.

    Gives where the fault was, whether the next command finds `old`, `new` or `neither`, and whether
    something unfinished lay there until then.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "counted")
        write(folder, OLD)
        made = run_in_child(lambda: write(folder, NEW), "none", 0, "")
        for fault in faults:
            for call in CALLS:
                for number in range(1, made[call] + 1):
                    folder = Path(name, f"{fault}-{call}-{number}")
                    write(folder, OLD)
                    run_in_child(lambda here=folder: write(here, NEW), call, number, fault)  # type: ignore[misc]
                    left = any(folder.rglob(f"{PREFIX}*"))
                    yield f"{fault} at {call} {number}", find_state(folder, write), left
                    shutil.rmtree(folder)


def find_state(folder: Path, write: Callable[[Path, Mapping[str, str]], None]) -> str:
    """Say which files the next command finds, and whether a write after it goes well."""
    read_text(folder / "a.json", "text", ModelError)
    listed = NEW if write is write_one else json.loads((folder / NAME).read_text())["files"]
    found = {name: (folder / name).read_text() for name in listed if (folder / name).exists()}
    write(folder, NEW)
    # An empty file may be another's who just begins: it is left for a minute.
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    after = {str(path.relative_to(folder)) for path in files}
    if not after <= {*NEW, NAME}:
        return "neither"
    states = {"old": OLD, "new": NEW}
    if write is write_one:
        states = {state: {"a.json": texts["a.json"]} for state, texts in states.items()}
    return next((state for state, texts in states.items() if found == texts), "neither")


if __name__ == "__main__":
    from leadweights.cli.main import main

    # What runs the tests may ignore Ctrl-C, and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plant(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    main(sys.argv[4:])
