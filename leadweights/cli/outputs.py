"""What commands write: never over what they read, and told where nothing can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.help import sentence
from leadweights.cli.options import File, say
from leadweights.files.download import tell_copies
from leadweights.files.remote import RemotePath, is_url
from leadweights.files.write import Content, is_same, write_text

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit

_WRITTEN = "leadweights.written"
TAKE_URLS = (
    *("engine", "engines", "place", "store"),
    *("endpoint", "cache", "adjust_endpoint", "adjust_cache"),
)
"""Options that take the URL of a database."""


class OutputFile(File):
    """The name of a file to write; it may be that of the `model` which it takes the place of."""

    def __init__(self, *, replaces_model: bool = False) -> None:
        super().__init__(path_type=Path, readable=False)
        self.replaces_model = replaces_model

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse a place where nothing is written, before anything is done."""
        found = super().convert(value, param, ctx)
        if isinstance(found, RemotePath) and found.is_web:
            self.fail("behind https files are only read; write to s3://, az:// or gs://")
        return found


OUTPUT = OutputFile()


class Command(click.Command):
    """A command that does not write over what it reads."""

    def invoke(self, ctx: click.Context) -> Any:
        """Refuse an output that is an input, and a URL that is no file, before anything is done."""
        for option in self.params:
            value = ctx.params.get(option.name or "")
            if not isinstance(option.type, File) and option.name not in TAKE_URLS:
                _refuse_url(value, option)
            if isinstance(option.type, OutputFile) and value is not None:
                _refuse_inputs(ctx, value, replaces_model=option.type.replaces_model)
        with tell_copies(say):
            return super().invoke(ctx)


def _refuse_url(value: object, option: click.Parameter) -> None:
    """Refuse the URL of a file where no file is named: it would be told, or written."""
    for one in value if isinstance(value, tuple) else (value,):
        if is_url(one):
            raise click.UsageError(f"{option.opts[-1]} is no file, which alone may be a URL")


class CommandGroup(click.Group):
    """A group of such commands, one of those that `leadweights --help` lists."""

    command_class = Command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """List its commands, each with its whole first sentence."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence(own)) for name, own in self.commands.items()])


def held_back_files(found: Fit) -> dict[str, Content]:
    """Name the files of the rows that a fit held back, and of what knows those it learnt from."""
    from leadweights.decisions import learnt_rows
    from leadweights.decisions.fresh_rows import HELD_BACK
    from leadweights.model import baseline

    names = (HELD_BACK, f"{HELD_BACK}_last")
    held = zip(names, found.parts_held_back, strict=False)
    return {
        **{f"{name}{part.suffix}": part.write for name, part in held},
        learnt_rows.NAME: learnt_rows.learnt_rows_json(found.learnt_rows),
        baseline.NAME: baseline.baseline_json(found.baseline),
    }


def write_outputs(
    texts: Mapping[Path, Content], folder: Path | None = None, basis: str | None = None
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
