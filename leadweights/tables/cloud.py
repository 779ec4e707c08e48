"""Tables in the cloud: Parquet is read where it is, by ranges; other files are copied once."""

from __future__ import annotations

from atexit import register as at_exit
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from leadweights.errors import TableError
from leadweights.files.download import copy_here
from leadweights.files.remote import RemotePath
from leadweights.tables.connections import CONFIG
from leadweights.tables.csv import literal
from leadweights.tables.file import PARQUET

if TYPE_CHECKING:
    from leadweights.files.ranges import RangeFiles

_BLOCK = 2**23
"""Bytes of a file that are asked for, and kept in memory while there is room, as one."""


@cache
def cloud_database() -> duckdb.DuckDBPyConnection:
    """Open the one database in memory that reads files in the cloud."""
    connection = duckdb.connect(config=CONFIG)
    at_exit(_close, connection)
    return connection


def _close(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of what Python gave DuckDB, before either ends."""
    with suppress(duckdb.Error):
        connection.close()


def bring(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[Path, str]:
    """Give the path of a file to look into, and the name by which DuckDB reads it.

    Of a Parquet file in the cloud nothing is read here; of any other a copy is made, unless there
    is one.

    Raises TableError for what cannot be read, OutputError where a copy has no space.
    """
    if not isinstance(path, RemotePath):
        return path, ""
    try:
        found = path.find()
        if found.is_folder:
            raise TableError(f"{path} is a folder, not a file")
        if found.size == 0:
            raise TableError(f"{path} is empty")
        if path.suffix.lower() in PARQUET and found.ranges:
            return path, _files(connection).add(path, found)
        return copy_here(path, found), ""
    except FileNotFoundError:
        raise TableError(f"no such file: {path}") from None
    except OSError as problem:
        raise TableError(f"cannot read {path}: {problem.strerror or problem}") from None


def name_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Give the name by which DuckDB reads a Parquet file. Raises TableError."""
    path, name = bring(connection, path)
    return name or literal(path)


def _files(connection: duckdb.DuckDBPyConnection) -> RangeFiles:
    """Give the file system through which a database reads, which it then has."""
    from leadweights.files.ranges import PROTOCOL

    if not connection.filesystem_is_registered(PROTOCOL):
        connection.register_filesystem(_range_files())
        # What was fetched is not fetched again, and neighbours are fetched at once.
        connection.execute("SET GLOBAL cache_local_files = true")
        connection.execute(f"SET GLOBAL external_file_cache_local_max_block_size = {_BLOCK}")
    connection.execute("SET disable_parquet_prefetching = false")
    return _range_files()


@cache
def _range_files() -> RangeFiles:
    from leadweights.files.ranges import RangeFiles

    return RangeFiles()
