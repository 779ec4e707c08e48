"""What a SELECT is rendered for: the types and names of the table that it will read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadweights.cli.options import FILE, together
from leadweights.errors import TableError

if TYPE_CHECKING:
    from leadweights.formula.promises import Promise
    from leadweights.model.held import Held
    from leadweights.model.model import ScoringModel

held_options = together(
    click.option(
        "--types",
        metavar="FILE",
        type=FILE,
        help="The types of the table's columns: JSON, CSV, or a CREATE TABLE.",
    ),
    click.option("--engine", metavar="URL", help="Take them from the table there."),
    click.option(
        "--fold-names",
        type=click.Choice(["upper", "lower"]),
        help="The table's columns have their names in these letters.",
    ),
)


def find_held(
    model: ScoringModel,
    keys: Sequence[str],
    table: str,
    dialect: str,
    *,
    types: Path | None,
    engine: str | None,
    fold_names: str | None,
) -> tuple[Mapping[str, Held | None], Mapping[str, Promise], str]:
    """Say what a table's columns hold, what their types promise, in which dialect.

    Both are by the names that the columns have there. Without a dialect it is the engine's, or
    DuckDB's.

    Raises TableError and UnsupportedError for a table that the model cannot read, EngineError.
    """
    if not any((types, engine, fold_names)):  # then DuckDB and its kin are not needed
        return {}, {}, dialect
    from leadweights.tables.columns import sources

    if sum(given is not None for given in (types, engine, fold_names)) > 1:
        raise click.UsageError("--types, --engine and --fold-names say the same: take one")
    read = [*sources(model), *keys]
    if fold_names is not None:
        fold = str.upper if fold_names == "upper" else str.lower
        return dict.fromkeys(map(fold, read)), {}, dialect
    there: dict[str, Held | None] = {}
    promised: dict[str, Promise] = {}
    if engine is not None:
        there, promised, dialect = _ask(engine, table, dialect)
    elif types is not None:
        there, promised = read_types_file(types, dialect)
    by_lower = {name.lower(): kind for name, kind in there.items()}
    for name in read:
        if name.lower() not in by_lower:
            raise TableError(f"{types or table} has no column {name!r}")
        if by_lower[name.lower()] is None and name not in keys:
            raise TableError(
                f"{types or table}: column {name!r} has a type that no column of a model can "
                "have: cast it in a view"
            )
    return there, promised, dialect


def read_types_file(path: Path, dialect: str) -> tuple[dict[str, Held | None], dict[str, Promise]]:
    """Read what columns hold, and what their types promise. Raises TableError and others."""
    from leadweights.files.read import read_text
    from leadweights.sql.types import find_kinds, find_promises, read_declared

    text = read_text(path, "the types of a table", TableError)
    declared = read_declared(text, dialect, str(path))
    return find_kinds(declared, dialect), find_promises(declared, dialect)


def _ask(
    url: str, table: str, dialect: str
) -> tuple[dict[str, Held | None], dict[str, Promise], str]:
    """Ask a database for what a table of it holds and promises, and for what it speaks."""
    from leadweights.sql.select import no_rows
    from leadweights.sql.types import Declared, find_promises
    from leadweights.tables.engines.registry import open_tables

    with open_tables(url, dialect) as database:
        names = map(database.spell, database.rows(no_rows(database.dialect, table))[0])
        kinds: dict[str, Held | None] = dict.fromkeys(names)
        declared = {name: Declared(*own) for name, own in database.declared_in(table).items()}
        promised = find_promises(declared, database.dialect)
        return {**kinds, **database.held_in(table)}, promised, database.dialect
