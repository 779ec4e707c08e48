"""The command line: parse, call one function, write files. The only room that prints."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import click
from click.core import ParameterSource

from leadweights.cli import adjust as adjusting_commands
from leadweights.cli import adopt as adopting_commands
from leadweights.cli import challenge as challenging_commands
from leadweights.cli import decide as deciding_commands
from leadweights.cli import experiment as experiment_commands
from leadweights.cli import export as exporting_commands
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
    FILE,
    any_shape_options,
    as_of_option,
    choose_place,
    columns_option,
    decide_as_option,
    held_back_option,
    json_option,
    key_option,
    learning_options,
    make_recipe,
    model_argument,
    place_options,
    preparing_options,
    print_text,
    reads_tables,
    rendering_options,
    say,
    tell,
    train_argument,
    warn,
)
from leadweights.cli.outputs import OUTPUT, held_back_files, write_outputs
from leadweights.cli.score import load_until, split_names
from leadweights.errors import OutputError
from leadweights.files.manifest import NAME as MANIFEST
from leadweights.files.write import Content, is_there
from leadweights.formula.stages import BY_WEIGHTS, Shape
from leadweights.model.file import load, to_json
from leadweights.tables.file import File, path_of

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
@click.argument("train", type=FILE, required=False)
@learning_options
@rendering_options
@click.option(
    "--strict", is_flag=True, help="Refuse columns that give the outcome away, and personal data."
)
@place_options
@held_back_option
@decide_as_option
@click.option(
    "--mlflow", "logged_as", metavar="NAME", help="Log all to MLflow, the model so called."
)
@click.option("--dry-run", is_flag=True, help="Print what --dialect would be asked; write nothing.")
@click.option(
    "--output",
    metavar="DIR",
    type=OUTPUT,
    default="outputs",
    show_default=True,
    help="The folder to write.",
)
@json_option
@reads_tables
def fit(
    train: Path | File | None,
    dialect: str,
    table: str,
    shape: Shape,
    output: Path,
    as_json: bool,
    strict: bool,
    held_back: bool,
    decide_as: Path | None,
    engine: str | None,
    memory: str | None,
    scratch: bool,
    dry_run: bool,
    logged_as: str | None,
    **learning: Any,
) -> None:
    """Learn weights from TRAIN, compare, prove the SQL and write everything to a folder.

    TRAIN may be larger than memory, or a table behind --engine: see docs/large.md.
    """
    from leadweights.cli import terminal
    from leadweights.learn import fit as fitting
    from leadweights.learn.fit import learning_queries
    from leadweights.reports import columns as preparation
    from leadweights.reports import compare as comparisons
    from leadweights.reports import layout, notes
    from leadweights.reports import parity as certificate
    from leadweights.reports import weights as weight_list
    from leadweights.reports.fit import fit_document, fit_text
    from leadweights.sql import render as statement

    if train is None and engine is None:
        raise click.UsageError("name TRAIN, or --engine with a --table")
    valid = learning.pop("valid")
    if dry_run:
        if train is None or valid is not None:
            raise click.UsageError("--dry-run needs TRAIN, an extract of the table, alone")
        if scratch:
            raise click.UsageError("--dry-run makes no table: without --scratch")
        recipe = make_recipe(learning)
        asked = learning_queries(train, recipe, dialect=dialect, table=table)
        click.echo(";\n".join(asked) + ";", nl=False)
        return
    if logged_as is not None:
        platforms.check_mlflow()
    recipe = make_recipe(learning)
    place = choose_place(train, _source_table(train, table), engine, memory, scratch=scratch)
    with terminal.line() as progress:
        checks: dict[str, Any] = {"strict": strict, "held_back": held_back}
        checks["decide_as"] = decide_as and load(decide_as)
        found = fitting.fit(train, recipe, valid=valid, place=place, progress=progress, **checks)
    texts: dict[str, Content] = {
        "model.json": to_json(found.model),
        "equal_weights.json": to_json(found.equal_weights),
        "weights/weights.csv": weight_list.weights_csv(found.model),
        "metrics.json": layout.document(comparisons.metrics_document(found.comparison, found.last)),
        "columns.json": layout.document(
            preparation.columns_document(found.columns, found.suspects)
        ),
        "parity.json": layout.document(certificate.of_fit(found)),
        "score.sql": statement.render(found.model, dialect=dialect, table=table, shape=shape),
        **held_back_files(found),
    }
    files = [str(output / name) for name in (*texts, MANIFEST)]
    written = {output / name: text for name, text in texts.items()}
    outdated = write_outputs(written, output, basis="model.json")
    tell(as_json, fit_document, fit_text, found, files)
    columns_file = str(output / "columns.json")
    for note in notes.note_lines(found, columns_file):
        say(note)
    for name in outdated:
        say(f"{output / name} is of the model that was there before")
    warn(notes.warning_lines(found, columns_file))
    if logged_as is not None:
        platforms.log_to_mlflow(found, logged_as)


@main.command()
@train_argument
@learning_options
@click.option("--models", is_flag=True, help="All models there are, and the price of SQL.")
@click.option(
    "--threshold",
    type=float,
    help="With --models: call a row positive from this probability on. [default: 0.5]",
)
@click.option(
    "--folds",
    type=click.IntRange(2),
    metavar="N",
    help="Learn and measure N times, each time on another Nth of the rows.",
)
@json_option
@reads_tables
def compare(
    train: Path | File,
    models: bool,
    threshold: float | None,
    folds: int | None,
    as_json: bool,
    **learning: Any,
) -> None:
    """Compare equal weights, logistic regression and their strongest rivals on TRAIN."""
    from leadweights.cli import terminal
    from leadweights.learn import compare as comparing
    from leadweights.reports import compare as comparisons
    from leadweights.reports.notes import absent_first

    if threshold is not None and not models:
        raise click.UsageError("--threshold goes with --models")
    if folds is not None:
        _only_folds(models, learning)
        recipe = make_recipe(learning)
        with terminal.line() as progress:
            crossed = comparing.cross_validate(train, recipe, count=folds, progress=progress)
        tell(as_json, comparisons.folds_document, comparisons.folds_text, crossed)
        return
    valid = learning.pop("valid")
    recipe = make_recipe(learning)
    asked = {"valid": valid, "models": models, "threshold": threshold}
    with terminal.line() as progress:
        found = comparing.compare(train, recipe, progress=progress, **asked)
    tell(as_json, comparisons.metrics_document, comparisons.comparison_text, found)
    warn(absent_first(found.warnings))


def _source_table(train: Path | File | None, table: str) -> str | None:
    """Tell whether the table's name says what to learn from, too, and not only what to select."""
    path = path_of(train)
    in_database = path is None or path.suffix.lower() in (".duckdb", ".ddb")
    return table if _is_given("table") and in_database else None


