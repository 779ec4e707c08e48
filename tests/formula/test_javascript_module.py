"""The module as a text and as what a page calls: names, values, errors, letters, logarithms."""

import math
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal, localcontext
from random import Random
from typing import Any

import pytest

from leadweights.errors import UnsupportedError
from leadweights.formula.evaluate import lower
from leadweights.formula.javascript import render_javascript
from leadweights.formula.nodes import DayColumn, Lowered, Named, Stage, TextColumn, TextHash
from leadweights.model.file import load
from leadweights.model.model import Category, Flag, Logit, Number, ScoringModel
from leadweights.model.terms import Level, Levels
from leadweights.model.trees import Leaf, Node, NumberSplit, Trees
from tests.support.node import JavaScriptError, Moment, Whole, call, module_of
from tests.support.nodes import hashed
from tests.support.one_lead import NAMES, model_of
from tests.support.strategies import PROVENANCE


def one_category(*levels: str) -> ScoringModel:
    own = tuple(Level(value, place + 1.0, 0.1) for place, value in enumerate(levels))
    term = Levels("x", 1.0, own, Level("", 0.0, 0.1), Level("", -1.0, 0.1))
    columns = (Category("x", trim=True, casefold=False),)
    return ScoringModel("drawn", (), columns, (term,), Logit(0.0, 1.0), PROVENANCE)


def scored(model: ScoringModel, *row: tuple[str, Any]) -> Any:
    return call(render_javascript(model), [row])[0]


def test_any_name_of_a_column_is_read_and_given_back() -> None:
    model = model_of(*NAMES)
    row = [(name, float(place)) for place, name in enumerate(NAMES)]
    found = scored(model, *row)
    assert list(found["contributions"]) == list(NAMES)
    share = 1 / len(NAMES)
    assert list(found["contributions"].values()) == [place * share for place in range(len(NAMES))]
    columns = call(render_javascript(model), [], "model")["columns"]
    assert [column["name"] for column in columns] == list(NAMES)


def test_what_a_lead_inherits_is_no_value_of_it() -> None:
    found = scored(model_of("constructor", "toString", "__proto__"))
    assert found["filled"] == ["constructor", "toString", "__proto__"]
    assert found["lead_score"] == 0.0


def test_no_text_of_a_model_can_end_what_holds_the_module() -> None:
    hostile = model_of(*NAMES)
    levels = one_category(*NAMES[:-1])
    for model in (hostile, levels):
        text = render_javascript(model)
        assert text.isascii()
        for mark in ("</script", "<!--", "{{", "}}", "{%", "{#", "\r", "\0"):
            assert mark not in text, mark
    assert scored(levels, ("x", "</script>"))["lead_score"] == NAMES.index("</script>") + 1.0


def test_a_model_of_too_many_formulas_is_refused() -> None:
    model = load("outputs/model.json")
    with pytest.raises(UnsupportedError, match="too large for a script: use its SELECT"):
        render_javascript(model, most_bytes=5_000)
    assert render_javascript(model, most_bytes=20_000) == render_javascript(model)
    leaf = Leaf(0.1, 0.5)
    bush: Node = leaf
    for _ in range(12):
        bush = NumberSplit("x", 0.5, bush, bush)
    forest = replace(model_of("x", "y"), trees=Trees(0.0, (bush,)))
    with pytest.raises(UnsupportedError, match="too large for a script"):
        render_javascript(forest, most_bytes=60_000)


def test_the_same_model_gives_the_same_bytes() -> None:
    texts = {render_javascript(load("outputs/model.json")) for _ in range(3)}
    assert len(texts) == 1


def test_a_module_has_no_function_that_it_does_not_call() -> None:
    text = render_javascript(load("outputs/model.json"))
    functions = re.findall(r"^function (\w+)", text, re.MULTILINE)
    assert "readNumber" in functions
    for name in functions:
        assert text.count(f"{name}(") > 1, name


