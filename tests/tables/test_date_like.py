"""What a person takes for dates is read, or refused in one line: it is never a level, nor an id."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from leadweights.tables.date_like import looks_like_date
from leadweights.tables.dates import Undecided, decide_format

GERMAN = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September"),
    *("Oktober", "November", "Dezember"),
)
FRENCH = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct."),
    *("nov.", "déc."),
)
UNREAD: dict[str, Callable[[datetime], str]] = {
    "a German month": lambda day: f"{day.day}. {GERMAN[day.month - 1]} {day.year}",
    "a French month": lambda day: f"{day.day} {FRENCH[day.month - 1]} {day.year}",
    "a week": lambda day: day.strftime("%GW%V"),
    "a day of a week": lambda day: day.strftime("%G-W%V-%u"),
    "a quarter": lambda day: f"Q{(day.month + 2) // 3} {day.year}",
    "a month, short": lambda day: day.strftime("%b-%y"),
    "a month": lambda day: day.strftime("%B %Y"),
    "a month in digits": lambda day: day.strftime("%Y-%m"),
    "a month in front": lambda day: day.strftime("%m/%Y"),
    "mail": lambda day: day.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    "C": lambda day: day.strftime("%a %b %e %H:%M:%S %Y"),
    "JavaScript": lambda day: day.strftime("%d/%m/%Y, %H:%M:%S"),
    "JavaScript in America": lambda day: day.strftime("%m/%d/%y, %I:%M\u202f%p"),
    "Java": lambda day: day.strftime("%Y-%m-%dT%H:%M:%S+01:00[Europe/Berlin]"),
    "a zone's name": lambda day: day.strftime("%Y-%m-%d %H:%M:%S CET"),
    "ISO 8601, basic": lambda day: day.strftime("%Y%m%dT%H%M%SZ"),
    "Oracle": lambda day: day.strftime("%d-%b-%y %I.%M.%S.%f %p").upper(),
    "SAS": lambda day: day.strftime("%d%b%Y:%H:%M:%S").upper(),
    "Apache": lambda day: day.strftime("%d/%b/%Y:%H:%M:%S +0000"),
    "an ordinal": lambda day: f"{day:%B} {day.day}th, {day.year}",
    "Japan": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "digits of Arabic": lambda day: day.strftime("%Y-%m-%d").translate(
        {ord("0") + n: chr(0x660 + n) for n in range(10)}
    ),
    "Hungary": lambda day: day.strftime("%Y. %m. %d."),
    "time first": lambda day: day.strftime("%H:%M %d/%m/%Y"),
    "a range": lambda day: f"{day:%Y-%m-%d} - {day:%Y-%m-%d}",
    "an apostrophe": lambda day: day.strftime("'%d/%m/%Y"),
    "year, day, month": lambda day: day.strftime("%Y-%d-%m"),
    "two formats": lambda day: day.strftime("%d/%m/%Y" if day.day % 2 else "%m/%d/%Y"),
    "two separators": lambda day: day.strftime("%d/%m/%Y" if day.day % 2 else "%d.%m.%Y"),
    "years of two digits and of four": lambda day: day.strftime(
        "%d.%m.%y" if day.day % 2 else "%d.%m.%Y"
    ),
    "births": lambda day: f"{day:%d.%m.}{40 + day.day}",
}


@pytest.mark.parametrize("way", UNREAD)
@pytest.mark.parametrize("distinct", [12, 200])
def test_dates_that_are_not_read_are_refused_with_what_would_help(way: str, distinct: int) -> None:
    moments = (
        datetime(2026, 1, 13, 14, 5) + timedelta(days=n * 5, hours=n) for n in range(distinct)
    )
    counts: dict[str, int] = {}
    for moment in moments:
        counts[UNREAD[way](moment)] = counts.get(UNREAD[way](moment), 0) + 1
    found = decide_format(counts | {"soon": 2})
    assert isinstance(found, Undecided), found
    assert "kind = 'category'" in found.advice or found.text is not None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Web",
            "May",
            "Q1",
            "Monday",
            "2026",
            "3",
            "1.5",
            "2026.3",
            "1,234",
            "2019/2020",
            "90-100",
        ),
        *(
            "Set 12",
            "A-12",
            "INV-2026-0312",
            "Room 5",
            "192.168.2.19",
            "+49 170 1234567",
            "DE-2026",
        ),
        *("12 1/2", "5 years", "10:30", "1999-2024", "Windows 10", "Jun Li", "Smith, John 3"),
    ],
)
def test_other_texts_are_not_taken_for_dates(text: str) -> None:
    assert not looks_like_date(text)
    assert decide_format({text: 5, f"{text} ": 1}) is None
