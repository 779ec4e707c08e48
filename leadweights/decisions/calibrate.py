"""The map of log-odds that would make probabilities believable, if any is worth it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from leadweights.decisions.apply import prove, set_calibration
from leadweights.decisions.fresh_rows import read_fresh_rows
from leadweights.decisions.reliability import (
    BINS,
    Reliability,
    find_bins,
    fit_likeliest,
    logistic,
    measure_errors,
    measure_reliability,
    sort_scored,
)
from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.model.calibration import Calibration, Isotonic, Knot, Platt
from leadweights.model.model import Identity, ScoringModel
from leadweights.model.rounding import round_digits
from leadweights.tables.open import Source
from leadweights.tables.split import folds as stratified_folds

MOST_POINTS = 12
# A point stands on so many rows at least: its log-odds then has a standard error of 0.37 at the
# most likely, and a curve of twelve has something to choose from.
_FEWEST_ROWS, _FEWEST_SHARE = 30, 0.02
# A block this large is flat between two points instead of one: where the truth is a step, a line
# between the middles of two large blocks misses it.
_FLAT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much a map lowers the mean log-loss out of fold, below that of a simpler one.

    `standard_error` is that of the mean of the rows' differences.
    """

    over: str
    log_loss: float
    standard_error: float

    @property
    def clear(self) -> bool:
        """Whether it is more than one standard error."""
        return self.log_loss > self.standard_error


