"""The page in a real browser: a file is ranked, looked through and planned with, a lead moved."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import leadweights as lw
from leadweights.model.model import ScoringModel
from tests.support.pages import (
    VALID,
    at,
    field,
    needs_browser,
    number,
    put,
    ranked,
    sent,
    table,
    wait,
)

pytestmark = needs_browser


def test_leads_come_ranked_as_the_select_ranks_them(
    browser: webdriver.Chrome, decided: ScoringModel
) -> None:
    sent(browser, VALID)
    expected = ranked(decided, VALID)
    assert "1,200 leads." in at(browser, "summary").text
    assert f"To be contacted: {int(expected['decision'].sum())}." in at(browser, "summary").text
    heads = [head.text for head in browser.find_elements(By.CSS_SELECTOR, "#rows thead th")]
    assert heads == ["Rank", "contact_id", "Score", "Probability", "Band", "Decision", "Reasons"]
    shown = table(browser)
    at(browser, "last").click()
    shown += table(browser)
    for row, place in zip(shown, [*range(25), *range(1175, 1200)], strict=True):
        own = expected.loc[place]
        decision = "contact" if own["decision"] else "no contact"
        percent = f"{100 * own['probability']:.1f}%"
        assert row[:6] == [
            *(f"{place + 1:,}", own["contact_id"], str(own["score_100"]), percent),
            *(own["band"], decision),
        ]
        assert row[6].startswith(own["reason_1"])


def test_what_is_searched_and_filtered_is_found(
    browser: webdriver.Chrome, decided: ScoringModel
) -> None:
    sent(browser, VALID)
    expected = ranked(decided, VALID)
    put(browser, "search", "c0035")
    found = expected[expected["contact_id"].str.startswith("C0035")]
    told = f"{len(found)} leads are found, of 1,200."
    wait(browser, lambda b: at(b, "found").text == told)
    assert [row[1] for row in table(browser)] == found["contact_id"].tolist()[:25]
    Select(at(browser, "band")).select_by_visible_text("B")
    found = found[found["band"] == "B"]
    wait(browser, lambda b: [row[1] for row in table(b)] == found["contact_id"].tolist()[:25])
    put(browser, "search", "")
    put(browser, "least-shown", "70")
    found = expected[(expected["band"] == "B") & (expected["probability"] >= 0.7)]
    wait(browser, lambda b: f"{len(found)} leads are found" in at(b, "found").text)
    Select(at(browser, "decision")).select_by_visible_text("no contact")
    assert table(browser) == [["No lead is found."]]


def test_a_reason_is_searched_for(browser: webdriver.Chrome, decided: ScoringModel) -> None:
    sent(browser, VALID)
    names = ["reason_1", "reason_2", "reason_3"]
    reasons = lw.score(decided, VALID, columns=names)[names]
    put(browser, "search", "Long Silent")
    rows = int(reasons.apply(lambda own: own.str.contains("long silent")).any(axis=1).sum())
    wait(browser, lambda b: at(b, "found").text == f"{rows} leads are found, of 1,200.")
    assert all("long silent" in row[6] for row in table(browser))


def test_a_lead_is_opened_and_moved(
    browser: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    sent(browser, VALID)
    best = ranked(decided, VALID).loc[0]
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    wait(browser, lambda b: at(b, "one-heading").text == f"{best['contact_id']}, rank 1")
    assert browser.switch_to.active_element == at(browser, "one-heading")
    # The service and this page have the same bits, so nothing is said of a difference.
    assert not at(browser, "one-note").is_displayed()
    assert f"{100 * best['probability']:.1f}%" in at(browser, "lead-figures").text
    box = field(browser, "sentiment_score").find_element(By.CSS_SELECTOR, "input[type=number]")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("-1.25")
    rows = pd.read_csv(VALID).query(f"contact_id == '{best['contact_id']}'")
    rows.assign(sentiment_score=-1.25).to_csv(tmp_path / "moved.csv", index=False)
    names = ["probability", "score_100", "band", "effects"]
    moved = lw.score(decided, tmp_path / "moved.csv", columns=names).iloc[0]
    percent = f"{100 * moved['probability']:.1f}%"
    wait(browser, lambda b: percent in at(b, "lead-figures").text)
    shown = at(browser, "lead-figures").text.split("\n")
    assert shown[:3] == ["Score", str(moved["score_100"]), f"was {best['score_100']}"]
    adds = field(browser, "sentiment_score").find_element(By.CLASS_NAME, "adds").text
    added = float(adds.removeprefix("adds").replace("\u2212", "-"))
    assert added == pytest.approx(moved["sentiment_score_effect"], abs=5e-4)
    wait(browser, lambda b: f"Probability {percent}" in at(b, "one-said").text)
    at(browser, "back").click()
    wait(browser, lambda b: "was" not in at(b, "lead-figures").text)
    assert box.get_attribute("value") == str(rows["sentiment_score"].iloc[0])


def test_a_value_that_is_missing_is_filled(browser: webdriver.Chrome) -> None:
    row = field(browser, "recency_days")
    box = row.find_element(By.CSS_SELECTOR, "input[type=number]")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("3")
    wait(browser, lambda _: "was" in at(browser, "lead-figures").text)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(Keys.DELETE)
    wait(browser, lambda _: "missing: counts as 30" in row.text)


def test_known_outcomes_are_counted(browser: webdriver.Chrome, decided: ScoringModel) -> None:
    sent(browser, VALID)
    scored = ranked(decided, VALID).merge(pd.read_csv(VALID)[["contact_id", "label"]])
    # It begins at the model's own threshold.
    assert at(browser, "calls").get_attribute("value") == str(int(scored["decision"].sum()))
    assert at(browser, "rule").text == "log_odds >= 0.25"
    put(browser, "value", "250")
    put(browser, "cost", "35")
    for calls in (1, 137, 240, 1200):
        put(browser, "calls", str(calls))
        hits = int(scored["label"][:calls].sum())
        assert number(browser, "conversions") == hits
        assert number(browser, "precision") == pytest.approx(100 * hits / calls, abs=0.05)
        assert number(browser, "recall") == pytest.approx(100 * hits / 488, abs=0.05)
        assert number(browser, "lift") == pytest.approx(hits / calls / (488 / 1200), abs=0.005)
        assert number(browser, "profit") == 250 * hits - 35 * calls
        sentence = f"Calling the best {calls:,} of 1,200 leads finds {hits:,} that convert"
        wait(browser, lambda b, sentence=sentence: sentence in at(b, "said").text)
    at(browser, "best").click()
    profits = np.r_[0, np.cumsum(250 * scored["label"] - 35)]
    assert at(browser, "calls").get_attribute("value") == str(int(profits.argmax()))


def test_outcomes_that_are_not_known_are_expected(
    browser: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    pd.read_csv(VALID).drop(columns="label").to_csv(path, index=False)
    sent(browser, path)
    assert "what their probabilities add up to" in at(browser, "plan-about").text
    put(browser, "calls", "100")
    probability = ranked(decided, path)["probability"]
    assert number(browser, "conversions") == pytest.approx(probability[:100].sum(), abs=0.05)
    share = probability[:100].sum() / probability.sum()
    assert number(browser, "recall") == pytest.approx(100 * share, abs=0.05)


def saved(browser: webdriver.Chrome, folder: Path, button: str, name: str, by_key: bool) -> Path:
    """Download by a button; wait until the file is whole."""
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    if by_key:
        at(browser, button).send_keys(Keys.ENTER)
    else:
        at(browser, button).click()
    wait(browser, lambda _: (folder / name).exists())
    return folder / name


def test_what_is_found_is_downloaded(
    browser: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    sent(browser, VALID)
    Select(at(browser, "band")).select_by_visible_text("A")
    expected = ranked(decided, VALID).query("band == 'A'")
    for by_key in (False, True):
        folder = tmp_path / str(by_key)
        folder.mkdir()
        path = saved(browser, folder, "save-shown", "leads-found.csv", by_key)
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["contact_id"] for row in rows] == expected["contact_id"].tolist()
        assert [float(row["log_odds"]) for row in rows] == expected["log_odds"].tolist()
        assert [row["reason_1"] for row in rows] == expected["reason_1"].tolist()
        assert [int(row["rank"]) for row in rows] == list(range(1, len(expected) + 1))


def test_all_scores_are_downloaded_as_the_service_writes_them(
    browser: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    sent(browser, VALID)
    plain = pd.read_csv(saved(browser, tmp_path, "save-csv", "scores.csv", False))
    columns = pd.read_parquet(saved(browser, tmp_path, "save-parquet", "scores.parquet", False))
    expected = lw.score(decided, VALID)["log_odds"].tolist()
    assert plain["log_odds"].tolist() == expected
    assert columns["log_odds"].tolist() == expected