def _is_given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) != ParameterSource.DEFAULT


def _only_folds(models: bool, learning: dict[str, Any]) -> None:
    """Refuse what splits the rows otherwise."""
    usual = {"valid": None, "split": "80/20", "time_column": None, "group": None}
    for name, value in usual.items():
        if learning[name] != value:
            option = name.replace("_", "-")
            raise click.UsageError(f"--folds splits the rows itself: without --{option}")
    if models:
        raise click.UsageError("--folds compares three models: without --models")


@main.command()
@train_argument
@preparing_options
@click.option("--write", metavar="FILE", type=OUTPUT, help="Write a dictionary to start from.")
@json_option
@reads_tables
def columns(train: Path | File, write: Path | None, as_json: bool, **preparing: Any) -> None:
    """Say what becomes of each column of TRAIN, and why; nothing is learnt."""
    from leadweights.cli import terminal
    from leadweights.learn import fit as fitting
    from leadweights.reports import columns as preparation
    from leadweights.reports.notes import key_lines

    if write is not None and preparing["dictionary"] is not None:
        raise click.UsageError("--write starts a dictionary; edit the one given with --dictionary")
    recipe = make_recipe(preparing)
    with terminal.line() as progress:
        decisions, suspects = fitting.columns(train, recipe, progress=progress)
    if write is not None:
        if is_there(write):
            raise OutputError(f"{write} is there already; move it, or write to another file")
        write_outputs({write: preparation.dictionary_text(decisions, suspects)})
    tell(as_json, preparation.columns_document, preparation.columns_text, decisions, suspects)
    for note in key_lines(decisions):
        say(note)
    if write is not None:
        say(f"{write} written: edit it and pass it with --dictionary")


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
            if _is_given(name):
                option = {"keys": "key"}.get(name, name).replace("_", "-")
                raise click.UsageError(f"--monitor counts rows: without --{option}")
    if expression:
        # An expression has no FROM: it could only ignore them.
        for name, option in (("keys", "key"), ("table", "table"), *((n, n) for n in there)):
            if _is_given(name):
                option = option.replace("_", "-")
                raise click.UsageError(f"--expression is no SELECT: without --{option}")
    chosen, found = split_names(columns), load_until(model, as_of)
    if shape == BY_WEIGHTS and (expression or any(there.values())):
        raise click.UsageError("the table of weights is read by a SELECT, of columns as they were")
    if there["engine"] is not None and not _is_given("dialect"):
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
