"""The commands that learn from what became of leads: outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import (
    FILE,
    ModelFile,
    json_option,
    reads_tables,
    say,
    tell,
    together,
    warn,
)
from leadweights.cli.outputs import OUTPUT, CommandGroup, note_written
from leadweights.cli.storing import NamedStore, takes_store
from leadweights.model.file import load
from leadweights.tables.file import File

merge_options = together(
    click.option("--outcome", metavar="NAME", help="The column of OUTCOMES that says what became."),
    click.option("--won", metavar="VALUE", multiple=True, help="Its value for won,"),
    click.option("--lost", metavar="VALUE", multiple=True, help="... for lost,"),
    click.option(
        "--open",
        "open_values",
        metavar="VALUE",
        multiple=True,
        help="... and for not decided yet, as an empty one is; each may be repeated.",
    ),
    click.option(
        "--by",
        metavar="DAY",
        help="The day on which OUTCOMES were known. [default: when the last was decided]",
    ),
    click.option(
        "--window", metavar="DAYS", help="Leave out leads younger than that, such as 30d."
    ),
    click.option(
        "--scored-at", metavar="NAME", help="The day of a lead, for --window. [default: scored_at]"
    ),
    click.option("--closed-at", metavar="NAME", help="The day of an outcome."),
    click.option(
        "--conflicts",
        type=click.Choice(["refuse", "last", "first"]),
        default="refuse",
        show_default=True,
        help="Which outcome counts where a key is both won and lost.",
    ),
    click.option("--number-rows", is_flag=True, help="Number the rows of tables without the key."),
)


@click.group(cls=CommandGroup)
def outcomes() -> None:
    """Join what became of leads to what was scored."""


@outcomes.command()
@click.argument("leads", type=FILE, required=False)
@click.argument("results", metavar="[OUTCOMES]", type=FILE, required=False)
@click.option(
    "--key", "keys", metavar="NAME", multiple=True, required=True, help="What leads are known by."
)
@merge_options
@click.option(
    "--label", metavar="NAME", default="label", show_default=True, help="The column to write."
)
@takes_store(instead="The store that has what is not named.")
@click.option(
    "--model",
    type=ModelFile(path_type=Path, readable=False),
    help="Hold the base rate against that of this model.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=OUTPUT,
    required=True,
    help="The labelled rows: a .csv or .parquet file.",
)
@json_option
@reads_tables
def merge(
    leads: Path | File | None,
    results: Path | File | None,
    keys: tuple[str, ...],
    output: Path,
    model: Path | None,
    named: NamedStore | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Join OUTCOMES to LEADS by a key, and write the leads whose outcome is known, with a label.

    With --store OUTCOMES are by default those it holds, and LEADS the scores of its active version.
    """
    from leadweights.lifecycle.outcomes.merge import merge_outcomes
    from leadweights.reports.merge_outcomes import merged_document, merged_text

    known = None if model is None else load(model)
    store = None if named is None else named.open()
    first, second = leads or store, results or store
    if first is None or second is None:
        raise click.UsageError("name LEADS and OUTCOMES, or the --store that has them")
    found = merge_outcomes(first, second, output, key=keys, model=known, **asked)
    note_written([output])
    tell(as_json, merged_document, merged_text, found)
    warn(found.warnings)


@outcomes.command()
@click.argument("data", metavar="LABELLED", type=FILE)
@click.option("--key", metavar="NAME", required=True, help="The column that outcomes are known by.")
@click.option(
    "--label", metavar="NAME", default="label", show_default=True, help="The column with 1 and 0."
)
@click.option("--closed-at", metavar="NAME", help="The day of an outcome.")
@takes_store(by="--by")
@reads_tables
def record(
    data: Path | File,
    key: str,
    label: str,
    closed_at: str | None,
    named: NamedStore,
) -> None:
    """Write the outcomes of LABELLED, as merge writes it, into a store's table of outcomes."""
    from leadweights.lifecycle.store.outcomes import record_outcomes

    store = named.open()
    rows = record_outcomes(store, key, data, label=label, decided_at=closed_at)
    say(f"{rows:,} outcomes recorded in {store.shown}")
