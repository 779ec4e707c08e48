"""What is committed is what the code makes, and the documents tell the truth."""

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.golden_files import with_dialects

README = Path("README.md").read_text(encoding="utf-8")


def test_the_data_is_what_its_generator_makes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate", "data/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = generate
    spec.loader.exec_module(generate)
    generate.write(tmp_path)
    for name in ("train.csv", "valid.csv"):
        assert (tmp_path / name).read_bytes() == Path("data", name).read_bytes()


def test_the_gate_runs_the_readmes_test_command() -> None:
    gate = Path(".ci/run").read_text()
    assert "grep --max-count=1 '&& pytest' README.md" in gate
    assert README.count("&& pytest") == 1


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


CONSOLE = [
    (command, output)
    for block in blocks("console")
    for command, output in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)
]


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_the_readmes_commands_print_what_it_shows(
    command: str, output: str, tmp_path: Path
) -> None:
    """Lines of `...` in the README stand for any lines."""
    for name in ("data", "outputs"):
        (tmp_path / name).symlink_to(Path(name).resolve())
    words = shlex.split(command)
    assert words[0] == "leadweights"
    if words[1] == "fit":
        (tmp_path / "outputs").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "leadweights", *words[1:]],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
        for line in output.splitlines(keepends=True)
    )
    assert re.fullmatch(pattern, done.stdout), done.stdout


@pytest.mark.parametrize("code", blocks("python"))
def test_the_readmes_python_runs(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})


def test_the_readmes_dialects_are_those_there_are() -> None:
    assert with_dialects(README) == README
    assert "<!-- dialects -->\n\n| dialect | proven on |" in README


def test_the_readme_shows_something() -> None:
    assert len(CONSOLE) >= 5
    assert blocks("python")


def test_the_change_log_has_an_entry_for_the_version() -> None:
    version = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in Path("CHANGELOG.md").read_text()
