"""The rows that a fit held back, as they stand in its table, to be measured on later."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from leadweights.files.temporary import make_temporary_folder, open_temporary_folder
from leadweights.model.names import quote
from leadweights.tables.file import path_of
from leadweights.tables.open import PARQUET, Source, connect, open_table
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

_RANKS, _RANK = "leadweights_ranks", "leadweights_rank"


@dataclass(frozen=True, slots=True)
class PlacesHeldBack:
    """Rows by their places, shape (rows,), in the order to give them, in a source of `columns`."""

    source: Source
    columns: tuple[str, ...]
    places: NDArray[np.int64]

    @property
    def suffix(self) -> str:
        """Say in what kind of file they stand as they do in their own."""
        return find_suffix(self.source)

    def frame(self) -> pd.DataFrame:
        """Read them as a DataFrame, in the types in which their table is read."""
        if hasattr(self.source, "iloc"):
            rows: pd.DataFrame = self.source.iloc[self.places]
            return rows
        with make_temporary_folder() as folder, connect(folder / "spill") as connection:
            table = open_table(self.source, connection=connection)
            ranks = self._register(connection, table.rows)
            return table.frame(_select(table.view, ranks)).drop(columns=_RANK)

    def write(self, path: Path) -> None:
        """Write them to a file of the kind `suffix` says; of a text file, each value as its text.

        Raises TableError when they cannot be read, OSError when the file cannot be written.
        """
        with make_temporary_folder() as folder, connect(folder / "spill") as connection:
            table = open_table(self.source, self.columns, connection)
            ranks = self._register(connection, table.rows)
            kept = f"SELECT * EXCLUDE ({_RANK}) FROM ({_select(table.view, ranks)})"  # noqa: S608
            table.write_select(kept, path, parquet=self.suffix in PARQUET)

    def _register(self, connection: Any, rows: int) -> str:
        ranks = np.full(rows, -1, dtype=np.int64)
        ranks[self.places] = np.arange(len(self.places))
        connection.register(_RANKS, {_RANK: ranks})
        return _RANKS


def _select(view: str, ranks: str) -> str:
    return (
        f"SELECT * FROM {view} POSITIONAL JOIN {ranks} "  # noqa: S608
        f"WHERE {_RANK} >= 0 ORDER BY {_RANK}"
    )


@dataclass(frozen=True, slots=True, weakref_slot=True)
class FileHeldBack:
    """Rows in a file that is kept in a temporary folder as long as somebody holds this."""

    path: Path
    folder: TemporaryDirectory[str] = field(repr=False)

    @property
    def suffix(self) -> str:
        """Say what kind of file it is."""
        return self.path.suffix

    def frame(self) -> pd.DataFrame:
        """Read them as a DataFrame."""
        table = open_table(self.path)
        return table.frame(f"FROM {table.view}")

    def write(self, path: Path) -> None:
        """Write them to a file of the kind `suffix` says. Raises OSError."""
        copyfile(self.path, path)


def hold_part_back(
    table: Table, numbers: str, number: str, ends: tuple[float, float], suffix: str
) -> FileHeldBack:
    """Write the rows of a table whose number is at least the first end and below the other.

    `numbers` is a SELECT of each row's, in the order of the rows, in a column called `number`.
    """
    folder = open_temporary_folder()
    made = FileHeldBack(Path(folder.name) / f"held_back{suffix}", folder)
    # Else Python warns of a folder that nobody removed.
    finalize(made, folder.cleanup)
    low, high = (f"'{end!r}'::DOUBLE" for end in ends)
    rows = (
        f"SELECT * EXCLUDE ({quote(number)}) FROM {table.view} POSITIONAL JOIN ({numbers}) "  # noqa: S608
        f"WHERE {quote(number)} >= {low} AND {quote(number)} < {high} ORDER BY {quote(number)}"
    )
    table.write_select(rows, made.path, parquet=suffix in PARQUET)
    return made


HeldBack = PlacesHeldBack | FileHeldBack
"""Rows held back of a table that was read, or of one that stayed where it is."""


def find_suffix(source: Source) -> str:
    """Say in what kind of file rows of a source keep their values: `.csv` or `.parquet`."""
    path = path_of(source)
    typed = path is None or path.suffix.lower() in PARQUET
    return ".parquet" if typed else ".csv"
