"""The command line: parse, call one function, write files. The only room that prints."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from leadweights.dialects import DIALECTS
from leadweights.errors import (
    LeadweightsError,
    OutputError,
    ParityError,
    TableError,
    UnsupportedError,
)
from leadweights.files import is_same, is_there, write_text
from leadweights.model_file import load, to_json
from leadweights.results import SHAPES, Shape, ranked_by

if TYPE_CHECKING:
    from leadweights.model import ScoringModel

# Rooms that bring in numpy, DuckDB, scikit-learn or sqlglot are imported by the command that
# needs them: `--help` answers at once.

Command = TypeVar("Command", bound=Callable[..., Any])


class _Group(click.Group):
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Say in one line that even the help cannot be written."""
        try:
            return super().main(*args, **kwargs)
        except OSError as problem:
            click.echo(f"Error: cannot write to standard output: {problem}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Turn a user's mistake into one line and exit 1."""
        if sys.stdout is None:
            raise click.ClickException("standard output is closed")
        # SQL and CSV are UTF-8 wherever they go; a terminal's own encoding may lack letters.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except LeadweightsError as problem:
            raise click.ClickException(" ".join(str(problem).split())) from None
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise click.ClickException(f"cannot write to standard output: {problem}") from None
        return result


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadweights")
def main() -> None:
    """Learn lead-scoring weights, ship them as one SQL SELECT, prove the two equal."""


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


class _Penalty(click.ParamType["float | str"]):
    name = "float|auto"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """Read a number or the word auto."""
        return "auto" if value == "auto" else click.FLOAT.convert(value, param, ctx)


class _File(click.Path):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse a name that is empty, which would mean the folder one is in."""
        if not str(value):
            self.fail("an empty name is no file", param, ctx)
        return super().convert(value, param, ctx)


_FILE = _File(path_type=Path, readable=False)
_key = click.option("--key", "keys", metavar="NAME", multiple=True, help="Column to pass through.")
_columns = click.option("--columns", metavar="NAMES", help="Result columns, between commas.")
_as_of = click.option("--as-of", metavar="DAY", help="The day until which the odds decay.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
_preparing = _options(
    click.argument("train", type=_FILE),
    click.option("--label", metavar="NAME", default="label", show_default=True),
    _key,
    click.option("--exclude", metavar="NAME", multiple=True, help="Column not to learn from."),
    click.option("--dictionary", metavar="FILE", type=_FILE, help="What each column means."),
    click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True),
)
_learning = _options(
    _preparing,
    click.option("--valid", metavar="FILE", type=_FILE, help="Rows to measure on."),
    click.option(
        "--split",
        metavar="SHARES",
        default="80/20",
        show_default=True,
        help="Rows to learn from and to measure on; a third share for a last table.",
    ),
    click.option("--time-column", metavar="NAME", help="Split forward in time by this column."),
    click.option("--group", metavar="NAME", help="Keep rows with one value here together."),
    click.option(
        "--c",
        type=_Penalty(),
        default=1.0,
        show_default=True,
        help="Inverse strength of the L2 penalty, or auto: by cross-validation.",
    ),
)
_rendering = _options(
    click.option(
        "--dialect",
        type=click.Choice(list(DIALECTS), case_sensitive=False),
        default="duckdb",
        show_default=True,
    ),
    click.option("--table", metavar="NAME", default="leads", show_default=True),
    click.option("--shape", type=click.Choice(SHAPES), default="standardized", show_default=True),
)


@main.command()
@_learning
@_rendering
@click.option("--strict", is_flag=True, help="Refuse columns that may give the outcome away.")
@click.option("--output", metavar="DIR", type=_FILE, default="outputs", show_default=True)
@_json
def fit(
    train: Path,
    dialect: str,
    table: str,
    shape: Shape,
    output: Path,
    as_json: bool,
    **learning: Any,
) -> None:
    """Learn weights from TRAIN, compare, prove the SQL and write everything to a folder."""
    from leadweights import fitting, statement, summary, weight_list

    found = fitting.fit(train, **learning)
    texts = {
        "model.json": to_json(found.model),
        "equal_weights.json": to_json(found.equal_weights),
        "weights/weights.csv": weight_list.weights_csv(found.model),
        "metrics.json": summary.document(summary.metrics_document(found.comparison, found.last)),
        "columns.json": summary.document(summary.columns_document(found.columns, found.suspects)),
        "parity.json": summary.document(summary.proofs_document(found)),
        "score.sql": statement.render(found.model, dialect=dialect, table=table, shape=shape),
    }
    files = [str(output / name) for name in texts]
    write_text({output / name: text for name, text in texts.items()})
    for line in (*found.notes, *(f"warning: {warning}" for warning in found.warnings)):
        click.echo(line, err=True)
    if as_json:
        click.echo(summary.document(summary.fit_document(found, files)), nl=False)
    else:
        click.echo(summary.fit_text(found, files), nl=False)


@main.command()
@_learning
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
@_json
def compare(
    train: Path,
    models: bool,
    threshold: float | None,
    folds: int | None,
    as_json: bool,
    **learning: Any,
) -> None:
    """Compare equal weights, logistic regression and gradient boosting on TRAIN."""
    from leadweights import fitting, summary

    if threshold is not None and not models:
        raise click.UsageError("--threshold goes with --models")
    if folds is not None:
        _only_folds(models, learning)
        crossed = fitting.cross_validated(train, count=folds, **learning)
        if as_json:
            click.echo(summary.document(summary.folds_document(crossed)), nl=False)
        else:
            click.echo(summary.folds_text(crossed), nl=False)
        return
    found = fitting.compare(train, models=models, threshold=threshold, **learning)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        click.echo(summary.document(summary.metrics_document(found)), nl=False)
    else:
        click.echo(summary.comparison_text(found), nl=False)


def _only_folds(models: bool, learning: dict[str, Any]) -> None:
    """Take out what splits the rows otherwise, and refuse it where it was asked for."""
    usual = {"valid": None, "split": "80/20", "time_column": None, "group": None}
    for name, value in usual.items():
        if learning.pop(name) != value:
            option = name.replace("_", "-")
            raise click.UsageError(f"--folds splits the rows itself: without --{option}")
    if models:
        raise click.UsageError("--folds compares three models: without --models")


@main.command()
@_preparing
@click.option("--write", metavar="FILE", type=_FILE, help="Write a dictionary to start from.")
@_json
def columns(train: Path, write: Path | None, as_json: bool, **preparing: Any) -> None:
    """Say what becomes of each column of TRAIN, and why; nothing is learnt."""
    from leadweights import fitting, summary

    if write is not None and preparing["dictionary"] is not None:
        raise click.UsageError("--write starts a dictionary; edit the one given with --dictionary")
    decisions, suspects = fitting.columns(train, **preparing)
    if write is not None:
        if is_there(write):
            raise OutputError(f"{write} is there already; move it, or write to another file")
        write_text({write: summary.dictionary_text(decisions, suspects)})
        click.echo(f"{write} written: edit it and pass it with --dictionary", err=True)
    if as_json:
        click.echo(summary.document(summary.columns_document(decisions, suspects)), nl=False)
    else:
        click.echo(summary.columns_text(decisions, suspects), nl=False)


@main.command()
@click.argument("model", type=_FILE)
@_rendering
@_key
@_columns
@_as_of
@click.option("--expression", is_flag=True, help="Print one scalar expression instead.")
def sql(
    model: Path,
    dialect: str,
    table: str,
    shape: Shape,
    keys: tuple[str, ...],
    columns: str | None,
    as_of: str | None,
    expression: bool,
) -> None:
    """Print the SELECT of MODEL, a model.json."""
    from leadweights import statement

    if expression:
        _refuse_for_expression(("keys", "table"))
    chosen, found = _listed(columns), _loaded(model, as_of)
    if not expression:
        text = statement.render(
            found, dialect=dialect, table=table, keys=keys or None, shape=shape, columns=chosen
        )
    elif chosen is not None and len(chosen) != 1:
        raise click.UsageError("--expression prints one column; name one with --columns")
    else:
        column = chosen[0] if chosen else "lead_score"
        text = statement.expression(found, dialect=dialect, shape=shape, column=column)
    click.echo(text, nl=False)


def _refuse_for_expression(names: tuple[str, ...]) -> None:
    """Refuse options that an expression, which has no FROM, could only ignore."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) != ParameterSource.DEFAULT:
            option = name.removesuffix("s")
            raise click.UsageError(f"--expression is no SELECT: without --{option}")


@main.command()
@click.option("--format", "style", type=click.Choice(["text", "markdown"]), default="text")
@_json
def dialects(style: str, as_json: bool) -> None:
    """List the SQL dialects: the engines that prove each, and what was read of its documents."""
    from leadweights import dialect_words, summary

    if as_json:
        click.echo(summary.document(dialect_words.dialects_document()), nl=False)
    elif style == "markdown":
        click.echo(dialect_words.dialects_markdown(), nl=False)
    else:
        click.echo(dialect_words.dialects_text(), nl=False)


@main.command()
@click.argument("model", type=_FILE)
@click.option("--format", "style", type=click.Choice(["table", "csv", "json"]), default="table")
def weights(model: Path, style: str) -> None:
    """Print the weights of MODEL, a model.json."""
    from leadweights.weight_list import weights_csv, weights_json, weights_table

    writers = {"table": weights_table, "csv": weights_csv, "json": weights_json}
    click.echo(writers[style](load(model)), nl=False)


@main.command()
@click.argument("model", type=_FILE)
@click.argument("data", type=_FILE)
@_json
def verify(model: Path, data: Path, as_json: bool) -> None:
    """Prove on DATA, and on hostile values, that the SELECT of MODEL gives Python's numbers."""
    from leadweights import prove, summary

    parity = prove.verify(load(model), data)
    if as_json:
        click.echo(summary.document(summary.parity_document(parity)), nl=False)
    elif parity.holds:
        click.echo(summary.parity_text(parity), nl=False)
    if not parity.holds:
        raise ParityError(prove.failure(parity))


@main.command("check-input")
@click.argument("model", type=_FILE)
@click.argument("data", type=_FILE)
@_json
def check_input(model: Path, data: Path, as_json: bool) -> None:
    """Count the rows of DATA that hit each fill, cap and unseen level of MODEL, before scoring."""
    from leadweights import check_words, checking, summary

    scored_by = load(model)
    found = checking.check_input(scored_by, data)
    if as_json:
        click.echo(summary.document(summary.input_document(found)), nl=False)
    else:
        click.echo(check_words.check_text(found, scored_by), nl=False)
    if not found.scorable:
        raise TableError(check_words.failure(found))


@main.command()
@click.argument("model", type=_FILE)
@click.argument("data", type=_FILE)
@_key
@click.option(
    "--order-by",
    metavar="NAME",
    multiple=True,
    help="Sort by a key or a score; 'NAME desc' from the largest. May be repeated.",
)
@_columns
@_as_of
@click.option("-o", "--output", metavar="FILE", type=_FILE, help="A .csv or .parquet file.")
def score(
    model: Path,
    data: Path,
    keys: tuple[str, ...],
    order_by: tuple[str, ...],
    columns: str | None,
    as_of: str | None,
    output: Path | None,
) -> None:
    """Score DATA by running the SELECT of MODEL in DuckDB; CSV on stdout without -o."""
    from leadweights import scoring, terminal

    found = _loaded(model, as_of)
    options: dict[str, Any] = {"keys": keys or None, "order_by": order_by}
    options["columns"] = _listed(columns)
    with terminal.ended_cleanly():
        with terminal.bar("scoring") as progress:
            options["progress"] = progress
            if output is None:
                pieces = scoring.score_as_csv(found, data, **options)
                first = next(pieces)  # all rows are scored by then
            else:
                rows = scoring.score_to_file(found, data, output, **options)
        if output is None:
            for piece in chain([first], pieces):
                click.echo(piece, nl=False)
        else:
            click.echo(f"{rows:,} rows scored into {output}", err=True)


_labelled = _options(
    click.argument("model", type=_FILE),
    click.argument("valid", type=_FILE),
    click.option("--label", metavar="NAME", help="The label in VALID. [default: the model's]"),
)
_new_model = click.option(
    "-o", "--output", metavar="FILE", type=_FILE, help="Write the model that results."
)


@main.command()
@_labelled
@click.option("--precision", type=float, help="The largest queue that has this precision,")
@click.option(
    "--confidence",
    type=float,
    default=0.9,
    show_default=True,
    help="... with this confidence, whatever was looked at.",
)
@click.option("--capacity", type=int, metavar="ROWS", help="At most so many rows of VALID.")
@click.option("--queue-rate", type=float, help="At most this share of the rows.")
@click.option("--recall", type=float, help="The smallest queue with this share of the positives.")
@click.option("--value-won", type=float, help="The highest profit, at this value of a conversion")
@click.option("--cost-contact", type=float, help="... and this cost of a contact.")
@_new_model
@_json
def threshold(model: Path, valid: Path, output: Path | None, as_json: bool, **asked: Any) -> None:
    """Choose from which log-odds on leads are contacted, by outcomes in VALID."""
    from leadweights import choosing, summary, threshold_words

    found = choosing.threshold(load(model), valid, **asked)
    _warn(found.warnings)
    if as_json:
        click.echo(summary.document(threshold_words.choice_document(found.choice)), nl=False)
    elif found.model is not None:
        by = ranked_by(found.model)
        click.echo(threshold_words.choice_text(found.choice, by), nl=False)
    if found.model is None:
        raise UnsupportedError(threshold_words.choice_text(found.choice))
    _keep(found.model, output, "decision")


@main.command()
@_labelled
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@_new_model
@_json
def calibrate(
    model: Path, valid: Path, label: str | None, seed: int, output: Path | None, as_json: bool
) -> None:
    """Say how far probabilities can be believed on VALID, and mend them if that helps."""
    from leadweights import calibration_words, choosing, summary

    found = choosing.calibrate(load(model), valid, label=label, seed=seed)
    _warn(found.warnings)
    if as_json:
        told = calibration_words.calibration_document(found.reliability, found.found)
        click.echo(summary.document(told), nl=False)
    else:
        text = calibration_words.calibration_text(found.reliability, found.found, str(valid))
        click.echo(text, nl=False)
    if found.model is not None:
        _keep(found.model, output, "calibrated_log_odds")
    elif output is not None:
        click.echo(f"nothing is mended, so {output} is not written", err=True)


@main.command()
@click.argument("model", type=_FILE)
@click.option("--plan", metavar="FILE", type=_FILE, help="What is decided: a TOML file.")
@click.option("--bands", metavar="PRESET", help="grades, hubspot or dynamics-365.")
@click.option("--data", metavar="FILE", type=_FILE, help="Rows to take percentiles from.")
@_as_of
@_new_model
@_json
def decide(model: Path, output: Path | None, as_json: bool, **planned: Any) -> None:
    """Say what MODEL decides, and plan it: bands, actions, consent, adjustment, decay, rank."""
    from leadweights import choosing, decision_words

    found = load(model)
    asked = {name: value for name, value in planned.items() if value is not None}
    if asked:
        found = choosing.decide(found, **asked)
    if as_json:
        click.echo(to_json(found), nl=False)
    else:
        click.echo(decision_words.decisions_text(found), nl=False)
    if asked or output is not None:
        _keep(found, output, "band")


def _listed(names: str | None) -> list[str] | None:
    return [name.strip() for name in names.split(",")] if names is not None else None


def _loaded(model: Path, as_of: str | None) -> ScoringModel:
    """Read a model; its odds decay until another day if that is asked for."""
    found = load(model)
    if as_of is None:
        return found
    from leadweights import planned

    return planned.as_of(found, as_of)


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def _keep(model: ScoringModel, output: Path | None, column: str) -> None:
    """Write a model, or say how."""
    if output is None:
        click.echo(
            f"Nothing is kept: with -o FILE the model that has {column!r} is written.", err=True
        )
        return
    write_text({output: to_json(model)})
    click.echo(f"{output} written: leadweights sql {output} --columns {column}", err=True)


@main.command()
@_labelled
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@click.option(
    "-o", "--output", metavar="FILE", type=_FILE, default="report.html", show_default=True
)
def report(model: Path, valid: Path, label: str | None, seed: int, output: Path) -> None:
    """Write a page on MODEL, a model.json, measured on VALID, that opens offline."""
    from leadweights import reporting

    if is_same(output, model) or is_same(output, valid):
        raise click.UsageError(f"{output} is read; write to another file")
    text = reporting.report(load(model), valid, label=label, seed=seed, folder=model.parent)
    write_text({output: text})
    click.echo(f"{output} written: open it in a browser", err=True)
