"""The monitor: verdicts, KS and outcomes against scipy and scikit-learn, files and databases."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

import leadweights as lw
from leadweights.decisions.baseline import make_baseline
from leadweights.decisions.outcomes import read_outcomes
from leadweights.errors import EngineError, ModelError, TableError, UnsupportedError
from leadweights.formula.bins import SCORE
from leadweights.learn.fit import Fit
from leadweights.lifecycle.monitoring.alarms import (
    COUNTS_FROM,
    decide,
    find_shares,
    judge_drift,
    rows_needed,
)
from leadweights.lifecycle.monitoring.count import count_table
from leadweights.lifecycle.monitoring.drift import count_bins, psi_bound
from leadweights.lifecycle.monitoring.monitor import Monitor, conclude, monitor
from leadweights.lifecycle.monitoring.performance import compare_now
from leadweights.lifecycle.monitoring.prove import prove_monitor
from leadweights.lifecycle.monitoring.sql import drift_sql
from leadweights.model.baseline import Baseline, find_baseline
from leadweights.model.model import ScoringModel
from leadweights.reports.monitor import monitor_document, monitor_text
from leadweights.reports.monitor_files import monitor_files
from leadweights.tables.columns import read_columns
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import open_table
from tests.support.every_kind import make_leads
from tests.support.release import sweep

TRAIN, VALID = "data/train.csv", "data/valid.csv"
WEIGHTY = "recency_days"


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    return lw.load("outputs")


@pytest.fixture(scope="module")
def baseline(model: ScoringModel) -> Baseline:
    found = find_baseline(model, "outputs")
    assert found is not None
    return found


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        pd.read_csv(VALID).to_sql("leads", connection, index=False)
    connection.close()
    return f"sqlite:///{path}"


def test_the_validation_rows_are_steady(model: ScoringModel) -> None:
    found = monitor(model, VALID, baseline="outputs")
    assert (found.verdict, found.exit_code, found.rows) == ("steady", 0, 1200)
    assert found.drifts[0].column == SCORE
    shares = [drift.share for drift in found.drifts]
    assert shares == sorted(shares, reverse=True)
    assert "1,200 rows" in found.reason


def test_half_the_recency_calls_for_action(model: ScoringModel) -> None:
    frame = pd.read_csv(VALID)
    frame[WEIGHTY] *= 0.5
    found = monitor(model, frame, baseline="outputs")
    assert (found.verdict, found.exit_code) == ("act", 4)
    drift = next(d for d in found.drifts if d.column == WEIGHTY)
    assert drift.alarm == "act"
    assert not drift.by_chance
    assert WEIGHTY in monitor_text(found).split("\n")[0]


def test_few_rows_say_how_many_would_do(model: ScoringModel, baseline: Baseline) -> None:
    found = monitor(model, pd.read_csv(VALID).head(40), baseline=baseline)
    assert (found.verdict, found.exit_code) == ("too few rows", 0)
    needed = rows_needed(baseline, found.drifts)
    assert needed is not None
    assert f"{needed:,} do" in found.reason
    family = sum(drift.counts for drift in found.drifts)
    bins = count_bins(baseline.score.rows)
    of = [psi_bound(3500, rows, bins, 0.05 / family) for rows in (needed, needed - 2)]
    assert of[0] <= 0.2 < of[1]
    tiny = replace(baseline, effective_rows=20.0)
    verdict, reason = decide(tiny, found.drifts)
    assert (verdict, "baseline counts 20 rows" in reason) == ("too few rows", True)


@pytest.mark.sweep
def test_a_column_that_hardly_counts_stops_nothing(every_kind: Fit) -> None:
    model, baseline = every_kind.model, every_kind.baseline
    shares = find_shares(model)
    assert sum(shares.values()) == pytest.approx(1)
    assert "age is missing" not in shares
    light = next(name for name in shares if shares[name] < COUNTS_FROM)
    counted = dict(count_table(model, baseline, make_leads(4000, 9)).bins)
    steady = decide(baseline, judge_drift(model, baseline, counted))
    assert steady[0] == "steady"
    counted[light] = (*(0 for _ in counted[light][1:]), 4000)
    drifts = judge_drift(model, baseline, counted)
    drift = next(d for d in drifts if d.column == light)
    assert drift.psi > 1
    assert not drift.by_chance
    assert not drift.alarm
    verdict, reason = decide(baseline, drifts)
    assert verdict == "steady"
    assert repr(light) in reason
    strong = max(shares, key=lambda name: shares[name])
    counted[strong] = (*(0 for _ in counted[strong][1:]), 4000)
    assert decide(baseline, judge_drift(model, baseline, counted))[0] == "act"


@pytest.mark.sweep
def test_a_new_level_and_values_out_of_range_are_told(every_kind: Fit) -> None:
    current = make_leads(1000, 12)
    current.loc[:99, "region"] = "Nowhere"
    current.loc[:49, "visits"] = 500.0
    found = monitor(every_kind.model, current, baseline=every_kind.baseline)
    drifts = {drift.column: drift for drift in found.drifts}
    unseen, beyond = drifts["region"].unseen, drifts["visits"].out_of_range
    assert unseen is not None
    assert unseen[1] >= 0.1
    assert beyond is not None
    assert beyond[0] == 0
    assert beyond[1] == pytest.approx(0.05, abs=0.002)
    assert drifts["visits"].missing[1] == current["visits"].isna().mean()


def test_ks_is_exact_where_both_tables_are_there(model: ScoringModel) -> None:
    exact = monitor(model, VALID, reference=TRAIN, baseline="outputs")
    bound = monitor(model, VALID, baseline="outputs")
    train, valid = pd.read_csv(TRAIN), pd.read_csv(VALID)
    for one, other in zip(exact.drifts, bound.drifts, strict=True):
        assert one.ks_exact
        assert not other.ks_exact
        assert one.ks is not None
        assert other.ks is not None
        assert other.ks <= one.ks + 1e-12
        if one.column != SCORE:
            by_scipy = stats.ks_2samp(train[one.column], valid[one.column]).statistic
            assert one.ks == pytest.approx(by_scipy, abs=1e-12)
    assert any("frozen cuts" in note for note in bound.notes)
    assert not any("frozen cuts" in note for note in exact.notes)


@pytest.mark.sweep
def test_a_reference_takes_the_place_of_a_baseline(every_kind: Fit) -> None:
    before, now = make_leads(2500, 21), make_leads(2000, 22)
    own = monitor(every_kind.model, now, reference=before)
    in_bins = monitor(every_kind.model, now, reference=before, baseline=every_kind.baseline)
    for found in (own, in_bins):
        assert found.verdict == "steady"
        assert found.baseline_rows == 2500
        assert found.against == "the table"


def test_outcomes_are_those_of_scikit_learn(model: ScoringModel) -> None:
    found = monitor(model, VALID, baseline="outputs", label="label")
    known = read_outcomes(model, VALID)
    p = 1 / (1 + np.exp(-known.log_odds))
    assert found.outcomes is not None
    now = found.outcomes.now
    assert now.auc_roc.value == pytest.approx(roc_auc_score(known.rows.y, p), abs=1e-6)
    assert now.pr_auc.value == pytest.approx(average_precision_score(known.rows.y, p), abs=1e-6)
    assert now.brier.value == pytest.approx(brier_score_loss(known.rows.y, p), abs=1e-6)
    assert found.outcomes.auc_roc.value == pytest.approx(0, abs=1e-9)
    assert (found.verdict, found.outcomes.alarm) == ("steady", "")
    assert sum(band.rows for band in found.outcomes.bands) == 1200
    first = found.outcomes.bands[0]
    ends = stats.binomtest(first.positive_rows, first.rows).proportion_ci(method="exact")
    assert (first.rate.low, first.rate.high) == pytest.approx((ends.low, ends.high))


def test_labels_that_are_noise_call_for_action(model: ScoringModel) -> None:
    frame = pd.read_csv(VALID)
    frame["label"] = np.random.RandomState(0).permutation(frame["label"])
    found = monitor(model, frame, baseline="outputs", label="label")
    assert found.verdict == "act"
    assert "AUC fell" in found.reason
    assert found.outcomes is not None
    assert found.outcomes.auc_roc.high is not None
    assert found.outcomes.auc_roc.high < -0.2


@pytest.mark.parametrize(("moved", "alarm"), [(0.0, ""), (0.35, "watch"), (-0.8, "act")])
def test_calibration_that_is_off_is_told(
    model: ScoringModel, baseline: Baseline, moved: float, alarm: str
) -> None:
    random = np.random.RandomState(4)
    log_odds = random.normal(0, 1.2, 6000)
    y = (random.uniform(size=6000) < 1 / (1 + np.exp(-(log_odds + moved)))).astype(float)
    as_before = (random.uniform(size=6000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    before = compare_now(model, log_odds, as_before, baseline.performance).now
    found = compare_now(model, log_odds, y, before)
    assert found.alarm == alarm
    assert found.now.in_the_large.value == pytest.approx(moved, abs=0.12)
    assert [band.name for band in found.bands] == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("rows", "label", "alarm"),
    # By hand: of n rows without a positive one the exact interval ends at 1 - 0.025^(1/n), with
    # 40 rows at 8.8%, with 6 at 45.9%; 41% are predicted on average.
    sweep([(40, 0, "act"), (6, 0, ""), (40, 1, "act"), (2, 1, "")], 4),
)
def test_outcomes_of_one_kind_leave_the_drift_and_say_how_rare_they_are(
    model: ScoringModel, database: str, rows: int, label: int, alarm: str
) -> None:
    frame = pd.read_csv(VALID).head(rows).assign(label=label)
    found = monitor(model, frame, baseline="outputs", label="label")
    assert found.outcomes is not None
    assert found.outcomes.alarm == alarm
    assert found.outcomes.now.positive_rows == rows * label
    assert found.outcomes.now.auc_roc.value is None
    kinds = "all" if label else "none"
    said = f"{kinds} of {rows} labelled rows converted"
    assert any(note.startswith(f"{said}: neither AUC") for note in found.notes)
    assert found.drifts == monitor(model, frame, baseline="outputs").drifts
    if alarm:
        assert found.verdict == alarm
        assert said in found.reason
    assert f"{rows} labelled rows, {100 * label:.1f}% of them positive" in monitor_text(found)
    assert json.dumps(monitor_document(found))
    assert "<html" in monitor_files(found)["monitor.html"]
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        frame.to_sql("month", connection, index=False)
    there = monitor(model, lw.Warehouse(database, "month"), baseline="outputs", label="label")
    assert there.outcomes == found.outcomes


def test_outcomes_of_a_word_that_nobody_knows_are_refused(model: ScoringModel) -> None:
    frame = pd.read_csv(VALID).assign(label="Closed")
    with pytest.raises(TableError, match="one value only"):
        monitor(model, frame, baseline="outputs", label="label")


def test_a_database_counts_and_scores_as_a_file_does(model: ScoringModel, database: str) -> None:
    there = lw.Warehouse(database, "leads")
    found = monitor(model, there, baseline="outputs", label="label")
    from_file = monitor(model, VALID, baseline="outputs", label="label")
    assert found.drifts == from_file.drifts
    assert found.outcomes == from_file.outcomes
    assert found.mean_probability == pytest.approx(from_file.mean_probability, abs=1e-6)
    with pytest.raises(TableError, match="no column 'won'"):
        monitor(model, there, baseline="outputs", label="won")
    with pytest.raises(EngineError):
        monitor(model, lw.Warehouse(database, "nowhere"), baseline="outputs")


@pytest.mark.sweep
def test_what_cannot_be_watched_is_said(model: ScoringModel, every_kind: Fit) -> None:
    with pytest.raises(UnsupportedError, match="--reference"):
        monitor(model, VALID)
    with pytest.raises(ModelError, match="baseline of another model"):
        monitor(model, VALID, baseline=every_kind.baseline)
    with pytest.raises(TableError, match="fatigue_score"):
        monitor(model, pd.read_csv(VALID).drop(columns="fatigue_score"), baseline="outputs")
    with pytest.raises(TableError, match="no rows"):
        monitor(model, pd.read_csv(VALID).head(0), baseline="outputs")


def test_a_score_that_nobody_has_is_drift(model: ScoringModel, baseline: Baseline) -> None:
    empty = pd.read_csv(VALID)
    for column in baseline.columns:
        empty[column.column] = np.nan
    found = monitor(model, empty, baseline=baseline)
    assert found.verdict == "act"
    assert all(drift.missing[1] == 1 for drift in found.drifts[1:])
    assert all(drift.ks is None for drift in found.drifts[1:])


def test_the_document_has_every_number_and_rounds_them(model: ScoringModel) -> None:
    found = monitor(model, VALID, baseline="outputs", label="label")
    document = json.loads(json.dumps(monitor_document(found)))
    assert document["verdict"] == "steady"
    assert document["exit_code"] == 0
    assert document["drift"][0]["column"] == SCORE
    assert sum(document["drift"][1]["rows"]) == 1200
    assert document["outcomes"]["now"]["positive_rows"] == 488
    assert monitor_text(found) == monitor_text(
        monitor(model, VALID, baseline="outputs", label="label")
    )


def test_verdicts_have_their_order(model: ScoringModel, baseline: Baseline) -> None:
    counted = count_table(model, baseline, VALID)
    known = read_outcomes(model, VALID)
    noise = np.random.RandomState(0).permutation(known.rows.y)
    worse = compare_now(model, known.log_odds, noise, baseline.performance)
    found: Monitor = conclude(model, baseline, counted, outcomes=worse)
    assert (found.verdict, found.reason) == ("act", worse.reason)


def test_a_wrong_count_is_found() -> None:
    model, train = lw.load("outputs"), open_table(TRAIN)
    baseline = make_baseline(model, read_columns(train, model, [SCORE]))
    cuts = baseline.score.cuts
    score = replace(baseline.score, cuts=(*cuts[:-2], cuts[-2] + 1e-3, cuts[-1]))

    def other(*_: object, **asked: Any) -> str:
        return drift_sql(model, replace(baseline, score=score), **asked)

    with open_engine("duckdb") as engine:
        assert prove_monitor(model, baseline, train, engine).holds
        assert "counts" in prove_monitor(model, baseline, train, engine, lines=other).difference
