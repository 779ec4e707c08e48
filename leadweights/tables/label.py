"""The label of a table: a column, some of its values, or an expression over columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadweights.errors import EngineError, TableError, UnsupportedError
from leadweights.model.names import quote
from leadweights.tables.table import Table

_OPERATORS = {"+", "-", "*", "/", "//", "%", "||", "~~", "!~~", "~~*", "!~~*", "like_escape"}
# What reads nothing but its arguments, and gives the same for the same.
_FUNCTIONS = _OPERATORS | {
    *("lower", "upper", "trim", "ltrim", "rtrim", "length", "len", "left", "right", "substring"),
    *("substr", "replace", "contains", "starts_with", "ends_with", "prefix", "suffix", "concat"),
    *("regexp_matches", "regexp_full_match", "list_contains", "abs", "round", "floor", "ceil"),
    *("ceiling", "trunc", "sign", "greatest", "least", "nullif", "ifnull", "isnan", "isfinite"),
    *("year", "month", "day", "date_part", "datepart", "date_diff", "datediff", "date_trunc"),
    *("to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds"),
    *("strptime", "try_strptime"),
}
_CLASSES = {
    *("COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN", "FUNCTION"),
    *("CASE", "CAST", "TYPE"),
}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Label:
    """What is asked of a table as its label: a column's name or an expression in DuckDB's SQL.

    Of a column, `positive` values may be named, and `negative` ones: then rows with others, and
    without a value, are left out.
    """

    text: str
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A table whose `column` is a label; it is made of what it `reads`, another column or several.

    `positive` shows the values that count as positive, where they were named; `left_out` says
    which rows are: those that do not meet the `condition`, if there is one.
    """

    table: Table
    column: str
    reads: tuple[str, ...] = ()
    positive: str = ""
    left_out: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows of another table: those that meet a condition."""

    table: Table
    condition: str

    def place(self, row: int) -> str:
        """Say where a row stands in the other table."""
        return self.table.place(int(find_kept(self.table, self.condition)[row]))


def find_kept(table: Table, condition: str) -> NDArray[np.int64]:
    """List the places of the rows that meet a condition, all without one, shape (kept rows,)."""
    if not condition:
        return np.arange(table.rows)
    own = next(iter(table.types))
    escaped = condition.replace("{", "{{").replace("}", "}}")
    return np.flatnonzero(table.meets({own: escaped})[own])


def label_table(table: Table, label: Label, *, learning: bool = False) -> LabelledTable:
    """Find the label in a table, or make it of other columns.

    For `learning` each value that is named must be there.

    Raises TableError for what the table has not, and for an expression that is none.
    """
    own = next((name for name in table.types if name.lower() == label.text.lower()), None)
    if own is None:
        return _by_expression(table, label)
    if not label.positive:
        return LabelledTable(table, own)
    return _by_values(table, own, label, learning=learning)


def _by_values(table: Table, own: str, label: Label, *, learning: bool) -> LabelledTable:
    where = f"{table.name}: label {own!r}"
    positive = [_literal(table, own, value) for value in label.positive]
    negative = [_literal(table, own, value) for value in label.negative]
    column, named = quote(own), [*positive, *negative]
    rows = _count(table, [f"{column} = {value}" for value in named])
    if learning and not all(rows):
        value = [*label.positive, *label.negative][rows.index(0)]
        levels = ", ".join(_levels(table, own, "true"))
        raise TableError(f"{where} has no value {value!r}; it has: {levels}")
    shown = " or ".join(map(repr, label.positive))
    is_positive = f"{column} IN ({', '.join(positive)})"
    chosen = f"* REPLACE ({is_positive} AS {column})"
    if not negative:
        return LabelledTable(table.derive(chosen, origin=table), own, (), shown)
    condition = f"{column} IN ({', '.join(named)})"
    left_out = ""
    if others := table.rows - sum(rows):
        levels = ", ".join(_levels(table, own, f"({condition}) IS NOT TRUE"))
        left_out = (
            f"{table.name}: {others:,} rows whose {own!r} is neither {shown} nor "
            f"{' or '.join(map(repr, label.negative))} are left out: {levels}"
        )
    kept = table.derive(chosen, condition, _Kept(table, condition))
    return LabelledTable(kept, own, (), shown, left_out, condition)


def _literal(table: Table, column: str, value: str) -> str:
    """Write a value of a column in SQL. Raises TableError for what it cannot be."""
    if table.is_flag(column) and value.lower() in ("true", "false"):
        return value.lower()
    if table.is_number(column):
        try:
            return repr(float(value)) if np.isfinite(float(value)) else "NULL"
        except ValueError:
            raise TableError(
                f"{table.name}: label {column!r} holds numbers, and {value!r} is none"
            ) from None
    if not table.is_text(column):
        raise TableError(
            f"{table.name}: label {column!r} holds {table.kind(column)}: say by an expression "
            f"what is positive, as in {quote(column)} IS NOT NULL"
        )
    return _text(value)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _count(table: Table, conditions: Sequence[str]) -> list[int]:
    counted = ", ".join(f"count(*) FILTER ({c}) AS c{n}" for n, c in enumerate(conditions))
    found = table.select(f"SELECT {counted} FROM {table.view}")  # noqa: S608
    return [int(rows[0]) for rows in found.values()]


def _levels(table: Table, column: str, condition: str) -> list[str]:
    """List the most frequent values of a column where a condition holds, with their rows."""
    counted = table.select(
        f"SELECT {quote(column)}::VARCHAR AS level, count(*) AS rows, "  # noqa: S608
        f"count(*) OVER () AS levels FROM {table.view} WHERE {condition} "
        f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_SHOWN}"
    )
    found = [
        f"{'no value' if np.ma.is_masked(level) else repr(level)} {rows:,}"
        for level, rows in zip(counted["level"], counted["rows"].tolist(), strict=True)
    ]
    more = int(counted["levels"][0]) - len(found) if found else 0
    return [*found, *([f"and {more:,} more"] if more else [])]


def _by_expression(table: Table, label: Label) -> LabelledTable:
    where = f"{table.name}: label {label.text!r}"
    if label.positive:
        table.require(label.text)  # of an expression no values are named
    sql, reads = _read_expression(table, label.text, where)
    own = label.text
    try:
        found = table.derive(f"*, ({sql}) AS {quote(own)}", origin=table)
        (missing,) = _count(found, [f"{quote(own)} IS NULL"])
    except (TableError, EngineError) as problem:
        raise TableError(f"{where}: {problem}") from None
    if not found.is_flag(own):
        raise TableError(
            f"{where} holds {found.kind(own)}, but an expression must be true or false: compare it "
            "with something"
        )
    if missing:
        raise TableError(
            f"{where} is missing in {missing:,} rows{found.first_missing(own)}; say what becomes "
            f"of them, as in coalesce({quote(reads[0])}, ...)"
        )
    return LabelledTable(found, own, reads)


def _read_expression(table: Table, text: str, where: str) -> tuple[str, tuple[str, ...]]:
    """Read an expression over a table's columns: its SQL, and the columns that it reads.

    Raises TableError for what is none, or does more than to compute from a row's values.
    """
    parsed = table.select(f"SELECT json_serialize_sql({_text(f'SELECT {text}')}) AS parsed")
    found = json.loads(str(parsed["parsed"][0]))
    if found["error"] or len(found["statements"]) != 1:
        # What DuckDB says of it shows parts of a text that may be a URL's.
        raise TableError(f"{_no_column(table, text)}; nor is it one expression that DuckDB reads")
    node = found["statements"][0]["node"]
    select = node.pop("select_list", [])
    (expression,) = select if len(select) == 1 else ({"class": "STAR"},)
    if expression.get("class") == "COLUMN_REF" or expression.get("alias"):
        raise TableError(_no_column(table, text))
    odd = [*_clauses(node), *_odd_parts(expression)]
    if odd:
        raise TableError(
            f"{where} is an expression with {odd[0]}: it may compare columns of the table, and "
            f"compute with {', '.join(sorted(_FUNCTIONS - _OPERATORS)[:6])} and the like"
        )
    reads = tuple(dict.fromkeys(table.require(name) for name in _columns(expression)))
    if not reads:
        raise TableError(f"{where} is an expression that reads no column of the table")
    sql = table.select(
        f"SELECT json_deserialize_sql(json_serialize_sql({_text(f'SELECT {text}')})) AS sql"
    )
    return str(sql["sql"][0]).removeprefix("SELECT ").rstrip(";"), reads


def _no_column(table: Table, text: str) -> str:
    """Say that there is no such column."""
    try:
        return f"{table.name}: {table.require(text)}"
    except TableError as problem:
        return str(problem)


def _clauses(node: dict[str, Any]) -> Iterator[str]:
    """Name what a SELECT has beside its list: an expression has nothing."""
    usual = {"type": "SELECT_NODE", "aggregate_handling": "STANDARD_HANDLING"}
    for name, value in node.items():
        is_empty = not value or value == {"map": []} or value == usual.get(name)
        if not is_empty and not (name == "from_table" and value["type"] == "EMPTY"):
            yield name.replace("_", " ")


def _parts(part: object) -> Iterator[dict[str, Any]]:
    """Give an expression and all that it is made of."""
    if isinstance(part, dict):
        if "class" in part:
            yield part
        for inner in part.values():
            yield from _parts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _parts(inner)


def _odd_parts(expression: dict[str, Any]) -> Iterator[str]:
    for part in _parts(expression):
        kind = part["class"]
        if kind not in _CLASSES:
            yield f"a {kind.lower().replace('_', ' ')}"
        elif kind == "FUNCTION":
            plain = not (part["schema"] or part["catalog"] or part["distinct"] or part["filter"])
            if part["function_name"].lower() not in _FUNCTIONS or not plain:
                yield f"{part['function_name']}()"


def _columns(expression: dict[str, Any]) -> Iterator[str]:
    for part in _parts(expression):
        if part["class"] == "COLUMN_REF":
            yield ".".join(part["column_names"])


def read_values(values: object, what: str) -> tuple[str, ...]:
    """Read values of a label, one or several, as texts. Raises UnsupportedError."""
    several: Sequence[object] = (
        tuple(values) if isinstance(values, list | tuple | set | frozenset) else (values,)
    )
    found = []
    for value in several:
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(value, str | int | float) or value == "":
            raise UnsupportedError(f"{what} is a value of the label, or several, not {value!r}")
        found.append(value if isinstance(value, str) else str(value))
    return tuple(dict.fromkeys(found))


def choose_positive(levels: Mapping[str | None, int], label: Label, where: str) -> tuple[str, ...]:
    """Say which texts of a label count as positive in a table that stays in its engine.

    Raises TableError for a value that is not there, and for rows that would have to be left out.
    """
    for value in (*label.positive, *label.negative):
        if value not in levels:
            listed = ", ".join(repr(level) for level in list(levels)[:_SHOWN])
            raise TableError(f"{where} has no value {value!r}; it has: {listed}")
    others = [level for level in levels if level not in (*label.positive, *label.negative)]
    if None in others or (label.negative and others):
        raise TableError(
            f"{where} has rows to leave out ({', '.join(map(repr, others[:_SHOWN]))}), which is "
            "not done in an engine: name a view without them"
        )
    return label.positive
