"""The audit trail: whatever is done to its lines afterwards is found, and at which line."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadweights as lw
from leadweights.lifecycle.store.store import Store
from leadweights.lifecycle.store.trail import START, Line, verify_lines
from tests.support.commands import invoke
from tests.support.stores import run_sql


@pytest.fixture
def store(place: str) -> Store:
    """Make a store with six lines in its trail."""
    store = lw.init_store(place, who="ann")
    for number in range(2, 7):
        lw.append_audit(store, "note", details={"number": number})
    return store


def digest(row: tuple[object, ...]) -> str:
    """Hash a line by hand."""
    return sha256(json.dumps(list(row), ensure_ascii=False).encode()).hexdigest()


def test_each_line_has_the_hash_of_the_one_before(store: Store) -> None:
    rows = run_sql(store.place, "SELECT * FROM leadweights_audit ORDER BY line")
    before = "0" * 64
    for row in rows:
        assert row[-2] == before
        assert row[-1] == digest(row[:-1])
        before = row[-1]
    assert lw.verify_audit(store) == lw.Trail(6, before)


@pytest.mark.parametrize(
    ("statements", "line", "said"),
    [
        (["UPDATE leadweights_audit SET made_by = 'bob' WHERE line = 3"], 3, "edited"),
        (["UPDATE leadweights_audit SET details = '{}' WHERE line = 6"], 6, "edited"),
        (["DELETE FROM leadweights_audit WHERE line = 4"], 4, "gone: line 5 follows line 3"),
        (["DELETE FROM leadweights_audit WHERE line = 1"], 1, "gone"),
        (["DELETE FROM leadweights_audit WHERE line > 4"], 5, "gone, of 6 lines"),
        (["DELETE FROM leadweights_audit"], 1, "gone"),
        (
            [
                "DELETE FROM leadweights_audit WHERE line = 4",
                "UPDATE leadweights_audit SET line = 4 WHERE line = 5",
                "UPDATE leadweights_audit SET line = 5 WHERE line = 6",
            ],
            4,
            "edited",
        ),
        (
            [
                "UPDATE leadweights_audit SET line = 9 WHERE line = 2",
                "UPDATE leadweights_audit SET line = 2 WHERE line = 3",
                "UPDATE leadweights_audit SET line = 3 WHERE line = 9",
            ],
            2,
            "edited",
        ),
        (
            [
                "INSERT INTO leadweights_audit SELECT 7, made_at, made_by, event, version, details,"
                " hash_before, hash FROM leadweights_audit WHERE line = 6"
            ],
            7,
            "edited",
        ),
    ],
)
@pytest.mark.parametrize("place", ["duckdb", "postgres"], indirect=True)
def test_the_first_broken_line_is_named(
    store: Store, statements: list[str], line: int, said: str
) -> None:
    run_sql(store.place, *statements, "SELECT 1")
    found = lw.verify_audit(store)
    assert not found.holds
    assert found.broken_line == line
    assert said in found.problem
    done = invoke(["audit", "verify", "--store", store.place])
    assert done.exit_code == 1
    assert f"the audit trail is broken at line {line}: " in done.stderr


def test_a_trail_that_is_written_anew_is_found_by_its_noted_end(tmp_path: object) -> None:
    store = lw.init_store(f"{tmp_path}/store.duckdb", who="ann")
    lw.append_audit(store, "note", details={"told": "truth"})
    noted = lw.verify_audit(store)
    before, rows = START, []
    for row in run_sql(store.place, "SELECT * FROM leadweights_audit ORDER BY line"):
        told = (*row[:2], "bob", *row[3:6], before)
        before = digest(told)
        rows.append((*told, before))
    for row in rows:
        sql = "UPDATE leadweights_audit SET made_by = 'bob', hash_before = '{}', hash = '{}'"
        run_sql(store.place, f"{sql.format(row[-2], row[-1])} WHERE line = {row[0]}")
    run_sql(store.place, f"UPDATE leadweights_store SET audit_hash = '{before}'")
    assert lw.verify_audit(store).holds  # by itself it looks sound
    found = lw.verify_audit(store, (noted.lines, noted.head))
    assert (found.broken_line, found.problem) == (2, "it is not the line whose hash was noted")
    run_sql(store.place, "DELETE FROM leadweights_audit WHERE line = 2")
    run_sql(
        store.place,
        f"UPDATE leadweights_store SET audit_lines = 1, audit_hash = '{rows[0][-1]}'",
    )
    assert lw.verify_audit(store).holds
    assert lw.verify_audit(store, (noted.lines, noted.head)).broken_line == 2


def chain(said: list[str]) -> list[Line]:
    lines: list[Line] = []
    for number, text in enumerate(said):
        last = lines[-1].hash if lines else START
        lines.append(Line.after(last, number, "now", "ann", "note", None, text))
    return lines


@given(st.lists(st.text(max_size=5), min_size=1, max_size=8), st.data())
def test_a_sound_trail_holds_and_a_changed_one_never_does(
    said: list[str], data: st.DataObject
) -> None:
    lines = chain(said)
    end = len(lines), lines[-1].hash
    assert verify_lines(lines, end).holds
    shuffled = data.draw(st.permutations(lines))
    cut = shuffled[: data.draw(st.integers(0, len(lines)))]
    assert verify_lines(cut, end).holds == (cut == lines)


def test_lines_are_listed_and_exported(tmp_path: object) -> None:
    place = f"{tmp_path}/store.duckdb"
    lw.append_audit(lw.init_store(place, who="ann"), "note", details={"told": "\u2603"})
    assert "told \u2603" in invoke(["audit", "list", "--store", place]).stdout
    exported = invoke(["audit", "export", "--store", place]).stdout
    rows = [tuple(json.loads(line).values()) for line in exported.splitlines()]
    assert rows == run_sql(place, "SELECT * FROM leadweights_audit ORDER BY line")
    end = json.loads(invoke(["audit", "verify", "--json", "--store", place]).stdout)
    assert end == {"holds": True, "lines": 2, "head": rows[-1][-1]} | dict.fromkeys(
        ("broken_line", "problem")
    )
    noted = f"2:{rows[-1][-1]}"
    assert invoke(["audit", "verify", "--noted", noted, "--store", place]).exit_code == 0
    assert invoke(["audit", "verify", "--noted", "2:12", "--store", place]).exit_code == 1
    output = f"{tmp_path}/trail.jsonl"
    assert invoke(["audit", "export", "--store", place, "-o", output]).exit_code == 0
    assert Path(output).read_text(encoding="utf-8") == exported
