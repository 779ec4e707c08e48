"""The commands that write a model for what runs jobs: export github, dvc, airflow."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import (
    FILE,
    columns_option,
    dialect_option,
    key_option,
    key_types_option,
    model_argument,
    print_text,
    together,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.cli.retrain import retrain as retraining
from leadweights.cli.score import split_names
from leadweights.model.file import load
from leadweights.sql.dialects import OF_DBT

_learning = together(
    model_argument,
    click.option("--data", metavar="FILE", required=True, help="Labelled rows, in the repository."),
    click.option("--valid", metavar="FILE", help="Rows to measure on."),
    click.option("--dictionary", metavar="FILE", help="What each column means."),
)
_challenging = together(
    click.option(
        "--champion", metavar="MODEL", help="The model in force, to hold the new one against."
    ),
    click.option("--gates", metavar="FILE", help="What must hold for it: a TOML file."),
    dialect_option,
)
_repository = click.option(
    "--output", metavar="DIR", type=OUTPUT, required=True, help="The folder of the repository."
)


@click.command(cls=Command)
@_learning
@_challenging
@_repository
def github(model: Path, output: Path, **asked: Any) -> None:
    """Write a workflow of GitHub Actions that learns anew as MODEL was learnt, and proves it.

    Every night, and when a file changes, it fits, proves the SELECT on all rows, and keeps what was
    written as an artefact. With --champion it challenges that, tells the verdict and keeps the
    packet. The files are named as they stand in the repository.
    """
    from leadweights.integrations.github import export_github

    _write(export_github(load(model), **asked), output)


@click.command(cls=Command)
@_learning
@click.option("--current", metavar="FILE", help="The leads of today, to watch.")
@_challenging
@click.option(
    "--output", metavar="DIR", type=OUTPUT, required=True, help="The folder of the pipeline."
)
def dvc(model: Path, output: Path, **asked: Any) -> None:
    """Write a pipeline of DVC that learns anew as MODEL was learnt, proves, watches, challenges.

    What has not changed is not run again. Where the monitor says act, its stage fails; watch, and
    all verdicts on a champion, are results. The files are named as they stand from DIR.
    """
    from leadweights.integrations.dvc import export_dvc, refuse_others

    files = export_dvc(load(model), **asked)
    refuse_others(output)
    _write(files, output)


@click.command(cls=Command)
@model_argument
@click.option("--table", metavar="NAME", required=True, help="The table of leads, to select from.")
@click.option(
    "--into",
    metavar="NAME",
    default="lead_scores",
    show_default=True,
    help="The table of scores, made where it is not there.",
)
@click.option(
    "--dialect",
    type=click.Choice(OF_DBT, case_sensitive=False),
    default="postgres",
    show_default=True,
    help="The warehouse.",
)
@click.option(
    "--conn-id",
    metavar="ID",
    default="warehouse",
    show_default=True,
    help="The connection of Airflow to it.",
)
@click.option(
    "--name",
    metavar="NAME",
    default="lead_scores",
    show_default=True,
    help="What Airflow calls the DAG.",
)
@key_option
@key_types_option
@columns_option
@click.option(
    "--baseline",
    metavar="FILE",
    type=FILE,
    help="What drift is held against. [default: baseline.json beside MODEL]",
)
@click.option(
    "--retrain",
    metavar="WORDS",
    help="Where leads moved, run leadweights retrain with these words, without --store.",
)
@click.option(
    "--view",
    metavar="NAME",
    help="Score by this view, which registry activate --view made: the active version's SELECT.",
)
@click.option(
    "--schedule", metavar="TEXT", default="@daily", show_default=True, help="When it runs."
)
@click.option("--output", metavar="DIR", type=OUTPUT, required=True, help="The folder of the DAGs.")
def airflow(
    model: Path,
    keys: tuple[str, ...],
    columns: str | None,
    baseline: Path | None,
    retrain: str | None,
    output: Path,
    **asked: Any,
) -> None:
    """Write MODEL as a DAG of Airflow 3: scores every day, the monitor's gate, a branch to retrain.

    The SELECT runs in the warehouse, by a connection of Airflow, into a table, all rows in one
    transaction. The run fails where the gate says act, or there are no leads; with --retrain it
    then has retrained, and somebody reads the packet. By --view the scores are those of the version
    that is active when it runs; without it they are MODEL's until it is exported anew.
    """
    from leadweights.cli.monitor import need_baseline
    from leadweights.integrations.airflow import export_airflow
    from leadweights.model.baseline import load_baseline

    found = load(model)
    files = export_airflow(
        found,
        baseline=need_baseline(found, model) if baseline is None else load_baseline(baseline),
        keys=keys or None,
        columns=split_names(columns),
        retrain=_read_words(retrain or ""),
        **asked,
    )
    _write(files, output)


def _read_words(text: str) -> list[str]:
    """Part words as a shell does, and refuse what `retrain` would not understand."""
    try:
        words = shlex.split(text)
    except ValueError as problem:
        raise click.UsageError(f"--retrain: {problem}") from None
    if words:
        try:
            retraining.make_context("retrain", list(words))
        except click.UsageError as problem:
            raise click.UsageError(f"--retrain: {problem.format_message()}") from None
    return words


def _write(files: Mapping[str, str], output: Path) -> None:
    """Write files, and print their names."""
    write_outputs({output / path: text for path, text in files.items()})
    print_text("".join(f"{output / path}\n" for path in files))
