"""What a model decides, chosen by people and by outcomes: a plan, a threshold, a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.apply import as_of as until
from leadweights.decisions.apply import planned, with_calibration, with_threshold
from leadweights.decisions.asks import Ask, Capacity, Precision, Profit, QueueRate, Recall
from leadweights.decisions.calibrate import Found, calibrated
from leadweights.decisions.outcomes import (
    Outcomes,
    cautions,
    deciding_log_odds,
    outcomes,
    unlabelled,
)
from leadweights.decisions.plan import Plan, preset
from leadweights.decisions.plan import plan as read_plan
from leadweights.decisions.reliability import Reliability, reliability
from leadweights.decisions.threshold import Choice, Unproven, choose
from leadweights.errors import ParityError, UnsupportedError
from leadweights.formula.evaluate import evaluated
from leadweights.formula.stages import stages
from leadweights.model.model import Identity, ScoringModel
from leadweights.prove.parity import failure, parity
from leadweights.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    Source = str | Path | pd.DataFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Thresholded:
    """A threshold, and the model that decides by it; None where the rows do not prove any."""

    choice: Choice | Unproven
    model: ScoringModel | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """How far probabilities can be believed, what would mend them, and the mended model.

    `model` is None where a calibration does not help out of fold.
    """

    reliability: Reliability
    found: Found
    model: ScoringModel | None
    warnings: tuple[str, ...]


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
        asked = replace(asked, bands=preset(bands))
    log_odds = None if data is None else _before_rules(model, data)
    found = planned(model, asked, log_odds)
    return _proven(until(found, as_of) if as_of is not None else found, {})


def threshold(
    model: ScoringModel,
    valid: Source,
    *,
    label: str | None = None,
    precision: float | None = None,
    confidence: float = 0.9,
    capacity: int | None = None,
    queue_rate: float | None = None,
    recall: float | None = None,
    value_won: float | None = None,
    cost_contact: float | None = None,
) -> Thresholded:
    """Choose the log-odds from which a lead is contacted, by rows the model has not learnt from.

    Ask for one thing: a `precision` that holds with a `confidence`, a `capacity` in rows, a
    `queue_rate` (share of rows), a `recall`, or the highest profit at `value_won` a conversion and
    `cost_contact` a contact.

    Raises UnsupportedError for what cannot be asked, TableError for rows that cannot be used.
    """
    ask = _ask(precision, confidence, capacity, queue_rate, recall, (value_won, cost_contact))
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds, so it cannot decide")
    known = outcomes(model, valid, label)
    choice = choose(known.rows.y, known.log_odds, ask)
    if isinstance(choice, Unproven):
        return Thresholded(choice, None, _warnings(model, known))
    reason = f"{choice.asked}, on {choice.rows:,} rows"
    found = with_threshold(model, choice.cut, reason)
    return Thresholded(choice, _proven(found, {"your rows": known.table}), _warnings(model, known))


def calibrate(
    model: ScoringModel, data: Source, *, label: str | None = None, seed: int = 42
) -> Calibrated:
    """Measure how far probabilities can be believed, and mend them if that helps out of fold.

    `data` are labelled rows the model has not learnt from. Raises TableError for rows that cannot
    be used, UnsupportedError for a model that is calibrated or has a threshold.
    """
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds to calibrate")
    known = outcomes(model, data, label)
    names = ["log_odds", "probability"]
    scores = evaluated(stages(model, columns=names), known.rows.values)
    told = reliability(known.rows.y, scores["probability"], seed)
    found = calibrated(known.rows.y, scores["log_odds"], seed)
    if found.calibrator is None:
        return Calibrated(told, found, None, _warnings(model, known))
    mended = with_calibration(model, found.calibrator)
    return Calibrated(
        told, found, _proven(mended, {"your rows": known.table}), _warnings(model, known)
    )


def _warnings(model: ScoringModel, known: Outcomes) -> tuple[str, ...]:
    found = cautions(model)
    if known.learnt_from:
        found.append(
            "these are the rows the model was learnt from: on them it looks better than it is"
        )
    return tuple(found)


def _before_rules(model: ScoringModel, data: Source) -> Floats:
    """Score rows for percentiles: before what is done to single rows from outside."""
    rules = replace(model.decisions, consent=None, adjustment=None, decay=None)
    plain = replace(model, decisions=rules)
    return deciding_log_odds(plain, unlabelled(plain, data))


def _ask(
    precision: float | None,
    confidence: float,
    capacity: int | None,
    queue_rate: float | None,
    recall: float | None,
    money: tuple[float | None, float | None],
) -> Ask:
    if (money[0] is None) != (money[1] is None):
        raise UnsupportedError("a profit needs both a value won and a cost of a contact")
    asks: list[Ask] = []
    if precision is not None:
        asks.append(Precision(precision, confidence))
    if capacity is not None:
        asks.append(Capacity(capacity))
    if queue_rate is not None:
        asks.append(QueueRate(queue_rate))
    if recall is not None:
        asks.append(Recall(recall))
    if money[0] is not None and money[1] is not None:
        asks.append(Profit(money[0], money[1]))
    if len(asks) != 1:
        raise UnsupportedError(
            "ask a threshold for one thing: a precision, a capacity, a queue rate, a recall, or "
            "a value won and a cost of a contact"
        )
    return asks[0]


def _proven(model: ScoringModel, tables: Mapping[str, Table]) -> ScoringModel:
    proof = parity(model, tables)
    if not proof.holds:
        raise ParityError(failure(proof))
    return model
