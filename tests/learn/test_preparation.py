"""Prepared columns end to end: scikit-learn's own pipeline, parity, weights, splits, leaks."""

import json
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    SplineTransformer,
    StandardScaler,
)

import leadweights as lw
from leadweights.errors import TableError, UnsupportedError
from leadweights.learn.problem import open_problem, split_rows
from leadweights.learn.recipe import Split
from leadweights.model.model import ScoringModel
from leadweights.model.terms import Curve, Levels
from leadweights.reports.columns import columns_text
from tests.support.commands import invoke
from tests.support.learning import fit, in_order, learn
from tests.support.real_tables import AFTERWARDS
from tests.support.release import RELEASE, sweep

DATA = Path("../shared/data")
FOLDS = 5 if RELEASE else 3
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs the reference tables in {DATA}: xeducation, bank"
)


def leads(rows: int, seed: int) -> pd.DataFrame:
    """Draw leads with holes, rare levels, flags in text, and a label that depends on them."""
    random = np.random.RandomState(seed)
    pages = random.normal(5, 3, size=rows)
    spent = np.exp(random.normal(3, 2, size=rows))
    ages = random.uniform(18, 80, size=rows)
    source = random.choice(["Google", "Direct", "Olark"], rows, p=[0.5, 0.3, 0.2]).astype(object)
    source[random.uniform(size=rows) < 0.02] = "rare"
    source[random.uniform(size=rows) < 0.005] = "rarer"
    odds = 0.3 * (pages - 5) + 0.4 * np.log(spent) - (ages - 45) ** 2 / 300
    odds += np.where(source == "Google", 0.8, -0.3)
    source[random.uniform(size=rows) < 0.1] = None
    city = random.choice(["Mumbai", "Pune", "Thane"], rows).astype(object)
    city[:3] = ["A", "B", "A"]
    holes = random.uniform(size=(3, rows)) < 0.1
    return pd.DataFrame(
        {
            "pages": np.where(holes[0], np.nan, pages),
            "spent": np.where(holes[1], np.nan, spent),
            "age": np.where(holes[2], np.nan, ages),
            "vip": random.uniform(size=rows) < 0.3,
            "source": source,
            "city": city,
            "label": (odds + random.logistic(size=rows) > 0).astype(int),
        }
    )


TRAIN = leads(900, 1)
# Levels that no training row has, and missing values of each column.
VALID = pd.concat(
    [
        leads(300, 2).assign(vip=lambda t: t["vip"] & (t["pages"] > 0)),
        leads(40, 3).assign(source="unseen", city="unseen too"),
        leads(40, 4).assign(source=None, pages=np.nan, spent=np.nan, age=np.nan),
        leads(40, 5).assign(source="rarer", city="B", spent=-3.0, age=110, pages=-20),
    ],
    ignore_index=True,
)
PLAIN: dict[str, dict[str, object]] = {
    name: {"transform": "none"} for name in ("pages", "spent", "age")
}


def categories() -> Pipeline:
    nothing = FunctionTransformer(lambda x: x.astype(object).where(x.notna(), None))
    encoder = OneHotEncoder(min_frequency=0.01, handle_unknown="infrequent_if_exist")
    return make_pipeline(nothing, encoder)


def reference(*numbers: tuple[str, Any]) -> Pipeline:
    """Build scikit-learn's pipeline from the raw columns; `numbers` say how each is prepared."""
    flag = make_pipeline(FunctionTransformer(lambda x: x.astype(float)), StandardScaler())
    columns = ColumnTransformer(
        [
            *((name, steps, [name]) for name, steps in numbers),
            ("vip", flag, ["vip"]),
            ("categories", categories(), ["source", "city"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression(solver="newton-cholesky", tol=1e-12))


def numeric(*steps: Any, indicator: bool = False) -> Pipeline:
    imputer = SimpleImputer(strategy="median", add_indicator=indicator)
    return make_pipeline(imputer, *steps, StandardScaler())


def same_log_odds(pipeline: Pipeline, words: dict[str, Any]) -> None:
    pipeline.fit(TRAIN, TRAIN["label"])
    fitted = fit(TRAIN, valid=VALID, dictionary=words)
    assert fitted.parity.holds
    found = lw.score(fitted.model, VALID)["log_odds"].to_numpy()
    expected = pipeline.decision_function(VALID)
    assert np.abs(found - expected).max() < 1e-7
    assert len(set(expected)) > 300


def clipped(name: str) -> FunctionTransformer:
    low, high = TRAIN[name].quantile([0.01, 0.99])
    return FunctionTransformer(partial(np.clip, a_min=low, a_max=high))


def signed_log() -> FunctionTransformer:
    return FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x)))


