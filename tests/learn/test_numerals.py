"""Columns of text that hold numbers: how they are written is decided by the whole column."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.errors import DictionaryError, TableError
from leadweights.formula.marks import MINUS
from leadweights.learn.prepare.columns import Decision
from leadweights.model.form import PLAIN, Form
from leadweights.model.model import InText, Number, Plain, ScoringModel

ROWS = 240
_RANDOM = np.random.RandomState(11)
# Two decimals, either sign, below and above a thousand and a million.
AMOUNTS = np.round(np.exp(_RANDOM.normal(7, 2.5, ROWS)) * _RANDOM.choice([-1, 1, 1], ROWS), 2)
LABEL = (AMOUNTS / 1000 + _RANDOM.normal(0, 3, ROWS) > 1).astype(int)
VISITS = _RANDOM.normal(size=ROWS)


def frame(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"budget": values, "visits": VISITS, "label": LABEL})


def decided(values: Any, words: dict[str, object] | None = None) -> Decision:
    held = np.resize(np.array(values, dtype=object), ROWS)
    table = pd.DataFrame({"budget": held, "label": LABEL})
    found, _ = lw.columns(table, dictionary={"budget": words} if words else None)
    return next(d for d in found if d.column == "budget")


def form(values: Any, words: dict[str, object] | None = None) -> Form:
    (number, *_) = decided(values, words).inputs
    assert isinstance(number, Number)
    assert isinstance(number.source, InText)
    return number.source.form


def plain(model: ScoringModel) -> ScoringModel:
    columns = [replace(c, source=Plain()) if isinstance(c, Number) else c for c in model.columns]
    origin = replace(model.provenance, rows_sha256="0" * 64)
    return replace(model, columns=tuple(columns), provenance=origin)


def grouped(mark: str, decimal: str) -> Callable[[float], str]:
    swapped = str.maketrans({",": mark, ".": decimal})
    return lambda value: f"{value:,.2f}".translate(swapped)


def apart(write: Callable[[float], str], negative: str) -> Callable[[float], str]:
    return lambda value: negative.format(write(-value)) if value < 0 else write(value)


STYLES: dict[str, tuple[Callable[[float], str], Form]] = {
    "decimal comma": (grouped("", ","), Form(",")),
    "German": (grouped(".", ","), Form(",", ".")),
    "American": (grouped(",", "."), Form(".", ",")),
    "French": (grouped("\u202f", ","), Form(",", " ")),
    "spaces": (grouped(" ", "."), Form(".", " ")),
    "no-break spaces": (grouped("\u00a0", ","), Form(",", " ")),
    "Swiss": (grouped("\u2019", "."), Form(".", "'")),
    "apostrophes": (grouped("'", "."), Form(".", "'")),
    "dollars": (apart(lambda v: f"${v:,.2f}", "-{}"), Form(".", ",", ("$",))),
    "euros behind": (lambda v: f"{grouped('.', ',')(v)}\u00a0\u20ac", Form(",", ".", ("\u20ac",))),
    "a code": (lambda v: f"CHF {grouped(chr(39), '.')(v)}", Form(".", "'", ("CHF",))),
    "a word": (lambda v: f"{grouped(' ', ',')(v)} z\u0142", Form(",", " ", ("z\u0142",))),
    "per cent": (lambda v: f"{v:.2f}%", Form(units=("%",))),
    "parentheses": (apart(grouped(",", "."), "({})"), Form(".", ",", signs=True)),
    "a minus behind": (apart(grouped(".", ","), "{}-"), Form(",", ".", signs=True)),
    "a real minus": (apart(grouped("", "."), f"{MINUS}{{}}"), Form(signs=True)),
    "exponents": (lambda v: f"{v:.10e}", PLAIN),
}


@pytest.fixture(scope="module")
def usual() -> ScoringModel:
    return plain(lw.fit_model(frame(AMOUNTS)))


@pytest.mark.parametrize("style", STYLES)
def test_numbers_written_with_any_marks_give_the_same_model(
    style: str, usual: ScoringModel
) -> None:
    write, expected = STYLES[style]
    model = lw.fit_model(frame([write(value) for value in AMOUNTS.tolist()]))
    (number,) = (c for c in model.columns if isinstance(c, Number) and c.name == "budget")
    assert number.source == InText(expected)
    assert plain(model) == usual


def test_a_file_with_marks_blanks_and_spreadsheet_errors_gives_the_model_of_nulls(
    tmp_path: Path,
) -> None:
    written = [grouped(".", ",")(value) for value in AMOUNTS.tolist()]
    odd = [None if row % 7 else ("#N/A", " ", "#DIV/0!")[row % 3] for row in range(ROWS)]
    cells = [text if gone is None else gone for text, gone in zip(written, odd, strict=True)]
    frame(cells).to_csv(tmp_path / "leads.csv", sep=";", index=False, decimal=",")
    with_gaps = np.where([gone is None for gone in odd], AMOUNTS, np.nan)
    found = lw.fit_model(tmp_path / "leads.csv")
    assert plain(found) == plain(lw.fit_model(frame(with_gaps)))


@pytest.mark.sweep
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_scores_of_text_and_of_numbers_are_the_same_bits(data: st.DataObject) -> None:
    write, _ = STYLES[data.draw(st.sampled_from(sorted(STYLES)))]
    model = lw.fit_model(frame([write(value) for value in AMOUNTS.tolist()]))
    # Of three decimals a warehouse's 1.625 would be a thousand and more where points stand there.
    cents = data.draw(st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=8))
    values = [cent / 100 for cent in cents]
    scored = [
        lw.score(model, pd.DataFrame({"budget": held, "visits": 0.5}))["lead_score"].tolist()
        for held in ([write(value) for value in values], values)
    ]
    assert scored[0] == scored[1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1.640", "1.234.567", "912"), Form(",", ".")),
        (("1.640", "2,5", "912"), Form(",", ".")),
        (("1.640", "2.5"), PLAIN),
        (("0.640", "1.350"), PLAIN),
        (("1640.125", "1.350", "7"), PLAIN),
        (("1,640", "0,350"), Form(",")),
        (("1,640", "2,350.5"), Form(".", ",")),
        (("12,34,567", "1,640", "912"), Form(".", ",")),
        (("$1,640", "$912", "$24,852"), Form(".", ",", ("$",))),
        (("\u20ac 12", "12 EUR", "13"), Form(units=("EUR", "\u20ac"))),
        (("Rs.500", "Rs.1,23,456"), Form(".", ",", ("Rs.",))),
    ],
)
def test_one_value_settles_how_the_others_are_read(values: Sequence[str], expected: Form) -> None:
    assert form(values) == expected


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("1.640", "2.350", "912"), "'1.640' on row 1; it is 1640 if '.' stands between thousands"),
        (("1,640", "24,852"), "and 1.64 if it stands before decimals: say under [budget]"),
        (("KWD 1,640", "KWD 2,355"), 'thousands = "," or decimal = ","'),
        (("12%", "13%", "7"), "holds '12%' and '7', which are not of one unit, on row 3"),
        (("\u20ac12", "$13"), "holds '$13' and '\u20ac12'"),
        (("1.640,57", "1,640.57", "1.640,5"), "in two ways, '1.640,5' and '1,640.57', on row 2"),
        (("$5", "$6", "$7", "unknown"), "is numeric but for 'unknown' on row 4"),
        (("5", "6", "7", "8", "n.a.", "tbd"), "missing = ['n.a.', 'tbd'] or kind = 'category'"),
    ],
)
def test_what_cannot_be_decided_is_told_with_both_readings(
    values: Sequence[str], said: str
) -> None:
    with pytest.raises(TableError) as refused:
        decided(values)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"thousands": "."}, Form(",", ".")),
        ({"decimal": ","}, Form(",", ".")),
        ({"decimal": "."}, PLAIN),
        ({"kind": "number", "decimal": "."}, PLAIN),
    ],
)
def test_the_dictionary_settles_it(words: dict[str, object], expected: Form) -> None:
    assert form(("1.640", "2.350", "912"), words) == expected


def test_points_of_a_text_file_that_may_stand_between_thousands_are_not_taken_for_decimals(
    tmp_path: Path,
) -> None:
    dots = [grouped(".", ",")(abs(value)).split(",")[0] for value in np.clip(AMOUNTS, 1, 9e5)]
    frame(dots).to_csv(tmp_path / "dots.csv", index=False)
    with pytest.raises(TableError) as refused:
        lw.columns(tmp_path / "dots.csv")
    first = next(row for row, text in enumerate(dots) if "." in text)
    assert f"{dots[first]!r} on line {first + 2}; it is" in str(refused.value)
    found, _ = lw.columns(tmp_path / "dots.csv", dictionary={"budget": {"thousands": "."}})
    assert found[0].reason.startswith("in text, ',' before decimals, '.' between thousands")
    settled, _ = lw.columns(tmp_path / "dots.csv", dictionary={"budget": {"decimal": "."}})
    assert isinstance(settled[0].inputs[0], Number)
    assert settled[0].inputs[0].source == Plain()


def test_a_text_file_of_ordinary_decimals_is_read_as_ever(tmp_path: Path) -> None:
    frame(np.round(AMOUNTS, 3)).to_csv(tmp_path / "plain.csv", index=False)
    found, _ = lw.columns(tmp_path / "plain.csv")
    assert isinstance(found[0].inputs[0], Number)
    assert found[0].inputs[0].source == Plain()


@pytest.mark.parametrize("share", [0.02, 0.30, 0.38, 0.60, 0.95])
@pytest.mark.parametrize("odd", ["#N/A", "unknown"])
def test_the_share_of_odd_texts_does_not_change_the_kind_of_a_column(
    share: float, odd: str
) -> None:
    cells = [odd if row < share * ROWS else f"{v:.2f}" for row, v in enumerate(AMOUNTS.tolist())]
    if odd == "unknown":
        with pytest.raises(TableError, match="numeric but for 'unknown' on row 1") as refused:
            decided(cells)
        assert "missing = ['unknown']" in str(refused.value)
        return
    found = decided(cells)
    if share > 0.4:
        assert "% missing" in found.reason or "of it is missing" in found.reason
        assert found.kind in ("number", "left out")
        return
    assert found.kind == "number"
    assert found.reason.startswith("in text; '#N/A' means missing; ")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("12.03.2024", "13.04.2025", "1.5.2024"), "date"),
        (("10-20", "20-30", "30+"), "category"),
        (("192.168.1.10", "10.0.0.1", "172.16.0.3"), "category"),
        (("a", "b", "7"), "category"),
        (("1", "2", "A", "B"), "category"),
        (("TOP 5x", "TOP 7x"), "category"),
    ],
)
def test_what_only_looks_a_little_like_numbers_stays_text(values: Sequence[str], kind: str) -> None:
    assert decided(values).kind == kind


MARKED: dict[str, Callable[[float], str]] = {
    "a unit behind": lambda x: f"{x:.2f} kg",
    "a unit and signs": lambda x: f"{x:.1f}°C",
    "thousands by a letter": lambda x: f"${x:.1f}k",
    "per mille": lambda x: f"{x:.1f}‰",
    "nearly": lambda x: f"~{x:.2f}",
    "for Excel": lambda x: f'="{x:.2f}"',
    "an apostrophe": lambda x: f"'{x:.2f}",
    "a dash for a minus": lambda x: f"–{x:.2f}",
    "a stroke for no cents": lambda x: f"CHF {int(x * 100)}.–",
    "a slash": lambda x: f"Rs. {int(x * 100)}/-",
    "debit and credit": lambda x: f"{x:.2f} {'Dr' if int(x) % 2 else 'Cr'}",
    "lines between thousands": lambda x: f"{int(x * 1e4):_}",
    "a figure space": lambda x: f"{int(x * 1e4):,}".replace(",", "\u2007"),
    "wide digits": lambda x: f"{x:.2f}".translate({n: n + 0xFEE0 for n in range(46, 58)}),
    "Arabic digits": lambda x: f"{x:.2f}".translate(
        {ord("0") + n: chr(0x660 + n) for n in range(10)} | {ord("."): "٫"}
    ),
}


@pytest.mark.parametrize("way", MARKED)
def test_a_column_of_numbers_with_marks_that_are_not_read_is_no_id(way: str) -> None:
    with pytest.raises(TableError, match=r"marks that are not read, such as .* on row") as refused:
        decided([MARKED[way](value) for value in AMOUNTS.tolist()])
    assert "kind = 'category'" in str(refused.value)


@pytest.mark.parametrize(
    "write",
    [
        lambda n: f"A-{n}",
        lambda n: f"#{n}",
        lambda n: f"INV{n}",
        lambda n: f"{n} Main Street" if n % 2 else f"{n} Elm Lane",
        lambda n: f"{n}x{n + 1}",
        lambda n: f"10.{n % 200}.{n // 200}.1",
        lambda n: f"{n:x}f",
        lambda n: f"+49 30 {n:06}",
        lambda n: f"+4930{n:06}",
    ],
)
def test_ids_with_digits_stay_ids(write: Callable[[int], str]) -> None:
    assert decided([write(7 * place) for place in range(ROWS)]).kind == "left out"


def test_few_numbers_with_a_unit_are_levels() -> None:
    assert decided([f"{12 * (1 + place % 3)} months" for place in range(ROWS)]).kind == "category"


def test_a_column_of_amounts_is_no_id_whatever_it_is_called() -> None:
    amounts = [f"${place + 1000:,}.00" for place in range(ROWS)]
    found, _ = lw.columns(pd.DataFrame({"amount_number": amounts, "label": LABEL}))
    assert found[0].kind == "number"


def test_a_column_asked_for_as_numbers_never_has_no_value() -> None:
    found = decided(("1.640,57", "n.a.", "2,5", "7"), {"kind": "number"})
    assert "'n.a.' is no number and missing" in found.reason
    with pytest.raises(TableError, match=r"'abc' on row 1; no value of it is a number"):
        decided(("abc", "def"), {"kind": "number"})


@pytest.mark.parametrize(
    ("values", "words", "said"),
    [
        ((1.5, 2.5, 3.0), {"thousands": "."}, "[budget] holds numbers; decimal and thousands are"),
        (("x", "y"), {"kind": "category", "decimal": ","}, "is a category; decimal is for numbers"),
        (("1", "2"), {"decimal": ",", "thousands": ","}, "decimal and thousands cannot both be"),
        (("1", "2"), {"decimal": ";"}, "decimal must be '.' or ',', not ';'"),
    ],
)
def test_marks_that_cannot_be_meant_are_refused(
    values: Sequence[object], words: dict[str, object], said: str
) -> None:
    with pytest.raises(DictionaryError) as refused:
        decided(values, words)
    assert said in str(refused.value)


def test_a_written_dictionary_keeps_the_marks(tmp_path: Path) -> None:
    frame([grouped(".", ",")(v) for v in AMOUNTS.tolist()]).to_csv(tmp_path / "a.csv", index=False)
    found, suspects = lw.columns(tmp_path / "a.csv")
    from leadweights.reports.columns import dictionary_text

    (tmp_path / "d.toml").write_text(dictionary_text(found, suspects))
    again, _ = lw.columns(tmp_path / "a.csv", dictionary=tmp_path / "d.toml")
    assert [d.inputs for d in again] == [d.inputs for d in found]
    assert 'thousands = "."' in (tmp_path / "d.toml").read_text()
