"""Any database that SQLAlchemy has a driver for, by its URL."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url

from leadweights.errors import EngineError, LeadweightsError, UnheldError, UnsupportedError
from leadweights.errors.shown import hide_url
from leadweights.model.held import Held
from leadweights.tables.engines.engine import KEPT, Columns, Holding, columns, one_line
from leadweights.tables.engines.registry import check_url
from leadweights.tables.table import Table

# No table that is there already is ever taken: making one of this name again is an error.
_TABLE = "leadweights_rows"

_NO_NAN = dict.fromkeys(("DOUBLE", "FLOAT"), "NOT isfinite({0})")
_NO_DENORMALS = {"DOUBLE": "NOT isfinite({0}) OR ({0} <> 0 AND abs({0}) < 1e-290)"}


@dataclass(frozen=True, slots=True)
class Product:
    """A database that SQLAlchemy calls `name`: ours for its SQL, and how it makes a table.

    `prefix` is for a table that only this session sees; without one, a table is made and dropped
    again. `unheld` are values it cannot hold. If it `keeps` none, no table is made of a SELECT that
    begins with WITH.
    """

    name: str
    dialect: str
    title: str
    prefix: str = "TEMPORARY"
    unheld: tuple[tuple[str, str], ...] = tuple(_NO_NAN.items())
    keeps: bool = True


PRODUCTS = {
    product.name: product
    for product in (
        Product("duckdb", "duckdb", "DuckDB", unheld=()),
        Product("sqlite", "sqlite", "SQLite", unheld=(("DOUBLE", "{0} = 0 AND signbit({0})"),)),
        Product("postgresql", "postgres", "PostgreSQL", unheld=tuple(_NO_DENORMALS.items())),
        Product("redshift", "redshift", "Redshift", unheld=tuple(_NO_DENORMALS.items())),
        Product("mysql", "mysql", "MySQL"),
        Product("mariadb", "mariadb", "MariaDB"),
        Product("mssql", "tsql", "SQL Server", prefix="", keeps=False),
        Product("snowflake", "snowflake", "Snowflake"),
        Product("bigquery", "bigquery", "BigQuery", prefix=""),
        Product("databricks", "databricks", "Databricks", prefix=""),
        Product("trino", "trino", "Trino", prefix=""),
        Product("clickhouse", "clickhouse", "ClickHouse"),
        Product("clickhousedb", "clickhouse", "ClickHouse"),
        Product("oracle", "oracle", "Oracle", prefix=""),
    )
}

_TYPES: dict[str, Any] = {
    "DOUBLE": sa.Double(),
    "FLOAT": sa.REAL(),
    "BOOLEAN": sa.Boolean(),
    **dict.fromkeys(("TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER"), sa.Integer()),
    **dict.fromkeys(("UINTEGER", "BIGINT"), sa.BigInteger()),
    "VARCHAR": sa.UnicodeText(),
    "DATE": sa.Date(),
    "TIMESTAMP": sa.DateTime(),
}


_FILES = ("sqlite", "duckdb")


class Warehouse:
    """A database behind a connection; its EXP is its own."""

    largest_ulp = 2
    signed_zero = True

    def __init__(self, connection: Connection, product: Product, dialect: str, url: URL) -> None:
        self.dialect, self.table = dialect, _TABLE
        self.holding = Holding({}, dict(product.unheld))
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        self.title = f"{product.title} {version}".strip()
        self._connection, self._product, self._url = connection, product, url
        self.keeps = product.keeps
        self._made: sa.Table | None = None

    def load(self, rows: Table) -> None:
        """Make the table anew, and fill it."""
        kinds = {name: _type(kind) for name, kind in rows.types.items()}
        prefixes = [self._product.prefix] if self._product.prefix else []
        with explain_errors(self._url):
            self.drop()
            made = sa.Table(
                self.table,
                sa.MetaData(),
                *(sa.Column(name, kind, nullable=True, quote=True) for name, kind in kinds.items()),
                prefixes=prefixes,
                quote=True,
            )
            made.create(self._connection)
            self._made = made
            named = [dict(zip(rows.types, row, strict=True)) for row in rows.all_values()]
            self._connection.execute(made.insert(), named)
            self._connection.commit()

    def drop(self) -> None:
        """Drop the table that was made, if one was."""
        if self._made is not None:
            self._made.drop(self._connection)
            self._connection.commit()
            self._made = None

    def keep(self, sql: str) -> str:
        """Make a table of what a SELECT gives; it is dropped at the end, as the loaded one is."""
        table = sa.Table(KEPT, sa.MetaData(), quote=True)
        name = self._connection.dialect.identifier_preparer.format_table(table)
        with explain_errors(self._url):
            self.drop()
            options = self._connection.execution_options(no_parameters=True)
            words = " ".join(filter(None, ["CREATE", self._product.prefix, "TABLE", name, "AS"]))
            options.exec_driver_sql(f"{words}\n{sql}")
            self._made = table
            self._connection.commit()
        return KEPT

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        names, rows = self.rows(sql)
        return columns(names, rows)

    def held_in(self, table: str) -> dict[str, Held]:
        """Say what the columns of a table hold; schema and table between dots."""
        kinds = {name: _kind(column["type"]) for name, column in self._columns(table).items()}
        return {name: kind for name, kind in kinds.items() if kind is not None}

    def declared_in(self, table: str) -> dict[str, tuple[str, bool]]:
        """Give the types of numbers and flags in a table, as SQL, and whether they are NOT NULL."""
        dialect = self._connection.dialect
        return {
            name: (column["type"].compile(dialect=dialect), not column["nullable"])
            for name, column in self._columns(table).items()
            if _kind(column["type"]) in ("number", "flag")
        }

    def _columns(self, table: str) -> dict[str, Any]:
        """Describe the columns of a table, by the names that they have there."""
        *schema, name = table.split(".")
        with explain_errors(self._url):
            try:
                found = sa.inspect(self._connection).get_columns(
                    name, schema=".".join(schema) or None
                )
            except sa.exc.NoSuchTableError:
                raise EngineError(f"{self.title}: there is no table {table}") from None
        return {self.spell(str(column["name"])): column for column in found}

    def spell(self, name: str) -> str:
        """Spell a name as the database does: SQLAlchemy has lower case for capitals in some."""
        dialect = self._connection.dialect
        folds = getattr(dialect, "requires_name_normalize", False)
        return str(dialect.denormalize_name(name)) if folds else name

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a SELECT; give the names of its columns, and its rows as the driver gives them."""
        with explain_errors(self._url):
            # Without parameters a driver leaves %, : and ? alone.
            options = self._connection.execution_options(no_parameters=True)
            found = options.exec_driver_sql(sql)
            return list(found.keys()), [tuple(row) for row in found.fetchall()]


