"""Delimited text files: CSV and its kin with `;`, tab or `|`, comma first.

DuckDB reads them, but nothing is left to its guesses: on its own it takes rows that begin with
`#` for comments, skips lines until the rest looks regular, and renames repeated columns.
"""

import csv
import glob
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from leadweights.errors import TableError
from leadweights.files.temporary import HeldFolder
from leadweights.model.names import quote
from leadweights.tables.content import FIRST, describe_content
from leadweights.tables.duckdb_errors import LINE_TOO_LONG
from leadweights.tables.encoding import UTF_8, find_encoding, open_bytes, open_decoded
from leadweights.tables.file import File
from leadweights.tables.footer import (
    MOST_LINES,
    advise_skipping,
    could_end_table,
    count_footer,
    describe_row,
)
from leadweights.tables.lines import (
    copy_records,
    find_delimiter,
    find_marks,
    has_mixed_ends,
    read_tail,
)

_NO_UTF8 = re.compile("[\ud800-\udfff]")  # how Python reads bytes that are no text
_DATES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
ISO = "^ *[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]*)? *$|^-?infinity$"
"""How dates and timestamps are written that DuckDB may read: year first, without an offset."""
GROUPED = r"\s*[+-]?([1-9][0-9]{0,2}([.][0-9]{3})?|0)\s*"
"""A number that is the same, or a thousand times as much, if a point stands between thousands."""

