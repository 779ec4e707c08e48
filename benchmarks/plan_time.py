"""Measure how long each installed engine plans the SELECT of many mixed columns.

Of ten columns five are curves, two categories of nine levels, one a date in text, one numbers with
marks, one a list of six values; with `--typed` two thirds are curves, the others categories. The
SELECT gives the scores, `score_100` and the band, or three reasons with `--reasons`. A SELECT over
20 rows is all planning. What more rows take besides is running. The median of the rounds.

Run ``python benchmarks/plan_time.py [--columns 20 100] [--typed] [--reasons] [--engine NAME ...]``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

import leadweights as lw
from leadweights.errors import LeadweightsError
from leadweights.tables.columns import sources
from leadweights.tables.engines.registry import ENGINES, open_engine
from leadweights.tables.open import open_table

SCORES = ("lead_score", "log_odds", "probability", "score_100", "band")
REASONS = (*SCORES, "reason_1", "reason_2", "reason_3")
FEW, MANY = 20, 7_000


def draw_leads(columns: int, typed: bool) -> tuple[pd.DataFrame, str]:
    """Draw rows, and the dictionary that makes curves and dates of their columns."""
    random = np.random.default_rng(1)
    levels = [f"level {place}" for place in range(9)]
    interests = np.array(["CRM", "ERP", "BI", "HR", "Web", "Mail"])
    found: dict[str, object] = {}
    told = ""
    kinds = "nnt" if typed else "nnndnmntlt"
    for place in range(columns):
        match kinds[place % len(kinds)]:
            case "n":
                found[f"number {place}"] = np.round(random.normal(size=MANY), 3)
                told += f"['number {place}']\ntransform = 'curve'\n"
            case "t":
                found[f"text {place}"] = random.choice(levels, MANY)
            case "d":
                days = pd.Timestamp("2026-01-01") - pd.to_timedelta(
                    random.integers(9, 900, MANY), "D"
                )
                found[f"day {place}"] = days.strftime("%d/%m/%Y")
                told += f"['day {place}']\nkind = 'date'\nsince = '2026-02-01'\n"
            case "m":
                amounts = np.exp(random.normal(7, 1.5, MANY))
                found[f"budget {place}"] = [f"$ {amount:,.2f}" for amount in amounts]
            case _:
                chosen = random.random((MANY, len(interests))) < 0.3
                found[f"list {place}"] = [";".join(interests[row]) for row in chosen]
    frame = pd.DataFrame(found)
    first = next(name for name in found if name.startswith("text"))
    log_odds = np.sin(2 * frame["number 0"]) + (frame[first] == "level 1")
    frame["label"] = (random.random(MANY) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return frame, told


def learn(frame: pd.DataFrame, dictionary: str) -> lw.ScoringModel:
    """Learn a model, with bands."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "dictionary.toml")
        path.write_text(dictionary)
        return lw.decide(lw.fit_model(frame, dictionary=path), bands="grades", data=frame)


def measure(model: lw.ScoringModel, frame: pd.DataFrame, name: str, chosen: tuple[str, ...]) -> str:
    """Give the cells of an engine: seconds to plan, and to plan and run."""
    cells = []
    with open_engine(name) as engine:
        for rows in (FEW, MANY):
            table = open_table(frame.head(rows))
            read = {column: table.require(column) for column in sources(model, chosen)}
            engine.load(table.number_rows(read, engine.holding.conditions(table, read)))
            dialect, place = engine.dialect, engine.table
            sql = lw.render(model, dialect=dialect, table=place, keys=(), columns=list(chosen))
            took = []
            for _ in range(3):
                start = time.perf_counter()
                engine.select(sql)
                took.append(time.perf_counter() - start)
            cells.append(f"{median(took):>9.2f} s")
    return "".join(cells)


def main() -> int:
    """Print a line for each engine and number of columns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--columns", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--typed", action="store_true")
    parser.add_argument("--reasons", action="store_true")
    parser.add_argument("--engine", action="append", choices=list(ENGINES))
    asked = parser.parse_args()
    chosen = REASONS if asked.reasons else SCORES
    print(f"{'engine':<14}{'columns':>8}{f'{FEW} rows':>11}{f'{MANY:,} rows':>11}")
    for columns in asked.columns:
        frame, dictionary = draw_leads(columns, asked.typed)
        model = learn(frame, dictionary)
        for name in asked.engine or [name for name, known in ENGINES.items() if known.installed]:
            try:
                cells = measure(model, frame, name, chosen)
            except LeadweightsError as problem:
                print(f"{name}: {problem}", file=sys.stderr)
                cells = f"{'-':>11}" * 2
            print(f"{name:<14}{columns:>8}{cells}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
