"""One browser and one service for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest
from selenium import webdriver

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.model.model import ScoringModel
from tests.support.browser import open_chrome
from tests.support.deciding import deciding_model
from tests.support.pages import VALID, opened, serve, set_screen


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


@pytest.fixture(scope="session")
def everything() -> ScoringModel:
    """Give a model that asks for consent, is adjusted, decays and is calibrated."""
    return deciding_model("percent")


@pytest.fixture(scope="session")
def consenting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = pd.read_csv(VALID).drop(columns="label")
    rows["contact_id"] += "x" * 80  # a name that no space breaks
    places = range(len(rows))
    rows["may contact"] = [place % 3 != 0 for place in places]
    rows["judgement"] = [0.8 + place % 5 / 10 for place in places]
    rows["last seen"] = [f"2026-01-{1 + place % 28:02d}" for place in places]
    rows["rep"] = "x"
    path = tmp_path_factory.mktemp("leads") / "leads.csv"
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def url_of_everything(everything: ScoringModel) -> Iterator[str]:
    """Serve it under a path of another app."""
    with ExitStack() as stack:
        yield f"{serve(stack, everything, at='/sales/scores')}sales/scores/"
