"""Measure how `leadweights fit` grows with the rows, in ratios of whole processes.

A CRM table, by default X Education or, where that file is not there, the generated one of
score_crm.py, is repeated 1, 10 and 100 times. Exits 1 if a fit fails.

Run ``python benchmarks/fit_rows.py [CSV] [--copies 1 10 100] [--rounds 3]``.
"""

from __future__ import annotations

import argparse
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

CRM: Mapping[str, Any] = runpy.run_path(str(Path(__file__).with_name("score_crm.py")))
# Repeated, an id is none: every value stands in as many rows as there are copies.
IDS = ("Prospect ID", "Lead Number")
GOAL = 10.0
ONE_ROUND = 50  # copies from which one round is enough: it takes minutes
MEGABYTE = 2**20


class Cost(NamedTuple):
    """What one process took: seconds by the clock and on the processors, and peak memory."""

    elapsed: float
    cpu: float
    megabytes: float


def repeated(path: Path, copies: int, folder: Path) -> tuple[Path, int]:
    """Write the table with its rows repeated; count the rows, a line each."""
    header, body = path.read_bytes().split(b"\n", 1)
    body = body.rstrip(b"\n") + b"\n"
    file = folder / f"{copies}.csv"
    with file.open("wb") as out:
        out.write(header + b"\n")
        for _ in range(copies):
            out.write(body)
    return file, copies * body.count(b"\n")


def fit_command(path: Path, output: Path) -> list[str]:
    """Write the command line that is measured."""
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline()
    left_out = [name for name in (*CRM["LEFT_OUT"], *IDS) if name in header]
    options = [option for name in dict.fromkeys(left_out) for option in ("--exclude", name)]
    command = [sys.executable, "-m", "leadweights", "fit", str(path), "--label", CRM["LABEL"]]
    # Rows that were repeated are too much alike for a sample.
    return [*command, *options, "--engine", "memory", "--output", str(output)]


def cost(command: Sequence[str]) -> Cost:
    """Run a command to its end. Exits where it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{complaint.decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / MEGABYTE)


def print_line(rows: int, times: float, costs: Sequence[Cost], first: Sequence[Cost]) -> None:
    """Print one size against the first."""
    own = Cost(*(median(values) for values in zip(*costs, strict=True)))
    base = Cost(*(median(values) for values in zip(*first, strict=True)))
    elapsed, cpu = own.elapsed / base.elapsed, own.cpu / base.cpu
    print(
        f"{rows:>11,}{len(costs):>8}{elapsed:>10.2f}{cpu:>10.2f}"
        f"{elapsed / times:>12.3f}{cpu / times:>10.3f}"
        f"{own.megabytes:>10.0f}{own.megabytes / base.megabytes:>8.2f}"
    )


def run(path: Path, copies: Sequence[int], rounds: int, folder: Path) -> None:
    """Repeat the rows, measure, print."""
    files = {count: repeated(path, count, folder) for count in copies}
    costs: dict[int, list[Cost]] = {count: [] for count in copies}
    cost(fit_command(files[copies[0]][0], folder / "outputs"))
    for turn in range(rounds):
        for count in copies:
            if turn == 0 or count < ONE_ROUND:
                costs[count].append(cost(fit_command(files[count][0], folder / "outputs")))
    first = costs[copies[0]]
    met = median(one.elapsed for one in first) <= GOAL
    print(f"{'':19}{'vs the first':>20}{'a row, vs the first':>22}{'peak memory':>18}")
    columns = ("elapsed", "CPU", "elapsed", "CPU", "MB", "ratio")
    widths = (10, 10, 12, 10, 10, 8)
    titles = "".join(f"{title:>{width}}" for title, width in zip(columns, widths, strict=True))
    print(f"{'rows':>11}{'rounds':>8}{titles}")
    for count in copies:
        print_line(files[count][1], count / copies[0], costs[count], first)
    print(f"goal for the first, {GOAL:g} s: {'met' if met else 'missed'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="?", type=Path, help="X Education, or a table with its names")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given: Path = options.csv or CRM["LEADS"]
        path = given if options.csv or given.is_file() else CRM["made_file"](folder)
        run(path, options.copies, options.rounds, folder)


if __name__ == "__main__":
    main()
