"""Measure learning on a cluster of Spark: what a pass over the rows costs, and what a fit asks.

A master and two workers of one core each, processes of their own on this machine, learn from
generated rows in Parquet files by `fit_model`, ever more of them. From Spark's log of events come
the processor time of all executors in each query, and the rows that reached the driver; a bare
`SELECT sum(x1), ...` on the same cluster is what a pass is held against. With `--queries` nothing
is measured: it prints what a fit asks of BigQuery, Snowflake and Trino, which columns each query
reads, and what so many rows would cost at list prices.

Run ``python benchmarks/cluster.py [--rows 10000000] [--columns 7] [--queries]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import leadweights as lw  # noqa: E402
from tests.support.spark_cluster import Cluster, list_queries, run_cluster  # noqa: E402

FILE_ROWS = 2_000_000
CORES = 2
# What a value takes in BigQuery, in bytes: a number, or a label of 0 and 1.
VALUE_BYTES = 8
TEBIBYTE, TERABYTE = 2**40, 10**12
# List prices in US dollars, looked up in November 2026: they change, and differ by region.
BIGQUERY_A_TEBIBYTE, ATHENA_A_TERABYTE, SNOWFLAKE_A_CREDIT = 6.25, 5.0, 2.0

OURS = """
import json, sys, time
import leadweights
url, table, columns = sys.argv[1], sys.argv[2], int(sys.argv[3])
plain = {f"x{i}": {"kind": "number", "transform": "none"} for i in range(1, columns + 1)}
began = time.perf_counter()
leadweights.fit_model(place=leadweights.Warehouse(url, table), dictionary=plain)
print(json.dumps({"seconds": time.perf_counter() - began}))
"""

BARE = """
import sys
from leadweights.tables.engines.registry import open_tables
url, table, columns = sys.argv[1], sys.argv[2], int(sys.argv[3])
sums = ", ".join(f"sum(x{i})" for i in range(1, columns + 1))
with open_tables(url) as cluster:
    for _ in range(4):
        cluster.rows(f"SELECT {sums} FROM {table}")
