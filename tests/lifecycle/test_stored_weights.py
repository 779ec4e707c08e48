"""The SELECT that reads the active weights from the store: the bits of the model's own SELECT."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

import leadweights as lw
from leadweights.formula.stored_weights import layout
from leadweights.model.calibration import Platt
from leadweights.model.file import load
from leadweights.model.model import Category, Flag, Logit, Missing, Number, ScoringModel
from leadweights.model.rules import Consent, Decisions, Threshold
from leadweights.model.terms import Bins, Level, Levels, Ranged, Standardized
from leadweights.prove import hostile_rows
from leadweights.prove.parity import Proof
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import render
from leadweights.tables.engines import mariadb, sqlite
from leadweights.tables.engines.dbapi import Rows
from leadweights.tables.engines.engine import STANDARD_TYPES, Engine, Holding
from leadweights.tables.engines.postgres import HOLDING, Postgres
from tests.support.strategies import PROVENANCE

SCORES = ("lead_score", "log_odds", "probability")


def by_hand(
    turn: float = 1.0, levels: Sequence[str] = ("google", "it's", "\u00e9", "a b")
) -> ScoringModel:
    """Make a model with every kind of column that the table of weights takes."""
    columns = (
        Number("Visits", 3.0 * turn, low=0.5 * turn, high=50.0),
        Number("Age", 40.0),
        Missing("Age missing", "Age"),
        Flag("Member", 0.25),
        Category("Source", ("", "n/a"), trim=True),
        Category("Code", whole=True),
        Number("it's \u2603", -1e-3 * turn),
    )
    own = tuple(Level(name, 0.01 * turn * (i - 1.5), 0.2) for i, name in enumerate(levels))
    codes = (Level("7001", -0.02, 0.5), Level("90210", 0.03 * turn, 0.25), Level("0", 0.05, 0.1))
    terms = (
        Standardized("Visits", 2.1 * turn, 1.7, 0.3),
        Standardized("Age", 38.7, 9.3 * turn, -0.2),
        Standardized("Age missing", 0.1, 0.3, 0.1),
        Ranged("Member", 0.0, 1.0, -0.1),
        Levels("Source", 0.1, own, Level("", -0.013 * turn, 0.1), Level("", 0.07, 0.1)),
        Levels("Code", 0.1, codes, Level("", 0.011, 0.1), Level("", -0.017 * turn, 0.05)),
        Standardized("it's \u2603", 0.3, 7.7, 0.1),
    )
    return ScoringModel("by hand", ("Id",), columns, terms, Logit(-0.5 * turn, 2.7), PROVENANCE)


def read_otherwise() -> ScoringModel:
    """Give a model that reads one column in another way."""
    model = by_hand()
    columns = list(model.columns)
    columns[4] = Category("Source", ("", "n/a"), trim=False)
    return replace(model, columns=tuple(columns))


@contextmanager
def open_beside(place: str) -> Iterator[Engine]:
    """Open the database of a store as an engine that a model is proven on."""
    options: dict[str, Any] = {"title": place.partition(":")[0], "placeholder": "%s"}
    if "://" not in place:
        types = {**STANDARD_TYPES, "FLOAT": "FLOAT", "HUGEINT": "HUGEINT"}
        types |= {name: name for name in ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")}
        with closing(duckdb.connect(place)) as connection:
            options |= {"problems": (duckdb.Error,), "placeholder": "?", "dialect": "duckdb"}
            yield Rows(connection=connection, holding=Holding(types), **options)
        return
    url = make_url(place)
    match url.get_backend_name():
        case "sqlite":
            assert url.database is not None
            with closing(sqlite3.connect(url.database)) as connection:
                yield sqlite.engine(connection, sqlite3.sqlite_version, sqlite3.Error)
        case "postgresql":
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(plain, autocommit=True) as connection:
                options |= {"problems": (psycopg.Error,), "dialect": "postgres"}
                options |= {"create": "CREATE TEMPORARY TABLE", "holding": HOLDING}
                yield Postgres(connection=connection, **options)
        case _:
            socket = str(url.query["unix_socket"])
            given = {"unix_socket": socket, "user": "root", "database": "leads"}
            with closing(
                pymysql.connect(**given, charset="utf8mb4", autocommit=True)
            ) as connection:
                yield mariadb.engine(connection, "MariaDB", "mariadb", signed_zero=False)


def by_weights(model: ScoringModel) -> Callable[..., str]:
    """Write the SELECT that a model's columns need, whichever version is active."""

    def write(_: ScoringModel, *, dialect: str, table: str, keys: Sequence[str], **__: Any) -> str:
        return render(model, dialect=dialect, table=table, keys=keys, shape="table", columns=SCORES)

    return write


