"""The session of docs/cloud.md, as it stands there, against moto."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.support.clouds import Bucket, Cloud

pytestmark = pytest.mark.tool("moto")
PAGE = Path("docs/cloud.md")


@pytest.mark.telling
def test_the_session_of_the_page_goes_as_it_is_told(cloud: Cloud, tmp_path: Path) -> None:
    bucket = Bucket("crm-leads", cloud.moto_port)
    bucket._ask("PUT", "/crm-leads")
    for path in (Path("data/train.csv"), Path("data/valid.csv"), Path("data/features.toml")):
        bucket.put(path.name, path)
    duckdb.execute(f"COPY (FROM 'data/valid.csv') TO '{tmp_path / 'july.parquet'}'")
    bucket.put("july.parquet", tmp_path / "july.parquet")
    (session,) = re.findall(r"^```text\n(\$ leadweights.*?)^```", PAGE.read_text(), re.S | re.M)
    told = re.findall(r"^\$ leadweights (.+)\n((?:(?!\$ ).*\n)*)", session, flags=re.MULTILINE)
    assert len(told) == 5
    for command, output in told:
        done = subprocess.run(
            [sys.executable, "-m", "leadweights", *shlex.split(command)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "nanobind" not in done.stderr
        pattern = "".join(
            r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
            for line in output.splitlines(keepends=True)
        )
        assert re.fullmatch(pattern, done.stdout), done.stdout
    # What was written there is what the same fit writes here.
    here = json.loads(Path("outputs/manifest.json").read_text())["files"]
    there = json.loads(bucket.get("models/june/manifest.json"))
    assert there.keys() == {"made_by", "files"}
    assert there["files"].items() <= here.items()
    for name in there["files"]:
        assert bucket.get(f"models/june/{name}") == (Path("outputs") / name).read_bytes(), name
    assert not [key for key in bucket.list_keys() if ".leadweights" in key]
    assert len(bucket.get("scores/july.parquet")) > 1000
