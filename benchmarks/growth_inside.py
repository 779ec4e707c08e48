"""Measure how the time to open, read and score grows with what a table or a model holds.

Each dimension is doubled a few times in this process, and the CPU time of each step (user and
system) printed with the slope between the first and the last: 1 is linear, 2 quadratic. Fixed costs
bring it below 1.

Whole commands are measured by growth.py.

Run ``python benchmarks/growth_inside.py [--doublings 3]``.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from math import log2
from pathlib import Path

import pandas as pd

import leadweights as lw
from leadweights.errors import ModelError
from leadweights.model.file import from_json
from leadweights.model.model import (
    Category,
    InputColumn,
    Logit,
    Number,
    ScoringModel,
)
from leadweights.model.provenance import Provenance
from leadweights.model.terms import Curve, Level, Levels, Point, Standardized, Term
from leadweights.tables.open import open_table

MADE = Provenance("benchmark", "label", "1", 2, 1, "", "")


def make_model(columns: list[InputColumn], terms: list[Term]) -> ScoringModel:
    """Make a model of columns and terms."""
    return ScoringModel("growth", (), tuple(columns), tuple(terms), Logit(0.0, 1.0), MADE)


def open_cells(cell: str) -> Callable[[Path, int], Callable[[], object]]:
    """Write a text file of so many columns and three rows; give what opens it."""

    def prepare(folder: Path, size: int) -> Callable[[], object]:
        path = folder / f"{size}.csv"
        rows = [[f"c{place}" for place in range(size)], *[[cell] * size] * 3]
        path.write_text("\n".join(map(",".join, rows)) + "\n")
        return lambda: open_table(path)

    return prepare


def score_columns(_: Path, size: int) -> Callable[[], object]:
    """Score with so many numbers."""
    names = [f"c{place}" for place in range(size)]
    terms: list[Term] = [Standardized(name, 0.0, 1.0, 1 / size) for name in names]
    model = make_model([Number(name, 0.0) for name in names], terms)
    frame = pd.DataFrame({name: [0.0, 1.0] for name in names})
    return lambda: lw.score(model, frame)


def score_missing(_: Path, size: int) -> Callable[[], object]:
    """Score with a number of which so many values are missing ones."""
    number = Number("c", 0.0, missing=tuple(map(float, range(size))))
    model = make_model([number], [Standardized("c", 0.0, 1.0, 1.0)])
    return lambda: lw.score(model, pd.DataFrame({"c": [0.5, 1.0]}))


def score_points(_: Path, size: int) -> Callable[[], object]:
    """Score with a curve of so many points."""
    curve = Curve("c", 1.0, tuple(Point(float(at), at % 7.0) for at in range(size)))
    model = make_model([Number("c", 0.0)], [curve])
    return lambda: lw.score(model, pd.DataFrame({"c": [0.5, 1.0]}))


def score_levels(_: Path, size: int) -> Callable[[], object]:
    """Score with a category of so many levels."""
    own = tuple(Level(f"x{place}", place % 7.0, 0.0) for place in range(size))
    levels = Levels("c", 1.0, own, Level("Other", 0.0, 0.0), Level("Missing", 0.0, 0.0))
    model = make_model([Category("c")], [levels])
    return lambda: lw.score(model, pd.DataFrame({"c": ["x1", "y"]}))


def read_keys(_: Path, size: int) -> Callable[[], object]:
    """Read a model file of so many fields, of which the last stands twice."""
    names = ", ".join(f"{json.dumps(f'k{place}')}: 1" for place in [*range(size), size - 1])

    def read() -> None:
        try:
            from_json("{" + names + "}")
        except ModelError:
            return
        raise AssertionError("a field that stands twice was read")

    return read


DIMENSIONS: dict[str, tuple[Callable[[Path, int], Callable[[], object]], int]] = {
    "open: columns of numbers": (open_cells("1"), 500),
    "open: columns of flags": (open_cells("true"), 500),
    "open: columns of dates": (open_cells("2026-01-31"), 500),
    "open: columns of days first": (open_cells("31/01/2026"), 500),
    "score: columns": (score_columns, 200),
    "score: missing values": (score_missing, 100),
    "score: points of a curve": (score_points, 1000),
    "score: levels": (score_levels, 1000),
    "read: fields of a model file": (read_keys, 50_000),
}


def measure(run: Callable[[], object]) -> float:
    """Run once; give the CPU time in seconds."""
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> None:
    """Print a line for each dimension."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doublings", type=int, default=3)
    doublings = parser.parse_args().doublings
    with tempfile.TemporaryDirectory() as folder:
        score_columns(Path(folder), 2)()  # imports
        for name, (prepare, first) in DIMENSIONS.items():
            sizes = [first * 2**power for power in range(doublings + 1)]
            seconds = [measure(prepare(Path(folder), size)) for size in sizes]
            slope = log2(seconds[-1] / seconds[0]) / doublings
            pairs = zip(sizes, seconds, strict=True)
            shown = "".join(f"{size:>10,}: {took:6.2f} s" for size, took in pairs)
            print(f"{name:30}{shown}   slope {slope:.2f}", flush=True)


if __name__ == "__main__":
    main()
