"""Faults planted in what follows the score must be found, by hostile rows alone if need be."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadweights.model.model import ScoringModel
from leadweights.prove import parity as prove
from leadweights.prove.case import RowsByKey
from leadweights.sql.render import render
from tests.support.deciding import deciding_model
from tests.support.faults import Fault, Harming, first, verify_with
from tests.support.release import sweep

# One row without anything odd: what is found is found by hostile rows.
HARMLESS = pd.DataFrame(
    {
        **{name: [0.5, 0.5] for name in ("engagement_rate_30d", "fatigue_score", "mms_affinity")},
        **{name: [0.2, 0.3] for name in ("opt_out_risk", "reply_rate_90d", "sentiment_score")},
        "recency_days": [30, 31],
        "may contact": [True, True],
        "judgement": [1.0, 1.0],
        "last seen": pd.to_datetime(["2026-02-01", "2026-02-02"]),
        "rep": ["Ann", "Ann"],
        "contact_id": ["C1", "C2"],
    }
)


def swapped(one: str, other: str) -> Fault:
    return lambda sql: sql.replace(one, "'@'").replace(other, one).replace("'@'", other)


MASK = r'CASE\s+WHEN "consent_given" >= \S+\s+THEN (.*)\s+END AS ("\w+_contribution")'
FAULTS: dict[str, Fault] = {
    "> for >= in the highest band": first(r">= (\S+)(\s+THEN 'hot')", r"> \1\2"),
    "> for >= in another band": first(r">= (\S+)(\s+THEN 'it''s warm')", r"> \1\2"),
    "> for >= in the decision": first(r">= (\S+)(\s+THEN 1\s)", r"> \1\2"),
    "> for >= in the score": first(r">= (\S+)(\s+THEN \d\d\s)", r"> \1\2"),
    "swapped reasons": swapped("'not seen for long'", "'seen lately'"),
    "swapped actions": swapped("'call'", "'e-mail'"),
    "a reversed tie": lambda sql: re.sub(r'"key_text_1"(\s*\))', r'"key_text_1" DESC\1', sql),
    "a rank among all": first(r'PARTITION BY "owner_text"', ""),
    "a decile of all rows": first(r'COUNT\("\w+"\)', "COUNT(*)"),
    "no consent mask": lambda sql: re.sub(MASK, r"\1 AS \2", sql),
    "no consent mask for one term": first(MASK, r"\1 AS \2"),
    "missing consent for yes": first(r'ELSE 0\S+(\s+END AS "consent_given")', r"ELSE 1\1"),
    "a factor that is not cut": first(
        r'(?s)CASE(?:(?!CASE).)*END AS "adjustment_factor"',
        'COALESCE(CAST("judgement" AS DOUBLE), 1) AS "adjustment_factor"',
    ),
    "days to come": first(
        r'CASE\s+WHEN (.*) >= 0\S+\s+THEN .*\s+ELSE .*\s+END AS "decay_days"',
        r'COALESCE(\1, 0) AS "decay_days"',
    ),
}


@pytest.mark.sweep
@pytest.mark.parametrize("variant", ["percent", "points", "as it is"])
def test_unharmed_decisions_pass(variant: str) -> None:
    found = prove.verify(deciding_model(variant), HARMLESS)
    assert found.holds, prove.failure(found)


@pytest.mark.parametrize("fault", sweep(FAULTS, 2))
def test_a_fault_in_the_decisions_is_found(fault: str) -> None:
    render = Harming(FAULTS[fault], "standardized")
    found = verify_with(deciding_model("points"), HARMLESS, render=render)
    assert render.harmed
    assert not found.holds


def test_a_probability_rounded_for_the_cuts_of_the_score_is_found() -> None:
    rounded = 'CAST(ROUND(100 * "adjusted_probability") AS INT)'

    def harmed(model: ScoringModel, **options: Any) -> str:
        sql = render(model, **options).rstrip()
        if not {"score_100", "adjusted_probability"} <= set(options.get("columns") or ()):
            return sql
        return f'SELECT * REPLACE ({rounded} AS "score_100") FROM ({sql})'

    found = verify_with(deciding_model("percent"), HARMLESS, render=harmed)
    assert not found.holds
    assert "score_100 is" in prove.failure(found)


@pytest.mark.sweep
def test_consent_by_a_text_is_met_in_hostile_rows() -> None:
    model = deciding_model("points")
    rule = model.decisions.consent
    assert rule is not None
    by_text = replace(model.decisions, consent=replace(rule, yes=("ja",)))
    model = replace(model, decisions=by_text)
    data = HARMLESS.assign(**{"may contact": "ja"})
    assert prove.verify(model, data).holds
    render = Harming(FAULTS["a factor that is not cut"], "standardized")
    assert not verify_with(model, data, render=render).holds


@pytest.mark.parametrize(
    "keys",
    [[Decimal(2**70), Decimal(2**70 + 1)], [2**70, 2**70 + 1], [2**63, 2**63 + 1], ["b", "B"]],
)
def test_ranks_are_proven_by_keys_of_any_type_under_a_name_in_other_letters(
    keys: list[object],
) -> None:
    data = HARMLESS.assign(CONTACT_ID=np.array(keys, dtype=object)).drop(columns="contact_id")
    found = prove.verify(deciding_model("as it is"), data)
    assert found.holds, prove.failure(found)
    by_key = "your rows, by key" in [check.rows_of for check in found.checks]
    assert by_key != isinstance(keys[0], Decimal)


@pytest.mark.sweep
def test_a_key_that_is_a_feature_too_ranks_nothing() -> None:
    model = replace(deciding_model("as it is"), keys=("recency_days",))
    found = prove.verify(model, HARMLESS)
    assert found.holds
    assert not any(isinstance(check.rows_of, RowsByKey) for check in found.checks)


def test_rows_an_engine_loses_or_doubles_are_found_by_their_keys() -> None:
    def doubled(model: ScoringModel, **options: Any) -> str:
        sql = render(model, **options).rstrip()
        ranked = "rank" in (options.get("columns") or ())
        return f'{sql} WHERE "leadweights_row" = 1 UNION ALL ({sql} LIMIT 1)' if ranked else sql

    found = verify_with(deciding_model("as it is"), HARMLESS, render=doubled)
    assert "your rows, by key" in prove.failure(found)
