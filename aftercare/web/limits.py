"""How fast one conversation and one address may talk; counted by all together."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import NamedTuple

from aftercare.settings import Settings
from aftercare.web.origins import network_of
from aftercare.web.shared import Together


class Limit(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: float


SESSIONS_PER_ADDRESS = Limit(120, 60)
CONNECTS_PER_ADDRESS = Limit(300, 60)
# Transports, which may carry several connections or none; a reconnect may try two.
KNOCKS_PER_ADDRESS = Limit(600, 60)
ASKS_PER_ADDRESS = Limit(600, 60)
# Who goes on after so many refusals in a minute loses the connection.
REFUSALS_PER_SOCKET = Limit(200, 60)
# Keys looked at for having gone quiet, each time one is used.
SWEPT = 2


class Window:
    """A moving window of hits for each key; what has gone quiet is forgotten.

    Hits are counted in the event loop alone, so no lock and no timer is needed.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic):
        """Start with nothing counted."""
        self._limit = limit
        self._clock = clock
        # The key used last comes last.
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def hit(self, key: str) -> bool:
        """Count one; False, and not counted, if the window is full."""
        now = self._clock()
        self._sweep(now)
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while hits and hits[0] <= now - self._limit.seconds:
            hits.popleft()
        if len(hits) >= self._limit.times:
            return False
        hits.append(now)
        return True

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._hits)

    def _sweep(self, now: float) -> None:
        for _ in range(min(SWEPT, len(self._hits))):
            key, hits = next(iter(self._hits.items()))
            if hits and hits[-1] > now - self._limit.seconds:
                return
            del self._hits[key]


def window_of(settings: Settings, name: str, limit: Limit) -> Window | Together:
    """Return a window of this process alone, or of all where there is Redis."""
    if settings.redis_url and settings.shared:
        return Together(settings, name, *limit)
    return Window(limit)


class Limits:
    """Moving windows over what visitors do."""

    def __init__(self, settings: Settings) -> None:
        """Start with nothing counted."""
        self._connects = window_of(settings, "connect", CONNECTS_PER_ADDRESS)
        self._knocks = window_of(settings, "knock", KNOCKS_PER_ADDRESS)
        self._asks = window_of(settings, "ask", ASKS_PER_ADDRESS)
        self._sessions = window_of(settings, "session", SESSIONS_PER_ADDRESS)
        self._refusals = window_of(settings, "refused", REFUSALS_PER_SOCKET)
        talk = Limit(settings.talk_messages_per_10s, 10)
        address = Limit(settings.address_messages_per_10s, 10)
        self._talks = window_of(settings, "talk", talk)
        self._addresses = window_of(settings, "address", address)

    def may_knock(self, address: str) -> bool:
        """Count a new transport; False if there were too many."""
        return self._knocks.hit(network_of(address))

    def may_ask(self, address: str) -> bool:
        """Count a request for a conversation, old or new; False if too many."""
        return self._asks.hit(network_of(address))

    def may_connect(self, address: str) -> bool:
        """Count a connection; False if there were too many."""
        return self._connects.hit(network_of(address))

    def may_open(self, address: str) -> bool:
        """Count a new conversation; False if there were too many."""
        return self._sessions.hit(network_of(address))

    def may_speak(self, conversation_id: str, address: str) -> bool:
        """Count a message of a conversation and of its address."""
        known = self._talks.hit(conversation_id)
        return known and self._addresses.hit(network_of(address))

    def bears(self, sid: str) -> bool:
        """Count a refusal; False if this socket should be cut off."""
        return self._refusals.hit(sid)
