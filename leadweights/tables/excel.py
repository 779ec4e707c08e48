"""Sheets of workbooks: Excel's and OpenDocument's, as a table of typed cells."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

import duckdb

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.remote import RemotePath
from leadweights.model.names import quote
from leadweights.tables.content import FIRST, OLE, ZIP, describe_content
from leadweights.tables.file import File
from leadweights.tables.footer import advise_skipping, could_end_table, count_footer, describe_row
from leadweights.tables.python_rows import relation_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_WITH_SHEET = re.compile(r"(.+?\.(?:xlsx|xlsm|xlsb|xls|ods))#(.+)", re.IGNORECASE | re.DOTALL)
_LARGEST_WHOLE = 2.0**53
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]{1,3}\d{1,7}:([A-Z]{1,3})(\d{1,7})"')
_HEAD, _MOST_CELLS = 8192, 10**8
Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Which rows of a sheet, from 1 on, those of a table are."""

    numbers: Sequence[int]

    def place(self, row: int) -> str:
        """Say where a row of the table stands."""
        return f"row {self.numbers[row]}"


def split_sheet(path: Path) -> tuple[Path, str | None]:
    """Part the name of a workbook from that of its sheet, which stands after a #."""
    if isinstance(path, RemotePath):
        found = _WITH_SHEET.fullmatch(path.name)
        return (path.beside(found[1]), found[2]) if found else (path, None)
    found = None if path.exists() else _WITH_SHEET.fullmatch(str(path))
    return (Path(found[1]), found[2]) if found else (path, None)


def open_sheet(
    connection: duckdb.DuckDBPyConnection,
    file: File,
    path: Path,
    sheet: str | None,
    as_text: Sequence[str],
    own: str,
) -> tuple[list[str], duckdb.DuckDBPyRelation, SheetRows]:
    """Open a sheet, with its column names; columns `as_text` are read so, whatever they hold.

    Dates are dates, whole numbers whole, TRUE and FALSE flags, texts texts; what is in error is
    missing. Empty rows are none. Rows are held under a name of their `own` on the connection.

    Raises TableError for what is no workbook or no table, UnsupportedError without the library.
    """
    rows, numbers = _read_rows(file, path, sheet)
    kept = rows[: len(rows) - file.skip_footer or None] if file.skip_footer else rows
    if len(kept) < 2:
        raise TableError(f"{file} has column names but no rows")
    names = [_show(cell) or "" for cell in kept[0]]
    where = SheetRows(numbers[1 : len(kept)])
    _check_header(file, names, numbers[0])
    shown = [[_show(cell) or "" for cell in row] for row in kept[1:]]
    if could_end_table(shown[-1]) and (count := count_footer(shown)):
        raise TableError(
            f"cannot read {file}: {where.place(len(shown) - count)} is no row of the table, but "
            f"{describe_row(shown[-count])}; {advise_skipping(count)}"
        )
    wanted = {name.lower() for name in as_text}
    columns, kinds = {}, {}
    for place, name in enumerate(names):
        cells = [None if row[place] == "" else row[place] for row in kept[1:]]
        kind = "VARCHAR" if name.lower() in wanted else _kind(cells)
        columns[str(place)] = [_convert(cell, kind) for cell in cells]
        kinds[str(place)] = kind
    # By place: names may stand twice, which is for who opens the table to say.
    found = relation_of(connection, columns, str(file), own)
    chosen = [f"{quote(place)}::{kind} AS {quote(place)}" for place, kind in kinds.items()]
    return names, found.select(", ".join(chosen)), where


