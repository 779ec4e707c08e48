"""Measure `leadweights serve` against the usual way to serve the same model, in ratios.

The usual way is benchmarks/serve_usual.py: FastAPI, pandas and a scikit-learn pipeline from joblib.
Both servers are one process of uvicorn on this machine, log each request, and answer the same
leads; wrk (Debian's) asks them in turn, on the same cores as they. A ratio is the median over
the rounds of the ratio within a round. Then files of many rows, and the memory of the service
over many requests. Exits 1 if the two disagree on a probability, or an answer is an error.

Run ``python benchmarks/serve.py [--seconds 10] [--rounds 5] [--connections 8] [--rows 100000]
[--requests 200000]``; by default about eight minutes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import httpx
import joblib  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
from rounds import in_random_order
from score_rows import DATA, learnt_model, made_columns
from serve_usual import COLUMNS
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import leadweights as lw

RATE_GOAL, LATENCY_GOAL, FILE_GOAL = 10.0, 0.2, 3.0
LARGEST_DIFFERENCE = 1e-7
LEADS = 1000
GROWTH_GOAL = 1.03

LUA = """
local asked, turn = {}, 0
init = function()
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(os.getenv("LEADS")) do
    table.insert(asked, wrk.format("POST", nil, nil, line))
  end
end
request = function()
  turn = turn % #asked + 1
  return asked[turn]
end
"""


class Load(NamedTuple):
    """What wrk found: requests a second, latencies in milliseconds, how many there were.

    `cpu` is the server's CPU time for each, in microseconds: a busy machine moves it least.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    requests: int


class Server(NamedTuple):
    """A server that runs: its name, where leads and files are sent, its process."""

    name: str
    leads: str
    files: str
    process: int


