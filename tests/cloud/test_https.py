"""Files behind https, from a server of our own on the loopback address, where http is read too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import duckdb
import pytest

import leadweights as lw
from leadweights.errors import UnsupportedError
from leadweights.files.remote import RemotePath, as_path
from tests.support.bad_urls import find_secret
from tests.support.commands import invoke
from tests.support.web import Web, serve

MODEL, VALID = Path("outputs/model.json"), Path("data/valid.csv")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    parquet = tmp_path_factory.mktemp("web") / "valid.parquet"
    duckdb.execute(f"COPY (FROM '{VALID}') TO '{parquet}' (ROW_GROUP_SIZE 512)")
    with serve() as web:
        web.files["valid.parquet"] = parquet.read_bytes()
        web.files["valid.csv"] = VALID.read_bytes()
        web.files["model.json"] = MODEL.read_bytes()
        yield web


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, words)))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert "S3cr3t" not in found.output
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("how", ["ranges", "plain", "moved", "unsized", "slow", "signed"])
def test_a_table_is_read_from_every_kind_of_server(how: str, ending: str, web: Web) -> None:
    signature = "?X-Amz-Expires=60&sig=S3cr3t" if how == "signed" else ""
    code, out, said = run("score", MODEL, web.url(f"{how}/valid.{ending}{signature}"))
    assert code == 0, said
    assert out == run("score", MODEL, VALID)[1]
    in_place = ending == "parquet" and how not in ("plain", "unsized")
    assert ("is copied into" in said) != in_place
    if not in_place:
        assert f"http://127.0.0.1/{how}/valid.{ending}" in said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("ranges/none.csv", "no such file"),
        ("404/x.csv", "no such file"),
        ("401/x.csv", "does not know who asks (401)"),
        ("403/x.csv", "refuses access (403)"),
        ("503/x.csv", "too busy"),
        ("500/x.csv", "the store fails (HTTP 500)"),
        ("circle/x.csv", "from one address to the next"),
        ("short/valid.csv", "the connection broke off"),
        ("short/valid.parquet", "the connection broke off"),
        ("signed/valid.csv?sig=S3cr3tx&x=wrong", "copied"),
    ],
)
def test_what_a_server_refuses_is_told_in_one_line(path: str, said: str, web: Web) -> None:
    code, out, told = run("score", MODEL, web.url(path, "u:S3cr3t@"))
    if said != "copied":
        assert (code, out) == (1, "")
        assert said in told
    assert told.count("\n") <= 2
    assert "Traceback" not in told


def test_what_changes_while_it_is_read_is_not_believed(web: Web) -> None:
    from leadweights.files.object_stores import find, read

    url = web.url("ranges/changing.csv")
    web.files["changing.csv"] = b"a" * 1000
    found = find(url)
    assert read(url, found, 10, 20) == b"a" * 10
    web.files["changing.csv"] = b"b" * 1000
    with pytest.raises(OSError, match="changed while it was being read"):
        read(url, found, 10, 20)


def test_no_signature_is_told_or_written(web: Web, tmp_path: Path) -> None:
    signed = web.url("signed/valid.csv?sig=S3cr3t", "S3cr3t:S3cr3t@")
    learnt = lw.fit_model(signed, keys=["contact_id"])
    lw.save(learnt, tmp_path / "model.json")
    assert run("columns", signed, "--write", tmp_path / "features.toml")[0] == 0
    assert run("score", web.url("ranges/model.json"), signed, "-o", tmp_path / "s.csv")[0] == 0
    assert run("score", MODEL, signed, "--columns", "nothing")[0] == 1
    assert not find_secret(tmp_path)
    for shown in (str(as_path(signed)), repr(as_path(signed)), repr(lw.File(signed))):
        assert "S3cr3t" not in shown
    with pytest.raises(lw.LeadweightsError) as raised:
        lw.score(learnt, web.url("404/x.csv?sig=S3cr3t"))
    assert "S3cr3t" not in "".join(_everything(raised.value))


def _everything(problem: BaseException | None) -> Iterator[str]:
    """Give what a traceback shows of an error and of those it came from."""
    while problem is not None:
        yield repr(problem)
        problem = problem.__cause__ or problem.__context__


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:S3cr3t@bucket/x.csv",
        "s3://bucket/x.csv?secret=S3cr3t",
        "s3://S3cr3t@bucket/x.csv",
        "az://c/x.csv?sv=1&sig=S3cr3t",
        "abfss://c:S3cr3t@account.dfs.core.windows.net/x.csv",
        "gs://u:S3cr3t@bucket/x.csv",
        "s3://bucket/../S3cr3t",
        "s3:///S3cr3t",
        "s3://bucket//S3cr3t",
        "http://example.com/x.csv?sig=S3cr3t",
        "https://u:S3cr3t@/x.csv",
        "https://exa mple/x.csv?sig=S3cr3t",
        "https://h/x\ny.csv?sig=S3cr3t",
    ],
)
def test_a_url_that_cannot_be_one_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(UnsupportedError) as raised:
        as_path(url)
    assert "S3cr3t" not in str(raised.value)
    code, out, _ = run("score", MODEL, url)
    assert (code, out) == (1, "")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    without = lambda name, *more: None if name == "s3fs" else find(name, *more)  # noqa: E731
    monkeypatch.setattr("leadweights.files.object_stores.find_spec", without)
    code, _, said = run("score", MODEL, "s3://bucket/x.csv")
    assert code == 1
    assert said == ("Error: files in the cloud need s3fs: pip install 'leadweights[cloud]'\n")


def test_threads_that_read_one_open_file_each_have_a_place_of_their_own(web: Web) -> None:
    """DuckDB sets a place and reads there in several threads at once."""
    from leadweights.files.ranges import RangeFile

    content = web.files["valid.csv"]
    path = as_path(web.url("ranges/valid.csv"))
    assert isinstance(path, RemotePath)
    opened = RangeFile(path, path.find())
    at_once = Barrier(4)

    def read(start: int) -> bytes:
        opened.seek(start)
        at_once.wait(30)  # all have set theirs before the first reads
        return opened.read(100)

    starts = [0, 1000, 20_000, 60_000]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(read, starts))
    assert found == [content[start : start + 100] for start in starts]
