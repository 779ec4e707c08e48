"""What a model is worth on current labelled rows, against what it was when it was learnt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import Literal

import numpy as np

from leadweights.decisions.baseline import measure_bands, measure_performance
from leadweights.decisions.guarantee import measure_share
from leadweights.decisions.metrics import Interval, Scored, evaluate_models
from leadweights.decisions.outcomes import list_cautions, read_outcomes
from leadweights.decisions.reliability import logistic
from leadweights.errors import TableError
from leadweights.formula.arrays import Floats
from leadweights.formula.stages import ranked_by, rename_sources, stages
from leadweights.formula.texts import Texts
from leadweights.learn.recipe import Warehouse
from leadweights.lifecycle.monitoring.count import open_there
from leadweights.model.baseline import BandOutcome, Estimate, Performance
from leadweights.model.model import Identity, ScoringModel
from leadweights.sql.select import no_rows, select
from leadweights.tables.label import Label, label_table
from leadweights.tables.labelled import labelled_rows
from leadweights.tables.open import Source, open_table

SEED = 7
_NORMAL_95 = 1.959963984540054
# An AUC that is lower by less than this, a probability that is off by less than these factors of
# the odds, and a slope nearer to 1 is not worth a person's time, however many rows prove it.
LOWER_AUC = 0.02
OFF_WATCH, OFF_ACT = log(1.2), log(1.5)
SLOPES = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class BandNow:
    """How often a band converts now, with its exact 95% interval, and did when it was learnt."""

    name: str
    rows: int
    positive_rows: int
    rate: Estimate
    before: float | None


@dataclass(frozen=True, slots=True)
class OutcomesNow:
    """What the model is worth now, what it was, and the differences of AUC, PR-AUC and Brier.

    A difference has the interval of two independent samples. `left_out` says which rows have no
    label that counts, `cautions` what else a reader should know.
    """

    now: Performance
    before: Performance | None
    auc_roc: Estimate
    pr_auc: Estimate
    brier: Estimate
    bands: tuple[BandNow, ...]
    alarm: Literal["", "watch", "act"]
    reason: str
    left_out: str = ""
    cautions: tuple[str, ...] = ()


def measure_now(
    model: ScoringModel, table: Source | Warehouse, label: str, before: Performance | None
) -> OutcomesNow:
    """Measure a model on labelled rows.

    Of rows that are all positive, or all negative, there is neither an AUC nor a calibration, but
    how often they should have been. Raises TableError, EngineError.
    """
    if isinstance(table, Warehouse):
        log_odds, y, left_out = _read_there(model, table, label)
    else:
        known = read_outcomes(model, table, label, alike=True)
        log_odds, y, left_out = known.log_odds, known.rows.y, known.left_out
    return compare_now(model, log_odds, y, before, left_out)


def compare_now(
    model: ScoringModel,
    log_odds: Floats,
    y: Floats,
    before: Performance | None,
    left_out: str = "",
) -> OutcomesNow:
    """Do what `measure_now` does for what ranks rows and their labels, shape (rows,) both."""
    scored = np.isfinite(log_odds)
    if not scored.any():
        raise TableError("no labelled row has a score")
    # Resamples have the same rows whatever order these came in.
    order = np.lexsort((y[scored], log_odds[scored]))
    log_odds, y = log_odds[scored][order], y[scored][order]
    link = model.link
    if isinstance(link, Identity):
        probability = (log_odds / link.parts).clip(0.0, 1.0)
    else:
        probability = logistic(log_odds)
    cautions = list_cautions(model)
    if y.min() == y.max():
        now = Performance(len(y), int(y.sum()))
        cautions.append(f"{_count_alike(now)}: neither AUC nor calibration can be measured")
    else:
        own = {model.name: Scored(log_odds, probability)}
        metrics = evaluate_models(y, own, model.name, SEED)[model.name].metrics
        now = measure_performance(model, y, log_odds, metrics)
    named = [(band.name, band.low) for band in before.bands] if before else []
    bands = measure_bands(named, log_odds, y) if named else now.bands
    now = replace(now, bands=bands)
    auc_roc, pr_auc, brier = (
        _differ(getattr(now, name), getattr(before, name) if before else Estimate())
        for name in ("auc_roc", "pr_auc", "brier")
    )
    alarm, reason = _judge(now, before, auc_roc, float(probability.mean()))
    then = {band.name: band for band in before.bands} if before else {}
    return OutcomesNow(
        now,
        before,
        auc_roc,
        pr_auc,
        brier,
        tuple(_rate(band, then.get(band.name)) for band in bands),
        alarm,
        reason,
        left_out,
        tuple(cautions),
    )


def _rate(band: BandOutcome, before: BandOutcome | None) -> BandNow:
    share: Interval = measure_share(band.rows, band.positive_rows)
    then = before.positive_rows / before.rows if before and before.rows else None
    rate = Estimate(share.value, share.low, share.high)
    return BandNow(band.name, band.rows, band.positive_rows, rate, then)


def _differ(now: Estimate, before: Estimate) -> Estimate:
    """Take a difference of two independent estimates, by their intervals."""
    if now.value is None or before.value is None:
        return Estimate()
    value = now.value - before.value
    ends = (now.low, now.high, before.low, before.high)
    if any(end is None for end in ends):
        return Estimate(value)
    own, other = (_half(one) for one in (now, before))
    room = float((own**2 + other**2) ** 0.5)
    return Estimate(value, value - room, value + room)


def _half(one: Estimate) -> float:
    assert one.low is not None
    assert one.high is not None
    return (one.high - one.low) / 2


def _judge(
    now: Performance, before: Performance | None, lost: Estimate, expected: float
) -> tuple[Literal["", "watch", "act"], str]:
    """Say whether outcomes call for a person, and why, in part of a sentence.

    `expected` is the mean of the probabilities.
    """
    if now.positive_rows in (0, now.rows):
        return _judge_alike(now, expected)
    high, large, slope = lost.high, now.in_the_large, now.slope
    said = ""
    if before is not None and high is not None and high < 0 and lost.value is not None:
        said = f"AUC fell from {before.auc_roc.value:.3f} to {now.auc_roc.value:.3f}"
        if high < -LOWER_AUC:
            return "act", said
    if large.value is not None and large.low is not None and large.high is not None:
        off = min(abs(large.low), abs(large.high)) if large.low * large.high > 0 else 0.0
        way = "more" if large.value > 0 else "fewer"
        words = f"{way} leads convert than predicted, calibration is off by {large.value:+.2f}"
        if off > OFF_ACT:
            return "act", words
        if off > 0 and abs(large.value) > OFF_WATCH:
            said = said or words
    if slope.value is not None and slope.low is not None and slope.high is not None:
        beyond = not slope.low <= 1 <= slope.high
        if beyond and not SLOPES[0] <= slope.value <= SLOPES[1]:
            said = said or f"the slope of calibration is {slope.value:.2f}"
    return ("watch" if said else ""), said


def _judge_alike(now: Performance, expected: float) -> tuple[Literal["", "watch", "act"], str]:
    """Do what `_judge` does for outcomes of one kind, which may be more or fewer than chance."""
    said = f"{_count_alike(now)}, where {expected:.1%} were predicted to"
    share = measure_share(now.rows, now.positive_rows)
    nearest = share.low if now.positive_rows else share.high
    assert nearest is not None
    if share.low <= expected <= share.high or not 0 < expected < 1:  # type: ignore[operator]
        return "", said
    off = abs(_logit(nearest) - _logit(expected))
    return ("act" if off > OFF_ACT else "watch" if off > OFF_WATCH else ""), said


def _count_alike(now: Performance) -> str:
    return f"{'all' if now.positive_rows else 'none'} of {now.rows:,} labelled rows converted"


def _logit(share: float) -> float:
    return log(share / (1 - share))


def _read_there(model: ScoringModel, place: Warehouse, label: str) -> tuple[Floats, Floats, str]:
    """Let a warehouse score its rows; what ranks them and the label come back, nothing else."""
    by = ranked_by(model)
    with open_there(model, place) as (database, table, held):
        names = [database.spell(n) for n in database.rows(no_rows(database.dialect, table))[0]]
        own = {name.lower(): name for name in names}.get(label.lower())
        if own is None:
            raise TableError(f"{table} has no column {label!r}; there a label is a column")
        chain = rename_sources(stages(held.model, columns=[by]), held.names)
        _, rows = database.rows(select(chain, database.dialect, table, [own]))
    if not rows:
        raise TableError(f"{table} has column names but no rows")
    labels, scores = zip(*rows, strict=True)
    origin = model.provenance
    given = {own: list(labels), by: [None if s is None else float(s) for s in scores]}
    asked = Label(own, origin.positive_values, origin.negative_values)
    found = label_table(
        open_table(given), asked if own.lower() == origin.label.lower() else Label(own)
    )
    read = labelled_rows(found.table, {by: "number"}, found.column, alike=True)
    values = read.values[by]
    assert not isinstance(values, Texts)
    return values, read.y, found.left_out
