"""What a model does with its score, in words for those who act on it."""

from dataclasses import dataclass
from math import exp, log
from textwrap import wrap
from typing import assert_never

from leadweights.formula.stages import outputs
from leadweights.model.calibration import Calibration, Isotonic, Platt
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rules import Adjustment, Bands, Consent, Decay, Scale, Threshold, Trend
from leadweights.reports.layout import align_left

_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is done with a score: its name, and a sentence or two."""

    name: str
    words: str


def rules(model: ScoringModel) -> tuple[Rule, ...]:
    """Say what is done with the score, in the order in which it is done."""
    own, found = model.decisions, list[Rule]()
    if isinstance(model.link, Identity):
        return ()
    if own.consent:
        found.append(Rule("Consent", _consent(own.consent)))
    if own.calibration:
        found.append(Rule("Calibration", _calibration(own.calibration)))
    if own.adjustment:
        found.append(Rule("Adjustment", _adjustment(own.adjustment)))
    if own.decay:
        found.append(Rule("Decay", _decay(own.decay)))
    if own.scale:
        found.append(Rule("Score 0 to 100", _scale(own.scale)))
    if own.bands:
        found.append(Rule("Bands", _bands(own.bands)))
    if own.threshold:
        found.append(Rule("Threshold", _threshold(own.threshold)))
    if own.trend:
        found.append(Rule("Trend", _trend(own.trend)))
    if "rank" in outputs(model):
        found.append(Rule("Rank", _rank(own.owner)))
    shown = sum(name.endswith("_effect") for name in outputs(model))
    if shown:
        many = "the column that moves" if shown == 1 else f"the {shown} columns that move"
        words = f"Each lead comes with {many} its log-odds most, up or down, and by how much."
        found.append(Rule("Reasons", words))
    return tuple(found)


def decisions_text(model: ScoringModel) -> str:
    """Lay out what a model decides: the rules, and the bands with their cuts."""
    lines = [f"{model.name}: what is done with the score."]
    for rule in rules(model):
        lines += ["", *wrap(f"{rule.name}. {rule.words}", _WIDTH)]
        if rule.name == "Threshold" and model.decisions.threshold is not None:
            lines += wrap(f"It was asked for {model.decisions.threshold.reason}.", _WIDTH)
    if model.decisions.bands is not None:
        lines += ["", *_band_lines(model.decisions.bands)]
    return "\n".join(lines) + "\n"


def _band_lines(own: Bands) -> list[str]:
    rows = [["band", "log-odds from", "probability from", "action"]]
    for band in own.bands:
        ends = ["-", "-"]
        if band.low is not None:
            ends = [f"{band.low:.4g}", _chance(band.low).rpartition(" ")[2]]
        rows.append([band.name, *ends, band.action or "-"])
    return align_left(rows)


def _threshold(own: Threshold) -> str:
    return (
        f"A lead\u2019s decision is 1 from log-odds {_digits(own.log_odds)} on, "
        f"{_chance(own.log_odds)}, and 0 below."
    )


def _consent(own: Consent) -> str:
    wanted = " or ".join(map(_quote, own.yes))
    holds = f"holds {wanted}" if own.yes else "is true"
    return (
        f"Only a lead whose {_quote(own.column)} {holds} is scored. All others have no score, no "
        "band and no decision; their status is no_consent."
    )


def _calibration(own: Calibration) -> str:
    match own:
        case Platt(intercept, slope):
            sign = "+" if intercept >= 0 else "\u2212"
            line = f"{_digits(slope)} \u00d7 log-odds {sign} {_digits(abs(intercept))}"
            return (
                f"Probabilities are mended: calibrated log-odds are {line} (Platt). "
                "The order of leads stays."
            )
        case Isotonic(points):
            return (
                f"Probabilities are mended: straight lines between {len(points)} points, which "
                "never fall, take log-odds to calibrated log-odds (isotonic). No two leads change "
                "places; where the lines are flat, leads become equal."
            )
        case _:
            assert_never(own)


def _adjustment(own: Adjustment) -> str:
    low, high = _digits(own.low), _digits(own.high)
    return (
        f"The number in {_quote(own.column)} multiplies the odds; below {low} it counts as "
        f"{low}, above {high} as {high}, and where it is missing as 1."
    )


def _decay(own: Decay) -> str:
    until = f"the date in {_quote(own.until_column)}" if own.until_column else own.until_day
    days = "day" if own.half_life_days == 1 else f"{_digits(own.half_life_days)} days"
    return (
        f"The odds halve every {days} from the date in {_quote(own.column)} until {until}. "
        "Where a date is missing they stay."
    )


def _trend(own: Trend) -> str:
    return (
        f"A lead is improving or declining if its log-odds are {_digits(own.steady)} or more above "
        f"those in {_quote(own.column)}, or more than that below; in between it is steady."
    )


def _scale(own: Scale) -> str:
    name = "A lead\u2019s score_100 is a whole number: "
    match own.by:
        case "probability":
            return f"{name}the probability in percent, rounded."
        case "percentile":
            return (
                f"{name}the share, in percent, of the leads it was made from that score lower. "
                "80 is better than about 80% of them; it is no probability."
            )
        case _:
            per_point = (own.cuts[-1] - own.cuts[0]) / (len(own.cuts) - 1)
            even = 0.5 - own.cuts[0] / per_point
            points = log(2) / per_point
            return (
                f"{name}points, of which {_digits(even)} stand for even odds (a probability of "
                f"50%), and {_digits(points)} more double the odds."
            )


def _bands(own: Bands) -> str:
    *others, last = (band.name for band in own.bands)
    made = {"probability": "probabilities", "percentile": "percentiles of earlier leads"}
    return (
        f"Leads fall into {', '.join(others)} and {last}, the best first, by fixed cuts of the "
        f"log-odds, made from {made.get(own.by, 'points of score_100')}."
    )


def _rank(owner: str) -> str:
    within = f" within each {_quote(owner)}" if owner else ""
    return (
        f"A lead\u2019s rank is its place{within}, 1 the best, its decile the tenth it is in of "
        "all scored leads."
    )


def _quote(text: str) -> str:
    return f"\u201c{text}\u201d"


def _digits(number: float) -> str:
    return f"{number:.4g}".replace("-", "\u2212")


def _chance(log_odds: float) -> str:
    odds = exp(min(max(log_odds, -700.0), 700.0))
    return f"a probability of {odds / (1 + odds):.1%}"
