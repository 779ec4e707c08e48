"""Whoever learns anew by an exported line asks for what the model was learnt with."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

import leadweights as lw
from leadweights.cli.learn import fit
from leadweights.cli.options import make_recipe
from leadweights.integrations.azureml import components
from leadweights.learn.recipe import Forward, Groups, Random, Recipe, list_options, recall_options
from leadweights.model.file import from_json, to_json
from leadweights.model.rules import Consent

DICTIONARY = "data/features.toml"
ASKED: Mapping[str, Any] = {
    "label": "it's won",
    "keys": ("contact id", "b"),
    "exclude": ("owner", "$HOME `x`"),
    "dictionary": DICTIONARY,
    "c": 0.125,
    "seed": 7,
    "split": Forward("created at", "60/40"),
    "weight": "counts",
    "class_weight": 2.5,
    "negatives_kept": 0.1,
    "time_zone": "+01:00",
    "positive": ("yes", "it's so"),
    "negative": ("no",),
    "trees": 12,
}
"""Another value than the usual one, for each field of a recipe."""
RECIPES = [
    *(Recipe(**{name: value}) for name, value in ASKED.items() if name != "negative"),
    Recipe(c="auto", trees="auto", class_weight="balanced", split=Groups("account")),
    Recipe(trees="large", split=Random("70/15/15")),
    Recipe(**ASKED),
]


def remember(recipe: Recipe) -> lw.ScoringModel:
    """Give a model that says it was learnt by a recipe, as it stands in its file."""
    model = lw.load("outputs")
    origin = replace(
        model.provenance,
        label=recipe.label,
        weight=recipe.weight or "",
        negatives_kept=recipe.negatives_kept,
        positive_values=tuple(recipe.positive),
        negative_values=tuple(recipe.negative),
        options=list_options(recipe),
    )
    found = replace(model, keys=tuple(recipe.keys), provenance=origin)
    assert from_json(to_json(found)) == found
    return found


def read_fit(words: Sequence[str]) -> tuple[Recipe, Mapping[str, Any]]:
    """Read words as `leadweights fit` does: the recipe, and the other options."""
    assert list(words[:2]) == ["leadweights", "fit"]
    given = fit.make_context("fit", list(words[2:])).params
    known = {field.name for field in fields(Recipe)} | {"valid", "time_column", "group"}
    asked = {name: value for name, value in given.items() if name in known}
    return make_recipe(asked), given


def ask_github(model: lw.ScoringModel, **asked: Any) -> list[str]:
    (text, *_) = lw.export_github(model, data="a.csv", **asked).values()
    line = re.findall(r"^ +run: (leadweights fit .*|\"leadweights fit .*)$", text, flags=re.M)[0]
    return shlex.split(json.loads(line) if line.startswith('"') else line)


def ask_dvc(model: lw.ScoringModel, **asked: Any) -> list[str]:
    files = lw.export_dvc(model, data="a.csv", **asked)
    found = re.findall(r"^    cmd: (?:>-\n((?: {6}.*\n)+)|(.*)$)", files["dvc.yaml"], flags=re.M)
    block, line = found[1]
    command = " ".join(own[6:] for own in block.splitlines()) if block else json.loads(line)
    params = dict(re.findall(r"^  (\w+): (.*)$", files["params.yaml"], flags=re.M))
    for name, value in params.items():
        command = command.replace(f"${{fit.{name}}}", value)
    return shlex.split(command)


def ask_azure(model: lw.ScoringModel, **asked: Any) -> list[str]:
    component: Any = components(model)["fit"]
    given = {"training_data": "a.csv", "seed": component["inputs"]["seed"]["default"]}
    given |= {{"valid": "validation_data"}.get(name, name): own for name, own in asked.items()}
    line = re.sub(
        r"\$\[\[(.*?)\]\]",
        lambda part: part[1] if set(re.findall(r"inputs\.(\w+)", part[1])) <= set(given) else "",
        str(component["command"]),
    )
    line = re.sub(r"\$\{\{inputs\.(\w+)\}\}", lambda own: str(given[own[1]]), line)
    line = line.replace("${{outputs.model}}", "out")
    done = subprocess.run(
        ["bash", "-c", f'leadweights() {{ printf "%s\\0" leadweights "$@"; }}; {line}'],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    return done.stdout.split("\0")[:-1]


EXPORTS: Mapping[str, Callable[..., list[str]]] = {
    "github": ask_github,
    "dvc": ask_dvc,
    "azureml": ask_azure,
}


def test_every_field_of_a_recipe_is_tried() -> None:
    assert set(ASKED) == {field.name for field in fields(Recipe)}
    usual = Recipe()
    assert not [name for name, value in ASKED.items() if getattr(usual, name) == value]


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
def test_the_line_asks_for_the_recipe(recipe: Recipe, export: str) -> None:
    asked = {} if recipe.dictionary is None else {"dictionary": DICTIONARY}
    found, _ = read_fit(EXPORTS[export](remember(recipe), **asked))
    if recipe.dictionary is not None:
        found = replace(found, dictionary=str(found.dictionary))
    assert found == recipe


@pytest.mark.parametrize("export", ["github", "dvc"])
@pytest.mark.parametrize("split", [Forward("day", "70/30"), Groups("account"), Random("70/30")])
def test_beside_rows_to_measure_on_nothing_is_split(split: Any, export: str) -> None:
    """`fit` refuses both; the column by which rows were split is no column to learn from."""
    model = remember(Recipe(split=split, exclude=["owner"]))
    found, given = read_fit(EXPORTS[export](model, valid="v.csv"))
    assert (found.split, str(given["valid"])) == (Random(), "v.csv")
    own = [] if isinstance(split, Random) else [split.column]
    assert list(found.exclude) == ["owner", *own]


def test_azures_step_takes_no_other_rows_where_its_own_are_split() -> None:
    component: Any = components(remember(Recipe(split=Forward("day"))))["fit"]
    assert "validation_data" not in component["inputs"]
    assert "valid" not in str(component["command"])


@pytest.mark.parametrize("export", ["github", "dvc"])
def test_a_dictionary_must_be_named_again(export: str) -> None:
    with pytest.raises(lw.UnsupportedError, match="learnt with a dictionary"):
        EXPORTS[export](remember(Recipe(dictionary=DICTIONARY)))


def test_azure_asks_for_what_the_model_needs() -> None:
    plain, known = (remember(Recipe(dictionary=own)) for own in (None, DICTIONARY))
    ruled = replace(plain, decisions=replace(plain.decisions, consent=Consent("may contact")))
    for model, needed in ((plain, set()), (known, {"dictionary"}), (ruled, {"decide_as"})):
        inputs: Any = components(model)["fit"]["inputs"]
        asked = {"dictionary", "decide_as"}
        assert {name for name in asked if not inputs[name].get("optional")} == needed
        pipeline = lw.export_azureml(model)["pipeline.yml"]
        step = pipeline.partition("  fit:\n")[2].partition("  challenge:\n")[0]
        assert {name for name in asked if f"{name}:" in step} == needed
        if "decide_as" in needed:
            assert 'decide_as: "${{parent.inputs.champion}}"' in step
    found, given = read_fit(ask_azure(ruled, decide_as="outputs"))
    assert given["decide_as"] == Path("outputs/model.json")
    assert list(found.exclude) == ["may contact"]


@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
def test_what_a_model_remembers_is_recalled(recipe: Recipe) -> None:
    found = Recipe(**recall_options(list_options(recipe)))
    for name in ("c", "seed", "trees", "class_weight", "time_zone"):
        assert getattr(found, name) == getattr(recipe, name)


def test_a_fit_remembers_what_was_asked_for() -> None:
    model = lw.fit_model(
        "data/train.csv", keys=["contact_id"], exclude=["fatigue_score"], c=0.5, seed=3
    )
    written = json.loads(to_json(model))["provenance"]["options"]
    assert written == {"exclude": ["fatigue_score"], "c": "0.5", "seed": "3"}
    usual = lw.fit_model("data/train.csv", keys=["contact_id"])
    assert "options" not in json.loads(to_json(usual))["provenance"]
