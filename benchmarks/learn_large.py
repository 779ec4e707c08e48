"""Measure learning where the rows are against reading them: whole processes, time and memory.

Generated rows in Parquet (seeded, normal numbers, two of them counts on scales of their own);
`fit_model` learns from them in DuckDB, and so do, each in a process of its own, pandas with
scikit-learn's StandardScaler and LogisticRegression, by its default solver and by the one that
goes to the last digits. With `--growth` the time for ever more rows, and of a pass over them
against a bare scan. Needs pandas with pyarrow, as `leadweights[spark]` brings it.

Run ``python benchmarks/learn_large.py [--rows 10000000] [--columns 7] [--rounds 3] [--growth N]``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
from rounds import in_random_order

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 2**20

OURS = """
import json, sys, time
began = time.perf_counter()
import leadweights, leadweights.learn.fit, sqlglot.dialects.duckdb
path, columns, memory = sys.argv[1], int(sys.argv[2]), sys.argv[3] or None
plain = {f"x{i}": {"kind": "number", "transform": "none"} for i in range(1, columns + 1)}
loaded = time.perf_counter()
said = []
model = leadweights.fit_model(
    path, place=leadweights.OnDisk(memory), dictionary=plain,
    progress=lambda words: said.append((time.perf_counter(), words)),
)
ended = time.perf_counter()
passes = [at for at, words in said if words.startswith("passes")]
scale = model.link.scale
print(json.dumps({
    "seconds": ended - loaded,
    "whole": ended - began,
    "passes": len(passes),
    "a_pass": (passes[-1] - passes[0]) / max(len(passes) - 1, 1),
    "coefficients": [term.weight * scale for term in sorted(model.terms, key=lambda t: t.column)],
}))
"""

PEER = """
import json, sys, time
began = time.perf_counter()
import pandas
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
path, solver = sys.argv[1:3]
loaded = time.perf_counter()
rows = pandas.read_parquet(path)
label = rows.pop("label")
rows = rows[sorted(rows.columns)]
model = make_pipeline(StandardScaler(), LogisticRegression(solver=solver)).fit(rows, label)
ended = time.perf_counter()
print(json.dumps({
    "seconds": ended - loaded, "whole": ended - began, "coefficients": model[-1].coef_[0].tolist(),
}))
"""


def generated(path: Path, rows: int, columns: int) -> None:
    """Write rows: normal numbers, the first two as counts and on another scale; a label."""
    draw = ["sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"] * columns
    draw[0] = f"round(exp({draw[0]}) * 10)"
    draw[1] = f"round({draw[1]} * 20 + 50)"
    named = ", ".join(f"{one} AS x{i}" for i, one in enumerate(draw, start=1))
    scaled = ["(x1 - 16) / 22", "(x2 - 50) / 20", *(f"x{i}" for i in range(3, columns + 1))]
    sign = [(-1) ** i * (1 + i % 3) / columns**0.5 / 2 for i in range(columns)]
    log_odds = " + ".join(f"{w} * {x}" for w, x in zip(sign, scaled, strict=True))
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1; SELECT setseed(0.5)")
        connection.execute(
            f"COPY (SELECT *, (random() < 1 / (1 + exp(2 - ({log_odds}))))::TINYINT AS label "
            f"FROM (SELECT {named} FROM range({rows}))) TO '{path}' (FORMAT parquet)"
        )


def run(code: str, *given: str) -> dict[str, Any]:
    """Run a process; add its peak of memory, in megabytes, to what it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *given],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"a process ended with {status}")
    return {**json.loads(said.splitlines()[-1]), "megabytes": used.ru_maxrss * 1024 / MEGABYTE}


def against_peers(path: Path, rows: int, columns: int, rounds: int) -> None:
    """Print the ratios of time and memory."""
    peers = ("lbfgs", "newton-cholesky")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ("ours", *peers)}
    for _ in range(rounds + 1):
        for name in in_random_order(found):
            asked = (
                (OURS, str(path), str(columns), "") if name == "ours" else (PEER, str(path), name)
            )
            found[name].append(run(*asked))
    print(f"\n{rows:,} rows x {columns} columns from Parquet, medians of {rounds} rounds")
    print(f"{'leadweights against':<22}{'times as fast':>15}{'with imports':>15}{'memory':>10}")
    for solver in peers:
        pairs = list(zip(found[solver], found["ours"], strict=True))[1:]
        speed = median(peer["seconds"] / ours["seconds"] for peer, ours in pairs)
        whole = median(peer["whole"] / ours["whole"] for peer, ours in pairs)
        memory = median(ours["megabytes"] / peer["megabytes"] for peer, ours in pairs)
        print(f"{solver:<22}{speed:>15.2f}{whole:>15.2f}{memory:>10.2f}")
    ours = found["ours"][-1]
    apart = [
        max(
            abs(a - b)
            for a, b in zip(ours["coefficients"], found[s][-1]["coefficients"], strict=True)
        )
        for s in peers
    ]
    print(
        f"passes: {ours['passes']}; the greatest difference of a coefficient: "
        + ", ".join(f"{one:.1e} to {name}" for one, name in zip(apart, peers, strict=True))
    )


def growth(folder: Path, most: int, columns: int, memory: str) -> None:
    """Print how time and memory grow with the rows, and what a pass costs."""
    print(f"\n{columns} columns, at most {memory or 'the usual memory'}")
    print(
        f"{'rows':>13}{'time, to 1e5':>14}{'a pass / bare sums':>20}{'megabytes':>11}{'passes':>8}"
    )
    first = None
    rows = 100_000
    while rows <= most:
        path = folder / f"{rows}.parquet"
        generated(path, rows, columns)
        sums = ", ".join(f"sum(x{i})" for i in range(1, columns + 1))
        run(BARE, str(path), sums)
        bare = median(run(BARE, str(path), sums)["seconds"] for _ in range(3))
        ours = run(OURS, str(path), str(columns), memory)
        first = first or ours["seconds"]
        print(
            f"{rows:>13,}{ours['seconds'] / first:>20.1f}{ours['a_pass'] / bare:>20.1f}"
            f"{ours['megabytes']:>20.0f}{ours['passes']:>20.0f}",
            flush=True,
        )
        path.unlink()
        rows *= 10


BARE = """
import json, sys, time
import duckdb
connection = duckdb.connect()
# As where leadweights learns: of a file on this machine, reading ahead takes longer.
connection.execute("SET disable_parquet_prefetching = true")
began = time.perf_counter()
connection.execute(f"SELECT {sys.argv[2]} FROM '{sys.argv[1]}'").fetchall()
print(json.dumps({"seconds": time.perf_counter() - began}))
"""


def main() -> int:
    """Generate, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", type=int, default=0, metavar="ROWS")
    parser.add_argument("--memory", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.growth:
            growth(Path(folder), asked.growth, asked.columns, asked.memory)
            return 0
        path = Path(folder, "rows.parquet")
        generated(path, asked.rows, asked.columns)
        against_peers(path, asked.rows, asked.columns, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
