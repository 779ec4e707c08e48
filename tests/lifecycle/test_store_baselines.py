"""Baselines in the store: what was pushed is what the monitor holds rows against, in any store."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.lifecycle.store.store import Store
from leadweights.model.baseline import baseline_json
from tests.lifecycle.conftest import empty_place
from tests.support.commands import invoke
from tests.support.stores import MODEL, other_model, run_sql
from tests.support.tools import each

VALID = "data/valid.csv"
DROP = "DROP TABLE leadweights_baselines"


@pytest.fixture
def store(place: str) -> Store:
    return lw.init_store(place, who="ann")


def events(store: Store) -> list[str]:
    return [line.event for line in store.audit()]


def run(*words: str) -> tuple[int, str, str]:
    done = invoke(list(words))
    return done.exit_code, done.stdout, done.stderr


def test_a_folders_baseline_is_kept_with_its_version_byte_for_byte(store: Store) -> None:
    assert lw.push(store, lw.load(MODEL)).baseline is None
    assert "baseline" not in events(store)
    assert lw.push(store, "outputs").version == 1
    text = Path("outputs/baseline.json").read_text()
    assert store.version(1).baseline_text == store.models[0].baseline_text == text
    assert store.version(1).baseline == lw.load_baseline("outputs")
    assert events(store).count("baseline") == 1
    lines = store.audit()
    lw.push(store, "outputs")
    assert store.audit() == lines
    # The folder has the baseline of its model; beside it is another one.
    assert lw.push(store, "outputs/equal_weights.json").baseline is None
    refused = pytest.raises(lw.ModelError, match="is the baseline of another model")
    with refused:
        lw.push(store, other_model(), baseline=lw.load_baseline("outputs"))
    assert len(store.models) == 2
    assert lw.verify_audit(store).holds


@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_a_push_says_that_the_baseline_there_is_another_models(
    store: Store, tmp_path: Path
) -> None:
    to = ("--store", store.place)
    for pushed, is_told in (("outputs", False), ("outputs/equal_weights.json", True)):
        code, _, said = run("registry", "push", pushed, *to)
        assert code == 0
        assert ("outputs/baseline.json is the baseline of another model" in said) is is_told
    (tmp_path / "model.json").write_text(Path(MODEL).read_text())
    assert "baseline" not in run("registry", "push", str(tmp_path), *to)[2]


@pytest.mark.sweep
def test_a_store_that_was_made_without_baselines_is_read_and_gets_them(store: Store) -> None:
    lw.push(store, lw.load(MODEL))
    run_sql(store.place, DROP, "SELECT 1")
    assert lw.open_store(store.place).models[0].baseline is None
    lw.activate(store, 1, unproven=True)
    assert lw.score_to_store(store, VALID).rows == 1200
    assert lw.push(store, other_model()).version == 2
    assert run("monitor", VALID, "--store", store.place)[0] == 1
    assert lw.push(store, "outputs").baseline == lw.load_baseline("outputs")
    run_sql(store.place, DROP, "SELECT 1")
    lw.init_store(store.place)
    assert run_sql(store.place, "SELECT COUNT(*) FROM leadweights_baselines") == [(0,)]
    assert lw.verify_audit(store).holds


@pytest.mark.parametrize("name", each(["postgres"]))
def test_who_may_make_no_table_is_told_who_can(
    name: str, tmp_path: Path, start: Callable[[str], str]
) -> None:
    place = empty_place(name, tmp_path, start)
    lw.init_store(place)
    run_sql(
        place,
        DROP,
        "DROP ROLE IF EXISTS pusher",
        "CREATE ROLE pusher",
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO pusher",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "SELECT 1",
    )
    pusher = lw.open_store(f"{place}&options=-crole%3Dpusher")
    lines = pusher.audit()
    with pytest.raises(lw.StoreError, match="run leadweights registry init there") as problem:
        lw.push(pusher, "outputs")
    assert len(str(problem.value).splitlines()) == 1
    assert (pusher.models, pusher.audit()) == ((), lines)
    assert lw.push(pusher, lw.load(MODEL)).version == 1
    run_sql(place, "DROP OWNED BY pusher", "DROP ROLE pusher", "SELECT 1")


@pytest.mark.sweep
def test_the_monitor_takes_the_active_version_or_the_one_that_is_named(store: Store) -> None:
    lw.push(store, "outputs")
    lw.push(store, "outputs/equal_weights.json")
    at = ("--store", store.place)
    assert "no version is active" in run("monitor", VALID, *at)[2]
    lw.activate(store, 1)
    expected = json.loads(run("monitor", "outputs", VALID, "--json")[1])
    for words in ((VALID,), ("outputs", VALID)):
        code, text, said = run("monitor", *words, *at, "--json")
        assert code == 0, said
        assert json.loads(text) == expected
    lw.activate(store, 2, unproven=True)
    code, text, said = run("monitor", VALID, *at)
    assert (code, text) == (1, "")
    assert re.search("keeps no baseline of version 2: push the folder that fit wrote", said)
    assert said.count("\n") == 1
    assert run("monitor", VALID, *at, "--reference", "data/train.csv")[0] in (0, 3, 4)
    code, text, _ = run("registry", "show", "1", "--baseline", *at)
    assert text == Path("outputs/baseline.json").read_text()
    assert "keeps no baseline" in run("registry", "show", "2", "--baseline", *at)[2]
    shown = json.loads(run("registry", "show", "1", *at, "--json")[1])
    assert shown["has_baseline"]


@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_a_baseline_that_was_damaged_in_the_store_is_named(store: Store) -> None:
    lw.push(store, "outputs")
    lw.activate(store, 1)
    odd = {
        "{}": "baseline of version 1",
        baseline_json(replace(lw.load_baseline("outputs"), model_sha256="0" * 64)): "another model",
    }
    for text, words in odd.items():
        literal = text.replace("'", "''")
        run_sql(store.place, f"UPDATE leadweights_baselines SET baseline = '{literal}'", "SELECT 1")
        code, out, said = run("monitor", VALID, "--store", store.place)
        assert (code, out, said.count("\n")) == (1, "", 1)
        assert words in said


def test_what_the_monitor_needs_is_said_as_usage() -> None:
    for words, told in (
        (("monitor",), "name CURRENT, or a table"),
        (("monitor", "outputs"), "name CURRENT, or a table"),
        (("monitor", "--engine", "duckdb", "--table", "t"), "Missing argument 'MODEL'"),
        (("monitor", "outputs", VALID, "--wait", "1"), "--wait goes with --store"),
        (("registry", "show", "1", "--model", "--baseline"), "are two files"),
    ):
        code, _, said = run(*words)
        assert code == 2
        assert told in said
