"""The pipeline does what it says: DVC itself runs it, skips what is the same, and stops to act."""

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from tests.support.commands import invoke
from tests.support.hostile import odd_names
from tests.support.tools import DVC, needs, put_on_path

needs_dvc = needs(DVC, "requirements-dvc.lock")
DICTIONARY = {"dictionary": "data/features.toml"}
"""What the model was learnt with."""
ASKED = {
    "data": "data/train.csv",
    "valid": "data/valid.csv",
    **DICTIONARY,
    "current": "data/leads.csv",
    "champion": "champion",
}
STAGES = ["data", "fit", "verify", "monitor", "challenge"]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return lw.export_dvc(lw.load("outputs"), **ASKED)


class Repository:
    """A repository with data, in which the commands of a page are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.env = put_on_path(folder / "bin", os.environ[DVC])
        self.env |= {"DVC_NO_ANALYTICS": "1", "HOME": str(folder)}
        shutil.copytree("outputs", self.folder / "outputs")
        data = self.folder / "data"
        data.mkdir()
        shutil.copy("data/features.toml", data)
        for name, rows in (("train.csv", 900), ("valid.csv", 500)):
            lines = Path("data", name).read_text().splitlines(keepends=True)
            (data / name).write_text("".join(lines[: rows + 1]))

    def run(self, script: str, code: int = 0) -> str:
        """Run commands; give what they print."""
        words = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, check=False, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def read_verdict(self, path: str) -> str:
        """Read the verdict among the metrics."""
        metrics = json.loads(self.run("dvc metrics show --json"))[""]["data"]
        return str(metrics[path]["data"]["verdict"])


@pytest.fixture(scope="module")
def session() -> str:
    (found,) = re.findall(r"^```sh\n(.*?)^```", Path("docs/dvc.md").read_text(), re.M | re.S)
    return str(found)


@pytest.fixture(scope="module")
def repository(session: str, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Run the page's session, once."""
    found = Repository(tmp_path_factory.mktemp("dvc"))
    told = found.run(session)
    assert re.findall(r"^Running stage '(\w+)'", told, re.M) == STAGES
    return found


@needs_dvc
@pytest.mark.telling
def test_the_stages_leave_what_the_commands_do(repository: Repository) -> None:
    folder = repository.folder
    recipe: dict[str, Any] = {
        "label": "label",
        "keys": ["contact_id"],
        "dictionary": "data/features.toml",
    }
    learnt = lw.fit_model(folder / "data/train.csv", **recipe)
    assert lw.load(folder / "leadweights-model") == learnt
    assert (folder / "leadweights-model/score.sql").read_text() == lw.render(learnt)
    columns = json.loads((folder / "leadweights-columns.json").read_text())["columns"]
    assert {"contact_id", *(column.name for column in learnt.columns)} == {
        one["column"] for one in columns
    }
    assert (folder / "leadweights-proof/engines.json").is_file()
    champion = lw.load("outputs")
    rows = folder / "data/valid.csv"
    found = lw.challenge(champion, learnt, rows, folders=("outputs", folder / "leadweights-model"))
    assert repository.read_verdict("leadweights-packet/challenge.json") == found.verdict
    assert repository.read_verdict("leadweights-monitor/monitor.json") == "steady"
    assert (folder / "leadweights-packet/challenge.html").is_file()
    for name in ("dvc.yaml", "dvc.lock", "params.yaml", ".gitignore"):
        assert name in repository.run("git ls-files")


@needs_dvc
def test_what_is_the_same_is_not_run_again(repository: Repository) -> None:
    told = repository.run("dvc repro")
    assert re.findall(r"^Stage '(\w+)' didn't change, skipping", told, re.M) == STAGES
    assert "Running" not in told
    # Of a change, that which hangs on it is.
    params = repository.folder / "params.yaml"
    before = params.read_text()
    params.write_text(before.replace("c: 1.0", "c: 0.5"))
    changed = json.loads(repository.run("dvc status --json"))
    assert set(changed) == {"fit"}
    assert {"changed deps": {"params.yaml": {"fit": "modified"}}} in changed["fit"]
    params.write_text(before)
    assert json.loads(repository.run("dvc status --json")) == {}


@needs_dvc
def test_the_pipeline_goes_on_to_watch_and_stops_to_act(repository: Repository) -> None:
    place = repository.folder / "data/valid.csv"
    rows = pd.read_csv(place)
    asked = {**ASKED, "current": "data/today.csv", "champion": "outputs"}
    lw.export_dvc(lw.load("outputs"), output=repository.folder, **asked)
    baseline = lw.load_baseline(repository.folder / "leadweights-model")
    learnt = lw.load(repository.folder / "leadweights-model")
    today = repository.folder / "data/today.csv"
    spread = rows["sentiment_score"].std()
    for by, verdict, code in ((0.35, "watch", 0), (1.5, "act", 255)):
        moved = rows.assign(sentiment_score=rows["sentiment_score"] + by * spread)
        moved.to_csv(today, index=False)
        assert lw.monitor(learnt, moved, baseline=baseline).verdict == verdict
        told = repository.run("dvc repro", code)
        assert re.findall(r"^Running stage '(\w+)'", told, re.M) == ["monitor"]
        assert f"{verdict.upper()}: " in told
        page = repository.folder / "leadweights-monitor/monitor.json"
        assert json.loads(page.read_text())["verdict"] == verdict
        if verdict == "watch":
            assert repository.read_verdict("leadweights-monitor/monitor.json") == verdict
    # It says so at each run.
    assert "failed to reproduce 'monitor'" in repository.run("dvc repro", 255)