# How values of a type are written. DuckDB also takes 0x10 for 16 and -007 for -7.
_WRITTEN = {
    **dict.fromkeys(_DATES[:2], ISO),
    # Of a time without an offset DuckDB would take the session's.
    _DATES[2]: "^$",
    **dict.fromkeys(("BIGINT", "HUGEINT", "BIGNUM", "DOUBLE"), r"^\s*-?(0([^0-9xXbB]|$)|[^0\s-])"),
    "BOOLEAN": "^(?i:true|false)$",
}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as DuckDB can read it, also gzipped: itself or, while this is held, a copy.

    The copy has its lines. Of these, so many are before the header, which tell the delimiter.
    Of a file itself it is known which `marks` stand in it, see `find_marks`.
    """

    name: str
    path: Path
    delimiter: str
    lines_before: int
    folder: HeldFolder | None = None
    marks: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.name

    def place(self, row: int) -> str:
        """Say on which line a data row, counted from 0, begins."""
        for position, (line, _) in enumerate(records(self)):
            if position == row + 1:
                return f"line {line}"
        raise AssertionError(f"{self} has no row {row}")


def open_text(file: File, path: Path) -> TextFile:
    """Open a text file: in UTF-8, its records with one kind of end, and none of them a footer.

    Raises TableError for what is none of these, OutputError where a copy cannot be held.
    """
    text, encoding = _look_at(file, path)
    if text.marks is None:
        folder = HeldFolder()
        rows = folder.path / "rows.csv"
        copy_records(path, encoding, text.delimiter, rows, skip_footer=file.skip_footer)
        text = replace(text, path=rows, folder=folder)
    _refuse_footer(text)
    return text


def open_usual(file: File, path: Path) -> TextFile | None:
    """Open a text file as `open_text` does; None of one that has to be copied first."""
    text, _ = _look_at(file, path)
    if text.marks is None:
        return None
    _refuse_footer(text)
    return text


def _look_at(file: File, path: Path) -> tuple[TextFile, str]:
    """Say how a text file is to be read, and its encoding; no marks are known if not as it is."""
    with open_bytes(path) as opened:
        first = opened.read(FIRST)
    if found := describe_content(first, path):
        what, advice = found
        raise TableError(f"cannot read {path}: by its content it is {what}; {advice}")
    encoding = find_encoding(file, path, first)
    delimiter, before = find_delimiter(path, encoding)
    marks = None
    # Of a mark followed by a line to skip DuckDB makes a value.
    if encoding == UTF_8 and not before and not file.skip_footer:
        marks = find_marks(path)
        if "\r" in marks and has_mixed_ends(path, delimiter):
            marks = None
    return TextFile(str(file), path, delimiter, before, marks=marks), encoding


def _refuse_footer(file: TextFile) -> None:
    """Raise TableError for rows at the end that are totals, or tell of the whole table."""
    line = read_tail(file.path)
    if not could_end_table(next(csv.reader([line], delimiter=file.delimiter), [])):
        return
    all_records = records(file)
    next(all_records, None)
    last: deque[tuple[int, list[str]]] = deque(maxlen=MOST_LINES)

    def rows() -> Iterator[list[str]]:
        for record in all_records:
            last.append(record)
            yield record[1]

    count = count_footer(rows())
    if count:
        begins, row = last[-count]
        raise TableError(
            f"cannot read {file}: line {begins} is no row of the table, but "
            f"{describe_row(row)}; {advise_skipping(count)}"
        )


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


def header(file: TextFile) -> list[str]:
    """Read the column names as they stand. Raises TableError for what is not UTF-8 text."""
    first = next(records(file), None)
    if first is None:
        raise TableError(f"{file} is empty")
    return first[1]


def relation(
    connection: duckdb.DuckDBPyConnection,
    file: TextFile,
    names: Sequence[str],
    keys: Sequence[str],
    numbers: Sequence[str] = (),
) -> duckdb.DuckDBPyRelation:
    """Open the file, every row considered for the types.

    Dates are written year first, else they are text. Columns of true and false are flags; of yes
    and no, or t and f, are text, as they are in the warehouse such a file comes from. Who wants
    `keys` as text, `numbers` as numbers and nothing else has the others as text if that is faster.

    Raises TableError for a row with more or fewer values than the header.
    """
    wanted = {key.lower() for key in keys}
    as_text = {name: "VARCHAR" for name in names if name.lower() in wanted}
    if numbers and (plain := _read_plain(connection, file, names, numbers)) is not None:
        return plain
    try:
        found = read_as(connection, file, names, as_text)
    except duckdb.InvalidInputException as problem:
        if LINE_TOO_LONG in str(problem):
            raise
        if odd_width := _describe_odd_width(file, len(names)):
            raise TableError(f"cannot read {file}: {odd_width}") from None
        broken = next((name for name in names if "\n" in name or "\r" in name), None)
        if broken is not None:
            raise TableError(
                f"cannot read {file}: the column name {broken!r} holds a line break, which must "
                "be of the kind that the lines end with; rename the column"
            ) from None
        raise TableError(
            f"cannot read {file}: it is not regular text with {file.delimiter!r} between values "
            "and '\"' around those that hold it"
        ) from None
    kinds = _kinds(found)
    odd = _find_misread(connection, file, kinds)
    while any(kinds[name] in _DATES for name in odd):
        # Without them other columns may turn out to be dates: a file has one way to write them.
        as_text |= dict.fromkeys(odd, "VARCHAR")
        kinds = _kinds(read_as(connection, file, names, as_text))
        odd = _find_misread(connection, file, kinds)
    return read_as(connection, file, names, kinds | dict.fromkeys(odd, "VARCHAR"))


def _read_plain(
    connection: duckdb.DuckDBPyConnection,
    file: TextFile,
    names: Sequence[str],
    numbers: Sequence[str],
) -> duckdb.DuckDBPyRelation | None:
    """Open a file whose numbers are written in the plainest way, without a search for types.

    That takes half the time. None where a number is missing or is written otherwise: then types
    have to be found.
    """
    wanted = {number.lower() for number in numbers}
    plain = {name: "DOUBLE" for name in names if name.lower() in wanted}
    if len(plain) < len(wanted):
        return None
    texts = dict.fromkeys(names, "VARCHAR")
    # Every column is looked at: a row that has more or fewer is found.
    asked = ", ".join(
        f"coalesce(bool_and(regexp_full_match({quote(name)}, '{_PLAIN}')), false)"
        if name in plain
        else f"count({quote(name)}) >= 0"
        for name in names
    )
    try:
        (found,) = read_as(connection, file, names, texts).aggregate(asked).fetchall()
    except duckdb.InvalidInputException:
        return None
    return read_as(connection, file, names, texts | plain) if all(found) else None


# A whole number of these is the same double whether it is read as one or as a whole number first.
_PLAIN = r"-?(0|[1-9][0-9]{0,14})[.][0-9]{1,30}([eE]-[0-9]{1,2})?|0|-?[1-9][0-9]{0,14}"


def _kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _find_misread(
    connection: duckdb.DuckDBPyConnection, file: TextFile, kinds: dict[str, str]
) -> list[str]:
    """List the columns that hold a value which their type does not say as it is written.

    Of dates not written year first DuckDB guesses by the values which number is the day: 01/02
    would be read one way in one file and the other way in the next. All columns are asked about
    at once: each query costs what binding all of them does.
    """
    patterns = {name: _WRITTEN[kind] for name, kind in kinds.items() if kind in _WRITTEN}
    if not patterns:
        return []
    texts = read_as(connection, file, list(kinds), kinds | dict.fromkeys(patterns, "VARCHAR"))
    # As SQL: of expressions made in Python, a long list takes time by its square.
    odd = ", ".join(
        f"bool_or(NOT regexp_matches({quote(name)}, '{pattern}'))"
        for name, pattern in patterns.items()
    )
    (found,) = texts.aggregate(odd).fetchall()
    return [name for name, is_odd in zip(patterns, found, strict=True) if is_odd]


def _describe_odd_width(file: TextFile, width: int) -> str:
    """Say which record has more or fewer values than the header, and how many.

    Where none that is regular comes after it, it is where a footer begins.
    """
    first: tuple[int, int] | None = None
    before = after = 0
    ends = True
    for line, record in records(file):
        if first is None and len(record) != width:
            first = (line, len(record))
        before += first is None
        after += first is not None
        # After a footer there is no row of the table.
        regular = first is not None and len(record) == width and not could_end_table(record)
        ends = not regular and after <= MOST_LINES
        if not ends:
            break
    if first is None:
        return ""
    line, values = first
    if width == 1 < values:
        return (
            f"line {line} has {values} values, the first has one: if that is a title or a remark, "
            "delete it, as the first line must hold the columns' names"
        )
    is_footer = ends and values < width and before > 1
    advice = f"; if the table ends there, {advise_skipping(after)}" if is_footer else ""
    return f"line {line} has {values} values, the header has {width}{advice}"


def find_grouped(
    connection: duckdb.DuckDBPyConnection, file: TextFile, kinds: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """List the columns of doubles whose every point may stand between thousands.

    With each comes the first row, counted from 0, that has one, and its text.
    """
    doubles = [name for name, kind in kinds.items() if kind == "DOUBLE"]
    if not doubles:
        return {}
    texts = read_as(connection, file, list(kinds), kinds | dict.fromkeys(doubles, "VARCHAR"))
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


def read_as(
    connection: duckdb.DuckDBPyConnection,
    file: TextFile,
    names: Sequence[str],
    types: dict[str, str],
) -> duckdb.DuckDBPyRelation:
    """Open the file; where a column has no type yet, every row is looked at to find it.

    That takes many times as long as reading the rows, and Ctrl-C does not end it.
    """
    known = types.keys() >= set(names)
    return connection.read_csv(
        literal(file.path),
        header=True,
        names=list(names),
        sep=file.delimiter,
        quotechar='"',
        escapechar='"',
        comment="",
        skiprows=next(records(file))[0] - 1,
        sample_size=1 if known else -1,
        hive_partitioning=False,
        dtype=types or None,
    )


def read_in_sql(file: TextFile, names: Sequence[str]) -> str:
    """Write, in SQL, what `read_as` opens with every column as text; bound once, not seven times.

    Raises TableError for a path that cannot be written.
    """
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    listed = ", ".join(map(_text, names))
    return (
        f"read_csv({_text(literal(file.path))}, header = true, names = [{listed}], "
        f"sep = {_text(file.delimiter)}, quote = '\"', escape = '\"', comment = '', "
        f"skip = {next(records(file))[0] - 1}, sample_size = 1, hive_partitioning = false, "
        f"types = {{{types}}})"
    )


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def records(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """Give each record and the line where it begins, but for blank lines, which hold no record.

    In a file of one column a blank line is a missing value.
    """
    with open_decoded(file.path, UTF_8, file.name) as lines:
        for _ in range(file.lines_before):
            next(lines, "")
        reader = csv.reader(lines, delimiter=file.delimiter)
        begins, width = 1 + file.lines_before, 0
        for record in reader:
            if record or width == 1:
                width = width or len(record)
                yield begins, record or [""]
            begins = reader.line_num + 1 + file.lines_before
