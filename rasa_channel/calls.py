"""Calling the action server: one warm connection, and no more than an action reads.

Rasa opens a connection for each call and sends the whole conversation and the whole
domain. Our actions read the newest message, the slots, and the events since.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from rasa_channel.trace import call_begins, call_ends, headers

# Shorter than the action server keeps a connection, so that the server never
# closes one just while it is used.
KEPT_S = 15.0
_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]
_sessions = WeakKeyDictionary()


def call_body(
    action: RemoteAction, tracker: DialogueStateTracker, domain: Domain
) -> dict[str, Any]:
    """Return what an action is called with.

    An empty domain stands for "there is one": rasa-sdk answers 449 where the field
    is missing, and keeps none where it is empty.
    """
    loop = tracker.active_loop
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "version": rasa.__version__,
        "domain": {},
        "tracker": {
            "sender_id": tracker.sender_id,
            "slots": tracker.current_slot_values(),
            "latest_message": tracker._latest_message_data() or {},
            "events": _events_since_message(tracker),
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": loop.name} if loop else {},
            "latest_action_name": tracker.latest_action_name,
        },
    }


@asynccontextmanager
async def warm_session(_: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield this loop's one session; its connections stay open between calls."""
    loop = asyncio.get_running_loop()
    kept = _sessions.get(loop)
    if kept is None or kept.closed:
        kept = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
            timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
            trace_configs=[_tracing()],
        )
        _sessions[loop] = kept
    yield kept


def _tracing() -> aiohttp.TraceConfig:
    """Return what gives each call the trace of its turn, and times it."""

    async def begins(_session: Any, _context: Any, call: Any) -> None:
        call_begins()
        call.headers.update(headers())

    async def ends(_session: Any, _context: Any, _call: Any) -> None:
        call_ends()

    found = aiohttp.TraceConfig()
    found.on_request_start.append(begins)
    found.on_request_end.append(ends)
    found.on_request_exception.append(ends)
    return found


def _events_since_message(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """Return the events from the newest message on; its reading is sent once."""
    found: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        shown = event.as_dict()
        shown.pop("parse_data", None)
        found.append(shown)
        if isinstance(event, UserUttered):
            break
    return found[::-1]
