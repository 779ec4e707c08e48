"""A plan in words becomes decisions, and a wrong one is told in one line."""

import json
from dataclasses import replace
from datetime import date, datetime
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leadweights.decisions.apply import (
    apply_plan,
    make_first_decisions,
    move_to_day,
    set_calibration,
    set_threshold,
)
from leadweights.decisions.plan import PRESETS, Plan, find_preset, read_plan
from leadweights.errors import LeadweightsError, ModelError, PlanError, UnsupportedError
from leadweights.formula.evaluate import compute, evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts
from leadweights.model.calibration import Isotonic, Knot, Platt
from leadweights.model.file import fingerprint, from_json, load, to_json
from leadweights.model.model import Identity, Logit, Number, ScoringModel
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)
from leadweights.model.terms import Ranged, Standardized
from leadweights.tables.open import open_table
from tests.support.strategies import PROVENANCE

# A hundred rows from -4.95 to 4.95, in no order.
LOG_ODDS = np.random.RandomState(0).permutation(np.arange(100) / 10 - 4.95)


def model(decisions: Decisions = Decisions()) -> ScoringModel:  # noqa: B008
    term, column = Standardized("x", 0.0, 1.0, 1.0), Number("x", 0.0)
    link = Logit(0.0, 1.0)
    return ScoringModel("one", ("id",), (column,), (term,), link, PROVENANCE, decisions)


def decided(tables: dict[str, Any], log_odds: Any = LOG_ODDS) -> Decisions:
    return apply_plan(model(), read_plan(tables), log_odds).decisions


def bands_of(decisions: Decisions) -> dict[str, float | None]:
    assert decisions.bands is not None
    return {band.name: band.low for band in decisions.bands.bands}


def rows_in(decisions: Decisions, column: str = "band") -> list[str | None]:
    """Give the band of each row of LOG_ODDS."""
    found = compute(stages(model(decisions), columns=[column]), {"x": LOG_ODDS})[column]
    assert isinstance(found, Texts)
    return found.values()


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("grades", {"A": 10, "B": 20, "C": 30, "D": 40}),
        ("hubspot", {"Very High": 25, "High": 25, "Medium": 25, "Low": 25}),
    ],
)
def test_a_preset_by_percentile_has_its_shares_of_the_rows(name: str, rows: dict[str, int]) -> None:
    found = decided({"bands": {"preset": name}})
    listed = rows_in(found)
    assert {band: listed.count(band) for band in bands_of(found)} == rows
    assert list(PRESETS[name].ranges) == list(rows)


def test_a_preset_by_points_has_the_cuts_of_its_points() -> None:
    points = {"by": "points", "pdo": 20, "base_points": 50, "base_odds": 2}
    found = decided({"score_100": points, "bands": {"preset": "dynamics-365"}})
    assert list(bands_of(found)) == ["A", "B", "C", "D"]
    # 75 points are 25 above those of odds 2; the score is rounded half up.
    for name, low in (("A", 75), ("B", 50), ("C", 25)):
        by_hand = log(2) + (low - 0.5 - 50) * log(2) / 20
        assert bands_of(found)[name] == pytest.approx(by_hand, abs=1e-9)
    assert found.scale is not None
    assert found.scale.by == "points"


def test_points_are_counted_as_scorecards_do() -> None:
    found = decided({"score_100": {"by": "points", "pdo": 5, "base_points": 60, "base_odds": 0.5}})
    assert found.scale is not None
    odds = {60: 0.5, 65: 1.0, 70: 2.0, 55: 0.25, 40: 0.5 / 16}
    rows = {"x": np.array([log(value) for value in odds.values()])}
    scores = compute(stages(model(found), columns=["score_100"]), rows)["score_100"]
    assert not isinstance(scores, Texts)
    assert scores.tolist() == list(odds)


def test_a_score_by_percentile_is_the_share_of_rows_below() -> None:
    found = decided({"score_100": {"by": "percentile"}})
    scores = compute(stages(model(found), columns=["score_100"]), {"x": np.sort(LOG_ODDS)})
    values = scores["score_100"]
    assert not isinstance(values, Texts)
    assert np.abs(values - np.arange(100)).max() <= 1


