"""Measure how time and memory of whole commands grow, as slopes on a log-log plot.

Each measurement is a process of its own: CPU time (user and system) and peak memory by wait4. A
slope is that between the two largest sizes, where fixed costs hide it least: 1 is linear, 2
quadratic; below 1 fixed costs are in it still. Exits 1 if a command fails, or a slope of CPU time
or memory is above 1.05. What a process does inside is measured by growth_inside.py.

Run ``python benchmarks/growth.py [--rows 1000 10000 100000 1000000] [--columns 10 100 1000]
[--levels 10 100 1000] [--keys 10000 100000 1000000] [--only fit score] [--picture FILE]``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple

# This process imports nothing large: on Linux a child's peak memory begins with its parent's.

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.05
MEGABYTE = 2**20
SMALL = 2_000  # rows where another dimension grows


class Cost(NamedTuple):
    """What one process took: seconds on the processors, and peak memory in MB."""

    cpu: float
    megabytes: float


class Line(NamedTuple):
    """What a command took at each size of a dimension."""

    dimension: str
    command: str
    sizes: tuple[int, ...]
    costs: tuple[Cost, ...]

    def slope(self, place: int) -> float:
        """Give the slope between the two largest sizes, of CPU time (0) or memory (1)."""
        before, last = (cost[place] for cost in self.costs[-2:])
        return log(last / before) / log(self.sizes[-1] / self.sizes[-2])


MAKE = """
import sys
import duckdb
rows, columns, levels, path = *map(int, sys.argv[1:4]), sys.argv[4]
draw = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
numbers = ", ".join(f"{draw} AS x{i}" for i in range(columns))
level = f", 'level ' || (random() * {levels})::INTEGER AS c" if levels else ""
chosen = f"SELECT 'lead ' || i AS lead, {numbers}{level} FROM range({rows}) AS t(i)"
label = "(random() < 1 / (1 + exp(1 - x0 - x1)))::TINYINT AS label"
with duckdb.connect() as connection:
    # Tables of other sizes have other rows: what was learnt from is not what is measured on.
    connection.execute(f"SET threads = 1; SELECT setseed({rows % 997 / 997})")
    connection.execute(f"COPY (SELECT *, {label} FROM ({chosen})) TO '{path}' (FORMAT parquet)")
