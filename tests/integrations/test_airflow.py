"""The DAG does what it says: Airflow itself runs it on PostgreSQL, day by day."""

import ast
import json
import os
import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.model.baseline import hash_learnt
from leadweights.model.model import Logit
from leadweights.sql.dialects import OF_DBT
from leadweights.tables.engines.registry import ENGINES, open_engine
from tests.support.commands import invoke
from tests.support.dbt_projects import LEVELS, leads, watched
from tests.support.hostile import odd_names
from tests.support.tools import AIRFLOW, needs, put_on_path

needs_airflow = needs(AIRFLOW, "requirements-airflow.lock")
RETRAIN = ["leads.csv", "outcomes.csv", "--key", "Lead ID", "--outcome", "stage"]
RETRAIN += ["--won", "it's won", "--lost", "lost"]
SOURCE = "the source, it's"
SESSIONS = re.findall(r"^```sh\n(.*?)^```", Path("docs/airflow.md").read_text(), re.M | re.S)
"""The commands of the page: with Airflow, and by cron."""
SCORES = ["lead_score", "log_odds", "probability", "score_100", "band"]


def export(**asked: Any) -> dict[str, str]:
    model, baseline = watched()
    usual: dict[str, Any] = {"table": "crm.leads", "into": "crm.scores", "baseline": baseline}
    return lw.export_airflow(model, **{**usual, "conn_id": "crm", "retrain": RETRAIN, **asked})


