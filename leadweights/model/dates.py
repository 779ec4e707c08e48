"""Days, weekdays and months."""

from datetime import date

from leadweights.errors import ModelError
from leadweights.model import date_formats

EPOCH = date(1970, 1, 1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def days_since_1970(day: str, name: str) -> float:
    """Count the days from 1970-01-01 to a fixed day of a column. Raises ModelError."""
    try:
        return float((date.fromisoformat(day) - EPOCH).days)
    except ValueError:
        raise ModelError(f"{name!r} counts days until {day!r}, which is no day") from None


def check_format(written: str, name: str) -> None:
    """Refuse what is no format of a column's dates. Raises ModelError."""
    try:
        date_formats.check(written)
    except ValueError as problem:
        raise ModelError(f"{name!r}: {problem}") from None
