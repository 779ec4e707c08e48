"""What `fit` learns, leaves out, says and proves."""

import gzip
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import leadweights as lw
from leadweights.decisions.outcomes import score_by_formulas
from leadweights.errors import DictionaryError, ParityError, TableError, UnsupportedError
from leadweights.learn.fit import solve
from leadweights.learn.in_memory import TableInMemory
from leadweights.learn.problem import open_problem
from leadweights.learn.recipe import Recipe, RecipeOptions
from leadweights.learn.regression import Learnt, logistic_regression
from leadweights.learn.to_model import Context, Given
from leadweights.model.model import Flag, Identity, Logit, Number, ScoringModel
from leadweights.model.rounding import divide_shares, round_digits
from leadweights.model.terms import Ranged, Standardized
from leadweights.tables.label import LabelledTable
from leadweights.tables.labelled import Rows
from tests.support.learning import QUICK, fit, in_order
from tests.support.release import RELEASE
from tests.support.strategies import PROVENANCE

TRAIN, VALID = Path("data/train.csv"), Path("data/valid.csv")


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return pd.read_csv(TRAIN).drop(columns="contact_id")


@pytest.fixture(scope="module")
def small(train: pd.DataFrame) -> pd.DataFrame:
    return train.head(400)


def logit(model: ScoringModel) -> Logit:
    assert isinstance(model.link, Logit)
    return model.link


def standardized(model: ScoringModel) -> dict[str, Standardized]:
    assert all(isinstance(term, Standardized) for term in model.terms)
    return {term.column: term for term in model.terms if isinstance(term, Standardized)}


def test_the_model_is_scikit_learns_optimum(train: pd.DataFrame) -> None:
    model = lw.fit_model(train, c=0.3)
    x = train.drop(columns="label")
    pipeline = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-12)
    ).fit(x, train["label"])
    coefficients = dict(zip(x.columns, pipeline[1].coef_[0], strict=True))
    link = logit(model)
    for name, term in standardized(model).items():
        assert term.weight * link.scale == pytest.approx(coefficients[name], abs=1e-9)
        assert term.mean == pytest.approx(x[name].mean(), abs=1e-8)
        assert term.std == pytest.approx(x[name].std(ddof=0), rel=1e-9)
    assert link.intercept == pytest.approx(pipeline[1].intercept_[0], abs=1e-9)
    assert link.scale == pytest.approx(np.abs(pipeline[1].coef_).sum(), rel=1e-9)


def test_the_absolute_equal_weights_sum_to_one(small: pd.DataFrame) -> None:
    terms = fit(small).equal_weights.terms
    assert sum(abs(term.weight) for term in terms) == pytest.approx(1, abs=1e-15)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60).filter(lambda v: any(v)))
def test_shares_sum_to_one_in_ten_decimals_and_keep_their_sign(values: Sequence[float]) -> None:
    found = divide_shares(values)
    whole = sum(abs(value) for value in values)
    assert sum(round(abs(share) * 10**10) for share in found) == 10**10
    for share, value in zip(found, values, strict=True):
        assert abs(share - value / whole) <= 1e-10
        assert share * value >= 0


def test_shares_and_rounding_by_hand() -> None:
    assert divide_shares([1, 1, 1]) == (0.3333333334, 0.3333333333, 0.3333333333)
    assert divide_shares([-2, 0, 1]) == (-0.6666666667, 0.0, 0.3333333333)
    assert round_digits(1 / 3) == 0.3333333333
    assert round_digits(2 / 3, 100.0) == 0.6666667  # 100 with ten digits is 100.0000000
    assert round_digits(0.0) == 0.0
    # So far beyond what varies there is nothing to round.
    assert round_digits(9.9e26, 1e10) == 9.9e26
    assert round_digits(123456789012345.0, 1e10) == 123456789012340.0


@pytest.mark.sweep
def test_columns_in_any_order_give_the_same_model_and_metrics(small: pd.DataFrame) -> None:
    first = fit(small)
    for names in (sorted(small.columns), sorted(small.columns, reverse=True)):
        assert names != list(small.columns)
        again = fit(small[names])
        assert (again.model, again.comparison) == (first.model, first.comparison)


