"""When drift is worth a person's time: customary thresholds, chance, and what a column counts for.

`act` needs all three: a PSI of 0.2, more than chance makes at this number of rows, and a column
that the score hangs on, or the score itself. Everything here is a function of counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadweights.formula.bins import SCORE, Watched, list_watched, name_bins
from leadweights.lifecycle.monitoring.drift import (
    ALPHA,
    PSI_ACT,
    PSI_WATCH,
    count_bins,
    holm,
    ks_of_counts,
    ks_p_value,
    psi,
    psi_bound,
    psi_p_value,
    quantiles,
    reject_by_holm,
)
from leadweights.model.baseline import Baseline, Counts, CutCounts, LevelCounts
from leadweights.model.model import Missing, ScoringModel

Verdict = Literal["steady", "watch", "act", "too few rows"]
Alarm = Literal["", "watch", "act"]

COUNTS_FROM = 0.05
"""From this share of the score on, a column that drifts can raise an alarm."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How a column, or the score, moved: `column` has `share` of the score, 1 for the score.

    `expected` are the baseline's shares of the `bins`, `rows` how many current rows are in each.
    By chance alone `psi` is above `psi_bound` with probability 0.05 in any of the columns that
    can raise an alarm. `psi_p_value` and `ks_p_value` are Holm's, over all columns of numbers for
    `ks`, which is missing for levels; it is a lower bound, unless `ks_exact`. `missing`, `unseen`
    (a level the model does not know) and `out_of_range` are shares, before and now.
    """

    column: str
    share: float
    bins: tuple[str, ...]
    expected: tuple[float, ...]
    rows: tuple[int, ...]
    psi: float
    psi_bound: float
    psi_p_value: float
    by_chance: bool
    alarm: Alarm
    missing: tuple[float, float]
    unseen: tuple[float, float] | None = None
    out_of_range: tuple[float, float] | None = None
    ks: float | None = None
    ks_p_value: float | None = None
    ks_exact: bool = False

    @property
    def counts(self) -> bool:
        """Tell whether it can raise an alarm."""
        return self.share >= COUNTS_FROM


def find_shares(model: ScoringModel) -> dict[str, float]:
    """Say what share of the score hangs on each column: of its terms, and of its part in trees.

    That of whether a number is missing belongs to the number.
    """
    found: dict[str, float] = {}
    columns = {column.name: column for column in model.columns}
    parts = [(term.column, abs(term.weight)) for term in model.terms]
    parts += [(share.column, share.weight) for share in (model.trees.shares if model.trees else ())]
    for name, weight in parts:
        column = columns[name]
        own = column.column if isinstance(column, Missing) else name
        found[own] = found.get(own, 0.0) + weight
    return found


def judge_drift(
    model: ScoringModel,
    baseline: Baseline,
    counted: Mapping[str, Sequence[int]],
    exact: Mapping[str, float] | None = None,
) -> tuple[Drift, ...]:
    """Say how far each column moved, and the score, which comes first; columns by their share.

    `counted` are current rows in the bins of `baseline`, by column; `exact` are KS distances that
    were measured on the rows themselves.
    """
    watched: dict[str, Watched | None] = {one.name: one for one in list_watched(model)}
    shares = find_shares(model) | {SCORE: 1.0}
    frames: list[Counts] = [baseline.score]
    frames += sorted(baseline.columns, key=lambda counts: (-shares[counts.column], counts.column))
    rows = sum(counted[SCORE])
    weighty = [counts for counts in frames if shares[counts.column] >= COUNTS_FROM]
    rejected = reject(baseline, weighty, counted)
    values = {f.column: psi(f.rows, counted[f.column]) for f in frames}
    n = baseline.effective_rows
    alike = {f.column: psi_p_value(values[f.column], n, rows, count_bins(f.rows)) for f in frames}
    families = [weighty, [f for f in frames if f not in weighty]]
    adjusted = dict[str, float]()
    for family in families:
        names = [counts.column for counts in family]
        adjusted |= dict(zip(names, holm([alike[name] for name in names]), strict=True))
    distances = _distances(frames, counted, n, exact or {})
    found = []
    for frame in frames:
        name = frame.column
        is_weighty = frame in weighty
        size = len(families[0] if is_weighty else families[1])
        beyond = rejected[name] if is_weighty else adjusted[name] < ALPHA
        alarm: Alarm = ""
        if is_weighty and beyond and values[name] >= PSI_WATCH:
            alarm = "act" if values[name] >= PSI_ACT else "watch"
        now = counted[name]
        before = tuple(part / sum(frame.rows) for part in frame.rows)
        own = name_bins(watched.get(name), frame)
        ranged = isinstance(frame, CutCounts) and len(frame.cuts) > 1
        distance, p_value, is_exact = distances.get(name, (None, None, False))
        found.append(
            Drift(
                name,
                shares[name],
                own,
                before,
                tuple(now),
                values[name],
                psi_bound(n, rows, count_bins(frame.rows), ALPHA / size),
                adjusted[name],
                not beyond,
                alarm,
                (before[-1], now[-1] / rows),
                (before[-2], now[-2] / rows) if isinstance(frame, LevelCounts) else None,
                (before[0] + before[-2], (now[0] + now[-2]) / rows) if ranged else None,
                distance,
                p_value,
                is_exact,
            )
        )
    return tuple(found)


def _distances(
    frames: Sequence[Counts],
    counted: Mapping[str, Sequence[int]],
    n: float,
    exact: Mapping[str, float],
) -> dict[str, tuple[float, float, bool]]:
    """Measure KS of numbers among the rows that have one, with Holm's p-value."""
    found = dict[str, tuple[float, float]]()
    for frame in frames:
        name, now = frame.column, counted[frame.column]
        if not isinstance(frame, CutCounts) or not sum(frame.rows[:-1]) or not sum(now[:-1]):
            continue
        distance = exact.get(name, ks_of_counts(frame.rows[:-1], now[:-1]))
        before = n * (1 - frame.rows[-1] / sum(frame.rows))
        found[name] = distance, ks_p_value(distance, before, sum(now[:-1]))
    adjusted = holm([p_value for _, p_value in found.values()])
    return {
        name: (distance, p_value, name in exact)
        for (name, (distance, _)), p_value in zip(found.items(), adjusted, strict=True)
    }


