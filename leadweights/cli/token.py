"""The command of tokens: who may ask a service, and what."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from leadweights.cli.options import FILE, json_option, say, tell, warn
from leadweights.cli.outputs import OUTPUT, CommandGroup, note_written
from leadweights.cli.storing import NamedStore, takes_store

_file_argument = click.argument("file", type=FILE)
_ROLES = ("score", "read", "admin")
_records_in_store = takes_store(
    by="--by", instead="The store that is served with these tokens: a line in its audit trail."
)


@click.group(cls=CommandGroup)
def token() -> None:
    """Keep the tokens that let programs and people ask a service."""


@token.command()
@click.argument("file", type=OUTPUT)
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=click.Choice(_ROLES),
    multiple=True,
    default=["score"],
    show_default=True,
    help="score: score leads; read: see the model, its SQL, metrics; admin: activate, roll back, "
    "export and erase a person. Each alone: name several.",
)
@click.option(
    "--until",
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Its last day, in UTC.",
)
@_records_in_store
def add(
    file: Path,
    name: str,
    roles: tuple[str, ...],
    until: datetime | None,
    named: NamedStore | None,
) -> None:
    """Add a token for NAME to FILE, and print it: it is shown this once and kept nowhere."""
    from leadweights.serve.tokens import add_token, warn_of_mode

    last: date | None = None if until is None else until.date()
    made = add_token(file, name, roles, until=last, store=None if named is None else named.open())
    note_written([file])
    click.echo(made)
    say(f"{file} has the token {name} ({', '.join(roles)}): its hash, not the token itself")
    warn(filter(None, [warn_of_mode(file)]))


@token.command("list")
@_file_argument
@json_option
def list_tokens(file: Path, as_json: bool) -> None:
    """List the names in FILE, what each may do, and until when."""
    from leadweights.serve.tokens import read_tokens, tokens_document, tokens_text, warn_of_mode

    tell(as_json, tokens_document, tokens_text, read_tokens(file))
    warn(filter(None, [warn_of_mode(file)]))


@token.command()
@click.argument("file", type=OUTPUT)
@click.argument("name")
@_records_in_store
def revoke(file: Path, name: str, named: NamedStore | None) -> None:
    """Take the token of NAME out of FILE; a service that runs refuses it within a second."""
    from leadweights.serve.tokens import revoke_token

    revoke_token(file, name, store=None if named is None else named.open())
    note_written([file])
    say(f"{file} has no token {name} any more")
