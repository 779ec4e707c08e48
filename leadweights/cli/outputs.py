"""What commands write: never over what they read, and told where nothing can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from leadweights.cli.options import File
from leadweights.files.write import is_same, write_text

_WRITTEN = "leadweights.written"


class OutputFile(File):
    """The name of a file to write; it may be that of the `model` which it takes the place of."""

    def __init__(self, *, replaces_model: bool = False) -> None:
        super().__init__(path_type=Path, readable=False)
        self.replaces_model = replaces_model


OUTPUT = OutputFile()


class Command(click.Command):
    """A command that does not write over what it reads."""

    def invoke(self, ctx: click.Context) -> Any:
        """Refuse an output that is an input, before anything is done."""
        for option in self.params:
            value = ctx.params.get(option.name or "")
            if isinstance(option.type, OutputFile) and value is not None:
                _refuse_inputs(ctx, value, replaces_model=option.type.replaces_model)
        return super().invoke(ctx)


def write_outputs(
    texts: Mapping[Path, str], folder: Path | None = None, basis: str | None = None
) -> tuple[str, ...]:
    """Write files as `files.write.write_text` does, none of which the command has read."""
    context = click.get_current_context()
    if folder is not None:
        for path in texts:
            _refuse_inputs(context, path)
    outdated = write_text(texts, folder, basis)
    note_written(texts)
    return outdated


def note_written(paths: Iterable[Path]) -> None:
    """Remember what is written, for `list_written`."""
    click.get_current_context().find_root().meta.setdefault(_WRITTEN, []).extend(paths)


def list_written(context: click.Context) -> str:
    """Say what a command has written, for when its own words cannot be printed."""
    paths = context.find_root().meta.get(_WRITTEN)
    return f"; written: {', '.join(map(str, paths))}" if paths else ""


def _refuse_inputs(context: click.Context, output: Path, *, replaces_model: bool = False) -> None:
    for option in context.command.params:
        value = context.params.get(option.name or "")
        is_input = isinstance(option.type, File) and not isinstance(option.type, OutputFile)
        if not is_input or value is None or (replaces_model and option.name == "model"):
            continue
        if is_same(output, value):
            raise click.UsageError(f"{output} is read; write to another file")
