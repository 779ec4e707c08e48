"""Generate the synthetic example campaign: train.csv and valid.csv.

Every row is an invented contact. The features are independent draws from simple distributions,
and the label is a coin toss whose probability is a logistic function of the features, so a
logistic regression is the right model for this data and its true weights are `WEIGHTS` below.

Run ``python data/generate.py`` to rewrite both files next to this script.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DECIMALS = 4

# Change of the log-odds per unit of each feature (not per standard deviation). The order is the
# order of the columns in the files.
WEIGHTS = {
    "recency_days": -0.05,
    "fatigue_score": -1.3,
    "sentiment_score": 1.05,
    "engagement_rate_30d": 2.8,
    "reply_rate_90d": 1.25,
    "opt_out_risk": -2.5,
    "mms_affinity": 1.15,
}
# Set so that about 41 % of the contacts respond.
INTERCEPT = -0.15


class Split(NamedTuple):
    """Describe one file to generate."""

    filename: str
    rows: int
    seed: int
    first_id: int


# A seed per file, so that resizing one file leaves the other's draws alone. Both were picked among
# the first dozen because their draws are typical: as on a very large sample, the true model's ROC
# AUC is about 0.81 and about 41 % of the contacts respond.
SPLITS = (
    Split("train.csv", rows=3500, seed=10, first_id=1),
    Split("valid.csv", rows=1200, seed=12, first_id=3501),
)


def draw_features(rng: np.random.RandomState, rows: int) -> dict[str, FloatArray]:
    """Draw every feature column, rounded as it will be written.

    Rounding comes before the label is drawn, so the label depends only on what a reader sees.
    """
    columns = {
        # The default integer type differs between platforms; naming it keeps the stream the same.
        "recency_days": rng.randint(0, 61, size=rows, dtype=np.int64).astype(np.float64),
        "fatigue_score": rng.beta(2.0, 3.0, size=rows),
        "sentiment_score": np.clip(rng.normal(0.0, 0.8, size=rows), -2.0, 2.0),
        "engagement_rate_30d": rng.beta(2.4, 2.9, size=rows),
        "reply_rate_90d": rng.beta(1.6, 4.1, size=rows),
        "opt_out_risk": rng.beta(1.5, 6.3, size=rows),
        "mms_affinity": rng.beta(2.2, 2.8, size=rows),
    }
    # Adding zero turns a rounded "-0.0" into a plain "0.0".
    return {name: np.round(values, DECIMALS) + 0.0 for name, values in columns.items()}


def response_probability(features: dict[str, FloatArray]) -> FloatArray:
    """Compute each contact's true probability of a positive response."""
    rows = features["recency_days"].shape[0]
    # A plain loop rather than a matrix product, whose summation order depends on the BLAS library.
    log_odds = np.full(rows, INTERCEPT, dtype=np.float64)
    for name, weight in WEIGHTS.items():
        log_odds += weight * features[name]
    probability: FloatArray = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


def draw_labels(rng: np.random.RandomState, probability: FloatArray) -> IntArray:
    """Toss one biased coin per contact, so that no model can predict the labels perfectly."""
    return (rng.random_sample(probability.shape[0]) < probability).astype(np.int64)


def format_value(name: str, value: float) -> str:
    """Format one feature value: whole days as an integer, the rest with fixed decimals."""
    return f"{value:.0f}" if name == "recency_days" else f"{value:.{DECIMALS}f}"


def split_rows(split: Split) -> Iterable[list[str]]:
    """Yield the header and then the rows of one file."""
    # RandomState rather than default_rng: numpy's compatibility policy freezes the stream of
    # RandomState, while a Generator's may change between releases. The files are committed and
    # must come out the same on every numpy.
    rng = np.random.RandomState(split.seed)
    features = draw_features(rng, split.rows)
    labels = draw_labels(rng, response_probability(features))
    yield ["contact_id", *WEIGHTS, "label"]
    for row in range(split.rows):
        values = [format_value(name, float(features[name][row])) for name in WEIGHTS]
        yield [f"C{split.first_id + row:06d}", *values, str(int(labels[row]))]


def write(folder: Path) -> None:
    """Write train.csv and valid.csv into the folder, replacing what is there."""
    for split in SPLITS:
        with (folder / split.filename).open("w", encoding="utf-8", newline="") as file:
            # The csv module ends lines with "\r\n" unless told otherwise.
            csv.writer(file, lineterminator="\n").writerows(split_rows(split))


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
