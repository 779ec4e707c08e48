"""Shells complete commands and options by asking leadweights, as docs/commands.md tells."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.commands import invoke

LINES = dict(
    re.findall(r"`.*_LEADWEIGHTS_COMPLETE=((\w+)_source) .*`", Path("docs/commands.md").read_text())
)


def ask(instruction: str, **words: str) -> str:
    found = invoke([], env={"_LEADWEIGHTS_COMPLETE": instruction, **words}, prog_name="leadweights")
    return found.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_that_is_documented_gets_its_script(
    shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{shell}_source" in LINES
    # Of bash it asks for the version, which need not be there.
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", lambda *_: None)
    script = ask(f"{shell}_source")
    assert f"_LEADWEIGHTS_COMPLETE={shell}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is needed")
def test_bash_takes_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", lambda *_: None)
    script = ask("bash_source") + "\ncomplete -p leadweights\n"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert "leadweights" in done.stdout


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("leadweights sc", ["score"]),
        ("leadweights export x", ["xlsx"]),
        ("leadweights score --ch", ["--changed-since"]),
        ("leadweights sql --dialect snow", ["snowflake"]),
    ],
)
def test_words_are_completed(typed: str, expected: list[str]) -> None:
    words = typed.split()
    found = ask("bash_complete", COMP_WORDS=typed, COMP_CWORD=str(len(words) - 1))
    assert [line.partition(",")[2] for line in found.splitlines()] == expected


def test_the_version_is_that_of_the_project() -> None:
    version = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
    found = invoke(["--version"], prog_name="leadweights")
    assert (found.exit_code, found.output) == (0, f"leadweights, version {version}\n")
    assert "_LEADWEIGHTS_COMPLETE" not in os.environ
