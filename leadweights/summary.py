"""Results in words and in JSON, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.weight_list import weights_chart

if TYPE_CHECKING:
    from leadweights.fitting import Comparison, Fit
    from leadweights.metrics import Interval
    from leadweights.prove import Parity

# Six decimals: the last digits of a metric depend on the CPU, and no reader needs them.
_DECIMALS = 6
_HEADINGS = {
    "auc_roc": "AUC-ROC",
    "pr_auc": "PR-AUC",
    "brier": "Brier",
    "precision_at_100": "P@100",
    "precision_at_200": "P@200",
}


def document(value: Mapping[str, Any]) -> str:
    """Write one JSON document; the same value gives the same bytes."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def metrics_document(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison as plain data, metrics rounded to six decimals."""
    document: dict[str, Any] = _rounded(asdict(comparison))
    return document


def parity_document(parity: Parity) -> dict[str, Any]:
    """Give a proof as plain data; a difference of rounding errors in two digits."""
    found = {"holds": parity.holds, **asdict(parity)}
    if parity.reference is not None:
        for name in ("largest_difference", "bound"):
            found["reference"][name] = float(f"{found['reference'][name]:.1e}")
    return found


def fit_document(fit: Fit, files: Sequence[str]) -> dict[str, Any]:
    """Give everything a fit found as plain data."""
    return {
        "model": asdict(fit.model),
        "metrics": metrics_document(fit.comparison),
        "parity": parity_document(fit.parity),
        "c_path": _rounded(asdict(fit.c_path)) if fit.c_path else None,
        "notes": list(fit.notes),
        "warnings": list(fit.warnings),
        "files": list(files),
    }


def comparison_text(comparison: Comparison) -> str:
    """Lay a comparison out as two tables: the metrics, and the differences that matter."""
    where = (
        f"a fifth of the rows held back, stratified, seed {comparison.seed}"
        if comparison.held_back
        else "the validation table"
    )
    lines = [
        f"Measured on {where}: {comparison.valid_rows:,} rows, "
        f"{comparison.valid_positive_rows:,} positive",
        f"(learnt on {comparison.train_rows:,}; in brackets 95% intervals, by bootstrap).",
        "",
        *_grid({name: model.metrics for name, model in comparison.models.items()}, _cell),
        "",
        "Difference to logistic_regression (* more than noise: the interval leaves out 0)",
        "",
        *_grid(
            {n: m.differences for n, m in comparison.models.items() if m.differences is not None},
            _signed_cell,
        ),
    ]
    return "\n".join(lines) + "\n"


def parity_text(parity: Parity) -> str:
    """Say in one line what was proven; only for a proof that holds."""
    battery = [c for c in parity.checks if c.rows_of.endswith(" battery")]
    own = [c for c in parity.checks if c not in battery]
    ulp = max(c.probability_ulp for c in parity.checks)
    shapes = len({c.shape for c in own})
    text = (
        f"Parity: SQL in {parity.engine} equals Python bit for bit on "
        f"{_rows(own) // shapes:,} rows and {_rows(battery) // shapes:,} hostile ones, "
        f"in {shapes} shapes (lead_score, log_odds; probability {ulp} ulp apart at most)"
    )
    if parity.reference is not None:
        text += (
            f"; {parity.reference.name}'s log-odds are within "
            f"{parity.reference.largest_difference:.1e}"
        )
    return text + ".\n"


def fit_text(fit: Fit, files: Sequence[str]) -> str:
    """Tell a marketing analyst what was learnt, how good it is and what to do with it."""
    model = fit.model
    rate = model.provenance.positive_rows / model.provenance.rows
    parts = [
        f"Learnt from {model.provenance.rows:,} rows, {rate:.1%} with "
        f"{model.provenance.label} = {model.provenance.positive}.\n",
        comparison_text(fit.comparison),
        "Weights: the share of each feature in the score, per standard deviation "
        "(+ raises it, - lowers it)\n" + weights_chart(model),
        parity_text(fit.parity),
        "Files: " + ", ".join(files) + "\n",
    ]
    return "\n".join(parts)


def _rows(checks: Sequence[Any]) -> int:
    return sum(check.rows for check in checks)


def _grid(
    models: Mapping[str, Mapping[str, Interval]], cell: Callable[[Interval], str]
) -> list[str]:
    """Lay models out as columns, metrics as rows."""
    rows = [
        ["", *models],
        *([word, *(cell(m[name]) for m in models.values())] for name, word in _HEADINGS.items()),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "   ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "-"
    return f"{interval.value:.4f} [{interval.low:.3f}, {interval.high:.3f}]"


def _signed_cell(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "-"
    noise = " " if interval.low <= 0 <= interval.high else "*"
    return f"{interval.value:+.4f}{noise} [{interval.low:+.3f}, {interval.high:+.3f}]"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
