"""Tables of polars and pyarrow, for results of rows that came in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


def frame_like(source: object, found: duckdb.DuckDBPyRelation) -> pl.DataFrame | pa.Table | None:
    """Give a result in a table of the library that `source` is of; None for others."""
    libraries = {kind.__module__.partition(".")[0] for kind in type(source).__mro__}
    if "polars" in libraries:
        import polars as pl

        return pl.DataFrame(found)  # by the Arrow C stream: without pyarrow
    return found.to_arrow_table() if "pyarrow" in libraries else None
