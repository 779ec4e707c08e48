"""Weights of rows and classes, and negatives left away: against scikit-learn, and by repetition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.decisions.metrics import Scored, measure
from leadweights.errors import TableError, UnsupportedError
from leadweights.formula.evaluate import evaluate
from leadweights.formula.stages import stages
from leadweights.formula.texts import texts
from leadweights.learn import other_models as rivals
from leadweights.learn.compare import compare, cross_validate
from leadweights.learn.recipe import Limits
from leadweights.model.file import to_json
from leadweights.model.model import Logit, ScoringModel
from leadweights.model.terms import Curve, Levels
from tests.support.commands import invoke
from tests.support.learning import fit
from tests.support.learning import learn as learn_within_limits
from tests.support.release import sweep

Learn = Callable[..., ScoringModel]
NUMBERS = ("x0", "x1", "x2")
PLAIN = {name: {"kind": "number", "transform": "none"} for name in NUMBERS}


def table_of(rows: int, seed: int = 5) -> pd.DataFrame:
    """Draw three numbers, a label, and weights of all sizes."""
    random = np.random.default_rng(seed)
    drawn = random.normal(size=(rows, 3)) * [1.0, 40.0, 0.01] + [0.0, 1e4, 0.0]
    log_odds = drawn @ [1.2, 0.01, -60.0] - 101.5
    label = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    weight = random.gamma(0.7, 2.0, size=rows).round(3)
    return pd.DataFrame(drawn, columns=list(NUMBERS)).assign(label=label, weight=weight)


@pytest.fixture(params=sweep([lw.OnDisk(), lw.InMemory()], 2), ids=["duckdb", "memory"])
def learn(request: pytest.FixtureRequest, tmp_path: Path) -> Learn:
    """Learn from all rows of a table, in memory or by sums over a file."""

    def learnt(frame: pd.DataFrame, **options: Any) -> ScoringModel:
        path = tmp_path / "rows.parquet"
        frame.to_parquet(path)
        options = {"dictionary": PLAIN, **options}
        return learn_within_limits(path, place=request.param, every=True, **options)

    return learnt


def in_sklearn(
    frame: pd.DataFrame, weights: Any = None, class_weight: Any = None, tol: float = 1e-10
) -> tuple[Any, float]:
    """Give scikit-learn's coefficients on standardised columns, and its intercept."""
    scaled = StandardScaler().fit(frame[list(NUMBERS)], sample_weight=weights)
    found = LogisticRegression(class_weight=class_weight, solver="newton-cholesky", tol=tol)
    found.fit(scaled.transform(frame[list(NUMBERS)]), frame["label"], sample_weight=weights)
    return found.coef_[0], float(found.intercept_[0])


def learnt_by(model: ScoringModel) -> tuple[Any, float]:
    """Give the coefficients of a model on standardised columns, and its intercept."""
    assert isinstance(model.link, Logit)
    by_name = {term.column: term.weight * model.link.scale for term in model.terms}
    return np.array([by_name[name] for name in NUMBERS]), model.link.intercept


