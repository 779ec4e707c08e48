"""The manual pages, written from the commands themselves; `generated_docs` writes them."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from leadweights.cli.help import GROUPS, sentence
from leadweights.cli.main import main

FOLDER = Path("docs/man")
VERSION = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
SUMMARY = "learn lead-scoring weights, ship them as one SQL SELECT, prove the two equal"


def man_pages() -> dict[Path, str]:
    """Write a page for leadweights and one for each command: `man leadweights fit` finds it."""
    pages = {FOLDER / "leadweights.1": write_page("leadweights", SUMMARY, main_page())}
    for name, command in main.commands.items():
        title, told = f"leadweights-{name}", sentence(command)
        words = command_page(f"leadweights {name}", command)
        pages[FOLDER / f"{title}.1"] = write_page(title, told[0].lower() + told[1:], words)
    return pages


def write_page(title: str, told: str, lines: Iterable[str]) -> str:
    """Write a page with its head; without a date, so that the same code writes the same bytes."""
    head = f'.TH {title.upper()} 1 "" "leadweights {VERSION}" "User Commands"'
    named = [".SH NAME", f"{plain(title)} \\- {plain(told)}"]
    return "\n".join([head, ".ad l", *named, *lines]) + "\n"


def main_page() -> Iterator[str]:
    """Tell of all commands, group by group."""
    yield from (".SH SYNOPSIS", ".B leadweights", "COMMAND [ARGUMENT]...")
    yield from (".SH DESCRIPTION", *paragraphs(main.help or ""))
    for title, names in GROUPS.items():
        yield f".SS {title}"
        for name in names:
            told = f"{sentence(main.commands[name])}."
            yield from (".TP", f".BR leadweights\\-{plain(name)} (1)", plain(told))
    yield from options(main, "leadweights")
    yield from (".SH EXIT STATUS", "0 where all is well, 1 where a line on standard error says why")
    yield "not, 2 where the command line cannot be read."


def command_page(words: str, command: click.Command) -> Iterator[str]:
    """Tell how a command is called, what it does, its options; a group's commands one by one."""
    parts = command.commands if isinstance(command, click.Group) else {}
    yield ".SH SYNOPSIS"
    for name, part in (parts or {"": command}).items():
        called = f"{words} {name}".rstrip()
        pieces = part.collect_usage_pieces(_open(part, called))
        yield from (f".B {plain(called)}", plain(" ".join(pieces)), ".br")
    yield from (".SH DESCRIPTION", *paragraphs(command.help or ""))
    for name, part in parts.items():
        yield from (f".SH {plain(f'{words} {name}')}", *paragraphs(part.help or ""))
        yield from options(part, f"{words} {name}", ".SS Options")
    if not parts:
        yield from options(command, words)
    yield from (".SH SEE ALSO", ".BR leadweights (1)")


def _open(command: click.Command, words: str) -> click.Context:
    """Make the context that the command line does: a command keeps the help option of its first."""
    names = main.context_settings["help_option_names"]
    return click.Context(command, info_name=words, help_option_names=names)


def options(command: click.Command, words: str, title: str = ".SH OPTIONS") -> Iterator[str]:
    """Write each option as the help has it."""
    context = _open(command, words)
    yield title
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield from (".TP", f".B {plain(record[0])}", plain(" ".join(record[1].split())))


def paragraphs(text: str) -> Iterator[str]:
    """Write paragraphs."""
    for part in text.split("\n\n"):
        yield from (".PP", plain(" ".join(part.split())))


def plain(text: str) -> str:
    """Write a line of text in which nothing is a request or an escape."""
    for own, written in (("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ('"', "\\(dq")):
        text = text.replace(own, written)
    return f"\\&{text}" if text.startswith(".") else text
