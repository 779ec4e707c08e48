"""Columns as trees see them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadweights.formula.texts import texts
from leadweights.learn.boost.bins import FIRST, MISSING, OTHERS, cut_columns, cut_numbers, write_cut
from leadweights.learn.prepare.prepared import Prepared
from leadweights.model.model import Category, Flag, Number
from leadweights.model.trees import Leaf, LevelSplit, NumberSplit

REAL = st.floats(-1e30, 1e30, allow_nan=False)


@given(st.lists(REAL, min_size=1, max_size=300))
def test_each_cut_parts_the_values_as_the_values_themselves_do(values: list[float]) -> None:
    known = np.array(values)
    cuts = cut_numbers(known, 8)
    assert len(cuts) <= 3 * 8
    assert list(cuts) == sorted(set(cuts))
    assert cuts[0] <= known.min()
    for cut in cuts[1:]:
        above = known[known >= cut]
        assert known[known < cut].max() < cut <= above.min()


def test_every_value_has_a_bin_where_there_are_few() -> None:
    assert cut_numbers(np.array([3.0, 1.0, 2.0, 2.0, 10.0])) == (1.0, 2.0, 3.0, 6.0)


def test_a_value_of_most_rows_takes_no_bins_from_the_others() -> None:
    known = np.concatenate((np.zeros(9_900), np.linspace(1.0, 2.0, 100)))
    codes = np.searchsorted(cut_numbers(known, 10), known, side="right")
    assert len(np.unique(codes[9_900:])) >= 5


@pytest.mark.parametrize(
    ("below", "value", "cut"),
    [(1.0, 2.0, 2.0), (0.1234, 0.1236, 0.1235), (-np.inf, 37.0, 37.0), (-np.inf, 34.0, 30.0)],
)
def test_a_cut_has_few_digits(below: float, value: float, cut: float) -> None:
    assert write_cut(below, value) == cut


def test_a_cut_between_neighbours_among_doubles_is_the_upper_one() -> None:
    upper = float(np.nextafter(0.1, 1))
    assert write_cut(0.1, upper) == upper


def test_codes_say_what_is_missing_rare_or_below_all() -> None:
    columns = (Number("n", 2.0), Category("c"), Flag("f", 1.0))
    rows = Prepared(
        {"n": np.array([1.0, 2.0, np.nan, 3.0]), "f": np.array([0.0, 1.0, 1.0, 0.0])},
        {"c": texts(["b", None, "rare", "a"])},
    )
    category, flag, number = cut_columns(columns, rows, {"c": ["b", "a"]})
    assert category.encode(rows).tolist() == [FIRST + 1, MISSING, OTHERS, FIRST]
    assert number.encode(rows).tolist() == [FIRST, FIRST + 1, MISSING, FIRST + 2]
    assert number.fill is None
    assert flag.fill == FIRST + 1
    new = Prepared({"n": np.array([-5.0]), "f": np.array([0.0])}, {"c": texts(["unseen"])})
    assert (number.encode(new)[0], category.encode(new)[0]) == (OTHERS, OTHERS)


def test_a_split_is_written_in_the_words_of_its_column() -> None:
    rows = Prepared({"n": np.array([1.0, 2.0, np.nan])}, {"c": texts(["a", "b", None])})
    category, number = cut_columns((Number("n", 1.0), Category("c")), rows, {"c": ["a", "b"]})
    low, high = Leaf(-1.0), Leaf(1.0)
    assert number.split(np.array([True, False, False, True]), low, high) == NumberSplit(
        "n", 2.0, low, high, missing_above=True
    )
    assert category.split(np.array([False, False, False, True]), low, high) == LevelSplit(
        "c", ("b",), among=high, others=low
    )
