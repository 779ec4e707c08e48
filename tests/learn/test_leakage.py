"""Columns filled in after the outcome are named; columns known beforehand are not."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import TargetEncoder

from leadweights.formula.arrays import Floats
from leadweights.formula.texts import Texts, texts
from leadweights.learn.prepare.leakage import PureLevel, find_suspects
from tests.support.release import sweep

DATA = Path("../shared/data")
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs the reference tables in {DATA}: xeducation, bank, campaign"
)
ROWS = 4000


def outcomes(seed: int, rate: float = 0.4, rows: int = ROWS) -> Floats:
    y = np.zeros(rows)
    y[: round(rows * rate)] = 1
    return np.random.RandomState(seed).permutation(y)


def named(columns: dict[str, Floats | Texts], y: Floats, seed: int = 42) -> list[str]:
    return [suspect.column for suspect in find_suspects(columns, y, seed)]


def predictor(y: Floats, apart: float, seed: int) -> Floats:
    """Draw normal numbers, the positive rows' mean that many standard deviations higher."""
    return np.random.RandomState(seed).normal(apart * y)


def out_of_fold_auc(cells: list[str], kept: NDArray[np.bool_], y: Floats, seed: int) -> float:
    """Measure with scikit-learn's encoder, on the folds that the seed deals."""
    random = np.random.RandomState(seed)
    folds = np.empty(len(y), int)
    folds[y == 1] = random.permutation(int(y.sum())) % 5
    folds[y == 0] = random.permutation(int((1 - y).sum())) % 5
    table = pd.DataFrame({"column": cells})
    found, pairs = [], []
    for fold in range(5):
        encoder = TargetEncoder(smooth=10.0, target_type="binary")
        encoder.fit(table[folds != fold], y[folds != fold])
        tested = kept & (folds == fold)
        found.append(roc_auc_score(y[tested], encoder.transform(table[tested])[:, 0]))
        pairs.append(y[tested].sum() * (1 - y[tested]).sum())
    return float(np.average(found, weights=pairs))


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("kind", ["text", "number"])
def test_aucs_are_those_of_scikit_learn(kind: str, seed: int) -> None:
    y = outcomes(seed)
    levels = np.clip(np.round(predictor(y, 1.5, seed) + 1), 0, 3) + 0.0
    missing = np.random.RandomState(seed).uniform(size=ROWS) < np.where(y > 0, 0.1, 0.4)
    cells = [None if gone else str(level) for level, gone in zip(levels, missing, strict=True)]
    column = texts(cells) if kind == "text" else np.where(missing, np.nan, levels)
    (suspect,) = find_suspects({"outcome": column}, y, seed)
    filled = [cell or "missing" for cell in cells]
    # The same sums in another order: the last bits may differ.
    for found, expected in [
        (suspect.auc, out_of_fold_auc(filled, np.full(ROWS, True), y, seed)),
        (suspect.auc_without_missing, out_of_fold_auc(filled, ~missing, y, seed)),
        (suspect.auc_missing, roc_auc_score(y, ~missing)),
    ]:
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", sweep(range(5), 5))
def test_planted_leaks_are_named_whatever_their_names(seed: int) -> None:
    y = outcomes(seed)
    random = np.random.RandomState(seed)
    often = random.uniform(size=ROWS)
    region = random.choice(["north", "south", "east"], ROWS)
    leaks: dict[str, Floats | Texts] = {
        "a": y + random.normal(0, 0.3, ROWS),
        "b": texts(
            "gold" if won and draw < 0.3 else place
            for won, draw, place in zip(y, often, region, strict=True)
        ),
        "c": texts(
            place if draw < (0.65 if won else 0.03) else None
            for won, draw, place in zip(y, often, region, strict=True)
        ),
        "d": np.where((y == 1) & (often < 0.2), random.uniform(1, 90, ROWS), np.nan),
        "e": texts(
            f"F-{row}" if won and draw < 0.2 else None
            for row, (won, draw) in enumerate(zip(y, often, strict=True))
        ),
        "f": np.where(often < 0.3, y + random.normal(0, 0.5, ROWS), np.nan),
    }
    honest: dict[str, Floats | Texts] = {
        "g": predictor(y, 1.0, seed),
        "h": texts(region),
        "i": random.normal(size=ROWS),
        "j": np.where(often < 0.3, np.nan, random.normal(size=ROWS)),
        "k": texts(str(row) for row in range(ROWS)),
        "l": np.full(ROWS, np.nan),
        "m": np.ones(ROWS),
        "n": texts([None] * ROWS),
    }
    assert sorted(named(honest | leaks, y)) == list("abcdef")


