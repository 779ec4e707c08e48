"""A few months of `benchmarks/false_alarms.py`; its fast counting is that of the SELECT."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from leadweights.decisions.baseline import count_values
from leadweights.lifecycle.monitoring.count import count_table


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("false_alarms", "benchmarks/false_alarms.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["false_alarms"] = found
    spec.loader.exec_module(found)
    return found


def test_its_counting_is_that_of_the_select(simulation: ModuleType) -> None:
    random = np.random.RandomState(1)
    model = simulation.make_model()
    baseline = simulation.learn_baseline(model, simulation.draw(random, 1000))
    rows = simulation.draw(random, 800)
    values = dict(zip([column.name for column in model.columns], rows.T, strict=True))
    counted = simulation.count(model, baseline, rows)
    expected = count_values(model, baseline, values)
    asked = count_table(model, baseline, {name: list(column) for name, column in values.items()})
    for name, bins in expected.items():
        assert tuple(counted[name]) == bins == asked.bins[name]


@pytest.mark.parametrize("rows", [200, 2000])
def test_months_without_drift_raise_no_alarm(simulation: ModuleType, rows: int) -> None:
    verdicts, customary = simulation.simulate(60, rows)
    assert verdicts["act"] <= 3  # 5% of 60
    assert verdicts["steady"] >= 57
    assert verdicts["too few rows"] == 0
    # KS at 5% alone, of 26 columns, would have called somebody every third month or so.
    assert customary[2] > 0.1


def test_half_a_standard_deviation_is_seen(simulation: ModuleType) -> None:
    verdicts, _ = simulation.simulate(40, 2000, 0.5)
    assert verdicts["watch"] + verdicts["act"] >= 38
