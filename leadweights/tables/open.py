"""Opening tables of leads: files, DataFrames and typed values, checked at the door."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import duckdb
import numpy as np

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.remote import RemotePath, as_path
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts
from leadweights.model.names import quote
from leadweights.tables import cloud, csv, excel, json_lines
from leadweights.tables.connections import connect as connect
from leadweights.tables.connections import shared_database
from leadweights.tables.dates import DATE_IN_SQL, ODD_IN_SQL, read_in_sql
from leadweights.tables.duckdb_errors import explain_reading
from leadweights.tables.excel import split_sheet
from leadweights.tables.file import PARQUET as PARQUET
from leadweights.tables.file import File, Origin, as_file, path_of
from leadweights.tables.python_rows import ArrowStream, full_name, open_rows
from leadweights.tables.table import VIEW, Table
from leadweights.tables.view import View

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Source: TypeAlias = (
    "str | Path | File | pd.DataFrame | pl.LazyFrame | ArrowStream"
    " | Sequence[Mapping[str, object]] | Mapping[str, object]"
)
"""Rows: a file, by its name or as `File`, or what Python holds.

A DataFrame of pandas or polars, also a lazy one, a table of pyarrow or of whatever else gives an
Arrow stream, a list of dicts, one dict for one row, or a dict of columns.
"""

_PIECE = 2**20


def open_table(
    source: Source,
    keys: Sequence[str] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
    *,
    dates: Sequence[str] = (),
    numbers: Sequence[str] = (),
    view: str = VIEW,
) -> Table:
    """Open a CSV, TSV, Parquet or JSON lines file (also gzipped) or a DataFrame.

    In a text file `keys` are read as text, so that `00123` stays what it is. Text in the columns
    `dates` is read as dates, where all of them are written year first. Where `numbers` are all that
    is read beside the keys, a text file may have its other columns as text. SQL finds it as `view`.

    Raises TableError: no such file, nothing in it, column names that are empty or stand twice.
    """
    path = path_of(source)
    if connection is None:
        database = cloud.cloud_database() if isinstance(path, RemotePath) else shared_database()
        connection = database.cursor()
    where, origin = "the DataFrame", None
    with explain_reading(where if path is None else str(path)):
        if isinstance(source, str | Path | File):
            relation, origin = _file(connection, as_file(source), keys, f"{view}_rows", numbers)
            where = str(path)
        elif _is_frame(source):
            for name in source.columns:
                if not isinstance(name, str):
                    raise TableError(f"{where}: column name {name!r} is not text; rename it")
            check_names(source.columns, where)
            relation = _frame(connection, _forward(source))
        elif opened := open_rows(connection, source, f"{view}_rows"):
            where, names, relation = opened
            check_names(names, where)
        else:
            raise TableError(
                "a file name, a DataFrame (pandas, polars, Arrow) or a list of dicts is needed, "
                f"not {full_name(source)}"
            )
        relation = _as_text(relation)
        table = Table(connection, relation, where, origin, view)
        if written := _find_dates(connection, table, dates):
            relation = relation.select(f"* REPLACE ({', '.join(map(read_in_sql, written))})")
            table = Table(connection, relation, where, origin, view)
    if not table.rows:
        raise TableError(f"{table.name} has column names but no rows")
    return table


def _find_dates(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]
) -> list[str]:
    """Name those of some columns that hold text with dates, all of them written year first."""
    asked = {name.lower() for name in columns}
    texts = [name for name in table.types if name.lower() in asked and table.is_text(name)]
    view = View(connection, table.view, table.name, table.rows)
    return sorted(view.never(ODD_IN_SQL, texts) - view.never(DATE_IN_SQL, texts))


def _is_frame(source: object) -> TypeGuard[pd.DataFrame]:
    return hasattr(source, "iloc") and hasattr(source, "columns")


def _as_text(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Take levels (ENUM), JSON values, in which texts have quotes, and lists for texts.

    A list is the text that a SELECT's own CAST makes of it. Moments with a time zone are taken for
    what they are in UTC, whatever zone the session is in.
    """
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    if not any(map(_read_as, kinds.values())):
        return relation
    columns = ((_read_as(kind) or "{}").format(quote(name)) for name, kind in kinds.items())
    return relation.select(", ".join(columns))


