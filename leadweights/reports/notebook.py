"""What results show of themselves: a few lines, or a small table in a notebook."""

from __future__ import annotations

from collections.abc import Iterator

from leadweights.decisions.threshold import Choice, Thresholded, Unproven
from leadweights.formula.stages import ranked_by
from leadweights.learn.adopted.adopt import Adopted
from leadweights.learn.compare import Comparison, Folds
from leadweights.learn.fit import Fit
from leadweights.lifecycle.challenger.challenge import Challenge
from leadweights.lifecycle.challenger.diff import Difference
from leadweights.lifecycle.experiments.experiment import Experiment, ExperimentPlan
from leadweights.lifecycle.monitoring.monitor import Monitor
from leadweights.lifecycle.outcomes.merge import Merged
from leadweights.lifecycle.retrain import Retrained
from leadweights.reports.adopt import adopted_text
from leadweights.reports.challenge import challenge_blocks
from leadweights.reports.compare import comparison_blocks, folds_blocks
from leadweights.reports.diff import diff_blocks
from leadweights.reports.experiment import experiment_blocks, plan_blocks
from leadweights.reports.layout import Block, Grid, shorten, write_html, write_text
from leadweights.reports.merge_outcomes import merged_blocks
from leadweights.reports.monitor import monitor_blocks
from leadweights.reports.retrain import retrained_blocks
from leadweights.reports.threshold import choice_blocks
from leadweights.reports.weights import Weights, levels_by_feature, strongest_first, weights

_FEATURES, _FEATURES_OF_A_FIT, _WARNINGS = 20, 8, 3
_BAR = 20
_LONGEST_NAME, _LONGEST_WARNING = 48, 160


def show(result: object, as_html: bool) -> str:
    """Write a result in short, as text or as HTML."""
    blocks = list(_blocks(result))
    return write_html(blocks) if as_html else write_text(blocks).rstrip("\n")


def _blocks(result: object) -> Iterator[Block]:
    match result:
        case Fit():
            yield from _of_fit(result)
        case Adopted():
            yield adopted_text(result).rstrip("\n")
        case Comparison():
            yield from comparison_blocks(result)
        case Folds():
            yield from folds_blocks(result)
        case Weights():
            yield from _of_weights(result, _FEATURES, "all are in this list")
        case Thresholded(choice, model):
            # Without the deciles; what is not proven is one sentence.
            yield from choice_blocks(choice, *([ranked_by(model)] if model else []))[:3]
            yield from _of_warnings(result.warnings)
        case Challenge():
            yield from challenge_blocks(result)[:4]
        case Merged():
            yield from merged_blocks(result)
        case Experiment():
            yield from experiment_blocks(result)
        case ExperimentPlan():
            yield from plan_blocks(result)
        case Retrained():
            yield from retrained_blocks(result)
        case Difference():
            yield from diff_blocks(result)
        case Monitor():
            yield from monitor_blocks(result)
        case Choice() | Unproven():
            yield from choice_blocks(result)
        case _:
            raise TypeError(f"{type(result).__name__} has no report")


def _of_fit(fit: Fit) -> Iterator[Block]:
    origin = fit.model.provenance
    rate = origin.positive_rows / origin.rows
    yield (
        f"{fit.model.name}, learnt from {origin.rows:,} rows, {rate:.1%} with "
        f"{origin.label} = {origin.positive}; its SQL equals Python bit for bit."
    )
    yield from comparison_blocks(fit.comparison)[:2]
    yield from _of_weights(weights(fit.model), _FEATURES_OF_A_FIT, "lw.weights(fit.model)")
    yield from _of_warnings(fit.warnings)
    said = [
        f"{shorten(decision.column, _LONGEST_NAME)} tells {decision.apart} apart: with "
        f"keys=[{decision.column!r}] scores come out with it."
        for decision in fit.columns
        if decision.apart
    ]
    notes = f"{len(fit.notes):,} {'note' if len(fit.notes) == 1 else 'notes'}"
    said.append(f"More: {notes} in fit.notes, what became of each column in fit.columns.")
    yield "\n".join(said)


def _of_warnings(warnings: tuple[str, ...]) -> Iterator[Block]:
    said = [f"Warning: {shorten(warning, _LONGEST_WARNING)}" for warning in warnings[:_WARNINGS]]
    if len(warnings) > _WARNINGS:
        said.append(f"and {len(warnings) - _WARNINGS:,} more warnings")
    if said:
        yield "\n".join(said)


def _of_weights(found: Weights, most: int, where: str) -> Iterator[Block]:
    """Lay out the strongest features, with what they add to the log-odds and a bar."""
    levels, features = levels_by_feature(found), strongest_first(found)
    if not features:
        return
    largest = max(abs(feature.weight) for feature in features)
    rows = [["feature", "weight", "levels", ""]]
    for feature in features[:most]:
        own = levels.get(feature.feature, [])
        sign = "±" if own else "-" if feature.weight < 0 else "+"
        length = round(_BAR * abs(feature.weight) / largest) if largest else 0
        count = f"{len(own):,}" if own else ""
        name = shorten(feature.feature, _LONGEST_NAME)
        rows.append([name, f"{sign}{abs(feature.weight):.4f}", count, "█" * max(1, length)])
    if not levels:
        rows = [[name, weight, bar] for name, weight, _, bar in rows]
    yield Grid(rows, left=len(rows[0]), gap=2)
    if len(features) > most:
        yield f"and {len(features) - most:,} more features: {where}"
