"""A night's retraining: the story it replaces, what is carried over, repeated and broken off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL
from time import monotonic, sleep
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.decisions.carry_over import carry_decisions
from leadweights.model.calibration import Platt
from leadweights.model.model import ScoringModel
from leadweights.model.rules import Promise, Threshold
from leadweights.tables.label import Label
from tests.lifecycle.conftest import empty_place
from tests.support.commands import invoke
from tests.support.tools import each

LEARNING = {"key": "lead_id", "merge": {"won": ["Won"], "lost": ["Lost"], "outcome": "stage"}}


def leads(rows: int, seed: int, first: int = 0) -> pd.DataFrame:
    """Draw leads; whether they convert hangs on three columns, and not on the others."""
    random = np.random.RandomState(seed)
    found = pd.DataFrame({"lead_id": [f"L{first + row:05}" for row in range(rows)]})
    for name in ("visits", "opens", "noise"):
        found[name] = random.normal(size=rows).round(3)
    found["source"] = random.choice(["web", "fair", "call"], rows)
    return found


def convert(table: pd.DataFrame, seed: int) -> np.ndarray[Any, Any]:
    odds = -0.4 + 1.4 * table["visits"] + 0.8 * table["opens"] + 0.9 * (table["source"] == "call")
    return np.asarray(np.random.RandomState(seed).rand(len(table)) < 1 / (1 + np.exp(-odds)))


def say(table: pd.DataFrame, won: np.ndarray[Any, Any]) -> pd.DataFrame:
    return pd.DataFrame({"lead_id": table["lead_id"], "stage": np.where(won, "Won", "Lost")})


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fit a champion that promises a precision; draw new leads, and two feeds of outcomes."""
    folder = tmp_path_factory.mktemp("retrain")
    old = leads(1600, 1)
    old.assign(sold=convert(old, 2).astype(int)).to_csv(folder / "old.csv", index=False)
    code, _, said = ran(
        *("fit", folder / "old.csv", "--label", "sold", "--key", "lead_id"),
        *("--output", folder / "champion"),
    )
    assert code == 0, said
    new = leads(2000, 3, 5000)
    new.to_csv(folder / "new.csv", index=False)
    say(new, convert(new, 4)).to_csv(folder / "honest.csv", index=False)
    noise = np.random.RandomState(5).rand(len(new)) < 0.94
    say(new, noise).to_csv(folder / "noise.csv", index=False)
    return folder


@pytest.fixture
def store(home: Path, tmp_path: Path) -> lw.Store:
    """Put the champion into service, behind a view over the new leads."""
    place = tmp_path / "store.duckdb"
    found = lw.init_store(str(place))
    with duckdb.connect(str(place)) as connection:
        connection.execute(f"CREATE TABLE leads AS FROM '{home / 'new.csv'}'")
    version = lw.push(found, home / "champion")
    lw.activate(found, version.version, view="lead_scores", table="leads")
    return found


def seen(store: lw.Store) -> list[tuple[Any, ...]]:
    with duckdb.connect(store.place) as connection:
        return connection.execute(
            "SELECT lead_id, lead_score, log_odds, probability FROM lead_scores ORDER BY lead_id"
        ).fetchall()


def scored(model: ScoringModel, home: Path) -> list[tuple[Any, ...]]:
    columns = ["lead_score", "log_odds", "probability"]
    frame = lw.score(model, home / "new.csv", columns=columns).sort_values("lead_id")
    return list(frame[["lead_id", *columns]].itertuples(index=False, name=None))


