"""Gates held against what was measured."""

from __future__ import annotations

from math import ceil

import numpy as np

from leadweights.decisions.asks import Precision
from leadweights.decisions.guarantee import lower_bound, rows_needed
from leadweights.decisions.metrics import FEWEST_OF_A_CLASS, Evaluation, Interval
from leadweights.decisions.threshold import Unproven, choose_cut
from leadweights.lifecycle.challenger.gates import GateResult, Gates, PrecisionGate
from leadweights.lifecycle.challenger.paired_rows import PairedRows
from leadweights.lifecycle.monitoring.drift import psi_bound
from leadweights.model.file import fingerprint

_WORTH_MORE_ROWS = 0.1
"""An AUC that may be so much above chance may be worth more rows; one that is not, is not."""


def judge(
    rows: PairedRows, challenger: Evaluation, psi: float, bins: int, gates: Gates
) -> tuple[GateResult, ...]:
    """Hold each gate against what was measured on the rows."""
    differences = challenger.differences
    assert differences is not None
    same = fingerprint(rows.champion.model) == fingerprint(rows.challenger.model)
    return (
        *([GateResult("same", "failed", None, None, "nothing to promote")] if same else []),
        _judge_chance(rows, challenger.metrics["auc_roc"], gates.chance.above),
        _judge_auc(rows, differences["auc_roc"], gates.auc.margin),
        _judge_brier(rows, differences["brier"], gates.brier.margin),
        _judge_precision(rows, gates.precision),
        _judge_psi(len(rows.y), psi, bins, gates),
    )


def _judge_chance(rows: PairedRows, found: Interval, bound: float) -> GateResult:
    value, low, high = found.value, found.low, found.high
    if value is None or low is None or high is None:
        return _too_few("chance", rows, value, bound)
    if low > bound:
        return GateResult("chance", "passed", low, bound, "the lower end is above the bound")
    if value <= bound or high < bound + _WORTH_MORE_ROWS:
        return GateResult("chance", "failed", value, bound, "it ranks no better than chance")
    reason = "its interval holds chance, and may hold more"
    more = _forecast(rows, value - low, value - bound)
    return GateResult("chance", "undecided", low, bound, reason, more)


def _judge_auc(rows: PairedRows, found: Interval, margin: float) -> GateResult:
    value, low, bound = found.value, found.low, -margin
    if value is None or low is None:
        return _too_few("auc", rows, value, bound)
    if low > bound:
        return GateResult("auc", "passed", low, bound, "the lower end is above the bound")
    if value <= bound:
        return GateResult("auc", "failed", low, bound, "the difference itself is at or below it")
    reason = "the difference is above the bound, its lower end is not"
    more = _forecast(rows, value - low, value - bound)
    return GateResult("auc", "undecided", low, bound, reason, more)


def _forecast(rows: PairedRows, reach: float, wanted: float) -> int:
    """Say how many more rows would take an interval's reach to what is wanted: by their root."""
    total = len(rows.y)
    return max(ceil(total * (reach / wanted) ** 2) - total, 1)


def _judge_brier(rows: PairedRows, found: Interval, margin: float) -> GateResult:
    value, low = found.value, found.low
    if value is None or low is None:
        return _too_few("brier", rows, value, margin)
    if low > margin:
        return GateResult("brier", "failed", value, margin, "worse beyond noise")
    return GateResult("brier", "passed", value, margin, "not worse beyond noise")


def _judge_precision(rows: PairedRows, asked: PrecisionGate) -> GateResult:
    precision, confidence = asked.at_least, asked.confidence
    if precision is None:
        own = rows.champion.model.decisions.threshold
        if own is None or own.promise is None:
            reason = "the champion promises no precision, and none is asked for"
            return GateResult("precision", "not asked", None, None, reason)
        precision, confidence = own.promise.precision, own.promise.confidence
    side = rows.challenger
    if side.model.decisions.threshold is None:
        return _find_queue(rows, precision, confidence)
    called = int(side.called.sum())
    hits = int(rows.y[side.called].sum())
    if not called:
        reason = "the challenger's threshold calls no row"
        return GateResult("precision", "undecided", None, precision, reason)
    observed, proven = hits / called, lower_bound(called, hits, confidence)
    counted = f"{hits:,} hits of {called:,} called"
    if proven >= precision:
        return GateResult("precision", "passed", proven, precision, f"{counted} prove it")
    if observed <= precision:
        return GateResult("precision", "failed", observed, precision, f"{counted} fall short")
    needed = rows_needed(observed, precision, confidence)
    total = len(rows.y)
    more = max(ceil(needed * total / called) - total, 1)
    reason = f"{counted} do not prove it"
    return GateResult("precision", "undecided", proven, precision, reason, more)


def _find_queue(rows: PairedRows, precision: float, confidence: float) -> GateResult:
    """Look for a queue of a challenger without a threshold that proves the precision."""
    found = choose_cut(rows.y, rows.challenger.scored.score, Precision(precision, confidence))
    if isinstance(found, Unproven):
        proven = found.guarantee.precision
        if found.more_rows is None:
            misses = found.tested_rows - round(found.tested_precision * found.tested_rows)
            if 1 - lower_bound(found.tested_rows, misses, confidence) >= precision:
                reason = f"its first {found.tested_rows:,} rows tell neither that nor otherwise"
                return GateResult("precision", "undecided", proven, precision, reason)
            reason = "no queue of the challenger's comes near it"
            return GateResult("precision", "failed", proven, precision, reason)
        reason = f"its first {found.tested_rows:,} rows do not prove it"
        return GateResult("precision", "undecided", proven, precision, reason, found.more_rows)
    contacted = int(found.measures["contacted_rows"].value or 0)
    observed = float(found.measures["precision"].value or 0.0)
    reason = f"proven for a queue of {contacted:,}, as leadweights threshold would cut it"
    return GateResult("precision", "passed", observed, precision, reason)


def _judge_psi(rows: int, found: float, bins: int, gates: Gates) -> GateResult:
    bound, words = gates.psi.below, gates.psi.explained.strip()
    if found < bound:
        return GateResult("psi", "passed", found, bound, "scores stay where they were")
    if words:
        return GateResult("psi", "passed", found, bound, f"explained: {words}")
    if bound > 0 and found <= psi_bound(rows, rows, bins):
        # Of so few rows, two samples of one distribution may be as far apart.
        needed = ceil(rows * psi_bound(rows, rows, bins) / bound)
        reason = "so few rows may be as far apart by chance"
        return GateResult("psi", "undecided", found, bound, reason, max(needed - rows, 1))
    return GateResult("psi", "failed", found, bound, "scores moved, and nothing explains it")


def _too_few(gate: str, rows: PairedRows, value: float | None, bound: float) -> GateResult:
    total, positive = len(rows.y), int(np.sum(rows.y))
    rarer = min(positive, total - positive)
    more = ceil(total * FEWEST_OF_A_CLASS / rarer) - total
    reason = (
        f"{rarer:,} rows of the rarer outcome; from {FEWEST_OF_A_CLASS} on there is an interval"
    )
    return GateResult(gate, "undecided", value, bound, reason, max(more, 1))
