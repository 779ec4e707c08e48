"""Metrics against scikit-learn, and bootstrap intervals against their own definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from leadweights.decisions.metrics import Scored, evaluate_models, find_interval, measure
from tests.support.release import RELEASE

rows = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n),
        st.lists(st.integers(0, 12).map(lambda k: k / 12), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)


@settings(max_examples=400 if RELEASE else 100)
@given(rows)
def test_metrics_are_those_of_scikit_learn_with_ties_and_repeated_rows(
    drawn: tuple[list[float], list[float], list[int]],
) -> None:
    y, p, counts = (np.array(values) for values in drawn)
    if len(set(y[counts > 0])) < 2:
        return
    found = measure(y, Scored(p, p), counts[None, :])
    assert np.isclose(
        found["auc_roc"][0], roc_auc_score(y, p, sample_weight=counts), rtol=0, atol=1e-12
    )
    expected = average_precision_score(y, p, sample_weight=counts)
    assert np.isclose(found["pr_auc"][0], expected, rtol=0, atol=1e-12)
    expected = brier_score_loss(y, p, sample_weight=counts)
    assert np.isclose(found["brier"][0], expected, rtol=0, atol=1e-12)


def test_precision_counts_rows_tied_at_the_end_in_proportion() -> None:
    y = np.r_[np.ones(90), np.zeros(5), np.ones(10), np.zeros(95)]
    score = np.r_[np.full(95, 3.0), np.full(20, 2.0), np.full(85, 1.0)]
    found = measure(y, Scored(score, score / 4), np.ones((1, 200)))
    assert found["precision_at_100"][0] == (90 + 5 * 10 / 20) / 100
    assert found["precision_at_200"][0] == 0.5


def test_precision_is_undefined_for_fewer_rows_than_it_asks_for() -> None:
    y = np.r_[np.ones(75), np.zeros(75)]
    found = evaluate_models(y, {"one": Scored(y, y), "two": Scored(-y, 1 - y)}, "one", 0)
    assert found["one"].metrics["precision_at_100"].value == 0.75
    assert found["one"].metrics["precision_at_200"].value is None
    differences = found["two"].differences
    assert differences is not None
    assert differences["precision_at_200"].low is None
    assert differences["auc_roc"].value == -1.0


@pytest.mark.sweep
def test_intervals_are_percentiles_over_resamples_and_differences_are_paired() -> None:
    random = np.random.RandomState(3)
    y = (random.uniform(size=600) < 0.4).astype(float)
    good = random.normal(size=600) + y
    other = good + random.normal(size=600) * 0.1
    models = {"good": Scored(good, y * 0.5), "other": Scored(other, y * 0.5)}
    found = evaluate_models(y, models, "good", 7, resamples=200)

    again = np.random.RandomState(7)
    draws = [again.randint(0, 600, size=600) for _ in range(200)]
    aucs = np.array([[roc_auc_score(y[d], s[d]) for s in (good, other)] for d in draws])
    interval = found["good"].metrics["auc_roc"]
    low, high = np.percentile(aucs[:, 0], [2.5, 97.5])
    assert np.allclose([interval.low or 0, interval.high or 0], [low, high], rtol=0, atol=1e-12)
    differences = found["other"].differences
    assert differences is not None
    paired = differences["auc_roc"]
    low, high = np.percentile(aucs[:, 1] - aucs[:, 0], [2.5, 97.5])
    assert np.allclose([paired.low or 0, paired.high or 0], [low, high], rtol=0, atol=1e-12)
    assert found["good"].differences is None


def test_resamples_in_which_a_metric_is_not_defined_do_not_count() -> None:
    values = np.r_[0.5, np.nan, np.linspace(0.2, 0.8, 101), np.nan]
    found = find_interval(values)
    assert (found.low, found.high) == pytest.approx((0.215, 0.785))
    assert find_interval(np.full(5, np.nan)).value is None
    assert find_interval(np.r_[0.5, np.full(5, np.nan)]).low is None


def test_resamples_taken_in_portions_are_the_same() -> None:
    random = np.random.RandomState(2)
    y = (random.uniform(size=50) < 0.4).astype(float)
    models = {"one": Scored(random.normal(size=50), y), "two": Scored(y, y)}
    at_once = evaluate_models(y, models, "one", 3)
    # 1,000 are 14 portions of 70 and one of 20.
    assert evaluate_models(y, models, "one", 3, cells_at_once=70 * 50) == at_once


def test_fewer_than_ten_of_a_class_give_no_interval_and_no_star() -> None:
    random = np.random.default_rng(0)
    score = random.random(300)
    models = {name: Scored(score + random.random(300), score) for name in ("a", "b")}
    for positive in (1, 9, 291):
        y = (np.argsort(np.argsort(score)) >= 300 - positive).astype(float)
        found = evaluate_models(y, models, "a", 0)
        assert found["a"].metrics["auc_roc"].value is not None
        for evaluation in found.values():
            intervals = [*evaluation.metrics.values(), *(evaluation.differences or {}).values()]
            assert {(one.low, one.high) for one in intervals} == {(None, None)}
    y = (np.argsort(np.argsort(score)) >= 290).astype(float)
    assert evaluate_models(y, models, "a", 0)["a"].metrics["auc_roc"].low is not None


def test_few_rows_of_a_class_give_the_interval_of_students_t_in_log_odds() -> None:
    values = np.r_[0.8, np.linspace(0.7, 0.9, 1001)]
    found = find_interval(values, 10, is_skewed=True)
    spread = (10 / 9) ** 0.5 * t(9).ppf(0.975) * values[1:].std() / (0.8 * 0.2)
    assert found.low == pytest.approx(1 / (1 + np.exp(-(np.log(4) - spread))))
    assert found.high == pytest.approx(1 / (1 + np.exp(-(np.log(4) + spread))))
    low = norm.cdf(-((10 / 9) ** 0.5) * t(9).ppf(0.975))
    wider = find_interval(values, 10)
    assert wider.low == pytest.approx(0.7 + 0.2 * low)
    assert wider.high == pytest.approx(0.9 - 0.2 * low)
    assert find_interval(values).low == pytest.approx(0.705)
    symmetric = find_interval(values, is_skewed=True)
    spread = norm.ppf(0.975) * values[1:].std() / (0.8 * 0.2)
    assert symmetric.low == pytest.approx(1 / (1 + np.exp(-(np.log(4) - spread))))
    perfect = find_interval(np.r_[1.0, np.full(1000, 1.0)], 10, is_skewed=True)
    assert (perfect.low, perfect.high) == (1.0, 1.0)
