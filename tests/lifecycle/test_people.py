"""What is held on a key is erased, told, and not kept too long; who had learnt from it is known."""

import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

import leadweights as lw
from leadweights.lifecycle.store.keys import TrainingKeys, read_keys_of
from leadweights.lifecycle.store.store import Store
from tests.support.commands import invoke
from tests.support.stores import MODEL, run_sql

VALID, TRAIN, KEY = "data/valid.csv", "data/train.csv", "contact_id"
SECRET = b"a secret of more than sixteen bytes"


@pytest.fixture
def store(place: str) -> Store:
    """Make a store where 1,200 leads are scored and three have an outcome."""
    store = lw.init_store(place, who="ann")
    lw.push(store, "outputs")
    lw.activate(store, 1)
    lw.score_to_store(store, VALID)
    told = [("C003501", 1, "2026-01-31"), ("C003502", 0, None), ("C003503", 1, "2024-01-31")]
    lw.record_outcomes(store, KEY, told)
    return store


def count(store: Store, table: str) -> int:
    ((rows,),) = run_sql(store.place, f"SELECT COUNT(*) FROM {table}")
    return int(rows)


def whole_store(store: Store) -> str:
    """Read every row of every table as text."""
    from leadweights.lifecycle.store.schema import TABLES

    return "\n".join(str(run_sql(store.place, f"SELECT * FROM {name}")) for name in TABLES)


def test_an_erased_key_is_nowhere_in_the_store(store: Store) -> None:
    assert "C003501" in whole_store(store)
    found = lw.erase(store, KEY, ["C003501", "C003504", "no such", "C003501"])
    assert (found.keys, found.scores, found.outcomes) == (3, 2, 1)
    text = whole_store(store)
    assert not [key for key in ("C003501", "C003504", "no such") if key in text]
    assert "C003502" in text
    assert (count(store, "leadweights_scores"), count(store, "leadweights_outcomes")) == (1198, 2)
    last = store.audit()[-1]
    assert last.event == "erase"
    assert json.loads(last.details)["keys"] == 3
    assert lw.verify_audit(store).holds


@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_a_key_is_found_however_its_number_is_written(place: str) -> None:
    """A spreadsheet writes 7001 as 7001.0 where another lead of the column has none."""
    store = lw.init_store(place)
    lw.push(store, replace(lw.load(MODEL), keys=("id",)))
    keys = TrainingKeys("id", read_keys_of({"id": ["7001.0", "7002"]}, "id"), SECRET)
    lw.push(store, replace(lw.load(MODEL), keys=("id",)), remember=keys)
    lw.record_outcomes(store, "id", [{"id": "7001.0", "label": 1}, {"id": "7002", "label": 0}])
    for told in ([{"id": "7001", "label": 1}, {"id": "7001.0", "label": 1}],):
        with pytest.raises(lw.TableError, match="stands twice or is missing"):
            lw.record_outcomes(store, "id", told)
    assert len(lw.export_person(store, "id", "7001.0")["outcomes"]) == 1
    found = lw.erase(store, "id", ["7001.00", "7002.0", "7002"], secret=SECRET)
    assert (found.keys, found.outcomes, found.learnt) == (2, 2, {1: 2})


@pytest.mark.sweep
@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_many_keys_are_erased_at_once_and_those_of_another_column_stay(store: Store) -> None:
    keys = pd.read_csv(VALID)[KEY].tolist()
    before = whole_store(store)
    for ask in (
        lambda: lw.erase(store, "account_id", keys),
        lambda: lw.export_person(store, "", "x"),
    ):
        with pytest.raises(lw.LeadweightsError):
            ask()
    told = "the store knows nobody by 'account_id'; it knows people by 'contact_id'"
    with pytest.raises(lw.StoreError, match=re.escape(told)):
        lw.export_person(store, "account_id", "C003501")
    assert whole_store(store) == before
    assert lw.erase(store, KEY, keys).scores == 1200
    assert count(store, "leadweights_scores") == 0
    with pytest.raises(lw.UnsupportedError, match="name the keys to erase"):
        lw.erase(store, KEY, [])


