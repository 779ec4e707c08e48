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
    FlagColumn,
    Formula,
    Named,
    NumberColumn,
    Stage,
    Sum,
    flattened,
    total,
)
from leadweights.render_sql import scalar, select
from tests.engine import Floats, duckdb_columns, same_bits
from tests.strategies import COLUMNS, formulas, small

SOURCE = Stage(
    "source", (*(Named(c, NumberColumn(c)) for c in COLUMNS[:2]), Named("c", FlagColumn("c")))
)
cells = st.lists(st.one_of(small, st.just(np.nan)), min_size=4, max_size=4)
tables = st.fixed_dictionaries(
    {
        "a": cells,
        "b": cells,
        "c": st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=4, max_size=4),
    }
).map(lambda columns: {name: np.array(cells) for name, cells in columns.items()})


@settings(max_examples=2000)
@given(formulas, tables)
def test_a_random_formula_gives_the_same_bits_in_numpy_and_sql(
    formula: Formula, table: dict[str, Floats]
) -> None:
    stages = (SOURCE, Stage("result", (Named("value", formula),)))
    expected = evaluated(stages, table)["value"]
    assert not np.isinf(expected).any()
    found = duckdb_columns(select(stages, "duckdb", "leads"), table, frozenset("c"))["value"]
    assert same_bits(expected, found), select(stages, "duckdb", "leads")


@settings(max_examples=500)
@given(formulas, tables)
def test_folding_stages_into_one_changes_no_bit(formula: Formula, table: dict[str, Floats]) -> None:
    stages = (SOURCE, Stage("result", (Named("value", formula),)))
    expected = evaluated(stages, table)["value"]
    flat = flattened(stages)
    assert same_bits(expected, evaluated([flat], table)["value"])
    sql = f"SELECT {scalar(flat.columns[0].formula, 'duckdb')} AS value FROM leads"
    assert same_bits(expected, duckdb_columns(sql, table, frozenset("c"))["value"])


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
    wanted = {*get_args(Formula), *get_args(Condition)} - {NumberColumn, FlagColumn}
    met: set[type] = set()

    @settings(max_examples=400, derandomize=True, database=None)
    @given(formulas)
    def collect(formula: Formula) -> None:
        met.update(map(type, parts(formula)))

    collect()
    assert met == wanted
    assert any(isinstance(column.formula, FlagColumn) for column in SOURCE.columns)


def parts(node: object) -> list[object]:
    """List a formula and everything in it."""
    if isinstance(node, Case):
        inner: list[object] = [node.otherwise, *(p for branch in node.branches for p in branch)]
    elif isinstance(node, Sum):
        inner = list(node.items)
    elif isinstance(node, Column | Constant):
        inner = []
    else:
        inner = [getattr(node, s) for s in ("left", "right", "value") if hasattr(node, s)]
    return [node, *(found for part in inner for found in parts(part))]