def test_the_model_is_scikit_learns_pipeline_on_the_raw_columns() -> None:
    same_log_odds(
        reference(("pages", numeric()), ("spent", numeric()), ("age", numeric())), {**PLAIN}
    )


@pytest.mark.sweep
def test_caps_and_logarithms_are_those_of_scikit_learns_pipeline() -> None:
    same_log_odds(
        reference(
            ("pages", numeric(clipped("pages"))),
            ("spent", numeric(signed_log())),
            ("age", numeric(clipped("age"), signed_log())),
        ),
        {
            "pages": {"transform": "cap"},
            "spent": {"transform": "log"},
            "age": {"transform": "cap and log"},
        },
    )


def test_a_curve_is_scikit_learns_splines_of_degree_one() -> None:
    # Through the values that are known; being missing has a weight of its own.
    known = TRAIN["age"].dropna()
    knots = np.unique(np.quantile(known, [0.01, *(i / 8 for i in range(1, 8)), 0.99]))
    splines = SplineTransformer(degree=1, knots=knots[:, None], extrapolation="constant")
    bent = make_pipeline(SimpleImputer(strategy="median"), splines)
    flag = make_pipeline(MissingIndicator(), FunctionTransformer(np.float64), StandardScaler())
    curve = FeatureUnion([("bent", bent), ("flag", flag)])
    same_log_odds(
        reference(("pages", numeric()), ("spent", numeric()), ("age", curve)),
        PLAIN | {"age": {"transform": "curve"}},
    )


@pytest.mark.sweep
def test_the_weight_of_being_missing_is_that_of_an_indicator() -> None:
    same_log_odds(
        reference(("pages", numeric(indicator=True)), ("spent", numeric()), ("age", numeric())),
        PLAIN | {"pages": {"transform": "none", "missing_weight": True}},
    )


@pytest.mark.sweep
def test_fills_are_those_of_scikit_learns_imputers() -> None:
    def filled(**how: Any) -> Pipeline:
        return make_pipeline(SimpleImputer(**how), StandardScaler())

    same_log_odds(
        reference(
            ("pages", filled(strategy="mean")),
            ("spent", filled(strategy="constant", fill_value=0.0)),
            ("age", filled(strategy="constant", fill_value=-7.25)),
        ),
        {
            "pages": {"transform": "none", "fill": "mean"},
            "spent": {"transform": "none", "fill": "zero"},
            "age": {"transform": "none", "fill": -7.25},
        },
    )


def test_caps_of_the_dictionary_hold_for_what_is_beyond_them_in_other_rows() -> None:
    model = lw.fit_model(TRAIN, dictionary={"spent": {"transform": "cap"}})
    low, high = TRAIN["spent"].quantile([0.01, 0.99])
    rows = VALID.head(4).assign(spent=[high + 1, 1e20, low - 1, -5.0])
    capped = rows.assign(spent=[high, high, low, low])
    found, expected = (lw.score(model, t)["log_odds"].to_numpy() for t in (rows, capped))
    assert np.abs(found - expected).max() < 1e-8


# Weights.


@pytest.fixture(scope="module")
def weighed() -> ScoringModel:
    words = PLAIN | {"age": {"transform": "curve"}}
    return lw.fit_model(TRAIN, dictionary=words)


