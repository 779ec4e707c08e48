"""Score a table: run the model's SELECT in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leadweights.errors import UnsupportedError
from leadweights.files import replaced
from leadweights.model import ScoringModel
from leadweights.reading import check_columns
from leadweights.statement import render
from leadweights.table import VIEW, Table, opened

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")


def score(
    model: ScoringModel, data: str | Path | pd.DataFrame, *, keys: Sequence[str] | None = None
) -> pd.DataFrame:
    """Score every row of a file or DataFrame, in its order, by the model's own SELECT.

    `keys` are columns to keep beside the scores, by default those the model was learnt with.

    Raises TableError for a table that lacks a column, or holds text where numbers are needed.
    """
    table, sql = _prepared(model, data, keys)
    return table.frame(sql)


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
    table, sql = _prepared(model, data, keys)
    with replaced(target) as temporary:
        table.write_selected(sql, temporary, parquet=target.suffix.lower() == ".parquet")
    return table.rows


def _prepared(
    model: ScoringModel, data: str | Path | pd.DataFrame, keys: Sequence[str] | None
) -> tuple[Table, str]:
    chosen = model.keys if keys is None else tuple(keys)
    table = opened(data, chosen)
    for key in chosen:
        table.require(key)
    check_columns(table, model)
    return table, render(model, table=VIEW, keys=chosen)
