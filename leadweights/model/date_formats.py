"""How a date is written where no type says so: in words of strftime, or as a number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

NUMBERS = ("unix", "unix ms", "excel")
"""Formats of numbers: seconds and milliseconds since 1970-01-01 (UTC), days of a spreadsheet."""

ISO = "%Y-%m-%d"
FIRST_YEAR = 1969
"""The year that `69` is as `%y`, as POSIX has it; `68` is 2068."""

Part = Literal["year", "month", "day", "minutes"]
MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
SHORT = 3
BEHIND = "0-9A-Za-z:.,/_+ -"
"""What may stand behind a date, after a space or T: a time of day, which only offsets make count.

A class of regular expressions, without its brackets.
"""

_PART_OF: dict[str, Part] = {"d": "day", "m": "month", "b": "month", "Y": "year", "y": "year"}
ORDERS = (["day", "month", "year"], ["month", "day", "year"], ["year", "month", "day"])
SEPARATORS = ("", "/", ".", "-", " ", ", ", ". ", ",")
_DATE = re.compile("%([dmbBYy])([^%]*)%([dmbBYy])([^%]*)%([dmbBYy])")
_TIME = re.compile("([ T]%[HI]:%M(:%S([.,]%f)?)?( ?%p)?)?( ?%z( else (?P<zone>.+))?)?")
_ZONE = re.compile("(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})")
_LONGEST = 9  # September
_WORDS = "%d, %m, %b, %Y and %y once each, then %H:%M:%S and %z where there is a time of day"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to fill a format: `0` for a digit and `A` for a letter, all else for itself.

    `places` are where its parts begin, from 1, and how long they are.
    """

    shape: str
    places: dict[Part, tuple[int, int]]
    short_year: bool = False

    @property
    def end(self) -> int:
        """Count its letters."""
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A format that was understood: three words, what stands between them, and the time.

    With `offsets` the day is that in UTC, and a time without one is `zone` minutes ahead of it.
    """

    words: tuple[str, str, str]
    between: tuple[str, str]
    offsets: bool = False
    zone: int = 0

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match a whole text that begins with such a date; groups are named as the parts."""
        return _pattern(self)

    def layouts(self) -> Iterator[Layout]:
        """List the ways to fill it: days and months of one digit or two, names of any length."""
        widths = []
        for place, word in enumerate(self.words):
            # Where nothing stands between two parts, only their lengths tell them apart.
            apart = "" not in self.between
            match word:
                case "b":
                    ends = place < 2 and not self.between[place]
                    widths.append([SHORT] if ends else range(SHORT, _LONGEST + 1))
                case "d" | "m":
                    widths.append([2, 1] if apart else [2])
                case _:
                    widths.append([4 if word == "Y" else 2])
        for chosen in product(*widths):
            shape, places = "", dict[Part, tuple[int, int]]()
            for word, width, behind in zip(self.words, chosen, (*self.between, ""), strict=True):
                places[_PART_OF[word]] = (len(shape) + 1, width)
                shape += ("A" if word == "b" else "0") * width + behind
            yield Layout(shape, places, "y" in self.words)


def every_layout(written: DateFormat) -> list[Layout]:
    """List the layouts of a format, and that of a date as types of SQL are written."""
    found = list(written.layouts())
    iso = next(parse(ISO).layouts())
    return found if iso in found else [*found, iso]


def write_date(layout: Layout, year: int, month: int, day: int) -> str:
    """Write a date in a layout, or as nearly as its widths allow."""
    text = list(layout.shape)
    for part, number in (("year", year), ("month", month), ("day", day)):
        start, width = layout.places[part]  # type: ignore[index]
        named = layout.shape[start - 1] == "A"
        own = MONTH_NAMES[month - 1] if named else str(number).zfill(width)
        own = own[:width].ljust(width, "x") if named else own[-width:]
        text[start - 1 : start - 1 + width] = own
    return "".join(text)


