"""What a proof says it compared is what it compared."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import ParityError
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import SHAPES, part_outputs, row_outputs, stages
from leadweights.learn.fit import solve
from leadweights.learn.problem import open_problem
from leadweights.model.file import fingerprint, load
from leadweights.model.model import Category, Logit, Number, ScoringModel
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.prove import parity as prove
from leadweights.prove.case import HostileRows, RowsByKey
from leadweights.prove.hostile_rows import walk_sum
from leadweights.prove.parity import Parity
from leadweights.reports.parity import sentence
from leadweights.sql.render import render
from leadweights.tables.engines.duckdb import DuckDB
from leadweights.tables.engines.engine import Columns
from tests.support.faults import Harming, verify_with
from tests.support.golden_files import crm_model
from tests.support.learning import fit
from tests.support.strategies import PROVENANCE

VALID = "data/valid.csv"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    source = random.choice(["a", "b", "c"], 600)
    label = (random.random(600) < np.where(source == "a", 0.7, 0.3)).astype(int)
    size = np.exp(random.normal(3, 2, 600)).round(2)
    return pd.DataFrame({"source": source, "size": size, "label": label})


def probability_shapes(proof: Parity) -> dict[str, set[str]]:
    """Say in which shapes the probability was walked through, by the name of the walk."""
    found: dict[str, set[str]] = {}
    for check in proof.checks:
        if "probability" in check.columns and isinstance(check.rows_of, HostileRows):
            found.setdefault(check.rows_of, set()).add(check.shape)
    return found


@pytest.mark.sweep
def test_a_check_names_the_columns_it_compared() -> None:
    model = load("outputs/model.json")
    first, second, *_ = lw.verify(model, VALID).checks
    parts = part_outputs(model)
    assert first.columns == (*row_outputs(model, "standardized"), *parts)
    assert second.columns == row_outputs(model, "raw")
    checks = lw.verify(model, VALID).checks
    numbers = [check for check in checks if check.rows_of == "hostile rows of type FLOAT"]
    assert {check.columns for check in numbers} == {("lead_score", "log_odds")}


class NegativeZeros(DuckDB):
    """DuckDB, but that no zero is positive."""

    def select(self, sql: str) -> Columns:
        found = super().select(sql)
        for values in found.values():
            if values.dtype == np.float64:
                values[values == 0.0] = -0.0
        return found


def test_the_sign_of_a_zero_is_forgiven_where_an_engine_has_none_and_nowhere_else() -> None:
    terms = (Standardized("x", 0.0, 1.0, 1.0),)
    zero = ScoringModel("zero", (), (Number("x", 0.0),), terms, Logit(0.0, 1.0), PROVENANCE)
    engine = NegativeZeros()
    found = prove.parity(zero, {}, engine=engine)
    assert {check.difference.python for check in found.checks if check.difference} == {"0x0.0p+0"}
    engine.signed_zero = False
    assert prove.parity(zero, {}, engine=engine).holds


def test_a_model_of_levels_alone_has_its_probability_walked_through(table: pd.DataFrame) -> None:
    fitted = fit(table[["source", "label"]])
    for proof, name in (
        (fitted.parity, "hostile rows for log_odds"),
        (fitted.equal_weights_parity, "hostile rows for lead_score"),
    ):
        assert proof.holds
        assert probability_shapes(proof) == {name: set(SHAPES)}


def test_a_fault_in_the_probability_of_a_model_of_levels_is_found() -> None:
    rest = (Level("", 0.1, 0.1), Level("", -0.1, 0.1))
    model = ScoringModel(
        "levels",
        (),
        (Category("source"),),
        (Levels("source", 1.0, (Level("a", 0.5, 0.8),), *rest),),
        Logit(0.0, 1.0),
        PROVENANCE,
    )
    other_bound = Harming(
        lambda sql: sql.replace("7.0800000000000000e+02", "3.0000000000000000e+02")
    )
    data = pd.DataFrame({"source": ["a", "b", None]})
    proof = verify_with(model, data, render=other_bound)
    assert not proof.holds
    assert "hostile rows for log_odds" in prove.failure(proof)


@pytest.mark.sweep
def test_the_probability_of_a_long_raw_select_is_proven_too() -> None:
    names = [f"x{place:02}" for place in range(90)]
    model = ScoringModel(
        "wide",
        (),
        tuple(Number(name, 1.5) for name in names),
        tuple(Standardized(name, 1.5, 0.5, 1 / 90) for name in names),
        Logit(-0.5, 2.0),
        PROVENANCE,
    )
    data = pd.DataFrame({name: [1.0, 2.0] for name in names})
    proof = verify_with(model, data, every_type=False)
    assert proof.holds
    assert "probability" in proof.checks[1].columns
    assert probability_shapes(proof) == {"hostile rows for the probability": set(SHAPES)}
    sql = render(model, keys=(), shape="raw", columns=["probability"])
    assert sql.count('"x45"') <= 3


@pytest.mark.sweep
def test_the_words_name_what_was_compared_and_no_more() -> None:
    model = load("outputs/model.json")
    said = sentence(prove.verify(model, VALID))
    assert "(scores and decisions, in the standardized one reasons and ranks too;" in said
    equal = sentence(prove.verify(load("outputs/equal_weights.json"), VALID))
    assert "(scores; probability 0 ulp apart at most)" in equal


def test_alone_everything_after_the_sum_is_as_it_was() -> None:
    model = crm_model("duckdb")
    case = walk_sum(model)
    found = evaluate(stages(case.model, columns=["log_odds"]), case.values)["log_odds"]
    assert np.array_equal(found, case.values["sum"])  # type: ignore[arg-type]
    assert case.model.decisions == model.decisions


@pytest.mark.sweep
def test_fit_proves_equal_weights_too(table: pd.DataFrame) -> None:
    fitted = fit(table)
    assert fitted.equal_weights_parity.model_sha256 == fingerprint(fitted.equal_weights)
    assert {c.rows for c in fitted.equal_weights_parity.checks[:2]} == {600}

    def harmed(model: ScoringModel, **options: Any) -> str:
        sql = render(model, **options)
        return sql.replace("e+00", "e-01") if model.name == "equal_weights" else sql

    with open_problem(table, lw.Recipe()) as problem, pytest.raises(ParityError):
        solve(problem, prove=partial(prove.parity, render=harmed))


@pytest.mark.sweep
def test_a_logarithm_is_noted_for_its_bits_are_each_engines_own(table: pd.DataFrame) -> None:
    assert not any("LN" in note for note in fit(table).notes)
    logged = fit(table, dictionary={"size": {"transform": "log"}})
    (note,) = [note for note in logged.notes if "LN" in note]
    assert "'size'" in note
    assert "last place" in note


@pytest.mark.sweep
def test_a_long_table_is_proven_piece_by_piece() -> None:
    model = load("outputs/model.json")
    whole = prove.verify(model, VALID)
    pieces = verify_with(model, VALID, rows_at_once=500)
    ranked = [c.rows_of for c in pieces.checks if isinstance(c.rows_of, RowsByKey)]
    assert "the first 500 of your rows, by key" in ranked
    assert [c for c in pieces.checks if c.rows_of == "your rows"] == list(whole.checks[:2])
    constant = Harming(lambda sql: sql.replace('THEN CAST("recency_days" AS DOUBLE)', "THEN 30.5"))
    (first, *_) = verify_with(model, VALID, render=constant, rows_at_once=500).checks
    days = pd.read_csv(VALID)["recency_days"]
    there = days.between(-1e100, 1e100) & (days != 30.5)
    assert first.apart["lead_score"].rows == there.sum()
    assert first.rows == 1200
    assert first == verify_with(model, VALID, render=constant).checks[0]