"""


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end. Exits where it fails, but for a verdict of the monitor."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    complaint = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ((0, 3, 4) if "monitor" in command else (0,)):
        sys.exit(f"{' '.join(command)} failed:\n{complaint.decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * unit / MEGABYTE)


def make(path: Path, rows: int, columns: int = 7, levels: int = 0) -> Path:
    """Write a table of normal numbers, perhaps a category, a key and a label."""
    if not path.exists():
        run([sys.executable, "-c", MAKE, *map(str, (rows, columns, levels)), str(path)])
    return path


def own(*words: object) -> list[str]:
    """Write a command line of leadweights."""
    return [sys.executable, "-m", "leadweights", *map(str, words)]


def learn(table: Path, folder: Path) -> list[str]:
    """Write the command that learns from a table into a folder."""
    return own("fit", table, "--label", "label", "--key", "lead", "--output", folder)


def with_rows(folder: Path, rows: int) -> dict[str, list[str]]:
    """Write the commands over so many rows, of a model that was learnt from a few others."""
    table, model = make(folder / f"rows_{rows}.parquet", rows), folder / "model"
    if not model.exists():
        run(learn(make(folder / "few.parquet", SMALL), model))
    return {
        "fit": learn(table, folder / "learnt"),
        "columns": own("columns", table, "--label", "label"),
        "compare": own("compare", table, "--label", "label"),
        "score": own("score", model, table, "-o", folder / "scores.parquet"),
        "check-input": own("check-input", model, table),
        "verify": own("verify", model, table),
        "monitor": own("monitor", model, table),
        "threshold": own("threshold", model, table, "--precision", "0.5"),
        "calibrate": own("calibrate", model, table),
        "report": own("report", model, table, "-o", folder / "page.html"),
    }


def with_columns(folder: Path, columns: int) -> dict[str, list[str]]:
    """Write the commands over so many columns, of a model that reads all of them."""
    table, model = make(folder / f"wide_{columns}.parquet", SMALL, columns), folder / f"m{columns}"
    plain = (f"x{i} = {{kind = 'number', transform = 'none'}}" for i in range(columns))
    dictionary = folder / f"{columns}.toml"
    dictionary.write_text("\n".join(plain) + "\n")
    fit = [*learn(table, model), "--dictionary", str(dictionary)]
    return {
        "fit": fit,
        "columns": own("columns", table, "--label", "label"),
        "sql": own("sql", model),
        "score": own("score", model, table, "-o", folder / "scores.parquet"),
        "check-input": own("check-input", model, table),
    }


LEVELS = """
import sys
from leadweights.model.file import save
from leadweights.model.model import Category, Logit, ScoringModel
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Level, Levels
levels, path = int(sys.argv[1]), sys.argv[2]
own = tuple(Level(f"level {i}", (i % 7 - 3) / 10, 0.5 / levels) for i in range(levels))
term = Levels("c", 1.0, own, Level("Other", 0.1, 0.25), Level("Missing", 0.0, 0.25))
made = Provenance("benchmark", "label", "1", 2, 1, "", "")
save(ScoringModel("levels", ("lead",), (Category("c"),), (term,), Logit(0.0, 1.0), made), path)
"""


def with_levels(folder: Path, levels: int) -> dict[str, list[str]]:
    """Write the commands of a model with so many levels."""
    table, model = make(folder / f"l{levels}.parquet", SMALL, 2, levels), folder / f"{levels}.json"
    run([sys.executable, "-c", LEVELS, str(levels), str(model)])
    return {
        "sql": own("sql", model),
        "score": own("score", model, table, "-o", folder / "scores.parquet"),
        "check-input": own("check-input", model, table),
        "verify": own("verify", model, table),
    }


def with_keys(folder: Path, keys: int) -> dict[str, list[str]]:
    """Write the commands that sort or rank so many keys, which is n log n."""
    table = make(folder / f"rows_{keys}.parquet", keys)
    model = folder / "model"
    if not model.exists():
        run(learn(make(folder / "few.parquet", SMALL), model))
    score = own("score", model, table, "-o", folder / "scores.parquet")
    return {
        "score, by key": [*score, "--order-by", "lead"],
        "score, rank": [*score, "--columns", "lead_score,rank"],
    }


DIMENSIONS: dict[str, Callable[[Path, int], dict[str, list[str]]]] = {
    "rows": with_rows,
    "columns": with_columns,
    "levels": with_levels,
    "keys": with_keys,
}


def measure(sizes: dict[str, list[int]], only: Sequence[str]) -> Iterator[Line]:
    """Measure every command at every size, and print each line as it is known."""
    for dimension, commands_of in DIMENSIONS.items():
        if not sizes[dimension]:
            continue
        with tempfile.TemporaryDirectory() as name:
            costs: dict[str, list[Cost]] = {}
            for size in sizes[dimension]:
                for command, words in commands_of(Path(name), size).items():
                    # What others need is run, though not shown.
                    if not only or command in only or (dimension, command) == ("columns", "fit"):
                        costs.setdefault(command, []).append(run(words))
            for command, found in costs.items():
                line = Line(dimension, command, tuple(sizes[dimension]), tuple(found))
                print_line(line)
                yield line


def print_line(line: Line) -> None:
    """Print what one command took, and its slopes."""
    shown = "".join(
        f"{size:>12,}: {cost.cpu:6.1f} s {cost.megabytes:6.0f} MB"
        for size, cost in zip(line.sizes, line.costs, strict=True)
    )
    slopes = "".join(
        f"{line.slope(place):7.2f}{'*' if line.slope(place) > GOAL else ' '}" for place in (0, 1)
    )
    print(f"{line.dimension:8} {line.command:14}{shown}   slopes{slopes}", flush=True)


def draw(lines: Sequence[Line], picture: Path) -> None:
    """Draw time and memory over each dimension, on logarithmic axes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "growth", "font.size": 8, "svg.fonttype": "none"})
    from matplotlib import pyplot

    dimensions = list(dict.fromkeys(line.dimension for line in lines))
    figure, axes = pyplot.subplots(
        2, len(dimensions), figsize=(3.2 * len(dimensions), 6), squeeze=False, layout="constrained"
    )
    for column, dimension in enumerate(dimensions):
        for row, unit in enumerate(("CPU, seconds", "memory, MB")):
            own_axes = axes[row][column]
            for line in lines:
                if line.dimension == dimension:
                    values = [cost[row] for cost in line.costs]
                    own_axes.loglog(line.sizes, values, marker=".", label=line.command, lw=1)
            sizes = next(line.sizes for line in lines if line.dimension == dimension)
            low, top = own_axes.get_ylim()
            linear = [low * size / sizes[0] for size in sizes]
            own_axes.loglog(sizes, linear, color="grey", ls=":", lw=1, label="slope 1")
            own_axes.set(xlabel=dimension, ylabel=unit, ylim=(low, top))
            own_axes.legend(frameon=False, fontsize=6)
    figure.savefig(picture, metadata={"Date": None})


def main() -> int:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    usual = {
        "rows": [1_000, 10_000, 100_000, 1_000_000],
        "columns": [10, 100, 1_000],
        "levels": [10, 100, 1_000],
        "keys": [10_000, 100_000, 1_000_000],
    }
    for name, sizes in usual.items():
        parser.add_argument(f"--{name}", type=int, nargs="*", default=sizes)
    parser.add_argument("--only", nargs="+", default=(), metavar="COMMAND")
    parser.add_argument("--picture", type=Path, metavar="FILE")
    asked = parser.parse_args()
    lines = list(measure({name: getattr(asked, name) for name in usual}, asked.only))
    if asked.picture is not None:
        draw(lines, asked.picture)
    beyond = [line for line in lines if max(line.slope(0), line.slope(1)) > GOAL]
    print("slopes of CPU time, then memory; the goal, at most", GOAL, end=": ")
    print(", ".join(f"{one.command} by {one.dimension}" for one in beyond) or "held", end="")
    print(" missed" if beyond else "")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
