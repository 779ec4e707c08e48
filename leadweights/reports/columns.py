"""What becomes of the columns of a table, in words, as plain data, and as a dictionary."""

from __future__ import annotations

import json
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
    """Say in a line each what becomes of the columns; then what may give the outcome away."""
    lines = decision_lines(decisions)
    if suspects:
        lines += ["", "May be known only after the outcome, the clearest first:"]
    for suspect in suspects:
        lines.append(f"  {suspect.column}: {'; '.join(suspect.evidence)}")
        lines.append(f"    {suspect.advice}")
    return "\n".join(lines) + "\n"


def decision_lines(decisions: Sequence[Decision]) -> list[str]:
    """Say in a line each what becomes of the columns, kind by kind."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    told = sorted(decisions, key=lambda d: (order.get(d.kind, len(KINDS)), d.column))
    rows = [[d.kind, shorten(d.column, _LONGEST_NAME), d.reason] for d in told]
    return align_left(rows, between="  ")


def dictionary_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Write a dictionary that says what was decided: to be read, corrected and passed on."""
    names = {suspect.column for suspect in suspects}
    parts = [
        "# A table for each column. Fields: description, direction (higher or lower is better),\n"
        "# range, kind (number, category, flag, date), missing, fill, missing_weight, transform,\n"
        "# levels, trim, casefold, since, exclude (the reason).\n"
    ]
    for decision in decisions:
        if decision.kind not in KINDS:
            continue
        lines = [f"[{_toml(decision.column)}]", f"# {decision.kind}: {_comment(decision.reason)}"]
        if decision.column in names:
            lines.append('# exclude = "known only after the outcome?"')
        if decision.kind == "left out":
            lines.append(f"exclude = {_toml(decision.reason or 'left out')}")
        else:
            lines.append(f'kind = "{decision.kind}"')
            lines.append('# direction = "higher"' if decision.kind == "number" else "")
            if decision.curve:
                lines.append('transform = "curve"')
        if decision.levels is not None:
            lines.append(f"levels = [{', '.join(map(_toml, decision.levels))}]")
        parts.append("\n".join(line for line in lines if line) + "\n")
    return "\n".join(parts)


def _toml(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> str:
    """Keep a text on its line: a TOML comment has no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
