"""Measure adopted models against orbital: the same fitted pipelines, as SQL, in one DuckDB.

Both are held against scikit-learn, or LightGBM, itself: on plain rows, on rows at and next to
every cut, and on rows with a NULL. Then bytes, planning (EXPLAIN) and scoring with a sum over all
rows, both in CPU time on one thread. What is compared runs in turn, the first round is not
counted, and ratios are medians over the rounds. `bare` counts the bytes of a SELECT without
comments and indentation.

Needs ``pip install "orbital==0.6.*" lightgbm pandas`` beside leadweights, which depends on none.

Run ``python benchmarks/adopt_peers.py [--rows 300000] [--rounds 11]``.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import duckdb
import numpy as np
import orbital
import pandas as pd
from lightgbm import LGBMClassifier
from orbital import types
from orbital.translate import ResultsProjection
from rounds import in_random_order
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import leadweights as lw

TRAIN = Path(__file__).parents[1] / "data" / "train.csv"
WORDS = ["channel", "region"]
OURS, THEIRS = "probability", "output_probability.1"
OFF = 1e-5
"""From here on a probability is wrong: single precision explains less."""


class Case(NamedTuple):
    """A pipeline, whether it reads words, and the share of NULL that it learns from."""

    model: Any
    words: bool = False
    null: float = 0.0


class Scored(NamedTuple):
    """What a SELECT gives: probabilities, and labels where it has any; NaN where it is NULL."""

    probability: np.ndarray
    label: np.ndarray


def cases(numbers: list[str]) -> dict[str, Case]:
    """Give the pipelines."""
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), WORDS),
    )
    forest = RandomForestClassifier(20, max_depth=5, random_state=0)
    boosting = GradientBoostingClassifier(n_estimators=30, max_depth=3, random_state=0)
    sixty = GradientBoostingClassifier(n_estimators=60, max_depth=3, random_state=0)
    by_bins = HistGradientBoostingClassifier(max_iter=30, max_depth=3, random_state=0)
    light = LGBMClassifier(n_estimators=30, max_depth=3, random_state=0, verbose=-1)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    return {
        "scaler, logistic": Case(make_pipeline(StandardScaler(), LogisticRegression())),
        "imputer, scaler, one-hot, logistic": Case(
            make_pipeline(prepared, LogisticRegression()), words=True, null=0.05
        ),
        "tree, depth 4": Case(make_pipeline(tree)),
        "tree, depth 4, learnt with NULL": Case(
            make_pipeline(DecisionTreeClassifier(max_depth=4, random_state=0)), null=0.05
        ),
        "forest, 20 trees, depth 5": Case(make_pipeline(forest)),
        "boosting, 30 trees, depth 3": Case(make_pipeline(boosting)),
        "boosting, 60 trees, depth 3": Case(make_pipeline(sixty)),
        "histogram boosting, 30 trees, depth 3": Case(make_pipeline(by_bins)),
        "LightGBM, 30 trees, depth 3": Case(make_pipeline(light)),
    }


def table(train: pd.DataFrame, numbers: list[str], rows: int) -> pd.DataFrame:
    """Draw rows of a table, with two columns of words besides."""
    random = np.random.default_rng(42)
    chosen = train.iloc[random.integers(0, len(train), rows)]
    drawn = chosen[[*numbers, "label"]].astype(float)
    words = {
        "channel": random.choice(["web", "call", "fair", "mail"], rows).astype(object),
        "region": random.choice([f"region {i}" for i in range(12)], rows).astype(object),
    }
    return drawn.reset_index(drop=True).assign(**words)


def with_nulls(frame: pd.DataFrame, numbers: list[str], share: float) -> pd.DataFrame:
    """Leave numbers out."""
    random = np.random.default_rng(7)
    return frame.assign(**{n: frame[n].mask(random.random(len(frame)) < share) for n in numbers})


def cuts(model: Any, numbers: list[str]) -> Iterator[tuple[str, float]]:
    """Give each column and cut, as the library holds them."""
    match model:
        case HistGradientBoostingClassifier():
            for (predictor,) in model._predictors:
                inner = predictor.nodes[predictor.nodes["is_leaf"] == 0]
                for node in inner:
                    yield numbers[node["feature_idx"]], float(node["num_threshold"])
        case LGBMClassifier():
            found = model.booster_.trees_to_dataframe().dropna(subset=["split_feature"])
            for name, cut in zip(found["split_feature"], found["threshold"], strict=True):
                yield name, float(cut)
        case LogisticRegression():
            pass
        case _:
            trees = np.ravel(getattr(model, "estimators_", [model]))
            for own in (tree.tree_ for tree in trees):
                inner = own.children_left >= 0
                for place, cut in zip(own.feature[inner], own.threshold[inner], strict=True):
                    yield numbers[place], float(cut)


def rows_at_cuts(frame: pd.DataFrame, found: Iterator[tuple[str, float]]) -> pd.DataFrame:
    """Put each cut, the doubles and the singles next to it, into ten rows."""
    pieces, first = [], 0
    for name, cut in sorted(set(found)):
        single = np.float32(cut)
        near = {cut, float(single)}
        near |= {float(np.nextafter(cut, end)) for end in (-np.inf, np.inf)}
        near |= {float(np.nextafter(single, np.float32(end))) for end in (-np.inf, np.inf)}
        some = frame.iloc[first : first + 10]
        pieces += [some.assign(**{name: value}) for value in sorted(near)]
        first = (first + 10) % (len(frame) - 10)
    return pd.concat(pieces, ignore_index=True) if pieces else frame.head(0)


def rows_with_nulls(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Leave each column out in turn, and all."""
    some = frame.head(200)
    empty = {name: None if some[name].dtype == object else np.nan for name in names}
    pieces = [some.assign(**{name: nothing}) for name, nothing in empty.items()]
    return pd.concat([*pieces, some.head(1).assign(**empty)], ignore_index=True)


