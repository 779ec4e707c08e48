"""Experiments: statsmodels' power and intervals, real engines' arms, and splits that went wrong."""

from __future__ import annotations

import json
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportion_effectsize,
    proportions_ztest,
)

import leadweights as lw
from leadweights.formula.texts import texts
from leadweights.lifecycle.experiments.arms import compute_arms
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.open import open_table
from tests.support.commands import invoke

shares = st.floats(0.005, 0.6)


@settings(max_examples=40, deadline=None)
@given(
    rate=shares,
    lift=st.floats(-0.6, 0.6).filter(lambda lift: abs(lift) > 0.05),
    power=st.floats(0.5, 0.98),
    alpha=st.floats(0.001, 0.2),
    held_out=st.floats(0.02, 0.9),
)
def test_the_rows_needed_are_those_of_statsmodels(
    rate: float, lift: float, power: float, alpha: float, held_out: float
) -> None:
    found = lw.plan_experiment(rate, lift, power=power, alpha=alpha, held_out=held_out)
    effect = proportion_effectsize(rate * (1 + lift), rate)
    ratio = (1 - held_out) / held_out
    outside = NormalIndPower()
    # That a difference is found in the wrong direction is no success here.
    side = "larger" if effect > 0 else "smaller"
    rows = outside.solve_power(effect, alpha=alpha / 2, power=power, ratio=ratio, alternative=side)
    assert found.held_out_rows == pytest.approx(rows, rel=1e-6, abs=1.001)
    assert found.held_out_rows + 1e-6 * rows >= rows
    assert found.treated_rows == pytest.approx(rows * ratio, rel=1e-6, abs=1.001)
    assert found.rows == found.held_out_rows + found.treated_rows


def test_the_plan_of_the_guide() -> None:
    found = lw.plan_experiment(0.021, 0.3, power=0.8)
    rows = NormalIndPower().solve_power(
        proportion_effectsize(0.021 * 1.3, 0.021), alpha=0.05, power=0.8, ratio=9
    )
    assert (found.held_out_rows, found.treated_rows) == (int(np.ceil(rows)), 46409)
    code, text, _ = ran("experiment", "plan", "--rate", 0.021, "--lift", 0.3, "--power", 0.8)
    assert (code, text[:14]) == (0, "51,566 leads: ")
    code, text, _ = ran("experiment", "plan", "--rate", 0.021, "--lift", 0.3, "--json")
    assert json.loads(text)["rows"] == found.rows


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rate": 0.0, "lift": 0.3}, "the rate is a share"),
        ({"rate": 1.5, "lift": 0.3}, "the rate is a share"),
        ({"rate": 0.5, "lift": 1.0}, "a lift of 1 makes a rate of 1"),
        ({"rate": 0.5, "lift": 0.0}, "a lift of 0"),
        ({"rate": 0.5, "lift": float("nan")}, "a lift of nan"),
        ({"rate": 0.5, "lift": 0.1, "held_out": 1.0}, "the held out is a share"),
        ({"rate": 0.5, "lift": 0.1, "power": 0.01}, "less than chance"),
    ],
)
def test_what_no_experiment_can_be_is_told(asked: dict[str, float], words: str) -> None:
    with pytest.raises(lw.UnsupportedError, match=words):
        lw.plan_experiment(**asked)


cells = st.tuples(
    st.integers(1, 400), st.integers(1, 400), st.integers(0, 400), st.integers(0, 400)
)


