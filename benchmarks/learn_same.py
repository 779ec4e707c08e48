"""Hold weights learnt by sums over all rows, in DuckDB, against scikit-learn's on the same rows.

Generated tables in Parquet, of which only a sample leaves DuckDB, against StandardScaler and
LogisticRegression(solver="newton-cholesky", tol=1e-10), and with tol=1e-14: where a label is rare
the first still stops in the eighth digit. And the tables of the folder that is named, if it is
there, against the same in memory, where scikit-learn learns. Needs pandas.

Run ``python benchmarks/learn_same.py [FOLDER]``; exit 1 if a coefficient is 1e-8 or more away from
scikit-learn at its most exact.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import leadweights
from leadweights.learn.learning import fit_model
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.terms import Curve, Levels

GOAL = 1e-8
TOLERANCES = (1e-10, 1e-14)
SEED = 42


def drawn(rows: int, columns: int, offset: float = -1.0) -> pd.DataFrame:
    """Draw numbers, the first far from zero and the second on a scale of its own, and a label."""
    random = np.random.default_rng(SEED)
    values = random.normal(size=(rows, columns))
    odds = values @ (random.normal(size=columns) / columns**0.5) + offset
    label = random.random(rows) < 1 / (1 + np.exp(-odds))
    values[:, 0] = values[:, 0] * 3 + 1e5
    values[:, 1] *= 1e-3
    frame = pd.DataFrame(values, columns=[f"x{place:03}" for place in range(columns)])
    return frame.assign(label=label.astype(int))


def generated() -> dict[str, pd.DataFrame]:
    """Draw every table."""
    collinear = drawn(200_000, 7)
    noise = np.random.default_rng(1).normal(size=len(collinear))
    collinear["x004"] = collinear["x002"] + collinear["x003"] + 1e-3 * noise
    return {
        "7 columns": drawn(300_000, 7),
        "50 columns": drawn(150_000, 50),
        "300 columns": drawn(60_000, 300),
        "collinear columns": collinear,
        "a label of 0.1%": drawn(500_000, 7, offset=-7.4),
    }


def against_scikit_learn(frame: pd.DataFrame, path: Path) -> tuple[float, list[float]]:
    """Learn from all rows; give the greatest coefficient, and differences by tolerance."""
    write(frame, path)
    numbers = frame.drop(columns="label")
    model = fit_model(path, dictionary=plain(frame), split="all", engine="duckdb")
    scaled = StandardScaler().fit_transform(numbers.to_numpy())
    found = np.array([value for _, value in sorted(coefficients(model).items())])
    order = np.argsort([*numbers, ""])  # the intercept has no name
    apart = []
    for tolerance in TOLERANCES:
        regression = LogisticRegression(solver="newton-cholesky", tol=tolerance, max_iter=1000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            regression.fit(scaled, frame["label"])
        expected = np.append(regression.coef_[0], regression.intercept_)[order]
        apart.append(float(np.abs(found - expected).max()))
    return float(np.abs(found).max()), apart


def plain(frame: pd.DataFrame) -> dict[str, object]:
    """Leave every number as it is."""
    names = map(str, frame.drop(columns="label"))
    return {name: {"kind": "number", "transform": "none"} for name in names}


def coefficients(model: ScoringModel) -> dict[str, float]:
    """Give what everything adds to the log-odds, of a number per standard deviation."""
    assert isinstance(model.link, Logit)
    scale = model.link.scale
    found = {"": model.link.intercept}
    for term in model.terms:
        match term:
            case Curve(name, _, points):
                found |= {f"{name} {p.at}": p.contribution * scale for p in points}
            case Levels(name):
                levels = (*term.levels, term.other, term.missing)
                found |= {
                    f"{name} {i}": level.contribution * scale for i, level in enumerate(levels)
                }
            case _:
                found[term.column] = term.weight * scale
    return found


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file."""
    with duckdb.connect() as connection:
        connection.from_df(frame).write_parquet(str(path))


def of_real_tables(folder: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Name the tables that are there, and what of them is learnt from."""
    after = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "campaign": ("campaign/train.csv", {}),
        "X Education": ("xeducation/leads.csv", {"label": "Converted", "exclude": after}),
        "bank": ("bank/bank-additional-full.csv", {"label": "y", "exclude": ["duration"]}),
    }
    there = {name: (folder / path, options) for name, (path, options) in known.items()}
    return {name: one for name, one in there.items() if one[0].exists()}


def main() -> int:
    """Print one line a table."""
    worst = 0.0
    print(f"{'':<26}{'greatest coefficient':>22}{'tol=1e-10':>14}{'tol=1e-14':>14}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        for name, frame in generated().items():
            largest, apart = against_scikit_learn(frame, path)
            worst = max(worst, apart[-1])
            print(f"{name:<26}{largest:>22.4f}{apart[0]:>14.1e}{apart[1]:>14.1e}", flush=True)
        for name, (file, options) in of_real_tables(Path(*sys.argv[1:2])).items():
            there = coefficients(fit_model(file, split="all", engine="duckdb", **options))
            here = coefficients(fit_model(file, split="all", engine="memory", **options))
            assert there.keys() == here.keys()
            difference = max(abs(there[key] - here[key]) for key in here)
            worst = max(worst, difference)
            largest = max(map(abs, here.values()))
            print(f"{name + ', all columns':<26}{largest:>22.4f}{difference:>14.1e}", flush=True)
        separable = drawn(200_000, 7)
        separable["label"] = (separable["x002"] > 0.3).astype(int)
        write(separable, path)
        found = leadweights.fit(path, engine="duckdb", dictionary=plain(separable))
        largest = max(map(abs, coefficients(found.model).values()))
        print(f"{'separable':<26}{largest:>22.4f}   warning: {found.warnings[0]}")
    return int(worst >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
