"""A Dockerfile's steps, done in folders where no engine for containers runs.

Each stage is a folder that stands for its root; a RUN is done by `sh` with the stage's own absolute
paths, and what a stage's base image has is this machine's.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_INSTRUCTION = re.compile(r"([A-Z]+)\s+(.*)", re.DOTALL)


@dataclass
class Stage:
    """A stage: the folder that is its root, where it works, its environment and its command."""

    base: str
    root: Path
    folder: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    user: str = ""
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)

    def path(self, name: str) -> Path:
        """Give the place of a path in the stage."""
        return self.root / str(Path(self.folder) / name).lstrip("/")


def read_instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """List a Dockerfile's instructions, without remarks, each with its words."""
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            match = _INSTRUCTION.fullmatch(line.strip())
            assert match is not None, line
            found.append((match[1], match[2]))
    return found


def build(dockerfile: Path, context: Path, folder: Path) -> Stage:
    """Do every step of a Dockerfile; give its last stage. Raises for a step that is not known."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for word, rest in read_instructions(dockerfile):
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = Stage(base, folder / (name or "last"))
            stage.root.mkdir(parents=True)
            stages[name or "last"] = stage
            continue
        assert stage is not None, word
        match word:
            case "WORKDIR":
                stage.folder = str(Path(stage.folder) / rest)
                stage.path(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                stage.env |= dict(one.split("=", 1) for one in shlex.split(rest))
            case "COPY":
                _copy(rest.split(), stage, stages, context)
            case "RUN":
                _run(rest, stage)
            case "USER":
                stage.user = rest
            case "HEALTHCHECK":
                stage.health = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                stage.entry = json.loads(rest)
            case "CMD" | "EXPOSE" | "STOPSIGNAL":
                pass
            case _:
                raise AssertionError(f"{word} is not known here")
    assert stage is not None
    return stage


def _copy(words: list[str], stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    source = context
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *names, target = words
    for name in names:
        path, place = source / name.lstrip("/"), stage.path(target)
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, place, dirs_exist_ok=True, ignore=ignored)
        else:
            place = place / path.name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def _run(command: str, stage: Stage) -> None:
    """Run a command of a stage, its absolute paths those of the stage's folder."""
    own = re.sub(r"(?<=\s)/(?=\w)", f"{shlex.quote(str(stage.root))}/", command)
    own = re.sub(r"(?<=\s)python(?=\s)", sys.executable, f" {own}")
    hidden = ("PYTHON", "VIRTUAL_ENV", "LEADWEIGHTS")
    env = {n: v for n, v in os.environ.items() if not n.startswith(hidden)} | stage.env
    env.pop("PIP_NO_CACHE_DIR", None)  # what was fetched for the tests need not be fetched again
    done = subprocess.run(
        ["sh", "-c", own],
        cwd=stage.path("."),
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
