"""The audit trail: lines that are only ever added, each with the hash of the one before."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What stands for the hash of a line before the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its number from 1, when, who, what, of which version, and more as a JSON text."""

    line: int
    made_at: str
    made_by: str
    event: str
    version: int | None
    details: str
    hash_before: str
    hash: str

    @classmethod
    def after(
        cls,
        hash_before: str,
        lines: int,
        at: str,
        who: str,
        event: str,
        version: int | None,
        details: str,
    ) -> "Line":
        """Make the line that follows so many others, the last of which has a hash."""
        told = (lines + 1, at, who, event, version, details, hash_before)
        return cls(*told, _digest(told))

    def as_row(self) -> tuple[Any, ...]:
        """Give the values in the order of the columns."""
        return astuple(self)

    @property
    def is_as_made(self) -> bool:
        """Tell whether the line says what it did when its hash was made."""
        return _digest(astuple(self)[:-1]) == self.hash


@dataclass(frozen=True, slots=True)
class Trail:
    """What a look at all lines showed: how many hold, and the first that does not, and why.

    `head` is the hash of the last line that holds. Whoever notes `lines` and `head` elsewhere can
    tell later that all these lines are still there: who can write to the database could make
    every hash anew.
    """

    lines: int
    head: str
    broken_line: int | None = None
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether no line is broken."""
        return self.broken_line is None


def verify_lines(
    found: Sequence[Line], kept: tuple[int, str], noted: tuple[int, str] | None = None
) -> Trail:
    """Follow the chain from the first line; name the first that is broken.

    `kept` is how many lines there were and the last one's hash, as the store keeps beside them;
    `noted` is the same of an earlier day, from elsewhere.
    """
    before = START
    for number, line in enumerate(found, 1):
        problem = _examine(line, number, before)
        if not problem and noted is not None and noted[0] == number and noted[1] != line.hash:
            problem = "it is not the line whose hash was noted"
        if problem:
            return Trail(number - 1, before, number, problem)
        before = line.hash
    lines, last = kept
    fewest = max(lines, noted[0] if noted else 0)
    if len(found) < fewest:
        return Trail(len(found), before, len(found) + 1, f"it is gone, of {fewest:,} lines")
    if len(found) > lines:
        return Trail(lines, before, lines + 1, "it was added by another hand")
    if before != last:
        return Trail(len(found), before, len(found), "it is not the one that was written last")
    return Trail(len(found), before)


def _examine(line: Line, number: int, before: str) -> str:
    """Say what is wrong with a line; "" of a sound one."""
    if line.line != number:
        return f"it is gone: line {line.line} follows line {number - 1}"
    if not line.is_as_made:
        return "it was edited: it does not have its own hash"
    if line.hash_before != before:
        return "it does not follow the line before it: one was edited, put in or moved"
    return ""


def _digest(told: Sequence[Any]) -> str:
    return sha256(json.dumps(list(told), ensure_ascii=False).encode()).hexdigest()
