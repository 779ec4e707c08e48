"""From log-odds to decisions, as formulas: calibrated, adjusted, cut, and ranked.

Everything is cut by log-odds, which are the same bits on every engine. Without consent a row has
no log-odds, and a missing value stays missing in every formula here.
"""

from itertools import pairwise
from math import log
from typing import assert_never

from leadweights.formula.nodes import (
    AsDouble,
    AsInteger,
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    DayColumn,
    Difference,
    FlagColumn,
    Floor,
    Formula,
    Integer,
    Named,
    Null,
    NumberColumn,
    OneOf,
    Product,
    Quotient,
    RowNumber,
    RowsWith,
    Steps,
    Sum,
    TextCase,
    TextColumn,
    TextSteps,
    Words,
    within,
)
from leadweights.formula.terms import odds
from leadweights.model.calibration import Calibration, Isotonic, Platt
from leadweights.model.dates import days_since_1970
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Adjustment, Bands, Consent, Decay, Scale, percent_cuts

FARTHEST = 1e100
# In percent. Ten digits of a cut are up to 8e-9 of it, two ulp of a probability 4e-14.
_NEAR = 1e-7
_ZERO = Constant(0.0)
_CONSENT = Column("consent_given")
_DECILES = tuple(float(place) for place in range(1, 10))


def basis(model: ScoringModel) -> str:
    """Name the log-odds that decide: as they are, calibrated, or adjusted besides."""
    found = model.decisions
    if found.adjustment or found.decay:
        return "adjusted_log_odds"
    return "calibrated_log_odds" if found.calibration else "log_odds"


def decision_inputs(model: ScoringModel, *, ranked: bool = True) -> list[Named]:
    """Read what the rules around a score read from the table, and what a rank does."""
    rules, found = model.decisions, list[Named]()
    if rules.consent:
        found.append(Named("consent_given", _given(rules.consent)))
    if rules.adjustment:
        found.append(Named("adjustment_factor", _factor(rules.adjustment)))
    if rules.decay:
        found.append(Named("decay_days", _days(rules.decay)))
    if ranked and rules.owner:
        found.append(Named("owner_text", TextColumn(rules.owner)))
    if ranked:
        found += [Named(name, TextColumn(key)) for name, key in _key_texts(model).items()]
    return found


def consented(model: ScoringModel, value: Formula) -> Formula:
    """Take a value away from rows without consent."""
    if not model.decisions.consent:
        return value
    return Case(((AtLeast(_CONSENT, Constant(1.0)), value),), Null())


def present_odds(model: ScoringModel, log_odds: Formula) -> Formula:
    """Write the odds, which only a model that asks for consent can lack."""
    known = odds(log_odds)
    if not model.decisions.consent:
        return known
    inside, (_, above) = known.branches
    return Case((inside,), Steps(log_odds, (0.0,), (known.otherwise, above)))


def calibrated(calibration: Calibration, value: Formula) -> Formula:
    """Write the map from log-odds to calibrated log-odds."""
    match calibration:
        case Platt(intercept, slope):
            return Sum((Constant(intercept), Product(Constant(slope), value)))
        case Isotonic(points):
            lines: list[Formula] = []
            for left, right in pairwise(points):
                steep = (right.log_odds - left.log_odds) / (right.at - left.at)
                risen = Product(Difference(value, Constant(left.at)), Constant(steep))
                lines.append(Sum((Constant(left.log_odds), risen)))
            ends = Constant(points[0].log_odds), Constant(points[-1].log_odds)
            return Steps(value, tuple(p.at for p in points), (ends[0], *lines, ends[1]))
        case _:
            assert_never(calibration)


def adjustment_ratio() -> Named:
    """Write `(factor - 1) / (factor + 1)`, by which its logarithm is a short series."""
    factor, one = Column("adjustment_factor"), Constant(1.0)
    return Named("adjustment_ratio", Quotient(Difference(factor, one), Sum((factor, one))))


def adjustment_square() -> Named:
    """Write the square of the ratio."""
    ratio = Column("adjustment_ratio")
    return Named("adjustment_square", Product(ratio, ratio))


def adjustment_log(adjustment: Adjustment) -> Named:
    """Write the logarithm of the factor, in plain arithmetic: engines' own LN differ in bits.

    `ln f = 2 (r + r^3/3 + r^5/5 + ...)` with `r = (f - 1) / (f + 1)` (Abramowitz and Stegun
    4.1.27), until what is left is below a bit.
    """
    ratio, square = Column("adjustment_ratio"), Column("adjustment_square")
    largest = max(abs((f - 1) / (f + 1)) for f in (adjustment.low, adjustment.high))
    terms = next(n for n in range(1, 99) if largest ** (2 * n) / (2 * n + 1) < 2.0**-55)
    series: Formula = Constant(1 / (2 * terms - 1))
    for n in reversed(range(1, terms)):
        series = Sum((Constant(1 / (2 * n - 1)), Product(square, series)))
    return Named("adjustment_log", Product(Product(Constant(2.0), ratio), series))


