"""The types of a table's columns, as a warehouse names them: read from a file, and understood."""

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.promises import Promise
from leadweights.model.held import Held
from leadweights.sql.dialects import Dialect, find_dialect

_DATES = {
    *(exp.DType.DATE, exp.DType.DATE32, exp.DType.DATETIME, exp.DType.DATETIME2),
    *(exp.DType.DATETIME64, exp.DType.SMALLDATETIME, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ),
    *(exp.DType.TIMESTAMP_S, exp.DType.TIMESTAMP_MS, exp.DType.TIMESTAMP_NS),
}
_FLAGS = {exp.DType.BOOLEAN, exp.DType.BIT}
_ENUMS = {exp.DType.ENUM, exp.DType.ENUM8, exp.DType.ENUM16}
_EXPECTED = (
    "the types of a table are a JSON object of names and types, a CSV file of column_name and "
    "data_type, as an information_schema gives it, or a CREATE TABLE"
)
# Whole numbers have 256 bits at most.
_LARGEST_WHOLE = 2.0**256
# A number of digits has two digits itself, in every database.
_MOST_PLACES = 2
_DECIMALS = {
    *(exp.DType.DECIMAL, exp.DType.DECIMAL32, exp.DType.DECIMAL64, exp.DType.DECIMAL128),
    exp.DType.DECIMAL256,
}


class Declared(NamedTuple):
    """A column as a table declares it: its type, as the warehouse names it, and NOT NULL."""

    type: str
    required: bool = False


def _kind_of(name: str, target: Dialect) -> Held | None:
    """Say what a type is for; None for none that a model can read. Raises UnsupportedError."""
    found = _parse_type(name, target)
    if found.this in _FLAGS:
        return "flag"
    if found.this in exp.DataType.NUMERIC_TYPES:
        return "number"
    if found.this in exp.DataType.TEXT_TYPES or found.this in _ENUMS:
        return "text"
    if found.this in _DATES:
        return "date"
    return "moment" if found.this in (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ) else None


@cache  # tables have many columns of few types
def _parse_type(name: str, target: Dialect) -> exp.DataType:
    try:
        found = exp.DataType.build(name, dialect=target.sqlglot, udt=True)
    except SqlglotError:
        raise UnsupportedError(f"{name!r} is no type that {target.name} has") from None
    if found.this == exp.DType.LOWCARDINALITY:
        (found,) = found.expressions
    return found


def find_promises(declared: Mapping[str, Declared], dialect: str) -> dict[str, Promise]:
    """Say what can be relied on of columns that hold whole or decimal numbers, or true and false.

    Of a decimal number that is so where its type says how many digits it has. Where a database does
    not keep what is declared, nothing is relied on: SQLite puts a text into a column of numbers,
    and some engines over files do not enforce NOT NULL. What is no type promises nothing.

    Raises UnsupportedError for a dialect there is not.
    """
    target = find_dialect(dialect)
    found: dict[str, Promise] = {}
    if not target.binds_types:
        return found
    for name, own in declared.items():
        try:
            kind = _parse_type(own.type, target)
        except UnsupportedError:
            continue
        largest = None
        if kind.this in _FLAGS or kind.this in exp.DataType.INTEGER_TYPES:
            largest = _LARGEST_WHOLE
        elif kind.this in _DECIMALS and not target.decimals_hold_nan:
            largest = _largest_decimal(kind)
        if largest is not None:
            # In ClickHouse a type is NOT NULL that does not say Nullable.
            required = own.required or kind.args.get("nullable") is False
            found[name] = Promise(largest, required and target.binds_presence)
    return found


def _largest_decimal(kind: exp.DataType) -> float | None:
    """Give the power of ten that a decimal number stays below; None where its type tells none.

    Oracle has a star for any number of digits. Its negative scale, which adds zeros to them, is
    nothing that sqlglot reads.
    """
    said = kind.expressions[0].sql() if kind.expressions else ""
    return 10.0 ** int(said) if said.isdecimal() and len(said) <= _MOST_PLACES else None


def find_kinds(declared: Mapping[str, Declared], dialect: str) -> dict[str, Held | None]:
    """Say what columns hold; None stands for a type that no column of a model can have.

    Raises UnsupportedError for a type or a dialect there is not.
    """
    target = find_dialect(dialect)
    return {name: _kind_of(own.type, target) for name, own in declared.items()}


def read_declared(text: str, dialect: str, source: str = "the types") -> dict[str, Declared]:
    """Read the types of columns from a text that names them: JSON, CSV, or a CREATE TABLE.

    The last two may say NOT NULL, too. Raises TableError for a text that is none of these,
    UnsupportedError for a dialect there is not.
    """
    target = find_dialect(dialect)
    begins = text.lstrip("\ufeff \t\r\n")
    if begins.startswith("{"):
        found = _read_json(begins)
    elif begins[:6].upper() == "CREATE":
        found = _read_ddl(begins, target)
    else:
        found = _read_csv(begins)
    if not found:
        raise TableError(f"{source}: {_EXPECTED}")
    return found


def _read_json(text: str) -> dict[str, Declared]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    fits = all(isinstance(kind, str) for kind in document.values())
    return {name: Declared(kind) for name, kind in document.items()} if fits else {}


def _read_csv(text: str) -> dict[str, Declared]:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    names = [name.strip().lower() for name in rows[0]] if rows else []
    places = (0, 1)
    if "column_name" in names and "data_type" in names:
        places = names.index("column_name"), names.index("data_type")
        del rows[0]
    elif any(len(row) != 2 for row in rows):
        return {}
    elif names in (["name", "type"], ["column", "type"]):
        del rows[0]
    if any(len(row) <= max(places) for row in rows):
        return {}
    said = names.index("is_nullable") if "is_nullable" in names else len(names)

    def is_required(row: list[str]) -> bool:
        return row[said : said + 1] in (["NO"], ["no"], ["No"])

    return {row[places[0]]: Declared(row[places[1]], is_required(row)) for row in rows}


def _read_ddl(text: str, target: Dialect) -> dict[str, Declared]:
    try:
        statements = parse(text, dialect=target.sqlglot)
    except SqlglotError:
        return {}
    (first, *_) = (tree for tree in statements if isinstance(tree, exp.Create))
    return {
        column.name: Declared(column.args["kind"].sql(dialect=target.sqlglot), _is_required(column))
        for column in first.find_all(exp.ColumnDef)
        if column.args.get("kind") is not None
    }


def _is_required(column: exp.ColumnDef) -> bool:
    kinds = [constraint.args["kind"] for constraint in column.constraints]
    return any(
        isinstance(kind, exp.PrimaryKeyColumnConstraint)
        or (isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null"))
        for kind in kinds
    )
