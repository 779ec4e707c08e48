"""Tables in the cloud, by every command that takes one: what comes of them is what a file gives."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import leadweights as lw
from leadweights.files import ranges
from leadweights.learn.recipe import OnDisk
from leadweights.model.file import to_json
from tests.support.clouds import Bucket
from tests.support.commands import invoke

pytestmark = pytest.mark.tool("moto")
MODEL, TRAIN, VALID = Path("outputs/model.json"), Path("data/train.csv"), Path("data/valid.csv")


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, words)))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout, found.stderr


def write_parquet(rows: str, path: Path, group: int) -> None:
    duckdb.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {group})")


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    """Keep the rows to learn from as Parquet, in several row groups."""
    path = tmp_path / "train.parquet"
    write_parquet(f"FROM '{TRAIN}'", path, 1024)
    return path


def test_fsspec_is_imported_by_nobody_who_names_no_url() -> None:
    code = (
        "import sys, leadweights as lw, leadweights.cli.main; "
        "lw.score(lw.load('outputs/model.json'), 'data/valid.csv'); "
        "sys.exit(bool({'fsspec', 's3fs', 'aiohttp'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("valid.csv", VALID.read_bytes()),
        ("valid.csv.gz", gzip.compress(VALID.read_bytes())),
        ("valid [1] ü.tsv", VALID.read_bytes().replace(b",", b"\t")),
    ],
)
def test_a_text_file_is_copied_once_and_scored_as_here(
    name: str, content: bytes, bucket: Bucket, tmp_path: Path
) -> None:
    from urllib.parse import quote

    bucket.put(quote(name), content)
    (tmp_path / name).write_bytes(content)
    expected = run("score", MODEL, tmp_path / name)
    code, out, said = run("score", MODEL, f"{bucket.url}/{name}")
    assert (code, out) == expected[:2]
    assert said.count("is copied into") == 1
    assert f"{bucket.url}/{name}" in said
    whole = [one for one in bucket.asked if one.method == "GET" and one.range]
    assert [one.range for one in whole] == [f"bytes=0-{len(content) - 1}"]


def test_a_model_is_learnt_from_parquet_where_it_is(bucket: Bucket, parquet: Path) -> None:
    url = bucket.put("crm/train.parquet", parquet)
    found = lw.fit_model(url, keys=["contact_id"])
    assert to_json(found) == to_json(lw.fit_model(parquet, keys=["contact_id"]))
    fetched = [one.range for one in bucket.asked if one.range]
    assert fetched == [f"bytes=0-{parquet.stat().st_size - 1}"]


def test_a_large_table_is_learnt_from_in_the_engine_and_fetched_once(
    bucket: Bucket, tmp_path: Path
) -> None:
    half = "SELECT *, random() AS a, random() AS b, random() AS c FROM '{}', range({})"
    for number in (1, 2):
        part = tmp_path / f"part-{number}.parquet"
        write_parquet(half.format(TRAIN, 55), part, 30_000)
        assert part.stat().st_size > ranges.SMALL // 2
        bucket.put(f"crm/part-{number}.parquet", part)
    bucket.asked.clear()
    place = OnDisk(None, None)
    found = lw.fit_model(f"{bucket.url}/crm/part-*.parquet", keys=["contact_id"], place=place)
    here = lw.fit_model(tmp_path / "part-*.parquet", keys=["contact_id"], place=place)
    assert to_json(found) == to_json(here)
    fetched = [one.range.removeprefix("bytes=").split("-") for one in bucket.asked if one.range]
    total = sum(int(end) - int(start) + 1 for start, end in fetched)
    assert total <= 1.02 * sum(path.stat().st_size for path in tmp_path.glob("*.parquet"))


def test_only_the_columns_that_are_needed_are_fetched(bucket: Bucket, tmp_path: Path) -> None:
    wide = tmp_path / "wide.parquet"
    noise = ", ".join(f"random() AS noise_{number}" for number in range(100))
    rows = f"SELECT *, {noise} FROM '{VALID}', range(20)"
    write_parquet(rows, wide, 122_880)
    found = lw.score(lw.load(MODEL), bucket.put("wide.parquet", wide))
    assert found.equals(lw.score(lw.load(MODEL), wide))
    fetched = [one.range.removeprefix("bytes=").split("-") for one in bucket.asked if one.range]
    total = sum(int(end) - int(start) + 1 for start, end in fetched)
    assert total < wide.stat().st_size / 4


def test_models_and_documents_are_read_from_the_cloud(bucket: Bucket) -> None:
    for name in ("model.json", "manifest.json", "baseline.json", "metrics.json"):
        bucket.put(f"outputs/{name}", Path("outputs") / name)
    dictionary = bucket.put("features.toml", Path("data/features.toml"))
    valid = bucket.put("valid.csv", VALID)
    folder = f"{bucket.url}/outputs"
    for words in (
        ("sql", folder),
        ("weights", f"{folder}/model.json"),
        ("check-input", folder + "/model.json", valid),
        ("monitor", folder, valid),
        ("golden", folder, valid, "--rows", 3),
        ("threshold", folder, valid, "--precision", 0.8),
        ("diff", folder, "outputs"),
        ("columns", valid, "--dictionary", dictionary),
    ):
        here = [
            str(word).replace(folder, "outputs").replace(f"{bucket.url}/", "data/")
            for word in words
        ]
        code, out, said = run(*words)
        expected = run(*here)
        assert code == expected[0], (words, said)
        assert out.replace(folder, "outputs").replace(f"{bucket.url}/", "data/") == expected[1]
    bucket.put("outputs/model.json", MODEL.read_bytes() + b" ")
    code, _, said = run("sql", folder)
    assert code == 1
    assert "is not the file that" in said
