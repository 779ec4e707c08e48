"""UBJSON (ubjson.org, draft 12), in which XGBoost writes.

XGBoost's own reader ends the process over some damaged files, and asks for all memory over others.
"""

import struct
from collections.abc import Iterator
from itertools import repeat
from typing import Any

_NUMBERS = {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
_CONSTANTS = {"Z": None, "T": True, "F": False}
_WHOLE = "iUIlL"
_DEEPEST = 64


def parse_ubjson(content: bytes) -> Any:
    """Read a document whole. Raises ValueError for what is no UBJSON, or not all of it."""
    reader = _Reader(content)
    document = reader.value(reader.mark(), 0)
    if reader.at != len(content):
        raise ValueError(f"more follows behind its end, byte {reader.at}")
    return document


class _Reader:
    """A place in the bytes; whatever is read moves it on."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def take(self, count: int) -> bytes:
        """Take bytes, all of which must be there."""
        taken = self.content[self.at : self.at + count]
        if count < 0 or len(taken) < count:
            raise ValueError(f"cut short at byte {len(self.content)}")
        self.at += count
        return taken

    def mark(self) -> str:
        """Take the mark that says what follows; N says nothing."""
        mark = "N"
        while mark == "N":
            mark = self.take(1).decode("latin-1")
        return mark

    def value(self, mark: str, depth: int) -> Any:
        """Read what such a mark begins."""
        if mark in _NUMBERS:
            return struct.unpack(_NUMBERS[mark], self.take(struct.calcsize(_NUMBERS[mark])))[0]
        if mark in _CONSTANTS:
            return _CONSTANTS[mark]
        if mark == "C":
            return self.take(1).decode("ascii")
        if mark == "S":
            return self.take(self.length(self.mark())).decode()
        if mark in "[{" and depth < _DEEPEST:
            return self.items(mark, depth + 1)
        raise ValueError(f"byte {self.at} is no mark of a value")

    def length(self, mark: str) -> int:
        """Read how many follow, each of which is a byte at least."""
        count = self.value(mark, 0) if mark in _WHOLE else -1
        if not 0 <= count <= len(self.content):
            raise ValueError(f"no length, or one of more than there is, before byte {self.at}")
        return int(count)

    def items(self, opened: str, depth: int) -> Any:
        """Read a list or an object, whose head may say of which type and how many its items are."""
        mark, kind, count = self.mark(), None, None
        if mark == "$":
            kind, mark = self.mark(), self.mark()
            if mark != "#":
                raise ValueError(f"a type without a count before byte {self.at}")
        if mark == "#":
            count = self.length(self.mark())
        if kind is not None and kind in _NUMBERS and opened == "[" and count is not None:
            form = f">{count}{_NUMBERS[kind][1]}"
            return list(struct.unpack(form, self.take(struct.calcsize(form))))

        if opened == "[":
            return [
                self.value(kind or m or self.mark(), depth) for m in self.each(mark, count, "]")
            ]
        members = {}
        for found in self.each(mark, count, "}"):
            name = self.take(self.length(found or self.mark())).decode()
            members[name] = self.value(kind or self.mark(), depth)
        return members

    def each(self, mark: str, count: int | None, closing: str) -> Iterator[str | None]:
        """Count the items that are told; of others give the mark, up to the closing one."""
        if count is not None:
            yield from repeat(None, count)
            return
        while mark != closing:
            yield mark
            mark = self.mark()
