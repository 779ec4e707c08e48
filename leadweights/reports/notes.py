"""What a reader should know of a fit after its results: lists are cut, their rest is in files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from leadweights.learn.compare import ABSENT
from leadweights.learn.fit import Fit, describe_leak, describe_left_out
from leadweights.reports.layout import SHOWN, cut

if TYPE_CHECKING:
    from leadweights.learn.prepare.columns import Decision
    from leadweights.learn.prepare.leakage import Suspect


def note_lines(fit: Fit, columns_file: str) -> list[str]:
    """Say in a line each what was left out, what looks like a key, and all else that was noted."""
    left_out = [describe_left_out(d) for d in fit.columns if d.kind == "left out"]
    others = [note for note in fit.notes if note not in left_out]
    rest = f" are left out: {columns_file} says why"
    return [*cut(left_out, rest), *key_lines(fit.columns), *others]


def key_lines(decisions: Sequence[Decision]) -> list[str]:
    """Suggest the column that looks like a key, with the flag to type."""
    return [
        f"{decision.column!r} tells {decision.apart} apart: --key {shlex.quote(decision.column)}, "
        "and scores come out with it"
        for decision in decisions
        if decision.apart
    ]


def warning_lines(fit: Fit, columns_file: str) -> list[str]:
    """Say in a line each what speaks against trusting a fit; of evidence, the clearest."""
    leaks = {describe_leak(suspect): suspect for suspect in fit.suspects}
    found = [warning for warning in fit.warnings if warning not in leaks]
    suspects = [leaks[warning] for warning in fit.warnings if warning in leaks]
    told = [suspect.question for suspect in suspects]
    return [
        *absent_first(found),
        *cut(told, f" may be known only after the outcome: {columns_file} has the evidence"),
        *_exclude_all(suspects[:SHOWN]),
    ]


def absent_first(warnings: Sequence[str]) -> Iterator[str]:
    """Cut what is said of the columns that only the dictionary has; all else is told whole."""
    absent = [warning for warning in warnings if warning.startswith(ABSENT)]
    yield from cut(absent, " of its columns the table has not: see leadweights columns")
    yield from (warning for warning in warnings if warning not in absent)


def _exclude_all(suspects: Sequence[Suspect]) -> list[str]:
    """Say in one line, to be copied, how all of them are excluded."""
    if not suspects:
        return []
    flags = " ".join(f"--exclude {shlex.quote(suspect.column)}" for suspect in suspects)
    what = "it unless it is" if len(suspects) == 1 else "each unless it is"
    return [f"exclude {what} known before the score is needed: {flags}"]