print("{}")
"""


def generate(folder: Path, rows: int, columns: int) -> None:
    """Write files of rows: normal numbers, two of them counts and on another scale; a label."""
    folder.mkdir()
    draw = ["sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"] * columns
    draw[0] = f"round(exp({draw[0]}) * 10)"
    draw[1] = f"round({draw[1]} * 20 + 50)"
    named = ", ".join(f"{one} AS x{i}" for i, one in enumerate(draw, start=1))
    scaled = ["(x1 - 16) / 22", "(x2 - 50) / 20", *(f"x{i}" for i in range(3, columns + 1))]
    signs = [(-1) ** i * (1 + i % 3) / columns**0.5 / 2 for i in range(columns)]
    log_odds = " + ".join(f"{w} * {x}" for w, x in zip(signs, scaled, strict=True))
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1; SELECT setseed(0.5)")
        for number, first in enumerate(range(0, rows, FILE_ROWS)):
            some = min(FILE_ROWS, rows - first)
            connection.execute(
                f"COPY (SELECT *, (random() < 1 / (1 + exp(2 - ({log_odds}))))::TINYINT AS label "
                f"FROM (SELECT {named} FROM range({some}))) "
                f"TO '{folder}/part-{number:03}.parquet' (FORMAT parquet)"
            )


def join(cluster: Cluster, name: str, code: str, folder: Path, columns: int) -> tuple[Any, ...]:
    """Run a process that joins the cluster; give what it prints, and its queries."""
    settings = {"spark.sql.files.maxPartitionBytes": "32m", "spark.executor.extraJavaOptions": ""}
    session = cluster.session(name, settings)
    words = [sys.executable, "-c", code, cluster.url, f"parquet.`{folder}`", str(columns)]
    environment = {**session.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    return json.loads(done.stdout.splitlines()[-1]), list_queries(session.events())


def grow(most: int, columns: int) -> None:
    """Print what a pass over ever more rows costs."""
    print(f"{columns} columns of numbers; two workers of one core and 512 MB each")
    print(
        f"{'rows':>13}{'passes':>8}{'a pass / bare sums':>20}{'core-s a pass':>15}"
        f"{'a row, ns':>11}{'passes/s':>10}{'clock':>8}{'rows to the driver':>20}"
    )
    with run_cluster() as cluster, tempfile.TemporaryDirectory() as name:
        rows = 100_000
        while rows <= most:
            folder = Path(name, str(rows))
            generate(folder, rows, columns)
            _, bare = join(cluster, f"bare-{rows}", BARE, folder, columns)
            _, asked = join(cluster, f"ours-{rows}", OURS, folder, columns)
            passes = [query for query in asked if "residual_of_row" in query.plan]
            # The first has means and squares to add up, too, and Java compiles meanwhile.
            usual = passes[1:] or passes
            cost = median(query.cpu_seconds for query in usual)
            plain = median(query.cpu_seconds for query in bare[1:])
            clock = median(query.seconds for query in usual)
            print(
                f"{rows:>13,}{len(passes):>8}{cost / plain:>20.1f}{cost:>15.2f}"
                f"{1e9 * cost / rows:>11.0f}{CORES / cost:>10.3f}{1 / clock:>8.3f}"
                f"{sum(query.driver_rows for query in asked):>20,}",
                flush=True,
            )
            for file in folder.iterdir():
                file.unlink()
            rows *= 10


def read_columns(sql: str, dialect: str, columns: Sequence[str]) -> list[str]:
    """List the columns of the table that a query reads."""
    found = {column.name for column in sqlglot.parse_one(sql, dialect=dialect).find_all(exp.Column)}
    return [name for name in columns if name in found]


def price(rows: int, columns: int) -> None:
    """Print what a fit asks of warehouses, and the arithmetic of its price."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "extract")
        # Of fewer rows all would be in the sample, and fewer passes enough.
        generate(folder, 1_000_000, columns)
        extract = folder / "part-000.parquet"
        plain: Mapping[str, Any] = {
            f"x{i}": {"kind": "number", "transform": "none"} for i in range(1, columns + 1)
        }
        names = [*plain, "label"]
        print(f"{rows:,} rows of {columns} numbers and a label")
        print(f"{'':<12}{'queries':>9}{'longest, letters':>18}{'values of a row they read':>34}")
        total = a_pass = 0
        for dialect in ("bigquery", "snowflake", "trino"):
            asked = lw.learning_queries(extract, dialect=dialect, dictionary=plain)
            read = [len(read_columns(sql, dialect, names)) for sql in asked]
            longest, shown = max(map(len, asked)), " + ".join(map(str, read))
            print(f"{dialect:<12}{len(asked):>9}{longest:>18,}{shown:>34}")
            total, a_pass = sum(read) * VALUE_BYTES, read[-1] * VALUE_BYTES
    print(f"bytes: {a_pass} of a row in a pass, {total} in all: {total / a_pass:.1f} passes")
    scanned = rows * total
    print(f"BigQuery, on demand: {scanned / TEBIBYTE:.2f} TiB x ${BIGQUERY_A_TEBIBYTE} = ", end="")
    print(f"${scanned / TEBIBYTE * BIGQUERY_A_TEBIBYTE:,.2f}")
    print(
        f"Athena, if nothing compresses: {scanned / TERABYTE:.2f} TB x ${ATHENA_A_TERABYTE} = $",
        end="",
    )
    print(f"{scanned / TERABYTE * ATHENA_A_TERABYTE:,.2f}")
    seconds = 3600 / SNOWFLAKE_A_CREDIT / (total / a_pass)
    print(f"Snowflake: $1 for {seconds:.0f} s of a pass on one credit an hour (X-Small)")


def main() -> int:
    """Generate, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--columns", type=int, default=7)
    parser.add_argument("--queries", action="store_true")
    asked = parser.parse_args()
    if asked.queries:
        price(asked.rows or 10**10, asked.columns)
    else:
        grow(asked.rows or 10**7, asked.columns)
    return 0


if __name__ == "__main__":
    sys.exit(main())
