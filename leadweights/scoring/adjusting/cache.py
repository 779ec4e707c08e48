"""Answers kept by the hash of their question: in Redis, else for as long as the process lives."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from leadweights.errors import UnsupportedError
from leadweights.errors.shown import hide_url
from leadweights.scoring.adjusting.breaker import Breaker
from leadweights.scoring.adjusting.libraries import explain_absent

if TYPE_CHECKING:
    from redis.asyncio import Redis

_MOST = 10_000
_KEPT_SECONDS = 30 * 24 * 3600
_REDIS_SECONDS = 0.1
_PREFIX = "leadweights:adjust:"


class Cache(Protocol):
    """Keeps texts by keys; what fails in it is counted, and is as if nothing was kept."""

    failures: int

    async def get(self, key: str) -> str | None:
        """Give what is kept under a key."""

    async def put(self, key: str, text: str) -> None:
        """Keep a text under a key."""

    async def close(self) -> None:
        """Let go of connections."""


class InProcess:
    """Keeps the last 10,000 texts that were used in this process."""

    def __init__(self, most: int = _MOST) -> None:
        self.failures = 0
        self._most = most
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """Give what is kept under a key."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep a text under a key, in the place of the one that was not used for longest."""
        self._kept[key] = text
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    async def close(self) -> None:
        """Do nothing: the process may ask again."""


class InRedis:
    """Keeps texts in Redis for 30 days; a Redis that fails is left alone for ten seconds.

    It has a tenth of a second for each call.
    """

    def __init__(self, connection: Redis) -> None:
        self.failures = 0
        self._connection = connection
        self._breaker = Breaker(most=1)

    async def get(self, key: str) -> str | None:
        """Give what is kept under a key, None where Redis does not answer."""
        found = await self._call(lambda: self._connection.get(_PREFIX + key))
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else None

    async def put(self, key: str, text: str) -> None:
        """Keep a text under a key, if Redis takes it."""
        await self._call(lambda: self._connection.set(_PREFIX + key, text, ex=_KEPT_SECONDS))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connection.aclose()

    async def _call(self, ask: Callable[[], Awaitable[object]]) -> object:
        from redis.exceptions import RedisError

        if not self._breaker.lets_through():
            return None
        try:
            found = await ask()
        except (RedisError, OSError):
            self.failures += 1
            self._breaker.fail()
            return None
        except BaseException:  # broken off, for want of time
            self._breaker.fail()
            raise
        self._breaker.succeed()
        return found


def open_cache(url: str) -> Cache:
    """Open a cache: in the Redis of a URL, or in the process without one.

    Nothing is sent yet. Raises UnsupportedError for a URL that is none of Redis.
    """
    if not url:
        return InProcess()
    with explain_absent():
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    try:
        connection = Redis.from_url(
            url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        pool: Any = connection.connection_pool
        pool.make_connection()  # options are looked at here, not before
    except (ValueError, TypeError) as problem:
        said = hide_url(str(problem), url)
        raise UnsupportedError(f"the cache is a Redis by its URL: {said}") from None
    return InRedis(connection)
