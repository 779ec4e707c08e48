"""What takes long says on a terminal what it does; outputs do not know of it."""

import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.cli import terminal
from leadweights.learn.recipe import USUAL
from tests.support.commands import invoke

COLUMNS = 12


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def leads(rows: int = 300) -> pd.DataFrame:
    random = np.random.RandomState(5)
    y = np.arange(rows) % 2
    columns = {f"n{place}": random.normal(y, 2).round(2) for place in range(COLUMNS)}
    return pd.DataFrame({"label": y, **columns})


def test_the_line_waits_is_drawn_without_another_word_and_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with terminal.line(after=60) as tell:
        tell("quick")
    assert screen.getvalue() == ""
    with terminal.line(after=0.01) as tell:
        tell("long \x1b[31m" + "x" * 300)
        deadline = time.monotonic() + 10
        while "long" not in screen.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        tell("next")
    first, second, last = screen.getvalue().removeprefix("\r\033[K").split("\r\033[K")
    assert first.startswith(r"long \x1b[31mxxx")
    assert len(first) < 80
    assert (second, last) == ("next", "")


def test_nothing_is_drawn_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    with terminal.line(after=0.0) as tell:
        tell("words")
        time.sleep(0.05)
    monkeypatch.setattr(sys, "stderr", None)
    with terminal.line(after=0.0) as tell:
        tell("words")
    assert screen.getvalue() == ""


@pytest.mark.sweep
def test_the_steps_of_a_fit_are_told_and_the_model_is_the_same() -> None:
    said: list[str] = []
    frame = leads()
    told = lw.fit(frame, progress=said.append)
    measured = [words for words in said if words.startswith("measuring")]
    assert measured == [f"measuring columns, {place} of {COLUMNS}" for place in range(1, 13)]
    assert said.count("gradient boosting, tree 100 of 100") == 1
    for words in ("reading the rows", "learning the weights", "resampling for intervals"):
        assert words in said
    quiet = lw.fit(frame)
    assert (told.model, told.comparison, told.parity) == (
        quiet.model,
        quiet.comparison,
        quiet.parity,
    )


@pytest.mark.sweep
def test_columns_folds_and_all_models_tell_their_steps() -> None:
    frame = leads(120)
    said: list[str] = []
    lw.columns(frame, progress=said.append)
    assert said[-1] == "looking for columns that know the outcome"
    said.clear()
    lw.cross_validate(frame, count=2, progress=said.append)
    assert "measuring columns, 12 of 12, fold 1 of 2" in said
    assert "gradient boosting, tree 100 of 100, fold 2 of 2" in said
    said.clear()
    lw.compare(frame, models=True, progress=said.append)
    assert {"decision tree", "random forest", "extra trees"} <= set(said)


@pytest.mark.sweep
def test_a_terminal_sees_the_steps_of_a_long_fit_and_standard_output_does_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "leads.csv"
    leads(800).to_csv(path, index=False)
    command = [sys.executable, "-m", "leadweights", "fit", str(path), "--json", "--output"]
    shown, side = pty.openpty()
    out = tmp_path / "out.json"
    words = [*command, str(tmp_path / "one")]
    with out.open("wb") as file, subprocess.Popen(words, stdout=file, stderr=side):
        os.close(side)
        screen = read_all(shown)
    assert json.loads(out.read_text())["parity"]["holds"]
    os.close(shown)
    assert re.search(r"\r\x1b\[K(gradient boosting|resampling|proving)", screen), screen
    assert invoke([*command[3:], str(tmp_path / "two")], limits=USUAL).exit_code == 0
    for name in ("model.json", "metrics.json", "score.sql", "parity.json"):
        one, two = (tmp_path / out / name for out in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def read_all(shown: int) -> str:
    """Read what a terminal shows until nobody writes to it."""
    found = b""
    while True:
        try:
            found += os.read(shown, 65536)
        except OSError:
            return found.decode()


@pytest.mark.sweep
def test_timings_tell_where_the_time_of_a_command_went(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    leads(120).to_csv(path, index=False)
    words = ["fit", str(path), "--output", str(tmp_path / "out")]
    plain = invoke(words, limits=USUAL)
    began = time.perf_counter()
    told = invoke([*words, "--timings"], limits=USUAL)
    took = time.perf_counter() - began
    assert told.exit_code == 0
    assert told.stdout == plain.stdout
    table = told.stderr.removeprefix(plain.stderr).splitlines()
    assert table[0].split() == ["seconds", "share", "processors"]
    seconds = {line.split(maxsplit=3)[3]: float(line.split()[0]) for line in table[1:]}
    assert list(seconds) == [
        *("starting, with imports", "reading the rows", "measuring columns"),
        *("learning the weights", "looking for columns that know the outcome"),
        *("gradient boosting", "random forest", "extra trees", "early stopping boosting"),
        *("resampling for intervals", "proving that the SQL gives Python's numbers"),
        *("proving the SQL of equal weights", "trying a few trees", "writing", "in all"),
    ]
    whole = seconds.pop("in all")
    assert sum(seconds.values()) == pytest.approx(whole, abs=0.005 * len(seconds) + 0.006)
    assert 0 < whole <= took + 0.005
    wrong = invoke(["fit", str(path), "--label", "no", "--timings"])
    assert wrong.exit_code == 1
    assert wrong.stderr.count("\n") == 1
    for command in (["compare", str(path)], ["columns", str(path)]):
        told = invoke([*command, "--timings"])
        assert told.exit_code == 0
        assert "measuring columns\n" in told.stderr
