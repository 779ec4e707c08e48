"""Leads by standard input get the scores they have in a file."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from tests.support.commands import invoke
from tests.support.release import sweep, try_part

MODEL, VALID = "outputs/model.json", "data/valid.csv"
ALL = "score_100,lead_score,log_odds,probability,band,reason_1"


def score(typed: str | bytes, *options: str) -> Result:
    found = invoke(["score", MODEL, "-", *options], input=typed)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def read(found: Result) -> list[dict[str, Any]]:
    assert found.exit_code == 0, found.output
    assert found.stdout.endswith("\n")
    return [json.loads(line) for line in found.stdout.splitlines()]


@pytest.fixture(scope="module")
def leads() -> list[dict[str, Any]]:
    """Give leads as another program reads them."""
    frame = pd.read_csv(VALID, nrows=7).drop(columns="label")
    return [
        {str(name): None if cell != cell else cell for name, cell in lead.items()}
        for lead in frame.to_dict("records")
    ]


@pytest.fixture(scope="module")
def scored() -> list[dict[str, Any]]:
    """Score the same leads as a DataFrame in Python."""
    frame = lw.score(lw.load(MODEL), pd.read_csv(VALID, nrows=7), columns=ALL.split(","))
    return frame.to_dict("records")  # type: ignore[return-value]


def test_one_lead_however_it_is_written_has_its_score(
    leads: list[dict[str, Any]], scored: list[dict[str, Any]]
) -> None:
    lead, wanted = leads[0], scored[0]
    for typed in (
        json.dumps(lead),
        json.dumps(lead) + "\r\n",
        json.dumps(lead, indent=4),
        json.dumps(lead, indent="\t").replace("\n", "\r\n"),
        json.dumps([lead]),
        "\n\n  " + json.dumps(lead),
        "\ufeff" + json.dumps(lead),
    ):
        assert read(score(typed, "--json", "--columns", ALL)) == [wanted], typed


@pytest.mark.sweep
@pytest.mark.parametrize("part", sweep(range(4), 4))
def test_leads_in_any_way_to_write_several_have_their_scores(part: int) -> None:
    try_part(check_leads, part)


@settings(max_examples=25)
@given(st.data())
def check_leads(data: st.DataObject) -> None:
    frame = pd.read_csv(VALID, nrows=3).drop(columns=["label", "contact_id"])
    rows = [
        {"contact_id": str(place), **{name: data.draw(CELLS) for name in frame.columns}}
        for place in range(3)
    ]
    indent = data.draw(st.sampled_from([None, 0, 2]))
    separated = data.draw(st.sampled_from(["\n", "", "\n\n", " "]))
    between = "\n" if indent is None and separated == "\n" else separated
    typed = data.draw(
        st.sampled_from(
            [between.join(json.dumps(row, indent=indent) for row in rows), json.dumps(rows)]
        )
    )
    expected = lw.score(lw.load(MODEL), pd.DataFrame(rows).astype(float), columns=["log_odds"])
    found = read(score(typed, "--json", "--columns", "log_odds"))
    assert [row["log_odds"] for row in found] == expected["log_odds"].tolist()


CELLS = st.none() | st.floats(-1e6, 1e6) | st.integers(-1000, 1000)


def test_csv_and_json_lines_are_as_in_a_file(
    leads: list[dict[str, Any]], scored: list[dict[str, Any]]
) -> None:
    lines = Path(VALID).read_bytes().splitlines(keepends=True)[:8]
    assert read(score(b"".join(lines), "--json", "--columns", ALL)) == scored
    typed = "\n".join(map(json.dumps, leads))
    assert read(score(typed, "--json", "--columns", ALL)) == scored
    printed = score(typed).stdout
    assert printed == score(b"".join(lines)).stdout
    assert printed.startswith("contact_id,lead_score,log_odds,probability\n")


def test_json_is_printed_of_files_too(scored: list[dict[str, Any]]) -> None:
    found = invoke(["score", MODEL, VALID, "--json", "--columns", ALL])
    assert read(found)[:7] == scored


def test_scores_of_standard_input_go_to_a_file(leads: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    found = score(json.dumps(leads), "-o", str(path))
    assert found.stderr == f"7 rows scored into {path}\n"
    assert path.read_text() == score(json.dumps(leads)).stdout


def test_a_key_that_is_absent_is_refused_and_null_is_missing(leads: list[dict[str, Any]]) -> None:
    lead = dict(leads[0])
    del lead["recency_days"], lead["opt_out_risk"]
    found = score(json.dumps(lead))
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr == (
        "Error: standard input has no column 'opt_out_risk', nor 'recency_days'; all are needed; "
        "a value that is not known is given as null\n"
    )
    lead["recency_days"] = None
    found = score(json.dumps(lead))
    assert "has no column 'opt_out_risk'" in found.stderr
    assert found.stderr.endswith("; a value that is not known is given as null\n")
    lead["opt_out_risk"] = None
    frame = pd.DataFrame([lead]).astype({"recency_days": float, "opt_out_risk": float})
    (row,) = read(score(json.dumps(lead), "--json"))
    assert row["log_odds"] == lw.score(lw.load(MODEL), frame)["log_odds"][0]
    # As in a file, what one lead has and another lacks is missing.
    del lead["opt_out_risk"]
    assert len(read(score(json.dumps([leads[1], lead]), "--json"))) == 2


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "standard input is empty; give it one lead as JSON, JSON lines, or CSV"),
        (" \n\t\n", "standard input is empty"),
        ('{"a": 1', "standard input is no JSON at line 1, column 8"),
        ('{"a": 1,\n "b": }', "standard input is no JSON at line 2, column 7"),
        ("[1, 2]", "standard input must hold JSON objects, one for each lead"),
        ('{"a": 1}\n{"b":', "standard input must hold one JSON object a line, and line 2 is none"),
        ("[" * 100_000, "standard input "),
        (b'[{"a": "\xff"}]', "standard input is not UTF-8 text (byte 0xff)"),
        ("contact_id\n", "standard input has column names but no rows"),
        ("contact_id,recency_days\n1,2,3\n", "cannot read standard input: line 2 has 3 values"),
    ],
)
def test_what_is_no_lead_gets_one_line(typed: str | bytes, message: str) -> None:
    found = score(typed)
    assert (found.exit_code, found.stdout) == (1, "")
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_the_document_shows_what_is_printed() -> None:
    page = Path("docs/crm.md").read_text(encoding="utf-8")
    typed, printed = re.findall(r"```json\n(\{.*?)```", page, re.DOTALL)
    (words,) = re.findall(r"score outputs/model.json - (.*) < lead.json", page)
    assert score(typed, *words.split()).stdout == printed


def test_json_goes_to_standard_output_alone(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    found = invoke(["score", MODEL, VALID, "--json", "-o", str(path)])
    assert found.exit_code == 2
    assert "--json is for standard output: without --output" in found.stderr


@pytest.mark.sweep
def test_nothing_is_left_of_standard_input(tmp_path: Path, leads: list[dict[str, Any]]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leadweights", "score", MODEL, "-"],
        input=json.dumps(leads[0]).encode(),
        capture_output=True,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": "."},
        check=True,
    )
    assert done.stdout.startswith(b"contact_id,lead_score")
    assert list(tmp_path.iterdir()) == []
