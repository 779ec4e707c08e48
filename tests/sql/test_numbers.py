"""Numbers in texts where no pattern tells them: each is read as Python reads it, to the bit."""

import math
import sqlite3
from collections.abc import Sequence
from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadweights.errors import UnsupportedError
from leadweights.formula.marks import MINUS, SPACES, read
from leadweights.formula.nodes import NumberInText
from leadweights.model.form import PLAIN, Form
from leadweights.sql.select import scalar
from tests.support.strategies import FORMS, MARKED, NUMBERS_IN_TEXT

TIES = ("9007199254740993", "9007199254740995.0", "4503599627370497.5", "2251799813685248.75")


def in_sqlite(cells: Sequence[object], form: Form, kind: str = "TEXT") -> list[float | None]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE leads (t {kind})")
        connection.executemany("INSERT INTO leads VALUES (?)", [(cell,) for cell in cells])
        found = connection.execute(f"SELECT {scalar(NumberInText('t', form), 'sqlite')} FROM leads")
        return [value for (value,) in found]


def is_same(value: float | None, expected: float) -> bool:
    if value is None:
        return math.isnan(expected)
    return math.copysign(1.0, value) == math.copysign(1.0, expected) and value == expected


@st.composite
def near_numbers(draw: st.DrawFn) -> tuple[Form, list[str]]:
    """Draw a form, and texts of what its numbers are made of, most of them in its order."""
    form = draw(st.sampled_from([PLAIN, *FORMS]))
    units = ["", *form.units]
    marks = [*SPACES, *"+-()e.,'\u2019#n", MINUS, "k", "e-7", *units]
    marks += [f"{form.thousands}{group}" for group in ("000", "234", "12")]
    soup = st.lists(st.sampled_from([*"0123456789", *marks]), max_size=9).map("".join)
    grouped = st.integers(0, 10**9).map(lambda n: f"{n:,}".replace(",", form.thousands))
    whole = st.one_of(st.integers(0, 10**9).map(str), grouped)
    ends = st.sampled_from(["", "", f"{form.decimal}5", f"{form.decimal}030", "e5", "E-3", "x"])
    sides = st.sampled_from(["", "", *SPACES])
    signs = st.sampled_from(["", "", *"+-()", MINUS])
    unit = st.sampled_from(units)
    pieces = [unit, signs, unit, whole, ends, unit, signs, unit]
    ordered = st.tuples(*(part for piece in pieces for part in (sides, piece))).map("".join)
    drawn = draw(st.lists(st.one_of(soup, ordered), min_size=1, max_size=30))
    return form, [text for text in drawn if is_short(text, read(text, form))]


def is_short(text: str, value: float) -> bool:
    short = value == 0 or 1e-12 < abs(value) < 1e20
    return math.isnan(value) or (short and sum(map(str.isdigit, text)) <= 15)


@pytest.mark.sweep
@given(near_numbers())
def test_sqlite_reads_what_python_reads(drawn: tuple[Form, list[str]]) -> None:
    form, cells = drawn
    cells += [*MARKED, *NUMBERS_IN_TEXT, "5\0", "5\0006", "\0005", "5e3\0"]
    for text, value in zip(cells, in_sqlite(cells, form), strict=True):
        assert is_same(value, read(text, form)), (text, value)


@st.composite
def long_numbers(draw: st.DrawFn) -> str:
    """Draw 16 to 18 digits, 22 decimals at most, many of them near the middle of two doubles."""
    if draw(st.booleans()):
        digits, decimals = str(draw(st.integers(10**15, 10**18 - 1))), draw(st.integers(0, 22))
        padded = digits.zfill(decimals + 1)
        return f"{padded[: len(padded) - decimals]}.{padded[len(padded) - decimals :]}"
    low = draw(st.floats(0.0001, 1e9))
    middle = (Decimal(low) + Decimal(math.nextafter(low, math.inf))) / 2
    return f"{Context(prec=draw(st.integers(16, 18))).plus(middle):f}"


@pytest.mark.sweep
@given(st.lists(long_numbers(), min_size=1, max_size=60))
def test_sqlite_reads_long_numbers_to_the_nearest_double(cells: list[str]) -> None:
    # SQLite's own CAST does not, before 3.47.
    cells += TIES
    assert in_sqlite(cells, PLAIN) == list(map(float, cells))


@pytest.mark.parametrize("text", ["1e23", "1.5e-22", "1234567890123456789", "1234567890123456e4"])
def test_sqlite_ends_at_a_number_that_it_cannot_read_exactly(text: str) -> None:
    assert read(text) > 0
    with pytest.raises(sqlite3.OperationalError, match="not read exactly, too many digits: 1"):
        in_sqlite([text], PLAIN)
    assert in_sqlite([f"{text} leads", "0" * 30 + ".50"], PLAIN) == [None, 0.5]


@pytest.mark.parametrize("form", [PLAIN, *FORMS])
def test_sqlite_reads_typed_numbers_as_they_are(form: Form) -> None:
    # Its text of a double has 15 digits.
    cells = [0.1 + 0.2, 1640.0, -2.5, 9007199254740993, 1e22, None]
    assert in_sqlite(cells, form, "") == [cell if cell is None else float(cell) for cell in cells]
    # As a text this is a thousand and more, on every engine.
    assert in_sqlite([1.625], form, "") == [read("1.625", form)]


def test_units_that_overlap_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="sqlite cannot tell 'AB' and 'CDF' apart"):
        scalar(NumberInText("t", Form(units=("BCD", "A", "F", "AB", "CDF"))), "sqlite")
