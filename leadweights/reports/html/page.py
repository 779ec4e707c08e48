"""A report as one HTML page: words, tables, charts, a script and a style sheet, all in one file.

Nothing is computed here. The same report gives the same bytes.
"""

import json

from markupsafe import Markup

from leadweights.decisions.ranking import Ranking
from leadweights.errors import UnsupportedError
from leadweights.formula.javascript import render_javascript
from leadweights.formula.stages import ranked_by
from leadweights.model.model import Logit
from leadweights.reports.calibration import chance_meaning, in_the_large_meaning, slope_meaning
from leadweights.reports.html import charts as report_charts
from leadweights.reports.html.data import Report
from leadweights.reports.html.environment import csp_hash, make_environment, read_page_file
from leadweights.reports.html.pairs import find_pairs
from leadweights.reports.html.svg import Chart
from leadweights.reports.parity import hostile_rows
from leadweights.reports.weights import levels_by_feature, strongest_first

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
# A longer script would be most of the page.
_MOST_OF_FORMULAS = 150_000

_SCRIPT_SAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def page(report: Report) -> str:
    """Write a report as HTML."""
    environment = make_environment()
    environment.filters["model_name"] = _model_name
    own = report.rankings[report.model.name]
    # The step the control starts at: the model's own threshold, or else a fifth.
    called = report.called
    start = own.nearest(0.2) if called is None else own.calls.index(called.calls)
    style, script = (read_page_file(name) for name in ("report.css", "report.js"))
    one_lead = _write_form(report)
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
        one_lead=Markup(one_lead),  # noqa: S704 - our own file, and texts made safe there
        one_lead_hash=csp_hash(one_lead),
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )


def _write_form(report: Report) -> str:
    """Write the script of the form: the module that is exported, and the page's own; or nothing."""
    try:
        formulas = render_javascript(report.model, most_bytes=_MOST_OF_FORMULAS)
    except UnsupportedError:
        return ""
    return formulas + read_page_file("one_lead.js")


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
