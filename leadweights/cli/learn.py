"""The commands that learn: fit, compare, columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leadweights.cli import platforms, terminal
from leadweights.cli.options import (
    FILE,
    choose_place,
    decide_as_option,
    find_limits,
    held_back_option,
    is_given,
    json_option,
    learning_options,
    make_recipe,
    place_options,
    preparing_options,
    reads_tables,
    rendering_options,
    say,
    tell,
    train_argument,
    warn,
)
from leadweights.cli.outputs import OUTPUT, Command, held_back_files, write_outputs
from leadweights.errors import OutputError
from leadweights.files.manifest import NAME as MANIFEST
from leadweights.files.write import Content, is_there
from leadweights.formula.stages import Shape
from leadweights.model.file import load, to_json
from leadweights.tables.file import File, path_of


@click.command(cls=Command)
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
@terminal.timings_option
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
        checks["limits"] = find_limits()
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


@click.command(cls=Command)
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
@terminal.timings_option
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
    asked = {"valid": valid, "models": models, "threshold": threshold, "limits": find_limits()}
    with terminal.line() as progress:
        found = comparing.compare(train, recipe, progress=progress, **asked)
    tell(as_json, comparisons.metrics_document, comparisons.comparison_text, found)
    warn(absent_first(found.warnings))


def _source_table(train: Path | File | None, table: str) -> str | None:
    """Tell whether the table's name says what to learn from, too, and not only what to select."""
    path = path_of(train)
    in_database = path is None or path.suffix.lower() in (".duckdb", ".ddb")
    return table if is_given("table") and in_database else None


def _only_folds(models: bool, learning: dict[str, Any]) -> None:
    """Refuse what splits the rows otherwise."""
    usual = {"valid": None, "split": "80/20", "time_column": None, "group": None}
    for name, value in usual.items():
        if learning[name] != value:
            option = name.replace("_", "-")
            raise click.UsageError(f"--folds splits the rows itself: without --{option}")
    if models:
        raise click.UsageError("--folds compares three models: without --models")


@click.command(cls=Command)
@train_argument
@preparing_options
@terminal.timings_option
@click.option("--write", metavar="FILE", type=OUTPUT, help="Write a dictionary to start from.")
@json_option
@reads_tables
def columns(train: Path | File, write: Path | None, as_json: bool, **preparing: Any) -> None:
    """Say what becomes of each column of TRAIN, and why; nothing is learnt."""
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
