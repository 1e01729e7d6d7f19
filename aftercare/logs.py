"""Logs of the application's processes: lines for a person, or JSON for a collector.

A line holds codes, counts and ids, never what a customer wrote: the words of an
exception may repeat it, so a failure is told by its class and where it happened.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType

from aftercare.domain import trace
from aftercare.settings import Settings

FRAMES = 12
# uvicorn writes to handlers of its own unless they are taken away.
SERVERS = ("uvicorn", "uvicorn.error")


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, part, event, trace, and fields."""

    def __init__(self, part: str) -> None:
        """Keep the name of the process."""
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line; `extra={"fields": {...}}` adds its keys."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "part": self._part,
            "event": record.getMessage(),
        }
        found = getattr(record, "trace", None) or trace.current()
        if found:
            line["trace"] = found
        line |= getattr(record, "fields", None) or {}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = where(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The same for a person's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        found = getattr(record, "trace", None) or trace.current()
        fields = getattr(record, "fields", None) or {}
        words = [f"{key}={value}" for key, value in fields.items()]
        if found:
            words.append(f"trace={found}")
        if record.exc_info and record.exc_info[0]:
            words.append(f"error={record.exc_info[0].__name__}")
            words += where(record.exc_info[2])[-1:]
        at = datetime.fromtimestamp(record.created, UTC).isoformat("T", "milliseconds")
        said = " ".join([record.getMessage(), *words])
        # Whatever is in it stays one line.
        return f"{at} {record.levelname} {record.name}: {said!s}".replace("\n", "\\n")


def where(frames: TracebackType | None) -> list[str]:
    """Return the innermost frames of a failure, without its words."""
    found = traceback.extract_tb(frames)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in found]


def configure(settings: Settings, part: str) -> None:
    """Send every log of this process to standard output in the chosen form."""
    handler = logging.StreamHandler(sys.stdout)
    chosen = JsonLines(part) if settings.log_format == "json" else TextLines()
    handler.setFormatter(chosen)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in SERVERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # A line a request says nothing that our own lines do not.
    logging.getLogger("httpx").setLevel(logging.WARNING)
