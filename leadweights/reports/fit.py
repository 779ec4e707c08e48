"""A fit in words and as plain data, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.model.file import as_document
from leadweights.reports import parity as certificate
from leadweights.reports.columns import KINDS, columns_document, decision_lines
from leadweights.reports.compare import comparison_text, metrics_document
from leadweights.reports.layout import cut, round_numbers
from leadweights.reports.weights import weights_chart

if TYPE_CHECKING:
    from leadweights.learn.fit import Fit

_FEATURES_SHOWN = 25


def fit_document(fit: Fit, files: Sequence[str]) -> dict[str, Any]:
    """Give everything a fit found as plain data."""
    return {
        "model": as_document(fit.model),
        "metrics": metrics_document(fit.comparison),
        **({"last_metrics": metrics_document(fit.last)} if fit.last is not None else {}),
        **columns_document(fit.columns, fit.suspects),
        "parity": certificate.of_fit(fit),
        "c_path": round_numbers(asdict(fit.c_path)) if fit.c_path else None,
        "notes": list(fit.notes),
        "warnings": list(fit.warnings),
        "files": list(files),
    }


def fit_text(fit: Fit, files: Sequence[str]) -> str:
    """Tell a marketing analyst what was learnt, how good it is and what to do with it."""
    model = fit.model
    rate = model.provenance.positive_rows / model.provenance.rows
    parts = [
        f"Learnt from {model.provenance.rows:,} rows, {rate:.1%} with "
        f"{model.provenance.label} = {model.provenance.positive}.\n",
        comparison_text(fit.comparison),
        *([comparison_text(fit.last)] if fit.last is not None else []),
        "Weights: the share of each feature in the score, per standard deviation "
        "(+ raises it, - lowers it)\n"
        + weights_chart(model, _FEATURES_SHOWN, f": {_find(files, 'weights.csv')}"),
        certificate.sentence(fit.parity),
        *_prepared(fit, f": {_find(files, 'columns.json')}"),
        "Files: " + ", ".join(files) + "\n",
    ]
    return "\n".join(parts)


def _prepared(fit: Fit, where: str) -> list[str]:
    """Say how columns are prepared, if any is."""
    told = [decision for decision in fit.columns if decision.kind in KINDS[:-1]]
    if all(decision.reason == "as it is" for decision in told):
        return []
    lines = cut(decision_lines(told), where)
    return ["Columns, and how the SELECT prepares them:\n" + "\n".join(lines) + "\n"]


def _find(files: Sequence[str], name: str) -> str:
    return next((file for file in files if file.endswith(name)), name)
