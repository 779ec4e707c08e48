"""Score a table: run the model's SELECT in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from leadweights.errors import UnsupportedError
from leadweights.files import replaced
from leadweights.model import ScoringModel
from leadweights.opening import opened
from leadweights.reading import check_columns, sources, texts_read
from leadweights.statement import render
from leadweights.table import VIEW, Table

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")
_PIECE = 2**20


def score(
    model: ScoringModel, data: str | Path | pd.DataFrame, *, keys: Sequence[str] | None = None
) -> pd.DataFrame:
    """Score every row of a file or DataFrame, in its order, by the model's own SELECT.

    `keys` are columns to keep beside the scores, by default those the model was learnt with.

    Raises TableError for a table that lacks a column, or holds text where numbers are needed.
    """
    table, sql = _prepared(model, data, keys)
    return table.frame(sql, model.keys if keys is None else keys)


def score_as_csv(
    model: ScoringModel, data: str | Path | pd.DataFrame, *, keys: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Score every row as CSV, the bytes of a file piece by piece. Raises TableError."""
    table, sql = _prepared(model, data, keys)
    with TemporaryDirectory(prefix="leadweights-") as folder:
        path = Path(folder, "scores.csv")
        table.write_selected(sql, path, parquet=False)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")


def score_to_file(
    model: ScoringModel,
    data: str | Path | pd.DataFrame,
    path: str | Path,
    *,
    keys: Sequence[str] | None = None,
) -> int:
    """Score every row into a CSV or Parquet file, whole or not at all; return how many.

    Raises TableError like `score`, UnsupportedError for another ending, OutputError.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise UnsupportedError(f"cannot write {path}: its name must end in {' or '.join(FORMATS)}")
    if isinstance(data, str | Path) and target.resolve() == Path(data).resolve():
        raise UnsupportedError(f"{path} holds the rows to score; write to another file")
    table, sql = _prepared(model, data, keys)
    with replaced(target) as temporary:
        table.write_selected(sql, temporary, parquet=target.suffix.lower() == ".parquet")
    return table.rows


def _prepared(
    model: ScoringModel, data: str | Path | pd.DataFrame, keys: Sequence[str] | None
) -> tuple[Table, str]:
    if isinstance(keys, str):
        raise UnsupportedError(f"keys is a list of names, not one text: [{keys!r}]")
    chosen = model.keys if keys is None else tuple(keys)
    read = sources(model)
    as_text = [key for key in chosen if key not in read]
    table = opened(data, [*as_text, *texts_read(model)])
    for key in chosen:
        table.require(key)
    check_columns(table, model)
    return table, render(model, table=VIEW, keys=chosen)
