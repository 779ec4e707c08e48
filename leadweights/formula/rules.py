"""What is done around a score, as formulas: each rule with its stages and the names it takes.

Everything is cut by log-odds, which are the same bits on every engine. Without consent a row has
no log-odds, and a missing value stays missing in every formula here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import assert_never

from leadweights.formula.columns import days_since, inputs
from leadweights.formula.nodes import (
    AsDouble,
    AsInteger,
    AtLeast,
    Between,
    Case,
    Column,
    Constant,
    Difference,
    FlagColumn,
    Floor,
    Formula,
    Integer,
    Named,
    Null,
    NumberColumn,
    NumberInText,
    OneOf,
    Product,
    Quotient,
    RowNumber,
    RowsWith,
    Stage,
    Steps,
    Sum,
    Text,
    TextCase,
    TextColumn,
    TextSteps,
    Words,
    read_by,
    within,
)
from leadweights.formula.terms import odds, share
from leadweights.model.calibration import Calibration, Isotonic, Platt
from leadweights.model.model import Identity, Logit, ScoringModel, limits
from leadweights.model.rules import Band, Scale, percent_cuts

FARTHEST = 1e100
# In percent. Ten digits of a cut are up to 8e-9 of it, two ulp of a probability 4e-14.
_NEAR = 1e-7
_ONE, _ZERO = Constant(1.0), Constant(0.0)
_CONSENTS = AtLeast(Column("consent_given"), _ONE)
_DECILES = tuple(float(place) for place in range(1, 10))

Stages = Iterable[Stage]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is done around a score.

    `write` has the columns it is computed by, each in the stage it is computed in: rules share
    stages, by name. Of its `results` a model gives those that are written, or as many as `count`
    says where writing takes long; on the way the rule takes the names of `steps`. It is written
    only for results `asked` for, if it names some. `advice` says how to get its results; the
    `usual` ones are there unless others are asked for.
    """

    write: Callable[[ScoringModel], Stages]
    results: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    advice: str = ""
    usual: bool = False
    count: Callable[[ScoringModel], int] | None = None

    def given(self, model: ScoringModel) -> tuple[str, ...]:
        """Name the results that a model gives."""
        if self.count is not None:
            return self.results[: self.count(model)]
        stages = self.write(model) if self.results else ()
        written = {column.name for stage in stages for column in stage.columns}
        return tuple(name for name in self.results if name in written)


def _decide(name: str, formula: Formula | Text) -> Stage:
    """Write a result that nothing else reads."""
    return Stage("decided", (Named(name, formula),))


def is_adjusted(model: ScoringModel) -> bool:
    """Tell whether something but what was learnt moves the log-odds."""
    return bool(model.decisions.adjustment or model.decisions.decay)


def basis(model: ScoringModel) -> str:
    """Name the log-odds that decide: as they are, calibrated, or adjusted besides."""
    return "adjusted_log_odds" if is_adjusted(model) else _learnt(model)


def _learnt(model: ScoringModel) -> str:
    return "calibrated_log_odds" if model.decisions.calibration else "log_odds"


def keep_consenting(model: ScoringModel, value: Formula) -> Formula:
    """Take a value away from rows without consent."""
    return Case(((_CONSENTS, value),), Null()) if model.decisions.consent else value


def _consent(model: ScoringModel) -> Stages:
    consent = model.decisions.consent
    if consent:
        flag = FlagColumn(consent.column)
        branch: tuple[OneOf | Between, Formula] = (within(flag, 1.0), flag)
        if consent.yes:
            branch = (OneOf(TextColumn(consent.column), consent.yes), _ONE)
        yield Stage("inputs", (Named("consent_given", Case((branch,), _ZERO)),))


def _status(model: ScoringModel) -> Stages:
    if model.decisions.consent:
        yield _decide("status", TextCase(((_CONSENTS, Words("scored")),), Words("no_consent")))


CONSENT = Rule(_consent, steps=("consent_given",))

STATUS = Rule(
    _status,
    ("status",),
    advice="plan a column of consent first, with leadweights decide",
    usual=True,
)


def calibrate(calibration: Calibration, value: Formula) -> Formula:
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


def _calibration(model: ScoringModel) -> Stages:
    if model.decisions.calibration:
        mapped = calibrate(model.decisions.calibration, Column("log_odds"))
        yield Stage("log_odds", (), once=True)
        yield Stage("calibrated", (Named("calibrated_log_odds", mapped),), once=True)


