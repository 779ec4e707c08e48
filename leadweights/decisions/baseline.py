"""Making a baseline: deciles and levels of rows, counted by the conditions the monitor asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import floor, inf, log10

import numpy as np

from leadweights.decisions.metrics import Interval
from leadweights.decisions.reliability import fit_cox, logistic
from leadweights.formula.arrays import Floats, Values
from leadweights.formula.bins import (
    SCORE,
    Watched,
    bin_stages,
    list_conditions,
    list_watched,
    to_bins,
)
from leadweights.formula.evaluate import compute
from leadweights.formula.nodes import Case, Column, Constant, Named, Stage
from leadweights.formula.texts import Texts
from leadweights.model.baseline import (
    BandOutcome,
    Baseline,
    Counts,
    CutCounts,
    Estimate,
    LevelCounts,
    Performance,
    hash_learnt,
    levels_of,
)
from leadweights.model.model import Choice, Identity, ScoringModel
from leadweights.model.rounding import round_digits

BINS = 10


def make_baseline(
    model: ScoringModel,
    values: Mapping[str, Values],
    *,
    y: Floats | None = None,
    weights: Floats | None = None,
    share: float = 1.0,
    performance: Performance | None = None,
) -> Baseline:
    """Count rows, `values` by the names of the table, into deciles and levels frozen here.

    `y` is 1 for positive and `weights` say what each row counts for, shape (rows,) both.
    """
    chain, names = bin_stages(model)
    found = compute(chain, values)
    score = found[SCORE]
    assert not isinstance(score, Texts)
    rows = len(score)
    counted: list[Counts] = []
    for watched in list_watched(model):
        read = found[names[watched.name]]
        if isinstance(watched.column, Choice):
            levels = levels_of(model, watched.column)
            empty: Counts = LevelCounts(watched.name, levels, (1.0,) * (len(levels) + 2))
        else:
            assert not isinstance(read, Texts)
            empty = _frame(watched, read, weights)
        counted.append(_count(watched, empty, read, weights))
    frame = CutCounts(SCORE, cuts := find_cuts(score, weights), (1.0,) * (len(cuts) + 2))
    of_score = _count(None, frame, score, weights)
    assert isinstance(of_score, CutCounts)
    total = float(rows) if weights is None else float(weights.sum())
    # Kish 1965, section 11.7.
    effective = total if weights is None else total**2 / float(np.square(weights).sum())
    return Baseline(
        hash_learnt(model),
        rows,
        round_digits(min(effective, float(rows))),
        tuple(counted),
        of_score,
        None if y is None else round_digits(_mean(y, weights)),
        mean_probability(model, score, weights),
        performance,
        round_digits(share),
    )


def count_values(
    model: ScoringModel, baseline: Baseline, values: Mapping[str, Values]
) -> dict[str, tuple[int, ...]]:
    """Count rows into the bins of a baseline, by column; the score comes last."""
    chain, names = bin_stages(model)
    found = compute(chain, values)
    frames = {counts.column: counts for counts in baseline.columns}
    pairs: list[tuple[Watched | None, Counts, str]] = [
        (watched, frames[watched.name], names[watched.name]) for watched in list_watched(model)
    ]
    return {
        frame.column: tuple(map(int, _count(watched, frame, found[read], None).rows))
        for watched, frame, read in [*pairs, (None, baseline.score, SCORE)]
    }


def _frame(watched: Watched, values: Floats, weights: Floats | None) -> CutCounts:
    known = np.abs(values) <= watched.limit
    weighed = None if weights is None else weights[known]
    cuts = (0.5,) if watched.yes_or_no else find_cuts(values[known], weighed, watched.limit)
    return CutCounts(watched.name, cuts, (1.0,) * (len(cuts) + 2))


def _count(
    watched: Watched | None, frame: Counts, values: Values, weights: Floats | None
) -> Counts:
    """Count values into the bins of a frame, by the very conditions that SQL counts by."""
    one, zero, read = Constant(1.0), Constant(0.0), Column("value")
    tests = [
        Named(str(place), Case(((condition, one),), zero))
        for place, condition in enumerate(list_conditions(watched, frame, read))
    ]
    met = compute([Stage("bins", tuple(tests))], {"value": values}).values()
    held = [_total(column, weights) for column in met if not isinstance(column, Texts)]
    rows = values.codes if isinstance(values, Texts) else values
    total = float(len(rows)) if weights is None else float(weights.sum())
    bins = to_bins(watched, frame, held, total)
    # A difference of sums of weights may end a hair below 0.
    counted = bins if weights is None else tuple(round_digits(max(n, 0.0), total) for n in bins)
    made = type(frame)
    second = frame.cuts if isinstance(frame, CutCounts) else frame.levels
    return made(frame.column, second, counted)  # type: ignore[arg-type]


def _total(column: Floats, weights: Floats | None) -> float:
    return float(column.sum() if weights is None else column @ weights)


def find_cuts(
    values: Floats, weights: Floats | None = None, limit: float = inf
) -> tuple[float, ...]:
    """Cut known values at their deciles, and at the ends of their range rounded outwards.

    The ends have two digits of the range, so that no single extreme value is told. Of ten
    different values or fewer each has a bin. Nothing lies beyond the `limit`.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return (0.0,)
    low, high = float(values.min()), float(values.max())
    unit = 10.0 ** (floor(log10(high - low)) - 1) if high > low else max(1.0, abs(low))
    first, last = floor(low / unit) * unit, (floor(high / unit) + 1) * unit
    distinct = np.unique(values[: 100 * BINS])
    if len(distinct) <= BINS and len(distinct := np.unique(values)) <= BINS:
        inner: Iterable[float] = map(float, distinct[1:])
    else:
        shares = np.arange(1, BINS) / BINS
        if weights is None:
            found = np.quantile(values, shares, method="higher")
        else:
            found = np.quantile(values, shares, weights=weights, method="inverted_cdf")
        inner = map(float, found)
    rounded = {round_digits(cut) + 0.0 for cut in inner}
    # Rounding may have moved one beyond the ends, where these are close.
    start, end = max(round_digits(first), -limit) + 0.0, min(round_digits(last), limit) + 0.0
    start, end = min(start, low), end if end > high else float(np.nextafter(high, inf))
    return (start, *sorted(cut for cut in rounded if start < cut < end), end)