def adjusted(model: ScoringModel) -> Named:
    """Write the log-odds after the factor from outside and the decay: both work on the odds."""
    rules = model.decisions
    value: Formula = Column("calibrated_log_odds" if rules.calibration else "log_odds")
    if rules.adjustment:
        value = Sum((value, Column("adjustment_log")))
    if rules.decay:
        per_day = Constant(log(2) / rules.decay.half_life_days)
        value = Difference(value, Product(Column("decay_days"), per_day))
    return Named("adjusted_log_odds", value)


def percent_and_half(probability: Formula) -> Named:
    """Write the probability in percent and a half: its whole part is the percent, half up."""
    percent = Product(Constant(100.0), probability)
    return Named("percent_and_half", Sum((percent, Constant(0.5))))


def score_100(scale: Scale, value: Formula) -> Formula:
    """Write how many of the cuts are reached.

    Where the cuts are those of whole percents, the probability tells, but for rows so near to a cut
    that its last digits, or those of the cut itself, could matter: five times as fast in DuckDB.
    """
    reached = {cut: count for count, cut in enumerate(scale.cuts, start=1)}
    counted = Steps(value, tuple(reached), (Integer(0), *map(Integer, reached.values())))
    if scale.cuts != percent_cuts():
        return counted
    percent = Column("percent_and_half")
    clear = Between(Difference(percent, Floor(percent)), _NEAR, 1 - _NEAR)
    return Case(((clear, AsInteger(Floor(percent))),), counted)


def band(bands: Bands, value: Formula) -> TextSteps:
    """Write the band's name."""
    return TextSteps(value, _lows(bands), tuple(Words(b.name) for b in reversed(bands.bands)))


def action(bands: Bands, value: Formula) -> TextSteps:
    """Write what is to be done in the band, where that is said."""
    said = [Words(b.action) if b.action else Null() for b in reversed(bands.bands)]
    return TextSteps(value, _lows(bands), tuple(said))


def decision(log_odds: float, value: Formula) -> Steps:
    """Write 1 from the threshold on, else 0."""
    return Steps(value, (log_odds,), (Integer(0), Integer(1)))


def status() -> TextCase:
    """Write why a row has no score, or that it has one."""
    return TextCase(((AtLeast(_CONSENT, Constant(1.0)), Words("scored")),), Words("no_consent"))


def places(model: ScoringModel) -> list[Named]:
    """Write the rank within the owner, the place among all rows, and how many have a score."""
    by, then = Column(basis(model)), tuple(Column(name) for name in _key_texts(model))
    within_owner = Column("owner_text") if model.decisions.owner else None
    return [
        Named("rank_place", RowNumber(by, then, within_owner)),
        Named("overall_place", RowNumber(by, then)),
        Named("scored_rows", RowsWith(by)),
    ]


def rank(model: ScoringModel) -> Formula:
    """Write the rank of a row that has a score."""
    return consented(model, Column("rank_place"))


def tenths_before(model: ScoringModel) -> Named:
    """Write how many tenths of the scored rows stand before a row that has a score.

    Where no row has one, nothing is divided by their number.
    """
    before = Difference(AsDouble(Column("overall_place")), Constant(1.0))
    tenths = Quotient(Product(Constant(10.0), before), AsDouble(Column("scored_rows")))
    return Named("tenths_before", consented(model, tenths))


def decile() -> Steps:
    """Write the tenth of all scored rows a row is in: 1 is the best."""
    return Steps(Column("tenths_before"), _DECILES, tuple(Integer(n) for n in range(1, 11)))


def _lows(bands: Bands) -> tuple[float, ...]:
    return tuple(b.low for b in reversed(bands.bands) if b.low is not None)


def _key_texts(model: ScoringModel) -> dict[str, str]:
    return {f"key_text_{place}": key for place, key in enumerate(model.keys, start=1)}


def _given(consent: Consent) -> Formula:
    if consent.yes:
        return Case(((OneOf(TextColumn(consent.column), consent.yes), Constant(1.0)),), _ZERO)
    flag = FlagColumn(consent.column)
    return Case(((within(flag, 1.0), flag),), _ZERO)


def _factor(adjustment: Adjustment) -> Formula:
    column, low, high = NumberColumn(adjustment.column), adjustment.low, adjustment.high
    return Case(
        (
            (Between(column, low, high), column),
            (Between(column, -FARTHEST, low), Constant(low)),
            (Between(column, high, FARTHEST), Constant(high)),
        ),
        Constant(1.0),
    )


def _days(decay: Decay) -> Formula:
    """Count the days since the date; a date to come, or none, is day 0."""
    until = decay.until_column
    end = DayColumn(until) if until else Constant(days_since_1970(decay.until_day, decay.column))
    days = Difference(end, DayColumn(decay.column))
    return Case(((AtLeast(days, _ZERO), days),), _ZERO)
