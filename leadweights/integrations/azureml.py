"""Azure Machine Learning v2: components, a pipeline, its schedule and a model monitor, as YAML.

Azure ML puts the value of an input into the command's text. So paths stand between quotes; what
comes from the model, the names of its label and keys, is written for the shell and fixed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.write import Content, write_text
from leadweights.integrations.command_lines import list_learning_words, write_rules
from leadweights.integrations.mlflow import OLDEST as OLDEST_MLFLOW
from leadweights.integrations.yaml_documents import Command, Data, to_yaml
from leadweights.model.file import fingerprint
from leadweights.model.model import ScoringModel
from leadweights.sql.render import render
from leadweights.tables.columns import sources

_SCHEMAS = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
_COMPUTE = "azureml:cpu-cluster"
_MARKS = ("${{", "}}", "$[[", "]]")
_FILE: Mapping[str, Data] = {"type": "uri_file"}
_FOLDER: Mapping[str, Data] = {"type": "uri_folder"}
# Written on the node and uploaded at the end: in a mounted folder files cannot all be renamed.
_WRITTEN: Mapping[str, Data] = {"type": "uri_folder", "mode": "upload"}


def export_azureml(model: ScoringModel, *, output: str | Path | None = None) -> dict[str, str]:
    """Write a model as files for Azure ML, by their names, and into the folder `output`.

    Components of commands that learn as the model was learnt, score, watch and challenge; a
    pipeline of them, which `schedule.yml` starts each week; the environment they run in, of this
    version of leadweights; a model monitor of Azure's own; and the SELECT for Azure SQL. The same
    model gives the same bytes.

    Raises UnsupportedError for names that Azure ML would take for its own marks, OutputError.
    """
    documents = {
        "conda.yml": _environment(),
        **{f"{name}.yml": component for name, component in components(model).items()},
        "pipeline.yml": _pipeline(model),
        "schedule.yml": _schedule(),
        "model_monitor.yml": _model_monitor(model),
    }
    texts = {name: to_yaml(document) for name, document in documents.items()}
    files = {**texts, "score.sql": render(model, dialect="tsql")}
    if output is not None:
        placed: dict[Path, Content] = {as_path(output) / name: text for name, text in files.items()}
        write_text(placed)
    return files


def components(model: ScoringModel) -> dict[str, Mapping[str, Data]]:
    """Give the components, by their names, as plain data."""
    known = model.provenance.options
    inputs: dict[str, Data] = {
        "training_data": _FILE,
        "validation_data": {**_FILE, "optional": True},
        "dictionary": _ask(_FILE, known.with_dictionary),
        "decide_as": _ask(_FOLDER, _has_rules(model)),
        "c": {"type": "number", "optional": True, "min": 0},
        "seed": {"type": "integer", "default": int(known.seed or 42), "min": 0},
        "mlflow_model": {"type": "string", "optional": True},
    }
    if _is_split_otherwise(model):
        del inputs["validation_data"]
    tables = {"--valid": "validation_data", "--dictionary": "dictionary"}
    given = {**tables, "--decide-as": "decide_as"}
    words = [_give(inputs, option, name) for option, name in given.items() if name in inputs]
    return {
        "fit": _component(
            model,
            "fit",
            "Learn weights, prove the SQL, write the model's folder",
            inputs,
            "model",
            (
                'leadweights fit "${{inputs.training_data}}"',
                *_learning_options(model),
                *words,
                "$[[--c ${{inputs.c}}]]",
                "--seed ${{inputs.seed}}",
                '$[[--mlflow "${{inputs.mlflow_model}}"]]',
                '--output "${{outputs.model}}"',
            ),
        ),
        "score": _component(
            model,
            "score",
            "Score leads by the model's own SELECT",
            {
                "model": _FOLDER,
                "leads": _FILE,
                "columns": {"type": "string", "optional": True},
            },
            "scores",
            (
                'leadweights score "${{inputs.model}}" "${{inputs.leads}}"',
                '$[[--columns "${{inputs.columns}}"]]',
                '--output "${{outputs.scores}}/scores.parquet"',
            ),
        ),
        "monitor": _component(
            model,
            "monitor",
            "Hold leads against the baseline; fail from an exit code on, 3 watch, 4 act, 5 never",
            {
                "model": _FOLDER,
                "leads": _FILE,
                "label": {"type": "string", "optional": True},
                "fail_from": {"type": "integer", "default": 5, "min": 3, "max": 5},
            },
            "report",
            (
                'leadweights monitor "${{inputs.model}}" "${{inputs.leads}}"',
                '$[[--label "${{inputs.label}}"]]',
                '--output "${{outputs.report}}"',
                "|| { code=$?; test $code -ge 3 && test $code -lt ${{inputs.fail_from}}",
                "|| exit $code; }",
            ),
        ),
        "challenge": _component(
            model,
            "challenge",
            "Hold a challenger against the champion; the verdict is in challenge.json",
            {
                "champion": _FOLDER,
                "challenger": _FOLDER,
                "validation_data": _FILE,
                "gates": {**_FILE, "optional": True},
            },
            "packet",
            (
                'leadweights challenge "${{inputs.champion}}" "${{inputs.challenger}}"',
                '"${{inputs.validation_data}}"',
                '$[[--gates "${{inputs.gates}}"]]',
                '--output "${{outputs.packet}}"',
                # To keep the champion, or to have too few rows, is a verdict and no failure.
                "|| { code=$?; test $code -eq 5 || test $code -eq 6 || exit $code; }",
            ),
        ),
    }


def _ask(kind: Mapping[str, Data], needed: bool) -> Data:
    """Describe an input that may be left out where it is not `needed`."""
    return kind if needed else {**kind, "optional": True}


def _give(inputs: Mapping[str, Data], option: str, name: str) -> str:
    """Write an option with an input; what is optional stands between Azure ML's own brackets."""
    own, words = inputs[name], f'{option} "${{{{inputs.{name}}}}}"'
    return f"$[[{words}]]" if isinstance(own, Mapping) and own.get("optional") else words


