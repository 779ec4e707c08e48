"""The service's page in a browser: to serve it, and to use it as a person does."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi import FastAPI
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

import leadweights as lw
from leadweights.model.model import ScoringModel
from leadweights.serve.access import Access
from leadweights.serve.app import make_app
from leadweights.serve.guard import make_guards
from leadweights.serve.limits import Limits
from leadweights.serve.service import Service
from leadweights.serve.tokens import TokenFile
from tests.support.browser import CHROMIUM, DRIVER
from tests.support.serving import serving

VALID = Path("data/valid.csv").resolve()

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no browser: apt-get install chromium chromium-driver",
)


def serve(
    stack: ExitStack,
    served: ScoringModel | Service,
    tokens: TokenFile | None = None,
    *,
    at: str = "",
) -> str:
    """Serve a model until the stack ends, under a path if need be; give the server's address."""
    service = served if isinstance(served, Service) else Service.of_model(served)
    app = make_app(service, guards=make_guards(Access(tokens), Limits()))
    if at:
        around = FastAPI()
        around.mount(at, app)
        app = around
    return f"http://127.0.0.1:{stack.enter_context(serving(app))}/"


def set_screen(browser: webdriver.Chrome, width: int = 1280, scheme: str = "light") -> None:
    """Give the page a screen of so many pixels, light or dark."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def at(browser: webdriver.Chrome, name: str) -> WebElement:
    return browser.find_element(By.ID, name)


def wait(browser: webdriver.Chrome, until: Any) -> Any:
    return WebDriverWait(browser, 30, poll_frequency=0.05).until(until)


def opened(browser: webdriver.Chrome, url: str) -> None:
    """Open the page and wait until the form of a lead is there."""
    browser.get(url)
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#lead-figures .value"))


def sent(browser: webdriver.Chrome, path: Path) -> None:
    """Choose a file, score it, and wait for the ranking or for what is wrong."""
    at(browser, "chosen").send_keys(str(path))
    at(browser, "send").click()
    wait(browser, lambda b: "scored." in at(b, "progress").text or at(b, "trouble").is_displayed())


def put(browser: webdriver.Chrome, name: str, text: str) -> None:
    box = at(browser, name)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(text or Keys.DELETE)


def number(browser: webdriver.Chrome, name: str) -> float:
    text = at(browser, name).text.replace("\u2212", "-")
    return float(text.translate({ord(letter): None for letter in ",%\u00d7 "}))


def table(browser: webdriver.Chrome) -> list[list[str]]:
    """Read the rows that are shown; of a key's cell what is seen of it."""
    script = (
        "const of = (td) => [...(td.querySelector('button') ?? td).childNodes];"
        "const seen = (node) => (node.className === 'hidden' ? '' : node.textContent);"
        "const shown = (td) => of(td).map(seen).join('');"
        "const rows = [...document.querySelectorAll('#rows tbody tr')];"
        "return rows.map((tr) => [...tr.cells].map(shown))"
    )
    found: list[list[str]] = browser.execute_script(script)
    return found


def field(browser: webdriver.Chrome, name: str) -> WebElement:
    """Find the row of the form that asks for a column."""
    path = f"//form[@id='lead']/div[label[starts-with(., '{name}')]]"
    return browser.find_element(By.XPATH, path)


def active(browser: webdriver.Chrome) -> str | None:
    return browser.switch_to.active_element.get_attribute("id")


def open_details(browser: webdriver.Chrome) -> None:
    browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true })")


def ranked(model: ScoringModel, path: Path, by: str = "log_odds") -> pd.DataFrame:
    """Rank a file by the SELECT in DuckDB: the highest first, equal ones by their key."""
    names = ["lead_score", "log_odds", "probability", "score_100", "band", "decision", "reason_1"]
    scored = lw.score(model, path, columns=[*names, *({by} - set(names))])
    return scored.sort_values([by, "contact_id"], ascending=[False, True]).reset_index(drop=True)
