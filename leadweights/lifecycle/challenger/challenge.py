"""Whether a challenger may take the champion's place, by rows that neither has learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.metrics import (
    FEWEST_OF_A_CLASS,
    LOG_LOSS,
    METRICS,
    RESAMPLES,
    TOP_ROWS,
    Evaluation,
    Interval,
    evaluate_models,
    find_interval,
)
from leadweights.decisions.ranking import Ranking, rank
from leadweights.decisions.reliability import Reliability, measure_reliability
from leadweights.files.remote import as_path
from leadweights.formula.arrays import Floats
from leadweights.lifecycle.challenger.delong import AucDifference, compare_aucs
from leadweights.lifecycle.challenger.diff import Difference, diff
from leadweights.lifecycle.challenger.gates import (
    GateResult,
    Gates,
    Verdict,
    decide_verdict,
    read_gates,
)
from leadweights.lifecycle.challenger.judge import judge
from leadweights.lifecycle.challenger.paired_rows import PairedRows, Side, read_paired_rows
from leadweights.lifecycle.monitoring.drift import ks, psi
from leadweights.model.model import ScoringModel
from leadweights.model.shown import Shown
from leadweights.tables.label import Label
from leadweights.tables.open import Source

_MOST_STEPS = 400
_BINS = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the challenger's scores are from the champion's, on the same rows.

    `psi` is of the probabilities, in the tenths of the champion's (`bins`: rows of either in each);
    `ks` the largest distance of their distributions. `rank_correlation` is Spearman's. `overlap`
    gives the share that both have among their k highest scores, ties in proportion; `moved` is the
    share of rows in another band, None unless both have bands of the same names, and `moves` count
    rows by the bands of both; `other_decisions` is the share that one calls and the other does not.
    """

    psi: float
    bins: tuple[tuple[int, int], ...]
    ks: float
    rank_correlation: float | None
    overlap: Mapping[int, float]
    moved: float | None
    moves: Mapping[tuple[str, str], int]
    other_decisions: float


@dataclass(frozen=True, slots=True, repr=False)
class Challenge(Shown):
    """A challenger beside the champion, on the same rows, and the verdict of the gates.

    `champion` and `challenger` have AUC-ROC, PR-AUC, Brier, log-loss, precision of the 100 and 200
    highest scores, and precision, recall and share of the rows each model calls: by its threshold,
    or without one from a probability of one half on. Intervals are 95%, by bootstrap; the
    challenger's differences are paired. `auc` has DeLong's beside them.
    """

    difference: Difference
    table: str
    rows: int
    positive_rows: int
    unscored_rows: tuple[int, int]
    champion: Evaluation
    challenger: Evaluation
    auc: AucDifference
    reliability: tuple[Reliability, Reliability]
    rankings: tuple[Ranking, Ranking]
    shift: Shift
    gates: tuple[GateResult, ...]
    verdict: Verdict
    more_rows: int | None
    warnings: tuple[str, ...]


def challenge(
    champion: ScoringModel,
    challenger: ScoringModel,
    valid: Source,
    *,
    label: str | Label | None = None,
    gates: str | Path | Mapping[str, object] | Gates | None = None,
    folders: tuple[str | Path | None, str | Path | None] = (None, None),
    seed: int = 42,
) -> Challenge:
    """Measure a challenger against the champion on labelled rows, and let the gates decide.

    `gates` are a TOML file, or the same as a mapping. The `folders` that fit wrote for champion and
    challenger know the rows these have learnt from.

    Raises TableError for rows either has learnt from or cannot score, and for labels that differ;
    GatesError for gates that cannot be.
    """
    asked = read_gates(gates)
    first, second = (None if folder is None else as_path(folder) for folder in folders)
    rows = read_paired_rows(champion, challenger, valid, label, (first, second))
    return compare_on_rows(rows, asked, seed)


def compare_on_rows(rows: PairedRows, gates: Gates, seed: int) -> Challenge:
    """Measure two models on rows that are read, and judge."""
    y, sides = rows.y, (rows.champion, rows.challenger)
    scored = {"champion": sides[0].scored, "challenger": sides[1].scored}
    # The threshold is for the log-loss alone; what each model calls is measured by its own.
    found = evaluate_models(y, scored, "champion", seed, threshold=0.5)
    kept = (*METRICS, LOG_LOSS)
    calls = _measure_calls(y, sides[0].called, sides[1].called, seed)
    champion, challenger = (
        Evaluation(
            {**{m: found[name].metrics[m] for m in kept}, **calls[name].metrics},
            _join(found[name].differences, calls[name].differences, kept),
        )
        for name in scored
    )
    first, second = (
        measure_reliability(y, np.clip(side.scored.probability, 0, 1), seed) for side in sides
    )
    own = [rank(y, side.scored.score, _MOST_STEPS) for side in sides]
    result = Challenge(
        diff(sides[0].model, sides[1].model),
        rows.table,
        len(y),
        int(y.sum()),
        (sides[0].unscored_rows, sides[1].unscored_rows),
        champion,
        challenger,
        compare_aucs(y, sides[0].scored.score, sides[1].scored.score),
        (first, second),
        (own[0], own[1]),
        _measure_shift(*sides),
        (),
        "keep",
        None,
        rows.warnings,
    )
    results = judge(rows, challenger, result.shift.psi, len(result.shift.bins), gates)
    verdict, more = decide_verdict(results)
    return replace(result, gates=results, verdict=verdict, more_rows=more)


