"""What a form asks of a lead: fields, worked out by hand."""

from dataclasses import replace

import pytest

from leadweights.errors import ModelError
from leadweights.formula.form import Field, list_fields
from leadweights.formula.javascript import score_stages
from leadweights.model.form import Form
from leadweights.model.model import (
    DaysSince,
    Flag,
    InputColumn,
    InText,
    Number,
    ScoringModel,
    SegmentFill,
    Segments,
)
from leadweights.model.rules import Consent, Decay, Wording
from leadweights.model.terms import Bins, Curve, Point, Ranged, Standardized, Term
from tests.support.one_lead import every_kind_of_column, model_of


def fields_of(model: ScoringModel) -> dict[str, Field]:
    return {field.name: field for field in list_fields(model, score_stages(model)[0])}


def only(column: InputColumn, term: Term | None = None) -> Field:
    model = replace(model_of("x"), columns=(column,))
    return fields_of(model if term is None else replace(model, terms=(term,)))["x"]


def test_a_column_of_every_kind_by_hand() -> None:
    found = fields_of(every_kind_of_column()[0])
    assert [(field.name, field.kind, field.levels) for field in found.values()] == [
        ("industry", "text", ("software", "</script> & {{ x }}")),
        ("newsletter", "flag", ()),
        ("channels", "text", ("mail", "phone")),
        ("created", "date", ()),
    ]
    assert found["channels"].delimiter == ";"
    assert found["newsletter"].fill == 0.5
    assert [field.takes for field in found.values()] == [
        "a text",
        "true or false; missing, it counts as 0.5",
        "a list in a text, ';' between its values",
        "a date",
    ]


@pytest.mark.parametrize(
    ("column", "term", "expected"),
    [
        (Number("x", 0.0), Standardized("x", 0.5, 2.0, 1.0), (-3.5, 4.5)),
        (Number("x", 0.0), Standardized("x", 30.0, 17.604, 1.0), (0.0, 65.2)),
        (Number("x", 0.0), Standardized("x", -30.0, 17.604, 1.0), (-65.2, 0.0)),
        (Number("x", 0.0, low=-1.0, high=1.0), Standardized("x", 0.5, 2.0, 1.0), (-1.0, 1.0)),
        (Number("x", 0.0), Ranged("x", 2.0, 12.0, 1.0), (2.0, 12.0)),
        (Number("x", 0.0), Curve("x", 1.0, (Point(1.0, 0.0), Point(7.0, 1.0))), (1.0, 7.0)),
        (Number("x", 0.0), Bins("x", 1.0, (1.0, 4.0), (0.0, 0.1, 0.2)), (1.0, 4.0)),
        (Number("x", 0.0, log=True), Standardized("x", 2.0, 1.0, 1.0), (0.0, 53.6)),
        (Number("x", 0.0, InText()), Standardized("x", 0.5, 2.0, 1.0), None),
    ],
)
def test_most_numbers_lie_in_a_range(
    column: Number, term: Term, expected: tuple[float, float] | None
) -> None:
    assert only(column, term).range == expected


def test_what_a_field_takes_is_said() -> None:
    german = InText(Form(",", "."))
    assert only(Number("x", 2.0, german)).takes == (
        "a number in a text, ',' before decimals, '.' between thousands; missing, it counts as 2"
    )
    in_words = Flag("x", 0.0, ("yes", "y"), ("no",))
    assert only(in_words).levels == ("yes", "no")
    by_segment = Number("x", 2.0, segments=Segments("kind", (SegmentFill("a", 1.0),)))
    model = replace(model_of("x"), columns=(by_segment,))
    assert fields_of(model)["x"].fill is None
    assert fields_of(model)["kind"].levels == ("a",)
    dated = Number("x", 2.0, DaysSince("x", until_day="2026-02-28", format="%d/%m/%y"))
    assert only(dated).takes.startswith("a date as %d/%m/%y, or year first")


def test_rules_and_words_have_their_fields() -> None:
    rules = replace(
        model_of("x").decisions,
        consent=Consent("may contact", ("yes",)),
        decay=Decay("seen", 30.0, until_day="2026-02-28"),
        wordings=(Wording("x", "how much"),),
    )
    found = fields_of(replace(model_of("x"), decisions=rules))
    assert list(found) == ["x", "may contact", "seen"]
    assert (found["x"].label, found["x"].description) == ("x", "how much")
    assert found["may contact"].levels == ("yes",)
    assert found["seen"].kind == "date"


def test_a_column_read_as_two_things_is_told() -> None:
    model = replace(
        model_of("x", "y"), columns=(Number("x", 0.0), Number("y", 0.0, DaysSince("x", "x")))
    )
    with pytest.raises(ModelError, match="the model reads 'x' as number and as date"):
        fields_of(model)
