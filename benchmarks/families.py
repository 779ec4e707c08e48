"""Weights alone, and with small trees beside them, against boosting, on the same five folds.

The tables are those of `public_tables.py` and the example data of the project. Each model is learnt
from four folds and measured on the fifth. Behind each stands its AUC and its log-loss with the
standard error of its difference to the best of the rivals over the folds, how many trees its SELECT
has on the mean, and how long it took to learn beside the fastest, roughly.

Run ``python benchmarks/families.py FOLDER [TABLE ...]``; it looks for the files anywhere in FOLDER.
Needs pandas, LightGBM and XGBoost; InterpretML's boosting is measured where it is installed.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import numpy as np
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from public_tables import FOLDS, SEED, TABLES, PublicTable, find, learn, read
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

Floats = NDArray[np.float64]

CAMPAIGN = PublicTable(
    "train.csv",
    "",
    "data/ of this project",
    *("label", "1", ("contact_id",)),
)
OURS: dict[str, Literal["none", "auto"]] = {
    "leadweights, weights alone": "none",
    "leadweights, trees if worth it": "auto",
}


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


def measure(path: Path, table: PublicTable) -> dict[str, Floats]:
    """Give AUC, log-loss, the number of trees and seconds by model, shape (folds, 4)."""
    y, ours, _, levels = read(path, table)
    found: dict[str, list[tuple[float, ...]]] = {}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(y, y):

        def note(
            name: str, p: Floats, trees: float, began: float, labels: NDArray[np.int64] = y[test]
        ) -> None:
            own = roc_auc_score(labels, p), log_loss(labels, p), trees, perf_counter() - began
            found.setdefault(name, []).append(own)

        for name, trees in OURS.items():
            began = perf_counter()
            p, model = learn(ours.iloc[train], ours.iloc[test], table, trees)
            note(name, p, len(model.trees.trees) if model.trees else 0, began)
        for name, rival in make_rivals().items():
            began = perf_counter()
            with threadpool_limits(1):
                rival.fit(levels.iloc[train], y[train])
            note(name, rival.predict_proba(levels.iloc[test])[:, 1], 200, began)
    return {name: np.array(own) for name, own in found.items()}


def show(own: Floats, best: Floats) -> str:
    """Show the mean, and the standard error of the difference to the best rival."""
    error = (own - best).std(ddof=1) / FOLDS**0.5
    return f"{own.mean():.4f} ±{error:.4f}"


def main() -> int:
    """Print a table of every file that is there."""
    warnings.filterwarnings("ignore")
    folder, wanted = Path(*sys.argv[1:2]), sys.argv[2:]
    if find_spec("interpret") is None:
        print("EBM is left out: InterpretML is not installed")
    paths = {name: (find(folder, table), table) for name, table in TABLES.items()}
    paths = {"campaign": (Path("data/train.csv"), CAMPAIGN), **paths}
    for name, (path, table) in paths.items():
        if path is None or (wanted and name not in wanted):
            continue
        found = measure(path, table)
        rivals = [own for model, own in found.items() if model not in OURS]
        best_auc = max((own[:, 0] for own in rivals), key=lambda values: values.mean())
        best_loss = min((own[:, 1] for own in rivals), key=lambda values: values.mean())
        fastest = min(own[:, 3].mean() for own in found.values())
        print(f"{name:<32}{'AUC':>15}{'log-loss':>16}{'trees':>8}{'time':>8}")
        for model, own in found.items():
            print(
                f"  {model:<30}{show(own[:, 0], best_auc):>15}{show(own[:, 1], best_loss):>16}"
                f"{own[:, 2].mean():>8.0f}{own[:, 3].mean() / fastest:>8.0f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