def _kind(held: sa.types.TypeEngine[Any]) -> Held | None:
    try:
        python = held.python_type
    except NotImplementedError:
        return None
    if python is datetime and getattr(held, "timezone", False):
        return "moment"
    return _KINDS.get(python)


_KINDS: dict[type, Held] = {
    bool: "flag",
    **dict.fromkeys((int, float, Decimal), "number"),
    str: "text",
    **dict.fromkeys((date, datetime), "date"),
}


def _type(kind: str) -> Any:
    if kind in _TYPES:
        return _TYPES[kind]
    size = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind)
    if size is None:
        raise UnheldError(f"no type {kind}")
    return sa.Numeric(int(size[1]), int(size[2]))


@contextmanager
def open_engine(
    url: str, dialect: str = "", floor: Callable[[float], float] = math.floor
) -> Iterator[Warehouse]:
    """Connect to a database; `dialect` is for one that speaks another than its URL says.

    `floor` is what SQLite calls.

    Raises UnsupportedError for a URL that cannot be, EngineError for a database that does not
    answer; no message has a part of the URL that may be a secret, nor has what led to it.
    """
    check_url(url)
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # also a port that is no number
        raise UnsupportedError("an engine's URL is written product://host/database") from None
    name = parsed.get_backend_name()
    product = PRODUCTS.get(name)
    if product is None and not dialect:
        near = get_close_matches(name, PRODUCTS, n=1)
        meant = f" (did you mean {near[0]}://?)" if near else ""
        raise UnsupportedError(
            f"no dialect is known for {name}://{meant}; name one, or take one of: "
            f"{', '.join(PRODUCTS)}"
        )
    product = product or Product(name, dialect, name, prefix="")
    file = parsed.database if name in _FILES else None
    if file and not file.startswith((":", "file:")) and not Path(file).exists():
        # Their drivers would make an empty one.
        raise EngineError(f"{name}: there is no file {file}")
    with explain_errors(parsed):
        engine = sa.create_engine(parsed)
    try:
        with explain_errors(parsed):
            connection = engine.connect()
        if product.name == "mysql" and getattr(connection.dialect, "is_mariadb", False):
            product = PRODUCTS["mariadb"]  # it speaks the protocol, and other regular expressions
        with connection:
            if name == "sqlite":
                # SQLAlchemy puts a FLOOR in place of SQLite's that fails for NULL.
                driver: Any = connection.connection.dbapi_connection
                driver.create_function("floor", 1, partial(_floor, floor), deterministic=True)
                _interrupts.clear()
            warehouse = Warehouse(connection, product, dialect or product.dialect, parsed)
            try:
                yield warehouse
            finally:
                connection.rollback()
                with explain_errors(parsed):
                    warehouse.drop()
    finally:
        engine.dispose()


_interrupts: list[KeyboardInterrupt] = []


def _floor(floor: Callable[[float], float], value: float | None) -> float | None:
    try:
        return None if value is None else float(floor(value))
    except KeyboardInterrupt as interrupt:
        # SQLite makes an error of its own of what is raised here.
        _interrupts.append(interrupt)
        raise


@contextmanager
def explain_errors(url: URL) -> Iterator[None]:
    """Make one line of what a driver raises, without what may be a secret of its URL."""
    try:
        yield
    except sa.exc.NoSuchModuleError:
        raise EngineError(
            f"SQLAlchemy has no driver for {url.drivername}:// installed; pip install the one its "
            "documentation names"
        ) from None
    except ModuleNotFoundError as problem:
        raise EngineError(f"the driver of {url.drivername}:// is missing: {problem}") from None
    except LeadweightsError:
        raise
    except Exception as problem:  # also what a driver raises that has no name for it
        if _interrupts:
            raise _interrupts.pop() from None
        said = str(getattr(problem, "orig", None) or problem)
        said = one_line(hide_url(said, url.render_as_string(hide_password=False)))
        raise EngineError(f"{url.get_backend_name()} says: {said}") from None
