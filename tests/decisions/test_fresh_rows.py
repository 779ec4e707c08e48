"""Rows held back are promised on; rows a model has learnt from are known again and refused."""

import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.decisions.learnt_rows import (
    MOST_HASHES,
    find_learnt_rows,
    hash_as_read,
    learnt_rows_json,
    make_learnt_rows,
)
from leadweights.decisions.outcomes import read_outcomes
from leadweights.errors import TableError
from leadweights.learn.problem import open_problem, split_rows
from leadweights.learn.train import train_on
from leadweights.tables.labelled import Rows
from tests.support.commands import invoke
from tests.support.learning import fit
from tests.support.release import swept


def leads(seed: int, rows: int = 1500, noise: int = 4) -> pd.DataFrame:
    """Draw leads with one column that tells, and many that only tell rows apart."""
    random = np.random.RandomState(seed)
    columns = {f"x{place:02}": random.normal(size=rows) for place in range(noise)}
    columns["team"] = random.choice(["a", "b", "007"], rows)
    odds = 0.8 * columns["x00"] - 1.5
    label = (odds + random.logistic(size=rows) > 0).astype(int)
    return pd.DataFrame({"lead": np.arange(rows), **columns, "label": label})


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fit once; give the folder, with the table beside it."""
    home = tmp_path_factory.mktemp("fitted")
    leads(0).to_csv(home / "leads.csv", index=False)
    code, _, said = ran("fit", home / "leads.csv", "--key", "lead", "--output", home / "outputs")
    assert code == 0, said
    return home / "outputs"


@pytest.mark.sweep
def test_the_rows_held_back_stand_as_in_their_table_and_are_not_learnt_from(folder: Path) -> None:
    whole = pd.read_csv(folder.parent / "leads.csv", dtype=str)
    held = pd.read_csv(folder / "held_back.csv", dtype=str)
    assert len(held) == 300
    assert list(held) == list(whole)
    both = whole.merge(held, how="left", indicator=True)
    assert (both["_merge"] == "both").sum() == 300
    learnt = both[both["_merge"] == "left_only"].drop(columns="_merge").astype({"label": int})
    model = lw.load(folder)
    assert model.provenance.rows == len(learnt) == 1200
    assert model.provenance.positive_rows == learnt["label"].sum()
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert {"held_back.csv", "learnt_rows.json"} <= set(listed)


@pytest.mark.sweep
@pytest.mark.parametrize(
    "command",
    [
        ("threshold", "--capacity", "50"),
        swept((("calibrate",),)),
        swept((("report", "-o", "page.html"),)),
    ],
)
def test_a_folder_is_a_model_with_rows_to_measure_on(
    command: tuple[str, ...], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, *options = command
    held, train = folder / "held_back.csv", folder.parent / "leads.csv"
    alone, named = ran(name, folder, *options), ran(name, folder, held, *options)
    assert alone == named
    assert alone[0] == 0
    code, out, said = ran(name, folder / "model.json", train, *options)
    assert (code, out) == (1, "")
    assert said.count("\n") == 1
    assert "the model has learnt from 80% of these rows" in said
    assert f"measure on {held}, which it has not seen, or say --learnt-rows" in said
    code, out, said = ran(name, folder, train, *options, "--learnt-rows")
    assert code == 0
    assert "Promised" not in out
    if name != "report":
        assert "the model has learnt from 80% of these rows" in said


@pytest.mark.sweep
def test_other_commands_take_the_folder_too(folder: Path) -> None:
    for command in (
        ("sql", folder),
        ("weights", folder),
        ("decide", folder),
        ("golden", folder),
        ("score", folder, folder / "held_back.csv"),
        ("check-input", folder, folder / "held_back.csv"),
        ("verify", folder, folder / "held_back.csv"),
    ):
        name, first, *rest = command
        found = ran(*command)
        assert found[0] == 0, found
        assert found == ran(name, first / "model.json", *rest)


@pytest.mark.sweep
def test_rows_are_known_again_in_another_kind_of_file_and_order(
    folder: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(folder.parent / "leads.csv", dtype={"team": str})
    other = frame.sample(frac=1, random_state=0)[frame.columns[::-1]].assign(extra=1)
    other.to_parquet(tmp_path / "again.parquet")
    model = lw.load(folder)
    for source in (other, tmp_path / "again.parquet"):
        with pytest.raises(TableError, match="learnt from 80% of these rows"):
            lw.threshold(model, source, lw.Capacity(50), folder=folder)
        found = lw.threshold(model, source, lw.Capacity(50), folder=folder, learnt_rows=True)
        assert isinstance(found.choice.guarantee, type(None))
        assert found.model is not None
        assert found.model.decisions.threshold is not None
        assert "it has learnt from" in found.model.decisions.threshold.reason
    fresh = lw.threshold(model, leads(1), lw.Capacity(50), folder=folder)
    assert fresh.choice.guarantee is not None
    assert lw.threshold(model, None, lw.Capacity(50), folder=folder).choice.guarantee is not None


@pytest.mark.sweep
def test_a_few_rows_learnt_from_among_many_fresh_ones_are_borne(folder: Path) -> None:
    model, known, fresh = lw.load(folder), leads(0), leads(2)
    few = pd.concat([fresh, known.head(100)])
    many = pd.concat([fresh, known.head(500)])
    assert lw.threshold(model, few, lw.Capacity(50), folder=folder).choice.guarantee is not None
    with pytest.raises(TableError, match=r"learnt from 2\d% of these rows"):
        lw.threshold(model, many, lw.Capacity(50), folder=folder)


@pytest.mark.sweep
def test_rows_of_few_kinds_are_no_rows_learnt_from() -> None:
    def draw(seed: int, rows: int = 2000) -> pd.DataFrame:
        random = np.random.RandomState(seed)
        frame = pd.DataFrame({"a": random.randint(0, 20, rows), "b": random.randint(0, 20, rows)})
        frame["label"] = (random.uniform(size=rows) < 0.02 * frame["a"] + 0.1).astype(int)
        return frame

    fitted = fit(draw(0))
    known = fitted.learnt_rows
    assert known.alike_rows > 0.6 * known.tested_rows

    def share(frame: pd.DataFrame) -> float:
        rows = read_outcomes(fitted.model, frame).rows
        return known.estimate(hash_as_read(fitted.model, rows.values, rows.y))

    for seed in range(1, 6):
        assert not share(draw(seed)) > 0.1
    assert share(draw(0)) > 0.5


@pytest.mark.sweep
def test_hashes_are_few_small_and_hold_no_value(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder / "learnt_rows.json").read_text())
    hashes = b64decode(document.pop("hashes"))
    assert len(hashes) == 5 * 1200
    assert document == {
        "about": document["about"],
        "rows_sha256": lw.load(folder).provenance.rows_sha256,
        "rows": 1200,
        "share": 1.0,
        "highest": 2**40 - 1,
        "tested_rows": 300,
        "alike_rows": 0,
    }
    model = lw.load(folder)
    count = 400_000
    many = {name: np.random.RandomState(0).normal(size=count) for name in model_numbers(model)}
    texts = read_outcomes(model, leads(0)).rows.values["team"]
    values = {**many, "team": texts[np.resize(np.arange(1500), count)]}
    rows = Rows(values, {}, np.resize([0.0, 1.0], count))
    made = make_learnt_rows(model, rows, rows)
    assert len(made.hashes) == MOST_HASHES
    assert made.tested_rows == made.alike_rows == MOST_HASHES
    (tmp_path / "learnt_rows.json").write_text(learnt_rows_json(made))
    assert (tmp_path / "learnt_rows.json").stat().st_size < 1_000_000
    again = find_learnt_rows(tmp_path, model)
    assert again is not None
    assert np.array_equal(again.hashes, made.hashes)


def model_numbers(model: lw.ScoringModel) -> list[str]:
    return [column.name for column in model.columns if column.name != "team"]


@pytest.mark.sweep
def test_a_folder_without_rows_held_back_says_so(folder: Path, tmp_path: Path) -> None:
    train = folder.parent / "leads.csv"
    code, _, _ = ran("fit", train, "--key", "lead", "--no-held-back", "--output", tmp_path)
    assert code == 0
    assert not (tmp_path / "held_back.csv").exists()
    code, out, said = ran("threshold", tmp_path, "--capacity", "50")
    assert (code, out) == (1, "")
    assert "has no rows that its fit held back (held_back.csv): name labelled rows" in said


@pytest.mark.sweep
def test_rows_that_an_earlier_fit_held_back_are_not_taken(folder: Path, tmp_path: Path) -> None:
    train = folder.parent / "leads.csv"
    assert ran("fit", train, "--key", "lead", "--output", tmp_path)[0] == 0
    code, _, said = ran("fit", train, "--valid", train, "--key", "lead", "--output", tmp_path)
    assert code == 0
    assert "held_back.csv is of the model that was there before" in said
    assert "has no rows that its fit held back" in ran("calibrate", tmp_path)[2]


def test_held_back_rows_that_were_changed_are_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*.*"):
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "held_back.csv").open("a") as file:
        file.write("\n")
    assert "held_back.csv is not the file that" in ran("calibrate", tmp_path)[2]


@pytest.mark.sweep
@pytest.mark.parametrize("kind", ["csv", "parquet", "frame", "on disk"])
def test_python_gives_the_rows_held_back(kind: str, tmp_path: Path) -> None:
    frame = leads(4)
    frame.to_csv(tmp_path / "leads.csv", index=False)
    frame.to_parquet(tmp_path / "leads.parquet")
    source = frame if kind == "frame" else tmp_path / f"leads.{kind}"
    if kind == "on disk":
        fitted = fit(tmp_path / "leads.csv", place=lw.OnDisk(), keys=["lead"])
    else:
        fitted = fit(source, keys=["lead"])
    held = fitted.held_back
    assert held is not None
    assert len(held) == fitted.comparison.valid_rows
    stand = frame.set_index("lead").loc[held["lead"]].reset_index()
    pd.testing.assert_frame_equal(
        held.reset_index(drop=True), stand, check_dtype=False, check_exact=False
    )


@pytest.mark.sweep
def test_rows_to_measure_on_that_are_given_are_not_held_back() -> None:
    frame = leads(4)
    assert fit(frame, valid=frame.head(300)).held_back is None


def learn_and_hold_back(frame: pd.DataFrame) -> tuple[lw.ScoringModel, pd.DataFrame]:
    """Learn as `fit` does, without a proof, and read the rows that it holds back."""
    plain = {name: {"kind": "number", "transform": "none"} for name in frame.columns if "x" in name}
    recipe = lw.Recipe(keys=["lead"], dictionary={"team": {"exclude": "noise"}, **plain})
    with open_problem(frame, recipe) as problem:
        parts = split_rows(problem)
        (held,) = problem.training.hold_back([part.rows for part in parts])
        return train_on(problem, parts[0].rows).learnt.model, held.frame()


@pytest.mark.sweep
def test_what_is_promised_on_rows_held_back_is_kept_on_fresh_ones() -> None:
    truth: list[tuple[float, float, float]] = []
    for seed in range(12):
        frame = leads(seed, rows=700, noise=40)
        model, held = learn_and_hold_back(frame)
        new = leads(1000 + seed, rows=20_000, noise=40)
        found = []
        for rows in (held, frame, new):
            scored = lw.score(model, rows, columns=["log_odds"])["log_odds"]
            best = np.argsort(-scored.to_numpy())[: len(rows) // 7]
            found.append(float(rows["label"].to_numpy()[best].mean()))
        truth.append((found[0], found[1], found[2]))
    held_back, learnt, fresh = np.mean(truth, axis=0)
    # The best seventh: of a table of 700 rows, 100.
    assert held_back == pytest.approx(fresh, abs=0.06)
    assert learnt > fresh + 0.08