@pytest.mark.sweep
def test_c_is_chosen_by_cross_validated_log_loss_and_the_one_standard_error_rule(
    small: pd.DataFrame,
) -> None:
    fitted = fit(small, valid=VALID, exclude=["recency_days"], c="auto")
    path = fitted.c_path
    assert path is not None
    names = sorted(set(small.columns) - {"label", "recency_days"})
    ordered = in_order(small, exclude=["recency_days"])
    x, y = ordered[names], ordered["label"]
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    for point in path.points[::4]:
        losses = []
        for train_rows, test_rows in folds.split(x, y):
            pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=point.c, tol=1e-9))
            pipeline.fit(x.iloc[train_rows], y.iloc[train_rows])
            found = pipeline.predict_proba(x.iloc[test_rows])[:, 1]
            losses.append(log_loss(y.iloc[test_rows], found))
        assert point.log_loss == pytest.approx(np.mean(losses), abs=1e-6)
        standard_error = np.std(losses, ddof=1) / 5**0.5
        assert point.standard_error == pytest.approx(standard_error, abs=1e-6)
    best = min(path.points, key=lambda point: point.log_loss)
    allowed = [p.c for p in path.points if p.log_loss <= best.log_loss + best.standard_error]
    assert path.best == best
    assert path.chosen.c == min(allowed) < best.c
    chosen = lw.fit_model(small, exclude=["recency_days"], c=path.chosen.c)
    assert fitted.model == chosen
    assert f"C={path.chosen.c:g} is chosen by cross-validated log-loss" in fitted.notes[0]


def test_too_few_rows_of_a_class_to_choose_c_are_refused() -> None:
    rows = pd.DataFrame({"x": np.arange(40.0), "label": np.arange(40) % 10 == 0})
    with pytest.raises(TableError, match="4 training rows of one class are too few to choose C"):
        fit(rows, valid=rows, c="auto")


@pytest.mark.sweep
def test_only_the_training_rows_are_learnt_from(train: pd.DataFrame) -> None:
    whole = lw.fit_model(train)
    assert fit(train, valid=train.tail(100)).model == whole
    assert whole.provenance.rows == 3500
    held_back = fit(train)
    words = "20% of the rows held back, chosen by a hash of each row's content, seed 42"
    assert held_back.comparison.measured_on == words
    assert held_back.model.provenance.rows == held_back.comparison.train_rows == 2800
    assert held_back.comparison.valid_rows == 700
    rate = held_back.comparison.valid_positive_rows / 700
    assert rate == pytest.approx(train["label"].mean(), abs=0.001)


def test_a_missing_value_counts_as_the_median_in_python_and_sql(small: pd.DataFrame) -> None:
    holes = small.copy()
    holes.loc[holes.index[::7], "recency_days"] = np.nan
    holes.loc[holes.index[::11], "fatigue_score"] = np.inf
    fitted = fit(holes, valid=holes)
    assert fitted.parity.holds
    medians = holes.replace([np.inf], np.nan).median()
    row = {name: [medians[name]] for name in standardized(fitted.model)}
    missing = row | {"recency_days": [None], "fatigue_score": [-np.inf]}
    scores = [lw.score(fitted.model, pd.DataFrame(r))["lead_score"][0] for r in (row, missing)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-9)
    fills = {c.name: c.fill for c in fitted.model.columns if isinstance(c, Number)}
    assert fills == pytest.approx({name: medians[name] for name in fills}, abs=1e-9)


def test_true_and_false_are_one_and_zero(small: pd.DataFrame) -> None:
    flagged = small.assign(vip=(small["label"] + np.arange(400) % 2) > 0)
    numeric = flagged.assign(vip=flagged["vip"].astype(int))
    with_flag, with_number = lw.fit_model(flagged), lw.fit_model(numeric)
    assert isinstance(with_flag.columns[-1], Flag)
    assert with_flag.terms == with_number.terms
    scored = lw.score(with_flag, flagged)
    assert scored.equals(lw.score(with_number, numeric))


@pytest.mark.sweep
def test_a_constant_an_empty_and_a_nearly_constant_column_are_left_out_and_said_so(
    small: pd.DataFrame,
) -> None:
    noise = 1e6 * (1 + 1e-15 * (np.arange(400) % 2))
    fitted = fit(small.assign(one=1.0, none=np.nan, noise=noise))
    assert fitted.notes == (
        "column 'noise' is left out: it varies by less than the rounding of its numbers",
        "column 'none' is left out: it has no value",
        "column 'one' is left out: it has one value only",
    )
    assert len(fitted.model.terms) == 7


