"""The only honest way to claim a lift: leads held out by chance, and what became of both arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, ceil, erfc, exp, isfinite, log, sqrt
from statistics import NormalDist

import numpy as np

from leadweights.decisions.metrics import Interval
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.texts import Texts
from leadweights.lifecycle.experiments.arms import HELD_OUT
from leadweights.model.shown import Shown
from leadweights.tables.label import Label, label_table, read_values
from leadweights.tables.labelled import labelled_rows
from leadweights.tables.open import Source, open_table

_NORMAL_95 = 1.959963984540054
_SUSPICIOUS = 0.001
"""A split is called wrong where chance would give one as far off as seldom as that."""


@dataclass(frozen=True, slots=True, repr=False)
class ExperimentPlan(Shown):
    """How many rows an experiment needs to see a lift, if there is one.

    `rate` converts of the leads held out, `treated_rate`, higher by the share `lift`, of the
    others. With so many rows a difference of that size is found, at the two-sided level `alpha`,
    with the probability `power`.
    """

    rate: float
    treated_rate: float
    lift: float
    power: float
    alpha: float
    held_out: float
    rows: int
    held_out_rows: int
    treated_rows: int


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of an experiment: its rows, how many converted, and the share, with 95% (Wilson)."""

    name: str
    rows: int
    converted: int
    rate: Interval


@dataclass(frozen=True, slots=True, repr=False)
class Experiment(Shown):
    """What became of the leads treated and held out, and what the treatment added.

    `difference` is the rate of the treated less that of the held out, with Newcombe's 95% interval
    (1998, method 10); `lift` the same as a share of the latter's rate (Katz et al. 1978); `extra`
    the conversions among the treated that the difference stands for. `p_value` is two-sided, of no
    difference (z-test with the pooled rate). `split_p_value` says how likely chance splits rows as
    unevenly as they are, if so many were to be held out.
    """

    treated: Arm
    held_out: Arm
    difference: Interval
    lift: Interval
    extra: Interval
    p_value: float | None
    split_p_value: float | None
    left_out: int
    warnings: tuple[str, ...]


def plan_experiment(
    rate: float,
    lift: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    held_out: float = 0.1,
) -> ExperimentPlan:
    """Say how many rows it takes to see a lift of a conversion rate, such as 0.3 for 30% more.

    By the difference of arcsines of two shares (Cohen 1988, 6.4), which is about normal:
    ((z(1 - alpha/2) + z(power)) / h)^2 (1 + 1/k) rows held out, k times as many treated.

    Raises UnsupportedError for shares that are none.
    """
    for name, share in (("rate", rate), ("power", power), ("alpha", alpha), ("held out", held_out)):
        if not 0 < share < 1:
            raise UnsupportedError(f"the {name} is a share above 0 and below 1, not {share:g}")
    treated = rate * (1 + lift)
    if not isfinite(lift) or lift == 0 or not 0 < treated < 1:
        raise UnsupportedError(
            f"a lift of {lift:g} makes a rate of {treated:g} of {rate:g}; it must be another one, "
            "above 0 and below 1"
        )
    if power <= alpha / 2:
        raise UnsupportedError(f"a power of {power:g} is less than chance has; ask for more")
    effect = 2 * asin(sqrt(treated)) - 2 * asin(sqrt(rate))
    quantile = NormalDist().inv_cdf
    ratio = (1 - held_out) / held_out
    rows = ((quantile(1 - alpha / 2) + quantile(power)) / effect) ** 2 * (1 + 1 / ratio)
    counts = ceil(rows), ceil(rows * ratio)
    return ExperimentPlan(
        rate, treated, lift, power, alpha, held_out, sum(counts), counts[0], counts[1]
    )