def selects(case: Case, train: pd.DataFrame, names: list[str]) -> dict[str, str]:
    """Give each SELECT, or what was said instead."""
    adopted = lw.adopt(case.model, rows=train)
    keys, columns = ["row_id"], [OURS]
    found = {
        "leadweights": lw.render(adopted.model, keys=keys, columns=columns),
        "leadweights, raw": lw.render(adopted.model, keys=keys, columns=columns, shape="raw"),
    }
    if adopted.model.trees:
        del found["leadweights, raw"]
    kinds = {
        name: types.StringColumnType() if name in WORDS else types.DoubleColumnType()
        for name in names
    }
    kinds["row_id"] = types.Int64ColumnType(passthrough=True)
    for name, separate in {"orbital": False, "orbital, separate trees": True}.items():
        try:
            parsed = orbital.parse_pipeline(case.model, features=kinds)
            found[name] = orbital.export_sql(
                "leads", parsed, projection=ResultsProjection(keys), separate_trees=separate
            )
        except Exception as problem:
            found[name] = f"refused: {type(problem).__name__}: {str(problem).splitlines()[0]}"
    refused = found["orbital"].startswith("refused")
    if refused or not adopted.model.trees or len(adopted.model.trees.trees) == 1:
        del found["orbital, separate trees"]
    return found


