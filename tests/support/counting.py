"""A DuckDB connection that counts what it is asked, for tests of how work grows."""

from typing import Any

import duckdb

_ASKED = (duckdb.DuckDBPyConnection, duckdb.DuckDBPyRelation)


class Counted:
    """Stands for a connection or a relation, and counts the calls of all that come from it."""

    def __init__(self, own: Any = None, calls: list[str] | None = None) -> None:
        self.own = own or duckdb.connect()
        self.calls: list[str] = [] if calls is None else calls

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.own, name)
        if not callable(value):
            return value

        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            found = value(*(a.own if isinstance(a, Counted) else a for a in args), **options)
            return Counted(found, self.calls) if isinstance(found, _ASKED) else found

        return call