CALIBRATION = Rule(
    _calibration,
    ("calibrated_log_odds",),
    advice="it is not calibrated (leadweights calibrate)",
    usual=True,
)


def _present_odds(model: ScoringModel, name: str) -> Formula:
    """Write the odds, which only a model that asks for consent can lack."""
    known = odds(Column(name))
    if not model.decisions.consent:
        return known
    inside, (_, above) = known.branches
    return Case((inside,), Steps(Column(name), (0.0,), (known.otherwise, above)))


def _probability(model: ScoringModel) -> Stages:
    found = share(Column("odds"))
    match model.link:
        case Logit():
            yield Stage("odds", (Named("odds", _present_odds(model, _learnt(model))),))
        case Identity(parts):
            score: Formula = Column("lead_score")
            if parts > 1:
                score = Quotient(score, Constant(float(parts)))
            found = Case(((AtLeast(score, _ONE), _ONE), (AtLeast(score, _ZERO), score)), _ZERO)
        case _:
            assert_never(model.link)
    yield _decide("probability", found)


PROBABILITY = Rule(_probability, ("probability",), steps=("odds",), usual=True)


def _adjustment(model: ScoringModel) -> Stages:
    """Write the logarithm of a factor, in plain arithmetic: engines' own LN differ in bits.

    `ln f = 2 (r + r^3/3 + r^5/5 + ...)` with `r = (f - 1) / (f + 1)` (Abramowitz and Stegun
    4.1.27), until what is left is below a bit.
    """
    adjustment = model.decisions.adjustment
    if adjustment is None:
        return
    column, low, high = NumberColumn(adjustment.column), adjustment.low, adjustment.high
    cut = Case(
        (
            (Between(column, low, high), column),
            (Between(column, -FARTHEST, low), Constant(low)),
            (Between(column, high, FARTHEST), Constant(high)),
        ),
        _ONE,
    )
    yield Stage("inputs", (Named("adjustment_factor", cut),))
    factor, ratio, square = map(
        Column, ("adjustment_factor", "adjustment_ratio", "adjustment_square")
    )
    quotient = Quotient(Difference(factor, _ONE), Sum((factor, _ONE)))
    yield Stage("contributions", (Named(ratio.name, quotient),))
    yield Stage("lead_scores", (Named(square.name, Product(ratio, ratio)),))
    largest = max(abs((f - 1) / (f + 1)) for f in (low, high))
    terms = next(n for n in range(1, 99) if largest ** (2 * n) / (2 * n + 1) < 2.0**-55)
    series: Formula = Constant(1 / (2 * terms - 1))
    for n in reversed(range(1, terms)):
        series = Sum((Constant(1 / (2 * n - 1)), Product(square, series)))
    logarithm = Product(Product(Constant(2.0), ratio), series)
    yield Stage("log_odds", (Named("adjustment_log", logarithm),))


def _decay(model: ScoringModel) -> Stages:
    """Count the days since the date; a date to come, or none, is day 0."""
    if model.decisions.decay:
        days = days_since(model.decisions.decay)
        known = Case(((AtLeast(days, _ZERO), days),), _ZERO)
        yield Stage("inputs", (Named("decay_days", known),))


def _adjust(model: ScoringModel) -> Stages:
    """Write the log-odds after the factor from outside and the decay: both work on the odds."""
    if not is_adjusted(model):
        return
    value: Formula = Column(_learnt(model))
    if model.decisions.adjustment:
        value = Sum((value, Column("adjustment_log")))
    if model.decisions.decay:
        per_day = Constant(log(2) / model.decisions.decay.half_life_days)
        value = Difference(value, Product(Column("decay_days"), per_day))
    yield Stage("log_odds", (), once=True)
    yield Stage("adjusted", (Named("adjusted_log_odds", value),), once=True)
    yield Stage("odds", (Named("adjusted_odds", _present_odds(model, "adjusted_log_odds")),))
    yield _decide("adjusted_probability", share(Column("adjusted_odds")))


ADJUSTMENT = Rule(
    _adjustment,
    steps=("adjustment_factor", "adjustment_ratio", "adjustment_square", "adjustment_log"),
)
DECAY = Rule(_decay, steps=("decay_days",))
ADJUSTED = Rule(
    _adjust,
    ("adjusted_log_odds", "adjusted_probability"),
    steps=("adjusted_odds",),
    advice="plan an adjustment or a decay first, with leadweights decide",
    usual=True,
)


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


def _score_100(model: ScoringModel) -> Stages:
    if model.decisions.scale:
        percent = share(Column("adjusted_odds" if is_adjusted(model) else "odds"))
        yield Stage("percent", (percent_and_half(percent),))
        yield _decide("score_100", score_100(model.decisions.scale, Column(basis(model))))


