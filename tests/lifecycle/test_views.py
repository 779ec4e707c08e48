"""The view of the active version: the same bits as Python's, and a rollback gives them back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.pool import NullPool

import leadweights as lw
from leadweights.lifecycle.store.store import Store
from leadweights.model.file import load
from leadweights.model.model import ScoringModel
from tests.lifecycle.conftest import empty_place
from tests.support.commands import invoke
from tests.support.stores import other_model, run_sql

VALID = "data/valid.csv"
SCORES = ("lead_score", "log_odds")


def put_leads(place: str, frame: pd.DataFrame) -> None:
    """Make the table `leads` in a database."""
    if "://" not in place:
        import duckdb

        with duckdb.connect(place) as connection:
            connection.register("frame", frame)
            connection.execute("CREATE TABLE leads AS FROM frame")
        return
    engine = sa.create_engine(place, poolclass=NullPool)
    kinds: dict[str, sa.types.TypeEngine[Any]]
    kinds = {str(name): sa.Double() for name in frame.select_dtypes("float")}
    frame.to_sql("leads", engine, index=False, dtype=kinds)  # type: ignore[arg-type]
    engine.dispose()


def by_key(rows: list[tuple[object, ...]]) -> NDArray[np.int64]:
    """Give the bits of scores, in the order of their keys."""
    ordered = sorted(rows, key=lambda row: str(row[0]))
    return np.array([row[1:] for row in ordered], np.float64).view(np.int64)


def seen(place: str, names: tuple[str, ...] = SCORES) -> NDArray[np.int64]:
    return by_key(run_sql(place, f"SELECT contact_id, {', '.join(names)} FROM lead_scores"))


def scored(model: ScoringModel, names: tuple[str, ...] = SCORES) -> NDArray[np.int64]:
    found = lw.score(model, VALID, keys=["contact_id"])
    return by_key(list(found[["contact_id", *names]].itertuples(index=False, name=None)))


def test_a_view_shows_the_active_versions_bits_and_a_rollback_gives_them_back(place: str) -> None:
    store = lw.init_store(place)
    put_leads(place, pd.read_csv(VALID))
    first, second = load("outputs/model.json"), other_model()
    lw.push(store, "outputs")
    lw.push(store, second)
    lw.activate(store, 1, view="lead_scores")
    before = seen(place)
    assert np.array_equal(before, scored(first))
    lw.activate(store, 2, unproven=True)
    assert np.array_equal(seen(place), scored(second))
    assert not np.array_equal(seen(place), before)
    lw.rollback(store)
    assert np.array_equal(seen(place), before)


@pytest.mark.sweep
def test_a_view_that_cannot_be_changes_nothing(place: str) -> None:
    store = lw.init_store(place)
    lw.push(store, "outputs")
    with pytest.raises(lw.EngineError):
        lw.activate(store, 1, view="lead_scores", table="no_such_table")
    put_leads(place, pd.read_csv(VALID))
    with pytest.raises(lw.UnsupportedError, match="is not the name of a table"):
        lw.activate(store, 1, view="lead_scores; DROP TABLE leads")
    with pytest.raises((lw.EngineError, lw.StoreError)):
        lw.activate(store, 1, view="leads")  # it is a table
    assert store.active() is None
    assert [line.event for line in store.audit()] == ["init", "fit", "proof", "push", "baseline"]
    assert len(run_sql(place, "SELECT * FROM leads")) == 1200
    assert lw.activate(store, 1, view="lead_scores").view_name == "lead_scores"


@pytest.mark.sweep
def test_a_view_of_other_columns_takes_the_place_of_one(place: str) -> None:
    from tests.support.deciding import deciding_model

    store = lw.init_store(place)
    put_leads(place, pd.read_csv(VALID))
    lw.push(store, "outputs")
    lw.push(store, deciding_model("as it is"))
    lw.activate(store, 1, view="lead_scores")
    lw.activate(store, 2, unproven=True)
    ((called,),) = run_sql(place, "SELECT SUM(decision) FROM lead_scores")
    assert int(called) == lw.score(store.version(2).model, VALID)["decision"].sum()
    lw.rollback(store)
    assert np.array_equal(seen(place), scored(load("outputs/model.json")))


@pytest.mark.tool("mariadb")
def test_a_view_left_behind_is_finished_by_the_next_activation(
    tmp_path: Path, start: Callable[[str], str]
) -> None:
    """MariaDB ends a transaction where a view is made: a kill may come between."""
    place = empty_place("mariadb", tmp_path, start)
    store: Store = lw.init_store(place)
    put_leads(place, pd.read_csv(VALID))
    lw.push(store, "outputs")
    lw.activate(store, 1, view="lead_scores")
    run_sql(place, "UPDATE leadweights_active SET view_version = NULL", "DROP VIEW lead_scores")
    shown = invoke(["registry", "show", "1", "--store", place]).stdout
    assert "over leads; it is of another version still: activate this one again" in shown
    lw.activate(store, 1)
    shown = invoke(["registry", "show", "1", "--store", place]).stdout
    assert shown.endswith("lead_scores, over leads\n")
    assert np.array_equal(seen(place), scored(load("outputs/model.json")))