def test_bands_by_probability_are_cut_where_they_say() -> None:
    found = decided({"bands": {"by": "probability", "hot": [0.8, 1], "rest": [0, 0.8]}})
    cut = bands_of(found)["hot"]
    assert cut == pytest.approx(log(4), abs=1e-9)


def test_bands_may_be_written_in_any_order_the_best_comes_first() -> None:
    found = decided({"bands": {"by": "percentile", "C": [0, 20], "A": [90, 100], "B": [20, 90]}})
    assert list(bands_of(found)) == ["A", "B", "C"]


def test_rows_that_are_alike_at_a_percentile_are_above_it() -> None:
    # Ten digits of a third of three kinds of log-odds are a little more than it.
    value = 1.00000000016
    log_odds = np.array([-1.0] * 80 + [value] * 20)
    bands = {"by": "percentile", "top": [90, 100], "rest": [0, 90]}
    found = apply_plan(model(), read_plan({"bands": bands}), log_odds).decisions
    rows = {"x": np.array([value, -1.0])}
    names = compute(stages(model(found), columns=["band"]), rows)["band"]
    assert isinstance(names, Texts)
    assert names.values() == ["top", "rest"]


def test_the_first_decisions_are_percent_and_grades_and_no_bands_where_scores_are_too_few() -> None:
    words = (Wording("x", "days"),)
    found = make_first_decisions(LOG_ODDS, words)
    assert found.scale == Scale("probability", percent_cuts())
    assert bands_of(found) == bands_of(decided({"bands": {"preset": "grades"}}))
    assert found.wordings == words
    assert make_first_decisions(np.zeros(9), words) == replace(found, bands=None)


EVERY_TABLE = """
[score_100]
by = "points"
pdo = 15

[bands]
by = "points"
hot = [70, 100]
"it's warm" = [30, 69]
cold = [0, 29]

[actions]
hot = "call today"

[consent]
column = "may contact"
yes = ["yes", "ja"]

[adjustment]
column = "judgement"
low = 0.5

[decay]
column = "last seen"
half_life_days = 30
until = 2026-06-30

[rank]
owner = "rep"

[reasons]
count = 5
"""


def test_every_table_of_a_plan_arrives_in_the_model(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EVERY_TABLE, encoding="utf-8")
    found = apply_plan(model(), read_plan(path), None).decisions
    assert found.scale is not None
    assert found.bands == Bands(
        "points",
        (
            Band("hot", found.scale.cuts[69], "call today"),
            Band("it's warm", found.scale.cuts[29]),
            Band("cold"),
        ),
    )
    assert found.consent == Consent("may contact", ("yes", "ja"))
    assert found.adjustment == Adjustment("judgement", 0.5, 1.2)
    assert found.decay == Decay("last seen", 30.0, until_day="2026-06-30")
    assert (found.owner, found.reasons) == ("rep", 5)


def test_what_a_plan_is_silent_about_stays() -> None:
    before = decided(
        {"bands": {"preset": "grades"}, "actions": {"A": "call"}, "rank": {"owner": "r"}}
    )
    after = apply_plan(model(before), read_plan({"reasons": {"count": 2}}), None).decisions
    assert after == replace(before, reasons=2)
    more = apply_plan(model(before), read_plan({"actions": {"B": "mail"}}), None).decisions
    assert more.bands is not None
    assert [band.action for band in more.bands.bands] == ["call", "mail", "", ""]
    assert apply_plan(model(before), Plan(), None).decisions == before


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 6, 30), {"until_day": "2026-06-30"}),
        (datetime(2026, 6, 30, 23, 59), {"until_day": "2026-06-30"}),
        ("exported", {"until_column": "exported"}),
    ],
)
def test_a_decay_goes_on_until_a_day_or_a_column(day: Any, until: dict[str, str]) -> None:
    table = {"column": "seen", "half_life_days": 7, "until": day}
    assert decided({"decay": table}).decay == Decay("seen", 7.0, **until)


@pytest.mark.parametrize("day", ["2026-07-31", date(2026, 7, 31), datetime(2026, 7, 31, 5)])
def test_a_model_is_taken_to_another_day(day: Any) -> None:
    table = {"column": "seen", "half_life_days": 7, "until": date(2026, 6, 30)}
    found = move_to_day(model(decided({"decay": table})), day).decisions.decay
    assert found == Decay("seen", 7.0, until_day="2026-07-31")