def test_the_absolute_weights_of_all_kinds_of_terms_sum_to_one(weighed: ScoringModel) -> None:
    assert {type(term).__name__ for term in weighed.terms} == {"Standardized", "Levels", "Curve"}
    assert sum(abs(term.weight) for term in weighed.terms) == pytest.approx(1, abs=1e-15)


def test_the_weight_of_a_category_is_the_standard_deviation_of_what_it_contributes(
    weighed: ScoringModel,
) -> None:
    terms = {term.column: term for term in weighed.terms if isinstance(term, Levels)}
    assert set(terms) == {"source", "city"}
    for name, term in terms.items():
        by_level = {level.value: level.contribution for level in term.levels}
        added = TRAIN[name].map(by_level).fillna(term.other.contribution)
        added = added.where(TRAIN[name].notna(), term.missing.contribution)
        assert term.weight == pytest.approx(added.std(ddof=0), abs=1e-9)
        assert added.mean() == pytest.approx(0, abs=1e-9)


def test_the_weight_of_a_curve_is_the_standard_deviation_of_what_it_contributes(
    weighed: ScoringModel,
) -> None:
    (curve,) = (term for term in weighed.terms if isinstance(term, Curve))
    filled = TRAIN["age"].fillna(TRAIN["age"].median())
    heights = [point.contribution for point in curve.points]
    added = np.interp(filled, [point.at for point in curve.points], heights)
    assert curve.weight == pytest.approx(added.std(), abs=1e-9)


def test_shares_of_the_rows_are_those_of_the_training_rows(weighed: ScoringModel) -> None:
    (source,) = (term for term in weighed.terms if term.column == "source")
    assert isinstance(source, Levels)
    counted = TRAIN["source"].value_counts(normalize=True, dropna=False)
    assert {level.value for level in source.levels} == set(counted[counted >= 0.01].index.dropna())
    for level in source.levels:
        assert level.row_share == pytest.approx(counted[level.value], rel=1e-9)
    assert source.missing.row_share == pytest.approx(TRAIN["source"].isna().mean(), rel=1e-9)
    assert source.other.row_share == pytest.approx((TRAIN["source"] == "rarer").mean(), rel=1e-9)


def test_the_average_training_row_has_lead_score_zero(weighed: ScoringModel) -> None:
    assert abs(lw.score(weighed, TRAIN)["lead_score"].mean()) < 1e-9


# Parity on hostile tables.


def hostile(seed: int) -> pd.DataFrame:
    random = np.random.RandomState(seed)
    rows = 240
    texts = np.array(
        [
            *('q"uote', "it's", "😀", "new\nline", "x" * 10_000, "tail ", "tail", " tail", "Tail"),
            *("TAIL", "É", "é", "e\u0301", "ß", "ss", "İ", "NA", "Select", "?", "a,b", ";", "\\"),
            *("%", "_", "NULL", "-", "1", "back`tick", "\u00a0", "日本"),
        ],
        dtype=object,
    )
    kept = random.choice(len(texts), 12, replace=False)
    words = texts[random.choice(kept, rows)]
    amounts = random.normal(100, 30, size=rows).round(2).astype(str).astype(object)
    amounts[random.uniform(size=rows) < 0.2] = "N/A"
    amounts[:4] = [" 7", "+7.", "1e2", ".5 "]
    days = pd.Timestamp("2023-12-25") + pd.to_timedelta(random.randint(0, 400, rows), unit="D")
    number = random.normal(size=rows)
    number[random.uniform(size=rows) < 0.1] = np.nan
    frame = pd.DataFrame(
        {
            "text": words,
            "trimmed": words[::-1],
            "amount": amounts,
            "opened": days,
            "closed on": days + pd.to_timedelta(random.randint(0, 90, rows), unit="D"),
            "agreed": random.choice(["Yes", "no ", "Y"], rows),
            "pdays": np.where(random.uniform(size=rows) < 0.5, 999, random.randint(0, 30, rows)),
            'nu"mber': number,
        }
    )
    odds = np.nan_to_num(number) + (words == words[0])
    return frame.assign(label=(odds + random.logistic(size=rows) > 0).astype(int))


