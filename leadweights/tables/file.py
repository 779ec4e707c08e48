"""A file of rows, and what has to be said of it to be read rightly."""

from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Protocol

from leadweights.errors import UnsupportedError
from leadweights.files.remote import as_path

PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class File:
    """A table's file, with what it does not tell itself; its name alone is enough for most.

    `encoding` is that of a text file that is neither UTF-8 nor begins with a byte order mark, such
    as windows-1252. The last `skip_footer` lines that hold anything, or rows of a sheet, are left
    out: totals, and what an export says of itself. A workbook's sheet is named after a `#`.
    The name may be the URL of a file in the cloud: s3://, az://, gs:// or https://.

    Raises UnsupportedError for an encoding that is none.
    """

    path: str | Path
    encoding: str | None = None
    skip_footer: int = 0

    def __post_init__(self) -> None:
        # Of a URL nothing is shown or kept by its name that is secret.
        object.__setattr__(self, "path", as_path(self.path))
        if self.encoding is not None:
            check_encoding(self.encoding)
        rows = self.skip_footer
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            raise UnsupportedError(f"skip_footer is a number of lines, not {rows!r}")

    def __str__(self) -> str:
        return str(self.path)


class Origin(Protocol):
    """Where rows are read from, for as long as this is held."""

    def place(self, row: int) -> str:
        """Say where a row, counted from 0, stands."""


def path_of(source: object) -> Path | None:
    """Give the path of rows that are in a file; None of others."""
    if isinstance(source, File):
        source = source.path
    return as_path(source) if isinstance(source, str | Path) else None


def as_file(source: str | Path | File) -> File:
    """Take a file's name for the file as it is."""
    return source if isinstance(source, File) else File(source)


def check_encoding(name: object) -> None:
    """Raise UnsupportedError for what Python knows no text encoding of."""
    try:
        TextIOWrapper(BytesIO(), str(name))
    except (LookupError, ValueError):
        raise UnsupportedError(
            f"there is no encoding {name!r}; others are windows-1252, iso-8859-15, utf-16, cp437"
        ) from None
