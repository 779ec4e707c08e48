"""The pages as a site: built without a warning, no link leads nowhere, nobody else is asked."""

import os
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import leadweights as lw
from tests.support.browser import open_chrome, requests
from tests.support.tools import needs

MKDOCS = "LEADWEIGHTS_MKDOCS"
"""Names the executable of mkdocs, of an environment of its own."""

pytestmark = needs(MKDOCS, "requirements-docs.lock")


class Page(HTMLParser):
    """What a page leads to, what it loads, and the places in it that can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if "href" in found:
            (self.links if tag == "a" else self.loads).append(found["href"])
        self.loads += [found[name] for name in ("src", "srcset", "data") if name in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = [os.environ[MKDOCS], "build", "--strict", "--site-dir", str(folder)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": "", "CI": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Read all but the page for an address that is none, whose links begin at a host's root."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


@pytest.mark.telling
def test_every_link_and_every_file_is_there(pages: dict[Path, Page]) -> None:
    followed = 0
    for path, page in pages.items():
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme in ("https", "data"):
                continue
            assert not parts.scheme, link
            target = path.parent / unquote(parts.path) if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            place = unquote(parts.fragment)
            if place and not place.startswith("__") and target.suffix == ".html":
                assert place in pages[target.resolve()].places, f"{path.name}: {link}"
                followed += 1
    assert followed > 300


def test_nothing_comes_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert not [load for load in page.loads if re.match(r"(\w+:)?//", load)], path
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert len(styles) >= 3
    for style in styles:
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", style)


def test_the_pages_of_the_repository_are_pages_of_the_site(
    pages: dict[Path, Page], site: Path
) -> None:
    built = {path.relative_to(site).with_suffix(".md").as_posix() for path in pages}
    built |= {name.replace("index.md", "README.md") for name in built}
    for page in (*Path("docs").glob("*.md"), *Path().glob("*.md"), Path("outputs/PARITY.md")):
        assert page.as_posix() in built


def test_every_public_name_is_explained(site: Path) -> None:
    text = (site / "docs/python.html").read_text(encoding="utf-8")
    for name in lw.__all__:
        thing = lw.mlflow.log if name == "mlflow" else getattr(lw, name)
        assert f'id="{thing.__module__}.{thing.__qualname__}"' in text, name
    assert "Raises TableError, DictionaryError or UnsupportedError" in text


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with open_chrome(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.mark.tool("chromium")
def test_it_is_searched_without_a_network(site: Path, chrome: webdriver.Chrome) -> None:
    """Opened from a disk, as somebody does who was given the folder."""
    chrome.get((site / "docs/index.html").as_uri())
    box = chrome.find_element(By.CSS_SELECTOR, "input.md-search__input")
    chrome.execute_script("arguments[0].click()", box)
    box.send_keys("isotonic")
    found = WebDriverWait(chrome, 20).until(
        lambda browser: browser.find_elements(By.CSS_SELECTOR, "a.md-search-result__link")
    )
    targets = [link.get_attribute("href") or "" for link in found]
    assert any("decisions.html" in target for target in targets)


@pytest.mark.tool("chromium")
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_asks_elsewhere_or_scrolls_sideways(
    width: int, pages: dict[Path, Page], chrome: webdriver.Chrome
) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    requests(chrome)
    for path in pages:
        chrome.get(path.as_uri())
        wide = chrome.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, path
    asked = requests(chrome)
    assert len(asked) > 5 * len(pages)
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    errors = [entry["message"] for entry in chrome.get_log("browser")]  # type: ignore[no-untyped-call]
    assert not errors
