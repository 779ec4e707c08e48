"""Count how often the monitor calls for action when nothing has changed, and when something has.

Months are drawn from the very distribution that the model was learnt from, 25 columns of which
many go together; the customary rule, PSI of 0.2 or KS at 5% in any column, stands beside. Exits 1
if it acts in more than a month of 20, or sees a shift in fewer than 19 of 20.

Run ``python benchmarks/false_alarms.py [--months 1000]``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadweights.decisions.baseline import make_baseline
from leadweights.lifecycle.monitoring.alarms import Drift, Verdict, decide, judge_drift
from leadweights.lifecycle.monitoring.drift import (
    ALPHA,
    PSI_ACT,
    PSI_WATCH,
    ks_of_counts,
    ks_p_value,
)
from leadweights.model.baseline import Baseline, CutCounts
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.provenance import Provenance
from leadweights.model.rounding import divide_shares
from leadweights.model.terms import Standardized

COLUMNS, TRAINING_ROWS = 25, 5_000
ROWS = (200, 2_000, 20_000)
SHIFT, SHIFTED_ROWS = 0.5, 2_000
MOST_FALSE, LEAST_SEEN = 0.05, 0.95

Matrix = NDArray[np.float64]


def make_model() -> ScoringModel:
    """Make a model of 25 columns, the strongest with an eighth of the score."""
    names = [f"x{place:02}" for place in range(COLUMNS)]
    weights = divide_shares([0.88**place * (-1) ** place for place in range(COLUMNS)])
    return ScoringModel(
        "simulated",
        (),
        tuple(Number(name, 0.0) for name in names),
        tuple(Standardized(n, 0.0, 1.0, w) for n, w in zip(names, weights, strict=True)),
        Logit(-1.5, 4.0),
        Provenance("a simulation", "label", "1", TRAINING_ROWS, 0, "none", ""),
    )


def draw(random: np.random.RandomState, rows: int, shift: float = 0.0) -> Matrix:
    """Draw rows, shape (rows, columns): go together, with ties, without some values.

    The first column is moved by `shift` of its standard deviations.
    """
    common = random.normal(size=(rows, 1))
    found: Matrix = 0.6 * common + 0.8 * random.normal(size=(rows, COLUMNS))
    found[:, 5:10] = np.floor(np.exp(found[:, 5:10]))  # skewed counts
    found[:, 10:15][random.uniform(size=(rows, 5)) < 0.07] = np.nan
    found[:, 0] += shift
    return found


def learn_baseline(model: ScoringModel, rows: Matrix) -> Baseline:
    """Make the baseline as a fit does."""
    return make_baseline(model, dict(zip([c.name for c in model.columns], rows.T, strict=True)))


def count(model: ScoringModel, baseline: Baseline, rows: Matrix) -> dict[str, list[int]]:
    """Count rows as the SELECT does, but faster: a test holds the two together."""
    known = np.where(np.isnan(rows), 0.0, rows)
    score = known @ np.array([term.weight for term in model.terms])
    found = {}
    for counts, values in zip((*baseline.columns, baseline.score), [*rows.T, score], strict=True):
        assert isinstance(counts, CutCounts)
        there = values[~np.isnan(values)]
        bins = np.searchsorted(counts.cuts, there, side="right")
        own = np.bincount(bins, minlength=len(counts.cuts) + 1).tolist()
        found[counts.column] = [*own, len(values) - len(there)]
    return found


def customary(
    baseline: Baseline, drifts: Sequence[Drift], counted: dict[str, list[int]]
) -> tuple[bool, bool, bool]:
    """Say whether any column has a PSI of 0.1, of 0.2, and whether KS rejects any at 5%."""
    frames = (*baseline.columns, baseline.score)
    largest = max(drift.psi for drift in drifts)
    rejected = [
        ks_p_value(
            ks_of_counts(frame.rows[:-1], counted[frame.column][:-1]),
            sum(frame.rows[:-1]),
            sum(counted[frame.column][:-1]),
        )
        < ALPHA
        for frame in frames
    ]
    return largest >= PSI_WATCH, largest >= PSI_ACT, any(rejected)


def simulate(
    months: int, rows: int, shift: float = 0.0, seed: int = 0
) -> tuple[Counter[Verdict], list[float]]:
    """Count the verdicts of months, and the shares in which the customary rules would act."""
    random = np.random.RandomState(seed)
    model = make_model()
    baseline = learn_baseline(model, draw(random, TRAINING_ROWS))
    verdicts: Counter[Verdict] = Counter()
    alarms = np.zeros(3)
    for month in range(months):
        if month % 20 == 0:  # another training table now and then: its luck stays in all its months
            baseline = learn_baseline(model, draw(random, TRAINING_ROWS))
        counted = count(model, baseline, draw(random, rows, shift))
        drifts = judge_drift(model, baseline, counted)
        verdicts[decide(baseline, drifts)[0]] += 1
        alarms += customary(baseline, drifts, counted)
    return verdicts, (alarms / months).tolist()


def main() -> int:
    """Print a line for each number of rows, and one for a shift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=1000)
    months = parser.parse_args().months
    print(f"{months:,} months each; {COLUMNS} columns, {TRAINING_ROWS:,} training rows\n")
    head = [*("rows", "shift", "steady", "watch", "act", "too few")]
    head += ["PSI 0.1 alone", "PSI 0.2 alone", "KS 5% alone"]
    print("".join(f"{word:>15}" for word in head))
    failed = False
    for rows, shift in [*((rows, 0.0) for rows in ROWS), (SHIFTED_ROWS, SHIFT)]:
        found, alarms = simulate(months, rows, shift)
        named: tuple[Verdict, ...] = ("steady", "watch", "act", "too few rows")
        shares = [found[word] / months for word in named]
        cells = [f"{rows:,}", f"{shift:g}", *(f"{s:.1%}" for s in (*shares, *alarms))]
        print("".join(f"{cell:>15}" for cell in cells))
        seen = shares[1] + shares[2]
        failed |= seen < LEAST_SEEN if shift else shares[2] > MOST_FALSE
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
