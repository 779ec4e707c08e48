"""Learning from rows that stay where they are, against scikit-learn on the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.errors import EngineError, TableError, UnsupportedError
from leadweights.formula.evaluate import evaluate
from leadweights.formula.nodes import Column, Floor, Named, NumberColumn, Stage
from leadweights.learn.in_engine import fit as in_engine
from leadweights.learn.in_engine.exact_sums import PART, Span, Sums, hash_columns, in_effect
from leadweights.learn.in_engine.sample import count_hashes
from leadweights.learn.in_engine.source import open_in_engine
from leadweights.learn.in_engine.table import inspect_table
from leadweights.learn.newton import minimize
from leadweights.learn.recipe import Place, read_size
from leadweights.model.file import to_json
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.label import Label
from tests.support.commands import invoke
from tests.support.databases import url_of
from tests.support.golden_files import FAMILIES
from tests.support.learning import SMALL_SAMPLES, fit, learn
from tests.support.release import RELEASE, sweep
from tests.support.sql_text import readable
from tests.support.tools import each

Floats = Any


def table_of(rows: int, columns: int, seed: int = 1, rate: float = -1.5) -> pd.DataFrame:
    """Draw normal columns, one far from zero and one with few values, and a label."""
    random = np.random.default_rng(seed)
    drawn = random.normal(size=(rows, columns))
    weights = random.normal(size=columns) / columns**0.5
    label = random.random(rows) < 1 / (1 + np.exp(-(drawn @ weights + rate)))
    drawn[:, 0] = drawn[:, 0] * 3.5 + 1e6
    drawn[:, 1] = np.round(drawn[:, 1] * 2)
    frame = pd.DataFrame(drawn, columns=[f"x{i:03}" for i in range(columns)])
    return frame.assign(label=label.astype(int))


def plain(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {n: {"kind": "number", "transform": "none"} for n in frame.columns if n != "label"}


def learnt(frame: pd.DataFrame, folder: Path, **options: Any) -> ScoringModel:
    """Learn from all rows of a table in a file."""
    path = folder / "rows.parquet"
    with duckdb.connect() as connection:
        connection.from_df(frame).write_parquet(str(path))
    return learn(path, place=lw.OnDisk(), every=True, dictionary=plain(frame), **options)


def coefficients(model: ScoringModel) -> tuple[Floats, float]:
    """Give the coefficients of standardised columns, in their order, and the intercept."""
    assert isinstance(model.link, Logit)
    terms = sorted(model.terms, key=lambda term: term.column)
    assert all(isinstance(term, Standardized) for term in terms)
    return np.array([term.weight * model.link.scale for term in terms]), model.link.intercept


def by_scikit_learn(frame: pd.DataFrame, c: float = 1.0) -> tuple[Floats, float]:
    values = StandardScaler().fit_transform(frame.drop(columns="label"))
    found = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    found.fit(values, frame["label"])
    return found.coef_[0], float(found.intercept_[0])


def collinear(rows: int) -> pd.DataFrame:
    frame = table_of(rows, 5)
    nearly = frame["x002"] + 1e-4 * frame["x004"]
    return frame.assign(x005=nearly, x006=frame["x003"], x007=-2 * frame["x003"])


TABLES = {
    "7 columns": lambda: table_of(12_000, 7),
    "50 columns": lambda: table_of(8_000, 50),
    "collinear columns": lambda: collinear(8_000),
    "a rare label": lambda: table_of(60_000, 7, rate=-7.5),
    "a common label": lambda: table_of(8_000, 7, rate=3.0),
}


if RELEASE:  # 5,000 and 45,000 sums of second derivatives, the latter for two minutes
    TABLES["100 columns"] = lambda: table_of(5_000, 100)
    TABLES["300 columns"] = lambda: table_of(5_000, 300)


@pytest.mark.parametrize("name", TABLES)
def test_the_optimum_is_that_of_scikit_learn(name: str, tmp_path: Path) -> None:
    frame = TABLES[name]()
    # A sample of a few rows a column says little of second derivatives: 91 queries would.
    limits = replace(SMALL_SAMPLES, sampled_rows=max(2500, 14 * len(frame.columns)))
    ours, intercept = coefficients(learnt(frame, tmp_path, limits=limits))
    theirs, their_intercept = by_scikit_learn(frame)
    assert np.abs(ours - theirs).max() < 1e-8
    assert abs(intercept - their_intercept) < 1e-8


@pytest.mark.parametrize("c", [1e-3, 100.0])
def test_the_penalty_is_that_of_scikit_learn(c: float, tmp_path: Path) -> None:
    frame = table_of(8_000, 7)
    ours, _ = coefficients(learnt(frame, tmp_path, c=c))
    assert np.abs(ours - by_scikit_learn(frame, c)[0]).max() < 1e-8


@pytest.mark.sweep
def test_a_separable_label_is_told_and_its_weights_are_finite(tmp_path: Path) -> None:
    frame = table_of(6_000, 4)
    separate(frame)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    found = fit(path, place=lw.OnDisk(), limits=SMALL_SAMPLES, dictionary=plain(frame))
    assert any("without one mistake" in warning for warning in found.warnings)
    assert found.parity.holds
    assert np.abs(coefficients(found.model)[0]).max() < 1e3


def separate(frame: pd.DataFrame) -> None:
    """Make a column tell the label, with room between."""
    frame["label"] = (frame["x002"] > 0.3).astype(int)
    frame["x002"] += 4.0 * frame["label"]


@pytest.mark.parametrize(
    ("rows", "columns", "seed", "c"),
    [(12_000, 8, 1, 0.01), (12_000, 8, 1, 30.0), (20_000, 6, 8, 100.0), (12_000, 4, 2, 1000.0)],
)
def test_where_a_border_tells_the_label_the_weights_are_the_optimum(
    rows: int, columns: int, seed: int, c: float, tmp_path: Path
) -> None:
    """Rows lie as near to the border as they like; the optimum is found by Newton's steps here."""
    frame = table_of(rows, columns, seed)
    frame["label"] = (frame["x002"] > 0.3).astype(int)
    found, intercept = coefficients(learnt(frame, tmp_path, c=c))
    scaled = StandardScaler().fit_transform(frame.drop(columns="label"))
    matrix, y = np.column_stack([np.ones(rows), scaled]), frame["label"].to_numpy()
    penalty = np.diag([0.0, *[1 / c] * columns])

    def loss(at: Floats) -> float:
        log_odds = matrix @ at
        return float((np.logaddexp(0, log_odds) - y * log_odds).sum() + at @ penalty @ at / 2)

    at = np.zeros(1 + columns)
    for _ in range(60):
        p = expit(matrix @ at)
        hessian = matrix.T @ (matrix * (p * (1 - p))[:, None]) + penalty
        step = np.linalg.solve(hessian, matrix.T @ (y - p) - penalty @ at)
        while loss(at + step) > loss(at) + 1e-9:
            step /= 2
        at = at + step
    assert np.abs([intercept, *found] - at).max() < 5e-9 * np.abs(at).max()