@pytest.mark.parametrize("class_weight", [None, "balanced", 7.5, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
def test_weights_are_those_of_scikit_learn(learn: Learn, class_weight: Any, weighted: bool) -> None:
    frame = table_of(4000)
    asked: dict[str, Any] = {"weight": "weight"} if weighted else {"exclude": ["weight"]}
    model = learn(frame, class_weight=class_weight, **asked)
    ratio = {0: 1.0, 1: class_weight} if isinstance(class_weight, float) else class_weight
    expected, intercept = in_sklearn(frame, frame["weight"] if weighted else None, ratio)
    found, own = learnt_by(model)
    assert np.abs(found - expected).max() < 1e-8
    assert abs(own - intercept) < 1e-8


def test_a_row_of_weight_three_is_three_rows(learn: Learn) -> None:
    frame = table_of(3000)
    frame["weight"] = np.random.default_rng(3).integers(0, 4, size=3000).astype(float)
    repeated = frame.loc[frame.index.repeat(frame["weight"].astype(int))].reset_index(drop=True)
    # In place rows are told apart by what they hold.
    one = learn(frame, weight="weight")
    other = learn(repeated.assign(weight=1.0), weight="weight")
    assert np.abs(learnt_by(one)[0] - learnt_by(other)[0]).max() < 1e-8
    assert abs(learnt_by(one)[1] - learnt_by(other)[1]) < 1e-8
    for a, b in zip(one.terms, other.terms, strict=True):
        assert a.mean == pytest.approx(b.mean, rel=1e-9)  # type: ignore[union-attr]
        assert a.std == pytest.approx(b.std, rel=1e-9)  # type: ignore[union-attr]
    assert (one.provenance.rows, other.provenance.rows) == (3000, len(repeated))


def test_levels_are_weighted_as_rows_repeated(learn: Learn) -> None:
    frame = table_of(4000)
    frame["weight"] = np.random.default_rng(3).integers(1, 4, size=4000).astype(float)
    frame["source"] = np.where(frame["x0"] > 0.5, "web", np.where(frame["x1"] > 1e4, "fair", "ad"))
    repeated = frame.loc[frame.index.repeat(frame["weight"].astype(int))].reset_index(drop=True)
    fixed = PLAIN | {"source": {"kind": "category", "levels": ["web", "fair", "ad"]}}
    one = learn(frame, weight="weight", dictionary=fixed)
    other = learn(repeated.assign(weight=1.0), weight="weight", dictionary=fixed)
    a, b = (next(t for t in m.terms if isinstance(t, Levels)) for m in (one, other))
    assert a.weight == pytest.approx(b.weight, abs=1e-8)
    for mine, theirs in zip(a.levels, b.levels, strict=True):
        assert mine.contribution == pytest.approx(theirs.contribution, abs=1e-8)
        assert mine.row_share == pytest.approx(theirs.row_share, abs=1e-8)


def test_rows_of_weight_0_leave_no_trace(learn: Learn) -> None:
    """A tenth of the rows is far from the others, and a column varies in these alone."""
    frame = table_of(6000)
    none = np.arange(6000) % 10 == 0
    frame["weight"] = np.where(none, 0.0, 2.0)
    frame["x1"] = np.where(none, frame["x1"] - 1e4, 1e6 + (frame["x1"] - 1e4) / 40)
    frame["x2"] = np.where(none, frame["x2"], 7.0)
    model = learn(frame, weight="weight")
    known = frame[~none]
    expected, intercept = in_sklearn(known, known["weight"])
    found, own = learnt_by(model)
    assert np.abs(found - expected).max() < 1e-8
    assert abs(own - intercept) < 1e-8
    by_name = {term.column: term for term in model.terms}
    assert (by_name["x2"].mean, by_name["x2"].std) == (7.0, 1.0)  # type: ignore[union-attr]
    std = known["x1"].std(ddof=0)
    assert by_name["x1"].std == pytest.approx(std, rel=1e-9)  # type: ignore[union-attr]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", sweep([1, 2, 4, 7, 18], 5))
def test_single_rows_may_count_for_much(learn: Learn, seed: int) -> None:
    """A sample may lack these rows."""
    random = np.random.default_rng(seed)
    drawn = np.random.default_rng(0).normal(size=(8000, 3))
    label = random.random(8000) < 1 / (1 + np.exp(1 - drawn @ [1.0, -0.5, 0.2]))
    frame = pd.DataFrame(drawn, columns=list(NUMBERS)).assign(label=label.astype(int), weight=1.0)
    heavy = random.integers(0, 8000, random.integers(1, 6))
    frame.loc[heavy, "weight"] = 10 ** random.uniform(4, 8, len(heavy))
    frame.loc[heavy, "label"] = np.arange(len(heavy)) % 2
    model = learn(frame, weight="weight")
    expected, intercept = in_sklearn(frame, frame["weight"], tol=1e-14)
    found, own = learnt_by(model)
    largest = max(np.abs(expected).max(), abs(intercept), 1.0)
    assert np.abs(found - expected).max() < 1e-8 * largest
    assert abs(own - intercept) < 1e-8 * largest


def test_weights_in_cents_make_no_constant_of_a_time(learn: Learn) -> None:
    frame = table_of(6000)
    random = np.random.default_rng(2)
    frame["x1"] = 1.79e9 + random.integers(0, 86_400, 6000)
    frame["weight"] = random.integers(1, 100_000_000, 6000).astype(float)
    model = learn(frame, weight="weight", c=1e-3)
    (time,) = (term for term in model.terms if term.column == "x1")
    mean = np.average(frame["x1"], weights=frame["weight"])
    std = np.average((frame["x1"] - mean) ** 2, weights=frame["weight"]) ** 0.5
    assert time.std == pytest.approx(std, rel=1e-8)  # type: ignore[union-attr]


@pytest.mark.parametrize("which", ["old", "recent"])
@pytest.mark.parametrize("c", [1.0, "auto"])
def test_parts_and_folds_that_count_for_nothing_are_told(which: str, c: Any) -> None:
    frame = table_of(1500)
    frame["at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(1500) // 5, unit="D")
    early = np.arange(1500) < 1100 if which == "old" else np.arange(1500) >= 1150
    frame.loc[early, "weight"] = 0.0
    asked: dict[str, Any] = {
        "split": lw.Forward("at"),
        "weight": "weight",
        "dictionary": PLAIN,
        "c": c,
    }
    if which == "old" and c == 1.0:
        assert fit(frame, **asked).parity.holds
        return
    said = "a part of 300 rows: by 'weight'" if which == "recent" else "give C as a number"
    with pytest.raises(TableError, match=said):
        fit(frame, **asked)


def test_the_mean_lead_by_weight_has_score_0(learn: Learn) -> None:
    """Curves and levels too are centred by what the rows count for."""
    frame = table_of(4000)
    frame["label"] = (np.abs(frame["x0"]) > np.random.default_rng(4).gamma(1.0, size=4000)) * 1
    frame["source"] = np.where(frame["x2"] > 0, "web", "fair")
    frame["weight"] = np.where(np.abs(frame["x0"]) > 1, 5.0, 1.0)
    model = learn(frame, weight="weight", dictionary={})
    assert {type(term) for term in model.terms} >= {Curve, Levels}
    values: dict[str, Any] = {name: frame[name].to_numpy() for name in NUMBERS}
    values["source"] = texts(frame["source"])
    score = evaluate(stages(model, columns=["lead_score"]), values)["lead_score"]
    assert abs(np.average(score, weights=frame["weight"])) < 1e-8
    assert abs(score.mean()) > 1e-3


@pytest.mark.parametrize("weighted", [False, True])
def test_the_intercept_is_corrected_for_negatives_left_away(learn: Learn, weighted: bool) -> None:
    frame = table_of(4000)
    asked: dict[str, Any] = {"weight": "weight"} if weighted else {"exclude": ["weight"]}
    model = learn(frame, negatives_kept=0.125, **asked)
    expected, intercept = in_sklearn(frame, frame["weight"] if weighted else None)
    found, own = learnt_by(model)
    assert np.abs(found - expected).max() < 1e-8
    assert abs(own - (intercept + np.log(0.125))) < 1e-8


@pytest.mark.sweep
def test_a_tenth_of_the_negatives_tells_the_rate_among_all_rows() -> None:
    frame = table_of(40_000, seed=8).drop(columns="weight")
    kept = frame[(frame["label"] == 1) | (np.random.default_rng(1).random(40_000) < 0.1)]
    # Without rivals: they are no part of this.
    limits = Limits(resamples=200, rival_values=0, values_for_trees=0)
    found = fit(kept, negatives_kept=0.1, dictionary=PLAIN, limits=limits)
    values = {name: frame[name].to_numpy() for name in NUMBERS}
    scored = evaluate(stages(found.model, columns=["probability"]), values)
    # The share of positive rows, with its standard error, among all rows.
    rate = frame["label"].mean()
    assert abs(scored["probability"].mean() - rate) < 5 * (rate / 40_000) ** 0.5
    # Brier, of a model as good as that of all rows, measured as if all were there.
    everything = fit(frame, dictionary=PLAIN)  # of it the regression and its bands alone
    brier = found.comparison.models["logistic_regression"].metrics["brier"]
    of_all = everything.comparison.models["logistic_regression"].metrics["brier"].value
    assert of_all is not None
    assert brier.low is not None
    assert brier.high is not None
    assert brier.low < of_all < brier.high
    # Bands are shares of all rows.
    bands, expected = found.model.decisions.bands, everything.model.decisions.bands
    assert bands is not None
    assert expected is not None
    assert bands.bands[0].low == pytest.approx(expected.bands[0].low, abs=0.15)
    assert any("0.1 of the negative rows" in note for note in found.notes)
    boosted = found.comparison.models["gradient_boosting"].metrics["brier"]
    assert boosted.value == pytest.approx(of_all, rel=0.15)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_metrics_of_weighted_rows_are_those_of_rows_repeated_and_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = np.r_[1.0, 0.0, random.integers(0, 2, size=250)]
    p = random.integers(1, 30, size=252) / 30
    times = np.r_[1, 1, random.integers(0, 4, size=250)]
    one = measure(y, Scored(p, p), times[None, :].astype(float), threshold=0.5)
    rows = np.repeat(np.arange(252), times)
    other = measure(y[rows], Scored(p[rows], p[rows]), np.ones((1, len(rows))), threshold=0.5)
    for name, value in one.items():
        assert value == pytest.approx(other[name], rel=1e-12), name
    real = random.gamma(1.0, size=252)
    weighed = measure(y, Scored(p, p), real[None, :])
    for name, known in (
        ("auc_roc", roc_auc_score(y, p, sample_weight=real)),
        ("pr_auc", average_precision_score(y, p, sample_weight=real)),
        ("brier", brier_score_loss(y, p, sample_weight=real)),
    ):
        assert weighed[name] == pytest.approx(known, rel=1e-9), name


@pytest.mark.sweep
def test_every_model_is_learnt_and_measured_with_the_weights() -> None:
    frame = table_of(400)
    even = table_of(300, seed=9).assign(weight=1.0)
    plain = compare(frame.assign(weight=1.0), valid=even, weight="weight", models=True)
    learnt = compare(frame, valid=even, weight="weight", models=True)
    measured = compare(
        frame.assign(weight=1.0), valid=table_of(300, seed=9), weight="weight", models=True
    )
    for name, model in plain.models.items():
        brier = model.metrics["brier"].value
        if name != "equal_weights":
            assert learnt.models[name].metrics["brier"].value != brier, name
        assert measured.models[name].metrics["brier"].value != brier, name
    crossed = cross_validate(frame, weight="weight", count=3, dictionary=PLAIN)
    once = frame.drop(columns="weight")
    unweighted = cross_validate(once, count=3, dictionary=PLAIN)
    assert crossed.models != unweighted.models


@pytest.mark.sweep
def test_rows_of_four_times_the_weight_pull_rivals_their_way() -> None:
    frame = table_of(1500)
    matrix, y = frame[list(NUMBERS)].to_numpy(), frame["label"].to_numpy(float)
    heavy = np.where(y > 0, 4.0, 1.0)
    of_heavy = rivals.predict_by_others(matrix, y, matrix, 3, heavy)
    of_plain = rivals.predict_by_others(matrix, y, matrix, 3)
    for name in ("decision_tree", "random_forest", "hist_gradient_boosting"):
        found, plain = of_heavy[name], of_plain[name]
        # What is learnt has the mean of what it is learnt from.
        assert plain.mean() == pytest.approx(y.mean(), abs=0.03), name
        weighed = np.average(found, weights=heavy)
        assert weighed == pytest.approx(np.average(y, weights=heavy), abs=0.03), name
        assert found.mean() > plain.mean() + 0.05, name


@pytest.mark.sweep
def test_c_is_chosen_with_the_weights() -> None:
    frame = table_of(1500)
    weighed = fit(frame, weight="weight", c="auto", dictionary=PLAIN).c_path
    assert weighed is not None
    frame["weight"] = 10.0
    tenfold = fit(frame, weight="weight", c="auto", dictionary=PLAIN).c_path
    # The same rows in the same order: a column that is not learnt from counts there, too.
    plain = fit(frame, exclude=["weight"], c="auto", dictionary=PLAIN).c_path
    assert tenfold is not None
    assert plain is not None
    losses, others, drawn = (
        {point.c: point.log_loss for point in path.points} for path in (plain, tenfold, weighed)
    )
    # Ten times the weight of every row is ten times C.
    assert others[0.1] == pytest.approx(losses[1.0], rel=1e-9)
    assert others[10.0] == pytest.approx(losses[100.0], rel=1e-9)
    assert abs(drawn[1.0] - losses[1.0]) > 1e-3


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"weight": "source"}, TableError, "weight 'source' must hold numbers"),
        ({"weight": "gaps"}, TableError, "weight 'gaps' is missing, infinite or below 0"),
        ({"weight": "below"}, TableError, "weight 'below' is missing, infinite or below 0"),
        ({"weight": "only"}, TableError, "by 'only' its negative rows count 0, the positive"),
        ({"weight": "label"}, TableError, "cannot be a weight too"),
        ({"weight": "wieght"}, TableError, "has no column 'wieght'"),
        (
            {"class_weight": "even"},
            UnsupportedError,
            "a class weight, if it is not balanced, must be a positive",
        ),
        ({"class_weight": 0}, UnsupportedError, "must be a positive number, not 0"),
        (
            {"negatives_kept": 10},
            UnsupportedError,
            "kept lies between 1e-09 and 1, not at 10",
        ),
        (
            {"negatives_kept": 0.0},
            UnsupportedError,
            "negatives kept must be a positive number",
        ),
    ],
)
def test_weights_that_cannot_be_are_refused(
    learn: Learn, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    frame = table_of(2000)
    frame["source"] = np.where(frame["x0"] > 0, "web", "fair")
    frame["gaps"] = frame["weight"].where(frame["x0"] < 2)
    frame["below"] = frame["weight"] - 0.01
    frame["only"] = frame["label"] * 1.0
    with pytest.raises(error, match=said):
        learn(frame, dictionary={}, **options)


@pytest.mark.sweep
def test_a_validation_table_has_its_own_weights() -> None:
    frame, other = table_of(2000), table_of(1000, seed=6)
    found = fit(frame, valid=other, weight="weight", dictionary=PLAIN)
    plain = fit(frame, valid=other.assign(weight=1.0), weight="weight", dictionary=PLAIN)
    assert to_json(found.model) == to_json(plain.model)
    assert found.comparison.models != plain.comparison.models
    with pytest.raises(TableError, match="has no column 'weight'"):
        fit(frame, valid=other.drop(columns="weight"), weight="weight", dictionary=PLAIN)


@pytest.mark.sweep
def test_the_commands_take_weights_and_say_so(tmp_path: Path) -> None:
    frame = table_of(1500)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    asked = [str(tmp_path / "rows.csv"), "--weight", "weight", "--class-weight", "balanced"]
    output = ["--output", str(tmp_path / "out")]
    done = invoke(["fit", *asked, "--negatives-kept", "0.5", *output])
    assert done.exit_code == 0, done.output
    assert "a row counts as often as 'weight' says" in done.stderr
    assert "0.5 of the negative rows are there" in done.stderr
    assert "probabilities are those of rows so weighted" in done.stderr
    model = lw.load(tmp_path / "out" / "model.json")
    assert model.provenance.method == (
        "L2 logistic regression, C=1, rows weighted by 'weight', classes balanced, intercept "
        "corrected for 0.5 of the negatives kept"
    )
    assert "weight" not in {column.name for column in model.columns}
    assert (model.provenance.weight, model.provenance.negatives_kept) == ("weight", 0.5)
    for command in ("calibrate", "threshold"):
        options = ["--precision", "0.1"] if command == "threshold" else []
        path = str(tmp_path / "out" / "model.json")
        told = invoke([command, path, asked[0], "--learnt-rows", *options])
        assert told.exit_code == 0, told.output
        assert "corrected for 0.5 of the negatives kept" in told.stderr
        assert "these rows count once each; the model was learnt by 'weight'" in told.stderr
    again = invoke(["compare", *asked, "--folds", "3"])
    assert again.exit_code == 0, again.output
    odd = invoke(["fit", *asked[:-1], "much", *output])
    assert "'much' is neither a number nor balanced" in odd.output
