"""Azure's blobs, from Azurite on the loopback address: the emulator that Microsoft gives."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadweights.errors import OutputError
from leadweights.errors.shown import show
from leadweights.files.object_stores import find, read
from leadweights.files.read import read_text
from leadweights.files.remote import as_path
from leadweights.files.write import write_text
from tests.support.commands import invoke
from tests.support.tools import NPM

# Every Azurite has this account and this key, which its documents tell.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
MODEL, VALID = Path("outputs/model.json"), Path("data/valid.csv")

pytestmark = [
    pytest.mark.tool("npm"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Azurite on a free port; give the file system of its account."""
    from adlfs import AzureBlobFileSystem

    log = tmp_path_factory.mktemp("azurite") / "log"
    place = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"]
    with log.open("wb") as said, pytest.MonkeyPatch.context() as own:
        process = subprocess.Popen(
            [f"{os.environ[NPM]}/.bin/azurite-blob", *place, "--skipApiVersionCheck"],
            stdout=said,
            stderr=said,
        )
        latest = time.monotonic() + 60
        while "listens on " not in log.read_text() and time.monotonic() < latest:
            time.sleep(0.1)
        url = log.read_text().partition("listens on ")[2].strip()
        named = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        own.setenv("AZURE_STORAGE_CONNECTION_STRING", f"{named}BlobEndpoint={url}/{ACCOUNT};")
        AzureBlobFileSystem.clear_instance_cache()
        found = AzureBlobFileSystem(anon=False)
        found.mkdir("leads")
        yield found
        AzureBlobFileSystem.clear_instance_cache()
        process.terminate()
        process.wait(20)


def run(*words: object) -> tuple[int, str, str]:
    found = invoke(list(map(str, words)))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert KEY not in found.output
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("scheme", ["az://leads", f"abfss://leads@{ACCOUNT}.dfs.core.windows.net"])
@pytest.mark.telling
def test_tables_are_read_and_scores_written(scheme: str, system: Any, tmp_path: Path) -> None:
    parquet = tmp_path / "valid.parquet"
    duckdb.execute(f"COPY (FROM '{VALID}') TO '{parquet}' (ROW_GROUP_SIZE 512)")
    for path in (parquet, VALID, MODEL):
        system.put_file(str(path), f"leads/crm/{path.name}")
    expected = run("score", MODEL, VALID)[1]
    for name in (parquet.name, VALID.name):
        code, out, said = run("score", f"{scheme}/crm/model.json", f"{scheme}/crm/{name}")
        assert (code, out) == (0, expected), said
    url = f"{scheme}/crm/scores.csv"
    assert run("score", MODEL, f"{scheme}/crm/{parquet.name}", "-o", url)[0] == 0
    assert system.cat_file("leads/crm/scores.csv").decode() == expected
    code, _, said = run("columns", f"{scheme}/crm/none.csv")
    assert (code, said) == (1, f"Error: {show(f'no such file: {scheme}/crm/none.csv')}\n")
    assert run("columns", f"{scheme}/crm/val*.parquet")[0] == 1


def test_files_that_belong_together_are_written_together(system: Any) -> None:
    home = as_path("az://leads/outputs")
    write_text({home / "model.json": "one", home / "metrics.json": "of one"}, home, "model.json")
    outdated = write_text({home / "model.json": "two"}, home, "model.json")
    assert outdated == ("metrics.json",)
    assert read_text(home / "model.json", "a text", OutputError) == "two"
    names = {
        "leads/outputs/model.json",
        "leads/outputs/metrics.json",
        "leads/outputs/manifest.json",
    }
    assert set(system.find("leads/outputs")) == names
    system.pipe_file("leads/outputs/model.json", b"changed")
    with pytest.raises(OutputError, match="is not the file that"):
        read_text(home / "model.json", "a text", OutputError)


def test_what_changes_while_it_is_read_is_not_believed(system: Any) -> None:
    system.pipe_file("leads/changing.csv", b"a" * 100)
    found = find("az://leads/changing.csv")
    assert read("az://leads/changing.csv", found, 10, 20) == b"a" * 10
    system.pipe_file("leads/changing.csv", b"b" * 100)
    with pytest.raises(OSError, match="changed while it was being read"):
        read("az://leads/changing.csv", found, 10, 20)
