"""Files for CRMs: what each imports, and after a first one only what has moved."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.integrations.crm import CRMS
from leadweights.model.rules import Wording
from tests.support.commands import invoke
from tests.support.release import sweep

MODEL_FILE, VALID = "outputs/model.json", "data/valid.csv"
MODEL = lw.load(MODEL_FILE)
FRAME = pd.read_csv(VALID).astype({"recency_days": float})
RESULTS = ["score_100", "band", "reason_1", "reason_2", "reason_3"]
REASONS = RESULTS[2:]
# Microsoft Learn, Populate predictive scores using custom scoring model: the table of values.
TRENDS = {"improving": "0", "steady": "1", "declining": "2", "": "3"}
GRADES = {"A": "0", "B": "1", "C": "2", "D": "3"}


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file by the standard library."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(["score", MODEL_FILE, *map(str, words)])
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("crm", CRMS)
def test_each_file_has_what_the_score_has(crm: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    found = lw.score_for_crm(MODEL, VALID, path, crm)
    assert found == lw.CrmRows(scored=1200, written=1200, gone=0)
    scored = lw.score(MODEL, VALID, columns=RESULTS)
    expected = []
    for row in scored.to_dict("records"):
        score, band = str(row["score_100"]), row["band"]
        told = "; ".join(row[name] for name in REASONS if isinstance(row[name], str))
        if crm == "dynamics-365":
            expected.append([row["contact_id"], "lead", score, GRADES[band], "3"])
        else:
            expected.append([row["contact_id"], score, band, told])
    written = rows(path)
    assert [list(row.values()) for row in written] == expected
    assert (
        list(written[0])
        == {
            "dynamics-365": [
                *("msdyn_entityid", "msdyn_entitytype", "msdyn_score"),
                *("msdyn_grade", "msdyn_scoretrend"),
            ],
            "hubspot": ["Record ID", *(f"leadweights_{n}" for n in ("score", "band", "reasons"))],
            "salesforce": ["Id", *(f"Leadweights_{n}__c" for n in ("Score", "Band", "Reasons"))],
        }[crm]
    )
    assert run(VALID, "--format", crm) == (0, path.read_text(), "")


@pytest.mark.sweep
@pytest.mark.parametrize("crm", sweep(CRMS, 3))
@settings(max_examples=5, deadline=None)
@given(
    gone=st.sets(st.integers(0, 39)),
    moved=st.dictionaries(st.integers(0, 39), st.floats(0, 120), max_size=12),
    new=st.integers(0, 3),
)
def test_what_is_written_is_what_makes_the_earlier_file_the_new_one(
    crm: str,
    gone: set[int],
    moved: dict[int, float],
    new: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("crm")
    before = FRAME.head(40)
    now = FRAME.head(40 + new).copy()
    for place, value in moved.items():
        now.loc[place, "recency_days"] = value
    now = now.drop(index=list(gone))
    if now.empty:
        return
    earlier, whole, delta = (folder / f"{name}.csv" for name in ("earlier", "whole", "delta"))
    lw.score_for_crm(MODEL, before, earlier, crm)
    lw.score_for_crm(MODEL, now, whole, crm)
    found = lw.score_for_crm(MODEL, now, delta, crm, changed_since=earlier)
    own = CRMS[crm]

    def by_id(path: Path) -> dict[str, dict[str, str]]:
        told = {row[own.id]: dict(row) for row in rows(path)}
        for row in told.values():
            row.pop(own.trend, None)
        assert len(told) == len(rows(path))
        return told

    old, new_rows, changed = map(by_id, (earlier, whole, delta))
    assert {**{i: row for i, row in old.items() if i in new_rows}, **changed} == new_rows
    assert all(old.get(i) != row for i, row in changed.items())
    assert found == lw.CrmRows(len(new_rows), len(changed), len(old.keys() - new_rows.keys()))
    for row in rows(delta):
        i, trend = row[own.id], row[own.trend]
        word = ""
        if i in old:
            risen = int(row[own.score]) - int(old[i][own.score])
            word = ("steady", "improving", "declining")[int(np.sign(risen))]
        expected = TRENDS[word] if own.grades else word or own.cleared
        assert trend == expected


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_nothing_has_moved_since_a_file_with_odd_words(crm: str, tmp_path: Path) -> None:
    odd = ['a "b", c', " spaces ", "two\nlines", "NULL", "#N/A", "é\u2028;'", "7", "\r\n", "\\"]
    columns = [column.name for column in MODEL.columns]
    wordings = [Wording(n, high=odd[i], low=odd[-1 - i]) for i, n in enumerate(columns)]
    decisions = replace(MODEL.decisions, wordings=tuple(wordings), reasons=1)
    model = replace(MODEL, decisions=decisions)
    path, again = tmp_path / "scores.csv", tmp_path / "again.csv"
    lw.score_for_crm(model, VALID, path, crm)
    told = {row[CRMS[crm].reasons].removeprefix("against: ") for row in rows(path)}
    assert len(told & set(odd)) >= 6
    found = lw.score_for_crm(model, VALID, again, crm, changed_since=path)
    assert (found.written, found.gone) == (0, 0)


@pytest.mark.sweep
def test_a_consent_that_is_withdrawn_empties_the_fields(tmp_path: Path) -> None:
    model = lw.decide(MODEL, plan={"consent": {"column": "may"}})
    first = FRAME.head(3).assign(may=True)
    then = first.assign(may=[True, False, True])
    asked = {
        "salesforce": ["#N/A", "#N/A", "#N/A", "no_consent", "#N/A"],
        "hubspot": ["", "", "", "no_consent", ""],
        "dynamics-365": ["lead", "", "", "3"],
    }
    for crm, expected in asked.items():
        before, after = tmp_path / f"{crm}.csv", tmp_path / f"{crm}2.csv"
        lw.score_for_crm(model, first, before, crm)
        lw.score_for_crm(model, then, after, crm, changed_since=before)
        (row,) = rows(after)
        assert list(row.values()) == [first.contact_id[1], *expected]


@pytest.mark.sweep
def test_without_an_earlier_file_the_trend_is_the_models_own(tmp_path: Path) -> None:
    model = lw.decide(MODEL, plan={"trend": {"column": "before"}})
    log_odds = lw.score(MODEL, FRAME.head(4)).log_odds
    frame = FRAME.head(4).assign(before=log_odds + np.array([-1.0, 0.0, 1.0, np.nan]))
    path = tmp_path / "scores.csv"
    lw.score_for_crm(model, frame, path, "dynamics-365")
    assert [row["msdyn_scoretrend"] for row in rows(path)] == ["0", "1", "2", "3"]
    lw.score_for_crm(model, frame, path, "hubspot")
    assert [row["leadweights_trend"] for row in rows(path)] == [*list(TRENDS)[:3], ""]


def test_ids_are_texts_whatever_holds_them_and_may_be_called_otherwise(tmp_path: Path) -> None:
    path, again = tmp_path / "scores.csv", tmp_path / "again.csv"
    frame = FRAME.head(3).assign(lead=[12.0, 7.0, 1e6])
    lw.score_for_crm(MODEL, frame, path, "salesforce", key="lead", id_field="External_Id__c")
    assert [row["External_Id__c"] for row in rows(path)] == ["12", "7", "1000000"]
    asked = ["--key", "lead", "--id-field", "External_Id__c", "--changed-since", path, "-o", again]
    now = frame.assign(recency_days=1, lead=[12, 7, 1_000_000]).tail(2)
    now.to_csv(tmp_path / "leads.csv", index=False)
    code, _, said = run(tmp_path / "leads.csv", "--format", "salesforce", *asked)
    assert (code, said.splitlines()[1]) == (
        0,
        f"1 ids of {path} are not in {tmp_path / 'leads.csv'} any more",
    )
    assert [row["External_Id__c"] for row in rows(again)] == ["1000000", "7"]


@pytest.mark.sweep
def test_rows_keep_their_order_and_a_file_its_bytes(tmp_path: Path) -> None:
    many = FRAME.iloc[np.arange(120_000) % 1200].assign(
        contact_id=[f"id {number}" for number in np.random.default_rng(1).permutation(120_000)]
    )
    many.to_parquet(tmp_path / "leads.parquet")
    files = []
    for name in ("one", "two"):
        whole, delta = tmp_path / f"{name}.csv", tmp_path / f"{name} moved.csv"
        lw.score_for_crm(MODEL, tmp_path / "leads.parquet", whole, "hubspot")
        (tmp_path / "earlier.csv").write_text(
            "".join(whole.read_text().splitlines(keepends=True)[:80_001])
        )
        earlier = tmp_path / "earlier.csv"
        leads = tmp_path / "leads.parquet"
        found = lw.score_for_crm(MODEL, leads, delta, "hubspot", changed_since=earlier)
        assert found == lw.CrmRows(120_000, 40_000, 0)
        files.append((whole.read_bytes(), delta.read_bytes()))
    assert files[0] == files[1]
    read = pd.read_csv(tmp_path / "one.csv")
    assert read["Record ID"].tolist() == many.contact_id.tolist()
    moved = pd.read_csv(tmp_path / "one moved.csv")["Record ID"].tolist()
    assert moved == sorted(many.contact_id.tolist()[80_000:])


def _plan(**decisions: object) -> lw.ScoringModel:
    return replace(MODEL, decisions=replace(MODEL.decisions, **decisions))  # type: ignore[arg-type]


THREE = {"by": "probability", "hot": [0.6, 1], "warm": [0.3, 0.6], "cold": [0, 0.3]}


@pytest.mark.parametrize(
    ("model", "crm", "message"),
    [
        (MODEL, "pipedrive", "no format 'pipedrive'; there are: dynamics-365, hubspot, salesforce"),
        (
            _plan(bands=None),
            "hubspot",
            "hubspot cannot be written: logistic_regression has no bands; leadweights decide "
            "--bands hubspot plans it",
        ),
        (
            lw.decide(MODEL, plan={"bands": THREE}),
            "dynamics-365",
            "has 3 bands, and grades are 4; leadweights decide --bands dynamics-365 plans it",
        ),
        (
            _plan(scale=None),
            "salesforce",
            'has no score_100; leadweights decide --plan with [score_100] by = "points" plans it',
        ),
        (lw.load("outputs/equal_weights.json"), "hubspot", "equal_weights has no log-odds"),
        (replace(MODEL, keys=()), "hubspot", "has no key: name the column of the id with --key"),
        (replace(MODEL, keys=("a", "b")), "hubspot", "has the keys 'a', 'b': name the column"),
    ],
)
def test_a_model_that_lacks_what_a_crm_shows_is_told_how_to_get_it(
    model: lw.ScoringModel, crm: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(lw.UnsupportedError) as caught:
        lw.score_for_crm(model, VALID, tmp_path / "scores.csv", crm)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_an_earlier_file_of_another_kind_is_named_and_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "new.csv"
    target.write_text("mine")
    own = tmp_path / "own.csv"
    lw.score_for_crm(MODEL, VALID, own, "dynamics-365")
    text = own.read_text()
    twice = text + text.splitlines(keepends=True)[5]
    wrong = {
        "other.csv": (VALID, "it has no column 'msdyn_entityid'"),
        "twice.csv": (twice, "each row needs an id of its own in 'msdyn_entityid', and 'C003505'"),
        "odd.csv": (
            text.replace(",lead,85,", ",lead,8.5,"),
            "'msdyn_score' holds '8.5', which is no",
        ),
        "kind.csv": (text.replace("lead", "opportunity"), "holds 'opportunity', and not 'lead'"),
        "none.csv": (text.splitlines()[0] + "\n", "has column names but no rows"),
    }
    for name, (content, message) in wrong.items():
        path = tmp_path / name
        path.write_text(Path(content).read_text() if content == VALID else content)
        code, _, said = run(
            VALID, "--format", "dynamics-365", "--changed-since", path, "-o", target
        )
        assert (code, len(said.splitlines())) == (1, 1)
        assert message in said
        assert target.read_text() == "mine"
    asked = ["--format", "hubspot", "--changed-since", own, "-o", target]
    assert "it is of --format dynamics-365" in run(VALID, *asked)[2]


def test_ids_that_do_not_tell_rows_apart_are_named(tmp_path: Path) -> None:
    for key in (["a", "a"], ["a", None]):
        frame = FRAME.head(2).assign(contact_id=np.array(key, dtype=object))
        with pytest.raises(lw.TableError, match="the rows to score: each row needs an id of its"):
            lw.score_for_crm(MODEL, frame, tmp_path / "scores.csv", "hubspot")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "hubspot", "--columns", "band"], "without --columns"),
        (["--format", "hubspot", "--json"], "without --json"),
        (["--format", "hubspot", "--key", "a", "--key", "b"], "name one column with --key"),
        (["--changed-since", VALID], "--changed-since goes with --format"),
        (["--id-field", "Id"], "--id-field goes with --format"),
        (["--store", "x.duckdb", "--format", "hubspot"], "without --format"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], message: str) -> None:
    code, _, said = run(VALID, *options)
    assert code == 2
    assert message in said


def test_places_and_fields_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    with pytest.raises(lw.UnsupportedError, match=r"a CRM imports CSV, so it must end in \.csv"):
        lw.score_for_crm(MODEL, VALID, path, "hubspot")
    with pytest.raises(lw.UnsupportedError, match="is read; write to another file"):
        lw.score_for_crm(MODEL, VALID, VALID, "hubspot")
    with pytest.raises(lw.UnsupportedError, match="looks rows up by msdyn_entityid"):
        lw.score_for_crm(MODEL, VALID, tmp_path / "x.csv", "dynamics-365", id_field="Id")
    with pytest.raises(lw.UnsupportedError, match="has another column 'leadweights_band'"):
        lw.score_for_crm(MODEL, VALID, tmp_path / "x.csv", "hubspot", id_field="leadweights_band")