@dataclass(frozen=True, slots=True)
class Candidate:
    """A map measured out of fold, and its gains over the simpler ones.

    A map that cannot be learnt, for instance because the score ranks backwards, has no numbers.
    """

    name: str
    log_loss: float | None
    brier: float | None
    ece: float | None
    gains: tuple[Gain, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What calibration would do: three candidates out of fold, and the choice.

    `calibrator` is the choice learnt from all rows, None to leave the score as it is.
    `tied_share` is the share of rows whose log-odds it makes the same as those of rows that had
    others; no map here ever turns an order around.
    """

    rows: int
    positive_rows: int
    left_out: int
    folds: int
    candidates: tuple[Candidate, ...]
    choice: str
    calibrator: Calibration | None
    tied_share: float
    why: str


@dataclass(frozen=True, slots=True)
class Calibrated:
    """How far probabilities can be believed, what would mend them, and the mended model.

    `model` is None where a calibration does not help out of fold.
    """

    reliability: Reliability
    found: Found
    model: ScoringModel | None
    warnings: tuple[str, ...]
    measured_on: str


def calibrate(
    model: ScoringModel,
    data: Source | None,
    *,
    label: str | None = None,
    seed: int = 42,
    folder: str | Path | None = None,
    learnt_rows: bool = False,
) -> Calibrated:
    """Measure how far probabilities can be believed, and mend them if that helps out of fold.

    `data` are labelled rows the model has not learnt from; None for those that fit held back in
    `folder`, where it also wrote what tells rows that the model has learnt from: these are taken
    with `learnt_rows`. Raises TableError for rows that cannot be used, UnsupportedError for a
    model that is calibrated or has a threshold.
    """
    if isinstance(model.link, Identity):
        raise UnsupportedError(f"{model.name} has no log-odds to calibrate")
    fresh = read_fresh_rows(model, data, label, folder, learnt_rows=learnt_rows)
    known = fresh.known
    scores = evaluate(stages(model, columns=["log_odds", "probability"]), known.rows.values)
    measured = measure_reliability(known.rows.y, scores["probability"], seed)
    found, mended = choose_calibration(known.rows.y, scores["log_odds"], seed), None
    if found.calibrator is not None:
        mended = prove(set_calibration(model, found.calibrator), {"your rows": known.table})
    return Calibrated(measured, found, mended, fresh.warnings, known.table.name)


def choose_calibration(y: Floats, log_odds: Floats, seed: int, folds: int = 5) -> Found:
    """Choose between the score as it is, Platt's line and an isotonic curve.

    `y`, 1 for positive, and `log_odds`, NaN for no score, have shape (rows,); a model must not
    have learnt from these rows, or it looks better calibrated than it is. Each map is learnt in
    stratified folds and measured on the rows left out. It is taken when it beats every simpler
    one, none included, by more than one standard error of the paired difference. That is over
    rows: five folds give a standard error on four degrees of freedom, and with a dozen constants
    at most what rows of a fold share is small beside their own noise.

    Raises TableError where no row has a score or a class has fewer rows than there are folds.
    """
    y, z, left_out = sort_scored(y, log_odds)
    cuts = stratified_folds(y, folds, seed)
    out_of_fold: dict[str, Floats | None] = {"none": z}
    for name, learn in _LEARNERS.items():
        found = np.empty(len(y))
        out_of_fold[name] = found
        for others, own in cuts:
            one = learn(y[others], z[others])
            if one is None:
                out_of_fold[name] = None
                break
            found[own] = calibrate_log_odds(one, z[own])
    candidates = _measure(y, out_of_fold)
    choice, calibrator = "none", None
    for candidate in candidates:
        if candidate.gains and all(gain.clear for gain in candidate.gains):
            learnt = _LEARNERS[candidate.name](y, z)
            choice, calibrator = (candidate.name, learnt) if learnt else (choice, calibrator)
    tied = 0.0 if calibrator is None else _count_tied(z, calibrate_log_odds(calibrator, z))
    why = _explain(candidates, choice, tied)
    return Found(len(y), int(y.sum()), left_out, folds, candidates, choice, calibrator, tied, why)


def calibrate_log_odds(calibration: Calibration, log_odds: Floats) -> Floats:
    """Apply a map to log-odds, shape kept, NaN to NaN: for statistics, not to the last bit."""
    match calibration:
        case Platt(intercept, slope):
            return np.asarray(intercept + slope * log_odds)
        case Isotonic(points):
            at, heights = [k.at for k in points], [k.log_odds for k in points]
            return np.asarray(np.interp(log_odds, at, heights))
        case _:
            assert_never(calibration)


def learn_platt(y: Floats, log_odds: Floats) -> Platt | None:
    """Learn Platt's line on his smoothed targets; None where no rising line fits.

    Targets are (N+ + 1) / (N+ + 2) for positives and 1 / (N- + 2) for others (Platt 1999), not 1
    and 0: the line stays finite even where the classes are apart.
    """
    positives = float(y.sum())
    targets = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))
    middle, spread = float(log_odds.mean()), float(log_odds.std())
    if not spread > 1e-12 * max(1.0, abs(middle)):
        return None
    design = np.column_stack([np.ones(len(y)), (log_odds - middle) / spread])
    (height, rise), _ = fit_likeliest(design, np.zeros(len(y)), targets)
    slope = float(rise) / spread
    if not slope > 0:
        return None
    return Platt(round_digits(float(height) - slope * middle, 1.0), round_digits(slope))


def learn_isotonic(y: Floats, log_odds: Floats) -> Isotonic | None:
    """Learn a rising curve of at most twelve points; None where nothing rises.

    The blocks of isotonic regression (Ayer et al. 1955), neighbours merged where they are small
    or too many, those first whose likelihood loses least. A block has the log-odds of
    (hits + 1) / (rows + 2) (Laplace), so that none is infinite, at its mean score; a large one has
    it at the mean scores of its outer rows on both sides.
    """
    from sklearn.isotonic import IsotonicRegression  # 1 s, and many need none

    order = np.lexsort((y, log_odds))
    y, z = y[order], log_odds[order]
    fitted = IsotonicRegression().fit(z, y).predict(z)
    edges = np.r_[0, np.flatnonzero(fitted[1:] != fitted[:-1]) + 1, len(y)]
    hits_before = np.r_[0.0, np.cumsum(y)]
    edges = _merge(edges, hits_before)
    if len(edges) < 3:
        return None
    spread, outer = float(z.std()), _fewest_rows(len(z))
    points: list[Knot] = []
    heights = _heights(np.diff(edges).astype(np.float64), np.diff(hits_before[edges]))
    for (first, last), height in zip(pairwise(edges.tolist()), heights.tolist(), strict=True):
        block = z[first:last]
        for part in (block[:outer], block[-outer:]) if _flat(len(block), len(z)) else (block,):
            at = round_digits(float(part.mean()), spread)
            # Scores that are nearly the same may be the same in ten digits.
            if not points or at > points[-1].at:
                points.append(Knot(at, round_digits(height, 1.0)))
    return Isotonic(tuple(points)) if len(points) > 1 else None


_LEARNERS: Mapping[str, Callable[[Floats, Floats], Calibration | None]] = {
    "platt": learn_platt,
    "isotonic": learn_isotonic,
}


def _fewest_rows(rows: int) -> int:
    return max(_FEWEST_ROWS, ceil(_FEWEST_SHARE * rows))


def _flat(block: int, rows: int) -> bool:
    return block >= max(_FLAT_SHARE * rows, 2 * _fewest_rows(rows))


def _heights(rows: Floats, hits: Floats) -> Floats:
    return np.asarray(np.log((hits + 1) / (rows - hits + 1)))


def _merge(edges: NDArray[np.int64], hits_before: Floats) -> NDArray[np.int64]:
    """Take out edges between blocks until each is large enough, rises, and there are few."""
    total = len(hits_before) - 1
    while len(edges) > 2:
        rows, hits = np.diff(edges).astype(np.float64), np.diff(hits_before[edges])
        small = rows < _fewest_rows(total)
        rises = np.diff(_heights(rows, hits)) > 0
        points = sum(1 + _flat(int(block), total) for block in rows)
        if small.any():
            removable = small[1:] | small[:-1]
        elif not rises.all():
            removable = ~rises  # Laplace's rates need not rise where the rates do
        elif points > MOST_POINTS:
            removable = np.ones(len(rows) - 1, dtype=np.bool_)
        else:
            break
        lost = (
            _log_likelihood(rows[1:], hits[1:])
            + _log_likelihood(rows[:-1], hits[:-1])
            - _log_likelihood(rows[1:] + rows[:-1], hits[1:] + hits[:-1])
        )
        edges = np.delete(edges, 1 + int(np.argmin(np.where(removable, lost, np.inf))))
    return edges


def _log_likelihood(rows: Floats, hits: Floats) -> Floats:
    """Give that of blocks at their own rates, where 0 log 0 is 0."""
    return np.asarray(xlogy(hits, hits / rows) + xlog1py(rows - hits, -hits / rows))


def _measure(y: Floats, out_of_fold: Mapping[str, Floats | None]) -> tuple[Candidate, ...]:
    losses: dict[str, Floats] = {}
    candidates = []
    for name, z in out_of_fold.items():
        if z is None:
            candidates.append(Candidate(name, None, None, None, ()))
            continue
        own = np.logaddexp(0, z) - y * z
        gains = []
        for simpler, others in losses.items():
            difference = others - own
            error = float(difference.std(ddof=1)) / len(y) ** 0.5
            gains.append(Gain(simpler, float(difference.mean()), error))
        losses[name] = own
        p = logistic(z)
        # Maps of different folds mix the order a little.
        order = np.lexsort((y, p))
        off = (y - p)[order]
        candidates.append(
            Candidate(
                name,
                float(own.mean()),
                float(np.square(off).mean()),
                float(measure_errors(off[None, :], find_bins(p[order], BINS))[0]),
                tuple(gains),
            )
        )
    return tuple(candidates)


def _count_tied(before: Floats, after: Floats) -> float:
    """Count rows that share their value after with a row of another value before; sorted."""
    first = np.flatnonzero(np.r_[True, before[1:] != before[:-1]])
    _, place, values = np.unique(after[first], return_inverse=True, return_counts=True)
    rows = np.diff(np.r_[first, len(before)])
    return float(rows[values[place] > 1].sum() / len(before))


_WORDS = {"none": "the score as it is", "platt": "Platt", "isotonic": "isotonic"}


def _explain(candidates: tuple[Candidate, ...], choice: str, tied: float) -> str:
    """Say in one sentence what was chosen, and what speaks against what was not."""
    chosen = next(candidate for candidate in candidates if candidate.name == choice)
    gained: list[str] = []
    for gain in chosen.gains:
        verb, unit = ("and", "") if gained else ("gains", " log-loss out of fold")
        gained.append(
            f"{verb} {gain.log_loss:.4f}{unit} over {_WORDS[gain.over]} "
            f"(standard error {gain.standard_error:.4f})"
        )
    said = [" ".join(gained)] if gained else []
    if tied:
        said.append(f"{tied:.1%} of the rows get a tie they did not have")
    simpler = {gain.over for gain in chosen.gains}
    said += [_explain_against(c) for c in candidates if c.name not in {choice, "none", *simpler}]
    return f"{'left as it is' if choice == 'none' else _WORDS[choice]}: {'; '.join(said)}"


def _explain_against(candidate: Candidate) -> str:
    name = _WORDS[candidate.name]
    gain = next((gain for gain in candidate.gains if not gain.clear), None)
    if gain is None:
        return f"{name} cannot be learnt: too few rows, or a higher score is no better"
    over = f" over {_WORDS[gain.over]}" if gain.over != "none" else ""
    if gain.log_loss <= 0:
        return f"{name} would lose {-gain.log_loss:.4f} log-loss out of fold{over}"
    return (
        f"{name} would gain {gain.log_loss:.4f} log-loss out of fold{over}, "
        f"no more than its standard error {gain.standard_error:.4f}"
    )
