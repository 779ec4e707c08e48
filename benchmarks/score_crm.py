"""Measure how fast DuckDB scores a CRM table by a model's own SELECT, in ratios.

Categories, flags, missing values and numbers, as CRM systems export them: by default X Education,
where that file is there, else a table of the same shape. The SELECT is held against predict_proba
of the scikit-learn pipeline people write for such a table (imputers, one-hot, scaler, logistic
regression), from a DataFrame in memory, in a process of its own. All runs in an order drawn for
each round, and a ratio is the median over the rounds: once on all cores by the clock, once on one
core in CPU time. Exits 1 if the SELECT of the equivalent model and the pipeline disagree.

Run ``python benchmarks/score_crm.py [CSV] [--rows 900000] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, Literal, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rounds import ONE_THREAD, Clock, Job, Timed, apart, here, measure_in_turn, ratio
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import leadweights
from leadweights.model.model import Category, Flag, Number, ScoringModel
from leadweights.model.terms import Levels

Times = Mapping[str, list[float]]

LEADS = Path(__file__).resolve().parents[2] / "shared" / "data" / "xeducation" / "leads.csv"
LABEL = "Converted"
# Columns that are written after the outcome, or with it, and the one key.
LEFT_OUT = (
    *("Prospect ID", "Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"),
    *("Asymmetrique Activity Index", "Asymmetrique Activity Score"),
    *("Asymmetrique Profile Index", "Asymmetrique Profile Score"),
)
NUMBERS = ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit")
# What leadweights takes for a missing value; the DataFrame has NaN there from the start.
MISSING = ("", "-", "?", "NA", "N/A", "n/a", "NULL", "null", "None", "none", "NaN", "nan", "Select")
NONE = "(missing)"
SEED = 42
GOAL = 10.0
LARGEST_DIFFERENCE, SMALLEST_SPEARMAN = 1e-6, 0.9
BLOCK_ROWS = 100_000
CONSUMPTIONS = {"sum": "SELECT sum(c), ... FROM (...)", "table": "CREATE TABLE AS ..."}


class Select(NamedTuple):
    """One SELECT to measure: its model, its shape and its columns."""

    model: Literal["curves", "straight"]
    shape: Literal["standardized", "raw"]
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name the SELECT in the table of results."""
        return f"{self.model}, {self.shape}: {', '.join(self.columns)}"


EVERYTHING = ("lead_score", "log_odds", "probability")
MODELS: tuple[Literal["curves", "straight"], ...] = ("curves", "straight")
SHAPES: tuple[tuple[Literal["standardized", "raw"], tuple[str, ...]], ...] = (
    ("standardized", EVERYTHING),
    ("standardized", ("lead_score",)),
    ("raw", ("lead_score", "log_odds")),
    ("raw", ("lead_score",)),
)
SELECTS = tuple(Select(model, *shape) for model in MODELS for shape in SHAPES)

# Column: its number of levels, the share of its most frequent level, of `Select` and of no value.
CATEGORIES = {
    "Lead Origin": (5, 0.53, 0.0, 0.0),
    "Lead Source": (21, 0.31, 0.0, 0.01),
    "Last Activity": (17, 0.37, 0.0, 0.01),
    "Country": (38, 0.96, 0.0, 0.27),
    "Specialization": (18, 0.16, 0.21, 0.16),
    "How did you hear about X Education": (9, 0.41, 0.55, 0.24),
    "What is your current occupation": (6, 0.85, 0.0, 0.29),
    "What matters most to you in choosing a course": (3, 0.9995, 0.0, 0.29),
    "City": (6, 0.58, 0.24, 0.15),
}
# Column: the share of Yes.
FLAGS = {
    "Do Not Email": 0.08,
    "A free copy of Mastering The Interview": 0.31,
    "Do Not Call": 0.0002,
    "Search": 0.002,
}


