"""A text file that is read in one pass, where what its columns are read as is known before.

Each value is looked at as it is read, by comparisons that take a fraction of the time of reading.
Where one is not written in the plainest way, reading ends with an error of DuckDB's, whatever it
says: the file is then opened by `open_table`, which looks at all values first and tells what is
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from leadweights.files.remote import RemotePath
from leadweights.formula.sources import IN_TEXT, Kind
from leadweights.model.names import quote
from leadweights.tables import csv, excel
from leadweights.tables.file import PARQUET, File, as_file
from leadweights.tables.lines import QUOTE, count_lines
from leadweights.tables.open import JSON_LINES, check_names
from leadweights.tables.ordering import sort
from leadweights.tables.types import TypedColumns
from leadweights.tables.write import write_rows

VIEW = "leads_at_once"
"""The name under which SQL finds the rows: another than that of a table, if one has to follow."""
_PEEKED = 100
"""Rows of which the first flag says how a column of them writes them."""
_MOST_LETTERS = 18
"""With so many, a whole number is one of DuckDB's usual type, which becomes the same double."""
_TYPES: Mapping[Kind, str] = {
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "date": "DATE",
    **dict.fromkeys(IN_TEXT, "VARCHAR"),
}
_DAY = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_FLAGS = (("false", "true"), ("0", "1"))
_DIGITS = (("1", ":"), ("-1", "-:"))
"""What a number that does not begin with 0 is between, as text."""


@dataclass
class TextRows(TypedColumns):
    """The rows of a text file, of which no value was looked at yet: a view that is read once."""

    connection: duckdb.DuckDBPyConnection
    name: str
    types: dict[str, str]
    view: str
    path: Path

    def count_most(self) -> int:
        """Say how many rows there are at most, by the lines, and these by the bytes."""
        return count_lines(self.path) - 1

    def write_select(
        self, sql: str, path: Path, *, parquet: bool, order_by: Sequence[str] = ()
    ) -> int:
        """Run a SELECT over the view into a file; give the number of its rows.

        That is 0 where a value is not plain, and after all else that DuckDB raises.
        """
        try:
            rows = sort(self.connection.sql(sql), order_by)
            return write_rows(rows, path, parquet=parquet)
        except (duckdb.Error, RuntimeError):
            return 0


def open_at_once(
    source: str | Path | File,
    kinds: Mapping[str, Kind],
    keys: Sequence[str],
    connection: duckdb.DuckDBPyConnection,
) -> TextRows | None:
    """Open the columns of a text file that are read as these kinds, and its keys, as text.

    None of what is no text file of this machine, or cannot be read as it is, or lacks a column.
    Raises TableError for what is no table, in the words of `open_table`.
    """
    file = as_file(source)
    path = Path(file.path) if not isinstance(file.path, RemotePath) else None
    text = csv.open_usual(file, path) if path is not None and _may_be_text(path) else None
    if text is None or text.marks is None:
        return None
    names = csv.header(text)
    check_names(names, str(path))
    read = _find_columns(names, kinds, keys)
    flags = _find_flags(text, names, [name for name, kind in read.items() if kind == "flag"])
    if not read or None in flags.values():
        return None
    columns = (
        _column(name, kind, text.marks, flags.get(name) or "") for name, kind in read.items()
    )
    # The others are read as well: what is in them may be no UTF-8.
    others = [*(quote(name) for name in names if name not in read), "''"]
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {VIEW} AS SELECT {', '.join(columns)} "  # noqa: S608
            f"FROM {csv.read_in_sql(text, names)} WHERE coalesce({', '.join(others)}) IS NOT NULL"
        )
    except (duckdb.Error, RuntimeError):
        return None
    types = {name: _TYPES[kind] for name, kind in read.items()}
    return TextRows(connection, str(path), types, VIEW, text.path)


def _may_be_text(path: Path) -> bool:
    """Tell whether a file that is there is one of text by its name, and not packed."""
    ending = path.suffix.lower()
    others = (*PARQUET, *JSON_LINES, *excel.ENDINGS, ".gz")
    try:
        return ending not in others and path.is_file() and path.stat().st_size > 0
    except (OSError, ValueError):
        return False


def _find_columns(
    names: Sequence[str], kinds: Mapping[str, Kind], keys: Sequence[str]
) -> dict[str, Kind]:
    """Give what columns are read as, by their own names; nothing if there are not all of them."""
    own = {name.lower(): name for name in names}
    if not all(name.lower() in own for name in (*kinds, *keys)):
        return {}
    read = {own[name.lower()]: kind for name, kind in kinds.items()}
    for key in keys:
        kind = read.setdefault(own[key.lower()], "text")
        if kind not in IN_TEXT:  # it is written as what it is found to be
            return {}
    return read


def _find_flags(
    text: csv.TextFile, names: Sequence[str], wanted: Sequence[str]
) -> dict[str, str | None]:
    """Give, for columns of flags, which text is true in them; None where the first rows say none.

    A column has one way to write them: 1 beside `true` is no flag.
    """
    found: dict[str, str | None] = dict.fromkeys(wanted)
    for _, record in islice(csv.records(text), 1, _PEEKED) if wanted else ():
        for name, cell in zip(names, record, strict=False):
            if name in found and found[name] is None and cell:
                pair = next((pair for pair in _FLAGS if cell.lower() in pair), ("", None))
                found[name] = pair[1]
        if None not in found.values():
            break
    return found


def _column(name: str, kind: Kind, marks: frozenset[str], true: str) -> str:
    """Write, in SQL, a column as what it is read as, with an error for what is not plain."""
    own = quote(name)
    match kind:
        case "text" | "date in text":
            return own
        case "flag":
            false = next(pair[0] for pair in _FLAGS if pair[1] == true)
            odd, value = f"lower({own}) NOT IN ('{false}', '{true}')", f"lower({own}) = '{true}'"
        case "date":
            odd, value = f"NOT regexp_full_match({own}, '{_DAY}')", f"{own}::DATE"
        case "number":
            odd, value = _odd_number(own, marks), f"{own}::DOUBLE"
    said = f"error('not plain')::{_TYPES[kind]}"
    return f"CASE WHEN {odd} THEN {said} ELSE {value} END AS {own}"


def _odd_number(own: str, marks: frozenset[str]) -> str:
    """Write, in SQL, that a text is no number such as -12, 0, 0.5 or 1.5e-07, given its cast fails.

    The cast takes more than numbers of text files: 007, +1, nan, 1_000 and spaces at the ends. Of
    marks that stand nowhere in the file, none is looked for.
    """
    # By the first letters, which DuckDB compares without looking at the rest; most are fractions.
    begins = [f"({own} < '{first}' OR {own} >= '{last}')" for first, last in _DIGITS]
    begins += [f"NOT starts_with({own}, '-0.')", f"{own} <> '0'"]
    is_long = f"strlen({own}) > {_MOST_LETTERS} AND NOT contains({own}, '.')"
    odd = [f"NOT starts_with({own}, '0.') AND ({' AND '.join(begins)} OR {is_long})"]
    within = marks - {QUOTE, "\r"} | (set("\r\n") if QUOTE in marks else set())
    return " OR ".join([*odd, *(f"contains({own}, chr({ord(mark)}))" for mark in sorted(within))])
