"""Measure how many rows a second each installed engine scores, against numpy in the same run.

The model's SELECT of the three scores, in both shapes, is summed up by the engine itself, so that
nothing but three numbers comes back; numpy computes the same formulas on the same rows. An
engine's time has its planning in it. Ratios of medians; rows are loaded before.

Run ``python benchmarks/engines.py [--rows 50000] [--rounds 5] [--engine NAME ...]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from sqlglot import exp

import leadweights
from leadweights.errors import LeadweightsError
from leadweights.formula.evaluate import compute
from leadweights.formula.stages import SHAPES, stages
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.columns import read_columns, sources
from leadweights.tables.engines.registry import ENGINES, open_engine
from leadweights.tables.open import open_table

ROOT = Path(__file__).resolve().parents[1]
SCORES = ("lead_score", "log_odds", "probability")
SEED = 42


def seconds(job: Callable[[], object], rounds: int) -> float:
    """Run a job once, then again and again; the median."""
    job()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return median(found)


def summed(sql: str, dialect: str) -> str:
    """Let the engine consume what it computes; no ORDER, no rows."""
    quoted = (exp.column(name, quoted=True).sql(DIALECTS[dialect].sqlglot) for name in SCORES)
    added = ", ".join(f"SUM({name}) AS {name}" for name in quoted)
    return f"SELECT {added} FROM ({sql.rstrip()}) AS scored"


def main() -> int:
    """Print a table of ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engine", action="append", choices=list(ENGINES))
    asked = parser.parse_args()

    model = leadweights.load(ROOT / "outputs" / "model.json")
    train = pd.read_csv(ROOT / "data" / "train.csv")
    places = np.random.default_rng(SEED).integers(0, len(train), asked.rows)
    table = open_table(train.iloc[places].reset_index(drop=True))
    values = read_columns(table, model)
    chains = {shape: stages(model, shape, SCORES) for shape in SHAPES}
    baseline = {
        shape: seconds(partial(compute, chain, values), asked.rounds)
        for shape, chain in chains.items()
    }
    for shape, took in baseline.items():
        print(f"numpy, {shape}: {asked.rows / took:,.0f} rows a second")
    print(f"\n{'engine':<44}" + "".join(f"{shape:>14}" for shape in SHAPES) + "   times numpy")
    names = asked.engine or [name for name, known in ENGINES.items() if known.installed]
    for name in names:
        cells = []
        with open_engine(name) as engine:
            read = {column: table.require(column) for column in sources(model, SCORES)}
            engine.load(table.number_rows(read, engine.holding.conditions(table, read)))
            for shape in SHAPES:
                sql = leadweights.render(
                    model,
                    dialect=engine.dialect,
                    table=engine.table,
                    keys=(),
                    shape=shape,
                    columns=SCORES,
                )
                try:
                    took = seconds(
                        partial(engine.select, summed(sql, engine.dialect)), asked.rounds
                    )
                    cells.append(f"{baseline[shape] / took:>14.3f}")
                except LeadweightsError as problem:
                    print(f"{engine.title}, {shape}: {problem}", file=sys.stderr)
                    cells.append(f"{'-':>14}")
            print(f"{engine.title:<44}{''.join(cells)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
