"""Workbooks as small as they can be, written by the letters of their standards."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[object]]
Sheets = Mapping[str, Rows]
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_STYLES = (
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="20" applyNumberFormat="1"/></cellXfs>'
)
ERROR = object()
"""A cell that is in error: #N/A."""


def write_xlsx(
    path: Path,
    sheets: Sheets,
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
) -> Path:
    """Write a workbook of Excel (ECMA-376); `merged` are ranges of every sheet."""
    listed, related, parts = "", "", {}
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        related += (
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
        )
        ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
        own = f"<mergeCells>{ranges}</mergeCells>" if merged else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{_rows(rows)}</sheetData>{own}</worksheet>'
        )
    related += f'<Relationship Id="rIdS" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}">{related}</Relationships>'
    )
    parts["xl/styles.xml"] = f'<styleSheet xmlns="{_MAIN}">{_STYLES}</styleSheet>'
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, _XML + text)
    return path


def _rows(rows: Rows) -> str:
    return "".join(
        f'<row r="{r}">'
        + "".join(_cell(f"{_letters(c)}{r}", v) for c, v in enumerate(row))
        + "</row>"
        for r, row in enumerate(rows, start=1)
    )


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)


def _cell(place: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{value!r}</v></c>'
        case datetime():
            return f'<c r="{place}" s="2"><v>{_serial(value)!r}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{_serial(value):.0f}</v></c>'
        case time():
            return f'<c r="{place}" s="3"><v>{(value.hour * 60 + value.minute) / 1440!r}</v></c>'
        case _ if value is ERROR:
            return f'<c r="{place}" t="e"><v>#N/A</v></c>'
    text = f'<t xml:space="preserve">{escape(str(value))}</t>'
    return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'


def _serial(value: date) -> float:
    """Count days as Excel does, from what it takes for the last day of 1899."""
    days = float((date(value.year, value.month, value.day) - date(1899, 12, 30)).days)
    if isinstance(value, datetime):
        days += (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    return days


def write_ods(path: Path, sheets: Sheets) -> Path:
    """Write a spreadsheet of OpenDocument (ISO/IEC 26300)."""
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, r))}</table:table-row>" for r in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'{_XML}<manifest:manifest xmlns:manifest="{manifest}"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"{_XML}<office:document-content{spaces}>{body}</office:document-content>",
        )
    return path


def _ods_cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            kind, own = "boolean", f'office:boolean-value="{str(value).lower()}"'
        case int() | float():
            kind, own = "float", f'office:value="{value!r}"'
        case date():
            kind, own = "date", f'office:date-value="{value.isoformat()}"'
        case _:
            kind, own = "string", ""
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="{kind}" {own}>{text}</table:table-cell>'
