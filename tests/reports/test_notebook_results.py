"""Results show themselves in a few lines, and in a notebook as a small table."""

from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.reports.layout import Grid, write_html, write_text
from tests.support.learning import QUICK

NASTY = "<b>&\"'$x$</b>"


class Reader(HTMLParser):
    """Read a fragment as a browser does: its tags, which must be closed, and its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "class", "scope"}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    random = np.random.RandomState(2)
    y = np.arange(240) % 2
    columns: dict[str, Any] = {"label": y, "lead_id": [f"L{row}" for row in range(240)]}
    columns |= {f"n{place:02}": random.normal(y, 3).round(2) for place in range(25)}
    columns[NASTY] = random.normal(y, 1).round(2)
    columns["Close reason"] = np.where(y > 0, "won", "no")
    frame = pd.DataFrame(columns)
    fit = lw.fit(frame, limits=QUICK)
    return {
        "fit": fit,
        "comparison": fit.comparison,
        "weights": lw.weights(fit.model),
        "threshold": lw.threshold(fit.model, frame, lw.Recall(0.5)),
        "unproven": lw.threshold(
            lw.load("outputs/model.json"), "data/valid.csv", lw.Precision(0.99)
        ),
        "folds": lw.cross_validate(frame, count=2),
    }


@pytest.mark.sweep
def test_each_is_short(results: dict[str, Any]) -> None:
    for name, result in results.items():
        assert 2 <= len(repr(result).splitlines()) <= 32, name
        assert max(map(len, repr(result).splitlines())) < 400, name
        assert str(result) == repr(result)


@pytest.mark.sweep
def test_a_fit_says_what_one_looks_for_first(results: dict[str, Any]) -> None:
    said, fit = repr(results["fit"]), results["fit"]
    assert said.startswith("logistic_regression, learnt from 192 rows, 50.0% with label = 1")
    auc = fit.comparison.models["logistic_regression"].metrics["auc_roc"]
    assert f"{auc.value:.4f} [{auc.low:.3f}, {auc.high:.3f}]" in said
    assert "Close reason" in said
    assert "Warning: " in said
    assert "lead_id tells the rows apart: with keys=['lead_id'] scores come out with it." in said
    assert f"and {27 - 8} more features: lw.weights(fit.model)" in said


@pytest.mark.sweep
def test_the_table_of_a_notebook_has_the_cells_of_the_text_and_no_more_tags(
    results: dict[str, Any],
) -> None:
    for name, result in results.items():
        page = Reader(result._repr_html_())
        assert page.tags <= {"div", "p", "br", "table", "thead", "tbody", "tr", "th", "td"}, name
        said = "".join(repr(result).split())
        for row in page.rows:
            assert "".join("".join(row).split()) in said, name
        assert ("table" in page.tags) == (name != "unproven")
        # Dark or light, the notebook's own colours are taken.
        assert "color" not in result._repr_html_()


@pytest.mark.sweep
def test_names_are_escaped(results: dict[str, Any]) -> None:
    page = results["weights"]._repr_html_()
    assert NASTY not in page
    assert NASTY in Reader(page).text


@pytest.mark.sweep
def test_weights_are_still_a_list(results: dict[str, Any]) -> None:
    found = results["weights"]
    assert isinstance(found, list)
    assert found == list(found)
    assert list(pd.DataFrame(found).columns)[:3] == ["feature", "level", "weight"]


@pytest.mark.sweep
def test_an_empty_list_of_weights_shows_nothing(results: dict[str, Any]) -> None:
    empty = type(results["weights"])()
    assert repr(empty) == ""
    assert Reader(empty._repr_html_()).rows == []


CELLS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1)
    )
)
def test_any_cell_comes_back_from_both_forms(rows: list[list[str]]) -> None:
    assert Reader(write_html([Grid(rows, left=1)])).rows == rows
    lines = write_text([Grid(rows, left=1)]).split("\n")
    for row, line in zip(rows, lines, strict=False):
        assert line.replace(" ", "") == "".join(row)
