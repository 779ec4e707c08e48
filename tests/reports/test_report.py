"""The report: the fit's numbers, nothing loaded, nobody's data, legible to everybody."""

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.decisions.apply import apply_plan, set_calibration, set_threshold
from leadweights.decisions.plan import read_plan
from leadweights.errors import ParityError, TableError, UnsupportedError
from leadweights.formula.stages import row_outputs
from leadweights.model.calibration import Platt
from leadweights.model.model import Category, Number
from leadweights.model.rules import Decisions
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.reports.html.data import Report
from leadweights.reports.html.gather import gather
from leadweights.reports.html.page import page
from tests.support.commands import invoke
from tests.support.faults import wrong_exp

OUTPUTS, VALID = Path("outputs"), Path("data/valid.csv")
WRITTEN = json.loads((OUTPUTS / "metrics.json").read_text())


@pytest.fixture(scope="module")
def model() -> lw.ScoringModel:
    return lw.load(OUTPUTS / "model.json")


@pytest.fixture(scope="module")
def data(model: lw.ScoringModel) -> Report:
    return gather(model, VALID, folder=OUTPUTS)


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    """Rows enough where numbers do not matter."""
    return pd.read_csv(VALID).head(250)


@pytest.fixture(scope="module")
def text(data: Report) -> str:
    return page(data)


