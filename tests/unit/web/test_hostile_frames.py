"""Frames no client would send: the gateway goes on for everybody else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from aftercare.domain.conversation import check_text
from aftercare.domain.errors import AftercareError
from aftercare.web import gateway

FRAMES = [
    '42["user_uttered",' + "[" * 60_000,
    '42["user_uttered",' + "[" * 60_000 + "]" * 60_000 + "]",
    '42["user_uttered",' + '{"a":' * 60_000,
    "42[]",
    '42"x"',
    "42{}",
    "42[1]",
    '42[["user_uttered"],{}]',
    '42["user_uttered"]',
    '42["user_uttered",1,2,3]',
    '42["user_uttered",{"message":"\\ud800"}]',
    '42["user_uttered",{"message":"a","client_id":{}}]',
    '42["session_request",1,2]',
    '42["session_request",{"session_id":["a"]}]',
    '42["history_request",{"after_seq":1e400}]',
    '42["history_request",{"after_seq":99999999999999999999999}]',
    '42["connect",{}]',
    '42["disconnect"]',
    '42["nobody",{}]',
    '451-["user_uttered",{"_placeholder":true,"num":7}]',
    '4599999-["user_uttered"]',
    '42/other,["user_uttered",{}]',
    "41/other",
    "6",
    "9",
    "",
    "\0",
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_a_hostile_frame_harms_nobody_else(
    up: Any, visitor_of: Any, frame: str
) -> None:
    url = up.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"

    async def scenario() -> str:
        one = await visitor_of(up.url).open()
        async with connect(url, proxy=None) as raw:
            await raw.recv()
            await raw.send("40")
            await raw.recv()
            try:
                await raw.send(frame)
                # A ping of ours is answered after the frame has been dealt with.
                await raw.send('42["session_request",null]')
                async with asyncio.timeout(2):
                    await raw.recv()
            except (ConnectionClosed, TimeoutError):
                pass  # whether it is cut off or ignored does not matter
        await one.say("hi")
        await one.until(lambda: "re: hi" in one.texts())
        await one.close()
        return str(up.rasa.asked[-1]["text"])

    assert asyncio.run(scenario()) == "hi"


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.text(max_size=80), st.text(alphabet="/\uff0f\u200b\ufeff \t@{}a", max_size=12)
)
def test_what_passes_as_text_is_never_an_intent(text: str, head: str) -> None:
    try:
        passed = check_text(head + text)
    except AftercareError:
        return
    # Rasa strips a text before it looks for the slash.
    assert not passed.strip().startswith("/")


@pytest.mark.parametrize("namespace", ["", "/desk,"])
def test_the_librarys_own_events_are_not_the_clients_to_send(
    up: Any, monkeypatch: pytest.MonkeyPatch, namespace: str
) -> None:
    """A "connect" sent as a message would give its sender another address."""
    called: list[str] = []
    inside = gateway.address_of

    def seen(environ: Any) -> str:
        called.append("connect")
        return inside(environ)

    monkeypatch.setattr(gateway, "address_of", seen)
    url = up.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    spoofed = '{"asgi.scope":{"type":"websocket","client":["192.0.2.1",1]}}'

    async def scenario() -> None:
        async with connect(url, proxy=None) as raw:
            await raw.recv()
            await raw.send("40")
            await raw.recv()
            await raw.send(f'42{namespace}["connect",{spoofed},null]')
            await raw.send(f'42{namespace}["disconnect","x"]')
            await raw.send('42["session_request",null]')
            async with asyncio.timeout(30):
                while not str(await raw.recv()).startswith('42["session_confirm"'):
                    pass

    asyncio.run(scenario())
    assert called == ["connect"]
    metrics = httpx.get(f"{up.url}/metrics", trust_env=False).text
    assert "aftercare_sockets -" not in metrics
