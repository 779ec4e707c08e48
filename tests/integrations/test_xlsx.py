"""A workbook scores what is pasted into it: LibreOffice computes what Python does."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, seed, settings

import leadweights as lw
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import row_outputs, stages
from leadweights.formula.texts import Texts
from leadweights.integrations.cell_formulas import number, text
from leadweights.model.model import Category, Number
from tests.support.spreadsheets import needs_libreoffice, paste, recalculate
from tests.support.strategies import Drawn, deciding_models_with_tables, models_with_tables

pytest.importorskip("xlsxwriter", reason="pip install 'leadweights[xlsx]'")

pytestmark = pytest.mark.tool("XlsxWriter")

MODEL = lw.load("outputs/model.json")
FRAME = pd.read_csv("data/valid.csv")
WORDS = ("Web", "web", "Fair ", 'it\'s "so"', None)
EXACT = ("lead_score", "log_odds", "probability")


def results(model: lw.ScoringModel) -> list[str]:
    own = row_outputs(model, "standardized")
    return [name for name in own if not name.endswith("_effect")]


def places(model: lw.ScoringModel) -> list[int]:
    """Number the columns of Scores whose bits are compared."""
    named = [*model.keys, *results(model)]
    return [named.index(name) for name in EXACT if name in named]


def table(frame: pd.DataFrame) -> list[list[object]]:
    cells = [[None if pd.isna(value) else value for value in row] for row in frame.values.tolist()]
    return [list(frame.columns), *cells]


@pytest.fixture(scope="module")
def crm() -> tuple[lw.ScoringModel, pd.DataFrame]:
    """A model of all sorts of columns that knows consent, decay, bands, and rows for it."""
    rng = np.random.default_rng(3)
    rows = 900
    frame = pd.DataFrame(
        {
            "id": [f"lead {i}" for i in range(rows)],
            "What? (1*2)": rng.normal(10, 4, rows).round(3),
            "spend": np.exp(rng.normal(3, 2, rows)).round(2),
            "source": np.array(["Web", "web", "Fair ", 'it\'s "so"', None])[
                rng.integers(0, 5, rows)
            ],
            "country": rng.choice(["DE", " de ", "AT", "CH"], rows),
            "asked": rng.random(rows) < 0.5,
            "since": pd.to_datetime("2025-01-01")
            + pd.to_timedelta(rng.integers(0, 400, rows), "D"),
            "may": rng.choice(["Yes", "No"], rows, p=[0.9, 0.1]),
        }
    )
    frame["spend"] = frame["spend"].where(rng.random(rows) < 0.9)
    odds = (frame["What? (1*2)"] - 10) / 4 + frame.asked + (frame.source == "Web") - 1
    odds += (frame.country == "AT") * 0.8 + np.log1p(frame.spend.fillna(20)) / 3 - 1
    frame["won"] = rng.random(rows) < 1 / (1 + np.exp(-odds))
    dictionary = {
        "country": {"trim": True, "casefold": True},
        "spend": {"description": "money, spent", "reason_high": "spends much"},
    }
    model = lw.fit_model(
        frame, label="won", keys=["id"], exclude=["may"], dictionary=dictionary, trees="none"
    )
    plan: dict[str, object] = {
        "consent": {"column": "may", "yes": ["Yes"]},
        "decay": {"column": "since", "half_life_days": 90, "until": date(2026, 3, 1)},
        "trend": {"column": "before"},
        "actions": {"A": "call today"},
        "reasons": {"count": 4},
    }
    frame["before"] = np.where(rng.random(rows) < 0.8, rng.normal(0, 2, rows).round(4), np.nan)
    return lw.decide(model, plan=plan), frame.drop(columns="won").head(120)


@needs_libreoffice
@pytest.mark.telling
def test_libreoffice_gives_the_bits_of_the_select(
    crm: tuple[lw.ScoringModel, pd.DataFrame], tmp_path: Path
) -> None:
    trees = lw.fit_model("data/train.csv", label="label", keys=["contact_id"], trees=2)
    sold, leads = crm
    kinds = {type(column) for column in sold.columns}
    assert {Number, Category} < kinds
    serial = (leads.since - pd.Timestamp("1899-12-30")).dt.days.astype(object)
    turned = leads.assign(since=serial)[leads.columns[::-1]]
    tables = {"campaign": FRAME.head(400), "trees": FRAME.head(200), "crm": turned}
    models = {"campaign": MODEL, "trees": trees, "crm": sold}
    books = {
        name: paste(lw.export_xlsx(model, rows=420), table(tables[name]), places(model))
        for name, model in models.items()
    }
    found = recalculate(books, tmp_path)
    for name, model in models.items():
        own = leads if name == "crm" else tables[name]
        expected = lw.score(model, own, columns=results(model))
        assert set(found[name]["check"]) == {""}
        assert found[name][model.keys[0]] == own[model.keys[0]].tolist()
        for result in results(model):
            want = expected[result].tolist()
            got = [None if cell == "" else cell for cell in found[name][result]]
            known = [None if pd.isna(value) else value for value in want]
            if result.startswith("adjusted"):  # they come back in fifteen digits
                numbers = [np.nan if value is None else value for value in got]
                np.testing.assert_allclose(np.array(numbers), want, rtol=1e-14, err_msg=result)
            else:
                assert got == known, (name, result)


@needs_libreoffice
def test_random_models_are_scored_alike_or_refused_by_name(tmp_path: Path) -> None:
    drawn: list[tuple[Drawn, bytes, list[str]]] = []
    refused: list[str] = []

    @seed(11)
    @settings(max_examples=15, database=None, deadline=None)
    @given(models_with_tables(most_columns=4, rows=6, most=3))
    def plain(found: Drawn) -> None:
        take(found)

    @seed(12)
    @settings(max_examples=15, database=None, deadline=None)
    @given(deciding_models_with_tables(rows=6))
    def deciding(found: Drawn) -> None:
        take(found)

    def take(found: Drawn) -> None:
        try:
            book = lw.export_xlsx(found.model, rows=6)
        except lw.UnsupportedError as problem:
            refused.append(str(problem))
            return
        names = [*found.model.keys, *(n for n in found.table if n not in found.model.keys)]
        columns = [_cells(found, name) for name in names]
        drawn.append((found, paste(book, [names, *map(list, zip(*columns, strict=True))]), names))

    plain()
    deciding()
    assert len(drawn) >= 12
    assert all("no cell can hold" in problem or "is read as" in problem for problem in refused)
    books = {str(place): book for place, (_, book, _) in enumerate(drawn)}
    found = recalculate(books, tmp_path)
    compared = 0
    for place, (own, _, _) in enumerate(drawn):
        compared += _compare(own, found[str(place)])
    assert compared >= 60


def _cells(found: Drawn, name: str) -> Sequence[object]:
    values = found.table[name]
    if isinstance(values, Texts):
        return [None if value == "" else value for value in values.values()]
    shift = 25569 if found.types.get(name) == "DATE" else 0
    is_flag = found.types.get(name) == "BOOLEAN"
    return [
        None if not np.isfinite(v) else bool(v) if is_flag else float(v) + shift for v in values
    ]


def _compare(drawn: Drawn, found: dict[str, list[object]]) -> int:
    model = drawn.model
    names = results(model)
    read = {
        name: values.hide(np.array([v == "" for v in values.values()]))
        if isinstance(values, Texts)
        else np.where(np.isfinite(values), values, np.nan)
        for name, values in drawn.table.items()
    }
    steps = stages(model, columns=["contributions", *names])
    expected = compute(steps, read)
    wanted = expected["lead_score"]
    assert not isinstance(wanted, Texts)
    parts = [v for n, v in expected.items() if n not in names and not isinstance(v, Texts)]
    size = np.maximum(np.abs(parts).sum(axis=0), 1e-9)
    cells = list(zip(*(_cells(drawn, name) for name in drawn.table), strict=True))
    compared = 0
    for row, told in enumerate(found["check"]):
        if all(value is None for value in cells[row]):
            continue  # nothing was pasted
        if told:  # a text that stands where the cell wants a number
            assert told == "text where a number is needed"
            continue
        compared += 1
        got, want = found["lead_score"][row], wanted[row]
        if want != want:
            assert got == ""
            continue
        assert isinstance(got, float)
        assert abs(got - want) <= 1e-13 * size[row], (row, got, want)
    return compared


def test_the_same_model_gives_the_same_bytes_and_no_time() -> None:
    book = lw.export_xlsx(MODEL, rows=3)
    assert book == lw.export_xlsx(MODEL, rows=3)
    with zipfile.ZipFile(BytesIO(book)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_weights_means_and_deviations_stand_in_a_sheet() -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(BytesIO(lw.export_xlsx(MODEL, rows=1)))
    rows = book.get_sheet_by_name("Weights").to_python()
    assert rows[1][:2] == ["intercept", MODEL.link.intercept]  # type: ignore[union-attr]
    for term, row in zip(MODEL.terms, rows[5:], strict=False):
        line: Any = term
        assert row[:4] == [term.column, term.weight, line.mean, line.std]
    with zipfile.ZipFile(BytesIO(lw.export_xlsx(MODEL, rows=1))) as parts:
        steps = parts.read("xl/worksheets/sheet5.xml").decode()
    for place in range(6, 6 + len(MODEL.terms)):
        assert f"-Weights!$C${place})*(Weights!$B${place}/Weights!$D${place}))" in steps


@needs_libreoffice
def test_what_cannot_be_scored_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [[name for name in FRAME.columns if name != "mms_affinity"]]
    lacking = paste(lw.export_xlsx(MODEL, rows=3), [*rows, *table(FRAME.head(2))[1:]])
    wrong = table(FRAME.head(2))
    wrong[2][wrong[0].index("recency_days")] = "soon"
    books = {"lacking": lacking, "wrong": paste(lw.export_xlsx(MODEL, rows=3), wrong)}
    found = recalculate(books, tmp_path)
    assert found["lacking"]["check"] == ["a column is missing: see Columns"] * 2
    assert found["wrong"]["check"] == ["", "text where a number is needed"]
    assert found["wrong"]["band"][0] == "A"
    assert found["wrong"]["band"][1] == found["lacking"]["band"][0] == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.25, "0.25"), (-1e100, "(-1E+100)"), (2**-30, None), (1 / 3, None), (-0.1 - 0.2, None)],
)
def test_numbers_are_read_back_to_the_bit_by_a_parser_of_fifteen_digits(
    value: float, written: str | None
) -> None:
    found = number(value)
    assert written is None or found == written
    for digits in re.findall(r"(?<!E)(?<!E[+-])\b[\d.]+", found):
        assert len(digits.replace(".", "").strip("0")) <= 15
    assert eval(found) == value


def test_texts_are_written_in_pieces() -> None:
    assert text('say "a"') == '"say ""a"""'
    assert text("x" * 300) == f'("{"x" * 255}"&"{"x" * 45}")'


def test_what_no_cell_can_hold_is_refused_by_its_name() -> None:
    frame = pd.DataFrame(
        {
            "id": range(400),
            "since": [f"{i % 28 + 1:02}.{i % 12 + 1:02}.2025" for i in range(400)],
            "won": [(i % 12) * 7 % 5 > 2 for i in range(400)],
        }
    )
    model = lw.fit_model(frame, label="won", keys=["id"])
    with pytest.raises(lw.UnsupportedError, match="no cell can hold 'since") as caught:
        lw.export_xlsx(model)
    assert "a date in a text" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(lw.UnsupportedError, match="1 to 100,000 rows, not 0"):
        lw.export_xlsx(MODEL, rows=0)
    long = replace(MODEL, keys=("k" * 300,))
    with pytest.raises(lw.UnsupportedError, match="no cell looks up a name as long as 'kkk"):
        lw.export_xlsx(long)
