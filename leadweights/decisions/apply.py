"""From a model and a plan to a model that decides, proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np

from leadweights.decisions.outcomes import compute_log_odds
from leadweights.decisions.plan import (
    DEFAULT_PRESET,
    PRESETS,
    HalfLife,
    Plan,
    Points,
    Preset,
    find_preset,
    read_plan,
)
from leadweights.errors import ParityError, PlanError, UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.formula.columns import formats_of
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import Column, Named, Stage
from leadweights.formula.rules import calibrate
from leadweights.model.calibration import Calibration
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rounding import round_digits
from leadweights.model.rules import (
    Band,
    Bands,
    Decay,
    Decisions,
    Promise,
    Scale,
    Threshold,
    Wording,
    percent_cuts,
)
from leadweights.prove.parity import failure, parity
from leadweights.tables.columns import open_for, read_columns
from leadweights.tables.open import Source
from leadweights.tables.table import Table


def decide(
    model: ScoringModel,
    *,
    plan: str | Path | Mapping[str, object] | None = None,
    bands: str | None = None,
    data: Source | None = None,
    as_of: date | str | None = None,
) -> ScoringModel:
    """Give a model the decisions of a plan, a TOML file or the same as a mapping.

    `bands` names a preset instead of a plan's bands. `data` are rows to take percentiles from.
    `as_of` is the day until which the odds decay. What is not planned stays as it is.

    Raises PlanError for a plan that cannot be, TableError for data that cannot be used,
    ParityError if SQL and Python disagree on the result.
    """
    asked = read_plan(plan) if plan is not None else Plan()
    if bands is not None:
        if asked.bands is not None:
            raise UnsupportedError("bands come from a plan or from a preset, not from both")
        asked = replace(asked, bands=find_preset(bands))
    log_odds = None
    if data is not None:
        # Percentiles are taken before what is done to single rows from outside.
        plain = replace(model, decisions=model.decisions.without_other_columns())
        read = read_columns(open_for(plain, data), plain)
        log_odds = compute_log_odds(plain, read)
    found = apply_plan(model, asked, log_odds)
    return prove(move_to_day(found, as_of) if as_of is not None else found, {})


def prove(model: ScoringModel, tables: Mapping[str, Table]) -> ScoringModel:
    """Return a model whose SQL equals Python on the tables. Raises ParityError for any other."""
    proof = parity(model, tables)
    if not proof.holds:
        raise ParityError(failure(proof))
    return model


def make_first_decisions(log_odds: Floats, wordings: tuple[Wording, ...]) -> Decisions:
    """Make what a learnt model decides unless somebody plans otherwise.

    `score_100` is the probability in percent, the bands are grades by percentile of the training
    rows, whose `log_odds` have shape (rows,).
    """
    scale = Scale("probability", percent_cuts())
    try:
        bands = _make_bands(PRESETS[DEFAULT_PRESET], {}, scale, log_odds)
    except PlanError:  # too few different scores
        bands = None
    return Decisions(scale=scale, bands=bands, wordings=wordings)


def apply_plan(model: ScoringModel, plan: Plan, log_odds: Floats | None) -> ScoringModel:
    """Give a model the decisions of a plan; what the plan is silent about stays.

    `log_odds`, shape (rows,), are those that decide, of the rows that percentiles are taken from.
    Raises PlanError for what does not fit the model or the rows, or needs rows and has none,
    ModelError for bounds that cannot be, UnsupportedError for a model without log-odds.
    """
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds, so it cannot decide")
    now = model.decisions
    scale = now.scale
    if plan.score_100 is not None:
        scale = Scale(plan.score_100.by, _find_score_cuts(plan.score_100, log_odds))
    bands = now.bands
    if bands is not None and bands.by == "points" and plan.bands is None and scale != now.scale:
        raise PlanError("the bands are by points of another score_100: plan them, too")
    if plan.bands is not None:
        bands = _make_bands(plan.bands, plan.actions, scale, log_odds)
    elif bands is not None and plan.actions:
        bands = _set_actions(bands, plan.actions)
    elif plan.actions:
        raise PlanError("actions need bands")
    planned = replace(
        now,
        scale=scale,
        bands=bands,
        consent=plan.consent or now.consent,
        adjustment=plan.adjustment or now.adjustment,
        decay=_make_decay(plan.decay, model) if plan.decay else now.decay,
        trend=plan.trend or now.trend,
        owner=plan.rank.owner if plan.rank else now.owner,
        reasons=plan.reasons.count if plan.reasons else now.reasons,
    )
    return replace(model, decisions=planned)


def move_to_day(model: ScoringModel, day: date | str) -> ScoringModel:
    """Let the odds decay until a day. Raises UnsupportedError for a model without a fixed one."""
    decay = model.decisions.decay
    if decay is None or decay.until_column:
        raise UnsupportedError(f"{model.name} does not decay until a fixed day")
    until = replace(decay, until_day=str(day)[:10] if isinstance(day, date) else day)
    return replace(model, decisions=replace(model.decisions, decay=until))


def set_threshold(
    model: ScoringModel, log_odds: float, reason: str, promise: Promise | None = None
) -> ScoringModel:
    """Let a model decide by a threshold."""
    found = replace(model.decisions, threshold=Threshold(log_odds, reason, promise))
    return replace(model, decisions=found)


def set_calibration(model: ScoringModel, calibration: Calibration) -> ScoringModel:
    """Calibrate a model; cuts that are shares of rows move along, those of probabilities stay.

    Raises UnsupportedError for a model that is calibrated, or has a threshold: that was chosen
    by log-odds as they were; and where the map is flat from the cut of one band to the next.
    """
    now = model.decisions
    if now.calibration is not None:
        raise UnsupportedError(f"{model.name} is calibrated already")
    if now.threshold is not None:
        raise UnsupportedError(
            f"{model.name} has a threshold, chosen before: calibrate first, then choose it again"
        )
    scale, bands = now.scale, now.bands
    if scale is not None and scale.by == "percentile":
        scale = Scale(scale.by, _move_cuts(scale.cuts, calibration))
    if bands is not None and bands.by == "percentile":
        lows = [band.low for band in bands.bands if band.low is not None]
        moved = dict(zip(lows, _move_cuts(lows, calibration), strict=True))
        for upper, lower in pairwise(bands.bands[:-1]):
            if upper.low is None or lower.low is None or moved[upper.low] > moved[lower.low]:
                continue
            raise UnsupportedError(
                f"calibrated, bands {upper.name!r} and {lower.name!r} would begin at the same "
                "score: plan bands by probability first"
            )
        bands = Bands(
            bands.by,
            tuple(b if b.low is None else replace(b, low=moved[b.low]) for b in bands.bands),
        )
    found = replace(now, calibration=calibration, scale=scale, bands=bands)
    return replace(model, decisions=found)


def _move_cuts(
    cuts: list[float] | tuple[float, ...], calibration: Calibration
) -> tuple[float, ...]:
    stage = Stage("moved", (Named("cut", calibrate(calibration, Column("cut"))),))
    return tuple(evaluate([stage], {"cut": np.array(cuts)})["cut"].tolist())


def _find_score_cuts(points: Points, log_odds: Floats | None) -> tuple[float, ...]:
    match points.by:
        case "probability":
            return percent_cuts()
        case "percentile":
            return tuple(_find_quantile(log_odds, place - 0.5) for place in range(1, 101))
        case _:
            per_point = log(2) / points.pdo
            places = (place - 0.5 - points.base_points for place in range(1, 101))
            return tuple(
                round_digits(log(points.base_odds) + place * per_point) for place in places
            )


def _make_bands(
    preset: Preset, actions: Mapping[str, str], scale: Scale | None, log_odds: Floats | None
) -> Bands:
    *better, (last, _) = preset.ranges.items()
    found = [
        Band(name, _find_cut(preset.by, low, scale, log_odds), actions.get(name, ""))
        for name, (low, _) in better
    ]
    for upper, lower in pairwise(found):
        if upper.low is not None and lower.low is not None and not upper.low > lower.low:
            raise PlanError(
                f"{upper.name} and {lower.name} would begin at the same score: there are too few"
            )
    return Bands(preset.by, (*found, Band(last, None, actions.get(last, ""))))


def _set_actions(bands: Bands, actions: Mapping[str, str]) -> Bands:
    names = [band.name for band in bands.bands]
    unknown = [name for name in actions if name not in names]
    if unknown:
        raise PlanError(f"no band {unknown[0]!r} for an action; there are: {', '.join(names)}")
    done = (replace(band, action=actions.get(band.name, band.action)) for band in bands.bands)
    return Bands(bands.by, tuple(done))


def _find_cut(by: str, low: float, scale: Scale | None, log_odds: Floats | None) -> float:
    match by:
        case "probability":
            return round_digits(log(low / (1 - low)))
        case "percentile":
            return _find_quantile(log_odds, low)
        case _:
            if scale is None:
                raise PlanError("bands by points need a score_100")
            if low != int(low):
                raise PlanError(f"points are whole numbers, not {low:g}")
            return scale.cuts[int(low) - 1]


def _find_quantile(log_odds: Floats | None, percent: float) -> float:
    if log_odds is None or not np.isfinite(log_odds).any():
        raise PlanError("percentiles need the rows they are taken from: give a table with --data")
    found = float(np.nanquantile(log_odds, percent / 100))
    # Rows that are alike there must not fall below their own percentile.
    return min(round_digits(found), found)


def _make_decay(asked: HalfLife, model: ScoringModel) -> Decay:
    """Make a decay; dates that the model reads are read as it does, unless the plan says how."""
    known = formats_of(model.columns, None)
    own = known.get(asked.column, "") if asked.format is None else asked.format
    if isinstance(asked.until, date):
        day = asked.until.isoformat()[:10]
        return Decay(asked.column, asked.half_life_days, until_day=day, format=own)
    until = asked.until_format
    until = known.get(asked.until, "") if until is None else until
    return Decay(asked.column, asked.half_life_days, asked.until, format=own, until_format=until)
