"""The weights as people read them: a table in CSV or JSON, bars in text."""

import csv
import io
import json
from dataclasses import asdict, dataclass, fields, replace

from leadweights.formula.terms import view
from leadweights.model.model import Choice, InputColumn, Link, Logit, Number, ScoringModel
from leadweights.model.terms import Term

_BAR = 30
_LONGEST = 48
_LEVELS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Weight:
    """One feature's weight on every scale, or what one level of it contributes.

    A feature, `level` None, has the `weight` that is its share of the lead score per standard
    deviation (per range for equal weights); these sum to 1 in absolute value. `coefficient` is
    log-odds per standard deviation, None without log-odds; `raw_weight` lead score per unit of
    the column, None where that is not constant (a logarithm, a category); `mean` and `std` are
    None where the model places the column otherwise.

    A category is followed by its levels, a curve by its points: `weight` is what the level adds
    to the lead score, `coefficient` to the log-odds, `row_share` the share of the training rows
    that have it.
    """

    feature: str
    level: str | None
    weight: float
    coefficient: float | None
    mean: float | None
    std: float | None
    raw_weight: float | None
    row_share: float | None


def weights(model: ScoringModel) -> list[Weight]:
    """List the weights of a model, sorted by feature; levels by what they contribute."""
    columns = {column.name: column for column in model.columns}
    return [
        weight
        for term in sorted(model.terms, key=lambda term: term.column)
        for weight in _weights(term, columns[term.column], model.link)
    ]


def _weights(term: Term, column: InputColumn, link: Link) -> list[Weight]:
    def listed(level: str | None, weight: float, row_share: float | None = None) -> Weight:
        log_odds = weight * link.scale if isinstance(link, Logit) else None
        return Weight(term.column, level, weight, log_odds, None, None, None, row_share)

    seen = view(term)
    log = isinstance(column, Number) and column.log
    raw = None if seen.line is None or log else seen.line.weight / seen.line.spread
    mean, std = seen.moments or (None, None)
    parts = seen.parts
    if isinstance(column, Choice):
        parts = tuple(sorted(parts, key=lambda part: -part.contribution))
    return [
        replace(listed(None, term.weight), mean=mean, std=std, raw_weight=raw),
        *(listed(part.label, part.contribution, part.row_share) for part in parts),
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


def weights_chart(model: ScoringModel, most: int = 1000) -> str:
    """Draw the weights as bars, the strongest features first, a category's levels below it.

    Of the levels, those that most rows and much of the score hang on; at most `most` features.
    """
    levels = [row for row in weights(model) if row.level is not None]
    lines = []
    for row in _strongest_first(model)[:most]:
        own = [level for level in levels if level.feature == row.feature]
        lines.append((_short(row.feature), "±" if own else _sign(row), row))
        lines += [
            (f"  {_short(level.level or '')}", _sign(level), level) for level in _telling(own)
        ]
    width = max(len(label) for label, _, _ in lines)
    bars = _bars([row for _, _, row in lines])
    return "".join(
        f"{label:<{width}}  {sign}{abs(row.weight):.4f}  {bar}\n"
        for (label, sign, row), bar in zip(lines, bars, strict=True)
    )


def _telling(levels: list[Weight]) -> list[Weight]:
    """Choose the levels that say most: how far they move the score, times how many rows."""
    told = sorted(levels, key=lambda row: -abs(row.weight) * (row.row_share or 0) ** 0.5)
    kept = [row for row in told[:_LEVELS_SHOWN] if row.row_share]
    return sorted(kept, key=lambda row: -row.weight)


def _sign(row: Weight) -> str:
    return "-" if row.weight < 0 else "+"


def _short(text: str) -> str:
    line = " ".join(text.split()) or repr(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def weights_table(model: ScoringModel) -> str:
    """Lay the weights out with what they are measured by, and as bars, the strongest first.

    A category is followed by all its levels.
    """
    levels = [row for row in weights(model) if row.level is not None]
    rows = [
        part
        for row in _strongest_first(model)
        for part in (row, *(level for level in levels if level.feature == row.feature))
    ]
    names = [field.name for field in fields(Weight)]
    if not levels:
        names = [name for name in names if name not in ("level", "row_share")]
    cells = [names]
    for row in rows:
        values = asdict(row)
        cells.append([_cell(values[name]) for name in names])
    left = sum(name in ("feature", "level") for name in names)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line, bar in zip(cells, ["", *_bars(rows)], strict=True):
        texts = [f"{c:<{w}}" for c, w in zip(line[:left], widths[:left], strict=True)]
        numbers = [f"{c:>{w}}" for c, w in zip(line[left:], widths[left:], strict=True)]
        lines.append("  ".join([*texts, *numbers, bar]).rstrip())
    return "\n".join(lines) + "\n"


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return _short(value) if isinstance(value, str) else f"{value:.4g}"


def _strongest_first(model: ScoringModel) -> list[Weight]:
    features = [row for row in weights(model) if row.level is None]
    return sorted(features, key=lambda row: (-abs(row.weight), row.feature))


def _bars(rows: list[Weight]) -> list[str]:
    largest = max(abs(row.weight) for row in rows)
    return ["█" * max(1, round(_BAR * abs(row.weight) / largest)) for row in rows]
