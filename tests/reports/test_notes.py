"""After the results what was noted, each list cut, with where the rest is."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from leadweights.reports.layout import SHOWN, cut
from tests.support.commands import invoke

ROWS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("notes")
    random = np.random.RandomState(1)
    y = np.arange(ROWS) % 2
    columns: dict[str, object] = {"label": y, "age": (y + random.normal(0, 2, ROWS)).round(1)}
    columns |= {f"same {place:02}": 1 for place in range(11)}
    columns |= {f"Close reason {p}": np.where(y > 0, "won", "no") for p in range(8)}
    columns |= {f"n{place:02}": random.normal(5, 1, ROWS).round(2) for place in range(20)}
    pd.DataFrame(columns).to_csv(made / "leads.csv", index=False)
    (made / "words.toml").write_text("".join(f"[gone{place}]\n" for place in range(9)))
    return made


@pytest.fixture(scope="module")
def fitted(folder: Path) -> Result:
    words = ("--dictionary", str(folder / "words.toml"))
    return invoke(["fit", str(folder / "leads.csv"), *words, "--output", str(folder / "out")])


@pytest.mark.sweep
def test_results_come_first_and_notes_after(fitted: Result) -> None:
    places = [
        fitted.output.index(words)
        for words in (
            "Measured on ",
            "Weights: ",
            "Parity: ",
            "Columns, and how the SELECT prepares them:",
            "Files: ",
            "is left out: ",
            "warning: ",
        )
    ]
    assert places == sorted(places)
    assert fitted.output.rindex("AUC-ROC") < places[1]


@pytest.mark.sweep
def test_each_list_is_cut_and_says_where_the_rest_is(fitted: Result, folder: Path) -> None:
    file = folder / "out" / "columns.json"
    lines = fitted.stderr.splitlines()
    assert sum("is left out: it has one value only" in line for line in lines) == SHOWN
    assert f"and 5 more are left out: {file} says why" in lines
    absent = "warning: dictionary: the table has no column 'gone"
    assert sum(line.startswith(absent) for line in lines) == SHOWN
    assert "warning: and 3 more of its columns the table has not: see leadweights columns" in lines
    assert (
        sum(
            "by itself with an AUC of 1.000: is it known before the outcome?" in line
            for line in lines
        )
        == SHOWN
    )
    rest = f"warning: and 2 more may be known only after the outcome: {file} has the evidence"
    assert rest in lines
    assert lines[-1].endswith("--exclude 'Close reason 4' --exclude 'Close reason 5'")
    assert f"and 4 more: {folder / 'out' / 'weights' / 'weights.csv'}" in fitted.stdout.splitlines()


@pytest.mark.sweep
def test_nothing_that_is_cut_is_lost(fitted: Result, folder: Path) -> None:
    assert fitted.exit_code == 0
    written = json.loads((folder / "out" / "columns.json").read_text())
    reasons = {one["column"]: one["reason"] for one in written["columns"]}
    assert {reasons[f"same {place:02}"] for place in range(11)} == {"it has one value only"}
    assert len(written["suspects"]) == 8
    done = invoke(
        [
            *("columns", str(folder / "leads.csv")),
            *("--dictionary", str(folder / "words.toml"), "--json"),
        ],
    )
    told = [one["column"] for one in json.loads(done.stdout)["columns"]]
    assert {f"gone{place}" for place in range(9)} <= set(told)


@pytest.mark.parametrize("count", [0, 1, SHOWN, SHOWN + 1, 3000])
def test_a_list_loses_no_line_without_counting_it(count: int) -> None:
    lines = [f"line {place}" for place in range(count)]
    told = cut(lines, ": see there")
    assert told[:SHOWN] == lines[:SHOWN]
    if count > SHOWN:
        assert told[SHOWN:] == [f"and {count - SHOWN:,} more: see there"]
