"""What a service serves: the model of a file, or the active one of a store, which it follows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadweights.errors import LeadweightsError
from leadweights.model.file import load
from leadweights.model.model import ScoringModel
from leadweights.serve.in_force import InForce

if TYPE_CHECKING:
    from leadweights.lifecycle.store.store import Store

_EVERY_SECONDS = 1.0
_WAIT_SECONDS = 2.0


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

    def __init__(self, state: State, store: Store | None = None) -> None:
        self.store = store
        self._state = state
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.on_change: Callable[[InForce], object] = lambda in_force: in_force

    @staticmethod
    def of_model(model: ScoringModel | str | Path) -> Service:
        """Serve a model, or its file or folder. Raises ModelError."""
        found = model if isinstance(model, ScoringModel) else load(model)
        return Service(State(InForce.of(found)))

    @staticmethod
    def of_store(place: str) -> Service:
        """Serve the active version of a store. Raises StoreError, EngineError."""
        from leadweights.lifecycle.store.store import open_store

        service = Service(State(None), open_store(place, wait_seconds=_WAIT_SECONDS))
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
        """Begin to look into the store, each second, in the background."""
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

    def _follow(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.look()
            except LeadweightsError as problem:
                self._state = State(self.in_force, str(problem))

    def look(self) -> None:
        """Take the active version of the store, if it is another. Raises LeadweightsError."""
        assert self.store is not None
        active, now = self.store.active(), self.in_force
        if active is None:
            self._state = State(None)
        elif now is None or now.version != active.version:
            found = self.store.version(active.version)
            taken = InForce.of(found.model, found.version)
            self._state = State(taken)
            self.on_change(taken)
        else:
            self._state = State(now)