def test_a_category_of_many_levels_is_no_deep_expression() -> None:
    levels = [f"level {place}" for place in range(5000)]
    model = one_category(*levels)
    module = render_javascript(model)
    found = call(module, [[("x", "level 4999 ")], [("x", "none")], [("x", None)]])
    assert [row["lead_score"] for row in found] == [5000.0, 0.0, -1.0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0.0),
        (math.nan, 0.0),
        (math.inf, 0.0),
        (2.5, 2.5),
        (-0.0, -0.0),
        (Whole(2**53 + 1), float(2**53)),
        (Whole(2**64), 2.0**64),
        ("2.5", 'TypeError: "x" must be a number, not "2.5"'),
        (True, 'TypeError: "x" must be a number, not true'),
    ],
)
def test_what_a_number_may_be(value: Any, expected: float | str) -> None:
    check(model_of("x"), value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0.25),
        (True, 1.0),
        (False, 0.0),
        (1.0, 1.0),
        (0.0, 0.0),
        (0.5, 'TypeError: "x" must be true or false, not 0.5'),
        ("yes", 'TypeError: "x" must be true or false, not "yes"'),
    ],
)
def test_what_a_flag_may_be(value: Any, expected: float | str) -> None:
    check(replace(model_of("x"), columns=(Flag("x", 0.25),)), value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, -1.0),
        ("7001", 1.0),
        (" 7001 ", 1.0),
        ("\u00a07001", 0.0),
        (7001.0, 1.0),
        (Whole(7001), 1.0),
        (0.5, 2.0),
        (1e-7, 3.0),
        (1e16, 4.0),
        (-0.0, 5.0),
        (1.5e300, 6.0),
        (True, 'TypeError: "x" must be a text, not true'),
    ],
)
def test_what_a_text_may_be(value: Any, expected: float | str) -> None:
    levels = ("7001", *(repr(number) for number in (0.5, 1e-7, 1e16)), "0", "1.5e+300")
    check(one_category(*levels), value, expected)


def check(model: ScoringModel, value: Any, expected: float | str) -> None:
    if isinstance(expected, str):
        with pytest.raises(JavaScriptError) as raised:
            scored(model, ("x", value))
        assert str(raised.value) == expected
    else:
        found = scored(model, ("x", value))["lead_score"]
        assert (found, math.copysign(1, found)) == (expected, math.copysign(1, expected))


DAY = module_of((Stage("days", (Named("x", DayColumn("x")),)),))


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("1970-01-01", 0),
        ("2026-02-28T23:59:59.999", 20512),
        ("2026-02-28 23:59", 20512),
        ("0001-01-01", -719162),
        ("9999-12-31", 2932896),
        ("2024-02-29", 19782),
        (Moment("2026-02-28T23:30:00-01:00"), 20513),
        (Moment("1969-12-31T23:59:59Z"), -1),
    ],
)
def test_what_a_date_may_be(value: str, days: int) -> None:
    assert call(DAY, [[("x", value)]], "compute")[0]["x"] == days


@pytest.mark.parametrize(
    "value", ["2023-02-29", "2026-2-3", "0000-01-01", "28/02/2026", "", "2026-13-01", 5.0, True]
)
def test_what_no_date_is(value: Any) -> None:
    with pytest.raises(JavaScriptError, match='"x" must be a date such as 2026-02-28, not'):
        call(DAY, [[("x", value)]], "compute")


def test_a_lead_is_an_object() -> None:
    module = render_javascript(model_of("x")).replace("score(lead)", "score({ x: lead })")
    with pytest.raises(JavaScriptError, match="a lead is an object of its columns"):
        call(module, [[("x", 1.0)]])


def test_every_letter_has_the_lower_case_that_it_has_in_python() -> None:
    letters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) != "Cn"]
    letters = [letter for letter in letters if not "\ud800" <= letter <= "\udfff"]
    module = module_of((Stage("low", (Named("x", Lowered(TextColumn("x"))),)),))
    rows = [[("x", "".join(letters[i : i + 500]))] for i in range(0, len(letters), 500)]
    rows.append([("x", "\u039f\u0394\u039f\u03a3 \u03a3")])
    found = call(module, rows, "compute")
    assert [row["x"] for row in found] == [lower(row[0][1]) for row in rows]


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 119, 120, 1000])
def test_a_hash_is_that_of_md5(length: int) -> None:
    module = module_of((Stage("hash", (Named("x", TextHash("x")),)),))
    text = "".join(chr(97 + place % 26) for place in range(length - 1)) + "\u00e4" * (length > 0)
    assert call(module, [[("x", text)]], "compute")[0]["x"] == hashed(text)


def test_a_logarithm_is_rounded_once_and_that_of_the_c_library_but_near_1() -> None:
    module = render_javascript(replace(model_of("x"), columns=(Number("x", 0.0, log=True),)))
    rng = Random(1)
    far = [math.expm1(rng.uniform(0.5, 29)) for _ in range(2000)]
    near = [rng.uniform(0, 0.2) for _ in range(500)]
    found = call(module, [[("x", value)] for value in (*far, *near)])
    logs = [row["lead_score"] for row in found]
    with localcontext() as context:
        context.prec = 60
        assert logs == [float(Decimal(1.0 + value).ln()) for value in (*far, *near)]
    assert logs[: len(far)] == [math.log(1.0 + value) for value in far]
    for value, own in zip(near, logs[len(far) :], strict=True):
        other = math.log(1.0 + value)
        assert own in (other, math.nextafter(other, 0), math.nextafter(other, 1))
