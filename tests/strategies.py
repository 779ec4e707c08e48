"""Random models, tables and formulas for property tests."""

from dataclasses import dataclass
from math import nan

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadweights.formula import (
    LARGEST_SUM,
    Above,
    AtLeast,
    Case,
    Column,
    Condition,
    Constant,
    Difference,
    Exp,
    Formula,
    Product,
    Quotient,
    Sum,
    Within,
)
from leadweights.model import (
    Flag,
    Identity,
    InputColumn,
    Link,
    Logit,
    Number,
    Provenance,
    Ranged,
    ScoringModel,
    Standardized,
    Term,
    shares,
)

Floats = NDArray[np.float64]

PROVENANCE = Provenance("a test", "label", "1", 100, 40, "drawn at random", "0" * 64)

signs = st.sampled_from([-1.0, 1.0])


def magnitudes(most: int = 299) -> st.SearchStrategy[float]:
    """Draw positive numbers between 10 to the power of -most and of most, often ordinary ones."""
    return st.one_of(
        st.floats(0.001, 1000.0),
        st.builds(
            lambda mantissa, exponent: mantissa * 10.0**exponent,
            st.floats(1.0, 9.99),
            st.integers(-most, most),
        ),
    )


numbers = st.one_of(st.just(0.0), st.builds(lambda sign, size: sign * size, signs, magnitudes()))
values = st.one_of(
    st.floats(width=64),
    numbers,
    st.sampled_from([nan, 0.0, -0.0, 5e-324, 1e308, -1e308, 2.0**53 + 2]),
)


@dataclass(frozen=True)
class Drawn:
    """A model, and the columns of a table for it."""

    model: ScoringModel
    table: dict[str, Floats]


@st.composite
def terms(draw: st.DrawFn, column: str, weight: float, most: int) -> Term:
    size = draw(magnitudes(most))
    if draw(st.booleans()):
        mean = draw(st.floats(-5, 5)) * size
        return Standardized(column, mean if abs(mean) <= 1e300 else size, size, weight)
    low = draw(st.floats(-5, 5)) * size
    high = low + size
    if not (max(abs(low), abs(high)) <= 1e300 and high - low >= 1e-300):
        low, high = 0.0, size
    return Ranged(column, low, high, weight)


@st.composite
def models(draw: st.DrawFn, most_columns: int = 6, most: int = 299) -> ScoringModel:
    count = draw(st.integers(1, most_columns))
    names = [f"x{i}" for i in range(count)]
    sizes = draw(st.lists(st.floats(0.001, 1.0), min_size=count, max_size=count))
    weights = shares([draw(signs) * size for size in sizes])
    drawn = tuple(
        draw(terms(name, weight, most)) for name, weight in zip(names, weights, strict=True)
    )
    fills = [term.mean if isinstance(term, Standardized) else term.low for term in drawn]
    columns: tuple[InputColumn, ...] = tuple(
        Flag(name, fill) if draw(st.integers(0, 3)) == 0 else Number(name, fill)
        for name, fill in zip(names, fills, strict=True)
    )
    link: Link = draw(
        st.one_of(
            st.builds(Logit, st.floats(-40, 40), st.one_of(st.floats(0.01, 50), magnitudes(most))),
            st.just(Identity()),
        )
    )
    return ScoringModel("drawn", (), columns, drawn, link, PROVENANCE)


def _near(centre: float, spread: float) -> st.SearchStrategy[float]:
    return st.floats(-4, 4).map(lambda z: centre + z * spread)


@st.composite
def models_with_tables(
    draw: st.DrawFn, most_columns: int = 6, rows: int = 8, most: int = 299
) -> Drawn:
    model = draw(models(most_columns, most))
    table = {}
    for column, term in zip(model.columns, model.terms, strict=True):
        if isinstance(column, Flag):
            cells = st.sampled_from([nan, 0.0, 1.0])
        else:
            centre = term.mean if isinstance(term, Standardized) else term.low
            spread = term.std if isinstance(term, Standardized) else term.high - term.low
            cells = st.one_of(_near(centre, spread), values)
        table[column.name] = np.array(draw(st.lists(cells, min_size=rows, max_size=rows)))
    return Drawn(model, table)


COLUMNS = ("a", "b", "c")
# Bounded, so that no formula of depth 4 leaves the finite doubles.
small = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 37.0]), st.floats(-100, 100, width=64)
).filter(lambda value: value == 0 or abs(value) > 1e-20)
leaves: st.SearchStrategy[Formula] = st.one_of(
    st.builds(Column, st.sampled_from(COLUMNS)), st.builds(Constant, small)
)


def _conditions(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(AtLeast, inner, inner),
        st.builds(Above, inner, inner),
        st.builds(Within, inner, st.floats(0.0, 1000.0)),
    )


def _bounded(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    """Keep what exp is taken of, or what divides, where nothing overflows."""
    return inner.map(
        lambda f: Case(
            ((AtLeast(f, Constant(2.0)), Constant(2.0)), (Above(f, Constant(-2.0)), f)),
            Constant(-2.0),
        )
    )


def _compound(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    divisor = st.one_of(
        st.builds(Constant, small.filter(lambda value: abs(value) > 1e-3)),
        _bounded(inner).map(lambda f: Sum((Constant(1.0), Exp(f)))),
    )
    return st.one_of(
        st.builds(lambda items: Sum(tuple(items)), st.lists(inner, min_size=2, max_size=4)),
        st.builds(Difference, inner, inner),
        st.builds(Product, inner, inner),
        st.builds(Quotient, inner, divisor),
        _bounded(inner).map(Exp),
        st.builds(
            lambda branches, otherwise: Case(tuple(branches), otherwise),
            st.lists(st.tuples(_conditions(inner), inner), min_size=1, max_size=3),
            inner,
        ),
    )


formulas: st.SearchStrategy[Formula] = st.recursive(leaves, _compound, max_leaves=12)

assert LARGEST_SUM == 32
