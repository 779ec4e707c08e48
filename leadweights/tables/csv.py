"""Delimited text files: CSV and its kin with `;`, tab or `|`, comma first.

DuckDB reads them, but nothing is left to its guesses: on its own it takes rows that begin with
`#` for comments, skips lines until the rest looks regular, and renames repeated columns.
"""

import csv
import glob
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb

from leadweights.errors import TableError
from leadweights.model.names import quote
from leadweights.tables.duckdb_errors import LINE_TOO_LONG

_OTHER = {".parquet", ".pq", ".json", ".jsonl", ".ndjson"}
_DELIMITERS = ",;\t|"
_LARGEST_FIELD = 2**30
_NO_UTF8 = re.compile("[\ud800-\udfff]")  # how Python reads bytes that are no text
_DATES = ("DATE", "TIMESTAMP")
GROUPED = r"\s*[+-]?([1-9][0-9]{0,2}([.][0-9]{3})?|0)\s*"
"""A number that is the same, or a thousand times as much, if a point stands between thousands."""
# How values of a type are written. DuckDB also takes 0x10 for 16 and -007 for -7.
_WRITTEN = {
    **dict.fromkeys(_DATES, "^ *[0-9]{4}-[0-9]{2}-[0-9]{2}|^-?infinity$"),
    **dict.fromkeys(("BIGINT", "HUGEINT", "BIGNUM", "DOUBLE"), r"^\s*-?(0([^0-9xXbB]|$)|[^0\s-])"),
    "BOOLEAN": "^(?i:true|false)$",
}


def is_delimited(path: Path) -> bool:
    """Tell by its name whether a file holds delimited text: anything not known to be else."""
    return not any(suffix.lower() in _OTHER for suffix in path.suffixes)


def literal(path: Path) -> str:
    """Write a path so that DuckDB takes it for that of one file, `[1]`, `*` and `~` in it too.

    Raises TableError for a name that cannot be written so.
    """
    text = path.absolute().as_posix()
    if _NO_UTF8.search(text):
        raise TableError(f"cannot read {path}: its name is not UTF-8 text; rename it")
    if not glob.has_magic(text):
        return text
    if "\\" in text:
        raise TableError(
            f"cannot read {path}: its name has a backslash beside *, ? or [, which DuckDB takes "
            "for a pattern; rename it"
        )
    return glob.escape(text)


def header(path: Path) -> list[str]:
    """Read the column names as they stand. Raises TableError for what is not UTF-8 text."""
    first = next(_records(path), None)
    if first is None:
        raise TableError(f"{path} is empty")
    return first[1]


def relation(
    connection: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], keys: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Open the file, every row considered for the types.

    Dates are written year first, else they are text. Columns of true and false are flags; of yes
    and no, or t and f, are text, as they are in the warehouse such a file comes from.

    Raises TableError for a row with more or fewer values than the header.
    """
    wanted = {key.lower() for key in keys}
    as_text = {name: "VARCHAR" for name in names if name.lower() in wanted}
    try:
        found = _read(connection, path, names, as_text)
    except duckdb.InvalidInputException as problem:
        if LINE_TOO_LONG in str(problem):
            raise
        for line, record in _records(path):
            if len(record) != len(names):
                raise TableError(
                    f"cannot read {path}: line {line} has {len(record)} values, the header has "
                    f"{len(names)}"
                ) from None
        broken = next((name for name in names if "\n" in name or "\r" in name), None)
        if broken is not None:
            raise TableError(
                f"cannot read {path}: the column name {broken!r} holds a line break, which must "
                "be of the kind that the lines end with; rename the column"
            ) from None
        raise TableError(
            f"cannot read {path}: it is not regular text with {_delimiter(path)!r} between values "
            "and '\"' around those that hold it"
        ) from None
    kinds = _kinds(found)
    odd = _find_misread(connection, path, kinds)
    while any(kinds[name] in _DATES for name in odd):
        # Without them other columns may turn out to be dates: a file has one way to write them.
        as_text |= dict.fromkeys(odd, "VARCHAR")
        kinds = _kinds(_read(connection, path, names, as_text))
        odd = _find_misread(connection, path, kinds)
    return _read(connection, path, names, kinds | dict.fromkeys(odd, "VARCHAR"))


def _kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _find_misread(
    connection: duckdb.DuckDBPyConnection, path: Path, kinds: dict[str, str]
) -> list[str]:
    """List the columns that hold a value which their type does not say as it is written.

    Of dates not written year first DuckDB guesses by the values which number is the day: 01/02
    would be read one way in one file and the other way in the next. All columns are asked about
    at once: each query costs what binding all of them does.
    """
    patterns = {name: _WRITTEN[kind] for name, kind in kinds.items() if kind in _WRITTEN}
    if not patterns:
        return []
    texts = _read(connection, path, list(kinds), kinds | dict.fromkeys(patterns, "VARCHAR"))
    # As SQL: of expressions made in Python, a long list takes time by its square.
    odd = ", ".join(
        f"bool_or(NOT regexp_matches({quote(name)}, '{pattern}'))"
        for name, pattern in patterns.items()
    )
    (found,) = texts.aggregate(odd).fetchall()
    return [name for name, is_odd in zip(patterns, found, strict=True) if is_odd]


def find_grouped(
    connection: duckdb.DuckDBPyConnection, path: Path, kinds: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """List the columns of doubles whose every point may stand between thousands.

    With each comes the first row, counted from 0, that has one, and its text.
    """
    doubles = [name for name, kind in kinds.items() if kind == "DOUBLE"]
    if not doubles:
        return {}
    texts = _read(connection, path, list(kinds), kinds | dict.fromkeys(doubles, "VARCHAR"))
    all_grouped = ", ".join(
        f"bool_and(regexp_full_match({quote(name)}, '{GROUPED}')) AND "
        f"bool_or(contains({quote(name)}, '.'))"
        for name in doubles
    )
    (found,) = texts.aggregate(all_grouped).fetchall()
    firsts = {}
    for name in (name for name, grouped in zip(doubles, found, strict=True) if grouped):
        cells = (cell for (cell,) in texts.select(quote(name)).fetchall())
        firsts[name] = next((row, cell) for row, cell in enumerate(cells) if "." in (cell or ""))
    return firsts


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
    """Open the file; where a column has no type yet, every row is looked at to find it.

    That takes many times as long as reading the rows, and Ctrl-C does not end it.
    """
    known = types.keys() >= set(names)
    return connection.read_csv(
        literal(path),
        header=True,
        names=list(names),
        sep=_delimiter(path),
        quotechar='"',
        escapechar='"',
        comment="",
        skiprows=next(_records(path))[0] - 1,
        sample_size=1 if known else -1,
        hive_partitioning=False,
        dtype=types or None,
    )


def _delimiter(path: Path) -> str:
    """Take the delimiter that gives the first line the most columns."""
    with _text(path) as file:
        first = next((line for line in file if line.strip()), "")
    return max(
        _DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter)))
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


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    """Open a text file. Raises TableError for what is not UTF-8 or not whole."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as problem:
        raise TableError(
            f"cannot read {path}: it is not UTF-8 text "
            f"(byte {problem.object[problem.start]:#04x}); convert it"
        ) from None
    except (EOFError, OSError, zlib.error, csv.Error) as problem:
        raise TableError(f"cannot read {path}: {problem}") from None