def differences(place: str, active: ScoringModel, printed_for: ScoringModel) -> list[str]:
    """Hold a SELECT that was printed for one version against Python's numbers for another."""
    cases = [replace(c, columns=SCORES) for c in hostile_rows.cases(active, every_type=False)]
    assert sum(case.table.rows for case in cases) > 100
    with open_beside(place) as engine:
        proof = Proof(engine, by_weights(printed_for))
        proof.check(cases, ("standardized",))
        assert len(proof.checks) == len(cases)
        assert not proof.left_out
        return [str(check.difference) for check in proof.checks if not check.holds]


def test_a_select_reads_the_active_versions_weights_to_the_bit(place: str) -> None:
    """Printed once, it scores by every version that has the same columns."""
    first, second = by_hand(), by_hand(1.7, ("bing", "google", "\U0001f600"))
    store = lw.init_store(place)
    for model in (first, second, read_otherwise()):
        lw.push(store, model)
    lw.activate(store, 1, unproven=True)
    assert differences(place, first, first) == []
    assert differences(place, second, first)  # the second is not active yet
    lw.activate(store, 2, unproven=True)
    assert differences(place, second, first) == []
    lw.rollback(store)
    assert differences(place, first, second) == []


@pytest.mark.sweep
def test_a_version_with_other_columns_gives_no_score(place: str) -> None:
    store = lw.init_store(place)
    lw.push(store, by_hand())
    lw.push(store, read_otherwise())
    *_, case = hostile_rows.cases(by_hand(), every_type=False)  # those that walk the probability
    sql = by_weights(by_hand())
    for version, known in ((None, False), (1, True), (2, False)):
        if version is not None:
            lw.activate(store, version, unproven=True)
        with open_beside(place) as engine:
            engine.load(case.table)
            text = sql(by_hand(), dialect=engine.dialect, table=engine.table, keys=())
            found = engine.select(text)
        for name in SCORES:
            assert len(found[name]) == case.table.rows
            assert bool(found[name].mask.all()) is not known


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_the_select(dialect: str) -> None:
    sql = render(load("outputs/model.json"), dialect=dialect, shape="table")
    assert "leadweights_weights" in sql
    assert "e+00" not in sql.replace("0.0000000000000000e+00", "").replace(
        "1.0000000000000000e+00", ""
    ).replace("7.0800000000000000e+02", "")


def test_what_the_table_has_no_place_for_is_refused_in_one_line() -> None:
    model = by_hand()
    log = Number("Age", 40.0, log=True)
    odd = {
        "its consent": replace(model, decisions=Decisions(consent=Consent("ok"))),
        "its calibration": replace(model, decisions=Decisions(calibration=Platt(0.1, 0.9))),
        "how 'Age' is read": replace(model, columns=(model.columns[0], log, *model.columns[2:])),
        "the bins of 'Age'": replace(
            model,
            terms=(
                model.terms[0],
                Bins("Age", 0.2, (30.0,), (-0.1, 0.1)),
                *model.terms[2:],
            ),
        ),
    }
    for said, other in odd.items():
        with pytest.raises(lw.UnsupportedError, match=f"no place for {said}: ") as problem:
            render(other, shape="table")
        assert len(str(problem.value).splitlines()) == 1
    with pytest.raises(lw.UnsupportedError, match="and no band; the model's own SELECT does"):
        render(model, shape="table", columns=["band"])
    with pytest.raises(lw.UnsupportedError, match="columns are read as what the model knows"):
        render(model, shape="table", held={"Age": None})


def test_a_layout_is_what_a_select_is_written_for() -> None:
    model = by_hand()
    assert layout(model) == layout(by_hand(1.7, ("bing",)))
    assert layout(model) != layout(read_otherwise())
    threshold = Decisions(threshold=Threshold(0.25, "a test"))
    assert layout(replace(model, decisions=threshold)) == layout(model)


def test_versions_with_what_has_no_place_are_pushed_all_the_same(tmp_path: Path) -> None:
    model = by_hand()
    store = lw.init_store(str(tmp_path / "store.duckdb"))
    decided = replace(model, decisions=Decisions(calibration=Platt(0.1, 0.9)))
    assert lw.push(store, decided).model == decided
    assert lw.activate(store, 1, unproven=True).version == 1