def read_experiment(
    table: Source,
    *,
    label: str = "label",
    positive: Sequence[str] = (),
    negative: Sequence[str] = (),
    arm: str = "arm",
    held_out_arm: str = HELD_OUT,
    held_out: float | None = 0.1,
) -> Experiment:
    """Read what became of the arms of an experiment in a labelled table.

    `arm` is the column that `assign_arms` makes; rows without one are left out. `held_out` is the
    share that was to be held out, which the rows are held against; None leaves that be.

    Raises TableError for a table that lacks a column, or has other than two arms.
    """
    opened = open_table(table, [arm])
    own = opened.require(arm)
    asked = Label(
        label, read_values(list(positive), "positive"), read_values(list(negative), "negative")
    )
    found = label_table(opened, asked)
    rows = labelled_rows(found.table, {own: "text"}, found.column)
    held = rows.values[own]
    assert isinstance(held, Texts)
    if len(held.levels) != 2 or held_out_arm not in held.levels:
        listed = ", ".join(map(repr, held.levels[:5]))
        raise TableError(
            f"{opened.name}: {arm!r} must have two arms, one of them {held_out_arm!r}, not {listed}"
        )
    control = held.levels.index(held_out_arm)
    counts = [
        (int(np.sum(held.codes == code)), int(rows.y[held.codes == code].sum()))
        for code in (1 - control, control)
    ]
    treated, other = (
        _measure_arm(held.levels[code], *count)
        for code, count in zip((1 - control, control), counts, strict=True)
    )
    left_out = int(np.sum(held.codes < 0))
    warnings = [found.left_out] if found.left_out else []
    if left_out:
        warnings.append(f"{left_out:,} rows have no arm and are left out")
    split = None if held_out is None else _test_split(other.rows, treated.rows, held_out)
    if split is not None and split < _SUSPICIOUS:
        warnings.append(
            f"{other.rows / (other.rows + treated.rows):.1%} of the rows are held out, where "
            f"{held_out:.1%} were to be: chance does that once in {1 / max(split, 1e-12):,.0f}; "
            "rows were lost in one arm, and no difference can be trusted"
        )
    difference = _compare(treated, other)
    return Experiment(
        treated,
        other,
        difference,
        _find_lift(treated, other),
        Interval(*(None if end is None else end * treated.rows for end in _ends(difference))),
        _test(treated, other),
        split,
        left_out,
        tuple(warnings),
    )


def _measure_arm(name: str, rows: int, converted: int) -> Arm:
    """Measure a rate with its score interval (Wilson 1927)."""
    z2 = _NORMAL_95**2
    rate = converted / rows
    middle = (rate + z2 / (2 * rows)) / (1 + z2 / rows)
    half = _NORMAL_95 * sqrt(rate * (1 - rate) / rows + z2 / (4 * rows**2)) / (1 + z2 / rows)
    return Arm(
        name, rows, converted, Interval(rate, max(middle - half, 0.0), min(middle + half, 1.0))
    )


def _ends(own: Interval) -> tuple[float | None, float | None, float | None]:
    return own.value, own.low, own.high


def _compare(treated: Arm, other: Arm) -> Interval:
    p1, l1, u1 = (float(end or 0.0) for end in _ends(treated.rate))
    p0, l0, u0 = (float(end or 0.0) for end in _ends(other.rate))
    value = p1 - p0
    low = value - sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2)
    high = value + sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2)
    return Interval(value, low, high)


def _find_lift(treated: Arm, other: Arm) -> Interval:
    if not other.converted:
        return Interval(None, None, None)
    ratio = (treated.converted / treated.rows) / (other.converted / other.rows)
    if not treated.converted:
        return Interval(ratio - 1, None, None)
    error = sqrt(1 / treated.converted - 1 / treated.rows + 1 / other.converted - 1 / other.rows)
    ends = (exp(log(ratio) + sign * _NORMAL_95 * error) - 1 for sign in (-1, 1))
    return Interval(ratio - 1, *ends)


def _test(treated: Arm, other: Arm) -> float | None:
    rows = treated.rows + other.rows
    pooled = (treated.converted + other.converted) / rows
    error = sqrt(pooled * (1 - pooled) * (1 / treated.rows + 1 / other.rows))
    if not error:
        return None
    difference = treated.converted / treated.rows - other.converted / other.rows
    return erfc(abs(difference) / error / sqrt(2))


def _test_split(held_out: int, treated: int, share: float) -> float:
    """Give the exact two-sided probability of a split as uneven (binomial)."""
    from scipy.stats import binomtest  # 0.5 s, and most commands need none

    if not 0 < share < 1:
        raise UnsupportedError(f"the held out is a share above 0 and below 1, not {share:g}")
    return float(binomtest(held_out, held_out + treated, share).pvalue)
