"""Tools that run in environments of their own, beside that of the tests."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

MLFLOW, AZURE = "LEADWEIGHTS_MLFLOW", "LEADWEIGHTS_AZURE"
"""Variables of the environment that name the python of a tool."""
HADOLINT = "LEADWEIGHTS_HADOLINT"
"""Names the executable of hadolint, beside which check-jsonschema is."""
DVC, AIRFLOW = "LEADWEIGHTS_DVC", "LEADWEIGHTS_AIRFLOW"
"""Variables of the environment that name the program of a tool."""


def needs(variable: str, lock: str) -> pytest.MarkDecorator:
    """Skip a test where the tool is not named, and say how to have it."""
    reason = f"{variable} names nothing of an environment that has {lock}: see CONTRIBUTING.md"
    return pytest.mark.skipif(not os.environ.get(variable), reason=reason)


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
