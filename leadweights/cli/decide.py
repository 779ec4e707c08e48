"""The commands that say what a score means: threshold, calibrate, decide, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.options import (
    FILE,
    as_of_option,
    json_option,
    labelled_options,
    model_argument,
    print_text,
    reads_tables,
    say,
    seed_option,
    tell,
    warn,
)
from leadweights.cli.outputs import OUTPUT, Command, OutputFile, write_outputs
from leadweights.errors import UnsupportedError
from leadweights.formula.stages import ranked_by
from leadweights.model.file import load, to_json
from leadweights.tables.file import File

if TYPE_CHECKING:
    from leadweights.decisions.asks import Ask
    from leadweights.model.model import ScoringModel

new_model_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=OutputFile(replaces_model=True),
    help="Write the model that results.",
)


@click.command(cls=Command)
@labelled_options
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
@new_model_option
@json_option
@reads_tables
def threshold(
    model: Path,
    valid: Path | File | None,
    label: str | None,
    learnt_rows: bool,
    output: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Choose from which log-odds on leads are contacted, by outcomes in VALID.

    MODEL is a model.json, or the folder that fit wrote: then VALID may be left out, for the rows
    that were held back.
    """
    from leadweights.decisions.threshold import threshold
    from leadweights.reports.threshold import choice_document, choice_text

    found = threshold(
        load(model),
        valid,
        _read_ask(**asked),
        label=label,
        folder=model.parent,
        learnt_rows=learnt_rows,
    )
    if found.model is None:
        warn(found.warnings)
        if as_json:
            tell(as_json, choice_document, choice_text, found.choice)
        raise UnsupportedError(" ".join(choice_text(found.choice).split()))
    _write_model(found.model, output)
    tell(as_json, choice_document, choice_text, found.choice, by=ranked_by(found.model))
    warn(found.warnings)
    _say_written(output, "decision")


def _read_ask(**asked: Any) -> Ask:
    """Read the one thing that is asked for. Raises UnsupportedError for none and for several."""
    from leadweights.decisions.asks import Capacity, Precision, Profit, QueueRate, Recall

    if (asked["value_won"] is None) != (asked["cost_contact"] is None):
        raise UnsupportedError("a profit needs both a value won and a cost of a contact")
    kinds: dict[type[Ask], tuple[str, ...]] = {
        Precision: ("precision", "confidence"),
        Capacity: ("capacity",),
        QueueRate: ("queue_rate",),
        Recall: ("recall",),
        Profit: ("value_won", "cost_contact"),
    }
    asks = [
        kind(*(asked[name] for name in names))
        for kind, names in kinds.items()
        if asked[names[0]] is not None
    ]
    if len(asks) != 1:
        raise UnsupportedError(
            "ask a threshold for one thing: a precision, a capacity, a queue rate, a recall, or "
            "a value won and a cost of a contact"
        )
    return asks[0]


@click.command(cls=Command)
@labelled_options
@seed_option
@new_model_option
@json_option
@reads_tables
def calibrate(
    model: Path,
    valid: Path | File | None,
    label: str | None,
    learnt_rows: bool,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Say how far probabilities can be believed on VALID, and mend them if that helps.

    MODEL is a model.json, or the folder that fit wrote: then VALID may be left out, for the rows
    that were held back.
    """
    from leadweights.decisions.calibrate import calibrate
    from leadweights.reports.calibration import calibration_document, calibration_text

    options: dict[str, Any] = {"label": label, "seed": seed, "folder": model.parent}
    found = calibrate(load(model), valid, **options, learnt_rows=learnt_rows)
    if found.model is not None:
        _write_model(found.model, output)
    document, text = calibration_document, calibration_text
    tell(as_json, document, text, found.reliability, found.found, measured_on=found.measured_on)
    warn(found.warnings)
    if found.model is not None:
        _say_written(output, "calibrated_log_odds")
    elif output is not None:
        say(f"nothing is mended, so {output} is not written")


@click.command(cls=Command)
@model_argument
@click.option("--plan", metavar="FILE", type=FILE, help="What is decided: a TOML file.")
@click.option("--bands", metavar="PRESET", help="grades, hubspot or dynamics-365.")
@click.option("--data", metavar="FILE", type=FILE, help="Rows to take percentiles from.")
@as_of_option
@new_model_option
@json_option
@reads_tables
def decide(model: Path, output: Path | None, as_json: bool, **planned: Any) -> None:
    """Say what MODEL decides, and plan it: bands, actions, consent, decay, trend, rank and more."""
    from leadweights.decisions.apply import decide
    from leadweights.reports.rules import decisions_text

    found = load(model)
    asked = {name: value for name, value in planned.items() if value is not None}
    if asked:
        found = decide(found, **asked)
    _write_model(found, output)
    if as_json:
        click.echo(to_json(found), nl=False)
    else:
        print_text(decisions_text(found))
    if asked or output is not None:
        _say_written(output, "band")


def _write_model(model: ScoringModel, output: Path | None) -> None:
    """Write a model before anything is printed: the terminal may be gone, what was found is not."""
    if output is not None:
        write_outputs({output: to_json(model)})


def _say_written(output: Path | None, column: str) -> None:
    """Say what was written, or how to write it."""
    if output is None:
        say(f"Nothing is kept: with -o FILE the model that has {column!r} is written.")
    else:
        say(f"{output} written: leadweights sql {output} --columns {column}")


@click.command(cls=Command)
@labelled_options
@seed_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=OUTPUT,
    default="report.html",
    show_default=True,
    help="The page to write.",
)
@reads_tables
def report(
    model: Path,
    valid: Path | File | None,
    label: str | None,
    learnt_rows: bool,
    seed: int,
    output: Path,
) -> None:
    """Write a page on MODEL, measured on VALID or the rows its fit held back, to open offline."""
    from leadweights.cli import terminal
    from leadweights.reports.html import gather as reporting

    options: dict[str, Any] = {"label": label, "seed": seed, "folder": model.parent}
    options["learnt_rows"] = learnt_rows
    with terminal.line() as progress:
        text = reporting.report(load(model), valid, **options, progress=progress)
    write_outputs({output: text})
    say(f"{output} written: open it in a browser")
