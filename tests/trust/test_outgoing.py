"""A typed address reaches the public internet alone, whatever its name points at."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import outgoing, webhooks
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.outgoing import NotPublic, PublicOnly

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "64:ff9b:1::7f00:1",
    "::127.0.0.1",
    "::ffff:0:7f00:1",
    "fec0::1",
    "3fff::1",
    "5f00::1",
    "0:0:0:0:0:ffff:7f00:1",
    "0177.0.0.1",
    "2130706433",
    "not an address",
]
OUTSIDE = ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_name_leads_inside(address: str) -> None:
    """Every answer for the name must be public: one bad one refuses them all."""
    sent: list[httpx.Request] = []
    inner = httpx.MockTransport(lambda r: sent.append(r) or httpx.Response(200))  # type: ignore[func-returns-value]
    for found in ([address], ["8.8.8.8", address], []):
        guarded = PublicOnly(inner, lambda _host, _port, found=found: found)
        with httpx.Client(transport=guarded) as http, pytest.raises(NotPublic):
            http.get("https://shop.example/hook")
    assert sent == []


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_connection_goes_to_the_address_that_was_looked_at(address: str) -> None:
    """A second look-up, which another answer could come from, is never made."""
    answers = [[address], ["127.0.0.1"]]
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(302, headers={"location": "http://127.0.0.1/"})

    guarded = PublicOnly(httpx.MockTransport(answer), lambda *_: answers.pop(0))
    with httpx.Client(transport=guarded, follow_redirects=False) as http:
        assert http.post("https://shop.example/hook").status_code == 302
    (request,) = sent
    assert request.url.host == address
    assert request.headers["host"] == "shop.example"
    assert request.extensions["sni_hostname"] == "shop.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost:5005/",
        "http://Rasa.LOCALHOST./",
        "http://printer.local/",
        "http://metadata.google.internal/",
        "http://169.254.169.254/latest/",
        "https://user:secret@shop.example/",
        "http:///x",
        "http://",
    ],
)
@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_an_address_that_is_plainly_inside_is_not_added(
    empty: object, url: str
) -> None:
    with pytest.raises(AftercareError) as caught:
        webhooks.add(empty, SYSTEM, url, ["case.opened"], datetime.now(UTC))  # type: ignore[arg-type]
    assert caught.value.reason in (Reason.FORBIDDEN, Reason.MALFORMED)


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server in our own network, as an attacker would like to reach it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({}).encode())

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/hook", asked
    server.shutdown()
    server.server_close()


def test_the_real_client_stays_out_unless_the_setting_lets_it_in(
    inside: tuple[str, list[str]],
) -> None:
    url, asked = inside
    with outgoing.client() as http, pytest.raises(NotPublic):
        http.post(url, content=b"x")
    assert asked == []
    with outgoing.client(private=True) as http:
        assert http.post(url, content=b"x").status_code == 200
    assert asked == ["/hook"]
