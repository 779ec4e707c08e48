"""Dates as people export them: one format for a column, the same model, and nothing guessed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import DictionaryError, TableError
from leadweights.model.file import as_document
from leadweights.model.model import ScoringModel
from leadweights.model.provenance import Options
from tests.support.dated import WRITERS, is_short
from tests.support.learning import fit

ROWS = 400
FORMS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y", "%d-%b-%y")
SINCE: dict[str, Any] = {"since": "2026-01-01"}


def days() -> list[date]:
    drawn = np.random.RandomState(3).randint(0, 700, ROWS).tolist()
    return [date(2024, 1, 13) + timedelta(days=day) for day in drawn]


def leads(write: Callable[[date], object] = str) -> pd.DataFrame:
    came = days()
    drawn = np.random.RandomState(5)
    late = np.array([(day - came[0]).days / 300 for day in came])
    label = (drawn.normal(size=ROWS) + late > 0).astype(int)
    pages = drawn.randint(0, 20, ROWS)
    written = [None if row % 40 == 7 else write(day) for row, day in enumerate(came)]
    return pd.DataFrame({"came": written, "pages": pages, "label": label})


def typed() -> pd.DataFrame:
    frame = leads()
    return frame.assign(came=pd.to_datetime(frame["came"]))


def without_formats(model: ScoringModel) -> object:
    """Leave out what differs: how dates are written, the hash of the rows, what was asked for."""
    origin = replace(model.provenance, rows_sha256="0" * 64, options=Options())
    found = as_document(replace(model, provenance=origin))
    return _drop(json.loads(json.dumps(found)))


def _drop(part: Any) -> Any:
    if isinstance(part, dict):
        return {k: _drop(v) for k, v in part.items() if k not in ("format", "until_format")}
    return [_drop(item) for item in part] if isinstance(part, list) else part


def learnt(table: object, **entry: object) -> ScoringModel:
    return lw.fit_model(table, dictionary={"came": SINCE | entry})  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_however_dates_are_written_the_model_is_the_same(form: str) -> None:
    expected = without_formats(learnt(typed()))
    for write in WRITERS[form]:
        # Two digits in front may be a year, too.
        said = {"format": form} if is_short(form) and "%b" not in form else {}
        model = learnt(leads(write), **said)
        assert without_formats(model) == expected
        assert form in json.dumps(as_document(model))


def test_scores_are_the_same_bits_from_text_and_from_typed_dates() -> None:
    model = learnt(leads(WRITERS["%d/%m/%Y"][1]))
    found = lw.score(model, leads(WRITERS["%d/%m/%Y"][0]))["lead_score"]
    for other in (typed(), leads(), typed().assign(came=lambda f: f["came"].dt.tz_localize("UTC"))):
        assert found.equals(lw.score(model, other)["lead_score"])


@pytest.mark.parametrize("missing", ["NULL", "N/A", "", "-", "none"])
def test_what_means_missing_in_text_does_so_in_dates(missing: str) -> None:
    model = learnt(leads().fillna({"came": missing}))
    assert without_formats(model) == without_formats(learnt(typed()))


def test_json_lines_guess_nothing_by_file(tmp_path: Path) -> None:
    short, iso = tmp_path / "short.jsonl", tmp_path / "iso.jsonl"
    leads(lambda day: day.strftime("%d-%m-%y")).to_json(short, orient="records", lines=True)
    leads().to_json(iso, orient="records", lines=True)
    with pytest.raises(TableError, match=r"\(%d-%m-%y\) or .* \(%y-%m-%d\)"):
        learnt(short)
    model, other = learnt(short, format="%d-%m-%y"), learnt(iso)
    assert without_formats(model) == without_formats(other)
    scores = [lw.score(one, iso)["lead_score"] for one in (model, other)]
    assert scores[0].equals(scores[1])
    long = tmp_path / "long.jsonl"
    leads(lambda day: day.strftime("%d-%m-%Y")).to_json(long, orient="records", lines=True)
    assert without_formats(learnt(long)) == without_formats(model)


def test_two_readings_are_an_error_that_the_dictionary_settles() -> None:
    table = leads(lambda day: f"01/{day.month:02}/{day.year}")
    said = r"as 2024-\d\d-01 \(%d/%m/%Y\) or 2024-01-\d\d \(%m/%d/%Y\).*format = '%d/%m/%Y'"
    with pytest.raises(TableError, match=said):
        learnt(table)
    found = learnt(table, format="%d/%m/%Y")
    assert '"%d/%m/%Y"' in json.dumps(as_document(found))
    later = lw.score(found, leads(lambda day: f"01/12/{day.year}"))
    assert later["lead_score"].notna().all()


def test_the_first_odd_value_is_named_with_its_line(tmp_path: Path) -> None:
    table = leads(WRITERS["%d/%m/%Y"][0])
    table.loc[2, "came"] = "soon"
    path = tmp_path / "leads.csv"
    table.to_csv(path, index=False)
    with pytest.raises(TableError, match=r"written %d/%m/%Y .* but for 'soon' on line 4; mend"):
        learnt(path)
    model = learnt(path, missing=["soon", ""])
    assert lw.check_input(model, path).scorable


def test_offsets_are_counted_to_utc_and_what_has_none_is_asked_for() -> None:
    def write(day: date) -> str:
        eve = day - timedelta(days=1)
        return f"{eve}T23:30:00-02:00" if day.day % 2 else f"{day} 00:30Z"

    expected = without_formats(learnt(typed()))
    table = leads(write)
    assert without_formats(learnt(table)) == expected
    bare = leads(lambda day: f"{day} 00:30" if day.day % 3 else f"{day}T00:30:00+0000")
    with pytest.raises(TableError, match="one without: say with --time-zone"):
        learnt(bare)
    in_utc = lw.fit_model(bare, dictionary={"came": SINCE}, time_zone="+00:00")
    assert without_formats(in_utc) == expected
    with pytest.raises(TableError, match="an offset from UTC such as"):
        lw.fit_model(bare, time_zone="CET")


@pytest.mark.parametrize(
    ("form", "write"),
    [
        ("unix", lambda day: (day - date(1970, 1, 1)).days * 86_400 + 60),
        ("unix ms", lambda day: (day - date(1970, 1, 1)).days * 86_400_000 + 1),
        ("excel", lambda day: (day - date(1899, 12, 30)).days),
        ("%Y%m%d", lambda day: f"{day:%Y%m%d}"),
    ],
)
def test_numbers_are_dates_where_the_dictionary_says_so(
    form: str, write: Callable[[date], object], tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv"
    leads(write).astype({"came": "Int64"} if form != "%Y%m%d" else {}).to_csv(path, index=False)
    found = learnt(path, kind="date", format=form)
    assert without_formats(found) == without_formats(learnt(typed()))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"format": "%A"}, "'%A' is no format of dates: it needs %d"),
        ({"format": "%Y-%d-%m"}, "day, month and year come in no such row"),
        ({"format": "%d/%m/%Y", "kind": "category"}, "is a category; format is for dates"),
        ({"format": "unix"}, "'unix' is for numbers, and the column holds text"),
        ({"missing": ["2024-01-13"]}, "missing '2024-01-13' is a date there"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, object], said: str) -> None:
    with pytest.raises(DictionaryError, match=said):
        lw.fit_model(leads(), dictionary={"came": entry})


def test_columns_say_which_format_was_decided() -> None:
    decisions, _ = lw.columns(leads(WRITERS["%b %d, %Y"][0]))
    (found,) = (decision for decision in decisions if decision.column == "came")
    assert found.kind == "date"
    assert found.reason.startswith("a date, written %b %d, %Y; ")


def test_rows_are_split_forward_in_time_by_a_date_in_text() -> None:
    tables = (typed().dropna(), leads(WRITERS["%d/%m/%Y"][0]).dropna())
    first, second = (fit(table, split=lw.Forward("came")) for table in tables)
    assert first.comparison == second.comparison
    assert without_formats(first.model) == without_formats(second.model)


@pytest.mark.sweep
def test_odds_decay_by_a_date_as_the_model_reads_it() -> None:
    plan = {"decay": {"column": "came", "half_life_days": 30, "until": date(2026, 1, 1)}}
    written = leads(WRITERS["%d/%m/%Y"][0])
    models = [lw.decide(learnt(table), plan=plan) for table in (typed(), written)]
    assert models[1].decisions.decay is not None
    assert models[1].decisions.decay.format == "%d/%m/%Y"
    scores = [
        lw.score(model, table) for model, table in zip(models, (typed(), written), strict=True)
    ]
    assert scores[0].equals(scores[1])
    (decay,) = (c for c in lw.check_input(models[1], written).columns if c.kind == "decay")
    assert decay.rows("missing") == 10


def test_whole_numbers_are_dates_in_digits_where_the_dictionary_says_so() -> None:
    digits = leads(lambda day: int(day.strftime("%Y%m%d"))).assign(
        came=lambda frame: frame["came"].astype("Int64")
    )
    model = learnt(digits, format="%Y%m%d")
    assert without_formats(model) == without_formats(learnt(typed()))
    found = lw.score(model, digits)["lead_score"]
    assert found.equals(
        lw.score(model, digits.assign(came=digits["came"].astype(str)))["lead_score"]
    )
    decisions, _ = lw.columns(digits)
    (came,) = (one for one in decisions if one.column == "came")
    assert came.kind == "number"
    assert "if these are dates, say format = '%Y%m%d'" in came.reason


@pytest.mark.parametrize(
    ("name", "unit", "said"),
    [
        ("created_at", 86_400, "'unix'"),
        ("lastSeenDate", 86_400_000, "'unix ms'"),
        ("visits", 1, ""),
    ],
)
def test_columns_say_where_numbers_may_be_dates(name: str, unit: int, said: str) -> None:
    counted = leads(lambda day: float((day - date(1970, 1, 1)).days * unit))
    decisions, _ = lw.columns(counted.rename(columns={"came": name}))
    (found,) = (one for one in decisions if one.column == name)
    assert found.kind == "number"
    assert ("if these are dates, say format = " in found.reason) == bool(said)
    assert said in found.reason


def test_a_number_that_is_no_day_in_its_format_is_refused() -> None:
    counted = leads(lambda day: float((day - date(1970, 1, 1)).days * 86_400_000_000))
    with pytest.raises(
        DictionaryError, match=r"'unix ms' makes no day up to the year 9999 of 1.*; say"
    ):
        learnt(counted, format="unix ms")
