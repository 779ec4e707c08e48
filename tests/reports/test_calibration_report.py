"""What is told about a calibration, written out by hand."""

import json
from dataclasses import replace

import pytest

from leadweights.decisions.calibrate import Candidate, Found, Gain
from leadweights.decisions.metrics import Interval
from leadweights.decisions.reliability import Bin, Cox, Reliability
from leadweights.model.calibration import Isotonic, Knot, Platt
from leadweights.reports.calibration import calibration_document, calibration_text

UNKNOWN = Interval(None, None, None)
TABLE = Reliability(
    rows=1200,
    positive_rows=360,
    left_out=0,
    bins=(
        Bin(600, 60, 0.102, 0.1, 0.078, 0.127),
        Bin(600, 300, 0.6, 0.5, 0.46, 0.8),
        Bin(1234, 700, 0.79, 0.6, 0.55, 0.65),
    ),
    brier=Interval(0.1733, 0.16194, 0.1845),
    ece=0.03123456789,
    ece_if_calibrated=Interval(0.0136, 0.0075, 0.0214),
    ece_debiased=Interval(0.0202, 0.0101, 0.03),
    cox=Cox(Interval(0.0, -0.1, 0.1), Interval(0.5, 0.4, 0.6), Interval(0.2, 0.1, 0.3)),
)
LEFT_ALONE = Found(
    rows=1200,
    positive_rows=360,
    left_out=0,
    folds=5,
    candidates=(
        Candidate("none", 0.39061, 0.12303, 0.02402, ()),
        Candidate("platt", 0.39132, 0.12324, 0.02352, (Gain("none", 0.0003, 0.0011),)),
        Candidate("isotonic", None, None, None, ()),
    ),
    choice="none",
    calibrator=None,
    tied_share=0.0,
    why="left as it is: Platt would gain 0.0003 log-loss out of fold",
)
TOLD = """\
Calibration on data/valid.csv: 1,200 rows, 360 positive.

predicted  observed      95% interval   rows   0%                                 80.0%
    10.2%     10.0%     7.8% to 12.7%    600      --X-
    60.0%     50.0%    46.0% to 80.0%    600                          --o----|---------
    79.0%     60.0% *  55.0% to 65.0%  1,234                              ---o--      |

| predicted, o observed, X both, --- the interval of what was observed
* the interval leaves out what was predicted: 1 of 3 bins; by chance 0.15

Brier score                 0.1733 [0.1619, 0.1845]
Expected calibration error  0.0312, less its bias 0.0202 [0.0101, 0.0300]
  of a perfect score        0.0136 [0.0075, 0.0214] by noise alone; this one has more than that
Slope (1 is perfect)        0.50 [0.40, 0.60]: predictions are too extreme
In the large (0 is perfect) +0.20 [+0.10, +0.30]: more positives than predicted

What a map of the log-odds would do, out of fold in 5 folds (* more than a standard error)

          log-loss   Brier     ECE  gain in log-loss (standard error)
as it is    0.3906  0.1230  0.0240
Platt       0.3913  0.1232  0.0235  +0.0003 (0.0011) over as it is
isotonic         -       -       -

Left as it is: Platt would gain 0.0003 log-loss out of fold.
"""


def test_the_text_is_this() -> None:
    assert calibration_text(TABLE, LEFT_ALONE, "data/valid.csv") == TOLD


@pytest.mark.parametrize(
    ("slope", "large", "said"),
    [
        ((1.0, 0.9, 1.1), (0.0, -0.1, 0.1), ("neither too extreme nor too timid", "as many as")),
        ((1.5, 1.2, 1.8), (-0.5, -0.6, -0.4), ("too timid", "fewer positives than predicted")),
    ],
)
def test_slope_and_intercept_are_explained(
    slope: tuple[float, float, float], large: tuple[float, float, float], said: tuple[str, str]
) -> None:
    cox = Cox(UNKNOWN, Interval(*slope), Interval(*large))
    text = calibration_text(replace(TABLE, cox=cox), LEFT_ALONE, "x.csv")
    assert said[0] in text
    assert said[1] in text


def test_what_is_unknown_is_not_told() -> None:
    table = replace(TABLE, cox=Cox(UNKNOWN, UNKNOWN, UNKNOWN), left_out=7)
    text = calibration_text(table, LEFT_ALONE, "x.csv")
    assert "Slope" not in text
    assert "large" not in text
    assert "360 positive; 7 more have no score." in text


def test_an_error_within_chance_is_called_so() -> None:
    text = calibration_text(replace(TABLE, ece=0.02), LEFT_ALONE, "x.csv")
    assert "by noise alone; this one has no more than that" in text


def test_rare_positives_are_told_in_more_decimals_on_a_scale_of_their_own() -> None:
    rare = Bin(10_000, 3, 0.0003, 0.0003, 0.0001, 0.0009)
    bins = (rare, Bin(10_000, 30, 0.003, 0.003, 0.002, 0.004))
    text = calibration_text(replace(TABLE, bins=bins), LEFT_ALONE, "x.csv")
    assert " 0.0300%   0.0300%    0.0100% to 0.0900%  10,000    --X------\n" in text
    assert " 0.4000%\n" in text


def test_the_map_and_the_gains_are_told() -> None:
    gains = (Gain("none", 0.09, 0.01), Gain("platt", -0.1, 0.01))
    found = replace(
        LEFT_ALONE,
        choice="isotonic",
        candidates=(
            *LEFT_ALONE.candidates[:2],
            Candidate("isotonic", 0.3, 0.1, 0.01, gains),
        ),
        calibrator=Isotonic((Knot(-1.23456, -2.0), Knot(0.5, 0.25))),
    )
    text = calibration_text(TABLE, found, "x.csv")
    cells = "isotonic    0.3000  0.1000  0.0100  "
    assert f"{cells}+0.0900* (0.0100) over as it is, -0.1000 (0.0100) over Platt" in text
    assert text.endswith("between these points and flat beyond:\n  -1.23 to -2, 0.5 to 0.25\n")
    line = replace(found, calibrator=Platt(-0.123456, 0.5))
    assert calibration_text(TABLE, line, "x.csv").endswith("= 0.5 * log-odds - 0.1235\n")


def test_the_document_has_six_decimals_and_the_maps_own_constants() -> None:
    found = replace(LEFT_ALONE, calibrator=Platt(-0.1234567891, 0.5), choice="platt")
    document = calibration_document(TABLE, found)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["reliability"]["ece"] == 0.031235
    assert document["reliability"]["bins"][2]["off"] is True
    assert document["reliability"]["brier"] == {"value": 0.1733, "low": 0.16194, "high": 0.1845}
    calibration = document["calibration"]
    assert calibration["calibrator"] == {
        "kind": "platt",
        "intercept": -0.1234567891,
        "slope": 0.5,
    }
    assert calibration["candidates"][1]["gains"] == [
        {"over": "none", "log_loss": 0.0003, "standard_error": 0.0011, "clear": False}
    ]
    assert calibration["candidates"][2]["log_loss"] is None
    curve = replace(found, calibrator=Isotonic((Knot(0.0, 1.0), Knot(1.0, 2.0))))
    assert calibration_document(TABLE, curve)["calibration"]["calibrator"] == {
        "kind": "isotonic",
        "points": ({"at": 0.0, "log_odds": 1.0}, {"at": 1.0, "log_odds": 2.0}),
    }
    assert calibration_document(TABLE, LEFT_ALONE)["calibration"]["calibrator"] is None
