"""All the models side by side: metrics of decisions and of the top, rivals, the price of SQL."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.decisions.metrics import (
    AT_THRESHOLD,
    LOG_LOSS,
    METRICS,
    TOP_SHARES,
    Scored,
    compare_to_best,
    evaluate_models,
    measure,
)
from leadweights.errors import UnsupportedError
from leadweights.formula.arrays import Floats
from leadweights.learn import other_models as rivals
from leadweights.learn.compare import WITH_TREES, Comparison
from leadweights.learn.fit import solve
from leadweights.learn.prepare.design import make_design
from leadweights.learn.prepare.prepared import Prepared
from leadweights.learn.problem import open_problem
from leadweights.learn.recipe import Recipe
from leadweights.learn.to_model import Given
from leadweights.reports.compare import comparison_text, metrics_document
from tests.support.commands import invoke
from tests.support.learning import QUICK

TRAIN, VALID = "data/train.csv", "data/valid.csv"
GET_IT = 'not installed: pip install "leadweights[boosting]"'
EVERYWHERE = [
    "equal_weights",
    "logistic_regression",
    "gradient_boosting",
    WITH_TREES,
    "decision_tree",
    "random_forest",
    "extra_trees",
    "hist_gradient_boosting",
    "early_stopping_boosting",
]

rows = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n),
        st.lists(st.integers(0, 12).map(lambda k: k / 12), min_size=n, max_size=n),
        st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=4),
        st.integers(0, 12).map(lambda k: k / 12),
    )
)


@pytest.mark.sweep
@settings(max_examples=300)
@given(rows)
def test_decisions_are_measured_as_scikit_learn_does_in_every_resample(
    drawn: tuple[list[float], list[float], list[list[int]], float],
) -> None:
    y, p, counts = (np.array(values) for values in drawn[:3])
    threshold = drawn[3]
    found = measure(y, Scored(p, p), counts, threshold)
    for resample, weights in enumerate(counts):
        taken = np.repeat(np.arange(len(y)), weights)
        if len(set(y[taken])) < 2:
            continue
        called = (p[taken] >= threshold).astype(float)
        precision, recall, f1, _ = precision_recall_fscore_support(
            y[taken], called, average="binary", zero_division=np.nan
        )
        accuracy = accuracy_score(y[taken], called)
        expected = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}
        expected[LOG_LOSS] = log_loss(y[taken], p[taken])
        for name, value in expected.items():
            assert np.isclose(found[name][resample], value, atol=1e-12, equal_nan=True), name


def by_hand(y: Floats, score: Floats, share: float) -> float:
    """Give each row the part of it that is in the top, tied rows alike, and add the positives."""
    room, hits = share * len(y), 0.0
    for value in sorted(set(score), reverse=True):
        tied = y[score == value]
        part = min(1.0, room / len(tied))
        hits += part * tied.sum()
        room -= part * len(tied)
    return hits


@pytest.mark.sweep
@settings(max_examples=300)
@given(rows)
def test_the_top_counts_tied_rows_in_proportion_in_every_resample(
    drawn: tuple[list[float], list[float], list[list[int]], float],
) -> None:
    y, p, counts = (np.array(values) for values in drawn[:3])
    found = measure(y, Scored(p, p), counts, 0.5)
    for resample, weights in enumerate(counts):
        taken = np.repeat(np.arange(len(y)), weights)
        if not y[taken].any():
            continue
        fifth, tenth = (by_hand(y[taken], p[taken], share) for share in (0.2, 0.1))
        lift = tenth / (0.1 * len(taken)) / y[taken].mean()
        expected = [lift, fifth, fifth / y[taken].sum()]
        for name, value in zip(TOP_SHARES, expected, strict=True):
            assert np.isclose(found[name][resample], value, atol=1e-12), name


def test_lift_and_the_conversions_of_the_top_fifth_on_fifty_rows() -> None:
    # The top tenth is 5 rows: 3 positive ones and 2 of the 4 tied next, of which 1 is positive.
    # The top fifth is 10 rows: these 7 with 4 positive ones and 3 of the 43 last, 6 positive.
    y = np.r_[np.ones(3), [1, 0, 0, 0], np.ones(6), np.zeros(37)]
    score = np.r_[np.full(3, 3.0), np.full(4, 2.0), np.full(43, 1.0)]
    found = measure(y, Scored(score, score / 4), np.ones((1, 50)), 0.5)
    assert found["lift_top_10_percent"][0] == (3.5 / 5) / (10 / 50)
    assert found["conversions_top_20_percent"][0] == 4 + 3 * (6 / 43)
    assert found["capture_top_20_percent"][0] == (4 + 3 * (6 / 43)) / 10


def test_a_row_at_the_threshold_is_called_positive() -> None:
    y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.4, 0.1])
    found = measure(y, Scored(p, p), np.ones((1, 4)), 0.5)
    assert [found[name][0] for name in AT_THRESHOLD] == [0.5, 0.5, 0.5, 0.5]


def test_precision_is_none_where_nothing_is_called_positive() -> None:
    y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.4, 0.3, 0.2, 0.1])
    found = evaluate_models(y, {"one": Scored(p, p)}, "one", 0, threshold=0.9)["one"].metrics
    assert found["precision"].value is None
    assert found["recall"].value == found["f1"].value == 0.0
    assert found["accuracy"].value == 0.5


def test_intervals_of_the_top_are_percentiles_over_paired_resamples() -> None:
    random = np.random.RandomState(5)
    y = (random.uniform(size=250) < 0.3).astype(float)
    good = random.normal(size=250) + y
    other = np.round(good, 0)
    models = {"good": Scored(good, y), "other": Scored(other, y)}
    found = evaluate_models(y, models, "good", 7, resamples=200, threshold=0.5)["other"]
    again = np.random.RandomState(7)
    draws = [again.randint(0, 250, size=250) for _ in range(200)]
    hits = np.array([[by_hand(y[d], s[d], 0.2) for s in (good, other)] for d in draws])
    assert found.differences is not None
    for interval, values in (
        (found.metrics["conversions_top_20_percent"], hits[:, 1]),
        (found.differences["conversions_top_20_percent"], hits[:, 1] - hits[:, 0]),
    ):
        ends = [interval.low, interval.high]
        assert np.allclose(np.array(ends, float), np.percentile(values, [2.5, 97.5]), atol=1e-12)


def swapped(y: Floats, pairs: int) -> Scored:
    """Rank 20 positives above 80 negatives, but `pairs` of the positives last."""
    order = np.r_[np.arange(20 - pairs), np.arange(100 - pairs, 100)]
    order = np.r_[order, np.arange(20, 100 - pairs), np.arange(20 - pairs, 20)]
    score = np.empty(100)
    score[order] = np.arange(100, 0, -1)
    return Scored(score, y)


def test_the_price_of_sql_is_the_difference_to_the_best_by_hand() -> None:
    y = np.r_[np.ones(20), np.zeros(80)]
    models = {"sql": swapped(y, 5), "best": swapped(y, 2), "worse": swapped(y, 9)}
    found = evaluate_models(y, models, "sql", 0, threshold=0.5)
    got = compare_to_best(found, 100)
    assert got.best == "best"
    # k positives are below all 80 negatives, the others above all: of 1,600 pairs 80 k are wrong.
    assert got.auc_roc.value == pytest.approx(-3 * 80 / 1600, abs=1e-12)
    assert got.conversions_top_20_percent.value == -3.0
    assert got.conversions_top_20_percent_per_1000_rows.value == -30.0
    differences = found["best"].differences
    assert differences is not None
    up, down = differences["conversions_top_20_percent"], got.conversions_top_20_percent
    assert down.low is not None
    assert down.high is not None
    assert down.low < -3.0 < down.high
    assert (up.low, up.high) == (-down.high, -down.low)


def test_the_price_is_a_gain_where_no_other_ranks_better() -> None:
    y = np.r_[np.ones(20), np.zeros(80)]
    models = {"sql": swapped(y, 2), "next": swapped(y, 5), "worse": swapped(y, 9)}
    got = compare_to_best(evaluate_models(y, models, "sql", 0, threshold=0.5), 100)
    assert got.best == "next"
    assert got.conversions_top_20_percent.value == 3.0
    same = {"sql": swapped(y, 2), "next": swapped(y, 2)}
    got = compare_to_best(evaluate_models(y, same, "sql", 0, threshold=0.5), 100)
    assert [str(end) for end in (got.auc_roc.low, got.auc_roc.value)] == ["0.0", "0.0"]


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("rows", "learner"),
    [
        (9_999, GradientBoostingClassifier(random_state=3)),
        (10_000, HistGradientBoostingClassifier(max_depth=3, early_stopping=False)),
    ],
)
def test_gradient_boosting_is_scikit_learns(rows: int, learner: Any) -> None:
    """In long tables with splits between quantiles, which takes a fraction of the time."""
    random = np.random.default_rng(5)
    drawn, others = random.normal(size=(rows, 3)), random.normal(size=(2_000, 3))
    y = (random.random(rows) < 1 / (1 + np.exp(1 - drawn[:, 0] * drawn[:, 1]))).astype(float)
    given, asked = (Prepared(dict(zip("abc", part.T, strict=True)), {}) for part in (drawn, others))
    found = rivals.predict_by_boosting(Given((), make_design(given, {}, {}), given, y), asked, 3)
    # Of two equal splits the first is taken: by rows in an order of their own.
    order = np.lexsort((y, *drawn.T[::-1]))
    scaler = StandardScaler().fit(drawn[order])
    learner.fit(scaler.transform(drawn[order]), y[order])
    expected = learner.predict_proba(scaler.transform(others))[:, 1]
    assert np.abs(found - expected).max() < 1e-9


@pytest.mark.sweep
def test_gradient_boosting_learns_from_the_training_rows_alone() -> None:
    train, valid = (pd.read_csv(path).drop(columns="contact_id") for path in (TRAIN, VALID))
    shuffled = valid.assign(label=valid["label"].sample(frac=1, random_state=4).to_numpy())
    found = lw.compare(train.head(1000), valid=shuffled).models["gradient_boosting"]
    assert found.metrics["auc_roc"].value == pytest.approx(0.5, abs=0.05)
    found = lw.compare(train.head(1000), valid=valid).models["gradient_boosting"]
    assert (found.metrics["auc_roc"].value or 0.0) > 0.75


@pytest.mark.sweep
@pytest.mark.parametrize("order", [0, 1])
def test_rivals_are_scikit_learns_and_do_not_depend_on_the_order_of_rows(order: int) -> None:
    random = np.random.default_rng(6)
    drawn, others = random.normal(size=(1_500, 3)), random.normal(size=(500, 3))
    y = (random.random(1_500) < 1 / (1 + np.exp(1 - drawn[:, 0] * drawn[:, 1]))).astype(float)
    places = np.random.RandomState(order).permutation(1_500)
    given, asked = (
        Prepared(dict(zip("abc", part.T, strict=True)), {}) for part in (drawn[places], others)
    )
    whole = Given((), make_design(given, {}, {}), given, y[places])
    afforded, left_out = rivals.list_rivals(whole, 4_500)
    assert (afforded, left_out) == (
        ("random_forest", "extra_trees", "early_stopping_boosting"),
        (),
    )
    found = rivals.predict_by_rivals(whole, asked, 3, afforded)
    frame = pd.DataFrame(drawn, columns=[*"abc"]).assign(y=y).sort_values(["y", "c", "b", "a"])
    rows, labels = frame[[*"abc"]].to_numpy(), frame["y"].to_numpy()
    scaler = StandardScaler().fit(rows)
    for name, learner in (
        ("random_forest", RandomForestClassifier(100, min_samples_leaf=5, random_state=3)),
        (
            "early_stopping_boosting",
            HistGradientBoostingClassifier(
                learning_rate=0.05, max_iter=500, max_depth=3, early_stopping=True, random_state=3
            ),
        ),
    ):
        learner.fit(scaler.transform(rows), labels)
        expected = learner.predict_proba(scaler.transform(others))[:, 1]
        assert np.abs(found[name] - expected).max() < 1e-9, name


@pytest.mark.sweep
def test_a_rival_that_takes_too_long_is_named_and_not_learnt() -> None:
    random = np.random.RandomState(0)
    frame = pd.DataFrame(random.normal(size=(900, 3)), columns=[*"abc"])
    frame["label"] = (frame["a"] + random.normal(size=900) > 0).astype(int)
    forests = ("random_forest", "extra_trees")
    for most, learnt, left_out in (
        (3 * 720, [*forests, "early_stopping_boosting"], ()),
        (3 * 720 - 1, ["early_stopping_boosting"], forests),
        (215, [], (*forests, "early_stopping_boosting")),
    ):
        limits = replace(QUICK, rival_values=most)
        with open_problem(frame, Recipe(), limits=limits) as problem:
            found = solve(problem).comparison
        assert list(found.models)[3:] == learnt
        assert found.not_afforded == left_out
        text = comparison_text(found)
        assert ("these would take long; compare --models" in text) == bool(left_out)
        assert max(map(len, text.splitlines())) <= 100
        # The first lines show one rival, the strongest.
        aucs = {n: m.metrics["auc_roc"].value or 0.0 for n, m in [*found.models.items()][2:]}
        head = next(line for line in text.splitlines() if line.startswith(" "))
        strongest = max(aucs, key=aucs.__getitem__)
        assert head.split() == ["equal_weights", "logistic_regression", strongest]


def nothing_more(name: str) -> None:
    """Stand in for `find_spec` where no optional library is installed."""


@pytest.fixture(scope="module")
def compared() -> Comparison:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rivals, "find_spec", nothing_more)
        return lw.compare(TRAIN, models=True, threshold=0.4, exclude=["contact_id"])


@pytest.mark.sweep
def test_every_model_has_every_metric_and_the_three_have_those_of_today(
    compared: Comparison,
) -> None:
    assert list(compared.models) == EVERYWHERE
    assert compared.threshold == 0.4
    assert compared.not_installed == ("xgboost", "lightgbm")
    for found in compared.models.values():
        assert list(found.metrics) == [*METRICS, LOG_LOSS, *AT_THRESHOLD, *TOP_SHARES]
        for interval in found.metrics.values():
            assert interval.value is not None
            assert interval.low is not None
            assert interval.high is not None
            assert interval.low <= interval.value <= interval.high
    today = lw.compare(TRAIN, exclude=["contact_id"])
    assert today.price_of_sql is None
    for name, expected in today.models.items():
        for metric in METRICS:
            assert compared.models[name].metrics[metric] == expected.metrics[metric]
    assert set(metrics_document(today)) == set(metrics_document(compared)) - {
        "threshold",
        "price_of_sql",
        "not_installed",
        "selects",
        "warnings",
    }


@pytest.mark.sweep
def test_every_rival_learns_something(compared: Comparison) -> None:
    for name in EVERYWHERE[3:]:
        auc = compared.models[name].metrics["auc_roc"]
        assert auc.low is not None
        assert auc.low > 0.65, name


@pytest.mark.sweep
def test_the_price_is_that_of_the_differences(compared: Comparison) -> None:
    found = compared.price_of_sql
    assert found is not None
    ours = ("logistic_regression", WITH_TREES)
    others = {n: m for n, m in compared.models.items() if n not in ours}
    aucs = {name: model.metrics["auc_roc"].value or 0.0 for name, model in others.items()}
    assert found.best == max(aucs, key=aucs.__getitem__)
    own = compared.models["logistic_regression"].metrics
    best = compared.models[found.best].metrics
    for name, paid in (("auc_roc", found.auc_roc), ("pr_auc", found.pr_auc)):
        assert paid.value == pytest.approx(
            (own[name].value or 0.0) - (best[name].value or 0.0), abs=1e-12
        )


@pytest.mark.sweep
def test_models_are_rows_the_best_are_marked_and_the_lines_are_not_too_wide(
    compared: Comparison,
) -> None:
    text = comparison_text(compared)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 110
    for name in EVERYWHERE:
        wanted = 3 if name == WITH_TREES else 2
        assert sum(line.startswith(name + " ") for line in lines) == wanted
    aucs = {n: m.metrics["auc_roc"].value or 0.0 for n, m in compared.models.items()}
    briers = {n: m.metrics["brier"].value or 0.0 for n, m in compared.models.items()}
    first = {line.split()[0]: line.split()[1:] for line in reversed(lines) if line[:1].islower()}
    assert [n for n in EVERYWHERE if first[n][0].endswith("*")] == [max(aucs, key=aucs.__getitem__)]
    assert [n for n in EVERYWHERE if first[n][2].endswith("*")] == [
        min(briers, key=briers.__getitem__)
    ]
    assert "probability is 0.4 or more" in text
    assert "Price of SQL: none, no other ranks better; against" in text
    assert f"xgboost and lightgbm {GET_IT}" in text


def test_a_select_that_gives_something_up_is_told_how_much_and_that_it_is_an_upper_estimate() -> (
    None
):
    y = np.r_[np.ones(20), np.zeros(80)]
    models = {"logistic_regression": swapped(y, 5), "forest": swapped(y, 2)}
    found = evaluate_models(y, models, "logistic_regression", 0, threshold=0.5)
    text = comparison_text(
        Comparison("them", 9, 100, 20, found, 0.5, compare_to_best(found, 100), ("xgboost",))
    )
    assert "Price of SQL: against forest, the best of the others by AUC-ROC" in text
    assert "AUC-ROC -0.1500 [" in text
    assert "-3.0 [" in text
    assert "-30.0 [" in text
    assert "upper estimate" in text
    assert f"\nxgboost {GET_IT}" in text
    # P@200 of a hundred rows is no number, and no best.
    assert " - " in text


def run(*arguments: str, threads: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leadweights", "compare", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "OMP_NUM_THREADS": threads,
            "PYTHONHASHSEED": threads,
        },
    )


@pytest.mark.sweep
def test_the_command_prints_the_same_bytes_on_one_thread_and_on_three_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Path(TRAIN).read_text().splitlines(keepends=True)
    (tmp_path / "rows").mkdir()
    train = str(tmp_path / "rows" / "train.csv")
    Path(train).write_text("".join(lines[:1201]))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = (train, "--exclude", "contact_id", "--models", "--json")
    first, second = (run(*arguments, threads=threads).stdout for threads in ("1", "3"))
    assert first == second
    found = json.loads(first)
    assert found["threshold"] == 0.5
    assert set(EVERYWHERE) <= set(found["models"])
    assert set(found["price_of_sql"]["auc_roc"]) == {"value", "low", "high"}
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--threshold", "0.3"], 2, "--threshold goes with --models"),
        (["--models", "--threshold", "nan"], 1, "a threshold is a probability from 0 to 1"),
        (["--models", "--threshold", "1.5"], 1, "not 1.5"),
        (["--models", "--threshold", "-0.1"], 1, "not -0.1"),
    ],
)
def test_a_threshold_that_cannot_be_meant_is_refused(
    arguments: Sequence[str], code: int, said: str
) -> None:
    found = invoke(["compare", TRAIN, *arguments])
    assert found.exit_code == code
    assert said in found.stderr
    assert found.stdout == ""


def learnable(seed: int) -> tuple[Floats, Floats]:
    """Draw rows whose label is whether two of three columns have the same sign, mostly."""
    random = np.random.RandomState(seed)
    matrix = random.normal(size=(600, 3))
    y = (matrix[:, 0] * matrix[:, 1] + random.normal(size=600) * 0.1 > 0).astype(float)
    return matrix, y


@cache
def predict_again() -> list[Mapping[str, Floats]]:
    """Learn every model that is installed, twice."""
    (matrix, y), (others, _) = learnable(1), learnable(2)
    return [rivals.predict_by_others(matrix, y, others, 3) for _ in range(2)]


@pytest.mark.sweep
@pytest.mark.parametrize("name", rivals.OPTIONAL)
def test_an_optional_library_learns_and_repeats_itself(name: str) -> None:
    if find_spec(name) is None:
        pytest.skip(f"{name} {GET_IT}")
    _, truth = learnable(2)
    found, again = (by_name[name] for by_name in predict_again())
    assert ((found > 0.5) == truth).mean() > 0.9
    assert found.tobytes() == again.tobytes()


FAKE_XGBOOST = """
import numpy as np

