"""Measure what leadweights costs on top of its libraries, in ratios of whole processes.

Both sides of a ratio run alternately, and a ratio is the median over the rounds. Exits 1 if a
command that needs no scikit-learn imports it.

Run ``python benchmarks/fit_overhead.py [--rounds 9]``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd
from rounds import in_random_order

DATA = Path(__file__).resolve().parents[1] / "data"
GOAL = 1.5
IMPORTS = "import sklearn.linear_model, sklearn.ensemble, pandas, duckdb, sqlglot, click\n"

# The two models of `leadweights fit`, with its settings, and nothing else: no CSV, no metrics.
FITS = (
    IMPORTS
    + """
import sys
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rows = np.load(sys.argv[1])
x, y = np.ascontiguousarray(rows[:, :-1]), rows[:, -1]
regression = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
make_pipeline(StandardScaler(), regression).fit(x, y)
GradientBoostingClassifier(random_state=42).fit(x, y)
"""
)


class Cost(NamedTuple):
    """Seconds of one process, by the clock and on the processors."""

    elapsed: float
    cpu: float


class Ratio(NamedTuple):
    """One line of the table: the cost of `above` divided by that of `below`."""

    name: str
    above: str
    below: str


RATIOS = (
    Ratio(f"fit / (imports + the two fits), goal <= {GOAL}", "fit", "fits"),
    Ratio("imports alone / (imports + the two fits)", "imports", "fits"),
    Ratio("--help / import click", "help", "click"),
    Ratio("sql MODEL / import click, sqlglot", "sql", "click_sqlglot"),
)


def leadweights(*arguments: str | Path) -> list[str]:
    """Write the command line of a leadweights command."""
    return [sys.executable, "-m", "leadweights", *map(str, arguments)]


def python(code: str, *arguments: str | Path) -> list[str]:
    """Write the command line of a piece of Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def fit_command(output: Path) -> list[str]:
    """Write the command line that is measured."""
    tables = (DATA / "train.csv", "--valid", DATA / "valid.csv", "--key", "contact_id")
    return leadweights("fit", *tables, "--dictionary", DATA / "features.toml", "--output", output)


def commands(folder: Path) -> dict[str, list[str]]:
    """Name every process that is measured."""
    return {
        "fit": fit_command(folder / "outputs"),
        "fits": python(FITS, folder / "rows.npy"),
        "imports": python(IMPORTS),
        "help": leadweights("--help"),
        "click": python("import click"),
        "sql": leadweights("sql", folder / "outputs" / "model.json"),
        "click_sqlglot": python("import click, sqlglot"),
    }


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
        sys.exit(f"{command} failed:\n{complaint.decode()}")
    return Cost(elapsed, usage.ru_utime + usage.ru_stime)


def measured(named: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """Run all commands in turn, several times; the first time, which fills caches, not counted."""
    costs: dict[str, list[Cost]] = {name: [] for name in named}
    for turn in range(rounds + 1):
        for name, command in in_random_order(named.items()):
            found = cost(command)
            if turn:
                costs[name].append(found)
    return costs


def save_rows(path: Path) -> None:
    """Save the training rows, the label last, so that no reading of CSV is measured."""
    np.save(path, pd.read_csv(DATA / "train.csv").drop(columns="contact_id").to_numpy(np.float64))


def imported(command: Sequence[str]) -> set[str]:
    """Name the top-level packages that a Python command imports."""
    timed = [command[0], "-X", "importtime", *command[1:]]
    found = subprocess.run(timed, capture_output=True, text=True, check=True)
    lines = [line for line in found.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def print_table(costs: Mapping[str, Sequence[Cost]], rounds: int) -> None:
    """Print the ratios."""
    print(f"medians of {rounds} rounds; whole processes")
    print(f"{'':48}{'elapsed':>9}{'CPU':>9}")
    for name, above, below in RATIOS:
        pairs = list(zip(costs[above], costs[below], strict=True))
        elapsed = median(a.elapsed / b.elapsed for a, b in pairs)
        cpu = median(a.cpu / b.cpu for a, b in pairs)
        print(f"{name:48}{elapsed:9.2f}{cpu:9.2f}")


def check_imports(named: Mapping[str, Sequence[str]]) -> None:
    """Exit 1 if `--help` or `sql` imports scikit-learn."""
    for name in ("help", "sql"):
        packages = imported(named[name])
        assert "leadweights" in packages, "the list of imports was not understood"
        if "sklearn" in packages:
            sys.exit(f"leadweights {name} imports sklearn")
        heavy = sorted(packages & {"duckdb", "numpy", "pandas", "scipy", "sqlglot"})
        print(f"leadweights {name} imports no sklearn; imports {', '.join(heavy) or 'click only'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_rows(folder / "rows.npy")
        named = commands(folder)
        cost(named["fit"])
        check_imports(named)
        print_table(measured(named, rounds), rounds)


if __name__ == "__main__":
    main()
