"""From dates as they are written to days since 1970-01-01: civil-date arithmetic in doubles."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from leadweights.formula.nodes import (
    SOURCES,
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    DatePart,
    DayColumn,
    DayInText,
    Difference,
    Floor,
    Formula,
    Named,
    Null,
    NumberColumn,
    Product,
    Quotient,
    Stage,
    Sum,
    Text,
    TextColumn,
    Trimmed,
    change,
    read_by,
)
from leadweights.model.date_formats import Part, is_of_texts, parse

# From 0000-03-01, where a year that ends with February begins, to 1970-01-01.
_EPOCH = 719_468.0
_DAY = {"unix": 86_400.0, "unix ms": 86_400_000.0, "excel": 1.0}
# Excel has a 29 February 1900: from the day after on, its serials count from 1899-12-30.
_FIRST = {"unix": -719_162.0, "unix ms": -719_162.0, "excel": 61.0}
_BEFORE_1970 = {"unix": 0.0, "unix ms": 0.0, "excel": 25_569.0}
_LAST_DAY = 2_932_896.0  # 9999-12-31
_PARTS: tuple[Part, ...] = ("year", "month", "day")
_NULL = Null()
# A suffix must not push a name over an engine's limit (63 bytes in PostgreSQL).
_LONGEST_NAME = 40


def day_of(column: str, written: str) -> Formula:
    """Write the days from 1970-01-01 to a date in a column, typed or written in a format."""
    if is_of_texts(written):
        return DayInText(column, written)
    if not written:
        return DayColumn(column)
    number: Formula = NumberColumn(column)
    unit, first, before = _DAY[written], _FIRST[written], _BEFORE_1970[written]
    # Up to the last moment of the last day.
    last = (_LAST_DAY + before + 1) * unit
    days: Formula = Floor(number if unit == 1 else Quotient(number, Constant(unit)))
    days = Difference(days, Constant(before)) if before else days
    known = Case(((Between(days, -719_162.0, _LAST_DAY), days),), _NULL)
    return Case(((Between(number, first * unit, last), known),), _NULL)


def day_in_text(text: Text, written: str) -> Formula:
    """Write the days from 1970-01-01 to a date in a text."""
    trimmed = Trimmed(text)
    offsets = parse(written).offsets
    year, month, day = (DatePart(trimmed, written, part) for part in _PARTS)
    return _days(year, month, day, DatePart(trimmed, written, "minutes") if offsets else None)


def month_of(days: Formula) -> Formula:
    """Write the month of a day, 1 to 12, by the day's number alone (Neri and Schneider 2022)."""
    quarters = Sum((Product(Constant(4.0), Sum((days, Constant(_EPOCH)))), Constant(3.0)))
    in_century = Floor(Quotient(_modulo(quarters, 146_097.0), Constant(4.0)))
    again = Sum((Product(Constant(4.0), in_century), Constant(3.0)))
    in_year = Floor(Quotient(_modulo(again, 1_461.0), Constant(4.0)))
    fives = Sum((Product(Constant(5.0), in_year), Constant(461.0)))
    month = Floor(Quotient(fives, Constant(153.0)))
    # January and February are the 13th and 14th month of the year before.
    late = Floor(Quotient(in_year, Constant(306.0)))
    return Difference(month, Product(Constant(12.0), late))


def _modulo(value: Formula, by: float) -> Formula:
    whole = Floor(Quotient(value, Constant(by)))
    return Difference(value, Product(Constant(by), whole))


def _days(year: Formula, month: Formula, day: Formula, minutes: Formula | None) -> Formula:
    """Count the days up to a date; missing where the calendar has no such day (Hinnant 2021)."""
    # The year begins with March, so that 29 February is its last day.
    after = Difference(month, Constant(3.0))
    begun = Sum((year, Floor(Quotient(after, Constant(12.0)))))
    months = Product(Constant(153.0), _modulo(after, 12.0))
    before = Floor(Quotient(Sum((months, Constant(2.0))), Constant(5.0)))
    parts: list[Formula] = [
        Product(Constant(365.0), begun),
        Floor(Quotient(begun, Constant(4.0))),
        Difference(Constant(0.0), Floor(Quotient(begun, Constant(100.0)))),
        Floor(Quotient(begun, Constant(400.0))),
        before,
        day,
        Constant(-_EPOCH - 1.0),
    ]
    if minutes is not None:
        parts.append(Floor(Quotient(minutes, Constant(1440.0))))
    short = [(Between(month, m, m), Constant(30.0)) for m in (4.0, 6.0, 9.0, 11.0)]
    longest = Case(((Between(month, 2.0, 2.0), _february(year)), *short), Constant(31.0))
    found: Formula = Case(((AtLeast(longest, day), Sum(tuple(parts))),), _NULL)
    for value, last in ((day, 31.0), (month, 12.0), (year, 9999.0)):
        found = Case(((Between(value, 1.0, last), found),), _NULL)
    return found


def _february(year: Formula) -> Formula:
    """Write the days of a year's February."""

    def is_whole(by: float, then: Formula, otherwise: Formula) -> Formula:
        rest = _modulo(year, by)
        return Case(((Between(rest, 0.0, 0.0), then),), otherwise)

    leap, usual = Constant(29.0), Constant(28.0)
    return is_whole(4.0, is_whole(100.0, is_whole(400.0, leap, usual), leap), usual)


def read_dates_once(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Put steps before stages that read dates in texts, so that each is read once.

    Without them nothing changes: the first stage alone reads the table.
    """
    first, *rest = stages
    sources = list(dict.fromkeys(read_by(first.columns)))
    dates = [part for part in sources if isinstance(part, DayInText)]
    if not dates:
        return tuple(stages)
    others = [part for part in sources if not isinstance(part, DayInText)]
    free = _Names()
    read = {part: Named(free.find(part.name, "read"), part) for part in others}
    passed = tuple(Named(one.name, Column(one.name)) for one in read.values())
    texts, parts, days = list[Named](), list[Named](), dict[DayInText, Named]()
    for source in dates:
        text = Named(free.find(source.name, "text"), Trimmed(TextColumn(source.name)))
        texts.append(text)
        wanted = (*_PARTS, "minutes") if parse(source.format).offsets else _PARTS
        own = {
            part: Named(
                free.find(source.name, part), DatePart(Column(text.name), source.format, part)
            )
            for part in wanted
        }
        parts += own.values()
        columns = {part: Column(named.name) for part, named in own.items()}
        found = _days(columns["year"], columns["month"], columns["day"], columns.get("minutes"))
        days[source] = Named(free.find(source.name, "days"), found)
    values = {part: Column(named.name) for part, named in (read | days).items()}
    inside = tuple(
        Named(column.name, change(column.formula, partial(_pass, values)), column.note)
        for column in first.columns
    )
    return (
        Stage("date_texts", (*read.values(), *texts)),
        Stage("date_parts", (*passed, *parts), once=True),
        Stage("dates", (*passed, *days.values()), once=True),
        Stage(first.name, inside, first.once),
        *rest,
    )


class _Names:
    """Names for what passes through the steps, no two of them the same in any case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def find(self, column: str, suffix: str) -> str:
        """Name something of a column."""
        short = column if len(column.encode()) <= _LONGEST_NAME else f"column_{len(self._taken)}"
        name = f"{short}_{suffix}"
        while name.lower() in self._taken:
            name += "_"
        self._taken.add(name.lower())
        return name


def _pass(read: Mapping[Any, Column], part: Any) -> Column | None:
    """Put what was read already in the place of what reads the table."""
    return read[part] if isinstance(part, SOURCES) else None
