"""Rows into a file, whose ending says in which format."""

from pathlib import Path

import duckdb

from leadweights.tables.connections import shared_database
from leadweights.tables.csv import literal


def write_rows(rows: duckdb.DuckDBPyRelation, path: Path, *, parquet: bool) -> int:
    """Write rows into a file, and give their number. Raises duckdb.Error."""
    name = str(path).replace("'", "''")
    form = "parquet" if parquet else "json" if path.suffix == ".jsonl" else "csv, HEADER"
    # The path is temporary already; DuckDB would make another file beside it.
    sql = f"COPY found TO '{name}' (FORMAT {form}, USE_TMP_FILE false)"
    done = rows.query("found", sql)
    return 0 if done is None else int(done.fetchall()[0][0])


def count_written(path: Path, column: str, text: str) -> int:
    """Count the rows of such a file that hold a text in a column."""
    with shared_database().cursor() as connection:
        match path.suffix:
            case ".parquet":
                rows = connection.from_parquet(literal(path))
            case ".jsonl":
                rows = connection.read_json(
                    literal(path), columns={column: "VARCHAR"}, format="newline_delimited"
                )
            case _:
                rows = connection.read_csv(
                    literal(path),
                    header=True,
                    all_varchar=True,
                    sample_size=1,
                    sep=",",
                    quotechar='"',
                    escapechar='"',
                    comment="",
                )
        found = rows.filter(duckdb.ColumnExpression(column) == duckdb.ConstantExpression(text))
        return int(found.aggregate("count(*)").fetchall()[0][0])
