"""Every kind of fault, injected one by one, and what was lost by it: nothing, it is hoped.

A kind gives for each fault that was injected the loss in words, or "" for none. With `small` it
injects a few, in seconds.
"""

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.errors import LeadweightsError
from leadweights.files.manifest import PREFIX
from leadweights.files.read import read_text
from leadweights.files.write import write_text
from tests.support import bad_urls, disk_faults, hostile_files, messages
from tests.support.commands import invoke
from tests.support.hostile import harmed

MODEL, TRAIN, VALID = "outputs/model.json", "data/train.csv", "data/valid.csv"

Losses = Iterator[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: what is harmed and how, what must not be lost, and what injects it."""

    what: str
    fault: str
    kept: str
    inject: Callable[[bool], Losses]


OUTPUTS_THAT_ARE_INPUTS = (
    ["threshold", "MODEL", "valid.csv", "--precision", "0.5", "-o", "valid.csv"],
    ["calibrate", "MODEL", "valid.csv", "-o", "valid.csv"],
    ["decide", "MODEL", "--plan", "plan.toml", "-o", "plan.toml"],
    ["decide", "MODEL", "--bands", "grades", "--data", "valid.csv", "-o", "valid.csv"],
    ["report", "MODEL", "valid.csv", "-o", "valid.csv"],
    ["report", "MODEL", "valid.csv", "-o", "MODEL"],
    ["score", "MODEL", "valid.csv", "-o", "valid.csv"],
    ["score", "MODEL", "valid.csv", "-o", "link.csv"],
    ["score", "MODEL", "valid.csv", "-o", "hard.csv"],
    ["columns", "valid.csv", "--write", "valid.csv"],
    ["fit", "valid.csv", "--dictionary", "out/columns.json", "--output", "out"],
)


def write_over_inputs(folder: Path, command: Sequence[str]) -> tuple[str, bool]:
    """Run a command whose output is an input; give what it says, and whether all is as it was."""
    shutil.copy(VALID, folder / "valid.csv")
    shutil.copy(MODEL, folder / "model.json")
    (folder / "plan.toml").write_text('[bands]\npreset = "grades"\n')
    (folder / "link.csv").symlink_to(folder / "valid.csv")
    (folder / "hard.csv").hardlink_to(folder / "valid.csv")
    (folder / "out").mkdir()
    (folder / "out" / "columns.json").write_text("")
    before = read_all(folder)
    named = ["model.json" if word == "MODEL" else word for word in command]
    arguments = [str(folder / word) if (folder / word).exists() else word for word in named]
    done = invoke(arguments)
    return done.stderr, done.exit_code == 2 and read_all(folder) == before


COMMANDS_THAT_WRITE: tuple[tuple[list[str], list[str]], ...] = (
    (["fit", TRAIN, "--output", "out"], ["--c", "0.5"]),
    (["verify", MODEL, VALID, "--output", "out"], ["--engine", "sqlite"]),
    (["decide", MODEL, "--data", VALID, "-o", "out/decided.json"], ["--bands", "grades"]),
    (["score", MODEL, VALID, "-o", "out/scores.csv"], ["--order-by", "lead_score desc"]),
    (["columns", TRAIN, "--write", "out/columns.toml"], []),
    (["report", MODEL, VALID, "-o", "out/report.html"], []),
)
"""Commands, and what is added to them for another output to be there before."""


def hit_commands(fault: str, small: bool) -> Losses:
    """Hit whole commands with a fault where they write to the disk, and where they rename."""
    for place in range(3, 4) if small else range(len(COMMANDS_THAT_WRITE)):
        command, _ = COMMANDS_THAT_WRITE[place]
        states = _make_states(place)
        calls = (("fsync", 1), ("replace", 1), ("replace", 2))
        for call, number in calls[:2] if small else calls:
            with tempfile.TemporaryDirectory() as name:
                hit = Path(name)
                (hit / "out").mkdir()
                for path, data in states[0].items():
                    (hit / path).parent.mkdir(parents=True, exist_ok=True)
                    (hit / path).write_bytes(data)
                planted = ["tests.support.disk_faults", call, str(number), fault]
                done = _run([*planted, *_placed(command, hit)])
                if done.returncode == 0:  # there is no such call
                    continue
                for file in sorted((hit / "out").glob("[!.]*"))[:1]:
                    if file.is_file():  # who reads a file of the folder next mends what is left
                        read_text(file, "text", lw.ModelError)
                kept = {path: data for path, data in read_all(hit).items() if PREFIX not in path}
                lost = kept not in states or "Traceback" in done.stderr
                yield f"{' '.join(command)}: {fault} at {call} {number}" if lost else ""


@cache
def _make_states(place: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Run a command that writes, and give the files there were before and those after it."""
    command, added = COMMANDS_THAT_WRITE[place]
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "out").mkdir()
        if added:
            _run(["leadweights", *_placed(command, Path(name)), *added])
        old = read_all(Path(name))
        _run(["leadweights", *_placed(command, Path(name))])
        new = read_all(Path(name))
    assert old != new, command
    return old, new


def _placed(command: Sequence[str], folder: Path) -> list[str]:
    return [str(folder / word) if word.split("/")[0] == "out" else word for word in command]


