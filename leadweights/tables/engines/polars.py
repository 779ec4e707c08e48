"""Polars, in this process, by its SQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import polars
import pyarrow as pa

from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import STANDARD_TYPES, UNSIGNED_TYPES, Engine, Holding
from leadweights.tables.table import VIEW

HOLDING = Holding({**STANDARD_TYPES, **UNSIGNED_TYPES, "HUGEINT": "HUGEINT"})


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a context, all of it in memory."""
    session = polars.SQLContext(eager=True)

    def hold(rows: pa.Table, typed: str) -> None:
        session.register(STAGED, polars.from_arrow(rows))
        session.register(VIEW, session.execute(typed))

    # A column that is the same in all rows may be one number there; to add a zero to x then gives
    # x, even where x is -0.0.
    yield Arrows(
        take=hold,
        give=lambda sql: session.execute(sql).to_arrow(),
        title=f"Polars {polars.__version__}",
        dialect="polars",
        signed_zero=False,
        holding=HOLDING,
        problems=(polars.exceptions.PolarsError,),
    )
