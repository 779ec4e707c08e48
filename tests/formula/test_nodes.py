"""Each kind of node by itself: what numpy and DuckDB make of four rows, beside hand arithmetic."""

import numpy as np
import pytest

from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import Named, Stage
from leadweights.formula.texts import Texts
from leadweights.sql.select import select
from tests.support.engine import load, selected_values
from tests.support.nodes import EXAMPLES, SOURCE, TABLE, TYPES, Cells


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_a_node_by_hand_in_numpy_and_in_duckdb(kind: type) -> None:
    formula, expected = EXAMPLES[kind]
    stages = (SOURCE, Stage("result", (Named("value", formula),)))
    load({**TABLE, "row": np.arange(4.0)}, TYPES)
    # A window function may change the order of rows.
    sql = select(stages, "duckdb", "leads", keys=["row"])
    in_sql = selected_values(f'SELECT "value" FROM ({sql}) ORDER BY "row"')["value"]
    for found in (compute(stages, TABLE)["value"], in_sql):
        assert listed(found) == expected


def listed(values: Values) -> Cells:
    if isinstance(values, Texts):
        return values.values()
    return [None if np.isnan(value) else float(value) for value in values]
