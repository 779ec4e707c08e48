"""GoogleSQL, the SQL of BigQuery: its reference implementation, compiled to WebAssembly."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from wasmtime import Trap, WasmtimeError
from zetasql import types
from zetasql.api import CatalogBuilder, TableBuilder
from zetasql.core import ZetaSqlLocalService
from zetasql.core.exceptions import ZetaSQLError

from leadweights.model.dates import EPOCH
from leadweights.tables.engines.engine import Columns, DrivenEngine, Engine, Holding, columns
from leadweights.tables.table import Table

_HOLDING = Holding(
    {
        **dict.fromkeys(("DOUBLE", "FLOAT"), "DOUBLE"),
        **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "INT64"),
        **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "INT64"),
        **dict.fromkeys(("UBIGINT", "HUGEINT", "DECIMAL"), "BIGNUMERIC"),
        "BOOLEAN": "BOOL",
        "VARCHAR": "STRING",
        "DATE": "DATE",
        "TIMESTAMP": "DATETIME",
    }
)
_EPOCH = EPOCH.toordinal()
_DIGITS = 38  # after the point of a BIGNUMERIC


class GoogleSQL(DrivenEngine):
    """The reference implementation, which runs in this process and has one table."""

    def __init__(self) -> None:
        super().__init__(
            title=f"GoogleSQL's reference implementation (zetasql {version('zetasql')})",
            dialect="bigquery",
            holding=_HOLDING,
            problems=(ZetaSQLError, WasmtimeError, Trap),
            # Its EXP is the C library's, but without fused multiplication.
            largest_ulp=2,
        )
        self._service = ZetaSqlLocalService.get_instance()
        language = types.LanguageOptions.maximum_features()
        language.product_mode = types.ProductMode.PRODUCT_EXTERNAL
        self._options = types.AnalyzerOptions(language_options=language)
        self._functions = types.ZetaSQLBuiltinFunctionOptions(language_options=language)
        self._catalog: int | None = None

    def load(self, rows: Table) -> None:
        """Give a new catalog the rows."""
        self.close()
        kinds = [self.holding.type_of(kind) for kind in rows.types.values()]
        table = TableBuilder(self.table)
        for name, kind in zip(rows.types, kinds, strict=True):
            table.add_column(name, types.TypeKind[f"TYPE_{kind}"])
        catalog = CatalogBuilder(self.table).add_table(table.build())
        content = [
            types.TableData.Row(cell=[_value(*pair) for pair in zip(kinds, cells, strict=True)])
            for cells in rows.all_values()
        ]
        with self._refusals():
            self._catalog = self._service.register_catalog(
                simple_catalog=catalog.with_builtin_functions(self._functions).build(),
                table_content={self.table: types.TableContent(types.TableData(content))},
            ).registered_id

    def select(self, sql: str) -> Columns:
        """Run a SELECT over the table."""
        with self._refusals():
            found = self._service.evaluate_query(
                sql=sql, options=self._options, registered_catalog_id=self._catalog
            )
        described = found.prepared.columns
        fields = [_field(types.TypeKind(c.type.type_kind).name) for c in described]
        rows = [
            [getattr(cell, field) for field, cell in zip(fields, row.cell, strict=True)]
            for row in found.content.table_data.row
        ]
        return columns([c.name for c in described], rows)

    def close(self) -> None:
        """Forget the table."""
        if self._catalog is not None:
            self._service.unregister_catalog(registered_id=self._catalog)
            self._catalog = None


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Compile it, which takes 10 s, and only once in a process."""
    with closing(GoogleSQL()) as engine:
        yield engine


def _field(kind: str) -> str:
    """Name the field of a value that holds a type."""
    return f"{kind.removeprefix('TYPE_').lower()}_value"


def _datetime(value: datetime) -> types.Value.Datetime:
    """Pack a time as GoogleSQL does: year, month, day, hour, minute, second, from the left."""
    packed = value.year
    for part, bits in (
        *((value.month, 4), (value.day, 5)),
        *((value.hour, 5), (value.minute, 6), (value.second, 6)),
    ):
        packed = packed << bits | part
    return types.Value.Datetime(packed, value.microsecond * 1000)


def _big_numeric(value: int | Decimal) -> bytes:
    whole = int(Fraction(value) * 10**_DIGITS)
    return whole.to_bytes(whole.bit_length() // 8 + 1, "little", signed=True)


_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "BIGNUMERIC": _big_numeric,
    "DATE": lambda day: day.toordinal() - _EPOCH,
    "DATETIME": _datetime,
}


def _value(kind: str, cell: Any) -> types.Value:
    if cell is None:
        return types.Value()
    written = _WRITTEN.get(kind, lambda value: value)(cell)
    return types.Value(**{_field(kind): written})