def test_what_was_set_for_won_rows_only_is_shown_with_its_counts() -> None:
    y = outcomes(1)
    set_for = (y == 1) & (np.arange(ROWS) % 3 == 0)
    column = texts("gold" if row else "none" for row in set_for)
    (suspect,) = find_suspects({"metal": column}, y, 42)
    rows = int(set_for.sum())
    assert suspect.pure_levels == (PureLevel("'gold'", rows, 1.0),)
    assert f"of {rows} rows with 'gold' 100.0% are positive" in suspect.evidence
    dated = np.where(set_for, 5.0 + np.arange(ROWS), np.nan)
    (suspect,) = find_suspects({"days": dated}, y, 42)
    assert suspect.pure_levels == (PureLevel("any value", rows, 1.0),)
    assert suspect.auc_without_missing is None


def test_a_leak_in_one_row_of_a_hundred_is_not_lost_among_zeros() -> None:
    y = outcomes(3, rate=0.01, rows=20_000)
    amount = np.where(y == 1, np.random.RandomState(3).uniform(10, 90, len(y)), 0.0)
    assert named({"amount": amount, "flag": y, "noise": predictor(y, 0.0, 4)}, y) == [
        "amount",
        "flag",
    ]


@pytest.mark.parametrize("rate", [0.05, 0.4, 0.8])
@pytest.mark.parametrize("seed", sweep(range(5), 5))
def test_honest_strong_predictors_and_noise_are_not_named(seed: int, rate: float) -> None:
    y = outcomes(seed, rate)
    strong = predictor(y, 1.1, seed)
    assert 0.75 < roc_auc_score(y, strong) < 0.82
    cut = pd.qcut(strong, 6, labels=False)
    columns: dict[str, Floats | Texts] = {
        "minutes": strong,
        "pages": np.floor(np.exp(strong)),
        "group": texts(f"group {place}" for place in cut),
    }
    random = np.random.RandomState(seed)
    for i in range(20):
        columns[f"noise_{i}"] = random.normal(size=ROWS)
        columns[f"status_{i}"] = texts(random.choice([*"abcdefgh"], ROWS))
        columns[f"closed_score_{i}"] = np.where(random.uniform(size=ROWS) < 0.3, np.nan, 1.0)
    assert named(columns, y) == []


@pytest.mark.parametrize("rows", [1, 2, 12, 40])
def test_few_rows_prove_nothing(rows: int) -> None:
    y = np.resize([0.0, 1.0, 1.0, 0.0, 0.0], rows)
    noise = {f"outcome_{i}": predictor(y, 0.0, i) for i in range(20)}
    assert named({**noise, "won": y} if rows < 20 else {**noise}, y) == []
    assert named({"won": np.arange(9.0)}, np.ones(9)) == []


def test_a_level_of_few_rows_is_not_pure_by_chance() -> None:
    y = outcomes(5, rows=1000)
    form = np.random.RandomState(5).permutation(1000) < 80
    columns: dict[str, Floats | Texts] = {
        "source": texts("form" if row else "site" for row in form)
    }
    # 99% of 80 rows can be 93%, as of the rows that a form adds to the leads.
    y[form] = np.arange(80) < 79
    assert named(columns, y) == []
    y[form] = 1
    assert named(columns, y) == ["source"]


