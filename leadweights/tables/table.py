"""A table of leads: rows that DuckDB can query and Python can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts, texts, texts_of
from leadweights.model.names import quote
from leadweights.tables import csv
from leadweights.tables.dates import is_odd_beside_dates
from leadweights.tables.duckdb_errors import explain_answer, explain_reading, explain_writing
from leadweights.tables.file import Origin
from leadweights.tables.frames import frame_like
from leadweights.tables.ordering import sort
from leadweights.tables.types import EXACT_IN_NUMPY, THROUGH_PYTHON, TypedColumns
from leadweights.tables.view import View
from leadweights.tables.write import write_rows

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


VIEW = "leads"
"""The name under which SQL finds the table."""

ROW = "leadweights_row"
"""A column with each row's number, from 1 on, in a table that is `numbered`."""

_NUMBERED, _PIECE, _DERIVED = "numbered_leads", "some_leads", "derived_leads"
_HELD = "held_leads"

_WIDE = ("BIGINT", "HUGEINT")
_UNKNOWN = '"NULL"'  # the type of a column of nothing but None in a DataFrame
_COUNTED = "rows with these keys"
# What DuckDB's reader takes for a number; a cast takes more, such as 1_000.
_NUMBER = re.compile(
    r"[\s\v]*(-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf)[\s\v]*", re.ASCII | re.IGNORECASE
)

_column = duckdb.ColumnExpression


