"""The columns of a table by their types, as DuckDB names them."""

from __future__ import annotations

from functools import cached_property

from leadweights.model.names import find_own

EXACT_IN_NUMPY = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
THROUGH_PYTHON = ("DECIMAL", "HUGEINT", "UHUGEINT", "BIGNUM")
_DATES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")


class TypedColumns:
    """What the columns of a table called `name` hold, by their `types`."""

    name: str
    types: dict[str, str]

    def require(self, column: str) -> str:
        """Return the name of a column in this table: the same, or but for upper and lower case.

        Raises TableError if there is none.
        """
        if column in self.types:
            return column
        return self._by_lower.get(column.lower()) or find_own(column, list(self.types), self.name)

    @cached_property
    def _by_lower(self) -> dict[str, str]:
        return {name.lower(): name for name in self.types}

    def is_flag(self, column: str) -> bool:
        """Tell whether a column holds true and false."""
        return self.types[column] == "BOOLEAN"

    def is_number(self, column: str) -> bool:
        """Tell whether a column holds numbers."""
        kind = self.types[column]
        return not self.is_flag(column) and (
            kind in EXACT_IN_NUMPY or kind.startswith(THROUGH_PYTHON)
        )

    def is_text(self, column: str) -> bool:
        """Tell whether a column holds text."""
        return self.types[column] in ("VARCHAR", "JSON")

    def kind(self, column: str) -> str:
        """Name a column's type, without its details."""
        return "text" if self.is_text(column) else self.types[column].split("(")[0]

    def is_date(self, column: str) -> bool:
        """Tell whether a column holds dates or timestamps without a time zone."""
        return self.types[column] in _DATES

    def is_whole(self, column: str) -> bool:
        """Tell whether a column's type is one of whole numbers."""
        return self.types[column].endswith(("INT", "INTEGER"))