@pytest.mark.sweep
def test_the_story_a_feed_of_noise_keeps_the_champion_an_honest_one_is_promoted_and_rolled_back(
    home: Path, store: lw.Store, tmp_path: Path
) -> None:
    champion = store.version(1)
    before = seen(store)
    assert before == scored(champion.model, home)
    line = ("retrain", home / "new.csv")
    asked = (
        *("--store", store.place, "--outcome", "stage", "--won", "Won", "--lost", "Lost"),
        *("--champion", home / "champion", "--promote", "--who", "night"),
    )

    code, text, said = ran(*line, home / "noise.csv", *asked, "-o", tmp_path / "noise")
    assert code == 5, said
    packet = json.loads((tmp_path / "noise" / "challenge.json").read_text())
    challenger = packet["challenger"]["metrics"]
    assert challenger["recall"]["value"] == 1
    assert abs(challenger["auc_roc"]["value"] - 0.5) < 0.08
    assert packet["scores"]["psi"] > 2
    sentence = packet["sentence"]
    assert text.startswith(sentence)
    assert sentence.startswith("Keep the champion: the challenger ranks no better than chance")
    assert "PSI" in sentence
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert "the labels do not go with" not in said  # the leads came without scores
    assert "the base rate has shifted" in said
    page = (tmp_path / "noise" / "challenge.html").read_text()
    assert "<h1>Keep the champion</h1>" in page
    active = store.active()
    assert active is not None
    assert (active.version, len(store.models)) == (1, 1)
    assert seen(store) == before

    code, text, said = ran(*line, home / "honest.csv", *asked, "-o", tmp_path / "honest")
    assert code == 0, said + text
    assert "Version 2 is in service, in the place of 1." in text
    active = store.active()
    assert active is not None
    assert (active.version, active.unproven, active.activated_by) == (2, False, "night")
    promoted = store.version(2)
    assert promoted.is_proven_on("duckdb")
    check_watched(promoted, home, tmp_path / "honest")
    assert seen(store) == scored(promoted.model, home)
    assert seen(store) != before

    lw.rollback(store)
    assert seen(store) == before
    assert store.version(1).text == champion.text
    events = [line.event for line in store.audit()]
    assert events.count("merge") == events.count("challenge") == 2
    assert events[-2:] == ["activate", "rollback"]
    assert lw.verify_audit(store).holds


def check_watched(promoted: lw.Version, home: Path, output: Path) -> None:
    """The version has a baseline as fit would give it, of the rows and the model that it is."""
    (folder,) = {path.parent for path in output.rglob("baseline.json")}
    own = promoted.baseline
    assert own == lw.load_baseline(folder)
    assert lw.load(folder) == promoted.model
    challenger = json.loads((output / "challenge.json").read_text())["challenger"]["metrics"]
    was = own.performance
    assert was is not None
    assert (own.rows, was.rows) == (1600, 400)
    assert own.base_rate == pytest.approx(promoted.model.provenance.positive_rows / 1600)
    # The packet measured it on the same rows, resampled by itself: ends of intervals are near.
    for name in ("auc_roc", "pr_auc", "brier"):
        one, measured = getattr(was, name), challenger[name]
        assert one.value == pytest.approx(measured["value"], abs=1e-6)
        width = measured["high"] - measured["low"]
        assert abs(one.low - measured["low"]) < 0.2 * width
        assert abs(one.high - measured["high"]) < 0.2 * width
    bands = promoted.model.decisions.bands
    assert bands is not None
    assert [(band.name, band.low) for band in was.bands] == [(b.name, b.low) for b in bands.bands]
    seen_now = lw.monitor(promoted.model, home / "new.csv", baseline=own)
    assert seen_now.verdict == "steady"


@pytest.mark.sweep
def test_without_promote_the_packet_is_left_and_repeating_it_changes_nothing(
    home: Path, store: lw.Store, tmp_path: Path
) -> None:
    """The outcomes are those the store holds."""
    said = pd.read_csv(home / "honest.csv", dtype=str)
    rows = zip(said["lead_id"], (said["stage"] == "Won").astype(int), strict=True)
    lw.record_outcomes(store, "lead_id", [(key, int(won), None) for key, won in rows])

    def once() -> lw.Retrained:
        night = tmp_path / "night"
        return lw.retrain(store, home / "new.csv", output=night, packet=lw.write_packet)

    first = once()
    assert first.merged.labelled == 2000
    assert (first.version, first.promoted, first.challenge.verdict) == (2, False, "promote")
    assert "leadweights registry activate 2 promotes the challenger" in repr(first)
    files = {p: p.read_bytes() for p in (tmp_path / "night").rglob("*") if p.is_file()}
    again = once()
    assert again.version == 2
    assert {p: p.read_bytes() for p in (tmp_path / "night").rglob("*") if p.is_file()} == files
    assert len(store.models) == 2
    active = store.active()
    assert active is not None
    assert active.version == 1
    # The recipe goes on with the version; what the champion does not read stays out.
    made = store.version(2)
    assert made.metrics["recipe"]["c"] == 1.0
    read = {column.name for column in made.model.columns}
    assert read <= {"visits", "opens", "noise", "source"}
    # It was left to be approved: activated by hand, and learnt anew it is what it is.
    lw.activate(store, 2)
    third = once()
    assert third.version == 2 == third.champion
    assert "nothing is promoted" in third.notes[-1]
    assert "the champion has learnt from" not in " ".join(third.challenge.warnings)


