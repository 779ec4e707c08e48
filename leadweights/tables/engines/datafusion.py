"""Apache DataFusion, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import datafusion
import pyarrow as pa

from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import STANDARD_TYPES, UNSIGNED_TYPES, Engine, Holding
from leadweights.tables.table import VIEW

HOLDING = Holding(
    {
        **STANDARD_TYPES,
        **UNSIGNED_TYPES,
        **dict.fromkeys(("HUGEINT", "UHUGEINT"), "DECIMAL(39, 0)"),
        "TIMESTAMP": "TIMESTAMP(6)",
    }
)


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a session, all of it in memory."""
    session = datafusion.SessionContext()

    def hold(rows: pa.Table, typed: str) -> None:
        session.deregister_table(STAGED)
        session.from_arrow(rows, STAGED)
        session.sql(f"CREATE OR REPLACE TABLE {VIEW} AS {typed}").collect()

    (version,) = session.sql("SELECT version()").to_arrow_table()[0].to_pylist()
    yield Arrows(
        take=hold,
        give=lambda sql: session.sql(sql).to_arrow_table(),
        title=version.removeprefix("Apache ").split(",")[0],
        dialect="datafusion",
        holding=HOLDING,
        problems=(Exception,),
    )
