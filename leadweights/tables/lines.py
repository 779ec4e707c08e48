"""The lines of a delimited text file: what is between values, and how records end."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from leadweights.files.temporary import explain_disk
from leadweights.tables.encoding import UTF_8, open_bytes, open_decoded, read_pieces

DELIMITERS = ",;\t|"
# Excel's first line, which tells the delimiter and is no row.
_TOLD = re.compile(r'"?sep=([^\w" ])"?\s*', re.IGNORECASE)
_TAIL = 2**16


def find_delimiter(path: Path, encoding: str) -> tuple[str, int]:
    """Find the delimiter, and how many lines before the header there are because they tell it.

    If none does, it is the one that gives the first line the most columns.
    """
    with open_decoded(path, encoding, str(path)) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                told = _TOLD.fullmatch(line)
                return (told[1], number) if told else (_most_columns(line), 0)
    return DELIMITERS[0], 0


def _most_columns(line: str) -> str:
    def columns(delimiter: str) -> int:
        return len(next(csv.reader([line], delimiter=delimiter)))

    return max(DELIMITERS, key=columns)


QUOTE = '"'
_MARKS = f" \t\v\f_{QUOTE}\r"
"""What DuckDB's cast lets stand in a number, and a text file's number has not; and quotes."""


def find_marks(path: Path) -> frozenset[str]:
    """Say which of some marks stand anywhere in a UTF-8 file.

    To look for a byte that is not there takes a hundredth of the time of reading values.
    """
    missing = {mark: mark.encode() for mark in _MARKS}
    for piece in read_pieces(path):
        missing = {mark: byte for mark, byte in missing.items() if byte not in piece}
    return frozenset(_MARKS).difference(missing)


def count_lines(path: Path) -> int:
    """Count the lines of a file, which are no fewer than its records."""
    return 1 + sum(piece.count(b"\n") + piece.count(b"\r") for piece in read_pieces(path))


def has_mixed_ends(path: Path, delimiter: str) -> bool:
    """Tell whether records of a UTF-8 file end in different ways, of which DuckDB wants one."""
    pairs = feeds = returns = 0
    last = b""
    for piece in read_pieces(path):
        pairs += piece.count(b"\r\n") + (last[-1:] + piece[:1] == b"\r\n")
        feeds += piece.count(b"\n")
        returns += piece.count(b"\r")
        last = piece
    if not returns or not feeds or pairs == feeds == returns:
        return False
    # Some of them may be within values, where DuckDB minds none.
    ends = (end for _, end in _split_records(path, UTF_8, delimiter) if end)
    first = next(ends, "")
    return any(end != first for end in ends)


def copy_records(
    path: Path, encoding: str, delimiter: str, copy: Path, *, skip_footer: int = 0
) -> None:
    """Copy a text file as UTF-8, line by line, its records ending in line feeds.

    The last records that hold anything, as many as `skip_footer`, are left out.
    """
    waiting: deque[tuple[str, bool]] = deque()
    filled_lines = 0
    records = _split_records(path, encoding, delimiter)
    with explain_disk(copy.parent.parent), copy.open("w", encoding="utf-8", newline="") as file:
        for text, _ in records:
            waiting.append((text, bool(text.strip())))
            filled_lines += waiting[-1][1]
            while filled_lines > skip_footer:
                text, is_filled = waiting.popleft()
                file.write(f"{text}\n")
                filled_lines -= is_filled


def _split_records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[str, str]]:
    """Give the text of each record, what ends a line within its values too, and how it ends."""
    held: list[str] = []

    def read(lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            held.append(line)
            yield line

    with open_decoded(path, encoding, str(path)) as lines:
        for _ in csv.reader(read(lines), delimiter=delimiter):
            last = held[-1].rstrip("\r\n")
            yield "".join([*held[:-1], last]), held[-1][len(last) :]
            held.clear()


def read_tail(path: Path) -> str:
    """Read the last line that holds anything of a UTF-8 file, or the end of it."""
    with open_bytes(path) as file:
        tail = b""
        if path.suffix.lower() != ".gz":
            file.seek(max(0, path.stat().st_size - _TAIL))
        for piece in iter(lambda: file.read(_TAIL), b""):
            tail = (tail + piece)[-_TAIL:]
    lines = tail.decode("utf-8", "replace").splitlines()
    return next((line for line in reversed(lines) if line.strip()), "")
