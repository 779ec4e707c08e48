"""A workflow of GitHub Actions: every night and on a change, fit, prove, challenge, keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.integrations.command_lines import (
    as_argument,
    join_words,
    list_challenge_words,
    list_fit_words,
    write_rules,
)
from leadweights.integrations.yaml_documents import Data, to_yaml
from leadweights.model.model import ScoringModel

_PATH = ".github/workflows/leadweights.yml"
_RULES = ".github/leadweights-rules.json"
_FOLDER, _PACKET = "leadweights-model", "leadweights-packet"
# Not on the hour, when most others begin.
_NIGHTLY = "17 2 * * *"
# Keep and too few rows are results, and not the job's failure; all else fails it.
_CHALLENGE = """\
code=0
{command} || code=$?
case $code in
  0) verdict="promote" ;;
  5) verdict="keep" ;;
  6) verdict="not enough rows" ;;
  *) exit $code ;;
esac
echo "verdict=$verdict" >> "$GITHUB_OUTPUT"
cat {packet}/challenge.md >> "$GITHUB_STEP_SUMMARY"
level=notice
[ $code -ne 6 ] || level=warning
echo "::$level title=challenge::$verdict: read {packet}/challenge.md"
"""


def export_github(
    model: ScoringModel,
    *,
    data: str,
    valid: str | None = None,
    dictionary: str | None = None,
    dialect: str = "duckdb",
    champion: str | None = None,
    gates: str | None = None,
    output: str | Path | None = None,
) -> dict[str, str]:
    """Write a workflow that learns anew as a model was learnt: its text by its path, into `output`.

    `data`, `valid` and `dictionary` are files of the repository, by their paths in it; a change of
    one starts the workflow, as every night does. It installs this version of leadweights, fits with
    the model's label, keys and column of weights, proves the SELECT on all rows, and keeps what was
    written as an artefact. Where SQL and Python disagree, or the data cannot be used, it fails.
    What the model decides by rules made by hand, bands or a threshold, stands in a file of its own,
    and the new one decides so.

    `champion` is the model in force, in the repository: the new one is held against it on the rows
    of `valid`, by `gates`. The job tells the verdict as a notice, its output `verdict` and its
    summary, and keeps the packet. To keep the champion, and too few rows to tell, are verdicts and
    no failures.

    Raises UnsupportedError for a name that GitHub would run and for a champion without `valid`,
    OutputError.
    """
    files = [name for name in (data, valid, dictionary, champion, gates) if name is not None]
    rules = write_rules(model, _RULES)
    files += rules
    asked: dict[str, Any] = {"valid": valid, "dictionary": dictionary, "dialect": dialect}
    asked["decide_as"] = _RULES if rules else None
    fit = list_fit_words(model, data, output=_FOLDER, **asked)
    extra = "" if champion is None else "[report]"  # the packet has a page
    commands = {
        "Install leadweights": ["pip", "install", f"leadweights{extra}=={version('leadweights')}"],
        "Learn, compare and prove": [word for words in fit for word in words],
        "Prove the SELECT on all rows": ["leadweights", "verify", _FOLDER, as_argument(data)],
    }
    steps: list[Data] = [
        {"uses": "actions/checkout@v4"},
        {"uses": "actions/setup-python@v5", "with": {"python-version": "3.12"}},
        *({"name": name, "run": _join(words)} for name, words in commands.items()),
        _keep("Keep the model, its SELECT and its proof", _FOLDER),
    ]
    job: dict[str, Data] = {"runs-on": "ubuntu-latest", "timeout-minutes": 60}
    if champion is not None:
        words = list_challenge_words(champion, _FOLDER, valid, gates, _PACKET)
        steps += _challenge(_join(word for words_of in words for word in words_of))
        job["outputs"] = {"verdict": "${{ steps.challenge.outputs.verdict }}"}
    below = [] if champion is None else [f"{_pattern(champion)}/**"]
    document: dict[str, Data] = {
        "name": "leadweights",
        "on": {
            "schedule": [{"cron": _NIGHTLY}],
            "push": {"paths": [*map(_pattern, files), *below, _PATH]},
            "workflow_dispatch": {},
        },
        "permissions": {"contents": "read"},
        "jobs": {"model": {**job, "steps": steps}},
    }
    found = {_PATH: to_yaml(document), **rules}
    if output is not None:
        texts: dict[Path, Content] = {as_path(output) / path: text for path, text in found.items()}
        write_text(texts)
    return found


def _challenge(command: str) -> Iterator[Data]:
    """Write the steps that hold the new model against the champion, and keep the packet."""
    yield {
        "name": "Hold the new model against the champion",
        "id": "challenge",
        "run": _CHALLENGE.format(command=command, packet=_PACKET),
    }
    yield _keep("Keep the packet, to be approved", _PACKET)


def _keep(name: str, folder: str) -> Data:
    return {
        "name": name,
        "uses": "actions/upload-artifact@v4",
        "with": {"name": folder, "path": folder, "if-no-files-found": "error"},
    }


def _join(words: Iterable[str]) -> str:
    return join_words(list(words), "${{", "a workflow")


def _pattern(path: str) -> str:
    """Write a path as a pattern that it alone has."""
    return "".join(f"\\{letter}" if letter in "*?+[]!\\" else letter for letter in path)
