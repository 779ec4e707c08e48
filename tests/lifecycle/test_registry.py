"""The registry on four databases: what is pushed comes back, and one version is in service."""

import json
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import given, settings

import leadweights as lw
from leadweights.lifecycle.store import registry
from leadweights.lifecycle.store.store import Store, find_active
from leadweights.model.model import ScoringModel
from tests.support.stores import MODEL, other_model, run_sql
from tests.support.strategies import models


@pytest.fixture
def store(place: str) -> Store:
    return lw.init_store(place, who="ann")


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def test_what_is_pushed_comes_back_byte_for_byte(store: Store) -> None:
    pushed = lw.push(store, "outputs", note="first \u2603 'quoted' \U0001f600")
    assert pushed == store.version(1) == store.models[0]
    assert pushed.text.encode() == Path(MODEL).read_bytes()
    assert pushed.note == "first \u2603 'quoted' \U0001f600"
    assert pushed.metrics == json.loads(Path("outputs/metrics.json").read_text())
    assert {"duckdb", "postgres", "mariadb", "sqlite"} <= {p["dialect"] for p in pushed.proofs}
    assert pushed.created_by == "ann"
    assert store.active() is None


def test_the_very_same_model_is_the_version_that_it_is(store: Store) -> None:
    lw.push(store, lw.load(MODEL))
    lines = store.audit()
    assert lw.push(store, lw.load(MODEL)).version == 1
    assert store.audit() == lines
    assert lw.push(store, "outputs").proofs  # now with its proofs and its baseline
    assert [line.event for line in store.audit()[len(lines) :]] == ["proof", "baseline"]
    assert lw.push(store, other_model()).version == 2


def test_weights_are_a_table_of_the_models_own_doubles(store: Store) -> None:
    lw.push(store, MODEL)
    model = json.loads(Path(MODEL).read_text())
    found = run_sql(
        store.place,
        "SELECT feature, part, weight, mean, std FROM leadweights_weights ORDER BY place",
    )
    lines = [row for row in found if row[1] == "line"]
    expected = [(t["column"], t["weight"], t["mean"], t["std"]) for t in model["terms"]]
    assert [row[0] for row in lines] == [name for name, *_ in expected]
    for (_, _, *stored), (_, *own) in zip(lines, expected, strict=True):
        assert list(map(bits, stored)) == list(map(bits, own))
    ((scale, intercept),) = run_sql(
        store.place,
        "SELECT weight, {0}offset{0} FROM leadweights_weights WHERE part = 'link'".format(
            "`" if "mysql" in store.place else '"'
        ),
    )
    assert bits(scale) == bits(model["link"]["scale"])
    assert bits(intercept) == bits(model["link"]["intercept"])


def test_a_version_needs_a_proof_on_the_stores_engine(store: Store) -> None:
    lw.push(store, lw.load(MODEL))
    with pytest.raises(lw.StoreError, match="version 1 is not proven on"):
        lw.activate(store, 1)
    assert store.active() is None
    lw.push(store, "outputs")
    active = lw.activate(store, 1)
    assert (active.version, active.unproven, active.activated_by) == (1, False, "ann")


def test_an_unproven_version_in_service_is_recorded(store: Store) -> None:
    lw.push(store, lw.load(MODEL))
    assert lw.activate(store, 1, unproven=True).unproven
    last = store.audit()[-1]
    assert last.event == "activate"
    assert json.loads(last.details)["proven_on"] is None


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_proof_of_another_model_or_none_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(lw.ModelError, match=r"engines\.json is the proof of another model"):
        lw.push(store, other_model(), proofs=["outputs/engines.json"])
    (tmp_path / "odd.json").write_text("[]")
    with pytest.raises(lw.ModelError, match="holds no proof"):
        lw.push(store, other_model(), proofs=[tmp_path / "odd.json"])
    failed = json.loads(Path("outputs/engines.json").read_text())
    for proof in failed["engines"]:
        proof["holds"] = False
    (tmp_path / "failed.json").write_text(json.dumps(failed))
    assert lw.push(store, lw.load(MODEL), proofs=[tmp_path / "failed.json"]).proofs == ()


def test_one_version_is_active_and_its_weights_alone(store: Store) -> None:
    for model in (lw.load(MODEL), other_model()):
        lw.push(store, model)
    for version in (1, 2, 1):
        lw.activate(store, version, unproven=True)
        sql = "SELECT DISTINCT version FROM leadweights_weights WHERE is_active = 1"
        assert run_sql(store.place, sql) == [(version,)]
        assert run_sql(store.place, "SELECT version FROM leadweights_active") == [(version,)]