def test_constant_text_and_dates_are_left_out_and_said_so(small: pd.DataFrame) -> None:
    fitted = fit(small.assign(city="Rome", day=pd.Timestamp("2026-01-01")))
    assert fitted.notes == (
        "column 'city' is left out: it has one value only",
        "column 'day' is left out: it has one value only",
    )


@pytest.mark.sweep
def test_keys_and_excluded_columns_are_not_learnt_from() -> None:
    fitted = fit(TRAIN, keys=["contact_id"], exclude=["recency_days"])
    assert "recency_days" not in {term.column for term in fitted.model.terms}
    assert fitted.model.keys == ("contact_id",)
    assert fitted.warnings == ()
    assert fitted.notes == ()
    assert '"contact_id"' in lw.render(fitted.model)


@pytest.mark.sweep
def test_a_weight_against_the_dictionary_is_a_warning(train: pd.DataFrame) -> None:
    words = {"recency_days": {"direction": "higher", "range": [0, 60]}, "age": {}}
    fitted = fit(train, dictionary=words)
    assert fitted.warnings[0] == "dictionary: the table has no column 'age'"
    assert "'recency_days' has weight -0.2" in fitted.warnings[1]
    assert "dictionary says higher is better" in fitted.warnings[1]
    assert len(fitted.warnings) == 2


def test_equal_weights_are_the_mean_of_the_features_on_their_ranges(train: pd.DataFrame) -> None:
    ranges = {"recency_days": (0, 60, -1), "sentiment_score": (-2, 2, 1)}
    words = {
        name: {"range": [low, high], "direction": "higher" if sign > 0 else "lower"}
        for name, (low, high, sign) in ranges.items()
    }
    chosen = train[[*ranges, "label"]]
    model = fit(chosen, dictionary=words).equal_weights
    by_hand = (1 - train["recency_days"] / 60 + (train["sentiment_score"] + 2) / 4) / 2
    found = lw.score(model, chosen)
    assert np.allclose(found["lead_score"], by_hand, atol=1e-15)
    assert (found["probability"] == found["lead_score"]).all()
    assert list(found) == ["lead_score", "probability"]