HOSTILE: dict[str, dict[str, object]] = {
    "trimmed": {"trim": True, "casefold": True},
    "opened": {"since": "closed on"},
    "closed on": {"since": "2025-06-01"},
    "amount": {"kind": "number"},
    "pdays": {"missing": [999], "missing_weight": True, "transform": "cap and log"},
    'nu"mber': {"transform": "curve", "fill": {"median_by": "agreed"}},
}


def stored(frame: pd.DataFrame, ending: str, folder: Path) -> "Path | pd.DataFrame":
    path = folder / f"leads.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        return frame
    return path


@pytest.mark.sweep
@pytest.mark.parametrize("seed", sweep(range(2), 2))
def test_hostile_columns_are_scored_alike_by_python_and_sql_from_every_kind_of_table(
    seed: int, tmp_path: Path
) -> None:
    frame = hostile(seed)
    sources = [stored(frame, ending, tmp_path) for ending in ("csv", "frame", "parquet")]
    fitted = fit(sources[seed], dictionary=HOSTILE)
    assert fitted.parity.holds
    assert {d.kind for d in fitted.columns} == {"category", "date", "flag", "number"}
    scores = [lw.score(fitted.model, source)["log_odds"].tolist() for source in sources]
    assert scores[0] == scores[1] == scores[2]
    others = hostile(seed + 10)
    assert lw.verify(fitted.equal_weights, stored(others, "parquet", tmp_path)).holds


@needs_data
@pytest.mark.sweep
def test_x_education_is_proven_and_ranks_as_well_as_it_must() -> None:
    path = DATA / "xeducation/leads.csv"
    options: dict[str, Any] = {"label": "Converted", "exclude": AFTERWARDS}
    fitted = fit(path, keys=["Prospect ID"], **options)
    assert fitted.parity.holds
    assert fitted.parity.checks[0].rows == 9240
    found = lw.cross_validate(path, seed=0, count=FOLDS, **options)
    assert found.models["logistic_regression"]["auc_roc"][0] >= 0.896


@needs_data
@pytest.mark.sweep
def test_the_bank_ranks_as_well_as_it_must() -> None:
    path = DATA / "bank/bank-additional-full.csv"
    found = lw.cross_validate(path, label="y", exclude=["duration"], seed=0, count=FOLDS)
    assert found.rows == 41_188
    assert found.models["logistic_regression"]["auc_roc"][0] >= 0.793


@needs_data
@pytest.mark.sweep
def test_the_bank_is_proven(tmp_path: Path) -> None:
    whole = pd.read_csv(DATA / "bank/bank-additional-full.csv", sep=";", keep_default_na=False)
    path = tmp_path / "some.csv"
    whole[::20].to_csv(path, index=False, sep=";")
    words = {"pdays": {"missing": 999, "missing_weight": True}}
    fitted = fit(path, label="y", exclude=["duration"], dictionary=words)
    assert fitted.parity.holds
    assert len(fitted.columns) == 20


# Splits.


def small(rows: int = 200) -> pd.DataFrame:
    random = np.random.RandomState(6)
    x = random.normal(size=rows)
    label = (x + random.logistic(size=rows) > 0.8).astype(int)
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(random.permutation(rows), unit="D")
    group = random.choice([*"abcdefghijklmnop"], rows)
    return pd.DataFrame({"x": x, "label": label, "day": day, "team": group})


RANDOM, FORWARD, GROUPS = lw.Random(), lw.Forward("day"), lw.Groups("team")


def cut(frame: pd.DataFrame, split: Split = RANDOM) -> "list[pd.DataFrame]":
    """Split a table; give the parts with the columns that tell where rows went."""
    with open_problem(frame, lw.Recipe(seed=0, split=split)) as problem:
        parts = split_rows(problem)
    found = []
    for part in parts:
        columns = {}
        for name, values in part.rows.values.items():
            held = values if isinstance(values, np.ndarray) else values.values()
            columns[name] = held
        found.append(pd.DataFrame({**columns, "label": part.rows.y}))
    return found


