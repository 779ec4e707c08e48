"""What was typed, before a command reads it, and what is wrong with it."""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from leadweights.cli.help import GroupedCommands
from leadweights.cli.outputs import Command, list_written
from leadweights.errors import LeadweightsError
from leadweights.errors.shown import looks_like_url, show
from leadweights.files.remote import is_url

_TAKE_URLS = (
    *("--engine", "--store"),
    *("--endpoint", "--cache", "--adjust-endpoint", "--adjust-cache"),
)


class GuardedCommands(GroupedCommands):
    """A group of commands that neither takes a URL for a name nor repeats its secrets."""

    command_class = Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read what was typed."""
        with _explain_usage():
            return super().make_context(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse URLs before anything is read."""
        _refuse_urls(args)
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Say in one line that even the help cannot be written."""
        try:
            return super().main(*args, **kwargs)
        except OSError as problem:
            _drop_output()
            click.echo(f"Error: cannot write to standard output: {problem}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn a user's mistake into one line and exit 1."""
        from leadweights.cli import terminal

        if sys.stdout is None:
            raise click.ClickException("standard output is closed")
        # SQL and CSV are UTF-8 wherever they go; a terminal's own encoding may lack letters.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            with terminal.end_cleanly(), _explain_usage():
                result = super().invoke(ctx)
                sys.stdout.flush()
        except LeadweightsError as problem:
            for line in problem.details:
                click.echo(line, err=True)
            raise click.ClickException(str(problem)) from None
        except BrokenPipeError:
            raise
        except OSError as problem:
            _drop_output()
            said = f"cannot write to standard output: {problem}{list_written(ctx)}"
            raise click.ClickException(said) from None
        return result


def _drop_output() -> None:
    """Let go what standard output still holds: Python would fail again at its end, in its words."""
    with suppress(OSError, ValueError):  # it is no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _refuse_urls(typed: Sequence[str]) -> None:
    """Refuse a URL but after what takes one: as a name it would be told, or written.

    The URL of a file in the cloud passes: each command takes it where it takes a file.

    Raises UsageError.
    """
    for before, word in zip(["", *typed], typed, strict=False):
        takes = before in _TAKE_URLS or word.startswith(tuple(f"{name}=" for name in _TAKE_URLS))
        _, _, value = word.partition("=") if word.startswith("--") else ("", "", word)
        if looks_like_url(word) and not takes and not is_url(value):
            after = f"after {before}" if before.startswith("-") and len(before) < 20 else "here"
            raise click.UsageError(
                f"a URL, or a name with : and @ as in one, cannot stand {after}: it may have a "
                "password; a database's URL is given with --engine or --store"
            )


@contextmanager
def _explain_usage() -> Iterator[None]:
    """Say what was typed wrong in one line that repeats no secret. Raises UsageError."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as problem:
        raise click.UsageError(show(problem.format_message()), problem.ctx) from None
