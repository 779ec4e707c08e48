"""dbt itself builds what is exported, on DuckDB and PostgreSQL, and fails where it should."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pytest

import leadweights as lw
from tests.support.dbt_projects import (
    COLUMNS,
    DBT,
    MOVED,
    QUIET,
    Project,
    leads,
    model,
    needs_dbt,
    open_project,
    watched,
)
from tests.support.tools import each

pytestmark = needs_dbt


@pytest.fixture(scope="module", params=each(["duckdb", "postgres"]))
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    with open_project(request.param, tmp_path_factory.mktemp("crm")) as found:
        yield found


def read_scores(project: Project, table: str = "lead_scores") -> list[tuple[object, ...]]:
    """Read the scores that dbt has made, by their key."""
    names = ", ".join(f'"{name}"' for name in ("Lead ID", *COLUMNS))
    query = f'SELECT {names} FROM {{}}.{table} ORDER BY "Lead ID"'
    if project.dialect == "duckdb":
        with duckdb.connect(str(project.settings["path"]), read_only=True) as connection:
            return connection.execute(query.format("main")).fetchall()
    place = " ".join(
        f"{name}={project.settings[name]}" for name in ("host", "port", "user", "dbname")
    )
    with psycopg.connect(place) as connection:
        return connection.execute(query.format("crm").encode()).fetchall()


@pytest.mark.telling
def test_the_build_passes_and_scores_as_python_does(project: Project) -> None:
    project.start()
    found = project.build()
    assert set(found.values()) <= {"success", "pass", "no-op"}, project.nodes
    assert found["lead_scores_golden"] == "pass"
    assert len([how for how in found.values() if how == "pass"]) == 7
    scored = lw.score(model(), leads(), columns=COLUMNS)
    rows = read_scores(project)
    assert [row[0] for row in rows] == leads()["Lead ID"].tolist()
    for place, name in enumerate(COLUMNS, 1):
        own = [row[place] for row in rows]
        if name == "probability" and project.dialect != "duckdb":
            expected = scored[name].to_numpy()
            assert (np.abs(np.array(own) - expected) <= 2 * np.spacing(expected)).all()
        else:
            assert own == scored[name].tolist(), name


# What is written in another dialect is found by the column it belongs to.
FAULTS = {
    "a changed weight": (r"(\"visits_input\" - .+? \* \S*?)(\d)(\.\d+e-01)", r"\g<1>1\3"),
    "a changed mean": (r"(\"visits_input\" - \S*?)(\d)(\.\d+e)", r"\g<1>3\3"),
    "NULL handling removed": (r"ELSE \S*9.213\d+e-01\S*( AS DOUBLE PRECISION\))?", "ELSE NULL"),
    "another level": ("'web'", "'Web'"),
    "another band": (r"(WHEN \"log_odds\" >= \S*?)0\.0", r"\g<1>1.0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_by_hand_fails_the_golden_rows(project: Project, fault: str) -> None:
    files = project.start()
    pattern, by = FAULTS[fault]
    text, count = re.subn(pattern, by, files["models/lead_scores.sql"], count=1)
    assert count == 1
    assert text != files["models/lead_scores.sql"]
    project.write("models/lead_scores.sql", text)
    assert project.failed() == {"lead_scores_golden": "fail"}


def test_a_column_that_is_missing_fails_the_model(project: Project) -> None:
    project.start()
    project.write(
        "models/stg_leads.sql", 'SELECT "Lead ID", "first" FROM {{ ref(\'raw_leads\') }}\n'
    )
    assert project.failed() == {"lead_scores": "error"}
    assert "asked" in project.nodes["lead_scores"]


def test_a_result_of_another_type_fails_the_contract(project: Project) -> None:
    files = project.start()
    head, select, tail = files["models/lead_scores.sql"].rpartition("SELECT")
    kind = "VARCHAR" if project.dialect == "duckdb" else "TEXT"
    changed = tail.replace('"lead_score"', f'CAST("lead_score" AS {kind}) AS "lead_score"', 1)
    assert changed != tail
    project.write("models/lead_scores.sql", head + select + changed)
    assert project.failed() == {"lead_scores": "error"}
    assert "contract" in project.nodes["lead_scores"]


def test_a_column_of_the_result_that_is_gone_fails_the_contract(project: Project) -> None:
    files = project.start()
    head, select, tail = files["models/lead_scores.sql"].rpartition("SELECT")
    project.write("models/lead_scores.sql", head + select + tail.replace('"lead_score",', "", 1))
    assert project.failed() == {"lead_scores": "error"}
    assert "contract" in project.nodes["lead_scores"]


def test_keys_that_are_missing_or_twice_fail(project: Project) -> None:
    project.start(columns=COLUMNS)
    rows = leads().drop(columns="won")
    keys = rows["Lead ID"].tolist()
    rows["Lead ID"] = [None, keys[2], *keys[2:]]
    rows.to_csv(project.folder / "seeds/raw_leads.csv", index=False)
    assert project.failed() == {
        "not_null_lead_scores__Lead_ID_": "fail",
        "unique_lead_scores__Lead_ID_": "fail",
    }


def test_drift_warns_to_watch_and_fails_to_act(project: Project) -> None:
    """One build of four models: rows as they were, two that moved, and none at all."""
    (learnt, baseline), rows = watched(), leads(1500)
    moved = dict(zip(MOVED, (1, 1.5, 2), strict=True))
    found = {
        name: lw.monitor(learnt, rows.assign(visits=by * rows.visits), baseline=baseline)
        for name, by in moved.items()
    }
    assert {name: one.verdict for name, one in found.items()} == {name: name for name in MOVED}
    project.start(name="unused", relation="{{ ref('raw_leads') }}", columns=["lead_score"])
    rows.drop(columns="won").to_csv(project.folder / "seeds/raw_leads.csv", index=False)
    others = ", ".join(f'"{name}"' for name in rows if name not in ("won", "visits"))
    for name, visits in {**MOVED, "none": "visits"}.items():
        where = "WHERE 1 = 0" if name == "none" else ""
        select = f"SELECT {others}, CAST({visits} AS DOUBLE PRECISION) AS visits FROM "
        project.write(f"models/stg_{name}.sql", select + f"{{{{ ref('raw_leads') }}}} {where}\n")
        project.write(f"models/read_{name}.sql", f"SELECT 1 AS one FROM {{{{ ref('{name}') }}}}\n")
        lw.export_dbt(
            learnt,
            relation=f"{{{{ ref('stg_{name}') }}}}",
            dialect=project.dialect,
            name=name,
            baseline=baseline,
            output=project.folder,
        )
    build = project.build()
    told = {"steady": "pass", "watch": "warn", "act": "fail", "none": "fail"}
    assert {name: build[f"{name}_drift"] for name in told} == told
    assert {name: build[name] for name in told} == dict.fromkeys(told, "success")
    # What reads the scores waits for a person.
    read = {name: build[f"read_{name}"] for name in told}
    assert read == dict.fromkeys(("steady", "watch"), "success") | dict.fromkeys(
        ("act", "none"), "skipped"
    )
    assert "configured to fail if >= 2" in project.nodes["act_drift"]
    assert {how for name, how in build.items() if "golden" in name} <= {"pass", "success"}


@pytest.fixture
def in_duckdb(tmp_path: Path) -> Iterator[Project]:
    with open_project("duckdb", tmp_path) as found:
        yield found


def test_a_model_that_is_not_as_it_was_written_is_told(in_duckdb: Project) -> None:
    project = in_duckdb
    files = project.start()
    text = files["models/lead_scores.sql"].replace("/* leads */", "")
    project.write("models/lead_scores.sql", text)
    assert project.failed() == {"lead_scores_golden": "error"}
    assert "export it anew" in project.nodes["lead_scores_golden"]


def test_a_challenger_stands_beside_the_champion(in_duckdb: Project) -> None:
    project = in_duckdb
    project.start(challenger=model(0.01), materialized="view")
    project.write("models/chosen.sql", "SELECT * FROM {{ ref('lead_scores') }}\n")
    found = project.build()
    assert set(found.values()) <= {"success", "pass", "no-op"}, project.nodes
    assert {"lead_scores.v1", "lead_scores.v2", "chosen"} <= set(found)
    assert found["lead_scores_v1_golden"] == found["lead_scores_v2_golden"] == "pass"
    assert read_scores(project, "chosen") == read_scores(project, "lead_scores_v1")
    assert read_scores(project, "chosen") != read_scores(project, "lead_scores_v2")


def test_the_session_of_the_page_runs(in_duckdb: Project, tmp_path: Path) -> None:
    """A stranger's project `transform` has the leads; the page's commands do the rest."""
    session = re.findall(r"^```sh\n(.*?)^```", Path("docs/dbt.md").read_text(), re.M | re.S)[0]
    project = replace(in_duckdb, folder=tmp_path / "transform")
    for folder in ("models", "seeds"):
        (project.folder / folder).mkdir(parents=True)
    project.write_settings()
    rows = Path("data/valid.csv").read_text().splitlines(keepends=True)
    project.write("seeds/raw_leads.csv", "".join(rows[:200]))
    project.write("models/stg_leads.sql", "SELECT * FROM {{ ref('raw_leads') }}\n")
    (tmp_path / "data").symlink_to(Path("data").resolve())
    (tmp_path / "leadweights").write_text(f'#!/bin/sh\nexec {sys.executable} -m leadweights "$@"\n')
    (tmp_path / "leadweights").chmod(0o755)
    path = f"{tmp_path}:{Path(os.environ[DBT]).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", session],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(Path.cwd()), **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR=0 SKIP=0" in done.stdout
