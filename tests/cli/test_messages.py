"""What a stranger's file says cannot move a cursor, turn text around or fill a screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import leadweights as lw
from leadweights.errors import LeadweightsError, TableError
from leadweights.errors.shown import LONGEST, escape, show
from tests.support.commands import invoke
from tests.support.messages import check_commands, check_lines, hostile


@pytest.mark.sweep
@given(st.text() | hostile)
@example("u\ud800")
def test_what_is_shown_prints_in_one_line_and_is_not_long(text: str) -> None:
    line = show(text)
    check_lines(line, LONGEST)
    assert "\n" not in line
    line.encode()
    assert show(line) == line
    assert str(TableError(text)) == line


@given(hostile)
def test_the_advice_at_the_end_is_kept(value: str) -> None:
    said = str(LeadweightsError(f"column {value!r} cannot be read; rename it"))
    assert said.endswith("rename it")
    assert said.startswith("column ")


def test_a_long_value_is_shortened_and_what_is_left_out_counted() -> None:
    said = str(TableError(f"no column {'x' * 5000!r}; rename it"))
    assert len(said) < 250
    assert "[4,843-more-characters]" in said


@pytest.mark.sweep
@settings(max_examples=12, deadline=None)
@given(name=hostile, level=hostile)
def test_no_command_prints_what_a_table_hides(name: str, level: str) -> None:
    check_commands(name, level)


@pytest.mark.parametrize("mark", ["\x1b[2J", "\u202e", "\x07", "\u2066"])
def test_tables_and_the_page_show_marks_escaped_and_data_is_exact(
    mark: str, tmp_path: Path
) -> None:
    rows = [(("google", f"ads{mark}x", "mail")[i % 3], i % 7, int(i % 3 == 1)) for i in range(300)]
    path = tmp_path / "leads.jsonl"
    named = f"source{mark}"
    path.write_text(
        "".join(
            json.dumps({named: a, "n": b, "label": int(c ^ (b == 3))}) + "\n" for a, b, c in rows
        )
    )
    model = lw.fit_model(path)
    lw.save(model, tmp_path / "model.json")
    for asked in (
        ["weights", str(tmp_path / "model.json")],
        ["check-input", str(tmp_path / "model.json"), str(path)],
        ["columns", str(path)],
        ["decide", str(tmp_path / "model.json")],
    ):
        done = invoke(asked)
        assert done.exit_code == 0, done.stderr
        check_lines(done.stdout)
        check_lines(done.stderr, LONGEST)
    exact = invoke(["weights", str(tmp_path / "model.json"), "--format", "json"])
    assert named in {row["feature"] for row in json.loads(exact.stdout)}
    if mark.startswith("\x1b") or mark == "\x07":
        return
    page = tmp_path / "page.html"
    made = invoke(["report", str(tmp_path / "model.json"), str(path), "-o", str(page)])
    assert made.exit_code == 0, made.stderr
    text = page.read_text()
    assert escape(mark) in text
    assert mark not in "".join(
        part.partition("</code>")[2] if place else part
        for place, part in enumerate(text.split("<code"))
    )
