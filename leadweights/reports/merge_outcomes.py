"""A merge of outcomes in words, and as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leadweights.lifecycle.outcomes.merge import Merged
from leadweights.reports.layout import Block, Grid, round_numbers, write_interval, write_text


def merged_text(found: Merged) -> str:
    """Tell what became of the leads in a merge."""
    return write_text(merged_blocks(found))


def merged_blocks(found: Merged) -> list[Block]:
    """Lay a merge out: leads, outcomes, the base rate, and how labels go with scores."""
    leads = [
        ["with a known outcome: written", found.labelled],
        ["  of them won", found.won],
        ["too young: left out", found.young],
        ["without a day: left out", found.undated],
        ["not decided yet: left out", found.open],
        ["not among the outcomes: left out", found.unmatched_leads],
    ]
    outcomes = [
        ["that say the same again", found.duplicates],
        ["keys both won and lost", found.contradictions],
        ["keys that no lead has", found.unmatched_outcomes],
        ["without a key", found.outcomes_without_key],
    ]
    until = "" if found.known_until is None else f", as known on {found.known_until}"
    blocks: list[Block] = [
        f"Of {found.leads:,} leads {found.match_rate:.1%} are among the outcomes{until}.",
        _grid("leads", found.leads, leads),
        _grid("rows of outcomes", found.outcomes, outcomes),
    ]
    if found.contradictions:
        blocks.append(f"Of keys both won and lost the {found.conflicts} outcome counts.")
    lines = [f"Won: {_percent(found.rate)}."]
    if found.expected_rate is not None:
        lines.append(f"Expected: {found.expected_rate:.1%} {found.expected_by}.")
    own = found.disagreement
    if own is not None:
        lines.append(
            f"The labels beside {own.score}: AUC {write_interval(own.auc, 3, 3)}; lost among the "
            f"{own.rows_at_end:,} highest: {own.lost_on_top:,}; won among as many lowest: "
            f"{own.won_below:,}."
        )
    return [*blocks, "\n".join(lines)]


def merged_document(found: Merged) -> dict[str, Any]:
    """Give a merge as plain data."""
    known: dict[str, Any] = round_numbers(asdict(found))
    until = found.known_until
    return {
        **known,
        "match_rate": round(found.match_rate, 6),
        "known_until": None if until is None else until.isoformat(),
    }


def _grid(what: str, rows: int, lines: list[list[Any]]) -> Grid:
    counted = [[name, f"{count:,}"] for name, count in lines if count or name[0] == "w"]
    return Grid([[what, f"{rows:,}"], *counted], left=1)


def _percent(own: Any) -> str:
    if own.value is None:
        return "-"
    return f"{own.value:.1%} (95% {own.low:.1%} to {own.high:.1%})"
