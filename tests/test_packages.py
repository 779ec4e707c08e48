"""What `pip install leadweights` would give: the wheel, its metadata, its command, its manual."""

import email
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it; pip fetches hatchling, so the network is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as held:
        (name,) = (name for name in held.namelist() if name.endswith("METADATA"))
        return email.message_from_bytes(held.read(name))


@pytest.mark.sweep
def test_the_wheel_has_what_git_has_of_the_package_and_no_more(wheel: Path) -> None:
    listed = ["git", "-c", "safe.directory=*", "ls-files", "leadweights"]
    tracked = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    with zipfile.ZipFile(wheel) as held:
        names = [name for name in held.namelist() if ".dist-info/" not in name]
        manual = {Path(name).name: held.read(name) for name in names if "share/man/man1" in name}
    assert {"leadweights/py.typed", "leadweights/__init__.pyi"} <= set(names)
    assert sorted(name for name in names if "share/man/man1" not in name) == sorted(tracked)
    assert manual == {path.name: path.read_bytes() for path in Path("docs/man").iterdir()}


@pytest.mark.sweep
def test_the_metadata_are_those_of_the_project(metadata: Message) -> None:
    assert metadata["Name"] == "leadweights"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])


@pytest.mark.sweep
def test_no_address_is_named_that_is_not_there(metadata: Message) -> None:
    """The project has no public address yet; an index has no pages beside the description."""
    assert metadata.get_all("Project-URL") is None
    assert metadata["Home-page"] is None
    text = str(metadata.get_payload())
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "# leadweights\n" in text
    assert not re.findall(r"\]\((?!https://|#)", text)
    assert "| docs/commands.md | every command" in text
    assert "one of thirty-two dialects (docs/dialects.md)" in text


@pytest.mark.sweep
def test_what_it_installs_runs_and_has_a_manual(wheel: Path, tmp_path: Path) -> None:
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-warn-script-location"]
    words += ["--ignore-installed", "--prefix", str(tmp_path), str(wheel)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    (library,) = tmp_path.rglob("site-packages")
    done = subprocess.run(
        [str(tmp_path / "bin/leadweights"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(library)},
    )
    assert done.stdout == f"leadweights, version {PROJECT['version']}\n"
    assert (tmp_path / "share/man/man1/leadweights-fit.1").is_file()


def test_a_tag_says_the_version() -> None:
    """`make release` asks for the tag; here there may be none."""
    listed = ["git", "-c", "safe.directory=*", "tag", "--points-at", "HEAD", "v*"]
    tags = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    assert tags in ([], [f"v{PROJECT['version']}"])
