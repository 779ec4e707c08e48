"""Opening a database for one transaction, by a file's name or a URL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from leadweights.errors import EngineError, UnsupportedError
from leadweights.errors.shown import looks_like_url
from leadweights.tables.databases import duckdb_file
from leadweights.tables.databases.database import Database
from leadweights.tables.engines.registry import check_url

_DUCKDB = re.compile("duckdb:///(.+)", re.DOTALL)


def file_of(place: str) -> Path | None:
    """Give the DuckDB file that a place names; None of a URL of another database.

    Raises UnsupportedError for a name that may be meant as a URL: a file would bear its password.
    """
    found = _DUCKDB.fullmatch(place)
    if found is None and "://" in place:
        return None
    name = found[1] if found else place
    if looks_like_url(name):
        raise UnsupportedError(
            "a URL, or a name with : and @ as in one, is no file of a store: it may have a "
            "password; a database's URL is product://host/database"
        )
    return Path(name)


@contextmanager
def transact(
    place: str, *, write: bool, create: bool = False, wait_seconds: float = 10.0
) -> Iterator[Database]:
    """Open a database for one transaction: whole at the end of the block, or undone.

    `place` is a DuckDB file or a URL as SQLAlchemy reads it; with `create` a file that is not there
    is made. Who comes second waits, so long at most. What is only read is of one moment.

    Raises UnsupportedError for a product there is no store in, StoreError for a database that is
    not there, locked or read-only, EngineError for one that does not answer.
    """
    file = file_of(place)
    if file is not None:
        if not str(file).strip() or not file.name:
            raise UnsupportedError("an empty name is no store")
        with duckdb_file.transact(
            file, write=write, create=create, wait_seconds=wait_seconds
        ) as database:
            yield database
        return
    check_url(place)
    if find_spec("sqlalchemy") is None:
        raise EngineError('a URL needs SQLAlchemy: pip install "leadweights[warehouse]"')
    room = import_module("leadweights.tables.databases.by_url")
    with room.transact(place, write=write, create=create, wait_seconds=wait_seconds) as found:
        yield found