def six(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def as_written(report: Report) -> dict[str, Any]:
    def plain(intervals: Any) -> Any:
        return intervals and {
            name: {"value": six(i.value), "low": six(i.low), "high": six(i.high)}
            for name, i in intervals.items()
        }

    return {
        name: {"metrics": plain(m.metrics), "differences": plain(m.differences)}
        for name, m in report.models.items()
    }


def test_the_numbers_are_those_of_the_fit(data: Report) -> None:
    assert as_written(data) == WRITTEN["models"]
    assert (data.rows, data.positive_rows) == (1200, 488)
    assert data.notes == ()


@pytest.mark.sweep
def test_measured_anew_they_are_the_same_with_their_intervals(
    model: lw.ScoringModel, tmp_path: Path
) -> None:
    """With the baseline beside it, and without the fit's comparison."""
    shutil.copy(OUTPUTS / "equal_weights.json", tmp_path)
    found = gather(model, VALID, folder=tmp_path)
    again = ("equal_weights", "logistic_regression")
    expected = {n: m for n, m in WRITTEN["models"].items() if n in again}
    assert as_written(found) == expected
    assert [note.split(" ")[0] for note in found.notes] == ["Gradient", "Columns"]


@pytest.mark.sweep
def test_another_table_does_not_get_the_fits_numbers(
    model: lw.ScoringModel, few: pd.DataFrame
) -> None:
    found = gather(model, few, folder=OUTPUTS)
    assert "gradient_boosting" not in found.models
    assert any("measures another table" in note for note in found.notes)


@pytest.mark.sweep
@pytest.mark.parametrize(
    "damaged",
    ["", "[]", "{}", '{"columns": [1], "models": []}', '{"columns": 1, "models": {"a": 1}}'],
)
def test_damaged_files_beside_the_model_are_not_shown(
    model: lw.ScoringModel, few: pd.DataFrame, tmp_path: Path, damaged: str
) -> None:
    for name in ("metrics.json", "columns.json", "equal_weights.json"):
        (tmp_path / name).write_text(damaged)
    found = gather(model, few, folder=tmp_path)
    assert list(found.models) == ["logistic_regression"]
    assert found.findings is None
    assert len(found.notes) == 3


@pytest.mark.sweep
def test_the_baseline_of_another_fit_is_not_shown(
    model: lw.ScoringModel, few: pd.DataFrame, tmp_path: Path
) -> None:
    equal = lw.load(OUTPUTS / "equal_weights.json")
    other = replace(equal, provenance=replace(equal.provenance, rows_sha256="0" * 64))
    lw.save(other, tmp_path / "equal_weights.json")
    found = gather(model, few, folder=tmp_path)
    assert (
        found.notes[0] == "Equal weights are not shown: those beside the model are of other rows."
    )


@pytest.mark.sweep
def test_what_the_fit_suspected_is_told(
    model: lw.ScoringModel, few: pd.DataFrame, tmp_path: Path
) -> None:
    written = json.loads((OUTPUTS / "columns.json").read_text())
    suspect = {"column": "sentiment_score", "evidence": ["it knows"], "advice": "leave it out"}
    written["suspects"] = [suspect]
    (tmp_path / "columns.json").write_text(json.dumps(written))
    found = words(lw.report(model, few, folder=tmp_path))
    assert "sentiment_score (in the score) it knows leave it out" in found


@pytest.mark.sweep
def test_nobody_can_take_the_training_rows_for_new_ones(model: lw.ScoringModel) -> None:
    with pytest.raises(TableError, match="the model has learnt from 100% of these rows"):
        gather(model, "data/train.csv", folder=OUTPUTS)
    found = gather(model, "data/train.csv", folder=OUTPUTS, learnt_rows=True)
    assert any("These are the rows the model was learnt from" in note for note in found.notes)
    assert "These are the rows the model was learnt from" in opening(page(found))


def opening(text: str) -> str:
    """Give what a reader sees above the first number."""
    return text.partition('<section id="numbers"')[0].partition("<body>")[2]


@pytest.mark.sweep
def test_a_page_opens_with_which_rows_it_is_measured_on_and_with_no_warning(
    model: lw.ScoringModel, few: pd.DataFrame, text: str
) -> None:
    assert "Measured on the validation table, apart from the rows" in opening(text)
    other = gather(model, few)
    assert len(other.notes) == 3
    said = page(other)
    assert "They are of a table that was given for this page" in opening(said)
    assert "notice" not in opening(said)
    for note in other.notes:
        assert said.count(note) == 1
        assert note not in opening(said)
    thinned = replace(model, provenance=replace(model.provenance, negatives_kept=0.5))
    warned = page(gather(thinned, few))
    assert "The model is corrected for 0.5 of the negatives kept" in opening(warned)


def test_the_page_writes_the_numbers(data: Report, text: str) -> None:
    for name in ("logistic_regression", "equal_weights", "gradient_boosting"):
        auc = WRITTEN["models"][name]["metrics"]["auc_roc"]
        assert f"{auc['value']:.4f} ({auc['low']:.3f} to {auc['high']:.3f})" in text
    model, measured = data.parity.model_sha256, data.measured_sha256
    for sha256 in (model, data.model.provenance.rows_sha256, measured):
        assert f"<code>{sha256}</code>" in text


@pytest.mark.sweep
def test_the_same_input_gives_the_same_bytes(text: str, model: lw.ScoringModel) -> None:
    rows = pd.read_csv(VALID).sample(frac=1, random_state=1)
    assert lw.report(model, rows, folder=OUTPUTS) == text


class Page(HTMLParser):
    """Every element with its attributes, texts joined, ids and labels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *tags: str) -> Iterator[dict[str, str]]:
        return (attributes for tag, attributes in self.found if tag in tags)


def references(text: str) -> Iterator[str]:
    for _, attributes in Page(text).found:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
                yield value
            yield from re.findall(r"url\(['\"]?(.*?)['\"]?\)", value)
    for style in re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL):
        yield from re.findall(r"url\(['\"]?(.*?)['\"]?\)", style)
        assert "@import" not in style
        assert "@font-face" not in style


def test_nothing_is_loaded_from_anywhere(text: str) -> None:
    assert len(list(references(text))) > 20
    assert [r for r in references(text) if not r.startswith(("#", "data:"))] == []
    assert "://" not in text


def test_the_policy_allows_the_pages_own_script_and_style_alone(text: str) -> None:
    (policy,) = (a["content"] for a in Page(text).all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    # A style attribute would need 'unsafe-inline', an event attribute too.
    inline = [n for _, a in Page(text).found for n in a if n == "style" or n.startswith("on")]
    assert inline == []


def test_the_page_is_small(text: str) -> None:
    assert len(text.encode()) < 300_000


@pytest.mark.sweep
def test_a_model_of_too_many_formulas_is_told_how_to_have_its_form(data: Report) -> None:
    levels = tuple(Level(f"level {place:05}", 0.1, 0.0) for place in range(5_000))
    rest = Level("", 0.0, 0.0), Level("", 0.0, 0.0)
    large = replace(
        data.model,
        columns=(Category("industry"),),
        terms=(Levels("industry", 1.0, levels, *rest),),
        decisions=Decisions(),
    )
    text = page(replace(data, model=large))
    assert "leadweights export javascript model.json --output web" in text
    assert 'type="module"' not in text
    assert len(text.encode()) < 300_000


@pytest.mark.sweep
def test_a_page_of_many_rows_is_small_and_says_what_it_left_out(model: lw.ScoringModel) -> None:
    random = np.random.RandomState(0)
    rows = pd.read_csv(VALID).sample(6_000, replace=True, random_state=0)
    rows["recency_days"] += random.normal(size=len(rows))
    found = lw.report(model, rows)
    assert len(found.encode()) < 300_000
    assert "the control moves in 2,000 steps" in " ".join(found.split())


def test_no_key_and_no_row_of_the_table_is_in_the_page(text: str) -> None:
    with VALID.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["contact_id"] for row in rows if row["contact_id"] in text] == []
    words = Page(text).texts
    held = {word.strip() for word in words}
    features = [name for name in rows[0] if name not in ("contact_id", "label")]
    # Values are rounded to two digits of their spread: a row would need all of its values there.
    for row in rows:
        assert not all(row[name] in held for name in features), row


def test_the_example_leads_are_strong_middling_and_weak(data: Report) -> None:
    strong, middling, weak = data.typical
    assert (strong.name, middling.name, weak.name) == ("strong", "middling", "weak")
    assert strong.rank > 0.9
    assert 0.4 < middling.rank < 0.6
    assert weak.rank < 0.1
    for lead in data.typical:
        assert sum(part.contribution for part in lead.parts) == pytest.approx(
            lead.lead_score, abs=1e-12
        )


def renamed(model: lw.ScoringModel, new: str) -> lw.ScoringModel:
    """Put a name in place of `recency_days`, and everywhere else a model has words."""
    old = "recency_days"
    return replace(
        model,
        columns=tuple(replace(c, name=new) if c.name == old else c for c in model.columns),
        terms=tuple(replace(t, column=new) if t.column == old else t for t in model.terms),
        provenance=replace(model.provenance, method=new, positive=new, made_by=new),
        decisions=replace(
            model.decisions,
            wordings=tuple(
                replace(w, column=new, description=new) if w.column == old else w
                for w in model.decisions.wordings
            ),
        ),
    )


EVIL = '<script>alert("1")</script>&amp;</style><!--$x_'


@pytest.mark.sweep
def test_a_column_with_a_hostile_name_stays_text(model: lw.ScoringModel, few: pd.DataFrame) -> None:
    found, plain = (
        Page(lw.report(renamed(model, name), few.rename(columns={"recency_days": name})))
        for name in (EVIL, "0 plain")
    )
    tags = [tag for tag, _ in found.found if tag != "wbr"]
    assert tags == [tag for tag, _ in plain.found if tag != "wbr"]
    assert EVIL in "".join(found.texts)


@pytest.mark.sweep
def test_a_level_with_a_hostile_name_stays_text(model: lw.ScoringModel, few: pd.DataFrame) -> None:
    """In the words, in the table of levels and in an example lead."""
    first, *rest = model.terms
    assert isinstance(first, Standardized)
    column = next(c for c in model.columns if c.name == first.column)
    assert isinstance(column, Number)
    levels = Levels(
        *(first.column, abs(first.weight)),
        (Level(EVIL, 0.2, 0.6), Level("b", -0.2, 0.4)),
        Level("", 0.0, 0.0),
        Level("", 0.0, 0.0),
    )
    evil = replace(
        model,
        columns=tuple(Category(c.name) if c is column else c for c in model.columns),
        terms=(levels, *rest),
    )
    rows = few.copy()
    rows[first.column] = [EVIL if i % 2 else "b" for i in range(len(rows))]
    found = Page(lw.report(evil, rows))
    assert len([tag for tag, _ in found.found if tag == "script"]) == 3
    assert "".join(found.texts).count(EVIL) >= 2


def test_every_control_and_every_chart_has_a_name(text: str) -> None:
    found = Page(text)
    labelled = {a["for"] for a in found.all("label")}
    for control in found.all("input"):
        assert control["id"] in labelled or control.get("aria-label")
    ids = [a["id"] for _, a in found.found if "id" in a]
    assert len(ids) == len(set(ids))
    charts = [a for a in found.all("svg") if a["class"] == "chart"]
    assert len(charts) == 8
    for chart in charts:
        assert set(chart["aria-labelledby"].split()) <= set(ids)
    named = [v for _, a in found.found for v in a.get("aria-labelledby", "").split()]
    assert set(named) <= set(ids)
    inside = {a["href"][1:] for a in found.all("a")}
    assert inside <= set(ids)


def test_headings_and_tables_are_in_order(text: str) -> None:
    found = Page(text)
    levels = [int(tag[1]) for tag, _ in found.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all(a.get("scope") in ("col", "row") for a in found.all("th"))
    tags = [tag for tag, _ in found.found]
    assert tags.count("table") == tags.count("caption")
    assert {"header", "nav", "main", "footer"} <= set(tags)


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_of_known_colours() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0, abs=1e-12)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


# Text needs 4.5, a large shape or a border 3 (WCAG 2.2 AA, 1.4.3 and 1.4.11).
PAIRS = [
    *((text, ground, 4.5) for text in ("ink", "muted", "main", "warn") for ground in ("page",)),
    *((text, ground, 4.5) for text in ("ink", "muted") for ground in ("panel",)),
    ("on-main", "main", 4.5),
    *((shape, "page", 3.0) for shape in ("main", "soft", "other", "control", "muted")),
    *((shape, "panel", 3.0) for shape in ("main", "control")),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_contrast_enough(
    text: str, scheme: str, front: str, back: str, least: float
) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", text, flags=re.DOTALL)[:2]
    assert set(colours(light)) == set(colours(dark))
    found = colours(light if scheme == "light" else dark)
    assert contrast(found[front], found[back]) >= least


def test_every_colour_of_the_page_is_a_variable(text: str) -> None:
    style = re.search(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    assert style is not None
    roots = re.sub(r":root \{.*?\}", "", style[1], flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", roots) == []
    drawn = {v for _, a in Page(text).found for k, v in a.items() if k in ("fill", "stroke")}
    assert {v for v in drawn if v != "none" and not v.startswith("var(--")} == set()


@pytest.mark.sweep
def test_the_command_writes_the_page(tmp_path: Path, text: str) -> None:
    target = tmp_path / "report.html"
    words = ["report", "outputs/model.json", str(VALID), "-o", str(target)]
    done = invoke(words)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert target.read_text(encoding="utf-8") == text


def test_the_command_does_not_overwrite_what_it_reads() -> None:
    words = ["report", "outputs/model.json", str(VALID), "-o", "outputs/model.json"]
    assert invoke(words).exit_code == 2


def test_a_table_without_the_label_is_told(model: lw.ScoringModel) -> None:
    with pytest.raises(TableError, match="no column 'won'"):
        lw.report(model, VALID, label="won")


def test_no_report_is_made_of_sql_that_is_wrong(model: lw.ScoringModel) -> None:
    with wrong_exp(), pytest.raises(ParityError, match="your rows"):
        lw.report(model, VALID)


def test_without_the_libraries_one_line_says_how_to_get_them(
    model: lw.ScoringModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ("page", "charts", "environment")
    for name in (*(f"leadweights.reports.html.{room}" for room in own), "jinja2"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UnsupportedError, match=re.escape('pip install "leadweights[report]"')):
        lw.report(model, VALID)


@pytest.mark.sweep
def test_a_report_on_equal_weights_has_no_log_odds_and_says_what_is_missing() -> None:
    equal = lw.load(OUTPUTS / "equal_weights.json")
    found = lw.report(equal, VALID, folder=OUTPUTS)
    assert "stands in for a probability, which it is not" in " ".join(found.split())
    assert "<dt>Log-odds</dt>" not in found
    assert "Gradient boosting is not shown" in found


REASON = "agreed with sales on <b>Monday</b>"
PLAN = {
    "score_100": {"by": "points", "pdo": 20, "base_points": 40, "base_odds": 1},
    "bands": {"by": "points", "Hot": [61, 100], "Warm": [31, 60], "Cold": [0, 30]},
    "actions": {"Hot": "call today", "Cold": "send nothing"},
    "consent": {"column": "may_call", "yes": ["yes", "sure"]},
    "adjustment": {"column": "season", "low": 0.8, "high": 1.2},
    "decay": {"column": "last_seen", "half_life_days": 30, "until": date(2026, 3, 1)},
    "rank": {"owner": "team"},
    "reasons": {"count": 2},
}


@pytest.fixture(scope="module")
def decided(model: lw.ScoringModel) -> lw.ScoringModel:
    found = apply_plan(set_calibration(model, Platt(-0.1, 0.9)), read_plan(PLAN), None)
    return set_threshold(found, 0.2, REASON)


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    random, rows = np.random.RandomState(0), pd.read_csv(VALID)
    rows["may_call"] = random.choice(np.array(["yes", "sure", "no", None]), len(rows))
    rows["season"] = random.choice([0.5, 1.1, 3.0, np.nan], len(rows))
    days = pd.to_timedelta(random.randint(0, 90, len(rows)), unit="D")
    rows["last_seen"] = pd.Timestamp("2025-12-15") + days
    rows["team"] = random.choice(["north", "south"], len(rows))
    return rows


@pytest.fixture(scope="module")
def reported(decided: lw.ScoringModel, leads: pd.DataFrame) -> Report:
    return gather(decided, leads, folder=OUTPUTS)


@pytest.fixture(scope="module")
def decided_text(reported: Report) -> str:
    return page(reported)


def by_duckdb(model: lw.ScoringModel, table: pd.DataFrame) -> pd.DataFrame:
    """Run the SELECT with all that is decided."""
    sql = lw.render(model, keys=["label"], columns=row_outputs(model, "standardized"))
    with duckdb.connect() as connection:
        connection.register("leads", table)
        found: pd.DataFrame = connection.sql(sql).df()
    return found


def words(text: str) -> str:
    return " ".join("".join(Page(text).texts).split())


@pytest.mark.sweep
def test_the_bands_are_those_of_the_select(
    reported: Report, decided: lw.ScoringModel, leads: pd.DataFrame
) -> None:
    scored = by_duckdb(decided, leads)
    assert [b.name for b in reported.bands] == ["Hot", "Warm", "Cold"]
    assert [b.action for b in reported.bands] == ["call today", "", "send nothing"]
    for band in reported.bands:
        own = scored[scored["band"] == band.name]
        assert (band.rows, band.positives) == (len(own), own["label"].sum())
        assert band.rate.value == own["label"].mean()
        assert band.low is None or own["adjusted_log_odds"].min() >= band.low


def test_the_bands_of_the_example_are_cut_by_hand(data: Report, model: lw.ScoringModel) -> None:
    scored = lw.score(model, VALID).assign(label=pd.read_csv(VALID)["label"])
    lows = {band.name: band.low for band in data.bands}
    edges = [np.inf, *(low for low in lows.values() if low is not None), -np.inf]
    cut = pd.cut(scored["log_odds"], edges[::-1], right=False, labels=list(lows)[::-1])
    found = scored.groupby(cut, observed=True)["label"].agg(["size", "sum"])
    assert {b.name: (b.rows, b.positives) for b in data.bands} == {
        name: (row["size"], row["sum"]) for name, row in found.iterrows()
    }


@pytest.mark.sweep
def test_a_model_without_bands_is_cut_in_fifths(model: lw.ScoringModel) -> None:
    plain = replace(model, decisions=replace(model.decisions, bands=None, scale=None))
    found = gather(plain, VALID)
    assert [b.rows for b in found.bands] == [240] * 5
    assert "The model has no bands of its own" in words(page(found))
    assert found.typical[0].band is None
    assert found.typical[0].score_100 is None


@pytest.mark.sweep
def test_rows_without_a_score_are_counted_and_left_out(
    reported: Report, decided_text: str, decided: lw.ScoringModel, leads: pd.DataFrame
) -> None:
    scored = by_duckdb(decided, leads)
    kept = scored[scored["status"] == "scored"]
    assert (reported.rows, reported.positive_rows) == (len(kept), kept["label"].sum())
    assert reported.unscored_rows == len(leads) - len(kept) > 0
    assert reported.reliability.rows == len(kept)
    brier = np.square(kept["adjusted_probability"] - kept["label"]).mean()
    assert reported.reliability.brier.value == pytest.approx(brier, abs=1e-12)
    assert f"{reported.unscored_rows} more have no score, for want of consent" in words(
        decided_text
    )
    assert "equal_weights" in reported.models


def test_a_table_that_shows_nothing_is_told(decided: lw.ScoringModel, leads: pd.DataFrame) -> None:
    with pytest.raises(TableError, match="none of the 1,200 rows has a score"):
        gather(decided, leads.assign(may_call="no"))
    one = leads.assign(may_call=np.where(leads["label"] == 1, "yes", "no"))
    with pytest.raises(TableError, match="rows with a score are positive"):
        gather(decided, one)


def test_the_control_starts_at_the_models_threshold(
    decided_text: str, decided: lw.ScoringModel, leads: pd.DataFrame
) -> None:
    scored = by_duckdb(decided, leads)
    chosen = scored[scored["decision"] == 1]
    (written,) = re.findall(r'id="ranking">(.*?)</script>', decided_text)
    steps = json.loads(written)
    start = steps["start"]
    assert (steps["calls"][start], steps["hits"][start]) == (len(chosen), chosen["label"].sum())
    assert (steps["cuts"][start - 1], steps["column"]) == (0.2, "adjusted_log_odds")
    assert f"How it was chosen: {REASON}" in words(decided_text)


def test_what_is_done_with_the_score_is_said(decided_text: str) -> None:
    found = words(decided_text).replace("\u201c", "").replace("\u201d", "")
    for sentence in (
        "Only a lead whose may_call holds yes or sure is scored.",
        "calibrated log-odds are 0.9 \u00d7 log-odds \u2212 0.1 (Platt).",
        "The number in season multiplies the odds; below 0.8 it counts as 0.8, above 1.2 as 1.2",
        "The odds halve every 30 days from the date in last_seen until 2026-03-01.",
        "points, of which 40 stand for even odds (a probability of 50%), and 20 more double",
        "Leads fall into Hot, Warm and Cold, the best first",
        "decision is 1 from log-odds 0.2 on, a probability of 55.0%, and 0 below",
        "rank is its place within each team",
        "Each lead comes with the 2 columns that move its log-odds most",
        "They have consent, and their scores are neither adjusted nor decayed.",
    ):
        assert sentence in found


def test_the_examples_are_decided_as_the_select_decides(
    reported: Report, decided: lw.ScoringModel
) -> None:
    """With consent, the factor and the date missing."""
    for lead in reported.typical:
        row: dict[str, Any] = {p.term: [float(p.holds.replace(",", ""))] for p in lead.parts}
        row |= {"label": [0], "may_call": ["yes"], "season": [np.nan], "last_seen": [pd.NaT]}
        (found,) = by_duckdb(decided, pd.DataFrame(row)).to_dict("records")
        assert lead.probability == found["adjusted_probability"]
        assert (lead.score_100, lead.decision) == (found["score_100"], found["decision"])
        assert (lead.band, lead.action) == (found["band"], found["action"])
        assert [(r.words, r.effect) for r in lead.reasons] == [
            (found[f"reason_{n}"], found[f"reason_{n}_effect"]) for n in (1, 2)
        ]


@pytest.mark.sweep
def test_the_sql_of_all_decisions_is_there_or_how_to_get_it(
    decided_text: str, decided: lw.ScoringModel, leads: pd.DataFrame
) -> None:
    every = row_outputs(decided, "standardized")
    assert lw.render(decided, columns=every) in "".join(Page(decided_text).texts)
    assert len(decided_text.encode()) < 300_000
    short = words(page(gather(decided, leads.head(250), most_sql_bytes=1000)))
    assert f"leadweights sql model.json --columns {','.join(every)}" in short
    assert "reason_code" not in short
