"""Requests that leave for an address somebody typed: to the public internet alone.

A webhook's address is data. Asked for `http://169.254.169.254/` or a name that points
there, the server would speak from inside its own network (CWE-918). So each request
resolves the name itself, refuses it unless every answer is a public address, and then
connects to that very address: a name that changes between the look and the connection
(DNS rebinding) gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

Resolve = Callable[[str, int], Sequence[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# IPv6 addresses with an IPv4 one inside, which a gateway would unpack (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that is given out for the public internet (RFC 4291, IANA). Outside of it Python
# calls global what never is: fec0::/10, ::/96, the NAT64 of a site (RFC 8215).
_UNICAST = ipaddress.ip_network("2000::/3")
_DOCUMENTS = ipaddress.ip_network("3fff::/20")  # RFC 9637, newer than the library


class NotPublic(httpx.ConnectError):
    """The address is private, of this machine, reserved, or no address at all."""


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a name (OSError where there is none)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def is_public(text: str) -> bool:
    """Return whether an address is one of the public internet."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_given_out(one) for one in _inside(address))


def _is_given_out(address: Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address) or address in _NAT64:
        return True
    return address in _UNICAST and address not in _DOCUMENTS


def _inside(address: Address) -> list[Address]:
    """Return an address and those that it carries within."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried: list[Address] = [address]
    if address.sixtofour is not None:
        carried.append(address.sixtofour)
    if address.teredo is not None:
        carried.extend(address.teredo)
    if address in _NAT64:
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return carried


class PublicOnly(httpx.BaseTransport):
    """Sends a request on to a public address, certificate and name checked as ever."""

    def __init__(self, inner: httpx.BaseTransport, look: Resolve = resolve) -> None:
        """Keep what really sends, and what names are looked up with."""
        self._inner = inner
        self._look = look

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it.

        Raises:
            NotPublic: an answer for the name is not public, or there is none.
        """
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            found = self._look(host, port)
        except (OSError, UnicodeError) as error:
            raise NotPublic("no address", request=request) from error
        if not found or not all(map(is_public, found)):
            raise NotPublic("not a public address", request=request)
        # The Host header is set already; TLS asks for the name, not the address.
        request.extensions = request.extensions | {"sni_hostname": host}
        request.url = request.url.copy_with(host=found[0])
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close what is open."""
        self._inner.close()


def client(private: bool = False) -> httpx.Client:
    """Return a client for typed addresses; `private` lets it speak to any network."""
    # No proxy from the environment: it would look up names by itself. No connection
    # is kept: by its address alone it would serve another name's request too.
    limits = httpx.Limits(max_keepalive_connections=0)
    inner = httpx.HTTPTransport(trust_env=False, limits=limits)
    transport = inner if private else PublicOnly(inner)
    return httpx.Client(transport=transport, follow_redirects=False, trust_env=False)


def refused_at_sight(url: str) -> bool:
    """Return whether an address can be refused before anything is looked up."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return True
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        return True
    name = parsed.host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        # Also "2130706433", "0x7f.1" and "127.1": all of them are 127.0.0.1.
        literal = socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, UnicodeError):
        literal = name
    try:
        ipaddress.ip_address(literal)
    except ValueError:
        return False
    return not is_public(literal)
