"""Scores in the store: whole runs, no score twice, counts in the trail and no key."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.lifecycle.store.scores import COLUMNS, KEYS, TABLE
from leadweights.lifecycle.store.store import Store
from tests.support.commands import invoke
from tests.support.deciding import deciding_model
from tests.support.stores import MODEL, other_model, run_sql

VALID = "data/valid.csv"


@pytest.fixture
def store(place: str) -> Store:
    store = lw.init_store(place, who="ann")
    lw.push(store, "outputs")
    lw.push(store, other_model())
    lw.activate(store, 1)
    return store


def rows_of(store: Store, columns: str, version: int = 1) -> list[tuple[object, ...]]:
    mark = "`" if "mysql" in store.place else '"'
    sql = f"SELECT {mark}key{mark}, {columns} FROM leadweights_scores WHERE version = {version}"
    return sorted(run_sql(store.place, sql))


def test_what_is_stored_is_what_score_gives(store: Store) -> None:
    run = lw.score_to_store(store, VALID)
    assert (run.version, run.key, run.rows) == (1, "contact_id", 1200)
    names = ["lead_score", "log_odds", "probability"]
    wanted = [*names, "score_100", "band", "reason_1", "reason_2", "reason_3"]
    own = lw.score(lw.load(MODEL), VALID, columns=wanted).sort_values("contact_id")
    found = rows_of(store, "lead_score, log_odds, probability, score_100, band, reasons")
    assert [row[0] for row in found] == own["contact_id"].tolist()
    stored = np.array([row[1:4] for row in found], np.float64)
    assert np.array_equal(stored.view(np.int64), own[names].to_numpy().view(np.int64))
    assert [row[4:6] for row in found] == list(zip(own["score_100"], own["band"], strict=True))
    told = own[["reason_1", "reason_2", "reason_3"]].itertuples(index=False, name=None)
    assert [json.loads(str(row[6])) for row in found] == [
        [reason for reason in reasons if isinstance(reason, str)] for reasons in told
    ]
    assert run.bands == own["band"].value_counts().to_dict()


@pytest.mark.sweep
def test_a_run_that_is_repeated_leaves_no_score_twice(store: Store) -> None:
    lw.score_to_store(store, VALID)
    before = rows_of(store, "lead_score")
    lw.score_to_store(store, VALID)
    assert rows_of(store, "lead_score") == before
    frame = pd.read_csv(VALID).head(100)
    frame["recency_days"] += 1.0
    lw.score_to_store(store, frame)
    after = rows_of(store, "lead_score")
    changed = [old[0] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == sorted(frame["contact_id"])
    lw.score_to_store(store, VALID, version=2)
    assert rows_of(store, "lead_score") == after  # the other version has rows of its own
    assert len(rows_of(store, "lead_score", 2)) == 1200


@pytest.mark.sweep
@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_the_trail_has_counts_and_no_key(store: Store) -> None:
    lw.score_to_store(store, VALID)
    last = store.audit()[-1]
    assert (last.event, last.version) == ("score", 1)
    counts = json.loads(last.details)
    assert counts["rows"] == sum(counts["bands"].values()) == 1200
    keys = set(pd.read_csv(VALID)["contact_id"])
    assert not [key for line in store.audit() for key in keys if key in line.details]


def test_refusals_of_consent_are_counted(tmp_path: Path) -> None:
    store = lw.init_store(str(tmp_path / "store.duckdb"))
    lw.push(store, deciding_model("percent"))
    lw.activate(store, 1, unproven=True)
    frame = pd.read_csv(VALID).head(10)
    frame["may contact"] = [True] * 7 + [False] * 2 + [None]
    frame["judgement"], frame["rep"], frame["last seen"] = 1.0, "ann", pd.Timestamp("2026-01-01")
    run = lw.score_to_store(store, frame, as_of="2026-03-01")
    assert run.no_consent == 3
    stored = rows_of(store, "status, lead_score, decision")
    assert [row[1] for row in stored].count("no_consent") == 3
    assert all((row[1] == "no_consent") == (row[2] is None) for row in stored)
    assert run.decided == sum(int(str(row[3])) for row in stored if row[3] is not None)
    told = json.loads(store.audit()[-1].details)
    assert (told["no_consent"], told["as_of"]) == (3, "2026-03-01")


@pytest.mark.sweep
@pytest.mark.parametrize("place", ["duckdb"], indirect=True)
def test_what_cannot_be_stored_changes_nothing(store: Store) -> None:
    frame = pd.read_csv(VALID)
    lw.score_to_store(store, frame)
    before = rows_of(store, "lead_score, scored_at"), store.audit()
    twice = pd.concat([frame, frame.head(1)])
    with pytest.raises(lw.TableError, match="'C003501' stands twice or is missing; nothing was"):
        lw.score_to_store(store, twice)
    with pytest.raises(lw.TableError, match="None stands twice or is missing"):
        lw.score_to_store(store, frame.assign(contact_id=frame["contact_id"].shift()))
    with pytest.raises(lw.StoreError, match="there is no version 9"):
        lw.score_to_store(store, frame, version=9)
    lw.retire(store, 2)
    with pytest.raises(lw.StoreError, match="version 2 is retired"):
        lw.score_to_store(store, frame, version=2)
    with pytest.raises(lw.TableError, match="has no column 'no such'"):
        lw.score_to_store(store, frame, key="no such")
    assert rows_of(store, "lead_score, scored_at") == before[0]
    assert len(store.audit()) == len(before[1]) + 1  # the retirement


@pytest.mark.sweep
def test_a_key_is_the_same_whatever_type_holds_it(tmp_path: Path) -> None:
    store = lw.init_store(str(tmp_path / "store.duckdb"))
    lw.push(store, MODEL)
    frame = pd.read_csv(VALID).head(3)
    for keys in ([7, 8, 9], [7.0, 8.0, 9.0], ["7", "8", "9"]):
        lw.score_to_store(store, frame.assign(contact_id=keys), version=1)
        assert [row[0] for row in rows_of(store, "version")] == ["7", "8", "9"]


@pytest.mark.sweep
def test_the_command_scores_by_the_active_version_or_a_model(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    lw.push(lw.init_store(place), "outputs")
    done = invoke(["score", VALID, "--store", place])
    assert "no version is active" in done.stderr
    lw.activate(lw.open_store(place), 1)
    done = invoke(["score", VALID, "--store", place])
    assert done.stdout.startswith("1,200 rows scored by version 1, key 'contact_id'; A: ")
    with Path(VALID).open() as file:
        done = invoke(["score", MODEL, "-", "--store", place, "--json"], input=file.read())
    assert json.loads(done.stdout)["rows"] == 1200
    done = invoke(["score", "outputs/equal_weights.json", VALID, "--store", place])
    assert "the model is no version of" in done.stderr
    for odd in (["-o", "x.csv"], ["--columns", "band"], ["--key", "a", "--key", "b"]):
        assert invoke(["score", VALID, "--store", place, *odd]).exit_code == 2
    assert "Missing argument 'DATA'" in invoke(["score", VALID]).stderr


@pytest.mark.sweep
def test_the_command_says_who_scores_and_how_long_it_waits(tmp_path: Path) -> None:
    place = str(tmp_path / "store.duckdb")
    store = lw.init_store(place)
    lw.push(store, "outputs")
    lw.activate(store, 1)
    assert invoke(["score", VALID, "--store", place, "--by", "ann"]).exit_code == 0
    assert (store.audit()[-1].event, store.audit()[-1].made_by) == ("score", "ann")
    with store.writing():
        done = invoke(["score", VALID, "--store", place, "--wait", "0"])
    assert "after 0 seconds of waiting; nothing was changed" in done.stderr
    for alone in (["--by", "ann"], ["--wait", "3"]):
        done = invoke(["score", MODEL, VALID, *alone])
        assert done.exit_code == 2
        assert f"{alone[0]} goes with --store" in done.stderr


def test_rows_come_into_every_database_as_they_are(place: str, tmp_path: Path) -> None:
    store = lw.init_store(place)
    # More rows than go in one statement, and values that a driver or a document could change.
    words = [
        "",
        "it's",
        'a "b" \\ c',
        "%s ? :v0 $1",
        '{"c0": [1]}',
        "\u00e9\u2028\U0001f600",
        "a\tb\nc",
    ]
    doubles = [0.1, -2.5e-308, 5e-324, 1.7976931348623157e308, 1 / 3, -1e100, 123456789.12345679]
    rows = [
        ("k", f"{words[n % 7]}{n}", n, doubles[n % 7], None, words[n % 7], 2**62 + n, "now")
        for n in range(5_003)
    ]
    names = [
        "key_name",
        "key",
        "version",
        "lead_score",
        "log_odds",
        "band",
        "score_100",
        "scored_at",
    ]
    frame = pd.DataFrame(rows, columns=names)
    chosen = ", ".join(
        f'"{n}"' if n in names and n != "log_odds" else f"NULL::DOUBLE AS {n}"
        for n in (name.strip('"') for name in COLUMNS)
    )
    file = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"COPY (SELECT {chosen} FROM frame) TO '{file}' (FORMAT parquet)")
    for _ in range(2):  # the second time in the place of the first
        with store.writing() as change:
            change.database.load(TABLE, COLUMNS, file, KEYS)
    mark = "`" if "mysql" in place else '"'
    listed = ", ".join(f"{mark}{name}{mark}" for name in names)
    found = run_sql(place, f"SELECT {listed} FROM leadweights_scores")
    assert sorted(found, key=lambda row: row[2]) == rows
