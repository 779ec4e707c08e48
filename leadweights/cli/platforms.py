"""What commands do for MLflow and Azure ML: --mlflow, export mlflow, export azureml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadweights.cli.options import model_argument, say, together, warn
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.model.file import load

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit
    from leadweights.model.model import ScoringModel

_exporting = together(
    model_argument,
    click.option(
        "--output", metavar="DIR", type=OUTPUT, required=True, help="The folder to write."
    ),
)


@click.command(cls=Command)
@_exporting
def mlflow(model: Path, output: Path) -> None:
    """Write MODEL as a model of MLflow 3, which `mlflow.pyfunc.load_model` loads from its folder.

    It is model.json, loaded by leadweights without pickle, with a signature, an example of leads
    that never were, the SELECT of every dialect and the weights.
    """
    from leadweights.integrations.mlflow import export_mlflow

    _write(export_mlflow(load(model)), output)


@click.command(cls=Command)
@_exporting
def azureml(model: Path, output: Path) -> None:
    """Write MODEL for Azure ML v2: components, a pipeline, its schedule, a monitor; T-SQL.

    The components learn as the model was learnt, score, monitor and challenge, in an environment of
    this version of leadweights.
    """
    from leadweights.integrations.azureml import export_azureml

    _write(export_azureml(load(model)), output)


def _write(files: Mapping[str, str], output: Path) -> None:
    write_outputs({output / path: text for path, text in files.items()})
    say(f"{len(files)} files written to {output}")


def check_mlflow() -> None:
    """Raise UnsupportedError where there is no MLflow, before anything is learnt."""
    from leadweights.integrations.mlflow import check_installed

    check_installed()


def log_to_mlflow(found: Fit | ScoringModel, name: str, *, champion: bool = False) -> None:
    """Log a fit, or register a model as champion; say where it is, or warn that it is not there."""
    from leadweights.integrations.mlflow import try_to_log

    if champion:
        asked = {"registered_name": name, "alias": "champion", "pipeline_stage": "promote"}
        uri, problem = try_to_log(found, name=name, **asked)
    else:
        uri, problem = try_to_log(found, name=name)
    if problem:
        warn([problem])
    else:
        say(f"logged to MLflow: {name}, model {str(uri).rpartition('/')[2]}")
