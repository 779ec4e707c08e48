"""What each SQL dialect needs to read a double exactly: rows of data, no code."""

from dataclasses import dataclass

from leadweights.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; `sqlglot` is its name there.

    `double` is the type of an IEEE double where sqlglot's own name for it would not do.
    `casts_literals` is for engines that read `1.5e-01` as a decimal number: they get
    `CAST('1.5e-01' AS DOUBLE)`. `verified` says who has shown that the bits are right.

    `text` is the type of a text of any length. Where `=` does not see case or trailing spaces,
    texts are `compared_as` bytes, or under a `collation`; `national` literals are `N'...'`. Where
    an order follows a language, texts are `ordered_under` another collation.
    `lowers_all` says whether LOWER knows letters beyond ASCII.
    `pattern` says whether there are regular expressions. `date` is the type of a calendar day; a
    difference of two is days (`days_by_subtraction`) or takes a function; so does a month, but
    for engines that get it from a date's text (`month_by_format`).

    Steps are `materialized` where an engine would work each out anew wherever it is read: SQLite
    took 33 ms a row for the reasons of seven columns, and takes 0.05 ms.
    """

    name: str
    sqlglot: str
    verified: str
    casts_literals: bool = False
    double: str = "DOUBLE"
    text: str = "VARCHAR"
    compared_as: str = ""
    collation: str = ""
    ordered_under: str = ""
    national: bool = False
    lowers_all: bool = True
    pattern: bool = True
    date: str = "DATE"
    days_by_subtraction: bool = False
    month_by_format: bool = False
    materialized: bool = False


RENDERED_ONLY = "rendered only"

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", "duckdb", "DuckDB 2.0, by this project's tests"),
        Dialect(
            *("postgres", "postgres", RENDERED_ONLY),
            casts_literals=True,
            text="TEXT",
            ordered_under="C",
        ),
        Dialect(
            *("sqlite", "sqlite", "SQLite, as in Python, by this project's tests"),
            text="TEXT",
            collation="BINARY",
            lowers_all=False,
            pattern=False,
            month_by_format=True,
            materialized=True,
        ),
        Dialect("mysql", "mysql", RENDERED_ONLY, text="CHAR", compared_as="BINARY"),
        Dialect("snowflake", "snowflake", RENDERED_ONLY, casts_literals=True),
        Dialect("bigquery", "bigquery", RENDERED_ONLY, text="STRING"),
        Dialect("redshift", "redshift", RENDERED_ONLY, casts_literals=True, text="VARCHAR(65535)"),
        Dialect("databricks", "databricks", RENDERED_ONLY, text="STRING"),
        Dialect("spark", "spark", RENDERED_ONLY, text="STRING"),
        Dialect(
            *("tsql", "tsql", RENDERED_ONLY),
            text="NVARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            national=True,
            pattern=False,
        ),
        Dialect(
            *("clickhouse", "clickhouse", RENDERED_ONLY),
            text="Nullable(String)",
            date="Nullable(Date32)",
        ),
        Dialect("trino", "trino", RENDERED_ONLY),
        # In Oracle DOUBLE PRECISION is a decimal type of 126 bits.
        Dialect(
            *("oracle", "oracle", RENDERED_ONLY),
            casts_literals=True,
            double="BINARY_DOUBLE",
            text="VARCHAR2(4000)",
            days_by_subtraction=True,
        ),
    )
}


def dialect_named(name: str) -> Dialect:
    """Look a dialect up. Raises UnsupportedError, naming those there are."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        raise UnsupportedError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}") from None
