"""A model's decisions in words."""

from __future__ import annotations

from math import exp
from typing import assert_never

from leadweights.calibrators import Isotonic, Platt
from leadweights.decisions import Adjustment, Bands, Consent, Decay, Decisions
from leadweights.layout import left_aligned
from leadweights.model import ScoringModel

_SCALES = {
    "probability": "the probability in percent",
    "percentile": "the share of the rows it was made from that score lower, in percent",
    "points": "points: so many more double the odds",
}


def decisions_text(model: ScoringModel) -> str:
    """Say what a model decides, from the log-odds on."""
    rules = model.decisions
    lines = [f"{model.name} decides:"]
    lines += [f"  {sentence}" for sentence in _sentences(rules)]
    if rules.bands is not None:
        lines += ["", *_band_lines(rules.bands)]
    return "\n".join(lines) + "\n"


def _sentences(rules: Decisions) -> list[str]:
    found = []
    match rules.calibration:
        case None:
            pass
        case Platt(intercept, slope):
            found.append(f"calibrated: {intercept:.4g} + {slope:.4g} * log_odds (Platt)")
        case Isotonic(points):
            found.append(f"calibrated: an isotonic line of {len(points)} points")
        case _:
            assert_never(rules.calibration)
    if rules.consent is not None:
        found.append(_consent(rules.consent))
    if rules.adjustment is not None:
        found.append(_adjustment(rules.adjustment))
    if rules.decay is not None:
        found.append(_decay(rules.decay))
    if rules.scale is not None:
        found.append(f"score_100: {_SCALES[rules.scale.by]}")
    if rules.threshold is not None:
        cut = rules.threshold.log_odds
        found.append(
            f"decision: 1 from log-odds {cut:g} on (a probability of {_probability(cut):.1%}): "
            f"{rules.threshold.reason}"
        )
    if rules.owner:
        found.append(f"rank: within each {rules.owner!r}")
    found.append(f"reasons: {rules.reasons}")
    return found


def _consent(consent: Consent) -> str:
    held = " or ".join(map(repr, consent.yes)) if consent.yes else "true"
    return f"consent: no score unless {consent.column!r} is {held}"


def _adjustment(adjustment: Adjustment) -> str:
    return (
        f"adjustment: {adjustment.column!r} multiplies the odds, cut to {adjustment.low:g} to "
        f"{adjustment.high:g}; missing, it is 1"
    )


def _decay(decay: Decay) -> str:
    until = repr(decay.until_column) if decay.until_column else decay.until_day
    return (
        f"decay: the odds halve every {decay.half_life_days:g} days from {decay.column!r} "
        f"until {until}"
    )


def _band_lines(bands: Bands) -> list[str]:
    rows = [["band", "log-odds from", "probability from", "action"]]
    for band in bands.bands:
        ends = ["-", "-"]
        if band.low is not None:
            ends = [f"{band.low:.4g}", f"{_probability(band.low):.1%}"]
        rows.append([band.name, *ends, band.action or "-"])
    return left_aligned(rows)


def _probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0
