"""The commands that write a model as files of other tools: export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import (
    FILE,
    ModelFile,
    columns_option,
    key_option,
    key_types_option,
    model_argument,
    print_text,
    warn,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.cli.score import split_names
from leadweights.model.file import load
from leadweights.sql.dialects import OF_DBT


@click.group()
def export() -> None:
    """Write a model as files of the tools where people already work."""


@export.command(cls=Command)
@model_argument
@click.option(
    "--relation",
    metavar="TEXT",
    required=True,
    help="What to select from, put in as it is for dbt to run: \"{{ ref('stg_leads') }}\".",
)
@click.option(
    "--dialect",
    type=click.Choice(OF_DBT, case_sensitive=False),
    default="duckdb",
    show_default=True,
    help="The warehouse of the dbt project.",
)
@click.option(
    "--name",
    metavar="NAME",
    default="lead_scores",
    show_default=True,
    help="What dbt calls the model.",
)
@key_option
@key_types_option
@columns_option
@click.option(
    "--materialized",
    type=click.Choice(["table", "view"]),
    default="table",
    show_default=True,
    help="What dbt makes of the SELECT.",
)
@click.option(
    "--challenger",
    metavar="MODEL",
    type=ModelFile(path_type=Path, readable=False),
    help="A second model, as version 2 of the first.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=FILE,
    help="What drift is held against. [default: baseline.json beside MODEL]",
)
@click.option(
    "--owner",
    metavar="NAME",
    default="sales",
    show_default=True,
    help="Who uses the scores: a name or an e-mail address.",
)
@click.option(
    "--output",
    metavar="DIR",
    type=OUTPUT,
    required=True,
    help="The folder of the dbt project.",
)
def dbt(
    model: Path,
    keys: tuple[str, ...],
    columns: str | None,
    challenger: Path | None,
    baseline: Path | None,
    output: Path,
    **asked: Any,
) -> None:
    """Write MODEL into a dbt project: its SELECT, a contract, tests, golden rows, an exposure.

    The golden rows are a seed, made for the model, with what Python gives for them. A test holds
    the SELECT, as it stands in its file, against them: scores must be the same, probabilities at
    most 2 ulp apart. Another holds the relation against the model's baseline: it warns where
    `leadweights monitor` says watch, and fails where it says act. What is written is printed, a
    file a line.
    """
    from leadweights.integrations.dbt import export_dbt
    from leadweights.model.baseline import NAME, find_baseline, load_baseline

    found = load(model)
    own = find_baseline(found, model) if baseline is None else load_baseline(baseline)
    if own is None:
        warn([f"there is no {NAME} beside {model}, as fit writes it: drift is not tested"])
    versions: dict[str, Any] = {"baseline": own}
    if challenger is not None:
        other = load(challenger)
        versions["challenger"] = other
        versions["challenger_baseline"] = find_baseline(other, challenger)
    files = export_dbt(
        found,
        keys=keys or None,
        columns=split_names(columns),
        **versions,
        **asked,
    )
    write_outputs({output / path: text for path, text in files.items()})
    print_text("".join(f"{output / path}\n" for path in files))


@export.command(cls=Command)
@model_argument
@click.option(
    "--output", metavar="DIR", type=OUTPUT, required=True, help="The folder of the web page."
)
def javascript(model: Path, output: Path) -> None:
    """Write MODEL as a module of JavaScript that scores one lead, and its types.

    The module needs nothing else: score(lead) takes an object of the columns, and gives the score
    to the bit of the SELECT, decisions, reasons, what each column adds and what is missing; model
    has what a form needs to ask for a lead. Ranks need all leads, and are not there.
    """
    from leadweights.integrations.javascript import export_javascript

    files = export_javascript(load(model))
    write_outputs({output / path: text for path, text in files.items()})
    print_text("".join(f"{output / path}\n" for path in files))
