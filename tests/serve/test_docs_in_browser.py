"""The page of the API in a real browser: it shows every route, and one can try them there."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import httpx
from selenium import webdriver
from selenium.webdriver.common.by import By

from leadweights.model.model import ScoringModel
from leadweights.serve.tokens import TokenFile, add_token
from tests.support.browser import requests
from tests.support.pages import at, needs_browser, serve, set_screen, wait

pytestmark = needs_browser


def titles(browser: webdriver.Chrome) -> list[str]:
    return [title.text for title in browser.find_elements(By.CSS_SELECTOR, "section h2")]


def test_every_route_is_shown_and_a_lead_is_scored_there(
    chrome: webdriver.Chrome, url: str
) -> None:
    set_screen(chrome)
    for log in ("browser", "performance"):
        chrome.get_log(log)  # type: ignore[no-untyped-call]
    chrome.get(f"{url}docs")
    wait(chrome, titles)
    paths = httpx.get(f"{url}openapi.json").json()["paths"]
    routes = [f"{method.upper()} {path}" for path, own in paths.items() for method in own]
    assert titles(chrome) == routes
    section = chrome.find_element(By.CSS_SELECTOR, "section")
    assert "recency_days" in section.text
    section.find_element(By.TAG_NAME, "button").click()
    shown = section.find_element(By.TAG_NAME, "pre")
    wait(chrome, lambda _: shown.text.startswith("200"))
    body = section.find_element(By.TAG_NAME, "textarea").get_property("value")
    answered = httpx.post(f"{url}v1/score", content=str(body)).json()
    assert json.loads(shown.text.partition("\n")[2]) == answered
    assert all(asked.startswith(url) for asked in requests(chrome))
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_where_tokens_are_needed_it_asks_for_one(
    chrome: webdriver.Chrome, decided: ScoringModel, tmp_path: Path
) -> None:
    path = tmp_path / "tokens.json"
    token = add_token(path, "ann", ["read", "score"])
    with ExitStack() as stack:
        chrome.get(f"{serve(stack, decided, TokenFile(path))}docs")
        wait(chrome, lambda _: at(chrome, "access").is_displayed())
        assert titles(chrome) == []
        for given, seen in (("wrong", "does not take this token"), (token, "")):
            at(chrome, "token").clear()
            at(chrome, "token").send_keys(given)
            at(chrome, "access").find_element(By.TAG_NAME, "button").click()
            wait(chrome, lambda _, seen=seen: at(chrome, "problem").text.endswith(seen))
        wait(chrome, titles)
        assert not at(chrome, "access").is_displayed()
        section = chrome.find_element(By.CSS_SELECTOR, "section")
        section.find_element(By.TAG_NAME, "button").click()
        shown = section.find_element(By.TAG_NAME, "pre")
        wait(chrome, lambda _: shown.text.startswith("200"))
        chrome.get("about:blank")