@settings(max_examples=60, deadline=None)
@given(cells.filter(lambda c: c[2] <= c[0] and c[3] <= c[1] and 0 < c[2] + c[3] < c[0] + c[1]))
def test_rates_difference_and_lift_are_those_of_statsmodels(cells: tuple[int, ...]) -> None:
    rows, others, hits, hits_held = cells
    arm = ["treated"] * rows + ["held_out"] * others
    label = [1] * hits + [0] * (rows - hits) + [1] * hits_held + [0] * (others - hits_held)
    found = lw.read_experiment({"arm": arm, "label": label}, held_out=None)
    for own, count, of in ((found.treated, hits, rows), (found.held_out, hits_held, others)):
        assert (own.converted, own.rows) == (count, of)
        wilson = proportion_confint(count, of, method="wilson")
        assert (own.rate.low, own.rate.high) == pytest.approx(wilson, abs=1e-9)
    counted = (hits, rows, hits_held, others)
    newcombe = confint_proportions_2indep(*counted, compare="diff", method="newcomb")
    assert (found.difference.low, found.difference.high) == pytest.approx(newcombe, abs=1e-9)
    assert found.extra.value == pytest.approx(hits - rows * hits_held / others, abs=1e-9)
    assert found.p_value == pytest.approx(
        proportions_ztest([hits, hits_held], [rows, others])[1], rel=1e-6, abs=1e-12
    )
    if not hits_held:
        assert found.lift.value is None
    elif hits:
        katz = confint_proportions_2indep(*counted, compare="ratio", method="log")
        ends = (found.lift.low, found.lift.high)
        assert ends == pytest.approx([end - 1 for end in katz], rel=1e-6, abs=1e-9)
    else:
        assert (found.lift.value, found.lift.low) == (-1, None)


def test_a_split_that_lost_rows_of_one_arm_is_told(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arm": ["treated"] * 900 + ["held_out"] * 60 + [None] * 5})
    frame["sold"] = np.where(np.arange(965) % 9 == 0, "yes", "no")
    frame.to_csv(tmp_path / "leads.csv", index=False)
    found = lw.read_experiment(frame, label="sold")
    assert found.split_p_value == pytest.approx(stats.binomtest(60, 960, 0.1).pvalue)
    assert found.left_out == 5
    assert "rows were lost in one arm" in found.warnings[1]
    assert "Nothing can be claimed yet" in repr(found)
    code, text, said = ran(
        "experiment", "read", tmp_path / "leads.csv", "--label", "sold", "--json"
    )
    assert code == 0
    assert json.loads(text)["held_out"]["rows"] == 60
    assert "no difference can be trusted" in said
    code, text, said = ran(
        *("experiment", "read", tmp_path / "leads.csv", "--label", "sold", "--held-out", 0.0625)
    )
    assert said.count("\n") == 1
    assert "arm" in text


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"label": [0, 1]}, "no column 'arm'"),
        ({"arm": ["treated", "treated"], "label": [0, 1]}, "must have two arms"),
        ({"arm": ["a", "b"], "label": [0, 1]}, "one of them 'held_out', not 'a', 'b'"),
        ({"arm": ["treated", "held_out", "x"], "label": [0, 1, 1]}, "must have two arms"),
        ({"arm": ["treated", "held_out", "treated"], "label": [0, 1, 2]}, "values 0, 1, 2"),
    ],
)
def test_a_table_that_is_no_experiment_is_refused(frame: dict[str, Any], words: str) -> None:
    with pytest.raises(lw.TableError, match=words):
        lw.read_experiment(frame)


KEYS = [*(f"lead-{number}" for number in range(1500)), "Müller", "日本", "", " a ", "007", None]


def by_hand(key: str | None, salt: str, held_out: float) -> str | None:
    """Draw an arm as the guide says: by the digits after the point of a multiple of the MD5."""
    if key is None:
        return None

    def factor(text: str) -> float:
        return 1 + int.from_bytes(sha256(text.encode()).digest()[:4], "big") / 2**32

    digits = int(md5(key.encode()).hexdigest()[:7], 16)
    place = factor(f"arms {salt}") + digits * (2.0**20 * factor(f"arms {salt} id") / 2.0**28)
    return "held_out" if place % 1 < held_out else "treated"


