"""Where a connection comes from: its address and the page that opened it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

MOST_KNOWN = 50_000


def address_of(environ: dict[str, Any]) -> str:
    """Return the address of the peer; headers a client may write are not read."""
    scope = environ.get("asgi.scope") or {}
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def network_of(address: str) -> str:
    """Return what limits count an address by: itself, of IPv6 its first 64 bits.

    Whoever has one IPv6 address has a whole /64 of them (RFC 6177): counted one by
    one they would be as many fresh limits as somebody likes.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


class Whence:
    """From which network each conversation was spoken in last; in memory alone.

    It is lost with the process: then a turn names no network, and none is counted.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self._found: OrderedDict[str, str] = OrderedDict()

    def note(self, conversation_id: str, address: str) -> None:
        """Remember where a message came from, and forget who was longest silent."""
        self._found[conversation_id] = network_of(address)
        self._found.move_to_end(conversation_id)
        if len(self._found) > MOST_KNOWN:
            self._found.popitem(last=False)

    def of(self, conversation_id: str) -> str | None:
        """Return the network of a conversation, None where it is not known."""
        return self._found.get(conversation_id)


def origin_check(
    allowed: list[str],
) -> Callable[[str | None, dict[str, Any]], bool]:
    """Return the check of a browser's Origin: our own pages and the listed shops.

    No Origin is no browser: a page cannot leave it out.
    """
    listed = {origin.rstrip("/").lower() for origin in allowed}

    def check(origin: str | None, environ: dict[str, Any]) -> bool:
        if not origin:
            return True
        origin = origin.rstrip("/").lower()
        return origin in listed or is_own(origin, str(environ.get("HTTP_HOST", "")))

    return check


def is_own(origin: str, host: str) -> bool:
    """Return whether a browser's Origin is the very host that is asked."""
    return bool(host) and urlsplit(origin.lower()).netloc == host.lower()
