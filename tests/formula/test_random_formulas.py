"""Every formula means the same in numpy and in SQL."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import compute, evaluate
from leadweights.formula.nodes import (
    Column,
    Condition,
    Constant,
    DatePart,
    DayColumn,
    DayInText,
    FlagColumn,
    Formula,
    MonthColumn,
    Named,
    NumberColumn,
    NumberInText,
    RowNumber,
    RowsWith,
    Stage,
    Sum,
    Text,
    TextColumn,
    TextHash,
    total,
)
from leadweights.formula.stages import flatten
from leadweights.formula.texts import Texts, texts
from leadweights.sql.select import scalar, select
from tests.support.engine import load, same, same_bits, selected, selected_values
from tests.support.random_formulas import SOURCE, TYPES, in_stages, tables
from tests.support.release import RELEASE, sweep, try_part
from tests.support.strategies import formulas, small, texts_made
from tests.support.trees import list_parts


@pytest.mark.sweep
@pytest.mark.parametrize("part", sweep(range(4), 4))
def test_a_random_formula_gives_the_same_bits_in_numpy_and_sql_in_stages_and_folded_into_one(
    part: int,
) -> None:
    try_part(compare, part)


@settings(max_examples=500 if RELEASE else 25)
@given(formulas, tables)
def compare(formula: Formula, table: dict[str, Values]) -> None:
    stages = in_stages(formula)
    expected = evaluate(stages, table)["value"]
    assert not np.isinf(expected).any()
    flat = flatten(stages)
    assert same_bits(expected, evaluate([flat], table)["value"])
    load(table, TYPES)
    folded = f"SELECT {scalar(flat.columns[0].formula, 'duckdb')} AS value FROM leads"
    for sql in (select(stages, "duckdb", "leads"), folded):
        assert same_bits(expected, selected(sql)["value"]), sql


@given(st.lists(small, min_size=1, max_size=2000))
def test_a_total_has_no_sum_of_more_than_32_and_keeps_the_order(items: list[float]) -> None:
    def leaves(formula: Formula) -> list[float]:
        match formula:
            case Constant(value):
                return [value]
            case Sum(parts):
                return [leaf for part in parts for leaf in leaves(part)]
            case _:
                raise AssertionError(formula)

    assert leaves(total([Constant(item) for item in items])) == items


@settings(max_examples=1000 if RELEASE else 80)
@given(texts_made, tables)
def test_a_random_text_is_the_same_in_python_and_sql(text: Text, table: dict[str, Values]) -> None:
    stages = in_stages(text)
    expected = texts_of(compute(stages, table)["value"])
    load(table, TYPES)
    # An engine gives no type to a column of nothing but NULL.
    if any(value is not None for value in expected):
        assert texts_of(selected_values(select(stages, "duckdb", "leads"))["value"]) == expected


def texts_of(values: Values) -> list[str | None]:
    assert isinstance(values, Texts)
    return values.values()


@pytest.mark.sweep
def test_every_kind_of_node_is_among_the_random_formulas() -> None:
    in_source = {type(column.formula) for column in SOURCE.columns}
    # Two look at other rows, one is too large for EXP: they have tests of their own.
    elsewhere = {RowNumber, RowsWith, TextHash}
    wanted = {*get_args(Formula), *get_args(Condition), *get_args(Text)} - in_source - elsewhere
    met: set[type] = set()

    @settings(max_examples=600, derandomize=True, database=None)
    @given(formulas, texts_made)
    def collect(formula: Formula, text: Text) -> None:
        met.update(map(type, list_parts(formula)), map(type, list_parts(text)))

    collect()
    assert met == wanted
    numbers = {NumberColumn, FlagColumn, NumberInText}
    assert in_source == {*numbers, TextColumn, DayColumn, MonthColumn, DayInText, DatePart}


Ranked = tuple[Floats, list[str], list[str | None]]


@st.composite
def ranked(draw: st.DrawFn) -> Ranked:
    """Draw scores with many ties and gaps, distinct keys, and owners."""
    rows = draw(st.integers(1, 12))
    scores = draw(
        st.lists(st.sampled_from([np.nan, -1.0, -0.0, 0.0, 0.5]), min_size=rows, max_size=rows)
    )
    keys = draw(st.lists(st.text(max_size=3), min_size=rows, max_size=rows, unique=True))
    assume(not any("\0" in key for key in keys))
    owners = draw(st.lists(st.sampled_from(["a", "A", None]), min_size=rows, max_size=rows))
    return np.array(scores), keys, owners


@pytest.mark.sweep
@settings(max_examples=200)
@given(ranked())
def test_a_place_is_that_of_a_sort_by_hand(
    drawn: tuple[Floats, list[str], list[str | None]],
) -> None:
    scores, keys, owners = drawn
    source = Stage(
        "source",
        (
            Named("s", NumberColumn("s")),
            Named("k", TextColumn("k")),
            Named("o", TextColumn("o")),
        ),
    )
    by, then = Column("s"), (Column("k"),)
    result = Stage(
        "result",
        (
            Named("place", RowNumber(by, then, Column("o"))),
            Named("overall", RowNumber(by, then)),
            Named("known", RowsWith(by)),
            Named("key", Column("k")),
        ),
    )
    table: dict[str, Values] = {"s": scores, "k": texts(keys), "o": texts(owners)}
    found = evaluate((source, result), table)
    rows = range(len(keys))
    falling = sorted(
        rows, key=lambda i: (np.isnan(scores[i]), -np.nan_to_num(scores[i]), keys[i].encode())
    )
    assert [found["overall"][i] for i in falling] == [place + 1 for place in rows]
    for owner in set(owners):
        own = [i for i in falling if owners[i] == owner]
        assert [found["place"][i] for i in own] == [place + 1 for place in range(len(own))]
    assert set(found["known"]) == {np.count_nonzero(~np.isnan(scores))}
    load(table, {"k": "VARCHAR", "o": "VARCHAR"})
    theirs = selected_values(select((source, result), "duckdb", "leads"))
    order = [keys.index(key) for key in texts_of(theirs["key"]) if key is not None]
    for name in ("place", "overall", "known"):
        assert same(found[name][order], theirs[name]), name
