"""What the registry and the audit trail hold, as text and as plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.reports.layout import align_left, shorten

if TYPE_CHECKING:
    from leadweights.lifecycle.store.scores import ScoreRun
    from leadweights.lifecycle.store.store import Active, Version
    from leadweights.lifecycle.store.trail import Line, Trail

_LONGEST_NOTE, _LONGEST_DETAILS = 40, 60
_MOST_NAMES = 4


def versions_text(versions: Sequence[Version], active: Active | None) -> str:
    """List the versions, a line each."""
    if not versions:
        return "No version yet.\n"
    head = ["version", "state", "name", "model", "pushed", "by", "proven on", "note"]
    rows = [
        [
            str(found.version),
            _state(found, active),
            found.name,
            found.sha256[:12],
            _day(found.created_at),
            found.created_by,
            ", ".join(cut_names(_dialects(found))) or "-",
            shorten(found.note, _LONGEST_NOTE) if found.note else "",
        ]
        for found in versions
    ]
    return "\n".join(align_left([head, *rows])) + "\n"


def versions_document(versions: Sequence[Version], active: Active | None) -> dict[str, Any]:
    """Give the versions as plain data, without the models themselves."""
    return {
        "active": active.version if active else None,
        "versions": [version_document(found, active) for found in versions],
    }


def version_text(found: Version, active: Active | None) -> str:
    """Say what is known of one version."""
    lines = [
        ["version", str(found.version)],
        ["state", _state(found, active)],
        ["name", found.name],
        ["model", found.sha256],
        ["learnt from", found.rows_sha256],
        ["pushed", f"{found.created_at} by {found.created_by}"],
        ["proven on", ", ".join(str(p["engine"]) for p in found.proofs) or "no engine"],
        ["baseline", "none" if found.baseline_text is None else "kept"],
        ["replaced", f"version {found.replaced}" if found.replaced else "-"],
        ["note", found.note or "-"],
    ]
    if active is not None and active.version == found.version:
        unproven = ", unproven" if active.unproven else ""
        lines.append(["active", f"since {active.activated_at} by {active.activated_by}{unproven}"])
        if active.view_name:
            behind = active.view_version != active.version
            said = "; it is of another version still: activate this one again" if behind else ""
            lines.append(["view", f"{active.view_name}, over {active.view_table}{said}"])
    return "\n".join(align_left(lines)) + "\n"


def version_document(found: Version, active: Active | None) -> dict[str, Any]:
    """Give what is known of one version as plain data; the model is another document."""
    own = active if active is not None and active.version == found.version else None
    return {
        "version": found.version,
        "state": _state(found, active),
        "name": found.name,
        "sha256": found.sha256,
        "rows_sha256": found.rows_sha256,
        "created_at": found.created_at,
        "created_by": found.created_by,
        "note": found.note,
        "replaced": found.replaced,
        "retired_at": found.retired_at,
        "activated_at": own.activated_at if own else None,
        "unproven": own.unproven if own else None,
        "view": own.view_name if own else None,
        "has_baseline": found.baseline_text is not None,
        "proofs": list(found.proofs),
        "metrics": dict(found.metrics),
    }


def lines_text(lines: Sequence[Line]) -> str:
    """List lines of the audit trail."""
    rows = [
        [
            str(line.line),
            line.made_at[:19].replace("T", " "),
            line.made_by,
            line.event,
            "" if line.version is None else f"version {line.version}",
            _details(line),
            line.hash[:12],
        ]
        for line in lines
    ]
    head = ["line", "when (UTC)", "who", "what", "", "", "hash"]
    return "\n".join(align_left([head, *rows])) + "\n" if rows else "No line.\n"


def lines_document(lines: Sequence[Line]) -> dict[str, Any]:
    """Give lines as plain data."""
    return {"lines": [line_document(line) for line in lines]}


def line_document(line: Line) -> dict[str, Any]:
    """Give a line as plain data: all that its hash is made of, in that order, and the hash."""
    return {
        "line": line.line,
        "made_at": line.made_at,
        "made_by": line.made_by,
        "event": line.event,
        "version": line.version,
        "details": line.details,
        "hash_before": line.hash_before,
        "hash": line.hash,
    }


def lines_export(lines: Sequence[Line]) -> str:
    """Write lines as JSON, one in a line."""
    return "".join(json.dumps(line_document(line), ensure_ascii=False) + "\n" for line in lines)


def trail_text(trail: Trail) -> str:
    """Say whether the chain holds, and its end: to be noted elsewhere."""
    if not trail.holds:
        return broken(trail) + "\n"
    return f"{trail.lines:,} lines, none broken; the end to note is {trail.lines}:{trail.head}\n"


def trail_document(trail: Trail) -> dict[str, Any]:
    """Give what the chain showed as plain data."""
    return {
        "holds": trail.holds,
        "lines": trail.lines,
        "head": trail.head,
        "broken_line": trail.broken_line,
        "problem": trail.problem or None,
    }


def broken(trail: Trail) -> str:
    """Say where the chain breaks."""
    return f"the audit trail is broken at line {trail.broken_line}: {trail.problem}"


def run_text(run: ScoreRun) -> str:
    """Say what a run of scores wrote."""
    parts = [f"{run.rows:,} rows scored by version {run.version}, key {run.key!r}"]
    parts += [f"{name}: {rows:,}" for name, rows in run.bands.items()]
    if run.decided is not None:
        parts.append(f"decided for: {run.decided:,}")
    if run.no_consent:
        parts.append(f"without consent, not scored: {run.no_consent:,}")
    return "; ".join(parts) + "\n"


def run_document(run: ScoreRun) -> dict[str, Any]:
    """Give what a run of scores wrote as plain data."""
    return asdict(run)


def _details(line: Line) -> str:
    """Write the short values of a line's details."""
    try:
        found = json.loads(line.details)
    except ValueError:
        return line.details
    if line.event == "proof":
        found = {"on": ", ".join(cut_names([proof["dialect"] for proof in found["engines"]]))}
    told = [f"{name} {value}" for name, value in found.items() if value not in ("", None)]
    return shorten(", ".join(told), _LONGEST_DETAILS) if told else ""


def cut_names(names: Sequence[str]) -> list[str]:
    """Keep the first of some names, and count the others."""
    own = list(dict.fromkeys(names))
    return (
        own if len(own) <= _MOST_NAMES else [*own[:_MOST_NAMES], f"{len(own) - _MOST_NAMES} more"]
    )


def _state(found: Version, active: Active | None) -> str:
    if active is not None and active.version == found.version:
        return "active, unproven" if active.unproven else "active"
    return "retired" if found.retired_at else "-"


def _dialects(found: Version) -> list[str]:
    return list(dict.fromkeys(str(proof["dialect"]) for proof in found.proofs))


def _day(moment: str) -> str:
    return moment[:10]
