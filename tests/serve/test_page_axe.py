"""What axe-core, which knows the rules of WCAG, says of the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.support.pages import (
    active,
    at,
    open_details,
    opened,
    sent,
    set_screen,
    wait,
)
from tests.support.tools import NPM

pytestmark = [pytest.mark.tool("chromium"), pytest.mark.tool("npm")]


@pytest.mark.telling
def test_axe_finds_no_violation(
    browser: webdriver.Chrome, url_of_everything: str, consenting: Path
) -> None:
    screens = [(width, scheme) for width in (375, 1280) for scheme in ("light", "dark")]
    opened(browser, url_of_everything)
    # A policy binds pages, not what drives the browser.
    browser.execute_script(Path(os.environ[NPM], "axe-core/axe.min.js").read_text(encoding="utf-8"))
    assert find_violations(browser) == []
    sent(browser, consenting)
    browser.find_element(By.CSS_SELECTOR, "#rows tbody button").click()
    wait(browser, lambda b: active(b) == "one-heading")
    open_details(browser)
    for width, scheme in screens:
        set_screen(browser, width, scheme)
        assert find_violations(browser) == []
    at(browser, "chosen").send_keys(str(Path("README.md").resolve()))
    at(browser, "send").click()
    wait(browser, lambda b: at(b, "trouble").is_displayed())
    browser.execute_script("document.getElementById('ask').showModal()")
    for scheme in ("light", "dark"):
        set_screen(browser, 375, scheme)
        assert find_violations(browser) == []


def find_violations(browser: webdriver.Chrome) -> list[Any]:
    """List what axe-core, which is there, finds: by rule and place."""
    found: dict[str, Any] = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(done, (e) => done({ error: String(e) }))"
    )
    assert len(found["passes"]) > 20, found
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]
    ]
