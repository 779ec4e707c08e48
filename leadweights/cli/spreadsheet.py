"""The command that writes a workbook: export xlsx."""

from __future__ import annotations

from pathlib import Path

import click

from leadweights.cli.options import model_argument, print_text
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.model.file import load

_NAME = "lead_scores.xlsx"


@click.command(cls=Command)
@model_argument
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="How many rows it scores.",
)
@click.option(
    "--output",
    metavar="DIR",
    type=OUTPUT,
    required=True,
    help=f"The folder of {_NAME}, or a file that ends in .xlsx.",
)
def xlsx(model: Path, rows: int, output: Path) -> None:
    """Write MODEL as a workbook: weights, means, and live formulas that score pasted rows.

    What is written is printed.
    """
    from leadweights.integrations.xlsx import export_xlsx

    book = export_xlsx(load(model), rows=rows)
    path = output if output.suffix.lower() == ".xlsx" else output / _NAME
    write_outputs({path: lambda place: place.write_bytes(book)})
    print_text(f"{path}\n")
