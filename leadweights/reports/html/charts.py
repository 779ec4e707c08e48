"""The charts of a report. matplotlib draws them, so that they need no script, and print."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from leadweights.decisions.metrics import Evaluation
from leadweights.decisions.ranking import Ranking, Slot
from leadweights.decisions.reliability import Bin
from leadweights.reports.html.svg import INK, MAIN, MUTED, OTHER, PAGE, SOFT, Chart, drawing
from leadweights.reports.layout import shorten
from leadweights.reports.weights import Weight

_LINE_POINTS = 240
_MOST_BARS = 20
_LONGEST = 26


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
    {"color": MAIN, "zorder": 4},
    {"color": OTHER, "linestyle": (0, (5, 2)), "zorder": 3},
)


def roc_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the share of positives found against the share of negatives called."""
    title = "ROC curve"
    words = (
        "The share of leads that converted and are found, against the share of the others called "
        "with them, along the ranking. The higher above the diagonal, the better."
    )
    with drawing("roc", title, words) as chart:
        axes = chart.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            negatives = thin.rows - thin.positives
            false = [(c - h) / negatives for c, h in zip(thin.calls, thin.hits, strict=True)]
            axes.plot(false, [h / thin.positives for h in thin.hits], label=name, **look)
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="others called", ylabel="converted found")
        axes.legend(loc="lower right")
    return chart.done()


def precision_recall_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the positive share of the called rows against the share of positives found."""
    title = "Precision and recall"
    words = (
        "Of the leads called the share that converts, against the share of all converting leads "
        "found by then. The dotted line is calling at random."
    )
    with drawing("precision-recall", title, words) as chart:
        axes = chart.axes
        base = 0.0
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            base = thin.positives / thin.rows
            steps = list(zip(thin.hits[1:], thin.calls[1:], strict=True))
            recall = [0.0, *(hits / thin.positives for hits, _ in steps)]
            precision = [steps[0][0] / steps[0][1], *(hits / calls for hits, calls in steps)]
            axes.plot(recall, precision, label=name, **look)
        axes.plot([0, 1], [base, base], color=MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="converted found (recall)", ylabel="of those called (precision)")
        axes.legend(loc="lower left")
    return chart.done()


def gains_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw the share of positives found against the share of all rows called."""
    title = "Gains: what the first calls find"
    words = (
        "The share of all converting leads found against the share of leads called, best scores "
        "first. The thin line is a perfect ranking, the dotted one calling at random."
    )
    with drawing("gains", title, words) as chart:
        axes = chart.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            thin = ranking.thinned(_LINE_POINTS)
            x = [calls / thin.rows for calls in thin.calls]
            axes.plot(x, [hits / thin.positives for hits in thin.hits], label=name, **look)
            best = thin.positives / thin.rows
        axes.plot([0, best, 1], [0, 1, 1], color=MUTED, linewidth=1, label="Perfect")
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes)
        axes.set(xlabel="leads called", ylabel="converted found")
        axes.legend(loc="lower right")
    return chart.done()


def lift_chart(rankings: Mapping[str, Ranking]) -> Chart:
    """Draw how many times better than chance the first calls do."""
    title = "Lift: how much better than chance"
    words = (
        "How many times as many converting leads the first calls find as calling at random would, "
        "against the share of leads called."
    )
    with drawing("lift", title, words) as chart:
        axes = chart.axes
        for look, (name, ranking) in zip(_LOOKS, rankings.items(), strict=False):
            # The first 2% are a handful of rows: their lift is luck and would set the scale.
            shares = [0.02 + 0.98 * i / 98 for i in range(99)]
            lift = [
                ranking.hits_in(share * ranking.rows) / (share * ranking.positives)
                for share in shares
            ]
            axes.plot(shares, lift, label=name, **look)
        axes.axhline(1, color=MUTED, linewidth=1, linestyle=":", label="Chance")
        _shares(axes, "x")
        axes.set_ylim(bottom=0)
        axes.set(xlabel="leads called", ylabel="times chance")
        axes.legend(loc="lower left")
    return chart.done()


