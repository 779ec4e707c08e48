"""Nothing is lost by a few faults of each kind, and the page tells of the same kinds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.losses import KINDS

PAGE = Path("docs/reliability.md")
ROW = re.compile(r"^\| (.+) \| (.+) \| (.+) \| ([\d,]+) \| ([\d,]+) \|$", re.MULTILINE)


@pytest.mark.sweep
def test_nothing_is_lost_by_a_few_faults_of_each_kind() -> None:
    command = [sys.executable, "benchmarks/faults.py", "--small"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = ROW.findall(done.stdout)
    assert [row[:3] for row in found] == [(kind.what, kind.fault, kind.kept) for kind in KINDS]
    assert all(int(row[3].replace(",", "")) > 0 and row[4] == "0" for row in found)


def test_the_page_tells_of_these_kinds_and_of_no_loss() -> None:
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [row[:3] for row in found] == [(kind.what, kind.fault, kind.kept) for kind in KINDS]
    assert {row[4] for row in found} == {"0"}
