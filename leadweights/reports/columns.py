"""What becomes of the columns of a table, in words, as plain data, and as a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.learn.prepare.dictionary import MISSING_TEXTS
from leadweights.model.form import PLAIN
from leadweights.model.model import InText, Listed, Number, Plain
from leadweights.reports.layout import align_left, round_numbers, shorten

if TYPE_CHECKING:
    from leadweights.learn.prepare.columns import Decision
    from leadweights.learn.prepare.leakage import Suspect

_LONGEST_NAME, _IN_A_LINE = 48, 8
KINDS = ("number", "flag", "category", "list", "date", "left out")


def columns_document(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> dict[str, Any]:
    """Give the decisions on columns, and the suspects among them, as plain data.

    Of a column that looks like a key it says so.
    """
    found: list[dict[str, object]] = []
    for decision in decisions:
        found.append({"column": decision.column, "kind": decision.kind, "reason": decision.reason})
        if decision.apart:
            found[-1]["key"] = True
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


def _marks(decision: Decision) -> dict[str, str]:
    """Give the marks of a column of numbers in text that are not the usual ones."""
    match decision.inputs:
        case [Number(source=InText(form)), *_] if form != PLAIN:
            thousands = {"thousands": form.thousands} if form.thousands else {}
            return {"decimal": form.decimal, **thousands}
        case _:
            return {}


def dictionary_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Write every decision, with its reason, as a dictionary to read, correct and pass on.

    As it stands, what is learnt with it is what is learnt without.
    """
    from tomlkit import comment, document, item, nl, table  # no other report needs it
    from tomlkit.items import Array

    names = {suspect.column for suspect in suspects}
    written = document()
    for line in (
        "A table for each column. Fields: description, direction (higher or lower is better),",
        "monotone, range, kind (number, category, flag, date, list), missing, fill,",
        "missing_weight, transform, levels, trim, casefold, delimiter, format, since, decimal,",
        "thousands, exclude (the reason).",
    ):
        written.add(comment(line))
    if "missing" not in {decision.column for decision in decisions}:  # that would be its table
        written.add(nl())
        written.add(comment("What means missing, in any column:"))
        written.add("missing", list(MISSING_TEXTS))
    for decision in decisions:
        fields = _entry(decision)
        if not fields:
            continue
        entry = table()
        # A TOML comment has no control characters.
        reason = "".join(c if c.isprintable() else " " for c in decision.reason)
        entry.add(comment(f"{decision.kind}: {reason}".removesuffix(": ")))
        if decision.column in names and decision.used:
            entry.add(comment('exclude = "known only after the outcome?"'))
        if decision.kind in ("number", "flag"):
            entry.add(comment('direction = "higher"'))
        for field, value in fields.items():
            own = item(value)
            if isinstance(own, Array) and len(own) > _IN_A_LINE:
                own.multiline(True)
            entry.add(field, own)
        written.add(nl())
        written.add(decision.column, entry)
    return written.as_string()


def _entry(decision: Decision) -> dict[str, str | list[str]]:
    """Say what was decided in the fields of a dictionary; nothing of a key or another role."""
    if decision.kind == "excluded column":
        return {"exclude": "excluded"}
    if decision.kind not in KINDS:
        return {}
    if decision.kind == "left out":
        return {"exclude": decision.reason or "left out"}
    found: dict[str, str | list[str]] = {"kind": decision.kind}
    match decision.inputs:
        case (Number(source=Plain() | InText()) as number, *_):
            scale = [*["cap"] * (number.low is not None), *["log"] * number.log]
            transform = "curve" if decision.curve else " and ".join(scale) or "none"
            found |= {"fill": "median", "transform": transform}
        # The brackets of a list say by themselves what parts its values.
        case (Listed(delimiter=delimiter, ignored=ignored), *_) if "[" not in ignored:
            found["delimiter"] = delimiter
        case _:
            pass
    found |= _marks(decision)
    formats = [getattr(column, "format", "") for column in decision.inputs]
    if any(formats):
        found["format"] = max(formats)
    if decision.levels is not None:
        found["levels"] = list(decision.levels)
    return found
