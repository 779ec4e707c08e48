"""The charts of a report, as SVG that takes its colours and its font from the page around it.

matplotlib draws them, so that they need no script and print; what it writes is cut down to
presentation attributes, because a strict page allows no inline styles. Same data, same bytes.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leadweights.metrics import Evaluation
from leadweights.ranking import Bin, Ranking, Slot
from leadweights.weight_list import Weight

# What a colour is for, and what stands for it while matplotlib draws. In the page each is a CSS
# variable: light, dark and print have their own.
_INK, _MUTED, _GRID, _PAGE = "#010101", "#020202", "#030303", "#040404"
_MAIN, _SOFT, _OTHER = "#050505", "#060606", "#070707"
_VARIABLES = {
    _INK: "ink",
    _MUTED: "muted",
    _GRID: "grid",
    _PAGE: "page",
    _MAIN: "main",
    _SOFT: "soft",
    _OTHER: "other",
}
_SETTINGS = {
    "svg.fonttype": "none",
    "font.size": 13,
    "figure.dpi": 72,
    "path.simplify": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": _MUTED,
    "axes.labelcolor": _MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "text.color": _INK,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
}
# matplotlib measures texts in its own font, so the layout does not depend on the machine.
_WIDTH = 440
_LINE_POINTS = 240
_MOST_BARS = 20
_LONGEST = 26


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: an `svg` element, and how it is called and described to who does not see it.

    `frame` gives the places of 0 and 1 of both axes in the drawing, for what is put on top later:
    left, right, bottom, top.
    """

    name: str
    title: str
    description: str
    svg: str
    frame: tuple[float, float, float, float]


@dataclass(slots=True)
class _Drawing:
    name: str
    title: str
    description: str
    figure: Figure
    axes: Axes
    chart: Chart | None = None


@contextmanager
def _drawing(name: str, title: str, description: str, height: float = 330) -> Iterator[_Drawing]:
    # The defaults first: what a reader's own matplotlibrc says must not show.
    with style.context(["default", {**_SETTINGS, "svg.hashsalt": name}]):
        figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
        found = _Drawing(name, title, description, figure, figure.add_subplot())
        yield found
        written = io.StringIO()
        none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", metadata=none, transparent=True)
        (left, bottom), (right, top) = found.axes.transData.transform([(0, 0), (1, 1)])
        frame = tuple(round(float(v), 2) for v in (left, right, height - bottom, height - top))
        svg = _slim(written.getvalue(), name, title, description)
        found.chart = Chart(name, title, description, svg, (frame[0], frame[1], frame[2], frame[3]))


def _done(drawing: _Drawing) -> Chart:
    assert drawing.chart is not None
    return drawing.chart


def _slim(svg: str, name: str, title: str, description: str) -> str:
    """Keep shapes and texts; colours become variables, styles attributes, ids the chart's own."""
    root = ElementTree.fromstring(svg.encode())  # noqa: S314 - matplotlib has just written it
    used = set(re.findall(r"#([\w-]+)[)\"]", svg))
    for parent in root.iter():
        parent.tag = parent.tag.rpartition("}")[2]
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    for part in root.iter():
        _restyle(part, name, used)
    width, height = root.attrib["viewBox"].split()[2:]
    root.attrib.clear()
    root.attrib |= {
        "class": "chart",
        "id": f"{name}-chart",
        "viewBox": f"0 0 {width} {height}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
    }
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        ids = {"title": f"{name}-title", "desc": f"{name}-description"}
        element = ElementTree.Element(tag, {"id": ids[tag]})
        element.text = text
        root.insert(place, element)
    return re.sub(r"\s*\n\s*", "\n", ElementTree.tostring(root, encoding="unicode"))


_KEPT = (
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"),
    *("text-anchor", "font-size", "font-weight"),
)


def _restyle(part: ElementTree.Element, name: str, used: set[str]) -> None:
    for key in list(part.attrib):
        plain = key.rpartition("}")[2]
        if plain != key:
            part.attrib[plain] = part.attrib.pop(key)
    for key in ("d", "x", "y"):
        if key in part.attrib:
            part.attrib[key] = re.sub(r"(\.\d\d)\d+", r"\1", part.attrib[key])
    own = part.attrib.pop("id", None)
    if own in used:
        part.attrib["id"] = f"{name}-{own}"
    for key in ("href", "clip-path"):
        if key in part.attrib:
            part.attrib[key] = part.attrib[key].replace("#", f"#{name}-")
    if "transform" in part.attrib and part.tag == "text":
        turned = part.attrib.pop("transform")
        if not re.match(r"rotate\(-?0[ .]", turned):
            part.attrib["transform"] = turned
    declared = re.findall(r"([\w-]+):\s*([^;]+)", part.attrib.pop("style", ""))
    for key, value in declared:
        if key == "font":
            part.attrib["font-size"] = value.split("px")[0]
            if "bold" in value:
                part.attrib["font-weight"] = "600"
        elif key in _KEPT:
            variable = _VARIABLES.get(value)
            part.attrib[key] = f"var(--{variable})" if variable else value


