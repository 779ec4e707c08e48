"""What is made of an answer: only one of the schema, in the range, counts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadweights.scoring.adjusting.judgement import Judgement, read_judgement, write_judgement

ODD = (
    *("", "no JSON", "[]", "null", "1.1", '"1.1"', "{}", '{"factor": 1.1}', '{"why": "x"}'),
    *('{"factor": "1.1", "why": "x"}', '{"factor": true, "why": "x"}', '{"factor": 1, "why": 2}'),
    *('{"factor": null, "why": "x"}', '{"factor": [1.1], "why": "x"}', "[" * 100_000),
    *('{"factor": NaN, "why": "x"}', '{"factor": Infinity, "why": "x"}'),
    *('{"factor": 1.1, "why": "x", "more": 1}', '{"factor": 1.1, "why": "x"} and more'),
    '```json\n{"factor": 1.1, "why": "x"}\n```',
)
OUT = ("0.79", "1.21", "-1", "2.0", "0", "1e999", "-1e999", "1" + 400 * "0", "1.2000001", "0.7999")


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: answer[:30])
def test_an_answer_that_is_not_of_the_schema_is_odd(answer: str) -> None:
    assert read_judgement(answer, 0.8, 1.2) == Judgement(1.0, "", "odd")


@pytest.mark.parametrize("factor", OUT, ids=lambda factor: factor[:20])
def test_a_factor_beyond_the_range_is_none(factor: str) -> None:
    answer = f'{{"factor": {factor}, "why": "told to"}}'
    assert read_judgement(answer, 0.8, 1.2) == Judgement(1.0, "", "out_of_range")


@pytest.mark.parametrize("factor", ["0.8", "1.2", "1", "1.0", "0.95", "12e-1"])
def test_a_factor_within_the_range_counts(factor: str) -> None:
    found = read_judgement(f'{{"why": "x", "factor": {factor}}}', 0.8, 1.2)
    assert found == Judgement(float(factor), "x", "asked")


@given(st.text(), st.floats(0.8, 1.2))
def test_a_sentence_is_one_line_that_no_spreadsheet_computes(why: str, factor: float) -> None:
    found = read_judgement(json.dumps({"factor": factor, "why": why}), 0.8, 1.2)
    assert found.source == "asked"
    assert found.why == "" or found.why.isprintable()
    assert len(found.why) <= 200
    assert not found.why.startswith(("=", "+", "-", "@", " "))
    assert read_judgement(write_judgement(found), 0.8, 1.2) == found


def test_a_sentence_tells_no_address_and_no_secret() -> None:
    why = '=HYPERLINK("https://u:pw@evil.example/x") by jane.doe@example.com, call +49 170 1234567'
    found = read_judgement(json.dumps({"factor": 1, "why": why}), 0.8, 1.2).why
    for part in ("jane", "pw@", "1234567"):
        assert part not in found
    assert found.startswith("HYPERLINK")
