"""Measure scoring against the peers: scikit-learn, ONNX Runtime, and the SQL that orbital makes.

Two tables: 7 numbers; 8 numbers and 5 categories. One scikit-learn pipeline is fitted on the first
rows; ONNX Runtime runs it, in float64 where its operators can, and orbital writes it as SQL, of
which the positive class's probability is asked. leadweights learns from the same rows, the columns
as they are. SQL is run by DuckDB on a table in memory and summed up by it; scikit-learn and ONNX
Runtime have the rows in a DataFrame or in arrays already. Ratios are medians over the rounds.

Needs ``pip install orbital onnxruntime skl2onnx pandas`` beside leadweights; it depends on none.

Run ``python benchmarks/score_peers.py [--rows 2000000] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any, Literal

import duckdb
import numpy as np
import onnxruntime
import orbital
import pandas as pd
from orbital import types
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import leadweights

SEED, LEARNT_ROWS, BLOCK = 42, 20_000, 100_000
WORDS = ("web", "call", "fair", "mail", "partner", "other")


def table(rows: int, numbers: int, categories: int) -> pd.DataFrame:
    """Draw a table with a label."""
    random = np.random.default_rng(SEED)
    drawn = {f"x{i}": random.normal(size=rows) * (1 + i) + i for i in range(1, numbers + 1)}
    words = {
        f"c{i}": random.choice(WORDS[: 3 + i % 4], rows).astype(object)
        for i in range(1, categories + 1)
    }
    odds = sum((values - i) / (1 + i) * (-1) ** i / 3 for i, values in enumerate(drawn.values(), 1))
    odds = odds + sum(0.5 * (column == "web") for column in words.values())
    label = (random.random(rows) < 1 / (1 + np.exp(1 - odds))).astype(np.int64)
    return pd.DataFrame({**drawn, **words, "label": label})


def pipeline_of(frame: pd.DataFrame, names: list[str], words: list[str]) -> Pipeline:
    """Fit what people fit."""
    steps = [("numbers", StandardScaler(), names)]
    if words:
        encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
        steps.append(("words", encoder, words))
    pipeline = Pipeline([("columns", ColumnTransformer(steps)), ("model", LogisticRegression())])
    return pipeline.fit(frame[names + words], frame["label"])


def jobs(frame: pd.DataFrame, names: list[str], words: list[str]) -> dict[str, Callable[[], Any]]:
    """Give what is to be timed; each job returns the sum of the probabilities."""
    first = frame.head(LEARNT_ROWS)
    pipeline = pipeline_of(first, names, words)
    rows = frame[names + words]
    plain = {name: {"kind": "number", "transform": "none"} for name in names}
    model = leadweights.fit_model(first, place=leadweights.InMemory(), dictionary=plain)

    connection = duckdb.connect()
    connection.register("frame", frame)
    connection.execute("CREATE TABLE leads AS SELECT * FROM frame")

    def asked(sql: str, column: str = "probability") -> Callable[[], float]:
        text = f'SELECT sum("{column}") FROM ({sql.rstrip().rstrip(";")})'
        return lambda: connection.execute(text).fetchall()[0][0]

    def ours(shape: Literal["standardized", "raw"]) -> Callable[[], float]:
        return asked(leadweights.render(model, shape=shape, keys=(), columns=["probability"]))

    kinds = {name: types.DoubleColumnType() for name in names}
    kinds |= {name: types.StringColumnType() for name in words}
    parsed = orbital.parse_pipeline(pipeline, features=kinds)
    theirs = orbital.export_sql("leads", parsed, dialect="duckdb")

    shapes = [(name, DoubleTensorType([None, 1])) for name in names]
    shapes += [(name, StringTensorType([None, 1])) for name in words]
    options = {id(pipeline): {"zipmap": False}}
    session = onnxruntime.InferenceSession(
        to_onnx(pipeline, initial_types=shapes, options=options).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    arrays = {name: rows[name].to_numpy()[:, None] for name in names + words}

    def by_onnx() -> float:
        added = 0.0
        for start in range(0, len(rows), BLOCK):
            block = {name: values[start : start + BLOCK] for name, values in arrays.items()}
            added += float(session.run(["probabilities"], block)[0][:, 1].sum())
        return added

    def by_blocks() -> float:
        parts = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
        return float(sum(pipeline.predict_proba(part)[:, 1].sum() for part in parts))

    sums = " + ".join(f'sum("{name}")' for name in names)
    bare = f"SELECT {sums} AS probability FROM leads"
    return {
        "leadweights, standardized": ours("standardized"),
        "leadweights, raw": ours("raw"),
        "orbital": asked(theirs, "output_probability.1"),
        "scikit-learn, all at once": lambda: float(pipeline.predict_proba(rows)[:, 1].sum()),
        "scikit-learn, in blocks": by_blocks,
        "ONNX Runtime, in blocks": by_onnx,
        "bare sums of the numbers": asked(bare),
    }


def measured(rows: int, numbers: int, categories: int, rounds: int) -> None:
    """Print how much longer each takes than the raw SELECT."""
    frame = table(rows, numbers, categories)
    names = [f"x{i}" for i in range(1, numbers + 1)]
    words = [f"c{i}" for i in range(1, categories + 1)]
    found = jobs(frame, names, words)
    took: dict[str, list[float]] = {name: [] for name in found}
    means = {}
    for _ in range(rounds + 1):
        for name, job in found.items():
            began = time.perf_counter()
            means[name] = job() / rows
            took[name].append(time.perf_counter() - began)
    print(f"\n{rows:,} rows, {numbers} numbers and {categories} categories; {rounds} rounds")
    print(f"{'':<30}{'time / raw':>12}{'time / standardized':>21}{'mean probability':>18}")
    for name, times in took.items():
        ratios = [
            median(one / ours for one, ours in list(zip(times, took[of], strict=True))[1:])
            for of in ("leadweights, raw", "leadweights, standardized")
        ]
        mean = "" if name.startswith("bare") else f"{means[name]:.6f}"
        print(f"{name:<30}{ratios[0]:>12.2f}{ratios[1]:>21.2f}{mean:>18}")


def main() -> int:
    """Measure both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    measured(asked.rows, 7, 0, asked.rounds)
    measured(asked.rows, 8, 5, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
