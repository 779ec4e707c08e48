"""What each SQL dialect needs to read a double exactly: rows of data, no code."""

from dataclasses import dataclass

from leadweights.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; `sqlglot` is its name there.

    `double` is the type of an IEEE double where sqlglot's own name for it would not do.
    `casts_literals` is for engines that read `1.5e-01` as a decimal number: they get
    `CAST('1.5e-01' AS DOUBLE)`. `verified` says who has shown that the bits are right.
    """

    name: str
    sqlglot: str
    verified: str
    casts_literals: bool = False
    double: str = "DOUBLE"


RENDERED_ONLY = "rendered only"

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", "duckdb", "DuckDB 2.0, by this project's tests"),
        Dialect("postgres", "postgres", RENDERED_ONLY, casts_literals=True),
        Dialect("sqlite", "sqlite", "SQLite, as in Python, by this project's tests"),
        Dialect("mysql", "mysql", RENDERED_ONLY),
        Dialect("snowflake", "snowflake", RENDERED_ONLY, casts_literals=True),
        Dialect("bigquery", "bigquery", RENDERED_ONLY),
        Dialect("redshift", "redshift", RENDERED_ONLY, casts_literals=True),
        Dialect("databricks", "databricks", RENDERED_ONLY),
        Dialect("spark", "spark", RENDERED_ONLY),
        Dialect("tsql", "tsql", RENDERED_ONLY),
        Dialect("clickhouse", "clickhouse", RENDERED_ONLY),
        Dialect("trino", "trino", RENDERED_ONLY),
        # In Oracle DOUBLE PRECISION is a decimal type of 126 bits.
        Dialect("oracle", "oracle", RENDERED_ONLY, casts_literals=True, double="BINARY_DOUBLE"),
    )
}


def dialect_named(name: str) -> Dialect:
    """Look a dialect up. Raises UnsupportedError, naming those there are."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        raise UnsupportedError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}") from None