def test_a_model_without_a_fixed_day_cannot_be_taken_to_another() -> None:
    by_column = model(Decisions(decay=Decay("seen", 7.0, until_column="exported")))
    for one in (model(), by_column):
        with pytest.raises(UnsupportedError, match="one does not decay until a fixed day"):
            move_to_day(one, "2026-07-31")
    fixed = model(Decisions(decay=Decay("seen", 7.0, until_day="2026-06-30")))
    with pytest.raises(ModelError, match="'seen' counts days until 'soon', which is no day"):
        move_to_day(fixed, "soon")


BANDS = {"A": [50, 100], "B": [0, 50]}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"band": {}}, "plan has no field 'band'; did you mean 'bands'?"),
        ({"zzz": {}}, "plan has no field 'zzz'; it has: score_100, bands, actions, consent"),
        ({"bands": 3}, "plan: [bands] must be a table, not 3"),
        (
            {"score_100": {"by": "odds"}},
            "by must be 'probability' or 'percentile' or 'points', not 'odds'",
        ),
        ({"score_100": {}}, "plan: [score_100] by is missing"),
        ({"score_100": {"by": "percentile", "pdo": 3}}, 'pdo goes with by = "points"'),
        ({"score_100": {"by": "points", "pdo": 0}}, "pdo and base_odds must be 1e-15 or more"),
        ({"score_100": {"by": "points", "pdo": 1e-320}}, "pdo and base_odds must be 1e-15 or"),
        ({"score_100": {"by": "points", "base_odds": -1}}, "must be 1e-15 or more"),
        ({"score_100": {"by": "points", "pdo": "10"}}, "pdo must be a number, not '10'"),
        ({"score_100": {"by": "points", "pdo": float("nan")}}, "pdo must be a number, not nan"),
        ({"score_100": {"by": "points", "pd": 1}}, "has no field 'pd'; did you mean 'pdo'?"),
        ({"bands": {"preset": "grade"}}, "no preset 'grade'; there are: grades, hubspot"),
        ({"bands": {"preset": "grades", "by": "points"}}, "[bands] has no field 'by'"),
        ({"bands": BANDS}, "by must be 'probability' or 'percentile' or 'points', not None"),
        ({"bands": {"by": "points", "A": [0, 100]}}, "needs two bands or more"),
        (
            {"bands": {"by": "percentile", "A": [50, 100], "B": [0, 60]}},
            "plan: [bands]: B and A overlap from 50 to 60",
        ),
        (
            {"bands": {"by": "percentile", "A": [50, 100], "B": [0, 40]}},
            "plan: [bands]: nothing is said from 40 to 50",
        ),
        (
            {"bands": {"by": "points", "A": [50, 100], "B": [0, 48]}},
            "plan: [bands]: nothing is said from 48 to 50",
        ),
        (
            {"bands": {"by": "probability", **BANDS}},
            "bands by probability reach from 0 to 1, not from 0 (B) to 100 (A)",
        ),
        (
            {"bands": {"by": "percentile", "A": [50, 90], "B": [10, 50]}},
            "reach from 0 to 100, not from 10 (B) to 90 (A)",
        ),
        ({"bands": {"by": "points", "A": [100, 50], "B": [0, 50]}}, "must rise from low to high"),
        ({"bands": {"by": "points", "A": 3, "B": [0, 50]}}, "must be two numbers, [low, high]"),
        ({"bands": {"by": "points", "A": [1, True], "B": [0, 50]}}, "must be a number, not True"),
        ({"bands": {"by": "points", " ": [50, 100], "B": [0, 50]}}, "must be a text, not ' '"),
        (
            {"bands": {"by": "points", **BANDS}, "actions": {"C": "call"}},
            "plan: [actions] names a band 'C'; there are: A, B",
        ),
        ({"actions": {"A": 3}}, "[actions] A must be a text, not 3"),
        ({"consent": {}}, "plan: [consent] column is missing"),
        ({"consent": {"column": "ok", "yes": 1}}, "yes must be a list of texts, not 1"),
        ({"consent": {"column": "ok", "yes": [1]}}, "yes must be a text, not 1"),
        ({"consent": {"column": "a\0b"}}, "column must be a text, not 'a\\x00b'"),
        ({"adjustment": {"low": 0.8}}, "plan: [adjustment] column is missing"),
        ({"decay": {"column": "seen", "until": "x"}}, "[decay] half_life_days is missing"),
        ({"decay": {"column": "seen", "half_life_days": 3}}, "[decay] until is missing"),
        (
            {"decay": {"column": "s", "half_life_days": 3, "until": 4}},
            "until must be a text, not 4",
        ),
        ({"rank": {}}, "plan: [rank] owner is missing"),
        ({"rank": {"owner": ""}}, "[rank] owner must be a text, not ''"),
        ({"reasons": {"count": 0}}, "count must be 1 to 10, not 0"),
        ({"reasons": {"count": 11}}, "count must be 1 to 10, not 11"),
        ({"reasons": {"count": True}}, "count must be 1 to 10, not True"),
        ({"reasons": {"count": 2.0}}, "count must be 1 to 10, not 2.0"),
        ({"reasons": {}}, "plan: [reasons] count is missing"),
    ],
)
def test_a_wrong_plan_is_told_in_one_line(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_plan(tables)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("tables", "log_odds", "message"),
    [
        ({"bands": {"preset": "grades"}}, None, "give a table with --data"),
        ({"score_100": {"by": "percentile"}}, None, "percentiles need the rows"),
        ({"bands": {"preset": "grades"}}, np.full(3, np.nan), "percentiles need the rows"),
        (
            {"bands": {"preset": "grades"}},
            np.ones(2),
            "A and B would begin at the same score: there are too few",
        ),
        ({"bands": {"preset": "hubspot"}}, np.zeros(50), "Very High and High would begin at"),
        ({"bands": {"preset": "dynamics-365"}}, LOG_ODDS, "bands by points need a score_100"),
        ({"actions": {"A": "call"}}, LOG_ODDS, "actions need bands"),
        (
            {
                "score_100": {"by": "points"},
                "bands": {"by": "points", "A": [49.5, 100], "B": [0, 49]},
            },
            LOG_ODDS,
            "points are whole numbers, not 49.5",
        ),
        (
            {"adjustment": {"column": "j", "high": 3}},
            LOG_ODDS,
            "a high from 1 to 2, not to 0.8 and 3",
        ),
        ({"adjustment": {"column": "j", "low": 0}}, LOG_ODDS, "cut to a low from 0.5 to 1"),
        (
            {"decay": {"column": "s", "half_life_days": 0, "until": "x"}},
            LOG_ODDS,
            "a half-life is 0.01 to 1,000,000 days, not 0",
        ),
    ],
)
def test_a_plan_that_a_model_cannot_have_is_told_in_one_line(
    tables: dict[str, Any], log_odds: Any, message: str
) -> None:
    with pytest.raises(LeadweightsError) as refused:
        apply_plan(model(), read_plan(tables), log_odds)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_few_different_scores_are_enough_where_the_bands_lie_between_them() -> None:
    # The middle of a step, where no row is, is a cut as well.
    log_odds = np.array([-1.0] * 50 + [0.0] * 30 + [1.0] * 20)
    bands = {"by": "percentile", "A": [85, 100], "B": [60, 85], "C": [0, 60]}
    assert bands_of(decided({"bands": bands}, log_odds)) == {"A": 1.0, "B": 0.0, "C": None}


