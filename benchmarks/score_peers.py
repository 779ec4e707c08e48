"""Measure scoring against the peers: scikit-learn, ONNX Runtime, and the SQL that orbital makes.

Two tables: 7 numbers; 8 numbers and 5 categories. One scikit-learn pipeline is fitted on the first
rows; ONNX Runtime runs it, in float64 where its operators can, and orbital writes it as SQL, of
which the positive class's probability is asked. leadweights learns from the same rows, the columns
as they are. SQL is run by DuckDB on a table in memory and summed up by it; scikit-learn and ONNX
Runtime have the rows in a DataFrame or in arrays already, each in a process of its own. The jobs of
a round run in an order drawn for it; ratios are medians over the rounds.

Needs ``pip install orbital onnxruntime skl2onnx pandas`` beside leadweights; it depends on none.

Run ``python benchmarks/score_peers.py [--rows 2000000] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import sys
from typing import Literal

import duckdb
import numpy as np
import pandas as pd
from rounds import Job, apart, measure_in_turn, ratio
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


Asked = tuple[int, int, int]
"""How many rows, numbers and categories there are."""


def columns_of(asked: Asked) -> tuple[list[str], list[str]]:
    """Name the numbers and the categories."""
    _, numbers, categories = asked
    names = [f"x{i}" for i in range(1, numbers + 1)]
    return names, [f"c{i}" for i in range(1, categories + 1)]


def sql_jobs(asked: Asked) -> dict[str, Job]:
    """Make what DuckDB runs, on a table in memory; each returns the sum of the probabilities."""
    import orbital
    from orbital import types

    frame, (names, words) = table(*asked), columns_of(asked)
    first = frame.head(LEARNT_ROWS)
    plain = {name: {"kind": "number", "transform": "none"} for name in names}
    model = leadweights.fit_model(first, place=leadweights.InMemory(), dictionary=plain)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.register("frame", frame)
    connection.execute("CREATE TABLE leads AS SELECT * FROM frame")
    connection.unregister("frame")

    def ask(sql: str, column: str = "probability") -> Job:
        text = f'SELECT sum("{column}") FROM ({sql.rstrip().rstrip(";")})'
        return lambda: connection.execute(text).fetchall()[0][0]

    def ours(shape: Literal["standardized", "raw"]) -> Job:
        return ask(leadweights.render(model, shape=shape, keys=(), columns=["probability"]))

    kinds = {name: types.DoubleColumnType() for name in names}
    kinds |= {name: types.StringColumnType() for name in words}
    parsed = orbital.parse_pipeline(pipeline_of(first, names, words), features=kinds)
    theirs = orbital.export_sql("leads", parsed, dialect="duckdb")
    sums = " + ".join(f'sum("{name}")' for name in names)
    return {
        "leadweights, standardized": ours("standardized"),
        "leadweights, raw": ours("raw"),
        "orbital": ask(theirs, "output_probability.1"),
        "bare sums of the numbers": ask(f"SELECT {sums} AS probability FROM leads"),
    }


def sklearn_jobs(asked: Asked) -> dict[str, Job]:
    """Make what scikit-learn does with the rows of a DataFrame."""
    frame, (names, words) = table(*asked), columns_of(asked)
    pipeline = pipeline_of(frame.head(LEARNT_ROWS), names, words)
    rows = frame[names + words]

    def predict_in_blocks() -> float:
        parts = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
        return float(sum(pipeline.predict_proba(part)[:, 1].sum() for part in parts))

    return {
        "scikit-learn, all at once": lambda: float(pipeline.predict_proba(rows)[:, 1].sum()),
        "scikit-learn, in blocks": predict_in_blocks,
    }


def onnx_jobs(asked: Asked) -> dict[str, Job]:
    """Make what ONNX Runtime does with the rows in arrays."""
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, StringTensorType

    frame, (names, words) = table(*asked), columns_of(asked)
    pipeline = pipeline_of(frame.head(LEARNT_ROWS), names, words)
    shapes = [(name, DoubleTensorType([None, 1])) for name in names]
    shapes += [(name, StringTensorType([None, 1])) for name in words]
    options = {id(pipeline): {"zipmap": False}}
    session = onnxruntime.InferenceSession(
        to_onnx(pipeline, initial_types=shapes, options=options).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    arrays = {name: frame[name].to_numpy()[:, None] for name in names + words}

    def predict_in_blocks() -> float:
        added = 0.0
        for start in range(0, len(frame), BLOCK):
            block = {name: values[start : start + BLOCK] for name, values in arrays.items()}
            added += float(session.run(["probabilities"], block)[0][:, 1].sum())
        return added

    return {"ONNX Runtime, in blocks": predict_in_blocks}


def compare(asked: Asked, rounds: int) -> None:
    """Print how much longer each takes than leadweights' two SELECTs."""
    with (
        apart(sql_jobs, asked) as sql,
        apart(sklearn_jobs, asked) as sklearn,
        apart(onnx_jobs, asked) as onnx,
    ):
        times, found = measure_in_turn({**sql, **sklearn, **onnx}, rounds)
    rows, numbers, categories = asked
    print(f"\n{rows:,} rows, {numbers} numbers and {categories} categories; {rounds} rounds")
    print(f"{'':<30}{'time / raw':>12}{'time / standardized':>21}{'mean probability':>18}")
    for name, own_times in times.items():
        shapes = ("leadweights, raw", "leadweights, standardized")
        ratios = [ratio(own_times, times[shape]) for shape in shapes]
        mean = "" if name.startswith("bare") else f"{found[name] / rows:.6f}"
        print(f"{name:<30}{ratios[0]:>12.2f}{ratios[1]:>21.2f}{mean:>18}")


def main() -> int:
    """Measure both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    compare((asked.rows, 7, 0), asked.rounds)
    compare((asked.rows, 8, 5), asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
