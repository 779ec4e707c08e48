"""Connections to DuckDB: nothing from the network, little memory, no files nobody asked for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import rmtree

import duckdb

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is loaded from the network.
    "autoinstall_known_extensions": False,
    # The type of a column of Python objects comes from all of them, not from a sample.
    "pandas_analyze_sample": 2**62,
    # Without joins, and with nothing twice, there is nothing to find; looking takes time by the
    # square of the columns.
    "disabled_optimizers": "common_subexpressions,join_order",
    # Else what memory cannot hold would go to `.tmp` where the process is, for all to read.
    "temp_directory": "",
}
_MEGABYTES_A_THREAD, _LEAST_MEGABYTES = 512, 1024
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@cache
def shared_database() -> duckdb.DuckDBPyConnection:
    """Open the one database in memory: that takes 10 ms, another cursor to it microseconds."""
    return duckdb.connect(config=CONFIG)


@contextmanager
def connect(
    spill: Path, limit: int | None = None, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that holds little of a table in memory and knows a query's progress.

    On its own DuckDB keeps what it has read up to four fifths of the memory there is. What a sort
    cannot hold goes to the folder `spill`, which is made if it is not there,
    and removed at the end.
    `limit` is of memory, in bytes; `threads` are as many as there are cores, unless given.
    """
    try:
        connection = _open(spill, limit, threads)
        try:
            yield connection
            connection.close()
        except Exception:  # after Ctrl-C closing would wait for work that was given up
            with suppress(duckdb.Error):  # work that was left to itself is still at it
                connection.close()
            raise
    finally:
        rmtree(spill, ignore_errors=True)


def _open(spill: Path, limit: int | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config=CONFIG if threads is None else {**CONFIG, "threads": threads}
    )
    (cores, most) = connection.execute(
        "SELECT current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()[0]
    usual = max(_LEAST_MEGABYTES, _MEGABYTES_A_THREAD * int(cores))
    megabytes = min(_megabytes(most), usual if limit is None else limit // 2**20)
    connection.execute("SET memory_limit = ?", [f"{megabytes}MiB"])
    connection.execute("SET temp_directory = ?", [str(spill)])
    # Of files on this machine, read ahead column by column takes up to twice as long.
    connection.execute("SET disable_parquet_prefetching = true")
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET progress_bar_time = 0")
    return connection


def _megabytes(size: str) -> int:
    """Read a size as DuckDB writes it: 18.8 GiB."""
    number, unit = size.split()
    return int(float(number) * 1024.0 ** (_UNITS.index(unit) - 2))
