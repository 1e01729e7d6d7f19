"""What web processes share through Redis, and what stands in while it is away."""

from __future__ import annotations

import logging
import time

import redis
import socketio
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from aftercare.settings import Settings

log = logging.getLogger("aftercare.shared")
# A count is not worth waiting for; after a miss this process counts for itself.
ANSWER_S = 0.2
CONNECT_S = 1.0
TRY_AGAIN_S = 5.0


def manager_of(settings: Settings) -> socketio.AsyncManager:
    """Return what carries typing, states and sign-outs to the other processes.

    It sends to its own sockets first and then to Redis, so without Redis each
    process goes on serving those it holds.
    """
    if not (settings.redis_url and settings.shared):
        return socketio.AsyncManager()
    options = {"socket_connect_timeout": CONNECT_S}
    return socketio.AsyncRedisManager(
        settings.redis_url, channel="aftercare:socketio", redis_options=options
    )


class Windows:
    """Moving windows counted together by all processes, or alone without Redis."""

    def __init__(self, settings: Settings) -> None:
        """Start with nothing counted here."""
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._together: MovingWindowRateLimiter | None = None
        self._url = settings.redis_url
        self._away_until = 0.0

    def hit(self, item: RateLimitItem, *names: str) -> bool:
        """Count one; False if there were too many."""
        if self._url and time.monotonic() >= self._away_until:
            try:
                return self._all().hit(item, *names)
            except (redis.RedisError, OSError) as error:
                self._away_until = time.monotonic() + TRY_AGAIN_S
                log.warning("counting alone: %s", type(error).__name__)
        return self._alone.hit(item, *names)

    def _all(self) -> MovingWindowRateLimiter:
        if self._together is None:
            # Loads its scripts into Redis, so only where Redis answers.
            storage = RedisStorage(
                self._url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S
            )
            self._together = MovingWindowRateLimiter(storage)
        return self._together


class Together:
    """One moving window that all processes count in."""

    def __init__(
        self, settings: Settings, name: str, times: int, seconds: float
    ) -> None:
        """Start with what is counted in Redis already."""
        self._windows = Windows(settings)
        self._name = name
        self._item = RateLimitItemPerSecond(times, round(seconds))

    def hit(self, key: str) -> bool:
        """Count one; False if there were too many."""
        return self._windows.hit(self._item, self._name, key)
