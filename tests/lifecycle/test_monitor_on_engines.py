"""The monitor's SQL on real engines: the same counts, PSI within 4 ulp, the same gate."""

from collections.abc import Iterator

import numpy as np
import pytest

from leadweights.decisions.baseline import make_baseline
from leadweights.formula.bins import SCORE
from leadweights.lifecycle.monitoring.prove import prove_monitor
from leadweights.lifecycle.monitoring.sql import gate_sql
from leadweights.prove import hostile_rows
from leadweights.tables.columns import read_columns
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import open_table
from tests.support.engines_here import trial_models
from tests.support.release import RELEASE
from tests.support.tools import each

NAMES = ("duckdb", "postgres", "mariadb", "sqlite", "spark", "clickhouse")

pytestmark = [
    pytest.mark.parametrize(
        "engine",
        each(NAMES),
        indirect=True,
        scope="module",
    ),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as engine:
        yield engine


@pytest.mark.parametrize("name", ["campaign", "crm"])
def test_hostile_rows_are_counted_as_in_numpy(name: str, engine: Engine) -> None:
    if engine.dialect == "spark" and name == "campaign" and not RELEASE:
        pytest.skip("Spark plans for seconds: all of it before a release, LEADWEIGHTS_MODELS=1000")
    model = trial_models(engine.dialect)[name]
    cases = list(hostile_rows.cases(model, every_type=False))
    values = read_columns(cases[0].table, model, [SCORE])
    # Half of the rows for a baseline: the others have values it has not seen.
    half = {key: column[np.arange(0, cases[0].table.rows, 2)] for key, column in values.items()}
    baseline = make_baseline(model, half)
    for case in cases if RELEASE else cases[:1]:
        proof = prove_monitor(model, baseline, case.table, engine)
        assert proof.difference == ""
        assert proof.bins > 50
        assert proof.rows == case.table.rows


@pytest.mark.sweep
def test_a_month_that_calls_for_action_is_told_by_the_gate(engine: Engine) -> None:
    if engine.dialect == "spark" and not RELEASE:
        pytest.skip("Spark plans for seconds: all of it before a release, LEADWEIGHTS_MODELS=1000")
    model = trial_models(engine.dialect)["campaign"]
    train = open_table("data/train.csv")
    baseline = make_baseline(model, read_columns(train, model, [SCORE]))
    moved = train.derive("* REPLACE (recency_days / 3 AS recency_days)")
    proof = prove_monitor(model, baseline, moved, engine)
    assert proof.difference == ""
    found = engine.select(gate_sql(model, baseline, dialect=engine.dialect, table=engine.table))
    assert int(found["recency_days_ok"][0]) == 0
    assert int(found["sentiment_score_ok"][0]) == 1
