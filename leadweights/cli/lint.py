"""The command that looks for personal data: lint."""

from __future__ import annotations

from pathlib import Path

import click

from leadweights.cli.options import File, json_option, tell
from leadweights.cli.outputs import Command
from leadweights.errors import UnsupportedError


@click.command(cls=Command)
@click.argument("published", metavar="MODEL|FOLDER", type=File(path_type=Path, readable=False))
@click.option("--strict", is_flag=True, help="Exit with 1 where there is any.")
@json_option
def lint(published: Path, strict: bool, as_json: bool) -> None:
    """Look for personal data in what a model publishes, or all texts of a fit's folder.

    E-mail addresses, telephone, card and bank account numbers by their form; names, addresses and
    dates of birth by the names of columns. Of what is found, the first letters are shown.
    """
    from leadweights.lifecycle.lint import lint as look
    from leadweights.reports.lint import lint_document, lint_text

    found = look(published)
    tell(as_json, lint_document, lint_text, found)
    if strict and found:
        raise UnsupportedError(f"strict: {len(found)} texts are personal data, or may be")
