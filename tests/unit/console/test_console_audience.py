"""Only a process with a browser of the console works out what the browser shows."""

from __future__ import annotations

import pytest
import socketio
from sqlalchemy import Engine

from aftercare.web.console.live import NAMESPACE, Live


@pytest.mark.parametrize("shared", [False, True])
def test_without_a_browser_of_its_own_a_process_works_nothing_out(
    shop: Engine, shared: bool
) -> None:
    # Not connected before its server starts: nothing listens at that port.
    manager = socketio.AsyncRedisManager("redis://127.0.0.1:1/0") if shared else None
    sio = socketio.AsyncServer(client_manager=manager, async_mode="asgi")
    live = Live(shop, sio, "development", lambda _address: True)
    assert not live.has_audience()
    sio.manager.basic_enter_room("browser", NAMESPACE, None, eio_sid="socket")
    assert live.has_audience()
    sio.manager.basic_leave_room("browser", NAMESPACE, None)
    assert not live.has_audience()
