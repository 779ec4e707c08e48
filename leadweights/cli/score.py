"""The commands that score: check-input, score."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.held import read_types_file
from leadweights.cli.options import (
    FILE,
    as_of_option,
    columns_option,
    dialect_option,
    json_option,
    key_option,
    reads_tables,
    say,
    tell,
)
from leadweights.cli.outputs import OUTPUT, Command, note_written
from leadweights.cli.prove import check_in_place
from leadweights.cli.storing import NamedStore, lets_model_be_left_out, takes_store
from leadweights.errors import TableError
from leadweights.model.file import load
from leadweights.tables.file import File, path_of

if TYPE_CHECKING:
    from leadweights.model.model import ScoringModel

_STANDARD_INPUT = Path("-")


@click.command("check-input", cls=Command)
@click.argument("model", type=FILE)
@click.argument("data", type=FILE, required=False)
@click.option("--engine", metavar="URL", help="Check a table there, in place of DATA,")
@click.option("--table", metavar="NAME", help="... called so.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="Rows that come back from there.",
)
@click.option(
    "--types",
    metavar="FILE",
    type=FILE,
    help="Check, too, that DATA keeps what these promise, which `sql --types` relied on.",
)
@dialect_option
@json_option
@reads_tables
def check_input(
    model: Path,
    data: Path | File | None,
    engine: str | None,
    table: str | None,
    sample: int,
    types: Path | None,
    dialect: str,
    as_json: bool,
) -> None:
    """Count the rows of DATA that hit each fill, cap and unseen level of MODEL, before scoring."""
    from leadweights.reports.check_input import check_text, failure, input_document
    from leadweights.scoring import check_input as checking

    if (engine is None) != (table is None) or (engine is None) != (data is not None):
        raise click.UsageError("name DATA, or a table with --engine URL --table")
    if types is not None and data is None:
        raise click.UsageError("--types is for DATA: a table behind a URL has types of its own")
    scored_by = load(model)
    if data is not None:
        promised = None if types is None else read_types_file(types, dialect)[1]
        found = checking.check_input(scored_by, data, promised)
    else:
        found = check_in_place(scored_by, str(engine), str(table), sample)
    tell(as_json, input_document, check_text, found, model=scored_by)
    if not found.scorable:
        raise TableError(failure(found))


@click.command(cls=Command)
@lets_model_be_left_out("data")
@click.argument("model", type=FILE, metavar="[MODEL]")
@click.argument("data", type=FILE, metavar="DATA", required=False)
@takes_store(
    by="--by",
    instead="Write to this store's table of scores; without MODEL by its active version.",
)
@key_option
@click.option(
    "--order-by",
    metavar="NAME",
    multiple=True,
    help="Sort by a key or a score; 'NAME desc' from the largest. May be repeated.",
)
@columns_option
@as_of_option
@click.option(
    "--adjustments", metavar="FILE", type=FILE, help="Factors by the keys: what adjust wrote."
)
@click.option("-o", "--output", metavar="FILE", type=OUTPUT, help="A .csv or .parquet file.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line, not CSV.")
@click.option(
    "--format",
    "crm",
    metavar="CRM",
    help="The file that dynamics-365, hubspot or salesforce imports; by --key the id,",
)
@click.option("--id-field", metavar="NAME", help="... that is called so there;")
@click.option(
    "--changed-since",
    metavar="FILE",
    type=FILE,
    help="... only rows that are others than in this earlier file with all rows, and the trend.",
)
@reads_tables
def score(
    model: Path | None,
    data: Path | File | None,
    named: NamedStore | None,
    keys: tuple[str, ...],
    order_by: tuple[str, ...],
    columns: str | None,
    as_of: str | None,
    adjustments: Path | None,
    output: Path | None,
    as_json: bool,
    crm: str | None,
    id_field: str | None,
    changed_since: Path | None,
) -> None:
    """Score DATA by running the SELECT of MODEL in DuckDB; CSV on stdout without -o.

    DATA may be -, standard input: one lead as a JSON object, JSON lines, or CSV.
    """
    if data is None:
        raise click.UsageError("Missing argument 'DATA'.")
    chosen = {"order-by": order_by, "columns": columns, "adjustments": adjustments}
    for_crm = {"format": crm, "id-field": id_field, "changed-since": changed_since}
    if named is not None:
        _refuse("the store has a table of its own", **chosen, output=output, **for_crm)
        _score_to_store(named, model, data, keys, as_of, as_json)
        return
    assert model is not None
    if crm is not None:
        _refuse("a CRM has columns of its own", **chosen, json=as_json)
        if len(keys) > 1:
            raise click.UsageError("a row of a CRM has one id: name one column with --key")
        asked: dict[str, Any] = {"key": keys[0] if keys else None, "id_field": id_field}
        _score_for_crm(load_until(model, as_of), data, crm, changed_since, output, **asked)
        return
    from leadweights.cli import terminal
    from leadweights.scoring import score as scoring

    for name, value in for_crm.items():
        if value is not None:
            raise click.UsageError(f"--{name} goes with --format")
    if as_json and output is not None:
        raise click.UsageError("--json is for standard output: without --output")
    found = load_until(model, as_of)
    options: dict[str, Any] = {"keys": keys or None, "order_by": order_by}
    options |= {"columns": split_names(columns), "adjustments": adjustments}
    with _hold(data) as rows_of, terminal.bar("scoring") as progress:
        options["progress"] = progress
        if output is None:
            pieces = (
                scoring.score_as_json(found, rows_of, **options)
                if as_json
                else scoring.score_as_csv(found, rows_of, **options)
            )
            first = next(pieces)  # all rows are scored by then
        else:
            rows = scoring.score_to_file(found, rows_of, output, **options)
    if output is None:
        for piece in chain([first], pieces):
            click.echo(piece, nl=False)
    else:
        note_written([output])
        say(f"{rows:,} rows scored into {output}")


def _refuse(why: str, **given: object) -> None:
    refused = [name for name, value in given.items() if value]
    if refused:
        raise click.UsageError(f"{why}: without --{refused[0]}")


def _score_for_crm(
    model: ScoringModel,
    data: Path | File,
    crm: str,
    changed_since: Path | None,
    output: Path | None,
    **asked: Any,
) -> None:
    from leadweights.cli import terminal
    from leadweights.integrations.crm import score_for_crm, score_for_crm_as_csv

    asked["changed_since"] = changed_since
    with _hold(data) as rows, terminal.bar("scoring") as progress:
        asked["progress"] = progress
        if output is None:
            pieces = score_for_crm_as_csv(model, rows, crm, **asked)
            first = next(pieces)  # all rows are scored by then
        else:
            found = score_for_crm(model, rows, output, crm, **asked)
    if output is None:
        for piece in chain([first], pieces):
            click.echo(piece, nl=False)
        return
    note_written([output])
    moved = f", {found.written:,} of them other than before" if changed_since else ""
    say(f"{found.scored:,} rows scored{moved}, into {output}")
    if found.gone:
        say(f"{found.gone:,} ids of {changed_since} are not in {path_of(data)} any more")


def _score_to_store(
    named: NamedStore,
    model: Path | None,
    data: Path | File,
    keys: tuple[str, ...],
    as_of: str | None,
    as_json: bool,
) -> None:
    from leadweights.cli import terminal
    from leadweights.lifecycle.store.registry import find_pushed
    from leadweights.lifecycle.store.scores import score_to_store
    from leadweights.reports.registry import run_document, run_text

    if len(keys) > 1:
        raise click.UsageError("a row of the store has one key: name one with --key")
    store = named.open()
    version = None if model is None else find_pushed(store, load(model)).version
    key = keys[0] if keys else None
    with _hold(data) as rows, terminal.bar("scoring") as progress:
        run = score_to_store(
            *(store, rows), version=version, key=key, as_of=as_of, progress=progress
        )
    tell(as_json, run_document, run_text, run)


@contextmanager
def _hold(data: Path | File) -> Iterator[Path | File]:
    """Give the file that is named; for - one with what comes from standard input."""
    from leadweights.scoring import standard_input

    if path_of(data) != _STANDARD_INPUT:
        yield data
        return
    if sys.stdin is None:
        raise TableError("standard input is closed")
    if sys.stdin.isatty():
        say("leads from standard input, as JSON or CSV; Ctrl-D ends them")
    with standard_input.hold(sys.stdin.buffer) as path:
        yield replace(data, path=path) if isinstance(data, File) else path


def split_names(names: str | None) -> list[str] | None:
    """Read names between commas."""
    return [name.strip() for name in names.split(",")] if names is not None else None


def load_until(model: Path, as_of: str | None) -> ScoringModel:
    """Read a model; its odds decay until another day if that is asked for."""
    found = load(model)
    if as_of is None:
        return found
    from leadweights.decisions import apply as planned

    return planned.move_to_day(found, as_of)
