"""What can be asked of a queue of leads, and how to say it."""

from dataclasses import dataclass
from math import isfinite
from typing import assert_never

from leadweights.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Precision:
    """The largest queue whose true precision is at least this, with this confidence."""

    precision: float
    confidence: float = 0.9

    def __post_init__(self) -> None:
        _check_inside("precision", self.precision, ", and no number of rows proves 1")
        _check_inside("confidence", self.confidence)


@dataclass(frozen=True, slots=True)
class Capacity:
    """The largest queue of at most so many rows."""

    rows: int

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise UnsupportedError(f"a capacity is at least 1 row, not {self.rows:,}")


@dataclass(frozen=True, slots=True)
class QueueRate:
    """The largest queue of at most this share of the rows."""

    rate: float

    def __post_init__(self) -> None:
        _check_share("queue rate", self.rate)


@dataclass(frozen=True, slots=True)
class Recall:
    """The smallest queue that holds at least this share of the positive rows."""

    recall: float

    def __post_init__(self) -> None:
        _check_share("recall", self.recall)


@dataclass(frozen=True, slots=True)
class Profit:
    """The queue with the highest profit: `value_won` a hit, less `cost_contact` a row."""

    value_won: float
    cost_contact: float

    def __post_init__(self) -> None:
        if not (isfinite(self.value_won) and self.value_won > 0):
            raise UnsupportedError(f"the value of a conversion is above 0, not {self.value_won:g}")
        if not (isfinite(self.cost_contact) and self.cost_contact >= 0):
            raise UnsupportedError(f"the cost of a contact is 0 or more, not {self.cost_contact:g}")


Ask = Precision | Capacity | QueueRate | Recall | Profit


def describe(ask: Ask) -> str:
    """Say in words what is asked for."""
    match ask:
        case Precision(precision, confidence):
            return (
                f"the largest queue whose precision is at least {precision:g}, "
                f"with {confidence * 100:g}% confidence"
            )
        case Capacity(rows):
            return f"at most {rows:,} rows"
        case QueueRate(rate):
            return f"at most {rate * 100:g}% of the rows"
        case Recall(recall):
            return f"the smallest queue with at least {recall * 100:g}% of the positive rows"
        case Profit(value, cost):
            return f"the highest profit, with {value:,g} a conversion and {cost:,g} a contact"
        case _:
            assert_never(ask)


def _check_inside(name: str, value: float, why: str = "") -> None:
    if not 0 < value < 1:
        raise UnsupportedError(f"a {name} is above 0 and below 1, not {value:g}{why}")


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise UnsupportedError(f"a {name} is above 0 and at most 1, not {value:g}")
