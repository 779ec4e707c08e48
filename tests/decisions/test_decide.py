"""Plans, thresholds and calibrations, as commands and in Python."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.errors import UnsupportedError
from leadweights.model.model import Logit
from leadweights.model.rules import Adjustment, Consent
from tests.support.commands import invoke

MODEL, VALID = "outputs/model.json", "data/valid.csv"


def ran(*arguments: str) -> tuple[int, str, str]:
    found = invoke(list(arguments))
    return found.exit_code, found.stdout, found.stderr


def refusal(*arguments: str) -> str:
    code, out, said = ran(*arguments)
    assert code == 1, (out, said)
    assert out == ""
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    return said


def test_a_threshold_becomes_part_of_the_model_and_of_its_select(tmp_path: Path) -> None:
    kept = tmp_path / "model.json"
    code, out, said = ran("threshold", MODEL, VALID, "--capacity", "200", "-o", str(kept))
    assert code == 0, said
    assert "Contact a row where log_odds >= " in out
    scored = lw.score(lw.load(kept), VALID)
    assert list(scored.columns)[-1] == "decision"
    assert scored["decision"].sum() == 200
    assert set(scored["decision"]) == {0, 1}
    assert scored.loc[scored["decision"] == 1, "log_odds"].min() > (
        scored.loc[scored["decision"] == 0, "log_odds"].max()
    )


def test_the_measures_of_a_threshold_are_scikit_learns() -> None:
    found = lw.threshold(lw.load(MODEL), VALID, lw.QueueRate(0.38))
    assert found.model is not None
    called = lw.score(found.model, VALID)["decision"]
    label = pd.read_csv(VALID)["label"]
    document = json.loads(ran("threshold", MODEL, VALID, "--queue-rate", "0.38", "--json")[1])
    measures = document["measures"]
    assert measures["precision"]["value"] == round(precision_score(label, called), 6)
    assert measures["recall"]["value"] == round(recall_score(label, called), 6)
    assert measures["contacted_rows"]["value"] == called.sum() == 0.38 * len(label)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--capacity", "20000"], "a capacity of 20,000 rows is more than the 1,200 scored rows"),
        (["--precision", "0.95"], "These 1,200 rows do not prove a precision of 0.95"),
        (["--precision", "1.5"], "a precision is above 0 and below 1, not 1.5"),
        (["--recall", "0"], "a recall is above 0 and at most 1, not 0"),
        (["--value-won", "5"], "a profit needs both a value won and a cost of a contact"),
        ([], "ask a threshold for one thing"),
        (["--recall", "0.5", "--capacity", "5"], "ask a threshold for one thing"),
        (["--recall", "0.5", "--label", "nope"], "has no column 'nope'"),
    ],
)
def test_what_cannot_be_asked_of_a_threshold_is_one_line(asked: list[str], message: str) -> None:
    assert message in refusal("threshold", MODEL, VALID, *asked)


def test_a_threshold_is_asked_for_by_one_of_five_classes() -> None:
    model = lw.load(MODEL)
    for ask in (0.8, "recall", None, lw.Recall):
        with pytest.raises(
            UnsupportedError, match=r"ask a threshold for one of lw\.Precision\(\.\.\.\), "
        ):
            lw.threshold(model, VALID, ask)  # type: ignore[arg-type]
    found = lw.threshold(model, VALID, lw.Profit(value_won=5.0, cost_contact=1.0)).choice
    assert found.asked == "the highest profit, with 5 a conversion and 1 a contact"


@pytest.mark.sweep
def test_rows_the_model_was_learnt_from_are_warned_of_where_it_stands_alone(
    tmp_path: Path,
) -> None:
    alone = tmp_path / "model.json"
    alone.write_bytes(Path(MODEL).read_bytes())
    _, _, said = ran("threshold", str(alone), "data/train.csv", "--capacity", "100")
    assert "warning: these are the rows the model was learnt from" in said
    _, _, said = ran("threshold", MODEL, VALID, "--capacity", "100")
    assert "warning" not in said


def test_rows_learnt_from_are_known_again_without_the_columns_that_were_left_out() -> None:
    random = np.random.RandomState(0)
    rows = pd.DataFrame({"a": random.randint(0, 5, 400), "id": range(400), "z": "same"})
    rows["label"] = random.uniform(size=400) < 0.2 * rows["a"]
    model = lw.fit_model(rows, exclude=["id"])
    found = lw.threshold(model, rows.drop(columns=["id", "z"]), lw.Capacity(80))
    assert any("learnt from" in warning for warning in found.warnings)


@pytest.mark.sweep
def test_rows_learnt_from_are_known_again_where_consent_is_asked_for() -> None:
    random = np.random.RandomState(0)
    rows = pd.DataFrame({"a": random.randint(0, 5, 400), "may_contact": True})
    rows["label"] = random.uniform(size=400) < 0.2 * rows["a"]
    model = lw.fit_model(rows, exclude=["may_contact"])
    asking = lw.decide(model, plan={"consent": {"column": "may_contact"}})
    found = lw.threshold(asking, rows, lw.Capacity(80))
    assert any("learnt from" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("decision", "choose a threshold first, with leadweights threshold"),
        ("status", "plan a column of consent first"),
        ("calibrated_log_odds", "it is not calibrated"),
        ("nope", "no column 'nope' in the result; there are: lead_score, log_odds"),
    ],
)
def test_a_column_a_model_lacks_says_how_to_get_it(column: str, message: str) -> None:
    assert message in refusal("sql", MODEL, "--columns", column)


def test_a_plan_is_carried_out(tmp_path: Path) -> None:
    plan, kept = tmp_path / "plan.toml", tmp_path / "model.json"
    plan.write_text(
        '[bands]\nby = "percentile"\nhot = [80, 100]\nwarm = [50, 80]\ncold = [0, 50]\n'
        '[actions]\nhot = "call"\n[reasons]\ncount = 2\n',
        encoding="utf-8",
    )
    code, out, said = ran("decide", MODEL, "--plan", str(plan), "--data", VALID, "-o", str(kept))
    assert code == 0, said
    assert "hot" in out
    scored = lw.score(lw.load(kept), VALID, columns=["band", "action", "reason_2"])
    counts = scored["band"].value_counts()
    assert counts.to_dict() == {"cold": 600, "warm": 360, "hot": 240}
    assert set(scored.loc[scored["band"] == "hot", "action"]) == {"call"}
    assert scored.loc[scored["band"] != "hot", "action"].isna().all()
    assert "has no reason_3" in refusal("sql", str(kept), "--columns", "reason_3")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ('[bands]\nby = "probability"\na = [0.5, 1]\nb = [0, 0.6]', "b and a overlap from 0.5"),
        ('[bands]\nby = "probability"\na = [0.5, 1]\nb = [0, 0.4]', "nothing is said from 0.4"),
        ('[bands]\nby = "percentile"\na = [50, 100]\nb = [0, 50]', "give a table with --data"),
        ('[bands]\npreset = "nope"', "no preset 'nope'; there are: grades, hubspot"),
        ('[adjustment]\ncolumn = "x"\nlow = 0.1', "an adjustment is cut to a low from 0.5 to 1"),
        ('[decay]\ncolumn = "d"\nhalf_life_days = 0\nuntil = 2026-01-01', "a half-life is 0.01"),
        ("[reasons]\ncount = 99", "count must be 1 to 10, not 99"),
        ("[bnds]\n", "has no field 'bnds'; did you mean 'bands'?"),
        ("[actions]\nZ = 'x'", "no band 'Z' for an action"),
        ("[bands", "is not TOML"),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(plan: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(plan, encoding="utf-8")
    assert message in refusal("decide", MODEL, "--plan", str(file))


def test_presets_cut_as_their_products_do() -> None:
    model = lw.load(MODEL)
    quarters = lw.decide(model, bands="hubspot", data="data/train.csv")
    bands = lw.score(quarters, "data/train.csv", columns=["band"])["band"].value_counts()
    assert bands.to_dict() == {"Very High": 875, "High": 875, "Medium": 875, "Low": 875}
    graded = lw.score(lw.decide(model, bands="dynamics-365"), VALID, columns=["score_100", "band"])
    ends = graded.groupby("band")["score_100"].agg(["min", "max"])
    assert (ends["min"] >= [75, 50, 25, 0]).all()
    assert (ends["max"] <= [100, 74, 49, 24]).all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"a": [1.0, 2.0]}, "has no column 'may_contact'"),
        (
            {"a": [1.0], "may_contact": [True], "judgement": ["abc"]},
            "column 'judgement' must hold numbers, not text",
        ),
        (
            {"a": [1.0], "may_contact": ["perhaps"], "judgement": [1.0]},
            "column 'may_contact' must hold true and false, not 'perhaps'",
        ),
    ],
)
def test_columns_of_rules_that_cannot_be_used_are_one_line(
    rows: dict[str, list[object]], message: str
) -> None:
    train = pd.DataFrame({"a": np.arange(200.0), "label": np.arange(200) % 3 > 0})
    model = lw.fit_model(train, dictionary={"a": {"transform": "none"}})
    rules = {"consent": {"column": "may_contact"}, "adjustment": {"column": "judgement"}}
    ruled = lw.decide(model, plan=rules)
    with pytest.raises(lw.LeadweightsError) as refused:
        lw.score(ruled, pd.DataFrame(rows))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_consent_and_an_adjustment_by_hand() -> None:
    train = pd.DataFrame({"a": np.arange(200.0), "label": np.arange(200) % 3 > 0})
    model = lw.fit_model(train, dictionary={"a": {"transform": "none"}})
    rules = replace(
        model.decisions, consent=Consent("ok", ("Yes",)), adjustment=Adjustment("judgement")
    )
    ruled = set_threshold(replace(model, decisions=rules), 0.0, "by hand")
    asked = pd.DataFrame(
        {
            "a": [1.0, 2.0, 3.0, 4.0, 5.0],
            "ok": ["Yes", "No", None, "Yes", "Yes"],
            "judgement": [1.1, 1.1, 1.1, None, 99.0],
        }
    )
    found = lw.score(ruled, asked)
    assert found["status"].tolist() == ["scored", "no_consent", "no_consent", "scored", "scored"]
    assert found.loc[[1, 2]].drop(columns="status").isna().all(axis=None)
    odds = np.exp(found["log_odds"])
    expected = odds * [1.1, 1.1, 1.1, 1.0, 1.2]
    np.testing.assert_allclose(np.exp(found["adjusted_log_odds"]), expected, rtol=1e-15 * 4)
    np.testing.assert_allclose(
        found["adjusted_probability"], expected / (1 + expected), rtol=1e-15 * 4
    )


@pytest.mark.sweep
def test_a_calibration_is_kept_only_where_it_helps(tmp_path: Path) -> None:
    kept = tmp_path / "model.json"
    code, out, said = ran("calibrate", MODEL, VALID, "-o", str(kept))
    assert code == 0
    assert "Left as it is" in out
    assert "is not written" in said
    assert not kept.exists()
    model = lw.load(MODEL)
    assert isinstance(model.link, Logit)
    stretched = replace(model, link=replace(model.link, scale=model.link.scale * 2))
    lw.save(stretched, kept)
    code, _, said = ran("calibrate", str(kept), VALID, "-o", str(tmp_path / "mended.json"))
    assert code == 0, said
    mended = lw.score(lw.load(tmp_path / "mended.json"), VALID)
    label = pd.read_csv(VALID)["label"]
    before = lw.score(stretched, VALID)
    brier = [np.mean((f["probability"] - label) ** 2) for f in (before, mended)]
    assert brier[1] < brier[0]
    assert (mended["log_odds"] == before["log_odds"]).all()


def test_a_rank_comes_in_the_order_of_the_keys_and_needs_distinct_ones(tmp_path: Path) -> None:
    model = lw.load(MODEL)
    rows = pd.read_csv(VALID)
    found = lw.score(model, rows.sample(frac=1, random_state=1), columns=["log_odds", "rank"])
    assert found["contact_id"].is_monotonic_increasing
    expected = found.sort_values(["log_odds", "contact_id"], ascending=[False, True])["rank"]
    assert expected.tolist() == list(range(1, len(rows) + 1))
    twice = pd.concat([rows, rows.head(1)])
    twice.to_csv(tmp_path / "twice.csv", index=False)
    said = refusal("score", MODEL, str(tmp_path / "twice.csv"), "--columns", "rank")
    assert "to rank rows, their keys must tell them apart, and 'C003501' stands twice" in said


@pytest.mark.sweep
def test_a_check_before_scoring_counts_what_the_rules_do(tmp_path: Path) -> None:
    plan = {
        "consent": {"column": "ok"},
        "adjustment": {"column": "judgement"},
        "decay": {"column": "seen", "half_life_days": 30, "until": "now"},
    }
    ruled = tmp_path / "model.json"
    lw.save(lw.decide(lw.load(MODEL), plan=plan), ruled)
    assert "has no column 'ok'" in ran("check-input", str(ruled), VALID)[2]
    rows = pd.read_csv(VALID).head(4)
    rows["ok"] = [True, False, None, True]
    rows["judgement"] = [1.0, 0.5, None, 9.0]
    rows["seen"] = pd.to_datetime(pd.Series(["2026-01-01", None, "2026-01-01", "2026-01-01"]))
    rows["now"] = pd.to_datetime("2026-02-01")
    rows.to_parquet(tmp_path / "rows.parquet")
    _, out, _ = ran("check-input", str(ruled), str(tmp_path / "rows.parquet"))
    said = " ".join(out.split())
    assert "consent: 2 rows (50.0%) without consent: no score" in said
    assert "1 row (25.0%) without a factor: it is 1" in said
    assert "1 row (25.0%) with a factor below the least, moved there" in said
    assert "1 row (25.0%) with a factor above the greatest, moved there" in said
    assert "decay: 1 row (25.0%) without a date: they do not decay" in said
