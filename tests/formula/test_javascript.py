"""JavaScript from the formulas, run by Node: the bits of numpy, which are those of the SELECT."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.evaluate import compute
from leadweights.formula.filled import filled_inputs
from leadweights.formula.javascript import name_parts, render_javascript
from leadweights.formula.nodes import Formula, Named, RowNumber, RowsWith, Stage, Text
from leadweights.formula.reasons import REASONS
from leadweights.formula.stages import PROBABILITIES, part_outputs, row_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.model.file import load as load_model
from leadweights.model.model import ScoringModel
from leadweights.prove.hostile_rows import cases, walk_sum
from leadweights.sql.render import render
from leadweights.tables.columns import sources
from tests.support.engine import load, selected_values
from tests.support.golden_files import crm_model, deciding_model, scorecard_model, trees_model
from tests.support.node import call, module_of, rows_of, same
from tests.support.nodes import EXAMPLES, TABLE, TYPES
from tests.support.nodes import SOURCE as SOURCE_OF_NODES
from tests.support.random_formulas import TYPES as TYPES_OF_CELLS
from tests.support.random_formulas import in_stages, tables
from tests.support.release import RELEASE
from tests.support.strategies import (
    Drawn,
    deciding_models_with_tables,
    formulas,
    models_with_tables,
    texts_made,
)

SHOWN = {
    "fit": lambda: load_model("outputs/model.json"),
    "crm": lambda: crm_model("duckdb"),
    "deciding": deciding_model,
    "scorecard": scorecard_model,
    "trees": trees_model,
}
_KINDS = {"BOOLEAN": "flag", "DATE": "date", "VARCHAR": "text"}
_LOOK_AT_ROWS = (RowNumber, RowsWith)


def kinds_of(table: Mapping[str, Values], types: Mapping[str, str]) -> dict[str, str]:
    return {name: _KINDS.get(types.get(name, ""), "number") for name in table}


def rounded_ln(values: Floats) -> Floats:
    """Give logarithms as they are rounded once: the C library's is another 1 ulp away, rarely."""
    return np.array([*map(_ln, np.ravel(values).tolist())]).reshape(np.shape(values))


@cache
def _ln(value: float) -> float:
    if not value > 0:
        return np.nan
    with localcontext() as context:
        context.prec = 60
        return float(Decimal(value).ln())


def assert_alike(model: ScoringModel, values: Mapping[str, Values]) -> list[dict[str, Any]]:
    """Compare all that a module gives with numpy, row by row."""
    plain = row_outputs(model, "standardized")
    asked = (*plain, *part_outputs(model))
    expected = compute(stages(model, columns=asked), values, ln=rounded_ln)
    found: list[dict[str, Any]] = call(
        render_javascript(model), rows_of(values, sources(model, asked))
    )
    for name in plain:
        if name not in REASONS.results:
            ulp = 2 if name in PROBABILITIES else 0
            assert same(expected[name], [row[name] for row in found], ulp), name
    for part, names in name_parts(model).items():
        for column, own in names.items():
            assert same(expected[own], [row[part][column] for row in found]), own
    for place, row in enumerate(found):
        assert row["reasons"] == list(reasons_of(expected, place))
    filled = compute(filled_inputs(model), values, ln=rounded_ln) if filled_inputs(model) else {}
    for name, is_filled in filled.items():
        assert same(is_filled, [float(name in row["filled"]) for row in found]), name
    return found


def reasons_of(expected: Mapping[str, Values], place: int) -> Any:
    for name in REASONS.results:
        words = expected.get(name)
        if isinstance(words, Texts) and words.values()[place] is not None:
            effects = expected[f"{name}_effect"]
            assert not isinstance(effects, Texts)
            yield {"reason": words.values()[place], "effect": effects[place]}


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_a_node_by_hand_in_javascript(kind: type) -> None:
    formula, expected = EXAMPLES[kind]
    read = (SOURCE_OF_NODES, Stage("result", (Named("value", formula),)))
    if kind in _LOOK_AT_ROWS:
        with pytest.raises(UnsupportedError, match="depends on all rows"):
            module_of(read)
        return
    found = call(module_of(read), rows_of(TABLE, kinds_of(TABLE, TYPES)), "compute")
    assert [None if one["value"] != one["value"] else one["value"] for one in found] == expected


@settings(max_examples=2000 if RELEASE else 100)
@given(formulas, tables)
def test_a_random_formula_has_the_same_bits(formula: Formula, table: dict[str, Values]) -> None:
    chain = in_stages(formula)
    _assert_same_value(chain, table)


@settings(max_examples=1000 if RELEASE else 60)
@given(texts_made, tables)
def test_a_random_text_is_the_same(text: Text, table: dict[str, Values]) -> None:
    _assert_same_value(in_stages(text), table)


def _assert_same_value(chain: tuple[Stage, ...], table: dict[str, Values]) -> None:
    # Its exp may be another than the C library's, so numpy is given that of Node.
    rows = rows_of(table, kinds_of(table, TYPES_OF_CELLS))
    expected = compute(chain, table, exp=exp_of_node, ln=rounded_ln)["value"]
    found = call(module_of(chain), rows, "compute")
    assert same(expected, [row["value"] for row in found])


def exp_of_node(values: Floats) -> Floats:
    rows = [[("x", value)] for value in np.ravel(values).tolist()]
    found = call("export const exp = (row) => Math.exp(row.x ?? NaN);", rows, "exp")
    return np.array(found, np.float64).reshape(np.shape(values))


@settings(max_examples=1000 if RELEASE else 100, suppress_health_check=[HealthCheck.too_slow])
@given(models_with_tables())
def test_a_random_model_has_the_bits_of_numpy(drawn: Drawn) -> None:
    assert_alike(drawn.model, drawn.table)


@pytest.mark.sweep
@settings(max_examples=1000 if RELEASE else 40, suppress_health_check=[HealthCheck.too_slow])
@given(deciding_models_with_tables())
def test_a_random_model_that_decides_has_the_bits_of_numpy_and_of_the_select(drawn: Drawn) -> None:
    found = assert_alike(drawn.model, drawn.table)
    load({**drawn.table, "row": np.arange(12.0)}, drawn.types)
    names = [n for n in ("lead_score", "log_odds") if n in row_outputs(drawn.model, "standardized")]
    sql = render(drawn.model, keys=["row"], columns=names)
    theirs = selected_values(f'SELECT * FROM ({sql}) ORDER BY "row"')
    if any(getattr(column, "log", False) for column in drawn.model.columns):
        return  # the engine's own logarithm
    for name in names:
        assert same(theirs[name], [row[name] for row in found]), name


@pytest.mark.parametrize("name", SHOWN)
def test_hostile_rows_have_the_bits_of_numpy(name: str) -> None:
    model = SHOWN[name]()
    for case in (*cases(model, every_type=False), walk_sum(model)):
        assert_alike(case.model, case.values)
