"""The committed model with every decision, in three variants."""

from dataclasses import replace

from leadweights.model.calibration import Isotonic, Knot, Platt
from leadweights.model.file import load
from leadweights.model.model import ScoringModel
from leadweights.model.rules import (
    Adjustment,
    Band,
    Bands,
    Consent,
    Decay,
    Decisions,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)

PLATT = Platt(-0.125, 0.9)
# Flat at its ends and in the middle, as pooled rows make it.
ISOTONIC = Isotonic(
    tuple(Knot(*at) for at in ((-2.0, -1.5), (-1.0, -1.25), (-0.5, -1.25), (1.0, 0.75), (2.5, 2.0)))
)
EVERYTHING = Decisions(
    consent=Consent("may contact"),
    adjustment=Adjustment("judgement"),
    decay=Decay("last seen", 30.0, until_day="2026-02-28"),
    bands=Bands(
        "probability",
        (Band("hot", 1.0, "call"), Band("it's warm", -0.5, "e-mail"), Band("cold", None)),
    ),
    threshold=Threshold(0.25, "by hand"),
    owner="rep",
    wordings=(Wording("recency_days", high="not seen for long", low="seen lately"),),
)
BY_POINTS = Scale("points", tuple(-3.0 + 0.06 * place for place in range(100)))
VARIANTS = {
    "percent": replace(EVERYTHING, calibration=PLATT, scale=Scale("probability", percent_cuts())),
    "points": replace(EVERYTHING, calibration=ISOTONIC, scale=BY_POINTS, reasons=7),
    "as it is": Decisions(
        scale=Scale("probability", percent_cuts()),
        bands=EVERYTHING.bands,
        threshold=EVERYTHING.threshold,
    ),
}


def deciding_model(variant: str) -> ScoringModel:
    return replace(load("outputs/model.json"), decisions=VARIANTS[variant])
