"""A store that cannot be used says so in one line, and is as it was."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
import sqlalchemy as sa

import leadweights as lw
from tests.lifecycle.conftest import empty_place
from tests.support.commands import invoke
from tests.support.stores import MODEL, run_sql
from tests.support.tools import each


def test_a_store_that_is_there_stays_as_it_is(place: str) -> None:
    store = lw.init_store(place, who="ann")
    lw.push(store, MODEL)
    before = store.models, store.audit()
    again = lw.init_store(place)
    assert (again.models, again.audit()) == before


@pytest.mark.parametrize(("version", "advice"), [(2, "upgrade"), (0, "not made by leadweights")])
def test_a_store_of_another_format_is_refused(place: str, version: int, advice: str) -> None:
    store = lw.init_store(place)
    run_sql(place, f"UPDATE leadweights_store SET format = {version}", "SELECT 1")
    for ask in (lambda: lw.open_store(place), lambda: lw.push(store, MODEL), store.active):
        with pytest.raises(lw.StoreError, match=f"has format {version}, this reads 1: .*{advice}"):
            ask()
    with pytest.raises(lw.StoreError, match=f"has format {version}"):
        lw.init_store(place)
    assert run_sql(place, "SELECT COUNT(*) FROM leadweights_models") == [(0,)]


def test_a_database_without_a_store_is_none(place: str) -> None:
    run_sql(place, "CREATE TABLE leads (id INTEGER)", "SELECT 1")
    with pytest.raises(lw.StoreError, match="is no store: leadweights registry init makes one"):
        lw.open_store(place)


def test_an_init_that_was_broken_off_is_done_anew(place: str) -> None:
    lw.init_store(place)
    run_sql(place, "DELETE FROM leadweights_audit", "DELETE FROM leadweights_store", "SELECT 1")
    with pytest.raises(lw.StoreError, match="is no store"):
        lw.open_store(place)
    assert lw.verify_audit(lw.init_store(place)).lines == 1


HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def hold(place: str) -> Iterator[None]:
    """Keep a store from being changed, as another process or transaction does."""
    if "://" not in place:
        command = [sys.executable, "-c", HOLD, place]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, text=True, **pipes) as other:  # type: ignore[call-overload]
            assert other.stdout.readline() == "held\n"
            yield
            other.stdin.close()
    elif place.startswith("sqlite"):
        with closing(sqlite3.connect(place.removeprefix("sqlite:///"))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.rollback()
    else:
        engine = sa.create_engine(place, poolclass=sa.pool.NullPool)
        with engine.begin() as connected:
            connected.exec_driver_sql("SELECT id FROM leadweights_store FOR UPDATE")
            yield
        engine.dispose()


@pytest.mark.sweep
def test_a_store_that_is_locked_is_waited_for_so_long(place: str) -> None:
    lw.init_store(place)
    patient, hasty = lw.open_store(place), lw.open_store(place, wait_seconds=1.0)
    with hold(place):
        began = time.monotonic()
        with pytest.raises(
            lw.StoreError, match=r"is locked by .*after 1 seconds of waiting"
        ) as said:
            lw.push(hasty, MODEL)
        assert 0.8 < time.monotonic() - began < 5
        assert len(str(said.value).splitlines()) == 1
    assert patient.models == ()
    assert lw.push(patient, MODEL).version == 1


def test_who_holds_a_file_is_named(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    lw.init_store(place)
    with hold(place), pytest.raises(lw.StoreError, match=r"another process \(PID \d+\)"):
        lw.open_store(place, wait_seconds=0.1)
    with (
        closing(duckdb.connect(place)),
        pytest.raises(lw.StoreError, match="is locked by another connection"),
    ):
        lw.open_store(place, wait_seconds=0.1)


@pytest.mark.parametrize("name", each(["sqlite", "postgres", "mariadb"]))
def test_a_store_that_is_read_only_is_read(
    name: str, tmp_path: Path, start: Callable[[str], str]
) -> None:
    place = empty_place(name, tmp_path, start)
    lw.init_store(place)
    only_read = {
        "sqlite": f"sqlite:///file:{tmp_path}/store.sqlite?mode=ro&uri=true",
        "postgres": f"{place}&options=-cdefault_transaction_read_only%3Don",
        "mariadb": f"{place}&init_command=SET SESSION TRANSACTION READ ONLY",
    }[name]
    store = lw.open_store(only_read)
    assert store.models == ()
    with pytest.raises(lw.StoreError, match="is read-only: nothing was changed"):
        lw.push(store, MODEL)
    assert len(lw.open_store(place).audit()) == 1


AS_NOBODY = """
import os, sys
import duckdb, leadweights.lifecycle.store.registry, leadweights.tables.databases.duckdb_file
import leadweights as lw
store, model = lw.Store(sys.argv[1], "nobody", 1.0), lw.load(sys.argv[2])
if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)
print(len(store.audit()))
try:
    lw.push(store, model)
