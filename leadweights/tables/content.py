"""What a file is by its first bytes, for those that are not what their name says."""

import json
import zipfile
from pathlib import Path

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "open it in a spreadsheet program and save it as .xlsx or CSV UTF-8"
BINARY = {
    b"PAR1": ("a Parquet file", "rename it to end in .parquet"),
    b"ARROW1": ("an Arrow file", "save it as Parquet"),
    b"\x1f\x8b": ("a gzip file", "rename it to end in .gz"),
    b"ORC": ("an ORC file", "save it as Parquet"),
    b"Obj\x01": ("an Avro file", "save it as Parquet"),
    b"FEA1": ("a Feather file", "save it as Parquet"),
    b"\x89HDF": ("an HDF5 file", "save its table as Parquet"),
    b"\x80\x04\x95": ("a pickle of Python", "save its table as Parquet"),
    b"$FL2": ("an SPSS file", "save it as CSV UTF-8"),
    b"<stata_dta>": ("a Stata file", "save it as CSV UTF-8"),
    b"\0\x01\0\0Standard ": ("an Access database", "export its table as CSV UTF-8"),
    b"SQLite format 3\0": ("a SQLite database", "save its table as CSV UTF-8"),
    b"%PDF": ("a PDF document", "export the rows as CSV UTF-8"),
    b"{\\rtf": ("an RTF document", "export the rows as CSV UTF-8"),
    b"BZh": ("a bzip2 file", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "unpack it"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it"),
    b"Rar!": ("a RAR archive", "unpack it"),
    b"\xfd7zXZ": ("an xz file", "unpack it"),
    OLE: ("an Excel workbook, or another document of old Office", "rename it to end in .xls"),
}
_HTML = ("<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<body", "<div", "<tr")
_SPREADSHEET_XML = "schemas-microsoft-com:office:spreadsheet"
FIRST = 4096
"""So many bytes tell what a file is."""


def describe_content(first: bytes, path: Path) -> tuple[str, str] | None:
    """Say what a file is and what to do, if by its `first` bytes it is no plain text."""
    if first.startswith(ZIP):
        return _describe_zip(path)
    if first[8:12] == b"DUCK":
        return "a database of DuckDB", "give fit its table's name with --table, or save that alone"
    found = next((said for mark, said in BINARY.items() if first.startswith(mark)), None)
    if found is not None:
        return found
    # In UTF-16 every other byte of these is zero.
    text = first.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").decode("latin-1").lstrip()
    begins = text.lower()
    if begins.startswith("<?xml"):
        if _SPREADSHEET_XML in begins:
            return "a table of Excel 2003 in XML", _SAVE
        return ("an HTML page", _SAVE) if "<html" in begins else ("an XML document", _SAVE)
    if begins.startswith(_HTML):
        return "an HTML page", _SAVE
    return _describe_json(text)


def _describe_json(text: str) -> tuple[str, str] | None:
    if text.startswith("{"):
        try:
            is_object = isinstance(json.loads(text.splitlines()[0]), dict)
        except (ValueError, RecursionError):
            is_object = False
        if is_object:
            return "JSON lines", "rename it to end in .jsonl"
    if text.startswith("[") and text[1:].lstrip().startswith('{"'):
        return "JSON", "write one object a line, into a file that ends in .jsonl"
    return None


def _describe_zip(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged zip archive", "fetch or make it again"
    kinds = {
        "xl/workbook.xml": ("an Excel workbook", ".xlsx"),
        "xl/workbook.bin": ("an Excel workbook", ".xlsb"),
        "content.xml": ("an OpenDocument document", ".ods"),
    }
    for name, (kind, ending) in kinds.items():
        if name in names:
            return kind, f"rename it to end in {ending}, or save it as CSV UTF-8"
    if "Index/Document.iwa" in names or "Index.zip" in names:
        return "an Apple Numbers document", "export it as CSV UTF-8"
    return f"a zip archive of {', '.join(names[:3]) or 'nothing'}", "unpack it"
