"""The weights as people read them: a table in CSV or JSON, bars in text."""

import csv
import io
import json
from dataclasses import asdict, dataclass, fields

from leadweights.formulate import raw_weight
from leadweights.model import Logit, ScoringModel, Standardized

_BAR = 30


@dataclass(frozen=True, slots=True)
class Weight:
    """One feature's weight on every scale.

    `weight`: share of the lead score per standard deviation (per range for equal weights); the
    absolute values sum to 1. `coefficient`: log-odds per standard deviation, None without
    log-odds. `raw_weight`: lead score per unit of the column. `mean`, `std`: None where the
    model places the column by its range.
    """

    feature: str
    weight: float
    coefficient: float | None
    mean: float | None
    std: float | None
    raw_weight: float


def weights(model: ScoringModel) -> list[Weight]:
    """List the weights of a model, sorted by feature."""
    scale = model.link.scale if isinstance(model.link, Logit) else None
    return [
        Weight(
            term.column,
            term.weight,
            None if scale is None else term.weight * scale,
            term.mean if isinstance(term, Standardized) else None,
            term.std if isinstance(term, Standardized) else None,
            raw_weight(term),
        )
        for term in sorted(model.terms, key=lambda term: term.column)
    ]


def weights_csv(model: ScoringModel) -> str:
    """Write the weights as CSV, every number in the digits that give the same double back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(Weight)]
    writer.writerow(names)
    for weight in weights(model):
        values = asdict(weight)
        writer.writerow("" if values[name] is None else values[name] for name in names)
    return text.getvalue()


def weights_json(model: ScoringModel) -> str:
    """Write the weights as JSON."""
    return json.dumps([asdict(w) for w in weights(model)], indent=2, ensure_ascii=False) + "\n"


def weights_chart(model: ScoringModel) -> str:
    """Draw the weights as bars, the strongest first."""
    rows = _strongest_first(model)
    width = max(len(row.feature) for row in rows)
    return "".join(
        f"{row.feature:<{width}}  {row.weight:+.4f}  {bar}\n"
        for row, bar in zip(rows, _bars(rows), strict=True)
    )


def weights_table(model: ScoringModel) -> str:
    """Lay the weights out with what they are measured by, and as bars, the strongest first."""
    rows = _strongest_first(model)
    cells = [[field.name for field in fields(Weight)]]
    for row in rows:
        feature, *numbers = asdict(row).values()
        cells.append([feature, *("" if n is None else f"{n:.4g}" for n in numbers)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line, bar in zip(cells, ["", *_bars(rows)], strict=True):
        numbers = [f"{c:>{w}}" for c, w in zip(line[1:], widths[1:], strict=True)]
        lines.append("  ".join([f"{line[0]:<{widths[0]}}", *numbers, bar]).rstrip())
    return "\n".join(lines) + "\n"


def _strongest_first(model: ScoringModel) -> list[Weight]:
    return sorted(weights(model), key=lambda row: (-abs(row.weight), row.feature))


def _bars(rows: list[Weight]) -> list[str]:
    largest = max(abs(row.weight) for row in rows)
    return ["█" * max(1, round(_BAR * abs(row.weight) / largest)) for row in rows]
