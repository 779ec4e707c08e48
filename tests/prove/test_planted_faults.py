"""A proof that cannot fail proves nothing: each planted fault must be found."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leadweights.formula import evaluate
from leadweights.model.file import load
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.prove import bits
from leadweights.prove import parity as prove
from leadweights.prove.reference import reference_check
from leadweights.tables.columns import read_columns
from leadweights.tables.open import open_table
from tests.support.commands import invoke
from tests.support.faults import Fault, Harming, first, instead, verify_with, wrong_exp
from tests.support.release import sweep

VALID = "data/valid.csv"


def reversed_sum(sql: str) -> str:
    """Add the contributions from right to left."""
    found = re.search(r'((?:"\w+_contribution"\s*\+?\s*)+)AS "lead_score"', sql)
    assert found, "the sum was not found"
    names = re.findall(r'"\w+_contribution"', found[1])
    return sql.replace(found[0], " + ".join(reversed(names)) + ' AS "lead_score"')


FAULTS: dict[str, Fault] = {
    "a float32 cast": first(r'THEN CAST\("(\w+)" AS DOUBLE\)', r'THEN CAST("\1" AS FLOAT)'),
    "dropped parentheses": first(r'\("(\w+)" - (\S+?)\) \* ', r'"\1" - \2 * '),
    "a missing guard": first(r'CASE\s+WHEN CAST\("(\w+)" .*\s+THEN (.*)\s+ELSE .*\s+END', r"\2"),
    "COALESCE for a guard": first(
        r'CASE\s+WHEN CAST\("(\w+)" .*\s+THEN (.*)\s+ELSE (.*)\s+END', r"COALESCE(\2, \3)"
    ),
    "a reversed sum": reversed_sum,
    "a shorter constant": first(r"(ELSE \d\.\d{6})\d{10}e", r"\1e"),
    "another bound": first(r"(?s)BETWEEN \(-7\.08\S+ AND 7\.08\S+", "BETWEEN (-3e1) AND 7e2"),
    "an empty result": lambda sql: sql.rstrip() + " WHERE 1 = 0",
}


@pytest.fixture
def model() -> ScoringModel:
    return load("outputs/model.json")


def test_the_unharmed_model_passes(model: ScoringModel) -> None:
    assert prove.verify(model, VALID).holds


@pytest.mark.parametrize("fault", sweep(FAULTS, 2))
def test_a_fault_in_the_sql_is_found(fault: str, model: ScoringModel) -> None:
    render = Harming(FAULTS[fault], "standardized")
    parity = verify_with(model, VALID, render=render)
    assert render.harmed
    assert not parity.holds
    assert "standardized" in prove.failure(parity)


@pytest.mark.parametrize(
    "fault", ["a float32 cast", "a missing guard", "COALESCE for a guard", "a shorter constant"]
)
def test_a_fault_in_the_raw_shape_is_found(fault: str, model: ScoringModel) -> None:
    render = Harming(FAULTS[fault], "raw")
    parity = verify_with(model, VALID, render=render)
    assert render.harmed
    assert not parity.holds
    assert "raw" in prove.failure(parity)


@pytest.mark.parametrize("name", ["lead_score", "log_odds", "probability"])
def test_null_where_python_has_a_number_is_found(name: str, model: ScoringModel) -> None:
    render = instead(name, f'CASE WHEN "{name}" > 0.1 THEN NULL ELSE "{name}" END')
    parity = verify_with(model, VALID, render=render)
    assert not parity.holds
    assert all(check.difference for check in parity.checks[:2])
    told = prove.failure(parity)
    assert re.search(rf"row \d+: {name} is 0x1\.\w+p\S+ in Python, missing in DuckDB", told)


def lead_score_of(value: float) -> Callable[..., dict[str, Any]]:
    """Let Python give this for every lead score."""

    def compute(*given: Any) -> dict[str, Any]:
        found = evaluate.compute(*given)
        return {n: np.full(len(v), value) if n == "lead_score" else v for n, v in found.items()}

    return compute


def test_a_number_where_python_has_none_is_found(model: ScoringModel) -> None:
    parity = verify_with(model, VALID, compute=lead_score_of(np.nan))
    assert not parity.holds
    assert "row 1: lead_score is missing in Python" in prove.failure(parity)


@pytest.mark.parametrize("value", ["Infinity", "-Infinity"])
def test_a_score_that_is_infinite_on_both_sides_fails(value: str, model: ScoringModel) -> None:
    render = instead("lead_score", f"CAST('{value}' AS DOUBLE)")
    parity = verify_with(model, VALID, render=render, compute=lead_score_of(float(value)))
    assert not parity.holds
    sign = "-" if value[0] == "-" else ""
    told = f"row 1: lead_score is {sign}inf in Python, {sign}inf in DuckDB"
    assert told in prove.failure(parity)


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [
        (1.0, np.nextafter(1.0, 2.0), 1),
        (0.0, -0.0, 0),
        (5e-324, -5e-324, 2),
        (1.0, -4.0, None),
        (1.0, -1.0, None),
        (1e308, -1e308, None),
        (1.0, np.inf, None),
    ],
)
def test_the_distance_of_two_doubles_is_counted_in_steps(
    left: float, right: float, steps: int | None
) -> None:
    for one, other in ((left, right), (right, left)):
        differs, distance = bits.distances(np.array([one]), np.ma.array([other]))
        assert differs[0]
        assert distance[0] > 2**50 if steps is None else distance[0] == steps


@pytest.mark.parametrize(
    ("python", "engine"),
    [
        (1.0, np.ma.array([1.0], mask=[True])),
        (1.0, np.ma.array([np.nan])),
        (np.nan, np.ma.array([1.0])),
        (np.nan, np.ma.array([np.nan])),
    ],
)
def test_a_missing_value_is_far_from_every_number_whatever_lies_beneath_it(
    python: float, engine: "np.ma.MaskedArray[Any, Any]"
) -> None:
    differs, distance = bits.distances(np.array([python]), engine)
    assert differs[0]
    assert distance[0] > 2**50


def test_missing_on_both_sides_is_the_same() -> None:
    beneath = np.ma.array([1.0, -2.0], mask=[True, True])
    differs, distance = bits.distances(np.array([np.nan, np.nan]), beneath)
    assert not differs.any()
    assert distance.tolist() == [0, 0]


@pytest.mark.sweep
def test_an_exp_that_is_not_the_c_librarys_to_the_last_bit_is_found(model: ScoringModel) -> None:
    """As numpy's own is not, on some processors."""
    compute = partial(evaluate.compute, exp=lambda z: np.nextafter(evaluate.exp_of_c(z), np.inf))
    parity = verify_with(model, "data/train.csv", compute=compute)
    assert not parity.holds
    assert max(check.probability_ulp for check in parity.checks[:2]) >= 1


