"""Which rows are held back: by what they hold, whoever learns from which columns."""

import struct
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.learn.problem import open_problem, split_rows
from leadweights.learn.recipe import Recipe
from leadweights.tables.row_hashes import hash_rows
from tests.support.learning import fit


def leads(rows: int = 600) -> pd.DataFrame:
    """Draw leads with a key of digits, a note, a day and two numbers."""
    random = np.random.RandomState(3)
    x = random.normal(size=rows)
    return pd.DataFrame(
        {
            "lead": random.permutation(rows) + 10_000,
            "x": x,
            "size": np.where(random.uniform(size=rows) < 0.3, np.nan, random.randint(0, 9, rows)),
            "note": random.choice(["a", "B, c", "7", ""], rows),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.randint(0, 99, rows), "D"),
            "label": (x + random.normal(size=rows) > 0.5).astype(int),
        }
    )


def held_back(table: object, **asked: object) -> set[float]:
    """Give the rows held back, each known by its value of x."""
    with open_problem(table, Recipe(**asked)) as problem:  # type: ignore[arg-type]
        return set(split_rows(problem)[1].rows.values["x"].tolist())  # type: ignore[union-attr]


def test_neither_keys_nor_excluded_columns_nor_the_order_of_rows_choose_other_rows(
    tmp_path: Path,
) -> None:
    frame = leads()
    first = held_back(frame)
    assert len(first) == 120
    asked: list[dict[str, object]] = [
        {"keys": ["lead"]},
        {"exclude": ["note"]},
        {"exclude": ["lead", "note", "day", "size"]},
        {"dictionary": {"size": {"kind": "category"}, "note": {"exclude": "not known in time"}}},
    ]
    for one in asked:
        assert held_back(frame, **one) == first
    assert held_back(frame.sample(frac=1, random_state=1)[frame.columns[::-1]]) == first
    assert held_back(frame, seed=1) != first
    for name in ("leads.csv", "leads.parquet"):
        path = tmp_path / name
        (frame.to_csv if name.endswith("csv") else frame.to_parquet)(path, index=False)
        for keys in ([], ["lead"]):
            assert held_back(path, keys=keys) == first


def test_the_rows_held_back_can_be_found_by_hand() -> None:
    frame = leads()[["x", "label"]]
    salt = blake2b(b"rows 42", digest_size=16).digest()

    def hashed(row: tuple[float, float]) -> bytes:
        return blake2b(struct.pack("<2d", *row), digest_size=8, salt=salt).digest()

    rows = sorted(frame.itertuples(index=False, name=None), key=hashed)
    positive, negative = ([x for x, y in rows if y == label] for label in (1, 0))
    learnt = round(480 * len(positive) / 600)
    expected = {*positive[learnt:], *negative[480 - learnt :]}
    assert held_back(frame) == expected


def test_rows_that_are_alike_are_spread_over_the_parts() -> None:
    random = np.random.RandomState(0)
    frame = pd.DataFrame({"x": random.randint(0, 2, 4000), "z": random.randint(0, 2, 4000)})
    frame["label"] = (random.uniform(size=4000) < 0.2 + 0.4 * frame["x"]).astype(int)
    with open_problem(frame, Recipe()) as problem:
        learnt, measured = (part.rows for part in split_rows(problem))
    for name in ("x", "z"):
        first, second = learnt.values[name], measured.values[name]
        assert isinstance(first, np.ndarray)
        assert isinstance(second, np.ndarray)
        assert first.mean() == pytest.approx(second.mean(), abs=0.08)


def test_a_value_counts_as_what_it_says_whatever_holds_it() -> None:
    from leadweights.formula.texts import texts

    number = np.array([7.0, -0.5, np.nan, 20454.0])
    assert np.array_equal(
        hash_rows([number], "a"), hash_rows([texts(["7", " -0.50", None, "2026-01-01"])], "a")
    )
    told_apart = hash_rows([texts(["007", "7", "a", "A", "", None])], "a")
    assert len(set(told_apart.tolist())) == 6


@pytest.mark.sweep
def test_what_decides_on_curves_depends_on_no_column_left_out() -> None:
    random = np.random.RandomState(5)
    rows = 4000
    x = random.normal(size=rows)
    frame = pd.DataFrame({"x": x, "noise": random.normal(size=rows), "id": np.arange(rows)})
    frame["label"] = (np.abs(x) + random.logistic(size=rows) > 1).astype(int)
    whole = fit(frame, exclude=["noise"])
    less = fit(frame.drop(columns="id"), exclude=["noise"], valid=frame)
    keyed = fit(frame, keys=["id"], exclude=["noise"])
    shuffled = fit(frame.sample(frac=1, random_state=2), exclude=["noise", "id"])
    assert {d.column: d.reason for d in less.columns}["x"].startswith("a curve")
    reasons = [{d.column: d.reason for d in one.columns}["x"] for one in (whole, keyed, shuffled)]
    assert reasons[0].startswith("a curve")
    assert reasons[0] == reasons[1] == reasons[2]
    assert whole.model.terms == keyed.model.terms == shuffled.model.terms
    assert whole.comparison.models["logistic_regression"].metrics == (
        keyed.comparison.models["logistic_regression"].metrics
    )


@pytest.mark.sweep
def test_folds_of_cross_validation_are_the_same_with_a_key() -> None:
    frame = leads()
    first, second = (
        lw.cross_validate(frame, count=3, **asked)  # type: ignore[arg-type]
        for asked in ({"exclude": ["note", "lead"]}, {"exclude": ["note"], "keys": ["lead"]})
    )
    assert first.models == second.models
