"""What is said of a lead: each kind of column by hand, and what has the form of a person's data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.model.model import Number
from leadweights.model.personal import conceal
from leadweights.model.rules import Decisions, Wording
from leadweights.scoring.adjusting.facts import choose_columns, read_facts
from leadweights.tables.columns import open_for, read_columns
from tests.support.golden_files import crm_model

WORDLESS = crm_model("duckdb")
WORDS = tuple(Wording(column.name, f"the {column.name}") for column in WORDLESS.columns)
MODEL = replace(WORDLESS, decisions=Decisions(wordings=WORDS))
ROWS: list[dict[str, Any]] = [
    {
        "Source": "  GOOGLE ",
        "Do Not Call": "Yes",
        "Opted In": True,
        "Created": "2026-12-07",
        "Exported": "2026-12-17",
        "Revenue": "1234.5678",
        "Visits": 4.0,
        "Interests": "art; it's",
    },
    {
        "Source": " ",
        "Do Not Call": "jane@example.com",
        "Opted In": None,
        "Created": None,
        "Exported": None,
        "Revenue": "jane@example.com",
        "Visits": 999.0,
        "Interests": None,
    },
    {
        "Source": "jane@example.com",
        "Do Not Call": "No",
        "Opted In": False,
        "Created": "2026-06-09",
        "Exported": "2026-06-09",
        "Revenue": "",
        "Visits": None,
        "Interests": "jane@example.com;web site",
    },
]
SAID: list[dict[str, Any]] = [
    {
        "Source": "google",
        "Do Not Call": True,
        "Opted In": True,
        "Created month": "December",
        # 2026-12-07 is a Monday, 160 days after the end of June.
        "Age": 10.0,
        "Days Open": -160.0,
        "Revenue": 1234.57,
        "Visits": 4.0,
        "Visits is missing": False,
        "Created weekday": "Monday",
        "Interests: it's": True,
        "Interests: web site": False,
    },
    {
        "Source": None,
        "Do Not Call": None,
        "Opted In": None,
        "Created month": None,
        "Age": None,
        "Days Open": None,
        "Revenue": None,
        "Visits": None,
        "Visits is missing": True,
        "Created weekday": None,
        "Interests: it's": False,
        "Interests: web site": False,
    },
    {
        "Source": "another value",
        "Do Not Call": False,
        "Opted In": False,
        "Created month": "June",
        "Age": 0.0,
        "Days Open": 21.0,
        "Revenue": None,
        "Visits": None,
        "Visits is missing": True,
        "Created weekday": "Tuesday",
        "Interests: it's": False,
        "Interests: web site": True,
    },
]


def test_each_kind_of_column_is_said_as_the_model_reads_it() -> None:
    sent = choose_columns(MODEL, (), ("Id",))
    values = read_columns(open_for(MODEL, ROWS), MODEL)
    found = read_facts(MODEL, sent, values, {})
    assert found == [{f"the {name}": value for name, value in row.items()} for row in SAID]
    assert "jane" not in repr(found)


@pytest.mark.parametrize(
    "column", ["Contact Name", "homeAddress", "date_of_birth", "Mobile", "SSN"]
)
def test_a_column_that_is_personal_by_its_name_is_sent_only_if_it_is_named(column: str) -> None:
    (source, *_) = WORDLESS.columns
    terms = tuple(replace(t, column=column) if t.column == "Source" else t for t in WORDLESS.terms)
    columns = (replace(source, name=column), *WORDLESS.columns[1:])
    plain = [replace(c, segments=None) if isinstance(c, Number) else c for c in columns]
    words = (Wording(column, "who it is"), Wording("Visits", "visits"))
    model = replace(
        WORDLESS, columns=tuple(plain), terms=terms, decisions=Decisions(wordings=words)
    )
    usual = choose_columns(model, (), ("Id",))
    assert list(usual.columns) == ["Visits"]
    assert list(usual.withheld) == [column]
    assert set(choose_columns(model, [column], ("Id",)).columns) == {column, "Visits"}


def test_what_must_not_or_cannot_be_sent_is_refused() -> None:
    for named, message in (
        (["Id"], "is a key"),
        (["label"], "is the outcome"),
        (["Notes=the Visits"], "are both called"),
    ):
        with pytest.raises(UnsupportedError, match=message):
            choose_columns(MODEL, named, ("Id",))
    with pytest.raises(UnsupportedError, match="--dictionary"):
        choose_columns(WORDLESS, (), ("Id",))


PERSONAL = (
    *("jane.doe@example.com", "+49 170 1234567", "555-234-5678", "(555) 234 5678", "0170 1234567"),
    *("06 12 34 56 78", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "123-45-6789"),
)


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("around", ["{}", "call {} today", "({}).", "a,{};b", "\n{}\n"])
def test_what_has_a_form_of_its_own_is_concealed_wherever_it_stands(text: str, around: str) -> None:
    found = conceal(around.format(text))
    assert text not in found
    assert "[a" in found


@pytest.mark.parametrize(
    "text", ["", "asked for 12 units", "2026-11-30", "v1.2.3", "from 10.5 to 99,000", "room 4711"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert conceal(text) == text


def test_a_level_that_is_a_code_is_one_in_a_column_of_numbers_too() -> None:
    rows = [
        {"id": n, "code": 7001 + n % 3, "label": int(n % 3 == 0 or n % 7 == 0)} for n in range(200)
    ]
    asked = {"code": {"description": "industry", "kind": "category"}}
    model = lw.fit_model(rows, keys=["id"], dictionary=asked)
    sent = choose_columns(model, (), ("id",))
    as_doubles = [{"code": float(row["code"])} for row in rows[:3]]
    for some in (rows[:3], as_doubles):
        values = read_columns(open_for(model, some), model)
        said = [lead["industry"] for lead in read_facts(model, sent, values, {})]
        assert said == ["7001", "7002", "7003"]