@pytest.mark.sweep
def test_without_a_dictionary_equal_weights_take_range_and_sign_from_the_training_rows(
    train: pd.DataFrame,
) -> None:
    model = fit(train, valid=VALID).equal_weights
    for term in model.terms:
        assert isinstance(term, Ranged)
        column = train[term.column]
        assert (term.low, term.high) == pytest.approx((column.min(), column.max()), abs=1e-9)
        assert np.sign(term.weight) == np.sign(column.corr(train["label"]))
        assert abs(term.weight) == 1 / 7


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "parquet", "jsonl", "jsonl.gz"])
def test_every_kind_of_file_gives_the_same_model(
    ending: str, small: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / f"leads [1].{ending}"
    kind = ending.removesuffix(".gz")
    if kind == "parquet":
        small.to_parquet(path)
    else:
        text = {
            "csv": lambda: small.to_csv(index=False),
            "tsv": lambda: small.to_csv(index=False, sep="\t"),
            "jsonl": lambda: small.to_json(orient="records", lines=True, double_precision=15),
        }[kind]()
        data = text.encode()
        path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    assert lw.fit_model(path) == lw.fit_model(small)


@pytest.mark.parametrize(
    ("words", "positive"),
    [
        (("no", "yes"), "'yes'"),
        (("N", "Y"), "'Y'"),
        (("False", "True"), "'True'"),
        (("f", "t"), "'t'"),
        (("0", "1"), "'1'"),
        ((False, True), "True"),
        ((0.0, 1.0), "1.0"),
    ],
)
def test_label_words_are_understood_and_the_positive_one_is_stated(
    words: tuple[str, str] | tuple[bool, bool] | tuple[float, float],
    positive: str,
    small: pd.DataFrame,
) -> None:
    told = small.assign(label=[words[value] for value in small["label"]])
    model = lw.fit_model(told)
    assert model.provenance.positive == positive
    assert model.terms == lw.fit_model(small).terms


@pytest.mark.sweep
def test_values_large_and_close_together_keep_their_digits(small: pd.DataFrame) -> None:
    shifted = small.assign(recency_days=small["recency_days"] + 1.7e9)
    plain, far = fit(small, valid=small), fit(shifted, valid=shifted)
    assert far.parity.holds
    one, other = (standardized(f.model)["recency_days"].weight for f in (plain, far))
    assert one == pytest.approx(other, abs=1e-7)


@pytest.mark.sweep
def test_more_columns_than_rows_and_copies_of_a_column_are_fine(small: pd.DataFrame) -> None:
    random = np.random.RandomState(0)
    wide = pd.DataFrame(random.normal(size=(40, 48))).add_prefix("x")
    wide = wide.assign(twin=wide["x0"], label=small["label"].to_numpy()[:40])
    fitted = fit(wide)
    assert fitted.parity.holds
    weights = standardized(fitted.model)
    assert weights["twin"].weight == pytest.approx(weights["x0"].weight, abs=1e-9)


def test_separable_rows_give_finite_weights() -> None:
    x = np.arange(100.0)
    fitted = fit(pd.DataFrame({"x": x, "label": (x > 50).astype(int)}))
    assert fitted.parity.holds
    assert np.isfinite(logit(fitted.model).scale)


@pytest.mark.parametrize("c", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_penalty_is_refused(c: float, small: pd.DataFrame) -> None:
    with pytest.raises(UnsupportedError, match="C must be a positive number"):
        fit(small, c=c)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"a": 3}, "[a] must be a table of description, direction, monotone, range"),
        ({"a": {"rnge": [0, 1]}}, "[a] has no field 'rnge'; did you mean 'range'?"),
        ({"a": {"quantum": 1}}, "[a] has no field 'quantum'; it has: description, direction, "),
        ({"a": {"kind": "categroy"}}, "not 'categroy'; did you mean 'category'?"),
        ({"a": {"missing": [None]}}, "[a] missing must be texts and numbers, not None"),
        ({"a": {"fill": "mode"}}, "[a] fill must be 'median', 'mean', 'zero', a number or {med"),
        ({"a": {"fill": {"median_by": "nothing"}}}, "median_by 'nothing' is not a column of text"),
        ({"a": {"missing_weight": 1}}, "[a] missing_weight must be true or false, not 1"),
        ({"a": {"transform": "sqrt"}}, "[a] transform must be 'none' or 'cap' or 'log' or"),
        ({"a": {"levels": ["x", "x"]}}, "[a] levels names a level twice"),
        ({"a": {"levels": []}}, "[a] levels must be a list of texts, not []"),
        ({"a": {"since": 3}}, "[a] since must be a column's name or a day, not 3"),
        ({"a": {"exclude": " "}}, "[a] exclude must give the reason, not an empty text"),
        ({"a": {"exclude": True}}, "[a] exclude must be a text, not True"),
        ({"a": {"kind": "category", "fill": 1}}, "[a] is a category; fill is for numbers"),
        ({"a": {"kind": "number", "trim": True}}, "[a] is a number; trim is for categories"),
        ({"a": {"kind": "date"}}, "[a] holds numbers; of numbers it must say what they count"),
        ({"a": {}, "A": {}}, "[a] and [A] are the same column"),
        ({"missing": [[]]}, "missing must be texts and numbers, not []"),
        ({"a": {"direction": "up"}}, "[a] direction must be 'higher' or 'lower', not 'up'"),
        ({"a": {"range": [1, 1]}}, "[a] range must be two rising numbers, not [1, 1]"),
        ({"a": {"range": [1]}}, "[a] range must be two rising numbers, not [1]"),
        ({"a": {"range": [0, float("nan")]}}, "[a] range must be two rising numbers"),
        ({"a": {"range": "0-1"}}, "[a] range must be two rising numbers"),
        ({"a": {"description": 3}}, "[a] description must be a text, not 3"),
    ],
)
def test_an_impossible_dictionary_is_refused(
    words: dict[str, object], message: str, small: pd.DataFrame
) -> None:
    with pytest.raises(DictionaryError) as refused:
        fit(small.assign(a=np.arange(400) % 7 / 7), dictionary=words)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="label"), "the DataFrame has no column 'label'; it has: rec"),
        (lambda t: t.rename(columns={"label": "labels"}), "no column 'label'; did you mean 'label"),
        (lambda t: t.assign(label=1), "label 'label' has one value only, 1; it needs two"),
        (lambda t: t.assign(label=t.index % 3), "has the values 0, 1, 2; it needs two: 0 and 1"),
        (lambda t: t.assign(label=t["label"] + 1), "has the values 1, 2; it needs two: 0 and 1"),
        (lambda t: t.assign(label=np.where(t["label"], "won", "lost")), "values 'lost', 'won'; it"),
        (lambda t: t.assign(label=t["label"].where(t.index != 3)), "missing in 1 rows, first on r"),
        (lambda t: t[["label"]], "has no usable column to learn from"),
        (lambda t: t[["label"]].assign(a=1), "has no usable column; 'a': it has one value only"),
        (lambda t: t.head(0), "the DataFrame has column names but no rows"),
        (lambda t: t.assign(RECENCY_DAYS=1), "'recency_days' and 'RECENCY_DAYS' differ in case on"),
        (lambda t: t.assign(**{" ": 1}), "column 9 has no name; give it one"),
        (lambda t: t.rename(columns={"label": 3}), "column name 3 is not text; rename it"),
        (lambda t: t.assign(a=np.where(t.index == 5, 1e200, t.index)), "holds 1e+200 on row 6, to"),
        (lambda t: t.head(4), "too few to hold a part of this share back"),
        (lambda t: pd.concat([t, t["label"]], axis=1), "column 'label' stands twice; rename one"),
        (
            lambda t: t.assign(a=np.where(t.index == 5, "x7", t.index.astype(str))),
            "column 'a' is numeric but for 'x7' on row 6",
        ),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_with_the_reason(
    change: object, message: str, small: pd.DataFrame
) -> None:
    assert callable(change)
    with pytest.raises(TableError) as refused:
        fit(change(small))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=30 if RELEASE else 6)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(12, 60))
