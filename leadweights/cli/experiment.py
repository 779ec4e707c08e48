"""The commands of an experiment: plan, assign, read."""

from __future__ import annotations

from pathlib import Path

import click

from leadweights.cli.options import (
    FILE,
    ModelFile,
    columns_option,
    dialect_option,
    json_option,
    key_option,
    reads_tables,
    tell,
    warn,
)
from leadweights.cli.outputs import CommandGroup
from leadweights.cli.score import split_names
from leadweights.model.file import load
from leadweights.tables.file import File

_held_out_option = click.option(
    "--held-out",
    type=float,
    default=0.1,
    show_default=True,
    help="The share of the leads that is held out.",
)


@click.group(cls=CommandGroup)
def experiment() -> None:
    """Hold leads out by chance, to know what the score was worth."""


@experiment.command()
@click.option("--rate", type=float, required=True, help="The share that converts as it is.")
@click.option("--lift", type=float, required=True, help="What to see: 0.3 is 30% more of that.")
@click.option(
    "--power", type=float, default=0.8, show_default=True, help="How surely it is to be seen."
)
@click.option(
    "--alpha", type=float, default=0.05, show_default=True, help="How often chance may look so."
)
@_held_out_option
@json_option
def plan(
    rate: float, lift: float, power: float, alpha: float, held_out: float, as_json: bool
) -> None:
    """Say how many leads it takes to see a lift of a conversion rate."""
    from leadweights.lifecycle.experiments.experiment import plan_experiment
    from leadweights.reports.experiment import plan_document, plan_text

    found = plan_experiment(rate, lift, power=power, alpha=alpha, held_out=held_out)
    tell(as_json, plan_document, plan_text, found)


@experiment.command()
@click.argument("model", type=ModelFile(path_type=Path, readable=False), required=False)
@key_option
@click.option("--salt", metavar="WORD", required=True, help="The experiment's name: draws anew.")
@_held_out_option
@dialect_option
@click.option(
    "--table",
    metavar="NAME",
    default="leads",
    show_default=True,
    help="The table to select from.",
)
@columns_option
def assign(
    model: Path | None,
    keys: tuple[str, ...],
    salt: str,
    held_out: float,
    dialect: str,
    table: str,
    columns: str | None,
) -> None:
    """Print a SELECT that draws an arm for each lead by a hash of its key, with MODEL's scores.

    Without MODEL it has the key and the arm alone.
    """
    from leadweights.lifecycle.experiments.arms import assign_arms

    text = assign_arms(
        None if model is None else load(model),
        key=keys or None,
        salt=salt,
        held_out=held_out,
        dialect=dialect,
        table=table,
        columns=split_names(columns),
    )
    click.echo(text, nl=False)


@experiment.command()
@click.argument("data", metavar="TABLE", type=FILE)
@click.option("--arm", metavar="NAME", default="arm", show_default=True, help="The column of arms.")
@click.option(
    "--held-out-arm",
    metavar="VALUE",
    default="held_out",
    show_default=True,
    help="What it holds for leads held out.",
)
@click.option(
    "--label",
    metavar="NAME",
    default="label",
    show_default=True,
    help="The column of outcomes, or an expression such as 'spend > 0'.",
)
@click.option("--positive", metavar="VALUE", multiple=True, help="Value of the label: converted.")
@click.option(
    "--negative", metavar="VALUE", multiple=True, help="... and not: rows with others are left out."
)
@_held_out_option
@json_option
@reads_tables
def read(
    data: Path | File,
    arm: str,
    held_out_arm: str,
    label: str,
    positive: tuple[str, ...],
    negative: tuple[str, ...],
    held_out: float,
    as_json: bool,
) -> None:
    """Say what became of both arms in a labelled TABLE: conversion, difference and lift."""
    from leadweights.lifecycle.experiments.experiment import read_experiment
    from leadweights.reports.experiment import experiment_document, experiment_text

    found = read_experiment(
        data,
        label=label,
        positive=positive,
        negative=negative,
        arm=arm,
        held_out_arm=held_out_arm,
        held_out=held_out,
    )
    tell(as_json, experiment_document, experiment_text, found)
    warn(found.warnings)
