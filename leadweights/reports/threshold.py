"""A threshold in words for a sales lead, and in JSON for a program."""

from __future__ import annotations

from dataclasses import asdict
from math import floor
from typing import Any

from leadweights.decisions.metrics import Interval
from leadweights.decisions.threshold import Choice, Unproven
from leadweights.reports.layout import Block, Grid, round_numbers, write_text

# What a measure is called, its decimals, and whether it is a share to be written in percent.
_MEASURES = {
    "contacted_rows": ("contacted rows", 0, False),
    "hits": ("of them positive (hits)", 0, False),
    "precision": ("precision: hits of the contacted", 1, True),
    "recall": ("recall: hits of all positive rows", 1, True),
    "f1": ("F1", 3, False),
    "queue_rate": ("queue rate: contacted of all rows", 1, True),
    "lift": ("lift over contacting anybody", 2, False),
    "conversions_per_1000_contacted": ("conversions per 1,000 contacted", 0, False),
    "conversions_per_1000_rows": ("conversions per 1,000 rows", 0, False),
    "profit": ("profit on these rows", 0, False),
}


def choice_text(choice: Choice | Unproven, by: str = "log_odds") -> str:
    """Write a choice for people; `by` is the column that is cut."""
    return write_text(choice_blocks(choice, by))


def choice_blocks(choice: Choice | Unproven, by: str = "log_odds") -> list[Block]:
    """Lay a choice out: the cut, what it promises, what it gives, and the deciles."""
    if isinstance(choice, Unproven):
        return [f"No threshold for {choice.asked}.\n{unproven_sentence(choice)}"]
    contacted = choice.measures["contacted_rows"].value
    if contacted == 0:
        advice = (
            "Contacting nobody is best: at every cut the contacts cost as much as the hits bring, "
            f"or more.\nThe cut {choice.cut:g} is above all log-odds."
        )
    elif contacted == choice.rows:
        advice = f"Contact every row that has a score: the cut {choice.cut:g} is below all log-odds"
        advice += "."
    else:
        advice = (
            f"Contact a row where {by} >= {choice.cut} "
            f"(a probability of {choice.probability:.1%} or more)."
        )
    unscored = f" ({choice.unscored_rows:,} more have no score and are left out)"
    left = unscored if choice.unscored_rows else ""
    measures = [
        [word, *_cells(choice.measures[name], decimals, share)]
        for name, (word, decimals, share) in _MEASURES.items()
        if name in choice.measures
    ]
    return [
        "\n".join([advice, f"Asked for: {choice.asked}.", *_promise(choice)]),
        f"On these {choice.rows:,} rows, {choice.positive_rows:,} of them positive{left}:",
        Grid([["", "", "95% interval"], *measures], left=3),
        f"By decile of {by}, the highest first (rows of one score stay together):",
        _deciles(choice),
    ]


def unproven_sentence(found: Unproven) -> str:
    """Say in one sentence what the rows prove, and what would do."""
    confidence = f"{found.guarantee.confidence * 100:g}%"
    sentence = (
        f"These {found.rows:,} rows do not prove a precision of {found.ask.precision:g} with "
        f"{confidence} confidence: the top {found.tested_rows:,}, the first to be tested, prove "
        f"{_down(found.guarantee.precision):g} (observed {found.tested_precision:.3f}); "
    )
    if found.more_rows is None or found.from_rows is None or found.from_precision is None:
        return sentence + (
            "no larger number of rows will help with this model, for the observed precision "
            f"never reaches {found.ask.precision:g}."
        )
    return sentence + (
        f"if the precision in the top {found.from_rows:,} stayed at its "
        f"{found.from_precision:.3g}, about {_about(found.more_rows):,} more rows would do."
    )


def choice_document(choice: Choice | Unproven) -> dict[str, Any]:
    """Give a choice as plain data, values rounded to six decimals; the cut as it is."""
    found: dict[str, Any] = round_numbers(asdict(choice))
    if isinstance(choice, Unproven):
        return {"proven": False, **found, "sentence": unproven_sentence(choice)}
    return {"proven": True, **found, "cut": choice.cut}


def _promise(choice: Choice) -> list[str]:
    if choice.learnt_rows:
        return [
            "No promise: the model has learnt from these rows, so all that follows is too good.",
        ]
    if choice.guarantee is None:
        return ["No promise: the cut was picked by the outcomes of these rows, which favours it."]
    chance = f"{100 - choice.guarantee.confidence * 100:.6g}%"
    return [
        f"Promised: of new leads at or above the cut at least "
        f"{_down(choice.guarantee.precision) * 100:g}% convert, as long as they come as",
        f"these rows came. Of tables like this one at most {chance} give a promise that is broken.",
    ]


def _cells(interval: Interval, decimals: int, share: bool) -> tuple[str, str]:
    if interval.value is None:
        return "-", "-"
    kind = "%" if share else "f"
    value = f"{interval.value:,.{decimals}{kind}}"
    if interval.low is None or interval.high is None:
        return value, "-"
    return value, f"{interval.low:,.{decimals}{kind}} to {interval.high:,.{decimals}{kind}}"


def _deciles(choice: Choice) -> Grid:
    heading = ["", "rows", "log-odds from", "to", "hits", "precision", "lift"]
    heading += ["rows so far", "precision", "recall"]
    table = [
        [
            *(str(number), f"{part.rows:,}", f"{part.highest:.2f}", f"{part.lowest:.2f}"),
            *(f"{part.hits:,}", f"{part.precision:.1%}", f"{part.lift:.2f}"),
            *(f"{part.cumulative_rows:,}", f"{part.cumulative_precision:.1%}"),
            f"{part.cumulative_recall:.1%}",
        ]
        for number, part in enumerate(choice.deciles, 1)
    ]
    return Grid([heading, *table], left=1, gap=2)


def _down(share: float) -> float:
    """Round down to three decimals: a bound that is rounded up is none."""
    return share if round(share, 3) == share else floor(share * 1000) / 1000


def _about(rows: int) -> int:
    """Round up to two digits: no forecast knows more."""
    unit = int(10 ** max(len(str(rows)) - 2, 0))
    return -(-rows // unit) * unit
