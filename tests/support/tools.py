"""Tools that run in environments of their own, beside that of the tests."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

MLFLOW, AZURE = "LEADWEIGHTS_MLFLOW", "LEADWEIGHTS_AZURE"
"""Variables of the environment that name the python of a tool."""
HADOLINT = "LEADWEIGHTS_HADOLINT"
"""Names the executable of hadolint, beside which check-jsonschema is."""


def needs(variable: str, lock: str) -> pytest.MarkDecorator:
    """Skip a test where the tool is not named, and say how to have it."""
    reason = f"{variable} names no python that has {lock} installed: see CONTRIBUTING.md"
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
