"""How fast one conversation and one address may talk. Kept in memory."""

from __future__ import annotations

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from aftercare.settings import Settings

SESSIONS_PER_ADDRESS = RateLimitItemPerSecond(120, 60)
CONNECTS_PER_ADDRESS = RateLimitItemPerSecond(300, 60)
# Who goes on after so many refusals in a minute loses the connection.
REFUSALS_PER_SOCKET = RateLimitItemPerSecond(200, 60)


class Limits:
    """Moving windows over what visitors do."""

    def __init__(self, settings: Settings) -> None:
        """Start with nothing counted."""
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._talk = RateLimitItemPerSecond(settings.talk_messages_per_10s, 10)
        self._address = RateLimitItemPerSecond(settings.address_messages_per_10s, 10)

    def may_connect(self, address: str) -> bool:
        """Count a connection; False if there were too many."""
        return self._window.hit(CONNECTS_PER_ADDRESS, "connect", address)

    def may_open(self, address: str) -> bool:
        """Count a new conversation; False if there were too many."""
        return self._window.hit(SESSIONS_PER_ADDRESS, "session", address)

    def may_speak(self, conversation_id: str, address: str) -> bool:
        """Count a message of a conversation and of its address."""
        return self._window.hit(
            self._talk, "talk", conversation_id
        ) and self._window.hit(self._address, "address", address)

    def bears(self, sid: str) -> bool:
        """Count a refusal; False if this socket should be cut off."""
        return self._window.hit(REFUSALS_PER_SOCKET, "refused", sid)