@cache
def parse(text: str) -> DateFormat:
    """Understand a format of texts. Raises ValueError, in words for who wrote it."""
    date = _DATE.match(text)
    time = _TIME.fullmatch(text[date.end() :]) if date else None
    if date is None or time is None:
        raise ValueError(f"{text!r} is no format of dates: it needs {_WORDS}")
    words = tuple("b" if word == "B" else word for word in date.group(1, 3, 5))
    order = [_PART_OF[word] for word in words]
    if order not in ORDERS:
        raise ValueError(f"{text!r} is no format of dates: day, month and year come in no such row")
    between = date.group(2, 4)
    for separator in between:
        if separator not in SEPARATORS:
            raise ValueError(
                f"{text!r} is no format of dates: {separator!r} between its parts is none of "
                + ", ".join(map(repr, SEPARATORS[1:]))
            )
    zone = time["zone"]
    return DateFormat(
        (words[0], words[1], words[2]),
        (between[0], between[1]),
        "%z" in text,
        parse_zone(zone) if zone else 0,
    )


def parse_zone(text: str) -> int:
    """Read an offset from UTC, in minutes. Raises ValueError."""
    found = _ZONE.fullmatch(text)
    if text in ("Z", "UTC"):
        return 0
    if found is None or int(found["hours"]) > 14 or int(found["minutes"]) > 59:
        raise ValueError(f"a time zone is an offset from UTC such as +01:00, not {text!r}")
    return _minutes(found)


def is_of_texts(text: str) -> bool:
    """Tell whether a format is one of texts; others are of numbers, or of typed dates."""
    return text not in ("", *NUMBERS)


def check(text: str) -> None:
    """Raise ValueError for what is no format."""
    if is_of_texts(text):
        parse(text)


def read_parts(text: str, written: DateFormat) -> dict[Part, float]:
    """Read the parts of a date, by name; nothing where the text is none.

    A day such as 31 February has its parts, too.
    """
    text = text.strip(" ")
    found = written.pattern.fullmatch(text) or parse(ISO).pattern.fullmatch(text)
    if found is None:
        return {}
    year, month = found["year"], found["month"].lower()
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= FIRST_YEAR % 100 else 2000
    if month.isdigit():
        place = int(month)
    else:
        short = [name[:SHORT] for name in MONTH_NAMES]
        if month[:SHORT] not in short:
            return {}
        place = short.index(month[:SHORT]) + 1
    behind = found["behind"] or ""
    minutes = _read_minutes(behind, written.zone) if written.offsets else 0
    return {"year": number, "month": place, "day": int(found["day"]), "minutes": minutes}


def _read_minutes(behind: str, zone: int) -> int:
    """Count the minutes from the beginning of the day as written to the moment, in UTC."""
    time = re.match("[ T]([0-9]{1,2}):([0-9]{2})", behind)
    if time is None:
        return 0
    minutes = 60 * int(time[1]) + int(time[2])
    if behind.endswith(("Z", "UTC", "GMT")):
        return minutes
    offset = re.search("(?P<sign>[+-])(?P<hours>[0-9]{2})(:?(?P<minutes>[0-9]{2}))?$", behind)
    return minutes - (zone if offset is None else _minutes(offset))


def _minutes(offset: re.Match[str]) -> int:
    minutes = 60 * int(offset["hours"]) + int(offset["minutes"] or 0)
    return -minutes if offset["sign"] == "-" else minutes


@cache
def _pattern(written: DateFormat) -> re.Pattern[str]:
    parts = []
    apart = "" not in written.between
    for place, word in enumerate(written.words):
        ends = place < 2 and not written.between[place]
        letters = f"[A-Za-z]{{{SHORT}}}" if ends else f"[A-Za-z]{{{SHORT},{_LONGEST}}}"
        digits = "[0-9]{1,2}" if apart else "[0-9]{2}"
        own = {"b": letters, "Y": "[0-9]{4}", "y": "[0-9]{2}"}.get(word, digits)
        parts.append(f"(?P<{_PART_OF[word]}>{own})")
    first, second, third = parts
    between = [re.escape(separator) for separator in written.between]
    whole = f"{first}{between[0]}{second}{between[1]}{third}"
    return re.compile(f"{whole}(?P<behind>[ T][{BEHIND}]*)?")