def _read_as(kind: str) -> str:
    """Write, in SQL, how a type is read as text; "" for one that is read as it is."""
    if kind == "JSON":
        return "json_extract_string({0}, '$') AS {0}"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return "timezone('UTC', {0}) AS {0}"
    nested = kind.startswith(("STRUCT", "MAP", "UNION")) or kind.count("[") > 1
    is_list = kind.endswith("]") and not nested
    return "{0}::VARCHAR AS {0}" if is_list or kind.startswith("ENUM") else ""


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


def stage(
    train: str | Path | File,
    table: str | None,
    connection: duckdb.DuckDBPyConnection,
    copy: Path,
) -> Table:
    """Open a table that is read over and over: Parquet, also many files by a pattern, as it is.

    So is a `table` of a DuckDB database; other files are read once, into a `copy` in Parquet.

    Raises TableError for what cannot be read.
    """
    given = as_file(train)
    path = as_path(given.path)
    with explain_reading(path):
        if path.suffix.lower() in DATABASES:
            _refuse_footer(given)
            return _in_database(cloud.bring(connection, path)[0], table, connection)
        if table is not None:
            raise TableError(f"{path} is no database, which has tables by name")
        files = _find_files(path)
        if not files:
            raise TableError(f"no such file: {path}")
        if all(file.suffix.lower() in PARQUET for file in files):
            _refuse_footer(given)
            names = [cloud.name_parquet(connection, file) for file in files]
            relation = connection.read_parquet(names, hive_partitioning=False)
            check_names(relation.columns, str(path))
            return Table(connection, _as_text(relation), str(path))
        opened = [
            _file(connection, replace(given, path=file), (), f"rows_{number}")
            for number, file in enumerate(files)
        ]
        parts = [_as_text(relation) for relation, _ in opened]
        if any(part.columns != parts[0].columns for part in parts):
            raise TableError(f"{path}: the files have different columns")
        whole = reduce(lambda left, right: left.union(right), parts)
        whole.write_parquet(str(copy))
        relation = connection.read_parquet(csv.literal(copy))
        return Table(connection, relation, str(path), opened[0][1] if len(opened) == 1 else None)


DATABASES = (".duckdb", ".ddb")
JSON_LINES = (".json", ".jsonl", ".ndjson")


def _find_files(path: Path) -> list[Path]:
    """List the file of that name, or those whose names are like it. Raises TableError."""
    try:
        is_one = split_sheet(path)[0].exists()
        return [path] if is_one else sorted(path.parent.glob(path.name))
    except OSError as problem:
        raise TableError(f"cannot read {path}: {problem.strerror}") from None


def _in_database(path: Path, table: str | None, connection: duckdb.DuckDBPyConnection) -> Table:
    if table is None:
        raise TableError(f"{path} is a database: name the table to learn from with --table")
    if not path.is_file():
        raise TableError(f"no such file: {path}")
    file = str(path.absolute()).replace("'", "''")
    connection.execute(f"ATTACH '{file}' AS leads_database (READ_ONLY)")
    connection.execute("USE leads_database")
    # A view or a macro of a stranger's database reads nothing but that database.
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    # With the database's name, or a table `leads` would be taken for the view of that name.
    schema, _, name = table.replace('"', "").rpartition(".")
    parts = ("leads_database", schema or "main", name)
    try:
        relation = connection.sql("FROM " + ".".join(f'"{part}"' for part in parts))
    except duckdb.PermissionException:
        raise TableError(
            f"{table} in {path} reads other files, which it may not; name a table of that file"
        ) from None
    check_names(relation.columns, table)
    # A view of the database may read a table `leads` of its own.
    return Table(connection, _as_text(relation), f"{table} in {path}", view="leadweights_leads")


