"""A table of leads: rows that DuckDB can query and Python can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EIO, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError, LeadweightsError, TableError
from leadweights.formula.texts import Texts, texts
from leadweights.model import names as naming
from leadweights.tables import csv as delimited
from leadweights.tables.ordering import directions

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Floats = NDArray[np.float64]

VIEW = "leads"
"""The name under which SQL finds the table."""

ROW = "leadweights_row"
"""A column with each row's number, from 1 on, in a table that is `numbered`."""

_NUMBERED, _PIECE = "numbered_leads", "some_leads"

_EXACT_IN_NUMPY = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
_THROUGH_PYTHON = ("DECIMAL", "HUGEINT", "UHUGEINT", "BIGNUM")
_DATES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_UNKNOWN = '"NULL"'  # the type of a column of nothing but None in a DataFrame
_COUNTED = "rows with these keys"
# What DuckDB's reader takes for a number; a cast takes more, such as 1_000.
_NUMBER = re.compile(r"\s*(-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf)\s*", re.ASCII | re.IGNORECASE)


class Table:
    """Rows that DuckDB can query and Python can read, in the same order."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: duckdb.DuckDBPyRelation,
        name: str,
        path: Path | None = None,
        view: str = VIEW,
    ) -> None:
        self.name = name
        self.view = view
        self._path = path
        self._connection = connection
        self.types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        with self._legible():
            # Registered, a view is temporary: of this connection alone.
            self._relation = connection.register(view, relation).table(view)
            self.rows = int(self._relation.count("*").fetchall()[0][0])

    def require(self, column: str) -> str:
        """Return the name of a column in this table: the same, or but for upper and lower case.

        Raises TableError if there is none.
        """
        return naming.own(column, list(self.types), self.name)

    def is_flag(self, column: str) -> bool:
        """Tell whether a column holds true and false."""
        return self.types[column] == "BOOLEAN"

    def is_number(self, column: str) -> bool:
        """Tell whether a column holds numbers."""
        kind = self.types[column]
        return not self.is_flag(column) and (
            kind in _EXACT_IN_NUMPY or kind.startswith(_THROUGH_PYTHON)
        )

    def is_text(self, column: str) -> bool:
        """Tell whether a column holds text."""
        return self.types[column] in ("VARCHAR", "JSON")

    def kind(self, column: str) -> str:
        """Name a column's type, without its details."""
        return "text" if self.is_text(column) else self.types[column].split("(")[0]

    def is_empty(self, column: str) -> bool:
        """Tell whether a column that has no type but text, or none, holds nothing but NULL."""
        if self.types[column] not in ("VARCHAR", _UNKNOWN):
            return False
        return self._none(column, duckdb.ColumnExpression(column).isnotnull())

    def require_number(self, column: str) -> None:
        """Raise TableError for a column that is not made of numbers, or true and false, or NULL."""
        if self.is_number(column) or self.is_flag(column):
            return
        if self.is_text(column):
            self.refuse_odd_text(column, share=0.0, advice="mend the value or leave it empty")
        if self.is_empty(column):
            return
        raise TableError(
            f"{self.name}: column {column!r} must hold numbers, not {self.kind(column)}"
        )

    def is_date(self, column: str) -> bool:
        """Tell whether a column holds dates or timestamps without a time zone."""
        return self.types[column] in _DATES

    def is_whole(self, column: str) -> bool:
        """Tell whether a column's type is one of whole numbers."""
        return self.types[column].endswith(("INT", "INTEGER"))

    def require_text(self, column: str) -> None:
        """Raise TableError for a column that holds neither text nor whole numbers."""
        if not (self.is_text(column) or self.is_whole(column) or self.is_empty(column)):
            raise TableError(
                f"{self.name}: column {column!r} must hold text, not {self.kind(column)}; cast it "
                "to text, or learn from rows that hold it as these do"
            )

    def require_date(self, column: str) -> None:
        """Raise TableError for a column that does not hold dates."""
        if not (self.is_date(column) or self.is_empty(column)):
            raise TableError(
                f"{self.name}: column {column!r} must hold dates, not {self.kind(column)}"
            )

    def require_flag(self, column: str) -> None:
        """Raise TableError for a column that is not made of true and false, or 1 and 0, or NULL."""
        if self.is_flag(column) or self.is_empty(column):
            return
        if self.is_number(column):
            # In the engine: as Python objects a column of a large table does not fit in memory.
            flags = (duckdb.ConstantExpression(0), duckdb.ConstantExpression(1))
            if self._none(column, ~duckdb.ColumnExpression(column).isin(*flags)):
                return
        odd = self._first(
            column, lambda v: v not in (0, 1) and str(v).lower() not in ("true", "false")
        )
        row, value = odd or self._first(column, lambda v: v not in (0, 1)) or (0, None)
        raise TableError(
            f"{self.name}: column {column!r} must hold true and false, not {value!r} as on "
            f"{self.place(row)}"
        )

    def numbers(self, columns: Sequence[str]) -> dict[str, Floats]:
        """Read columns as doubles, shape (rows,); NULL becomes NaN, true and false 1 and 0.

        Each value is converted here, not by the engine, so that the engine's own cast is put to
        the proof. Raises TableError for a column that holds anything else.
        """
        for column in columns:
            self.require_number(self.require(column))
        exact = [name for name in columns if self.types[name] in _EXACT_IN_NUMPY]
        found = {name: np.full(self.rows, np.nan) for name in columns}
        if exact:
            with self._legible():
                chosen = self._relation.select(*map(duckdb.ColumnExpression, exact)).fetchnumpy()
            # By place: in its results DuckDB may spell a name its own way.
            for name, values in zip(exact, chosen.values(), strict=True):
                present = ~np.ma.getmaskarray(values)
                found[name][present] = np.ma.getdata(values)[present].astype(np.float64)
        for name in columns:
            if self.types[name].startswith(_THROUGH_PYTHON):
                found[name][:] = [np.nan if v is None else float(v) for v in self.values(name)]
        return found

    def texts(self, column: str) -> Texts:
        """Read a column of text or whole numbers as text, shape (rows,). Raises TableError."""
        self.require_text(self.require(column))
        if not self.is_text(column):
            return texts(None if v is None else str(v) for v in self.values(column))
        with self._legible():
            chosen = self._relation.select(duckdb.ColumnExpression(column)).fetchnumpy()
        (found,) = chosen.values()
        if isinstance(found, np.ma.MaskedArray):
            data, masked = np.ma.getdata(found), np.ma.getmaskarray(found)
            return texts(np.where(masked, np.array(None, dtype=object), data).tolist())
        return texts(found.tolist())

    def days(self, column: str) -> Floats:
        """Read dates as whole days since 1970-01-01, shape (rows,); NULL is NaN.

        Raises TableError for a column that holds anything else.
        """
        self.require_date(self.require(column))
        result = np.full(self.rows, np.nan)
        if self.types[column] in _DATES:
            with self._legible():
                value = duckdb.ColumnExpression(column)
                finite = duckdb.FunctionExpression("isfinite", value)
                chosen = self._relation.select(duckdb.CaseExpression(finite, value)).fetchnumpy()
            (found,) = chosen.values()
            present = ~np.ma.getmaskarray(found)
            dates = np.ma.getdata(found)[present]
            result[present] = np.where(
                np.isnat(dates), np.nan, dates.astype("datetime64[D]").astype(np.float64)
            )
        return result

    def levels(self, column: str) -> dict[Any, int]:
        """Count the rows of each value but NULL; for columns of numbers, flags and text."""
        chosen = self._relation.select(duckdb.ColumnExpression(column).alias("level"))
        with self._legible():
            found = dict(chosen.aggregate("level, count(*)").order("level").fetchall())
        found.pop(None, None)
        return found

    def repeated(self, columns: Sequence[str]) -> tuple[Any, ...] | None:
        """Find values of columns that more than one row has, or a row where one is missing."""
        named = [duckdb.ColumnExpression(name) for name in columns]
        rows = duckdb.FunctionExpression("count").alias(_COUNTED)
        more_than_one = duckdb.ColumnExpression(_COUNTED) > duckdb.ConstantExpression(1)
        keys = self._relation.select(*named)
        odd = [keys.filter(name.isnull()) for name in named]
        odd.append(keys.aggregate([*named, rows]).filter(more_than_one))
        with self._legible():
            for relation in odd:
                for row in relation.limit(1).fetchall():
                    return tuple(row[: len(columns)])
        return None

    def _none(self, column: str, wanted: duckdb.Expression) -> bool:
        """Tell whether no row is as wanted."""
        chosen = self._relation.filter(wanted).select(duckdb.ColumnExpression(column))
        with self._legible():
            return not chosen.limit(1).fetchall()

    def _first(self, column: str, wanted: Callable[[Any], bool]) -> tuple[int, Any] | None:
        """Find the first row, counted from 0, whose value is there and as wanted."""
        chosen = self._relation.select(duckdb.ColumnExpression(column))
        with self._legible():
            rows = enumerate(value for (value,) in chosen.iter_rows())
            return next(((row, v) for row, v in rows if v is not None and wanted(v)), None)

    def first_missing(self, column: str) -> str:
        """Say where the first value is that is NULL, or no finite number or date."""
        values = enumerate(self.values(column))
        odd = (row for row, v in values if v is None or v != v or v in (np.inf, -np.inf))
        row = next(odd, None)
        return "" if row is None else f", first on {self.place(row)}"

    def values(self, column: str) -> list[Any]:
        """Read a column as Python objects."""
        with self._legible():
            rows = self._relation.select(duckdb.ColumnExpression(column)).fetchall()
        return [value for (value,) in rows]

    def refuse_odd_text(
        self,
        column: str,
        share: float = 2 / 3,
        missing: Collection[str] = (),
        advice: str = "",
    ) -> None:
        """Raise TableError for a text column of which more than `share` of the rows are numbers.

        Texts that are `missing` values do not count. `advice` says what would do; by default, who
        learns has a dictionary.
        """
        levels = {text: n for text, n in self.levels(column).items() if text not in missing}
        odd = {text for text in levels if not _NUMBER.fullmatch(str(text))}
        numeric = sum(count for text, count in levels.items() if text not in odd)
        if numeric <= share * sum(levels.values()) or not odd:
            return
        row, text = self._first(column, odd.__contains__) or (0, "")
        advice = advice or (
            "mend the value, leave it empty, exclude the column, or say in the dictionary that "
            f"missing = [{text!r}] or kind = 'category'"
        )
        raise TableError(
            f"{self.name}: column {column!r} is numeric but for {text!r} on {self.place(row)}; "
            f"{advice}"
        )

    @contextmanager
    def _legible(self) -> Iterator[None]:
        """Turn what DuckDB raises while reading the table into one line."""
        try:
            yield
        except (duckdb.Error, RuntimeError) as problem:
            raise told(problem, TableError, f"cannot read {self.name}") from None

    def place(self, row: int) -> str:
        """Say where a row stands, counted from 0: its line in a text file, or its number."""
        if self._path is not None and delimited.is_delimited(self._path):
            return f"line {delimited.line_of(self._path, row)}"
        return f"row {row + 1}"

    def selected(self, sql: str) -> dict[str, np.ma.MaskedArray[Any, Any]]:
        """Run a SELECT over the view `leads`; NULL is masked. Raises EngineError."""
        with _refusals():
            columns = self._connection.execute(sql).fetchnumpy()
        return {name: np.ma.asarray(values) for name, values in columns.items()}

    def all_values(self) -> list[tuple[Any, ...]]:
        """Read all rows as Python objects."""
        with self._legible():
            return self._relation.fetchall()

    def arrow(self) -> pa.Table:
        """Read all rows as a table of Apache Arrow; texts for numbers that few engines have."""
        rare = ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT")
        chosen = [
            duckdb.ColumnExpression(name).cast("VARCHAR" if kind in rare else kind).alias(name)
            for name, kind in self.types.items()
        ]
        with self._legible():
            return self._relation.select(*chosen).to_arrow_table()

    def numbered(self, columns: Mapping[str, str], without: Mapping[str, str]) -> Table:
        """Give some columns after one with each row's number, from 1 on, called `ROW`.

        `columns` gives for the new name of a column that of this table. A value that meets the
        condition `without` has for its column, see `meets`, becomes NULL.
        Raises TableError for a table that has such a column already.
        """
        if ROW in map(str.lower, self.types):
            raise TableError(f"{self.name}: the proof needs the name {ROW!r} itself; rename it")
        chosen = [f"(row_number() OVER ())::INTEGER AS {ROW}"]
        for name, own in columns.items():
            value, cell = _quoted(own), _quoted(own)
            if name in without:
                cell = f"CASE WHEN ({without[name].format(value)}) IS NOT TRUE THEN {value} END"
            chosen.append(f"{cell} AS {_quoted(name)}")
        with self._legible():
            sql = f"SELECT {', '.join(chosen)} FROM {self.view}"  # noqa: S608
            relation = self._connection.sql(sql)
        return Table(self._connection, relation, self.name, self._path, _NUMBERED)

    def pieces(self, most: int) -> Iterator[tuple[int, Table]]:
        """Cut the rows into tables of at most so many, each after how many rows it begins."""
        if self.rows <= most:
            yield 0, self
            return
        for first in range(0, self.rows, most):
            relation = self._relation.limit(most, first)
            yield first, Table(self._connection, relation, self.name, self._path, _PIECE)

    def meets(self, conditions: Mapping[str, str]) -> dict[str, NDArray[np.bool_]]:
        """Say for columns which rows meet a condition, SQL with `{}` for the column, (rows,)."""
        if not conditions:
            return {}
        tests = (f"({test.format(_quoted(own))}) IS TRUE" for own, test in conditions.items())
        # At once: each query costs what binding all of a table's columns does.
        chosen = ", ".join(f"{test} AS c{place}" for place, test in enumerate(tests))
        with self._legible():
            sql = f"SELECT {chosen} FROM {self.view}"  # noqa: S608
            found = self._connection.execute(sql).fetchnumpy()
        met = (np.asarray(found[f"c{place}"], bool) for place in range(len(conditions)))
        return dict(zip(conditions, met, strict=True))

    def frame(
        self, sql: str, keys: Sequence[str] = (), order_by: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Run a SELECT over the view `leads`; `keys` are its columns of the table.

        Raises EngineError, UnsupportedError for an order that cannot be.
        """
        with _refusals():
            found = self._ordered(sql, order_by)
            frame: pd.DataFrame = found.df()
            for key in keys:
                if self.types[self.require(key)].startswith(_THROUGH_PYTHON):
                    # pandas would have them as doubles.
                    rows = found.select(duckdb.ColumnExpression(key)).fetchall()
                    frame[key] = np.array([*(v for (v,) in rows), None], dtype=object)[:-1]
        return frame

    def write_selected(
        self, sql: str, path: Path, *, parquet: bool, order_by: Sequence[str] = ()
    ) -> None:
        """Run a SELECT over the view `leads` into a file.

        Raises EngineError, OSError, UnsupportedError for an order that cannot be.
        """
        with _refusals():
            found = self._ordered(sql, order_by)
            # The path is temporary already; DuckDB would make another file beside it.
            if parquet:
                found.write_parquet(str(path), use_tmp_file=False)
            else:
                found.write_csv(str(path), header=True, use_tmp_file=False)

    def _ordered(self, sql: str, order_by: Sequence[str]) -> duckdb.DuckDBPyRelation:
        """Put the rows of a SELECT in order, by every other column where those named are equal."""
        found = self._connection.sql(sql)
        if not order_by:
            return found
        falling = directions(order_by, found.columns)
        return found.sort(
            *(
                (
                    duckdb.ColumnExpression(name).desc() if down else duckdb.ColumnExpression(name)
                ).nulls_last()
                for name, down in falling.items()
            )
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what DuckDB raises into one line."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as problem:
        if "No space left" in str(problem):
            raise OSError(ENOSPC, "no space left on the device") from None
        if "offload" in str(problem):
            raise OSError(ENOSPC, "no space left on the device to sort the rows on") from None
        if isinstance(problem, duckdb.OutOfMemoryException):
            raise told(problem, EngineError, "DuckDB says") from None
        raise OSError(EIO, _one_line(problem)) from None
    except (duckdb.Error, RuntimeError) as problem:
        raise told(problem, EngineError, "DuckDB says") from None


def told(
    problem: Exception, kind: type[LeadweightsError], where: str
) -> LeadweightsError | KeyboardInterrupt:
    """Make one line of what DuckDB raised; an interrupt stays one, a defect is raised."""
    if "interrupted" in str(problem).lower():
        return KeyboardInterrupt()
    if not isinstance(problem, duckdb.Error):
        raise problem
    return kind(f"{where}: {_one_line(problem)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def engine() -> str:
    """Name the engine and its version."""
    return f"DuckDB {duckdb.__version__}"


def _one_line(problem: Exception) -> str:
    """Keep what an engine says before it lists what could be done."""
    said = str(problem).split("Possible ")[0].split("\n\n")[0]
    return " ".join(said.split())
