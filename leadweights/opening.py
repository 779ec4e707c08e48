"""Opening tables of leads: files, DataFrames and typed values, checked at the door."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from leadweights import delimited
from leadweights.errors import TableError
from leadweights.table import Table, told

if TYPE_CHECKING:
    import pandas as pd


_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is loaded from the network.
    "autoinstall_known_extensions": False,
    # The type of a column of Python objects comes from all of them, not from a sample.
    "pandas_analyze_sample": 2**62,
}
_MEGABYTES_A_THREAD, _LEAST_MEGABYTES = 512, 1024
_PIECE = 2**20
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def opened(
    source: str | Path | pd.DataFrame,
    keys: Sequence[str] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Table:
    """Open a CSV, TSV, Parquet or JSON lines file (also gzipped) or a DataFrame.

    In a text file `keys` are read as text, so that `00123` stays what it is.

    Raises TableError: no such file, nothing in it, column names that are empty or stand twice.
    """
    connection = connection or _database().cursor()
    try:
        if isinstance(source, str | Path):
            path = Path(source)
            table = Table(connection, _as_text(_file(connection, path, keys)), str(source), path)
        elif hasattr(source, "iloc") and hasattr(source, "columns"):
            check_names(map(_text_name, source.columns), "the DataFrame")
            relation = _as_text(_frame(connection, _forward(source)))
            table = Table(connection, relation, "the DataFrame")
        else:
            raise TableError(f"a file name or a DataFrame is needed, not {type(source).__name__}")
    except (duckdb.Error, RuntimeError) as problem:
        name = source if isinstance(source, str | Path) else "the DataFrame"
        raise told(problem, TableError, f"cannot read {name}") from None
    if not table.rows:
        raise TableError(f"{table.name} has column names but no rows")
    return table


def _as_text(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Take levels (ENUM) and JSON values, in which texts have quotes, for the texts they are."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    if not any(kind == "JSON" or kind.startswith("ENUM") for kind in kinds.values()):
        return relation
    columns = []
    for name, kind in kinds.items():
        column: duckdb.Expression = duckdb.ColumnExpression(name)
        if kind == "JSON":
            path = duckdb.ConstantExpression("$")
            column = duckdb.FunctionExpression("json_extract_string", column, path)
        elif kind.startswith("ENUM"):
            column = column.cast("VARCHAR")
        columns.append(column.alias(name))
    return relation.select(*columns)


def _frame(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    try:
        return connection.from_df(frame)
    except (duckdb.Error, RuntimeError):
        for name in frame.columns:
            try:
                connection.from_df(frame[[name]])
            except (duckdb.Error, RuntimeError):
                raise TableError(
                    f"the DataFrame: column {name!r} holds {frame[name].dtype}, which cannot be "
                    "read; convert or drop it"
                ) from None
        raise


def typed(columns: Mapping[str, tuple[str, Sequence[str | None]]], name: str) -> Table:
    """Make a table from the text of its values: for each column its SQL type and its values."""
    connection = _database().cursor()
    texts = {key: np.array(values, dtype=object) for key, (_, values) in columns.items()}
    relation = connection.register("texts", texts).table("texts")
    casts = [
        duckdb.ColumnExpression(key).cast(kind).alias(key) for key, (kind, _) in columns.items()
    ]
    return Table(connection, relation.select(*casts), name)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open the one database in memory: that takes 10 ms, another cursor to it microseconds."""
    return duckdb.connect(config=_CONFIG)


@contextmanager
def streaming(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that holds little of a table in memory and knows a query's progress.

    On its own DuckDB keeps what it has read up to four fifths of the memory there is. What a sort
    cannot hold goes to the folder `spill`, which is made when it is needed and removed at the end.
    """
    connection = duckdb.connect(config=_CONFIG)
    (threads, most) = connection.execute(
        "SELECT current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()[0]
    limit = min(_megabytes(most), max(_LEAST_MEGABYTES, _MEGABYTES_A_THREAD * int(threads)))
    connection.execute("SET memory_limit = ?", [f"{limit}MiB"])
    connection.execute("SET temp_directory = ?", [str(spill)])
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET progress_bar_time = 0")
    idle = False
    try:
        yield connection
        idle = True
    except Exception:
        idle = True
        raise
    finally:
        # Closing would wait for work that was given up.
        if idle:
            connection.close()
        rmtree(spill, ignore_errors=True)


def _megabytes(size: str) -> int:
    """Read a size as DuckDB writes it: 18.8 GiB."""
    number, unit = size.split()
    return int(float(number) * 1024.0 ** (_UNITS.index(unit) - 2))


def check_names(names: Iterable[str], table: str) -> None:
    """Raise TableError for a column name that is empty or stands twice, in any case."""
    seen: dict[str, str] = {}
    for position, name in enumerate(names, start=1):
        if not name.strip() or name == "*":
            raise TableError(
                f"{table}: column {position} has {'the name *' if name == '*' else 'no name'}; "
                "give it one"
            )
        other = seen.get(name.lower())
        if other == name:
            raise TableError(f"{table}: column {name!r} stands twice; rename one")
        if other is not None:
            raise TableError(
                f"{table}: columns {other!r} and {name!r} differ in case only, "
                "which SQL does not see; rename one"
            )
        seen[name.lower()] = name


def _file(
    connection: duckdb.DuckDBPyConnection, path: Path, keys: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise TableError(f"{path} is not a regular file; save the rows in one first")
        with path.open("rb") as file:
            if not file.read(1):
                raise TableError(f"{path} is empty")
    except FileNotFoundError:
        raise TableError(f"no such file: {path}") from None
    except IsADirectoryError:
        raise TableError(f"{path} is a directory, not a file") from None
    except (OSError, ValueError) as problem:
        raise TableError(f"cannot read {path}: {getattr(problem, 'strerror', problem)}") from None
    if path.suffix.lower() == ".gz":
        _check_whole(path)
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    match suffixes[-1] if suffixes else "":
        case ".parquet" | ".pq":
            relation = connection.from_parquet(delimited.literal(path), hive_partitioning=False)
        case ".json" | ".jsonl" | ".ndjson":
            relation = connection.read_json(
                delimited.literal(path),
                format="newline_delimited",
                sample_size=-1,
                hive_partitioning=False,
            )
            if relation.columns == ["json"]:
                raise TableError(f"{path} must hold one JSON object a line")
        case _:
            names = delimited.header(path)
            check_names(names, str(path))
            return delimited.relation(connection, path, names, keys)
    check_names(relation.columns, str(path))
    return relation


def _check_whole(path: Path) -> None:
    """Raise TableError for a gzip file that is damaged: DuckDB does not look at its checksum.

    That takes 0.4 s for 100 MB of text, of which DuckDB needs 7 s to find the types.
    """
    try:
        with gzip.open(path, "rb") as file:
            while file.read(_PIECE):
                pass
    except (EOFError, OSError, zlib.error) as problem:
        raise TableError(
            f"cannot read {path}: the gzip file is damaged ({problem}); fetch or make it again"
        ) from None


def _forward(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a DataFrame whose columns run backwards in memory, which DuckDB cannot read."""
    columns = (frame.iloc[:, i] for i in range(frame.shape[1]))
    arrays = (column.to_numpy() for column in columns if isinstance(column.dtype, np.dtype))
    backwards = any(array.strides[0] < 0 for array in arrays)
    return frame.copy() if backwards else frame


def _text_name(name: object) -> str:
    if not isinstance(name, str):
        raise TableError(f"the DataFrame: column name {name!r} is not text; rename it")
    return name
