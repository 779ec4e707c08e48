"""The charts of a report. matplotlib draws them, so that they need no script, and print."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from leadweights.decisions.metrics import Evaluation
from leadweights.decisions.ranking import Ranking, Slot
from leadweights.decisions.reliability import Bin
from leadweights.reports.html.pairs import Pair
from leadweights.reports.html.svg import INK, MAIN, MUTED, OTHER, PAGE, SOFT, Chart, drawn
from leadweights.reports.layout import shorten
from leadweights.reports.weights import Weight, levels_by_feature, strongest_first

_LINE_POINTS = 240
_MOST_BARS = 20
_LONGEST = 26


def _shares(axes: Axes, which: str = "xy") -> None:
    """Write an axis from 0 to 1 in percent."""
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    words = [f"{tick:.0%}" for tick in ticks]
    for axis in which:
        edge = 0.01 if axis == "x" else 0.02
        axes.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": words})
        axes.set(**{f"{axis}lim": (-edge, 1 + edge)})


_LOOKS: tuple[Mapping[str, Any], ...] = (
    {"color": MAIN, "zorder": 4},
    {"color": OTHER, "linestyle": (0, (5, 2)), "zorder": 3},
)
_GUIDE: Mapping[str, Any] = {"color": MUTED, "linewidth": 1}
_CHANCE = {**_GUIDE, "linestyle": ":", "label": "Chance"}


def _lines(
    axes: Axes, rankings: Mapping[str, Ranking]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Callable[..., object]]]:
    """Give the calls and the hits of each ranking's steps, and what plots a line in its look."""
    for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
        thin = ranking.thin(_LINE_POINTS)
        yield np.array(thin.calls), np.array(thin.hits), partial(axes.plot, label=name, **look)


@drawn(
    "roc",
    "ROC curve",
    "The share of leads that converted and are found, against the share of the others called "
    "with them, along the ranking. The higher above the diagonal, the better.",
)
def roc_chart(axes: Axes, rankings: Mapping[str, Ranking]) -> None:
    """Draw the share of positives found against the share of negatives called."""
    for calls, hits, plot in _lines(axes, rankings):
        plot((calls - hits) / (calls[-1] - hits[-1]), hits / hits[-1])
    axes.plot([0, 1], [0, 1], **_CHANCE)
    _shares(axes)
    axes.set(xlabel="others called", ylabel="converted found")
    axes.legend(loc="lower right")


@drawn(
    "precision-recall",
    "Precision and recall",
    "Of the leads called the share that converts, against the share of all converting leads "
    "found by then. The dotted line is calling at random.",
)
def precision_recall_chart(axes: Axes, rankings: Mapping[str, Ranking]) -> None:
    """Draw the positive share of the called rows against the share of positives found."""
    base = 0.0
    for calls, hits, plot in _lines(axes, rankings):
        base, precision = hits[-1] / calls[-1], hits[1:] / calls[1:]
        plot(hits / hits[-1], np.r_[precision[:1], precision])
    axes.plot([0, 1], [base, base], **_CHANCE)
    _shares(axes)
    axes.set(xlabel="converted found (recall)", ylabel="of those called (precision)")
    axes.legend(loc="lower left")


@drawn(
    "gains",
    "Gains: what the first calls find",
    "The share of all converting leads found against the share of leads called, best scores "
    "first. The thin line is a perfect ranking, the dotted one calling at random.",
)
def gains_chart(axes: Axes, rankings: Mapping[str, Ranking]) -> None:
    """Draw the share of positives found against the share of all rows called."""
    best = 0.0
    for calls, hits, plot in _lines(axes, rankings):
        best = hits[-1] / calls[-1]
        plot(calls / calls[-1], hits / hits[-1])
    axes.plot([0, best, 1], [0, 1, 1], **_GUIDE, label="Perfect")
    axes.plot([0, 1], [0, 1], **_CHANCE)
    _shares(axes)
    axes.set(xlabel="leads called", ylabel="converted found")
    axes.legend(loc="lower right")


@drawn(
    "lift",
    "Lift: how much better than chance",
    "How many times as many converting leads the first calls find as calling at random would, "
    "against the share of leads called.",
)
def lift_chart(axes: Axes, rankings: Mapping[str, Ranking]) -> None:
    """Draw how many times better than chance the first calls do."""
    # The first 2% are a handful of rows: their lift is luck and would set the scale.
    shares = [0.02 + 0.98 * i / 98 for i in range(99)]
    for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
        lifts = [ranking.step(share).lift for share in shares]
        axes.plot(shares, lifts, label=name, **look)
    axes.axhline(1, **_CHANCE)
    _shares(axes, "x")
    axes.set_ylim(bottom=0)
    axes.set(xlabel="leads called", ylabel="times chance")
    axes.legend(loc="lower left")


@drawn(
    "calibration",
    "Reliability: predicted and actual",
    "The share that converted of leads of like probability, with its 95% interval. The "
    "diagonal is perfect; orange ones miss it, as by chance one in 20 does.",
)
def calibration_chart(axes: Axes, bins: Sequence[Bin]) -> None:
    """Draw what came against what was predicted, with intervals."""
    axes.plot([0, 1], [0, 1], **_GUIDE, linestyle=":")
    for found in bins:
        look: Mapping[str, Any] = {"color": OTHER if found.off else MAIN}
        axes.plot([found.predicted] * 2, [found.low, found.high], linewidth=2, **look)
        place = [found.predicted], [found.observed]
        axes.plot(*place, linewidth=0, marker="o", markersize=7, markeredgecolor=PAGE, **look)
    _shares(axes)
    axes.set(xlabel="predicted probability", ylabel="converted")