SCORE_100 = Rule(
    _score_100,
    ("score_100",),
    steps=("percent_and_half",),
    advice="plan it first, with leadweights decide",
)


def _by_band(model: ScoringModel, name: str, text: Callable[[Band], str]) -> Stages:
    """Write a text of the row's band, if any band has one."""
    rising = model.decisions.bands.bands[::-1] if model.decisions.bands else ()
    if any(map(text, rising)):
        cuts = tuple(band.low for band in rising if band.low is not None)
        texts = tuple(Words(text(band)) if text(band) else Null() for band in rising)
        yield _decide(name, TextSteps(Column(basis(model)), cuts, texts))


BAND = Rule(
    lambda model: _by_band(model, "band", lambda band: band.name),
    ("band",),
    advice="plan it first, with leadweights decide",
)
ACTION = Rule(
    lambda model: _by_band(model, "action", lambda band: band.action),
    ("action",),
    advice="plan what is to be done in each band first, with leadweights decide",
)


def _decision(model: ScoringModel) -> Stages:
    """Write 1 from the threshold on, else 0."""
    if model.decisions.threshold:
        cuts = (model.decisions.threshold.log_odds,)
        yield _decide("decision", Steps(Column(basis(model)), cuts, (Integer(0), Integer(1))))


DECISION = Rule(
    _decision,
    ("decision",),
    advice="choose a threshold first, with leadweights threshold",
    usual=True,
)


def _trend(model: ScoringModel) -> Stages:
    """Compare with a score of before; where either is missing there is no trend."""
    trend = model.decisions.trend
    if trend:
        before = NumberColumn(trend.column)
        known = Case(((within(before, FARTHEST), before),), Null())
        yield Stage("inputs", (Named("log_odds_before", known),))
        risen = Difference(Column(basis(model)), Column("log_odds_before"))
        cuts, words = (-trend.steady, trend.steady), ("declining", "steady", "improving")
        yield _decide("trend", TextSteps(risen, cuts, tuple(map(Words, words))))


TREND = Rule(
    _trend,
    ("trend",),
    steps=("log_odds_before",),
    advice="plan the column of an earlier score first, with leadweights decide",
    usual=True,
)


def _is_ranked(model: ScoringModel) -> bool:
    """Tell whether there are keys, and nothing reads them or the owner as anything but text."""
    rules = [stage for rule in (CONSENT, ADJUSTMENT, DECAY, TREND) for stage in rule.write(model)]
    own = tuple(stage for stage in rules if stage.name == "inputs")
    read = read_by((inputs(model.columns, limits(model)), own))
    others = {part.name for part in read if not isinstance(part, TextColumn | NumberInText)}
    texts = {*model.keys, model.decisions.owner}
    return isinstance(model.link, Logit) and bool(model.keys) and texts.isdisjoint(others)


def _ranks(model: ScoringModel) -> Stages:
    """Write the rank within the owner, and the tenth of all scored rows: 1 is the best."""
    if not _is_ranked(model):
        return
    keys = [Named(f"key_text_{place}", TextColumn(k)) for place, k in enumerate(model.keys, 1)]
    rep = model.decisions.owner
    owner = [Named("owner_text", TextColumn(rep))] if rep else []
    yield Stage("inputs", (*owner, *keys))
    by, then = Column(basis(model)), tuple(Column(key.name) for key in keys)
    within_owner = RowNumber(by, then, Column("owner_text") if owner else None)
    places = [Named("rank_place", within_owner), Named("overall_place", RowNumber(by, then))]
    yield Stage("ranked", (*places, Named("scored_rows", RowsWith(by))))
    # Where no row has a score, nothing is divided by their number.
    before = Difference(AsDouble(Column("overall_place")), _ONE)
    tenths = Quotient(Product(Constant(10.0), before), AsDouble(Column("scored_rows")))
    yield Stage("odds", (Named("tenths_before", keep_consenting(model, tenths)),))
    yield _decide("rank", keep_consenting(model, Column("rank_place")))
    decile = Steps(Column("tenths_before"), _DECILES, tuple(Integer(n) for n in range(1, 11)))
    yield _decide("decile", decile)


RANKS = Rule(
    _ranks,
    ("rank", "decile"),
    steps=("owner_text", "rank_place", "overall_place", "scored_rows", "tenths_before"),
    advice="rows are ranked by their keys, and it was learnt without any",
)