def _component(
    model: ScoringModel,
    name: str,
    description: str,
    inputs: Mapping[str, Data],
    output: str,
    command: Sequence[str],
) -> Mapping[str, Data]:
    return {
        "$schema": _SCHEMAS.format("commandComponent"),
        "type": "command",
        "name": f"leadweights_{name}",
        "version": fingerprint(model)[:12],
        "display_name": f"leadweights {name}",
        "description": description,
        "is_deterministic": True,
        "inputs": inputs,
        "outputs": {output: _WRITTEN},
        "environment": {"image": _IMAGE, "conda_file": "conda.yml"},
        "command": Command(tuple(command)),
    }


def _learning_options(model: ScoringModel) -> Iterator[str]:
    """Write the options by which the model was learnt, quoted for the shell."""
    for option, value in list_learning_words(model, split=True, rules=_has_rules(model)):
        if any(mark in value for mark in _MARKS) or not value.isprintable():
            raise UnsupportedError(
                f"Azure ML would read {value!r} as more than a name: rename the column"
            )
        if option != "--seed":  # an input, whose default it is
            yield f"{option} {shlex.quote(value)}"


def _has_rules(model: ScoringModel) -> bool:
    """Tell whether a model decides otherwise than a fit does by itself."""
    return bool(write_rules(model, "model.json"))


def _is_split_otherwise(model: ScoringModel) -> bool:
    """Tell whether rows were split by a column or in other shares: then no table is held beside."""
    known = model.provenance.options
    return bool(known.split or known.time_column or known.group)


def _environment() -> Mapping[str, Data]:
    packages = [
        f"leadweights=={version('leadweights')}",
        f"mlflow-skinny>={OLDEST_MLFLOW}",
        "azureml-mlflow",
    ]
    return {
        "name": "leadweights",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.12", "pip", {"pip": packages}],
    }