def reject(
    baseline: Baseline, frames: Sequence[Counts], counted: Mapping[str, Sequence[int]]
) -> dict[str, bool]:
    """Say of which columns Holm's procedure holds that more than chance moved them.

    The steps are those of the gate in SQL: PSI over (1/n + 1/m), held against quantiles.
    """
    names = [frame.column for frame in frames]
    reached = []
    for frame in frames:
        now = counted[frame.column]
        unit = 1 / baseline.effective_rows + 1 / sum(now)
        scaled = psi(frame.rows, now) / unit
        ends = quantiles(count_bins(frame.rows), len(frames))
        reached.append(sum(scaled >= end for end in ends))
    return dict(zip(names, reject_by_holm(reached), strict=True))


def rows_needed(baseline: Baseline, drifts: Sequence[Drift]) -> int | None:
    """Say how many rows it takes for a PSI of 0.2 of the score to be more than chance.

    None where no number of rows would do, as the baseline itself has too few.
    """
    family = sum(drift.counts for drift in drifts)
    bins = count_bins(baseline.score.rows)
    room = PSI_ACT / quantiles(bins, family)[-1] - 1 / baseline.effective_rows
    return None if room <= 0 else int(1 / room) + 1


def decide(baseline: Baseline, drifts: Sequence[Drift]) -> tuple[Verdict, str]:
    """Give one verdict on drift, and its reason in a sentence."""
    rows = sum(drifts[0].rows)
    needed = rows_needed(baseline, drifts)
    if needed is None:
        return "too few rows", (
            f"the baseline counts {baseline.effective_rows:,.0f} rows: chance alone could make a "
            f"PSI of {PSI_ACT:g}, whatever is held against them"
        )
    if rows < needed:
        return "too few rows", (
            f"{rows:,} rows are too few to tell a PSI of {PSI_ACT:g} from chance: {needed:,} do"
        )
    for verdict in ("act", "watch"):
        moved = [drift for drift in drifts if drift.alarm == verdict]
        if moved:
            # The score first, or else the column with the most of it.
            return ("act" if verdict == "act" else "watch"), _say_moved(moved)
    light = [d for d in drifts if not d.counts and not d.by_chance and d.psi >= PSI_WATCH]
    beside = ""
    if light:
        names = ", ".join(repr(drift.column) for drift in light[:3])
        more = f" and {len(light) - 3} more" if len(light) > 3 else ""
        beside = f"; {names}{more} moved, and hardly count"
    return "steady", (
        f"nothing the score hangs on moved: its PSI is {drifts[0].psi:.3f} on {rows:,} rows{beside}"
    )


def _say_moved(moved: Sequence[Drift]) -> str:
    first, *others = moved
    what = "the score" if first.column == SCORE else f"{first.column!r}, {first.share:.0%} of it,"
    more = ""
    if others:
        names = [repr(drift.column) for drift in others[:3]]
        rest = f" and {len(others) - 3} more" if len(others) > 3 else ""
        more = f"; so did {', '.join(names)}{rest}"
    subject = what if first.column == SCORE else f"the score hangs on {what} which"
    return (
        f"{subject} moved: PSI {first.psi:.3f}, where chance stays below {first.psi_bound:.3f}"
        f"{more}"
    )