class BrokenOffError(Exception):
    """Stands for a process that is killed."""


@pytest.mark.sweep
def test_broken_off_anywhere_the_store_is_whole_and_the_next_night_ends_it(
    home: Path, store: lw.Store, tmp_path: Path
) -> None:
    steps = 0

    def run(last: int | None) -> lw.Retrained:
        nonlocal steps
        steps = 0

        def told(_: str) -> None:
            nonlocal steps
            steps += 1
            if last is not None and steps > last:
                raise BrokenOffError

        return lw.retrain(
            *(store, home / "new.csv", home / "honest.csv", tmp_path / "night"),
            **LEARNING,  # type: ignore[arg-type]
            promote=True,
            packet=lw.write_packet,
            progress=told,
        )

    broken = 0
    for last in (1, 6, 12):
        with pytest.raises(BrokenOffError):
            run(last)
        broken += 1
        check_whole(store, 1)
    assert broken == 3
    check_whole(store, 1)
    done = run(None)
    assert (done.version, done.promoted) == (2, True)
    check_whole(store, 2)


def check_whole(store: lw.Store, version: int) -> None:
    active = store.active()
    assert active is not None
    assert (active.version, len(store.models)) == (version, version)
    assert lw.verify_audit(store).holds


def night(place: str, home: Path, output: Path) -> None:
    """Retrain in a process of its own."""
    lw.retrain(
        *(lw.open_store(place), home / "new.csv", home / "honest.csv", output),
        **LEARNING,  # type: ignore[arg-type]
        promote=True,
        packet=lw.write_packet,
    )


@pytest.mark.sweep
def test_killed_by_the_system_it_leaves_no_half_written_file_and_no_half_a_change(
    home: Path, store: lw.Store, tmp_path: Path
) -> None:
    output = tmp_path / "night"
    for seen_first in ("labelled.parquet", "models"):
        process = get_context("spawn").Process(target=night, args=(store.place, home, output))
        process.start()
        ends = monotonic() + 120
        while process.is_alive() and not (output / seen_first).exists() and monotonic() < ends:
            sleep(0.02)
        process.kill()
        process.join()
        assert process.exitcode == -SIGKILL
        check_whole(store, 1)
    night(store.place, home, output)
    check_whole(store, 2)
    packet = json.loads((output / "challenge.json").read_text())
    assert packet["verdict"] == "promote"
    assert packet["difference"]["after"]["model_sha256"] == store.version(2).sha256
    # An empty file might be one that another process has just begun.
    left = [path for path in output.rglob(".leadweights-*") if path.suffix != ".spill"]
    assert not [path for path in left if path.stat().st_size]


@pytest.mark.sweep
@pytest.mark.parametrize("name", each(["sqlite", "postgres"]))
def test_in_another_database_the_challenger_is_proven_there(
    name: str, home: Path, tmp_path: Path, start: Callable[[str], str]
) -> None:
    kept = lw.init_store(empty_place(name, tmp_path, start))
    lw.activate(kept, lw.push(kept, home / "champion").version, unproven=True)
    night(kept.place, home, tmp_path / "night")
    check_whole(kept, 2)
    assert kept.version(2).is_proven_on(name)
    assert not kept.version(2).is_proven_on("duckdb")


