"""Calibration in words and in JSON, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any, assert_never

from leadweights.model.calibration import Isotonic, Platt
from leadweights.reports.layout import lay_out, round_numbers, write_interval

if TYPE_CHECKING:
    from leadweights.decisions.calibrate import Candidate, Found
    from leadweights.decisions.metrics import Interval
    from leadweights.decisions.reliability import Bin, Reliability
    from leadweights.model.calibration import Calibration

_BAR, _WIDTH = 40, 96
_NAMES = {"none": "as it is", "platt": "Platt", "isotonic": "isotonic"}


def calibration_document(reliability: Reliability, found: Found) -> dict[str, Any]:
    """Give both as plain data: numbers in six decimals, a map's constants as they are."""
    document: dict[str, Any] = {
        "reliability": round_numbers(asdict(reliability)),
        "calibration": round_numbers(asdict(found)),
    }
    for row, own in zip(document["reliability"]["bins"], reliability.bins, strict=True):
        row["off"] = own.off
    for row, candidate in zip(document["calibration"]["candidates"], found.candidates, strict=True):
        for cell, gain in zip(row["gains"], candidate.gains, strict=True):
            cell["clear"] = gain.clear
    if found.calibrator is not None:
        kind = type(found.calibrator).__name__.lower()
        document["calibration"]["calibrator"] = {"kind": kind, **asdict(found.calibrator)}
    return document


def calibration_text(reliability: Reliability, found: Found, measured_on: str) -> str:
    """Lay out what was predicted beside what came, and what a map of the score would do."""
    left_out = reliability.left_out
    without = f"; {left_out:,} more have no score" if left_out else ""
    lines = [
        f"Calibration on {measured_on}: {reliability.rows:,} rows, "
        f"{reliability.positive_rows:,} positive{without}.",
        "",
        *_table(reliability.bins),
        "",
        *_errors(reliability),
        "",
        f"What a map of the log-odds would do, out of fold in {found.folds} folds "
        "(* more than a standard error)",
        "",
        *_candidates(found.candidates),
        "",
        *wrap(f"{found.why[0].upper()}{found.why[1:]}.", _WIDTH),
    ]
    if found.calibrator is not None:
        lines += ["", *_map(found.calibrator)]
    return "\n".join(lines) + "\n"


def _table(bins: Sequence[Bin]) -> list[str]:
    """Lay bins out as rows, with a line that shows the interval on one scale for all."""
    top = max(max(b.high, b.predicted) for b in bins)
    decimals = 1 if top >= 0.1 else 2 if top >= 0.01 else 4

    def percent(share: float) -> str:
        return f"{share * 100:.{decimals}f}%"

    rows = [["predicted", "observed  ", "95% interval", "rows"]]
    rows += [
        [
            percent(b.predicted),
            percent(b.observed) + (" *" if b.off else "  "),
            f"{percent(b.low)} to {percent(b.high)}",
            f"{b.rows:,}",
        ]
        for b in bins
    ]
    aligned = lay_out(rows, 2, left=0)
    bars = [f"0%{percent(top):>{_BAR - 2}}", *(_bar(b, top) for b in bins)]
    off = sum(b.off for b in bins)
    expected = len(bins) / 20
    return [
        *(f"{row}   {bar}".rstrip() for row, bar in zip(aligned, bars, strict=True)),
        "",
        "| predicted, o observed, X both, --- the interval of what was observed",
        f"* the interval leaves out what was predicted: {off} of {len(bins)} bins; "
        f"by chance {expected:.2g}",
    ]


def _bar(row: Bin, top: float) -> str:
    def place(share: float) -> int:
        # A share on the border of two places is a rounding error below it.
        return min(_BAR - 1, int(share / top * _BAR + 1e-9))

    first, last = place(row.low), place(row.high)
    marks = [" "] * _BAR
    marks[first : last + 1] = "-" * (last + 1 - first)
    marks[place(row.observed)] = "o"
    predicted = place(row.predicted)
    marks[predicted] = "X" if marks[predicted] == "o" else "|"
    return "".join(marks)


def _errors(reliability: Reliability) -> list[str]:
    perfect = reliability.ece_if_calibrated
    lines = [
        f"Brier score                 {write_interval(reliability.brier, 4, 4)}",
        f"Expected calibration error  {reliability.ece:.4f}, "
        f"less its bias {write_interval(reliability.ece_debiased, 4, 4)}",
    ]
    if perfect.value is not None and perfect.high is not None:
        lines.append(
            f"  of a perfect score        {write_interval(perfect, 4, 4)} by noise alone; "
            f"this one has {chance_meaning(reliability)} than that"
        )
    # How the true log-odds go with the predicted ones.
    slope, large = reliability.cox.slope, reliability.cox.in_the_large
    if meaning := slope_meaning(slope):
        lines.append(f"Slope (1 is perfect)        {write_interval(slope, 2, 2)}: {meaning}")
    if meaning := in_the_large_meaning(large):
        lines.append(f"In the large (0 is perfect) {write_interval(large, 2, 2, '+')}: {meaning}")
    return lines


def slope_meaning(slope: Interval) -> str:
    """Say what Cox's slope means; nothing where there is none."""
    if slope.low is None or slope.high is None:
        return ""
    if slope.high < 1:
        return "predictions are too extreme"
    if slope.low > 1:
        return "predictions are too timid"
    return "predictions are neither too extreme nor too timid"


def in_the_large_meaning(large: Interval) -> str:
    """Say what calibration in the large means; nothing where there is none."""
    if large.low is None or large.high is None:
        return ""
    if large.low > 0:
        return "more positives than predicted"
    if large.high < 0:
        return "fewer positives than predicted"
    return "the positives are as many as predicted, within noise"


def chance_meaning(reliability: Reliability) -> str:
    """Say whether there is more error than a perfect score shows: "more" or "no more"."""
    high = reliability.ece_if_calibrated.high
    return "more" if high is not None and reliability.ece > high else "no more"


def _candidates(candidates: Sequence[Candidate]) -> list[str]:
    rows = [["", "log-loss", "Brier", "ECE", "gain in log-loss (standard error)"]]
    for candidate in candidates:
        gains = [
            f"{gain.log_loss:+.4f}{'*' if gain.clear else ''} ({gain.standard_error:.4f}) "
            f"over {_NAMES[gain.over]}"
            for gain in candidate.gains
        ]
        measured = (candidate.log_loss, candidate.brier, candidate.ece)
        cells = ["-" if number is None else f"{number:.4f}" for number in measured]
        rows.append([_NAMES[candidate.name], *cells, ", ".join(gains)])
    numbers = lay_out([row[:-1] for row in rows], 2)
    return [f"{line}  {row[-1]}".rstrip() for line, row in zip(numbers, rows, strict=True)]


def _map(calibration: Calibration) -> list[str]:
    match calibration:
        case Platt(intercept, slope):
            sign = "+" if intercept >= 0 else "-"
            return [f"calibrated log-odds = {slope:.4g} * log-odds {sign} {abs(intercept):.4g}"]
        case Isotonic(points):
            inner = ", ".join(f"{knot.at:.3g} to {knot.log_odds:.3g}" for knot in points)
            said = "calibrated log-odds, by straight lines between these points and flat beyond:"
            return [said, *wrap(inner, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
        case _:
            assert_never(calibration)
