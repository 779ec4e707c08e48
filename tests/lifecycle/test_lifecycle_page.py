"""The commands on the page about the store run, one after the other, in a folder of their own."""

import re
import shlex
from pathlib import Path

import pytest

from tests.support.commands import invoke

PAGE = Path("docs/lifecycle.md").read_text(encoding="utf-8")
SECTIONS = ("The registry", "Audit", "The people in the table")


@pytest.mark.sweep
@pytest.mark.parametrize("title", SECTIONS)
def test_the_commands_of_a_section_run(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = re.split(r"^## ", PAGE.partition(f"\n## {title}\n")[2], flags=re.M)[0]
    commands = [
        shlex.split(line)[1:]
        for block in re.findall(r"^```sh\n(.*?)^```", section, flags=re.DOTALL | re.M)
        for line in block.splitlines()
    ]
    assert len(commands) >= 5
    for name in ("data", "outputs"):
        (tmp_path / name).symlink_to(Path(name).resolve())
    monkeypatch.chdir(tmp_path)
    for words in commands:
        done = invoke(words)
        assert done.exit_code == 0, (words, done.output)
