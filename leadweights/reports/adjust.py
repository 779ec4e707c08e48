"""Judgements from outside: as a table to join, in words, as plain data; and whether they help."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadweights.reports.layout import Block, Grid, round_numbers, write_interval, write_text

if TYPE_CHECKING:
    from leadweights.scoring.adjusting.adjust import Adjustments, Asked
    from leadweights.scoring.adjusting.evaluate import AdjustmentEffect

_SOURCES = {
    "asked": "asked",
    "cached": "known from before",
    "late": "late",
    "odd": "odd",
    "out_of_range": "out of range",
    "failed": "failed",
    "skipped": "skipped after failures",
}
_METRICS = {
    "auc_roc": "AUC-ROC",
    "pr_auc": "PR-AUC",
    "brier": "Brier score (less is better)",
    "precision_at_100": "precision of the best 100",
    "precision_at_200": "precision of the best 200",
}


def adjustments_csv(found: Adjustments) -> str:
    """Write the factors as CSV: the keys, the factor, why, where it comes from."""
    text = io.StringIO()
    names = [*found.keys, found.column, "why", "source"]
    rows = csv.DictWriter(text, names, lineterminator="\n")
    rows.writeheader()
    rows.writerows(found.rows)
    return text.getvalue()


def adjustments_text(found: Adjustments) -> str:
    """Say how many factors there are, of what, and what was told of each lead."""
    lines = [f"{len(found.leads):,} leads of {found.table}: {_counts(found.asked)}."]
    lines += _problems(found.asked)
    lines.append(f"Sent of each, beside its probability: {'; '.join(found.sent)}.")
    if found.withheld:
        held = (f"{name} ({kind})" for name, kind in found.withheld.items())
        lines.append(f"Not sent unless named with --send: {', '.join(held)}.")
    return "\n".join(lines) + "\n"


def adjustments_document(found: Adjustments) -> dict[str, Any]:
    """Give the factors and how the asking went as plain data."""
    return {
        "table": found.table,
        "leads": [{**row, **{key: str(row[key]) for key in found.keys}} for row in found.rows],
        **_document(found.asked),
        "sent": list(found.sent),
        "withheld": dict(found.withheld),
    }


def effect_text(found: AdjustmentEffect) -> str:
    """Say whether the factor helps, by what, and how the asking went."""
    rows = [
        [
            words,
            write_interval(found.base[name], 4, 3),
            write_interval(found.adjusted[name], 4, 3),
            write_interval(found.differences[name], 4, 3, "+", " *"),
        ]
        for name, words in _METRICS.items()
    ]
    counted = f"{found.moved:,} factors are not 1; {_counts(found.asked)}."
    blocks: list[Block] = [
        effect_sentence(found),
        f"On {found.rows:,} rows of {found.table}, {found.positive_rows:,} of them positive; 95% "
        "intervals, differences paired, * beyond noise:",
        Grid([["", "base", "adjusted", "difference"], *rows], left=1),
        "\n".join([counted, *_problems(found.asked)]),
    ]
    return write_text(blocks)


def effect_sentence(found: AdjustmentEffect) -> str:
    """Say the verdict in a sentence."""
    own = found.differences["auc_roc"]
    change = f"AUC-ROC changes by {write_interval(own, 4, 4, '+')}"
    if found.helps:
        return f"The factor helps: {change}."
    if found.harms:
        return f"The factor harms: {change}. Leave it off."
    if own.low is None:
        return f"Too few rows tell whether the factor helps: {change}. Leave it off."
    return f"Nothing shows that the factor helps: {change}. Leave it off."


def effect_document(found: AdjustmentEffect) -> dict[str, Any]:
    """Give what the factor does as plain data."""
    verdict = "helps" if found.helps else "harms" if found.harms else "not shown to help"
    metrics = {
        name: {
            side: _interval(values[name])
            for side, values in (
                ("base", found.base),
                ("adjusted", found.adjusted),
                ("difference", found.differences),
            )
        }
        for name in _METRICS
    }
    own = {
        "verdict": verdict,
        "table": found.table,
        "rows": found.rows,
        "positive_rows": found.positive_rows,
        "factors_not_1": found.moved,
        "metrics": metrics,
        **_document(found.asked),
        "warnings": list(found.warnings),
    }
    result: dict[str, Any] = round_numbers(own)
    return result


def _interval(own: Any) -> dict[str, float | None]:
    return {"value": own.value, "low": own.low, "high": own.high}


def _counts(asked: Asked) -> str:
    said = [f"{number:,} {_SOURCES[source]}" for source, number in asked.sources.items() if number]
    fallback = sum(n for source, n in asked.sources.items() if source not in ("asked", "cached"))
    told = ", ".join(said) or "none"
    return f"{told}; {fallback:,} count as 1 for want of an answer" if fallback else told


def _problems(asked: Asked) -> list[str]:
    lines = []
    if asked.problem:
        lines.append(f"The endpoint's last error: {asked.problem}.")
    if asked.cache_failures:
        lines.append(f"The cache failed {asked.cache_failures:,} times: it was done without.")
    return lines


def _document(asked: Asked) -> Mapping[str, Any]:
    return {
        "sources": dict(asked.sources),
        "problem": asked.problem,
        "cache_failures": asked.cache_failures,
    }
