"""The commands that write a model for what runs jobs: export github, export dvc."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import dialect_option, model_argument, print_text, together
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.model.file import load

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


def _write(files: Mapping[str, str], output: Path) -> None:
    """Write files, and print their names."""
    write_outputs({output / path: text for path, text in files.items()})
    print_text("".join(f"{output / path}\n" for path in files))