def test_fit_proves_whatever_it_learns(seed: int, columns: int, rows: int) -> None:
    random = np.random.RandomState(seed)
    table = pd.DataFrame(
        {
            f"x{i}": random.normal(random.normal() * 100, 10 ** random.uniform(-8, 8), size=rows)
            for i in range(columns)
        }
    ).mask(random.uniform(size=(rows, columns)) < 0.1)
    assume(table.isna().mean().max() < 0.4)  # the rules leave such a column out
    label = np.arange(rows) % 2
    assert fit(table.assign(label=label), valid=table.assign(label=label)).parity.holds


def test_equal_weights_of_a_column_with_holes_by_hand() -> None:
    x = np.array([4.0, np.nan, 10.0, 6.0, np.nan, -2.0, np.inf, 8.0] * 10)
    rows = pd.DataFrame({"x": x, "label": np.nan_to_num(x, posinf=0.0) > 5})
    model = fit(rows, valid=rows, dictionary={"x": {"transform": "none"}}).equal_weights
    assert model.columns == (Number("x", 6.0),)
    assert model.terms == (Ranged("x", -2.0, 10.0, 1.0),)
    asked = pd.DataFrame({"x": [-2.0, 1.0, 10.0, np.nan, -np.inf]})
    scored = lw.score(model, asked)["lead_score"].tolist()
    assert scored == [0.0, 3 / 12, 1.0, 8 / 12, 8 / 12]


def test_log_odds_rank_where_probabilities_are_all_one() -> None:
    number, term = Number("x", 0.0), Standardized("x", 0.0, 1.0, 1.0)
    model = ScoringModel("by hand", (), (number,), (term,), Logit(0.0, 1.0), PROVENANCE)
    rows = Rows({"x": np.array([40.0, 50.0])}, {"x": "number"}, np.array([0.0, 1.0]))
    found = score_by_formulas(model, rows)
    assert found.score.tolist() == [40.0, 50.0]
    assert found.probability.tolist() == [1.0, 1.0]


def test_lead_scores_rank_equal_weights() -> None:
    number, term = Number("x", 0.0), Ranged("x", 0.0, 1.0, 1.0)
    model = ScoringModel("by hand", (), (number,), (term,), Identity(), PROVENANCE)
    rows = Rows({"x": np.array([2.0, 3.0])}, {"x": "number"}, np.array([0.0, 1.0]))
    found = score_by_formulas(model, rows)
    assert found.score.tolist() == [2.0, 3.0]
    assert found.probability.tolist() == [1.0, 1.0]


