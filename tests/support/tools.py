"""Tools that tests ask for by a mark: engines, programs, libraries, environments of their own.

`pytest.mark.tool("spark")` is all that a test says. Where the tool is not there, the test is
skipped and says how to have it. Programs, engines that take their time and what has an environment
of its own are foreign: their tests are skipped unless LEADWEIGHTS_TOOLS asks for them, and with
`-m foreign` run alone. `here` runs those of what is installed; with `all` a missing tool fails.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from leadweights.tables.engines.registry import ENGINES, find_program, open_engine
from tests.support.release import swept

MLFLOW, AZURE = "LEADWEIGHTS_MLFLOW", "LEADWEIGHTS_AZURE"
"""Variables of the environment that name the python of a tool."""
HADOLINT = "LEADWEIGHTS_HADOLINT"
"""Names the executable of hadolint, beside which check-jsonschema is."""
DVC, AIRFLOW = "LEADWEIGHTS_DVC", "LEADWEIGHTS_AIRFLOW"
"""Variables of the environment that name the program of a tool."""

NPM = "LEADWEIGHTS_NPM"
"""Names the folder of packages that npm installed by `tests/support/npm`."""

NEAR = ("duckdb", "sqlite", "apsw", "polars", "postgres")
"""Engines that answer within seconds; all others are foreign."""

FIRST = ("duckdb", "sqlite")
"""Of these, those that every run has; a law that holds on each engine is swept over the others."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool by the name in the mark: how to have it, whether it is there, which version it is."""

    name: str
    get: str
    is_here: Callable[[], bool]
    version: Callable[[], str]
    foreign: bool = True


def _engine(name: str) -> Tool:
    known = ENGINES[name]

    def title() -> str:
        with open_engine(name) as engine:
            return engine.title

    return Tool(name, known.get, lambda: known.installed, title, name not in NEAR)


def _program(name: str, get: str, *commands: str) -> Tool:
    def say() -> str:
        words = [str(find_program(commands[0])), "--version"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
        return (done.stdout or done.stderr).splitlines()[0]

    return Tool(name, get, lambda: all(map(find_program, commands)), say)


def _library(name: str) -> Tool:
    def says() -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:  # of a module that comes under another name
            own = packages_distributions().get(name, [])
            return f"{own[0]} {version(own[0])}" if own else ""

    return Tool(name, f"pip install {name}", lambda: bool(says()), says, foreign=False)


def _environment(name: str, variable: str) -> Tool:
    """Give what the dependency group `name` installs, in an environment that `variable` names."""
    lock = f"requirements-{name}.lock"
    get = f"{variable} names no program of an environment that has {lock}: see CONTRIBUTING.md"

    def versions() -> str:
        python = Path(os.environ[variable]).parent / "python"
        script = "import sys; from importlib.metadata import version as v; "
        script += "print(*(f'{n} {v(n)}' for n in sys.argv[1:]), sep=', ')"
        words = [str(python), "-c", script, *groups()[name]]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    return Tool(name, get, lambda: bool(os.environ.get(variable)), versions)


def _npm() -> Mapping[str, str]:
    """Give the version of each package that npm installs."""
    written = Path("tests/support/npm/package.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(written)["dependencies"]
    return found


@cache
def groups() -> Mapping[str, list[str]]:
    """Give for each tool with an environment of its own what is installed there."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    return {
        group: [Requirement(text).name for text in texts]
        for group, texts in project["dependency-groups"].items()
    }


_PROGRAMS = {
    tool.name: tool
    for tool in (
        _program(
            *("chromium", "apt-get install chromium chromium-driver", "chromium", "chromedriver")
        ),
        _program(
            *("libreoffice", "apt-get install --no-install-recommends libreoffice-calc", "soffice")
        ),
        _program(
            *("redis", "apt-get install --no-install-recommends redis-server", "redis-server")
        ),
        Tool(
            "npm",
            f"{NPM} names no node_modules of tests/support/npm: see CONTRIBUTING.md",
            lambda: bool(os.environ.get(NPM)),
            lambda: ", ".join(f"{name} {known}" for name, known in _npm().items()),
        ),
        _program("man", "apt-get install man-db", "man"),
    )
}


@cache
def find_tool(name: str, variable: str = "") -> Tool:
    """Find a tool by the name in a mark; a name that is nothing else is a library's."""
    if name in ENGINES:
        return _engine(name)
    if name in groups():
        return _environment(name, variable or f"LEADWEIGHTS_{name.upper()}")
    return _PROGRAMS.get(name) or _library(name)


def tools_of(item: pytest.Item) -> list[Tool]:
    """List the tools that a test asks for."""
    return [find_tool(*mark.args, **mark.kwargs) for mark in item.iter_markers("tool")]


def check_tools(tools: Iterable[Tool], asked: str) -> None:
    """Skip a test, or fail it, whose tools are not there or not `asked` for."""
    for tool in tools:
        if tool.foreign and not asked:
            pytest.skip(f"needs {tool.name}: {tool.get}; LEADWEIGHTS_TOOLS=here runs its tests")
        if not tool.is_here():
            stop = pytest.fail if asked == "all" else pytest.skip
            stop(f"needs {tool.name}: {tool.get}")


def each(names: Iterable[str]) -> list[Any]:
    """List engines as parameters, each with its mark."""
    marked = {name: pytest.param(name, marks=pytest.mark.tool(name)) for name in names}
    later = {*NEAR} - {*FIRST}
    return [swept(one) if name in later else one for name, one in marked.items()]


def needs(variable: str, lock: str) -> pytest.MarkDecorator:
    """Mark a test of a tool with an environment of its own, of which `variable` names a program."""
    group = lock.removeprefix("requirements-").removesuffix(".lock")
    return pytest.mark.tool(group, variable=variable)


def run(
    variable: str, script: Path, *words: object, cwd: Path, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a script with the python of a tool, and this leadweights; the folder is another one."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "PYTHON", "VIRTUAL_ENV", "COVERAGE"))
    }
    return subprocess.run(
        [os.environ[variable], str(script.resolve()), *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**own, "PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
        check=False,
        timeout=300,
    )


def put_on_path(folder: Path, *programs: str) -> dict[str, str]:
    """Give an environment whose PATH has `leadweights`, put into a folder, and other programs."""
    folder.mkdir()
    own = folder / "leadweights"
    own.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leadweights "$@"\n')
    own.chmod(0o755)
    places = [str(folder), *(str(Path(program).parent) for program in programs)]
    path = os.pathsep.join([*places, os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(Path.cwd())}
