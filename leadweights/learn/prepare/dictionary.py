"""The feature dictionary: what each column means, in the words of the people who fill it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from numbers import Real
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from leadweights.errors import DictionaryError
from leadweights.files import read_toml

Direction = Literal["higher", "lower"]
Kind = Literal["number", "category", "flag", "date"]
Transform = Literal["none", "cap", "log", "cap and log", "curve"]
FillRule = Literal["median", "mean", "zero"]

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
    column that is mostly missing). `levels` are the levels a category keeps; `since` the column
    or day to which the age of a date is counted. `exclude` is the reason to leave the column out.
    `reason_high` and `reason_low` say in words that a value is high or low.
    """

    description: str = ""
    direction: Direction | None = None
    range: tuple[float, float] | None = None
    kind: Kind | None = None
    missing: tuple[str | float, ...] | None = None
    fill: FillRule | float | MedianBy | None = None
    missing_weight: bool = False
    transform: Transform | None = None
    levels: tuple[str, ...] | None = None
    trim: bool = False
    casefold: bool = False
    since: str | date | None = None
    exclude: str = ""
    reason_high: str = ""
    reason_low: str = ""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Entries by column; `missing` are the texts and numbers that mean missing in any column."""

    columns: Mapping[str, Entry] = field(default_factory=dict)
    missing: tuple[str | float, ...] = MISSING_TEXTS

    def entry(self, column: str) -> Entry:
        """Look a column up, by its name exactly, then in any case."""
        if column in self.columns:
            return self.columns[column]
        alike = [n for n in self.columns if n.lower() == column.lower()]
        return self.columns[alike[0]] if alike else Entry()

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


def dictionary(source: str | Path | Mapping[str, object] | None) -> Dictionary:
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
        missing = _missing(tables.pop("missing"), f"{where}: missing")
    seen: dict[str, str] = {}
    for name in tables:
        if not isinstance(name, str):
            raise DictionaryError(f"{where}: {name!r} is not the name of a column")
        if name.lower() in seen:
            raise DictionaryError(
                f"{where}: [{seen[name.lower()]}] and [{name}] are the same column"
            )
        seen[name.lower()] = name
    entries = {name: _entry(table, f"{where}: [{name}]") for name, table in tables.items()}
    return Dictionary(entries, missing)


def _entry(table: Any, where: str) -> Entry:
    if isinstance(table, Entry):
        return table
    if not isinstance(table, Mapping):
        near = _near(where.split("[")[-1].rstrip("]"), ["missing"])
        raise DictionaryError(f"{where} must be a table of {', '.join(_READERS)}{near}")
    for name in table:
        if name not in _READERS:
            near = _near(str(name), _READERS) or f"; it has: {', '.join(_READERS)}"
            raise DictionaryError(f"{where} has no field {name!r}{near}")
    return Entry(**{name: _READERS[name](v, f"{where} {name}") for name, v in table.items()})


def _near(name: str, known: Any) -> str:
    alike = get_close_matches(name.lower(), list(known), n=1)
    return f"; did you mean {alike[0]!r}?" if alike else ""


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise DictionaryError(f"{where} must be a text, not {value!r}")
    if "\0" in value:
        raise DictionaryError(f"{where} must not have a NUL character, which SQL cannot hold")
    return value


def _reason(value: Any, where: str) -> str:
    if not _text(value, where).strip():
        raise DictionaryError(f"{where} must give the reason, not an empty text")
    return str(value)


def _yes_or_no(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise DictionaryError(f"{where} must be true or false, not {value!r}")
    return value


Word = TypeVar("Word")


def _one_of(words: Sequence[Word]) -> Callable[[Any, str], Word]:
    def read(value: Any, where: str) -> Word:
        if not isinstance(value, str) or value not in words:
            listed = " or ".join(map(repr, words))
            near = _near(value, words) if isinstance(value, str) else ""
            raise DictionaryError(f"{where} must be {listed}, not {value!r}{near}")
        return words[words.index(value)]

    return read


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < LARGEST


def _missing(value: Any, where: str) -> tuple[str | float, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    for item in values:
        if not (isinstance(item, str) or _is_number(item)):
            raise DictionaryError(f"{where} must be texts and numbers, not {item!r}")
        if isinstance(item, str) and "\0" in item:
            raise DictionaryError(f"{where} must not have a NUL character, which SQL cannot hold")
    return tuple(item if isinstance(item, str) else float(item) for item in values)


def _levels(value: Any, where: str) -> tuple[str, ...]:
    if not (isinstance(value, list | tuple) and value and all(isinstance(v, str) for v in value)):
        raise DictionaryError(f"{where} must be a list of texts, not {value!r}")
    if len(set(value)) < len(value):
        raise DictionaryError(f"{where} names a level twice")
    if any("\0" in level for level in value):
        raise DictionaryError(f"{where} must not have a NUL character, which SQL cannot hold")
    return tuple(value)


def _fill(value: Any, where: str) -> FillRule | float | MedianBy:
    if isinstance(value, MedianBy):
        return value
    if isinstance(value, str) and value in get_args(FillRule):
        rule: FillRule = value  # type: ignore[assignment]
        return rule
    if _is_number(value):
        return float(value)
    if isinstance(value, Mapping) and list(value) == ["median_by"]:
        return MedianBy(_text(value["median_by"], f"{where} median_by"))
    listed = ", ".join(map(repr, get_args(FillRule)))
    raise DictionaryError(
        f'{where} must be {listed}, a number or {{median_by = "a column"}}, not {value!r}'
    )


def _since(value: Any, where: str) -> str | date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, str | date):
        raise DictionaryError(f"{where} must be a column's name or a day, not {value!r}")
    return value


def _range(value: Any, where: str) -> tuple[float, float]:
    numbers = isinstance(value, list | tuple) and all(map(_is_number, value))
    if not numbers or len(value) != 2 or not value[0] < value[1]:
        raise DictionaryError(f"{where} must be two rising numbers, not {value!r}")
    low, high = float(value[0]), float(value[1])
    if high - low < max(1 / LARGEST, 1e-15 * max(abs(low), abs(high))):
        raise DictionaryError(f"{where} is too narrow for its numbers: {value!r}")
    return low, high


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "description": _text,
    "direction": _one_of(get_args(Direction)),
    "range": _range,
    "kind": _one_of(get_args(Kind)),
    "missing": _missing,
    "fill": _fill,
    "missing_weight": _yes_or_no,
    "transform": _one_of(get_args(Transform)),
    "levels": _levels,
    "trim": _yes_or_no,
    "casefold": _yes_or_no,
    "since": _since,
    "exclude": _reason,
    "reason_high": _text,
    "reason_low": _text,
}