def test_a_separable_label_is_told_in_memory_too() -> None:
    frame = table_of(400, 3)
    separate(frame)
    assert any("without one mistake" in one for one in fit(frame).warnings)


@pytest.mark.sweep
@pytest.mark.parametrize("table", sweep(["campaign", "crm"], 2))
def test_a_table_that_is_its_own_sample_gives_the_model_of_memory(
    table: str, tmp_path: Path
) -> None:
    if table == "campaign":
        train, valid = Path("data/train.csv"), Path("data/valid.csv")
    else:
        train, valid = tmp_path / "train.csv", tmp_path / "valid.csv"
        crm(3_000, seed=2).to_csv(train, index=False)
        crm(1_000, seed=3).to_csv(valid, index=False)
    here, there = (
        fit(train, valid=valid, place=place).model for place in (lw.InMemory(), lw.OnDisk())
    )
    known = zip(to_json(here).splitlines(), to_json(there).splitlines(), strict=True)
    apart = [(one, other) for one, other in known if one != other]
    # The method and the fingerprint; a tenth digit may differ, where scikit-learn stops.
    for one, other in apart:
        key, _, value = one.strip().rstrip(",").partition(": ")
        if key not in ('"method"', '"rows_sha256"'):
            assert float(value) == pytest.approx(float(other.split(": ")[1].rstrip(",")), abs=2e-9)
    assert len(apart) < 12


