"""Results in words and in JSON, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.model.file import as_document
from leadweights.reports import parity as certificate
from leadweights.reports.layout import laid_out, left_aligned, rounded
from leadweights.reports.weights import weights_chart

if TYPE_CHECKING:
    from leadweights.decisions.metrics import Interval, Price
    from leadweights.learn.compare import Comparison, Folds
    from leadweights.learn.fit import Fit
    from leadweights.learn.prepare.columns import Decision
    from leadweights.learn.prepare.leakage import Suspect
    from leadweights.scoring.check_input import InputCheck

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


def metrics_document(comparison: Comparison, last: Comparison | None = None) -> dict[str, Any]:
    """Give a comparison, and that on the last part, as plain data, rounded to six decimals."""
    document: dict[str, Any] = rounded(asdict(comparison))
    if comparison.threshold is None:
        for name in ("threshold", "price_of_sql", "not_installed"):
            del document[name]
    if not comparison.warnings:
        del document["warnings"]
    if last is not None:
        document["last"] = metrics_document(last)
    return document


def input_document(check: InputCheck) -> dict[str, Any]:
    """Give a check of a table as plain data, shares rounded to six decimals."""
    found: dict[str, Any] = rounded(asdict(check))
    return {"scorable": check.scorable, "problems": list(check.problems), **found}


def fit_document(fit: Fit, files: Sequence[str]) -> dict[str, Any]:
    """Give everything a fit found as plain data."""
    return {
        "model": as_document(fit.model),
        "metrics": metrics_document(fit.comparison),
        **({"last_metrics": metrics_document(fit.last)} if fit.last is not None else {}),
        **columns_document(fit.columns, fit.suspects),
        "parity": certificate.of_fit(fit),
        "c_path": rounded(asdict(fit.c_path)) if fit.c_path else None,
        "notes": list(fit.notes),
        "warnings": list(fit.warnings),
        "files": list(files),
    }


def folds_document(found: Folds) -> dict[str, Any]:
    """Give a cross-validation as plain data: mean and standard deviation over the folds."""
    models = {
        name: {m: {"mean": mean, "std": std} for m, (mean, std) in metrics.items()}
        for name, metrics in found.models.items()
    }
    document: dict[str, Any] = rounded({**asdict(found), "models": models})
    return document


def folds_text(found: Folds) -> str:
    """Lay a cross-validation out: models as columns, metrics as rows."""

    def cell(value: tuple[float, float] | None) -> str:
        return "-" if value is None else f"{value[0]:.4f} ± {value[1]:.4f}"

    rows = [["", *found.models]]
    for name, word in _HEADINGS.items():
        rows.append([word, *(cell(metrics.get(name)) for metrics in found.models.values())])
    lines = [
        f"Mean ± standard deviation over {found.folds} stratified folds of {found.rows:,} rows, "
        f"seed {found.seed};",
        "everything, the preparation too, is learnt anew for each fold from the other ones.",
        "",
        *left_aligned(rows),
    ]
    return "\n".join(lines) + "\n"


_KINDS = ("number", "flag", "category", "date", "left out")


def columns_document(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> dict[str, Any]:
    """Give the decisions on columns, and the suspects among them, as plain data."""
    found = [{"column": d.column, "kind": d.kind, "reason": d.reason} for d in decisions]
    return {"columns": found, "suspects": [rounded(asdict(suspect)) for suspect in suspects]}


def columns_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Say in a line each what becomes of the columns; then what may give the outcome away."""
    lines = _decided(decisions)
    if suspects:
        lines += ["", "May be known only after the outcome, the clearest first:"]
    for suspect in suspects:
        lines.append(f"  {suspect.column}: {'; '.join(suspect.evidence)}")
        lines.append(f"    {suspect.advice}")
    return "\n".join(lines) + "\n"


def _decided(decisions: Sequence[Decision]) -> list[str]:
    order = {kind: place for place, kind in enumerate(_KINDS)}
    told = sorted(decisions, key=lambda d: (order.get(d.kind, len(_KINDS)), d.column))
    rows = [[d.kind, _short(d.column), d.reason] for d in told]
    return left_aligned(rows, between="  ")


