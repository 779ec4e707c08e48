"""Baselines: numpy's and pandas' counts on one side, SQL's on the other; bound to their model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.decisions.baseline import find_cuts, make_baseline
from leadweights.decisions.outcomes import read_outcomes
from leadweights.errors import ModelError
from leadweights.formula.bins import SCORE
from leadweights.learn.fit import Fit
from leadweights.learn.recipe import OnDisk
from leadweights.lifecycle.monitoring.count import count_table
from leadweights.model.baseline import (
    NAME,
    Baseline,
    CutCounts,
    LevelCounts,
    baseline_json,
    find_baseline,
    hash_learnt,
    read_baseline,
)
from leadweights.model.file import save
from leadweights.model.rules import Consent, Threshold
from tests.support.every_kind import DICTIONARY, make_leads
from tests.support.learning import SMALL_SAMPLES, fit

TRAIN = "data/train.csv"


@pytest.fixture(scope="module")
def committed() -> Baseline:
    found = find_baseline(lw.load("outputs"), "outputs")
    assert found is not None
    return found


def test_the_committed_baseline_has_pandas_deciles(committed: Baseline) -> None:
    frame = pd.read_csv(TRAIN)
    assert committed.rows == len(frame)
    assert committed.base_rate == frame["label"].mean()
    for counts in committed.columns:
        assert isinstance(counts, CutCounts)
        values = frame[counts.column]
        deciles = values.quantile(np.arange(1, 10) / 10, interpolation="higher")
        assert counts.cuts[1:-1] == tuple(sorted(set(deciles)))
        bins = [-np.inf, *counts.cuts, np.inf]
        by_pandas = pd.cut(values, bins, right=False).value_counts(sort=False)
        assert counts.rows == (*by_pandas, values.isna().sum())
        # The range is no single row's: it has two digits of the spread.
        assert counts.rows[0] == counts.rows[-2] == 0
        assert counts.cuts[0] <= values.min() < values.max() < counts.cuts[-1]


def test_the_select_counts_what_the_fit_counted(committed: Baseline) -> None:
    found = count_table(lw.load("outputs"), committed, TRAIN)
    for counts in (*committed.columns, committed.score):
        assert found.bins[counts.column] == counts.rows
    assert found.mean_probability == pytest.approx(committed.mean_probability, abs=1e-6)


@pytest.mark.sweep
def test_every_kind_of_column_is_counted(every_kind: Fit) -> None:
    model, baseline = every_kind.model, every_kind.baseline
    current = make_leads(700, 5)
    current.loc[3, "region"] = "Nowhere"
    current.loc[4, "visits"] = 1e9
    found = count_table(model, baseline, current)
    by_column = {counts.column: counts for counts in baseline.columns}
    names = {"age", "visits", "region", "member", "budget", "tags: a", "seen days", "seen month"}
    assert names <= set(by_column)
    assert not any("missing" in name for name in by_column)
    for bins in found.bins.values():
        assert sum(bins) == 700
    assert found.bins["age"][-1] == (current["age"] == -999).sum()
    assert found.bins["visits"][-2:] == (1, current["visits"].isna().sum())
    region = by_column["region"]
    assert isinstance(region, LevelCounts)
    rare = ~current["region"].isin([*region.levels, None, np.nan])
    assert found.bins["region"][-2:] == (rare.sum(), current["region"].isna().sum())
    assert found.bins["member"] == (700 - current["member"].sum(), current["member"].sum(), 0)
    holds = current["tags"].str.contains("a").sum()
    assert found.bins["tags: a"] == (700 - holds, holds, 0)
    month = by_column["seen month"]
    assert isinstance(month, LevelCounts)
    told = current["seen"].dt.month_name().value_counts()
    assert found.bins["seen month"] == (*(told[level] for level in month.levels), 0, 0)


@pytest.mark.sweep
def test_no_row_and_no_key_is_in_it(every_kind: Fit) -> None:
    text = baseline_json(every_kind.baseline)
    assert "key-" not in text
    assert "lead" not in [counts.column for counts in every_kind.baseline.columns]
    assert "-999" not in text
    assert read_baseline(text) == every_kind.baseline
    assert baseline_json(read_baseline(text)) == text


@pytest.mark.sweep
def test_fit_says_what_it_measured_on_rows_it_held_back(every_kind: Fit) -> None:
    found = every_kind.baseline.performance
    assert found is not None
    own = every_kind.comparison.models["logistic_regression"].metrics["auc_roc"]
    assert (found.auc_roc.value, found.auc_roc.low) == pytest.approx((own.value, own.low), abs=1e-6)
    assert found.rows == sum(band.rows for band in found.bands) == 600
    assert found.positive_rows == sum(band.positive_rows for band in found.bands)


@pytest.mark.sweep
def test_weighted_rows_count_as_often_as_they_say() -> None:
    train = make_leads(900, 3)
    model = lw.load("outputs")
    rows = read_outcomes(model, TRAIN)
    weights = np.resize([1.0, 2.0, 0.5], len(rows.rows.y))
    found = make_baseline(model, rows.rows.values, y=rows.rows.y, weights=weights)
    repeated = {
        name: np.repeat(np.asarray(column), (2 * weights).astype(int))
        for name, column in rows.rows.values.items()
    }
    doubled = make_baseline(model, repeated)
    for counts, twice in zip(found.columns, doubled.columns, strict=True):
        assert isinstance(counts, CutCounts)
        assert isinstance(twice, CutCounts)
        assert 2 * sum(counts.rows) == sum(twice.rows)
    assert found.effective_rows == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.base_rate == pytest.approx(np.average(rows.rows.y, weights=weights))
    fitted = fit(train, label="label", keys=["lead"], weight="weight", exclude=["budget", "seen"])
    counted = sum(fitted.baseline.score.rows)
    assert fitted.baseline.rows < counted < 3 * fitted.baseline.rows


@pytest.mark.sweep
def test_a_table_learnt_where_it_is_has_one_too(tmp_path: Path) -> None:
    train = tmp_path / "train.parquet"
    make_leads(6000, 2).drop(columns=["weight", "budget"]).to_parquet(train)
    (tmp_path / "d.toml").write_text(DICTIONARY)
    found = fit(
        str(train), label="label", keys=["lead"], place=OnDisk(), limits=SMALL_SAMPLES,
        dictionary=tmp_path / "d.toml",
    )  # fmt: skip
    baseline, learnt = found.baseline, found.model.provenance.rows
    assert baseline.rows < learnt
    assert baseline.share == pytest.approx(baseline.rows / learnt, rel=1e-6)
    whole = count_table(found.model, baseline, str(train))
    shares = np.array(whole.bins[SCORE]) / whole.rows
    assert shares == pytest.approx(np.array(baseline.score.rows) / baseline.rows, abs=0.05)


@pytest.mark.sweep
def test_decisions_leave_a_baseline_to_its_model(every_kind: Fit, tmp_path: Path) -> None:
    model = every_kind.model
    (tmp_path / NAME).write_text(baseline_json(every_kind.baseline))
    decided = replace(
        model,
        decisions=replace(
            model.decisions, threshold=Threshold(0.5, "a test"), consent=Consent("member")
        ),
    )
    save(decided, tmp_path / "model.json")
    assert find_baseline(decided, tmp_path / "model.json") == every_kind.baseline
    current = make_leads(400, 8)
    found = count_table(decided, every_kind.baseline, current)
    assert found.bins[SCORE][-1] == 400 - current["member"].sum()
    other = replace(model, name="another")
    assert hash_learnt(other) != hash_learnt(model)
    with pytest.raises(ModelError, match="baseline of another model"):
        find_baseline(other, tmp_path)
    assert find_baseline(model, tmp_path / "elsewhere" / "model.json") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format 2"),
        ({"rows": 0}, "one row at least"),
        ({"rows": "many"}, "rows must be a whole number"),
        ({"share": 0.0}, "a share"),
        ({"score": {"column": "s", "cuts": [2.0, 1.0], "rows": [1, 1, 1, 1]}}, "rise"),
        ({"score": {"column": "s", "cuts": [1.0], "rows": [1, 1]}}, "3 counts"),
        ({"score": {"column": "s", "cuts": [1.0], "rows": [1, -1, 0]}}, "3 counts"),
        ({"score": {"column": "s", "cuts": [1.0], "rows": [0, 0, 0]}}, "no row"),
        ({"columns": [{"kind": "bars"}]}, "one of cutcounts, levelcounts"),
        ({"surprise": 1}, "no field 'surprise'"),
        ({"base_rate": 7}, "a rate is between 0 and 1, not 7"),
        ({"mean_probability": -0.1}, "a mean probability is between 0 and 1"),
        ({"performance": {"rows": 3, "positive_rows": 4}}, "of 3 rows, 4 cannot be positive"),
        ({"performance": {"rows": -3, "positive_rows": 0}}, "of -3 rows, 0 cannot"),
        (
            {"performance": {"rows": 9, "positive_rows": 4, "brier": {"value": 1, "low": 2}}},
            "two ends that rise",
        ),
        (
            {
                "performance": {
                    "rows": 9,
                    "positive_rows": 4,
                    "bands": [{"name": "A", "rows": 1, "positive_rows": 2}],
                }
            },
            "of 1 rows, 2 cannot",
        ),
    ],
)
def test_a_harmed_baseline_is_refused_in_one_line(
    committed: Baseline, change: dict[str, object], said: str
) -> None:
    document = json.loads(baseline_json(committed)) | change
    with pytest.raises(ModelError, match=said) as problem:
        read_baseline(json.dumps(document), "baseline.json")
    assert str(problem.value).startswith("baseline.json")
    assert "\n" not in str(problem.value)


def test_cuts_of_few_values_many_ties_and_none() -> None:
    assert find_cuts(np.array([])) == (0.0,)
    assert find_cuts(np.array([3.0, 3.0])) == (3.0, 6.0)
    few = find_cuts(np.repeat([0.0, 1.0, 2.0], 50))
    assert few == (0.0, 1.0, 2.0, 2.1)
    tied = find_cuts(np.r_[np.zeros(900), np.arange(1.0, 101.0)])
    assert tied == (0.0, 1.0, 110.0)  # nine deciles of ten are 0, or just above


@pytest.mark.sweep
def test_a_baseline_that_does_not_count_what_its_model_reads_is_refused(every_kind: Fit) -> None:
    """One that was edited has the right hash, and columns or levels of its own."""
    model, sound = every_kind.model, every_kind.baseline
    lw.monitor(model, make_leads(50, 3), baseline=sound)
    for place, own in enumerate(sound.columns):
        others = sound.columns[:place] + sound.columns[place + 1 :]
        odd = [others, (*others, replace(own, column="another"))]
        odd.append((*sound.columns, replace(own, column="another")))
        if isinstance(own, LevelCounts):
            odd.append((*others, replace(own, levels=(*own.levels[:-1], "another"))))
            odd.append((*others, CutCounts(own.column, (1.0,), (1.0, 1.0, 1.0))))
        else:
            odd.append((*others, LevelCounts(own.column, ("a",), (1.0, 1.0, 1.0))))
        for columns in odd:
            edited = replace(sound, columns=columns)
            for ask in (
                lambda b: lw.monitor(model, make_leads(50, 3), baseline=b),
                lambda b: lw.gate_sql(model, b, dialect="duckdb"),
            ):
                with pytest.raises(ModelError, match=r"does not (count|read)") as problem:
                    ask(edited)
                assert len(str(problem.value).splitlines()) == 1
