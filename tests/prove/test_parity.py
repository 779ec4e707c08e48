"""What a proof says it compared is what it compared."""

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.errors import ParityError
from leadweights.formula.evaluate import evaluated
from leadweights.formula.stages import SHAPES, part_outputs, row_outputs, stages
from leadweights.learn.fit import fit
from leadweights.model.file import fingerprint, load
from leadweights.model.model import Category, Logit, Number, ScoringModel
from leadweights.model.terms import Level, Levels, Standardized
from leadweights.prove import hostile_rows as battery
from leadweights.prove import parity as prove
from leadweights.prove.parity import Parity
from leadweights.reports.parity import sentence
from leadweights.sql.render import render
from leadweights.tables.engines.duckdb import DuckDB
from leadweights.tables.engines.engine import Columns
from tests.support.golden_files import crm_model
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
        if "probability" in check.columns and check.rows_of.endswith(" battery"):
            found.setdefault(check.rows_of, set()).add(check.shape)
    return found


def test_a_check_names_the_columns_it_compared() -> None:
    model = load("outputs/model.json")
    first, second, *_ = lw.verify(model, VALID).checks
    parts = part_outputs(model)
    assert first.columns == (*row_outputs(model, "standardized"), *parts)
    assert second.columns == row_outputs(model, "raw")
    numbers = [c for c in lw.verify(model, VALID).checks if c.rows_of == "the FLOAT battery"]
    assert {check.columns for check in numbers} == {("lead_score", "log_odds")}


class NegativeZeros(DuckDB):
    """DuckDB, but that no zero is positive."""

    def selected(self, sql: str) -> Columns:
        found = super().selected(sql)
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
    fitted = lw.fit(table[["source", "label"]])
    for proof, name in (
        (fitted.parity, "the log_odds battery"),
        (fitted.equal_weights_parity, "the lead_score battery"),
    ):
        assert proof.holds
        assert probability_shapes(proof) == {name: set(SHAPES)}


def test_a_fault_in_the_probability_of_a_model_of_levels_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rest = (Level("", 0.1, 0.1), Level("", -0.1, 0.1))
    model = ScoringModel(
        "levels",
        (),
        (Category("source"),),
        (Levels("source", 1.0, (Level("a", 0.5, 0.8),), *rest),),
        Logit(0.0, 1.0),
        PROVENANCE,
    )
    rendered = render

    def harmed(*given: object, **options: object) -> str:
        sql = rendered(*given, **options)  # type: ignore[arg-type]
        return sql.replace("7.0800000000000000e+02", "3.0000000000000000e+02")

    monkeypatch.setattr(prove, "render", harmed)
    proof = prove.verify(model, pd.DataFrame({"source": ["a", "b", None]}))
    assert not proof.holds
    assert "the log_odds battery" in prove.failure(proof)


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
    proof = prove.verify(model, pd.DataFrame({name: [1.0, 2.0] for name in names}))
    assert proof.holds
    assert "probability" in proof.checks[1].columns
    assert probability_shapes(proof) == {"the probability battery": {"standardized", "raw"}}
    sql = render(model, keys=(), shape="raw", columns=["probability"])
    assert sql.count('"x45"') <= 3


def test_the_words_name_what_was_compared_and_no_more() -> None:
    model = load("outputs/model.json")
    said = sentence(prove.verify(model, VALID))
    assert "(scores and decisions, in the standardized one reasons and ranks too;" in said
    equal = sentence(prove.verify(load("outputs/equal_weights.json"), VALID))
    assert "(scores; probability 0 ulp apart at most)" in equal


def test_alone_everything_after_the_sum_is_as_it_was() -> None:
    model = crm_model("duckdb")
    alone = battery.alone(model)
    case = battery.walk_alone(alone)
    found = evaluated(stages(alone, columns=["log_odds"]), case.values)["log_odds"]
    assert np.array_equal(found, case.values["sum"])  # type: ignore[arg-type]
    assert alone.decisions == model.decisions


def test_fit_proves_equal_weights_too(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = lw.fit(table)
    assert fitted.equal_weights_parity.model_sha256 == fingerprint(fitted.equal_weights)
    assert {c.rows for c in fitted.equal_weights_parity.checks[:2]} == {600}
    rendered = render

    def harmed(model: ScoringModel, **options: object) -> str:
        sql = rendered(model, **options)  # type: ignore[arg-type]
        return sql.replace("e+00", "e-01") if model.name == "equal_weights" else sql

    monkeypatch.setattr(prove, "render", harmed)
    with pytest.raises(ParityError):
        fit(table)


def test_a_logarithm_is_noted_for_its_bits_are_each_engines_own(table: pd.DataFrame) -> None:
    assert not any("LN" in note for note in lw.fit(table).notes)
    logged = lw.fit(table, dictionary={"size": {"transform": "log"}})
    (note,) = [note for note in logged.notes if "LN" in note]
    assert "'size'" in note
    assert "last place" in note


def test_a_long_table_is_proven_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("outputs/model.json")
    whole = prove.verify(model, VALID)
    monkeypatch.setattr(prove, "_AT_ONCE", 500)
    pieces = prove.verify(model, VALID)
    ranked = [check.rows_of for check in pieces.checks if check.rows_of.endswith("by key")]
    assert "the first 500 of your rows, by key" in ranked
    assert [c for c in pieces.checks if c.rows_of == "your rows"] == list(whole.checks[:2])
    rendered = render

    def harmed(*given: object, **options: object) -> str:
        sql = rendered(*given, **options)  # type: ignore[arg-type]
        return sql.replace('THEN CAST("recency_days" AS DOUBLE)', "THEN 30.5")

    monkeypatch.setattr(prove, "render", harmed)
    (first, *_) = prove.verify(model, VALID).checks
    days = pd.read_csv(VALID)["recency_days"]
    there = days.between(-1e100, 1e100) & (days != 30.5)
    assert first.apart["lead_score"].rows == there.sum()
    assert first.rows == 1200
    monkeypatch.setattr(prove, "_AT_ONCE", 1_000_000)
    assert first == prove.verify(model, VALID).checks[0]