def test_a_fifth_of_the_rows_is_held_back_with_its_share_of_positive_ones() -> None:
    frame = small()
    first, second = cut(frame)
    assert (len(first), len(second)) == (160, 40)
    assert sorted([*first["x"], *second["x"]]) == sorted(frame["x"])
    assert second["label"].sum() == round(frame["label"].mean() * 40)


def test_shares_need_not_sum_to_a_hundred() -> None:
    for shares in ("8/2", "0.8/0.2", "160/40"):
        pd.testing.assert_frame_equal(cut(small(), lw.Random(shares))[1], cut(small())[1])


def test_a_third_part_is_measured_on_last_and_by_nothing_else() -> None:
    frame = small()
    fitted = fit(frame, exclude=["day", "team"], split=lw.Random("70/15/15"))
    assert fitted.model.provenance.rows == fitted.comparison.train_rows == 140
    assert fitted.last is not None
    assert (fitted.comparison.valid_rows, fitted.last.valid_rows) == (30, 30)
    positive = fitted.comparison.valid_positive_rows, fitted.last.valid_positive_rows
    learnt_from = fitted.model.provenance.positive_rows
    assert sum(positive) + learnt_from == frame["label"].sum()
    assert abs(positive[0] - positive[1]) <= 1
    assert fit(frame, exclude=["day", "team"]).last is None


def test_the_third_part_has_a_metric_of_its_own() -> None:
    frame = small()[["x", "label"]]
    fitted = fit(frame, split=lw.Random("50/25/25"), seed=0)
    assert fitted.last is not None
    measured_on = cut(frame, lw.Random("50/25/25"))[1:]
    for comparison, part in zip((fitted.comparison, fitted.last), measured_on, strict=True):
        scores = lw.score(fitted.model, part)["log_odds"]
        measured = comparison.models["logistic_regression"].metrics["auc_roc"].value
        assert measured == pytest.approx(roc_auc_score(part["label"], scores), abs=1e-12)


@pytest.mark.sweep
def test_three_parts_are_told_apart_and_compared_on_the_second(tmp_path: Path) -> None:
    frame = small()[["x", "label"]]
    fitted = lw.fit(frame, split=lw.Random("70/15/15"))
    assert fitted.last is not None
    chosen = "chosen by a hash of each row's content, seed 42"
    assert fitted.comparison.measured_on == f"15% of the rows held back, {chosen}"
    last = "the last 15% of the rows, which nothing else has seen"
    assert fitted.last.measured_on == f"{last}, {chosen}"
    assert lw.compare(frame, split=lw.Random("70/15/15")) == fitted.comparison
    frame.to_csv(tmp_path / "leads.csv", index=False)
    asked = [str(tmp_path / "leads.csv"), "--split", "70/15/15", "--output", str(tmp_path)]
    assert invoke(["fit", *asked]).exit_code == 0
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["last"]["measured_on"] == fitted.last.measured_on
    assert written["measured_on"] == fitted.comparison.measured_on


@pytest.mark.sweep
def test_forward_in_time_the_latest_rows_are_held_back_and_the_gap_is_told() -> None:
    frame = small()
    parted = cut(frame, lw.Forward("DAY", "70/15/15"))
    assert [len(part) for part in parted] == [140, 30, 30]
    for earlier, later in pairwise(parted):
        assert earlier["day"].max() < later["day"].min()
    ahead = fit(frame, split=FORWARD, exclude=["team"])
    random = fit(frame, exclude=["day", "team"])
    aucs = [
        fitted.comparison.models["logistic_regression"].metrics["auc_roc"].value or 0.0
        for fitted in (ahead, random)
    ]
    assert "day" not in {column.name for column in ahead.model.columns}
    assert ahead.comparison.measured_on == "20% of the rows held back, forward in time by day"
    assert ahead.notes[-1] == (
        f"forward in time the AUC is {aucs[0]:.4f}; split at random it would be {aucs[1]:.4f} "
        f"({aucs[0] - aucs[1]:+.4f}): expect the first"
    )


