"""The command line: parse, call one function, write files. The only room that prints."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from leadweights.cli import adjust as adjusting_commands
from leadweights.cli import adopt as adopting_commands
from leadweights.cli import challenge as challenging_commands
from leadweights.cli import decide as deciding_commands
from leadweights.cli import experiment as experiment_commands
from leadweights.cli import export as exporting_commands
from leadweights.cli import learn as learning_commands
from leadweights.cli import lint as linting_commands
from leadweights.cli import monitor as monitor_command
from leadweights.cli import outcomes as outcome_commands
from leadweights.cli import people as people_commands
from leadweights.cli import platforms, schedulers
from leadweights.cli import prove as proof_commands
from leadweights.cli import registry as store_commands
from leadweights.cli import retrain as retraining_commands
from leadweights.cli import score as scoring_commands
from leadweights.cli import serve as serving_commands
from leadweights.cli import spreadsheet as spreadsheet_commands
from leadweights.cli import token as token_commands
from leadweights.cli.door import GuardedCommands
from leadweights.cli.held import find_held, held_options
from leadweights.cli.options import (
    any_shape_options,
    as_of_option,
    columns_option,
    is_given,
    key_option,
    model_argument,
    print_text,
)
from leadweights.cli.score import load_until, split_names
from leadweights.formula.stages import BY_WEIGHTS, Shape
from leadweights.model.file import load

# Rooms that bring in numpy, DuckDB, scikit-learn or sqlglot are imported by the command that
# needs them: `--help` answers at once.


@click.group(
    cls=GuardedCommands,
    subcommand_metavar="COMMAND [ARGS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="leadweights")
def main() -> None:
    """Learn lead-scoring weights, ship them as one SQL SELECT, prove both equal."""


@main.command()
@model_argument
@any_shape_options
@key_option
@columns_option
@as_of_option
@click.option("--expression", is_flag=True, help="Print one scalar expression instead.")
@click.option(
    "--monitor",
    "monitors",
    is_flag=True,
    help="Print what watches it: a SELECT of drift by bin, and a gate of 0 and 1.",
)
@click.option("--gate", is_flag=True, help="Print the gate of --monitor alone.")
@held_options
def sql(
    model: Path,
    dialect: str,
    table: str,
    shape: Shape | Literal["table"],
    keys: tuple[str, ...],
    columns: str | None,
    as_of: str | None,
    expression: bool,
    monitors: bool,
    gate: bool,
    **there: Any,
) -> None:
    """Print the SELECT of MODEL, a model.json or the folder that has it."""
    from leadweights.sql import render as statement

    if monitors or gate:
        for name in ("keys", "columns", "shape", "as_of", "expression"):
            if is_given(name):
                option = {"keys": "key"}.get(name, name).replace("_", "-")
                raise click.UsageError(f"--monitor counts rows: without --{option}")
    if expression:
        # An expression has no FROM: it could only ignore them.
        for name, option in (("keys", "key"), ("table", "table"), *((n, n) for n in there)):
            if is_given(name):
                option = option.replace("_", "-")
                raise click.UsageError(f"--expression is no SELECT: without --{option}")
    chosen, found = split_names(columns), load_until(model, as_of)
    if shape == BY_WEIGHTS and (expression or any(there.values())):
        raise click.UsageError("the table of weights is read by a SELECT, of columns as they were")
    if there["engine"] is not None and not is_given("dialect"):
        dialect = ""
    own_keys = () if monitors or gate else keys or found.keys
    held, promised, dialect = find_held(found, own_keys, table, dialect, **there)
    if monitors or gate:
        baseline = monitor_command.need_baseline(found, model)
        chosen_sql: dict[str, Any] = {"dialect": dialect, "table": table, "held": held}
        text = monitor_command.monitor_sql(found, baseline, gate_alone=gate, **chosen_sql)
    elif not expression:
        asked: dict[str, Any] = {"shape": shape, "columns": chosen, "keys": keys or None}
        asked |= {"held": held, "promised": promised}
        text = statement.render(found, dialect=dialect, table=table, **asked)
    elif chosen is not None and len(chosen) != 1:
        raise click.UsageError("--expression prints one column; name one with --columns")
    else:
        column = chosen[0] if chosen else "lead_score"
        assert shape != BY_WEIGHTS
        text = statement.expression(found, dialect=dialect, shape=shape, column=column)
    click.echo(text, nl=False)


@main.command()
@model_argument
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print them.",
)
def weights(model: Path, style: str) -> None:
    """Print the weights of MODEL, a model.json or the folder that has it."""
    from leadweights.reports.weights import weights_csv, weights_json, weights_table

    writers = {"table": weights_table, "csv": weights_csv, "json": weights_json}
    (print_text if style == "table" else partial(click.echo, nl=False))(writers[style](load(model)))


exporting_commands.export.add_command(spreadsheet_commands.xlsx)
for _command in (
    learning_commands.fit,
    learning_commands.compare,
    learning_commands.columns,
    adopting_commands.adopt,
    proof_commands.verify,
    proof_commands.golden,
    proof_commands.dialects,
    scoring_commands.check_input,
    scoring_commands.score,
    adjusting_commands.adjust,
    serving_commands.serve,
    deciding_commands.threshold,
    deciding_commands.calibrate,
    deciding_commands.decide,
    deciding_commands.report,
    exporting_commands.export,
    linting_commands.lint,
    outcome_commands.outcomes,
    challenging_commands.challenge,
    challenging_commands.diff,
    retraining_commands.retrain,
    experiment_commands.experiment,
    store_commands.registry,
    store_commands.audit,
    people_commands.erase,
    people_commands.export_person,
    people_commands.retention,
    monitor_command.monitor,
    token_commands.token,
):
    main.add_command(_command)
for _target in (
    *(platforms.mlflow, platforms.azureml),
    *(schedulers.github, schedulers.dvc, schedulers.airflow),
):
    exporting_commands.export.add_command(_target)
