"""What becomes of the columns of a table, in words, as plain data, and as a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.reports.layout import align_left, round_numbers, shorten

if TYPE_CHECKING:
    from leadweights.learn.prepare.columns import Decision
    from leadweights.learn.prepare.leakage import Suspect

_LONGEST_NAME = 48
KINDS = ("number", "flag", "category", "date", "left out")


def columns_document(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> dict[str, Any]:
    """Give the decisions on columns, and the suspects among them, as plain data."""
    found = [{"column": d.column, "kind": d.kind, "reason": d.reason} for d in decisions]
    return {"columns": found, "suspects": [round_numbers(asdict(suspect)) for suspect in suspects]}


def columns_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Say in a line each what becomes of the columns; then what may give the outcome away.

    Columns that are left out anyway are told apart from those to exclude.
    """
    lines = decision_lines(decisions)
    used = {decision.column for decision in decisions if decision.used}
    to_exclude = [suspect for suspect in suspects if suspect.column in used]
    if to_exclude:
        lines += ["", "May be known only after the outcome, the clearest first:"]
    for suspect in to_exclude:
        lines.append(f"  {suspect.column}: {'; '.join(suspect.evidence)}")
        lines.append(f"    {suspect.advice}")
    left_out = [suspect for suspect in suspects if suspect.column not in used]
    if left_out:
        lines += ["", "So may these, but they are left out as it is:"]
    for suspect in left_out:
        lines.append(f"  {suspect.column}: {'; '.join(suspect.evidence)}")
    return "\n".join(lines) + "\n"


def decision_lines(decisions: Sequence[Decision]) -> list[str]:
    """Say in a line each what becomes of the columns, kind by kind."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    told = sorted(decisions, key=lambda d: (order.get(d.kind, len(KINDS)), d.column))
    rows = [[d.kind, shorten(d.column, _LONGEST_NAME), d.reason] for d in told]
    return align_left(rows, gap=2)


def dictionary_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Write a dictionary that says what was decided: to be read, corrected and passed on."""
    from tomlkit import comment, document, nl, table  # no other report needs it

    names = {suspect.column for suspect in suspects}
    written = document()
    for line in (
        "A table for each column. Fields: description, direction (higher or lower is better),",
        "range, kind (number, category, flag, date), missing, fill, missing_weight, transform,",
        "levels, trim, casefold, since, exclude (the reason).",
    ):
        written.add(comment(line))
    for decision in decisions:
        if decision.kind not in KINDS:
            continue
        entry = table()
        # A TOML comment has no control characters.
        reason = "".join(c if c.isprintable() else " " for c in decision.reason)
        entry.add(comment(f"{decision.kind}: {reason}"))
        if decision.column in names and decision.used:
            entry.add(comment('exclude = "known only after the outcome?"'))
        if decision.kind == "left out":
            entry.add("exclude", decision.reason or "left out")
        else:
            entry.add("kind", decision.kind)
            if decision.kind == "number":
                entry.add(comment('direction = "higher"'))
            if decision.curve:
                entry.add("transform", "curve")
        if decision.levels is not None:
            entry.add("levels", list(decision.levels))
        written.add(nl())
        written.add(decision.column, entry)
    return written.as_string()
