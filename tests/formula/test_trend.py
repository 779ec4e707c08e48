"""The trend of a score, by hand arithmetic, in Python and in DuckDB."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import ModelError
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Decisions, Trend
from leadweights.reports.rules import decisions_text
from tests.support.engine import load, selected_values
from tests.support.golden_files import scorecard_model


@pytest.fixture
def model() -> ScoringModel:
    return lw.decide(scorecard_model(), plan={"trend": {"column": "before", "steady": 0.25}})


def test_a_trend_is_the_log_odds_less_those_of_before(model: ScoringModel) -> None:
    # An income of 50,000 and 20 visits add 1 and 0: log-odds are -0.5 + 3 * 1 = 2.5.
    before = [2.75, 2.7500000001, 2.5, 2.25, 2.2500000001, np.nan, np.inf]
    expected = ["steady", "declining", "steady", "improving", "steady", None, None]
    rows = len(before)
    table = {
        "income": np.full(rows, 5e4),
        "visits": np.full(rows, 20.0),
        "before": np.array(before),
    }
    load(table)
    sql = lw.render(model, keys=[], columns=["trend"])
    for found in (compute(stages(model, columns=["trend"]), table), selected_values(sql)):
        trend = found["trend"]
        assert isinstance(trend, Texts)
        assert trend.values() == expected


def test_a_trend_is_planned_proven_counted_and_told(model: ScoringModel) -> None:
    assert model.decisions == replace(Decisions(), trend=Trend("before", 0.25))
    assert "improving or declining if its log-odds are 0.25" in decisions_text(model)
    frame = {"income": [5e4, 1e4], "visits": [20.0, 3.0], "before": [1.0, None], "id": ["a", "b"]}
    table = pd.DataFrame(frame)
    assert lw.verify(model, table).holds
    trend = next(check for check in lw.check_input(model, table).columns if check.kind == "trend")
    assert [(hit.rule, hit.rows) for hit in trend.hits] == [("missing", 1)]


@pytest.mark.parametrize("steady", [0.0, -1.0, 101.0])
def test_a_bound_that_is_none_is_refused(steady: float) -> None:
    with pytest.raises(ModelError, match="steady within more than 0 to 100 log-odds"):
        Trend("before", steady)
