"""A cluster of Spark: a master and two workers, each a process of its own, and its event logs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

# Executors live for a minute: what is compiled best is not worth its compiling.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_DEFAULTS = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
    # A table of a few megabytes is many tasks, of which each executor has some.
    "spark.sql.files.maxPartitionBytes": "2m",
}
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that runs: its URL, the processes of its workers, a folder for what it writes."""

    url: str
    workers: tuple[int, ...]
    folder: Path

    def session(self, name: str, settings: Mapping[str, str] = MappingProxyType({})) -> Session:
        """Say how a process that joins is set up, by a spark-defaults.conf of its own."""
        own = self.folder / name
        logs = own / "events"
        logs.mkdir(parents=True)
        told = {**_DEFAULTS, "spark.eventLog.dir": logs.as_uri(), **settings}
        lines = "".join(f"{key} {value}\n" for key, value in told.items())
        (own / "spark-defaults.conf").write_text(lines, encoding="utf-8")
        environment = {**os.environ, "SPARK_CONF_DIR": str(own), "SPARK_SUBMIT_OPTS": _JAVA}
        return Session(environment, logs)

    def executors(self, application: str) -> list[int]:
        """List the processes that compute for an application, which the workers have started."""
        started = (child for worker in self.workers for child in _children(worker))
        return [child for child in started if application in _command(child)]


@dataclass(frozen=True, slots=True)
class Session:
    """How a process joins a cluster, and where its events are logged."""

    environment: Mapping[str, str]
    logs: Path

    def events(self) -> list[dict[str, Any]]:
        """Read what was logged so far."""
        text = "".join(file.read_text("utf-8") for file in sorted(self.logs.iterdir()))
        whole, _, _ = text.rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]


@contextmanager
def run_cluster(memory: str = "600m") -> Iterator[Cluster]:
    """Start a master and two workers of one core each, on ports of 127.0.0.1 that are free."""
    with tempfile.TemporaryDirectory(prefix="lw") as name, ExitStack() as processes:
        folder = Path(name)

        def start(kind: str, what: str, *options: str) -> tuple[int, str]:
            place = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
            command = ["deploy." + what, *place, *options]
            return processes.enter_context(_run(folder / kind, command, _READY[what]))

        _, url = start("master", "master.Master")
        room = ["--cores", "1", "--memory", memory]
        workers = []
        for kind in ("worker-1", "worker-2"):
            work = ["--work-dir", str(folder / kind / "work")]
            workers.append(start(kind, "worker.Worker", *room, *work, url)[0])
        yield Cluster(url, tuple(workers), folder)


_READY = {
    "master.Master": re.compile(r"Starting Spark master at (spark://127\.0\.0\.1:\d+)"),
    "worker.Worker": re.compile(r"Successfully registered with (master) "),
}


@contextmanager
def _run(folder: Path, command: list[str], ready: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Run a part of a cluster until the end, with what it starts; give its id and what it says."""
    import pyspark

    folder.mkdir()
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    said = folder / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [str(program), f"org.apache.spark.{command[0]}", *command[1:]],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={
                **os.environ,
                "SPARK_CONF_DIR": str(folder),
                "SPARK_LOCAL_DIRS": str(folder / "spill"),
                "SPARK_DAEMON_MEMORY": "256m",
                "SPARK_DAEMON_JAVA_OPTS": _JAVA,
            },
            start_new_session=True,
        )
    try:
        found = wait_until(lambda: ready.search(said.read_text("utf-8")), _START_SECONDS, process)
        yield process.pid, found[1]
    finally:
        # Executors are of their worker's group; one that was stopped ends by this signal alone.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(
    look: Callable[[], Any], seconds: float, process: subprocess.Popen[Any] | None = None
) -> Any:
    """Look until something is there, and give it; a process must not end before."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "nothing came"
        assert process is None or process.poll() is None, "a process ended"
        time.sleep(0.02)
    return found


def _children(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text("ascii").split()]


def _command(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_text("utf-8").split("\0")
    except OSError:  # it has ended
        return []


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was run: how it was planned, the rows that reached the driver, what it took.

    `cpu_seconds` are those of all executors.
    """

    plan: str
    driver_rows: int
    seconds: float
    cpu_seconds: float


def list_queries(events: Iterable[Mapping[str, Any]]) -> list[Query]:
    """List the queries of a log, in order.

    Of the plan that was run last the rows that reached the driver are what the first node from the
    top gives that counts its rows. Nodes above it, which count none, pass rows on one by one, or so
    many at most as their limit says.
    """
    started: dict[int, Mapping[str, Any]] = {}
    ended: dict[int, int] = {}
    plans: dict[int, Mapping[str, Any]] = {}
    rows: dict[int, int] = {}
    query_of: dict[int, int] = {}
    taken: dict[int, float] = defaultdict(float)
    for event in events:
        match str(event["Event"]).rpartition(".")[2]:
            case "SparkListenerSQLExecutionStart":
                started[event["executionId"]] = event
                plans[event["executionId"]] = event["sparkPlanInfo"]
            case "SparkListenerSQLAdaptiveExecutionUpdate":
                plans[event["executionId"]] = event["sparkPlanInfo"]
            case "SparkListenerSQLExecutionEnd":
                ended[event["executionId"]] = event["time"]
            case "SparkListenerDriverAccumUpdates":
                rows |= dict(event["accumUpdates"])
            case "SparkListenerJobStart":
                own = event["Properties"].get("spark.sql.execution.id")
                query_of |= {stage: int(own) for stage in event["Stage IDs"] if own is not None}
            case "SparkListenerTaskEnd":
                measured = event.get("Task Metrics", {}).get("Executor CPU Time", 0)
                if event["Stage ID"] in query_of:
                    taken[query_of[event["Stage ID"]]] += measured / 1e9
            case "SparkListenerStageCompleted":
                for one in event["Stage Info"]["Accumulables"]:
                    if one.get("Metadata") == "sql":
                        rows[one["ID"]] = int(one["Value"])
    return [
        Query(
            event["physicalPlanDescription"],
            _rows_of(plans[number], rows),
            (ended[number] - event["time"]) / 1000,
            taken[number],
        )
        for number, event in sorted(started.items())
    ]


def _rows_of(plan: Mapping[str, Any], counted: Mapping[int, int]) -> int:
    for metric in plan["metrics"]:
        if metric["name"] == "number of output rows":
            return counted.get(metric["accumulatorId"], 0)
    below = sum(_rows_of(child, counted) for child in plan["children"])
    limit = _LIMIT.match(plan["simpleString"])
    return min(below, int(limit[1])) if limit else below


_LIMIT = re.compile(r"(?:TakeOrderedAndProject\(limit=|CollectLimit |GlobalLimit )(\d+)")
