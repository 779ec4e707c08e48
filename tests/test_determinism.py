"""Same input, same bytes out: over runs, hash seeds, threads and orders of rows."""

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

RUNS = 20


def outputs(
    folder: Path, train: str = "data/train.csv", valid: bool = True, **environment: str
) -> dict[str, bytes]:
    """Run `leadweights fit` in a process of its own; read all it wrote and printed."""
    command = [sys.executable, "-m", "leadweights", "fit", train, "--key", "contact_id"]
    if valid:
        command += ["--valid", "data/valid.csv", "--dictionary", "data/features.toml"]
    command += ["--output", str(folder)]
    done = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, **environment}
    )
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    printed = done.stdout.replace(str(folder).encode(), b"") + done.stderr
    return {**files, "printed": printed}


def test_twenty_runs_with_other_hash_seeds_and_threads_write_the_same_bytes(
    tmp_path: Path,
) -> None:
    def one(run: int) -> dict[str, bytes]:
        threads = str(1 + run % 3)
        return outputs(
            tmp_path / str(run),
            PYTHONHASHSEED=str(run),
            OMP_NUM_THREADS=threads,
            OPENBLAS_NUM_THREADS=threads,
        )

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, range(RUNS)))
    assert len(found) == RUNS
    assert len(found[0]) == 8
    assert all(again == found[0] for again in found[1:])


@pytest.mark.parametrize("valid", [True, False])
def test_shuffled_training_rows_write_the_same_bytes(valid: bool, tmp_path: Path) -> None:
    header, *rows = Path("data/train.csv").read_text().splitlines()
    found = []
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        train = tmp_path / f"train{seed}.csv"
        train.write_text("\n".join([header, *rows]) + "\n")
        found.append(outputs(tmp_path / str(seed), str(train), valid))
    first = outputs(tmp_path / "first", valid=valid)
    assert all(again == first for again in found)