def make_table(columns: Mapping[str, tuple[str, Floats | Texts]], name: str) -> Table:
    """Make a table of values that are here: for each column what it holds, and its values.

    NaN is NULL; flags are 1 and 0, dates days since 1970-01-01.
    """
    connection = shared_database().cursor()
    arrays = {
        key: np.array([*values.levels, None], dtype=object)[values.codes]
        if isinstance(values, Texts)
        else values
        for key, (_, values) in columns.items()
    }
    relation = connection.register("held", arrays).table("held")
    casts = {
        "text": "{}::VARCHAR",
        "flag": "{}::BOOLEAN",
        "date": "DATE '1970-01-01' + {}::INTEGER",
    }
    chosen = []
    for key, (kind, _) in columns.items():
        own = quote(key)
        value = own if kind == "text" else f"CASE WHEN isfinite({own}) THEN {own} END"
        chosen.append(f"{casts.get(kind, '{}').format(value)} AS {own}")
    return Table(connection, relation.select(", ".join(chosen)), name)


def parse_table(columns: Mapping[str, tuple[str, Sequence[str | None]]], name: str) -> Table:
    """Make a table from the text of its values: for each column its SQL type and its values."""
    connection = shared_database().cursor()
    texts = {key: np.array(values, dtype=object) for key, (_, values) in columns.items()}
    relation = connection.register("texts", texts).table("texts")
    casts = (f"{quote(key)}::{kind} AS {quote(key)}" for key, (kind, _) in columns.items())
    return Table(connection, relation.select(", ".join(casts)), name)


def check_names(names: Iterable[str], table: str) -> None:
    """Raise TableError for a column name that is empty or stands twice, in any case."""
    names = list(names)
    nameless = sum(not name.strip() for name in names)
    if nameless > 1 and names[0].strip() and nameless == len(names) - 1:
        raise TableError(
            f"{table}: of {len(names)} columns only the first has a name, {names[0]!r}: if that is "
            "a title, delete it, as the columns' names must come first"
        )
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
    connection: duckdb.DuckDBPyConnection,
    file: File,
    keys: Sequence[str],
    held_as: str,
    numbers: Sequence[str] = (),
) -> tuple[duckdb.DuckDBPyRelation, Origin | None]:
    path, sheet = split_sheet(as_path(file.path))
    path, in_place = cloud.bring(connection, path)
    if in_place:
        _refuse_footer(file)
        relation = connection.from_parquet(in_place, hive_partitioning=False)
        check_names(relation.columns, str(path))
        return relation, None
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise TableError(f"{path} is not a regular file; save the rows in one first")
        with path.open("rb") as opened:
            if not opened.read(1):
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
    ending = suffixes[-1] if suffixes else ""
    if ending in (*PARQUET, *JSON_LINES):
        _refuse_footer(file)
    match ending:
        case ".parquet" | ".pq":
            relation = connection.from_parquet(csv.literal(path), hive_partitioning=False)
        case ".json" | ".jsonl" | ".ndjson":
            relation = json_lines.relation(connection, path)
        case _ if ending in excel.ENDINGS:
            names, relation, rows = excel.open_sheet(connection, file, path, sheet, keys, held_as)
            check_names(names, str(file))
            own = zip(relation.columns, names, strict=True)
            chosen = ", ".join(f"{quote(place)} AS {quote(name)}" for place, name in own)
            return relation.select(chosen), rows
        case _:
            text = csv.open_text(file, path)
            names = csv.header(text)
            check_names(names, str(path))
            return csv.relation(connection, text, names, keys, numbers), text
    check_names(relation.columns, str(path))
    return relation, None


def _refuse_footer(file: File) -> None:
    if file.skip_footer:
        raise UnsupportedError(f"{file} has no footer to skip: text files and workbooks may")


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
