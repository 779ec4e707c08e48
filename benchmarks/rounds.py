"""What the benchmarks share: rounds in a random order, peers in processes of their own, ratios.

In a fixed order a job always has the same one before it, whose threads may still spin; so the order
is drawn anew in each round, and a library whose threads spin has a process to itself.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from typing import Any, Literal

Job = Callable[[], Any]
Clock = Literal["elapsed", "processors"]
Timed = Callable[[Clock], tuple[float, Any]]
"""Runs a job; gives its seconds by a clock, and what it returned."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_CLOCKS = {"elapsed": time.perf_counter, "processors": time.process_time}
_DRAWN = random.Random(42)


def here(job: Job) -> Timed:
    """Make a job of this process one that is timed."""

    def timed(clock: Clock) -> tuple[float, Any]:
        read = _CLOCKS[clock]
        began = read()
        found = job()
        return read() - began, found

    return timed


@contextmanager
def apart(
    make: Callable[..., Mapping[str, Job]], *given: Any, **environment: str
) -> Iterator[dict[str, Timed]]:
    """Start a process that makes jobs of what is given, and runs them when they are asked for.

    `make` is a function of a module; `environment` is set while the process starts.
    """
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run_jobs, args=(theirs, make, given), daemon=True)
    process.start()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    # The other end is the process's alone: where it ends, reading ends here.
    theirs.close()

    def ask(name: str) -> Timed:
        def timed(clock: Clock) -> tuple[float, Any]:
            ours.send((name, clock))
            seconds, found = ours.recv()
            return seconds, found

        return timed

    try:
        yield {name: ask(name) for name in ours.recv()}
    finally:
        ours.close()
        process.join(10)


def _run_jobs(asked: Connection, make: Callable[..., Mapping[str, Job]], given: Any) -> None:
    jobs = make(*given)
    asked.send(list(jobs))
    while True:
        try:
            name, clock = asked.recv()
        except EOFError:
            return
        asked.send(here(jobs[name])(clock))


def in_random_order(jobs: Iterable[Any]) -> list[Any]:
    """Draw an order for a round, the same in every run of a script."""
    listed = list(jobs)
    return _DRAWN.sample(listed, len(listed))


def measure_in_turn(
    jobs: Mapping[Any, Timed],
    rounds: int,
    clock: Clock = "elapsed",
    tidy: Callable[[], object] = lambda: None,
) -> tuple[dict[Any, list[float]], dict[Any, Any]]:
    """Run all jobs in each round, in an order of its own; the first round is not counted.

    Give the seconds of each, and what each returned last. Before each there is `tidy`.
    """
    times: dict[Any, list[float]] = {name: [] for name in jobs}
    found = dict.fromkeys(jobs)
    for turn in range(rounds + 1):
        for name in in_random_order(jobs):
            tidy()
            seconds, found[name] = jobs[name](clock)
            if turn:
                times[name].append(seconds)
    tidy()
    return times, found


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Divide round by round and take the median."""
    return median(a / b for a, b in zip(above, below, strict=True))
