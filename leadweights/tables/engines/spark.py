"""Apache Spark, on this machine alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from leadweights.files.temporary import make_temporary_folder
from leadweights.model.names import quote
from leadweights.tables.columns import Kind
from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import KEPT, STANDARD_TYPES, Engine, Holding
from leadweights.tables.table import VIEW

HOLDING = Holding(
    {
        **STANDARD_TYPES,
        "FLOAT": "FLOAT",
        "HUGEINT": "DECIMAL(38, 0)",
        "UBIGINT": "DECIMAL(20, 0)",
        "VARCHAR": "STRING",
        "TIMESTAMP": "TIMESTAMP_NTZ",
    },
    unheld={"HUGEINT": "abs({}::DOUBLE) >= 1e38"},
)


class Spark(Arrows):
    """A session, which has tables of its own, keeps others, and reads Parquet files."""

    keeps = True

    def __init__(self, session: SparkSession) -> None:
        def hold(rows: pa.Table, typed: str) -> None:
            session.createDataFrame(rows).coalesce(1).createOrReplaceTempView(STAGED)
            session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {VIEW} AS {typed}")

        super().__init__(
            take=hold,
            give=lambda sql: session.sql(sql).toArrow(),
            title=f"Spark {session.version}",
            dialect="spark",
            holding=HOLDING,
            problems=(PySparkException, Py4JError),
            largest_ulp=2,
            quote=partial(quote, mark="`"),
        )
        self._session = session

    def read(self, file: Path) -> None:
        """Take a Parquet file for the table."""
        with self._refusals():
            found = self._session.read.parquet(str(file.absolute()))
            found.createOrReplaceTempView(self.table)

    def keep(self, sql: str) -> str:
        """Keep what a SELECT gives in Spark's memory, or on its disks."""
        with self._refusals():
            self._session.catalog.dropTempView(KEPT)
            self._session.sql(f"CACHE TABLE {KEPT} AS {sql}")
        return KEPT

    def kinds_of(self, table: str) -> dict[str, Kind]:
        """Say what the columns of a table hold."""
        with self._refusals():
            kinds = dict(self._session.table(table).dtypes)
        known = {name: _KINDS.get(kind.split("(")[0]) for name, kind in kinds.items()}
        return {name: kind for name, kind in known.items() if kind is not None}


_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "double"), "number"),
    "decimal": "number",
    "boolean": "flag",
    "string": "text",
    **dict.fromkeys(("date", "timestamp_ntz"), "date"),
}


@contextmanager
def open_engine(master: str = "local[2]") -> Iterator[Engine]:
    """Start Spark in this process's own Java, or on a cluster; its files in a temporary folder."""
    with make_temporary_folder() as folder, catch_warnings():
        simplefilter("ignore", FutureWarning)  # pandas 3
        session = (
            SparkSession.builder.master(master)
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.local.dir", str(folder))
            .config("spark.sql.warehouse.dir", str(folder))
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.timestampType", "TIMESTAMP_NTZ")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )

        try:
            yield Spark(session)
        finally:
            session.stop()
