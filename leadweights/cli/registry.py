"""The commands of the store: registry, audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadweights.cli import platforms
from leadweights.cli.options import FILE, print_text, say, tell
from leadweights.cli.outputs import OUTPUT, CommandGroup, write_outputs
from leadweights.cli.storing import NamedStore, changing_store, reading_store, takes_store
from leadweights.errors import StoreError
from leadweights.sql.dialects import DIALECTS

if TYPE_CHECKING:
    from leadweights.lifecycle.store.store import Store

secret_option = click.option(
    "--hmac-key",
    "secret",
    metavar="FILE",
    type=FILE,
    help="The secret, of 16 bytes or more, that training keys are hashed under.",
)
expected_option = click.option(
    "--expected",
    metavar="VERSION",
    type=click.IntRange(0),
    help="Only if this version is active until then; 0: none.",
)
version_argument = click.argument("version", type=click.IntRange(1))


@click.group(cls=CommandGroup)
def registry() -> None:
    """Keep the versions of a model in a store, and say which is in service."""


@registry.command()
@takes_store(by="--by")
def init(named: NamedStore) -> None:
    """Make the tables of a store, where they are not there yet."""
    say(f"{named.init().shown} is a store")


@registry.command()
@click.argument("model", type=FILE)
@click.option(
    "--training-rows",
    "training_rows",
    metavar="FILE",
    type=FILE,
    help="Keep hashes of the keys of the rows that MODEL has learnt from: these,",
)
@click.option("--key", metavar="NAME", help="... by this column,")
@secret_option
@click.option(
    "--proof",
    "proofs",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="An engines.json of verify --output; those beside MODEL are read anyway.",
)
@click.option(
    "--mlflow", "logged_as", metavar="NAME", help="Register it in MLflow, too, as champion of NAME."
)
@changing_store
def push(
    model: Path,
    training_rows: Path | None,
    key: str | None,
    secret: Path | None,
    proofs: tuple[Path, ...],
    logged_as: str | None,
    named: NamedStore,
    note: str,
    as_json: bool,
) -> None:
    """Add MODEL, a model.json or the folder that has it, as the next version.

    The store's file is made if it is not there.
    """
    from leadweights.files.manifest import has_file
    from leadweights.lifecycle.store import registry as versions
    from leadweights.model.baseline import NAME
    from leadweights.reports.registry import version_document, version_text

    asked = (training_rows, key, secret)
    if any(asked) and not all(asked):
        raise click.UsageError("--training-rows, --key and --hmac-key go together")
    pushed, folder = versions.read_model(model)  # before a file is made
    if logged_as is not None:
        platforms.check_mlflow()
    remember = None
    if training_rows is not None and key is not None and secret is not None:
        from leadweights.lifecycle.store import keys

        known = keys.read_secret(secret)
        remember = keys.TrainingKeys(key, keys.read_keys_of(training_rows, key), known)
    store = named.open(make=True)
    found = versions.push(store, model, proofs=proofs, note=note, remember=remember)
    tell(as_json, version_document, version_text, found, store.active())
    if folder is not None and found.baseline is None and has_file(folder / NAME):
        say(f"note: {folder / NAME} is the baseline of another model, and is not kept")
    if logged_as is not None:
        platforms.log_to_mlflow(pushed, logged_as, champion=True)


@registry.command("list")
@reading_store
def list_versions(named: NamedStore, as_json: bool) -> None:
    """List the versions, and which of them is active."""
    from leadweights.reports.registry import versions_document, versions_text

    store = named.open()
    tell(as_json, versions_document, versions_text, store.models, store.active())


@registry.command()
@version_argument
@click.option("--model", "whole", is_flag=True, help="Print the model.json itself.")
@click.option("--baseline", is_flag=True, help="Print the baseline.json itself.")
@reading_store
def show(version: int, whole: bool, baseline: bool, named: NamedStore, as_json: bool) -> None:
    """Say what is known of VERSION."""
    from leadweights.lifecycle.store.baselines import need_baseline
    from leadweights.model.baseline import baseline_json
    from leadweights.reports.registry import version_document, version_text

    if whole and baseline:
        raise click.UsageError("--model and --baseline are two files: print one after the other")
    store = named.open()
    found = store.version(version)
    if whole:
        click.echo(found.text, nl=False)
    elif baseline:
        click.echo(baseline_json(need_baseline(store, found)), nl=False)
    else:
        tell(as_json, version_document, version_text, found, store.active())


@registry.command()
@version_argument
@expected_option
@click.option("--unproven", is_flag=True, help="Without a proof on that engine; recorded.")
@click.option(
    "--dialect",
    type=click.Choice(list(DIALECTS), case_sensitive=False),
    help="Where the SELECT runs, if not in the store's database.",
)
@click.option(
    "--view",
    metavar="NAME",
    help="Make this view of the version's SELECT, now and with every activation to come,",
)
@click.option(
    "--table",
    metavar="NAME",
    default="leads",
    show_default=True,
    help="... over this table of the store's database.",
)
@changing_store
def activate(
    version: int,
    expected: int | None,
    unproven: bool,
    dialect: str | None,
    view: str | None,
    table: str,
    named: NamedStore,
    note: str,
    as_json: bool,
) -> None:
    """Put VERSION into service, in one transaction; of two who do so at once, one wins."""
    from leadweights.lifecycle.store import registry as versions

    store = named.open()
    versions.activate(
        *(store, version),
        expected=expected,
        unproven=unproven,
        view=view,
        table=table,
        dialect=dialect,
        note=note,
    )
    _tell_active(store, as_json)


@registry.command()
@expected_option
@changing_store
def rollback(
    expected: int | None,
    named: NamedStore,
    note: str,
    as_json: bool,
) -> None:
    """Put the version into service again that the active one replaced."""
    from leadweights.lifecycle.store import registry as versions

    store = named.open()
    versions.rollback(store, expected=expected, note=note)
    _tell_active(store, as_json)


@registry.command()
@version_argument
@changing_store
def retire(version: int, named: NamedStore, note: str, as_json: bool) -> None:
    """Keep VERSION from being activated again; it stays in the registry."""
    from leadweights.lifecycle.store import registry as versions
    from leadweights.reports.registry import version_document, version_text

    store = named.open()
    found = versions.retire(store, version, note=note)
    tell(as_json, version_document, version_text, found, store.active())


def _tell_active(store: Store, as_json: bool) -> None:
    from leadweights.reports.registry import version_document, version_text

    active = store.active()
    assert active is not None
    tell(as_json, version_document, version_text, store.version(active.version), active)


@click.group(cls=CommandGroup)
def audit() -> None:
    """Read the audit trail of a store, where every change has a line with a hash."""


@audit.command("list")
@click.option("--last", metavar="N", type=click.IntRange(1), help="Only the last N lines.")
@reading_store
def list_lines(last: int | None, named: NamedStore, as_json: bool) -> None:
    """List what was done, when and by whom."""
    from leadweights.reports.registry import lines_document, lines_text

    lines = named.open().audit()
    tell(as_json, lines_document, lines_text, lines[-last:] if last else lines)


@audit.command()
@click.option(
    "--noted", metavar="LINES:HASH", help="The end that verify told before: it must still be there."
)
@reading_store
def verify(noted: str | None, named: NamedStore, as_json: bool) -> None:
    """Follow the chain of hashes; name the first line that was edited, removed, added or moved."""
    from leadweights.lifecycle.store.audit import read_noted, verify_audit
    from leadweights.reports.registry import broken, trail_document, trail_text

    store = named.open()
    trail = verify_audit(store, read_noted(noted) if noted is not None else None)
    if as_json or trail.holds:
        tell(as_json, trail_document, trail_text, trail)
    if not trail.holds:
        raise StoreError(broken(trail))


@audit.command()
@takes_store()
@click.option("-o", "--output", metavar="FILE", type=OUTPUT, help="Write to a file, not to stdout.")
def export(named: NamedStore, output: Path | None) -> None:
    """Write the lines as JSON, one in a line, with their hashes."""
    from leadweights.reports.registry import lines_export

    text = lines_export(named.open().audit())
    if output is None:
        print_text(text)
    else:
        write_outputs({output: text})
