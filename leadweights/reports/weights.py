"""The weights as people read them: a table in CSV or JSON, bars in text."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial

from leadweights.formula.terms import view
from leadweights.model.model import Choice, InputColumn, Link, Logit, Number, ScoringModel
from leadweights.model.shown import Shown
from leadweights.model.terms import Term, weight_per_unit
from leadweights.reports.layout import lay_out, shorten

TREES = "(trees)"
"""What the trees are called in a list of weights."""

_BAR = 30
_HEIGHTS = "▁▂▃▄▅▆▇█"
_LONGEST = 48
_FEATURES_SHOWN, _LEVELS_SHOWN = 1000, 4


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
    that have it. Trees come last, `(trees)`, followed by the columns they read: `weight` is the
    share that each has in the lead score by the trees, besides its own.
    """

    feature: str
    level: str | None
    weight: float
    coefficient: float | None
    mean: float | None
    std: float | None
    raw_weight: float | None
    row_share: float | None


class Weights(Shown, list[Weight]):
    """The weights of a model, which show the strongest."""

    __slots__ = ()


def weights(model: ScoringModel) -> Weights:
    """List the weights of a model, sorted by feature; levels by what they contribute."""
    columns = {column.name: column for column in model.columns}
    found = Weights(
        weight
        for term in sorted(model.terms, key=lambda term: term.column)
        for weight in _weights(term, columns[term.column], model.link)
    )
    if model.trees is not None:
        shares = sorted(model.trees.shares, key=lambda share: (-share.weight, share.column))
        parts = [(None, model.trees.weight), *((share.column, share.weight) for share in shares)]
        found += [_weight(TREES, level, weight, model.link) for level, weight in parts]
    return found


def _weight(
    feature: str, level: str | None, weight: float, link: Link, row_share: float | None = None
) -> Weight:
    log_odds = weight * link.scale if isinstance(link, Logit) else None
    return Weight(feature, level, weight, log_odds, None, None, None, row_share)


def _weights(term: Term, column: InputColumn, link: Link) -> list[Weight]:
    list_part = partial(_weight, term.column, link=link)
    seen = view(term)
    log = isinstance(column, Number) and column.log
    raw = None if seen.line is None or log else weight_per_unit(seen.line)
    mean, std = seen.moments or (None, None)
    parts = seen.parts
    if isinstance(column, Choice):
        parts = tuple(sorted(parts, key=lambda part: -part.contribution))
    return [
        replace(list_part(None, term.weight), mean=mean, std=std, raw_weight=raw),
        *(list_part(p.label, p.contribution, row_share=p.row_share) for p in parts),
    ]


def weights_csv(model: ScoringModel) -> str:
    """Write the weights as CSV, every number in the digits that give the same double back."""
    text = io.StringIO()
    names = [field.name for field in fields(Weight)]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(asdict, weights(model)))
    return text.getvalue()


def weights_json(model: ScoringModel) -> str:
    """Write the weights as JSON."""
    return json.dumps([asdict(w) for w in weights(model)], indent=2, ensure_ascii=False) + "\n"


def weights_chart(model: ScoringModel, most: int = _FEATURES_SHOWN, where: str = "") -> str:
    """Draw the weights as bars, the strongest features first, a category's levels below it.

    Of the levels, those that most rows and much of the score hang on; at most so many features,
    and `where` the others are. A curve is drawn beside its bar, from its first point to its last.
    """
    rows, curves = weights(model), draw_curves(model)
    levels = levels_by_feature(rows)
    lines = []
    features = strongest_first(rows)
    for row in features[:most]:
        own = levels.get(row.feature, [])
        lines.append((shorten(row.feature, _LONGEST), "±" if own else _sign(row), row))
        lines += [
            (f"  {shorten(level.level or '', _LONGEST)}", _sign(level), level)
            for level in _telling(own)
        ]
    width = max(len(label) for label, _, _ in lines)
    bars = _bars([row for _, _, row in lines])
    drawn = _add_curves([row for _, _, row in lines], bars, curves)
    text = "".join(
        f"{label:<{width}}  {sign}{abs(row.weight):.4f}  {bar}\n"
        for (label, sign, row), bar in zip(lines, drawn, strict=True)
    )
    more = len(features) - most
    return text + (f"and {more:,} more{where}\n" if more > 0 else "")


