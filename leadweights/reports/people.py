"""What was erased, and what was too old to be kept, as text and as plain data: counts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadweights.lifecycle.store.people import Erasure, Retention


def erasure_text(found: Erasure, relearnt: Mapping[int, int]) -> str:
    """Say what was erased, which versions had learnt from it, and as which they were again."""
    lines = [
        f"{found.keys:,} keys: {found.scores:,} scores and {found.outcomes:,} outcomes erased."
    ]
    for version, keys in found.learnt.items():
        new = relearnt.get(version)
        then = f"version {new} is learnt without" if new else "learn it again without"
        lines.append(f"Version {version} had learnt from {keys:,} of them: {then}.")
    clean = [version for version in found.versions_asked if version not in found.learnt]
    if clean:
        lines.append(f"{_name(clean)} had not learnt from any of them.")
    if found.versions_silent:
        lines.append(
            f"{_name(found.versions_silent)} cannot be asked: without --hmac-key, or pushed "
            "without --training-rows."
        )
    return "\n".join(lines) + "\n"


def erasure_document(found: Erasure, relearnt: Mapping[int, int]) -> dict[str, Any]:
    """Give what was erased as plain data."""
    return {
        "keys": found.keys,
        "scores": found.scores,
        "outcomes": found.outcomes,
        "learnt": [
            {"version": v, "keys": n, "learnt_again_as": relearnt.get(v)}
            for v, n in found.learnt.items()
        ],
        "versions_asked": list(found.versions_asked),
        "versions_without_an_answer": list(found.versions_silent),
    }


def retention_text(found: Retention) -> str:
    """Say what was too old."""
    return f"{found.scores:,} scores and {found.outcomes:,} outcomes were too old, and deleted.\n"


def retention_document(found: Retention) -> dict[str, Any]:
    """Give what was too old as plain data."""
    return {"scores": found.scores, "outcomes": found.outcomes}


def _name(versions: Sequence[int]) -> str:
    many = "s" if len(versions) > 1 else ""
    return f"Version{many} {', '.join(map(str, versions))}"
