"""Comparisons of models in words and as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadweights.decisions.metrics import METRICS
from leadweights.reports.layout import Block, Grid, round_numbers, write_interval, write_text

if TYPE_CHECKING:
    from leadweights.decisions.metrics import Interval, Price
    from leadweights.learn.compare import Comparison, Folds

# Heading and decimals of each metric; of some less is better.
_WIDE = {
    "auc_roc": ("AUC-ROC", 4),
    "pr_auc": ("PR-AUC", 4),
    "brier": ("Brier", 4),
    "log_loss": ("Loss", 4),
    "precision_at_100": ("P@100", 3),
    "precision_at_200": ("P@200", 3),
    "accuracy": ("Acc.", 3),
    "precision": ("Prec.", 3),
    "recall": ("Recall", 3),
    "f1": ("F1", 3),
    "lift_top_10_percent": ("Lift", 2),
    "conversions_top_20_percent": ("Top20%", 0),
}
_WIDTH = 100  # of a terminal
_ALWAYS_SHOWN = ("equal_weights", "logistic_regression")
_LESS_IS_BETTER = ("brier", "log_loss")
_AGAINST = {
    **{name: _WIDE[name] for name in ("auc_roc", "log_loss")},
    "conversions_top_20_percent": ("conversions, top 20%", 1),
}


def metrics_document(comparison: Comparison, last: Comparison | None = None) -> dict[str, Any]:
    """Give a comparison, and that on the last part, as plain data, rounded to six decimals."""
    document: dict[str, Any] = round_numbers(asdict(comparison))
    if comparison.threshold is None:
        for name in ("threshold", "price_of_sql", "not_installed", "selects"):
            del document[name]
    for name in ("warnings", "not_afforded"):
        if not document[name]:
            del document[name]
    if last is not None:
        document["last"] = metrics_document(last)
    return document


def comparison_text(comparison: Comparison) -> str:
    """Write a comparison for people."""
    return write_text(comparison_blocks(comparison))


def comparison_blocks(comparison: Comparison) -> list[Block]:
    """Lay a comparison out as two tables: the metrics, and the differences that matter."""
    if comparison.threshold is not None:
        assert comparison.price_of_sql is not None
        return _contest_blocks(comparison, comparison.threshold, comparison.price_of_sql)
    aucs = {
        name: model.metrics["auc_roc"].value or 0.0 for name, model in comparison.models.items()
    }
    rivals = [name for name in comparison.models if name not in _ALWAYS_SHOWN]
    strongest = max(rivals, key=aucs.__getitem__, default="")
    shown = {n: m for n, m in comparison.models.items() if n in (*_ALWAYS_SHOWN, strongest)}
    return [
        f"{_tell_rows(comparison)}\n"
        f"(learnt on {comparison.train_rows:,}; in brackets 95% intervals, by bootstrap).",
        _grid({name: _cells(model.metrics) for name, model in shown.items()}),
        "Difference to logistic_regression (* more than noise: the interval leaves out 0)",
        _grid(
            {
                name: _cells(model.differences, "+", " *")
                for name, model in shown.items()
                if model.differences is not None
            }
        ),
        *_rival_lines(comparison, [name for name in comparison.models if name not in shown]),
    ]


def _tell_rows(comparison: Comparison) -> str:
    """Say which rows were measured on and how many, in two lines where one would be long."""
    which = f"Measured on {comparison.measured_on}:"
    many = f"{comparison.valid_rows:,} rows, {comparison.valid_positive_rows:,} positive"
    apart = " " if len(which) + len(many) < _WIDTH else "\n"
    return f"{which}{apart}{many}"


def _rival_lines(comparison: Comparison, weaker: Sequence[str]) -> list[str]:
    """Say which rivals are not shown: those that rank worse here, and those not learnt."""
    lines = []
    if weaker:
        told = [f"{n} {comparison.models[n].metrics['auc_roc'].value:.4f}" for n in weaker]
        lines.append(
            "Shown is the rival with the highest AUC-ROC on these rows, which favours it; others:\n"
            f"{', '.join(told)}."
        )
    if comparison.not_afforded:
        lines.append(
            "Of so many rows and columns these would take long; compare --models has them:\n"
            f"{', '.join(comparison.not_afforded)}."
        )
    return lines


def _contest_blocks(comparison: Comparison, threshold: float, price: Price) -> list[Block]:
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
            differences = found.differences
            cells = (
                write_interval(differences[name], d, d, "+", " *")
                for name, (_, d) in _AGAINST.items()
            )
            against.append([model, *cells])
    absent = comparison.not_installed
    missing = f'{" and ".join(absent)} not installed: pip install "leadweights[boosting]"'
    return [
        f"{_tell_rows(comparison)}\n"
        f"(learnt on {comparison.train_rows:,}; * the best of its column). Accuracy, precision, "
        "recall and F1 call a row\n"
        f"positive where its probability is {threshold:g} or more. Lift is that of the top 10%; "
        "Top20% counts the\n"
        "positive rows among the fifth with the highest scores. Loss is log-loss.",
        Grid(table, left=1, gap=1),
        "Difference to logistic_regression [95% interval, by bootstrap] "
        "(* more than noise: it leaves out 0)",
        Grid(against, left=1),
        "\n".join(_price_lines(price, comparison.valid_rows)),
        "How large the SELECT of each is, written for DuckDB:",
        Grid(
            [
                ["", "bytes", "trees", "deepest"],
                *(
                    [name, f"{one.bytes:,}", f"{one.trees}", f"{one.depth}"]
                    for name, one in comparison.selects.items()
                ),
            ],
            left=1,
        ),
        *([missing] if absent else []),
    ]


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
    auc_roc, pr_auc = (write_interval(one, 4, 4, "+") for one in (price.auc_roc, price.pr_auc))
    more, per_1000 = (
        write_interval(one, 1, 1, "+")
        for one in (
            price.conversions_top_20_percent,
            price.conversions_top_20_percent_per_1000_rows,
        )
    )
    return [
        f"{opening}, the SELECT has",
        f"AUC-ROC {auc_roc}, PR-AUC {pr_auc} and",
        f"{more} conversions in the top 20% of these {rows:,} rows: {per_1000} per 1,000 rows.",
        *([closing] if lost else []),
    ]


def folds_document(found: Folds) -> dict[str, Any]:
    """Give a cross-validation as plain data: mean and standard deviation over the folds."""
    models = {
        name: {m: {"mean": mean, "std": std} for m, (mean, std) in metrics.items()}
        for name, metrics in found.models.items()
    }
    document: dict[str, Any] = round_numbers({**asdict(found), "models": models})
    return document


def folds_text(found: Folds) -> str:
    """Write a cross-validation for people."""
    return write_text(folds_blocks(found))


def folds_blocks(found: Folds) -> list[Block]:
    """Lay a cross-validation out: models as columns, metrics as rows."""
    return [
        f"Mean ± standard deviation over {found.folds} stratified folds of {found.rows:,} rows, "
        f"seed {found.seed};\n"
        "everything, the preparation too, is learnt anew for each fold from the other ones.",
        _grid(
            {
                name: {m: f"{mean:.4f} ± {std:.4f}" for m, (mean, std) in metrics.items()}
                for name, metrics in found.models.items()
            }
        ),
    ]


def _grid(models: Mapping[str, Mapping[str, str]]) -> Grid:
    """Lay models out as columns, metrics as rows."""
    rows = [
        [_WIDE[name][0], *(cells.get(name, "-") for cells in models.values())] for name in METRICS
    ]
    return Grid([["", *models], *rows], left=len(models) + 1)


def _cells(intervals: Mapping[str, Interval], sign: str = "", marks: str = "") -> dict[str, str]:
    return {
        name: write_interval(interval, 4, 3, sign, marks) for name, interval in intervals.items()
    }