class Scheduler:
    """A folder with a model, leads and outcomes, and a warehouse, which the page's session uses."""

    def __init__(self, folder: Path, place: dict[str, Any]) -> None:
        self.folder, self.place, self.leads = folder / "work of nights", place, leads(1500)
        self.folder.mkdir()
        env = put_on_path(folder / "bin", os.environ[AIRFLOW])
        self.env = {
            **{name: value for name, value in env.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_CONN_CRM": json.dumps({"conn_type": "postgres", **place}),
            "AIRFLOW_VAR_LEAD_SCORES_FOLDER": str(self.folder),
            "AIRFLOW_VAR_LEAD_SCORES_STORE": "leadweights.duckdb",
            "AIRFLOW_VAR_LEADWEIGHTS_PROGRAM": str(folder / "bin/leadweights"),
        }
        names = ["Lead ID", "visits", SOURCE, "won"]
        self.leads[names].to_csv(self.folder / "train.csv", index=False)
        levels = LEVELS[SOURCE]["levels"]
        (self.folder / "features.toml").write_text(
            f'["{SOURCE}"]\nkind = "category"\nlevels = {json.dumps(levels)}\n'
        )
        fit = ["fit", "train.csv", "--label", "won", "--key", "Lead ID"]
        self.run("leadweights", *fit, "--dictionary", "features.toml")
        self.model = lw.load(self.folder / "outputs")
        new = self.leads[names[:3]].assign(**{"Lead ID": self.leads["Lead ID"] + "n"})
        new.to_csv(self.folder / "leads.csv", index=False)
        stage = np.where(self.leads["won"] == 1, "won", "lost")
        told = pd.DataFrame({"Lead ID": new["Lead ID"], "stage": stage})
        told.to_csv(self.folder / "outcomes.csv", index=False)

    def run(self, *words: str) -> int:
        """Run a command in the folder; give its exit code, without a traceback."""
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, check=False, capture_output=True, text=True
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    def connect(self) -> "psycopg.Connection[Any]":
        place = self.place
        return psycopg.connect(
            host=place["host"],
            port=place["port"],
            user=place["login"],
            password=place["password"],
            dbname=place["schema"],
        )

    def put(self, rows: pd.DataFrame) -> None:
        """Put leads into the warehouse."""
        with self.connect() as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS crm")
            connection.execute("DROP TABLE IF EXISTS crm.leads")
            connection.execute(
                f'CREATE TABLE crm.leads ("Lead ID" text, visits float8, "{SOURCE}" text)'.encode()
            )
            with connection.cursor().copy("COPY crm.leads FROM STDIN") as copy:
                for row in rows[["Lead ID", "visits", SOURCE]].itertuples(index=False):
                    copy.write_row([None if pd.isna(value) else value for value in row])

    def read_scores(self) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{name}"' for name in ("Lead ID", *SCORES))
        with self.connect() as connection:
            query = f'SELECT {names} FROM crm.scores ORDER BY "Lead ID"'
            return connection.execute(query.encode()).fetchall()

    def read_states(self, day: str) -> dict[str, str]:
        """Read what became of a day's tasks, as the database of Airflow has it."""
        with closing(sqlite3.connect(self.folder / "airflow/airflow.db")) as connection:
            found = connection.execute(
                "SELECT task_id, t.state FROM task_instance t JOIN dag_run d USING (run_id) "
                "WHERE d.logical_date LIKE ? UNION ALL "
                "SELECT 'the run', state FROM dag_run WHERE logical_date LIKE ?",
                [f"{day}%"] * 2,
            ).fetchall()
        return dict(found)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    """Learn a champion, put leads into the warehouse, and run the page's session."""
    if not ENGINES["postgres"].installed:
        pytest.skip(f"needs {ENGINES['postgres'].what}: {ENGINES['postgres'].get}")
    with open_engine("postgres") as engine:
        info = engine.connection.info  # type: ignore[attr-defined]
        place = {"host": info.host, "port": info.port, "login": info.user, "schema": info.dbname}
        place["password"] = info.password or "none"
        found = Scheduler(tmp_path_factory.mktemp("airflow"), place)
        found.put(found.leads)
        session, _ = SESSIONS
        assert found.run("bash", "-euc", session) == 0
        yield found


@needs_airflow
@pytest.mark.telling
def test_a_day_without_drift_scores_and_passes(scheduler: Scheduler) -> None:
    told = {"score": "success", "steady": "success", "retrain": "skipped", "gate": "success"}
    assert scheduler.read_states("2026-01-02") == {**told, "the run": "success"}
    check_scores(scheduler, scheduler.leads)


@needs_airflow
def test_a_day_of_drift_scores_retrains_and_fails(scheduler: Scheduler) -> None:
    rows = scheduler.leads.assign(visits=2 * scheduler.leads["visits"])[:1200]
    scheduler.put(rows)
    assert scheduler.run("airflow", "dags", "test", "lead_scores", "2026-01-03") != 0
    # The packet is there to read; a verdict that keeps the champion is a task that is skipped.
    packet = json.loads((scheduler.folder / "retrain/challenge.json").read_text())
    retrained = "success" if packet["verdict"] == "promote" else "skipped"
    told = {"score": "success", "steady": "success", "retrain": retrained, "gate": "failed"}
    assert scheduler.read_states("2026-01-03") == {**told, "the run": "failed"}
    # The scores of the day before are gone, and none stands twice.
    check_scores(scheduler, rows)
    with duckdb.connect(str(scheduler.folder / "leadweights.duckdb"), read_only=True) as store:
        events = store.execute("SELECT event FROM leadweights_audit").fetchall()
    assert ("challenge",) in events


@needs_airflow
def test_a_night_by_cron_ends_with_what_somebody_should_know(scheduler: Scheduler) -> None:
    place = scheduler.folder / "leads.csv"
    steady = pd.read_csv(place)
    (scheduler.folder / "nightly.sh").write_text(SESSIONS[1])
    assert scheduler.run("sh", "nightly.sh") == 0
    steady.assign(visits=2 * steady["visits"]).to_csv(place, index=False)
    code = scheduler.run("sh", "nightly.sh")
    packet = json.loads((scheduler.folder / "retrain/challenge.json").read_text())
    assert code == {"promote": 4, "keep": 5, "not enough rows": 6}[packet["verdict"]]
    assert (scheduler.folder / "monitor/monitor.html").is_file()


def check_scores(scheduler: Scheduler, rows: pd.DataFrame) -> None:
    """Hold what PostgreSQL has against Python: bits, but of probabilities 2 ulp."""
    found = scheduler.read_scores()
    expected = lw.score(scheduler.model, rows, columns=SCORES).sort_values("Lead ID")
    assert [row[0] for row in found] == expected["Lead ID"].tolist()
    for place, name in enumerate(SCORES, 1):
        own = [row[place] for row in found]
        if name == "probability":
            wanted = expected[name].to_numpy()
            assert (np.abs(np.array(own) - wanted) <= 2 * np.spacing(wanted)).all()
        else:
            assert own == expected[name].tolist(), name


def test_the_statements_may_be_repeated_and_the_gate_tells_of_leads_that_moved() -> None:
    """In DuckDB, as Airflow runs them: no row stands twice, and no leads are no drift."""
    model, _ = watched()
    files = export(dialect="duckdb", table="leads", into="scores")
    names = ("create", "empty", "insert", "steady", "gate")
    create, empty, insert, steady, gate = (files[f"lead_scores/{name}.sql"] for name in names)
    moved = leads(1500)[:1200]
    moved["visits"] *= 2
    with duckdb.connect() as connection:
        for rows, is_steady, is_well in ((leads(1500), 1, True), (moved, 0, False)):
            connection.register("leads", rows)
            for statement in (create, empty, insert):
                connection.execute(statement)
            result = connection.execute('SELECT * FROM scores ORDER BY "Lead ID"').fetchall()
            expected = lw.score(model, rows, columns=SCORES).sort_values("Lead ID")
            assert result == list(expected[["Lead ID", *SCORES]].itertuples(index=False, name=None))
            assert connection.execute(steady).fetchall() == [(is_steady,)]
            assert all(connection.execute(gate).fetchall()[0]) is is_well
        connection.register("leads", moved[:0])
        assert connection.execute(steady).fetchall() == [(1,)]
        assert connection.execute(gate).fetchall()[0][0] == 0


@pytest.mark.parametrize("dialect", OF_DBT)
def test_each_warehouse_has_its_statements(dialect: str) -> None:
    files = export(dialect=dialect)
    mark = "`" if dialect in ("bigquery", "databricks") else '"'
    for name in ("create", "empty", "insert"):
        assert f"{mark}scores{mark}" in files[f"lead_scores/{name}.sql"]
    select = lw.render(watched()[0], dialect=dialect, table="crm.leads", columns=SCORES)
    assert files["lead_scores/insert.sql"].endswith(select)


@pytest.mark.sweep
def test_by_the_view_the_scores_are_those_of_the_version_that_is_active(tmp_path: Path) -> None:
    """A store in the warehouse; what is promoted scores the next day, and nothing is exported."""
    first, _ = watched()
    assert isinstance(first.link, Logit)
    second = replace(first, link=replace(first.link, intercept=-1.25))
    place = tmp_path / "warehouse.duckdb"
    rows = leads(300)
    with duckdb.connect(str(place)) as connection:
        connection.register("given", rows)
        connection.execute("CREATE TABLE leads AS FROM given")
    store = lw.init_store(str(place))
    files = export(dialect="duckdb", table="leads", into="scores", view="in_force", retrain=())
    day = [files[f"lead_scores/{name}.sql"] for name in ("create", "empty", "insert")]
    plain = export(dialect="duckdb", table="leads", into="scores", retrain=())
    assert files.keys() == plain.keys()
    names = ["lead_score", "log_odds", "probability"]
    for model in (first, second, first):
        version = lw.push(store, model).version
        lw.activate(store, version, unproven=True, view="in_force", table="leads")
        with duckdb.connect(str(place)) as connection:
            for statement in day:
                connection.execute(statement)
            told = ", ".join(f'"{name}"' for name in ["Lead ID", *names])
            found = connection.execute(f'SELECT {told} FROM scores ORDER BY "Lead ID"').fetchall()
        expected = lw.score(model, rows, columns=names).sort_values("Lead ID")
        assert found == list(expected[["Lead ID", *names]].itertuples(index=False, name=None))


def test_what_is_promoted_is_scored_by_or_the_dag_is_refused() -> None:
    promoting = [*RETRAIN, "--promote"]
    with pytest.raises(lw.UnsupportedError, match="would go on to score by this one: name the"):
        export(retrain=promoting)
    assert "--promote" in export(retrain=promoting, view="crm.in_force")["lead_scores.py"]


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    files = export(output=tmp_path)
    assert files == export()
    assert files == {path: (tmp_path / path).read_text() for path in files}
    names = ("create", "empty", "gate", "insert", "steady")
    assert list(files) == ["lead_scores.py", *(f"lead_scores/{name}.sql" for name in names)]
    # Without words to retrain by there is no branch.
    plain = export(retrain=())
    assert set(files) - set(plain) == {"lead_scores/steady.sql"}
    assert "Bash" not in plain["lead_scores.py"]
    assert "Branch" not in plain["lead_scores.py"]


def test_the_command_writes_the_same(tmp_path: Path) -> None:
    model, baseline = watched()
    lw.save(model, tmp_path / "model.json")
    words = ["export", "airflow", str(tmp_path / "model.json"), "--table", "crm.leads"]
    words += ["--into", "crm.scores", "--conn-id", "crm", "--retrain", shlex.join(RETRAIN)]
    words += ["--output", str(tmp_path / "dags")]
    refused = invoke(words)
    assert refused.exit_code == 1
    assert "no baseline.json" in refused.stderr
    lw.save_baseline(baseline, tmp_path / "baseline.json")
    done = invoke(words)
    assert done.exit_code == 0, done.output
    expected = export()
    assert {path: (tmp_path / "dags" / path).read_text() for path in expected} == expected
    assert done.stdout.splitlines() == [str(tmp_path / "dags" / path) for path in expected]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("leads.csv --bogus", "No such option"),
        ("", "Missing argument"),
        ("leads.csv 'open", "No closing quotation"),
        ("leads.csv --c much", "neither a number"),
    ],
)
def test_words_that_retrain_does_not_know_are_refused(
    words: str, told: str, tmp_path: Path
) -> None:
    asked = ["export", "airflow", "outputs", "--table", "leads", "--output", str(tmp_path / "dags")]
    done = invoke([*asked, "--retrain", words or "--promote"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "dags").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"dialect": "sqlite"}, "a DAG scores in duckdb"),
        ({"name": "Lead Scores"}, "small letters"),
        ({"name": "../x"}, "small letters"),
        ({"conn_id": "a b"}, "a connection's id"),
        ({"conn_id": "postgresql://u:pw@h/d"}, "a connection's id"),
        ({"table": "a; b"}, "not the name of a table"),
        ({"into": "a; b"}, "not the name of a table"),
        ({"keys": []}, "name one"),
        ({"view": "a; b"}, "not the name of a table"),
        ({"view": "v", "columns": ["band"]}, "the store's view has no column 'band'; it has: Lead"),
        ({"view": "v", "keys": ["mail"]}, "the store's view has no column 'mail'"),
        ({"retrain": ["{{ conn.crm.password }}"]}, "would be run in a DAG"),
        ({"retrain": ["a.csv", "--won", "{% raw %}"]}, "would be run in a DAG"),
        ({"retrain": ["a\nb"]}, "would be run in a DAG"),
        ({"retrain": ["a.csv", "--store", "x"]}, "by a variable of Airflow"),
        ({"retrain": ["a.csv", "--store=x"]}, "by a variable of Airflow"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(
    asked: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(lw.UnsupportedError, match=told):
        export(**asked, output=tmp_path / "dags")
    assert not (tmp_path / "dags").exists()


def test_the_baseline_of_another_model_is_refused() -> None:
    with pytest.raises(lw.ModelError, match="baseline of another model"):
        export(baseline=lw.load_baseline("outputs"))


@pytest.mark.sweep
@settings(max_examples=40, deadline=None)
@given(st.lists(odd_names, min_size=4, max_size=4))
def test_no_name_breaks_out_of_the_dag(names: list[str]) -> None:
    """Python reads the texts that were given, Jinja leaves the SQL as it is, a shell the words."""
    title, schedule, leads_file, won = names
    given_words = [leads_file, "--won", won]
    marks = [word for word in given_words if re.search(r"\{[{%#]", word)]
    asked = {"schedule": schedule, "retrain": given_words}
    if marks:
        with pytest.raises(lw.UnsupportedError, match="would be run"):
            export_named(title, **asked)
        return
    files = export_named(title, **asked)
    tree = ast.parse(files["lead_scores.py"])
    dag = {
        keyword.arg: ast.literal_eval(keyword.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg in ("description", "schedule", "bash_command")
    }
    assert dag["schedule"] == schedule
    assert dag["description"].startswith(f"{title}, model ")
    line = jinja2.Template(dag["bash_command"]).render()
    assert shlex.split(line)[5:-2] == given_words
    for path, text in files.items():
        if path.endswith(".sql"):
            assert jinja2.Template(text, keep_trailing_newline=True).render() == text


def export_named(title: str, **asked: Any) -> dict[str, str]:
    """Export with another name of the model, which the baseline does not know of."""
    model, baseline = watched()
    named = replace(model, name=title)
    own = replace(baseline, model_sha256=hash_learnt(named))
    return lw.export_airflow(named, table="leads", baseline=own, **asked)
