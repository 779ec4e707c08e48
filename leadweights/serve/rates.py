"""How many requests a caller may make, by its token, or without one by its address."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from limits import parse_many

from leadweights.errors import UnsupportedError


class Rates:
    """Limits such as ``200/second;5000/minute``, for each caller alone.

    The library reads them. It would count, too, but its memory is swept by a thread that is begun
    anew every 10 ms while anybody asks, and looks at each caller.
    """

    def __init__(self, text: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Read limits. Raises UnsupportedError for what is none."""
        try:
            limits = parse_many(text)
            if not all(limit.amount for limit in limits):
                raise ValueError
        except ValueError:
            raise UnsupportedError(
                f"{text!r} is no rate, such as 200/second or 200/second;5000/minute"
            ) from None
        self._windows = [_Window(limit.amount, float(limit.get_expiry())) for limit in limits]
        self._clock = clock

    def count(self, caller: str) -> int:
        """Count a request; give 0, or after how many whole seconds the caller may try again."""
        now = self._clock()
        for window in self._windows:
            wait = window.count(caller, now)
            if wait is not None:
                return math.floor(wait) + 1
        return 0


class _Window:
    """Counts the requests of callers in windows of so many `seconds`, of which `most` may be.

    A window slides: what the last one had counts for the share of it that is still in sight, as if
    it had been spread evenly. Of callers who have gone nothing is left after two windows.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._number = 0
        self._before: dict[str, int] = {}
        self._now: dict[str, int] = {}

    def count(self, caller: str, now: float) -> float | None:
        """Count a request; or say after how many seconds there is room for one."""
        passed = self._move_to(now)
        before, own = self._before.get(caller, 0), self._now.get(caller, 0)
        if before * (1 - passed) + own < self._most:
            self._now[caller] = own + 1
            return None
        if own < self._most:  # once less of the last window is in sight
            return (1 - (self._most - own) / before - passed) * self._seconds
        return (2 - self._most / own - passed) * self._seconds

    def _move_to(self, now: float) -> float:
        """Bring the windows to this moment; give which share of the present one has passed."""
        number, passed = divmod(now / self._seconds, 1.0)
        if number != self._number:
            self._before = self._now if number == self._number + 1 else {}
            self._now, self._number = {}, int(number)
        return passed


def name_address(scope: Mapping[str, Any]) -> str:
    """Name where a request comes from: an address, or of version 6 the network of its /64.

    Who has one address of version 6 has the 2^64 beside it, too.
    """
    client = scope.get("client")
    return _name_network(client[0]) if client else ""


@lru_cache(maxsize=10_000)
def _name_network(host: str) -> str:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
