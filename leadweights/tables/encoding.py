"""How the text of a file is written in bytes: told by the file, or said; never guessed."""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from leadweights.errors import TableError
from leadweights.tables.file import File

UTF_8 = "utf-8-sig"
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: UTF_8,
}
PIECE = 2**20
_LEAST_ZEROS = 0.3
_LARGEST_FIELD = 2**30
_LINE_END = re.compile("\r\n|\r|\n")


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file, also a gzipped one. Raises TableError for one that cannot be read."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as file:
            yield cast(BinaryIO, file)
    except (EOFError, OSError, zlib.error) as problem:
        raise TableError(f"cannot read {path}: {problem}") from None


def read_pieces(path: Path) -> Iterator[bytes]:
    """Read a file's bytes piece by piece."""
    with open_bytes(path) as file:
        yield from iter(lambda: file.read(PIECE), b"")


def find_encoding(file: File, path: Path, first: bytes) -> str:
    """Say in which encoding to read a text file: by its `first` bytes, as asked, or UTF-8.

    UTF-16 without a mark is known by its zeros: every other byte of names, digits and delimiters.

    Raises TableError for UTF-8 that is said to be something else.
    """
    marked = next((name for mark, name in MARKS.items() if first.startswith(mark)), None)
    if marked is not None:
        return marked
    if file.encoding is None:
        return _find_utf_16(first) or UTF_8
    asked = codecs.lookup(file.encoding).name
    if asked in ("utf-8", UTF_8):
        return UTF_8
    if len("é".encode(asked, "replace")) == 1 and _is_utf_8(path):
        raise TableError(f"{path} is UTF-8 text, not {file.encoding}: leave the encoding out")
    return asked


def _find_utf_16(first: bytes) -> str | None:
    even, odd = first[::2].count(0), first[1::2].count(0)
    if odd > _LEAST_ZEROS * len(first) / 2 and even == 0:
        return "utf-16-le"
    if even > _LEAST_ZEROS * len(first) / 2 and odd == 0:
        return "utf-16-be"
    return None


def _is_utf_8(path: Path) -> bool:
    """Tell whether a file is UTF-8 with letters beyond ASCII, which hardly comes by chance."""
    decoder, ascii_only = codecs.getincrementaldecoder("utf-8")(), True
    try:
        for piece in read_pieces(path):
            ascii_only &= piece.isascii()
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not ascii_only


@contextmanager
def open_decoded(path: Path, encoding: str, name: str) -> Iterator[TextIO]:
    """Open a text file called `name`; its lines keep their ends. Raises TableError for no text."""
    csv.field_size_limit(_LARGEST_FIELD)
    try:
        with open_bytes(path) as file, TextIOWrapper(file, encoding, newline="") as lines:
            yield lines
    except UnicodeError:
        raise _explain_undecodable(path, encoding, name) from None
    except csv.Error as problem:
        raise TableError(f"cannot read {name}: {problem}") from None


def _explain_undecodable(path: Path, encoding: str, name: str) -> TableError:
    """Say which byte of a file, on which line, its encoding has not, and what may be said of it."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    where = ""
    try:
        for piece in read_pieces(path):
            line += len(_LINE_END.findall(decoder.decode(piece)))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as problem:
        before = problem.object[: problem.start].decode(encoding, "replace")
        line += len(_LINE_END.findall(before))
        where = f" (byte {problem.object[problem.start]:#04x} on line {line})"
    if encoding != UTF_8:
        return TableError(f"cannot read {name}: it is no whole text in {encoding}{where}")
    return TableError(
        f"cannot read {name}: it is not UTF-8 text{where}; save it as UTF-8, or say what it is: "
        "--encoding windows-1252, as most of Windows has it (in Python "
        "lw.File(name, encoding='windows-1252'))"
    )
