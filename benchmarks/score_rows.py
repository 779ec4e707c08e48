"""Measure how fast DuckDB scores rows by a model's own SELECT, in ratios.

The SELECT, of scores alone and with score_100, band, decision and three reasons, is held against
scikit-learn's predict_proba on the same rows in numpy, given all rows at once or in blocks, and
against the bare sum of the same columns in the same engine. scikit-learn has a process of its own;
all runs in an order drawn for each round, and a ratio is the median over the rounds: once on all
cores by the clock, once on one core in CPU time. Exits 1 if the SELECT and predict_proba disagree.

Run ``python benchmarks/score_rows.py [--rows 5000000] [--missing 0] [--rounds 7]``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from rounds import ONE_THREAD, Clock, Job, Timed, apart, here, measure_in_turn, ratio
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import leadweights
from leadweights.formula.arrays import Floats

Times = Mapping[tuple[str, str], list[float]]

DATA = Path(__file__).resolve().parents[1] / "data"
SEED = 42
COMPARED_ROWS, LARGEST_DIFFERENCE = 100_000, 1e-7
PREDICT_GOAL, SUM_GOAL = 4.0, 2.5
# All rows at once is what people write; its time varies with the memory the system has at hand,
# because each step makes a new array. Blocks that fit a cache are the fastest way tried.
BLOCK_ROWS = 100_000
CONSUMPTIONS = {"aggregate": "SELECT sum(c), ... FROM (...)", "table": "CREATE TABLE AS ..."}
SOURCES = {"leads": "a DuckDB table in memory", "leads_parquet": "a Parquet file"}


class Select(NamedTuple):
    """One SELECT to measure: its shape and its columns."""

    shape: Literal["standardized", "raw"]
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name the SELECT in the table of results."""
        listed = ", ".join(self.columns) if self.columns != DECIDED else "the same and decisions"
        return f"{self.shape}: {listed}"


TEXTS = ("band", "reason_1", "reason_2", "reason_3")
DECIDED = ("lead_score", "log_odds", "probability", "score_100", "decision", *TEXTS)
SELECTS = (
    Select("standardized", ("lead_score", "log_odds", "probability")),
    Select("standardized", DECIDED),
    Select("standardized", ("lead_score",)),
    Select("raw", ("lead_score", "log_odds", "probability")),
    Select("raw", ("lead_score", "log_odds")),
    Select("raw", ("lead_score",)),
    Select("raw", ("probability",)),
)


def made_columns(rows: int, missing: float) -> dict[str, Floats]:
    """Draw rows like those of data/train.csv, a share of the values NaN."""
    rng = np.random.default_rng(SEED)
    columns = {
        "recency_days": rng.integers(0, 61, rows).astype(np.float64),
        "fatigue_score": rng.beta(2.0, 3.0, rows),
        "sentiment_score": np.clip(rng.normal(0.0, 0.8, rows), -2.0, 2.0),
        "engagement_rate_30d": rng.beta(2.4, 2.9, rows),
        "reply_rate_90d": rng.beta(1.6, 4.1, rows),
        "opt_out_risk": rng.beta(1.5, 6.3, rows),
        "mms_affinity": rng.beta(2.2, 2.8, rows),
    }
    if missing:
        for values in columns.values():
            values[rng.random(rows) < missing] = np.nan
    return columns


