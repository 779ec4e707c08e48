"""Count how often the intervals of `compare` hold the truth, on tables drawn from a known one.

Rows have one normal feature, and a logistic chance of being positive that is known, so that the
metrics of all such rows are: the model measured is the truth itself. Without intervals, below ten
rows of the rarer class, there is nothing to count.

Run ``python benchmarks/intervals.py [--tables 1000]``.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from leadweights.decisions.metrics import Scored, evaluate_models

METRICS = ("auc_roc", "brier", "precision_at_100")
RESAMPLES = 400


class Setting(NamedTuple):
    """How many rows a table has, their share of positives, and how strong the feature is."""

    rows: int
    rate: float
    slope: float


SETTINGS = (
    Setting(300, 0.01, 1.5),
    Setting(300, 0.05, 1.5),
    Setting(300, 0.1, 1.5),
    Setting(1000, 0.015, 1.5),
    Setting(1000, 0.03, 2.5),
    Setting(1000, 0.1, 1.5),
    Setting(2000, 0.4, 1.0),
)


def chance(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn log-odds into probabilities."""
    return 1 / (1 + np.exp(-log_odds))


def simulate(setting: Setting, tables: int, seed: int) -> dict[str, tuple[int, float]]:
    """Give for each metric the tables that had an interval, and the share of them that held."""
    random = np.random.default_rng(seed)
    everyone = random.normal(size=400_000)

    def excess(intercept: float) -> float:
        return float(chance(intercept + setting.slope * everyone).mean() - setting.rate)

    intercept = brentq(excess, -20.0, 20.0)
    p = np.sort(chance(intercept + setting.slope * everyone))[::-1]
    truth = {
        "auc_roc": np.sum((1 - p) * (np.cumsum(p) - p / 2)) / (p.sum() * (1 - p).sum()),
        "brier": float(np.mean(p * (1 - p))),
    }
    found, tops = [], []
    for table in range(tables):
        x = random.normal(size=setting.rows)
        own = chance(intercept + setting.slope * x)
        y = (random.random(setting.rows) < own).astype(np.float64)
        tops.append(float(np.sort(own)[-100:].mean()))
        models = {"truth": Scored(x, own)}
        found.append(evaluate_models(y, models, "truth", table, RESAMPLES)["truth"].metrics)
    truth["precision_at_100"] = float(np.mean(tops))
    result = {}
    for metric in METRICS:
        ends = [(one[metric].low, one[metric].high) for one in found]
        held = [
            low <= truth[metric] <= high
            for low, high in ends
            if low is not None and high is not None
        ]
        result[metric] = len(held), float(np.mean(held)) if held else float("nan")
    return result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    tables = parser.parse_args().tables
    print("| rows | positive, about | with an interval | AUC-ROC | Brier | P@100 |")
    print("|---|---|---|---|---|---|")
    for seed, setting in enumerate(SETTINGS):
        found = simulate(setting, tables, seed)
        had = found["auc_roc"][0] / tables
        shares = " | ".join(f"{share:.1%}" if had else "-" for _, share in found.values())
        print(f"| {setting.rows:,} | {setting.rows * setting.rate:.0f} | {had:.0%} | {shares} |")


if __name__ == "__main__":
    main()