def made_file(folder: Path) -> Path:
    """Draw a table like X Education's: the same columns, levels and missing values, seeded."""
    rng, rows = np.random.default_rng(SEED), 9_240
    table: dict[str, Any] = {}
    log_odds = np.full(rows, -0.6)
    for name, (count, most, select, empty) in CATEGORIES.items():
        rest = 0.7 ** np.arange(count - 1) + 1e-3
        shares = np.append(most, (1 - most) * rest / rest.sum())
        level = rng.choice(count, rows, p=shares)
        log_odds += rng.normal(0.0, 0.7, count)[level]
        texts = np.array([f"{name}, choice {k}" for k in range(count)], dtype=object)[level]
        drawn = rng.random(rows)
        texts[drawn < select + empty] = ""
        texts[drawn < select] = "Select"
        table[name] = texts
    for name, share in FLAGS.items():
        yes = rng.random(rows) < share
        log_odds -= 0.8 * yes
        table[name] = np.where(yes, "Yes", "No")
    visits = rng.negative_binomial(1, 0.22, rows)
    minutes = np.where(visits > 0, rng.gamma(0.8, 700.0, rows).clip(1, 2272).round(), 0.0)
    pages = np.where(visits > 0, (visits / rng.integers(1, 4, rows)).round(2), 0.0)
    log_odds += 0.9 * np.log1p(minutes / 300)
    unknown = rng.random(rows) < 0.015
    table["TotalVisits"] = np.where(unknown, "", visits.astype(str))
    table["Total Time Spent on Website"] = minutes.astype(np.int64)
    table["Page Views Per Visit"] = np.where(unknown, "", pages.astype(str))
    table["Prospect ID"] = [f"lead {k}" for k in range(rows)]
    table[LABEL] = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    path = folder / "leads.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def learnt_models(path: Path) -> dict[str, ScoringModel]:
    """Learn from all rows: by the rules, and with every number as it is, as the pipeline has it."""
    present = pd.read_csv(path, nrows=0).columns
    left_out = [name for name in LEFT_OUT if name in present]
    straight = {name: {"transform": "none"} for name in NUMBERS}
    words: dict[str, Mapping[str, object] | None] = {"curves": None, "straight": straight}
    return {
        name: leadweights.fit(
            path, valid=path, label=LABEL, exclude=left_out, dictionary=dictionary
        ).model
        for name, dictionary in words.items()
    }


def names(model: ScoringModel, kind: type) -> list[str]:
    """Name the model's columns of one kind."""
    return [column.name for column in model.columns if isinstance(column, kind)]


def fitted_pipeline(model: ScoringModel, leads: pd.DataFrame, y: NDArray[np.int64]) -> Any:
    """Fit the same regression with scikit-learn alone.

    `min_frequency` alone would put a rare missing level with the other rare ones, which
    leadweights does not. So the encoder is fitted first, on each level that is kept twice and
    each rare one once; it predicts as fast as any other.
    """
    numbers, flags, categories = (names(model, kind) for kind in (Number, Flag, Category))
    levels = {}
    for term in model.terms:
        if isinstance(term, Levels):
            kept = [level.value for level in term.levels]
            rare = sorted(set(leads[term.column].dropna()) - set(kept))
            kept += [NONE] * bool(leads[term.column].isna().any())
            levels[term.column] = [*kept, *kept, *rare]
    longest = max(map(len, levels.values()))
    seen = pd.DataFrame({n: levels[n] + levels[n][:1] * (longest - len(levels[n])) for n in levels})
    encoder = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=NONE),
        OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist"),
    )
    yes_no = OrdinalEncoder(categories=[["No", "Yes"]] * len(flags))
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("flags", make_pipeline(yes_no, StandardScaler()), flags),
            ("categories", FrozenEstimator(encoder.fit(seen[categories])), categories),
        ]
    )
    regression = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    return make_pipeline(columns, regression).fit(leads, y)


