"""Apache Spark, on this machine alone or on a cluster."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from warnings import catch_warnings, simplefilter

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import AnalysisException, PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from leadweights.errors import EngineError
from leadweights.files.temporary import make_temporary_folder
from leadweights.model.held import Held
from leadweights.model.names import quote
from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import KEPT, STANDARD_TYPES, Holding, one_line
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

_KINDS: dict[str, Held] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "double"), "number"),
    "decimal": "number",
    "boolean": "flag",
    **dict.fromkeys(("string", "char", "varchar"), "text"),
    **dict.fromkeys(("date", "timestamp_ntz"), "date"),
    "timestamp": "moment",
}

_NOT_THERE = {
    "TABLE_OR_VIEW_NOT_FOUND": ("there is no table", "relationName"),
    "PATH_NOT_FOUND": ("there is no file", "path"),
}
"""What a missing table is called by Spark, and by which of its parameters it is named."""

_PROBLEMS = (PySparkException, Py4JError)
_CLUSTER = "spark://"
_ANSWER_SECONDS = 10.0
_LOOK_SECONDS = 0.1


class Spark(Arrows):
    """A session, which has tables of its own, keeps others, and reads Parquet files.

    Its workers share this machine's files if it `is_here`.
    """

    keeps = True

    def __init__(self, session: SparkSession, *, is_here: bool = True) -> None:
        def hold(rows: pa.Table, typed: str) -> None:
            session.createDataFrame(rows).coalesce(1).createOrReplaceTempView(STAGED)
            session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {VIEW} AS {typed}")

        super().__init__(
            take=hold,
            give=lambda sql: session.sql(sql).toArrow(),
            title=f"Spark {session.version}",
            dialect="spark",
            holding=HOLDING,
            problems=_PROBLEMS,
            largest_ulp=2,
            quote=partial(quote, mark="`"),
        )
        self.is_here = is_here
        self._session = session

    def read(self, file: Path) -> None:
        """Take Parquet files for the table: one, those of a folder, or those like a pattern."""
        with self._refusals():
            found = self._session.read.parquet(str(file.absolute()))
            found.createOrReplaceTempView(self.table)

    def keep(self, sql: str) -> str:
        """Keep what a SELECT gives in Spark's memory, or on its disks."""
        with self._refusals():
            self._session.catalog.dropTempView(KEPT)
            self._session.sql(f"CACHE TABLE {KEPT} AS {sql}")
        return KEPT

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a SELECT; give the names of its columns, and its rows."""
        with self._refusals():
            found = self.give(sql)
        cells = [column.to_pylist() for column in found.columns]
        return list(found.column_names), list(zip(*cells, strict=True))

    def held_in(self, table: str) -> dict[str, Held]:
        """Say what the columns of a table hold: one of the catalogue, or parquet.`FOLDER`."""
        with self._refusals():
            types = dict(self._session.table(table).dtypes)
        known = {name: _KINDS.get(kind.split("(")[0]) for name, kind in types.items()}
        return {name: kind for name, kind in known.items() if kind is not None}

    def declared_in(self, table: str) -> dict[str, tuple[str, bool]]:
        """Give the types of numbers and flags in a table, and whether they are NOT NULL."""
        held = self.held_in(table)
        with self._refusals():
            fields = self._session.table(table).schema.fields
        return {
            field.name: (field.dataType.simpleString(), not field.nullable)
            for field in fields
            if held.get(field.name) in ("number", "flag")
        }

    def spell(self, name: str) -> str:
        """Spell a name as the table does: Spark gives it so."""
        return name

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        with super()._refusals():
            try:
                yield
            except AnalysisException as problem:
                said, parameter = _NOT_THERE.get(str(problem.getCondition()), ("", ""))
                if not said:
                    raise
                named = (problem.getMessageParameters() or {}).get(parameter, "of that name")
                named = named.replace("`", "").removeprefix("file:")
                raise EngineError(f"{self.title}: {said} {named}") from None


@contextmanager
def open_engine(master: str = "local[2]", room_seconds: float = 60.0) -> Iterator[Spark]:
    """Start Spark in this process's own Java, or on a cluster; its files in a temporary folder.

    What a cluster's sessions are otherwise is told by spark-defaults.conf, in SPARK_CONF_DIR. A
    worker must have room for the executor that this asks for within so many seconds.

    Raises EngineError for a cluster that does not answer, or has no room, and where Java fails.
    """
    on_cluster = master.startswith(_CLUSTER)
    if on_cluster:
        _reach(master)
    with make_temporary_folder() as folder, catch_warnings():
        simplefilter("ignore", FutureWarning)  # pandas 3
        session = _start(master, folder)
        try:
            if on_cluster:
                _await_room(session, master, room_seconds)
            with _keep_quiet():
                yield Spark(session, is_here=not on_cluster)
        finally:
            session.stop()


def _start(master: str, folder: Path) -> SparkSession:
    """Start a session, and before the first one Java, which keeps what it says to itself."""
    settings = {
        **dict.fromkeys(("spark.local.dir", "spark.sql.warehouse.dir"), str(folder)),
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if not master.startswith(_CLUSTER):
        settings |= dict.fromkeys(("spark.driver.bindAddress", "spark.driver.host"), "127.0.0.1")
    conf = SparkConf().setMaster(master).setAppName("leadweights").setAll(list(settings.items()))
    said = folder / "java"
    try:
        if SparkContext._gateway is None:
            with said.open("wb") as stderr:
                SparkContext._ensure_initialized(gateway=launch_gateway(conf, {"stderr": stderr}))
        session: SparkSession = SparkSession.builder.config(conf=conf).getOrCreate()
    except _PROBLEMS as problem:
        last = said.read_text("utf-8", "replace").splitlines()[-1:] if said.exists() else []
        told = "; ".join(map(one_line, (problem, *last)))
        if "stopped SparkContext" in told:
            told = f"what answers at {master} is no master of Spark, or one of another version"
        raise EngineError(f"Spark does not start: {told}") from None
    found = session.sparkContext.master
    if found != master and master.startswith(_CLUSTER):
        raise EngineError(f"this process has a session of Spark at {found}: stop it first")
    return session


@contextmanager
def _keep_quiet() -> Iterator[None]:
    """Keep PySpark from printing on stderr, besides, what it raises."""
    loggers = [
        PySparkLogger.getLogger(f"{kind}QueryContextLogger") for kind in ("DataFrame", "SQL")
    ]
    before = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


def _reach(master: str) -> None:
    """Raise EngineError if no master listens: Spark itself would try for a minute."""
    for place in master.removeprefix(_CLUSTER).split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), _ANSWER_SECONDS):
                return
        except (OSError, OverflowError, UnicodeError) as problem:  # also a port of six digits
            said = getattr(problem, "strerror", None) or str(problem)
    raise EngineError(
        f"no master of Spark answers at {host}, port {port}: {said}; its own page names the URL, "
        "whose port usually is 7077"
    )


def _await_room(session: SparkSession, master: str, seconds: float) -> None:
    """Wait for an executor. Raises EngineError where none comes: a query would wait for ever."""
    until = monotonic() + seconds
    context = session.sparkContext._jsc.sc()
    # The driver is listed, too.
    while context.getExecutorMemoryStatus().size() < 2:
        if monotonic() > until:
            raise EngineError(
                f"{master} gives no executor within {seconds:g} seconds: its workers are busy, or "
                "have less memory and cores than spark.executor.memory and spark.executor.cores of "
                "spark-defaults.conf ask for, or do not reach this machine at spark.driver.host"
            )
        sleep(_LOOK_SECONDS)
