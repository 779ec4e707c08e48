"""What the monitor found, in words, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from leadweights.formula.bins import SCORE
from leadweights.lifecycle.monitoring.alarms import Drift
from leadweights.lifecycle.monitoring.drift import ALPHA, PSI_ACT, PSI_WATCH
from leadweights.lifecycle.monitoring.monitor import Monitor
from leadweights.lifecycle.monitoring.performance import OutcomesNow
from leadweights.lifecycle.monitoring.prove import MonitorProof
from leadweights.model.baseline import Estimate
from leadweights.reports.layout import Block, Grid, round_numbers, shorten, write_text

_LONGEST = 40
_MEASURES = {
    "auc_roc": "AUC-ROC",
    "pr_auc": "PR-AUC",
    "brier": "Brier",
    "in_the_large": "Calibration in the large",
    "slope": "Calibration slope",
}
HEAD = ("", "of score", "PSI", "by chance below", "KS", "missing", "new or out of range", "")


def monitor_text(found: Monitor) -> str:
    """Write what the monitor found for a terminal."""
    return write_text(monitor_blocks(found))


def monitor_blocks(found: Monitor) -> Iterator[Block]:
    """Give paragraphs and tables: the verdict first."""
    yield f"{found.verdict.upper()}: {found.reason}."
    yield (
        f"{found.current}: {found.rows:,} rows against {found.against} of "
        f"{found.baseline_rows:,.0f}."
    )
    yield Grid([HEAD, *map(drift_cells, found.drifts)], 1, 2)
    yield explain()
    if (said := say_probability(found)) is not None:
        yield said
    if found.outcomes is not None:
        yield from _outcome_blocks(found.outcomes)
    if found.notes:
        yield "\n".join(f"note: {note}" for note in found.notes)


def drift_cells(drift: Drift) -> tuple[str, ...]:
    """Write one line of the table."""
    name = "the score" if drift.column == SCORE else shorten(drift.column, _LONGEST)
    new = drift.unseen or drift.out_of_range
    return (
        name,
        "" if drift.column == SCORE else f"{drift.share:.0%}",
        f"{drift.psi:.4f}",
        f"{drift.psi_bound:.4f}",
        write_ks(drift),
        write_shares(drift.missing),
        write_shares(new) if new else "",
        say_alarm(drift),
    )


def write_ks(drift: Drift) -> str:
    """Write a distance, with a star where more than chance made it."""
    if drift.ks is None or drift.ks_p_value is None:
        return ""
    return f"{'' if drift.ks_exact else '≥ '}{drift.ks:.3f}{'*' * (drift.ks_p_value < ALPHA)}"


def write_shares(shares: tuple[float, float]) -> str:
    """Write a share before and now."""
    before, now = (f"{100 * share:.3g}%" for share in shares)
    return before if before == now else f"{before} → {now}"


def say_alarm(drift: Drift) -> str:
    """Say what a column calls for."""
    if drift.alarm:
        return drift.alarm
    if not drift.by_chance and drift.psi >= PSI_WATCH:
        return "moved, counts little"
    return "" if drift.by_chance else "moved, too little to matter"


def explain() -> str:
    """Say how the table is to be read."""
    return (
        f"PSI of {PSI_WATCH:g} is watched, {PSI_ACT:g} is acted on, where it is more than chance "
        f"makes of so many rows (in all columns that count together, {ALPHA:.0%}: Holm), and the "
        "column has 5% of the score or more; * KS is more than chance."
    )


def say_probability(found: Monitor) -> str | None:
    """Say what is predicted on average, against what came when the model was learnt."""
    if found.mean_probability is None:
        return None
    said = f"The mean probability is {found.mean_probability:.1%}"
    if found.base_rate is not None:
        said += f"; of the training rows {found.base_rate:.1%} were positive"
    elif found.mean_probability_before is not None:
        said += f"; of the rows before it was {found.mean_probability_before:.1%}"
    return said + "."


def outcome_cells(found: OutcomesNow) -> Iterator[tuple[str, ...]]:
    """Write what the model was worth before and now, a line each."""
    for name, words in _MEASURES.items():
        before = write_estimate(getattr(found.before, name)) if found.before else "-"
        change = getattr(found, name, None)
        now = getattr(found.now, name)
        yield words, before, write_estimate(now), write_estimate(change, "+") if change else ""


def band_cells(found: OutcomesNow) -> Iterator[tuple[str, ...]]:
    """Write how often each band converted before and does now."""
    for band in found.bands:
        before = "-" if band.before is None else f"{band.before:.1%}"
        rate = band.rate
        now = "-"
        if rate.value is not None:
            now = f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]"
        yield shorten(band.name, _LONGEST), f"{band.rows:,}", before, now


def write_estimate(one: Estimate, sign: str = "") -> str:
    """Write a value and its interval; a difference beyond chance has a star."""
    if one.value is None:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.value:{sign}.4f}"
    star = "*" if sign and not one.low <= 0 <= one.high else ""
    return f"{one.value:{sign}.4f}{star} [{one.low:{sign}.3f}, {one.high:{sign}.3f}]"


def _outcome_blocks(found: OutcomesNow) -> Iterator[Block]:
    now = found.now
    share = now.positive_rows / now.rows
    yield f"On {now.rows:,} labelled rows, {share:.1%} of them positive (95% intervals):"
    yield Grid([("", "before", "now", "difference"), *outcome_cells(found)], 1, 3)
    if found.bands:
        yield Grid([("band", "rows", "converted before", "now"), *band_cells(found)], 1, 3)


def monitor_document(found: Monitor) -> Mapping[str, Any]:
    """Give what the monitor found as plain data."""
    plain = {
        "model": found.model,
        "model_sha256": found.model_sha256,
        "current": found.current,
        "against": found.against,
        "rows": found.rows,
        "baseline_rows": found.baseline_rows,
        "verdict": found.verdict,
        "exit_code": found.exit_code,
        "reason": found.reason,
        "thresholds": {"psi_watch": PSI_WATCH, "psi_act": PSI_ACT, "alpha": ALPHA},
        "base_rate": found.base_rate,
        "mean_probability_before": found.mean_probability_before,
        "mean_probability": found.mean_probability,
        "drift": [asdict(drift) for drift in found.drifts],
        "outcomes": None if found.outcomes is None else asdict(found.outcomes),
        "notes": list(found.notes),
    }
    return dict(round_numbers(plain))


def proof_sentence(found: MonitorProof) -> str:
    """Say in a line what was proven of the monitor's SQL."""
    return (
        f"Monitor: SQL in {found.engine} counts the same {found.rows:,} rows in {found.bins} bins "
        f"as Python; PSI is {found.psi_ulp} ulp apart at most, the gate is the same.\n"
    )
