"""A store that refuses, throttles and breaks off: once, and for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import leadweights as lw
from leadweights.errors import CloudError, LeadweightsError
from leadweights.files import ranges
from tests.support.clouds import CUT, DROP, Asked, Bucket
from tests.support.commands import invoke

pytestmark = pytest.mark.tool("moto")
MODEL, VALID = Path("outputs/model.json"), Path("data/valid.csv")
FAULTS = {403: "refuses access (403)", 503: "too busy", CUT: "broke off", DROP: "broke off"}


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, words)))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert "S3cr3t" not in found.output
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture
def tables(bucket: Bucket, tmp_path: Path) -> list[str]:
    """Keep rows as CSV and as Parquet, the latter larger than what is fetched as a whole."""
    parquet = tmp_path / "valid.parquet"
    noise = ", ".join(f"random() AS a{number}" for number in range(20))
    rows = f"SELECT *, {noise} FROM '{VALID}', range(50)"
    duckdb.execute(f"COPY ({rows}) TO '{parquet}' (ROW_GROUP_SIZE 8192)")
    assert parquet.stat().st_size > ranges.SMALL
    return [bucket.put("valid.csv", VALID), bucket.put("valid.parquet", parquet)]


@pytest.mark.parametrize("answer", [503, CUT, DROP])
def test_what_goes_wrong_once_is_asked_for_again(
    answer: int, bucket: Bucket, tables: list[str], tmp_path: Path
) -> None:
    model = lw.load(MODEL)
    expected = [lw.score(model, url)["lead_score"].tolist() for url in tables]
    bucket.asked.clear()
    for number in range(6):
        # An object that is new is fetched anew.
        names = [f"valid-{answer}-{number}.csv", f"valid-{answer}-{number}.parquet"]
        urls = [
            bucket.put(names[0], VALID),
            bucket.put(names[1], tmp_path / "valid.parquet"),
        ]
        for url, found in zip(urls, expected, strict=True):
            bucket.break_at(number, answer, lasting=False)
            assert lw.score(model, url)["lead_score"].tolist() == found
            bucket.fault = None


@pytest.mark.parametrize("answer", FAULTS)
def test_what_stays_wrong_is_told_in_one_line_and_nothing_is_written(
    answer: int, bucket: Bucket, tables: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "scores.csv"
    # The first request looks at the table, the third reads a part of it.
    for url, number in zip(tables, (0, 2), strict=True):
        if answer == DROP and number == 0:
            continue  # what is dropped is asked for again most patiently
        bucket.break_at(number, answer)
        code, out, said = run("score", MODEL, url, "-o", output)
        bucket.fault = None
        assert (code, out) == (1, "")
        *told, line = said.splitlines()
        assert line.startswith(f"Error: cannot read {url}: the ")
        assert FAULTS[answer] in line
        assert all("is copied into" in one for one in told)
        assert not output.exists()
    assert not list(tmp_path.glob("temporary/*/scores*"))


def test_a_model_whose_folder_cannot_be_looked_at_is_not_taken_for_one_without(
    bucket: Bucket,
) -> None:
    for name in ("model.json", "manifest.json", "baseline.json"):
        bucket.put(f"outputs/{name}", Path("outputs") / name)
    folder = f"{bucket.url}/outputs"

    def fault(asked: Asked, _: int) -> int | None:
        return 403 if asked.key.endswith(("manifest.json", "baseline.json")) else None

    bucket.fault = fault
    code, out, said = run("monitor", folder, VALID)
    assert (code, out) == (1, "")
    assert "manifest.json: the store refuses access (403)" in said
    with pytest.raises(CloudError):
        lw.load(folder)


def test_what_changes_while_it_is_read_is_an_error(
    bucket: Bucket, tables: list[str], tmp_path: Path
) -> None:
    """Half of one table and half of the next would be scored as if they were one."""
    seen: list[Asked] = []

    def fault(asked: Asked, _: int) -> None:
        seen.append(asked)
        if len([one for one in seen if one.range]) == 2:
            bucket.put("valid.parquet", tmp_path / "other.parquet")

    duckdb.execute(
        f"COPY (FROM '{tmp_path / 'valid.parquet'}' ORDER BY a1) TO '{tmp_path / 'other.parquet'}'"
    )
    bucket.fault = fault
    with pytest.raises(LeadweightsError, match="changed while it was being read"):
        lw.score(lw.load(MODEL), tables[1])


def test_without_credentials_it_says_where_they_come_from(bucket: Bucket, tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own |= {
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
    }
    words = [sys.executable, "-m", "leadweights", "score", str(MODEL), f"{bucket.url}/x.csv"]
    found = subprocess.run(words, capture_output=True, text=True, env=own, check=False)
    assert found.returncode == 1
    assert "no credentials were found: they come from the environment" in found.stderr
    # A profile's file is one of these places.
    (tmp_path / "keys").write_text("[crm]\naws_access_key_id = a\naws_secret_access_key = S3cr3t\n")
    own |= {"AWS_PROFILE": "crm", "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys")}
    bucket.put("x.csv", VALID)
    found = subprocess.run(words, capture_output=True, text=True, env=own, check=False)
    assert found.returncode == 0, found.stderr
    assert "S3cr3t" not in found.stderr
    assert "nanobind" not in found.stderr


def test_an_interrupt_leaves_nothing(bucket: Bucket, tables: list[str], tmp_path: Path) -> None:
    def fault(asked: Asked, _: int) -> None:
        if asked.range:
            time.sleep(3)

    bucket.fault = fault
    words = [sys.executable, "-m", "leadweights", "score", MODEL, tables[1]]
    process = subprocess.Popen(
        [*map(str, words), "-o", f"{bucket.url}/scores.csv"], stderr=subprocess.PIPE, text=True
    )
    latest = time.monotonic() + 60
    while not any(one.range for one in bucket.asked) and time.monotonic() < latest:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "scores.csv" not in bucket.list_keys()
    assert not list((tmp_path / "temporary").iterdir())
