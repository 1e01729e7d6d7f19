"""The id that a message carries, on its way through Rasa to the actions.

The same id as `aftercare.domain.trace`; this environment has no `aftercare`.
"""

from __future__ import annotations

import re
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass

HEADER = "traceparent"
SHAPE = re.compile(r"[0-9a-f]{32}")


@dataclass
class Watch:
    """The trace of a turn, and the milliseconds its action calls took."""

    trace: str | None
    calls_ms: float = 0.0
    called_at: float = 0.0


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def trace_of(header: str | None) -> str | None:
    """Return the trace a `traceparent` header names, None where there is none."""
    parts = (header or "").split("-")
    return parts[1] if len(parts) >= 4 and SHAPE.fullmatch(parts[1]) else None


def watch(trace: str | None) -> Watch:
    """Begin to time the calls of the turn that runs in this context."""
    found = Watch(trace)
    _watch.set(found)
    return found


def watched() -> Watch | None:
    """Return what is watched in this context."""
    return _watch.get()


def headers() -> dict[str, str]:
    """Return the headers of a call to the actions."""
    found = _watch.get()
    if found is None or found.trace is None:
        return {}
    return {HEADER: f"00-{found.trace}-{secrets.token_hex(8)}-01"}


def call_begins() -> None:
    """Note that an action is called."""
    found = _watch.get()
    if found is not None:
        found.called_at = time.perf_counter()


def call_ends() -> None:
    """Add the time of the call that ended."""
    found = _watch.get()
    if found is not None and found.called_at:
        found.calls_ms += (time.perf_counter() - found.called_at) * 1000
        found.called_at = 0.0
