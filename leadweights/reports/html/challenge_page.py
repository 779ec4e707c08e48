"""A challenge as one HTML page, to be approved: the same care and the same style as a report."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from leadweights.lifecycle.challenger.challenge import Challenge
from leadweights.reports.challenge import (
    GATE_HEAD,
    METRICS,
    VERDICTS,
    challenge_sentence,
    gate_rows,
    metric_rows,
    move_rows,
    shift_lines,
)
from leadweights.reports.diff import diff_blocks, diff_document, diff_sentence
from leadweights.reports.html import charts as report_charts
from leadweights.reports.html.challenge_charts import (
    differences_chart,
    reliability_chart,
    shift_chart,
)
from leadweights.reports.html.environment import csp_hash, make_environment, read_page_file
from leadweights.reports.layout import Grid

_ROLES = ("champion", "challenger")
_IN_CHART = ("auc_roc", "pr_auc", "brier", "log_loss", "precision", "recall")


def challenge_page(found: Challenge) -> str:
    """Write a challenge as HTML; the same challenge gives the same bytes."""
    environment = make_environment()
    style = read_page_file("report.css")
    differences = found.challenger.differences or {}
    rankings = dict(zip(("Champion", "Challenger"), found.rankings, strict=True))
    words = {name: METRICS[name].partition(" (")[0] for name in _IN_CHART}
    reason = challenge_sentence(found).partition(": ")[2]
    blocks = diff_blocks(found.difference, _ROLES)[1:]
    document = diff_document(found.difference)
    return environment.get_template("challenge.html.jinja").render(
        found=found,
        verdict=VERDICTS[found.verdict],
        sentence=reason[0].upper() + reason[1:],
        differences=differences,
        gate_head=GATE_HEAD,
        gates=gate_rows(found),
        metrics=metric_rows(found),
        shift=shift_lines(found),
        moves=move_rows(found) if found.shift.moves else [],
        difference=diff_sentence(found.difference),
        tables=[
            (words_before, grid)
            for words_before, grid in pairwise(blocks)
            if isinstance(words_before, str) and isinstance(grid, Grid)
        ],
        models=[
            (role, model, document[name]["model_sha256"])
            for role, model, name in zip(
                _ROLES,
                (found.difference.before, found.difference.after),
                ("before", "after"),
                strict=True,
            )
        ],
        charts=[
            differences_chart({name: differences[name] for name in _IN_CHART}, words),
            report_charts.roc_chart(rankings),
            reliability_chart(found.reliability),
            shift_chart(found.shift.bins),
        ],
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=csp_hash(style),
    )
