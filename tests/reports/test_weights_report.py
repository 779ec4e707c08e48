"""The list of weights, with curves drawn in letters."""

import leadweights as lw
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Curve, Point, Standardized
from leadweights.reports.weights import draw_curves, weights_chart, weights_table
from tests.support.golden_files import scorecard_model

ORIGIN = Provenance("test", "label", "1", 10, 5, "by hand", "0" * 64)


def curved(*heights: float) -> ScoringModel:
    points = tuple(Point(10.0 * place, height) for place, height in enumerate(heights))
    terms = (Curve("visits", 0.75, points), Standardized("age", 40.0, 10.0, -0.25))
    return ScoringModel(
        "drawn", (), (Number("visits", 0.0), Number("age", 40.0)), terms, Logit(0.0, 1.0), ORIGIN
    )


def test_a_curve_is_drawn_from_its_lowest_to_its_highest_point() -> None:
    model = curved(-0.7, -0.6, 0.0, 0.7)
    # An eighth of the height a step: 0, 0.5 and 3.5 of seven, the even of two neighbours.
    assert draw_curves(model) == {"visits": "▁▁▅█ 0 to 30"}
    assert draw_curves(curved(1.0, 1.0)) == {"visits": "▁▁ 0 to 10"}


def test_it_stands_beside_its_bar_alone() -> None:
    model = curved(0.0, 1.0, 0.5)
    first, second = weights_chart(model).splitlines()
    assert first == f"visits  ±0.7500  {'█' * 30}  ▁█▅ 0 to 20"
    assert second == f"age     -0.2500  {'█' * 10}"
    drawn = [line for line in weights_table(model).splitlines() if "▁" in line]
    assert len(drawn) == 1
    assert drawn[0].startswith("visits ")
    assert drawn[0].endswith("  ▁█▅ 0 to 20")


def test_bins_are_drawn_and_what_is_straight_is_not() -> None:
    assert draw_curves(scorecard_model()) == {"income": "▁▅█"}
    assert draw_curves(lw.load("outputs/model.json")) == {}
