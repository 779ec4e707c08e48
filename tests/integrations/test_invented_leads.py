"""Invented leads are scored by every kind of model, and are nobody's."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import leadweights as lw
from leadweights.integrations.invented_leads import invent_leads
from leadweights.model.model import (
    Category,
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Listed,
    Logit,
    Missing,
    Month,
    Number,
    ScoringModel,
    Weekday,
)
from leadweights.model.rules import Consent, Decay, Decisions
from leadweights.model.terms import Bins, Curve, Level, Levels, Point, Standardized, Term
from leadweights.tables.columns import sources
from tests.support.strategies import PROVENANCE, models


@pytest.mark.sweep
@settings(max_examples=30)
@given(models())
def test_every_random_model_scores_its_invented_leads(model: ScoringModel) -> None:
    leads = invent_leads(model)
    assert [list(lead) for lead in leads] == [list(sources(model))] * 3
    found = lw.score(model, leads)
    assert len(found) == 3
    assert invent_leads(model) == leads


def test_a_strong_lead_scores_above_a_weak_one() -> None:
    found = lw.score(lw.load("outputs"), invent_leads(lw.load("outputs")), keys=[])
    strong, middling, weak = found["probability"]
    assert strong > 0.9 > middling > 0.1 > weak


def test_no_invented_lead_is_a_row_of_the_data() -> None:
    (*names,) = sources(lw.load("outputs"))
    for lead in invent_leads(lw.load("outputs")):
        lines = [",".join(str(lead[name]) for name in names)]
        text = Path("data/train.csv").read_text() + Path("data/valid.csv").read_text()
        assert not any(line in text for line in lines)


def levels(column: str, *names: str) -> Levels:
    found = tuple(Level(name, 0.1 * (2 - place), 0.3) for place, name in enumerate(names))
    return Levels(column, 0.1, found, Level("", 0.0, 0.1), Level("", 0.0, 0.1))


COLUMNS: dict[InputColumn, tuple[str, ...] | None] = {
    Number("age", 3.0, DaysSince("created", until_day="2024-01-31", format="%d/%m/%Y")): None,
    Number("idle", 3.0, DaysSince("seen", "today", format="unix", until_format="excel")): None,
    Number("since", 3.0, DaysSince("began", until_day="2024-01-31")): None,
    Number("price", 3.0, InText()): None,
    Number("visits", 3.0, log=True): None,
    Missing("no age", "age"): None,
    Flag("opted in", 0.0, ("yes",), ("no",)): None,
    Flag("member", 0.0): None,
    Listed("likes sport", "likes", "sport", ";"): None,
    Category("country"): ("de", "fr", "it"),
    Weekday("weekday", "created", "%d/%m/%Y"): ("Tuesday", "Sunday"),
    Month("month", "born", "%b %d, %Y"): ("March", "May"),
}


def every_kind() -> ScoringModel:
    share = 1 / (len(COLUMNS) + 2)
    terms: list[Term] = []
    for column, names in COLUMNS.items():
        if names is None:
            terms.append(Standardized(column.name, 2.0, 1.0, share))
        else:
            found = levels(column.name, *names)
            terms.append(Levels(column.name, share, *(found.levels, found.other, found.missing)))
    terms.append(Curve("pages", share, (Point(1.0, -0.1), Point(5.0, 0.2))))
    terms.append(Bins("mails", share, (2.0, 7.0), (-0.1, 0.0, 0.3)))
    columns = (*COLUMNS, Number("pages", 0.0), Number("mails", 0.0))
    rules = Decisions(consent=Consent("may mail", ("j",)), decay=Decay("last", 30, "asked on"))
    return ScoringModel("every kind", (), columns, tuple(terms), Logit(0.0, 1.0), PROVENANCE, rules)


def test_each_kind_of_column_is_set_in_the_way_a_table_has_it() -> None:
    """By hand: means and a spread of one beside them, the best level and the worst."""
    strong, _, weak = invent_leads(every_kind())
    assert strong["created"] == "28/01/2024"
    assert (strong["today"], strong["seen"]) == (45473.0, 1719446400.0)  # 2024-06-30 and -27
    assert str(strong["began"]) == "2024-01-28"
    assert (strong["price"], weak["price"]) == ("3", "1")
    assert strong["visits"] == pytest.approx(np.expm1(3), rel=1e-2)
    assert (strong["opted in"], weak["opted in"], strong["member"]) == ("yes", "no", True)
    assert (strong["likes"], weak["likes"]) == ("sport", None)
    assert (strong["country"], weak["country"]) == ("de", "it")
    assert (strong["born"], weak["born"]) == ("Mar 01, 2024", "May 01, 2024")
    assert (strong["pages"], weak["pages"]) == (5.0, 1.0)
    assert (strong["mails"], weak["mails"]) == (7.0, 0.0)
    assert strong["may mail"] == "j"
    scored = lw.score(every_kind(), invent_leads(every_kind()))
    assert scored["lead_score"].is_monotonic_decreasing
