"""The relay of events outlives a broker that dies between two messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aio_pika.exceptions import ChannelInvalidStateError

from aftercare import relay


def test_a_channel_that_died_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    again = asyncio.Event()

    async def connected(*_: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ChannelInvalidStateError("closed")
        again.set()

    monkeypatch.setattr(relay, "_connected", connected)
    monkeypatch.setattr(relay.leases, "take", lambda *_: True)
    monkeypatch.setattr(relay, "PAUSE_S", 0.01)

    async def scenario() -> None:
        work = asyncio.create_task(relay.relay(None, None))  # type: ignore[arg-type]
        await asyncio.wait_for(again.wait(), 20)
        work.cancel()

    asyncio.run(scenario())
    assert len(calls) >= 2
