"""A night's retraining in words, and as plain data."""

from __future__ import annotations

from typing import Any

from leadweights.lifecycle.retrain import Retrained
from leadweights.reports.challenge import challenge_document, challenge_sentence
from leadweights.reports.layout import Block, write_text
from leadweights.reports.merge_outcomes import merged_blocks, merged_document


def retrained_text(found: Retrained) -> str:
    """Tell what became of the challenger, and of the outcomes it was learnt from."""
    return write_text(retrained_blocks(found))


def retrained_blocks(found: Retrained) -> list[Block]:
    """Lay a night's retraining out."""
    return [
        challenge_sentence(found.challenge),
        "\n".join([outcome_sentence(found), *found.notes]),
        *merged_blocks(found.merged),
    ]


def outcome_sentence(found: Retrained) -> str:
    """Say which version is in service now, and what there is to do."""
    if found.promoted:
        return f"Version {found.version} is in service, in the place of {found.champion}."
    stays = f"Version {found.champion} stays in service"
    if found.version is None or found.version == found.champion:
        return f"{stays}."
    return f"{stays}; leadweights registry activate {found.version} promotes the challenger."


def retrained_document(found: Retrained) -> dict[str, Any]:
    """Give a night's retraining as plain data."""
    return {
        "champion": found.champion,
        "version": found.version,
        "promoted": found.promoted,
        "verdict": found.challenge.verdict,
        "sentence": challenge_sentence(found.challenge),
        "notes": list(found.notes),
        "merged": merged_document(found.merged),
        "challenge": challenge_document(found.challenge),
    }
