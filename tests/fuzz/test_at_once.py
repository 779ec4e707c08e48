"""Many at once, in threads, forks and new processes; and folders that others cannot look into."""

import multiprocessing
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

import leadweights as lw
from leadweights.files.write import make_scratch_folder
from leadweights.tables.open import connect

MODEL, VALID = "outputs/model.json", "data/valid.csv"


def work(_: int = 0) -> tuple[str, str]:
    model = lw.load(MODEL)
    scored = lw.score(model, VALID)
    return lw.render(model), scored.to_csv(index=False)


@pytest.mark.sweep
def test_twenty_four_threads_get_what_one_gets() -> None:
    alone = work()
    with ThreadPoolExecutor(24) as pool:
        assert set(pool.map(work, range(48))) == {alone}


@pytest.mark.sweep
@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_new_processes_get_what_this_one_gets(start: str) -> None:
    with multiprocessing.get_context(start).Pool(2) as pool:
        assert set(pool.map(work, range(4))) == {work()}


def test_a_scratch_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folders = [make_scratch_folder(tmp_path / "s.csv") for _ in range(100)]
    finally:
        os.umask(before)
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert len({*folders}) == 100
    with connect(folders[0]) as connection:
        asked = connection.execute("SELECT current_setting('temp_directory')").fetchall()
        assert asked == [(str(folders[0]),)]
    assert not folders[0].exists()


def test_a_score_leaves_nothing_beside_its_file(tmp_path: Path) -> None:
    lw.score_to_file(lw.load(MODEL), VALID, tmp_path / "s.csv", order_by=["lead_score desc"])
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]
    assert len(duckdb.connect().read_csv(str(tmp_path / "s.csv")).fetchall()) == 1200


# In a process of its own: what runs pytest has threads, beside which Python 3.12 warns of a fork.
FORK = """
import os, signal
import leadweights as lw
model = lw.load("outputs/model.json")
alone = lw.score(model, "data/valid.csv")
child = os.fork()
if not child:
    signal.alarm(60)  # a child that hangs is killed
    os._exit(0 if lw.score(model, "data/valid.csv").equals(alone) else 3)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.sweep
def test_a_fork_gets_what_its_parent_got() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    subprocess.run(command, check=True, capture_output=True)
