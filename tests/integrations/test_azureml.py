"""Files for Azure ML: their commands run as the service does, and its client validates them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.integrations.azureml import components, export_azureml
from leadweights.integrations.yaml_documents import Command, Data, to_yaml
from leadweights.model.model import ScoringModel
from tests.support.commands import invoke
from tests.support.tools import AZURE, needs, run

SESSION = Path("tests/integrations/sessions/azureml_session.py")
DICTIONARY = {"dictionary": Path("data/features.toml").resolve()}
"""What the model was learnt with."""

needs_azure = needs(AZURE, "requirements-azure.lock")


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    return lw.load("outputs")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    return make_programs(tmp_path)


def make_programs(place: Path) -> Path:
    """Make a folder with the command `leadweights`, as an environment of the service has it."""
    folder = place / "bin"
    folder.mkdir()
    program = folder / "leadweights"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leadweights "$@"\n')
    program.chmod(0o755)
    return folder


def as_the_service(
    component: Mapping[str, object], inputs: Mapping[str, object], outputs: Mapping[str, Path]
) -> str:
    """Write the line that is run: optional parts as inputs are given, then paths and values.

    As the reference of the command job says: `$[[ ]]` goes where an input in it is not given.
    """
    declared = component["inputs"]
    assert isinstance(declared, dict)
    known = {name: one["default"] for name, one in declared.items() if "default" in one} | dict(
        inputs
    )
    required = {name for name, one in declared.items() if not one.get("optional")}
    assert required <= set(known), "the service asks for these"
    assert set(inputs) <= set(declared), "the service knows no others"

    def keep(part: re.Match[str]) -> str:
        return part[1] if set(re.findall(r"inputs\.(\w+)", part[1])) <= set(known) else ""

    line = re.sub(r"\$\[\[(.*?)\]\]", keep, str(component["command"]))
    line = re.sub(r"\$\{\{inputs\.(\w+)\}\}", lambda found: str(known[found[1]]), line)
    return re.sub(r"\$\{\{outputs\.(\w+)\}\}", lambda found: str(outputs[found[1]]), line)


class Service:
    """Runs components with folders for inputs and outputs."""

    def __init__(self, model: ScoringModel, programs: Path, folder: Path) -> None:
        self.components, self.programs, self.folder = components(model), programs, folder

    def run(self, name: str, inputs: Mapping[str, object], code: int = 0) -> Path:
        component = self.components[name]
        place = self.folder / f"out put of {name}"
        place.mkdir(exist_ok=True)
        declared = component["outputs"]
        assert isinstance(declared, dict)
        line = as_the_service(component, inputs, dict.fromkeys(declared, place))
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        env = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"}
        env["PYTHONPATH"] = str(Path.cwd())
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, cwd=work, env=env, check=False
        )
        assert done.returncode == code, done.stderr
        assert list(work.iterdir()) == []
        return place


@pytest.fixture
def service(model: ScoringModel, programs: Path, tmp_path: Path) -> Service:
    return Service(model, programs, tmp_path)


@pytest.fixture(scope="module")
def learnt(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> dict[float, Path]:
    """Learn from a few rows by the step that fits, as it is and with an optional input, C."""
    place = tmp_path_factory.mktemp("learnt")
    service = Service(model, make_programs(place), place)
    train = mounted(place, "train.csv", rows=800)
    found = {}
    for c, given in ((1.0, {}), (0.5, {"c": 0.5})):
        found[c] = service.run("fit", {"training_data": train, **DICTIONARY, **given}).rename(
            place / f"{c}"
        )
    return found


def mounted(tmp_path: Path, name: str, rows: int = 10_000) -> Path:
    """A file's first rows where the service mounts it, in a folder whose name has a space."""
    folder = tmp_path / "my inputs"
    folder.mkdir(exist_ok=True)
    place = folder / name
    lines = Path("data", name).read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(lines[: rows + 1]))
    return place


