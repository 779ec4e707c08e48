"""A connection of its own ends with what went wrong, whatever is still at work on it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest

from leadweights.tables.open import connect


def test_what_went_wrong_is_told_while_a_query_runs(tmp_path: Path) -> None:
    started = threading.Event()
    found: list[duckdb.DuckDBPyConnection] = []

    def work() -> None:
        started.set()
        with pytest.raises(duckdb.Error):
            found[0].execute("SELECT count(*) FROM range(10_000_000_000) a, range(1000) b")

    thread = threading.Thread(target=work)

    def fail() -> None:
        with connect(tmp_path / "spill") as connection:
            found.append(connection)
            thread.start()
            started.wait()
            time.sleep(0.2)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    found[0].interrupt()
    thread.join(20)
    assert not thread.is_alive()
