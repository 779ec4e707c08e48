"""Cells with several values, and searches for parts of them that no engine may mistake."""

from collections.abc import Iterator
from itertools import pairwise

from leadweights.formula.nodes import (
    Case,
    Column,
    Constant,
    Holds,
    Named,
    Stage,
    TextColumn,
    Without,
    total,
)

IGNORED = " []{}\"'\r"
DELIMITERS = (";", "\n", "::", "\u00e9")
PARTS = (
    *("CRM", "crm", "\u00e9", "e", "a%b", "a_b", "[a]", "it's", '"q"', "\\", "{{ x }}"),
    *("\u00df", "ss", "\U0001f600", "a b", ".*", "\uff23RM"),
)


def cells() -> Iterator[str]:
    """List cells whose values differ from the parts by a mark, case, an accent or spaces."""
    yield from ("", ";", ";;", " ", "CRM ; ERP", "  CRM", "CRM  ", '["CRM", "it\'s"]', "{CRM,e}")
    yield from ("e\u0301;x", "\uff1bCRM;", "CRM\u00a0;x", "CRM\t;x", "x\r\ny", "CRM\u200b", "aXb")
    for mark in DELIMITERS:
        for one, other in pairwise(PARTS):
            yield from (f"{one}{mark}{other}", f"z{mark} {one}{mark}{one}z", one.upper())


def trials(column: str) -> Iterator[tuple[str, tuple[Stage, ...]]]:
    """Search a column for all parts: each found one is a binary digit of the result."""
    without = Without(TextColumn(column), IGNORED)
    yield "some characters", (Stage("read", (Named("value", without),)),)
    for mark in DELIMITERS:
        text = without if mark == ";" else TextColumn(column)
        found = [
            Named(
                f"part_{place}",
                Case(((Holds(text, part, mark), Constant(2.0**place)),), Constant(0.0)),
            )
            for place, part in enumerate(PARTS)
        ]
        value = total([Column(one.name) for one in found])
        yield (
            f"lists with {mark!r}",
            (
                Stage("found", tuple(found)),
                Stage("read", (Named("value", value),)),
            ),
        )
