"""Numbers as people write them, read by hand, by Python and by the SELECT."""

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadweights.errors import ModelError
from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.marks import MINUS, SPACES, patterns, read
from leadweights.formula.nodes import Named, NumberInText, Stage
from leadweights.formula.texts import texts
from leadweights.model.form import PLAIN, Form
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.select import scalar, select
from tests.support.engine import duckdb_columns, same_bits
from tests.support.strategies import FORMS, MARKED

GERMAN = Form(",", ".", ("EUR", "\u20ac"), signs=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1.640,57", 1640.57), ("1.640", 1640.0), ("12.345.678,5", 12345678.5), ("0,5", 0.5)),
        *((",5", 0.5), ("7,", 7.0), ("1e3", 1000.0), ("1,5e3", 1500.0), ("1640,57", 1640.57)),
        *(("5 \u20ac", 5.0), ("EUR 5", 5.0), ("\u20ac\u00a0-5", -5.0), ("-\u20ac5", -5.0)),
        *(("(5)", -5.0), ("(1.234,5 EUR)", -1234.5), ("\u20ac(5)", -5.0), ("5-", -5.0)),
        *(("5,5 EUR-", -5.5), ("\u22125", -5.0), ("5\u2212", -5.0), ("- 5", -5.0), ("+5", 5.0)),
        # As a column of numbers in a warehouse gives them.
        *(("1640.5", 1640.5), ("0.125", 0.125), ("1e+22", 1e22), ("1640.0", 1640.0)),
    ],
)
def test_a_text_is_the_number_that_a_person_reads(text: str, value: float) -> None:
    assert read(text, GERMAN) == value


@pytest.mark.parametrize(
    "text",
    [
        *("1.64,5", "1,640.57", "01.640,5", "(5", "5)", "-5-", "(-5)", "(5)-", "--5"),
        *("5 $", "5 eur", "eur", "", " ", "-", "12%", "1.640,57,1", "1 640", "\u0665", "5\n"),
    ],
)
def test_what_has_not_the_columns_form_is_no_number(text: str) -> None:
    assert math.isnan(read(text, GERMAN))


def test_the_same_text_is_read_by_the_marks_of_its_column() -> None:
    assert read("1.640") == 1.64
    assert read("1.640", Form(",", ".")) == 1640.0
    assert read("1,640", Form(",")) == 1.64
    assert read("1,640", Form(".", ",")) == 1640.0
    assert read("12,34,567.5", Form(".", ",")) == 1234567.5
    assert read("1'640", Form(".", "'")) == read("1\u2019640", Form(".", "'")) == 1640.0
    assert {read(f"1{space}640", Form(",", " ")) for space in SPACES} == {1640.0}
    assert read("12 %", Form(units=("%",))) == 12.0


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Form, float]:
    """Draw a number, how it is written by hand, and the value of its digits."""
    form = draw(st.sampled_from([PLAIN, *FORMS]))
    value = draw(st.decimals(-(10**12), 10**12, places=draw(st.integers(0, 4))))
    whole, _, fraction = f"{abs(value):f}".partition(".")
    kinds: dict[str, tuple[str, ...]] = {"'": ("'", "\u2019"), " ": SPACES}
    marks = kinds.get(form.thousands, (form.thousands,))
    if draw(st.booleans()):
        whole = f"{int(whole):,}".replace(",", draw(st.sampled_from(marks)))
    text = whole + (form.decimal + fraction if fraction else "")
    space = draw(st.sampled_from(["", *(SPACES if form != PLAIN else ())]))
    if draw(st.booleans()) and form.units:
        unit = draw(st.sampled_from(form.units))
        text = draw(st.sampled_from([f"{unit}{space}{text}", f"{text}{space}{unit}"]))
    if value < 0:
        ways = ["-{}"]
        ways += ["({})", f"{{}}{space}-", f"{MINUS}{{}}", f"{{}}{MINUS}"] if form.signs else []
        text = draw(st.sampled_from(ways)).format(text)
    return text, form, float(Decimal(value))


@given(written())
def test_a_number_written_with_any_marks_is_that_number(drawn: tuple[str, Form, float]) -> None:
    text, form, value = drawn
    assert read(text, form) == value, text


@given(st.lists(written(), min_size=1, max_size=6), st.sampled_from([PLAIN, *FORMS]))
def test_the_select_reads_the_same_bits(drawn: list[tuple[str, Form, float]], form: Form) -> None:
    cells = [*(text for text, *_ in drawn), *MARKED]
    table: dict[str, Values] = {"t": texts(cells)}
    stage = Stage("read", (Named("value", NumberInText("t", form)),))
    found = duckdb_columns(select([stage], "duckdb", "leads"), table, {"t": "VARCHAR"})
    assert same_bits(found["value"], evaluate([stage], table)["value"])


@pytest.mark.parametrize("name", [d.name for d in DIALECTS.values() if d.pattern])
def test_every_dialect_with_patterns_takes_the_marks_off(name: str) -> None:
    text = scalar(NumberInText("t", GERMAN), name)
    assert ("OREPLACE(" in text) == (name == "teradata")
    assert text.count("EUR") >= 4
    assert not any("\\" in pattern for pattern in patterns(GERMAN))


def test_patterns_have_no_text_that_could_match_in_many_ways() -> None:
    for form in FORMS:
        for pattern in patterns(form):
            assert re.compile(pattern).fullmatch(" " * 5000 + "x") is None


@pytest.mark.parametrize(
    "bad",
    [
        *({"decimal": ",", "thousands": ","}, {"units": ("",)}, {"units": ("e",)}),
        *({"units": ("5",)}, {"units": (" EUR",)}, {"units": ("[",)}, {"units": ("x",) * 51}),
    ],
)
def test_marks_that_cannot_be_told_apart_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        Form(**bad)  # type: ignore[arg-type]
