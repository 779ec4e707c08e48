"""The workflow does what it says: its commands run here, its form is the one GitHub publishes."""

import json
import os
import re
import shlex
import subprocess
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.model.rules import Consent, Trend
from tests.support.commands import invoke
from tests.support.hostile import odd_names
from tests.support.tools import needs, put_on_path

CHECK = "LEADWEIGHTS_CHECK_JSONSCHEMA"
"""Names the executable of check-jsonschema, which has the schema of GitHub's workflows."""

PATH = ".github/workflows/leadweights.yml"
DICTIONARY = {"dictionary": "data/features.toml"}
"""What the model was learnt with."""
FILES = {"valid": "data/valid.csv", **DICTIONARY}


@pytest.fixture(scope="module")
def workflow() -> str:
    found = lw.export_github(lw.load("outputs"), data="data/train.csv", **FILES)
    assert list(found) == [PATH]
    return found[PATH]


def run_lines(text: str) -> list[str]:
    """Give what the steps run: YAML's plain texts, blocks, and those in quotes as JSON has them."""
    found = re.findall(r"^ +run: (?:\|\n((?: {10}.*\n)+)|(.*)$)", text, flags=re.MULTILINE)
    return [
        dedent(block) if block else json.loads(line) if line.startswith('"') else line
        for block, line in found
    ]


class Runner:
    """Runs steps as GitHub's runner does, in a folder that has the repository's data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "data").symlink_to(Path("data").resolve())
        self.files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        told = {name: str(path) for name, path in self.files.items()}
        self.env = put_on_path(folder / "bin") | told

    def run(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Run a step by bash, as `shell: bash` is documented, with files for what it tells."""
        for path in self.files.values():
            path.write_text("")
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            words, cwd=self.folder, env=self.env, check=False, capture_output=True, text=True
        )