class XGBClassifier:
    def __init__(self, **settings):
        assert settings["n_jobs"] == 1 and settings["random_state"] == 42

    def fit(self, data, label, sample_weight):
        assert sample_weight is None
        self.rate = label.mean()
        return self

    def predict_proba(self, asked):
        return np.full((len(asked), 2), self.rate, dtype=np.float32)
"""
FAKE_LIGHTGBM = """
import numpy as np

class LGBMClassifier:
    def __init__(self, **settings):
        assert settings["n_jobs"] == 1 and settings["deterministic"]

    def fit(self, data, label, sample_weight):
        assert sample_weight is None
        self.rate = label.mean()
        return self

    def predict_proba(self, asked):
        return np.full((len(asked), 2), self.rate)
"""


@pytest.mark.sweep
def test_an_optional_library_that_is_installed_is_among_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xgboost.py").write_text(FAKE_XGBOOST)
    (tmp_path / "lightgbm.py").write_text(FAKE_LIGHTGBM)
    monkeypatch.syspath_prepend(tmp_path)
    for name in rivals.OPTIONAL:
        monkeypatch.delitem(sys.modules, name, raising=False)
    rows = pd.read_csv(TRAIN).head(300)
    text = comparison_text(lw.compare(rows, exclude=["contact_id"], models=True))
    # What was imported here must not stay for the tests that follow.
    for name in rivals.OPTIONAL:
        del sys.modules[name]
    assert "not installed" not in text
    for name in rivals.OPTIONAL:
        line = next(line for line in text.splitlines() if line.startswith(name))
        assert line.split()[1] == "0.5000"


@pytest.mark.parametrize("name", rivals.OPTIONAL)
def test_a_library_that_cannot_be_loaded_is_told_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{name}.py").write_text("raise OSError('libgomp.so.1: cannot open\\nor so')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    others = set(rivals.OPTIONAL) - {name}
    with pytest.raises(UnsupportedError, match=f"{name} .* loaded: libgomp.so.1: cannot open$"):
        rivals.predict_by_others(*learnable(1), learnable(2)[0], 3, left_out=others)


def test_a_threshold_without_models_is_refused_not_passed_over() -> None:
    with pytest.raises(UnsupportedError, match="a threshold is for models=True"):
        lw.compare(TRAIN, threshold=0.9)
