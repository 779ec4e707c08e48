"""Personal data that was found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from leadweights.model.personal import PersonalData, describe_personal


def lint_text(found: Sequence[PersonalData]) -> str:
    """Say in a line for each place what stands there."""
    lines = describe_personal(found) or ["no personal data was found"]
    return "\n".join(lines) + "\n"


def lint_document(found: Sequence[PersonalData]) -> dict[str, Any]:
    """Give each text with its place; its letters are masked."""
    return {"personal_data": [asdict(one) for one in found]}