def _run(module: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a module with its arguments in a process of its own."""
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_all(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder by their names in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def fail_disk(
    write: Callable[[Path, Mapping[str, str]], None], faults: Sequence[str], small: bool
) -> Losses:
    """Write files with a fault at every call to the system."""
    for where, state, _ in disk_faults.inject_everywhere(write, faults[:1] if small else faults):
        yield where if state == "neither" else ""


def name_inputs(small: bool) -> Losses:
    """Name an input as the output."""
    for command in OUTPUTS_THAT_ARE_INPUTS[-2:] if small else OUTPUTS_THAT_ARE_INPUTS:
        with tempfile.TemporaryDirectory() as name:
            _, kept = write_over_inputs(Path(name), command)
            yield "" if kept else " ".join(command)


def name_no_files(_: bool) -> Losses:
    """Write to a device, a full one, a pipe, a socket, a folder; as text and as scores."""
    model = lw.load(MODEL)
    ways: list[Callable[[Path], object]] = [
        lambda path: write_text({path: "x"}),
        lambda path: lw.score_to_file(model, VALID, path),
    ]
    for write in ways:
        with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as server:
            folder = Path(name)
            (folder / "null.csv").symlink_to("/dev/null")
            (folder / "full.csv").symlink_to("/dev/full")
            os.mkfifo(folder / "pipe.csv")
            server.bind(str(folder / "socket.csv"))
            (folder / "folder.csv").mkdir()
            for path in sorted(folder.iterdir()):
                before = stat.S_IFMT(path.stat().st_mode)
                if path.name == "pipe.csv":
                    threading.Thread(target=path.read_bytes, daemon=True).start()
                said = ""
                try:
                    write(path)
                except LeadweightsError:
                    pass
                except Exception as problem:
                    said = f"{path.name}: {problem!r}"
                if stat.S_IFMT(path.stat().st_mode) != before:
                    said = f"{path.name} was replaced"
                yield said


@contextmanager
def _working_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(MODEL, folder / bad_urls.MODEL)
        shutil.copy(VALID, folder / bad_urls.VALID)
        rows = Path(TRAIN).read_text().splitlines(keepends=True)[:300]
        (folder / bad_urls.TRAIN).write_text("".join(rows))
        with chdir(folder):
            yield folder


def type_urls(small: bool) -> Losses:
    """Type a bad URL in every place of every command."""
    with _working_folder() as folder:
        for url in bad_urls.URLS[:1] if small else bad_urls.URLS:
            for line in bad_urls.places(url):
                done = invoke(line)
                shown = bad_urls.SECRET.lower() in done.output.lower()
                yield f"{line[0]} tells it" if shown else ""
            for path in bad_urls.find_secret(folder):
                yield f"{path.name} has it"


def show_hostile_texts(small: bool) -> Losses:
    """Have every command speak of names and values that would harm a screen."""
    texts = st.tuples(messages.hostile, messages.hostile)
    for said in _try(texts, 2 if small else 50, lambda pair: messages.check_commands(*pair)):
        yield from [said, *[""] * (messages.COMMANDS - 1)]


def harm_files(
    files: st.SearchStrategy[bytes], check: Callable[[Path, bytes], None], small: bool
) -> Losses:
    """Read files of strangers that are damaged."""
    with tempfile.TemporaryDirectory() as name:

        def read(data: bytes) -> None:
            with tempfile.TemporaryDirectory(dir=name) as inner:
                check(Path(inner), data)

        yield from _try(files, 5 if small else 300, read)


def _try(values: st.SearchStrategy[Any], examples: int, check: Callable[[Any], object]) -> Losses:
    """Check so many values, the same ones each time."""
    found: list[str] = []

    def note(value: Any) -> None:
        try:
            check(value)
            found.append("")
        except Exception as problem:
            found.append(repr(problem)[:200])

    chosen = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    chosen(given(values)(note))()
    yield from found


def _disk_kinds() -> Iterator[Kind]:
    groups = {
        "errors of the disk": disk_faults.ERRORS,
        "Ctrl-C and SIGTERM": disk_faults.SIGNALS[:2],
        "SIGKILL": disk_faults.SIGNALS[2:],
    }
    writers = {
        "several files of a folder": disk_faults.write_folder,
        "one file": disk_faults.write_one,
    }
    for what, write in writers.items():
        for fault, faults in groups.items():
            kept = "all files old or all new"
            yield Kind(what, f"{fault}, at every call", kept, partial(fail_disk, write, faults))
    for fault in ("EIO", "SIGINT", "SIGTERM", "SIGKILL"):
        kept = "the outputs before, or the new ones"
        yield Kind("whole commands that write", fault, kept, partial(hit_commands, fault))


KINDS = (
    *_disk_kinds(),
    Kind("outputs that are inputs", "named as output", "every input", name_inputs),
    Kind(
        *("devices, pipes, sockets, folders", "named as output", "what they are"),
        inject=name_no_files,
    ),
    Kind("bad URLs", "in every place of every command", "their secrets", type_urls),
    Kind(
        *("hostile names and values", "in messages and tables"),
        *("lines of at most 500 characters, marks escaped", show_hostile_texts),
    ),
    *(
        Kind(what, "changed at random", "a right answer, or one line", partial(harm_files, *by))
        for what, by in {
            "models": (hostile_files.model_files, hostile_files.check_model),
            "dictionaries and plans": (hostile_files.toml_files, hostile_files.check_toml),
            "CSV": (harmed(hostile_files.csv_files()), hostile_files.check_csv),
            "Parquet": (
                harmed(st.just(hostile_files.PARQUET.getvalue())),
                hostile_files.check_parquet,
            ),
        }.items()
    ),
)
