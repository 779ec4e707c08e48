"""Keys of rows as texts, so that those of two tables are compared, whatever types hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from leadweights.model.names import quote
from leadweights.tables.table import Table

# A whole number as some write it who hold it in a column of other numbers: 7.0.
_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)\.0+")
_FLOATS = ("DOUBLE", "FLOAT")


def key_as_text(table: Table, key: str, of: str = "") -> str:
    """Write, in SQL, a key as text: a whole number as its digits, whatever type holds it.

    So 7, 7.0 and the text "7.0" are one; what is no number, in a column of numbers, is NULL. `of`
    is what a SELECT calls the table.
    """
    value, kind = f"{of}.{quote(key)}" if of else quote(key), table.types[key]
    if kind in _FLOATS:
        digits = f"WHEN {value} = floor({value}) AND abs({value}) <= {2**53} THEN {value}::BIGINT"
        missing = f"WHEN NOT isfinite({value}) THEN NULL"
        return f"CASE {missing} {digits}::VARCHAR ELSE {value}::VARCHAR END"
    text = f"{value}::VARCHAR"
    if kind != "VARCHAR" and not kind.startswith("DECIMAL"):
        return text
    shorter = f"regexp_replace({text}, '^{_WHOLE.pattern}$', '\\1')"
    return f"CASE WHEN contains({text}, '.') THEN {shorter} ELSE {text} END"


def write_keys(values: Iterable[object]) -> list[str]:
    """Write keys as `key_as_text` does, each once."""
    whole = ((text, _WHOLE.fullmatch(text)) for text in map(str, values))
    return list(dict.fromkeys(text if found is None else found[1] for text, found in whole))


def find_repeated_key(table: Table, keys: Sequence[str]) -> tuple[Any, ...] | None:
    """Find keys that more than one row has, as texts, or a row where one is missing or empty."""
    named = [table.require(key) for key in keys]
    twice = table.find_repeated(named)
    if twice is not None or all(map(table.is_whole, named)):
        return twice
    texts = [f"{key_as_text(table, name)} AS k{place}" for place, name in enumerate(named)]
    names = [f"k{place}" for place in range(len(named))]
    empty = " OR ".join(f"coalesce(trim({name}), '') = ''" for name in names)
    for rest in (f"WHERE {empty}", "GROUP BY ALL HAVING count(*) > 1"):
        rows = f"(SELECT {', '.join(texts)} FROM {table.view})"  # noqa: S608
        found = table.select(f"SELECT {', '.join(names)} FROM {rows} {rest} LIMIT 1")  # noqa: S608
        for row in zip(*(column.tolist() for column in found.values()), strict=True):
            return row
    return None
