"""Where to cut: from what is asked of a queue to a cut of the log-odds, and what it gives.

A row is contacted where its log-odds are the cut or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, exp, floor, inf, nextafter
from pathlib import Path
from typing import assert_never, get_args

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.apply import prove, set_threshold
from leadweights.decisions.asks import Ask, Capacity, Precision, Profit, QueueRate, Recall, describe
from leadweights.decisions.fresh_rows import read_fresh_rows
from leadweights.decisions.guarantee import (
    count_queues,
    find_proven,
    first_rows,
    lower_bound,
    measure_share,
    table_rows_needed,
)
from leadweights.decisions.metrics import Interval, measure_decisions
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rules import Promise
from leadweights.model.shown import Shown
from leadweights.tables.open import Source

Counts = NDArray[np.int64]

_SEED = 0
_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The true precision is at least this, for a share `confidence` of tables like this one."""

    precision: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the rows, the highest log-odds first; rows of one score stay together."""

    rows: int
    highest: float
    lowest: float
    hits: int
    precision: float
    lift: float
    cumulative_rows: int
    cumulative_precision: float
    cumulative_recall: float


@dataclass(frozen=True, slots=True, repr=False)
class Choice(Shown):
    """A cut, and what it gives on the rows it was chosen on.

    `cut` is the shortest decimal that parts the last log-odds contacted from the next; all scored
    rows have log-odds above it if all are contacted, and below it if none is. `probability` is the
    model's at the cut. `measures` have 95% intervals: exact (Clopper and Pearson 1934) for counts
    and shares, by bootstrap for F1, lift and profit. They take the cut as given and do not know
    that it may have been picked on the same rows; only `guarantee` does. It is the precision asked
    for, or else, for a queue picked by scores alone, its exact lower bound at 90% confidence; None
    for a recall or a profit, which pick by the labels, and for `learnt_rows`, which the model has
    learnt from.
    """

    ask: Ask
    asked: str
    cut: float
    probability: float
    rows: int
    positive_rows: int
    unscored_rows: int
    measures: Mapping[str, Interval]
    guarantee: Guarantee | None
    deciles: tuple[Decile, ...]
    learnt_rows: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Unproven(Shown):
    """The rows do not prove the precision asked for; what they do prove, and what might do.

    `guarantee` holds for the first queue tested, the `tested_rows` highest. `more_rows` is how
    many more would prove it in four tables of five if the precision in the `from_rows` highest
    stayed at the `from_precision` observed; None where no queue has a precision to hope with.
    """

    ask: Precision
    asked: str
    rows: int
    positive_rows: int
    unscored_rows: int
    guarantee: Guarantee
    tested_rows: int
    tested_precision: float
    more_rows: int | None
    from_rows: int | None
    from_precision: float | None


@dataclass(frozen=True, slots=True, repr=False)
class Thresholded(Shown):
    """A threshold, and the model that decides by it; None where the rows do not prove any."""

    choice: Choice | Unproven
    model: ScoringModel | None
    warnings: tuple[str, ...]


def threshold(
    model: ScoringModel,
    valid: Source | None,
    ask: Ask,
    *,
    label: str | None = None,
    folder: str | Path | None = None,
    learnt_rows: bool = False,
) -> Thresholded:
    """Choose the log-odds from which a lead is contacted, by rows the model has not learnt from.

    `ask` is one of `Precision`, `Capacity`, `QueueRate`, `Recall` and `Profit`. In the `folder`
    that fit wrote are the rows it held back, which are taken for None, and what tells rows that
    the model has learnt from: with `learnt_rows` these are taken, too, and nothing is promised.

    Raises UnsupportedError for what cannot be asked, TableError for rows that cannot be used.
    """
    if not isinstance(ask, Ask):
        kinds = ", ".join(f"lw.{kind.__name__}(...)" for kind in get_args(Ask))
        raise UnsupportedError(f"ask a threshold for one of {kinds}, not for {ask!r}")
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds, so it cannot decide")
    measured = read_fresh_rows(model, valid, label, folder, learnt_rows=learnt_rows)
    known = measured.known
    choice = choose_cut(known.rows.y, known.log_odds, ask)
    if isinstance(choice, Unproven):
        return Thresholded(choice, None, measured.warnings)
    words = f"{choice.asked}, on {choice.rows:,} rows"
    promise = Promise(ask.precision, ask.confidence) if isinstance(ask, Precision) else None
    if measured.learnt:
        choice = replace(choice, guarantee=None, learnt_rows=True)
        words += " it has learnt from"
        promise = None
    found = prove(set_threshold(model, choice.cut, words, promise), {"your rows": known.table})
    return Thresholded(choice, found, measured.warnings)


def choose_cut(y: Floats, log_odds: Floats, ask: Ask) -> Choice | Unproven:
    """Choose the cut that does what is asked, on labelled rows.

    `y` (1 for positive) and `log_odds` have shape (rows,). Rows whose log-odds are NaN have no
    score: they are counted and otherwise left out, of shares too. Raises `TableError` where the
    rows show nothing, `UnsupportedError` where no cut can do it.
    """
    scores, rows, hits = count_queues(*keep_scored(y, log_odds))
    total, positive, unscored = int(rows[-1]), int(hits[-1]), len(y) - int(rows[-1])
    place = _find_place(ask, scores, rows, hits)
    if place is None:
        assert isinstance(ask, Precision)
        return _forecast(ask, rows, hits, unscored)
    cut = find_cut(scores, place)
    odds = exp(max(cut, -700.0)) if cut < 0 else 0.0
    contacted, found = (int(rows[place]), int(hits[place])) if place >= 0 else (0, 0)
    return Choice(
        ask,
        describe(ask),
        cut,
        1 / (1 + exp(-cut)) if cut >= 0 else odds / (1 + odds),
        total,
        positive,
        unscored,
        _measure(total, positive, contacted, found, ask),
        _find_guarantee(ask, contacted, found),
        _count_deciles(scores, rows, hits),
    )


def _find_place(ask: Ask, scores: Floats, rows: Counts, hits: Counts) -> int | None:
    """Give the place of the lowest score contacted, -1 for none; None where nothing is proven."""
    match ask:
        case Precision(precision, confidence):
            return find_proven(rows, hits, precision, confidence)
        case Capacity(most):
            if most > rows[-1]:
                raise UnsupportedError(
                    f"a capacity of {most:,} rows is more than the {rows[-1]:,} scored rows"
                )
            return _find_at_most(most, scores, rows)
        case QueueRate(rate):
            # 0.29 of 100 rows is 29 of them, and 28.999999999999996 in doubles.
            return _find_at_most(floor(rate * rows[-1] + 1e-9), scores, rows)
        case Recall(recall):
            return int(np.searchsorted(hits, ceil(recall * hits[-1] - 1e-9)))
        case Profit(value, cost):
            profit = np.r_[0.0, value * hits - cost * rows]
            return int(np.argmax(profit)) - 1  # of equal profits the smallest queue
        case _:
            assert_never(ask)


def _find_at_most(most: int, scores: Floats, rows: Counts) -> int:
    place = int(np.searchsorted(rows, most, side="right")) - 1
    if place < 0:
        raise UnsupportedError(
            f"no cut contacts 1 to {most:,} rows: the highest score, log-odds {scores[0]:g}, "
            f"is that of {rows[0]:,} rows"
            if most
            else f"this rate is less than one of the {rows[-1]:,} scored rows"
        )
    return place


def _find_guarantee(ask: Ask, contacted: int, hits: int) -> Guarantee | None:
    match ask:
        case Precision(precision, confidence):
            return Guarantee(precision, confidence)
        case Capacity() | QueueRate():
            # One queue, picked by scores alone: its own bound holds.
            return Guarantee(lower_bound(contacted, hits, _CONFIDENCE), _CONFIDENCE)
        case Recall() | Profit():
            return None  # picked by the labels
        case _:
            assert_never(ask)


def _forecast(ask: Precision, rows: Counts, hits: Counts, unscored: int) -> Unproven:
    total = int(rows[-1])
    first = int(np.searchsorted(rows, first_rows(total, ask.precision, ask.confidence)))
    tested, found = int(rows[first]), int(hits[first])
    needed = table_rows_needed(rows, hits, ask.precision, ask.confidence)
    return Unproven(
        ask,
        describe(ask),
        total,
        int(hits[-1]),
        unscored,
        Guarantee(lower_bound(tested, found, ask.confidence), ask.confidence),
        tested,
        found / tested,
        needed and needed[0] - total,
        needed and int(rows[needed[1]]),
        needed and float(hits[needed[1]] / rows[needed[1]]),
    )


def _measure(total: int, positive: int, contacted: int, hits: int, ask: Ask) -> dict[str, Interval]:
    cells = (hits, contacted - hits, positive - hits, total - contacted - positive + hits)
    y, called = np.repeat([1.0, 0.0, 1.0, 0.0], cells), np.arange(total) < contacted
    won, cost = (ask.value_won, ask.cost_contact) if isinstance(ask, Profit) else (0.0, 0.0)
    resampled = measure_decisions(y, called, _SEED, won, cost)
    found = {
        "contacted_rows": measure_share(total, contacted, total),
        "hits": measure_share(total, hits, total),
        "precision": measure_share(contacted, hits),
        "recall": measure_share(positive, hits),
        "f1": resampled["f1"],
        "queue_rate": measure_share(total, contacted),
        "lift": resampled["lift"],
        "conversions_per_1000_contacted": measure_share(contacted, hits, 1000),
        "conversions_per_1000_rows": measure_share(total, hits, 1000),
    }
    return found | ({"profit": resampled["profit"]} if isinstance(ask, Profit) else {})


def _count_deciles(scores: Floats, rows: Counts, hits: Counts) -> tuple[Decile, ...]:
    """Part the rows in ten, each part up to the first distinct score that completes it."""
    total, positive = int(rows[-1]), int(hits[-1])
    wanted = [ceil(total * part / 10) for part in range(1, 11)]
    ends = np.unique(np.searchsorted(rows, wanted))
    above, found = rows[ends], hits[ends]
    here, hits_here = np.diff(above, prepend=0), np.diff(found, prepend=0)
    highest, lowest = scores[np.r_[0, ends[:-1] + 1]], scores[ends]
    precision = hits_here / here
    lift = precision / (positive / total)
    here_alone = (here, highest, lowest, hits_here, precision, lift)
    columns = (*here_alone, above, found / above, found / positive)
    return tuple(map(Decile, *(column.tolist() for column in columns)))


def find_cut(scores: Floats, place: int) -> float:
    """Give the cut below the score at this place (-1: above all), and above the next."""
    if place < 0:
        highest = float(scores[0])
        return max(float(floor(highest) + 1), nextafter(highest, inf))
    last = float(scores[place])
    if place == len(scores) - 1:
        return min(float(ceil(last) - 1), nextafter(last, -inf))
    following = float(scores[place + 1])
    middle = following + (last - following) / 2
    for decimals in range(17):
        cut = round(middle, decimals) + 0.0  # no negative zero
        if following < cut <= last:
            return cut
    return last  # so close that they part only in their last digits


def keep_scored(y: Floats, log_odds: Floats) -> tuple[Floats, Floats]:
    """Leave out the rows without a score. Raises TableError where the others show nothing."""
    scored = ~np.isnan(log_odds)
    if not scored.any():
        raise TableError(f"none of the {len(y):,} rows has a score: there is nothing to cut")
    kept, scores = y[scored], log_odds[scored]
    if not np.isfinite(scores).all():
        raise TableError("log-odds must be finite, or NaN for a row without a score")
    positive = int(np.sum(kept > 0))
    if positive in (0, len(kept)):
        raise TableError(
            f"all {len(kept):,} scored rows are {'positive' if positive else 'negative'}: "
            "a threshold needs rows of both kinds"
        )
    return kept, scores