@drawn(
    "distribution",
    "Probabilities by outcome",
    "How the predicted probabilities are spread: above the line among the leads that "
    "converted, below it among the others. The less the two lie over each other, the better.",
)
def distribution_chart(axes: Axes, slots: Sequence[Slot]) -> None:
    """Draw how the probabilities of both outcomes are spread, one above the other."""
    positives = sum(slot.positives for slot in slots)
    negatives = sum(slot.negatives for slot in slots)
    at = [(slot.low + slot.high) / 2 for slot in slots]
    width = 0.9 * (slots[0].high - slots[0].low)
    up = [slot.positives / positives for slot in slots]
    down = [-slot.negatives / negatives for slot in slots]
    axes.bar(at, up, width, color=MAIN)
    axes.bar(at, down, width, color=OTHER)
    axes.axhline(0, **_GUIDE)
    _shares(axes, "x")
    top = 1.25 * max(*up, *(-value for value in down))
    axes.set_ylim(-top, top)
    ticks = [tick for tick in axes.get_yticks().tolist() if abs(tick) <= top]
    axes.set_yticks(ticks, [f"{abs(tick):.0%}" for tick in ticks])
    axes.set(xlabel="predicted probability", ylabel="share of the outcome")
    axes.text(0.01, 0.93 * top, "converted", va="center")
    axes.text(0.99, -0.93 * top, "did not convert", va="center", ha="right")


def weights_chart(weights: Sequence[Weight]) -> Chart:
    """Draw the features' shares of the score as bars, the strongest first."""
    features, with_parts = strongest_first(weights), levels_by_feature(weights)
    shown = features[:_MOST_BARS]
    title = "Share of each column in the score"
    words = (
        "A bar to the right: the more of it, the higher the score; to the left: the lower. A "
        "column marked ± does both, depending on its value."
    )
    if len(shown) < len(features):
        words += f" The {len(shown)} strongest of {len(features)} columns."

    @drawn("weights", title, words, 70 + 26 * len(shown))
    def draw(axes: Axes) -> None:
        reach = max(abs(weight.weight) for weight in shown)
        for place, weight in enumerate(shown):
            both = weight.feature in with_parts
            colour = SOFT if both else MAIN if weight.weight > 0 else OTHER
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
        names = [plain(weight.feature) for weight in shown]
        axes.set_yticks(range(len(shown)), names)
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        low = min([0.0, *(weight.weight for weight in shown)])
        axes.set_xlim(low - (0.75 * reach if low < 0 else 0.0), reach * 1.5)
        axes.axvline(0, **_GUIDE)
        axes.set_xticks([])
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)

    return draw()


def pair_chart(pair: Pair, place: int) -> Chart:
    """Draw what trees add for two columns: a square for both values, the larger the more."""
    first, second = pair.columns
    title = f"{shorten(first, _LONGEST)} and {shorten(second, _LONGEST)}, together"
    words = (
        f"What the trees add to the log-odds of an average lead with these values of {first} and "
        f"{second}: the larger a square, the more; filled ones raise the score, open ones lower it."
    )
    rows, columns = pair.log_odds.shape

    @drawn(f"pair-{place}", title, words, 120 + 30 * rows)
    def draw(axes: Axes) -> None:
        largest = float(np.abs(pair.log_odds).max()) or 1.0
        for (row, column), value in np.ndenumerate(pair.log_odds):
            side = 0.9 * (abs(value) / largest) ** 0.5
            colour = MAIN if value > 0 else OTHER
            corner = column - side / 2, row - side / 2
            face = colour if value > 0 else "none"
            axes.add_patch(Rectangle(corner, side, side, facecolor=face, edgecolor=colour))
        names = [[plain(group) for group in groups] for groups in pair.groups]
        axes.set_yticks(range(rows), names[0])
        axes.set_xticks(range(columns), names[1], rotation=30, ha="right", rotation_mode="anchor")
        axes.tick_params(labelcolor=INK, labelsize=11)
        axes.set(xlabel=plain(second), ylabel=plain(first))
        axes.set_xlim(-0.5, columns - 0.5)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.grid(visible=False)

    return draw()


def plain(name: str) -> str:
    """Shorten a name; a dollar would begin a formula."""
    return shorten(name, _LONGEST).replace("$", r"\$")


def comparison_chart(models: Mapping[str, Evaluation], words_of: Mapping[str, str]) -> Chart:
    """Draw the AUC of each model with its interval."""
    title = "AUC-ROC with 95% intervals"
    words = "A dot for each model's area under the ROC curve; the line is its 95% interval."

    @drawn("comparison", title, words, 90 + 34 * len(models))
    def draw(axes: Axes) -> None:
        for place, model in enumerate(models.values()):
            auc = model.metrics["auc_roc"]
            colour = MAIN if model.differences is None else OTHER
            if auc.value is None:
                continue
            if auc.low is not None and auc.high is not None:
                axes.plot([auc.low, auc.high], [place, place], color=colour)
            axes.plot([auc.value], [place], "o", color=colour, markersize=8)
            axes.text(auc.value, place - 0.2, f"{auc.value:.3f}", ha="center", va="bottom")
        axes.set_yticks(range(len(models)), [words_of[name] for name in models])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(models) - 0.5, -0.75)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.12)

    return draw()
