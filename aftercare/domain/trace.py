"""One id from a customer's message to the money it moves (W3C trace-id: 32 hex).

It lives in the context, so that whatever is written, logged or called while a
message is dealt with carries it without being handed it.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

SHAPE = re.compile(r"[0-9a-f]{32}")
# What W3C Trace Context calls the header that carries it between processes.
HEADER = "traceparent"
_current: ContextVar[str | None] = ContextVar("trace", default=None)


def current() -> str | None:
    """Return the trace of what is being done here, None outside of any."""
    return _current.get()


def begin() -> str:
    """Start a new trace in this context and return its id."""
    found = secrets.token_hex(16)
    _current.set(found)
    return found


def join(trace: object) -> str:
    """Go on with a trace that began elsewhere; what is none starts a new one."""
    if isinstance(trace, str) and SHAPE.fullmatch(trace) and int(trace, 16):
        _current.set(trace)
        return trace
    return begin()


def header(trace: str) -> str:
    """Return the `traceparent` header of a trace, with a new span's id."""
    return f"00-{trace}-{secrets.token_hex(8)}-01"


def of_header(value: str | None) -> str | None:
    """Return the trace named by a `traceparent` header, None where there is none."""
    parts = (value or "").split("-")
    if len(parts) < 4 or not SHAPE.fullmatch(parts[1]) or not int(parts[1], 16):
        return None
    return parts[1]