@pytest.mark.sweep
def test_the_commands_run_as_they_stand(workflow: str, tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    install, *lines = run_lines(workflow)
    assert shlex.split(install) == ["pip", "install", f"leadweights=={version('leadweights')}"]
    assert len(lines) == 2
    for line in lines:
        done = runner.run(line)
        assert done.returncode == 0, done.stderr
    kept = tmp_path / "leadweights-model"
    assert f"path: {kept.name}\n" in workflow
    assert (kept / "model.json").read_text() == Path("outputs/model.json").read_text()
    assert (kept / "score.sql").read_text() == Path("outputs/score.sql").read_text()


@pytest.mark.sweep
def test_rules_made_by_hand_are_those_of_the_new_model(tmp_path: Path) -> None:
    model = lw.decide(lw.load("outputs"), plan={"bands": {"preset": "dynamics-365"}})
    model = set_threshold(model, 0.5, "agreed with sales")
    files = lw.export_github(model, data="data/train.csv", **DICTIONARY, output=tmp_path)
    assert list(files) == [PATH, ".github/leadweights-rules.json"]
    assert lw.load(tmp_path / ".github/leadweights-rules.json") == model
    assert '      - ".github/leadweights-rules.json"\n' in files[PATH]
    assert lw.export_github(model, data="data/train.csv", **DICTIONARY) == files
    runner = Runner(tmp_path)
    fit = run_lines(files[PATH])[1]
    done = runner.run(fit)
    assert done.returncode == 0, done.stderr
    found = lw.load(tmp_path / "leadweights-model").decisions
    assert found.bands == model.decisions.bands  # by points: these stay
    assert found.threshold is not None
    assert "decision" in (tmp_path / "leadweights-model/score.sql").read_text()


def test_what_rules_read_is_not_learnt_from() -> None:
    model = lw.load("outputs")
    assert list(lw.export_github(model, data="a.csv", **DICTIONARY)) == [PATH]
    rules = replace(model.decisions, consent=Consent("may contact"), trend=Trend("before"))
    text = lw.export_github(replace(model, decisions=rules), data="a.csv", **DICTIONARY)[PATH]
    words = shlex.split(run_lines(text)[1])
    excluded = [after for word, after in pairwise(words) if word == "--exclude"]
    assert set(excluded) == {"may contact", "before"}


# The champion, the rows to measure on, and what becomes of it: the code is that of `challenge`.
VERDICTS = {
    "keep": ("outputs", 1200, 0, "notice"),
    "promote": ("outputs/equal_weights.json", 1200, 0, "notice"),
    "not enough rows": ("outputs/equal_weights.json", 60, 0, "warning"),
    "": ("nowhere", 1200, 1, ""),
}


@pytest.mark.sweep
@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_told_and_fails_nothing(verdict: str, tmp_path: Path) -> None:
    champion, rows, code, level = VERDICTS[verdict]
    runner = Runner(tmp_path)
    (tmp_path / "outputs").symlink_to(Path("outputs").resolve())
    (tmp_path / "leadweights-model").symlink_to(Path("outputs").resolve())
    lines = Path("data/valid.csv").read_text().splitlines(keepends=True)[: rows + 1]
    (tmp_path / "valid.csv").write_text("".join(lines))
    (tmp_path / "gates.toml").write_text('[psi]\nexplained = "probabilities now"\n')
    asked = {"valid": "valid.csv", "gates": "gates.toml", "champion": champion, **DICTIONARY}
    text = lw.export_github(lw.load("outputs"), data="data/train.csv", **asked)[PATH]
    install, _, _, challenge = run_lines(text)
    assert shlex.split(install)[2] == f"leadweights[report]=={version('leadweights')}"
    done = runner.run(challenge)
    assert done.returncode == code, done.stderr
    output, summary = (path.read_text() for path in runner.files.values())
    if not verdict:
        assert (output, summary) == ("", "")
        assert "no such file" in done.stderr
        return
    assert output == f"verdict={verdict}\n"
    packet = tmp_path / "leadweights-packet"
    assert json.loads((packet / "challenge.json").read_text())["verdict"] == verdict
    assert summary == (packet / "challenge.md").read_text()
    told = done.stdout.splitlines()[-1]
    assert told == f"::{level} title=challenge::{verdict}: read {packet.name}/challenge.md"
    assert f"path: {packet.name}\n" in text


def test_a_champion_needs_rows_to_measure_on() -> None:
    with pytest.raises(lw.UnsupportedError, match="name them as valid"):
        lw.export_github(
            lw.load("outputs"),
            data="train.csv",
            **DICTIONARY,
            champion="outputs",
        )


def test_it_runs_every_night_and_when_a_file_changes(workflow: str) -> None:
    assert '  schedule:\n    - cron: "17 2 * * *"\n' in workflow
    listed = [f"      - {name}\n" for name in ("data/train.csv", *FILES.values(), f'"{PATH}"')]
    assert f"  push:\n    paths:\n{''.join(listed)}  workflow_dispatch:" in workflow


@needs(CHECK, "requirements-github.lock")
@pytest.mark.telling
def test_it_has_the_form_that_github_publishes(workflow: str, tmp_path: Path) -> None:
    odd = replace(lw.load("outputs"), keys=("the lead's id: #1",))
    (tmp_path / "a.yml").write_text(workflow)
    asked = {
        "data": "all leads*.csv",
        "valid": "#1: 'valid'.csv",
        "champion": "- it's [old]",
        **DICTIONARY,
    }
    (tmp_path / "b.yml").write_text(lw.export_github(odd, **asked)[PATH])
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
    (_, fit, _) = run_lines(lw.export_github(odd, data="all leads.csv", **DICTIONARY)[PATH])
    words = shlex.split(fit)
    assert words[:3] == ["leadweights", "fit", "all leads.csv"]
    assert words[words.index("--key") + 1] == "the lead's id"
    assert words[words.index("--label") + 1] == "won it"
    assert words[words.index("--positive") + 1] == "yes; rm -rf ."


@settings(max_examples=50, deadline=None)
@given(st.lists(odd_names, min_size=7, max_size=7))
def test_no_name_breaks_out_of_the_workflow(names: list[str]) -> None:
    """What a shell makes of the lines are the words."""
    data, valid, dictionary, champion, label, key, positive = names
    found = lw.load("outputs")
    origin = replace(found.provenance, label=label, positive_values=(positive,))
    model = replace(found, keys=(key,), provenance=origin)
    asked = {"valid": valid, "dictionary": dictionary, "champion": champion}
    text = lw.export_github(model, data=data, **asked)[PATH]
    assert text.count("${{") == 1
    _, fit, verify, challenge = run_lines(text)
    place = {name: f"./{name}" if name.startswith("-") else name for name in names}
    words = ["leadweights", "fit", place[data], "--valid", valid, "--dictionary", dictionary]
    words += ["--label", label, "--positive", positive, "--key", key]
    assert shlex.split(fit)[:-4] == words
    assert shlex.split(verify)[3:] == [place[data]]
    line = shlex.split(challenge.splitlines()[1].removesuffix(" || code=$?"))
    assert line[2:5] == [place[champion], "leadweights-model", place[valid]]


@pytest.mark.parametrize("name", ["${{ github.token }}", "a\nb"])
@pytest.mark.parametrize("place", ["data", "valid", "dictionary", "champion", "gates", "key"])
def test_what_github_would_run_is_refused(place: str, name: str, tmp_path: Path) -> None:
    found = lw.load("outputs")
    asked = {"data": "train.csv", "valid": "valid.csv", "champion": "outputs", **DICTIONARY}
    if place == "key":
        found = replace(found, keys=(name,))
    else:
        asked[place] = name
    with pytest.raises(lw.UnsupportedError, match="would be run"):
        lw.export_github(found, output=tmp_path, **asked)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_same(workflow: str, tmp_path: Path) -> None:
    words = ["export", "github", "outputs", "--data", "data/train.csv", "--output", str(tmp_path)]
    named = [word for name, value in FILES.items() for word in (f"--{name}", value)]
    done = invoke([*words, *named])
    assert done.exit_code == 0, done.output
    assert (tmp_path / PATH).read_text() == workflow
    assert done.stdout == f"{tmp_path / PATH}\n"
