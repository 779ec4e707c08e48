"""What becomes of a date: in what format it is, its weekday, its month, and its age."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from leadweights.errors import DictionaryError, TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.dates import day_of, read_dates_once
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import Named, Stage
from leadweights.formula.texts import Texts
from leadweights.learn.prepare.dictionary import Dictionary, Entry, MedianBy
from leadweights.learn.prepare.numbers import describe_rare, fill_number, sort_known
from leadweights.learn.prepare.prepared import prepare, read_known
from leadweights.model.date_formats import NUMBERS, parse
from leadweights.model.model import DaysSince, InputColumn, Month, Number, Weekday
from leadweights.tables.dates import Undecided, check_zone, decide_format, fits, follow_format
from leadweights.tables.labelled import Rows
from leadweights.tables.table import Table

_NAMES_OF_DATES = re.compile(
    "(^|[^a-z])(date|dates|datum|time|timestamp|created|updated|modified|at|on|since|day|ts|fecha)"
    "($|[^a-z])|(date|time|stamp)$|[a-z](At|On|Date|Time)$",
    re.IGNORECASE,
)
_RECENT = {"unix": (6e8, 2.5e9), "unix ms": (6e11, 2.5e12), "excel": (3e4, 6e4)}
"""Where numbers of each format lie that are days from about 1985 to 2045."""


def find_formats(
    table: Table, rows: Rows, columns: Iterable[str], known: Dictionary, zone: str
) -> dict[str, str]:
    """Say in what format the dates of columns are that have not the type of one.

    All rows of the table decide, unless the dictionary says it. Raises TableError for a column of
    dates that could be read in two ways, or has something else in it, DictionaryError for a format
    that does not fit.
    """
    check_zone(zone)
    found = {}
    for name in columns:
        entry, held = known.entry(name), rows.values[name]
        if entry.kind not in (None, "date"):
            if entry.format is not None:
                raise DictionaryError(
                    f"dictionary: [{name}] is a {entry.kind}; format is for dates"
                )
        elif isinstance(held, Texts):
            written = _find_format(table, name, held, known, zone)
            if written is not None:
                found[name] = written
        elif rows.held_as[name] == "number" and entry.format in NUMBERS:
            _refuse_no_days(rows, name, entry.format)
            found[name] = entry.format
        elif rows.held_as[name] != "date" and "date" in (entry.kind, entry.format and "date"):
            raise DictionaryError(
                f"dictionary: [{name}] holds {rows.held_as[name]}s; of numbers it must say what "
                f"they count: format = {', '.join(map(repr, NUMBERS))}, or of whole ones such as "
                "20260305 '%Y%m%d'"
            )
    return found


def _find_format(table: Table, name: str, held: Texts, known: Dictionary, zone: str) -> str | None:
    entry = known.entry(name)
    if entry.format in NUMBERS:
        raise DictionaryError(
            f"dictionary: [{name}] format {entry.format!r} is for numbers, and the column holds "
            "text: leave empty what is missing"
        )
    tokens = {token.strip().casefold() for token in known.missing_in(name)[0]}
    counts = {
        text: int(rows)
        for text, rows in zip(held.levels, held.counts(), strict=True)
        if text.strip().casefold() not in tokens
    }
    if not counts:
        return None
    if entry.format is not None:
        decided: str | Undecided | None = follow_format(counts, entry.format, zone)
    else:
        decided = decide_format(counts, zone)
    match decided:
        case Undecided(words, None, advice):
            raise TableError(f"{table.name}: column {name!r} {words}: {advice}")
        case Undecided(words, text):
            assert text is not None
            raise TableError(
                f"{table.name}: column {name!r} {words} {text!r} on "
                f"{table.place_of(name, text)}; mend the value, leave it empty, or say in the "
                f"dictionary that missing = [{text!r}] or kind = 'category'"
            )
        case None if entry.kind == "date":
            raise DictionaryError(
                f"dictionary: [{name}] kind is 'date', but the column holds {next(iter(counts))!r}"
            )
    for token in known.missing_in(name)[0] if decided else ():
        if fits(token, parse(decided)):
            raise DictionaryError(
                f"dictionary: [{name}] missing {token!r} is a date there; leave it empty in the "
                "table instead"
            )
    return decided


def _refuse_no_days(rows: Rows, name: str, written: str) -> None:
    """Raise DictionaryError for a number that is no day of the calendar if it counts that."""
    values = rows.values[name]
    assert not isinstance(values, Texts)
    odd = values[np.isnan(read_days(rows, name, written)) & ~np.isnan(values)]
    if len(odd):
        raise DictionaryError(
            f"dictionary: [{name}] format {written!r} makes no day up to the year 9999 of "
            f"{odd[0]:.17g}; say another, or none"
        )


def hint_at_dates(name: str, values: Floats) -> str:
    """Say as what numbers, none missing, may be dates; "" where nothing tells of that."""
    if np.any(values != np.floor(values)) and not _NAMES_OF_DATES.search(name):
        return ""
    low, high = float(values.min()), float(values.max())
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    of_digits = (year >= 1900) & (year < 2100) & (month >= 1) & (month <= 12)
    written = ""
    if np.all(of_digits & (day >= 1) & (day <= 31)) and len(np.unique(values)) > 2:
        written = "%Y%m%d"
    elif _NAMES_OF_DATES.search(name):
        fitting = (form for form, (least, most) in _RECENT.items() if least <= low <= high < most)
        written = next(fitting, "")
    return f"if these are dates, say format = {written!r}" if written else ""


def read_days(rows: Rows, name: str, written: str) -> Floats:
    """Read a column of dates as days since 1970-01-01, shape (rows,), NaN where one is missing."""
    stage = Stage("dates", (Named("days", day_of(name, written)),))
    return evaluate(read_dates_once([stage]), {name: rows.values[name]})["days"]


def read_all_days(rows: Rows, formats: Mapping[str, str]) -> dict[str, Floats]:
    """Read the days that dates stand for, however these are written."""
    own = {name: written for name, written in formats.items() if name in rows.values}
    return {name: read_days(rows, name, written) for name, written in own.items()}


def prepare_date(
    rows: Rows, name: str, entry: Entry, formats: Mapping[str, str]
) -> tuple[list[InputColumn], str]:
    """Make inputs of a date that varies, and say in words which, and how it is written."""
    written = formats.get(name, "")
    if entry.missing is not None and (not written or written in NUMBERS):
        raise DictionaryError(f"dictionary: [{name}] is a date; missing is for numbers")
    both = (Weekday(f"{name} weekday", name, written), Month(f"{name} month", name, written))
    held = prepare(rows, both).levels
    parts: list[InputColumn] = [part for part in both if len(held[part.name].levels) > 1]
    said = [part.name.removeprefix(f"{name} ") for part in parts]
    for word in ("direction", "range", "fill"):
        if entry.since is None and getattr(entry, word) is not None:
            raise DictionaryError(
                f"dictionary: [{name}] is a date without `since`; {word} is for the days "
                "until a day or another date"
            )
    if entry.since is not None:
        source = _days_since(rows, name, entry.since, formats)
        # What means missing in columns of numbers is an age like any other in days.
        bare = Number(f"{name} days", 0.0, source)
        values = read_known(rows, bare)
        number = fill_number(rows, bare, entry, values, sort_known(values))
        if number is not None:
            parts.insert(0, number)
            until = source.until_column or source.until_day
            said.insert(0, f"days until {until}")
            if isinstance(entry.fill, MedianBy) and number.segments is None:
                said[0] += f" (filled with the median: {describe_rare(entry.fill)})"
    if not parts:
        return [], "a date that says nothing without `since`"
    hint = "" if entry.since is not None else " (its age needs `since` in the dictionary)"
    return parts, _describe(written) + " and ".join(said) + hint


def _describe(written: str) -> str:
    """Say how a date is written, where its type does not."""
    match written:
        case "":
            return ""
        case "unix":
            return "a date in seconds since 1970; "
        case "unix ms":
            return "a date in milliseconds since 1970; "
        case "excel":
            return "a date in a spreadsheet's days; "
        case _:
            return f"a date, written {written}; "


def _days_since(rows: Rows, name: str, since: str | date, formats: Mapping[str, str]) -> DaysSince:
    own = formats.get(name, "")
    if isinstance(since, date):
        return DaysSince(name, until_day=since.isoformat(), format=own)
    column = next((n for n in rows.held_as if n.lower() == since.lower()), None)
    if column == name:
        raise DictionaryError(f"dictionary: [{name}] since must be another column, or a day")
    if column is not None and (column in formats or rows.held_as[column] == "date"):
        until = formats.get(column, "")
        return DaysSince(name, until_column=column, format=own, until_format=until)
    try:
        return DaysSince(name, until_day=date.fromisoformat(since).isoformat(), format=own)
    except ValueError:
        raise DictionaryError(
            f"dictionary: [{name}] since must be a day or a column of dates, not {since!r}"
        ) from None
