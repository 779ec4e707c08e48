"""The page for everybody: by keyboard, on any screen, with tokens, when something is wrong."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.model.model import ScoringModel
from leadweights.serve.service import Service
from leadweights.serve.tokens import TokenFile, add_token, revoke_token
from tests.support.browser import requests
from tests.support.pages import (
    VALID,
    active,
    at,
    field,
    needs_browser,
    open_details,
    opened,
    ranked,
    sent,
    serve,
    set_screen,
    table,
    wait,
)

pytestmark = needs_browser


def press(browser: webdriver.Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def tab_to(browser: webdriver.Chrome, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(150):
        press(browser, Keys.TAB)
        own = browser.switch_to.active_element
        if browser.execute_script("return arguments[0].matches(arguments[1])", own, selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_all_of_it_is_done_by_keyboard(browser: webdriver.Chrome, decided: ScoringModel) -> None:
    tab_to(browser, "#chosen")
    browser.switch_to.active_element.send_keys(str(VALID))  # the system's own dialog
    tab_to(browser, "#send")
    press(browser, Keys.ENTER)
    wait(browser, lambda b: active(b) == "ranked-heading")
    tab_to(browser, "#search")
    press(browser, "C0039")
    expected = ranked(decided, VALID)
    found = expected[expected["contact_id"].str.startswith("C0039")]["contact_id"].tolist()
    wait(browser, lambda b: [row[1] for row in table(b)] == found[:25])
    tab_to(browser, "#rows button")
    press(browser, Keys.ENTER)
    wait(browser, lambda b: active(b) == "one-heading")
    assert at(browser, "one-heading").text.startswith(f"{found[0]}, rank ")
    tab_to(browser, "#lead input[type=range]")
    before = at(browser, "lead-figures").text
    press(browser, *[Keys.ARROW_LEFT] * 9)
    wait(browser, lambda b: at(b, "lead-figures").text != before)
    tab_to(browser, "#back")
    press(browser, Keys.SPACE)
    wait(browser, lambda b: at(b, "lead-figures").text == before)
    tab_to(browser, "#calls-slider")
    press(browser, Keys.HOME)
    press(browser, Keys.ARROW_RIGHT)
    assert at(browser, "calls-slider").get_attribute("aria-valuetext") == "1 of 1,200"
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_there_is_no_error_and_no_request_elsewhere(browser: webdriver.Chrome, url: str) -> None:
    sent(browser, VALID)
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    field(browser, "sentiment_score").find_element(By.TAG_NAME, "input").send_keys(Keys.HOME)
    at(browser, "next").click()
    at(browser, "best").click()
    wait(browser, lambda b: at(b, "said").text)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    asked = [address for address in requests(browser) if address != "about:blank"]
    assert f"{url}v1/predict?format=json" in asked
    # The model's own text is imported from where the page has put it: no request leaves for it.
    assert {a for a in asked if not a.startswith(url)} <= {
        a for a in asked if a.startswith(f"blob:{url}")
    }


def test_a_file_is_dropped(browser: webdriver.Chrome) -> None:
    text = VALID.read_text(encoding="utf-8")
    browser.execute_script(
        "const dropped = new DataTransfer();"
        "dropped.items.add(new File([arguments[0]], 'dropped.csv', { type: 'text/csv' }));"
        "const words = { dataTransfer: dropped, bubbles: true, cancelable: true };"
        "document.getElementById('upload').dispatchEvent(new DragEvent('drop', words))",
        text,
    )
    wait(browser, lambda b: at(b, "progress").text == "1,200 leads are scored.")
    assert "dropped.csv" in str(at(browser, "chosen").get_attribute("value"))


def test_another_version_in_service_is_seen(browser: webdriver.Chrome, tmp_path: Path) -> None:
    place = lw.init_store(str(tmp_path / "store.duckdb"), who="ann")
    lw.push(place, "outputs")
    lw.push(place, set_threshold(lw.load("outputs/model.json"), 0.25, "agreed"))
    lw.activate(place, 1)
    service = Service.of_store(place.place)
    with ExitStack() as stack:
        url = serve(stack, service)
        opened(browser, url)
        assert "version 1" in at(browser, "which-model").text
        assert "has no threshold of its own" in at(browser, "measured").text
        lw.activate(place, 2, unproven=True)
        service.look()
        sent(browser, VALID)
        assert "version 2" in at(browser, "which-model").text
        assert "agreed" in at(browser, "measured").text
        assert at(browser, "rule").text == "log_odds >= 0.25"
        browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
        wait(browser, lambda b: "Decision" in at(b, "lead-figures").text)


def test_nothing_is_kept_in_the_browser(browser: webdriver.Chrome, url: str) -> None:
    sent(browser, VALID)
    kept = browser.execute_script(
        "return [localStorage.length, sessionStorage.length, document.cookie]"
    )
    assert kept == [0, 0, ""]
    opened(browser, url)
    assert at(browser, "nothing").is_displayed()
    assert not at(browser, "results").is_displayed()


def test_who_gave_no_consent_has_no_score(
    browser: webdriver.Chrome, url_of_everything: str, everything: ScoringModel, consenting: Path
) -> None:
    opened(browser, url_of_everything)
    sent(browser, consenting)
    assert "400 without consent: no score" in at(browser, "summary").text
    by = "adjusted_log_odds"
    expected = ranked(everything, consenting, by)
    assert expected[by].isna().sum() == 400
    assert [row[1] for row in table(browser)] == expected["contact_id"].tolist()[:25]
    at(browser, "last").click()
    last = table(browser)[-1]
    assert last[2:4] == ["\u2013", "\u2013"]
    assert last[-1] == "no consent, so no score"
    browser.find_elements(By.CSS_SELECTOR, "#rows tbody button")[-1].click()
    wait(browser, lambda b: at(b, "one-heading").text == f"{last[1]}, rank 1,200")
    wait(browser, lambda b: "Without consent" in at(b, "one-said").text)
    assert not at(browser, "one-note").is_displayed()


def test_a_row_that_is_read_in_another_way_is_owned_up_to(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    rows = pd.read_csv(VALID).drop(columns="label")[:3]
    rows.to_parquet(tmp_path / "leads.parquet")
    sent(browser, tmp_path / "leads.parquet")
    assert "3 leads." in at(browser, "summary").text
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    wait(browser, lambda b: "the form shows a typical lead" in at(b, "one-note").text)
    # A service that scores in another way than the module that the page has loaded.
    browser.execute_script(
        "const own = window.fetch; window.fetch = async (path, options) => {"
        " const answer = await own(path, options);"
        " if (!String(path).includes('/v1/predict')) return answer;"
        " const text = await answer.text();"
        " const other = text.replaceAll(/.log_odds.:[^,]+/g, '\"log_odds\":0.125');"
        " return new Response(other, { headers: answer.headers }); }"
    )
    rows.to_csv(tmp_path / "leads.csv", index=False)
    sent(browser, tmp_path / "leads.csv")
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    said = "read here in another way than by the service, which ranks it with a log_odds of 0.125"
    wait(browser, lambda b: said in at(b, "one-note").text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.csv", "contact_id,recency_days\n", "has column names but no rows"),
        ("lacks.csv", "contact_id,recency_days\nx,3\n", "no column 'engagement_rate_30d'"),
        ("leads.pdf", "x", "The name of the file ends in none of"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    browser: webdriver.Chrome, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    sent(browser, tmp_path / name)
    assert at(browser, "trouble").get_attribute("role") == "alert"
    assert said in at(browser, "trouble").text
    assert at(browser, "nothing").is_displayed()
    sent(browser, VALID)
    wait(browser, lambda b: not at(b, "trouble").is_displayed())


def test_strangers_texts_are_texts(browser: webdriver.Chrome, tmp_path: Path) -> None:
    rows = pd.read_csv(VALID)[:4]
    texts = ["<img src=x onerror=alert(1)>", "=1+1", "a\u202eb", '"contact_id":12345678901234567']
    rows["contact_id"] = texts
    rows.to_csv(tmp_path / "leads.csv", index=False)
    sent(browser, tmp_path / "leads.csv")
    assert {row[1] for row in table(browser)} == {*texts[:2], "a\\u202eb", texts[3]}
    assert browser.find_elements(By.CSS_SELECTOR, "#rows img") == []
    # What a spreadsheet would take for a formula is none in the file that is written.
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    at(browser, "save-shown").click()
    written = tmp_path / "leads-found.csv"
    wait(browser, lambda _: written.exists())
    with written.open(newline="", encoding="utf-8") as file:
        keys = {row["contact_id"] for row in csv.DictReader(file)}
    assert keys == {texts[0], "'=1+1", *texts[2:]}


def test_long_ids_keep_their_digits(browser: webdriver.Chrome, tmp_path: Path) -> None:
    rows = pd.read_csv(VALID)[:3]
    rows["contact_id"] = [12345678901234567, -9007199254740993, 7]
    rows.to_csv(tmp_path / "leads.csv", index=False)
    sent(browser, tmp_path / "leads.csv")
    assert {row[1] for row in table(browser)} == {"12345678901234567", "-9007199254740993", "7"}


def test_many_leads_are_shown_a_page_at_a_time(browser: webdriver.Chrome, tmp_path: Path) -> None:
    rows = pd.concat([pd.read_csv(VALID).drop(columns="label")] * 20, ignore_index=True)
    rows["contact_id"] = [f"L{place:05d}" for place in range(len(rows))]
    rows.to_csv(tmp_path / "leads.csv", index=False)
    sent(browser, tmp_path / "leads.csv")
    assert "24,000 leads." in at(browser, "summary").text
    assert len(table(browser)) == 25
    assert at(browser, "of").text == "960"
    page = at(browser, "page")
    page.send_keys(Keys.CONTROL, "a")
    page.send_keys("960", Keys.TAB)
    wait(browser, lambda b: table(b)[-1][0] == "24,000")
    assert at(browser, "next").get_attribute("aria-disabled") == "true"
    assert len(browser.find_elements(By.CSS_SELECTOR, "*")) < 2000


def test_a_token_is_asked_for_and_stays_in_memory(
    browser: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    path = tmp_path / "tokens.json"
    token = add_token(path, "page", ["read", "score"])
    with ExitStack() as stack:
        url = serve(stack, decided, TokenFile(path, look_seconds=0))
        browser.get(url)
        wait(browser, lambda b: at(b, "ask").is_displayed())
        assert active(browser) == "token"
        press(browser, "wrong", Keys.ENTER)
        wait(browser, lambda b: "not known" in at(b, "ask-trouble").text)
        press(browser, token, Keys.ENTER)
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#lead-figures .value"))
        sent(browser, VALID)
        assert "1,200 leads." in at(browser, "summary").text
        kept = "return JSON.stringify([localStorage, sessionStorage]) + document.cookie + location"
        assert token not in browser.execute_script(kept)
        assert at(browser, "token").get_attribute("value") == ""
        revoke_token(path, "page")
        at(browser, "send").click()
        wait(browser, lambda b: at(b, "ask").is_displayed())
        press(browser, Keys.ESCAPE)
        wait(browser, lambda b: "The token is not known" in at(b, "trouble").text)


def test_the_page_never_scrolls_sideways(
    browser: webdriver.Chrome, url_of_everything: str, consenting: Path
) -> None:
    opened(browser, url_of_everything)
    sent(browser, consenting)
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    open_details(browser)
    page = browser.find_element(By.TAG_NAME, "html")
    # Nothing to hold on to is smaller than a fingertip, buttons in a line of text aside.
    small = (
        "return [...document.querySelectorAll('input, select, button:not(.plain)')]"
        ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)"
        ".map((one) => one.id)"
    )
    for width in (320, 375, 768, 1280):
        set_screen(browser, width)
        assert page.get_property("scrollWidth") == page.get_property("clientWidth")
        assert browser.execute_script(small) == []
