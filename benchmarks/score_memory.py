"""Measure the peak memory of `leadweights score` as tables grow, and its time against pandas.

Rows with seven numbers and a key, in Parquet, CSV and JSON lines, are scored by the whole command
into a file, in the order of the table and sorted. The same is done as people do it in Python:
pandas.read_parquet, predict_proba of a fitted pipeline, to_parquet. Every run is a process of its
own. Exits 1 if a run fails or the probabilities differ.

Run ``python benchmarks/score_memory.py [--rows 1000000 5000000 20000000] [--rounds 1]``.
"""

from __future__ import annotations

import argparse
import os
import pickle
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rounds import in_random_order

# This process imports nothing large: on Linux a child's peak memory begins with its parent's.

LARGEST_DIFFERENCE = 1e-7
TEXT_ROWS = 5_000_000  # CSV and JSON lines up to here: finding out their types takes long
MEGABYTE = 2**20
PANDAS = "pandas, predict_proba"
NAMES = (
    *("recency_days", "fatigue_score", "sentiment_score", "engagement_rate_30d"),
    *("reply_rate_90d", "opt_out_risk", "mms_affinity"),
)
OWN = {
    # What is run: the ending of the table, that of the result, options.
    "Parquet to Parquet": ("parquet", "parquet", ()),
    "Parquet to CSV": ("parquet", "csv", ()),
    "Parquet to CSV on stdout": ("parquet", None, ()),
    "Parquet to Parquet, by lead_score": ("parquet", "parquet", ("--order-by", "lead_score desc")),
    "CSV to Parquet": ("csv", "parquet", ()),
    "JSON lines to Parquet": ("jsonl", "parquet", ()),
}


class Cost(NamedTuple):
    """What one process took."""

    elapsed: float
    cpu: float
    megabytes: float


def make(rows: str, folder: str) -> None:
    """Write the tables of one size."""
    import duckdb

    numbers = ", ".join(f'random() AS "{name}"' for name in NAMES)
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.42)")
        connection.execute(
            f"COPY (SELECT 'lead-' || range AS contact_id, {numbers} FROM range({int(rows)})) "
            f"TO '{folder}/{rows}.parquet'"
        )
        if int(rows) <= TEXT_ROWS:
            for ending, form in (("csv", "csv"), ("jsonl", "json")):
                connection.execute(
                    f"COPY (FROM '{folder}/{rows}.parquet') TO '{folder}/{rows}.{ending}' "
                    f"(FORMAT {form})"
                )


def learn(path: str) -> None:
    """Fit scikit-learn's pipeline and keep it, as people do."""
    score_rows = runpy.run_path(str(Path(__file__).with_name("score_rows.py")))
    Path(path).write_bytes(pickle.dumps(score_rows["fitted_pipeline"](list(NAMES))))


def predict(pipeline: str, table: str, result: str) -> None:
    """Score as people do in Python."""
    import pandas as pd

    frame = pd.read_parquet(table)
    found = pickle.loads(Path(pipeline).read_bytes()).predict_proba(frame[list(NAMES)].to_numpy())
    scored = pd.DataFrame({"contact_id": frame["contact_id"], "probability": found[:, 1]})
    scored.to_parquet(result, index=False)


def compare(one: str, other: str) -> None:
    """Exit 1 if two results differ."""
    import numpy as np
    import pandas as pd

    left, right = pd.read_parquet(one), pd.read_parquet(other)
    largest = float(np.abs(left["probability"] - right["probability"]).max())
    if not (left["contact_id"].equals(right["contact_id"]) and largest <= LARGEST_DIFFERENCE):
        sys.exit(f"the probabilities differ by {largest}")


ROLES = {role.__name__: role for role in (make, learn, predict, compare)}


def role_command(role: str, *arguments: object) -> list[str]:
    """Write the command that does one of the roles above in a process of its own."""
    return [sys.executable, __file__, role, *map(str, arguments)]


def cost(command: Sequence[str]) -> Cost:
    """Run a command to its end. Exits where it fails."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{complaints.read().decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / MEGABYTE)


def commands(rows: int, model: Path, pipeline: Path, folder: Path) -> dict[str, list[str]]:
    """Write the commands to measure on one size of table."""
    table = folder / f"{rows}.parquet"
    found = {PANDAS: role_command("predict", pipeline, table, folder / "pandas.parquet")}
    for name, (read, written, options) in OWN.items():
        data = folder / f"{rows}.{read}"
        if data.exists():
            output = [] if written is None else ["-o", str(folder / f"{name}.{written}")]
            found[name] = [sys.executable, "-m", "leadweights", "score", str(model), str(data)]
            found[name] += [*options, *output]
    return found


def print_size(
    rows: int, costs: dict[str, list[Cost]], first: dict[str, list[Cost]], table: int
) -> None:
    """Print one size of table."""
    print(f"\n{rows:,} rows, {table / MEGABYTE:,.0f} MB of Parquet")
    print(f"{'':36}{'peak memory':>24}{'time, vs pandas':>20}")
    titles = (("MB", 12), ("vs first", 12), ("elapsed", 10), ("CPU", 10))
    print(f"{'':36}" + "".join(f"{title:>{width}}" for title, width in titles))
    for name, own in costs.items():
        memory = median(one.megabytes for one in own)
        growth = memory / median(one.megabytes for one in first[name])
        pairs = list(zip(own, costs[PANDAS], strict=True))
        elapsed = median(a.elapsed / b.elapsed for a, b in pairs)
        cpu = median(a.cpu / b.cpu for a, b in pairs)
        print(f"{name:36}{memory:12.0f}{growth:12.2f}{elapsed:10.2f}{cpu:10.2f}")


def run(sizes: Sequence[int], rounds: int, folder: Path) -> None:
    """Make the tables, measure, print."""
    model = Path(__file__).resolve().parents[1] / "outputs" / "model.json"
    pipeline = folder / "pipeline.pickle"
    cost(role_command("learn", pipeline))
    first: dict[str, list[Cost]] = {}
    for rows in sizes:
        cost(role_command("make", rows, folder))
        named = commands(rows, model, pipeline, folder)
        costs: dict[str, list[Cost]] = {name: [] for name in named}
        for _ in range(rounds):
            for name, command in in_random_order(named.items()):
                costs[name].append(cost(command))
        results = (folder / f"{name}.parquet" for name in ("Parquet to Parquet", "pandas"))
        cost(role_command("compare", *results))
        first = first or costs
        print_size(rows, costs, first, (folder / f"{rows}.parquet").stat().st_size)
        for path in folder.glob(f"{rows}.*"):
            path.unlink()


def main() -> None:
    if sys.argv[1:] and sys.argv[1] in ROLES:
        ROLES[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000, 20_000_000])
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(sorted(options.rows), options.rounds, Path(folder))


if __name__ == "__main__":
    main()