def dictionary_text(decisions: Sequence[Decision], suspects: Sequence[Suspect]) -> str:
    """Write a dictionary that says what was decided: to be read, corrected and passed on."""
    from tomlkit import comment, document, nl, table  # no other report needs it

    names = {suspect.column for suspect in suspects}
    written = document()
    for line in (
        "A table for each column. Fields: description, direction (higher or lower is better),",
        "range, kind (number, category, flag, date), missing, fill, missing_weight, transform,",
        "levels, trim, casefold, since, exclude (the reason).",
    ):
        written.add(comment(line))
    for decision in decisions:
        if decision.kind not in _KINDS:
            continue
        entry = table()
        entry.add(comment(f"{decision.kind}: {_comment(decision.reason)}"))
        if decision.column in names:
            entry.add(comment('exclude = "known only after the outcome?"'))
        if decision.kind == "left out":
            entry.add("exclude", decision.reason or "left out")
        else:
            entry.add("kind", decision.kind)
            if decision.kind == "number":
                entry.add(comment('direction = "higher"'))
            if decision.curve:
                entry.add("transform", "curve")
        if decision.levels is not None:
            entry.add("levels", list(decision.levels))
        written.add(nl())
        written.add(decision.column, entry)
    return written.as_string()


def _comment(text: str) -> str:
    """Keep a text on its line: a TOML comment has no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _short(text: str, longest: int = 48) -> str:
    line = " ".join(text.split()) or repr(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def comparison_text(comparison: Comparison) -> str:
    """Lay a comparison out as two tables: the metrics, and the differences that matter."""
    if comparison.threshold is not None:
        assert comparison.price_of_sql is not None
        return _contest_text(comparison, comparison.threshold, comparison.price_of_sql)
    lines = [
        f"Measured on {comparison.measured_on}: {comparison.valid_rows:,} rows, "
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


# Heading and decimals of a column; of these metrics less is better.
_WIDE = {
    "auc_roc": ("AUC-ROC", 4),
    "pr_auc": ("PR-AUC", 4),
    "brier": ("Brier", 4),
    "precision_at_100": ("P@100", 3),
    "precision_at_200": ("P@200", 3),
    "accuracy": ("Acc.", 3),
    "precision": ("Prec.", 3),
    "recall": ("Recall", 3),
    "f1": ("F1", 3),
    "lift_top_10_percent": ("Lift", 2),
    "conversions_top_20_percent": ("Top20%", 0),
    "capture_top_20_percent": ("share", 3),
}
_LESS_IS_BETTER = ("brier",)
_AGAINST = {
    "auc_roc": ("AUC-ROC", 4),
    "pr_auc": ("PR-AUC", 4),
    "conversions_top_20_percent": ("conversions, top 20%", 1),
}


def _contest_text(comparison: Comparison, threshold: float, price: Price) -> str:
    """Lay many models out as rows, metrics as columns, and say what SQL costs."""
    models = comparison.models
    table = [["", *(word for word, _ in _WIDE.values())], *([name] for name in models)]
    for name, (_, decimals) in _WIDE.items():
        values = [found.metrics[name].value for found in models.values()]
        known = [value for value in values if value is not None]
        best = (min if name in _LESS_IS_BETTER else max)(known, default=None)
        for row, value in zip(table[1:], values, strict=True):
            mark = "*" if value == best else " "
            row.append("- " if value is None else f"{value:,.{decimals}f}{mark}")
    against = [["", *(word for word, _ in _AGAINST.values())]]
    for model, found in models.items():
        if found.differences is not None:
            cells = [
                _signed(found.differences[name], decimals)
                for name, (_, decimals) in _AGAINST.items()
            ]
            against.append([model, *cells])
    absent = comparison.not_installed
    lines = [
        f"Measured on {comparison.measured_on}: {comparison.valid_rows:,} rows, "
        f"{comparison.valid_positive_rows:,} positive",
        f"(learnt on {comparison.train_rows:,}; * the best of its column). Accuracy, precision, "
        "recall and F1 call a row",
        f"positive where its probability is {threshold:g} or more. Lift is that of the top 10%; "
        "Top20% counts the",
        "positive rows among the fifth with the highest scores, and gives their share of all.",
        "",
        *laid_out(table, 1),
        "",
        "Difference to logistic_regression [95% interval, by bootstrap] "
        "(* more than noise: it leaves out 0)",
        "",
        *laid_out(against, 3),
        "",
        *_price_lines(price, comparison.valid_rows),
        *(
            ["", f'{" and ".join(absent)} not installed: pip install "leadweights[boosting]"']
            if absent
            else ()
        ),
    ]
    return "\n".join(lines) + "\n"


def _price_lines(price: Price, rows: int) -> list[str]:
    """Say in plain sentences what the SELECT gives up."""
    lost = price.auc_roc.value is not None and price.auc_roc.value < 0
    opening = (
        f"Price of SQL: against {price.best}, the best of the others by AUC-ROC"
        if lost
        else f"Price of SQL: none, no other ranks better; against {price.best}, the next best"
    )
    closing = (
        "It was picked as the best on these very rows, which favours it: read an upper estimate."
    )
    found = price.conversions_top_20_percent
    per_1000 = price.conversions_top_20_percent_per_1000_rows
    return [
        f"{opening}, the SELECT has",
        f"AUC-ROC {_signed(price.auc_roc, 4, '')}, PR-AUC {_signed(price.pr_auc, 4, '')} and",
        f"{_signed(found, 1, '')} conversions in the top 20% of these {rows:,} rows: "
        f"{_signed(per_1000, 1, '')} per 1,000 rows.",
        *([closing] if lost else []),
    ]


def _signed(interval: Interval, decimals: int, marks: str = " *") -> str:
    """Write a difference and its interval; of two marks the second is for more than noise."""
    if interval.value is None or interval.low is None or interval.high is None:
        return "-"
    mark = marks and marks[not interval.low <= 0 <= interval.high]
    ends = f"[{interval.low:+,.{decimals}f}, {interval.high:+,.{decimals}f}]"
    return f"{interval.value:+,.{decimals}f}{mark} {ends}"


def fit_text(fit: Fit, files: Sequence[str]) -> str:
    """Tell a marketing analyst what was learnt, how good it is and what to do with it."""
    model = fit.model
    rate = model.provenance.positive_rows / model.provenance.rows
    parts = [
        f"Learnt from {model.provenance.rows:,} rows, {rate:.1%} with "
        f"{model.provenance.label} = {model.provenance.positive}.\n",
        *_prepared(fit),
        comparison_text(fit.comparison),
        *([comparison_text(fit.last)] if fit.last is not None else []),
        "Weights: the share of each feature in the score, per standard deviation "
        "(+ raises it, - lowers it)\n" + weights_chart(model),
        certificate.sentence(fit.parity),
        "Files: " + ", ".join(files) + "\n",
    ]
    return "\n".join(parts)


def _prepared(fit: Fit) -> list[str]:
    """Say what was done with each column, unless there is nothing to say."""
    told = [decision for decision in fit.columns if decision.kind in _KINDS[:-1]]
    if all(decision.reason == "as it is" for decision in told):
        return []
    return ["Columns, and how the SELECT prepares them:\n" + "\n".join(_decided(told)) + "\n"]


def _grid(
    models: Mapping[str, Mapping[str, Interval]], cell: Callable[[Interval], str]
) -> list[str]:
    """Lay models out as columns, metrics as rows."""
    rows = [
        ["", *models],
        *([word, *(cell(m[name]) for m in models.values())] for name, word in _HEADINGS.items()),
    ]
    return left_aligned(rows)


def _cell(interval: Interval) -> str:
    if interval.value is None:
        return "-"
    if interval.low is None or interval.high is None:
        return f"{interval.value:.4f}"
    return f"{interval.value:.4f} [{interval.low:.3f}, {interval.high:.3f}]"


def _signed_cell(interval: Interval) -> str:
    if interval.value is None:
        return "-"
    if interval.low is None or interval.high is None:
        return f"{interval.value:+.4f}"
    noise = " " if interval.low <= 0 <= interval.high else "*"
    return f"{interval.value:+.4f}{noise} [{interval.low:+.3f}, {interval.high:+.3f}]"