def test_bands_by_points_do_not_outlive_their_points() -> None:
    first = {"score_100": {"by": "points"}, "bands": {"preset": "dynamics-365"}}
    one = model(decided(first))
    with pytest.raises(PlanError, match="the bands are by points of another score_100"):
        apply_plan(one, read_plan({"score_100": {"by": "probability"}}), None)
    assert apply_plan(one, read_plan({"score_100": {"by": "points"}}), None) == one
    again = {**first, "score_100": {"by": "points", "pdo": 20}}
    assert apply_plan(one, read_plan(again), None).decisions.bands != one.decisions.bands


def test_actions_for_bands_there_are_not_are_refused() -> None:
    one = model(decided({"bands": {"preset": "grades"}}))
    with pytest.raises(PlanError, match="no band 'E' for an action; there are: A, B, C, D"):
        apply_plan(one, read_plan({"actions": {"E": "call"}}), None)


def test_a_model_without_log_odds_decides_nothing() -> None:
    term, column = Ranged("x", 0.0, 1.0, 1.0), Number("x", 0.0)
    plain = ScoringModel("plain", (), (column,), (term,), Identity(), PROVENANCE)
    with pytest.raises(UnsupportedError, match="plain has no log-odds, so it cannot decide"):
        apply_plan(plain, read_plan({"reasons": {"count": 1}}), None)