@pytest.mark.sweep
def test_what_cannot_be_is_told_in_one_line_and_the_store_stays(
    home: Path, store: lw.Store, tmp_path: Path
) -> None:
    short = pd.read_csv(home / "new.csv").drop(columns=["visits"])
    short.to_csv(tmp_path / "short.csv", index=False)
    lines = len(store.audit())
    for arguments, words in (
        ((home / "new.csv",), "holds no outcomes by 'lead_id'"),
        ((home / "new.csv", tmp_path / "none.csv"), "no such file"),
        ((home / "new.csv", home / "honest.csv"), "other values than won and lost"),
    ):
        extra = ("--outcome", "lead_id") if "other" in words else ()
        code, text, said = ran(
            *("retrain", *arguments, "--store", store.place, "-o", tmp_path / "night", *extra)
        )
        assert (code, text) == (1, "")
        assert words in said
        assert said.count("\n") == 1
        assert len(store.audit()) == lines
    with pytest.raises(lw.TableError, match="the leads lack 'visits', which the champion reads"):
        lw.retrain(
            *(store, tmp_path / "short.csv", home / "honest.csv", tmp_path / "night"),
            **LEARNING,  # type: ignore[arg-type]
        )
    # Leads may have an older outcome under the label's name: then the new one is called otherwise.
    old = pd.read_csv(home / "new.csv").assign(sold=0)
    old.to_csv(tmp_path / "sold.csv", index=False)
    asked = ("--outcome", "stage", "--won", "Won", "--lost", "Lost", "--store", store.place)
    line = ("retrain", tmp_path / "sold.csv", home / "honest.csv", *asked)
    code, text, said = ran(*line, "-o", tmp_path / "night")
    assert (code, text) == (1, "")
    assert "has a column 'sold' already: give the label another name with --label" in said
    code, text, said = ran(*line, "--label", "won", "-o", tmp_path / "night")
    assert code == 0, said
    assert "sold" not in {column.name for column in store.version(2).model.columns}
    empty = lw.init_store(str(tmp_path / "empty.duckdb"))
    with pytest.raises(lw.StoreError, match="no active version to retrain"):
        lw.retrain(empty, home / "new.csv", home / "honest.csv", tmp_path / "night")
    # Rows the champion has learnt from are no rows to challenge it on; with its own seed the rows
    # held back would be those it held back itself.
    old = pd.read_csv(home / "old.csv")
    with pytest.raises(lw.TableError, match="the champion has learnt from"):
        lw.retrain(
            *(store, old.drop(columns=["sold"]), say(old, old["sold"].to_numpy() > 0)),
            tmp_path / "night",
            champion_folder=home / "champion",
            seed=7,
            **LEARNING,  # type: ignore[arg-type]
        )
    active = store.active()
    assert active is not None
    assert active.version == 1


@pytest.mark.sweep
def test_rules_around_the_score_are_carried_over_and_shares_of_leads_stay(home: Path) -> None:
    champion = lw.load(home / "champion")
    rows = pd.read_csv(home / "new.csv")
    rows["sold"] = pd.read_csv(home / "honest.csv")["stage"].eq("Won").astype(int)
    other = lw.fit_model(*(rows[:900],), label="sold", keys=["lead_id"], exclude=["noise"])
    decided = lw.decide(champion, plan={"bands": {"preset": "grades"}}, data=rows)
    decided = replace(
        decided, decisions=replace(decided.decisions, threshold=Threshold(0.3, "a queue"))
    )
    carried, notes = carry_decisions(decided, other, rows, Label("sold"))
    assert notes == ()
    first, second = (
        lw.score(model, rows, columns=["band", "decision"]) for model in (decided, carried)
    )
    counts = [frame["band"].value_counts().sort_index() for frame in (first, second)]
    assert np.abs(counts[0] - counts[1]).max() <= 3
    assert abs(first["decision"].sum() - second["decision"].sum()) <= 3
    promising = replace(
        decided,
        decisions=replace(
            decided.decisions,
            threshold=Threshold(0.3, "so", Promise(0.7, 0.9)),
            calibration=Platt(0.1, 0.9),
        ),
    )
    carried, notes = carry_decisions(promising, other, rows, Label("sold"))
    assert "calibration is of its own log-odds" in notes[0]
    threshold = carried.decisions.threshold
    assert threshold is not None
    assert threshold.promise == Promise(0.7, 0.9)
    chosen = lw.threshold(other, rows, lw.Precision(0.7, 0.9), label="sold").model
    assert chosen is not None
    assert chosen.decisions.threshold is not None
    assert threshold.log_odds == chosen.decisions.threshold.log_odds
    never = replace(
        promising,
        decisions=replace(promising.decisions, threshold=Threshold(0.3, "so", Promise(0.999, 0.9))),
    )
    carried, notes = carry_decisions(never, other, rows, Label("sold"))
    assert carried.decisions.threshold is None
    assert "do not prove the promised precision" in notes[1]
