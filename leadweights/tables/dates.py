"""In what format the dates of a text column are: decided by all of its values, never by a few."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leadweights.errors import TableError
from leadweights.model.date_formats import (
    ISO,
    MONTH_NAMES,
    SHORT,
    DateFormat,
    parse,
    parse_zone,
    read_parts,
)
from leadweights.model.names import quote
from leadweights.tables.date_like import looks_like_date

# Nearly all of the values are dates: then the rest is more likely a mistake than another kind.
NEARLY_ALL = 2 / 3

# Of two digits, a year from this one on is more likely one of the century before.
_FAR_OFF = 2040
_TEXTS_LOOKED_AT = 500

# Three parts, one of them the year, and maybe a time of day.
_WRITTEN = re.compile(
    "(?P<first>[0-9]{4}|[0-9]{1,2}|[A-Za-z]{3,9})(?P<after>[/.-]|[.,]? |,)"
    "(?P<second>[0-9]{1,2}|[A-Za-z]{3,9})(?P<behind>[/.-]|[.,]? |,)"
    "(?P<third>[0-9]{4}|[0-9]{1,2})(?P<time>[ T].*)?"
)
_TIME = re.compile(
    "[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(:[0-9]{2}([.,][0-9]{1,9})?)?"
    "( ?(?P<half>[AaPp][Mm]))?( ?(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?))?"
)
_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?")
# A date, or a moment without an offset, of which the day is as it is written.
_DAY_FIRST = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_BY_TYPE = f" *{_DAY_FIRST}([ T][0-9:.]*Z?)? *"
DATE_IN_SQL = f"regexp_full_match({{0}}, '{_BY_TYPE}')"
"""Asks DuckDB whether a text, put in for {0}, is a date, year first."""

# What has no digit means missing, in whatever words.
ODD_IN_SQL = f"regexp_matches({{0}}, '[0-9]') AND NOT {DATE_IN_SQL}"
"""Asks DuckDB whether a text, put in for {0}, is odd where others are dates, year first."""
_NAMES = {name[:length]: name for name in MONTH_NAMES for length in (SHORT, len(name))} | {
    "sept": "september"
}


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why the dates of a column cannot be read, in words; of one `text` where it is that one's.

    `advice` says what a dictionary could say, or a table be mended by.
    """

    words: str
    text: str | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Value:
    """A text as a date: the formats that fit it, and what stands behind it."""

    formats: frozenset[str]
    iso: bool
    timed: bool
    offset: bool


def is_odd_beside_dates(text: str) -> bool:
    """Ask the same as `ODD_IN_SQL`."""
    return bool(re.search("[0-9]", text)) and not re.fullmatch(_BY_TYPE, text)


def read_in_sql(column: str) -> str:
    """Write, for DuckDB, the date in a column of texts of which none is odd."""
    # Of a text such as `epoch` a cast alone would make a date.
    own = quote(column)
    return f"TRY_CAST(regexp_extract({own}, '{_DAY_FIRST}') AS DATE) AS {own}"


def decide_format(counts: Mapping[str, int], zone: str = "") -> str | Undecided | None:
    """Find the one format that fits every text; None for texts that are no dates.

    `counts` gives for each text how many rows have it. Texts with a time but no offset, beside
    others with one, are in `zone`, such as +01:00.
    """
    rows = sum(counts.values())
    read = {text: _read(text) for text in counts}
    known = {text: value for text, value in read.items() if value is not None}
    if not known or sum(counts[text] for text in known) <= NEARLY_ALL * rows:
        return _refuse_unread(counts, known)
    others = {text: value for text, value in known.items() if not value.iso}
    if others:
        fitting = {form: 0 for value in others.values() for form in value.formats}
        for text, value in others.items():
            for form in value.formats:
                fitting[form] += counts[text]
    else:
        fitting = {ISO: 0}
    rows_in_iso = sum(counts[text] for text, value in known.items() if value.iso)
    most = max(fitting.values()) + rows_in_iso
    best = sorted(form for form in fitting if fitting[form] + rows_in_iso == most)
    form = best[0]
    if most <= NEARLY_ALL * rows:
        usual = next(text for text, value in others.items() if form in value.formats)
        other = next(text for text, value in others.items() if form not in value.formats)
        return Undecided(
            f"holds dates written in two ways, {usual!r} and {other!r}",
            advice="write them in one, exclude the column, or say kind = 'category' in the "
            "dictionary",
        )
    odd = [text for text, v in read.items() if v is None or not (v.iso or form in v.formats)]
    if odd:
        return Undecided(f"holds dates written {_shown(form)} but for", odd[0])
    if len(best) > 1:
        return _ask(others, best)
    return _ask_century(others, form) or _with_offsets(form, known, zone)


def follow_format(counts: Mapping[str, int], written: str, zone: str = "") -> str | Undecided:
    """Check that a format given fits every text, and add what texts without an offset are in."""
    form = parse(written)
    odd = next((text for text in counts if not fits(text, form)), None)
    if odd is not None:
        return Undecided(f"holds dates written {written} but for", odd)
    if not form.offsets or " else " in written:
        return written
    known = {text: _look_behind(text) for text in counts}
    return _with_offsets(written, known, zone)


def fits(text: str, form: DateFormat) -> bool:
    """Tell whether a text is a day of the calendar, written so or year first."""
    return _day(text, form) is not None


