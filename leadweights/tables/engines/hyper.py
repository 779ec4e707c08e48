"""Hyper, the engine of Tableau: its API starts it in a temporary folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import tableauhyperapi as hyper

from leadweights.files.temporary import make_temporary_folder
from leadweights.tables.engines.engine import (
    STANDARD_TYPES,
    Columns,
    DrivenEngine,
    Engine,
    Holding,
    columns,
    explain,
)
from leadweights.tables.table import Table

HOLDING = Holding(
    {
        **STANDARD_TYPES,
        "DOUBLE": "DOUBLE PRECISION",
        "DECIMAL": "NUMERIC(",
        "TINYINT": "SMALLINT",
        **dict.fromkeys(("UBIGINT", "HUGEINT"), "NUMERIC(38)"),
        "VARCHAR": "TEXT",
    }
)


@dataclass(kw_only=True, eq=False)
class Hyper(DrivenEngine):
    """Hyper behind its own API, which is not one of PEP 249."""

    connection: hyper.Connection

    def load(self, rows: Table) -> None:
        """Make the table anew, and fill it."""
        described = ", ".join(
            f"{hyper.escape_name(name)} {self.holding.type_of(kind)}"
            for name, kind in rows.types.items()
        )
        with self._refusals():
            self.connection.execute_command(f"DROP TABLE IF EXISTS {self.table}")
            self.connection.execute_command(f"CREATE TEMPORARY TABLE {self.table} ({described})")
            table = self.connection.catalog.get_table_definition(self.table)
            with hyper.Inserter(self.connection, table) as inserter:
                numeric = [column.type.tag == hyper.TypeTag.NUMERIC for column in table.columns]
                for row in rows.all_values():
                    inserter.add_row(list(map(_cell, row, numeric)))
                inserter.execute()

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._refusals(), self.connection.execute_query(sql) as result:
            names = [column.name.unescaped for column in result.schema.columns]
            return columns(names, list(result))


def _cell(value: Any, numeric: bool) -> Any:
    """Give a value as the API takes it: whole numbers of more than 64 bits are decimals."""
    return Decimal(value) if numeric and isinstance(value, int) else value


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Start a server for this process alone, and end it."""
    with (
        make_temporary_folder() as folder,
        explain("Hyper says", hyper.HyperException),
        hyper.HyperProcess(
            hyper.Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_dir": str(folder)}
        ) as server,
        hyper.Connection(server.endpoint) as connection,
    ):
        version = connection.execute_scalar_query("SELECT version()")
        yield Hyper(
            connection=connection,
            title=f"Hyper {version.rpartition('main.')[2].rpartition('.')[0]}",
            dialect="hyper",
            holding=HOLDING,
            problems=(hyper.HyperException,),
            signed_zero=False,  # it takes 0 + x for x, and x * 0 for 0
        )
