"""The commands that prove, and tell what is proven: verify, golden, dialects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadweights.cli.monitor import verify_monitor
from leadweights.cli.options import (
    FILE,
    dialect_option,
    json_option,
    model_argument,
    print_text,
    reads_tables,
    shape_option,
    tell,
)
from leadweights.cli.outputs import OUTPUT, Command, write_outputs
from leadweights.errors import EngineError, ParityError, TableError
from leadweights.model.file import load
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.file import File

if TYPE_CHECKING:
    from leadweights.model.model import ScoringModel
    from leadweights.prove.parity import Parity
    from leadweights.scoring.check_input import InputCheck


@click.command(cls=Command)
@model_argument
@click.argument("data", type=FILE, required=False)
@click.option(
    "--engine",
    "engines",
    metavar="NAME|URL",
    multiple=True,
    default=("duckdb",),
    show_default=True,
    help="Where to run the SELECT; a URL as SQLAlchemy reads it; all: what is installed.",
)
@click.option(
    "--dialect",
    type=click.Choice(list(DIALECTS), case_sensitive=False),
    help="What the database behind a URL speaks, if not what the URL says.",
)
@click.option("--in-place", is_flag=True, help="On a table behind the URL, in place of DATA,")
@click.option("--table", metavar="NAME", help="... called so.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="Rows that come back from there, and the 100 lowest and highest.",
)
@click.option(
    "--output", metavar="DIR", type=OUTPUT, help="Write PARITY.md and engines.json there."
)
@json_option
@reads_tables
def verify(
    model: Path,
    data: Path | File | None,
    engines: tuple[str, ...],
    dialect: str | None,
    in_place: bool,
    table: str | None,
    sample: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Prove on DATA, and on hostile values, that the SELECT of MODEL gives Python's numbers.

    Where baseline.json is beside MODEL, the SQL of its monitor is proven on DATA, too.
    """
    from leadweights.prove import parity as prove
    from leadweights.reports import layout
    from leadweights.reports import parity as certificate

    if in_place != (table is not None) or in_place != (data is None):
        raise click.UsageError("name DATA, or a table with --in-place --table")
    if in_place and not all("://" in name for name in engines):
        raise click.UsageError("--in-place needs --engine URL")
    if dialect is not None and not all("://" in name for name in engines):
        raise click.UsageError("--dialect is for --engine URL: an engine's own is known")
    proven = load(model)
    proofs: list[Parity] = []
    failed, problems = False, list[str]()
    for name in _expand(engines):
        watched = ""
        try:
            unread = ""
            if data is None:
                assert table is not None
                unread = _find_unread(proven, name, table, sample, dialect or "")
                proofs.append(_in_place(proven, name, table, sample, dialect or ""))
            else:
                proofs.append(prove.verify(proven, data, engine=name, dialect=dialect or ""))
                watched = verify_monitor(proven, model, data, name, dialect or "")
        except (EngineError, ParityError) as problem:
            failed = True
            problems.append(str(problem))
            continue
        if not proofs[-1].holds:
            problems.append(prove.failure(proofs[-1]))
        elif unread:
            problems.append(unread)
        elif not as_json:
            print_text(certificate.sentence(proofs[-1]) + watched)
    document = layout.document(certificate.document(proven.name, proofs))
    if as_json:
        click.echo(document, nl=False)
    if output is not None and failed:
        # A certificate that is there may say more than what has run now.
        problems.append(f"nothing is written to {output}")
    elif output is not None:
        page = certificate.markdown(proven.name, proofs)
        write_outputs({output / "engines.json": document, output / "PARITY.md": page}, output)
    if problems:
        raise ParityError("; ".join(problems))


def _in_place(model: ScoringModel, url: str, table: str, rows: int, dialect: str) -> Parity:
    from leadweights.prove import in_place

    return in_place.verify_in_place(model, url, table, rows=rows, dialect=dialect)


def check_in_place(
    model: ScoringModel, url: str, table: str, rows: int, dialect: str = ""
) -> InputCheck:
    """Check a table behind a URL. Raises what `check_table` does."""
    from leadweights.scoring.check_table import check_table

    return check_table(model, url, table, rows=rows, dialect=dialect)


def _find_unread(model: ScoringModel, url: str, table: str, rows: int, dialect: str) -> str:
    """Say of which column a table holds other values than the model knows; "" of none.

    Raises TableError for a table that cannot be scored.
    """
    from leadweights.reports.check_input import failure

    found = check_in_place(model, url, table, rows, dialect)
    if not found.scorable:
        raise TableError(failure(found))
    for column in found.columns:
        for hit in column.hits:
            if hit.unread:
                return (
                    f"SQL equals Python on {table}, but to the model {hit.row_share:.0%} of its "
                    f"rows are {hit.rule!r} in column {column.column!r}: it was learnt from other "
                    "values; see leadweights check-input"
                )
    return ""


@click.command(cls=Command)
@model_argument
@dialect_option
@shape_option
@click.option("--data", metavar="FILE", type=FILE, help="Rows of your own among the golden ones.")
@click.option(
    "--rows",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="At most so many rows of --data.",
)
@click.option(
    "--table",
    is_flag=True,
    help="Make a table first: an engine may compute constants by other means than columns.",
)
@reads_tables
def golden(model: Path, data: Path | File | None, **asked: Any) -> None:
    """Print SQL that proves MODEL by pasting: no row in its result means that all bits agree."""
    from leadweights.prove.golden import golden_sql

    click.echo(golden_sql(load(model), data=data, **asked), nl=False)


@click.command(cls=Command)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Aligned text, or a Markdown table.",
)
@json_option
def dialects(style: str, as_json: bool) -> None:
    """List the SQL dialects: the engines that prove each, and what was read of its documents."""
    from leadweights.reports.dialects import dialects_document, dialects_markdown, dialects_text

    tell(as_json, dialects_document, dialects_markdown if style == "markdown" else dialects_text)


def _expand(engines: Sequence[str]) -> list[str]:
    """Put all installed engines in place of the word all, and say which are not installed."""
    from leadweights.tables.engines.registry import ENGINES

    found: list[str] = []
    for name in engines:
        if name.lower() != "all":
            found.append(name)
            continue
        found += [known.name for known in ENGINES.values() if known.installed]
        for known in ENGINES.values():
            if not known.installed:
                click.echo(f"not installed: {known.what} ({known.get})", err=True)
    return list(dict.fromkeys(found))
