"""A workflow of GitHub Actions: every night and on a change, fit, prove, keep what was written."""

from __future__ import annotations

import shlex
from importlib.metadata import version
from pathlib import Path

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.integrations.yaml_documents import Data, to_yaml
from leadweights.model.model import ScoringModel
from leadweights.sql.dialects import find_dialect

_PATH = ".github/workflows/leadweights.yml"
_FOLDER = "leadweights-model"
# Not on the hour, when most others begin.
_NIGHTLY = "17 2 * * *"


def export_github(
    model: ScoringModel,
    *,
    data: str,
    valid: str | None = None,
    dictionary: str | None = None,
    dialect: str = "duckdb",
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a workflow that learns anew as a model was learnt: its text by its path, into `output`.

    `data`, `valid` and `dictionary` are files of the repository, by their paths in it; a change of
    one starts the workflow, as every night does. It installs this version of leadweights, fits with
    the model's label, keys and column of weights, proves the SELECT on all rows, and keeps what was
    written as an artefact. Where SQL and Python disagree, or the data cannot be used, it fails.

    Raises UnsupportedError for a name that GitHub would run, OutputError.
    """
    origin = model.provenance
    files = [name for name in (data, valid, dictionary) if name is not None]
    fit = ["leadweights", "fit", data]
    for option, value in (("--valid", valid), ("--dictionary", dictionary)):
        fit += [] if value is None else [option, value]
    fit += ["--label", origin.label]
    for option, values in (
        ("--positive", origin.positive_values),
        ("--negative", origin.negative_values),
        ("--key", model.keys),
        ("--weight", (origin.weight,) if origin.weight else ()),
    ):
        fit += [word for value in values for word in (option, value)]
    fit += ["--dialect", find_dialect(dialect).name, "--output", _FOLDER]
    commands = {
        "Install leadweights": ["pip", "install", f"leadweights=={version('leadweights')}"],
        "Learn, compare and prove": fit,
        "Prove the SELECT on all rows": ["leadweights", "verify", _FOLDER, data],
    }
    steps: list[Data] = [
        {"uses": "actions/checkout@v4"},
        {"uses": "actions/setup-python@v5", "with": {"python-version": "3.12"}},
        *({"name": name, "run": _join(words)} for name, words in commands.items()),
        {
            "name": "Keep the model, its SELECT and its proof",
            "uses": "actions/upload-artifact@v4",
            "with": {"name": _FOLDER, "path": _FOLDER, "if-no-files-found": "error"},
        },
    ]
    document: dict[str, Data] = {
        "name": "leadweights",
        "on": {
            "schedule": [{"cron": _NIGHTLY}],
            "push": {"paths": [*map(_pattern, files), _PATH]},
            "workflow_dispatch": {},
        },
        "permissions": {"contents": "read"},
        "jobs": {"model": {"runs-on": "ubuntu-latest", "timeout-minutes": 60, "steps": steps}},
    }
    found = {_PATH: to_yaml(document)}
    if output is not None:
        texts: dict[Path, Content] = {as_path(output) / path: text for path, text in found.items()}
        write_text(texts)
    return found


def _join(words: list[str]) -> str:
    """Write a command of which GitHub itself runs nothing. Raises UnsupportedError."""
    for word in words:
        if "${{" in word or not word.isprintable():
            raise UnsupportedError(f"the name {word!r} would be run in a workflow: rename it")
    return shlex.join(words)


def _pattern(path: str) -> str:
    """Write a path as a pattern that it alone has."""
    return "".join(f"\\{letter}" if letter in "*?+[]!\\" else letter for letter in path)
