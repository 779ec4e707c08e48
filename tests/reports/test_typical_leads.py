"""Invented leads: of every kind of column, nobody's values, each better than the next."""

from datetime import date, timedelta

import numpy as np
import pytest

from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import Texts, texts
from leadweights.reports.html.typical_leads import Typical, typical_leads
from leadweights.tables.columns import sources
from tests.support.golden_files import crm_model

ROWS = 400
MODEL = crm_model("duckdb")


def values() -> dict[str, np.ndarray | Texts]:
    random = np.random.RandomState(0)
    words = {
        "Source": ["google", "caf\u00e9 \u2615", "it's", "Ms Jane Doe", None],
        "Do Not Call": ["Yes", "No", "jane@example.com", None],
        "Interests": ["it's", "web site; it's", "Jane Doe's", None],
        "Revenue": ["1200.5", "80", "31337.25", "unknown", None],
    }
    found: dict[str, np.ndarray | Texts] = {}
    for name, kind in sources(MODEL).items():
        match kind:
            case "text":
                found[name] = texts(random.choice(np.array(words[name], object), ROWS).tolist())
            case "flag":
                found[name] = random.randint(0, 2, ROWS).astype(float)
            case "date":
                day = (date(2026, 1, 1) - date(1970, 1, 1)).days
                found[name] = day + random.randint(0, 300, ROWS).astype(float)
            case "number":
                found[name] = np.where(
                    random.rand(ROWS) < 0.1, np.nan, random.lognormal(1, 1, ROWS)
                )
    return found


@pytest.fixture(scope="module")
def leads() -> tuple[Typical, ...]:
    held = values()
    score = evaluate(stages(MODEL, columns=["log_odds"]), held)["log_odds"]
    return typical_leads(MODEL, held, score)


def test_each_has_a_part_for_every_term(leads: tuple[Typical, ...]) -> None:
    for lead in leads:
        assert {part.term for part in lead.parts} == {term.column for term in MODEL.terms}
        added = sum(part.contribution for part in lead.parts)
        assert added == pytest.approx(lead.lead_score, abs=1e-12)


def test_they_stand_in_order(leads: tuple[Typical, ...]) -> None:
    strong, middling, weak = leads
    assert strong.lead_score > middling.lead_score > weak.lead_score
    assert strong.rank > 0.75
    assert weak.rank < 0.25


def test_a_text_that_the_model_does_not_name_is_never_shown(leads: tuple[Typical, ...]) -> None:
    shown = " ".join(part.holds for lead in leads for part in lead.parts)
    assert "Jane" not in shown
    assert "example.com" not in shown
    assert "31337" not in shown.replace(",", "")


def test_one_source_has_one_value_in_all_its_terms(leads: tuple[Typical, ...]) -> None:
    """Month, weekday and age are of one day."""
    for lead in leads:
        holds = {part.term: part.holds for part in lead.parts}
        assert holds["Created month"] == holds["Created weekday"] == holds["Days Open"]
        assert holds["Age"].startswith(holds["Days Open"])
        day = date.fromisoformat(holds["Days Open"])
        assert date(2026, 1, 1) <= day <= date(2026, 1, 1) + timedelta(days=300)


def test_columns_that_hold_nothing_are_set_to_nothing() -> None:
    empty: dict[str, np.ndarray | Texts] = {
        name: texts([None] * 3) if kind == "text" else np.full(3, np.nan)
        for name, kind in sources(MODEL).items()
    }
    score = evaluate(stages(MODEL, columns=["log_odds"]), empty)["log_odds"]
    for lead in typical_leads(MODEL, empty, score):
        assert np.isfinite(lead.lead_score)