def test_a_rollback_gives_the_version_before_and_again_the_one_before_that(store: Store) -> None:
    for shift in (0.0, 1.0, 2.0):
        lw.push(store, other_model(shift))
    with pytest.raises(lw.StoreError, match="no version is active"):
        lw.rollback(store)
    for version in (1, 2, 3):
        lw.activate(store, version, unproven=True)
    assert lw.rollback(store).version == 2
    assert lw.rollback(store).version == 1
    with pytest.raises(lw.StoreError, match="version 1 is the first that was active"):
        lw.rollback(store)
    assert [line.event for line in store.audit()[-2:]] == ["rollback", "rollback"]


def test_of_two_activations_at_once_one_wins(store: Store) -> None:
    for shift in (0.0, 1.0, 2.0):
        lw.push(store, other_model(shift))
    lw.activate(store, 1, unproven=True)
    barrier = Barrier(2)

    def ask(version: int) -> str:
        barrier.wait()
        try:
            lw.activate(store, version, unproven=True, expected=1)
        except lw.StoreError as problem:
            return str(problem)
        return "won"

    with ThreadPoolExecutor(2) as pool:
        won, lost = sorted(pool.map(ask, (2, 3)), key=lambda said: said != "won")
    active = store.active()
    assert active is not None
    assert won == "won"
    assert lost == f"version {active.version} is active, not 1: nothing was changed"
    assert [line.version for line in store.audit() if line.event == "activate"] == [
        1,
        active.version,
    ]


def test_an_activation_that_is_broken_off_leaves_all_as_it_was(store: Store) -> None:
    for model in (lw.load(MODEL), other_model()):
        lw.push(store, model)
    lw.activate(store, 1, unproven=True)
    before = store.active(), store.audit(), store.models
    with suppress(KeyboardInterrupt), store.writing() as change:
        registry._activate(change, 2, "activate", 1, True, None, None, "")
        assert find_active(change.database) != before[0]
        raise KeyboardInterrupt
    assert (store.active(), store.audit(), store.models) == before
    assert lw.verify_audit(store).holds


@pytest.mark.sweep
def test_what_cannot_be_is_said_and_changes_nothing(store: Store) -> None:
    lw.push(store, "outputs")
    lw.push(store, other_model())
    lw.activate(store, 1)
    before = store.active(), store.audit(), store.models
    with pytest.raises(lw.StoreError, match="there is no version 7: there are 1 to 2"):
        lw.activate(store, 7)
    with pytest.raises(lw.StoreError, match="there is no version 7"):
        lw.retire(store, 7)
    with pytest.raises(lw.StoreError, match="version 1 is active, not 2"):
        lw.activate(store, 1, expected=2)
    with pytest.raises(lw.StoreError, match="version 1 is active, not none"):
        lw.activate(store, 1, expected=0)
    with pytest.raises(lw.StoreError, match="version 1 is active: activate another one first"):
        lw.retire(store, 1)
    with pytest.raises(lw.StoreError, match="is not proven on"):
        lw.activate(store, 2)
    assert (store.active(), store.audit(), store.models) == before


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_retired_version_stays_and_is_never_activated(store: Store) -> None:
    lw.push(store, "outputs")
    assert lw.retire(store, 1).retired_at is not None
    with pytest.raises(lw.StoreError, match="version 1 is retired"):
        lw.activate(store, 1)
    assert [found.version for found in store.models] == [1]
    lines = store.audit()
    lw.retire(store, 1)
    assert store.audit() == lines


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_version_is_activated_twice_without_a_second_line(store: Store) -> None:
    lw.push(store, "outputs")
    first = lw.activate(store, 1)
    lines = store.audit()
    assert lw.activate(store, 1) == first
    assert store.audit() == lines


@pytest.mark.sweep
@settings(max_examples=10)
@given(models())
def test_any_model_is_pushed_and_comes_back(model: ScoringModel) -> None:
    """A row for each constant, whatever the terms are, and each in a place of its own."""
    with TemporaryDirectory() as folder:
        store = lw.init_store(f"{folder}/store.duckdb")
        assert lw.push(store, model).model == model
        lw.activate(store, 1, unproven=True)
        sql = "SELECT feature, part, level FROM leadweights_weights WHERE is_active = 1"
        found = run_sql(store.place, sql)
        assert {term.column for term in model.terms} <= {feature for feature, *_ in found}
        assert len(found) == len(set(found))
