"""Every formula means the same in numpy and in SQL."""

from typing import get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leadweights.evaluate import evaluated
from leadweights.formula import (
    Case,
    Column,
    Condition,
    Constant,
    DayColumn,
    FlagColumn,
    Formula,
    Lowered,
    MonthColumn,
    Named,
    NumberColumn,
    NumberInText,
    Stage,
    Sum,
    TextColumn,
    Trimmed,
    flattened,
    total,
)
from leadweights.render_sql import scalar, select
from leadweights.texts import texts
from tests.engine import Values, duckdb_columns, same_bits
from tests.strategies import NUMBERS_IN_TEXT, WORDS, formulas, small

SOURCE = Stage(
    "source",
    (
        Named("a", NumberColumn("a")),
        Named("b", NumberColumn("b")),
        Named("c", FlagColumn("c")),
        Named("d", DayColumn("d")),
        Named("m", MonthColumn("d")),
        Named("n", NumberInText("t")),
        Named("t", TextColumn("t")),
    ),
)
TYPES = {"c": "BOOLEAN", "d": "DATE", "t": "VARCHAR"}
cells = st.lists(st.one_of(small, st.just(np.nan)), min_size=4, max_size=4)
in_text = st.sampled_from([None, *WORDS, *NUMBERS_IN_TEXT]).filter(lambda text: text != "1e400")
tables = st.fixed_dictionaries(
    {
        "a": cells.map(np.array),
        "b": cells.map(np.array),
        "c": st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=4, max_size=4).map(np.array),
        "d": st.lists(
            st.one_of(st.just(np.nan), st.integers(-30_000, 30_000).map(float)),
            min_size=4,
            max_size=4,
        ).map(np.array),
        "t": st.lists(in_text, min_size=4, max_size=4).map(texts),
    }
)


@settings(max_examples=600)
@given(formulas, tables)
def test_a_random_formula_gives_the_same_bits_in_numpy_and_sql(
    formula: Formula, table: dict[str, Values]
) -> None:
    stages = (SOURCE, Stage("result", (Named("value", formula),)))
    expected = evaluated(stages, table)["value"]
    assert not np.isinf(expected).any()
    found = duckdb_columns(select(stages, "duckdb", "leads"), table, TYPES)["value"]
    assert same_bits(expected, found), select(stages, "duckdb", "leads")


@settings(max_examples=300)
@given(formulas, tables)
def test_folding_stages_into_one_changes_no_bit(formula: Formula, table: dict[str, Values]) -> None:
    stages = (SOURCE, Stage("result", (Named("value", formula),)))
    expected = evaluated(stages, table)["value"]
    flat = flattened(stages)
    assert same_bits(expected, evaluated([flat], table)["value"])
    sql = f"SELECT {scalar(flat.columns[0].formula, 'duckdb')} AS value FROM leads"
    assert same_bits(expected, duckdb_columns(sql, table, TYPES)["value"])


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


def test_every_kind_of_node_is_among_the_random_formulas() -> None:
    in_source = {type(column.formula) for column in SOURCE.columns}
    wanted = {*get_args(Formula), *get_args(Condition), Trimmed, Lowered} - in_source
    met: set[type] = set()

    @settings(max_examples=400, derandomize=True, database=None)
    @given(formulas)
    def collect(formula: Formula) -> None:
        met.update(map(type, parts(formula)))

    collect()
    assert met == wanted
    assert in_source == {NumberColumn, FlagColumn, DayColumn, MonthColumn, NumberInText, TextColumn}


def parts(node: object) -> list[object]:
    """List a formula and everything in it."""
    if isinstance(node, Case):
        inner: list[object] = [node.otherwise, *(p for branch in node.branches for p in branch)]
    elif isinstance(node, Sum):
        inner = list(node.items)
    elif isinstance(node, Column | Constant):
        inner = []
    else:
        inner = [getattr(node, s) for s in ("left", "right", "value", "text") if hasattr(node, s)]
    return [node, *(found for part in inner for found in parts(part))]