def _pipeline(model: ScoringModel) -> Mapping[str, Data]:
    def asset(name: str, kind: str) -> Mapping[str, Data]:
        return {"type": kind, "path": f"azureml:{name}@latest"}

    def step(name: str, **inputs: str) -> Mapping[str, Data]:
        given = {key: f"${{{{parent.{value}}}}}" for key, value in inputs.items()}
        return {"type": "command", "component": f"./{name}.yml", "inputs": given}

    outputs = ("challenger", "packet", "report", "scores")
    more = {}
    if model.provenance.options.with_dictionary:
        more["dictionary"] = "inputs.dictionary"
    if _has_rules(model):
        more["decide_as"] = "inputs.champion"
    jobs = {
        "fit": step("fit", training_data="inputs.training_data", **more),
        "challenge": step(
            "challenge",
            champion="inputs.champion",
            challenger="jobs.fit.outputs.model",
            validation_data="inputs.validation_data",
        ),
        "monitor": step("monitor", model="inputs.champion", leads="inputs.leads"),
        "score": step("score", model="inputs.champion", leads="inputs.leads"),
    }
    made = {"fit": "model", "challenge": "packet", "monitor": "report", "score": "scores"}
    named = dict(zip(made, outputs, strict=True))
    return {
        "$schema": _SCHEMAS.format("pipelineJob"),
        "type": "pipeline",
        "display_name": "lead scores",
        "description": f"Score, watch, learn anew and challenge: {model.name}",
        "experiment_name": "lead_scores",
        "settings": {"default_compute": _COMPUTE},
        "inputs": {
            "training_data": asset("lead_training_data", "uri_file"),
            "validation_data": asset("lead_validation_data", "uri_file"),
            "leads": asset("leads", "uri_file"),
            "champion": asset("lead_scores_champion", "uri_folder"),
            **(
                {"dictionary": asset("lead_dictionary", "uri_file")} if "dictionary" in more else {}
            ),
        },
        "outputs": dict.fromkeys(outputs, _WRITTEN),
        "jobs": {
            name: {**job, "outputs": {made[name]: f"${{{{parent.outputs.{named[name]}}}}}"}}
            for name, job in jobs.items()
        },
    }


def _schedule() -> Mapping[str, Data]:
    return {
        "$schema": _SCHEMAS.format("schedule"),
        "name": "lead_scores_weekly",
        "display_name": "lead scores, each Monday",
        "trigger": {
            "type": "recurrence",
            "frequency": "week",
            "interval": 1,
            "time_zone": "UTC",
            "schedule": {"hours": [5], "minutes": [0], "week_days": ["monday"]},
        },
        "create_job": "./pipeline.yml",
    }


def _model_monitor(model: ScoringModel) -> Mapping[str, Data]:
    def data(name: str) -> Mapping[str, Data]:
        path: Mapping[str, Data] = {"type": "mltable", "path": f"azureml:{name}@latest"}
        return {"input_data": path, "data_context": "model_inputs"}

    return {
        "$schema": _SCHEMAS.format("monitorSchedule"),
        "name": "lead_scores_drift",
        "display_name": "drift of the columns that the lead score reads",
        "trigger": {
            "type": "recurrence",
            "frequency": "week",
            "interval": 1,
            "schedule": {"hours": [6], "minutes": [0], "week_days": ["monday"]},
        },
        "create_monitor": {
            "compute": {"instance_type": "standard_e4s_v3", "runtime_version": "3.4"},
            "monitoring_target": {"ml_task": "classification"},
            "monitoring_signals": {
                "columns": {
                    "type": "data_drift",
                    "production_data": data("lead_inputs"),
                    "reference_data": data("lead_training_inputs"),
                    "features": list(sources(model)),
                    "metric_thresholds": {
                        "numerical": {"population_stability_index": 0.2},
                        "categorical": {"population_stability_index": 0.2},
                    },
                }
            },
        },
    }
