"""An experiment in words, and as plain data: its plan, and what became of its arms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leadweights.decisions.metrics import Interval
from leadweights.lifecycle.experiments.experiment import Experiment, ExperimentPlan
from leadweights.reports.layout import Block, Grid, round_numbers, write_text


def plan_text(found: ExperimentPlan) -> str:
    """Tell how many rows an experiment needs."""
    return write_text(plan_blocks(found))


def plan_blocks(found: ExperimentPlan) -> list[Block]:
    """Lay a plan out: the rows of both arms, and what they find."""
    return [
        f"{found.rows:,} leads: {found.held_out_rows:,} held out ({found.held_out:.1%}), "
        f"{found.treated_rows:,} treated.",
        f"If {found.rate:.2%} convert of those held out and {found.treated_rate:.2%} of the others "
        f"({found.lift:+.0%}),\nso many show a difference in {found.power:.0%} of such "
        f"experiments. Where there is none, {found.alpha:.0%} show one by chance.",
    ]


def plan_document(found: ExperimentPlan) -> dict[str, Any]:
    """Give a plan as plain data."""
    return dict(round_numbers(asdict(found)))


def experiment_text(found: Experiment) -> str:
    """Tell what became of the arms of an experiment."""
    return write_text(experiment_blocks(found))


def experiment_blocks(found: Experiment) -> list[Block]:
    """Lay an experiment out: what it says, both arms, and the difference with its interval."""
    arms = [
        [arm.name, f"{arm.rows:,}", f"{arm.converted:,}", *_percent(arm.rate)]
        for arm in (found.treated, found.held_out)
    ]
    p = "-" if found.p_value is None else f"{found.p_value:.2g}"
    return [
        experiment_sentence(found),
        Grid([["arm", "rows", "converted", "rate", "95% interval"], *arms], left=1),
        Grid(
            [
                ["treated less held out", "", "95% interval"],
                ["difference", *_percent(found.difference, "+")],
                ["lift", *_percent(found.lift, "+")],
                ["extra conversions among the treated", *_count(found.extra)],
                ["p-value of no difference", p, ""],
            ],
            left=1,
        ),
    ]


def experiment_sentence(found: Experiment) -> str:
    """Say in one sentence what may be claimed."""
    own = found.difference
    rates = f"{found.treated.rate.value:.2%} against {found.held_out.rate.value:.2%}"
    if own.low is not None and own.low > 0:
        lift = "" if found.lift.value is None else f", a lift of {found.lift.value:.0%}"
        return f"The treated convert more often than those held out: {rates}{lift}."
    if own.high is not None and own.high < 0:
        return f"The treated convert less often than those held out: {rates}."
    return (
        f"Nothing can be claimed yet: {rates}, and the interval of the difference holds 0; more "
        "rows may tell."
    )


def experiment_document(found: Experiment) -> dict[str, Any]:
    """Give an experiment as plain data."""
    return {"sentence": experiment_sentence(found), **round_numbers(asdict(found))}


def _percent(own: Interval, sign: str = "") -> tuple[str, str]:
    if own.value is None:
        return "-", "-"
    value = f"{own.value:{sign}.2%}"
    if own.low is None or own.high is None:
        return value, "-"
    return value, f"{own.low:{sign}.2%} to {own.high:{sign}.2%}"


def _count(own: Interval) -> tuple[str, str]:
    if own.value is None or own.low is None or own.high is None:
        return "-", "-"
    return f"{own.value:+,.0f}", f"{own.low:+,.0f} to {own.high:+,.0f}"