def _shares(axes: Axes, which: str = "xy") -> None:
    """Write an axis from 0 to 1 in percent."""
    for axis in which:
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
        words = [f"{tick:.0%}" for tick in ticks]
        if axis == "x":
            axes.set_xticks(ticks, words)
            axes.set_xlim(-0.01, 1.01)
        else:
            axes.set_yticks(ticks, words)
            axes.set_ylim(-0.02, 1.02)


_LOOKS: tuple[Mapping[str, Any], ...] = (
    {"color": _MAIN, "zorder": 4},
    {"color": _OTHER, "linestyle": (0, (5, 2)), "zorder": 3},
)


def roc_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the share of positives found against the share of negatives called."""
    title = "ROC curve"
    words = (
        "The share of leads that converted and are found, against the share of the others called "
        "with them, along the ranking. The higher above the diagonal, the better."
    )
    with _drawing("roc", title, words) as drawing:
        axes = drawing.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            negatives = thin.rows - thin.positives
            false = [(c - h) / negatives for c, h in zip(thin.calls, thin.hits, strict=True)]
            axes.plot(false, [h / thin.positives for h in thin.hits], label=name, **look)
        axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="others called", ylabel="converted found")
        axes.legend(loc="lower right")
    return _done(drawing)


def precision_recall_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the positive share of the called rows against the share of positives found."""
    title = "Precision and recall"
    words = (
        "Of the leads called the share that converts, against the share of all converting leads "
        "found by then. The dotted line is calling at random."
    )
    with _drawing("precision-recall", title, words) as drawing:
        axes = drawing.axes
        base = 0.0
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            base = thin.positives / thin.rows
            steps = list(zip(thin.hits[1:], thin.calls[1:], strict=True))
            recall = [0.0, *(hits / thin.positives for hits, _ in steps)]
            precision = [steps[0][0] / steps[0][1], *(hits / calls for hits, calls in steps)]
            axes.plot(recall, precision, label=name, **look)
        axes.plot([0, 1], [base, base], color=_MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="converted found (recall)", ylabel="of those called (precision)")
        axes.legend(loc="lower left")
    return _done(drawing)


def gains_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the share of positives found against the share of all rows called."""
    title = "Gains: what the first calls find"
    words = (
        "The share of all converting leads found against the share of leads called, best scores "
        "first. The thin line is a perfect ranking, the dotted one calling at random."
    )
    with _drawing("gains", title, words) as drawing:
        axes = drawing.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            x = [calls / thin.rows for calls in thin.calls]
            axes.plot(x, [hits / thin.positives for hits in thin.hits], label=name, **look)
            best = thin.positives / thin.rows
        axes.plot([0, best, 1], [0, 1, 1], color=_MUTED, linewidth=1, label="Perfect")
        axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="leads called", ylabel="converted found")
        axes.legend(loc="lower right")
    return _done(drawing)


def lift_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw how many times better than chance the first calls do."""
    title = "Lift: how much better than chance"
    words = (
        "How many times as many converting leads the first calls find as calling at random would, "
        "against the share of leads called."
    )
    with _drawing("lift", title, words) as drawing:
        axes = drawing.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            # The first 2% are a handful of rows: their lift is luck and would set the scale.
            shares = [0.02 + 0.98 * i / 98 for i in range(99)]
            lift = [
                ranking.hits_in(share * ranking.rows) / (share * ranking.positives)
                for share in shares
            ]
            axes.plot(shares, lift, label=name, **look)
        axes.axhline(1, color=_MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes, "x")
        axes.set_ylim(bottom=0)
        axes.set(xlabel="leads called", ylabel="times chance")
        axes.legend(loc="lower left")
    return _done(drawing)


def calibration_chart(bins: Sequence[Bin]) -> Chart:
    """Draw what came against what was predicted, with intervals."""
    title = "Reliability: predicted and actual"
    words = (
        "Leads in groups of nearly one probability: the share that converted, with its 95% "
        "interval, against the probability predicted. On the diagonal the two are equal."
    )
    with _drawing("calibration", title, words) as drawing:
        axes = drawing.axes
        axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=":")
        for found in bins:
            ends = [found.rate.low, found.rate.high]
            axes.plot([found.mean_probability] * 2, ends, color=_MAIN, linewidth=2)
        x = [found.mean_probability for found in bins]
        y = [found.rate.value for found in bins]
        axes.plot(x, y, color=_MAIN, linewidth=0, marker="o", markersize=7, markeredgecolor=_PAGE)
        _shares(axes)
        axes.set(xlabel="predicted probability", ylabel="converted")
    return _done(drawing)