def crm(rows: int, seed: int) -> pd.DataFrame:
    """Draw a table with every kind of column, some of it missing."""
    random = np.random.default_rng(seed)
    visits = np.round(np.exp(random.normal(size=rows)))
    source = random.choice(["web", "call", "Fair", ""], rows, p=[0.5, 0.3, 0.15, 0.05])
    since = pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 300, rows), "D")
    odds = (
        -1
        + 0.6 * np.log(np.maximum(visits, 1))
        + 0.8 * (source == "call")
        + random.normal(size=rows) * 0.3
    )
    minutes = np.where(random.random(rows) < 0.1, np.nan, np.abs(random.normal(size=rows)) * 30)
    odds = odds + np.where(np.isnan(minutes), 0, np.sin(minutes / 10))
    return pd.DataFrame(
        {
            "visits": visits,
            "minutes": minutes,
            "source": source,
            "opted_in": random.choice([True, False], rows),
            "since": since,
            "label": (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )


@pytest.mark.sweep
def test_rows_in_any_order_and_any_number_of_threads_give_the_same_bytes(tmp_path: Path) -> None:
    frame = crm(6_000, seed=5)
    found = set()
    for run in range(20 if RELEASE else 4):
        path = tmp_path / f"{run}.parquet"
        with duckdb.connect() as connection:
            shuffled = connection.from_df(frame.sample(frac=1.0, random_state=run))
            shuffled.write_parquet(str(path), row_group_size=2048)
        limits = replace(SMALL_SAMPLES, threads=1 + run % 2)
        found.add(to_json(learn(path, place=lw.OnDisk(), limits=limits)))
    assert len(found) == 1


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """Reach a database, and leave no connection open."""
    import sqlalchemy as sa

    database = sa.create_engine(url)
    try:
        yield database
    finally:
        database.dispose()


@pytest.mark.sweep
@pytest.mark.parametrize("scratch", [True, False])
@pytest.mark.parametrize("name", each(["postgres", "mariadb", "spark", "sqlite"]))
def test_other_engines_learn_the_same_bytes(name: str, scratch: bool, tmp_path: Path) -> None:
    """With `scratch` from a table that is made there, and gone afterwards; weighted, besides."""
    pytest.importorskip("sqlalchemy", reason='needs pip install "leadweights[warehouse]"')
    import sqlalchemy as sa

    if name == "spark" and not scratch and not RELEASE:
        pytest.skip("takes a minute; before a release: LEADWEIGHTS_MODELS=1000")
    frame = crm(4_000, seed=6)
    weights: dict[str, Any] = {}
    if scratch:
        frame["counts"] = np.arange(4_000) % 3 + 0.5
        weights = {"weight": "counts", "class_weight": "balanced"}
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    if name == "sqlite":
        # It has neither true and false nor dates.
        frame = frame.drop(columns=["opted_in", "since"])
        duckdb.from_df(frame).write_parquet(str(path))
        with sqlite3.connect(tmp_path / "crm.db") as connection:
            frame.to_sql("crm", connection, index=False)
        connection.close()
        url = f"sqlite:///{tmp_path / 'crm.db'}"
        there = learn(place=lw.Warehouse(url, "crm", scratch), **weights)
        with connected(url) as database:
            assert sa.inspect(database).get_table_names() == ["crm"]
    elif name == "spark":
        there = learn(path, place=lw.Warehouse("spark", scratch=scratch), **weights)
    else:
        if name == "mariadb":
            # Its true and false are numbers.
            frame = frame.drop(columns=["opted_in"])
            duckdb.from_df(frame).write_parquet(str(path))
        with url_of(name) as url, connected(url) as database:
            frame.to_sql("crm_rows", database, index=False, if_exists="replace")
            there = learn(place=lw.Warehouse(url, "crm_rows", scratch), **weights)
            assert "leadweights_features" not in sa.inspect(database).get_table_names()
    assert to_json(there) == to_json(learn(path, place=lw.OnDisk(), **weights))


@pytest.mark.parametrize("engine", ["duckdb", "memory"])
def test_where_no_table_can_be_made_scratch_is_refused(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    duckdb.from_df(table_of(300, 3)).write_parquet(str(path))
    asked = [str(path), "--engine", engine, "--scratch", "--output", str(tmp_path / "o")]
    refused = invoke(["fit", *asked])
    assert refused.exit_code == 1
    assert "--scratch is for databases and Spark" in refused.stderr


def test_an_engine_that_keeps_no_table_refuses_scratch(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    duckdb.from_df(table_of(300, 3)).write_parquet(str(path))
    with open_in_engine(lw.OnDisk(), path, Label("label")) as table:
        options: Any = {"shares": [1.0], "progress": print, "limits": SMALL_SAMPLES}
        with pytest.raises(UnsupportedError, match=r"Spark; DuckDB .* keeps no table"):
            inspect_table(table, lw.Recipe(), scratch=True, **options)


@pytest.mark.sweep
@settings(max_examples=60)
@example([5e-324, 2.225073858507e-311, -1e-300], 0)
@given(
    st.lists(st.floats(-1e9, 1e9, width=64), min_size=1, max_size=200),
    st.integers(0, 2**32 - 1),
)
def test_sums_are_the_same_in_any_order_and_right_to_the_last_bits(
    values: list[float], seed: int
) -> None:
    furthest = max(map(abs, values)) or 1.0
    exact = float(sum(map(Fraction, values)))
    found = set()
    for order in (values, values[::-1], np.random.default_rng(seed).permutation(values).tolist()):
        sums = Sums(len(values))
        sums.add(Column("v"), furthest)
        with duckdb.connect() as connection:
            connection.register("leads", {"x": np.array(order)})
            sql = sums.query([Stage("read", (Named("v", NumberColumn("x")),))], "duckdb", "leads")
            row = connection.execute(sql).fetchnumpy()
        (one,) = sums.read({name: float(str(column[0])) for name, column in row.items()})
        found.add(float(one))
    assert len(found) == 1
    assert abs(found.pop() - exact) <= 2.0**-51 * abs(exact) + 1e-25 * furthest * len(values)


@pytest.mark.sweep
@given(
    st.lists(st.floats(-100, 100, width=64), min_size=1, max_size=12),
    st.sampled_from([1e-3, 1e-9, 1e-12, 1e-14]),
    st.integers(0, 2**32 - 1),
)
def test_what_is_cut_off_moves_a_mean_by_no_more_than_it_may(
    values: list[float], within: float, seed: int
) -> None:
    """Also where few values stand in many rows, whose errors do not even out."""
    held = np.random.default_rng(seed).choice(values, 10_000)
    sums = Sums(len(held))
    sums.add(Column("v"), 100.0, within=within, kinds=in_effect(held, len(held)))
    sums.add_uncut(Column("w"))
    steps = [Stage("read", (Named("v", NumberColumn("x")), Named("w", Floor(NumberColumn("x")))))]
    with duckdb.connect() as connection:
        connection.register("leads", {"x": held})
        row = connection.execute(sums.query(steps, "duckdb", "leads")).fetchnumpy()
    found, whole = sums.read({name: float(str(column[0])) for name, column in row.items()})
    exact = float(sum(map(Fraction, held.tolist())) / len(held))
    # The most that values can be off together is half a unit, as one can by itself.
    most = (3 * len(values)) ** 0.5 * within
    assert abs(found / len(held) - exact) <= 1.1 * most + 2.0**-50 * abs(exact)
    assert whole == np.floor(held).sum()


def test_kinds_of_values_are_one_over_the_chance_to_draw_the_same_twice() -> None:
    assert in_effect(np.zeros(500), 10**6) == pytest.approx(1.0, rel=1e-5)
    assert in_effect(np.arange(500.0) % 4, 10**6) == pytest.approx(4.0, rel=0.02)
    assert in_effect(np.arange(500.0), 10**6) == pytest.approx(10**6)
    assert in_effect(np.zeros(1), 1) == 1.0


def test_an_engine_that_does_not_add_up_what_it_is_asked_to_is_told() -> None:
    sums = Sums(1000)
    sums.add(Column("v"), 1.0)
    with pytest.raises(lw.LeadweightsError, match="no exact sums"):
        sums.read({"t0": 0.1234567890123, "r0": 0.0})


def test_a_hash_spreads_rows_evenly_and_depends_on_their_content_alone() -> None:
    random = np.random.default_rng(9)
    values = {"a": random.normal(size=20_000), "b": random.integers(0, 50, 20_000).astype(float)}
    spans = {"a": Span(-6.0, 6.0), "b": Span(0.0, 49.0)}
    read = {name: (NumberColumn(name), spans[name]) for name in values}
    steps = [Stage("hash", (Named(PART, formula),)) for formula in hash_columns(read, "a salt")]
    hashes = evaluate(steps, values)[PART]
    assert hashes.min() >= 0
    assert hashes.max() < 1
    counts = np.histogram(hashes, bins=20, range=(0, 1))[0]
    assert np.abs(counts - 1000).max() < 150
    turned = evaluate(steps, {name: column[::-1] for name, column in values.items()})[PART]
    assert np.array_equal(turned, hashes[::-1])


@pytest.mark.parametrize("columns", [8, 50, 300])
def test_so_many_hashes_as_are_counted_there_are(columns: int) -> None:
    """All are multiples of a power of two, which is found; that of short sums is smaller yet."""
    random = np.random.default_rng(columns)
    values = {f"x{i}": random.random(4_000) for i in range(columns)}
    read = {name: (NumberColumn(name), Span(0.0, 1.0, complete=True)) for name in values}
    steps = [Stage("hash", (Named(PART, formula),)) for formula in hash_columns(read, "a salt")]
    multiples = (evaluate(steps, values)[PART] * 2.0**52).astype(np.int64)
    there = 2**52 / int(np.gcd.reduce(multiples))
    assert there / 64 <= count_hashes(columns) <= there
    if columns == 50:
        # Of 10^10 rows 335 kinds among the 50,000 to decide by, a fiftieth of which is enough.
        assert 0.02 * 50_000 > 50_000 / 1e10 * count_hashes(columns) > 300


def test_newton_finds_the_minimum_where_the_guessed_hessian_misleads() -> None:
    target = np.array([1.0, -2.0, 30.0])
    truth = np.diag([1.0, 100.0, 0.01])
    asked: list[str] = []

    def exact(_: Floats) -> Floats:
        asked.append("exact")
        return truth

    found = minimize(
        np.zeros(3),
        lambda at, _: truth @ (at - target),
        lambda _: np.diag([1.0, 1.0, 1.0]),
        exact=exact,
        tolerance=1e-12,
    )
    assert np.allclose(found, target, atol=1e-9)
    assert asked == ["exact"]


@given(st.integers(0, 2**32 - 1))
def test_newton_ends_at_the_minimum_where_the_guessed_hessian_is_off(seed: int) -> None:
    """Also where it is off in directions which the first steps hardly show."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 12))
    turned = np.linalg.qr(random.normal(size=(size, size)))[0]
    values = 10 ** random.uniform(-2, 2, size)
    wrong = random.choice([0.02, 0.1, 0.5]) * random.normal(size=size) * (random.random(size) < 0.4)
    truth = turned @ np.diag(values) @ turned.T
    guess = turned @ np.diag(values * np.exp(wrong)) @ turned.T
    hidden = np.where(np.abs(wrong) > 0.05, 10 ** random.uniform(-6, 0, size), 1.0)
    target = turned @ (random.normal(size=size) * hidden)
    found = minimize(
        np.zeros(size),
        lambda at, _: truth @ (at - target),
        lambda _: guess,
        exact=lambda _: truth,
        off=float(np.abs(np.expm1(-wrong)).max()),
        tolerance=1e-10,
    )
    assert np.abs(found - target).max() <= 1e-9 * max(1.0, np.abs(target).max())


@pytest.mark.sweep
def test_rows_are_split_forward_in_time(tmp_path: Path) -> None:
    frame = crm(6_000, seed=7)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    model = learn(path, place=lw.OnDisk(), split=lw.Forward("since", "70/30"))
    days = frame["since"].sort_values().reset_index(drop=True)
    cut = days[int(0.7 * len(days))]
    counts = [int((frame["since"] < at).sum()) for at in (cut, cut + pd.Timedelta(days=1))]
    assert model.provenance.rows in counts


def test_whole_groups_are_split(tmp_path: Path) -> None:
    frame = table_of(6_000, 3).assign(account=np.arange(6_000) // 20)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    model = learn(path, place=lw.OnDisk(), split=lw.Groups("account"), dictionary=plain(frame))
    assert model.provenance.rows % 20 == 0
    assert 0.7 < model.provenance.rows / 6_000 < 0.9
    named = frame.assign(account="Müller " + frame["account"].astype(str))
    duckdb.from_df(named).write_parquet(str(path))
    model = learn(path, place=lw.OnDisk(), split=lw.Groups("account"), dictionary=plain(frame))
    assert model.provenance.rows % 20 == 0
    assert 0.7 < model.provenance.rows / 6_000 < 0.9


@pytest.mark.parametrize("rare", [0, 1])
def test_a_sample_of_one_class_is_told(rare: int, tmp_path: Path) -> None:
    drawn = np.random.default_rng(3).normal(size=(40_000, 2))
    frame = pd.DataFrame(drawn, columns=["a", "b"]).assign(label=1 - rare)
    frame.loc[0, "label"] = rare
    duckdb.from_df(frame).write_parquet(str(tmp_path / "rows.parquet"))
    with pytest.raises(TableError, match=r"of [0-9,]+ sampled rows to learn from [0-9,]+ are pos"):
        learn(tmp_path / "rows.parquet", place=lw.OnDisk(), every=True)


@pytest.mark.parametrize("place", [lw.OnDisk(), lw.InMemory()])
def test_a_table_without_rows_is_told(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,label\n")
    with pytest.raises(TableError, match="has column names but no rows"):
        lw.fit_model(path, place=place)


def test_where_no_step_leads_on_that_is_an_error() -> None:
    def flat(_: Floats) -> Floats:
        return np.eye(2)

    with pytest.raises(EngineError, match="no step leads on where the weights still move by"):
        minimize(np.zeros(2), lambda *_: np.ones(2), flat, exact=flat, tolerance=1e-10)


def test_numbers_of_few_values_need_no_hash_of_texts(tmp_path: Path) -> None:
    """SQLite knows none, and two hundred kinds of rows are enough."""
    pytest.importorskip("sqlalchemy", reason='needs pip install "leadweights[warehouse]"')
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "age": random.integers(20, 60, 4_000),
            "visits": random.integers(0, 5, 4_000),
            "source": random.choice(["web", "fair"], 4_000),
            "label": random.integers(0, 2, 4_000),
        }
    )
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        frame.to_sql("crm", connection, index=False)
    connection.close()
    model = learn(place=lw.Warehouse(f"sqlite:///{tmp_path / 'crm.db'}", "crm"))
    assert 0.6 < model.provenance.rows / 4_000 < 0.95


@pytest.mark.sweep
@pytest.mark.parametrize("numbers", [False, True])
def test_rows_that_only_their_texts_tell_apart_are_chosen_by_these(
    tmp_path: Path, numbers: bool
) -> None:
    """Levels and an id in text; with `numbers`, some of few values besides."""
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "lead": [f"lead-{number:05}" for number in random.permutation(6_000)],
            "source": random.choice(["web", "fair", "call"], 6_000),
            "role": random.choice(["owner", "staff"], 6_000),
        }
    )
    if numbers:
        frame["visits"] = random.integers(0, 3, 6_000)
    odds = (frame["source"] == "web") * 1.5 - (frame["role"] == "staff") - 1.0
    frame["label"] = (random.random(6_000) < 1 / (1 + np.exp(-odds))).astype(int)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    model = learn(path, place=lw.OnDisk(), keys=["lead"])
    assert 0.75 < model.provenance.rows / 6_000 < 0.85
    shuffled = tmp_path / "shuffled.parquet"
    duckdb.from_df(frame.sample(frac=1, random_state=1)).write_parquet(str(shuffled))
    assert to_json(learn(shuffled, place=lw.OnDisk(), keys=["lead"])) == to_json(model)
    alike = frame.drop(columns="lead")
    duckdb.from_df(alike).write_parquet(str(path))
    with pytest.raises(TableError, match="its rows are too much alike to choose some of them"):
        learn(path, place=lw.OnDisk())


@pytest.mark.sweep
def test_fit_says_what_it_learnt_from_and_measures_on_rows_held_back(tmp_path: Path) -> None:
    frame = table_of(9_000, 4)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    said: list[str] = []
    found = fit(path, place=lw.OnDisk(), progress=said.append, limits=SMALL_SAMPLES)
    assert found.parity.holds
    assert 0.77 < found.model.provenance.rows / 9_000 < 0.83
    assert any("of 9,000 rows" in note for note in found.notes)
    assert "sampled rows held back, by a hash" in found.comparison.measured_on
    learnt_on = f"logistic_regression learnt on {found.model.provenance.rows:,} rows"
    assert learnt_on in found.comparison.measured_on
    assert [one for one in said if one.startswith("passes over all rows, 1, step ")]


@pytest.mark.parametrize("dialect", sweep(DIALECTS if RELEASE else FAMILIES, 5))
def test_every_dialect_can_be_asked(dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    crm(1_500, seed=8).drop(columns=["since"]).to_csv(path, index=False)
    asked = lw.learning_queries(path, dialect=dialect, table="crm.leads")
    assert len(asked) >= 4
    for sql in asked:
        assert sqlglot.parse_one(readable(sql), dialect=DIALECTS[dialect].sqlglot)
        assert "crm" in sql


def test_a_dry_run_prints_and_writes_nothing(tmp_path: Path) -> None:
    options = ["--dry-run", "--dialect", "snowflake", "--output", str(tmp_path / "o")]
    found = invoke(["fit", "data/train.csv", *options])
    assert found.exit_code == 0, found.output
    assert found.stdout.count("SELECT") > 4
    assert not (tmp_path / "o").exists()
    refused = invoke(["fit", "data/train.csv", *options, "--scratch"])
    assert refused.exit_code == 2
    assert "--dry-run makes no table" in refused.output


@pytest.mark.sweep
def test_files_of_every_kind_are_learnt_from_where_they_are(tmp_path: Path) -> None:
    frame = crm(2_000, seed=10)
    halves = [frame.iloc[:1_200], frame.iloc[1_200:]]
    for place, half in enumerate(halves):
        half.to_csv(tmp_path / f"half-{place}.csv", index=False)
        duckdb.from_df(half).write_parquet(str(tmp_path / f"half-{place}.parquet"))
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.register("frame", frame)
        connection.execute("CREATE TABLE leads_2026 AS SELECT * FROM frame")
        # It has the name of the view that all SELECTs read.
        connection.execute("CREATE TABLE leads AS SELECT * FROM frame")
        connection.execute("CREATE SCHEMA sales; CREATE TABLE sales.leads AS SELECT * FROM frame")
    models = [
        lw.fit_model(tmp_path / "half-*.csv", place=lw.OnDisk()),
        lw.fit_model(tmp_path / "half-*.parquet"),
        lw.fit_model(tmp_path / "crm.duckdb", place=lw.OnDisk("1GB", "leads_2026")),
        lw.fit_model(tmp_path / "crm.duckdb", place=lw.OnDisk(table="leads")),
        lw.fit_model(tmp_path / "crm.duckdb", place=lw.OnDisk(table="sales.leads")),
    ]
    assert len(set(map(to_json, models))) == 1
    with pytest.raises(TableError, match="name the table"):
        lw.fit_model(tmp_path / "crm.duckdb")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["data/train.csv", "--engine", "nonsense"], "no engine 'nonsense'"),
        (["data/train.csv", "--engine", "duckdb", "--memory", "lots"], "2GB or 512MB"),
        (["data/train.csv", "--engine", "duckdb", "--memory", "300MB"], "1GB of memory at least"),
        (["data/train.csv", "--engine", "duckdb", "--label", "lable"], "has no column 'lable'"),
        (["data/no.parquet", "--engine", "duckdb"], "no such file"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    options: list[str], said: str, tmp_path: Path
) -> None:
    found = invoke(["fit", *options, "--output", str(tmp_path / "o")])
    assert found.exit_code == 1
    assert said in found.stderr
    assert found.stderr.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_sizes_of_memory_are_read_as_people_write_them() -> None:
    assert read_size("2GB") == 2_000_000_000
    assert read_size("512 MiB") == 512 * 2**20
    assert read_size("1.5g") == 1_500_000_000
    with pytest.raises(UnsupportedError, match="2GB"):
        read_size("0")


def test_values_too_large_to_square_and_labels_that_are_none_are_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    frame = table_of(500, 3)
    frame.loc[3, "x002"] = 1e31
    frame.to_csv(path, index=False)
    with pytest.raises(TableError, match="too large to learn from"):
        lw.fit_model(path, place=lw.OnDisk())
    frame.assign(x002=0.5, label=frame["label"].where(frame.index != 4)).to_csv(path, index=False)
    with pytest.raises(TableError, match="missing in 1 rows"):
        lw.fit_model(path, place=lw.OnDisk())


@pytest.mark.parametrize(
    ("columns", "options", "said"),
    [
        ({"x": np.arange(4_000) % 3}, {}, "too much alike"),
        ({"word": np.where(np.arange(4_000) % 3, "a", "b")}, {}, "of 1 kinds 1,334"),
        ({"x": np.arange(4_000), "leadweights_part": np.arange(4_000)}, {}, "rename it"),
        (
            {"x": np.arange(4_000), "at": pd.Timestamp("2026-01-01 10:00")},
            {"split": lw.Forward("at")},
            "a part would have 0",
        ),
    ],
)
def test_rows_that_cannot_be_chosen_or_split_are_told(
    columns: dict[str, Any], options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame(columns).assign(label=np.arange(4_000) // 5 % 2)
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    with pytest.raises(TableError, match=said):
        learn(path, place=lw.OnDisk(), **options)


def test_infinities_and_nan_are_missing_values(tmp_path: Path) -> None:
    frame = table_of(3_000, 3)
    frame.loc[frame.index[::7], "x001"] = np.inf
    frame.loc[frame.index[3::7], "x001"] = np.nan
    path = tmp_path / "rows.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    there = lw.fit_model(path, place=lw.OnDisk())
    here = lw.fit_model(path, place=lw.InMemory())
    ours, theirs = coefficients(there)[0], coefficients(here)[0]
    assert np.abs(ours - theirs).max() < 1e-8


def test_the_module_that_learns_knows_no_engine() -> None:
    assert "duckdb" not in Path(in_engine.__file__).read_text()