def test_a_negative_zero_is_zero_in_the_model_and_in_the_hash_of_its_rows() -> None:
    x = np.array([0.0, 1.0, 2.0, 0.0] * 15)
    signed = np.where((np.arange(60) % 3 == 0) & (x == 0), -0.0, x)
    assert np.signbit(signed).any()
    label = np.arange(60) % 7 < 3
    models = [
        lw.fit_model(rows) for rows in (pd.DataFrame({"x": v, "label": label}) for v in (x, signed))
    ]
    assert models[0] == models[1]


@pytest.mark.sweep
def test_rows_that_differ_in_their_label_only_may_come_in_any_order() -> None:
    rows = pd.DataFrame({"x": np.arange(120) % 3, "label": np.arange(120) % 5 < 2})
    assert rows.groupby("x")["label"].nunique().tolist() == [2, 2, 2]
    first = fit(rows)
    for seed in range(4):
        again = fit(rows.sample(frac=1, random_state=seed))
        assert (again.model, again.comparison) == (first.model, first.comparison)


@pytest.mark.sweep
def test_a_dictionarys_column_that_is_not_there_is_told_by_every_command(
    small: pd.DataFrame,
) -> None:
    words: dict[str, object] = {"recency_dayz": {"direction": "lower"}}
    warning = "dictionary: the table has no column 'recency_dayz'"
    assert lw.compare(small, dictionary=words).warnings == (warning,)
    told = {d.column: d.reason for d in lw.columns(small, dictionary=words)[0]}
    assert told["recency_dayz"] == "the dictionary names it, but the table has no such column"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"keys": ["town"]}, r"fill median_by 'Town' is a key; it must be a column that is learnt"),
        ({"exclude": ["town"]}, "fill median_by 'Town' is an excluded column; it must"),
        ({"split": lw.Groups("town")}, "fill median_by 'Town' is a group; it must"),
    ],
)
def test_a_column_that_is_not_learnt_from_prepares_no_other(
    asked: dict[str, Any], message: str, small: pd.DataFrame
) -> None:
    table = small.assign(town=np.resize(["Rome", "Oslo"], len(small)))
    with pytest.raises(DictionaryError, match=message):
        fit(table, dictionary={"recency_days": {"fill": {"median_by": "Town"}}}, **asked)


def test_a_level_that_no_row_has_is_told(small: pd.DataFrame) -> None:
    table = small.assign(town=np.resize(["Rome", "Oslo"], len(small)))
    found, _ = lw.columns(table, dictionary={"town": {"levels": ["Rome", "Oslo", "Rom"]}})
    told = {decision.column: decision.reason for decision in found}
    assert told["town"] == "2 levels, no row has 'Rom'"


def test_a_label_that_is_nothing_but_null_is_missing_in_every_kind_of_file(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small.assign(label=None).to_parquet(tmp_path / "leads.parquet")
    with pytest.raises(TableError, match="label 'label' is missing in 400 rows, first on row 1"):
        fit(tmp_path / "leads.parquet")


class Moved(TableInMemory):
    """Learns as it should, but writes the first weight a little larger than it is."""

    def learn(self, given: Given, c: float, context: Context) -> Learnt:
        """Learn, and move the first weight."""
        learnt = logistic_regression(given, c, context)
        first, *others = learnt.model.terms
        assert not isinstance(first, Ranged)
        terms = (replace(first, weight=first.weight * (1 + 1e-7)), *others)
        return replace(learnt, model=replace(learnt.model, terms=terms))


@pytest.mark.sweep
def test_a_model_that_is_not_what_was_learnt_is_found() -> None:
    with open_problem(
        *("data/train.csv", lw.Recipe(keys=["contact_id"])), valid="data/valid.csv", limits=QUICK
    ) as problem:
        moved = replace(problem, training=Moved(LabelledTable(problem.table, "label")))
        with pytest.raises(ParityError, match="log-odds differ from scikit-learn's"):
            solve(moved)
        assert solve(problem).parity.holds


def test_the_options_of_a_recipe_are_its_fields() -> None:
    assert set(RecipeOptions.__annotations__) == {field.name for field in fields(Recipe)}
    recipe = lw.Recipe(c=0.5, seed=7)
    frame = pd.read_csv("data/train.csv").head(400)
    assert lw.fit_model(frame, recipe, c=2.0) == lw.fit_model(frame, c=2.0, seed=7)
