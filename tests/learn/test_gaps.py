"""What most rows lack is kept where it helps out of fold, and both figures are told."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.learn.prepare.columns import Decision
from leadweights.model.model import Category, Missing, Number
from tests.support.release import sweep

ROWS = 4000
RANDOM = np.random.RandomState(0)
Y = RANDOM.uniform(size=ROWS) < 0.35
HIDDEN = RANDOM.uniform(size=ROWS)
NOISE = RANDOM.normal(size=ROWS)
LEVELS = RANDOM.choice(["a", "b", "c"], ROWS)


def decide(values: Any, **words: object) -> Decision:
    frame = pd.DataFrame({"x": values, "other": NOISE, "label": Y.astype(int)})
    found, _ = lw.columns(frame, dictionary={"x": words} if words else None)
    return next(decision for decision in found if decision.column == "x")


def lacking(gone: Any, values: Any) -> list[str | None]:
    return [None if lost else value for lost, value in zip(gone, values, strict=True)]


def figures(reason: str) -> tuple[float, float]:
    found = re.search(r"log-loss by itself (\d\.\d{4}) with it, (?:not )?(\d\.\d{4})", reason)
    assert found is not None, reason
    return float(found[1]), float(found[2])


def by_scikit_learn(matrix: Any) -> float:
    scaled = StandardScaler().fit_transform(matrix)
    p = cross_val_predict(LogisticRegression(), scaled, Y, cv=5, method="predict_proba")
    return float(log_loss(Y, p[:, 1]))


def rate() -> float:
    share = Y.mean()
    return float(-share * np.log(share) - (1 - share) * np.log(1 - share))


def test_a_number_whose_values_help_is_kept_with_a_weight_for_its_lack() -> None:
    values = np.where(HIDDEN < 0.62, np.nan, NOISE + 1.5 * Y)
    found = decide(values)
    assert [type(column) for column in found.inputs] == [Number, Missing]
    assert found.reason.startswith(f"{np.isnan(values).mean():.1%} missing, filled with the median")
    filled = np.where(np.isnan(values), np.nanmedian(values), values)
    expected = by_scikit_learn(np.column_stack((filled, np.isnan(values))))
    # Other folds.
    assert figures(found.reason) == pytest.approx((expected, rate()), abs=0.002)
    assert f"not {rate():.4f}" in found.reason


def test_a_number_whose_lack_alone_helps_is_kept() -> None:
    found = decide(np.where(np.where(Y, 0.45, 0.8) > HIDDEN, np.nan, NOISE))
    assert [type(column) for column in found.inputs] == [Number, Missing]
    with_it, without = figures(found.reason)
    assert with_it < without - 0.02


def test_a_category_is_kept_with_its_missing_level() -> None:
    likely = np.where(Y, "a", LEVELS)
    values = lacking(HIDDEN < 0.7, likely)
    found = decide(values)
    assert found.kind == "category"
    assert isinstance(found.inputs[0], Category)
    assert found.levels == ("a", "b", "c")
    known = HIDDEN >= 0.7
    expected = by_scikit_learn(
        np.column_stack([(likely == level) & known for level in "abc"] + [~known])
    )
    assert figures(found.reason) == pytest.approx((expected, rate()), abs=0.002)


def test_yes_and_no_that_most_rows_lack_are_a_category_that_knows_so() -> None:
    found = decide(lacking(HIDDEN < 0.6, np.where(Y | (NOISE > 0), "Yes", "No")))
    assert (found.kind, found.levels) == ("category", ("No", "Yes"))
    likely = pd.Series(Y | (NOISE > 0)).astype("boolean").mask(HIDDEN < 0.6)
    assert decide(likely).kind == "flag"


@pytest.mark.parametrize("seed", sweep(range(5), 5))
def test_what_says_nothing_is_left_out_with_both_figures(seed: int) -> None:
    random = np.random.RandomState(seed + 100)
    gone = random.uniform(size=ROWS) < 0.7
    for values in (
        np.where(gone, np.nan, random.normal(size=ROWS)),
        lacking(gone, random.choice([*"abcdefgh"], ROWS)),
        lacking(gone, random.choice(["yes", "no"], ROWS)),
    ):
        found = decide(values)
        assert (found.kind, found.inputs) == ("left out", ())
        assert found.reason.startswith(f"{gone.mean():.0%} of it is missing; log-loss by itself")
        assert found.reason.endswith("without")
        with_it, without = figures(found.reason)
        assert with_it > without - 0.0015


def test_what_the_dictionary_asks_for_is_not_weighed() -> None:
    values = np.where(HIDDEN < 0.7, np.nan, NOISE)
    assert "log-loss" not in decide(values, kind="number").reason
    assert len(decide(values, missing_weight=True).inputs) == 2


@pytest.mark.sweep
def test_a_rank_of_the_top_is_better_with_what_most_rows_lack() -> None:
    """Of 100 rows called, more convert."""
    random = np.random.RandomState(9)
    skill, gone = random.normal(size=(2, 8000))
    y = (random.logistic(size=8000) + 1 < 1.6 * skill).astype(int)
    some = np.where(gone < 0.6, np.nan, skill + random.normal(scale=0.3, size=8000))
    frame = pd.DataFrame({"x": some, "weak": skill + random.normal(scale=4, size=8000), "label": y})
    tops = [
        lw.compare(frame, exclude=exclude)
        .models["logistic_regression"]
        .metrics["precision_at_100"]
        .value
        for exclude in ([], ["x"])
    ]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[0] > tops[1] + 0.1