def test_rows_of_one_moment_stay_on_one_side() -> None:
    frame = small()
    first, second = cut(frame.assign(day=frame["day"].dt.month), FORWARD)
    assert set(first["day"]).isdisjoint(second["day"])
    assert first["day"].max() < second["day"].min()


@pytest.mark.parametrize("kind", ["text", "number", "date", "flag"])
def test_rows_of_one_group_stay_together(kind: str) -> None:
    frame = small()
    codes = frame["team"].map(ord) - ord("a")
    frame["team"] = {
        "text": frame["team"],
        "number": codes,
        "date": frame["day"].min() + pd.to_timedelta(codes, unit="D"),
        "flag": codes > 7,
    }[kind]
    split = "50/50" if kind == "flag" else "60/20/20"
    parted = [set(part["team"]) for part in cut(frame, lw.Groups("team", split))]
    assert sum(len(teams) for teams in parted) == frame["team"].nunique()
    assert all(parted)


def test_a_row_without_a_group_is_a_group_of_its_own() -> None:
    frame = small()
    frame.loc[frame.index[:150], "team"] = None
    first, second = cut(frame, GROUPS)
    assert set(first["team"].dropna()).isdisjoint(second["team"].dropna())
    assert first["team"].isna().any()
    assert second["team"].isna().any()


def test_another_seed_splits_otherwise_and_the_same_one_alike() -> None:
    frame = small()[["x", "label"]]
    models = [learn(frame, seed=seed) for seed in (1, 1, 2)]
    assert models[0] == models[1] != models[2]


def test_rows_held_back_leave_no_trace_in_the_model() -> None:
    both = pd.concat([TRAIN, VALID.assign(source="held back", city=" select ")])
    both["part"] = np.r_[np.zeros(len(TRAIN)), np.ones(len(VALID))]
    split = f"{len(TRAIN) / 10}/{len(VALID) / 10}"
    held_back = learn(both, split=lw.Forward("part", split))
    assert held_back == lw.fit_model(TRAIN)


Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize(
    "shares", ["80", "a/b", "", "80/", "/", "80/0", "80/-20", "nan/20", "1/2/3/4", 80]
)
@pytest.mark.parametrize(
    "split", [lw.Random, partial(lw.Forward, "day"), partial(lw.Groups, "team")]
)
def test_shares_that_cannot_be_meant_are_refused(
    split: Callable[[Any], Split], shares: Any
) -> None:
    with pytest.raises(UnsupportedError) as refused:
        split(shares)
    message = f"two or three shares such as 80/20 or 70/15/15, not {shares!r}"
    assert message in str(refused.value)


def test_a_place_that_is_none_is_told_what_it_can_be() -> None:
    with pytest.raises(UnsupportedError, match=r"a place is InMemory.*, not 'duckdb'"):
        lw.fit_model("data/train.csv", place="duckdb")  # type: ignore[arg-type]


def test_a_recipe_that_cannot_be_meant_is_refused_when_it_is_made() -> None:
    with pytest.raises(UnsupportedError, match="C must be a positive number"):
        lw.Recipe(c=0)
    with pytest.raises(UnsupportedError, match=r"a split is Random.*, not '80/20'"):
        lw.Recipe(split="80/20")  # type: ignore[arg-type]


def test_the_command_splits_by_moments_or_by_groups() -> None:
    by = ["--time-column", "recency_days", "--group", "contact_id"]
    for shares in ([], ["--split", "70/30"]):
        refused = invoke(["compare", "data/train.csv", *by, *shares])
        assert refused.exit_code == 1
        assert "split by a time column or by a group, not by both" in refused.stderr


