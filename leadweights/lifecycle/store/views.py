"""The view that shows the scores of the active version: its own SELECT, in the database."""

from __future__ import annotations

from dataclasses import dataclass

from leadweights.errors import StoreError
from leadweights.lifecycle.store.store import Store, Version, find_active, find_version
from leadweights.sql.render import render
from leadweights.sql.select import quote_name
from leadweights.tables.databases.database import Database

_TRIAL = "leadweights_trial_view"


@dataclass(frozen=True, slots=True)
class View:
    """A view by its name, and the table it selects from; without a name there is none."""

    name: str = ""
    table: str = ""

    def as_row(self) -> tuple[str | None, str | None]:
        """Give what is kept of it."""
        return self.name or None, self.table or None


def find_view(database: Database) -> View:
    """Say which view is kept."""
    ((name, table),) = database.rows("SELECT view_name, view_table FROM leadweights_active")
    return View(name or "", table or "")


def rehearse(store: Store, asked: View | None, number: int) -> int:
    """Make the view under another name, where a database would keep it whatever happens next.

    So one that cannot be is refused before anything is changed. Returns the version that is active
    now, or 0. Raises EngineError, StoreError.
    """
    with store.reading() as database:
        active = find_active(database)
        now = active.version if active else 0
        view = asked or find_view(database)
        if not view.name:
            return now
        found = find_version(database, number)
        sql = _select(found, view, database.dialect)
        if database.undoes_tables:
            return now
        kinds = database.rows(
            "SELECT table_type FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = ?",
            [view.name.rpartition(".")[2].strip('"`')],
        )
        if any(kind != "VIEW" for (kind,) in kinds):
            raise StoreError(f"{view.name} is a table, and is not replaced by a view")
    with store.writing() as change:
        change.database.replace_view(_TRIAL, sql)
        change.database.run(f"DROP VIEW IF EXISTS {_TRIAL}")
    return now


def finish(database: Database, found: Version) -> None:
    """Bring the view to the active version, unless it is there.

    A database that ends the transaction by this has kept all else before; where it is broken off
    then, the next activation does it.
    """
    ((name, table, shown),) = database.rows(
        "SELECT view_name, view_table, view_version FROM leadweights_active"
    )
    if not name or shown == found.version:
        return
    view = View(name, table)
    database.replace_view(
        quote_name(view.name, database.dialect), _select(found, view, database.dialect)
    )
    database.run("UPDATE leadweights_active SET view_version = ?", [found.version])


def _select(found: Version, view: View, dialect: str) -> str:
    return render(found.model, dialect=dialect, table=view.table)
