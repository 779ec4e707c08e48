"""The nightly command: retrain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from leadweights.cli.challenge import EXITS
from leadweights.cli.options import FILE, NumberOr, json_option, reads_tables, tell, together, warn
from leadweights.cli.outcomes import merge_options
from leadweights.cli.outputs import OUTPUT, Command, note_written
from leadweights.cli.storing import NamedStore, note_option, takes_store
from leadweights.tables.file import File

_recipe_options = together(
    click.option("--dictionary", metavar="FILE", type=FILE, help="What each column means."),
    click.option("--exclude", metavar="NAME", multiple=True, help="Column not to learn from."),
    click.option("--c", type=NumberOr("auto"), help="Inverse strength of the L2 penalty, or auto."),
    click.option(
        "--trees",
        type=NumberOr("none", "auto", "large", whole=True),
        help="Trees beside the weights.",
    ),
)


@click.command(cls=Command)
@click.argument("leads", type=FILE)
@click.argument("results", metavar="[OUTCOMES]", type=FILE, required=False)
@takes_store(by="--who")
@click.option(
    "--key", metavar="NAME", help="What leads are known by. [default: the champion's key]"
)
@merge_options
@click.option(
    "--label",
    metavar="NAME",
    help="What to call the outcome beside the leads. [default: the champion's label]",
)
@_recipe_options
@click.option("--gates", metavar="FILE", type=FILE, help="What must hold: a TOML file.")
@click.option("--promote", is_flag=True, help="Put a challenger that passes into service.")
@click.option(
    "--champion",
    "champion_folder",
    metavar="DIR",
    type=FILE,
    help="The folder that fit wrote for it, which knows the rows it has learnt from.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=OUTPUT,
    default="retrain",
    show_default=True,
    help="Where the packet and the challenger are left.",
)
@note_option
@json_option
@reads_tables
def retrain(
    leads: Path | File,
    results: Path | File | None,
    named: NamedStore,
    key: str | None,
    gates: Path | None,
    promote: bool,
    champion_folder: Path | None,
    output: Path,
    note: str,
    as_json: bool,
    dictionary: Path | None,
    exclude: tuple[str, ...],
    c: float | str | None,
    trees: int | str | None,
    **merging: Any,
) -> None:
    """Learn the active version anew from LEADS and what became of them; promote it if it may be.

    OUTCOMES are by default those the store holds. Exit code 0: the gates say promote; 5: keep the
    champion; 6: not enough rows.
    """
    from leadweights.cli import terminal
    from leadweights.lifecycle.retrain import retrain
    from leadweights.reports.packet import write_packet
    from leadweights.reports.retrain import retrained_document, retrained_text

    given = {"dictionary": dictionary, "exclude": exclude, "c": c, "trees": trees}
    options: dict[str, Any] = {
        name: value for name, value in given.items() if value not in (None, ())
    }
    merge = {name: value for name, value in merging.items() if value not in (None, (), False)}
    store = named.open()
    with terminal.line() as progress:
        found = retrain(
            *(store, leads, results, output),
            key=key,
            merge=merge,
            gates=gates,
            promote=promote,
            champion_folder=champion_folder,
            packet=write_packet,
            note=note,
            progress=progress,
            **options,
        )
    note_written([output])
    tell(as_json, retrained_document, retrained_text, found)
    warn((*found.merged.warnings, *found.challenge.warnings))
    sys.exit(EXITS[found.challenge.verdict])
