"""ClickHouse, in this process, by chDB."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pyarrow as pa
from chdb.session import Session

from leadweights.files.temporary import make_temporary_folder
from leadweights.model.names import quote
from leadweights.tables.engines.arrow import STAGED, Arrows
from leadweights.tables.engines.engine import Engine, Holding
from leadweights.tables.table import VIEW

HOLDING = Holding(
    {
        "DOUBLE": "Float64",
        "FLOAT": "Float32",
        "DECIMAL": "Decimal(",
        "BOOLEAN": "Bool",
        "TINYINT": "Int8",
        "SMALLINT": "Int16",
        "INTEGER": "Int32",
        "BIGINT": "Int64",
        "HUGEINT": "Int128",
        "UTINYINT": "UInt8",
        "USMALLINT": "UInt16",
        "UINTEGER": "UInt32",
        "UBIGINT": "UInt64",
        "UHUGEINT": "UInt128",
        "VARCHAR": "String",
        "DATE": "Date32",
        "TIMESTAMP": "DateTime64(6, 'UTC')",
    },
    unheld=dict.fromkeys(
        ("DATE", "TIMESTAMP"), "NOT isfinite({0}) OR year({0}) NOT BETWEEN 1 AND 9999"
    ),
)

_LIMITS = ("max_query_size", "max_parser_backtracks", "max_ast_elements")
"""Without them a SELECT over thousands of columns is read, too."""


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open a session in a temporary folder."""
    with (
        make_temporary_folder() as folder,
        closing(Session(str(folder / "session"))) as session,
    ):
        for limit in _LIMITS:
            session.query(f"SET {limit} = 0")
        file = folder / "rows.arrow"

        def hold(rows: pa.Table, typed: str) -> None:
            with pa.ipc.new_file(file, rows.schema) as writer:
                writer.write_table(rows)
            for name in (STAGED, VIEW):
                session.query(f"DROP TABLE IF EXISTS {name}")
            session.query(f"CREATE TABLE {STAGED} ENGINE = File(Arrow, '{file}')")
            nullable = "SETTINGS cast_keep_nullable = 1"
            session.query(f"CREATE TABLE {VIEW} ENGINE = Memory AS {typed} {nullable}")

        yield Arrows(
            take=hold,
            give=lambda sql: session.query(sql, "ArrowTable"),
            title=f"ClickHouse {session.query('SELECT version()', 'TSV').data().strip()}",
            dialect="clickhouse",
            holding=HOLDING,
            problems=(RuntimeError,),
            largest_ulp=2,
            quote=lambda name: quote(name.replace("\\", "\\\\")),
        )