def mean_probability(
    model: ScoringModel, score: Floats, weights: Floats | None = None
) -> float | None:
    """Average the probabilities that scores stand for, as learnt; None without a score."""
    there = np.isfinite(score)
    if not there.any():
        return None
    score, link = score[there], model.link
    if isinstance(link, Identity):
        probability = np.clip(score / link.parts, 0.0, 1.0)
    else:
        probability = logistic(link.intercept + link.scale * score)
    return round_digits(_mean(probability, None if weights is None else weights[there]))


def _mean(values: Floats, weights: Floats | None) -> float:
    return float(np.average(values, weights=weights))


def measure_bands(
    bands: Sequence[tuple[str, float | None]], log_odds: Floats, y: Floats
) -> tuple[BandOutcome, ...]:
    """Count rows and positive ones by band, the best first; each begins at its `low`."""
    found = []
    above = np.inf
    for name, low in bands:
        inside = log_odds < above
        if low is not None:
            inside &= log_odds >= low
            above = low
        found.append(BandOutcome(name, int(inside.sum()), int(y[inside].sum()), low))
    return tuple(found)


def keep_metrics(y: Floats, metrics: Mapping[str, Interval]) -> Performance:
    """Keep metrics that were measured on labelled rows, `y` of shape (rows,)."""
    auc_roc, pr_auc, brier = (_keep(metrics[name]) for name in ("auc_roc", "pr_auc", "brier"))
    return Performance(len(y), int(y.sum()), auc_roc, pr_auc, brier)


def measure_performance(
    model: ScoringModel, y: Floats, log_odds: Floats, metrics: Mapping[str, Interval]
) -> Performance:
    """Add to metrics how probabilities and bands did, of rows with their log-odds, (rows,)."""
    known = np.isfinite(log_odds)
    found = keep_metrics(y, metrics)
    if isinstance(model.link, Identity) or not known.any():
        return found
    cox = fit_cox(y[known], logistic(log_odds[known]))
    bands = model.decisions.bands
    named = [(band.name, band.low) for band in bands.bands] if bands else []
    return replace(
        found,
        in_the_large=_keep(cox.in_the_large),
        slope=_keep(cox.slope),
        bands=measure_bands(named, log_odds, y),
    )


def _keep(interval: Interval) -> Estimate:
    """Round an interval as files have it."""
    ends = (interval.value, interval.low, interval.high)
    return Estimate(*(None if end is None else round(end, 6) for end in ends))
