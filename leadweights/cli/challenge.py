"""The commands that hold one model against another: diff, challenge."""

from __future__ import annotations

from pathlib import Path

import click

from leadweights.cli.options import ModelFile, json_option, tell
from leadweights.model.file import load

_MODEL = ModelFile(path_type=Path, readable=False)


@click.command()
@click.argument("before", type=_MODEL)
@click.argument("after", type=_MODEL)
@json_option
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Say in what the model AFTER differs from BEFORE: weights, levels, cuts, rules, label.

    A model is a model.json, or the folder that fit wrote.
    """
    from leadweights.lifecycle.diff import diff
    from leadweights.reports.diff import diff_document, diff_text

    tell(as_json, diff_document, diff_text, diff(load(before), load(after)))
