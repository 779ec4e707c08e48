"""Models for a form: a column of every kind with rows for it, and names that mean something."""

import pandas as pd

from leadweights.model.model import Category, DaysSince, Flag, Listed, Logit, Number, ScoringModel
from leadweights.model.rules import Decisions, Wording
from leadweights.model.terms import Level, Levels, Standardized, Term
from tests.support.strategies import PROVENANCE

NAMES = (
    *("class", "await", "lead", "score", "model", "step", "NaN", "__proto__", "constructor"),
    *("toString", "hasOwnProperty", "a b", "1st", "\u00e4\u00f6", "it's", '"', "\\", "`${x}`"),
    *("*/", "</script>", "<!--", "a\u2028", "{{ x }}", "{% x %}", "\U0001f600", "a\nb", "&amp;"),
    "x" * 200,
)
"""Names of columns that mean something to JavaScript, to HTML, to a template or to an object."""
LEVELS = ("software", "</script> & {{ x }}")


def every_kind_of_column() -> tuple[ScoringModel, pd.DataFrame]:
    """Make them: a category, a flag, a list and a date; every second row is positive."""
    levels = tuple(Level(name, 0.4 - place, 0.5) for place, name in enumerate(LEVELS))
    columns = (
        Category("industry"),
        Flag("newsletter", 0.5),
        Listed("channels: mail", "channels", "mail", ";"),
        Listed("channels: phone", "channels", "phone", ";"),
        Number("age", 30.0, DaysSince("created", until_day="2026-02-28")),
    )
    terms: tuple[Term, ...] = (
        Levels("industry", 0.2, levels, Level("", 0.0, 0.0), Level("", -0.1, 0.0)),
        *(Standardized(column.name, 0.5, 0.5, 0.2) for column in columns[1:4]),
        Standardized("age", 30.0, 10.0, -0.2),
    )
    model = ScoringModel("drawn", (), columns, terms, Logit(-0.5, 2.0), PROVENANCE)
    count = 60
    rows = pd.DataFrame(
        {
            "industry": [LEVELS[place % 2] for place in range(count)],
            "newsletter": [place % 3 == 0 for place in range(count)],
            "channels": [("mail;phone", "mail", "phone")[place % 3] for place in range(count)],
            "created": pd.date_range("2026-01-01", periods=count),
            "label": [int(place % 4 < 2) for place in range(count)],
        }
    )
    return model, rows


def model_of(*names: str) -> ScoringModel:
    share = 1 / len(names)
    terms = tuple(Standardized(name, 0.0, 1.0, share) for name in names)
    columns = tuple(Number(name, 0.0) for name in names)
    words = tuple(Wording(name, f"{name} of it") for name in names)
    rules = Decisions(wordings=words)
    return ScoringModel("drawn", (), columns, terms, Logit(0.0, 1.0), PROVENANCE, rules)
