"""Two processes change a store at once and are killed: it is whole, whatever was under way.

`LEADWEIGHTS_KILLS=200 pytest tests/lifecycle/test_kills.py` kills so many pairs on each database,
and so does a release.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.release import RELEASE

ROUNDS = int(os.environ.get("LEADWEIGHTS_KILLS", "200" if RELEASE else "1"))

_MANY = 50


@pytest.mark.sweep
def test_a_store_is_whole_whoever_is_killed(place: str, tmp_path: Path) -> None:
    """What the audit trail tells, done once more, is what the store holds."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    own = tmp_path / "own"
    own.mkdir()
    place = place.replace(str(tmp_path), str(own))
    command = [sys.executable, "-m", "tests.support.kills", place, str(ROUNDS), "16"]
    # A child that is killed removes no temporary folder.
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(temporary)}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["rounds"] == ROUNDS
    if ROUNDS >= _MANY:  # then each was under way, and each was done
        assert min(found[event] for event in ("activate", "rollback", "score", "erase")) > 5