def test_a_telling_name_and_values_for_won_rows_only_are_enough() -> None:
    y = outcomes(7)
    some = (y == 1) & (np.random.RandomState(7).uniform(size=ROWS) < 0.08)
    days = np.where(some, np.arange(ROWS), np.nan)
    assert named({"closed_date": days, "some_date": days}, y) == ["closed_date"]


def test_where_positive_rows_are_rare_a_level_without_any_is_not_pure() -> None:
    y = outcomes(5, rate=0.05)
    level = np.where((y == 0) & (np.arange(ROWS) % 2 == 0), "yes", "no")
    assert named({"opted_out": texts(level)}, y) == []
    even = outcomes(5, rate=0.5)
    level = np.where((even == 0) & (np.arange(ROWS) % 2 == 0), "yes", "no")
    assert named({"opted_out": texts(level)}, even) == ["opted_out"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Outcome", "Outcome"),
        ("lost_reason", "lost"),
        ("closedDate", "closed"),
        ("days-to-close", "close"),
        ("IsWON", "WON"),
        ("CRMStatus2", "Status"),
        ("Last Notable Activity", "last activity"),
        ("lastModifiedDate", "last modified"),
        ("call_duration", "duration"),
    ],
)
def test_a_telling_name_and_some_signal_are_enough(name: str, hint: str) -> None:
    y = outcomes(2)
    (suspect,) = find_suspects({name: predictor(y, 0.9, 2)}, y, 42)
    assert suspect.name_hint == hint
    assert any(f"'{hint}' in its name" in sentence for sentence in suspect.evidence)
    assert named({name: predictor(y, 0.0, 2)}, y) == []


@pytest.mark.parametrize(
    "name",
    [
        "previous_outcome",
        "Prior Result",
        "p_outcome",
        "poutcome",
        "marital_status",
        "wonderful",
        "disclosed",
        "activity",
        "sentiment_score",
        "profile_views",
        "",
        "Статус",
    ],
)
def test_names_of_what_came_before_and_parts_of_words_tell_nothing(name: str) -> None:
    y = outcomes(2)
    assert named({name: predictor(y, 0.9, 2)}, y) == []


def test_words_that_honest_columns_have_too_need_more_signal() -> None:
    y = outcomes(4)
    fair = predictor(y, 0.4, 4)
    assert 0.58 < roc_auc_score(y, fair) < 0.64
    columns = {"outcome": fair, "status": fair, "duration": fair, "last_contact": fair}
    assert named({**columns}, y) == ["outcome"]


def test_a_judgement_is_suspected_where_some_rows_lack_it() -> None:
    y = outcomes(6)
    grade = predictor(y, 0.5, 6)
    gaps = np.random.RandomState(6).uniform(size=ROWS)
    columns: dict[str, Floats | Texts] = {
        "lead_score": np.where(gaps < 0.4, np.nan, grade),
        "engagement_score": grade,
        "sentiment_score": np.where(gaps < 0.05, np.nan, grade),
        "income": np.where(gaps < 0.4, np.nan, grade),
    }
    assert named(columns, y) == ["lead_score"]


def test_the_advice_can_be_pasted_into_a_shell() -> None:
    y = outcomes(8)
    for name in ("tags", "Lead Quality", "it's $HOME"):
        (suspect,) = find_suspects({name: y}, y, 42)
        assert shlex.split(suspect.advice.split(": ", 1)[1]) == ["--exclude", name]


