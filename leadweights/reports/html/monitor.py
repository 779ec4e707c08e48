"""What the monitor found as one HTML page, in the looks of the report: no script at all."""

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from leadweights.formula.bins import SCORE
from leadweights.lifecycle.monitoring.alarms import Drift
from leadweights.lifecycle.monitoring.drift import PSI_ACT, PSI_WATCH
from leadweights.lifecycle.monitoring.monitor import Monitor
from leadweights.reports import monitor as words
from leadweights.reports.html.charts import plain
from leadweights.reports.html.environment import csp_hash, make_environment, read_page_file
from leadweights.reports.html.svg import INK, MAIN, MUTED, OTHER, Chart, drawn

_MOST_BARS, _MOST_COLUMNS = 20, 12
_MEANS = {
    "steady": "Nothing to do",
    "watch": "Have a look",
    "act": "Somebody should act",
    "too few rows": "Too few leads to tell",
}


def monitor_page(found: Monitor) -> str:
    """Write what the monitor found as HTML; the same findings give the same bytes."""
    environment = make_environment()
    style = read_page_file("report.css")
    shown = found.drifts[: 1 + _MOST_COLUMNS]
    moved = [drift for drift in found.drifts[1 + _MOST_COLUMNS :] if not drift.by_chance]
    drawn_ones = [*shown, *moved[:_MOST_COLUMNS]]
    return environment.get_template("monitor.html.jinja").render(
        found=found,
        title=_MEANS[found.verdict],
        score=found.drifts[0],
        overview=_overview(found),
        charts=[(drift, _shares(drift, place)) for place, drift in enumerate(drawn_ones)],
        rest=len(found.drifts) - len(drawn_ones),
        words=words,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=csp_hash(style),
    )


def _name(drift: Drift) -> str:
    return "the score" if drift.column == SCORE else plain(drift.column)


def _overview(found: Monitor) -> Chart:
    shown = sorted(found.drifts, key=lambda drift: -drift.psi)[:_MOST_BARS]
    said = (
        "A bar is the PSI of a column, the upright mark what chance alone stays below at this "
        f"number of rows; dotted lines are at {PSI_WATCH:g} and {PSI_ACT:g}."
    )
    if len(shown) < len(found.drifts):
        said += f" The {len(shown)} largest of {len(found.drifts)}."

    @drawn("psi", "Drift by column", said, 90 + 26 * len(shown))
    def draw(axes: Axes) -> None:
        reach = max(*(drift.psi for drift in shown), *(d.psi_bound for d in shown), PSI_ACT)
        for end in (PSI_WATCH, PSI_ACT):
            axes.axvline(end, color=MUTED, linewidth=1, linestyle=":")
        for place, drift in enumerate(shown):
            axes.barh(place, drift.psi, 0.62, color=OTHER if drift.alarm else MAIN)
            axes.plot([drift.psi_bound] * 2, [place - 0.36, place + 0.36], color=INK, linewidth=1.5)
            at = max(drift.psi, drift.psi_bound) + 0.02 * reach
            axes.text(at, place, f"{drift.psi:.3f}", va="center")
        axes.set_yticks(range(len(shown)), [_name(drift) for drift in shown])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, 1.2 * reach)
        axes.grid(visible=False, axis="y")
        axes.set(xlabel="PSI")

    return draw()


def _shares(drift: Drift, place: int) -> Chart:
    """Draw the share of each bin before and now."""
    rows = sum(drift.rows)
    now = [count / rows for count in drift.rows]
    kept = [k for k, share in enumerate(drift.expected) if share or now[k]]
    title = "The score" if drift.column == SCORE else plain(drift.column)
    said = f"PSI {drift.psi:.3f}; chance stays below {drift.psi_bound:.3f}."

    @drawn(f"shares-{place}", title, said, 110 + 22 * len(kept))
    def draw(axes: Axes) -> None:
        at = np.arange(len(kept))
        before = [drift.expected[k] for k in kept]
        axes.barh(at - 0.2, before, 0.36, color=MUTED, label="before")
        own = [now[k] for k in kept]
        axes.barh(at + 0.2, own, 0.36, color=OTHER if drift.alarm else MAIN, label="now")
        axes.set_yticks(at.tolist(), [plain(drift.bins[k]) for k in kept])
        axes.tick_params(axis="y", labelcolor=INK, labelsize=11)
        axes.set_ylim(len(kept) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        top = max(*before, *own)
        ticks = [tick for tick in axes.get_xticks().tolist() if tick <= 1.05 * top]
        axes.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
        axes.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, -0.08))

    return draw()