def distribution_chart(slots: Sequence[Slot]) -> Chart:
    """Draw how the probabilities of both outcomes are spread, one above the other."""
    title = "Probabilities by outcome"
    words = (
        "How the predicted probabilities are spread: above the line among the leads that "
        "converted, below it among the others. The less the two lie over each other, the better."
    )
    with _drawing("distribution", title, words) as drawing:
        axes = drawing.axes
        positives = sum(slot.positives for slot in slots)
        negatives = sum(slot.negatives for slot in slots)
        at = [(slot.low + slot.high) / 2 for slot in slots]
        width = 0.9 * (slots[0].high - slots[0].low)
        up = [slot.positives / positives for slot in slots]
        down = [-slot.negatives / negatives for slot in slots]
        axes.bar(at, up, width, color=_MAIN)
        axes.bar(at, down, width, color=_OTHER)
        axes.axhline(0, color=_MUTED, linewidth=1)
        _shares(axes, "x")
        top = 1.25 * max(*up, *(-value for value in down))
        axes.set_ylim(-top, top)
        ticks = [tick for tick in axes.get_yticks().tolist() if abs(tick) <= top]
        axes.set_yticks(ticks, [f"{abs(tick):.0%}" for tick in ticks])
        axes.set(xlabel="predicted probability", ylabel="share of the outcome")
        axes.text(0.01, 0.93 * top, "converted", va="center")
        axes.text(0.99, -0.93 * top, "did not convert", va="center", ha="right")
    return _done(drawing)


def weights_chart(weights: Sequence[Weight]) -> Chart:
    """Draw the features' shares of the score as bars, the strongest first."""
    features = [weight for weight in weights if weight.level is None]
    with_parts = {weight.feature for weight in weights if weight.level is not None}
    shown = sorted(features, key=lambda w: (-abs(w.weight), w.feature))[:_MOST_BARS]
    title = "Share of each column in the score"
    words = (
        "More of a column whose bar goes to the right raises the score, to the left lowers it; a "
        "column marked ± does both, depending on its value."
    )
    if len(shown) < len(features):
        words += f" The {len(shown)} strongest of {len(features)} columns."
    with _drawing("weights", title, words, 70 + 26 * len(shown)) as drawing:
        axes = drawing.axes
        reach = max(abs(weight.weight) for weight in shown)
        for place, weight in enumerate(shown):
            both = weight.feature in with_parts
            colour = _SOFT if both else _MAIN if weight.weight > 0 else _OTHER
            axes.barh(place, weight.weight, 0.66, color=colour)
            right = weight.weight >= 0
            text = f"±{weight.weight:.1%}" if both else f"{weight.weight:+.1%}"
            axes.text(
                weight.weight + (0.02 if right else -0.02) * reach,
                place,
                text.replace("-", "\u2212"),
                va="center",
                ha="left" if right else "right",
            )
        axes.set_yticks(range(len(shown)), [_short(weight.feature) for weight in shown])
        axes.tick_params(axis="y", labelcolor=_INK)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        low = min(0.0, *(weight.weight for weight in shown)) if len(shown) > 1 else 0.0
        low = min(low, shown[0].weight)
        axes.set_xlim(low - (0.75 * reach if low < 0 else 0.0), reach * 1.5)
        axes.axvline(0, color=_MUTED, linewidth=1)
        axes.set_xticks([])
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
    return _done(drawing)


def comparison_chart(models: Mapping[str, Evaluation], words_of: Mapping[str, str]) -> Chart:
    """Draw the AUC of each model with its interval."""
    title = "AUC-ROC with 95% intervals"
    words = "A dot for each model's area under the ROC curve; the line is its 95% interval."
    with _drawing("comparison", title, words, 90 + 34 * len(models)) as drawing:
        axes = drawing.axes
        for place, model in enumerate(models.values()):
            auc = model.metrics["auc_roc"]
            colour = _MAIN if model.differences is None else _OTHER
            if auc.value is None:
                continue
            if auc.low is not None and auc.high is not None:
                axes.plot([auc.low, auc.high], [place, place], color=colour)
            axes.plot([auc.value], [place], "o", color=colour, markersize=8)
            axes.text(auc.value, place - 0.2, f"{auc.value:.3f}", ha="center", va="bottom")
        axes.set_yticks(range(len(models)), [words_of[name] for name in models])
        axes.tick_params(axis="y", labelcolor=_INK)
        axes.set_ylim(len(models) - 0.5, -0.75)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.12)
    return _done(drawing)


def _short(text: str) -> str:
    line = " ".join(text.split()) or repr(text)
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    # A dollar would begin a formula.
    return line.replace("$", r"\$")