def test_the_same_model_gives_the_same_bytes(files: dict[str, str], tmp_path: Path) -> None:
    assert list(files) == ["dvc.yaml", "params.yaml"]
    assert files == lw.export_dvc(lw.load("outputs"), output=tmp_path, **ASKED)
    assert files == {name: (tmp_path / name).read_text() for name in files}
    # Its own files it writes over.
    lw.export_dvc(lw.load("outputs"), data="other.csv", **DICTIONARY, output=tmp_path)
    assert "other.csv" in (tmp_path / "dvc.yaml").read_text()


def test_rules_made_by_hand_are_a_file_that_the_fit_hangs_on(tmp_path: Path) -> None:
    model = lw.decide(lw.load("outputs"), plan={"actions": {"A": "call today"}})
    found = lw.export_dvc(model, output=tmp_path, **ASKED)
    assert list(found) == ["dvc.yaml", "params.yaml", "leadweights-rules.json"]
    assert lw.load(tmp_path / "leadweights-rules.json") == model
    fit = shlex.split(read_commands(found["dvc.yaml"])[1])
    assert fit[fit.index("--decide-as") + 1] == "leadweights-rules.json"
    stage = found["dvc.yaml"].partition("  fit:\n")[2].partition("  verify:\n")[0]
    assert "      - leadweights-rules.json\n" in stage


def test_the_command_writes_the_same(files: dict[str, str], tmp_path: Path) -> None:
    named = [word for name, value in ASKED.items() for word in (f"--{name}", value)]
    words = ["export", "dvc", "outputs", *named, "--output", str(tmp_path)]
    done = invoke(words)
    assert done.exit_code == 0, done.output
    assert {name: (tmp_path / name).read_text() for name in files} == files
    assert done.stdout.splitlines() == [str(tmp_path / name) for name in files]


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml"])
def test_a_pipeline_of_somebody_else_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("stages: {}\n")
    with pytest.raises(lw.OutputError, match="is another's"):
        lw.export_dvc(lw.load("outputs"), output=tmp_path, **ASKED)
    named = [word for one, value in ASKED.items() for word in (f"--{one}", value)]
    words = ["export", "dvc", "outputs", *named, "--output", str(tmp_path)]
    done = invoke(words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "is another's" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "stages: {}\n"


def test_a_champion_needs_rows_to_measure_on() -> None:
    with pytest.raises(lw.UnsupportedError, match="name them as valid"):
        lw.export_dvc(
            lw.load("outputs"),
            data="train.csv",
            **DICTIONARY,
            champion="outputs",
        )


@pytest.mark.parametrize("name", ["${fit.c}", "\\${fit.c}", "a\nb"])
@pytest.mark.parametrize("place", [*ASKED, "gates", "key"])
def test_what_dvc_would_run_is_refused(place: str, name: str, tmp_path: Path) -> None:
    found, asked = lw.load("outputs"), dict(ASKED)
    if place == "key":
        found = replace(found, keys=(name,))
    else:
        asked[place] = name
    with pytest.raises(lw.UnsupportedError, match="would be run"):
        lw.export_dvc(found, output=tmp_path, **asked)
    assert not list(tmp_path.iterdir())


def read_commands(text: str) -> list[str]:
    """Give the commands of the stages: YAML folds the lines of a block, or has them in quotes."""
    found = re.findall(r"^    cmd: (?:>-\n((?: {6}.*\n)+)|(.*)$)", text, flags=re.M)
    return [
        " ".join(line[6:] for line in block.splitlines()) if block else json.loads(line)
        for block, line in found
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(odd_names, min_size=8, max_size=8, unique=True))
def test_no_name_breaks_out_of_the_pipeline(names: list[str]) -> None:
    """What a shell makes of the lines are the words."""
    data, valid, dictionary, current, champion, label, key, positive = names
    found = lw.load("outputs")
    origin = replace(found.provenance, label=label, positive_values=(positive,))
    model = replace(found, keys=(key,), provenance=origin)
    asked: dict[str, Any] = {"valid": valid, "dictionary": dictionary, "current": current}
    text = lw.export_dvc(model, data=data, champion=champion, **asked)["dvc.yaml"]
    place = {name: f"./{name}" if name.startswith("-") else name for name in names}
    look, fit, verify, monitor, challenge = map(shlex.split, read_commands(text))
    words = ["--dictionary", dictionary, "--label", label, "--positive", positive, "--key", key]
    assert look == ["leadweights", "columns", place[data], *words, "--json", ">", look[-1]]
    assert fit[:5] == ["leadweights", "fit", place[data], "--valid", valid]
    assert fit[5:13] == words
    assert verify[3] == place[data]
    assert monitor[3] == place[current]
    assert challenge[2:5] == [place[champion], "leadweights-model", place[valid]]