def test_the_files_have_the_same_bytes(model: ScoringModel, tmp_path: Path) -> None:
    found = export_azureml(model)
    assert found == export_azureml(lw.load("outputs"))
    assert found["score.sql"] == lw.render(model, dialect="tsql")
    assert f'"leadweights=={version("leadweights")}"' in found["conda.yml"]
    assert found == lw.export_azureml(model, output=tmp_path)
    assert found == {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert all("\r" not in text and text.endswith("\n") for text in found.values())


def test_the_command_writes_the_files(model: ScoringModel, tmp_path: Path) -> None:
    there = tmp_path / "azureml"
    done = invoke(["export", "azureml", "outputs", "--output", str(there)])
    assert done.exit_code == 0, done.output
    written = {path.name: path.read_text(encoding="utf-8") for path in there.iterdir()}
    assert written == export_azureml(model)


@pytest.mark.sweep
def test_fit_and_score_run_as_steps(service: Service, tmp_path: Path) -> None:
    train, valid = mounted(tmp_path, "train.csv"), mounted(tmp_path, "valid.csv")
    dictionary = mounted(tmp_path, "features.toml")
    given = {"training_data": train, "validation_data": valid, "dictionary": dictionary}
    learnt = service.run("fit", given)
    # What the README's command writes, as the model learnt then.
    assert (learnt / "model.json").read_bytes() == Path("outputs/model.json").read_bytes()
    scores = service.run("score", {"model": learnt, "leads": valid})
    table = lw.score(lw.load("outputs"), valid)
    found = read_parquet(scores / "scores.parquet")
    for name in ("lead_score", "log_odds", "probability"):
        assert (found[name].view(np.int64) == table[name].to_numpy().view(np.int64)).all()
    assert found["contact_id"].tolist() == table["contact_id"].tolist()


def read_parquet(path: Path) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    import duckdb

    return duckdb.read_parquet(str(path)).fetchnumpy()


@pytest.mark.sweep
def test_optional_inputs_are_left_out_or_given(learnt: dict[float, Path]) -> None:
    for c, folder in learnt.items():
        assert (folder / "held_back.csv").exists()
        assert f"C={c:g}" in (folder / "model.json").read_text()


@pytest.mark.sweep
def test_a_step_that_fails_fails(service: Service, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    service.run("fit", {"training_data": empty, **DICTIONARY}, 1)


ANSWERS = {
    "monitor": ({"model": "a", "leads": "b"}, {0: 0, 3: 0, 4: 0, 1: 1, 2: 2, 130: 130}),
    "challenge": (
        {"champion": "a", "challenger": "b", "validation_data": "c"},
        {0: 0, 5: 0, 6: 0, 1: 1, 2: 2, 4: 4},
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_verdict_is_no_failure_and_an_error_is_one(
    name: str, service: Service, programs: Path
) -> None:
    inputs, codes = ANSWERS[name]
    for given, expected in codes.items():
        (programs / "leadweights").write_text(f"#!/bin/sh\nexit {given}\n")
        service.run(name, inputs, expected)


def test_a_monitor_may_fail_its_step(service: Service, programs: Path) -> None:
    given = {"model": "a", "leads": "b", "fail_from": 4}
    for code, expected in {0: 0, 3: 0, 4: 4, 1: 1}.items():
        (programs / "leadweights").write_text(f"#!/bin/sh\nexit {code}\n")
        service.run("monitor", given, expected)


@pytest.mark.sweep
def test_monitor_runs_as_a_step(
    service: Service, learnt: dict[float, Path], tmp_path: Path
) -> None:
    leads = mounted(tmp_path, "valid.csv")
    report = service.run("monitor", {"model": learnt[1.0], "leads": leads, "label": "label"})
    assert (report / "monitor.json").exists()


@pytest.mark.sweep
def test_challenge_runs_as_a_step(
    service: Service, learnt: dict[float, Path], tmp_path: Path
) -> None:
    valid = mounted(tmp_path, "valid.csv")
    given = {"champion": learnt[1.0], "challenger": learnt[0.5], "validation_data": valid}
    packet = service.run("challenge", given)
    assert (packet / "challenge.json").exists()


@pytest.mark.sweep
def test_a_model_learnt_anew_decides_by_the_champions_rules(
    model: ScoringModel, programs: Path, tmp_path: Path
) -> None:
    ruled = lw.decide(model, plan={"bands": {"preset": "dynamics-365"}, "actions": {"A": "call"}})
    champion = tmp_path / "the champion"
    lw.save(ruled, champion / "model.json")
    given = {"training_data": mounted(tmp_path, "train.csv", rows=600), **DICTIONARY}
    found = Service(ruled, programs, tmp_path).run("fit", {**given, "decide_as": champion})
    assert lw.load(found).decisions.bands == ruled.decisions.bands


def test_names_of_the_model_reach_the_command_as_they_are(
    model: ScoringModel, programs: Path, tmp_path: Path
) -> None:
    label, key = 'it\'s `won` "$HOME" & > all; #', "Zoë's\\key"
    odd = replace(model, keys=(key,), provenance=replace(model.provenance, label=label))
    told = tmp_path / "told"
    (programs / "leadweights").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}"\n')
    Service(odd, programs, tmp_path).run("fit", {"training_data": "x.csv", **DICTIONARY})
    words = told.read_text().splitlines()
    assert words[:6] == ["fit", "x.csv", "--label", label, "--key", key]


@pytest.mark.parametrize("name", ["${{inputs.c}}", "$[[x", "x]]", "a\nb"])
def test_a_name_that_azure_would_read_is_refused(model: ScoringModel, name: str) -> None:
    odd = replace(model, provenance=replace(model.provenance, label=name))
    with pytest.raises(UnsupportedError, match="Azure ML would read"):
        export_azureml(odd)


def test_yaml_is_written_by_hand_s_rules() -> None:
    """What YAML 1.1 takes for something else than a text stands between quotes."""
    texts: list[Data] = ["no", "1e3", "x: y", "é\u2028", "ok", ""]
    document: dict[str, Data] = {"a b": texts, "c": Command(("x", " y")), "d": {}}
    assert to_yaml(document) == (
        'a b:\n  - "no"\n  - "1e3"\n  - "x: y"\n  - "é\\u2028"\n  - ok\n  - ""\nc: "x  y"\nd: {}\n'
    )


@needs_azure
@pytest.mark.telling
def test_azures_client_finds_nothing_wrong(model: ScoringModel, tmp_path: Path) -> None:
    (seen,) = validate([export_azureml(model)], tmp_path)
    assert sorted(seen) == [
        *("challenge.yml", "fit.yml", "model_monitor.yml", "monitor.yml", "pipeline.yml"),
        *("schedule.yml", "score.yml"),
    ]
    assert not [(name, one["wrong"]) for name, one in seen.items() if one["wrong"]]
    for name, component in components(model).items():
        one = seen[f"{name}.yml"]
        assert one["command"] == str(component["command"])
        inputs = component["inputs"]
        assert isinstance(inputs, dict)
        assert one["optional"] == sorted(n for n, i in inputs.items() if i.get("optional"))
        # An optional input that is not given must not be asked of the shell.
        outside = re.sub(r"\$\[\[.*?\]\]", "", one["command"])
        assert not {f"inputs.{n}" for n in one["optional"]} & set(
            re.findall(r"inputs\.\w+", outside)
        )
    steps = ["challenge", "fit", "monitor", "score"]
    assert seen["pipeline.yml"]["jobs"] == seen["schedule.yml"]["jobs"] == steps
    assert seen["schedule.yml"]["trigger"] == "week"
    text, job = export_azureml(model)["pipeline.yml"], seen["pipeline.yml"]
    # Of these it finds no misspelled one.
    assert set(re.findall(r"parent\.inputs\.(\w+)", text)) == set(job["inputs"])
    assert set(re.findall(r"parent\.outputs\.(\w+)", text)) == set(job["outputs"])


FAULTS = {
    "a typed name of an input": ("fit.yml", "inputs.training_data", "inputs.traning_data"),
    "a type there is not": ("score.yml", "type: uri_folder", "type: uri_foldr"),
    "an upper-case name": ("fit.yml", "name: leadweights_fit", "name: Leadweights-Fit"),
    "an environment that is not there": ("fit.yml", "conda_file: conda.yml", "conda_file: no.yml"),
    "a step's input there is not": ("pipeline.yml", 'leads: "${{', 'lead: "${{'),
    "a step that is in no file": ("pipeline.yml", "./score.yml", "./scores.yml"),
    "a frequency there is not": ("schedule.yml", "frequency: week", "frequency: weak"),
    "a metric there is not": ("model_monitor.yml", "population_stability_index", "psi"),
}


@needs_azure
def test_azures_client_finds_planted_faults(model: ScoringModel, tmp_path: Path) -> None:
    planted = []
    for name, right, wrong in FAULTS.values():
        files = export_azureml(model)
        assert right in files[name]
        planted.append({**files, name: files[name].replace(right, wrong)})
    for seen, (name, _, wrong) in zip(validate(planted, tmp_path), FAULTS.values(), strict=True):
        assert seen[name]["wrong"], (name, wrong)


def validate(exported: Sequence[Mapping[str, str]], folder: Path) -> list[dict[str, Any]]:
    places = [folder / str(number) for number in range(len(exported))]
    for place, files in zip(places, exported, strict=True):
        place.mkdir()
        for name, text in files.items():
            (place / name).write_bytes(text.encode())
    done = run(AZURE, SESSION, *places, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
