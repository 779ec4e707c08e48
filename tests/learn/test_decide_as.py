"""A model learnt anew decides as another one does: bands, actions, consent, threshold."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.model.calibration import Platt
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Adjustment, Consent, Trend
from tests.support.commands import invoke

VALID = "data/valid.csv"
ASKED: dict[str, Any] = {
    "c": 0.001,
    "keys": ["contact_id"],
    "exclude": ["before", "judgement", "ok"],
}
PLAN = {
    "bands": {"by": "percentile", "hot": [80, 100], "warm": [50, 80], "cold": [0, 50]},
    "actions": {"hot": "call today"},
    "reasons": {"count": 2},
}


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give labelled rows that have the column of every rule."""
    path = tmp_path_factory.mktemp("rows") / "train.csv"
    pd.read_csv("data/train.csv").assign(before="", judgement="", ok=True).to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("rows") / "valid.csv"
    pd.read_csv(VALID).assign(before="", judgement="", ok=True).to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def decided() -> ScoringModel:
    planned = lw.decide(lw.load("outputs"), plan=PLAN, data=VALID)
    rules = replace(
        planned.decisions,
        trend=Trend("before"),
        adjustment=Adjustment("judgement"),
        consent=Consent("ok"),
    )
    return set_threshold(replace(planned, decisions=rules), 0.8, "a queue that sales can call")


def without_other_columns(model: ScoringModel) -> ScoringModel:
    return replace(model, decisions=model.decisions.without_other_columns())


def shares(model: ScoringModel, name: str) -> dict[object, float]:
    plain = without_other_columns(model)
    column = lw.score(plain, VALID, columns=[name])[name]
    return dict((column.value_counts() / len(column)).items())


@pytest.mark.sweep
def test_shares_of_leads_stay_what_they_were(decided: ScoringModel, train: str, valid: str) -> None:
    found = lw.fit(train, valid=valid, decide_as=decided, **ASKED)
    other = found.model.decisions
    own = lw.fit_model(train, **ASKED)
    assert found.model.terms == own.terms
    assert other.bands is not None
    assert [(band.name, band.action) for band in other.bands.bands] == [
        ("hot", "call today"),
        ("warm", ""),
        ("cold", ""),
    ]
    assert (other.reasons, other.trend) == (2, Trend("before"))
    assert (other.consent, other.adjustment) == (Consent("ok"), Adjustment("judgement"))
    # Another model has other scores: the cuts have moved, as many leads lie above them.
    for name in ("band", "decision"):
        before, now = shares(decided, name), shares(found.model, name)
        assert now == pytest.approx(before, abs=2 / 1200)
    assert other.bands.bands[0].low != decided.decisions.bands.bands[0].low  # type: ignore[union-attr]
    assert found.parity.holds
    assert [band.name for band in found.baseline.performance.bands] == ["hot", "warm", "cold"]  # type: ignore[union-attr]


@pytest.mark.sweep
def test_by_the_rows_that_are_held_back_where_no_others_are_named(
    decided: ScoringModel, train: str, tmp_path: Path
) -> None:
    lw.save(decided, tmp_path / "decided.json")
    words = ["fit", train, "--key", "contact_id", "--decide-as", str(tmp_path / "decided.json")]
    words += ["--exclude=before", "--exclude=judgement", "--exclude=ok"]
    done = invoke([*words, "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    model, rows = lw.load(tmp_path / "out"), pd.read_csv(tmp_path / "out/held_back.csv")
    plain = without_other_columns(model)
    hot = (lw.score(plain, rows, columns=["band"])["band"] == "hot").mean()
    champion = without_other_columns(decided)
    assert hot == pytest.approx(
        (lw.score(champion, rows, columns=["band"])["band"] == "hot").mean(), abs=2 / len(rows)
    )
    assert "decision" in (tmp_path / "out/score.sql").read_text()
    assert json.loads((tmp_path / "out/parity.json").read_text())["engines"][0]["holds"]


@pytest.mark.sweep
def test_a_calibration_is_of_its_own_log_odds_and_is_told(
    decided: ScoringModel, train: str, valid: str
) -> None:
    rules = replace(decided.decisions, calibration=Platt(1.1, 0.1), threshold=None)
    calibrated = replace(decided, decisions=rules)
    found = lw.fit(train, valid=valid, decide_as=calibrated, **ASKED)
    assert found.model.decisions.calibration is None
    assert any("calibration is of its own log-odds" in note for note in found.notes)


@pytest.mark.sweep
def test_rows_without_the_column_of_a_rule_are_refused(decided: ScoringModel) -> None:
    with pytest.raises(lw.TableError, match="has no column 'ok', which a rule of the model to"):
        lw.fit("data/train.csv", valid=VALID, keys=["contact_id"], decide_as=decided)


def test_where_no_rows_come_out_of_the_database_some_must_be_named(
    decided: ScoringModel, train: str, tmp_path: Path
) -> None:
    place = tmp_path / "leads.db"
    with sqlite3.connect(place) as connection:
        pd.read_csv(train)[:900].to_sql("leads", connection, index=False)
    words = ["fit", "--engine", f"sqlite:///{place}", "--table", "leads", "--key", "contact_id"]
    lw.save(decided, tmp_path / "decided.json")
    words += ["--decide-as", str(tmp_path / "decided.json"), "--output", str(tmp_path / "out")]
    done = invoke(words)
    assert done.exit_code == 1, done.output
    assert "name rows to measure on with --valid" in done.stderr
    assert not (tmp_path / "out").exists()
