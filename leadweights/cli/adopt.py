"""The command that carries another library's model over: adopt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadweights.cli.options import (
    FILE,
    json_option,
    key_option,
    reads_tables,
    rendering_options,
    say,
    tell,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.cli.score import split_names
from leadweights.files.manifest import NAME as MANIFEST
from leadweights.files.write import Content
from leadweights.model.file import to_json

if TYPE_CHECKING:
    from leadweights.formula.stages import Shape
    from leadweights.tables.file import File


@click.command(cls=Command)
@click.argument("model", type=FILE)
@click.argument("data", metavar="[ROWS]", type=FILE, required=False)
@click.option(
    "--columns", metavar="NAMES", help="The table's columns for the model's features, in order."
)
@key_option
@click.option(
    "--label", metavar="NAME", default="label", show_default=True, help="The column of outcomes."
)
@rendering_options
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
def adopt(
    model: Path,
    data: Path | File | None,
    columns: str | None,
    keys: tuple[str, ...],
    label: str,
    dialect: str,
    table: str,
    shape: Shape,
    output: Path,
    as_json: bool,
) -> None:
    """Carry MODEL, learnt by another library, over to a SELECT of the same scores, and prove it.

    MODEL is a file of skops, ONNX, LightGBM (.txt, .json), XGBoost (.json, .ubj) or CatBoost
    (.json); never a pickle. On ROWS both are asked, besides rows at every cut.
    """
    from leadweights.learn.adopted import adopt as adopting
    from leadweights.reports import adopt as report
    from leadweights.reports import layout
    from leadweights.reports import weights as weight_list
    from leadweights.sql import render as statement

    names = split_names(columns)
    found = adopting.adopt(model, columns=names, rows=data, keys=keys, label=label)
    texts: dict[str, Content] = {
        "model.json": to_json(found.model),
        "weights/weights.csv": weight_list.weights_csv(found.model),
        "parity.json": layout.document(report.proof_document(found)),
        "score.sql": statement.render(found.model, dialect=dialect, table=table, shape=shape),
    }
    files = [str(output / name) for name in (*texts, MANIFEST)]
    written = {output / name: text for name, text in texts.items()}
    outdated = write_outputs(written, output, basis="model.json")
    tell(as_json, report.adopted_document, report.adopted_text, found, files)
    for name in outdated:
        say(f"{output / name} is of the model that was there before")