def test_a_plan_is_a_file_or_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('[reasons]\ncount = 1\n[bands]\nby = "points"\n', encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.toml: \[bands\] needs two bands"):
        read_plan(path)
    path.write_text("reasons = \n")
    with pytest.raises(PlanError, match=r"plan\.toml is not TOML"):
        read_plan(path)
    path.write_bytes(b'[rank]\nowner = "\xe9"\n')
    with pytest.raises(PlanError, match=r"plan\.toml is not TOML"):
        read_plan(str(path))
    with pytest.raises(PlanError, match=r"no such file: .*nowhere\.toml"):
        read_plan(tmp_path / "nowhere.toml")
    with pytest.raises(PlanError, match=r"cannot read .*: Is a directory"):
        read_plan(tmp_path)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_what_its_ranges_written_out_are(name: str) -> None:
    known = find_preset(name)
    written = {"by": known.by, **{band: list(ends) for band, ends in known.ranges.items()}}
    tables = {"score_100": {"by": "points"}}
    assert decided({**tables, "bands": {"preset": name}}) == decided({**tables, "bands": written})


def test_calibration_takes_shares_of_rows_along_and_leaves_probabilities() -> None:
    tables = {"score_100": {"by": "percentile"}, "bands": {"preset": "grades"}}
    before = model(decided(tables))
    after = set_calibration(before, Platt(-1.0, 0.5))
    assert rows_in(after.decisions) == rows_in(before.decisions)
    assert bands_of(after.decisions)["A"] == -1.0 + 0.5 * (bands_of(before.decisions)["A"] or 0)
    assert after.decisions.scale is not None
    by_probability = {"by": "probability", "A": [0.5, 1], "B": [0, 0.5]}
    fixed = decided({"score_100": {"by": "probability"}, "bands": by_probability})
    found = set_calibration(model(fixed), ISOTONIC_RISING).decisions
    assert found == replace(fixed, calibration=ISOTONIC_RISING)


def test_calibration_is_refused_where_it_would_undo_something() -> None:
    platt = Platt(0.0, 2.0)
    once = set_calibration(model(), platt)
    with pytest.raises(UnsupportedError, match="one is calibrated already"):
        set_calibration(once, platt)
    decides = set_threshold(model(), 0.5, "capacity 200")
    assert decides.decisions.threshold == Threshold(0.5, "capacity 200")
    with pytest.raises(UnsupportedError, match="calibrate first, then choose it again"):
        set_calibration(decides, platt)
    grades = model(decided({"bands": {"preset": "grades"}}))
    flat = Isotonic((Knot(-3.0, -1.0), Knot(-1.0, 0.5), Knot(1.5, 0.5), Knot(3.0, 1.0)))
    assert list(bands_of(set_calibration(grades, flat).decisions)) == ["A", "B", "C", "D"]
    flatter = Isotonic((Knot(-3.0, -1.0), Knot(1.0, 0.5), Knot(3.0, 0.5)))
    with pytest.raises(UnsupportedError, match="bands 'A' and 'B' would begin at the same score"):
        set_calibration(grades, flatter)


def everything() -> ScoringModel:
    tables = {
        "score_100": {"by": "percentile"},
        "bands": {"preset": "hubspot"},
        "actions": {"Low": 'wait; it\'s "cold"', "High": "E-Mail \u2709"},
        "consent": {"column": "ok", "yes": ["ja", "j"]},
        "adjustment": {"column": "judgement", "low": 0.7},
        "decay": {"column": "seen", "half_life_days": 12.5, "until": date(2026, 1, 31)},
        "rank": {"owner": "rep"},
        "reasons": {"count": 1},
    }
    found = apply_plan(model(), read_plan(tables), LOG_ODDS)
    found = set_threshold(set_calibration(found, ISOTONIC_RISING), -0.125, "precision 0.8")
    words = (Wording("x", "the x", high="much x"),)
    return replace(found, decisions=replace(found.decisions, wordings=words))


ISOTONIC_RISING = Isotonic((Knot(-5.0, -4.0), Knot(0.0, 0.25), Knot(5.0, 3.0)))


def test_a_model_with_every_decision_comes_back_from_its_file() -> None:
    one = everything()
    assert all(getattr(one.decisions, name) for name in ("calibration", "scale", "threshold"))
    again = from_json(to_json(one))
    assert again == one
    assert to_json(again) == to_json(one)
    assert fingerprint(again) == fingerprint(one)


def test_a_model_file_without_decisions_is_read_as_before() -> None:
    document = json.loads(Path("outputs/model.json").read_text(encoding="utf-8"))
    document.pop("decisions")
    found = from_json(json.dumps(document))
    assert found.decisions == Decisions()
    assert found.terms == load("outputs/model.json").terms
    assert "decisions" not in json.loads(to_json(found))


def test_every_decision_changes_the_fingerprint() -> None:
    one = everything()
    seen = {fingerprint(one)}
    rules = one.decisions
    assert rules.scale is not None
    others: list[dict[str, Any]] = [
        {"calibration": None},
        {"calibration": Platt(0.0, 1.0)},
        {"consent": None},
        {"consent": Consent("ok", ("ja",))},
        {"adjustment": Adjustment("judgement", 0.7, 1.25)},
        {"decay": Decay("seen", 12.5, until_day="2026-02-01")},
        {"scale": Scale("points", rules.scale.cuts)},
        {"bands": None},
        {"threshold": Threshold(-0.125, "recall 0.8")},
        {"owner": ""},
        {"reasons": 2},
        {"wordings": ()},
        {"wordings": (Wording("x", "the x", high="much", low=""),)},
    ]
    seen |= {fingerprint(replace(one, decisions=replace(rules, **o))) for o in others}
    assert len(seen) == 1 + len(others)


def changed(**values: Any) -> str:
    document = json.loads(to_json(everything()))
    document["decisions"] |= values
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(reasons=0), "m.json: a row is given 1 to 10 reasons, not 0"),
        (changed(reasons=True), "decisions.reasons must be a whole number, not True"),
        (changed(scale={"by": "points", "cuts": [1.0]}), "score_100 needs 100 cuts"),
        (
            changed(scale={"by": "points", "cuts": [1.0] * 99 + [0.5]}),
            "score_100 needs 100 cuts that do not fall",
        ),
        (changed(scale={"by": "rank", "cuts": [1.0] * 100}), "not by 'rank'"),
        (
            changed(bands={"by": "points", "bands": [{"name": "A", "low": 1.0}]}),
            "bands are two or more, the best first, and only the last has no low",
        ),
        (
            changed(bands={"by": "points", "bands": [{"name": "A", "low": 1.0}, {"name": "A"}]}),
            "band 'A' has no name or stands twice",
        ),
        (
            changed(
                bands={
                    "by": "points",
                    "bands": [
                        {"name": n, "low": v} for n, v in (("A", 0.0), ("B", 1.0), ("C", None))
                    ],
                }
            ),
            "each band must begin below the one before it",
        ),
        (changed(adjustment={"column": "j", "low": 0.4}), "an adjustment is cut to a low from 0.5"),
        (changed(decay={"column": "s", "half_life_days": 3}), "until a column or a day: one of"),
        (
            changed(decay={"column": "s", "half_life_days": 3, "until_day": "x"}),
            "'s' counts days until 'x', which is no day",
        ),
        (changed(wordings=[{"column": "y"}]), "there are words for 'y', which the model lacks"),
        (changed(wordings=[{"column": "x"}] * 2), "there are words for 'x' twice"),
        (changed(threshold={"log_odds": 1e301, "reason": ""}), "must be a finite number"),
        (changed(calibration={"kind": "platt", "intercept": 0, "slope": -1}), "must be positive"),
        (changed(calibration={"kind": "beta"}), "calibration.kind must be one of platt, isotonic"),
    ],
)
def test_a_file_with_a_wrong_decision_is_refused(text: str, message: str) -> None:
    with pytest.raises(ModelError) as refused:
        from_json(text, "m.json")
    assert message in str(refused.value)


def test_the_committed_model_decides_by_its_training_rows() -> None:
    one = load("outputs/model.json")
    values = open_table("data/train.csv").numbers([column.name for column in one.columns])
    log_odds = evaluate(stages(one, columns=["log_odds"]), values)["log_odds"]
    assert one.decisions == make_first_decisions(log_odds, one.decisions.wordings)
