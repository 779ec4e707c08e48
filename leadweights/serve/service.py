"""What a service serves: the model of a file, or the active one of a store, which it follows."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadweights.errors import LeadweightsError
from leadweights.model.baseline import find_baseline
from leadweights.model.file import load
from leadweights.model.model import ScoringModel
from leadweights.serve.in_force import InForce

if TYPE_CHECKING:
    from leadweights.lifecycle.store.store import Store

EVERY_SECONDS = 1.0
"""How often a store is looked into."""

_WAIT_SECONDS = 2.0
_LOG = logging.getLogger("leadweights.serve")

_Mark = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What a service has at one moment: a model in force, and what keeps it from its store."""

    in_force: InForce | None
    problem: str = ""


class Service:
    """A model in force, the same for all of a request that takes it once.

    Of a store it is the active version: a thread looks each second while the service runs. A store
    that goes away leaves the last model in force, and is followed again when it returns.
    """

    def __init__(
        self, state: State, store: Store | None = None, *, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self.store = store
        self._state, self._every_seconds = state, every_seconds
        self._mark: _Mark | None = None
        self._looking = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @staticmethod
    def of_model(model: ScoringModel | str | Path) -> Service:
        """Serve a model, or its file or folder, with the baseline beside it. Raises ModelError."""
        if isinstance(model, ScoringModel):
            return Service(State(InForce.of(model)))
        found = load(model)
        # Where a folder has a second model, such as equal weights, the baseline is the first's.
        baseline = find_baseline(found, model, pass_over_others=True)
        return Service(State(InForce.of(found, baseline=baseline)))

    @staticmethod
    def of_store(
        place: str, *, every_seconds: float = EVERY_SECONDS, wait_seconds: float = _WAIT_SECONDS
    ) -> Service:
        """Serve the active version of a store, for which it waits while others change it.

        Raises StoreError, EngineError, ModelError.
        """
        from leadweights.lifecycle.store.store import open_store

        store = open_store(place, wait_seconds=wait_seconds)
        service = Service(State(None), store, every_seconds=every_seconds)
        service.look()
        return service

    @property
    def state(self) -> State:
        """Say what there is now."""
        return self._state

    @property
    def in_force(self) -> InForce | None:
        """Give the model in force; None while the store has no active version."""
        return self._state.in_force

    def follow(self) -> None:
        """Begin to look into the store, over and over, in the background."""
        if self.store is None or self._thread is not None:
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._follow, name="leadweights-follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Follow no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_WAIT_SECONDS)
            self._thread = None

    def look(self) -> None:
        """Take the active version of the store, if it is another. Raises LeadweightsError."""
        with self._looking:
            self._look()

    def _follow(self) -> None:
        while not self._stop.wait(self._every_seconds):
            try:
                self.look()
            except Exception as problem:  # whatever it is, the last model stays, and it is told
                known = isinstance(problem, LeadweightsError)
                self._tell(str(problem) if known else type(problem).__name__)

    def _tell(self, problem: str) -> None:
        if problem and not self._state.problem:
            _LOG.warning("the store is away", extra={"said": {"problem": problem}})
        elif self._state.problem and not problem:
            _LOG.info("the store is back")
        self._state = State(self.in_force, problem)

    def _look(self) -> None:
        assert self.store is not None
        mark = self._file_mark()
        # A file that nobody has touched holds what it held: others may have it to themselves.
        if mark is not None and mark == self._mark and not self._state.problem:
            return
        active, now = self.store.active(), self.in_force
        if active is None:
            self._state = State(None, self._state.problem)
        elif now is None or now.version != active.version:
            found = self.store.version(active.version)
            taken = InForce.of(found.model, found.version, found.baseline)
            self._state = State(taken, self._state.problem)
            _LOG.info("in force", extra={"said": taken.stamp})
        self._tell("")
        self._mark = mark

    def _file_mark(self) -> _Mark | None:
        """Mark the state of a DuckDB file and of what is written ahead of it; None of others."""
        from leadweights.tables.databases.open import file_of

        assert self.store is not None
        file = file_of(self.store.place)
        return None if file is None else (_stat(file), _stat(file.with_name(f"{file.name}.wal")))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
