"""Score a table: run the model's SELECT in DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from leadweights.errors import TableError, UnsupportedError
from leadweights.files.remote import as_path
from leadweights.files.temporary import make_temporary_folder
from leadweights.files.write import is_same, make_scratch_folder, replace_file
from leadweights.formula.stages import RANKED, stages
from leadweights.model import names as naming
from leadweights.model.model import ScoringModel
from leadweights.sql.render import render
from leadweights.sql.types import Declared, find_promises
from leadweights.tables.at_once import TextRows, open_at_once
from leadweights.tables.cancellable import finish
from leadweights.tables.columns import check_columns, open_for, require_distinct, sources
from leadweights.tables.file import File, path_of
from leadweights.tables.joined import join_column
from leadweights.tables.open import Source, connect
from leadweights.tables.ordering import directions
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from leadweights.tables.python_rows import ArrowStream

FORMATS = (".csv", ".parquet", ".jsonl")
_PIECE = 2**20
_NAMED = 20

Progress = Callable[[float], object]
"""Told, ten times a second and where the call was made, the share of the work done, 0 to 1."""


@overload
def score(
    model: ScoringModel,
    data: str | Path | File | pd.DataFrame | Sequence[Mapping[str, object]] | Mapping[str, object],
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
) -> pd.DataFrame: ...


@overload
def score(
    model: ScoringModel,
    data: ArrowStream | pl.LazyFrame,
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
) -> Any: ...


def score(
    model: ScoringModel,
    data: Source,
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
) -> pd.DataFrame | pl.DataFrame | pa.Table:
    """Score every row of a table, in its order, by the model's own SELECT.

    Rows in a DataFrame of polars, also a lazy one, come back as one of polars, those of pyarrow as
    its Table; a file and all else as a DataFrame of pandas. The bits are the same.

    `keys` are columns to keep beside the scores, by default those the model was learnt with.
    `order_by` names columns of the result to sort by instead, such as `"lead_score desc"`: equal
    rows by the other columns, the keys first; missing values last; keys of a text file as text.
    `columns` chooses what is computed, as in `render`; with a rank or decile among them rows come
    in the order of the keys unless `order_by` says otherwise.
    `adjustments` are rows with the same keys and the factor that the model's adjustment reads.

    Raises TableError for a table that lacks a column, or holds text where numbers are needed,
    UnsupportedError for an order that cannot be.
    """
    asked = _choose(model, keys, order_by, columns, adjustments)
    table, sql = _prepare(data, asked)
    return table.frame_like(data, sql, asked.keys, asked.order_by)


def score_as_csv(
    model: ScoringModel,
    data: Source,
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Score every row as CSV, the bytes of a file piece by piece, like `score_to_file`."""
    asked = _choose(model, keys, order_by, columns, adjustments)
    return _score_as("scores.csv", data, asked, progress)


