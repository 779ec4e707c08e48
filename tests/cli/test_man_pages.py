"""The manual: what the commands say of themselves, in a form that man takes without a word."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from leadweights.cli.main import main
from tests.support.man_pages import FOLDER, man_pages


def test_what_the_code_makes_of_the_manual_is_what_is_committed() -> None:
    """After a change of a command: `make outputs`."""
    made = man_pages()
    assert sorted(made) == sorted(FOLDER.iterdir())
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, path


def read(*words: str) -> "subprocess.CompletedProcess[str]":
    """Ask man for a page, as wide as a terminal, with what it warns of."""
    options = {"LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MANPAGER": "cat"}
    return subprocess.run(
        ["man", "--warnings", *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **options},
    )


@pytest.mark.tool("man")
def test_man_takes_every_page_and_shows_every_option() -> None:
    done = read("--local-file", *map(str, sorted(FOLDER.iterdir())))
    assert done.stderr == ""
    text = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
    for name, command in main.commands.items():
        assert f"leadweights-{name} - " in " ".join(text.split())
        for parameter in command.params:
            assert all(f" {option}" in text for option in parameter.opts if option[0] == "-")
    assert "'" in text
    assert '"' in text
    assert "\\" not in text.replace("\\|", "")


@pytest.mark.tool("man")
@pytest.mark.telling
def test_man_finds_the_page_of_a_command(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "share/man/man1")
    found = read("--manpath", str(tmp_path / "share/man"), "leadweights", "fit").stdout
    assert "LEADWEIGHTS-FIT(1)" in found
