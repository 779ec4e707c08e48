"""A circuit breaker: what has failed several times in a row is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable


class Breaker:
    """Lets calls through until `most` in a row have failed; then none for `rest_seconds`.

    After the rest one call is let through: if it succeeds all are, if it fails the rest begins
    anew (Nygard, Release It!, 2007: closed, open, half-open). Whoever is let through has to say
    how it went. `clock` gives seconds.
    """

    def __init__(
        self, most: int = 5, rest_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._rest_seconds, self._clock = most, rest_seconds, clock
        self._failures = 0
        self._closed_until = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Tell whether calls are kept back."""
        return self._failures >= self._most

    def lets_through(self) -> bool:
        """Tell whether a call may be made."""
        if not self.is_open:
            return True
        if self._trying or self._clock() < self._closed_until:
            return False
        self._trying = True
        return True

    def succeed(self) -> None:
        """Take note of a call that went well."""
        self._failures, self._trying = 0, False

    def fail(self) -> None:
        """Take note of a call that did not."""
        self._failures += 1
        self._trying = False
        if self.is_open:
            self._closed_until = self._clock() + self._rest_seconds
