"""Threads for work that Python does itself, as many as there are cores for this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager


def count_cores() -> int:
    """Count the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def work_in_threads() -> Iterator[Executor]:
    """Give threads for the cores; what they have not begun when something is raised is left."""
    threads = ThreadPoolExecutor(count_cores(), "leadweights-numpy")
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)
