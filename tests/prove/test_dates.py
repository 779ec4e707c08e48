"""Dates in texts, on every engine of the usual ones: what strftime writes is what is scored."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Values
from leadweights.formula.dates import day_of, month_of, read_dates_once
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import DayInText, Named, NumberColumn, Stage
from leadweights.formula.texts import texts
from leadweights.prove.parity import failure, parity
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from leadweights.sql.select import select
from leadweights.tables.columns import read_columns
from leadweights.tables.engines.engine import Engine
from leadweights.tables.engines.registry import open_engine
from leadweights.tables.open import open_table
from tests.support.dated import WRITERS, is_short, model_of_dates, some_days
from tests.support.engine import load, same_bits, selected
from tests.support.golden_files import FAMILIES
from tests.support.release import RELEASE
from tests.support.tools import each

PAIRS = (("%d/%m/%Y", "%m-%d-%y"), ("%d %b %Y", "%b %d, %Y"), ("%d.%m.%y", "%Y-%m-%d"))
ZONES = ("", " %H:%M%z else +01:00")


@pytest.fixture(scope="module", params=each(["duckdb", "sqlite", "postgres", "mariadb", "hyper"]))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with open_engine(request.param) as found:
        yield found


# On a commit each pair of formats is read with a zone or without one.
@pytest.mark.parametrize(
    ("forms", "zone"),
    [*(product(PAIRS, ZONES) if RELEASE else zip(PAIRS, 2 * ZONES, strict=False))],
)
def test_hostile_dates_give_the_same_bits(
    forms: tuple[str, str], zone: str, engine: Engine
) -> None:
    found = parity(model_of_dates(forms, zone), {}, engine=engine, every_type=False)
    assert found.holds, failure(found)


def test_typed_dates_and_moments_give_the_bits_of_their_texts(engine: Engine) -> None:
    model = model_of_dates(("%d/%m/%y", "%d/%m/%Y"))
    days = some_days()
    typed = pd.DataFrame(
        {
            "came": pd.to_datetime(pd.Series([*map(str, days), None])),
            "left": pd.to_datetime(pd.Series([None, *map(str, days)])),
            "x": 1.0,
        }
    )
    written = typed.assign(
        came=[day.strftime("%d/%m/%y") for day in days] + ["NULL"],
        left=["-"] + [day.strftime("%d/%m/%Y 10:30") for day in days],
    )
    tables = {"typed": open_table(typed), "written": open_table(written)}
    found = parity(model, tables, engine=engine, every_type=False)
    assert found.holds, failure(found)


@pytest.mark.sweep
def test_a_text_does_not_end_at_a_zero_byte(engine: Engine) -> None:
    if engine.dialect == "postgres":
        pytest.skip("no text of PostgreSQL holds a zero byte")
    odd = ["2024-01-02\0x", "2024-01-02\0", "2024-01-02 10:30\0", "\x002024-01-02", "2024-01-02"]
    rows = pd.DataFrame({"came": odd, "left": odd[::-1], "x": 1.0})
    model = model_of_dates(("%d/%m/%Y", "%d.%m.%y"), ZONES[1])
    values = read_columns(open_table(rows), model)
    stage = Stage("inputs", (Named("day", DayInText("came", "%d/%m/%Y")),))
    # numpy's 2024-01-02, and no other day
    expected = np.array([np.nan] * 4 + [np.datetime64("2024-01-02").astype(float)])
    assert same_bits(evaluate(read_dates_once([stage]), values)["day"], expected)
    found = parity(model, {"zero bytes": open_table(rows)}, engine=engine, every_type=False)
    assert found.holds, failure(found)


REFUSING = ("tsql", "fabric", "databend")


@pytest.mark.parametrize(
    "dialect", DIALECTS if RELEASE else list(dict.fromkeys([*FAMILIES, *REFUSING]))
)
def test_a_dialect_reads_them_or_is_refused_by_name(dialect: str) -> None:
    model = model_of_dates(("%d/%m/%Y", "%b %d, %Y"), ZONES[1])
    if dialect not in REFUSING:
        assert render(model, dialect=dialect).count("came_year") > 1
    else:
        with pytest.raises(UnsupportedError, match=f"{dialect} cannot tell dates in texts"):
            render(model, dialect=dialect)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(WRITERS)), st.sampled_from(["", " 09:05", " 9:05:59 PM"]))
def test_a_day_is_the_one_that_strftime_wrote(data: st.DataObject, form: str, time: str) -> None:
    short = is_short(form)
    first, last = (date(1969, 1, 1), date(2068, 12, 31)) if short else (date(1000, 1, 1), date.max)
    days = data.draw(st.lists(st.dates(first, last), min_size=1, max_size=8))
    writers = data.draw(
        st.lists(st.sampled_from(WRITERS[form]), min_size=len(days), max_size=len(days))
    )
    written = [write(day) + time for write, day in zip(writers, days, strict=True)]
    stages = read_dates_once([Stage("inputs", (Named("days", DayInText("w", form)),))])
    table: dict[str, Values] = {"w": texts(written)}
    expected = np.array([float((day - date(1970, 1, 1)).days) for day in days])
    load(table, {"w": "VARCHAR"})
    assert same_bits(evaluate(stages, table)["days"], expected)
    assert same_bits(selected(select(stages, "duckdb", "leads"))["days"], expected)


def test_a_month_is_that_of_the_calendar_for_every_day_there_is() -> None:
    days = np.arange(-719_162.0, 2_932_897.0)
    month = Stage("months", (Named("month", month_of(NumberColumn("d"))),))
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    assert np.array_equal(evaluate([month], {"d": days})["month"], months)


@pytest.mark.parametrize(
    ("form", "number", "day"),
    [
        ("unix", 1_772_668_799.5, "2026-03-04"),
        ("unix", -0.5, "1969-12-31"),
        ("unix ms", 1_772_668_800_000.0, "2026-03-05"),
        ("excel", 46_086.75, "2026-03-05"),
        ("excel", 61.0, "1900-03-01"),
        ("excel", 60.0, None),
        ("unix", 1e300, None),
    ],
)
def test_a_number_is_a_day_as_its_format_says(form: str, number: float, day: str | None) -> None:
    stage = Stage("days", (Named("day", day_of("n", form)),))
    table: dict[str, Values] = {"n": np.array([number])}
    expected = np.array([np.nan if day is None else np.datetime64(day).astype(float)])
    load(table)
    assert same_bits(evaluate([stage], table)["day"], expected)
    assert same_bits(selected(select([stage], "duckdb", "leads"))["day"], expected)
