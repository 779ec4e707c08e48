"""How many requests a caller may make, by its token, or without one by its address."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from leadweights.errors import UnsupportedError


class Rates:
    """Limits such as ``200/second;5000/minute``, for each caller alone.

    Windows slide: what the last window had counts for the share of it that is still in sight.
    """

    def __init__(self, text: str) -> None:
        """Read limits. Raises UnsupportedError for what is none."""
        try:
            self._limits = parse_many(text)
        except ValueError:
            raise UnsupportedError(
                f"{text!r} is no rate, such as 200/second or 200/second;5000/minute"
            ) from None
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, caller: str) -> int:
        """Count a request; give 0, or after how many seconds the caller may try again."""
        for limit in self._limits:
            if not self._windows.hit(limit, caller):
                free = self._windows.get_window_stats(limit, caller).reset_time
                return max(1, math.ceil(free - time.time()))
        return 0


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
