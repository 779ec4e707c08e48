"""One browser and one service for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from selenium import webdriver

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.model.model import ScoringModel
from tests.support.browser import open_chrome
from tests.support.pages import opened, serve, set_screen


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with open_chrome(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="session")
def decided() -> ScoringModel:
    return set_threshold(lw.load("outputs/model.json"), 0.25, "agreed with sales")


@pytest.fixture(scope="session")
def url(decided: ScoringModel) -> Iterator[str]:
    with ExitStack() as stack:
        yield serve(stack, decided)


@pytest.fixture
def browser(chrome: webdriver.Chrome, url: str) -> webdriver.Chrome:
    set_screen(chrome)
    chrome.get("about:blank")
    for log in ("browser", "performance"):
        chrome.get_log(log)  # type: ignore[no-untyped-call]
    opened(chrome, url)
    return chrome
