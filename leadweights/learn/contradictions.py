"""Weights whose sign is not the one that people expect."""

from __future__ import annotations

from leadweights.formula.terms import view
from leadweights.learn.prepare.columns import find_entry
from leadweights.learn.prepare.dictionary import Dictionary
from leadweights.model.model import ScoringModel


def find_contradictions(model: ScoringModel, known: Dictionary) -> list[str]:
    """Say where a learnt sign is not the one people expect."""
    found = []
    inputs = {column.name: column for column in model.columns}
    for term in model.terms:
        direction = find_entry(inputs[term.column], known).direction
        rise = view(term).rise
        learnt = "higher" if rise > 0 else "lower"
        if direction is not None and rise != 0 and direction != learnt:
            found.append(
                f"{term.column!r} has weight {rise:+.4f}, but the dictionary says "
                f"{direction} is better"
            )
    return found
