"""The packet by which a challenger is approved: challenge.md, challenge.json, challenge.html."""

from __future__ import annotations

from leadweights.errors import UnsupportedError
from leadweights.lifecycle.challenger.challenge import Challenge
from leadweights.reports.challenge import challenge_document, challenge_markdown
from leadweights.reports.layout import document


def write_packet(found: Challenge) -> dict[str, str]:
    """Write a challenge in three files, by their names; the same challenge gives the same bytes.

    Raises UnsupportedError without the libraries of `leadweights[report]`.
    """
    try:
        from leadweights.reports.html.challenge_page import challenge_page
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in ("jinja2", "matplotlib", "markupsafe"):
            raise
        raise UnsupportedError(
            f'the packet needs {problem.name}: pip install "leadweights[report]"'
        ) from None
    return {
        "challenge.md": challenge_markdown(found),
        "challenge.json": document(challenge_document(found)),
        "challenge.html": challenge_page(found),
    }
