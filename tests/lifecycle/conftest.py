"""A place for a store in each of the four databases, and one fit with every kind of column."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from leadweights.learn.fit import Fit
from leadweights.learn.recipe import Limits
from leadweights.lifecycle.store.schema import TABLES
from tests.support.databases import url_of
from tests.support.every_kind import DICTIONARY, make_leads
from tests.support.learning import fit
from tests.support.release import swept
from tests.support.stores import PLACES, run_sql
from tests.support.tools import each


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


# The store's laws are shown in DuckDB by each run, and in all databases by the gate.
@pytest.fixture(params=[swept(one) if "sqlite" in one.values else one for one in each(PLACES)])
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


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    path: Path = tmp_path_factory.mktemp("every_kind") / "dictionary.toml"
    path.write_text(DICTIONARY)
    return fit(
        make_leads(3000, 1),
        label="label",
        keys=["lead"],
        exclude=["weight"],
        dictionary=path,
        limits=Limits(resamples=100, boosted_trees=1, rival_values=0, values_for_trees=0),
    )