@contextmanager
def running(
    name: str, command: Sequence[str], log: Path, paths: tuple[str, str], **env: str
) -> Iterator[Server]:
    """Run a server until the block ends; its log says where it listens."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            stdout=written,
            stderr=written,
            env={**os.environ, **env},
            cwd=Path(__file__).parent,
        )
    try:
        url = wait_for_url(log, process)
        yield Server(name, url + paths[0], url + paths[1], process.pid)
    finally:
        process.terminate()
        process.wait(30)


def wait_for_url(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))
        if found:
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"a server did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def ask(server: Server, leads: Path, script: Path, connections: int, seconds: float) -> Load:
    """Send leads for some seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", str(script)]
    before = cpu_seconds(server)
    done = subprocess.run(
        [*command, server.leads],
        env={**os.environ, "LEADS": str(leads)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{server.name} answered with errors:\n{said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    requests = re.search(r"(\d+) requests in", said)
    assert rate is not None
    assert requests is not None
    cpu = 1e6 * (cpu_seconds(server) - before) / int(requests[1])
    return Load(float(rate[1]), latency(said, 50), latency(said, 99), cpu, int(requests[1]))


def cpu_seconds(server: Server) -> float:
    """Read the CPU time that a server has taken."""
    words = Path(f"/proc/{server.process}/stat").read_text(encoding="ascii").split()
    return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")


def latency(said: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", said, flags=re.MULTILINE)
    assert found is not None
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


class Exchange(NamedTuple):
    """A file that is sent, in what it comes back, and whether the usual way sends all of it."""

    sent: str
    format: str
    whole: bool = False

    @property
    def title(self) -> str:
        """Name it in the table of results."""
        return f"{self.sent} to {self.format}" + ", usual: whole" * self.whole


EXCHANGES = (
    Exchange("csv", "csv"),
    Exchange("csv", "csv", whole=True),
    Exchange("csv", "json"),
    Exchange("parquet", "parquet"),
    Exchange("parquet", "json"),
)


def send_file(server: Server, exchange: Exchange, content: bytes) -> tuple[float, float, bytes]:
    """Send a file and read the scored one; give the seconds it took, and of the server's CPU."""
    begun, before = time.perf_counter(), cpu_seconds(server)
    found = httpx.post(
        server.files,
        params={"columns": "probability", "format": exchange.format, "whole": exchange.whole},
        files={"file": (f"leads.{exchange.sent}", content)},
        timeout=600,
    )
    taken = time.perf_counter() - begun
    if found.status_code != 200:
        sys.exit(f"{server.name} refused a file: {found.text[:500]}")
    return taken, cpu_seconds(server) - before, found.content


def read_table(exchange: Exchange, content: bytes) -> pd.DataFrame:
    if exchange.format == "json":
        frame = pd.DataFrame(json.loads(content)["results"])
    else:
        read = pd.read_csv if exchange.format == "csv" else pd.read_parquet
        frame = read(io.BytesIO(content))
    return frame.sort_values("contact_id", ignore_index=True)


def check_agreement(servers: Sequence[Server], leads: Sequence[str]) -> None:
    """Exit 1 if the two differ on a lead."""
    found: list[list[float]] = []
    for server in servers:
        with httpx.Client() as client:
            answers = [client.post(server.leads, content=lead, headers=_JSON) for lead in leads]
        told = [answer.raise_for_status().json() for answer in answers]
        found.append([one["results"][0] if "results" in one else one for one in told])
    values = [np.array([one["probability"] for one in side]) for side in found]  # type: ignore[index]
    largest = float(np.abs(values[0] - values[1]).max())
    if largest > LARGEST_DIFFERENCE:
        sys.exit(f"they disagree by {largest}")
    print(f"both give the same probability of {len(leads)} leads to {LARGEST_DIFFERENCE:g}")


_JSON = {"Content-Type": "application/json"}


def resident_mib(process: int) -> float:
    """Read how much memory a process has."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def print_rows(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    print(f"\n{title}")
    for name, *cells in rows:
        print(f"{name:36}" + "".join(f"{cell:>14}" for cell in cells))


def verdict(holds: bool) -> str:
    return "held" if holds else "MISSED"


def measure_leads(
    servers: Sequence[Server], load: Callable[[Server, float], Load], seconds: float, rounds: int
) -> None:
    """Ask both in turn, and print how they compare."""
    found: dict[str, list[Load]] = {server.name: [] for server in servers}
    for turn in range(rounds + 1):
        for server in in_random_order(servers):
            told = load(server, seconds if turn else min(seconds, 2))
            if turn:
                found[server.name].append(told)
    own, usual = found.values()
    rate = median(a.rate / b.rate for a, b in zip(own, usual, strict=True))
    p50 = median(a.p50 / b.p50 for a, b in zip(own, usual, strict=True))
    p99 = median(a.p99 / b.p99 for a, b in zip(own, usual, strict=True))
    cpu = median(a.cpu / b.cpu for a, b in zip(own, usual, strict=True))
    rows: list[tuple[str, ...]] = [("", "requests/s", "median, ms", "99th, ms", "CPU, us")]
    for name, loads in found.items():
        middle = [median(load[place] for load in loads) for place in range(4)]
        first, *rest = middle
        rows.append((name, f"{first:,.0f}", *(f"{value:,.2f}" for value in rest)))
    rows.append(("ratio", f"{rate:.1f}", f"{p50:.3f}", f"{p99:.3f}", f"{cpu:.3f}"))
    rows.append(("goal", f">= {RATE_GOAL:g}", f"<= {LATENCY_GOAL:g}", f"<= {LATENCY_GOAL:g}"))
    held = (rate >= RATE_GOAL, p50 <= LATENCY_GOAL, p99 <= LATENCY_GOAL)
    rows.append(("", *map(verdict, held)))
    print_rows(f"single leads, {rounds} rounds of {seconds:g} s", rows)


def measure_files(
    servers: Sequence[Server], files: dict[str, bytes], rounds: int, rows: int
) -> None:
    """Send files to both in turn, hold the answers against each other, print how they compare."""
    goal = f"goal >= {FILE_GOAL:g}"
    head = ("", "seconds", "the usual way", "ratio", goal, "CPU, s", "the usual way")
    table: list[tuple[str, ...]] = [head]
    for exchange in EXCHANGES:
        times: dict[str, list[float]] = {server.name: [] for server in servers}
        cpus: dict[str, list[float]] = {server.name: [] for server in servers}
        for turn in range(rounds + 1):
            answers = {}
            for server in in_random_order(servers):
                taken, cpu, answers[server.name] = send_file(server, exchange, files[exchange.sent])
                if turn:
                    times[server.name].append(taken)
                    cpus[server.name].append(cpu)
            if not turn:
                own, usual = (read_table(exchange, answers[one.name]) for one in servers)
                largest = (own["probability"] - usual["probability"]).abs().max()
                if len(own) != rows or len(usual) != rows or not largest <= LARGEST_DIFFERENCE:
                    sys.exit(
                        f"{exchange.title}: they disagree by {largest}, or on how many there are"
                    )
        own_times, usual_times = times.values()
        ratio = median(b / a for a, b in zip(own_times, usual_times, strict=True))
        cells = (f"{median(own_times):.2f}", f"{median(usual_times):.2f}", f"{ratio:.1f}")
        spent = [f"{median(found):.2f}" for found in cpus.values()]
        table.append((exchange.title, *cells, verdict(ratio >= FILE_GOAL), *spent))
    print_rows(f"a file of {rows:,} rows, {rounds} rounds", table)


def measure_memory(
    server: Server, load: Callable[[Server, float], Load], seconds: float, wanted: int
) -> None:
    """Ask the service for long, and print how its memory grows."""
    requests, told, rows = 0, 0.0, [("requests", "MiB")]
    first = 0.0
    while requests < wanted:
        requests += load(server, min(seconds, 5)).requests
        now = resident_mib(server.process)
        first = first or now
        if requests >= told or requests >= wanted:
            rows.append((f"{requests:,}", f"{now:.1f}"))
            told = requests + wanted / 8
    growth = resident_mib(server.process) / first
    rows.append((f"growth {growth:.3f}, goal <= {GROWTH_GOAL:g}", verdict(growth <= GROWTH_GOAL)))
    print_rows(f"memory of the service over {requests:,} requests", rows)


def fitted_pipeline() -> Any:
    """Fit the same regression with scikit-learn alone; what is missing is the median."""
    train = pd.read_csv(DATA / "train.csv")
    regression = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), regression)
    return pipeline.fit(train[list(COLUMNS)].astype(float), train["label"])


def run(seconds: float, rounds: int, connections: int, rows: int, requests: int) -> None:
    """Make a model, leads and files; start both servers; measure, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipeline, model = folder / "pipeline.joblib", folder / "model.json"
        joblib.dump(fitted_pipeline(), pipeline)
        lw.save(learnt_model(), model)
        columns = made_columns(max(rows, LEADS), 0.01)
        frame = pd.DataFrame(
            {"contact_id": [f"C{n:07}" for n in range(len(columns["mms_affinity"]))]}
        )
        frame = frame.assign(**columns)
        lines = frame.head(LEADS).to_json(orient="records", lines=True).splitlines()
        leads, script = folder / "leads.jsonl", folder / "leads.lua"
        leads.write_text("\n".join(lines) + "\n", encoding="utf-8")
        script.write_text(LUA, encoding="utf-8")
        sent = frame.head(rows)
        files = {
            "csv": sent.to_csv(index=False).encode(),
            "parquet": sent.to_parquet(index=False),
        }
        own = [sys.executable, "-m", "leadweights", "serve", str(model), "--port", "0"]
        usual = [sys.executable, "-m", "uvicorn", "serve_usual:app", "--port", "0"]
        with (
            running(
                "leadweights serve", own, folder / "own.log", ("/v1/score", "/v1/predict")
            ) as first,
            running(
                "the usual way",
                usual,
                folder / "usual.log",
                ("/score", "/predict"),
                PIPELINE=str(pipeline),
            ) as second,
        ):
            servers = (first, second)
            check_agreement(servers, lines[:200])

            def load(server: Server, seconds: float) -> Load:
                return ask(server, leads, script, connections, seconds)

            measure_leads(servers, load, seconds, rounds)
            measure_files(servers, files, rounds, rows)
            measure_memory(first, load, seconds, requests)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8, help="that wrk keeps open")
    parser.add_argument("--rows", type=int, default=100_000, help="of a file")
    parser.add_argument("--requests", type=int, default=200_000, help="while memory is watched")
    options = parser.parse_args()
    run(**vars(options))


if __name__ == "__main__":
    main()
