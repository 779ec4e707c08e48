"""Databases behind SQLAlchemy, of which a transaction's whole is known: three products."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.pool import NullPool

from leadweights.errors import StoreError, UnsupportedError
from leadweights.errors.shown import show_url
from leadweights.model.names import quote
from leadweights.tables.databases.database import Row, insert_sql, replacing
from leadweights.tables.engines.registry import check_url
from leadweights.tables.engines.url import explain_errors
from leadweights.tables.open import open_table
from leadweights.tables.pieces import cut
from leadweights.tables.table import VIEW, Table

_AT_ONCE, _IN_A_DOCUMENT = 1_000, 5_000
# What PostgreSQL calls the types of the files that are loaded.
_TYPES = {"VARCHAR": "text", "BIGINT": "bigint", "DOUBLE": "double precision"}


@dataclass(frozen=True, slots=True)
class _Product:
    """How a database begins a transaction that writes, or reads one state, and waits for a lock."""

    title: str
    dialect: str
    write: str
    read: str
    wait: str = ""
    undoes_tables: bool = True


_PRODUCTS = {
    "sqlite": _Product("SQLite", "sqlite", "BEGIN IMMEDIATE", "BEGIN"),
    "postgresql": _Product(
        *("PostgreSQL", "postgres", "BEGIN"),
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET lock_timeout = {milliseconds}",
    ),
    "mariadb": _Product(
        *("MariaDB", "mariadb", "START TRANSACTION"),
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        "SET SESSION innodb_lock_wait_timeout = {seconds}",
        undoes_tables=False,
    ),
}
# SQLSTATEs of PostgreSQL, numbers of MariaDB, words of SQLite.
_LOCKED = r"\b(55P03|1205|database is locked|database table is locked)\b"
_READ_ONLY = r"\b(25006|1290|1792|1836|readonly database)\b"


def _documents(rows: Table, named: Mapping[str, str]) -> Iterator[str]:
    """Write rows as JSON documents of some thousands, each column under its new name.

    A double has the digits that read back as it.
    """
    pairs = ", ".join(f"'{new}', {quote(name)}" for new, name in named.items())
    for first in range(0, rows.rows, _IN_A_DOCUMENT):
        some = f"(FROM {VIEW} LIMIT {_IN_A_DOCUMENT} OFFSET {first})"
        sql = f"SELECT json_group_array(json_object({pairs}))::VARCHAR AS d FROM {some}"  # noqa: S608
        yield from map(str, rows.select(sql)["d"].tolist())


class ByURL:
    """A connection, inside a transaction."""

    def __init__(self, connection: Connection, product: _Product, url: URL, wait: float) -> None:
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        self.title, self.dialect = f"{product.title} {version}".strip(), product.dialect
        self.undoes_tables = product.undoes_tables
        self._connection, self._url, self._wait = connection, url, wait

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with _explain(self._url, self._wait):
            return int(self._execute(sql, [values]).rowcount)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a SELECT."""
        with _explain(self._url, self._wait):
            return [tuple(row) for row in self._execute(sql, [values]).fetchall()]

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this plain name."""
        with _explain(self._url, self._wait):
            return sa.inspect(self._connection).has_table(name)

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        keys: Sequence[str] = (),
    ) -> None:
        """Add rows to a table, in the place of those with the same keys."""
        sql = self._adding(table, columns, keys)
        waiting = iter(rows)
        with _explain(self._url, self._wait):
            while some := list(islice(waiting, _AT_ONCE)):
                self._execute(sql, some)

    def load(
        self, table: str, columns: Sequence[str], file: Path, keys: Sequence[str] = ()
    ) -> None:
        """Add the rows of a Parquet file, in the place of those with the same keys."""
        found = open_table(file)
        names = [name.strip('"') for name in columns]
        if self.dialect != "postgres":
            places = [list(found.types).index(name) for name in names]
            for _, piece in cut(found, 100 * _AT_ONCE, found.types):
                rows = ([row[at] for at in places] for row in piece.all_values())
                self.insert(table, columns, rows, keys)
            return
        # Value by value through a driver they take three times as long.
        named = {f"c{place}": name for place, name in enumerate(names)}
        typed = ", ".join(f"{new} {_TYPES[found.types[name]]}" for new, name in named.items())
        source = f"SELECT {', '.join(named)} FROM json_to_recordset(CAST(? AS json)) AS r({typed})"  # noqa: S608
        sql = self._adding(table, columns, keys, source)
        with _explain(self._url, self._wait):
            for document in _documents(found, named):
                self._execute(sql, [[document]])

    def _adding(
        self, table: str, columns: Sequence[str], keys: Sequence[str], source: str = ""
    ) -> str:
        """Write the statement that adds rows, in the place of those with the same keys."""
        sql = insert_sql(table, columns, source)
        if keys and self.dialect == "mariadb":
            return sql.replace("INSERT", "REPLACE", 1)
        return sql + replacing(columns, keys)

    def replace_view(self, name: str, sql: str) -> None:
        """Make a view of a SELECT, in the place of the one that has this name."""
        with _explain(self._url, self._wait):
            if self.dialect == "postgres":
                # One that is replaced keeps who may read it; one of other columns cannot be.
                self._raw("SAVEPOINT before_view")
                try:
                    return self._raw(f"CREATE OR REPLACE VIEW {name} AS\n{sql}")
                except sa.exc.DBAPIError:
                    self._raw("ROLLBACK TO SAVEPOINT before_view")
            replaces = self.dialect == "mariadb"
            if not replaces:
                self._raw(f"DROP VIEW IF EXISTS {name}")
            self._raw(f"CREATE {'OR REPLACE ' * replaces}VIEW {name} AS\n{sql}")
            # SQLite looks for the table only now.
            return self._raw(f"SELECT 1 FROM {name} LIMIT 0")  # noqa: S608

    def _raw(self, sql: str) -> None:
        """Run a statement without values: then drivers leave %, : and ? alone."""
        self._connection.execution_options(no_parameters=True).exec_driver_sql(sql)

    def _execute(self, sql: str, values: Sequence[Sequence[Any]]) -> Any:
        """Run a statement for one row of values or more."""
        first, *rest = sql.split("?")
        numbered = first + "".join(f":v{place}{part}" for place, part in enumerate(rest))
        text = sa.text(numbered.replace('"', "`") if self.dialect == "mariadb" else numbered)
        named = [{f"v{place}": value for place, value in enumerate(row)} for row in values]
        return self._connection.execute(text, named if len(named) > 1 else named[0])


@contextmanager
def transact(url: str, *, write: bool, create: bool, wait_seconds: float) -> Iterator[ByURL]:
    """Connect for one transaction. Raises UnsupportedError, StoreError, EngineError."""
    check_url(url)
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # also a port that is no number
        raise UnsupportedError("a database's URL is written product://host/database") from None
    name = parsed.get_backend_name()
    product = _PRODUCTS.get("mariadb" if name == "mysql" else name)
    if product is None:
        raise UnsupportedError(
            f"a store is in a DuckDB file, or in {', '.join(_PRODUCTS)}, and not in {name}"
        )
    file = parsed.database if name == "sqlite" else None
    if name == "sqlite" and not file:
        raise UnsupportedError("a store in memory is gone at once: name a file, sqlite:///FILE")
    # SQLAlchemy would leave them out, with a warning: a file that is to be locked is not.
    if name == "sqlite" and parsed.query.get("uri") != "true" and parsed.query.keys() - {"timeout"}:
        raise UnsupportedError("the URL of an SQLite file takes options only with uri=true")
    if file and not create and not file.startswith("file:") and not Path(file).exists():
        raise StoreError(f"there is no file {file}: leadweights registry init makes one")
    given = {"timeout": wait_seconds} if name == "sqlite" else {}
    with _explain(parsed, wait_seconds):
        engine = sa.create_engine(
            parsed, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=given
        )
        connection = engine.connect()
    with connection:
        is_maria = getattr(connection.dialect, "is_mariadb", False)
        if product.dialect == "mariadb" and not is_maria:
            raise UnsupportedError("a store in MySQL is untried: take MariaDB, or another database")
        database = ByURL(connection, product, parsed, wait_seconds)
        whole = max(1, round(wait_seconds))
        with _explain(parsed, wait_seconds):
            if product.wait:
                milliseconds = max(1, round(1000 * wait_seconds))
                database._raw(product.wait.format(milliseconds=milliseconds, seconds=whole))
            database._raw(product.write if write else product.read)
        try:
            yield database
        except BaseException:
            # A connection that is broken has undone it already.
            with suppress(sa.exc.SQLAlchemyError):
                database._raw("ROLLBACK")
            raise
        with _explain(parsed, wait_seconds):
            database._raw("COMMIT")


@contextmanager
def _explain(url: URL, waited: float) -> Iterator[None]:
    """Make one line of what a driver raises, without what may be a secret of its URL."""
    with explain_errors(url):
        try:
            yield
        except sa.exc.DBAPIError as problem:
            _explain_refusal(problem, url, waited)
            raise


def _explain_refusal(problem: sa.exc.DBAPIError, url: URL, waited: float) -> None:
    """Raise StoreError for a lock that is held, and for what is read-only."""
    driver = problem.orig
    codes = (getattr(driver, "sqlstate", None), *(getattr(driver, "args", None) or [])[:1])
    said = " ".join(map(str, codes))
    shown = show_url(url.render_as_string(hide_password=False))
    if re.search(_LOCKED, said):
        raise StoreError(
            f"{shown} is locked by another transaction, after {waited:g} seconds of waiting; "
            "nothing was changed: try again when that is done"
        ) from None
    if re.search(_READ_ONLY, said):
        raise StoreError(f"{shown} is read-only: nothing was changed") from None
