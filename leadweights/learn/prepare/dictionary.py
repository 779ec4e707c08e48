"""The feature dictionary: what each column means, in the words of the people who fill it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from numbers import Real
from pathlib import Path
from typing import Any, Literal, get_args

from leadweights.errors import DictionaryError
from leadweights.files.read import read_toml
from leadweights.model import date_formats
from leadweights.model.checks import MOST
from leadweights.model.convert import (
    Document,
    MisfitError,
    find_near,
    misfit,
    spot_in_tables,
)
from leadweights.model.form import Decimal

Direction = Literal["higher", "lower"]
Kind = Literal["number", "category", "flag", "date", "list"]
Transform = Literal["none", "cap", "log", "cap and log", "curve"]
FillRule = Literal["median", "mean", "zero"]
Separator = Literal[".", ",", "'", " "]

LARGEST = 1e30
_NUMBER = re.compile("-?[0-9]{1,15}([.][0-9]{1,15})?")
# What people and programs write where they know nothing.
MISSING_TEXTS: tuple[str | float, ...] = (
    *("", "-", "?", "NA", "N/A", "n/a", "NULL", "null", "None", "none", "NaN", "nan", "Select"),
)


@dataclass(frozen=True, slots=True)
class MedianBy:
    """Fill with the median of the row's segment: its level of another column."""

    column: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the dictionary says of one column; None and empty leave it to the rules.

    `missing` are texts or numbers that mean a missing value, instead of the usual texts; `fill`
    what stands in for one; `missing_weight` gives being missing a weight of its own (and keeps a
    column that is mostly missing). `levels` are the levels a category keeps, or the values of a
    list; `delimiter` is what parts these, and makes a column a list. `format` is how a date is
    written, in words of strftime, or what a number of one counts; `since` the column or day to
    which its age is counted. `decimal` and `thousands` are the marks of numbers in text: a space
    stands for every kind of space, an apostrophe for both kinds. `exclude` is the reason to leave
    the column out.
    `monotone`: what a number or a flag adds never goes against its `direction`.
    `reason_high` and `reason_low` say in words that a value is high or low.
    """

    description: str = ""
    direction: Direction | None = None
    monotone: bool = False
    range: tuple[float, float] | None = None
    kind: Kind | None = None
    missing: tuple[str | float, ...] | None = None
    fill: FillRule | float | MedianBy | None = None
    missing_weight: bool = False
    transform: Transform | None = None
    levels: tuple[str, ...] | None = None
    trim: bool = False
    casefold: bool = False
    format: str | None = None
    delimiter: str = ""
    since: str | date | None = None
    decimal: Decimal | None = None
    thousands: Separator | None = None
    exclude: str = ""
    reason_high: str = ""
    reason_low: str = ""


_NOTHING = Entry()


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Entries by column; `missing` are the texts and numbers that mean missing in any column."""

    columns: Mapping[str, Entry] = field(default_factory=dict)
    missing: tuple[str | float, ...] = MISSING_TEXTS
    _by_lower: Mapping[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at all names once, not at each look-up."""
        by_lower = {name.lower(): entry for name, entry in [*self.columns.items()][::-1]}
        object.__setattr__(self, "_by_lower", by_lower)

    def entry(self, column: str) -> Entry:
        """Look a column up, by its name exactly, then in any case."""
        if column in self.columns:
            return self.columns[column]
        return self._by_lower.get(column.lower(), _NOTHING)

    def missing_in(self, column: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """List the texts and the numbers that mean missing in a column.

        A number is also a text and the other way round: the same 999 stands in a column of
        numbers, in one of numbers in text and in one of categories.
        """
        own = self.entry(column).missing
        values = self.missing if own is None else own
        texts = [v if isinstance(v, str) else f"{v:.0f}" if v == int(v) else str(v) for v in values]
        spelled = [v for v in values if not isinstance(v, str) or _NUMBER.fullmatch(v)]
        return tuple(dict.fromkeys(texts)), tuple(dict.fromkeys(map(float, spelled)))


def read_dictionary(source: str | Path | Mapping[str, object] | None) -> Dictionary:
    """Read a dictionary: a TOML file with a table for each column, or the same as a mapping.

    Raises DictionaryError, which names the column and the field.
    """
    if source is None:
        return Dictionary()
    if not isinstance(source, str | Path | Mapping):
        raise DictionaryError(
            f"a dictionary is the name of a TOML file or a mapping, not {source!r}"
        )
    document = source if isinstance(source, Mapping) else read_toml(source, DictionaryError)
    where = "dictionary" if isinstance(source, Mapping) else str(source)
    tables = dict(document)
    missing = MISSING_TEXTS
    if "missing" in tables and not isinstance(tables["missing"], Mapping | Entry):
        try:
            missing = _read_missing(tables.pop("missing"))
        except MisfitError as problem:
            raise DictionaryError(f"{where}: missing {problem}") from None
    seen: dict[str, str] = {}
    for name in tables:
        if not isinstance(name, str):
            raise DictionaryError(f"{where}: {name!r} is not the name of a column")
        if name.lower() in seen:
            raise DictionaryError(
                f"{where}: [{seen[name.lower()]}] and [{name}] are the same column"
            )
        seen[name.lower()] = name
    return Dictionary(
        {name: _read_entry(table, name, where) for name, table in tables.items()}, missing
    )


def _read_entry(table: Any, name: str, where: str) -> Entry:
    if isinstance(table, Entry):
        return table
    if not isinstance(table, Mapping):
        listed = ", ".join(field.name for field in fields(Entry))
        raise DictionaryError(
            f"{where}: [{name}] must be a table of {listed}{find_near(name, ['missing'])}"
        )
    found = _DOCUMENT.read(table, spot_in_tables(where, name))
    try:
        date_formats.check(found.format or "")
    except ValueError as problem:
        raise DictionaryError(f"{where}: [{name}] format: {problem}") from None
    if found.decimal is not None and found.decimal == found.thousands:
        raise DictionaryError(
            f"{where}: [{name}] decimal and thousands cannot both be {found.decimal!r}"
        )
    if "exclude" in table and not found.exclude.strip():
        raise DictionaryError(f"{where}: [{name}] exclude must give the reason, not an empty text")
    if "delimiter" in table and not found.delimiter:
        raise DictionaryError(f"{where}: [{name}] delimiter must be what parts values, such as ';'")
    return replace(found, kind="list") if found.delimiter and found.kind is None else found


def _read_text(value: Any, *within: str) -> str:
    if not isinstance(value, str):
        raise misfit("a text", value, *within)
    if "\0" in value:
        raise MisfitError("must not have a NUL character, which SQL cannot hold", *within)
    return value


def _is_number(value: Any) -> bool:
    try:
        size = abs(float(value)) if isinstance(value, Real) else LARGEST
    except OverflowError:  # a whole number of hundreds of digits
        return False
    return not isinstance(value, bool) and size < LARGEST


def _read_missing(value: Any) -> tuple[str | float, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if len(values) > MOST["missing"]:
        raise MisfitError(f"has {len(values):,} values, of {MOST['missing']:,} at most")
    for item in values:
        if not (isinstance(item, str) or _is_number(item)):
            raise misfit("texts and numbers", item)
    return tuple(_read_text(item) if isinstance(item, str) else float(item) for item in values)


def _read_levels(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list | tuple) and value and all(isinstance(v, str) for v in value)):
        raise misfit("a list of texts", value)
    if len(set(value)) < len(value):
        raise MisfitError("names a level twice")
    return tuple(map(_read_text, value))


def _read_fill(value: Any) -> FillRule | float | MedianBy:
    if isinstance(value, MedianBy):
        return value
    if isinstance(value, str) and value in get_args(FillRule):
        rule: FillRule = value  # type: ignore[assignment]
        return rule
    if _is_number(value):
        return float(value)
    if isinstance(value, Mapping) and list(value) == ["median_by"]:
        return MedianBy(_read_text(value["median_by"], "median_by"))
    listed = ", ".join(map(repr, get_args(FillRule)))
    raise misfit(f'{listed}, a number or {{median_by = "a column"}}', value)


def _read_since(value: Any) -> str | date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, str | date):
        raise misfit("a column's name or a day", value)
    return value


def _read_range(value: Any) -> tuple[float, float]:
    numbers = isinstance(value, list | tuple) and all(map(_is_number, value))
    if not numbers or len(value) != 2 or not value[0] < value[1]:
        raise misfit("two rising numbers", value)
    low, high = float(value[0]), float(value[1])
    if high - low < max(1 / LARGEST, 1e-15 * max(abs(low), abs(high))):
        raise MisfitError(f"is too narrow for its numbers: {value!r}")
    return low, high


_DOCUMENT = Document(
    Entry,
    DictionaryError,
    {
        str: _read_text,
        tuple[float, float] | None: _read_range,
        tuple[str | float, ...] | None: _read_missing,
        FillRule | float | MedianBy | None: _read_fill,
        tuple[str, ...] | None: _read_levels,
        str | date | None: _read_since,
    },
)