def _join(
    found: Mapping[str, Interval] | None,
    calls: Mapping[str, Interval] | None,
    kept: tuple[str, ...],
) -> dict[str, Interval] | None:
    if found is None or calls is None:
        return None
    return {**{metric: found[metric] for metric in kept}, **calls}


def _measure_calls(
    y: Floats, champion: NDArray[np.bool_], challenger: NDArray[np.bool_], seed: int
) -> dict[str, Evaluation]:
    """Measure what two models call, with bootstrap intervals, and the paired differences.

    To draw rows with replacement is to draw how many fall into each of eight cells: called by
    either or not, positive or not.
    """
    places = (y > 0) * 4 + champion * 2 + challenger
    cells = np.bincount(places, minlength=8)
    drawn = np.random.RandomState(seed).multinomial(len(y), cells / len(y), size=RESAMPLES)
    rarer = min(int(y.sum()), int(len(y) - y.sum()))
    counts = np.vstack([cells, drawn]) if rarer >= FEWEST_OF_A_CLASS else cells[None, :]
    place = np.arange(8)
    positive = place >= 4
    values: dict[str, dict[str, Floats]] = {}
    for name, called in (("champion", place & 2 > 0), ("challenger", place & 1 > 0)):
        rows, hits = counts @ called, counts @ (called & positive)
        with np.errstate(invalid="ignore", divide="ignore"):
            values[name] = {
                "precision": hits / rows,
                "recall": hits / (counts @ positive),
                "queue_rate": rows / len(y),
            }
    return {
        name: Evaluation(
            {metric: find_interval(value) for metric, value in own.items()},
            None
            if name == "champion"
            else {m: find_interval(v - values["champion"][m]) for m, v in own.items()},
        )
        for name, own in values.items()
    }


def _measure_shift(champion: Side, challenger: Side) -> Shift:
    from scipy.stats import spearmanr

    there, here = champion.scored.probability, challenger.scored.probability
    cuts = np.unique(np.quantile(there, np.linspace(0, 1, _BINS + 1)[1:-1]))
    counted = [
        np.bincount(np.searchsorted(cuts, p, side="right"), minlength=len(cuts) + 1).tolist()
        for p in (there, here)
    ]
    scores = champion.scored.score, challenger.scored.score
    flat = any(np.ptp(score) == 0 for score in scores)
    rows = len(there)
    shares = (*TOP_ROWS, max(1, rows // 10))
    return Shift(
        psi(*counted),
        tuple(zip(*counted, strict=True)),
        ks(there, here),
        None if flat else float(spearmanr(*scores).statistic),
        {k: measure_overlap(*scores, k) for k in sorted(set(shares)) if k <= rows},
        *_compare_bands(champion, challenger),
        float(np.mean(champion.called != challenger.called)),
    )


def measure_overlap(first: Floats, second: Floats, k: int) -> float:
    """Give the share that two scores have in common among their k highest, shape (rows,) each.

    Rows tied at the end of the k are among them in proportion, so that the order of rows does not
    matter.
    """
    weights = []
    for score in (first, second):
        last = np.partition(score, len(score) - k)[len(score) - k]
        above, tied = score > last, score == last
        weights.append(above + tied * ((k - above.sum()) / tied.sum()))
    return float(np.minimum(*weights).sum() / k)


def _compare_bands(
    champion: Side, challenger: Side
) -> tuple[float | None, dict[tuple[str, str], int]]:
    own = [side.model.decisions.bands for side in (champion, challenger)]
    if own[0] is None or own[1] is None or champion.bands is None or challenger.bands is None:
        return None, {}
    names = [[band.name for band in bands.bands] for bands in own if bands is not None]
    if names[0] != names[1]:
        return None, {}
    places = [
        np.array([names[0].index(level) for level in held.levels])[held.codes]
        for held in (champion.bands, challenger.bands)
    ]
    size = len(names[0])
    counts = np.bincount(places[0] * size + places[1], minlength=size * size).reshape(size, size)
    moves = {
        (before, after): int(counts[row, column])
        for row, before in enumerate(names[0])
        for column, after in enumerate(names[0])
    }
    return float(np.mean(places[0] != places[1])), moves