def draw_curves(model: ScoringModel) -> dict[str, str]:
    """Draw what each curve, and each row of bins, contributes: a letter a point, and its ends."""
    found = {}
    columns = {column.name: column for column in model.columns}
    for term in model.terms:
        seen = view(term)
        if not seen.parts or isinstance(columns[term.column], Choice):
            continue
        heights = [part.contribution for part in seen.parts]
        low, rise = min(heights), max(heights) - min(heights)
        steps = [round((len(_HEIGHTS) - 1) * (h - low) / rise) if rise else 0 for h in heights]
        ends = f" {seen.ends[0]:.4g} to {seen.ends[1]:.4g}" if seen.ends else ""
        found[term.column] = "".join(_HEIGHTS[step] for step in steps) + ends
    return found


def _add_curves(
    rows: Iterable[Weight], bars: Iterable[str], curves: Mapping[str, str]
) -> list[str]:
    """Put the drawing of its curve behind the bar of a feature."""
    return [
        f"{bar}  {curves[row.feature]}" if row.level is None and row.feature in curves else bar
        for row, bar in zip(rows, bars, strict=True)
    ]


def _telling(levels: list[Weight]) -> list[Weight]:
    """Choose the levels that say most: how far they move the score, times how many rows."""
    told = sorted(levels, key=lambda row: -abs(row.weight) * (row.row_share or 0) ** 0.5)
    kept = [row for row in told[:_LEVELS_SHOWN] if row.row_share or row.feature == TREES]
    return sorted(kept, key=lambda row: -row.weight)


def _sign(row: Weight) -> str:
    return "-" if row.weight < 0 else "+"


def weights_table(model: ScoringModel) -> str:
    """Lay the weights out with what they are measured by, and as bars, the strongest first.

    A category is followed by all its levels, a curve by its points; it is drawn beside its bar.
    """
    found = weights(model)
    levels = levels_by_feature(found)
    rows = [part for row in strongest_first(found) for part in (row, *levels.get(row.feature, []))]
    names = [field.name for field in fields(Weight)]
    if not levels:
        names = [name for name in names if name not in ("level", "row_share")]
    cells = [names, *([_cell(getattr(row, name)) for name in names] for row in rows)]
    left = sum(name in ("feature", "level") for name in names)
    lines = lay_out(cells, 2, left)
    width = max(map(len, lines))
    bars = ["", *_add_curves(rows, _bars(rows), draw_curves(model))]
    told = [f"{line:<{width}}  {bar}".rstrip() for line, bar in zip(lines, bars, strict=True)]
    return "\n".join(told) + "\n"


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return shorten(value, _LONGEST) if isinstance(value, str) else f"{value:.4g}"


def strongest_first(rows: Iterable[Weight]) -> list[Weight]:
    """Keep the features, the strongest first."""
    features = [row for row in rows if row.level is None]
    return sorted(features, key=lambda row: (-abs(row.weight), row.feature))


def levels_by_feature(rows: Iterable[Weight]) -> dict[str, list[Weight]]:
    """Keep the levels, under the feature they belong to."""
    found: dict[str, list[Weight]] = {}
    for row in rows:
        if row.level is not None:
            found.setdefault(row.feature, []).append(row)
    return found


def _bars(rows: list[Weight]) -> list[str]:
    largest = max(abs(row.weight) for row in rows)
    return ["█" * max(1, round(_BAR * abs(row.weight) / largest)) for row in rows]