def _refuse_unread(counts: Mapping[str, int], known: Collection[str]) -> Undecided | None:
    """Refuse what looks like dates in no format that is read: as levels they never recur."""
    # Of a million texts some hundred say the same.
    looked_at = list(counts)[:: 1 + len(counts) // _TEXTS_LOOKED_AT]
    like = [text for text in looked_at if text in known or looks_like_date(text)]
    rows = sum(counts[text] for text in looked_at)
    example = next((text for text in like if text not in known), None)
    if example is None or sum(counts[text] for text in like) <= NEARLY_ALL * rows:
        return None
    return Undecided(
        f"holds what looks like dates, such as {example!r}, in no format that is read",
        advice="write them year first, as 2026-03-05, exclude the column, or say kind = 'category' "
        "in the dictionary",
    )


def _ask_century(values: Mapping[str, _Value], form: str) -> Undecided | None:
    """Ask for the century of years of two digits that lie far off in this one."""
    if "%y" not in form:
        return None
    for text in values:
        day = _day(text, parse(form))
        if day is not None and day.year >= _FAR_OFF:
            return Undecided(
                f"holds years of two digits, and {text!r} may be of {day.year - 100} or {day.year}",
                advice=f"write years with four digits, or say format = {form!r} in the "
                f"dictionary, by which it is {day.year}, or kind = 'category'",
            )
    return None


def _ask(values: Mapping[str, _Value], best: Sequence[str]) -> Undecided:
    """Show a text that two formats read in two ways."""

    def readings(text: str) -> list[date | None]:
        return [_day(text, parse(form)) for form in best]

    text = next((t for t in values if len(set(readings(t))) > 1), next(iter(values)))
    said = " or ".join(f"{day} ({form})" for day, form in zip(readings(text), best, strict=True))
    return Undecided(
        f"holds dates that can be read in {'two' if len(best) == 2 else 'three'} ways, "
        f"{text!r} as {said}",
        advice=f"say which in the dictionary, such as format = {best[0]!r}, or kind = 'category'",
    )


def _with_offsets(form: str, values: Mapping[str, _Value], zone: str) -> str | Undecided:
    """Say what a time without an offset is in, where others have one."""
    if not any(value.offset for value in values.values()):
        return form
    form = form if "%z" in form else f"{form} %H:%M%z"
    if zone:
        return f"{form} else {zone}"
    bare = next((text for text, v in values.items() if v.timed and not v.offset), None)
    if bare is None:
        return form
    return Undecided(
        "holds times with an offset from UTC, and one without: say with --time-zone, such as "
        "+01:00, what that is in; it is",
        bare,
    )


def check_zone(zone: str) -> None:
    """Raise TableError for what is no offset from UTC."""
    try:
        if zone:
            parse_zone(zone)
    except ValueError as problem:
        raise TableError(str(problem)) from None


def _read(text: str) -> _Value | None:
    """Read a text as a date in all ways there are."""
    text = text.strip(" ")
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    behind = _look_behind(text)
    if _ISO.fullmatch(text):
        return behind if _day(text, parse(ISO)) else None
    formats = frozenset(form for form in _candidates(found) if _day(text, parse(form)))
    if not formats:
        return None
    return _Value(formats, False, behind.timed, behind.offset)


def _look_behind(text: str) -> _Value:
    time = _TIME.search(text)
    offset = time is not None and time["offset"] is not None
    return _Value(frozenset(), True, time is not None, offset)


def _candidates(found: re.Match[str]) -> Iterator[str]:
    """List the formats that a text with three parts may be in."""
    first, after, second, behind, third = (
        found[name] for name in ("first", "after", "second", "behind", "third")
    )
    year = "%Y" if len(third) == 4 else "%y"
    if first.isalpha():
        orders = [("%b", "%d", year)] if second.isdigit() else []
    elif second.isalpha():
        orders = [("%Y", "%b", "%d")] if len(first) == 4 else [("%d", "%b", year)]
    elif len(first) == 4:
        orders = [("%Y", "%m", "%d")]
    else:
        orders = [("%d", "%m", year), ("%m", "%d", year)]
        if year == "%y" and after != behind:
            return  # 12 1/2 is a number
        if year == "%y" and len(first) == 2:
            orders.append(("%y", "%m", "%d"))
    for one, two, three in orders:
        yield f"{one}{after}{two}{behind}{three}"


def _day(text: str, form: DateFormat) -> date | None:
    """Give the day as written; None for a text that is no date, or has something odd behind it."""
    parts = read_parts(text, form)
    if not parts or not _is_time(text, form):
        return None
    try:
        return date(*(int(parts[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None


def _is_time(text: str, form: DateFormat) -> bool:
    """Tell whether nothing stands behind a date but a time of day, and its names are names."""
    text = text.strip(" ")
    found = form.pattern.fullmatch(text) or parse(ISO).pattern.fullmatch(text)
    assert found is not None
    if found["month"].isalpha() and found["month"].lower() not in _NAMES:
        return False
    behind = found["behind"]
    if not behind:
        return True
    time = _TIME.fullmatch(behind)
    if time is None or int(time["minute"]) > 59 or int(time["hour"]) > 24:
        return False
    return not (time["half"] and (int(time["hour"]) > 12 or time["offset"]))


def _shown(form: str) -> str:
    today = date(2026, 3, 5)
    return f"{form} (such as {today.strftime(form)})" if "%z" not in form else form
