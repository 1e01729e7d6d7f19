"""Rasa's lock of a conversation: in Redis where that is set, never in its way.

Rasa's own Redis store fails every turn while Redis is away, and changes a lock in
three steps, so it cannot keep order alone (stated by its makers). The gateway's
lease in the database keeps the order; this lock only spares two workers the same
work, so without Redis the process's own memory will do.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockStore

log = logging.getLogger(__name__)
T = TypeVar("T")
ANSWER_S = 0.5
TRY_AGAIN_S = 5.0
# A lock that a killed worker left is gone after Rasa's own longest turn.
FORGOTTEN_S = 120
PREFIX = "aftercare:lock:"


class SharedLockStore(LockStore):
    """Locks in Redis (`AFTERCARE_REDIS_URL`), in memory while it does not answer."""

    def __init__(self, endpoint_config: Any = None) -> None:
        """Connect lazily, so that a start does not wait for Redis."""
        url = os.environ.get("AFTERCARE_REDIS_URL", "")
        self._memory = InMemoryLockStore()
        self._away_until = 0.0
        self._redis = None
        if url:
            limits = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
            self._redis = redis.Redis.from_url(url, **limits)
        super().__init__()

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """Return the lock of a conversation, None where there is none."""

        def read(server: Any) -> TicketLock | None:
            found = server.get(PREFIX + conversation_id)
            return TicketLock.from_dict(json.loads(found)) if found else None

        return self._try(read, lambda: self._memory.get_lock(conversation_id))

    def save_lock(self, lock: TicketLock) -> None:
        """Store a lock."""
        key = PREFIX + lock.conversation_id
        self._try(
            lambda server: server.set(key, lock.dumps(), ex=FORGOTTEN_S),
            lambda: self._memory.save_lock(lock),
        )

    def delete_lock(self, conversation_id: str) -> None:
        """Delete a lock."""
        self._memory.conversation_locks.pop(conversation_id, None)
        self._try(lambda server: server.delete(PREFIX + conversation_id), lambda: None)

    def _try(self, work: Callable[[Any], T], instead: Callable[[], T]) -> T:
        if self._redis is None or time.monotonic() < self._away_until:
            return instead()
        try:
            return work(self._redis)
        except redis.RedisError as error:
            self._away_until = time.monotonic() + TRY_AGAIN_S
            log.warning("locks in memory: %s", type(error).__name__)
            return instead()
