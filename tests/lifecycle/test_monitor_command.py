"""`leadweights monitor`, `sql --monitor` and what `verify` says of it, in process."""

import json
import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import duckdb
import pandas as pd
import pytest
from click.testing import Result

from leadweights.decisions.baseline import make_baseline
from leadweights.lifecycle.monitoring.monitor import monitor
from leadweights.lifecycle.monitoring.sql import LINES, drift_sql, gate_sql
from leadweights.model.file import load
from leadweights.model.rules import Decisions
from leadweights.reports.monitor_files import monitor_files
from leadweights.sql.dialects import DIALECTS
from leadweights.tables.columns import read_columns
from leadweights.tables.open import open_table
from tests.support.commands import invoke

VALID = "data/valid.csv"


def run(*arguments: str) -> Result:
    found = invoke(arguments)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def refused(*arguments: str) -> str:
    found = run(*arguments)
    assert found.exit_code == 1, found.output
    assert found.stdout == ""
    (line,) = found.stderr.splitlines()
    return line


@pytest.fixture
def moved(tmp_path: Path) -> str:
    frame = pd.read_csv(VALID)
    frame["recency_days"] *= 0.5
    frame.to_csv(tmp_path / "moved.csv", index=False)
    return str(tmp_path / "moved.csv")


@pytest.fixture
def leaning(tmp_path: Path) -> str:
    frame = pd.read_csv(VALID)
    frame["sentiment_score"] += 0.35 * frame["sentiment_score"].std()
    frame.to_csv(tmp_path / "leaning.csv", index=False)
    return str(tmp_path / "leaning.csv")


def test_a_scheduler_sees_the_verdict(moved: str, leaning: str) -> None:
    for rows, code, word in ((VALID, 0, "STEADY"), (leaning, 3, "WATCH"), (moved, 4, "ACT")):
        found = run("monitor", "outputs", rows)
        assert (found.exit_code, found.stdout.split(":")[0]) == (code, word)
    assert json.loads(run("monitor", "outputs", moved, "--json").stdout)["verdict"] == "act"


@pytest.mark.sweep
def test_it_writes_a_page_that_needs_nothing_else(moved: str, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    asked = ("monitor", "outputs", moved, "--label", "label", "--output", str(folder))
    assert run(*asked).exit_code == 4
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == {"monitor.html", "monitor.json", "monitor.txt"}
    page = first["monitor.html"].decode()
    assert not re.findall(r"<script|https?://(?!www\.w3\.org)|src=", page)
    assert "Somebody should act" in page
    assert page.count("<svg") == 9
    for name in ("recency_days", "Calibration slope", "default-src 'none'"):
        assert name in page
    assert run(*asked).exit_code == 4
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


@pytest.mark.sweep
def test_names_in_the_page_are_text() -> None:
    found = monitor(load("outputs"), pd.read_csv(VALID), baseline="outputs")
    object.__setattr__(found, "current", "<b>$x$</b>")
    assert "<b>$x$</b>" not in monitor_files(found)["monitor.html"]


def test_sql_prints_both_selects_and_they_run() -> None:
    both = run("sql", "outputs", "--monitor").stdout
    lines, gate, end = both.split(";\n")
    assert end == ""
    assert run("sql", "outputs", "--gate").stdout.rstrip("\n") == gate
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW leads AS FROM '{VALID}'")
    found = connection.execute(lines).df()
    assert tuple(found.columns) == LINES
    assert found["line"].tolist() == list(range(len(found)))
    assert found.groupby("column_name")["rows_in_bin"].sum().unique().tolist() == [1200]
    summed = found.groupby("column_name")["psi_of_bin"].sum()
    assert summed.to_numpy() == pytest.approx(found.groupby("column_name")["psi"].first())
    row = connection.execute(gate).fetchall()
    assert row == [(1,) * 9]
    connection.execute("CREATE OR REPLACE VIEW leads AS SELECT * FROM '" + VALID + "' LIMIT 0")
    (empty,) = connection.execute(gate).fetchall()
    assert empty == (0, *(1,) * 8)


@pytest.mark.sweep
def test_every_dialect_has_them() -> None:
    model = load("outputs")
    terms = tuple(replace(term, weight=0.5) for term in model.terms[:2])
    named = {term.column for term in terms}
    small = replace(
        model,
        columns=tuple(column for column in model.columns if column.name in named),
        terms=terms,
        decisions=Decisions(),
    )
    table = open_table(VALID)
    baseline = make_baseline(small, read_columns(table, small, ["lead_score"]))
    for name in DIALECTS:
        lines = drift_sql(small, baseline, dialect=name, table="crm.leads")
        assert lines.count("psi_of_bin") == 1
    for name in ("oracle", "bigquery", "snowflake"):
        gate = gate_sql(small, baseline, dialect=name, table="crm.leads")
        assert gate.count("lead_score_ok") == 1


def test_what_does_not_go_together_is_said() -> None:
    for option in (("--key", "contact_id"), ("--columns", "band"), ("--expression",)):
        assert run("sql", "outputs", "--monitor", *option).exit_code == 2
    assert run("monitor", "outputs").exit_code == 2
    assert run("monitor", "outputs", VALID, "--table", "leads").exit_code == 2


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "outputs"
    copytree("outputs", folder)
    (folder / "baseline.json").unlink()
    assert "--reference" in refused("monitor", str(folder), VALID)
    assert "no baseline.json" in refused("sql", str(folder), "--gate")
    document = json.loads(Path("outputs/baseline.json").read_text())
    (folder / "baseline.json").write_text(json.dumps({**document, "model_sha256": "0" * 64}))
    assert "it was changed" in refused("monitor", str(folder), VALID)
    (folder / "manifest.json").unlink()
    before = sorted(folder.iterdir())
    for command in (("monitor", str(folder), VALID), ("sql", str(folder), "--monitor")):
        assert "baseline of another model" in refused(*command)
    (folder / "baseline.json").write_text("[")
    assert "not JSON" in refused("monitor", str(folder), VALID)
    assert "no such file" in refused("monitor", "outputs", str(tmp_path / "none.csv"))
    secret = "postgresql://me:hunter2@127.0.0.1:1/crm"
    said = refused("monitor", "outputs", "--engine", secret, "--table", "leads")
    assert "hunter2" not in said
    assert sorted(folder.iterdir()) == before


@pytest.mark.sweep
def test_verify_proves_the_monitor_where_there_is_a_baseline(tmp_path: Path) -> None:
    found = run("verify", "outputs", VALID)
    assert found.exit_code == 0
    assert "Monitor: SQL in DuckDB" in found.stdout
    folder = tmp_path / "outputs"
    copytree("outputs", folder)
    (folder / "baseline.json").unlink()
    assert "Monitor" not in run("verify", str(folder), VALID).stdout
