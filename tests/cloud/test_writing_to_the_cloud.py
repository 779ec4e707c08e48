"""What is written to a store is there as a whole or not at all, whatever request goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import leadweights as lw
from leadweights.errors import LeadweightsError, OutputError
from leadweights.files.manifest import PREFIX
from leadweights.files.read import read_text
from leadweights.files.remote import RemotePath, as_path
from leadweights.files.write import Content, write_text
from tests.support.clouds import Asked, Bucket
from tests.support.commands import invoke

pytestmark = pytest.mark.tool("moto")
MODEL, TRAIN, VALID = Path("outputs/model.json"), Path("data/train.csv"), Path("data/valid.csv")
OLD = {"model.json": "old model", "metrics.json": "old metrics"}
NEW = {"model.json": "new model", "extra.json": "new extra"}


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, words)))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout, found.stderr


def write(bucket: Bucket, texts: dict[str, str]) -> tuple[str, ...]:
    home = as_path(f"{bucket.url}/outputs")
    placed: dict[Path, Content] = {home / name: text for name, text in texts.items()}
    return write_text(placed, home, basis="model.json" if "model.json" in texts else None)


def read(bucket: Bucket, names: dict[str, str]) -> dict[str, str]:
    """Read files as leadweights does, which believes the manifest."""
    home = as_path(f"{bucket.url}/outputs")
    return {name: read_text(home / name, "a text", OutputError) for name in names}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_scores_go_to_the_cloud_as_to_a_file(ending: str, bucket: Bucket, tmp_path: Path) -> None:
    url = f"{bucket.url}/scores.{ending}"
    code, _, said = run("score", MODEL, bucket.put("valid.csv", VALID), "-o", url)
    assert code == 0, said
    assert f"1,200 rows scored into {url}" in said
    assert run("score", MODEL, VALID, "-o", tmp_path / f"scores.{ending}")[0] == 0
    assert bucket.get(f"scores.{ending}") == (tmp_path / f"scores.{ending}").read_bytes()


def test_what_is_read_is_not_written_over(bucket: Bucket) -> None:
    url = bucket.put("valid.csv", VALID)
    code, _, said = run("score", MODEL, url, "-o", url)
    assert code == 2
    assert f"{url} is read; write to another file" in said
    assert bucket.get("valid.csv") == VALID.read_bytes()


def test_broken_off_at_each_request_a_folder_is_the_old_or_the_new_one(bucket: Bucket) -> None:
    """No request may be the one after which files of two runs are believed together."""
    write(bucket, OLD)
    before = bucket.all()
    bucket.asked.clear()
    write(bucket, NEW)
    requests = len(bucket.asked)
    assert read(bucket, NEW) == NEW
    outcomes = set()
    for number in range(requests):
        for key in bucket.list_keys():
            bucket._ask("DELETE", f"/{bucket.name}/{key}")
        for key, content in before.items():
            bucket.put(key, content)
        bucket.break_at(number, 403)
        said = ""
        try:
            write(bucket, NEW)
        except LeadweightsError as problem:
            said = str(problem)
        bucket.fault, failed = None, bool(said)
        assert not failed or "403" in said
        now = OLD if failed else NEW
        outcomes.add(failed)
        assert read(bucket, now) == now, number
        if failed:
            # But for what waited and could not be taken away, all is as it was.
            left = {k: v for k, v in bucket.all().items() if PREFIX not in k}
            assert left == before, number
        elif number % 2:
            # Whoever writes next finishes what was begun.
            write(bucket, {"later.json": "later"})
            for name in NEW:
                assert bucket.get(f"outputs/{name}").decode() == NEW[name], (number, name)
    assert outcomes == {True, False}


def test_a_manifest_that_came_through_unheard_counts(bucket: Bucket) -> None:
    """The request is carried out, and its answer lost: what is said must be true."""
    write(bucket, OLD)
    lost: list[Asked] = []

    def fault(asked: Asked, _: int) -> int | None:
        if asked.method == "PUT" and asked.key == "outputs/manifest.json" and not lost:
            lost.append(asked)
            waiting = [key for key in bucket.list_keys() if PREFIX in key]
            assert waiting
        return None

    bucket.fault = fault
    write(bucket, NEW)
    assert lost
    assert read(bucket, NEW) == NEW


def test_files_that_no_manifest_lists_are_put_back(bucket: Bucket) -> None:
    folder = f"{bucket.url}/dbt"
    bucket.put("dbt/models/lead_scores.sql", b"mine")
    code, _, said = run("export", "dbt", MODEL, "--relation", "crm.leads", "--output", folder)
    assert code == 0, said
    written = bucket.list_keys()
    assert len(written) > 3
    for key in written:
        bucket._ask("DELETE", f"/{bucket.name}/{key}")
    bucket.put("dbt/models/lead_scores.sql", b"mine")
    puts: list[Asked] = []

    def fault(asked: Asked, _: int) -> int | None:
        if asked.method == "PUT":
            puts.append(asked)
            return 403 if len(puts) == 3 else None
        return None

    bucket.fault = fault
    code, _, said = run("export", "dbt", MODEL, "--relation", "crm.leads", "--output", folder)
    assert code == 1
    assert "the store refuses access (403)" in said
    assert bucket.all() == {"dbt/models/lead_scores.sql": b"mine"}


def test_a_large_object_comes_in_parts_and_as_a_whole(bucket: Bucket, tmp_path: Path) -> None:
    from leadweights.files.write import replace_file

    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 2**19)  # 128 MiB: s3fs cuts it
    url = f"{bucket.url}/large.bin"
    with replace_file(as_path(url)) as place:
        shutil.copyfile(large, place)
    posts = [asked for asked in bucket.asked if asked.method == "POST"]
    assert len(posts) == 2
    assert len(bucket.get("large.bin")) == large.stat().st_size
    bucket.put("large.bin", b"before")
    parts: list[Asked] = []

    def fault(asked: Asked, _: int) -> int | None:
        if asked.method == "PUT":
            parts.append(asked)
            return 403 if len(parts) == 2 else None
        return None

    bucket.fault = fault
    with pytest.raises(OutputError, match="403"), replace_file(as_path(url)) as place:
        shutil.copyfile(large, place)
    assert bucket.all() == {"large.bin": b"before"}
    assert not bucket.uploads()


def test_behind_https_nothing_is_written(tmp_path: Path) -> None:
    code, _, said = run("score", MODEL, VALID, "-o", "https://127.0.0.1:1/scores.csv")
    assert code == 2
    assert "behind https files are only read" in said
    with pytest.raises(OutputError, match="behind https files are only read"):
        lw.score_to_file(lw.load(MODEL), VALID, "https://127.0.0.1:1/scores.csv")
    code, _, said = run("sql", MODEL, "--table", "https://u:S3cr3t@h/x")
    assert code == 2
    assert "S3cr3t" not in said
    assert not list(tmp_path.iterdir())


def test_a_name_on_this_machine_is_made_of_no_url() -> None:
    path = as_path("s3://bucket/folder/file.csv")
    assert isinstance(path, RemotePath)
    assert str(path / "x" / ".." / "y") == "s3://bucket/folder/file.csv/x/../y"
    for act in (open, lambda p: p.write_text("x"), lambda p: p.unlink()):
        with pytest.raises(OSError, match="not on this machine"):
            act(path)
    assert str(path.parent) == "s3://bucket/folder"
    assert path.suffix == ".csv"


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """See that no temporary file is left, but copies that are kept for who reads them again."""
    yield
    left = [p for p in tmp_path.glob("temporary/*/*") if "scores" in p.name or p.suffix == ".bin"]
    assert not left
