"""The types of a table's columns, as a warehouse names them: read from a file, and understood."""

import csv
import io
import json

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from leadweights.errors import TableError, UnsupportedError
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


def _kind_of(name: str, target: Dialect) -> Held | None:
    """Say what a type is for; None for none that a model can read. Raises UnsupportedError."""
    try:
        found = exp.DataType.build(name, dialect=target.sqlglot, udt=True)
    except SqlglotError:
        raise UnsupportedError(f"{name!r} is no type that {target.name} has") from None
    if found.this == exp.DType.LOWCARDINALITY:
        (found,) = found.expressions
    if found.this in _FLAGS:
        return "flag"
    if found.this in exp.DataType.NUMERIC_TYPES:
        return "number"
    if found.this in exp.DataType.TEXT_TYPES or found.this in _ENUMS:
        return "text"
    if found.this in _DATES:
        return "date"
    return "moment" if found.this in (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ) else None


def read_types(text: str, dialect: str, source: str = "the types") -> dict[str, Held | None]:
    """Read what columns hold from a text that names their types: JSON, CSV, or a CREATE TABLE.

    None stands for a type that no column of a model can have.

    Raises TableError for a text that is none of these, UnsupportedError for a type or a dialect
    there is not.
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
    return {name: _kind_of(kind, target) for name, kind in found.items()}


def _read_json(text: str) -> dict[str, str]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    fits = all(isinstance(kind, str) for kind in document.values())
    return dict(document) if fits else {}


def _read_csv(text: str) -> dict[str, str]:
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
    return {row[places[0]]: row[places[1]] for row in rows}


def _read_ddl(text: str, target: Dialect) -> dict[str, str]:
    try:
        statements = parse(text, dialect=target.sqlglot)
    except SqlglotError:
        return {}
    (first, *_) = (tree for tree in statements if isinstance(tree, exp.Create))
    return {
        column.name: column.args["kind"].sql(dialect=target.sqlglot)
        for column in first.find_all(exp.ColumnDef)
        if column.args.get("kind") is not None
    }
