"""Watch 10 million rows of 20 columns in DuckDB: the time of a bare scan, and memory.

The monitor runs as a process of its own would, but for starting Python: it opens the file, counts
every column and the score into the bins of its baseline, and judges. Held against a SELECT that
sums each column of the same file, in processes that run alternately; CPU time, for a machine that
is shared, and the clock. Exits 1 where it takes more than three times the CPU of the scan, or 1 GB.

Run ``python benchmarks/monitor_large.py [--rows 10000000] [--missing 0.01]``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rounds import in_random_order

COLUMNS, TRAINING_ROWS = 20, 5_000
MOST_TIMES, MOST_BYTES = 3.0, 1e9


def make(path: Path, rows: int, missing: float) -> None:
    """Write the rows as Parquet: numbers of many digits, a share of them missing."""
    import duckdb

    columns = ", ".join(
        f"CASE WHEN random() >= {missing} THEN random() * {place + 1} + random() END AS x{place}"
        for place in range(COLUMNS)
    )
    duckdb.execute(f"COPY (SELECT {columns} FROM range({rows})) TO '{path}' (FORMAT parquet)")


def scan(path: Path) -> dict[str, float]:
    """Sum each column, in DuckDB as the package opens it."""
    from leadweights.tables.open import connect

    names = [f"x{place}" for place in range(COLUMNS)]
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder, "spill")) as connection:
        connection.execute("SELECT 1")
        began, cpu = time.perf_counter(), time.process_time()
        sums = ", ".join(f"sum({name})" for name in names)
        connection.execute(f"SELECT {sums} FROM '{path}'").fetchall()
        return measured(began, cpu)


def watch(path: Path) -> dict[str, float]:
    """Monitor all rows against the baseline of the first ones."""
    import duckdb
    import numpy as np

    import leadweights as lw
    from leadweights.decisions.baseline import make_baseline
    from leadweights.model.model import Logit, Number, ScoringModel
    from leadweights.model.provenance import Provenance
    from leadweights.model.rounding import divide_shares
    from leadweights.model.terms import Standardized

    names = [f"x{place}" for place in range(COLUMNS)]
    weights = divide_shares([0.9**place * (-1) ** place for place in range(COLUMNS)])
    model = ScoringModel(
        "large",
        (),
        tuple(Number(name, 0.5) for name in names),
        tuple(
            Standardized(name, (place + 2) / 2, 0.3 * (place + 1), weight)
            for place, (name, weight) in enumerate(zip(names, weights, strict=True))
        ),
        Logit(-1.0, 4.0),
        Provenance("a benchmark", "label", "1", TRAINING_ROWS, 0, "none", ""),
    )
    first = duckdb.execute(f"FROM '{path}' LIMIT {TRAINING_ROWS}").fetchnumpy()
    baseline = make_baseline(model, {n: np.ma.filled(first[n], np.nan) for n in names})
    lw.monitor(model, {name: [1.0] for name in names}, baseline=baseline)  # the libraries are in
    began, cpu = time.perf_counter(), time.process_time()
    found = lw.monitor(model, str(path), baseline=baseline)
    assert found.verdict == "steady", found.reason
    return measured(began, cpu)


def measured(began: float, cpu: float) -> dict[str, float]:
    """Give what has passed, and the largest memory of the process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "elapsed": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "bytes": float(peak),
    }


def main() -> int:
    """Run both alternately; print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--missing", type=float, default=0.0, help="a share of the values")
    parser.add_argument("--only", choices=["make", "scan", "watch"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only == "make":
        make(asked.file, asked.rows, asked.missing)
        return 0
    if asked.only:
        print(json.dumps((scan if asked.only == "scan" else watch)(asked.file)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "leads.parquet")
        base = [sys.executable, __file__, "--file", str(path)]
        wanted = ["--rows", str(asked.rows), "--missing", str(asked.missing)]
        subprocess.run([*base, "--only", "make", *wanted], check=True)
        found: dict[str, list[dict[str, float]]] = {"scan": [], "watch": []}
        for _ in range(asked.rounds):
            for name, runs in in_random_order(found.items()):
                done = subprocess.run([*base, "--only", name], check=True, capture_output=True)
                runs.append(json.loads(done.stdout))
        size = path.stat().st_size / 1e9
    print(f"{asked.rows:,} rows, {COLUMNS} columns, {size:.2f} GB of Parquet; medians\n")
    print(f"{'':12}{'elapsed':>10}{'CPU':>10}{'memory':>12}")
    for name, runs in found.items():
        elapsed, cpu = (median(run[key] for run in runs) for key in ("elapsed", "cpu"))
        peak = max(run["bytes"] for run in runs) / 1e9
        print(f"{name:12}{elapsed:>9.2f}s{cpu:>9.2f}s{peak:>9.2f} GB")
    pairs = list(zip(found["scan"], found["watch"], strict=True))
    times = {key: median(w[key] / s[key] for s, w in pairs) for key in ("elapsed", "cpu")}
    print(f"\nthe monitor takes {times['elapsed']:.2f} times the scan, {times['cpu']:.2f} in CPU")
    peak = max(run["bytes"] for run in found["watch"])
    return int(times["cpu"] > MOST_TIMES or peak > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