def score_as_json(
    model: ScoringModel,
    data: Source,
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Score every row as a JSON object in a line of its own, else like `score_as_csv`."""
    asked = _choose(model, keys, order_by, columns, adjustments)
    return _score_as("scores.jsonl", data, asked, progress)


def _score_as(name: str, data: Source, asked: _Asked, progress: Progress | None) -> Iterator[bytes]:
    with make_temporary_folder() as folder:
        path = folder / name
        with connect(folder / "spill") as connection:
            _score_into(path, connection, data, asked, progress)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")


def score_to_file(
    model: ScoringModel,
    data: Source,
    path: str | Path,
    *,
    keys: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    adjustments: Source | None = None,
    progress: Progress | None = None,
    memory: int | None = None,
    check_rows: Callable[[int], object] | None = None,
) -> int:
    """Score every row into CSV, Parquet or JSON lines, whole or not at all; return how many.

    `keys`, `order_by`, `columns` and `adjustments` are as in `score`. No more memory is taken for a
    larger table, sorted or not, and at most `memory` bytes of it if that is given; a sort goes to
    disk beside the file. `progress` is called with the share of the work done, `check_rows` with
    the number of rows before any is scored: what it raises is raised. Where it lets a number pass
    that there are no more than, they are not counted.

    Raises what `score` does, UnsupportedError for another ending, OutputError.
    """
    asked = _choose(model, keys, order_by, columns, adjustments)
    target = as_path(path)
    if target.suffix.lower() not in FORMATS:
        raise UnsupportedError(f"cannot write {path}: its name must end in {' or '.join(FORMATS)}")
    read = path_of(data)
    if read is not None and is_same(target, read):
        raise UnsupportedError(f"{path} holds the rows to score; write to another file")
    with connect(make_scratch_folder(target), memory) as connection, replace_file(target) as file:
        return _score_into(file, connection, data, asked, progress, check_rows)


def _score_into(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    data: Source,
    asked: _Asked,
    progress: Progress | None,
    check_rows: Callable[[int], object] | None = None,
) -> int:
    """Write the scores into a file, in threads that do not keep Ctrl-C waiting."""
    tell = progress or (lambda share: share)
    told = 0.0

    def look() -> None:
        nonlocal told
        # DuckDB says -1 while it does not know, and begins anew with each step of a query.
        told = max(told, min(connection.query_progress() / 100, 1.0))
        tell(told)

    def begin() -> tuple[Table | TextRows, str]:
        at_once = _prepare_at_once(data, asked, connection, check_rows)
        return at_once or _prepare(data, asked, connection)

    parquet = path.suffix.lower() == ".parquet"

    def write(rows: Table | TextRows, sql: str) -> int:
        return finish(
            lambda: rows.write_select(sql, path, parquet=parquet, order_by=asked.order_by),
            connection.interrupt,
            look,
        )

    rows, sql = finish(begin, connection.interrupt, lambda: tell(0.0))
    if isinstance(rows, TextRows):
        if written := write(rows, sql):
            return written
        # Its values have to be looked at before they are read.
        rows, sql = finish(
            lambda: _prepare(data, asked, connection), connection.interrupt, lambda: tell(told)
        )
    if check_rows is not None:
        check_rows(rows.rows)
    return write(rows, sql)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What to compute, beside which keys, and in which order."""

    model: ScoringModel
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    order_by: tuple[str, ...]
    adjustments: Source | None


def _choose(
    model: ScoringModel,
    keys: Sequence[str] | None,
    order_by: Sequence[str],
    columns: Sequence[str] | None,
    adjustments: Source | None,
) -> _Asked:
    """Check what is asked for, before anything is read."""
    chosen = model.keys if keys is None else naming.read_keys(keys)
    wanted = None if columns is None else naming.read_names(columns, "columns")
    result = tuple(column.name for column in stages(model, columns=wanted)[-1].columns)
    order = naming.read_names(order_by, "order_by")
    directions(order, (*chosen, *result))
    # Ranked rows come out of an engine in an order of its own.
    by_itself = (chosen or result) if set(result) & set(RANKED) else ()
    if adjustments is not None and model.decisions.adjustment is None:
        raise UnsupportedError(
            f"{model.name} has no rule for adjustments: plan an [adjustment] first, with "
            "leadweights decide"
        )
    return _Asked(model, chosen, result, order or by_itself, adjustments)


def _prepare_at_once(
    data: Source,
    asked: _Asked,
    connection: duckdb.DuckDBPyConnection,
    check_rows: Callable[[int], object] | None,
) -> tuple[TextRows, str] | None:
    """Open a text file for one pass, if what is asked needs no look at its rows before."""
    if not isinstance(data, str | Path | File) or asked.adjustments is not None:
        return None
    if set(asked.columns) & set(RANKED):
        return None
    rows = open_at_once(data, sources(asked.model, asked.columns), asked.keys, connection)
    if rows is None or (check_rows is not None and not _lets_pass(check_rows, rows.count_most())):
        return None
    return rows, _render(rows, asked)


def _lets_pass(check_rows: Callable[[int], object], rows: int) -> bool:
    """Tell whether a check has nothing against so many rows."""
    try:
        check_rows(rows)
    except Exception:  # whatever it raises: then rows are counted, and it is asked again
        return False
    return True


def _prepare(
    data: Source,
    asked: _Asked,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> tuple[Table, str]:
    read = sources(asked.model, asked.columns)
    table = open_for(
        asked.model, data, asked.columns, keys=asked.keys, connection=connection, alone=True
    )
    rule = asked.model.decisions.adjustment
    if asked.adjustments is not None and rule is not None:
        table = join_column(table, asked.adjustments, asked.keys, rule.column)
    _refuse_absent(table, [*asked.keys, *(name for name in read if name not in asked.keys)])
    for key in asked.keys:
        table.require(key)
    check_columns(table, asked.model, asked.columns)
    if set(asked.columns) & set(RANKED):
        require_distinct(table, asked.model.keys)
    return table, _render(table, asked)


def _render(rows: Table | TextRows, asked: _Asked) -> str:
    """Write the SELECT over rows whose columns have these types."""
    numbers = [name for name in rows.types if rows.is_number(name) or rows.is_flag(name)]
    promised = find_promises({name: Declared(rows.types[name]) for name in numbers}, "duckdb")
    columns, keys = asked.columns, asked.keys
    return render(asked.model, table=rows.view, keys=keys, columns=columns, promised=promised)


def _refuse_absent(table: Table, names: Sequence[str]) -> None:
    """Raise TableError for several columns that a table lacks; for one, what asks for it does."""
    there = {name.lower() for name in table.types}
    first, *absent = [repr(name) for name in names if name.lower() not in there] or [""]
    if absent:
        more = f" and {len(absent) - _NAMED:,} more" if len(absent) > _NAMED else ""
        others = f"{', '.join(absent[:_NAMED])}{more}"
        raise TableError(f"{table.name} has no column {first}, nor {others}; all are needed")
