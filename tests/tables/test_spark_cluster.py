"""A cluster of Spark, a master and two workers: what DuckDB gives, and few rows that come back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.model.file import to_json
from tests.support.commands import invoke
from tests.support.learning import SMALL_SAMPLES, learn
from tests.support.release import RELEASE
from tests.support.spark_cluster import (
    Cluster,
    Session,
    list_queries,
    run_cluster,
    wait_until,
)

pytestmark = pytest.mark.tool("spark")

ROWS = 60_000
_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Leads:
    """Parquet files of one table in a `folder`, and all of their rows in the `whole` one."""

    folder: Path
    whole: Path

    @property
    def table(self) -> str:
        """Name the folder as a table of Spark's SQL."""
        return f"parquet.`{self.folder}`"

    @property
    def files(self) -> str:
        """Name the files by a pattern."""
        return str(self.folder / "part-*.parquet")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with run_cluster() as running:
        yield running


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Leads:
    """Write every kind of column, some of it missing, into eight files."""
    random = np.random.default_rng(4)
    source = random.choice(["web", "call", "fair"], ROWS, p=[0.5, 0.3, 0.2])
    engaged, minutes = random.normal(size=ROWS), np.abs(random.normal(size=ROWS)) * 30
    odds = 0.8 * engaged + 0.7 * (source == "call") + np.sin(minutes / 10) - 1.5
    since = pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 300, ROWS), "D")
    frame = pd.DataFrame(
        {
            "contact_id": np.arange(ROWS),
            "visits": random.poisson(3.0, ROWS),
            "engaged": engaged,
            "minutes": np.where(random.random(ROWS) < 0.1, np.nan, minutes),
            "source": source,
            "opted_in": random.choice([True, False], ROWS),
            "since": since,
            "label": (random.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )
    found = Leads(
        tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("whole") / "all.parquet"
    )
    with duckdb.connect() as connection:
        connection.from_df(frame).write_parquet(str(found.whole))
        for number in range(8):
            some = connection.from_df(frame.iloc[number::8])
            some.write_parquet(str(found.folder / f"part-{number}.parquet"))
    return found


def run(
    session: Session, *words: object, program: tuple[str, ...] = ("-m", "leadweights"), **asked: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command, or a script, that joins a cluster."""
    return subprocess.run(
        [sys.executable, *program, *map(str, words)],
        capture_output=True,
        text=True,
        env={**session.environment, "PYTHONPATH": str(Path.cwd())},
        check=False,
        timeout=_SECONDS,
        **asked,
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """What `fit` wrote where the rows are on a cluster, and where DuckDB reads them."""

    there: Path
    here: Path


@pytest.fixture(scope="module")
def fitted(cluster: Cluster, leads: Leads, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    folder = tmp_path_factory.mktemp("fitted")
    found = Fitted(folder / "there", folder / "here")
    session = cluster.session("fitted")
    for engine, output in ((cluster.url, found.there), ("duckdb", found.here)):
        asked = ["--key", "contact_id", "--engine", engine, "--output", output]
        done = run(session, "fit", leads.files, *asked)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.splitlines()
        assert lines[0].startswith("the weights are learnt from "), "Java said something"
    return found


@pytest.mark.parametrize(
    "name", ["model.json", "weights/weights.csv", "metrics.json", "columns.json", "baseline.json"]
)
def test_fit_writes_the_bytes_that_duckdb_gives(fitted: Fitted, name: str) -> None:
    assert (fitted.there / name).read_bytes() == (fitted.here / name).read_bytes()


LEARN = """
import sys
import leadweights as lw
from leadweights.model.file import to_json
from tests.support.learning import learn

model = learn(place=lw.Warehouse(*sys.argv[1:3]), keys=["contact_id"])
sys.stdout.write(to_json(model))
"""


def test_no_more_rows_than_the_sample_reach_the_driver(cluster: Cluster, leads: Leads) -> None:
    """Counted from Spark's own log of events."""
    session = cluster.session("learnt")
    done = run(session, cluster.url, leads.table, program=("-c", LEARN))
    assert done.returncode == 0, done.stderr
    assert done.stdout == to_json(learn(leads.files, place=lw.OnDisk(), keys=["contact_id"]))
    rows = [query.driver_rows for query in list_queries(session.events())]
    sample = max(rows)
    # Of a hash: a few more or fewer than were asked for.
    assert 0.9 < sample / SMALL_SAMPLES.sampled_rows < 1.1
    # Two values of the label, a row of bounds, and one for each gradient.
    others = [2, *[1] * (len(rows) - 2)]
    assert len(others) >= 6
    assert sorted(rows, reverse=True) == [sample, *others]


def test_an_executor_that_is_killed_in_a_pass_changes_nothing(
    cluster: Cluster, leads: Leads
) -> None:
    session = cluster.session("killed")
    process = subprocess.Popen(
        [sys.executable, "-c", LEARN, cluster.url, leads.table],
        stdout=subprocess.PIPE,
        text=True,
        env={**session.environment, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        began = wait_until(lambda: find_passes(session), _SECONDS, process)[0]
        application = next(e["App ID"] for e in session.events() if "App ID" in e)
        victim = cluster.executors(application)[0]
        # It is given tasks still, and will not end them.
        os.kill(victim, signal.SIGSTOP)
        wait_until(lambda: stands_still(session), _SECONDS, process)
        os.kill(victim, signal.SIGKILL)
        said, _ = process.communicate(timeout=_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert said == to_json(learn(leads.files, place=lw.OnDisk(), keys=["contact_id"]))
    events = session.events()
    lost = [
        e for e in events if e.get("Task End Reason", {}).get("Reason") == "ExecutorLostFailure"
    ]
    assert lost, "it had no task"
    assert lost[0]["Task Info"]["Launch Time"] >= began


def find_passes(session: Session) -> list[int]:
    """List the moments, in milliseconds, when a gradient was begun."""
    started = (e for e in session.events() if str(e["Event"]).endswith("SQLExecutionStart"))
    return [e["time"] for e in started if "residual_of_row" in e["physicalPlanDescription"]]


def stands_still(session: Session) -> bool:
    """Tell whether nothing is logged for two seconds."""
    before = len(session.events())
    time.sleep(2.0)
    return len(session.events()) == before


WRITE = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession

spark = SparkSession.builder.master(sys.argv[1]).getOrCreate()
spark.sql(Path(sys.argv[2]).read_text()).write.parquet(sys.argv[3])
"""


def test_the_cluster_scores_with_the_bits_of_duckdb(
    cluster: Cluster, leads: Leads, fitted: Fitted, tmp_path: Path
) -> None:
    """The SELECT that `sql` renders for the table there, run there, and written by the workers."""
    session = cluster.session("scored")
    asked = ["--engine", cluster.url, "--table", leads.table]
    rendered = run(session, "sql", fitted.here, *asked)
    assert rendered.returncode == 0, rendered.stderr
    assert "BETWEEN" in rendered.stdout
    statement = tmp_path / "score.sql"
    statement.write_text(rendered.stdout, encoding="utf-8")
    there = tmp_path / "there"
    done = run(session, cluster.url, statement, there, program=("-c", WRITE))
    assert done.returncode == 0, done.stderr
    assert len(list(there.glob("part-*.parquet"))) > 1
    lw.score_to_file(lw.load(fitted.here), leads.whole, tmp_path / "here.parquet")
    one, other = (
        duckdb.read_parquet(str(path)).order("contact_id").df()
        for path in (there / "part-*.parquet", tmp_path / "here.parquet")
    )
    assert len(one) == ROWS
    assert one["contact_id"].tolist() == other["contact_id"].tolist()
    for name in ("lead_score", "log_odds"):
        assert one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes()
    apart = np.abs(one["probability"] - other["probability"]) / np.spacing(other["probability"])
    assert apart.max() <= 2


def test_the_monitor_counts_what_it_counts_in_duckdb(
    cluster: Cluster, leads: Leads, fitted: Fitted
) -> None:
    session = cluster.session("watched")
    there = run(
        session, "monitor", fitted.here, "--engine", cluster.url, "--table", leads.table, "--json"
    )
    here = run(session, "monitor", fitted.here, leads.whole, "--json")
    found, wanted = json.loads(there.stdout), json.loads(here.stdout)
    assert there.returncode == here.returncode, there.stderr
    assert without_names(found, leads) == without_names(wanted, leads)
    assert sum(query.driver_rows for query in list_queries(session.events())) == 1


def without_names(document: Any, leads: Leads) -> str:
    text = json.dumps(document)
    for name in (leads.table, str(leads.whole)):
        text = text.replace(json.dumps(name)[1:-1], "TABLE")
    return text


CATALOGUE = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").getOrCreate()
spark.sql("CREATE DATABASE crm")
spark.sql(f"CREATE TABLE crm.leads USING parquet LOCATION '{sys.argv[1]}'")
spark.table("crm.leads").select("visits").toArrow()
"""


def test_a_table_of_the_catalogue_is_proven_in_place(
    cluster: Cluster, leads: Leads, fitted: Fitted, tmp_path: Path
) -> None:
    metastore = f"jdbc:derby:;databaseName={tmp_path / 'metastore'};create=true"
    settings = {
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.javax.jdo.option.ConnectionURL": metastore,
        "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
    }
    before = cluster.session("catalogue", settings)
    made = run(before, leads.folder, program=("-c", CATALOGUE), cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert ROWS in [query.driver_rows for query in list_queries(before.events())]
    session = cluster.session("proven", settings)
    asked = ["--engine", cluster.url, "--in-place", "--table", "crm.leads", "--sample", "500"]
    proven = run(session, "verify", fitted.here, *asked, "--json", cwd=tmp_path)
    assert proven.returncode == 0, proven.stderr
    (engine,) = json.loads(proven.stdout)["engines"]
    assert engine["engine"].startswith("Spark ")
    assert [check["rows"] for check in engine["checks"]] == [500, 100, 100] * 2
    # One sample more for check-input, which comes first.
    rows = [query.driver_rows for query in list_queries(session.events())]
    assert sum(rows) == 500 + 2 * (500 + 100 + 100)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fit", "FOLDER/nowhere-*.parquet"], "there is no file FOLDER/nowhere-*.parquet"),
        (
            ["monitor", "outputs", "--table", "crm.nowhere"],
            ": there is no table crm.nowhere",
        ),
    ],
)
def test_a_table_that_is_not_there_is_told_in_one_line(
    cluster: Cluster, words: list[str], said: str, tmp_path: Path
) -> None:
    session = cluster.session(tmp_path.name)
    name, *rest = (word.replace("FOLDER", str(tmp_path)) for word in words)
    output = ["--output", tmp_path / "o"] if name == "fit" else []
    done = run(session, name, *rest, "--engine", cluster.url, *output)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert said.replace("FOLDER", str(tmp_path)) in done.stderr


def test_a_cluster_without_room_is_told(cluster: Cluster) -> None:
    """Spark itself would wait for ever, and say so where nobody looks."""
    session = cluster.session("crowded", {"spark.executor.memory": "4g"})
    code = "import sys; from leadweights.tables.engines.spark import open_engine\n"
    code += "with open_engine(sys.argv[1], 3.0): pass"
    done = run(session, cluster.url, program=("-c", code))
    assert done.returncode == 1
    assert "gives no executor within 3 seconds: its workers are busy" in done.stderr


def test_what_is_no_master_is_told(cluster: Cluster) -> None:
    if not RELEASE:
        pytest.skip("Spark asks for a minute; before a release: LEADWEIGHTS_MODELS=1000")
    import socketserver
    import threading

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = "spark://{}:{}".format(*server.server_address)
        done = run(cluster.session("misled"), "fit", "--engine", url, "--table", "crm.leads")
        server.shutdown()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is no master of Spark, or one of another version" in done.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("spark://127.0.0.1:1", "no master of Spark answers at 127.0.0.1, port 1: Connection ref"),
        ("spark://127.0.0.1:1,127.0.0.1:2", "answers at 127.0.0.1, port 2: Connection refused"),
        ("spark://no.such.host.invalid:7077", "at no.such.host.invalid, port 7077: "),
        ("spark://127.0.0.1:99999999999", "port 99999999999: "),
    ],
)
@pytest.mark.parametrize("command", ["fit", "verify", "monitor", "check-input", "sql"])
def test_a_master_that_is_not_there_is_told_at_once(command: str, url: str, said: str) -> None:
    model = [] if command == "fit" else ["outputs"]
    words = [command, *model, "--engine", url, "--table", "crm.leads"]
    words += ["--in-place"] if command == "verify" else []
    done = invoke(words)
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_java_spark_is_not_installed(tmp_path: Path) -> None:
    session = Session({**os.environ, "PATH": str(tmp_path)}, tmp_path)
    done = run(session, "fit", "--engine", "spark://127.0.0.1:1", "--table", "crm.leads")
    assert done.returncode == 1
    assert "Spark is not installed: " in done.stderr
    assert "Java 17" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_cluster_speaks_one_dialect() -> None:
    words = ["outputs", "--engine", "spark://127.0.0.1:1", "--table", "crm.leads"]
    done = invoke(["verify", *words, "--in-place", "--dialect", "tsql"])
    assert done.exit_code == 1
    assert "a cluster of Spark speaks the dialect spark, and no other" in done.stderr


def test_a_file_in_the_cloud_is_no_file_of_a_cluster(cluster: Cluster) -> None:
    session = cluster.session("cloudy")
    done = run(session, "fit", "s3://crm/leads.parquet", "--engine", cluster.url)
    assert done.returncode == 1
    assert "reads a cloud by its own means: name a table of its catalogue" in done.stderr
    assert done.stderr.count("\n") == 1