@pytest.mark.parametrize(
    ("asked", "change", "message"),
    [
        ({"split": lw.Forward("dya")}, None, "has no column 'dya'; did you mean 'day'?"),
        ({"split": lw.Groups("temas")}, None, "has no column 'temas'; did you mean 'team'?"),
        (
            {"split": lw.Forward("team")},
            None,
            "time column 'team' must hold dates or numbers, not text",
        ),
        (
            {"split": lw.Forward("flag")},
            lambda t: t.assign(flag=t["x"] > 0),
            "time column 'flag' must hold dates or numbers, not BOOLEAN",
        ),
        (
            {"split": FORWARD},
            lambda t: t.assign(day=t["day"].where(t.index % 50 > 0)),
            "time column 'day' is missing or infinite in 4 rows, first on row 1",
        ),
        (
            {"split": FORWARD},
            lambda t: t.assign(day=pd.to_timedelta(t.index, unit="D")),
            "time column 'day' must hold dates or numbers, not INTERVAL",
        ),
        (
            {"split": GROUPS},
            lambda t: t.assign(team=[{"lead": 1}] * len(t)),
            "group 'team' holds no values to group by, but STRUCT; it must hold text",
        ),
        (
            {"split": lw.Forward("label")},
            None,
            "'label' is the label; it cannot be a time column too",
        ),
        ({"split": lw.Groups("label")}, None, "'label' is the label; it cannot be a group too"),
        (
            {"split": FORWARD},
            lambda t: t.assign(day=np.where(t.index == 7, np.inf, t.index)),
            "time column 'day' is missing or infinite in 1 rows, first on row 8",
        ),
        (
            {"split": FORWARD},
            lambda t: t.assign(day=7),
            "in 1 moment, which stay whole, cann",
        ),
        (
            {"split": GROUPS},
            lambda t: t.assign(team="a"),
            "in 1 group, which stay whole, cannot",
        ),
        ({"split": lw.Random("999/0.001")}, None, "too few to hold a part of this share back"),
        ({}, lambda t: t.head(3), "too few to hold a part of this share back"),
    ],
)
def test_a_table_that_cannot_be_split_so_gets_one_line(
    asked: dict[str, Any], change: Change | None, message: str
) -> None:
    frame = small() if change is None else change(small())
    with pytest.raises(TableError) as refused:
        fit(frame, **asked)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("split", [lw.Random("70/30"), FORWARD, GROUPS])
def test_a_table_of_its_own_to_measure_on_leaves_nothing_to_split(split: Split) -> None:
    with pytest.raises(UnsupportedError, match="a table of their own or from a split"):
        fit(small(), valid=small(), split=split)


@pytest.mark.parametrize(
    "option",
    [
        ["--valid", "data/valid.csv"],
        ["--split", "70/30"],
        ["--time-column", "recency_days"],
        ["--group", "contact_id"],
    ],
)
def test_folds_go_with_no_other_split(option: list[str]) -> None:
    found = invoke(["compare", "data/train.csv", "--folds", "3", *option])
    assert found.exit_code == 2
    assert f"--folds splits the rows itself: without {option[0]}" in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("count", [0, 1, -3])
def test_fewer_than_two_folds_are_refused(count: int) -> None:
    with pytest.raises(UnsupportedError, match=f"at least 2 folds are needed, not {count}"):
        lw.cross_validate(small(), count=count)


def test_more_folds_than_rows_of_a_class_are_refused() -> None:
    frame = pd.DataFrame({"x": np.arange(40.0), "label": np.arange(40) % 10 == 0})
    with pytest.raises(TableError, match="4 rows of one class are too few for 5 folds"):
        lw.cross_validate(frame)


def test_the_folds_are_the_mean_and_standard_deviation_of_scikit_learns() -> None:
    frame = in_order(small()[["x", "label"]], seed=3)
    found = lw.cross_validate(frame, count=4, seed=3)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10))
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    aucs = cross_val_score(pipeline, frame[["x"]], frame["label"], cv=folds, scoring="roc_auc")
    mean, std = found.models["logistic_regression"]["auc_roc"]
    assert (mean, std) == pytest.approx((aucs.mean(), aucs.std(ddof=1)), abs=1e-12)


# Leaks.


def leaking() -> pd.DataFrame:
    frame = leads(900, 7)
    hung_up = np.random.RandomState(8).uniform(size=900) < 0.05
    return frame.assign(**{"Close reason": np.where(frame["label"] ^ hung_up, "won", "no time")})


