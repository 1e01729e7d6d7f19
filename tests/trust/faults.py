"""A faulty link between Rasa and the action server, fault by fault.

Rasa talks to this instead of the real server, which stands behind it. A fault is
set for one conversation and one action and happens once; the rest passes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

FAULTS = (
    "refused",
    "error",
    "hang",
    "slow",
    "cut",
    "malformed",
    "empty",
    "wrong_events",
)
SLOW_S = 3.0
WRONG = {"events": [{"event": "no_such_event", "name": "x"}], "responses": []}


class FaultyLink:
    """Where the faults are set, and whether each has happened."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.free = threading.Event()
        self._set: dict[tuple[str, str], tuple[str, bool]] = {}
        self.happened: set[tuple[str, str]] = set()

    def arm(self, sender: str, action: str, fault: str, *, done: bool) -> None:
        """Let the action's next call fail, before or after the work is done."""
        self._set[sender, action] = (fault, done)

    def take(self, sender: str, action: str) -> tuple[str, bool] | None:
        found = self._set.pop((sender, action), None)
        if found is not None:
            self.happened.add((sender, action))
        return found


@contextmanager
def faulty_link(port: int, behind: str) -> Iterator[FaultyLink]:
    """Serve the link on a port for the time of the block."""
    link = FaultyLink(behind)

    class Handler(_Handler):
        state = link

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield link
    finally:
        link.free.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: FaultyLink

    def log_message(self, *_: Any) -> None:
        return

    def do_GET(self) -> None:
        try:
            answer = httpx.get(self.state.behind + self.path, trust_env=False)
        except httpx.TransportError:
            self._send(502, b"{}")
        else:
            self._send(answer.status_code, answer.content)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        call = json.loads(raw)
        fault, done = self.state.take(call["sender_id"], call["next_action"]) or (
            "",
            True,
        )
        status, body = 200, b""
        if done:
            answer = httpx.post(
                self.state.behind + self.path,
                content=raw,
                headers={"content-type": "application/json"},
                timeout=60,
                trust_env=False,
            )
            status, body = answer.status_code, answer.content
        if fault == "hang":
            self.state.free.wait(60)
        if fault == "slow":
            self.state.free.wait(SLOW_S)
        if fault in ("refused", "hang") or (fault == "slow" and not done):
            self.close_connection = True
        elif fault == "error":
            self._send(500, b"<h1>Internal Server Error</h1>")
        elif fault == "cut":
            self._send(200, body or b'{"events": []', more=200)
            self.close_connection = True
        elif fault == "malformed":
            self._send(200, b'{"events": [}')
        elif fault == "empty":
            self._send(200, b"")
        elif fault == "wrong_events":
            self._send(200, json.dumps(WRONG).encode())
        else:
            self._send(status, body)

    def _send(self, status: int, body: bytes, more: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + more))
        self.end_headers()
        self.wfile.write(body)
