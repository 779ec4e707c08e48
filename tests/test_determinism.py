"""Same input, same bytes out: over runs, hash seeds, threads and orders of rows."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.commands import invoke
from tests.support.release import RELEASE, sweep

FIT = ("fit", "--key", "contact_id")
VALID = ("--valid", "VALID", "--dictionary", "data/features.toml")
# On a commit a fifth of the rows: whatever hangs on threads, hashes or order has its turn in them.
ROWS = {"train": 3500 if RELEASE else 700, "valid": 1200 if RELEASE else 240}
# Each process has threads and a hash seed of its own, and fits several times.
RUNS_OF_PROCESSES = (4, 4, 3, 3, 3, 3) if RELEASE else (2, 1)
PROCESS = """
import sys
from contextlib import redirect_stderr, redirect_stdout

from leadweights.cli.main import main

for folder in sys.argv[1].split():
    with open(folder + ".txt", "w", encoding="utf-8") as printed:
        with redirect_stdout(printed), redirect_stderr(printed):
            main([*sys.argv[2:], "--output", folder], standalone_mode=False)
"""


def written(folder: Path, printed: bytes) -> dict[str, bytes]:
    """Read all that a run wrote and printed."""
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {**files, "printed": printed.replace(str(folder).encode(), b"")}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the tables to learn from and to measure on, by the words that stand for them."""
    folder = tmp_path_factory.mktemp("tables")
    for name, rows in ROWS.items():
        lines = Path(f"data/{name}.csv").read_text().splitlines(keepends=True)
        (folder / f"{name}.csv").write_text("".join(lines[: rows + 1]))
    return {name.upper(): str(folder / f"{name}.csv") for name in ROWS}


@pytest.mark.sweep
@pytest.mark.parametrize(
    "options",
    sweep([pytest.param((), id="weights"), pytest.param(("--trees", "15"), id="trees")], 2),
)
def test_runs_with_other_hash_seeds_and_threads_write_the_same_bytes(
    options: Sequence[str], tables: dict[str, str], tmp_path: Path
) -> None:
    asked = [tables.get(word, word) for word in (*FIT, "TRAIN", *VALID, *options)]

    def one(process: int) -> list[dict[str, bytes]]:
        folders = [tmp_path / f"{process}.{run}" for run in range(RUNS_OF_PROCESSES[process])]
        threads = str(1 + process % 3)
        settings = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", PROCESS, " ".join(map(str, folders))]
        subprocess.run(
            [*command, *asked],
            check=True,
            env={**os.environ, **settings, "PYTHONHASHSEED": str(process)},
        )
        return [written(folder, Path(f"{folder}.txt").read_bytes()) for folder in folders]

    with ThreadPoolExecutor(2) as pool:
        processes = range(len(RUNS_OF_PROCESSES))
        found = [run for runs in pool.map(one, processes) for run in runs]
    assert len(found) == sum(RUNS_OF_PROCESSES)
    assert len(found[0]) == 11
    assert all(again == found[0] for again in found[1:])


@pytest.mark.parametrize(
    "options",
    sweep(
        [
            pytest.param(VALID, id="valid"),
            pytest.param((), id="held back"),
            pytest.param((*VALID, "--trees", "8"), id="trees"),
        ],
        3,
        1,
    ),
)
def test_shuffled_training_rows_write_the_same_bytes(
    options: Sequence[str], tables: dict[str, str], tmp_path: Path
) -> None:
    asked = [tables.get(word, word) for word in options]

    def outputs(train: Path, folder: Path) -> dict[str, bytes]:
        arguments = [*FIT, str(train), *asked, "--output", str(folder)]
        done = invoke(arguments, catch_exceptions=False)
        assert done.exit_code == 0
        return written(folder, done.output_bytes)

    header, *rows = Path(tables["TRAIN"]).read_text().splitlines()
    first = outputs(Path(tables["TRAIN"]), tmp_path / "first")
    assert len(first) == 11 + (not options)
    for seed in range(3 if RELEASE else 1):
        random.Random(seed).shuffle(rows)
        train = tmp_path / f"train{seed}.csv"
        train.write_text("\n".join([header, *rows]) + "\n")
        assert outputs(train, tmp_path / str(seed)) == first
