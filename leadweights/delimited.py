"""Delimited text files (CSV, TSV, `;` and `|`): what DuckDB's reader leaves to its caller."""

import csv
import glob
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

_OTHER = {".parquet", ".pq", ".json", ".jsonl", ".ndjson"}
_LARGEST_FIELD = 2**30


def is_delimited(path: Path) -> bool:
    """Tell by its name whether a file holds delimited text: anything not known to be else."""
    return not any(suffix.lower() in _OTHER for suffix in path.suffixes)


def literal(path: Path) -> str:
    """Write a path so that DuckDB takes `[1]` and `*` in it for themselves."""
    return glob.escape(str(path))


def header(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Read the column names as they stand: DuckDB would rename empty and repeated ones."""
    with _text(path) as file:
        return next(_records(connection, path, file))[1]


def relation(
    connection: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], keys: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Open the file, every row considered for the types.

    Columns of true and false are flags; of yes and no, or t and f, are text, as they are in the
    warehouse such a file comes from.
    """
    as_text = {name: "VARCHAR" for name in keys if name in names}
    found = _read(connection, path, names, as_text)
    flags = [n for n, t in zip(found.columns, found.types, strict=True) if str(t) == "BOOLEAN"]
    if flags:
        spelled = _read(connection, path, names, dict.fromkeys(flags, "VARCHAR"))
        for name in flags:
            texts = spelled.select(duckdb.ColumnExpression(name)).distinct().fetchall()
            if any(t is not None and t.lower() not in ("true", "false") for (t,) in texts):
                as_text[name] = "VARCHAR"
        found = _read(connection, path, names, as_text)
    return found


def line_of(path: Path, row: int) -> int:
    """Count the lines up to the one where a data row, counted from 0, begins."""
    with _text(path) as file:
        for position, (line, _) in enumerate(_records(duckdb.connect(), path, file)):
            if position == row + 1:
                return line
    raise AssertionError(f"{path} has no row {row}")


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    names: Sequence[str],
    types: dict[str, str],
) -> duckdb.DuckDBPyRelation:
    return connection.read_csv(
        literal(path), header=True, sample_size=-1, names=list(names), dtype=types or None
    )


def _records(
    connection: duckdb.DuckDBPyConnection, path: Path, file: TextIO
) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is not blank and the line where it begins."""
    sniffed = connection.execute(
        "SELECT Delimiter, Quote FROM sniff_csv(?, header = true)", [literal(path)]
    ).fetchall()
    delimiter, quote = sniffed[0]
    quote = quote if len(quote) == 1 else '"'
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(file, delimiter=delimiter, quotechar=quote)
    begins = 1
    for record in reader:
        if record:
            yield begins, record
        begins = reader.line_num + 1


def _text(path: Path) -> TextIO:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
