"""Models of dates in texts, and the same days written in every format that is read."""

from collections.abc import Callable
from datetime import date, timedelta

from leadweights.model.dates import WEEKDAYS
from leadweights.model.model import DaysSince, Logit, Month, Number, ScoringModel, Weekday
from leadweights.model.rules import Decay, Decisions
from leadweights.model.terms import Level, Levels, Standardized
from tests.support.strategies import PROVENANCE


def _bare(form: str) -> Callable[[date], str]:
    """Write without zeros in front, which strftime has no word for everywhere."""
    plain = form.replace("%d", "{d}").replace("%m", "{m}")
    return lambda day: day.strftime(plain).format(d=day.day, m=day.month)


def _plainly(form: str) -> Callable[[date], str]:
    return lambda day: day.strftime(form)


NUMERIC = [
    form.replace("/", separator)
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d")
    for separator in "/.- "
]
NAMED = (
    *("%d %b %Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%d. %b %Y", "%Y-%b-%d", "%b-%d-%y"),
    *("%d/%b/%Y",),
)
WRITERS: dict[str, list[Callable[[date], str]]] = {
    **{form: [_plainly(form), _bare(form)] for form in NUMERIC},
    **{
        form: [
            _plainly(form),
            _bare(form.replace("%b", "%B")),
            lambda day, form=form: day.strftime(form).upper(),  # type: ignore[misc]
        ]
        for form in NAMED
    },
}
"""For each format what writes a day in it, as Python's strftime does."""


def is_short(form: str) -> bool:
    """Tell whether its years have two digits."""
    return "%y" in form


def model_of_dates(forms: tuple[str, str], zone: str = "") -> ScoringModel:
    """Make a model that reads two dates in every way that one is read, and decays by them."""
    first, second = (f"{form}{zone}" for form in forms)
    nothing = Level("", 0.125, 0.1)
    days = tuple(Level(day, place / 8, 0.1) for place, day in enumerate(WEEKDAYS[:5]))
    months = tuple(
        Level(month, place / 4 - 1, 0.1)
        for place, month in enumerate(("January", "February", "March", "September", "December"))
    )
    return ScoringModel(
        "dated",
        (),
        (
            Number("age", 30.0, DaysSince("came", "left", format=first, until_format=second)),
            Number("days", 7.0, DaysSince("came", until_day="2026-03-05", format=first)),
            Weekday("weekday", "came", first),
            Month("month", "left", second),
            Number("x", 0.0),
        ),
        (
            Standardized("age", 12.5, 3.25, 0.25),
            Standardized("days", 100.0, 55.5, -0.25),
            Levels("weekday", 0.125, days, nothing, nothing),
            Levels("month", 0.125, months, nothing, nothing),
            Standardized("x", 0.5, 2.5, 0.25),
        ),
        Logit(-0.5, 2.0),
        PROVENANCE,
        Decisions(decay=Decay("came", 30.0, "left", format=first, until_format=second)),
    )


def some_days() -> list[date]:
    """List days on which calendars differ, and others."""
    odd = [date(1970, 1, 1), date(1969, 12, 31), date(2000, 2, 29), date(2024, 2, 29)]
    odd += [date(2068, 12, 31), date(1969, 1, 1), date(2001, 3, 1), date(2023, 12, 31)]
    return odd + [date(2024, 1, 1) + timedelta(days=23 * step) for step in range(40)]
