"""What a stranger may make the front door do: open, ask, and carry in."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect

from aftercare.web import bodies, limits
from aftercare.web.limits import Limit

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
MEGABYTE = 1024 * 1024
FEW = Limit(5, 60)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KNOCKS", "ASKS", "CONNECTS"):
        monkeypatch.setattr(limits, f"{name}_PER_ADDRESS", FEW)


@pytest.fixture
def little(few: None, up: Any) -> Any:
    """A gateway with small limits, its Rasa there."""
    return up


def test_transports_that_never_say_who_they_are_are_counted(little: Any) -> None:
    with httpx.Client(base_url=little.url, trust_env=False) as stranger:
        codes = [stranger.get(HANDSHAKE).status_code for _ in range(8)]
    assert codes == [200] * 5 + [401] * 3


def test_asking_again_and_again_for_a_conversation_is_refused(
    few: None, up: Any, visitor_of: Any
) -> None:
    async def scenario() -> list[str]:
        one = await visitor_of(up.url).open()
        for _ in range(7):
            await one.io.emit("session_request", {"session_id": one.session})
        await one.until(lambda: len(one.of("refused")) == 3)
        # Refused is not cut off: the one it has goes on.
        assert (await one.say("hello"))["ok"]
        assert len(one.of("session_confirm")) == 5
        await one.close()
        return [item["reason"] for item in one.of("refused")]

    assert asyncio.run(scenario()) == ["too_many_messages"] * 3


def test_the_consoles_socket_is_not_asked_without_end(little: Any) -> None:
    url = little.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    cookie = {"Cookie": "aftercare_console=guessed"}

    async def scenario() -> list[str]:
        async with connect(url, proxy=None, additional_headers=cookie) as raw:
            await raw.recv()
            for _ in range(7):
                await raw.send("40/console,")
            answers = [str(await raw.recv()) for _ in range(7)]
        return [json.loads(answer.partition(",")[2])["message"] for answer in answers]

    told = asyncio.run(scenario())
    assert told == ["unauthorised"] * 5 + ["too_many_messages"] * 2


def begin(url: str, path: str, headers: dict[str, str]) -> http.client.HTTPConnection:
    """Open a request whose body is still to come."""
    place = urlsplit(url)
    sent = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
    sent.putrequest("POST", path)
    for name, value in headers.items():
        sent.putheader(name, value)
    sent.endheaders()
    return sent


PLACES = (
    "/api/session",
    "/api/attachments",
    "/api/share/x/session",
    "/demo/login",
    "/socket.io/?EIO=4&transport=polling&sid=x",
    "/nothing",
)


@pytest.mark.parametrize("path", PLACES)
def test_what_says_it_is_too_large_is_refused_before_it_comes(
    gate: Any, path: str
) -> None:
    """No byte of the body is sent: who waited for it would never answer."""
    for size in (str(10**9), "1" * 40, "-1", "x"):
        headers = {"content-length": size, "content-type": "application/json"}
        sent = begin(gate.url, path, headers)
        answer = sent.getresponse()
        # What is no length at all, the server itself refuses.
        assert answer.status == (413 if size == str(10**9) else 400)
        sent.close()


def test_what_turns_out_to_be_too_large_is_refused_before_it_ends(gate: Any) -> None:
    """Chunks say no length; the last one never comes, and is not waited for."""
    form = "multipart/form-data; boundary=b"
    head = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for path, kind, first in (
        ("/api/session", "application/json", b""),
        ("/api/attachments", form, head),
        ("/demo/login", "application/json", b""),
    ):
        chunked = {"transfer-encoding": "chunked", "content-type": kind}
        sent = begin(gate.url, path, chunked)
        for part in (first, *[b"x" * MEGABYTE] * 10):
            sent.send(b"%x\r\n%b\r\n" % (len(part), part) if part else b"")
        answer = sent.getresponse()
        assert answer.status == 413, path
        sent.close()


def test_an_oversized_long_poll_is_answered_and_ends(gate: Any) -> None:
    """The library waited for ever for the other side to fetch what it had to say."""
    with httpx.Client(base_url=gate.url, trust_env=False, timeout=30) as one:
        sid = json.loads(one.get(HANDSHAKE).text[1:])["sid"]
        answer = one.post(f"{HANDSHAKE}&sid={sid}", content="x" * 1_000_001)
        assert answer.status_code == 413
        assert one.post(f"{HANDSHAKE}&sid={sid}", content="40").text == "OK"


def test_the_largest_file_fits(gate: Any) -> None:
    assert bodies.MOST > 8 * MEGABYTE
    headers = {"x-session": "none", "x-client-id": "1"}
    answer = httpx.post(
        f"{gate.url}/upload",
        content=b"x" * (8 * MEGABYTE),
        headers=headers,
        trust_env=False,
    )
    assert answer.json()["reason"] == "not_found"
