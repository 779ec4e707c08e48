"""A Chromium without a screen, which says what it asked for; `pytest.mark.tool("chromium")`."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


@contextmanager
def open_chrome(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start one, with an empty folder for what it keeps."""
    assert CHROMIUM is not None
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
        *("disable-background-networking", "disable-component-update", "disable-sync"),
        *("disable-dev-shm-usage", f"user-data-dir={profile}"),
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


def requests(browser: webdriver.Chrome) -> list[str]:
    """List the addresses that were asked for since the last call."""
    log: list[Any] = browser.get_log("performance")  # type: ignore[no-untyped-call]
    messages = [json.loads(entry["message"])["message"] for entry in log]
    sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [params["request"]["url"] for params in sent]
