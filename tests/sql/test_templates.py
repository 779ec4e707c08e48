"""No template engine, such as dbt's Jinja, finds anything to run in a SELECT."""

from dataclasses import replace
from functools import cache

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.idioms import text_literal
from leadweights.sql.select import write
from tests.support.golden_files import FAMILIES
from tests.support.release import RELEASE
from tests.support.tools import each

MARKED = ["{{ 1 / 0 }}", "{% if x %}", "{# a remark #}", "{{{%{#", "}} %} #}", "{", "plain"]
texts = st.lists(st.sampled_from([*"{}%#'\\- a", "{{", "{%", "{#", "}}"]), max_size=8).map("".join)


def leads() -> pd.DataFrame:
    random = np.random.default_rng(0)
    levels = random.choice(MARKED, 3000)
    label = random.random(3000) < np.where(levels == MARKED[0], 0.7, 0.3)
    numbers = random.normal(size=3000)
    return pd.DataFrame({"level": levels, "number": numbers, "label": label.astype(int)})


@cache
def learnt() -> lw.ScoringModel:
    return lw.fit_model(leads())


TEMPLATES = jinja2.Environment(keep_trailing_newline=True)


def render_template(sql: str) -> str:
    return TEMPLATES.from_string(sql).render()


@pytest.mark.parametrize("dialect", DIALECTS if RELEASE else FAMILIES)
def test_levels_with_marks_of_templates_are_left_alone(dialect: str) -> None:
    model = replace(learnt(), name="a {{ model }}")
    columns = ["lead_score", "reason_1", "reason_1_effect"]
    for sql in (
        lw.render(model, dialect=dialect),
        lw.render(model, dialect=dialect, columns=columns),
    ):
        assert render_template(sql) == sql


CONNECTION = duckdb.connect()


@settings(max_examples=200)
@given(text=texts)
def test_any_text_is_the_same_text_in_a_template_and_in_duckdb(text: str) -> None:
    sql = "SELECT " + write(text_literal(text, DIALECTS["duckdb"]), DIALECTS["duckdb"])
    assert render_template(sql) == sql
    assert CONNECTION.execute(sql).fetchall() == [(text,)]


@pytest.mark.parametrize(
    "engine", each(["duckdb", "sqlite", "postgres", "mariadb", "polars", "clickhouse"])
)
def test_texts_that_are_cut_are_the_same_texts_to_an_engine(engine: str) -> None:
    assert lw.verify(learnt(), leads(), engine=engine).holds


@pytest.mark.parametrize("name", ["{{ x }}", "a{% b", "{#"])
def test_a_name_that_a_template_would_run_is_refused(name: str) -> None:
    frame = leads().rename(columns={"number": name})
    with pytest.raises(lw.UnsupportedError, match="which dbt and other template engines would run"):
        lw.render(lw.fit_model(frame))
    with pytest.raises(lw.UnsupportedError, match="which dbt and other template engines would run"):
        lw.render(learnt(), keys=[name])
