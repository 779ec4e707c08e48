"""Texts of dates that break scoring queries: every layout, and much that looks like one."""

from collections.abc import Sequence

from leadweights.formula.columns import formats_of
from leadweights.model.date_formats import every_layout, parse, write_date
from leadweights.model.model import ScoringModel

_DAYS = ((2024, 2, 29), (2023, 2, 29), (1969, 12, 31), (2068, 9, 30), (2000, 1, 1), (2026, 11, 31))
_TIMES = (
    *(" 23:59", "T00:30Z", " 9:05", " 23:30:15.123-05:00", "T00:30+0100", " 23:59:59 UTC"),
    *(" 00:10+02", " 12:00 PM", " x", "T", "\n", " \n", "x", " 00:30 +01:00", "T23:00:00.000000Z"),
)
_NO_DATES = (
    *("", " ", "NULL", "0000-01-01", "2024-13-01", "2024-01-32", "2024-00-10", "20240229", "1/1/1"),
    *(
        "\u0661\u0662/\u0660\u0663/\u0662\u0660\u0662\u0666",
        "12/03/2026\n",
        "2024-02-29 ",
        "a\n2024-02-29",
    ),
    *(
        " 2024-02-29 23:30",
        "2024-02-29T23:30:00-05:00",
        "2024-02-29 00:30:00+02",
        "\u017fep 5, 2026",
    ),
)


def write_dates(
    model: ScoringModel, name: str, typed: Sequence[str | None]
) -> tuple[str | None, ...]:
    """Write dates in every layout of a column's format, and much that looks like one."""
    written = parse(formats_of(model.columns, model.decisions.decay)[name])
    found: list[str | None] = [*typed, *_NO_DATES]
    for place, layout in enumerate(every_layout(written)):
        for day in _DAYS:
            text = write_date(layout, *day)
            times = ("", *_TIMES[place % 3 :: 3]) if day == _DAYS[0] else ("",)
            found += [text + time for time in times]
    return tuple(found)
