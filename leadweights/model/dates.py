"""Days, weekdays and months."""

from datetime import date

from leadweights.errors import ModelError

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