def calibration_chart(bins: Sequence[Bin]) -> Chart:
    """Draw what came against what was predicted, with intervals."""
    title = "Reliability: predicted and actual"
    words = (
        "The share that converted of leads of like probability, with its 95% interval. The "
        "diagonal is perfect; orange ones miss it, as by chance one in 20 does."
    )
    with drawing("calibration", title, words) as chart:
        axes = chart.axes
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":")
        for found in bins:
            look: Mapping[str, Any] = {"color": OTHER if found.off else MAIN}
            axes.plot([found.predicted] * 2, [found.low, found.high], linewidth=2, **look)
            place = [found.predicted], [found.observed]
            axes.plot(*place, linewidth=0, marker="o", markersize=7, markeredgecolor=PAGE, **look)
        _shares(axes)
        axes.set(xlabel="predicted probability", ylabel="converted")
    return chart.done()


def distribution_chart(slots: Sequence[Slot]) -> Chart:
    """Draw how the probabilities of both outcomes are spread, one above the other."""
    title = "Probabilities by outcome"
    words = (
        "How the predicted probabilities are spread: above the line among the leads that "
        "converted, below it among the others. The less the two lie over each other, the better."
    )
    with drawing("distribution", title, words) as chart:
        axes = chart.axes
        positives = sum(slot.positives for slot in slots)
        negatives = sum(slot.negatives for slot in slots)
        at = [(slot.low + slot.high) / 2 for slot in slots]
        width = 0.9 * (slots[0].high - slots[0].low)
        up = [slot.positives / positives for slot in slots]
        down = [-slot.negatives / negatives for slot in slots]
        axes.bar(at, up, width, color=MAIN)
        axes.bar(at, down, width, color=OTHER)
        axes.axhline(0, color=MUTED, linewidth=1)
        _shares(axes, "x")
        top = 1.25 * max(*up, *(-value for value in down))
        axes.set_ylim(-top, top)
        ticks = [tick for tick in axes.get_yticks().tolist() if abs(tick) <= top]
        axes.set_yticks(ticks, [f"{abs(tick):.0%}" for tick in ticks])
        axes.set(xlabel="predicted probability", ylabel="share of the outcome")
        axes.text(0.01, 0.93 * top, "converted", va="center")
        axes.text(0.99, -0.93 * top, "did not convert", va="center", ha="right")
    return chart.done()


def weights_chart(weights: Sequence[Weight]) -> Chart:
    """Draw the features' shares of the score as bars, the strongest first."""
    features = [weight for weight in weights if weight.level is None]
    with_parts = {weight.feature for weight in weights if weight.level is not None}
    shown = sorted(features, key=lambda w: (-abs(w.weight), w.feature))[:_MOST_BARS]
    title = "Share of each column in the score"
    words = (
        "A bar to the right: the more of it, the higher the score; to the left: the lower. A "
        "column marked ± does both, depending on its value."
    )
    if len(shown) < len(features):
        words += f" The {len(shown)} strongest of {len(features)} columns."
    with drawing("weights", title, words, 70 + 26 * len(shown)) as chart:
        axes = chart.axes
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
        axes.set_yticks(range(len(shown)), [_short(weight.feature) for weight in shown])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        low = min(0.0, *(weight.weight for weight in shown)) if len(shown) > 1 else 0.0
        low = min(low, shown[0].weight)
        axes.set_xlim(low - (0.75 * reach if low < 0 else 0.0), reach * 1.5)
        axes.axvline(0, color=MUTED, linewidth=1)
        axes.set_xticks([])
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
    return chart.done()


def comparison_chart(models: Mapping[str, Evaluation], words_of: Mapping[str, str]) -> Chart:
    """Draw the AUC of each model with its interval."""
    title = "AUC-ROC with 95% intervals"
    words = "A dot for each model's area under the ROC curve; the line is its 95% interval."
    with drawing("comparison", title, words, 90 + 34 * len(models)) as chart:
        axes = chart.axes
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
    return chart.done()


def _short(text: str) -> str:
    # A dollar would begin a formula.
    return shorten(text, _LONGEST).replace("$", r"\$")
