"""Weights alone, and with small trees beside them, against boosting, on the same five folds.

The tables are those of `public_tables.py` and the example data of the project. Each model is learnt
from four folds and measured on the fifth. Behind each stands its AUC and its log-loss with the
standard error of its difference to the best of the rivals over the folds, how many trees its SELECT
has on the mean, and how long it took to learn beside the fastest, roughly; then what the SELECT
costs in DuckDB: its bytes, milliseconds to plan, and rows a second for the sum of the log-odds over
the rows measured on, repeated. With `--large` large trees are learnt, too, which takes long.

Run ``python benchmarks/families.py FOLDER [TABLE ...] [--large]``; it looks for the files anywhere
in FOLDER.
Needs pandas, LightGBM and XGBoost; InterpretML's boosting is measured where it is installed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Collection, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal

import duckdb
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from public_tables import FOLDS, SEED, TABLES, PublicTable, find, learn, read
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

import leadweights as lw
from leadweights.tables.open import open_table

Floats = NDArray[np.float64]

CAMPAIGN = PublicTable(
    "train.csv",
    "",
    "data/ of this project",
    *("label", "1", ("contact_id",)),
)
IDS = ("Lead Number", "Prospect ID")
"""Given in the order of time: leadweights leaves them out by itself, boosting splits by them."""

OURS: dict[str, Literal["none", "auto", "large"]] = {
    "leadweights, weights alone": "none",
    "leadweights, trees if worth it": "auto",
    "leadweights, large trees": "large",
}
FEW, MANY = 20, 200_000
"""Rows whose SELECT is all planning, and rows to time it by."""


def make_rivals() -> dict[str, Any]:
    """Make boosting as people do who do not tune it, but know that these tables are small."""
    slow: dict[str, Any] = {"learning_rate": 0.05, "random_state": SEED}
    made = {
        "HistGradientBoosting": HistGradientBoostingClassifier(
            max_iter=200,
            max_leaf_nodes=15,
            early_stopping=False,
            categorical_features="from_dtype",
            **slow,
        ),
        "LightGBM": LGBMClassifier(
            n_estimators=200, num_leaves=15, verbose=-1, deterministic=True, n_jobs=1, **slow
        ),
        "XGBoost": XGBClassifier(
            n_estimators=200, max_depth=4, enable_categorical=True, n_jobs=1, **slow
        ),
    }
    if find_spec("interpret") is not None:
        boosting = import_module("interpret.glassbox").ExplainableBoostingClassifier
        made["EBM, 10 pairs"] = boosting(interactions=10, random_state=SEED)
    return made


def price(model: lw.ScoringModel, rows: pd.DataFrame) -> tuple[float, float, float]:
    """Give the bytes of a model's SELECT, seconds to plan it in DuckDB, and rows a second."""
    took = []
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder, "rows.csv")
        rows.to_csv(file, index=False)
        table = open_table(file)
        connection.register("held", table.frame(f"FROM {table.view}"))
        for count in (FEW, MANY):
            copies = f"range({count // len(rows) + 1}) AS copies(copy)"
            connection.execute(
                f"CREATE TABLE leads AS SELECT held.* FROM held, {copies} LIMIT {count}"
            )
            sql = lw.render(model, keys=(), columns=["log_odds"])
            rounds = []
            for _ in range(3):
                began = perf_counter()
                connection.execute(f"SELECT SUM(log_odds) FROM ({sql})").fetchall()
                rounds.append(perf_counter() - began)
            took.append(median(rounds))
            connection.execute("DROP TABLE leads")
    return len(lw.render(model).encode()), took[0], (MANY - FEW) / (took[1] - took[0])


def measure(path: Path, table: PublicTable, ours_too: Collection[str]) -> dict[str, Floats]:
    """Give AUC, log-loss, number of trees, seconds and the SELECT's price, shape (folds, 7)."""
    y, ours, _, levels = read(path, table)
    found: dict[str, list[tuple[float, ...]]] = {}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(y, y):

        def note(
            name: str,
            p: Floats,
            trees: float,
            took: float,
            select: Sequence[float] = (np.nan,) * 3,
            labels: NDArray[np.int64] = y[test],
        ) -> None:
            own = roc_auc_score(labels, p), log_loss(labels, p), trees, took, *select
            found.setdefault(name, []).append(own)

        for name in ours_too:
            began = perf_counter()
            p, model = learn(ours.iloc[train], ours.iloc[test], table, OURS[name])
            took = perf_counter() - began
            count = len(model.trees.trees) if model.trees else 0
            note(name, p, count, took, price(model, ours.iloc[test]))
        for name, rival in make_rivals().items():
            began = perf_counter()
            with threadpool_limits(1):
                rival.fit(levels.iloc[train], y[train])
            note(name, rival.predict_proba(levels.iloc[test])[:, 1], 200, perf_counter() - began)
    return {name: np.array(own) for name, own in found.items()}


def show(own: Floats, best: Floats) -> str:
    """Show the mean, and the standard error of the difference to the best rival."""
    error = (own - best).std(ddof=1) / FOLDS**0.5
    return f"{own.mean():.4f} ±{error:.4f}"


def main() -> int:
    """Print a table of every file that is there."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("table", nargs="*", help="such as bank; all if none is named")
    parser.add_argument("--large", action="store_true", help="learn large trees, too")
    asked = parser.parse_args()
    folder, wanted = asked.folder, asked.table
    ours = [name for name, trees in OURS.items() if trees != "large" or asked.large]
    if find_spec("interpret") is None:
        print("EBM is left out: InterpretML is not installed")
    paths = {name: (find(folder, table), table) for name, table in TABLES.items()}
    paths = {"campaign": (Path("data/train.csv"), CAMPAIGN), **paths}
    path, crm = paths["X Education"]
    paths["X Education"] = path, crm._replace(exclude=(*crm.exclude, *IDS))
    for name, (path, table) in paths.items():
        if path is None or (wanted and name not in wanted):
            continue
        found = measure(path, table, ours)
        rivals = [own for model, own in found.items() if model not in OURS]
        best_auc = max((own[:, 0] for own in rivals), key=lambda values: values.mean())
        best_loss = min((own[:, 1] for own in rivals), key=lambda values: values.mean())
        fastest = min(own[:, 3].mean() for own in found.values())
        print(
            f"{name:<32}{'AUC':>15}{'log-loss':>16}{'trees':>8}{'time':>8}"
            f"{'bytes':>10}{'plan':>8}{'rows/s':>12}"
        )
        for model, own in found.items():
            size, plan, speed = own[:, 4:].mean(axis=0)
            cost = "" if np.isnan(size) else f"{size:>10,.0f}{plan * 1000:>5.0f} ms{speed:>12,.0f}"
            print(
                f"  {model:<30}{show(own[:, 0], best_auc):>15}{show(own[:, 1], best_loss):>16}"
                f"{own[:, 2].mean():>8.0f}{own[:, 3].mean() / fastest:>8.0f}{cost}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