except lw.StoreError as problem:
    print(problem)
"""


@pytest.mark.sweep
def test_a_file_that_may_not_be_written_is_read() -> None:
    with TemporaryDirectory() as folder:  # pytest's own are for one user alone
        place = f"{folder}/store.duckdb"
        lw.init_store(place)
        Path(place).chmod(0o444)
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", AS_NOBODY, place, MODEL]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        Path(folder).chmod(0o755)
    lines, said = done.stdout.splitlines()
    assert lines == "1"
    assert said == f"{place} is read-only, or may not be read: nothing was changed"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nothing.duckdb", "there is no file nothing.duckdb: leadweights registry init makes one"),
        ("sqlite:///nothing.db", "there is no file nothing.db"),
        ("sqlite://", "a store in memory is gone at once"),
        ("oracle://u:secret@h/d", "a store is in a DuckDB file, or in sqlite, postgresql"),
        ("postgresql://u:secret@127.0.0.1:1/d", "Connection refused"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/d", "Can't connect"),
        ("postgresql://u:secret@h:x/d", "a database's URL is written|cannot be read"),
        ("data", "data is no DuckDB database"),
        ("outputs/model.json", "is no DuckDB database"),
        ("data/train.csv", "is no DuckDB database; another database is named by its URL"),
    ],
)
def test_what_is_no_store_is_refused_in_one_line(place: str, said: str) -> None:
    for command in (["registry", "list"], ["registry", "push", MODEL], ["audit", "verify"]):
        if place == "nothing.duckdb" and command[1] == "push":
            continue  # it makes one
        done = invoke([*command, "--store", place])
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert any(part in line for part in said.split("|"))
        assert "secret" not in line
    assert not Path("nothing.duckdb").exists()


def test_a_file_may_have_the_name_of_a_tables(tmp_path: Path) -> None:
    """DuckDB takes a file that is called so for a table, if it is not one of its own."""
    lw.init_store(f"{tmp_path}/store.csv")
    assert len(lw.open_store(f"{tmp_path}/store.csv").audit()) == 1


def test_a_store_does_not_show_the_secrets_of_its_url() -> None:
    store = lw.Store("postgresql://ann:secret@db.example.com:5432/crm?sslpassword=secret", "ann")
    assert "secret" not in repr(store) + store.shown
    assert "db.example.com/crm" in store.shown


def test_a_push_makes_the_file_but_not_for_what_is_no_model(tmp_path: Path) -> None:
    place = str(tmp_path / "new.duckdb")
    assert invoke(["registry", "push", "README.md", "--store", place]).exit_code == 1
    assert not Path(place).exists()
    done = invoke(["registry", "push", "outputs", "--store", place, "--by", "ann"])
    assert done.exit_code == 0, done.output
    done = invoke(["registry", "activate", "1", "--store", place, "--by", "ann"])
    assert done.exit_code == 0, done.output
    listed = invoke(["registry", "list", "--store", place]).stdout.splitlines()
    assert listed[1].split()[:4] == ["1", "active", "logistic_regression", "0a43124cc0f8"]
    shown = invoke(["registry", "show", "1", "--model", "--store", place]).stdout
    assert shown == Path(MODEL).read_text()


def test_every_command_of_the_registry_works_on_a_url(tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'store.sqlite'}"

    def run(*words: str) -> str:
        done = invoke([*words, "--store", place])
        assert done.exit_code == 0, done.output
        return done.stdout

    run("registry", "init")
    run("registry", "push", "outputs")
    run("registry", "push", "outputs/equal_weights.json")
    run("registry", "activate", "1", "--expected", "0")
    run("registry", "activate", "2", "--unproven", "--note", "a trial")
    assert "active, unproven" in run("registry", "list")
    assert '"version": 1' in run("registry", "rollback", "--expected", "2", "--json")
    assert "retired" in run("registry", "retire", "2")
    assert run("audit", "list", "--last", "1").count("\n") == 2
