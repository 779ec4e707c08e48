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

    An engine that `inverts_divisors` makes x * (1 / 3) of x / 3, and is told x / (3 + x * 0).

    `text` is the type of a text of any length. Where `=` does not see case or trailing spaces,
    texts are `compared_as` bytes, or under a `collation`; `national` literals are `N'...'`. Where
    an order follows a language, texts are `ordered_under` another collation.
    `lower` is the function that gives letters beyond ASCII a lower case, too, "" where there is
    none. Where it `lowers_words`, a letter's lower case depends on the letters beside it: the
    Greek sigma's at the end of a word, or two letters for the Turkish capital I.
    Where it `trims_both`, TRIM must be told so. `sign` is the function that gives 1, 0 or -1.
    `pattern` says whether there are regular expressions, `newline_ends` whether `$` in them
    matches before a newline at the end, too. `date` is the type of a calendar day, `days` how those
    since 1970-01-01 are counted: by a function, by subtraction, by that after a time of day is cut
    off, or by a cast. A month takes a function, but for engines that get it from a date's text
    (`month_by_format`). Where COUNT of a window `counts_missing` values, too, which is a mistake,
    ones are summed. An engine `prefers_aliases` that takes a name for a result of the same SELECT
    before it takes it for a column: there every column read is qualified by where it comes from.
    `folds_steps` is for engines that put a common table expression into its reader unless it is
    MATERIALIZED, and compute a column anew wherever it is read: three reasons of seven terms took
    SQLite 3.40 0.2 s a row, and now take it 0.06 ms; PostgreSQL does not end planning forty terms.
    """

    name: str
    sqlglot: str
    verified: str
    casts_literals: bool = False
    double: str = "DOUBLE"
    inverts_divisors: bool = False
    text: str = "VARCHAR"
    compared_as: str = ""
    collation: str = ""
    ordered_under: str = ""
    national: bool = False
    lower: str = "LOWER"
    lowers_words: bool = False
    trims_both: bool = False
    sign: str = "SIGN"
    pattern: bool = True
    newline_ends: bool = False
    date: str = "DATE"
    days: Literal["function", "subtraction", "truncation", "cast"] = "function"
    month_by_format: bool = False
    counts_missing: bool = False
    prefers_aliases: bool = False
    folds_steps: bool = False


RENDERED_ONLY = "rendered only"

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", "duckdb", "DuckDB 2.0, by this project's tests"),
        Dialect(
            *("postgres", "postgres", "PostgreSQL 15.18, by hand, with tests/test_postgres.py"),
            casts_literals=True,
            text="TEXT",
            ordered_under="C",
            lowers_words=True,
            folds_steps=True,
        ),
        Dialect(
            *("sqlite", "sqlite", "SQLite, as in Python, by this project's tests"),
            text="TEXT",
            collation="BINARY",
            lower="",
            pattern=False,
            month_by_format=True,
            folds_steps=True,
        ),
        Dialect(
            *("mysql", "mysql", RENDERED_ONLY),
            text="CHAR",
            compared_as="BINARY",
            newline_ends=True,
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
            *("spark", "spark", "Spark 4.3, by this project's tests"),
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
            *("clickhouse", "clickhouse", "ClickHouse 26.9, by this project's tests"),
            text="String",
            lower="lowerUTF8",
            lowers_words=True,
            date="Date32",
            prefers_aliases=True,
        ),
        Dialect("trino", "trino", RENDERED_ONLY, newline_ends=True),
        Dialect(
            *("datafusion", "trino", "DataFusion 55.2, by this project's tests"),
            lowers_words=True,
            sign="SIGNUM",
            days="subtraction",
        ),
        Dialect(
            *("polars", "trino", "Polars 2.1, by this project's tests, but for the sign of zeros"),
            inverts_divisors=True,
            lowers_words=True,
            days="cast",
        ),
        Dialect(
            *("databend", "spark", "Databend 1.2.453, by this project's tests"),
            casts_literals=True,
            text="STRING",
            lowers_words=True,
            trims_both=True,
            counts_missing=True,
            days="subtraction",
        ),
        # In Oracle DOUBLE PRECISION is a decimal type of 126 bits.
        Dialect(
            *("oracle", "oracle", RENDERED_ONLY),
            casts_literals=True,
            double="BINARY_DOUBLE",
            text="VARCHAR2(4000)",
            days="truncation",
        ),
    )
}


def dialect_named(name: str) -> Dialect:
    """Look a dialect up. Raises UnsupportedError, naming those there are."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        raise UnsupportedError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}") from None
