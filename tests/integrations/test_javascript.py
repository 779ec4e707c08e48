"""The exported module: its files, the session and the form of its document, its types."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import leadweights as lw
from leadweights.formula.javascript import render_javascript
from leadweights.formula.javascript_types import render_types
from leadweights.model.model import ScoringModel
from leadweights.tables.columns import sources
from tests.support.browser import open_chrome
from tests.support.commands import invoke
from tests.support.golden_files import crm_model, deciding_model, scorecard_model, trees_model
from tests.support.node import run_node
from tests.support.one_lead import NAMES, every_kind_of_column, model_of
from tests.support.tools import NPM

"""Names the executable of TypeScript's compiler."""

PAGE = Path("docs/javascript.md").read_text(encoding="utf-8")
FILES = ["lead-score.js", "lead-score.d.ts"]


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("web")
    lw.export_javascript(lw.load("outputs"), output=target)
    return target


def test_the_command_writes_what_the_function_gives_and_names_it(
    folder: Path, tmp_path: Path
) -> None:
    words = ["export", "javascript", "outputs", "--output", str(tmp_path / "web")]
    done = invoke(words, catch_exceptions=False)
    assert done.output.splitlines() == [str(tmp_path / "web" / name) for name in FILES]
    for name in FILES:
        assert (tmp_path / "web" / name).read_bytes() == (folder / name).read_bytes()


def test_the_session_of_the_document_prints_what_it_shows(folder: Path) -> None:
    script = folder / "session.mjs"
    script.write_text(block("js"), encoding="utf-8")
    # Of a module Node asks the ending, or the package; a browser asks neither.
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    assert run_node(script) == block("text")


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    (folder / "index.html").write_text(block("html"), encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.mark.tool("chromium")
def test_the_form_of_the_document_works(served: str, tmp_path: Path) -> None:
    model, lead = lw.load("outputs"), {name: [None] for name in sources(lw.load("outputs"))}
    rows = pd.DataFrame(lead | {"sentiment_score": [1.0]}).astype(float)
    missing = lw.score(model, rows, keys=[], columns=["score_100", "band"]).iloc[0]
    with open_chrome(tmp_path) as browser:
        browser.get(served)
        output = browser.find_element(By.TAG_NAME, "output")
        assert output.text == "87 of 100, band A"
        box = browser.find_element(By.NAME, "recency_days")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(Keys.BACKSPACE)
        assert output.text == f"{missing['score_100']} of 100, band {missing['band']}"


USED = """\
import { type Lead, type Score, model, score } from "./lead-score.js";

const lead: Lead = { recency_days: 3, sentiment_score: null, fatigue_score: 4n };
const found: Score = score(lead);
const odds: number | null = found.log_odds;
const band: "A" | "B" | "C" | "D" | null = found.band;
const effects: number[] = found.reasons.map((one) => one.effect);
const kinds: string[] = model.columns.map((column) => column.kind);
// @ts-expect-error a number is no text
score({ recency_days: "3" });
// @ts-expect-error there is no such column
score({ recency: 3 });
// @ts-expect-error it may be null
const sure: number = found.lead_score;
// @ts-expect-error no such band
const other: boolean = found.band === "E";
// @ts-expect-error the trees of another model
found.contributions.trees_contribution;
export { band, effects, kinds, odds, other, sure };
"""
OTHERS = {
    "names": lambda: model_of(*NAMES),
    "kinds": lambda: every_kind_of_column()[0],
    "crm": lambda: crm_model("duckdb"),
    "deciding": deciding_model,
    "scorecard": scorecard_model,
    "trees": trees_model,
}


@pytest.mark.tool("npm")
@pytest.mark.telling
def test_typescript_reads_the_types_and_refuses_what_they_forbid(
    folder: Path, tmp_path: Path
) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "used.ts").write_text(USED, encoding="utf-8")
    for name, make in OTHERS.items():
        write_with_check(tmp_path, name, make())
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "es2022"]
    files = [str(path) for path in sorted(tmp_path.glob("*.ts"))]
    done = subprocess.run(
        [f"{os.environ[NPM]}/.bin/tsc", *options, "--moduleResolution", "bundler", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def write_with_check(target: Path, name: str, model: ScoringModel) -> None:
    """Write a module with its types, and a script that holds its results against them."""
    (target / f"{name}.js").write_text(render_javascript(model), encoding="utf-8")
    (target / f"{name}.d.ts").write_text(render_types(model), encoding="utf-8")
    used = f'import {{ type Lead, score }} from "./{name}.js";\n'
    used += "export const found = score(JSON.parse('{}') as Lead);\n"
    (target / f"use_{name}.ts").write_text(used, encoding="utf-8")


def test_the_types_name_what_the_module_gives() -> None:
    for make in OTHERS.values():
        model = make()
        target = render_types(model)
        body = re.search(r"export interface Score \{\n(.*?)^\}", target, re.DOTALL | re.MULTILINE)
        assert body is not None
        named = re.findall(r"^  (\w+): ", body[1], re.MULTILINE)
        result = render_javascript(model).rpartition("  return {\n")[2]
        assert named == re.findall(r"^    (\w+): ", result, re.MULTILINE)
        assert target.isascii()
