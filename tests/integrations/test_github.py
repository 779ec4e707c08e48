"""The workflow does what it says: its commands run here, its form is the one GitHub publishes."""

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

import leadweights as lw
from leadweights.cli.main import main
from tests.support.tools import needs

CHECK = "LEADWEIGHTS_CHECK_JSONSCHEMA"
"""Names the executable of check-jsonschema, which has the schema of GitHub's workflows."""

PATH = ".github/workflows/leadweights.yml"
FILES = {"valid": "data/valid.csv", "dictionary": "data/features.toml"}


@pytest.fixture(scope="module")
def workflow() -> str:
    found = lw.export_github(lw.load("outputs"), data="data/train.csv", **FILES)
    assert list(found) == [PATH]
    return found[PATH]


def run_lines(text: str) -> list[str]:
    """Give what the steps run: YAML's plain texts, and those in quotes as JSON has them."""
    found = re.findall(r"^ +run: (.*)$", text, flags=re.MULTILINE)
    return [json.loads(line) if line.startswith('"') else line for line in found]


def test_the_commands_run_as_they_stand(workflow: str, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(Path("data").resolve())
    install, *lines = run_lines(workflow)
    assert shlex.split(install) == ["pip", "install", f"leadweights=={version('leadweights')}"]
    assert len(lines) == 2
    own = tmp_path / "bin" / "leadweights"
    own.parent.mkdir()
    own.write_text(f'#!/bin/sh\nexec {sys.executable} -m leadweights "$@"\n')
    own.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{own.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path.cwd()),
    }
    for line in lines:
        subprocess.run(["bash", "-euc", line], cwd=tmp_path, env=env, check=True)
    kept = tmp_path / "leadweights-model"
    assert f"path: {kept.name}\n" in workflow
    assert (kept / "model.json").read_text() == Path("outputs/model.json").read_text()
    assert (kept / "score.sql").read_text() == Path("outputs/score.sql").read_text()


def test_it_runs_every_night_and_when_a_file_changes(workflow: str) -> None:
    assert '  schedule:\n    - cron: "17 2 * * *"\n' in workflow
    listed = [f"      - {name}\n" for name in ("data/train.csv", *FILES.values(), f'"{PATH}"')]
    assert f"  push:\n    paths:\n{''.join(listed)}  workflow_dispatch:" in workflow


@needs(CHECK, "requirements-github.lock")
def test_it_has_the_form_that_github_publishes(workflow: str, tmp_path: Path) -> None:
    odd = replace(lw.load("outputs"), keys=("the lead's id: #1",))
    (tmp_path / "a.yml").write_text(workflow)
    (tmp_path / "b.yml").write_text(lw.export_github(odd, data="all leads*.csv")[PATH])
    harmed = workflow.replace("steps:", "stops:")
    (tmp_path / "harmed.yml").write_text(harmed)

    def check(*names: str) -> int:
        words = [os.environ[CHECK], "--builtin-schema", "vendor.github-workflows", *names]
        return subprocess.run(words, cwd=tmp_path, check=False, capture_output=True).returncode

    assert check("a.yml", "b.yml") == 0
    assert check("harmed.yml") == 1


def test_names_reach_the_command_as_they_are() -> None:
    found = lw.load("outputs")
    origin = replace(found.provenance, label="won it", positive_values=("yes; rm -rf .",))
    odd = replace(found, keys=("the lead's id",), provenance=origin)
    (_, fit, _) = run_lines(lw.export_github(odd, data="all leads.csv")[PATH])
    words = shlex.split(fit)
    assert words[:3] == ["leadweights", "fit", "all leads.csv"]
    assert words[words.index("--key") + 1] == "the lead's id"
    assert words[words.index("--label") + 1] == "won it"
    assert words[words.index("--positive") + 1] == "yes; rm -rf ."


@pytest.mark.parametrize("name", ["${{ github.token }}", "a\nb"])
def test_what_github_would_run_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(lw.UnsupportedError, match="would be run"):
        lw.export_github(lw.load("outputs"), data=name, output=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_same(workflow: str, tmp_path: Path) -> None:
    words = ["export", "github", "outputs", "--data", "data/train.csv", "--output", str(tmp_path)]
    named = [word for name, value in FILES.items() for word in (f"--{name}", value)]
    done = CliRunner().invoke(main, [*words, *named])
    assert done.exit_code == 0, done.output
    assert (tmp_path / PATH).read_text() == workflow
    assert done.stdout == f"{tmp_path / PATH}\n"
