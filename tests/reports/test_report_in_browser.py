"""The report in a real browser: its control, its copy button, no request, no error, any screen."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

import leadweights as lw
from leadweights.decisions.apply import set_threshold
from leadweights.formula.stages import row_outputs
from tests.support.browser import open_chrome, requests
from tests.support.one_lead import every_kind_of_column

VALID = Path("data/valid.csv")

pytestmark = pytest.mark.tool("chromium")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("report") / "report.html"
    model = lw.load("outputs/model.json")
    target.write_text(lw.report(model, VALID, folder="outputs"), encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with open_chrome(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chrome: webdriver.Chrome, path: Path) -> webdriver.Chrome:
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chrome.set_window_size(1280, 900)
    chrome.get(path.as_uri())
    return chrome


def at(browser: webdriver.Chrome, name: str) -> WebElement:
    return browser.find_element(By.ID, name)


def number(browser: webdriver.Chrome, name: str) -> float:
    text = at(browser, name).text
    return float(text.replace("\u2212", "-").translate({ord(c): None for c in ",%\u00d7 "}))


def put(browser: webdriver.Chrome, name: str, text: str) -> None:
    box = at(browser, name)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(text)


def scores() -> tuple[np.ndarray, np.ndarray]:
    """Give outcome and probability by falling score, by the SELECT in DuckDB."""
    scored = lw.score(lw.load("outputs/model.json"), VALID)
    scored["label"] = pd.read_csv(VALID)["label"]
    scored = scored.sort_values("log_odds", ascending=False)
    return scored["label"].to_numpy(), scored["probability"].to_numpy()


@pytest.mark.parametrize("calls", [1, 100, 137, 240, 1200])
def test_the_numbers_shown_are_those_counted_by_hand(browser: webdriver.Chrome, calls: int) -> None:
    label, probability = scores()
    hits = int(label[:calls].sum())
    put(browser, "calls", str(calls))
    put(browser, "value", "250")
    put(browser, "cost", "35")
    assert number(browser, "conversions") == hits
    assert number(browser, "precision") == pytest.approx(100 * hits / calls, abs=0.05)
    assert number(browser, "recall") == pytest.approx(100 * hits / 488, abs=0.05)
    assert number(browser, "lift") == pytest.approx(hits / calls / (488 / 1200), abs=0.005)
    after = probability[calls] if calls < len(probability) else 0
    assert 100 * after - 0.06 <= number(browser, "least") <= 100 * probability[calls - 1] + 0.06
    assert number(browser, "profit") == 250 * hits - 35 * calls
    assert at(browser, "calls-slider").get_attribute("value") == str(calls)


def test_the_slider_is_moved_by_keys(browser: webdriver.Chrome) -> None:
    slider = at(browser, "calls-slider")
    slider.send_keys(Keys.HOME)
    assert at(browser, "calls").get_attribute("value") == "0"
    assert at(browser, "precision").text == "\u2013"
    for _ in range(3):
        slider.send_keys(Keys.ARROW_RIGHT)
    assert at(browser, "calls").get_attribute("value") == "3"
    assert number(browser, "conversions") == scores()[0][:3].sum()
    assert slider.get_attribute("aria-valuetext") == "3 of 1,200"
    slider.send_keys(Keys.END)
    assert number(browser, "recall") == 100
    assert number(browser, "lift") == 1


def test_every_control_is_reached_by_tab_in_the_order_of_the_page(
    browser: webdriver.Chrome,
) -> None:
    order: list[str | None] = []
    while order[-1:] != ["copy"] and len(order) < 100:
        browser.switch_to.active_element.send_keys(Keys.TAB)
        order.append(browser.switch_to.active_element.get_attribute("id"))
    fields = [f"one-{place}" for place in range(7)]
    wanted = ["calls-slider", "calls", "value", "cost", "best", *fields, "one-again", "copy"]
    assert [name for name in order if name in wanted] == wanted


def test_the_most_profitable_number_is_that_of_all_numbers(browser: webdriver.Chrome) -> None:
    label, _ = scores()
    put(browser, "value", "100")
    put(browser, "cost", "60")
    at(browser, "best").send_keys(Keys.ENTER)
    profits = np.r_[0, np.cumsum(100 * label - 60)]
    assert at(browser, "calls").get_attribute("value") == str(int(profits.argmax()))
    assert number(browser, "profit") == profits.max()


def test_nonsense_in_a_box_does_no_harm(browser: webdriver.Chrome) -> None:
    put(browser, "calls", "99999")
    at(browser, "calls").send_keys(Keys.TAB)
    assert at(browser, "calls").get_attribute("value") == "1200"
    put(browser, "calls", "-5")
    at(browser, "calls").send_keys(Keys.TAB)
    assert at(browser, "calls").get_attribute("value") == "0"
    put(browser, "cost", "e")
    put(browser, "calls", "100")
    assert number(browser, "profit") == 100 * scores()[0][:100].sum()


def test_the_rule_that_is_shown_calls_as_many(browser: webdriver.Chrome) -> None:
    scored = lw.score(lw.load("outputs/model.json"), VALID)
    for calls in (1, 333, 1200):
        put(browser, "calls", str(calls))
        assert len(scored.query(at(browser, "rule").text)) == calls


def test_the_control_starts_at_the_models_threshold_and_finds_back(
    chrome: webdriver.Chrome, tmp_path: Path
) -> None:
    decided = set_threshold(lw.load("outputs/model.json"), 0.25, "agreed with sales")
    target = tmp_path / "report.html"
    target.write_text(lw.report(decided, VALID), encoding="utf-8")
    chrome.get(target.as_uri())
    called = scores()[0][: int((lw.score(decided, VALID)["log_odds"] >= 0.25).sum())]
    for _ in range(2):
        assert at(chrome, "calls").get_attribute("value") == str(len(called))
        assert number(chrome, "conversions") == called.sum()
        assert at(chrome, "rule").text == "log_odds >= 0.25"
        put(chrome, "calls", "7")
        assert number(chrome, "conversions") == called[:7].sum()
        at(chrome, "own").click()


def test_the_marker_stands_on_the_gains_curve(browser: webdriver.Chrome) -> None:
    put(browser, "calls", "600")
    dot = browser.find_element(By.CSS_SELECTOR, ".marker circle")
    frame = at(browser, "gains-frame")

    def end(name: str) -> float:
        return float(frame.get_attribute(f"data-{name}") or "")

    recall = scores()[0][:600].sum() / 488
    x = end("left") + 0.5 * (end("right") - end("left"))
    y = end("bottom") + recall * (end("top") - end("bottom"))
    assert float(dot.get_attribute("cx") or "") == pytest.approx(x, abs=0.01)
    assert float(dot.get_attribute("cy") or "") == pytest.approx(y, abs=0.01)
    # The axis itself, as it is drawn: the label of 50% stands under the dot.
    (label,) = (
        text
        for text in frame.find_elements(By.CSS_SELECTOR, "text[text-anchor=middle]")
        if text.text == "50%"
    )
    middle = label.rect["x"] + label.rect["width"] / 2
    assert dot.rect["x"] + dot.rect["width"] / 2 == pytest.approx(middle, abs=1)


def test_one_sentence_says_it_to_a_screen_reader(browser: webdriver.Chrome) -> None:
    put(browser, "calls", "100")
    hits = int(scores()[0][:100].sum())
    sentence = f"Calling the best 100 of 1,200 leads finds {hits} that convert"
    WebDriverWait(browser, 5).until(lambda b: sentence in at(b, "said").text)
    assert at(browser, "said").get_attribute("role") == "status"


def test_the_sql_is_copied_whole(browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    at(browser, "copy").click()
    WebDriverWait(browser, 5).until(lambda b: at(b, "copied").text == "Copied.")
    copied = browser.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, e => done(String(e)))"
    )
    assert copied == lw.render(lw.load("outputs/model.json"))


def test_the_sql_of_all_decisions_is_copied_whole(browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    browser.find_element(By.XPATH, "//summary[contains(., 'all that is decided')]").click()
    at(browser, "copy-all").click()
    WebDriverWait(browser, 5).until(lambda b: at(b, "copied-all").text == "Copied.")
    copied = browser.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, e => done(String(e)))"
    )
    model = lw.load("outputs/model.json")
    assert copied == lw.render(model, columns=row_outputs(model, "standardized"))


def test_without_a_clipboard_the_sql_is_selected(browser: webdriver.Chrome) -> None:
    browser.execute_script("navigator.clipboard.writeText = () => Promise.reject()")
    at(browser, "copy").click()
    WebDriverWait(browser, 5).until(lambda b: at(b, "copied").text != "")
    selected = browser.execute_script("return window.getSelection().toString()")
    assert selected.strip() == lw.render(lw.load("outputs/model.json")).strip()


def figures(browser: webdriver.Chrome) -> dict[str, str]:
    """Give what the form says of its lead."""
    tiles = browser.find_elements(By.CSS_SELECTOR, "#one-figures > div")
    return dict(tile.text.split("\n") for tile in tiles)


def field(browser: webdriver.Chrome, name: str) -> WebElement:
    """Find a field of the form by its label, as a screen reader does."""
    (label,) = browser.find_elements(By.XPATH, f"//label[starts-with(., '{name}')]")
    return at(browser, label.get_attribute("for") or "")


def scored(lead: dict[str, object]) -> pd.Series:
    columns = row_outputs(lw.load("outputs/model.json"), "standardized")
    rows = pd.DataFrame([lead]).astype(float)
    return lw.score(lw.load("outputs/model.json"), rows, keys=[], columns=columns).iloc[0]


@pytest.mark.telling
def test_the_form_gives_one_lead_what_the_select_gives(browser: webdriver.Chrome) -> None:
    for column in lw.load("outputs/model.json").columns:
        field(browser, column.name).clear()
    field(browser, "recency_days").send_keys("3")
    field(browser, "sentiment_score").send_keys("-1.25")
    names = [column.name for column in lw.load("outputs/model.json").columns]
    lead = dict.fromkeys(names) | {"recency_days": 3.0, "sentiment_score": -1.25}
    expected = scored(lead)
    shown = figures(browser)
    assert shown["Score of 100"] == str(expected["score_100"])
    assert shown["Probability"] == f"{100 * expected['probability']:.1f}%"
    assert shown["Band"] == expected["band"]
    assert shown["Lead score"] == f"{expected['lead_score']:+.3f}".replace("-", "\u2212")
    reasons = browser.find_elements(By.CSS_SELECTOR, "#one-reasons li")
    words = [reason.text.rpartition(" ")[0] for reason in reasons]
    assert words == [expected[f"reason_{place}"] for place in (1, 2, 3)]
    effect = f"{expected['reason_1_effect']:+.3f}".replace("-", "\u2212")
    adds = browser.find_elements(By.CSS_SELECTOR, ".adds")
    assert effect in [one.text.split("\n")[-1].removeprefix("adds ").strip() for one in adds]
    notes = [note.text for note in browser.find_elements(By.CSS_SELECTOR, ".lead-field > .small")]
    assert sum(note.startswith("missing: counts as") for note in notes) == len(names) - 2


def test_the_form_is_used_by_keys_and_says_what_came_of_it(browser: webdriver.Chrome) -> None:
    before = figures(browser)
    box = field(browser, "recency_days")
    box.send_keys(*[Keys.ARROW_DOWN] * 20)
    after = figures(browser)
    assert float(box.get_attribute("value") or "") == 10
    assert int(after["Score of 100"]) > int(before["Score of 100"])
    said = f"Score of 100 {after['Score of 100']}, Probability {after['Probability']}"
    WebDriverWait(browser, 5).until(
        lambda b: said in str(at(b, "one-said").get_property("textContent"))
    )
    assert at(browser, "one-said").get_attribute("role") == "status"
    again = at(browser, "one-again")
    again.send_keys(Keys.ENTER)
    assert figures(browser) == before
    described = (box.get_attribute("aria-describedby") or "").split()
    assert all(at(browser, name).get_property("textContent") for name in described)


def test_the_form_has_a_control_for_every_kind_of_column(
    chrome: webdriver.Chrome, tmp_path: Path
) -> None:
    model, rows = every_kind_of_column()
    target = tmp_path / "report.html"
    target.write_text(lw.report(model, rows), encoding="utf-8")
    chrome.get(target.as_uri())
    Select(field(chrome, "industry")).select_by_visible_text("</script> & {{ x }}")
    field(chrome, "newsletter").send_keys(Keys.SPACE)
    (box,) = chrome.find_elements(By.XPATH, "//label[contains(., 'phone')]/input")
    box.send_keys(Keys.SPACE)
    chrome.execute_script(
        "const box = arguments[0]; box.value = '2026-01-31';"
        "box.dispatchEvent(new Event('input', { bubbles: true }))",
        field(chrome, "created"),
    )
    lead = {
        "industry": ["</script> & {{ x }}"],
        "newsletter": [True],
        "channels": ["phone"],
        "created": [pd.Timestamp("2026-01-31")],
    }
    expected = lw.score(model, pd.DataFrame(lead), keys=[]).iloc[0]["lead_score"]
    assert figures(chrome)["Lead score"] == f"{expected:+.3f}".replace("-", "\u2212")
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_there_is_no_error_no_request_and_no_shift(chrome: webdriver.Chrome, path: Path) -> None:
    for log in ("browser", "performance"):
        chrome.get_log(log)  # type: ignore[no-untyped-call]
    chrome.get(path.as_uri())
    put(chrome, "calls", "400")
    shift = chrome.execute_async_script(
        "const done = arguments[0]; let sum = 0;"
        "new PerformanceObserver(list => list.getEntries().forEach(e => { sum += e.value }))"
        ".observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 600)"
    )
    assert shift == 0
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]
    asked = requests(chrome)
    assert {url.partition("#")[0] for url in asked if not url.startswith("data:")} == {
        path.as_uri()
    }


def test_the_policy_forbids_other_scripts(browser: webdriver.Chrome) -> None:
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.evil = 1';"
        "document.body.append(s)"
    )
    assert browser.execute_script("return window.evil") is None
    browser.get_log("browser")  # type: ignore[no-untyped-call]


def test_a_dark_screen_gets_dark_colours_in_the_charts_too(browser: webdriver.Chrome) -> None:
    def seen() -> list[str]:
        found: list[str] = browser.execute_script(
            "const style = (q) => getComputedStyle(document.querySelector(q));"
            "return [style('body').backgroundColor, style('body').color,"
            " style('#roc-chart text').fill, style('#roc-chart path[stroke*=main]').stroke]"
        )
        return found

    colours = {}
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        colours[scheme] = seen()
    assert colours["light"][0] == "rgb(255, 255, 255)"
    assert colours["dark"][0] == "rgb(18, 21, 27)"
    assert all(a != b for a, b in zip(colours["light"], colours["dark"], strict=True))
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]},
    )
    assert seen() == colours["light"]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_the_page_never_scrolls_sideways(browser: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for details in browser.find_elements(By.TAG_NAME, "details"):
        browser.execute_script("arguments[0].open = true", details)
    page = browser.find_element(By.TAG_NAME, "html")
    assert page.get_property("scrollWidth") == page.get_property("clientWidth")
    # Nothing to hold on to is smaller than a fingertip.
    for control in browser.find_elements(By.CSS_SELECTOR, "input, button, select"):
        if control.get_attribute("type") == "checkbox":
            continue  # its label is held on to as well
        assert control.rect["height"] >= 44
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
