"""Outcomes joined to leads: pandas on the other side, and what is refused changes nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

import leadweights as lw
from leadweights.lifecycle.outcomes.merge import Merged
from tests.support.commands import invoke
from tests.support.workbooks import write_xlsx

WORDS = ("Won", "Lost", None, "Talking")


def merge(leads: Any, outcomes: Any, folder: Path, **asked: Any) -> tuple[Merged, pd.DataFrame]:
    options = {"key": "id", "won": ["Won"], "lost": ["Lost"], "open_values": ["Talking"], **asked}
    path = folder / "labelled.parquet"
    found = lw.merge_outcomes(leads, outcomes, path, **options)
    return found, pd.read_parquet(path)


def by_pandas(
    leads: pd.DataFrame, outcomes: pd.DataFrame, conflicts: str, oldest: int | None
) -> tuple[dict[str, int], pd.DataFrame]:
    """Do with pandas what a merge does: the counts, and the labelled rows."""
    known = outcomes.dropna(subset=["id"])
    decided = known[known["outcome"].isin(["Won", "Lost"])]
    groups = decided.groupby("id")["outcome"]
    picked = groups.last() if conflicts == "last" else groups.first()
    rows = leads.assign(outcome=leads["id"].map(picked), there=leads["id"].isin(known["id"]))
    young = rows["day"] > oldest if oldest is not None else pd.Series(False, rows.index)
    said = known["outcome"].where(known["outcome"].isin(["Won", "Lost"]), "")
    counts = {
        "young": int(young.sum()),
        "unmatched_leads": int((~young & ~rows["there"]).sum()),
        "open": int((~young & rows["there"] & rows["outcome"].isna()).sum()),
        "matched_leads": int(rows["there"].sum()),
        "unmatched_outcomes": len(set(known["id"]) - set(leads["id"])),
        "outcomes_without_key": int(outcomes["id"].isna().sum()),
        "contradictions": int((groups.nunique() > 1).sum()),
        "duplicates": int(known.assign(said=said).duplicated(["id", "said"]).sum()),
    }
    kept = rows[~young & rows["outcome"].notna()]
    label = (kept["outcome"] == "Won").astype("int32")
    return counts, kept.drop(columns=["outcome", "there"]).assign(label=label)


@settings(max_examples=25, deadline=None)
@given(
    leads=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=8),
    outcomes=st.lists(
        st.tuples(st.none() | st.integers(0, 12), st.sampled_from(WORDS)), min_size=1, max_size=14
    ),
    conflicts=st.sampled_from(["last", "first"]),
    window=st.none() | st.integers(1, 25),
)
def test_it_is_what_pandas_joins(
    tmp_path_factory: pytest.TempPathFactory,
    leads: list[tuple[int, int]],
    outcomes: list[tuple[int | None, str | None]],
    conflicts: str,
    window: int | None,
) -> None:
    table = pd.DataFrame(leads, columns=["id", "day"]).drop_duplicates("id").reset_index(drop=True)
    said = pd.DataFrame(outcomes, columns=["id", "outcome"]).astype({"id": "Int64", "outcome": str})
    said["outcome"] = [word for _, word in outcomes]
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(table["day"], unit="D")
    asked: dict[str, Any] = {"conflicts": conflicts}
    if window is not None:
        asked |= {"window": f"{window}d", "by": "2026-01-21", "scored_at": "made"}
    folder = tmp_path_factory.mktemp("merge")
    found, written = merge(table.assign(made=days), said, folder, **asked)
    oldest = None if window is None else 20 - window
    counts, rows = by_pandas(table, said, conflicts, oldest)
    assert {name: getattr(found, name) for name in counts} == counts
    assert found.labelled == len(rows)
    assert written[["id", "day", "label"]].values.tolist() == rows.to_numpy().tolist()
    assert found.won == rows["label"].sum()
    parts = ("labelled", "undated", "young", "unmatched_leads", "open")
    assert sum(getattr(found, part) for part in parts) == len(table)


def test_keys_are_what_they_say_whatever_file_or_type_holds_them(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,x\n0017,1\n18,2\n19,3\n")
    (tmp_path / "crm.csv").write_text("id,outcome\n18,won\n0017,LOST\n 19,won\n")
    found, rows = merge(
        tmp_path / "leads.csv", tmp_path / "crm.csv", tmp_path, won=(), lost=(), open_values=()
    )
    assert rows.values.tolist() == [["0017", 1, 0], ["18", 2, 1]]
    assert (found.unmatched_leads, found.unmatched_outcomes) == (1, 1)
    numbers = pd.DataFrame({"id": [18.0, 19.0], "outcome": [True, False]})
    found, rows = merge(tmp_path / "leads.csv", numbers, tmp_path, won=(), lost=(), open_values=())
    assert rows.values.tolist() == [["18", 2, 1], ["19", 3, 0]]
    two = pd.DataFrame({"id": ["a", "a"], "team": [1, 2], "x": [1, 2]})
    said = pd.DataFrame({"team": [2, 1], "id": ["a", "a"], "outcome": ["Won", "Lost"]})
    _, rows = merge(two, said, tmp_path, key=["id", "team"])
    assert rows["label"].tolist() == [0, 1]


def test_the_last_outcome_is_that_of_the_last_day_and_later_ones_are_not_known_yet(
    tmp_path: Path,
) -> None:
    leads = pd.DataFrame({"id": [1, 2, 3], "scored_at": [date(2026, 1, 1)] * 2 + [None]})
    said = pd.DataFrame(
        {
            "id": [1, 1, 2, 3],
            "outcome": ["Lost", "Won", "Won", "Won"],
            "day": ["2026-02-03", "2026-01-20", "2026-02-01", "2026-01-05"],
        }
    )
    found, rows = merge(leads, said, tmp_path, closed_at="day", conflicts="last")
    assert (rows["label"].tolist(), found.known_until) == ([0, 1, 1], date(2026, 2, 3))
    found, rows = merge(leads, said, tmp_path, closed_at="day", conflicts="first")
    assert rows["label"].tolist() == [1, 1, 1]
    found, rows = merge(leads, said, tmp_path, closed_at="day", by="2026-01-31", window="30d")
    assert rows[["id", "label"]].values.tolist() == [[1, 1]]
    assert (found.open, found.undated, found.young, found.contradictions) == (1, 1, 0, 0)
    found, rows = merge(leads, said, tmp_path, closed_at="day", by="2026-01-30", window="30d")
    assert (found.young, len(rows)) == (2, 0)
    assert any("no lead is left" in warning for warning in found.warnings)


@pytest.mark.parametrize("ending", ["csv", "frame"])
@pytest.mark.parametrize(
    "written",
    ["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%d %b %y", "%Y-%m-%dT%H:%M:%SZ"],
)
def test_days_are_read_however_people_write_them(written: str, ending: str, tmp_path: Path) -> None:
    made = pd.date_range("2026-01-01", periods=40, freq="D")
    closed = made[::-1] + pd.Timedelta(days=3)
    leads = pd.DataFrame({"id": range(40), "scored_at": made.strftime(written)})
    said = pd.DataFrame(
        {
            "id": [*range(40), 0],
            "outcome": [*(["Won", "Lost"] * 20), "Lost"],
            "day": [*closed.strftime(written), (made[0] - pd.Timedelta(days=9)).strftime(written)],
        }
    )
    tables: list[Any] = [leads, said]
    if ending == "csv":
        tables = [tmp_path / "leads.csv", tmp_path / "crm.csv"]
        leads.to_csv(tables[0], index=False)
        said.to_csv(tables[1], index=False)
    found, rows = merge(
        tables[0], tables[1], tmp_path, closed_at="day", conflicts="last", window="20d"
    )
    assert found.known_until == date(2026, 2, 12)
    # By hand: 20 days before 12 February is 23 January, the 23rd of the days drawn.
    assert (found.young, found.contradictions) == (17, 1)
    assert rows["id"].astype(int).tolist() == list(range(23))
    assert rows["label"].tolist() == [1 - n % 2 for n in range(23)]


@pytest.mark.parametrize("hoped_for", ["9999-12-31", "2027-05-01"])
def test_days_of_open_deals_are_not_until_when_outcomes_are_known(
    hoped_for: str, tmp_path: Path
) -> None:
    leads = pd.DataFrame({"id": range(4), "scored_at": ["2026-01-05", "2026-01-28"] * 2})
    said = pd.DataFrame(
        {
            "id": range(4),
            "outcome": ["Won", "Lost", "Talking", None],
            "day": ["2026-02-01", "2026-02-02", hoped_for, hoped_for],
        }
    )
    found, rows = merge(leads, said, tmp_path, closed_at="day", window="20d")
    assert found.known_until == date(2026, 2, 2)
    assert (found.young, found.open, rows["id"].tolist()) == (2, 1, [0])
    assert not any("day to come" in warning for warning in found.warnings)
    decided = said.assign(outcome="Lost", day=[*said["day"][:3], "9999-12-31"])
    found, _ = merge(leads, decided, tmp_path, closed_at="day", window="20d")
    assert any("9999-12-31, a day to come" in warning for warning in found.warnings)
    found, _ = merge(leads, decided, tmp_path, closed_at="day", window="20d", by="2026-02-02")
    assert not any("day to come" in warning for warning in found.warnings)


@pytest.mark.sweep
def test_a_moment_with_an_offset_is_of_its_day_in_utc_and_two_readings_are_refused(
    tmp_path: Path,
) -> None:
    leads = pd.DataFrame({"id": [1, 2], "x": [5, 6]})
    late = ["2026-03-28T23:30:00-05:00", "2026-03-20T10:00:00+02:00"]
    said = pd.DataFrame({"id": [1, 2], "outcome": ["Won", "Lost"], "day": late})
    assert merge(leads, said, tmp_path, closed_at="day")[0].known_until == date(2026, 3, 29)
    blank = said.assign(day=["  ", " "])
    assert merge(leads, blank, tmp_path, closed_at="day")[0].known_until is None
    for days, problem in (
        (["03/04/2026", "05/06/2026"], "can be read in two ways"),
        (["2026-03-28", "in 9 days"], "must hold dates"),
        (["13/04/2026"] * 9 + ["soon"], "but for 'soon' on"),
    ):
        rows = pd.DataFrame({"id": range(len(days)), "outcome": "Won", "day": days})
        with pytest.raises(lw.TableError, match=problem) as told:
            merge(leads, rows, tmp_path, closed_at="day")
        assert "dictionary" not in str(told.value)
        with pytest.raises(lw.TableError, match=problem):
            lw.record_outcomes(
                lw.init_store(str(tmp_path / f"{len(problem)}.duckdb")),
                *("id", rows.assign(label=1)),
                decided_at="day",
            )


def test_rows_are_numbered_only_where_that_is_asked_and_it_is_said_loudly(tmp_path: Path) -> None:
    leads = pd.DataFrame({"x": [5, 6, 7]})
    said = pd.DataFrame({"outcome": ["Won", "Lost", "Won"]})
    found, rows = merge(leads, said, tmp_path, number_rows=True)
    assert rows.values.tolist() == [["1", 5, 1], ["2", 6, 0], ["3", 7, 1]]
    assert list(rows) == ["id", "x", "label"]
    assert found.warnings[0].startswith("ROWS WERE NUMBERED")
    _, rows = merge(leads, said.assign(id=[3, 1, 9]), tmp_path, number_rows=True)
    assert rows.values.tolist() == [["1", 5, 0], ["3", 7, 1]]


def test_labels_that_do_not_go_with_the_scores_are_told(tmp_path: Path) -> None:
    random = np.random.RandomState(4)
    score = random.normal(size=600)
    p = 1 / (1 + np.exp(-score))
    leads = pd.DataFrame({"id": range(600), "log_odds": score, "probability": p})
    for honest, share in ((True, p), (False, np.full(600, 0.8))):
        y = random.rand(600) < share
        said = pd.DataFrame({"id": range(600), "outcome": np.where(y, "Won", "Lost")})
        found, _ = merge(leads, said, tmp_path)
        own = found.disagreement
        assert own is not None
        assert (own.score, own.rows_at_end) == ("log_odds", 60)
        assert own.auc.value == pytest.approx(roc_auc_score(y, score))
        top, bottom = np.argsort(-score)[:60], np.argsort(score)[:60]
        assert (own.lost_on_top, own.won_below) == ((~y[top]).sum(), y[bottom].sum())
        exact = stats.binomtest(int(y.sum()), 600).proportion_ci()
        assert (found.rate.low, found.rate.high) == pytest.approx((exact.low, exact.high))
        assert found.expected_rate == pytest.approx(p.mean())
        told = " ".join(found.warnings)
        assert ("the labels do not go with log_odds" in told) == (not honest)
        assert ("the base rate has shifted" in told) == (not honest)
        assert "AUC" in repr(found)


def test_the_base_rate_of_a_model_is_held_against_that_of_the_outcomes(tmp_path: Path) -> None:
    leads = pd.DataFrame({"id": range(100)})
    said = pd.DataFrame({"id": range(100), "outcome": ["Won"] * 10 + ["Lost"] * 90})
    found, _ = merge(leads, said, tmp_path, model=lw.load("outputs/model.json"))
    assert found.expected_rate == pytest.approx(1442 / 3500)
    assert "the base rate has shifted: 10.0% are won" in found.warnings[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text("id,x,scored_at\na,1,2026-01-01\nb,2,2026-01-02\n")
    (tmp_path / "twice.csv").write_text("id,x\na,1\na,2\n")
    (tmp_path / "keyless.csv").write_text("id,x\na,1\n,2\n")
    (tmp_path / "labelled.csv").write_text("id,label\na,1\n")
    (tmp_path / "crm.csv").write_text("id,stage,note\na,Won,\nb,Lost,x\n")
    (tmp_path / "third.csv").write_text("id,stage\na,Won\nb,Lost\nc,Maybe\nd,Maybe\n")
    (tmp_path / "both.csv").write_text("id,stage\na,Won\na,Lost\nb,Lost\n")
    (tmp_path / "no-id.csv").write_text("stage\nWon\n")
    (tmp_path / "out.csv").write_text("as it was")
    return tmp_path


def ran(*arguments: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, arguments)))
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize(
    ("leads", "outcomes", "asked", "words"),
    [
        ("leads", "third", "", "other values than won and lost in 2 rows: 'Maybe' (2); name each"),
        ("leads", "both", "", "the key 'a' is won in one row and lost in another"),
        ("twice", "crm", "", "must tell leads apart, and 'a' stands twice"),
        ("keyless", "crm", "", "must tell leads apart, and None stands twice or is missing"),
        ("labelled", "crm", "", "has a column 'label' already"),
        ("leads", "crm", "--outcome none", "has no column 'none'"),
        ("leads", "no-id", "", "has no column 'id'"),
        ("leads", "crm", "--window 30d", "needs the day on which"),
        ("leads", "crm", "--window 30d --by 2026-13-01", "a day is written"),
        ("leads", "crm", "--window 1y --by 2026-03-01", "a window is a number of days"),
        ("leads", "crm", "--window 9d --by 2026-03-01 --scored-at x", "must hold dates"),
        ("leads", "crm", "--by 2026-03-01", "--by is for a --window"),
        ("leads", "crm", "--won Won", "name the lost values, too"),
        ("leads", "crm", "--won Won --lost Won", "is named twice"),
        ("leads", "crm", "--number-rows", "and both have it"),
        ("leads", "no-id", "--number-rows --key x", "makes one key"),
        ("leads", "nowhere", "", "no such file"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_nothing_is_written(
    folder: Path, leads: str, outcomes: str, asked: str, words: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    named = asked.split()
    if "--outcome" not in named and outcomes in ("crm", "third", "both"):
        named += ["--outcome", "stage"]
    code, text, said = ran(
        *("outcomes", "merge", folder / f"{leads}.csv", folder / f"{outcomes}.csv"),
        *("--key", "id", *named, "-o", folder / "out.csv"),
    )
    assert (code, text) == (1, "")
    assert words in said
    assert said.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_two_unlike_tables_without_ids_are_not_numbered(folder: Path) -> None:
    with pytest.raises(lw.TableError, match="would not belong together"):
        merge(pd.DataFrame({"x": [1, 2]}), folder / "no-id.csv", folder, number_rows=True)
    with pytest.raises(lw.TableError, match="name the column that says what became"):
        merge(folder / "leads.csv", pd.DataFrame({"id": ["a"], "p": [1], "q": [0]}), folder)
    with pytest.raises(lw.UnsupportedError, match="must end in"):
        lw.merge_outcomes(folder / "leads.csv", folder / "crm.csv", folder / "x.txt", key="id")
    with pytest.raises(lw.UnsupportedError, match="is read; write"):
        lw.merge_outcomes(folder / "leads.csv", folder / "crm.csv", folder / "crm.csv", key="id")


def test_the_command_writes_the_labelled_rows_and_tells_what_became_of_all(folder: Path) -> None:
    arguments = (
        *("outcomes", "merge", folder / "leads.csv", folder / "third.csv", "--key", "id"),
        *("--won", "Won", "--lost", "Lost", "--open", "Maybe", "--label", "sold"),
    )
    code, text, said = ran(*arguments, "-o", folder / "new.csv")
    assert (code, said) == (0, "")
    assert "Of 2 leads 100.0% are among the outcomes." in text
    written = (folder / "new.csv").read_text()
    assert written == "id,x,scored_at,sold\na,1,2026-01-01,1\nb,2,2026-01-02,0\n"
    code, text, _ = ran(*arguments, "--json", "-o", folder / "new.csv")
    found = json.loads(text)
    assert (found["labelled"], found["unmatched_outcomes"], found["match_rate"]) == (2, 2, 1.0)
    code, _, said = ran(*arguments, "-o", folder / "leads.csv")
    assert code == 2
    assert "is read" in said


@pytest.mark.sweep
def test_a_store_stands_for_its_scores_and_its_outcomes(tmp_path: Path) -> None:
    place = tmp_path / "store.duckdb"
    store = lw.init_store(str(place))
    lw.activate(store, lw.push(store, "outputs").version, unproven=True)
    code, _, said = ran(
        *("outcomes", "merge", "--store", place, "--key", "contact_id"),
        *("-o", tmp_path / "labelled.csv"),
    )
    assert code == 1
    assert "holds no scores of version 1 by 'contact_id'" in said
    valid = pd.read_csv("data/valid.csv", dtype={"contact_id": str})
    lw.score_to_store(store, "data/valid.csv", key="contact_id")
    known = valid.iloc[:700]
    rows = zip(known["contact_id"], known["label"].astype(int), strict=True)
    lw.record_outcomes(store, "contact_id", [(key, int(won), None) for key, won in rows])
    code, text, said = ran(
        *("outcomes", "merge", "--store", place, "--key", "contact_id", "--json"),
        *("-o", tmp_path / "labelled.csv"),
    )
    assert (code, said) == (0, "")
    found = json.loads(text)
    assert (found["leads"], found["labelled"], found["won"]) == (1200, 700, known["label"].sum())
    written = pd.read_csv(tmp_path / "labelled.csv", dtype={"contact_id": str})
    both = written.merge(known[["contact_id", "label"]], on="contact_id")
    assert (both["label_x"] == both["label_y"]).all()
    assert found["disagreement"]["auc"]["value"] == pytest.approx(
        roc_auc_score(both["label_y"], both["log_odds"]), abs=1e-6
    )
    assert ran("outcomes", "merge", "--key", "id", "-o", tmp_path / "x.csv")[0] == 2


def rows_of(table: pa.Table) -> list[list[Any]]:
    return [list(row.values()) for row in table.to_pylist()]


def test_two_tables_that_python_holds_do_not_take_each_others_place(tmp_path: Path) -> None:
    arrow = pa.table({"id": ["a", "b"], "x": [1, 2]})
    said = pa.table({"id": ["b", "a"], "outcome": ["Won", "Lost"]})
    books = [
        write_xlsx(tmp_path / f"{name}.xlsx", {"rows": [table.column_names, *rows_of(table)]})
        for name, table in (("leads", arrow), ("crm", said))
    ]
    for leads, outcomes in ((arrow, said), (arrow.to_pylist(), said.to_pylist()), books):
        _, rows = merge(leads, outcomes, tmp_path)
        assert rows.values.tolist() == [["a", 1, 0], ["b", 2, 1]]


@pytest.mark.parametrize(
    ("day", "window", "by", "young"),
    [
        ("2026-03-28", "99999d", "0001-01-05", 1),
        ("0001-01-01", "5d", "2026-01-01", 0),
        ("9999-12-31", "1d", "9999-12-31", 1),
        ("290000-01-01", "5d", "2026-01-01", 1),
        ("infinity", "5d", "2026-01-01", 1),
    ],
)
def test_days_at_the_ends_of_the_calendar_are_compared_as_any(
    day: str, window: str, by: str, young: int, tmp_path: Path
) -> None:
    leads = tmp_path / "leads.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS id, DATE '{day}' AS scored_at) TO '{leads}'")
    outcomes = {"id": [1], "won": [1]}
    asked: dict[str, Any] = {"key": "id", "window": window, "by": by}
    found = lw.merge_outcomes(leads, outcomes, tmp_path / "out.csv", **asked)
    assert (found.young, found.labelled) == (young, 1 - young)


def test_a_day_beyond_the_calendar_is_not_the_last_one(tmp_path: Path) -> None:
    outcomes = tmp_path / "outcomes.parquet"
    days = "(VALUES (1, DATE '290000-01-01'), (2, DATE '2026-01-01'), (3, DATE 'infinity'))"
    duckdb.sql(f"COPY (SELECT id, 1 AS won, closed FROM {days} t(id, closed)) TO '{outcomes}'")
    found = lw.merge_outcomes(
        *({"id": [1, 2, 3]}, outcomes, tmp_path / "out.csv"),
        key="id",
        outcome="won",
        closed_at="closed",
    )
    assert str(found.known_until) == "2026-01-01"
    assert (found.labelled, found.open) == (1, 2)
