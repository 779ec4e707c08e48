"""Rows pasted into a workbook, and what LibreOffice computes of it without a screen."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.tool("libreoffice")

_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet '
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>'
    "</worksheet>"
)
# Else it shows what stands in the file; and it would ask nobody who is not there.
_SETTINGS = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items '
    'xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
    '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>'
)
_BITS = 26


def letters(place: int) -> str:
    """Name a column of a sheet, from 0 on."""
    first, last = divmod(place, 26)
    return ("" if not first else chr(64 + first)) + chr(65 + last)


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = escape(str(value))
    if text.startswith("="):
        return f'<c r="{place}"><f>{text[1:]}</f></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _sheet(rows: Sequence[Sequence[object]]) -> str:
    lines = []
    for row, values in enumerate(rows, start=1):
        cells = (_cell(f"{letters(place)}{row}", value) for place, value in enumerate(values))
        lines.append(f'<row r="{row}">{"".join(cells)}</row>')
    return _SHEET.format("".join(lines))


def paste(book: bytes, rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()) -> bytes:
    """Put rows, with their header, in the place of the first sheet.

    In that of the last come the digits of the columns `numbers` of the second, each in two parts:
    programs write fifteen digits of a number, and these parts have no more.
    """
    parts: list[list[object]] = [["bits"]]
    for row in range(2, len(rows) + 1 if numbers else 2):
        cells: list[object] = []
        for own, number in enumerate(numbers):
            score, whole = f"Scores!{letters(number)}{row}*{2**_BITS}", f"{letters(2 * own)}{row}"
            cells += [f"=INT({score})", f"={score}-{whole}"]
        parts.append(cells)
    sheets = {"xl/worksheets/sheet1.xml": _sheet(rows), "xl/worksheets/sheet7.xml": _sheet(parts)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheets.get(name) or old.read(name))
    return buffer.getvalue()


def recalculate(books: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, list[object]]]:
    """Compute workbooks anew; give the columns of the sheet Scores of each, numbers to the bit."""
    from python_calamine import CalamineWorkbook

    assert SOFFICE is not None
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_SETTINGS)
    for name, book in books.items():
        (folder / f"{name}.xlsx").write_bytes(book)
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "ods", "--outdir", str(folder / "found")),
            *(str(folder / f"{name}.xlsx") for name in books),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    found = {}
    for name in books:
        read = CalamineWorkbook.from_path(folder / "found" / f"{name}.ods")
        header, *rows = read.get_sheet_by_name("Scores").to_python(skip_empty_area=False)
        bits = read.get_sheet_by_index(6).to_python(skip_empty_area=False)[1:]
        pasted = len(read.get_sheet_by_name("Leads").to_python(skip_empty_area=False)) - 1
        columns: dict[str, list[object]] = {
            str(n): [row[i] for row in rows[:pasted]] for i, n in enumerate(header)
        }
        exact = [n for n in columns if n in ("lead_score", "log_odds", "probability")]
        for place, own in enumerate(exact if bits else ()):
            columns[own] = [_join(*row[2 * place : 2 * place + 2]) for row in bits]
        found[name] = columns
    return found


def _join(whole: object, part: object) -> object:
    """Put the digits of a number together; the part is a whole number of 2**-50."""
    if not isinstance(whole, int | float) or not isinstance(part, int | float):
        return ""
    rest = Fraction(round(Fraction(part) * 2**50), 2**50)
    return float((Fraction(whole) + rest) / 2**_BITS)
