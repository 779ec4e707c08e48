"""Formulas by hand arithmetic."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadweights.formula.arrays import Floats
from leadweights.formula.evaluate import evaluate, exp_of_c
from leadweights.formula.nodes import (
    Above,
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    Difference,
    Exp,
    Formula,
    IsMissing,
    Named,
    NumberColumn,
    OneOf,
    Product,
    Quotient,
    Stage,
    Sum,
    TextColumn,
    within,
)
from leadweights.formula.one_value import LARGEST_EXPONENT
from leadweights.formula.stages import flatten
from leadweights.formula.terms import odds, share
from leadweights.formula.texts import Texts

NAN = math.nan
X = NumberColumn("x")


def value(formula: Formula, x: float = 0.0) -> float:
    stages = [Stage("one", (Named("value", formula),))]
    return float(evaluate(stages, {"x": np.array([x])})["value"][0])


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (Sum((Constant(0.1), Constant(0.2), Constant(0.3))), (0.1 + 0.2) + 0.3),
        (Sum((Constant(0.1), Sum((Constant(0.2), Constant(0.3))))), 0.1 + (0.2 + 0.3)),
        (Difference(Constant(1.0), Constant(0.9)), 1.0 - 0.9),
        (Product(Constant(0.1), Constant(3.0)), 0.1 * 3.0),
        (Quotient(Constant(1.0), Constant(3.0)), 1.0 / 3.0),
        (Exp(Constant(1.0)), math.e),
        (Case(((AtLeast(Constant(1.0), Constant(1.0)), Constant(7.0)),), Constant(8.0)), 7.0),
        (Case(((Above(Constant(1.0), Constant(1.0)), Constant(7.0)),), Constant(8.0)), 8.0),
        (Case(((within(Constant(-2.0), 2.0), Constant(7.0)),), Constant(8.0)), 7.0),
        (Case(((within(Constant(2.1), 2.0), Constant(7.0)),), Constant(8.0)), 8.0),
    ],
)
def test_a_formula_by_hand(formula: Formula, expected: float) -> None:
    assert value(formula) == expected


@pytest.mark.parametrize(
    "formula",
    [
        Sum((X, Constant(1.0))),
        Difference(Constant(1.0), X),
        Product(X, Constant(0.0)),
        Quotient(X, Constant(2.0)),
        Exp(X),
    ],
)
def test_an_operation_on_a_missing_value_is_missing(formula: Formula) -> None:
    assert math.isnan(value(formula, NAN))


@pytest.mark.parametrize(
    "condition", [AtLeast(X, X), Above(Constant(1.0), X), within(X, 1e300), AtLeast(X, Constant(0))]
)
def test_a_comparison_with_a_missing_value_is_false(condition: AtLeast | Above | Between) -> None:
    assert value(Case(((condition, Constant(1.0)),), Constant(2.0)), NAN) == 2.0


@pytest.mark.parametrize("x", [math.inf, -math.inf, NAN])
def test_nothing_that_is_not_a_finite_number_is_within_a_limit(x: float) -> None:
    limit = float(np.finfo(np.float64).max)
    assert value(Case(((within(X, limit), Constant(1.0)),), Constant(2.0)), x) == 2.0


@given(st.floats(-745, 709))
def test_exp_is_that_of_the_c_library(x: float) -> None:
    assert value(Exp(X), x) == math.exp(x)


PROBABILITY = [
    Stage("log_odds", (Named("log_odds", X),)),
    Stage("odds", (Named("odds", odds(Column("log_odds"))),)),
    Stage("probabilities", (Named("probability", share(Column("odds"))),)),
]


def probability(log_odds: Floats, exp: Callable[[Floats], Floats] = exp_of_c) -> Floats:
    return evaluate(PROBABILITY, {"x": log_odds}, exp=exp)["probability"]


@given(st.floats(-800, 800))
def test_the_probability_is_within_three_ulp_of_the_exact_one(z: float) -> None:
    found = float(probability(np.array([z]))[0])
    with localcontext() as context:
        context.prec = 60
        exact = 1 / (1 + (-Decimal(z)).exp())
        if z < -708:
            assert found == 0.0
        else:
            assert abs(Decimal(found) - exact) <= 3 * Decimal(math.ulp(found))


@pytest.mark.parametrize("off", [-math.inf, math.inf])
def test_an_engine_whose_exp_is_one_ulp_off_ends_within_two_ulp(off: float) -> None:
    random = np.random.RandomState(1)
    z = np.concatenate([random.uniform(-w, w, size=200_000) for w in (1.0, 3.0, 40.0, 708.0)])
    exact = probability(z)
    beside = probability(z, lambda z: np.nextafter(exp_of_c(z), off))
    assert np.abs(beside.view(np.int64) - exact.view(np.int64)).max() <= 2


def test_stages_read_only_the_one_before() -> None:
    first = Stage("first", (Named("a", X),))
    second = Stage("second", (Named("b", Product(Column("a"), Constant(2.0))),))
    third = Stage("third", (Named("c", Column("a")),))
    assert evaluate([first, second], {"x": np.array([4.0])})["b"].tolist() == [8.0]
    with pytest.raises(KeyError):
        evaluate([first, second, third], {"x": np.array([4.0])})
    with pytest.raises(KeyError):
        flatten([first, second, third])


@pytest.mark.parametrize("bad", [NAN, math.inf])
def test_a_constant_is_finite(bad: float) -> None:
    with pytest.raises(ValueError, match="a constant must be finite"):
        Constant(bad)


@pytest.mark.parametrize("size", [0, 1, 33])
def test_a_sum_has_two_to_32_items(size: int) -> None:
    with pytest.raises(ValueError, match="a sum has 2 to 32 items"):
        Sum((Constant(1.0),) * size)


def test_exp_is_the_c_librarys_to_the_last_bit() -> None:
    random = np.random.default_rng(0)
    z = np.concatenate([
        random.uniform(-760, 715, 200_000), random.normal(size=100_000),
        [0.0, -0.0, 700.0, 709.0, 709.5, LARGEST_EXPONENT, -745.2, -1e300],
    ])  # fmt: skip
    by_c = [math.exp(value) if value <= LARGEST_EXPONENT else math.inf for value in z.tolist()]
    with np.errstate(all="ignore"):
        found, far = exp_of_c(z), exp_of_c(np.array([1e300, math.inf, NAN]))
    assert np.array_equal(found.view(np.int64), np.array(by_c).view(np.int64))
    assert far[:2].tolist() == [math.inf, math.inf]
    assert np.isnan(far[2])


class Asked(str):
    """A text that counts how often it is looked at."""

    times = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Asked.times += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        Asked.times += 1
        return str.__hash__(self)


def test_levels_are_looked_up_once_and_not_in_every_branch() -> None:
    def looks(count: int) -> int:
        names = [Asked(f"level {place:05}") for place in range(count)]
        branches = tuple(
            (OneOf(TextColumn("c"), (name,)), Constant(float(place)))
            for place, name in enumerate(names)
        )
        missing = (IsMissing(TextColumn("c")), Constant(-1.0))
        chosen = Case((missing, *branches), Constant(-2.0))
        column = Texts(np.array([0, count - 1, -1, 1]), (*names[:-1], "another"))
        before = Asked.times
        found = evaluate([Stage("one", (Named("value", chosen),))], {"c": column})["value"]
        assert found.tolist() == [0.0, -2.0, -1.0, 1.0]
        return Asked.times - before

    few, many = looks(100), looks(1000)
    assert many <= 11 * few
