"""A place for a store in each of the four databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from leadweights.lifecycle.schema import TABLES
from tests.support.databases import url_of
from tests.support.stores import PLACES, run_sql


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[str], str]]:
    """Start a server when it is first asked for; give its URL."""
    urls: dict[str, str] = {}
    with ExitStack() as stack:

        def find(name: str) -> str:
            if name not in urls:
                urls[name] = stack.enter_context(url_of(name))
            return urls[name]

        yield find


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path, start: Callable[[str], str]) -> str:
    """Give a place without a store, in each database by turns."""
    return empty_place(request.param, tmp_path, start)


def empty_place(name: str, folder: Path, start: Callable[[str], str]) -> str:
    """Give a place without a store in one database."""
    if name == "duckdb":
        return str(folder / "store.duckdb")
    if name == "sqlite":
        return f"sqlite:///{folder / 'store.sqlite'}"
    url = start(name)
    run_sql(url, "DROP VIEW IF EXISTS lead_scores", *(f"DROP TABLE IF EXISTS {n}" for n in TABLES))
    run_sql(url, "DROP TABLE IF EXISTS leads")
    return url
