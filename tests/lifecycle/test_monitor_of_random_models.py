"""Random models and hostile tables: DuckDB's SQL counts, measures and judges as numpy does."""

import numpy as np
import pytest
from hypothesis import given, seed, settings

from leadweights.decisions.baseline import count_values, make_baseline
from leadweights.formula.bins import SCORE
from leadweights.lifecycle.monitoring.alarms import find_shares, judge_drift
from leadweights.lifecycle.monitoring.sql import LINES, drift_sql, gate_sql, name_gates
from leadweights.model.baseline import baseline_json, read_baseline
from tests.support.engine import load, selected, selected_values
from tests.support.release import RELEASE
from tests.support.strategies import Drawn, models_with_tables


@pytest.mark.sweep
@seed(16)
@settings(max_examples=600 if RELEASE else 30, database=None, deadline=None)
@given(models_with_tables(most_columns=4, rows=24))
def test_counts_psi_and_gate_are_those_of_numpy(drawn: Drawn) -> None:
    model = drawn.model
    half = {name: column[np.arange(12)] for name, column in drawn.table.items()}
    baseline = make_baseline(model, half)
    assert read_baseline(baseline_json(baseline)) == baseline
    expected = count_values(model, baseline, drawn.table)
    own = count_values(model, baseline, half)
    for counts in (*baseline.columns, baseline.score):
        assert own[counts.column] == counts.rows
        assert sum(expected[counts.column]) == 24
    if model.trees is None:
        assert abs(sum(find_shares(model).values()) - 1) < 1e-6
    load(drawn.table, drawn.types, keep_nan=True)
    lines = selected_values(drift_sql(model, baseline))
    assert tuple(lines) == LINES
    order = np.argsort(np.asarray(lines["line"], float))
    bins = [count for counts in expected.values() for count in counts]
    assert np.asarray(lines["rows_in_bin"])[order].astype(int).tolist() == bins
    drifts = {drift.column: drift for drift in judge_drift(model, baseline, expected)}
    psi = np.asarray(lines["psi"], float)[order]
    ours = [drifts[name].psi for name, counts in expected.items() for _ in counts]
    assert np.allclose(psi, ours, rtol=1e-15 * 4, atol=0)
    gates = selected(gate_sql(model, baseline))
    for name, gate in name_gates(model, baseline).items():
        assert int(gates[gate][0]) == (drifts[name].alarm != "act")
    assert SCORE in drifts
