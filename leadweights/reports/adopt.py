"""An adopted model in words and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leadweights.model.file import as_document
from leadweights.reports import parity as certificate

if TYPE_CHECKING:
    from leadweights.learn.adopted.adopt import Adopted


def adopted_document(found: Adopted, files: Sequence[str] = ()) -> dict[str, Any]:
    """Give an adopted model and its proofs as plain data."""
    return {
        "model": as_document(found.model),
        "parity": proof_document(found),
        "notes": list(found.notes),
        "files": list(files),
    }


def proof_document(found: Adopted) -> dict[str, Any]:
    """Give the proofs of an adopted model as plain data."""
    own = found.reference
    reference = own and {
        "name": own.name,
        "rows": own.rows,
        "left_out": found.left_out,
        "largest_difference": own.largest_difference,
        "bound": own.bound,
    }
    return {**certificate.document(found.model.name, [found.parity]), "library": reference}


def adopted_text(found: Adopted, files: Sequence[str] = ()) -> str:
    """Tell what was adopted, and what was proven of it."""
    model = found.model
    names = ", ".join(column.name for column in model.columns[:_SHOWN])
    more = len(model.columns) - _SHOWN
    parts = [
        f"Adopted: {model.provenance.method}; it reads {names}"
        + (f" and {more} more" if more > 0 else "")
        + ".\n",
        library_sentence(found),
        certificate.sentence(found.parity),
    ]
    if found.notes:
        parts.append("\n".join(f"Note: {note}." for note in found.notes) + "\n")
    if files:
        parts.append("Files: " + ", ".join(files) + "\n")
    return "\n".join(part for part in parts if part)


_SHOWN = 12


def library_sentence(found: Adopted) -> str:
    """Say in one line how the model's scores stand to the library's own."""
    own = found.reference
    if own is None:
        return ""
    if own.bound == 0:
        how = "bit for bit"
    else:
        how = f"within {own.largest_difference:.1e}, where its rounding explains {own.bound:.1e}"
    also = f"; {found.left_out:,} others it refuses to score" if found.left_out else ""
    return f"Scores: those of {own.name} {how}, on {own.rows:,} rows, at every cut too{also}.\n"