class Table(TypedColumns):
    """Rows that DuckDB can query and Python can read, in the same order."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: duckdb.DuckDBPyRelation,
        name: str,
        origin: Origin | None = None,
        view: str = VIEW,
    ) -> None:
        self.name = name
        self.view = view
        self._origin = origin
        self._connection = connection
        self.types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        with explain_reading(self.name):
            # Registered, a view is temporary: of this connection alone.
            self._relation = connection.register(view, relation).table(view)
            self.rows = int(self._relation.count("*").fetchall()[0][0])
        self._at_once = View(connection, view, name, self.rows)

    def is_empty(self, column: str) -> bool:
        """Tell whether a column that has no type but text, or none, holds nothing but NULL."""
        return column in self._empty

    @cached_property
    def _empty(self) -> frozenset[str]:
        own = [name for name, kind in self.types.items() if kind in ("VARCHAR", _UNKNOWN)]
        return self._at_once.never("{} IS NOT NULL", own)

    @cached_property
    def _zero_or_one(self) -> frozenset[str]:
        return self._at_once.never("{} NOT IN (0, 1)", list(filter(self.is_number, self.types)))

    def require_number(self, column: str) -> None:
        """Raise TableError for a column that is not made of numbers, or true and false, or NULL."""
        if self.is_number(column) or self.is_flag(column):
            return
        known, numbers = self._numbers_in_texts.get(column, (0, 0))
        if 0 < numbers < known:
            raise self._odd(column, "mend the value or leave it empty")
        if self.is_empty(column):
            return
        raise self._must_hold("numbers", column)

    def require_text(self, column: str) -> None:
        """Raise TableError for a column that holds neither text nor whole numbers."""
        if not (self.is_text(column) or self.is_whole(column) or self.is_empty(column)):
            advice = "; cast it to text, or learn from rows that hold it as these do"
            raise self._must_hold("text", column, advice)

    def require_date(self, column: str) -> None:
        """Raise TableError for a column that does not hold dates."""
        if self.is_date(column) or self.is_empty(column):
            return
        odd = self._first(column, is_odd_beside_dates) if self.is_text(column) else None
        if odd is None:
            raise self._must_hold("dates", column)
        raise TableError(
            f"{self.name}: column {column!r} must hold dates, year first where they are text, such "
            f"as 2026-12-31, and not {odd[1]!r} as on {self.place(odd[0])}; write them so, or "
            "learn from rows written as these are"
        )

    def require_text_or_date(self, column: str) -> None:
        """Raise TableError for a column that holds neither text nor whole numbers nor dates."""
        if not self.is_date(column):
            self.require_text(column)

    def _must_hold(self, what: str, column: str, advice: str = "") -> TableError:
        kind = self.kind(column)
        return TableError(f"{self.name}: column {column!r} must hold {what}, not {kind}{advice}")

    def require_flag(self, column: str) -> None:
        """Raise TableError for a column that is not made of true and false, or 1 and 0, or NULL."""
        if self.is_flag(column) or self.is_empty(column):
            return
        # In the engine: as Python objects a column of a large table does not fit in memory.
        if self.is_number(column) and column in self._zero_or_one:
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
        exact = [name for name in columns if self.types[name] in EXACT_IN_NUMPY]
        rare = [name for name in columns if self.types[name].startswith(THROUGH_PYTHON)]
        found = {name: np.full(self.rows, np.nan) for name in columns}
        for name, values in self._at_once.arrays({name: quote(name) for name in exact}):
            found[name] = np.ma.filled(np.ma.asarray(values, np.float64), np.nan)
        for name, objects in self._at_once.objects(rare):
            found[name][:] = [np.nan if v is None else float(v) for v in objects]
        return found

    def texts(self, columns: Sequence[str]) -> dict[str, Texts]:
        """Read columns of text or numbers as text, shape (rows,). Raises TableError.

        Whole numbers are their digits, in doubles, too.
        """
        for column in columns:
            if not self.is_number(self.require(column)):
                self.require_text(column)
        plain = {name: quote(name) for name in columns if self.is_text(name)}
        found = {name: texts(values.tolist()) for name, values in self._at_once.arrays(plain)}
        doubles = [name for name in columns if self.types[name] in ("DOUBLE", "FLOAT")]
        found |= {name: texts_of(values) for name, values in self.numbers(doubles).items()}
        others = [name for name in columns if name not in found]
        for name, objects in self._at_once.objects(others):
            found[name] = texts(None if v is None else str(v) for v in objects)
        return found

    def texts_or_dates(self, columns: Sequence[str]) -> dict[str, Texts]:
        """Read columns of text as they are, and dates as text, year first. Raises TableError."""
        typed = [name for name in columns if self.is_date(name)]
        found = self.texts([name for name in columns if name not in typed])
        for name, moments in self._moments(typed):
            unit = "datetime64[D]" if self.types[name] == "DATE" else "datetime64[m]"
            written = texts(moments.astype(unit).astype(str).tolist())
            found[name] = written.hide(np.isnat(moments))
        return found

    def days(self, columns: Sequence[str]) -> dict[str, Floats]:
        """Read dates as whole days since 1970-01-01, shape (rows,); NULL is NaN.

        Raises TableError for a column that holds anything else.
        """
        for column in columns:
            self.require_date(self.require(column))
        found = {name: np.full(self.rows, np.nan) for name in columns}
        for name, moments in self._moments(filter(self.is_date, columns)):
            days = moments.astype("datetime64[D]").astype(np.float64)
            found[name] = np.where(np.isnat(moments), np.nan, days)
        return found

    def _moments(self, columns: Iterable[str]) -> Iterator[tuple[str, NDArray[np.datetime64]]]:
        """Read dates and timestamps; what is missing or infinite is no moment."""
        dates = {name: quote(name) for name in columns}
        finite = {name: f"CASE WHEN isfinite({own}) THEN {own} END" for name, own in dates.items()}
        for name, values in self._at_once.arrays(finite):
            yield name, np.ma.filled(values, np.datetime64("NaT"))

    def find_repeated(self, columns: Sequence[str]) -> tuple[Any, ...] | None:
        """Find values of columns that more than one row has, or a row where one is missing."""
        named = [_column(name) for name in columns]
        rows = duckdb.FunctionExpression("count").alias(_COUNTED)
        more_than_one = _column(_COUNTED) > duckdb.ConstantExpression(1)
        keys = self._relation.select(*named)
        odd = [keys.filter(name.isnull()) for name in named]
        odd.append(keys.aggregate([*named, rows]).filter(more_than_one))
        with explain_reading(self.name):
            for relation in odd:
                for row in relation.limit(1).fetchall():
                    return tuple(row[: len(columns)])
        return None

    def _first(self, column: str, wanted: Callable[[Any], bool]) -> tuple[int, Any] | None:
        """Find the first row, counted from 0, whose value is there and as wanted."""
        chosen = self._relation.select(_column(column))
        with explain_reading(self.name):
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
        with explain_reading(self.name):
            rows = self._relation.select(_column(column)).fetchall()
        return [value for (value,) in rows]

    def find_beyond_doubles(self, columns: Iterable[str]) -> frozenset[str]:
        """Name the columns of whole numbers with one that doubles do not tell from the next."""
        large = [name for name in columns if self.types[name].endswith(_WIDE)]
        return frozenset(large) - self._at_once.never(f"abs({{}}::DOUBLE) > {2**53}", large)

    def find_grouped(self, columns: Iterable[str]) -> dict[str, tuple[int, str]]:
        """List columns of a text file as `csv.find_grouped` does; other tables have none."""
        if not isinstance(self._origin, csv.TextFile):
            return {}
        with explain_reading(self.name):
            found = csv.find_grouped(self._connection, self._origin, self.types)
        return {name: found[name] for name in columns if name in found}

    def _odd(self, column: str, advice: str) -> TableError:
        """Say where the first text is that is no number."""
        row, text = self._first(column, lambda v: not _NUMBER.fullmatch(v)) or (0, "")
        return TableError(
            f"{self.name}: column {column!r} is numeric but for {text!r} on {self.place(row)}; "
            f"{advice}"
        )

    @cached_property
    def _numbers_in_texts(self) -> dict[str, tuple[int, int]]:
        """Count the values of text columns, and those that are numbers."""
        names = [name for name in self.types if self.is_text(name)]
        counts = []
        for value in map(quote, names):
            number = f"regexp_full_match({value}, '{_NUMBER.pattern}', 'i')"
            counts += [f"count({value})", f"count(*) FILTER ({number})"]
        found = self._at_once.aggregate(counts)
        return dict(zip(names, zip(found[::2], found[1::2], strict=True), strict=True))

    def place(self, row: int) -> str:
        """Say where a row stands, counted from 0: in the file it is from, or its number."""
        return f"row {row + 1}" if self._origin is None else self._origin.place(row)

    def place_of(self, column: str, text: str) -> str:
        """Say where the first row stands that holds a text."""
        row, _ = self._first(column, lambda value: bool(value == text)) or (0, None)
        return self.place(row)

    def select(self, sql: str) -> dict[str, np.ma.MaskedArray[Any, Any]]:
        """Run a SELECT over the view `leads`; NULL is masked. Raises EngineError."""
        with explain_answer():
            columns = self._connection.execute(sql).fetchnumpy()
        return {name: np.ma.asarray(values) for name, values in columns.items()}

    def all_values(self) -> list[tuple[Any, ...]]:
        """Read all rows as Python objects."""
        with explain_reading(self.name):
            return self._relation.fetchall()

    def arrow(self) -> pa.Table:
        """Read all rows as a table of Apache Arrow; texts for numbers that few engines have."""
        rare = ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT")
        chosen = [
            _column(name).cast("VARCHAR" if kind in rare else kind).alias(name)
            for name, kind in self.types.items()
        ]
        with explain_reading(self.name):
            return self._relation.select(*chosen).to_arrow_table()

    def number_rows(self, columns: Mapping[str, str], without: Mapping[str, str]) -> Table:
        """Give some columns after one with each row's number, from 1 on, called `ROW`.

        `columns` gives for the new name of a column that of this table. A value that meets the
        condition `without` has for its column, see `meets`, becomes NULL.
        Raises TableError for a table that has such a column already.
        """
        if ROW in map(str.lower, self.types):
            raise TableError(f"{self.name}: the proof needs the name {ROW!r} itself; rename it")
        chosen = [f"(row_number() OVER ())::INTEGER AS {ROW}"]
        for name, own in columns.items():
            value, cell = quote(own), quote(own)
            if name in without:
                cell = f"CASE WHEN ({without[name].format(value)}) IS NOT TRUE THEN {value} END"
            chosen.append(f"{cell} AS {quote(name)}")
        with explain_reading(self.name):
            sql = f"SELECT {', '.join(chosen)} FROM {self.view}"  # noqa: S608
            relation = self._connection.sql(sql)
        return Table(self._connection, relation, self.name, self._origin, _NUMBERED)

    def derive(self, chosen: str, condition: str = "true", origin: Origin | None = None) -> Table:
        """Choose columns, and the rows that meet a condition, in SQL; `origin` says where from."""
        with explain_reading(self.name):
            sql = f"SELECT {chosen} FROM {self.view} WHERE {condition}"  # noqa: S608
            found = self._connection.sql(sql)
        return Table(self._connection, found, self.name, origin, _DERIVED)

    def hold(self, columns: Sequence[str], first: int, most: int) -> Table:
        """Copy into memory at most so many rows of some columns, after the `first` ones."""
        rows = f"SELECT {', '.join(map(quote, columns))} FROM {self.view}"  # noqa: S608
        with explain_reading(self.name):
            sql = f"CREATE OR REPLACE TEMP TABLE {_HELD} AS {rows} LIMIT {most} OFFSET {first}"
            relation = self._connection.execute(sql).table(_HELD)
        return Table(self._connection, relation, self.name, self._origin, _PIECE)

    def meets(self, conditions: Mapping[str, str]) -> dict[str, NDArray[np.bool_]]:
        """Say for columns which rows meet a condition, SQL with `{}` for the column, (rows,)."""
        if not conditions:
            return {}
        tests = (f"({test.format(quote(own))}) IS TRUE" for own, test in conditions.items())
        # At once: each query costs what binding all of a table's columns does.
        chosen = ", ".join(f"{test} AS c{place}" for place, test in enumerate(tests))
        with explain_reading(self.name):
            sql = f"SELECT {chosen} FROM {self.view}"  # noqa: S608
            found = self._connection.execute(sql).fetchnumpy()
        met = (np.asarray(found[f"c{place}"], bool) for place in range(len(conditions)))
        return dict(zip(conditions, met, strict=True))

    def frame_like(
        self, source: object, sql: str, keys: Sequence[str] = (), order_by: Sequence[str] = ()
    ) -> pd.DataFrame | pl.DataFrame | pa.Table:
        """Do what `frame` does into a table of the library that `source` is of."""
        with explain_answer():
            found = frame_like(source, sort(self._connection.sql(sql), order_by))
        return self.frame(sql, keys, order_by) if found is None else found

    def frame(
        self, sql: str, keys: Sequence[str] = (), order_by: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Run a SELECT over the view `leads`; `keys` are its columns of the table.

        Raises EngineError, UnsupportedError for an order that cannot be.
        """
        with explain_answer():
            found = sort(self._connection.sql(sql), order_by)
            frame: pd.DataFrame = found.df()
            for key in keys:
                if self.types[self.require(key)].startswith(THROUGH_PYTHON):
                    # pandas would have them as doubles.
                    rows = found.select(_column(key)).fetchall()
                    frame[key] = np.array([*(v for (v,) in rows), None], dtype=object)[:-1]
        return frame

    def write_select(
        self, sql: str, path: Path, *, parquet: bool, order_by: Sequence[str] = ()
    ) -> int:
        """Run a SELECT over the view `leads` into a file, and give the number of its rows.

        Raises TableError when the rows cannot be read, EngineError, OSError when the file cannot be
        written, UnsupportedError for an order that cannot be.
        """
        (spill,) = self._connection.sql("SELECT current_setting('temp_directory')").fetchall()[0]
        with explain_writing(self.name, path, spill):
            return write_rows(sort(self._connection.sql(sql), order_by), path, parquet=parquet)


def engine() -> str:
    """Name the engine and its version."""
    return f"DuckDB {duckdb.__version__}"