def connected(
    path: Path, model: ScoringModel, leads: pd.DataFrame, copies: int
) -> duckdb.DuckDBPyConnection:
    """Put the rows into a table, once and repeated, texts as they stand in the file."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    texts = [*names(model, Category), *names(model, Flag)]
    file = connection.read_csv(str(path), dtype=dict.fromkeys(texts, "VARCHAR"))
    connection.register("file", file)
    quoted = ", ".join(f'"{name}"' for name in leads.columns)
    connection.execute(f"CREATE TABLE once AS SELECT {quoted} FROM file")
    connection.execute(f"CREATE TABLE leads AS SELECT once.* FROM range({copies}) CROSS JOIN once")
    return connection


def check_agreement(
    connection: duckdb.DuckDBPyConnection,
    models: Mapping[str, ScoringModel],
    expected: NDArray[np.float64],
) -> None:
    """Exit 1 if a SELECT ranks the leads otherwise, or that of the equivalent model differs."""
    for name, model in models.items():
        for shape in dict.fromkeys(select.shape for select in SELECTS):
            sql = leadweights.render(
                model, table="once", keys=(), shape=shape, columns=["log_odds"]
            )
            found = connection.execute(sql).fetchnumpy()["log_odds"]
            largest = float(np.abs(found - expected).max())
            ranks = pd.DataFrame({"found": found, "expected": expected}).rank()
            spearman = float(np.corrcoef(ranks["found"], ranks["expected"])[0, 1])
            print(
                f"{name}, {shape}: log-odds at most {largest:.1g} from the pipeline's, "
                f"Spearman {spearman:.4f}"
            )
            equal = name != "straight" or largest <= LARGEST_DIFFERENCE
            if not (equal and spearman >= SMALLEST_SPEARMAN):
                sys.exit("the SELECT differs from the pipeline")


def frames(leads: pd.DataFrame, copies: int) -> dict[str, pd.DataFrame]:
    """Repeat the rows, with the texts in each form that pandas has for them."""
    texts = [name for name in leads.columns if not pd.api.types.is_numeric_dtype(leads[name])]
    as_objects = leads.astype(dict.fromkeys(texts, object))
    repeated = pd.concat([as_objects] * copies, ignore_index=True)
    return {
        "texts as read": pd.concat([leads] * copies, ignore_index=True),
        "texts as objects": repeated,
        "texts as category": repeated.astype(dict.fromkeys(texts, "category")),
    }


def predict_jobs(pipeline: Any, leads: pd.DataFrame, copies: int) -> dict[str, Job]:
    """Make a job of every form of the DataFrame, all rows at once and in blocks."""
    tables = frames(leads, copies)

    def job(table: pd.DataFrame, size: int) -> Job:
        def predict() -> None:
            for start in range(0, len(table), size):
                pipeline.predict_proba(table.iloc[start : start + size])

        return predict

    sizes = {"at once": 2**62, "in blocks": BLOCK_ROWS}
    return {
        f"{form}, {how}": job(table, size)
        for (form, table), (how, size) in product(tables.items(), sizes.items())
    }


def query_jobs(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, ScoringModel]
) -> dict[str, Timed]:
    """Make a job of every SELECT and way to consume it."""

    def job(sql: str) -> Timed:
        return here(lambda: connection.execute(sql).fetchall())

    jobs: dict[str, Timed] = {}
    for select in SELECTS:
        sql = leadweights.render(
            models[select.model], keys=(), shape=select.shape, columns=select.columns
        )
        sums = ", ".join(f'sum("{column}")' for column in select.columns)
        jobs[f"{select.name}; sum"] = job(f"SELECT {sums} FROM ({sql})")
        jobs[f"{select.name}; table"] = job(f"CREATE TABLE scored AS {sql}")
    return jobs


def print_tables(runs: Mapping[str, Times], forms: list[str]) -> None:
    """Print how the forms of predict_proba compare, and the SELECTs with them."""
    first = forms[0]
    fastest = {run: min(forms, key=lambda f: median(times[f])) for run, times in runs.items()}
    print(f"\npredict_proba, time, vs {first}")
    print(f"{'':62}" + "".join(f"{run:>10}" for run in runs))
    for form in forms:
        cells = [ratio(times[form], times[first]) for times in runs.values()]
        print(f"{form:62}" + "".join(f"{cell:10.2f}" for cell in cells))
    for run, form in fastest.items():
        print(f"the fastest form on {run}: {form}")
    for consumption, words in CONSUMPTIONS.items():
        print(f"\nconsumed by {words}")
        print(f"{'':62}{'rows/s, vs':>20}{'rows/s, vs':>20}")
        print(f"{'':62}{'predict_proba':>20}{'its fastest form':>20}")
        print(f"{'':62}" + "".join(f"{run:>10}" for run in runs) * 2)
        for select in SELECTS:
            own = f"{select.name}; {consumption}"
            cells = [ratio(times[first], times[own]) for times in runs.values()]
            cells += [ratio(times[fastest[run]], times[own]) for run, times in runs.items()]
            print(f"{select.name:62}" + "".join(f"{cell:10.1f}" for cell in cells))


def run(path: Path, rows: int, rounds: int) -> None:
    """Learn, check the numbers, measure, print."""
    models = learnt_models(path)
    model = models["straight"]
    table = pd.read_csv(path, na_values=list(MISSING), keep_default_na=False)
    leads = table[[*names(model, Number), *names(model, Flag), *names(model, Category)]]
    pipeline = fitted_pipeline(model, leads, table[LABEL].to_numpy())
    copies = max(1, round(rows / len(leads)))
    connection = connected(path, model, leads, copies)
    check_agreement(connection, models, pipeline.decision_function(leads))
    cores = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    kinds = {kind.__name__.lower(): len(names(model, kind)) for kind in (Category, Flag, Number)}
    print(
        f"{copies * len(leads):,} rows ({len(leads):,}, {copies} times); columns: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        + f"; medians of {rounds} rounds"
    )
    print(f"goal: at least {GOAL:g} times predict_proba")

    def tidy() -> object:
        return connection.execute("DROP TABLE IF EXISTS scored")

    jobs, runs, forms = query_jobs(connection, models), {}, list[str]()
    clocks: list[tuple[str, int, Clock, dict[str, str]]] = [
        (f"{cores} cores", cores, "elapsed", {}),
        ("1 core", 1, "processors", ONE_THREAD),
    ]
    for title, threads, clock, limits in clocks:
        connection.execute(f"SET threads = {threads}")
        with apart(predict_jobs, pipeline, leads, copies, **limits) as predictions:
            runs[title] = measure_in_turn({**jobs, **predictions}, rounds, clock, tidy)[0]
            forms = list(predictions)
    print_tables(runs, forms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="?", type=Path, help="X Education, or a table with its names")
    parser.add_argument("--rows", type=int, default=900_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.csv or (LEADS if LEADS.is_file() else made_file(Path(folder)))
        print(path.name if options.csv or path == LEADS else "a generated table")
        run(path, options.rows, options.rounds)


if __name__ == "__main__":
    main()