def _read_rows(file: File, path: Path, sheet: str | None) -> tuple[Rows, list[int]]:
    """Read the rows that hold anything, without columns that hold nothing, and their numbers."""
    with path.open("rb") as opened:
        first = opened.read(FIRST)
    if not first.startswith((ZIP, OLE)):
        what, advice = describe_content(first, path) or ("text", "rename it to end in .csv")
        raise TableError(f"cannot read {path}: by its content it is {what}; {advice}")
    try:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError
    except ModuleNotFoundError:
        raise UnsupportedError(
            f"{path} is an Excel workbook: pip install 'leadweights[excel]', or save it as CSV "
            "UTF-8"
        ) from None
    content = path.read_bytes()
    _refuse_far_cells(path, content)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            found = _choose_sheet(book, path, sheet)
            rows: Rows = found.to_python(skip_empty_area=False)
            merged = found.merged_cell_ranges or []
    except PasswordError:
        raise TableError(
            f"cannot read {path}: it is protected by a password; save it without"
        ) from None
    except CalamineError as problem:
        said = " ".join(str(problem).split())
        raise TableError(f"cannot read {path}: it is no workbook, or damaged ({said})") from None
    filled = [number for number, row in enumerate(rows) if any(cell != "" for cell in row)]
    last = len(filled) - file.skip_footer
    for (top, left), (bottom, right) in merged:
        if filled and top <= filled[max(last, 1) - 1]:
            raise TableError(
                f"cannot read {file}: cells {_cell(top, left)}:{_cell(bottom, right)} are merged, "
                "of which only the first has a value; unmerge them, and delete titles above the "
                "column names"
            )
    width = max(
        (place for row in rows for place, cell in enumerate(row, 1) if cell != ""), default=0
    )
    used = [p for p in range(width) if any(rows[number][p] != "" for number in filled)]
    return [[rows[number][p] for p in used] for number in filled], [n + 1 for n in filled]


def _refuse_far_cells(path: Path, content: bytes) -> None:
    """Raise TableError for a sheet that says it has more cells than a computer holds.

    The library makes room for all up to the last, also empty ones: for a stray cell at the far end
    of a sheet 500 GB, without which the process ends.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            for name in filter(_SHEET.fullmatch, archive.namelist()):
                with archive.open(name) as sheet:
                    found = _DIMENSION.search(sheet.read(_HEAD))
                if found and _count_cells(found[1], int(found[2])) > _MOST_CELLS:
                    last = (found[1] + found[2]).decode()
                    raise TableError(
                        f"cannot read {path}: a sheet of it reaches to cell {last}; delete what "
                        "stands far from the table, or save the table as CSV UTF-8"
                    )
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return  # whoever reads it will say what is wrong with it


def _count_cells(letters: bytes, rows: int) -> int:
    columns = 0
    for letter in letters:
        columns = 26 * columns + letter - 64
    return columns * rows


def _choose_sheet(book: CalamineWorkbook, path: Path, sheet: str | None) -> CalamineSheet:
    """Choose the sheet of that name, or the only one that can be seen and holds anything."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    known = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    names = [m.name for m in known]
    if sheet is not None:
        alike = [n for n in names if n == sheet] or [n for n in names if n.lower() == sheet.lower()]
        if len(alike) == 1:
            return book.get_sheet_by_name(alike[0])
        raise TableError(f"{path} has no sheet {sheet!r}; it has: {', '.join(names)}")
    seen = [m.name for m in known if m.visible == SheetVisibleEnum.Visible]
    found = [one for one in map(book.get_sheet_by_name, seen) if one.height]
    if len(found) == 1:
        return found[0]
    if not found:
        raise TableError(f"{path} is empty: no sheet that can be seen holds anything")
    raise TableError(
        f"{path} has {len(found)} sheets: name one after a #, as in '{path}#{found[0].name}'; it "
        f"has: {', '.join(one.name for one in found)}"
    )


def _check_header(file: File, names: Sequence[str], row: int) -> None:
    """Raise TableError for a first row that is a title and not the names of columns."""
    named = [name for name in names if name]
    if len(names) > 1 and 2 * len(named) <= len(names):
        raise TableError(
            f"cannot read {file}: row {row} names {len(named)} of {len(names)} columns "
            f"({named[0]!r}): it looks like a title; delete the rows above the column names"
        )


def _kind(cells: Sequence[Any]) -> str:
    """Name the type that holds all cells of a column; text where they are of several."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds and kinds <= {int, float}:
        return "BIGINT" if all(map(_is_whole, cells)) else "DOUBLE"
    if kinds and kinds <= {date, datetime}:
        return "DATE" if all(map(_is_day, cells)) else "TIMESTAMP"
    return "VARCHAR"


def _is_whole(cell: Any) -> bool:
    return cell is None or (abs(cell) < _LARGEST_WHOLE and cell == int(cell))


def _is_day(cell: Any) -> bool:
    return not isinstance(cell, datetime) or cell.time() == time()


def _convert(cell: Any, kind: str) -> object:
    if cell is None:
        return None
    match kind:
        case "VARCHAR":
            return _show(cell)
        case "BIGINT":
            return int(cell)
        case _:
            return cell


def _show(cell: Any) -> str | None:
    """Write a cell as a text file would have it."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and _is_whole(cell):
        return str(int(cell))
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _cell(row: int, column: int) -> str:
    """Name a cell as workbooks do, by row and column from 0."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"
