"""Databend, in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from leadweights.files.temporary import open_temporary_folder
from leadweights.model.names import quote
from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import STANDARD_TYPES, UNSIGNED_TYPES, Engine, Holding
from leadweights.tables.table import VIEW

# One for the process: there is one database in it, which is never closed.
_home = cache(open_temporary_folder)

# DECIMAL(39, 0) comes back shifted by 128 bits where many rows have the same few values.
_WIDE = "DECIMAL(38, 0) NULL"

HOLDING = Holding(
    {
        **{name: f"{kind} NULL" for name, kind in {**STANDARD_TYPES, **UNSIGNED_TYPES}.items()},
        **dict.fromkeys(("HUGEINT", "UHUGEINT"), _WIDE),
        "FLOAT": "FLOAT NULL",
        "DECIMAL": "DECIMAL(",
    },
    unheld=dict.fromkeys(("HUGEINT", "UHUGEINT"), "abs({}::DOUBLE) >= 1e38"),
)


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a session."""
    # Without these its files are where the process is.
    os.environ.update(DATABEND_DATA_PATH=_home().name, LOG_FILE_ON="false")
    from databend import SessionContext

    session = SessionContext()
    file = Path(_home().name, "rows.parquet")

    def hold(rows: pa.Table, typed: str) -> None:
        parquet.write_table(rows, file)
        session.sql(f"DROP VIEW IF EXISTS {STAGED}").collect()
        session.register_parquet(STAGED, str(file))
        session.sql(f"CREATE OR REPLACE TABLE {VIEW} AS {typed}").collect()

    def give(sql: str) -> pa.Table:
        return pa.Table.from_batches(session.sql(sql).to_py_arrow())

    (version,) = give("SELECT version()")[0].to_pylist()
    yield Arrows(
        take=hold,
        give=give,
        title=version.replace(" Query v", " ").split("-")[0],
        dialect="databend",
        holding=HOLDING,
        problems=(RuntimeError,),
        quote=partial(quote, mark="`"),
    )