def load(connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> None:
    """Make a table of some rows; NaN of a DataFrame is NULL in a database."""
    connection.register("handed", rows.assign(row_id=np.arange(len(rows))))
    numbers = [name for name in rows if name not in WORDS]
    known = ", ".join(f'CASE WHEN NOT isnan("{n}") THEN "{n}" END AS "{n}"' for n in numbers)
    rest = ", ".join(WORDS)
    connection.execute(
        f"CREATE OR REPLACE TABLE leads AS SELECT {known}, {rest}, row_id FROM handed"
    )


def run(connection: duckdb.DuckDBPyConnection, sql: str, rows: pd.DataFrame) -> Scored:
    """Score some rows."""
    load(connection, rows)
    found = connection.execute(sql).df().sort_values("row_id")
    column = OURS if OURS in found else THEIRS
    probability = found[column].to_numpy(dtype=float, na_value=np.nan)
    if "output_label" in found:
        return Scored(probability, found["output_label"].to_numpy(dtype=float, na_value=np.nan))
    return Scored(probability, np.where(np.isnan(probability), np.nan, probability > 0.5))


def ask(model: Any, rows: pd.DataFrame) -> Scored | None:
    """Let the library score some rows; None where it refuses NaN."""
    try:
        return Scored(model.predict_proba(rows)[:, 1], np.asarray(model.predict(rows), dtype=float))
    except ValueError:
        return None


def bare(sql: str) -> str:
    """Leave out comments and indentation."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", sql, flags=re.DOTALL)).strip()


def held(ours: Scored, theirs: Scored | None) -> str:
    """Say how many probabilities are wrong, how many labels, and the furthest of all."""
    if theirs is None:
        numbers, labels = (~np.isnan(some) for some in ours)
        return f"{numbers.mean():.0%}, {labels.mean():.0%}"
    apart = np.abs(ours.probability - theirs.probability)
    wrong, labels = ~(apart <= OFF), ours.label != theirs.label
    return f"{wrong.mean():.2%} {labels.mean():.2%} {np.nanmax(apart):.0e}"


def measure(name: str, case: Case, rows: int, rounds: int) -> None:
    """Print what one pipeline comes to."""
    train = pd.read_csv(TRAIN)
    numbers = list(train.columns[1:-1])
    names = [*numbers, *(WORDS if case.words else [])]
    learnt = with_nulls(table(train, numbers, len(train)), numbers, case.null)
    case.model.fit(learnt[names], learnt["label"].astype(int))
    found = selects(case, learnt, names)
    frame = table(train, numbers, rows)
    plain = frame.head(20_000)
    near = rows_at_cuts(plain, cuts(case.model[-1], numbers))
    sets = {"plain": plain, "cuts": near, "NULL": rows_with_nulls(plain, names)}
    truth = {what: ask(case.model, some[names]) for what, some in sets.items() if len(some)}
    print(
        f"\n{name}"
        + ("" if truth["NULL"] else "; scikit-learn refuses NULL: shares scored, labelled")
    )
    heads = ("plain rows", f"{len(near):,} at cuts", "with NULL")
    print(f"{'':<24}" + "".join(f"{head:>20}" for head in heads) + "  bytes   bare  plan  time")
    connection = duckdb.connect(config={"threads": 1})
    scored = {who: sql for who, sql in found.items() if not sql.startswith("refused")}
    said = {
        who: [held(run(connection, sql, sets[what]), truth[what]) for what in truth]
        for who, sql in scored.items()
    }
    load(connection, frame)
    took = timed(connection, scored, rounds)
    for who, sql in found.items():
        if who not in scored:
            print(f"{who:<24}  {sql[:84]}")
            continue
        cells = said[who] if len(near) else [said[who][0], "-", said[who][1]]
        ratios = [
            median(own / first for own, first in zip(*pair, strict=True))
            for pair in zip(took[who], took["leadweights"], strict=True)
        ]
        sizes = f"{len(sql):>7,} {len(bare(sql)):>6,}"
        times = "".join(f"{ratio:>6.2f}" for ratio in ratios)
        print(f"{who:<24}" + "".join(f"{cell:>20}" for cell in cells) + sizes + times, flush=True)


def ask_for(connection: duckdb.DuckDBPyConnection, text: str) -> list[Any]:
    """Run a query to its end."""
    return connection.execute(text).fetchall()


def timed(
    connection: duckdb.DuckDBPyConnection, found: dict[str, str], rounds: int
) -> dict[str, tuple[list[float], list[float]]]:
    """Measure planning, and scoring with the sum over all rows."""
    jobs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {}
    for who, sql in found.items():
        column = OURS if who.startswith("leadweights") else THEIRS
        text = f'SELECT sum("{column}") FROM ({sql.rstrip().rstrip(";")})'
        jobs[who] = (
            partial(ask_for, connection, f"EXPLAIN {text}"),
            partial(ask_for, connection, text),
        )
    took: dict[str, tuple[list[float], list[float]]] = {who: ([], []) for who in found}
    for turn in range(rounds + 1):
        for who, own in in_random_order(jobs.items()):
            for place, job in enumerate(own):
                began = time.process_time()
                job()
                if turn:
                    took[who][place].append(time.process_time() - began)
    return took


def main() -> int:
    """Measure every pipeline."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    numbers = list(pd.read_csv(TRAIN, nrows=1).columns[1:-1])
    print(f"{asked.rows:,} rows, {asked.rounds} rounds, one thread")
    print("of each kind of rows: wrong probabilities, wrong labels, the furthest probability")
    for name, case in cases(numbers).items():
        measure(name, case, asked.rows, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
