"""What is asked of a merge of outcomes, read and checked before any row is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from leadweights.errors import UnsupportedError
from leadweights.tables.label import read_values

Conflicts = Literal["refuse", "last", "first"]

_DAYS = re.compile(r"\s*([1-9]\d{0,4})\s*(?:d|days?)?\s*", re.IGNORECASE)
_PAIRS = (("won", "lost"), ("1", "0"), ("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"))


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """Which texts of an outcome are won, lost, and not decided yet.

    Usual words are compared in lower case; those that a caller names as they are.
    """

    won: tuple[str, ...] = tuple(won for won, _ in _PAIRS)
    lost: tuple[str, ...] = tuple(lost for _, lost in _PAIRS)
    open: tuple[str, ...] = ()
    usual: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a merge; `window` is in days."""

    keys: tuple[str, ...]
    outcome: str | None
    words: OutcomeWords
    by: date | None
    window: int | None
    scored_at: str | None
    closed_at: str | None
    conflicts: Conflicts
    label: str
    number_rows: bool


def read_words(
    won: Sequence[str] | str, lost: Sequence[str] | str, undecided: Sequence[str] | str
) -> OutcomeWords:
    """Read the values that are named, or take the usual words. Raises UnsupportedError."""
    named = [
        read_values(_listed(own), what)
        for own, what in (
            (won, "a won value"),
            (lost, "a lost value"),
            (undecided, "an open value"),
        )
    ]
    if bool(named[0]) != bool(named[1]):
        other = "lost" if named[0] else "won"
        raise UnsupportedError(
            f"name the {other} values, too: else open deals would count as those"
        )
    twice = [v for v in named[0] if v in named[1]] + [
        v for v in named[2] if v in (*named[0], *named[1])
    ]
    if twice:
        raise UnsupportedError(f"the value {twice[0]!r} of an outcome is named twice")
    if not named[0]:
        usual = OutcomeWords()
        return OutcomeWords(usual.won, usual.lost, tuple(v.lower() for v in named[2]))
    return OutcomeWords(named[0], named[1], named[2], usual=False)


def _listed(values: Sequence[str] | str) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def read_window(window: str | int | None) -> int | None:
    """Read a number of days such as 30d. Raises UnsupportedError."""
    found = None if window is None or isinstance(window, bool) else _DAYS.fullmatch(str(window))
    if window is not None and found is None:
        raise UnsupportedError(f"a window is a number of days such as 30d, not {window!r}")
    return None if found is None else int(found[1])


def read_day(day: date | str | None) -> date | None:
    """Read a day such as 2026-11-30. Raises UnsupportedError."""
    if day is None or isinstance(day, date):
        return day.date() if isinstance(day, datetime) else day
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise UnsupportedError(f"a day is written 2026-11-30, not {day!r}") from None