@pytest.mark.sweep
def test_which_versions_had_learnt_from_a_person_is_told_by_the_secret(store: Store) -> None:
    other = replace(lw.load(MODEL), name="other")
    learnt = lw.TrainingKeys(KEY, lw.read_keys_of(TRAIN, KEY), SECRET)
    lw.push(store, other, remember=learnt)
    lw.push(store, replace(other, name="third"))
    hashes = {
        row[0] for row in run_sql(store.place, "SELECT key_hash FROM leadweights_training_keys")
    }
    own = pd.read_csv(TRAIN)[KEY]
    assert hashes == {
        hmac.new(SECRET, f"{KEY}\0{key}".encode(), hashlib.sha256).hexdigest() for key in own
    }
    assert own[0] not in whole_store(store)
    found = lw.erase(store, KEY, [own[0], own[1], "C003501"], secret=SECRET)
    assert (found.learnt, found.versions_asked, found.versions_silent) == ({2: 2}, (2,), (1, 3))
    assert lw.erase(store, KEY, [own[0]], secret=b"another secret that is long").learnt == {}
    silent = lw.erase(store, KEY, [own[0]])
    assert (silent.learnt, silent.versions_asked) == ({}, ())
    lw.retire(store, 2)  # its hashes are forgotten
    assert count(store, "leadweights_training_keys") == 0


@pytest.mark.sweep
@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_all_that_is_held_on_a_key_is_told(store: Store) -> None:
    found = lw.export_person(store, KEY, "C003501")
    own = lw.score(lw.load(MODEL), VALID).set_index(KEY).loc["C003501"]
    (score,) = found["scores"]
    assert score["lead_score"] == own["lead_score"]
    assert score["key"] == found["key"] == "C003501"
    assert score["reasons"]
    assert [row["outcome"] for row in found["outcomes"]] == [1]
    assert found["versions_without_an_answer"] == [1]
    text = whole_store(store)
    held = [row for row in text.split("), (") if "C003501" in row]
    assert len(held) == 2  # one of scores and one of outcomes, and nothing else
    last = store.audit()[-1]
    assert (last.event, "C003501" in last.details) == ("export_person", False)
    assert lw.export_person(store, KEY, "nobody")["scores"] == []


@pytest.mark.sweep
def test_what_is_older_than_it_is_kept_goes_and_nothing_else(store: Store) -> None:
    later = replace(store, now=lambda: datetime.now(UTC) + timedelta(days=300))
    lw.score_to_store(later, pd.read_csv(VALID).head(10))
    much_later = replace(store, now=lambda: datetime.now(UTC) + timedelta(days=366))
    assert lw.apply_retention(much_later, scores_days=367) == lw.Retention(0, 0)
    assert lw.apply_retention(much_later, scores_days=365) == lw.Retention(1190, 0)
    assert count(store, "leadweights_scores") == 10
    assert lw.apply_retention(store, outcomes_days=730) == lw.Retention(0, 1)
    assert run_sql(store.place, "SELECT outcome FROM leadweights_outcomes ORDER BY outcome") == [
        (0,),
        (1,),
    ]
    told = json.loads(store.audit()[-1].details)
    assert (told["outcomes_days"], told["outcomes"], told["scores_days"]) == (730, 1, None)
    with pytest.raises(lw.UnsupportedError, match="say for how many days"):
        lw.apply_retention(store)
    with pytest.raises(lw.UnsupportedError, match="0 to 36,500 days, not -1"):
        lw.apply_retention(store, scores_days=-1)


