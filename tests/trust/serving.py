"""The real web application on a real port, without the other processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import socketio
import uvicorn

from aftercare.children import MAX_FRAME
from tests.integration.stack import free_port

WAIT_S = 20


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application in a thread as the supervisor does; yield its address."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, log_level="error", ws_max_size=MAX_FRAME, access_log=False
    )
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def connected(
    url: str, token: str | None = None, namespace: str = "/", **options: Any
) -> socketio.SimpleClient:
    """Return a client's socket, open; close it with `disconnect`."""
    client = socketio.SimpleClient()
    auth = {"notice": True} | ({} if token is None else {"token": token})
    client.connect(
        url, auth=auth, namespace=namespace, transports=["websocket"], **options
    )
    return client


def wait_for(client: socketio.SimpleClient, event: str) -> Any:
    """Return the data of the next event of this name."""
    while True:
        name, *rest = client.receive(timeout=WAIT_S)
        if name == event:
            return rest[0]
