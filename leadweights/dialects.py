"""What each SQL dialect needs to read a double exactly: rows of data, no code."""

from dataclasses import dataclass
from typing import Literal

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
    `lower` is the function that gives letters beyond ASCII a lower case, too, "" where there is
    none; it may know all of them only `lowered_under` another collation. Where it `lowers_words`, a
    letter's lower case depends on the letters beside it: the Greek sigma's at the end of a word, or
    two letters for the Turkish capital I.
    `pattern` says whether a regular expression can find numbers in texts, all of which are then
    read exactly, `newline_ends` whether `$` in them
    matches before a newline at the end, too; `matches` is the operator that matches them, where
    sqlglot's own way would not do. `date` is the type of a calendar day; a difference of two is
    days (`days_by_subtraction`) or takes a function; so does a month, but for engines
    that get it from a date's text (`month_by_format`). An engine `prefers_aliases` that takes a
    name for a result of the same SELECT before it takes it for a column: there every column read
    is qualified by where it comes from. `folds_steps` is for engines that put a common table
    expression into its reader, and compute a column anew wherever it is read: three reasons of
    seven terms took SQLite 3.40 0.2 s a row, and now take it 0.06 ms; PostgreSQL does not end
    planning forty terms. What keeps them from it is MATERIALIZED, a hint, or a LIMIT of all rows.
    One that `folds_constants` multiplies two of them before it multiplies the column between them.
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
    lower: str = "LOWER"
    lowered_under: str = ""
    lowers_words: bool = False
    pattern: bool = True
    newline_ends: bool = False
    matches: str = ""
    date: str = "DATE"
    days_by_subtraction: bool = False
    month_by_format: bool = False
    prefers_aliases: bool = False
    folds_constants: bool = False
    folds_steps: Literal["", "MATERIALIZED", "NO_MERGE", "LIMIT"] = ""


RENDERED_ONLY = "rendered only"

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", "duckdb", "DuckDB 2.0, by this project's tests"),
        Dialect(
            *("postgres", "postgres", "PostgreSQL 18.6, by this project's tests"),
            casts_literals=True,
            text="TEXT",
            ordered_under="C",
            lowers_words=True,
            folds_steps="MATERIALIZED",
        ),
        Dialect(
            *("sqlite", "sqlite", "SQLite, as in Python, by this project's tests"),
            text="TEXT",
            collation="BINARY",
            lower="",
            pattern=False,
            month_by_format=True,
            folds_steps="MATERIALIZED",
        ),
        Dialect(
            *("mysql", "mysql", RENDERED_ONLY),
            text="CHAR",
            compared_as="BINARY",
            newline_ends=True,
            folds_steps="LIMIT",
        ),
        # Its usual collation knows the letters of Unicode 3.
        Dialect(
            *("mariadb", "mysql", "MariaDB 10.11, by this project's tests"),
            text="CHAR",
            compared_as="BINARY",
            lowered_under="uca1400_ai_ci",
            newline_ends=True,
            matches="REGEXP",
            folds_steps="LIMIT",
        ),
        # Of letters it knows those of Unicode 3, under any collation.
        Dialect(
            *("oceanbase", "mysql", "OceanBase's seekdb 1.4, by this project's tests"),
            text="CHAR",
            compared_as="BINARY",
            lower="",
            newline_ends=True,
            matches="REGEXP",
            folds_steps="NO_MERGE",
        ),
        # Of a text's number of 20 digits or more it reads one in a thousand as a double beside it.
        Dialect(
            *("hyper", "postgres", "Hyper 0.0.26963, by this project's tests"),
            text="TEXT",
            ordered_under="C",
            lowers_words=True,
            pattern=False,
            folds_constants=True,
        ),
        Dialect("snowflake", "snowflake", RENDERED_ONLY, casts_literals=True),
        Dialect("bigquery", "bigquery", RENDERED_ONLY, text="STRING"),
        Dialect(
            *("redshift", "redshift", RENDERED_ONLY),
            casts_literals=True,
            text="VARCHAR(65535)",
        ),
        Dialect(
            *("databricks", "databricks", RENDERED_ONLY),
            text="STRING",
            lowers_words=True,
            newline_ends=True,
        ),
        Dialect(
            *("spark", "spark", "Spark 4.3.0, by hand, with tests/test_spark.py"),
            text="STRING",
            lowers_words=True,
            newline_ends=True,
        ),
        Dialect(
            *("tsql", "tsql", RENDERED_ONLY),
            text="NVARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            national=True,
            pattern=False,
        ),
        Dialect(
            *("clickhouse", "clickhouse", "ClickHouse 26.9, by tests/test_clickhouse.py"),
            text="String",
            lower="lowerUTF8",
            lowers_words=True,
            date="Date32",
            prefers_aliases=True,
        ),
        Dialect("trino", "trino", RENDERED_ONLY, newline_ends=True),
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
