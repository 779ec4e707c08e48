"""Delimited text files: CSV and its kin with `;`, tab or `|`, comma first.

DuckDB reads them, but nothing is left to its guesses: on its own it takes rows that begin with
`#` for comments, skips lines until the rest looks regular, and renames repeated columns.
"""

import csv
import glob
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

from leadweights.errors import TableError

_OTHER = {".parquet", ".pq", ".json", ".jsonl", ".ndjson"}
_DELIMITERS = ",;\t|"
_LARGEST_FIELD = 2**30


def is_delimited(path: Path) -> bool:
    """Tell by its name whether a file holds delimited text: anything not known to be else."""
    return not any(suffix.lower() in _OTHER for suffix in path.suffixes)


def literal(path: Path) -> str:
    """Write a path so that DuckDB takes `[1]` and `*` in it for themselves."""
    return glob.escape(str(path))


def header(path: Path) -> list[str]:
    """Read the column names as they stand. Raises TableError for what is not UTF-8 text."""
    try:
        return next(_records(path))[1]
    except StopIteration:
        raise TableError(f"{path} is empty") from None
    except (UnicodeDecodeError, csv.Error):
        raise TableError(f"cannot read {path}: it is not UTF-8 text") from None
    except (EOFError, gzip.BadGzipFile) as problem:
        raise TableError(f"cannot read {path}: {problem}") from None


def relation(
    connection: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], keys: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Open the file, every row considered for the types.

    Columns of true and false are flags; of yes and no, or t and f, are text, as they are in the
    warehouse such a file comes from.

    Raises TableError for a row with more or fewer values than the header.
    """
    as_text = {name: "VARCHAR" for name in keys if name in names}
    try:
        found = _read(connection, path, names, as_text)
    except duckdb.Error:
        _refuse_ragged(path, len(names))
        raise
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
    for position, (line, _) in enumerate(_records(path)):
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
        literal(path),
        header=True,
        names=list(names),
        sep=_delimiter(path),
        quotechar='"',
        escapechar='"',
        comment="",
        skiprows=0,
        sample_size=-1,
        dtype=types or None,
    )


def _delimiter(path: Path) -> str:
    """Take the delimiter that gives the first line the most columns."""

    def columns(delimiter: str) -> int:
        with _text(path) as file:
            return len(next(csv.reader(file, delimiter=delimiter), []))

    return max(_DELIMITERS, key=columns)


def _refuse_ragged(path: Path, width: int) -> None:
    for line, record in _records(path):
        if len(record) != width:
            raise TableError(
                f"cannot read {path}: line {line} has {len(record)} values, the header has {width}"
            )


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each record and the line where it begins, but for blank lines, which hold no record.

    In a file of one column a blank line is a missing value.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    with _text(path) as file:
        reader = csv.reader(file, delimiter=_delimiter(path))
        begins, width = 1, 0
        for record in reader:
            if record or width == 1:
                width = width or len(record)
                yield begins, record or [""]
            begins = reader.line_num + 1


def _text(path: Path) -> TextIO:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")
