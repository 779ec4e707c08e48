"""The commands that hold one model against another: diff, challenge."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import (
    FILE,
    ModelFile,
    json_option,
    reads_tables,
    seed_option,
    tell,
    warn,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.model.file import load
from leadweights.tables.file import File

_MODEL = ModelFile(path_type=Path, readable=False)


@click.command(cls=Command)
@click.argument("before", type=_MODEL)
@click.argument("after", type=_MODEL)
@json_option
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Say in what the model AFTER differs from BEFORE: weights, levels, cuts, rules, label.

    A model is a model.json, or the folder that fit wrote.
    """
    from leadweights.lifecycle.challenger.diff import diff
    from leadweights.reports.diff import diff_document, diff_text

    tell(as_json, diff_document, diff_text, diff(load(before), load(after)))


EXITS = {"promote": 0, "keep": 5, "not enough rows": 6}


@click.command(cls=Command)
@click.argument("champion", type=_MODEL)
@click.argument("challenger", type=_MODEL)
@click.argument("valid", type=FILE)
@click.option("--label", metavar="NAME", help="The label in VALID. [default: the models']")
@click.option("--gates", metavar="FILE", type=FILE, help="What must hold: a TOML file.")
@seed_option
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=OUTPUT,
    help="Write challenge.md, .json and .html, to be approved.",
)
@json_option
@reads_tables
def challenge(
    champion: Path,
    challenger: Path,
    valid: Path | File,
    label: str | None,
    gates: Path | None,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure CHALLENGER against CHAMPION on VALID, rows that neither has learnt from, and judge.

    A model is a model.json, or the folder that fit wrote, which knows the rows it has learnt from.
    Exit code 0: promote the challenger; 5: keep the champion; 6: not enough rows.
    """
    from leadweights.lifecycle.challenger.challenge import challenge
    from leadweights.reports.challenge import challenge_document, challenge_text

    if output is not None:
        from leadweights.reports.packet import write_packet
    folders = (champion.parent, challenger.parent)
    asked: dict[str, Any] = {"label": label, "gates": gates, "seed": seed}
    found = challenge(load(champion), load(challenger), valid, folders=folders, **asked)
    if output is not None:
        write_outputs({output / name: text for name, text in write_packet(found).items()}, output)
    tell(as_json, challenge_document, challenge_text, found)
    warn(found.warnings)
    sys.exit(EXITS[found.verdict])