def test_arms_are_those_of_the_md5_of_the_key_in_python_and_in_duckdb() -> None:
    """On all engines they are held against Python's in `tests/prove/test_engines.py`."""
    by_key = {key: by_hand(key, "spring", 0.1) for key in KEYS}
    drawn = compute_arms({"id": texts(KEYS)}, ["id"], "spring").values()
    assert drawn == list(by_key.values())
    table = open_table(pd.DataFrame({"id": KEYS}))
    found = table.frame(lw.assign_arms(key="id", salt="spring"), ["id"])
    arms = {
        key: None if pd.isna(arm) else arm
        for key, arm in zip(found["id"].replace({np.nan: None}), found["arm"], strict=True)
    }
    assert arms == by_key


def test_a_models_own_select_has_the_arm_beside_its_scores() -> None:
    model = lw.load("outputs/model.json")
    table = open_table("data/valid.csv", ["contact_id"])
    plain = table.frame(lw.render(model, columns=["lead_score", "band", "rank"]), ["contact_id"])
    sql = lw.assign_arms(model, salt="spring", columns=["lead_score", "band", "rank"])
    both = table.frame(sql, ["contact_id"])
    assert both.drop(columns="arm").sort_values("contact_id").values.tolist() == (
        plain.sort_values("contact_id").values.tolist()
    )
    alone = table.frame(lw.assign_arms(key="contact_id", salt="spring"), ["contact_id"])
    arms = alone.set_index("contact_id")["arm"]
    assert (both.set_index("contact_id")["arm"] == arms[both["contact_id"]]).all()


@pytest.mark.sweep
def test_arms_are_drawn_evenly_anew_by_salt_and_stay_as_the_share_grows() -> None:
    keys = texts(f"{number:06}" for number in range(20_000))
    drawn = {
        salt: np.array(compute_arms({"id": keys}, ["id"], salt).values()) == "held_out"
        for salt in (f"experiment {number}" for number in range(40))
    }
    counts = [int(arm.sum()) for arm in drawn.values()]
    assert stats.chisquare(counts).pvalue > 1e-4
    assert abs(np.mean(counts) - 2000) < 5 * (20_000 * 0.09 / 40) ** 0.5
    first, *others = drawn.values()
    p_values = [
        stats.chi2_contingency(pd.crosstab(first, other).to_numpy()).pvalue for other in others
    ]
    assert min(p_values) > 1e-4 / len(p_values)
    more = np.array(compute_arms({"id": keys}, ["id"], "experiment 0", 0.2).values()) == "held_out"
    assert more[first].all()
    assert more.sum() > 3600


def test_dialects_without_such_a_hash_are_refused_by_name_and_all_others_are_written() -> None:
    for name, target in DIALECTS.items():
        if target.text_hash:
            assert "'held_out'" in lw.assign_arms(key="id", salt="s", dialect=name)
        else:
            with pytest.raises(lw.UnsupportedError, match=f"no hash of texts is known for {name}"):
                lw.assign_arms(key="id", salt="s", dialect=name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--salt", "s"], "name the key"),
        (["--salt", " ", "--key", "id"], "a salt is a word"),
        (["--salt", "s", "--key", "id", "--held-out", "1"], "is above 0 and below 1"),
        (["--salt", "s", "--key", "arm"], "has the name of a column of the result"),
        (["--salt", "s", "--key", "id", "--columns", "band"], "columns are of a model"),
    ],
)
def test_what_cannot_be_assigned_is_told_in_one_line(arguments: list[str], words: str) -> None:
    code, text, said = ran("experiment", "assign", *arguments)
    assert (code, text) == (1, "")
    assert words in said
    assert said.count("\n") == 1


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


def test_the_command_prints_the_select() -> None:
    code, text, said = ran("experiment", "assign", "outputs", "--salt", "s", "--dialect", "trino")
    assert (code, said) == (0, "")
    assert text.startswith("/* leadweights arms, 0.1 held out, salt 's'; logistic_regression")
