"""Two processes change a store at once, over and over, and are killed at random moments.

``python -m tests.support.kills PLACE ROUNDS SEED`` does it and says what was left; what the audit
trail tells, done once more in Python, must be what the store holds.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pandas as pd

import leadweights as lw
from leadweights.lifecycle.store import (
    audit,
    people,
    registry,
    scores,  # imported before a fork
)
from leadweights.lifecycle.store.store import Store
from leadweights.tables.databases.open import file_of, transact

VALID, KEY, ROWS = "data/valid.csv", "contact_id", 60
VERSIONS = (1, 2, 3)
_LONGEST_SECONDS = 2.0


def prepare(place: str) -> None:
    """Make a store with three versions, of which one is active."""
    from tests.support.stores import other_model

    store = lw.init_store(place, who="first")
    for shift in (0.0, 0.5, 1.0):
        registry.push(store, other_model(shift))
    registry.activate(store, 1, unproven=True)


def work(place: str, seed: int, begun: int) -> None:
    """Activate, roll back, score and erase, by chance, until the end comes from outside.

    A first change is made before it is told, in the pipe `begun`, that the rest has begun.
    """
    draw = random.Random(seed)
    store = Store(place, f"worker {seed}", 30.0)
    people.erase(store, KEY, ["nobody"], note="[]")
    os.write(begun, b".")
    frame = pd.read_csv(VALID).head(ROWS)
    keys = frame[KEY].tolist()
    while True:
        # A choice that somebody else made meanwhile is none of ours.
        match draw.choice(("activate", "rollback", "score", "score", "erase")):
            case "activate":
                with _told("is active, not"):
                    registry.activate(store, draw.choice(VERSIONS), unproven=True)
            case "rollback":
                with _told("is active, not", "is the first that was active"):
                    registry.rollback(store)
            case "score":
                scores.score_to_store(store, frame, version=draw.choice(VERSIONS))
            case "erase":
                some = sorted(draw.sample(range(ROWS), 5))
                note = json.dumps(some)  # by number: the trail has no key
                people.erase(store, KEY, [keys[place] for place in some], note=note)


class _told(suppress):  # noqa: N801
    """Pass over a StoreError that says one of these."""

    def __init__(self, *said: str) -> None:
        super().__init__(lw.StoreError)
        self._said = said

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> bool:
        expected = any(words in str(problem) for words in self._said)
        return bool(super().__exit__(kind, problem, trace)) and expected


def look(place: str) -> dict[str, Any]:
    """Read the store; raise AssertionError where it is not what its trail tells."""
    store = lw.open_store(place, wait_seconds=30.0)
    trail = audit.verify_audit(store)
    assert trail.holds, trail
    active, replaced, held = 0, dict.fromkeys(VERSIONS, 0), {v: set[int]() for v in VERSIONS}
    events: Counter[str] = Counter()
    for line in store.audit():
        events[line.event] += 1
        details, version = json.loads(line.details), line.version or 0
        match line.event:
            case "activate":
                assert details["replaced"] == (active or None), line
                replaced[version], active = active, version
            case "rollback":
                assert version == replaced[active], line
                active = version
            case "score":
                assert details["rows"] == ROWS, line
                held[version] = set(range(ROWS))
            case "erase":
                gone = set(json.loads(details["note"]))
                assert details["scores"] == sum(len(gone & own) for own in held.values()), line
                held = {v: own - gone for v, own in held.items()}
    keys = pd.read_csv(VALID).head(ROWS)[KEY].tolist()
    with transact(place, write=False, wait_seconds=30.0) as database:
        rows = database.rows('SELECT version, "key" FROM leadweights_scores')
        assert len(rows) == len(set(rows)), "a score is there twice"
        expected = {(v, keys[place]) for v, own in held.items() for place in own}
        assert set(rows) == expected, "other scores than the trail tells"
        assert database.rows("SELECT version FROM leadweights_active") == [(active,)]
        sql = "SELECT version, COUNT(*), SUM(is_active) FROM leadweights_weights GROUP BY version"
        for version, weights, in_use in database.rows(sql):
            assert int(in_use) == (weights if version == active else 0), "two active versions"
    return {"lines": trail.lines, **events}


def fork(call: Callable[[], object]) -> int:
    """Call a function in a copy of this process; the copy ends with 3 where it raises."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            call()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def main(place: str, rounds: int, seed: int) -> None:
    """Kill so many pairs of workers, and look at the store after each."""
    draw = random.Random(seed)
    assert os.waitpid(fork(lambda: prepare(place)), 0)[1] == 0
    for number in range(rounds):
        told, begun = os.pipe()
        seeds = (seed * 10**6 + 2 * number + which for which in (0, 1))
        children = [fork(partial(work, place, own, begun)) for own in seeds]
        os.close(begun)
        assert os.read(told, 1), "no worker has begun"
        os.close(told)
        for child in draw.sample(children, 2):
            time.sleep(draw.uniform(0.0, _LONGEST_SECONDS))
            os.kill(child, signal.SIGKILL)
        for child in children:
            status = os.waitpid(child, 0)[1]
            assert os.WIFSIGNALED(status), f"round {number}: a worker ended by itself"
        looked = os.waitpid(fork(lambda: look(place)), 0)[1]
        assert looked == 0, f"round {number}: the store is not whole"
    sys.stdout.write(json.dumps({"rounds": rounds, **look(place)}) + "\n")
    file = file_of(place)
    if file is not None:  # nothing else is left beside it
        there = {path.name for path in file.parent.iterdir()}
        assert there <= {file.name, f"{file.name}.wal"}, there


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