def test_strict_refuses_a_planted_leak_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    leaking().to_csv(path, index=False)
    command = ["fit", str(path), "--strict", "--output", str(tmp_path / "out")]
    found = invoke(command)
    assert found.exit_code == 1
    assert found.stdout == ""
    reason, line = found.stderr.splitlines()
    # 5% of a thousand rows are the other way round.
    assert reason.startswith("'Close reason' ranks the rows by itself with an AUC of 0.9")
    assert reason.endswith(": is it known before the outcome?")
    assert line.startswith("Error: strict: 'Close reason' may be known only after the outcome;")
    assert line.endswith("--exclude 'Close reason'")
    assert not (tmp_path / "out").exists()
    again = invoke([*command, "--exclude", "Close reason"])
    assert again.exit_code == 0, again.output


@pytest.mark.sweep
def test_without_strict_a_planted_leak_is_a_warning() -> None:
    fitted = fit(leaking())
    assert [suspect.column for suspect in fitted.suspects] == ["Close reason"]
    assert fitted.warnings[-1].startswith("'Close reason' ranks the rows by itself with an AUC")
    assert fitted.warnings[-1].endswith("--exclude 'Close reason'")


def test_strict_lists_a_column_a_line_and_a_name_is_no_reason_to_refuse() -> None:
    random = np.random.RandomState(5)
    y = random.uniform(size=4000) < 0.4
    leaks = {f"leak {i}": np.where(y & (random.uniform(size=4000) < 0.2), 1, 0) for i in range(9)}
    honest = {"duration": random.normal(0.9 * y), "label": y.astype(int)}
    with pytest.raises(TableError) as refused:
        fit(pd.DataFrame({**leaks, **honest}), strict=True)
    assert len(refused.value.details) == 9
    for i, line in enumerate(sorted(refused.value.details)):
        rows = int(leaks[f"leak {i}"].sum())
        assert line.startswith(f"'leak {i}' is 1 in ")
        assert line.endswith("rows, all of them positive: is it known before the outcome?")
        # Of all rows four in five are learnt from.
        assert 0.7 * rows < int(line.split()[5].replace(",", "")) < 0.9 * rows
    assert " and 3 more may be known only after the outcome" in str(refused.value)
    kept = fit(pd.DataFrame(honest), strict=True)
    assert ["'duration'" in warning for warning in kept.warnings] == [True]


def test_columns_that_are_left_out_are_told_apart_from_those_to_exclude() -> None:
    frame = leaking()
    won = frame["label"].to_numpy()
    frame["won_id"] = [f"W{i}" if own else None for i, own in enumerate(won)]
    decisions, suspects = lw.columns(frame)
    assert {suspect.column for suspect in suspects} == {"Close reason", "won_id"}
    text = columns_text(decisions, suspects)
    before, after = text.split("So may these, but they are left out as it is:")
    assert "--exclude 'Close reason'" in before
    assert "won_id: " in after
    assert "--exclude" not in after


@pytest.mark.sweep
def test_a_leak_that_the_dictionary_excludes_is_none() -> None:
    words = {"close reason": {"exclude": "known only afterwards"}}
    fitted = fit(leaking(), dictionary=words, strict=True)
    assert fitted.warnings == ()


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 5), (-3, 40)])
def test_two_values_are_never_put_on_another_scale(low: int, high: int) -> None:
    """Rare ones are skewed, and any logarithm of two values fits as well but for rounding."""
    for seed in range(3):
        random = np.random.default_rng(seed)
        shares = (0.01, 0.02, 0.03, 0.05, 0.08, 0.04, 0.015)
        rare = np.stack([random.random(2000) < share for share in shares])
        label = random.random(2000) < 1 / (1 + np.exp(1.5 - 1.2 * rare.sum(axis=0)))
        columns = {f"x{i}": np.where(own, high, low) for i, own in enumerate(rare)}
        model = lw.fit_model(pd.DataFrame({**columns, "label": label.astype(int)}))
        assert "LN(" not in lw.render(model)
