"""Numbers that are names: levels, whatever type a table holds them in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.formula.arrays import Values
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import texts
from leadweights.learn.prepare.codes import are_named, is_name_of_codes
from leadweights.learn.prepare.columns import Decision
from leadweights.model.model import Category, Logit, ScoringModel
from leadweights.model.terms import Levels, Standardized
from leadweights.scoring.check_input import check_input
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from tests.support.learning import fit
from tests.support.real_tables import DATA

ROWS = 900
_RANDOM = np.random.RandomState(3)
OWNERS = np.array([7001, 7002, 7015, 7240, 7241, 7450])
OWNER = _RANDOM.choice(OWNERS, ROWS)
# No order of the numbers has anything to do with the label.
RATE = dict(zip(OWNERS.tolist(), (0.1, 0.8, 0.2, 0.9, 0.1, 0.7), strict=True))
LABEL = (_RANDOM.uniform(size=ROWS) < [RATE[owner] for owner in OWNER]).astype(int)
VISITS = _RANDOM.poisson(4, ROWS)
WITH_GAPS = np.where(np.arange(ROWS) % 20 == 0, np.nan, OWNER)


def decided(values: Any, name: str = "owner_id", words: object = None) -> Decision:
    table = pd.DataFrame({name: values, "label": LABEL})
    found, _ = lw.columns(table, dictionary={name: words} if words else None)
    return next(d for d in found if d.column == name)


@pytest.mark.parametrize(
    "name",
    [
        *("owner_id", "ownerId", "Agent ID", "id", "userid", "campaign_id_2", "id_agent", "sku"),
        *("zip", "ZIP Code", "postal_code", "plz", "Postcode", "country code", "phone_number"),
    ],
)
def test_codes_are_known_by_their_name(name: str) -> None:
    assert is_name_of_codes(name)
    assert are_named(name, np.array([70_010.0, 70_020.0, 80_130.0]))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "number_of_calls",
            "phone_calls",
            "mobile_visits",
            "age",
            "rating",
            "paid",
            "bid",
            "grid",
        ),
        *("zip_downloads", "email_id_count", "Lead Number", "TotalVisits", "covid", "nr.employed"),
    ],
)
def test_quantities_are_not_taken_for_codes_by_their_name(name: str) -> None:
    assert not is_name_of_codes(name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("has_phone", [0.0, 1.0]),
        ("mobile", [0.0, 1.0, 2.0, 3.0]),
        ("zip", [1.0, 2.0, 3.0]),
        ("owner_id", [7001.5, 7002.0, 7003.0]),
        ("owner_id", [-1.0, 7002.0, 7003.0]),
    ],
)
def test_values_that_are_none_are_no_codes_whatever_the_name(
    name: str, values: list[float]
) -> None:
    assert not are_named(name, np.array(values))


def test_an_id_of_few_values_is_a_category_in_integers_and_in_floats_with_gaps() -> None:
    for values in (OWNER, OWNER.astype(float), WITH_GAPS, OWNER.astype(str)):
        found = decided(values)
        assert found.kind == "category"
        assert found.levels == tuple(map(str, OWNERS.tolist()))
        assert found.reason.endswith("codes by its name")
        (column,) = found.inputs
        assert isinstance(column, Category)
        assert column.whole


def test_numbers_far_apart_that_say_more_as_levels_are_codes_under_any_name() -> None:
    found = decided(WITH_GAPS, "handled by")
    assert found.kind == "category"
    assert "codes: 6 numbers between 7001 and 7450, log-loss by itself 0." in found.reason
    rising = np.searchsorted(OWNERS, OWNER) / 5 + _RANDOM.normal(0, 0.1, ROWS) > 0.5
    table = pd.DataFrame({"handled by": OWNER, "label": rising.astype(int)})
    (smooth,), _ = lw.columns(table)
    assert smooth.kind == "number"


@pytest.mark.parametrize(
    "values",
    [
        VISITS,
        _RANDOM.randint(1, 6, ROWS),
        _RANDOM.randint(18, 90, ROWS),
        _RANDOM.choice([2019, 2020, 2021, 2022], ROWS),
        _RANDOM.choice([5, 10, 50, 1000], ROWS),
        _RANDOM.choice([1000, 1500, 2000, 2500], ROWS),
    ],
)
def test_quantities_of_few_whole_numbers_stay_numbers_however_they_bend(values: Any) -> None:
    bent = (_RANDOM.uniform(size=ROWS) < np.where(values % 2 == 0, 0.8, 0.2)).astype(int)
    (found,), _ = lw.columns(pd.DataFrame({"amount": values, "label": bent}))
    assert found.kind in ("number", "left out")


def test_the_dictionary_decides_over_the_rules() -> None:
    assert decided(OWNER, words={"kind": "number"}).kind == "number"
    assert decided(WITH_GAPS, "handled by", {"kind": "category"}).kind == "category"
    assert decided(VISITS, "visits", {"kind": "category"}).kind == "category"


def test_ids_that_stand_in_one_row_are_left_out() -> None:
    phones = 30_000_000 + np.arange(ROWS) * 977
    assert decided(phones, "phone").reason.startswith("an id")
    mostly = np.where(np.arange(ROWS) < 90, 30_000_000, phones).astype(float)
    assert decided(mostly, "phone").reason == "an id: 90% of its values stand in one row only"


def test_long_codes_keep_every_digit() -> None:
    long = 9_007_199_254_740_992 + OWNER
    found = decided(long, "tracking")
    assert found.levels == tuple(str(9_007_199_254_740_992 + owner) for owner in OWNERS.tolist())
    assert found.reason.endswith("codes: more than 15 digits")
    zeros = [f"0{owner}" for owner in OWNER]
    assert decided(zeros, "zip").levels == tuple(f"0{owner}" for owner in OWNERS.tolist())


def learnt(held: Any) -> ScoringModel:
    return lw.fit_model(pd.DataFrame({"owner_id": held, "visits": VISITS, "label": LABEL}))


@pytest.fixture(scope="module")
def usual() -> ScoringModel:
    return without_hash(learnt(WITH_GAPS))


def without_hash(model: ScoringModel) -> ScoringModel:
    return replace(model, provenance=replace(model.provenance, rows_sha256="0" * 64))


def in_types() -> dict[str, Any]:
    whole = pd.Series(WITH_GAPS).astype("Int64")
    return {
        "float64": WITH_GAPS,
        "Int64": whole,
        "text": pd.Series(whole.astype("string"), dtype=object).where(whole.notna(), None),
        "text with a point": [None if v != v else f"{v:.1f}" for v in WITH_GAPS.tolist()],
        "objects": [None if v != v else int(v) for v in WITH_GAPS.tolist()],
    }


@pytest.mark.parametrize("kind", in_types())
def test_codes_of_any_type_give_the_same_model_and_the_same_scores(
    kind: str, usual: ScoringModel
) -> None:
    held = in_types()[kind]
    assert without_hash(learnt(held)) == usual
    table = pd.DataFrame({"owner_id": held, "visits": VISITS})
    expected = lw.score(usual, pd.DataFrame({"owner_id": WITH_GAPS, "visits": VISITS}))
    assert lw.score(usual, table).equals(expected)
    (owner, _) = check_input(usual, table).columns
    assert owner.rows("other") == 0
    assert owner.rows("missing") == ROWS // 20


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_codes_in_files_are_the_same_levels(
    ending: str, usual: ScoringModel, tmp_path: Path
) -> None:
    path = tmp_path / f"leads.{ending}"
    table = pd.DataFrame({"owner_id": WITH_GAPS, "visits": VISITS, "label": LABEL})
    write = {
        "csv": lambda: table.to_csv(path, index=False),
        "parquet": lambda: table.to_parquet(path),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
    }
    write[ending]()
    assert without_hash(lw.fit_model(path)) == usual
    assert without_hash(lw.fit_model(path, dictionary={"owner_id": {"kind": "category"}})) == usual


def test_a_fit_proves_codes_in_floats() -> None:
    table = pd.DataFrame({"owner_id": WITH_GAPS, "visits": VISITS, "label": LABEL})
    found = fit(table)
    assert found.parity.holds
    (levels,) = (term for term in found.model.terms if isinstance(term, Levels))
    assert {level.value for level in levels.levels} == set(map(str, OWNERS.tolist()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_compares_codes_as_text_and_as_doubles_are_written(
    dialect: str, usual: ScoringModel
) -> None:
    sql = render(usual, dialect=dialect)
    assert all(f"'{text}'" in sql for text in ("7001", "7001.0", "7.001E3"))


# What no training row had.


def test_what_no_row_had_in_a_category_counts_as_the_average_row() -> None:
    model = learnt(OWNER)
    (levels,) = (term for term in model.terms if isinstance(term, Levels))
    assert levels.missing.contribution == levels.other.contribution == 0.0
    # By hand: an average of what the levels contribute, each as often as rows have it.
    mean = sum(level.contribution * level.row_share for level in levels.levels)
    assert mean == pytest.approx(0.0, abs=1e-9)
    assert max(abs(level.contribution) for level in levels.levels) > 0.1
    # So an unknown owner has the log-odds of a lead of whom nothing but the visits are known.
    rows: dict[str, Values] = {"owner_id": texts([None, "8000"]), "visits": np.array([4.0, 4.0])}
    found = evaluate(stages(model, columns=["log_odds"]), rows)["log_odds"]
    assert isinstance(model.link, Logit)
    (visits,) = (term for term in model.terms if isinstance(term, Standardized))
    alone = (4 - visits.mean) / visits.std * visits.weight * model.link.scale + model.link.intercept
    assert found == pytest.approx([alone, alone], abs=1e-9)


def test_a_fit_with_levels_that_only_held_back_rows_have_agrees_with_the_pipeline() -> None:
    train = pd.DataFrame({"owner_id": OWNER, "visits": VISITS, "label": LABEL})
    valid = train.assign(owner_id=np.where(np.arange(ROWS) % 3 == 0, np.nan, OWNER))
    found = fit(train, valid=valid)
    assert found.parity.holds


@pytest.mark.skipif(not DATA.exists(), reason="needs the reference tables in ../shared/data")
@pytest.mark.sweep
def test_no_column_of_the_reference_tables_is_taken_for_codes() -> None:
    bank = lw.columns(DATA / "bank" / "bank-additional-full.csv", label="y")[0]
    leads = lw.columns(DATA / "xeducation" / "leads.csv", label="Converted")[0]
    assert not [d.column for d in (*bank, *leads) if "codes" in d.reason]
