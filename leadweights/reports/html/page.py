"""A report as one HTML page: words, tables, charts, a script and a style sheet, all in one file.

Nothing is computed here. The same report gives the same bytes.
"""

import base64
import json
from functools import partial
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leadweights.decisions.metrics import Interval
from leadweights.decisions.ranking import Ranking
from leadweights.errors.shown import escape
from leadweights.formula.stages import ranked_by
from leadweights.model.model import Logit
from leadweights.reports.calibration import chance_meaning, in_the_large_meaning, slope_meaning
from leadweights.reports.html import charts as report_charts
from leadweights.reports.html.data import Report
from leadweights.reports.html.pairs import find_pairs
from leadweights.reports.html.svg import Chart
from leadweights.reports.parity import hostile_rows
from leadweights.reports.weights import levels_by_feature, strongest_first

ROOM, FOLDER = "leadweights.reports.html", "files"
_METRICS = {
    "auc_roc": "AUC-ROC",
    "pr_auc": "PR-AUC",
    "brier": "Brier",
    "precision_at_100": "Precision, best 100",
    "precision_at_200": "Precision, best 200",
}
_MODELS = {
    "equal_weights": "Equal weights",
    "logistic_regression": "Logistic regression",
    "gradient_boosting": "Gradient boosting",
    "random_forest": "Random forest",
    "extra_trees": "Extra trees",
    "early_stopping_boosting": "Boosting, stopped early",
}
_SHARES = tuple(step / 20 for step in range(1, 21))
_SCRIPT_SAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def page(report: Report) -> str:
    """Write a report as HTML."""
    environment = Environment(
        loader=PackageLoader(ROOM, FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=visible,
    )
    environment.filters |= {
        "count": "{:,.0f}".format,
        "percent": percent,
        "number": _number,
        "signed": partial(_number, sign="+"),
        "interval": _interval,
        "digits": _digits,
        "breakable": _breakable,
        "model_name": _model_name,
    }
    own = report.rankings[report.model.name]
    # The step the control starts at: the model's own threshold, or else a fifth.
    called = report.called
    start = own.nearest(0.2) if called is None else own.calls.index(called.calls)
    style, script = (read_own_file(name) for name in ("report.css", "report.js"))
    return environment.get_template("report.html.jinja").render(
        report=report,
        charts=_charts(report),
        own=own,
        start=start,
        metrics=_METRICS,
        pairs=[
            report_charts.pair_chart(pair, place)
            for place, pair in enumerate(find_pairs(report.model), start=1)
        ],
        features=strongest_first(report.weights),
        levels=levels_by_feature(report.weights),
        steps=[own.step(share) for share in _SHARES],
        hostile_rows=hostile_rows(report.parity),
        slope=slope_meaning(report.reliability.cox.slope),
        in_the_large=in_the_large_meaning(report.reliability.cox.in_the_large),
        by_chance=chance_meaning(report.reliability),
        ulp=max(check.probability_ulp for check in report.parity.checks),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        data=Markup(_data(report, own, start)),  # noqa: S704 - made safe there
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )


def read_own_file(name: str) -> str:
    """Read a file of this room, the same on every machine."""
    found = files(ROOM).joinpath(FOLDER, name).read_text(encoding="utf-8")
    return found.replace("\r\n", "\n")


def csp_hash(text: str) -> str:
    """Name a text in a content security policy (CSP Level 2, 4.2.5)."""
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _data(report: Report, own: Ranking, start: int) -> str:
    """Write what the script computes with; `<` and `&` would end or change the element."""
    document = {
        "calls": own.calls,
        "hits": own.hits,
        "cuts": own.cuts,
        "start": start,
        "column": ranked_by(report.model),
        "logit": isinstance(report.model.link, Logit),
    }
    return json.dumps(document, separators=(",", ":")).translate(_SCRIPT_SAFE)


def _charts(report: Report) -> dict[str, Chart]:
    rankings = {_model_name(name): ranking for name, ranking in report.rankings.items()}
    drawn = (
        report_charts.weights_chart(report.weights),
        report_charts.comparison_chart(report.models, {n: _model_name(n) for n in report.models}),
        report_charts.roc_chart(rankings),
        report_charts.precision_recall_chart(rankings),
        report_charts.calibration_chart(report.reliability.bins),
        report_charts.gains_chart(rankings),
        report_charts.lift_chart(rankings),
        report_charts.distribution_chart(report.slots),
    )
    return {chart.name: chart for chart in drawn}


def _model_name(name: str) -> str:
    return _MODELS.get(name, name)


def percent(value: float | None, decimals: int = 0) -> str:
    """Write a share in percent."""
    return "–" if value is None else f"{100 * value:.{decimals}f}%"


def _number(value: float | None, decimals: int = 4, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.{decimals}f}".replace("-", "\u2212")


def _interval(interval: Interval, sign: bool = False) -> str:
    """Write a value with its ends, and a star if it is a difference beyond noise."""
    write = partial(_number, sign="+" if sign else "")
    if interval.value is None or interval.low is None or interval.high is None:
        return write(interval.value)
    beyond = sign and not interval.low <= 0 <= interval.high
    ends = f"{write(interval.low, 3)} to {write(interval.high, 3)}"
    return f"{write(interval.value)}{'*' if beyond else ''} ({ends})"


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "\u2212")


def _breakable(text: str | None) -> Markup:
    """Let a long name break after an underscore."""
    return Markup("_<wbr>").join(escape(text or "").split("_"))


def visible(value: object) -> object:
    """Show what does not print in a text that somebody else wrote; SQL, to be copied, is exact."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escape(value, keep="\n")