def test_worst_come_first_and_the_order_of_columns_does_not_matter() -> None:
    y = outcomes(9)
    columns = {
        "outcome": predictor(y, 0.5, 1),
        "closed": predictor(y, 1.0, 2),
        "x": predictor(y, 2.5, 3),
        "z": predictor(y, 4.0, 4),
    }
    found = find_suspects({**columns}, y, 42)
    assert [suspect.column for suspect in found] == ["z", "x", "closed", "outcome"]
    assert find_suspects(dict(reversed(columns.items())), y, 42) == found


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.permutations(range(5)),
    st.sampled_from([lambda x: x**3, np.exp2, np.arctan, lambda x: 1e6 * x - 7, np.cbrt]),
    st.floats(0, 3),
)
def test_names_of_levels_and_scales_of_numbers_do_not_matter(
    seed: int, renamed: list[int], transform: "np.ufunc", apart: float
) -> None:
    y = outcomes(seed, rows=300)
    numbers = np.clip(np.round(4 * predictor(y, apart, seed)), -40, 40)
    numbers[np.random.RandomState(seed).uniform(size=300) < 0.2] = np.nan
    codes = np.where(np.isnan(numbers), -1, np.nan_to_num(numbers).astype(int) % 5)
    before: dict[str, Floats | Texts] = {
        "outcome": numbers,
        "result": texts(None if code < 0 else f"level {code}" for code in codes),
    }
    after: dict[str, Floats | Texts] = {
        "outcome": np.asarray(transform(numbers)),
        "result": texts(None if code < 0 else f"{renamed[code]} renamed" for code in codes),
    }
    found, again = find_suspects(before, y, seed), find_suspects(after, y, seed)
    assert [(s.column, s.auc, s.auc_missing, s.auc_without_missing) for s in found] == [
        (s.column, s.auc, s.auc_missing, s.auc_without_missing) for s in again
    ]
    assert [sorted((p.rows, p.rate) for p in s.pure_levels) for s in found] == [
        sorted((p.rows, p.rate) for p in s.pure_levels) for s in again
    ]


def read(path: Path, label: str, positive: str, sep: str = ",") -> tuple[pd.DataFrame, Floats]:
    table = pd.read_csv(path, sep=sep, dtype=str, keep_default_na=False)
    y: Floats = np.array(table.pop(label) == positive, np.float64)
    return table.where(~table.isin(["", "Select"])), y


def columns_of(table: pd.DataFrame) -> dict[str, Floats | Texts]:
    columns: dict[str, Floats | Texts] = {}
    for name, cells in table.items():
        numbers = pd.to_numeric(cells, errors="coerce")
        if (numbers.isna() == cells.isna()).all():
            columns[str(name)] = numbers.to_numpy(np.float64)
        else:
            columns[str(name)] = texts(None if pd.isna(cell) else cell for cell in cells)
    return columns


@needs_data
@pytest.mark.parametrize("seed", [0, 42])
def test_what_sales_wrote_down_is_found_among_the_leads(seed: int) -> None:
    table, y = read(DATA / "xeducation/leads.csv", "Converted", "1")
    columns = columns_of(table.drop(columns=["Prospect ID", "Lead Number"]))
    found = named(columns, y, seed)
    assert found[:3] == ["Tags", "Lead Quality", "Lead Profile"]
    assert sorted(found[3:]) == [
        "Asymmetrique Activity Index",
        "Asymmetrique Activity Score",
        "Asymmetrique Profile Index",
        "Asymmetrique Profile Score",
        "Last Activity",
        "Last Notable Activity",
    ]
    # Without its name, the worst one is still found; the ordinary ones still are not.
    nameless = {f"column {i}": values for i, values in enumerate(columns.values())}
    assert named(nameless, y, seed) == [f"column {list(columns).index('Tags')}"]


@pytest.mark.sweep
@needs_data
@pytest.mark.parametrize("seed", [0, 42])
def test_of_the_bank_only_the_length_of_the_call_is_named(seed: int) -> None:
    table, y = read(DATA / "bank/bank-additional-full.csv", "y", "yes", ";")
    assert named(columns_of(table), y, seed) == ["duration"]


@needs_data
@pytest.mark.parametrize("seed", [0, 42])
def test_the_campaign_has_no_suspects(seed: int) -> None:
    table, y = read(DATA / "campaign/train.csv", "label", "1")
    assert len(table.columns) == 7
    assert 0 < y.mean() < 1
    assert named(columns_of(table), y, seed) == []
