"""The charts of a challenge: the champion and its challenger, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from leadweights.decisions.metrics import Interval
from leadweights.decisions.reliability import Reliability
from leadweights.reports.html.svg import INK, MAIN, MUTED, OTHER, PAGE, Chart, drawn

_LOOKS = (("Champion", MAIN, "o"), ("Challenger", OTHER, "s"))
_GUIDE: Mapping[str, Any] = {"color": MUTED, "linewidth": 1}


def differences_chart(found: Mapping[str, Interval], words: Mapping[str, str]) -> Chart:
    """Draw the challenger's differences with their intervals, a line each."""
    shown = {name: own for name, own in found.items() if own.value is not None}
    title = "Challenger less champion, with 95% intervals"
    told = "A dot for each paired difference; where its line leaves out 0 it is more than noise."

    @drawn("differences", title, told, 70 + 34 * max(len(shown), 1))
    def draw(axes: Axes) -> None:
        axes.axvline(0, **_GUIDE)
        for place, own in enumerate(shown.values()):
            assert own.value is not None
            beyond = own.low is not None and own.high is not None and not own.low <= 0 <= own.high
            colour = OTHER if beyond else MAIN
            if own.low is not None and own.high is not None:
                axes.plot([own.low, own.high], [place, place], color=colour)
            axes.plot([own.value], [place], "o", color=colour, markersize=8)
        axes.set_yticks(range(len(shown)), [words[name] for name in shown])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.locator_params(axis="x", nbins=5)
        axes.margins(x=0.12)

    return draw()


@drawn(
    "reliability",
    "Predicted and actual, both models",
    "The share that converted of leads of like probability, against that probability. The diagonal "
    "is perfect.",
)
def reliability_chart(axes: Axes, found: Sequence[Reliability]) -> None:
    """Draw what came against what each model predicted."""
    axes.plot([0, 1], [0, 1], **_GUIDE, linestyle=":")
    for own, (name, colour, marker) in zip(found, _LOOKS, strict=True):
        places = [one.predicted for one in own.bins], [one.observed for one in own.bins]
        look: Mapping[str, Any] = {
            "marker": marker,
            "markersize": 7,
            "markeredgecolor": PAGE,
            "linewidth": 1,
        }
        axes.plot(*places, label=name, color=colour, **look)
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    words = [f"{tick:.0%}" for tick in ticks]
    axes.set(xticks=ticks, xticklabels=words, yticks=ticks, yticklabels=words)
    axes.set(xlabel="predicted probability", ylabel="converted", xlim=(-0.01, 1.01))
    axes.set_ylim(-0.02, 1.02)
    axes.legend(loc="upper left")


@drawn(
    "shift",
    "Where the scores lie",
    "Leads by tenths of the champion’s probability: its own are about a tenth each by "
    "construction; the challenger’s show how far it moves them.",
)
def shift_chart(axes: Axes, bins: Sequence[tuple[int, int]]) -> None:
    """Draw the share of the rows that either model puts into each of the champion's tenths."""
    rows = [sum(side) for side in zip(*bins, strict=True)]
    for side, (name, colour, _) in enumerate(_LOOKS):
        at = [place + (side - 0.5) * 0.4 for place in range(len(bins))]
        axes.bar(at, [pair[side] / rows[side] for pair in bins], 0.38, color=colour, label=name)
    axes.set_xticks(range(len(bins)), [str(place + 1) for place in range(len(bins))])
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set(xlabel="tenth of the champion’s probability, the lowest first", ylabel="of the leads")
    axes.grid(visible=False, axis="x")
    axes.set_ylim(top=1.3 * axes.get_ylim()[1])
    axes.legend(loc="upper left", ncols=2)