def connected(columns: Mapping[str, Floats], folder: Path) -> duckdb.DuckDBPyConnection:
    """Put the rows into a table and into a Parquet file, missing values as NULL."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.register("arrays", dict(columns))
    numbers = ", ".join(
        f'CASE WHEN isnan("{n}") THEN NULL ELSE "{n}" END AS "{n}"' for n in columns
    )
    connection.execute(f"CREATE TABLE leads AS SELECT {numbers} FROM arrays")
    connection.unregister("arrays")
    file = str(folder / "leads.parquet").replace("'", "''")
    connection.execute(f"COPY leads TO '{file}' (FORMAT parquet)")
    connection.execute(f"CREATE VIEW leads_parquet AS SELECT * FROM read_parquet('{file}')")
    return connection


def learnt_model() -> leadweights.ScoringModel:
    """Learn the model of the example campaign, with a threshold."""
    valid, words = DATA / "valid.csv", DATA / "features.toml"
    keys = ("contact_id",)
    model = leadweights.fit(DATA / "train.csv", valid=valid, keys=keys, dictionary=words).model
    deciding = leadweights.threshold(model, valid, leadweights.Capacity(200)).model
    assert deciding is not None
    return deciding


def fitted_pipeline(names: list[str]) -> Any:
    """Fit the same regression with scikit-learn alone."""
    train = pd.read_csv(DATA / "train.csv")
    regression = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), regression)
    return pipeline.fit(train[names].to_numpy(np.float64), train["label"].to_numpy())


def rendered(model: leadweights.ScoringModel, select: Select, source: str) -> str:
    """Write a SELECT of the model, without keys."""
    return leadweights.render(
        model, table=source, keys=(), shape=select.shape, columns=select.columns
    )


def check_agreement(
    connection: duckdb.DuckDBPyConnection,
    model: leadweights.ScoringModel,
    pipeline: Any,
    x: Floats,
) -> None:
    """Exit 1 if a SELECT with a probability differs from predict_proba on the first rows."""
    expected = pipeline.predict_proba(x[:COMPARED_ROWS])[:, 1]
    for select in SELECTS:
        if "probability" in select.columns:
            for source in SOURCES:
                sql = rendered(model, select, source)
                sql = f"SELECT probability FROM ({sql}) LIMIT {COMPARED_ROWS}"
                found = connection.execute(sql).fetchnumpy()["probability"]
                largest = float(np.abs(found - expected).max())
                if not (len(found) == len(expected) and largest <= LARGEST_DIFFERENCE):
                    sys.exit(f"{select.name} on {source} differs from predict_proba: {largest}")
    print(f"SELECT and predict_proba agree to {LARGEST_DIFFERENCE:g} on {len(expected):,} rows")


def query_jobs(
    connection: duckdb.DuckDBPyConnection, named: Mapping[str, tuple[str, tuple[str, ...]]]
) -> dict[tuple[str, str], Timed]:
    """Make a job of every SELECT (its text and columns) and way to consume it."""

    def job(sql: str) -> Timed:
        return here(lambda: connection.execute(sql).fetchall())

    jobs: dict[tuple[str, str], Timed] = {}
    for name, (sql, columns) in named.items():
        kinds = ((c, "count" if c in TEXTS else "sum") for c in columns)
        sums = ", ".join(f'{function}("{column}")' for column, function in kinds)
        jobs[name, "aggregate"] = job(f"SELECT {sums} FROM ({sql})")
        jobs[name, "table"] = job(f"CREATE TABLE scored AS {sql}")
    return jobs


def predicted_in_blocks(pipeline: Any, x: Floats) -> Floats:
    """Give predict_proba the rows in blocks."""
    found = np.empty((len(x), 2))
    for start in range(0, len(x), BLOCK_ROWS):
        found[start : start + BLOCK_ROWS] = pipeline.predict_proba(x[start : start + BLOCK_ROWS])
    return found


def predict_jobs(rows: int, missing: float) -> dict[str, Job]:
    """Make what scikit-learn does with the rows as one array."""
    columns = made_columns(rows, missing)
    x, pipeline = np.column_stack(list(columns.values())), fitted_pipeline(list(columns))
    return {
        "whole": lambda: len(pipeline.predict_proba(x)),
        "blocks": lambda: len(predicted_in_blocks(pipeline, x)),
    }


def print_table(source: str, consumption: str, runs: Mapping[str, Times]) -> None:
    """Print the ratios of one source and one way to consume the rows."""
    print(f"\n{SOURCES[source]}, consumed by {CONSUMPTIONS[consumption]}")
    print(
        f"{'':48}" + "".join(f"{title:>20}" for title in ("rows/s, vs", "rows/s, vs", "time, vs"))
    )
    print(
        f"{'':48}" + "".join(f"{title:>20}" for title in ("predict_proba", "in blocks", "bare sum"))
    )
    print(f"{'':48}" + "".join(f"{name:>10}" for name in runs) * 3)
    for select in SELECTS:
        own = (select.name, consumption)
        pairs = [(("predict_proba", "whole"), own), (("predict_proba", "blocks"), own)]
        pairs.append((own, ("bare sum", consumption)))
        cells = [ratio(times[a], times[b]) for a, b in pairs for times in runs.values()]
        print(f"{select.name:48}" + "".join(f"{cell:10.2f}" for cell in cells))


def run(rows: int, missing: float, rounds: int, folder: Path) -> None:
    """Make the rows, check the numbers, measure, print."""
    columns = made_columns(rows, missing)
    connection = connected(columns, folder)
    names = list(columns)
    x = np.column_stack([columns[name] for name in names])
    model, pipeline = learnt_model(), fitted_pipeline(names)
    check_agreement(connection, model, pipeline, x)
    del x
    cores = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    print(f"{rows:,} rows, 7 features, {missing:.1%} of values missing, medians of {rounds} rounds")
    print(f"goals: at least {PREDICT_GOAL:g} times predict_proba, at most {SUM_GOAL:g} bare sums")
    bare = " + ".join(f'"{name}"' for name in names)
    clocks: list[tuple[str, int, Clock, dict[str, str]]] = [
        (f"{cores} cores", cores, "elapsed", {}),
        ("1 core", 1, "processors", ONE_THREAD),
    ]

    def tidy() -> object:
        return connection.execute("DROP TABLE IF EXISTS scored")

    for source in SOURCES:
        queries = {s.name: (rendered(model, s, source), s.columns) for s in SELECTS}
        queries["bare sum"] = (f'SELECT {bare} AS "total" FROM {source}', ("total",))
        jobs, runs = query_jobs(connection, queries), {}
        for title, threads, clock, limits in clocks:
            connection.execute(f"SET threads = {threads}")
            with apart(predict_jobs, rows, missing, **limits) as predictions:
                peers = {("predict_proba", name): job for name, job in predictions.items()}
                runs[title] = measure_in_turn({**jobs, **peers}, rounds, clock, tidy)[0]
        for consumption in CONSUMPTIONS:
            print_table(source, consumption, runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--missing", type=float, default=0.0, help="share of the values")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(options.rows, options.missing, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
