"""The packet by which a challenger is approved: challenge.md, challenge.json, challenge.html."""

from __future__ import annotations

from leadweights.lifecycle.challenger.challenge import Challenge
from leadweights.reports.challenge import challenge_document, challenge_markdown
from leadweights.reports.html.libraries import explain_absent
from leadweights.reports.layout import document

# Who asks for files is told at once, not after the work, that a library is not there.
with explain_absent("packet"):
    from leadweights.reports.html.challenge_page import challenge_page


def write_packet(found: Challenge) -> dict[str, str]:
    """Write a challenge in three files, by their names; the same challenge gives the same bytes."""
    return {
        "challenge.md": challenge_markdown(found),
        "challenge.json": document(challenge_document(found)),
        "challenge.html": challenge_page(found),
    }