@pytest.mark.sweep
def test_a_key_has_the_outcome_that_was_written_last(store: Store) -> None:
    for won in (True, 1, 0.0, False):
        lw.record_outcomes(store, KEY, {KEY: "C003501", "won": won}, label="won")
        (outcome,) = lw.export_person(store, KEY, "C003501")["outcomes"]
        assert outcome["outcome"] == int(won)
    assert count(store, "leadweights_outcomes") == 3
    (outcome,) = lw.export_person(store, KEY, "C003501")["outcomes"]
    assert (outcome["outcome"], outcome["decided_at"]) == (0, None)
    dated = [{KEY: "C003503", "label": 0, "closed": "2026-02-28"}]
    lw.record_outcomes(store, KEY, dated, decided_at="closed")
    (other,) = lw.export_person(store, KEY, "C003503")["outcomes"]
    assert (other["outcome"], other["decided_at"]) == (0, "2026-02-28")


def outcomes_of(*rows: tuple[object, object]) -> list[dict[str, object]]:
    return [{KEY: key, "label": label} for key, label in rows]


@pytest.mark.sweep
@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_outcomes_that_cannot_be_change_nothing(store: Store) -> None:
    before = whole_store(store)
    odd = {
        "must hold true and false, not 2": outcomes_of(("C003501", 0), ("C003502", 2)),
        "must hold true and false, not 'maybe'": outcomes_of(
            ("C003501", "true"), ("C003502", "maybe")
        ),
        "none is missing, first on row 2": outcomes_of(("C003501", 1), ("C003502", None)),
        "'C003501' stands twice or is missing": outcomes_of(("C003501", 1), ("C003501", 0)),
        "None stands twice or is missing": outcomes_of((None, 1), ("C003501", 0)),
    }
    for said, rows in odd.items():
        with pytest.raises(lw.TableError, match=said) as problem:
            lw.record_outcomes(store, KEY, rows)
        assert len(str(problem.value).splitlines()) == 1
    assert whole_store(store) == before


@pytest.mark.sweep
def test_the_commands_do_the_same(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)

    def run(*words: str, code: int = 0) -> str:
        done = invoke([*words, "--store", place])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    hashed = ("--training-rows", TRAIN, "--key", KEY, "--hmac-key", str(secret))
    run("registry", "push", "outputs", *hashed)
    assert "go together" in run("registry", "push", "outputs", *hashed[:4], code=2)
    run("registry", "activate", "1")
    run("score", VALID)
    run("outcomes", "record", VALID, "--key", KEY)
    pd.read_csv(TRAIN).head(2).to_csv(tmp_path / "gone.csv", index=False)
    said = run("erase", "--key", KEY, "--file", str(tmp_path / "gone.csv"), *hashed[4:])
    assert said.splitlines() == [
        "2 keys: 0 scores and 0 outcomes erased.",
        "Version 1 had learnt from 2 of them: learn it again without.",
    ]
    said = run("erase", "--key", KEY, "C003501", "C003502")
    assert said.splitlines() == [
        "2 keys: 2 scores and 2 outcomes erased.",
        "Version 1 cannot be asked: without --hmac-key, or pushed without --training-rows.",
    ]
    said = run("erase", "--key", KEY, "C003503", *hashed[4:])
    assert said.splitlines()[1] == "Version 1 had not learnt from any of them."
    assert json.loads(run("export-person", "--key", KEY, "C003501"))["scores"] == []
    assert json.loads(run("export-person", "--key", KEY, "C003505"))["scores"][0]["band"]
    assert run("retention", "--scores", "365d", "--outcomes", "730") == (
        "0 scores and 0 outcomes were too old, and deleted.\n"
    )
    assert "is no number of days, such as 365d" in run("retention", "--scores", "a year", code=2)
    assert "name the keys, or a --file" in run("erase", "--key", KEY, code=2)
    secret.write_bytes(b"short")
    assert "a secret has 16 at least" in run("erase", "--key", KEY, "C1", *hashed[4:], code=1)
    assert "cannot read" in run("erase", "--key", KEY, "C1", "--hmac-key", "none", code=1)
    assert "has no column 'id'" in run("erase", "--key", "id", "--file", VALID, code=1)