@pytest.mark.sweep
def test_a_model_that_is_not_what_was_learnt_is_found(model: ScoringModel) -> None:
    assert isinstance(model.link, Logit)
    first, *rest = model.terms
    assert isinstance(first, Standardized)
    names = [term.column for term in model.terms]
    train, valid = (pd.read_csv(path) for path in ("data/train.csv", VALID))
    solver = LogisticRegression(solver="newton-cholesky", tol=1e-12)
    learnt = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), solver)
    learnt.fit(train[names], train["label"])
    log_odds = learnt.decision_function(valid[names])
    moved = replace(model, terms=(replace(first, weight=first.weight * (1 + 1e-7)), *rest))
    for other, holds in ((model, True), (moved, False)):
        values = read_columns(open_table(VALID), other)
        check = reference_check(other, "scikit-learn", values, log_odds)
        found = prove.parity(other, {"valid": open_table(VALID)}, check)
        assert found.holds == holds, check
    assert "log-odds differ from scikit-learn's" in prove.failure(found)


def test_a_failed_proof_exits_1_and_writes_nothing(tmp_path: Path) -> None:
    train = ["fit", "data/train.csv", "--key", "contact_id", "--output", str(tmp_path / "out")]
    with wrong_exp():
        found = invoke(train)
    assert found.exit_code == 1
    assert found.stderr.startswith("Error: SQL and Python disagree on training rows")
    assert "0x1." in found.stderr
    assert found.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_verify_exits_1_and_names_the_first_differing_row_in_hex() -> None:
    with wrong_exp():
        found = invoke(["verify", "outputs/model.json", VALID])
    assert found.exit_code == 1
    assert re.search(
        r"row 1: probability is 0x1\.\w+p\S+ in Python, 0x1\.\w+p\S+ in DuckDB", found.stderr
    )
