"""The commands for the people in the table: erase, export-person, retention."""

from __future__ import annotations

import re
from pathlib import Path

import click

from leadweights.cli.options import FILE, print_text, tell
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.cli.registry import secret_option
from leadweights.cli.storing import NamedStore, changing_store, takes_store

_key_option = click.option(
    "--key", metavar="NAME", required=True, help="The column that people's rows are known by."
)


@click.command(cls=Command)
@click.argument("values", nargs=-1)
@_key_option
@click.option("--file", metavar="FILE", type=FILE, help="The keys: a table with that column.")
@secret_option
@click.option(
    "--retrain",
    "train",
    metavar="FILE",
    type=FILE,
    help="Learn the versions that had learnt from them again, from these rows without theirs.",
)
@changing_store
def erase(
    values: tuple[str, ...],
    key: str,
    file: Path | None,
    secret: Path | None,
    train: Path | None,
    named: NamedStore,
    note: str,
    as_json: bool,
) -> None:
    """Remove people's rows from the scores and outcomes of a store, in one transaction.

    VALUES are their keys. With the secret it is said which versions had learnt from them.
    """
    from leadweights.cli import terminal
    from leadweights.lifecycle.store import people
    from leadweights.lifecycle.store.keys import read_keys_of, read_secret
    from leadweights.reports.people import erasure_document, erasure_text

    if bool(values) == (file is not None):
        raise click.UsageError("name the keys, or a --file that has them")
    if train is not None and secret is None:
        raise click.UsageError("--retrain needs --hmac-key, to know which versions had learnt")
    known = None if secret is None else read_secret(secret)
    wanted = read_keys_of(file, key) if file is not None else list(values)
    store = named.open()
    found = people.erase(store, key, wanted, secret=known, note=note)
    relearnt: dict[int, int] = {}
    if train is not None and known is not None:
        from leadweights.lifecycle.relearn import relearn

        with terminal.line() as progress:
            for version in found.learnt:
                new = relearn(store, version, train, key, wanted, known, progress=progress)
                relearnt[version] = new.version
    tell(as_json, erasure_document, erasure_text, found, relearnt)


@click.command("export-person", cls=Command)
@click.argument("value")
@_key_option
@secret_option
@takes_store(by="--by")
@click.option("-o", "--output", metavar="FILE", type=OUTPUT, help="Write to a file, not to stdout.")
def export_person(
    value: str,
    key: str,
    secret: Path | None,
    named: NamedStore,
    output: Path | None,
) -> None:
    """Give all that a store holds on the key VALUE, as JSON."""
    from leadweights.lifecycle.store import people
    from leadweights.lifecycle.store.keys import read_secret
    from leadweights.reports import layout

    known = None if secret is None else read_secret(secret)
    store = named.open()
    text = layout.document(people.export_person(store, key, value, secret=known))
    if output is None:
        print_text(text)
    else:
        write_outputs({output: text})


class Days(click.ParamType[float]):
    """A number of days, such as 365d."""

    name = "DAYS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a number with or without a d behind it."""
        found = re.fullmatch(r"(\d{1,5})d?", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no number of days, such as 365d", param, ctx)
        return float(found[1])


@click.command(cls=Command)
@click.option("--scores", type=Days(), help="Keep scores for so many days, such as 365d.")
@click.option("--outcomes", type=Days(), help="Keep outcomes for so many days, such as 730d.")
@changing_store
def retention(
    scores: float | None,
    outcomes: float | None,
    named: NamedStore,
    note: str,
    as_json: bool,
) -> None:
    """Delete what is older than it is to be kept from the scores and outcomes of a store."""
    from leadweights.lifecycle.store import people
    from leadweights.reports.people import retention_document, retention_text

    if scores is None and outcomes is None:
        raise click.UsageError("name --scores or --outcomes, or both")
    store = named.open()
    found = people.apply_retention(store, scores_days=scores, outcomes_days=outcomes, note=note)
    tell(as_json, retention_document, retention_text, found)
